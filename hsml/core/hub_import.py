"""Importing models from Hugging Face: the cluster downloads them, this program waits and finds the result."""

from __future__ import annotations

import json
import re

from hopsworks._log import get_logger
from hopsworks.client.exceptions import HuggingFaceImportException, RestAPIError
from hopsworks.core.polling import attempts
from hopsworks.progress import Progress
from hopsworks.resource_scope import scope_of

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hsml.model import Model


_logger = get_logger(__name__)

_KNOWN_CODES = (
    HuggingFaceImportException.AUTH_REQUIRED,
    HuggingFaceImportException.NOT_FOUND_OR_AUTH_REQUIRED,
    HuggingFaceImportException.MODEL_NOT_FOUND,
    HuggingFaceImportException.FETCH_FAILED,
)


def import_model(
    registry: Any, model_id: str, request: dict[str, Any], timeout: float, poll_interval: float
) -> Model:
    """Import a model; see :meth:`hsml.model_registry.ModelRegistry.hf_download`.

    Parameters:
        registry (ModelRegistry): The registry that receives the model.
        model_id (str): Name of the repository on the hub.
        request (dict): What else the request says, by key; empty values are left out.
        timeout (float): Longest wait in seconds.
        poll_interval (float): Longest pause between two questions, in seconds.

    Returns:
        Model: The newest version of the imported model.
    """
    if not isinstance(model_id, str) or not model_id.strip("/ "):
        raise ValueError(
            f"hugging_face_model_id is {model_id!r}. Pass the name of a repository: 'owner/model'."
        )
    scope, where = scope_of(registry), {"registry_id": registry.model_registry_id}
    body = {
        "huggingFaceModelId": model_id,
        **{key: value for key, value in request.items() if value},
    }
    try:
        started = scope.call("model.hub.start", json.dumps(body), **where)
    except RestAPIError as error:
        raise _explained(error) or error from None
    job = (started or {}).get("jobId")
    if not job:
        raise HuggingFaceImportException(
            HuggingFaceImportException.FETCH_FAILED,
            f"The server did not say which job imports '{model_id}'.",
        )
    state = _wait(scope, where, job, model_id, timeout, poll_interval)
    if state is None:
        _cancel(scope, where, job)
        raise HuggingFaceImportException(
            HuggingFaceImportException.FETCH_FAILED,
            f"The import of '{model_id}' did not end within {timeout} s and was cancelled. Pass a higher timeout.",
        )
    if state["status"] != "COMPLETED":
        said = state.get("error") or f"The import of '{model_id}' ended as {state['status']}."
        code = re.match(r"[a-z_]+", said)
        raise HuggingFaceImportException(code.group() if code else "unknown_error", said)
    return _imported(registry, model_id)


def _wait(scope, where, job, model_id, timeout, poll_interval):
    """The last state of the job, or None when it goes on after the time."""
    with Progress(f"Importing '{model_id}'", unit="files") as progress:
        for _ in attempts(timeout, poll_interval):
            state = scope.call("model.hub.status", job=job, **where) or {}
            if state.get("totalFiles"):
                progress(state.get("completedFiles") or 0, state["totalFiles"])
            if state.get("status") in ("COMPLETED", "FAILED", "CANCELLED"):
                return state
    return None


def _cancel(scope, where, job):
    try:
        scope.call("model.hub.cancel", job=job, cleanup="true", **where)
    except RestAPIError as error:
        _logger.warning("The import %s could not be cancelled: %s", job, error)


def _explained(error: RestAPIError) -> HuggingFaceImportException | None:
    try:
        body = error.response.json()
    except ValueError:
        return None
    code = body.get("error") or body.get("errorCode") if isinstance(body, dict) else None
    if code not in _KNOWN_CODES:
        return None
    return HuggingFaceImportException(
        code, body.get("message") or body.get("usrMsg") or body.get("errorMsg")
    )


def _imported(registry, model_id):
    name = re.sub(r"[^a-zA-Z0-9]", "_", model_id.strip("/ ").rpartition("/")[2])
    versions = registry.get_models(name)
    if not versions:
        raise HuggingFaceImportException(
            "registration_failed",
            f"The import of '{model_id}' ended, and no model '{name}' is in the registry. Look with get_models().",
        )
    return max(versions, key=lambda model: model.version)
