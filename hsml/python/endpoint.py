"""Deployments of a Python program that serves HTTP itself, without a model."""

from hopsworks.constants import PREDICTOR
from hsml.predictor import Predictor


class Endpoint(Predictor):
    """Predictor of an HTTP server without a model.

    Parameters:
        name (str): Name of the deployment.
        script_file (str): The program.
        **kwargs: Arguments of :class:`hsml.predictor.Predictor`.

    Raises:
        ValueError: If there is no program.
    """

    __slots__ = ()

    def __init__(self, name, script_file, **kwargs):
        if script_file is None and kwargs.get("git_url") is None:
            raise ValueError(
                f"The endpoint '{name}' needs a program. Pass script_file: a Python file that serves HTTP."
            )
        kwargs["model_server"] = PREDICTOR.MODEL_SERVER_PYTHON
        super().__init__(name=name, script_file=script_file, **kwargs)
