from hopsworks.lakefs.exceptions import *  # noqa: F403
