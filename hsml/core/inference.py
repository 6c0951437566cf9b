"""Inference requests: what may be sent, how it is shaped, and what errors mean."""

from __future__ import annotations

import json

from hopsworks._log import get_logger
from hopsworks.client.exceptions import ModelServingException, RestAPIError
from hopsworks.constants import INFERENCE_ENDPOINTS, PREDICTOR
from hopsworks.resource_scope import scope_of
from hsml.core.inference_gateway import gateway_of, route_of
from hsml.core.input_example import NumpyEncoder

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


_logger = get_logger(__name__)


def predict(deployment: Any, data: Any, inputs: Any):
    """Ask a deployment for predictions; see :meth:`hsml.deployment.Deployment.predict`."""
    predictor = deployment.predictor
    name = predictor.name
    if predictor.model_server == PREDICTOR.MODEL_SERVER_VLLM:
        raise ModelServingException(
            f"The deployment '{name}' serves a large language model, which predict() does not talk to. Use a client for "
            "the OpenAI interface."
        )
    if predictor.api_protocol == INFERENCE_ENDPOINTS.API_PROTOCOL_GRPC:
        raise ModelServingException(
            f"The deployment '{name}' takes gRPC requests, which this version of the client cannot send. Deploy the model "
            "with api_protocol='REST'."
        )
    body = request_text(data, inputs)
    try:
        gateway = gateway_of(predictor)
        if gateway is not None:
            return gateway.call(
                "inference.gateway.predict", body, target=f"{name}:predict", **route_of(predictor)
            )
        return scope_of(predictor).call("inference.predict", body, target=f"{name}:predict")
    except RestAPIError as error:
        if _is_not_running(error):
            raise ModelServingException(
                f"The deployment '{name}' does not exist or does not run. Start it with start(), or look at it with "
                "get_state()."
            ) from error
        error.add_note(f"The logs of deployment '{name}' may say more: deployment.read_logs().")
        raise


def prepare(deployment: Any) -> None:
    """Open the connection that predictions use; see :meth:`hsml.deployment.Deployment.init_predict`."""
    predictor = deployment.predictor
    gateway = gateway_of(predictor)
    if gateway is None:
        # Predictions use the connection that this deployment was read through.
        return
    try:
        gateway.call("inference.gateway.metadata", **route_of(predictor))
    except RestAPIError as error:
        # Any answer came over a connection that is open now; what it says about the model is for predictions to meet.
        _logger.debug("The model server of '%s' answered %s", predictor.name, error)


def _is_not_running(error):
    try:
        structured = isinstance(error.response.json().get("detail"), dict)
    except Exception:
        structured = False
    code = error.error_code
    return not structured and (
        error.response.status_code == 404
        or code == ModelServingException.ERROR_CODE_DEPLOYMENT_NOT_RUNNING
    )


def request_text(data: dict[str, Any] | None, inputs: list[Any] | dict[str, Any] | None) -> str:
    """The body of an inference request.

    Parameters:
        data (dict | None): A whole body, with ``instances`` or ``inputs``.
        inputs (list | dict | None): Rows, or one row.

    Returns:
        str: JSON.

    Raises:
        ModelServingException: If both or neither are given, or the rows are none.
    """
    if data is not None and inputs is not None:
        raise ModelServingException(
            "predict() got both data and inputs. Pass one: inputs for rows, data for a whole body."
        )
    if data is None and inputs is None:
        raise ModelServingException(
            "predict() got neither data nor inputs. Pass inputs=[row, …] or data={'instances': [row, …]}."
        )
    body = _checked_body(data) if data is not None else {"instances": rows_of(inputs)}
    try:
        return json.dumps(body, cls=NumpyEncoder)
    except TypeError as error:
        raise ModelServingException(
            f"The inputs hold a value that JSON cannot carry: {error}. Pass numbers, text, lists and dicts."
        ) from None


def rows_of(inputs: Any) -> list[Any]:
    """The rows of an inference request.

    Parameters:
        inputs: One row as a dict, a list of rows (lists or dicts), or one row as a list of values. DataFrames and numpy
            arrays are taken as rows.

    Returns:
        list: Rows, each a list or a dict.

    Raises:
        ModelServingException: If the inputs are empty, or no rows.
    """
    inputs = _plain_rows(inputs)
    if isinstance(inputs, dict):
        return [inputs]
    if not isinstance(inputs, list):
        raise ModelServingException(
            f"inputs is of type {type(inputs).__name__}. Pass a list of rows (lists or dicts), or one row."
        )
    if not inputs:
        raise ModelServingException("inputs is an empty list. Pass at least one row.")
    if isinstance(inputs[0], list) and not inputs[0]:
        raise ModelServingException(
            "The first row of inputs is an empty list. Pass at least one value."
        )
    # A list with single values in it is one row.
    return inputs if all(isinstance(row, (list, dict)) for row in inputs) else [inputs]


def _plain_rows(inputs):
    import sys

    numpy, pandas, polars = (sys.modules.get(name) for name in ("numpy", "pandas", "polars"))
    if numpy is not None and isinstance(inputs, numpy.ndarray):
        return inputs.tolist()
    if pandas is not None and isinstance(inputs, pandas.DataFrame):
        return inputs.to_dict(orient="records")
    if pandas is not None and isinstance(inputs, pandas.Series):
        return inputs.tolist()
    if polars is not None and isinstance(inputs, polars.DataFrame):
        return inputs.to_dicts()
    return list(inputs) if isinstance(inputs, tuple) else inputs


def _checked_body(data):
    if not isinstance(data, dict):
        raise ModelServingException(
            f"data is of type {type(data).__name__}. Pass a dict with 'instances' or 'inputs', or pass the rows as inputs."
        )
    key = "instances" if "instances" in data else "inputs"
    if key not in data:
        raise ModelServingException(
            f"data has no 'instances' (keys: {', '.join(map(str, data)) or 'none'}). Pass {{'instances': [row, …]}}."
        )
    rows = data[key]
    if not isinstance(rows, list):
        raise ModelServingException(
            f"data['{key}'] is of type {type(rows).__name__}. Pass a list of rows."
        )
    if not rows:
        raise ModelServingException(f"data['{key}'] is an empty list. Pass at least one row.")
    if not isinstance(rows[0], (list, dict)):
        raise ModelServingException(
            f"data['{key}'] holds single values. Pass a list of rows, each a list or a dict: [[1, 2], [3, 4]]."
        )
    if not rows[0]:
        raise ModelServingException(
            f"The first row of data['{key}'] is empty. Pass at least one value."
        )
    return data
