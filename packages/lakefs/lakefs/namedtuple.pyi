from hopsworks.lakefs.namedtuple import *  # noqa: F403
