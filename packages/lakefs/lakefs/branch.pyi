from hopsworks.lakefs.branch import *  # noqa: F403
