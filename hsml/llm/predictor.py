"""Predictors of large language models."""

from __future__ import annotations

from hopsworks.constants import MODEL, PREDICTOR
from hsml.predictor import Predictor as AnyPredictor

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


_VARIANTS = (PREDICTOR.VLLM_VARIANT_VLLM, PREDICTOR.VLLM_VARIANT_OMNI)


class Predictor(AnyPredictor):
    """Predictor of a large language model; vLLM runs it, a script is optional.

    Parameters:
        vllm_variant (str | None): ``"VLLM"`` (the default) or ``"VLLM_OMNI"``.
        vllm_image_tag (str | None): Image tag of the server; None takes the default of the cluster.
        **kwargs: Arguments of :class:`hsml.predictor.Predictor`.

    Raises:
        ValueError: If the variant is unknown.
    """

    __slots__ = ()

    def __init__(
        self, vllm_variant: str | None = None, vllm_image_tag: str | None = None, **kwargs: Any
    ) -> None:
        if vllm_variant is not None and vllm_variant not in _VARIANTS:
            raise ValueError(
                f"vllm_variant is {vllm_variant!r}. Use one of {', '.join(_VARIANTS)}."
            )
        kwargs.update(
            model_framework=MODEL.FRAMEWORK_LLM,
            model_server=PREDICTOR.MODEL_SERVER_VLLM,
            vllm_variant=vllm_variant or PREDICTOR.VLLM_VARIANT_VLLM,
            vllm_image_tag=vllm_image_tag,
        )
        super().__init__(**kwargs)
