from hopsworks.lakefs.reference import *  # noqa: F403
