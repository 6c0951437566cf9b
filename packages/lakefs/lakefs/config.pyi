from hopsworks.lakefs.config import *  # noqa: F403
