from hopsworks.lakefs import *  # noqa: F403 - the names of the package are those of the other
from hopsworks.lakefs import DefaultClient as DefaultClient
