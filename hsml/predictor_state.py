"""The state of a deployment at one moment."""

from __future__ import annotations

from hopsworks import _native
from hopsworks.core.serving_resource import ServingResource
from hopsworks.wire_names import snake_case_keys
from hsml.predictor_state_condition import PredictorStateCondition

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class PredictorState(ServingResource, _native.PredictorState):
    """State of a deployment at one moment; from ``deployment.get_state()``.

    Attributes:
        status (str): ``Creating``, ``Created``, ``Starting``, ``Running``, ``Idle``, ``Updating``, ``Failed``,
            ``Stopping`` or ``Stopped``.
        condition (PredictorStateCondition | None): The step that the deployment has reached.
        available_predictor_instances (int | None): Predictor instances that take requests.
        available_transformer_instances (int | None): Transformer instances that take requests.
        deployed: When the deployment was started, False when it never was.

    Example:
        ```python
        state = deployment.get_state()
        print(state.status, state.condition.reason)
        ```
    """

    __slots__ = ()

    def __init__(
        self,
        available_predictor_instances: Any,
        available_transformer_instances: Any,
        hopsworks_inference_path: Any,
        model_server_inference_path: Any,
        internal_port: Any,
        revision: Any,
        deployed: Any,
        condition: Any,
        status: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            available_predictor_instances,
            available_transformer_instances,
            hopsworks_inference_path,
            model_server_inference_path,
            internal_port,
            revision,
            False if deployed is None else deployed,
            condition,
            status,
        )

    @classmethod
    def from_response_json(cls, json_dict: dict[str, Any], scope: Any = None) -> PredictorState:
        """Make a state from a deployment.

        Parameters:
            json_dict (dict): The deployment.
            scope: Not used; states make no requests.

        Returns:
            PredictorState: The state.
        """
        return cls(*cls.extract_fields_from_json(json_dict))

    @classmethod
    def extract_fields_from_json(cls, json_decamelized: dict[str, Any]) -> tuple[Any, ...]:
        """The arguments that :meth:`from_response_json` builds the state with.

        Parameters:
            json_decamelized (dict): The deployment, with keys in either spelling.

        Returns:
            tuple: Values in the order of the constructor.
        """
        given = snake_case_keys(json_decamelized)
        condition = given.get("condition")
        return (
            given.get("available_instances"),
            given.get("available_transformer_instances"),
            given.get("hopsworks_inference_path"),
            given.get("model_server_inference_path"),
            given.get("internal_port"),
            given.get("revision"),
            given.get("deployed"),
            PredictorStateCondition(
                condition.get("type"), condition.get("status"), condition.get("reason")
            )
            if condition
            else None,
            given.get("status"),
        )

    def to_dict(self) -> dict[str, Any]:
        """The state as a deployment carries it.

        Returns:
            dict: Values by key; what is not known is left out.
        """
        wire = super().to_dict()
        if self.condition is not None:
            wire.update(self.condition.to_dict())
        return wire

    def __repr__(self):
        return f"PredictorState(status: {(self.status or '').capitalize()!r})"
