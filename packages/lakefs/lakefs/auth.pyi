from hopsworks.lakefs.auth import *  # noqa: F403
