from hopsworks.lakefs.repository import *  # noqa: F403
