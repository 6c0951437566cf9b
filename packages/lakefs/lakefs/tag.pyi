from hopsworks.lakefs.tag import *  # noqa: F403
