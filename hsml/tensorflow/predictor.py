"""Predictors of TensorFlow models."""

from __future__ import annotations

from hopsworks.constants import MODEL, PREDICTOR
from hsml.predictor import Predictor as AnyPredictor

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class Predictor(AnyPredictor):
    """Predictor of a TensorFlow model; TensorFlow Serving runs it, without a script.

    Parameters:
        **kwargs: Arguments of :class:`hsml.predictor.Predictor`.

    Raises:
        ValueError: If a script is given.
    """

    __slots__ = ()

    def __init__(self, **kwargs: Any) -> None:
        if kwargs.get("script_file") is not None:
            raise ValueError(
                f"The deployment '{kwargs.get('name')}' of a TensorFlow model takes no script; script_file is "
                f"'{kwargs['script_file']}'. Leave it out, or save the model with mr.python to serve it with a script."
            )
        kwargs.update(
            model_framework=MODEL.FRAMEWORK_TENSORFLOW,
            model_server=PREDICTOR.MODEL_SERVER_TF_SERVING,
        )
        super().__init__(**kwargs)
