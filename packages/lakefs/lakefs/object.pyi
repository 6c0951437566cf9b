from hopsworks.lakefs.object import *  # noqa: F403
