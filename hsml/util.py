"""Names that programs import from here: warnings of the model registry, and the JSON encoder for numpy values."""

from hopsworks.util import VersionWarning  # noqa: F401
from hsml.core.input_example import NumpyEncoder  # noqa: F401
from hsml.core.model_save import ProvenanceWarning  # noqa: F401
