"""The class of large language models."""

from hopsworks.constants import MODEL
from hsml.core.framework_model import FrameworkModel


class Model(FrameworkModel):
    """One version of a large language model; made by ``mr.llm.create_model(...)`` or read from the registry."""

    __slots__ = ()

    _FRAMEWORK = MODEL.FRAMEWORK_LLM
