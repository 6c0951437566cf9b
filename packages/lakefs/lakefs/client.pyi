from hopsworks.lakefs.client import *  # noqa: F403
