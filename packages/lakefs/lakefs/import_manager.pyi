from hopsworks.lakefs.import_manager import *  # noqa: F403
