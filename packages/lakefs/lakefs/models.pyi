from hopsworks.lakefs.models import *  # noqa: F403
