"""``lakefs`` is ``hopsworks.lakefs``: the same modules under the name that programs import."""

import sys

try:
    import hopsworks.lakefs
except ModuleNotFoundError as error:
    if error.name != "hopsworks.lakefs":
        raise
    raise ImportError(
        "lakefs: the package hopsworks that is installed is another one, without hopsworks.lakefs;"
        " run 'pip install .' in the checkout that this distribution comes from"
    ) from error
from hopsworks import _aliases

_aliases.add(__name__, "hopsworks.lakefs")
sys.modules[__name__] = hopsworks.lakefs
