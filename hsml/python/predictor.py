"""Predictors of Python models."""

from __future__ import annotations

from hopsworks.constants import MODEL, PREDICTOR
from hsml.predictor import Predictor as AnyPredictor

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class Predictor(AnyPredictor):
    """Predictor of a Python model; needs a script.

    Parameters:
        **kwargs: Arguments of :class:`hsml.predictor.Predictor`.

    Raises:
        ValueError: If there is no script.
    """

    __slots__ = ()

    def __init__(self, **kwargs: Any) -> None:
        kwargs.update(
            model_framework=MODEL.FRAMEWORK_PYTHON, model_server=PREDICTOR.MODEL_SERVER_PYTHON
        )
        super().__init__(**kwargs)
