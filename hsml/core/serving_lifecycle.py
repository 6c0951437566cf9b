"""Creating, changing, starting, stopping and deleting deployments, and waiting for them."""

from __future__ import annotations

import json
import re
import time
import warnings

from hopsworks._log import get_logger
from hopsworks.client.exceptions import ModelServingException, RestAPIError
from hopsworks.constants import DEPLOYMENT, PREDICTOR_STATE
from hopsworks.core.polling import attempts
from hopsworks.progress import Progress
from hopsworks.resource_scope import scope_of
from hsml.core.inference_gateway import await_route
from hsml.core.serving_files import place_files

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hsml.deployment import Deployment
    from hsml.predictor_state import PredictorState


_logger = get_logger(__name__)

_NAME = re.compile(r"[A-Za-z0-9_-]+")
_RUNNING, _IDLE = PREDICTOR_STATE.STATUS_RUNNING, PREDICTOR_STATE.STATUS_IDLE
_STARTING, _UPDATING = PREDICTOR_STATE.STATUS_STARTING, PREDICTOR_STATE.STATUS_UPDATING
_STOPPING, _STOPPED = PREDICTOR_STATE.STATUS_STOPPING, PREDICTOR_STATE.STATUS_STOPPED
_CREATING, _CREATED = PREDICTOR_STATE.STATUS_CREATING, PREDICTOR_STATE.STATUS_CREATED
_FAILED = PREDICTOR_STATE.STATUS_FAILED

_STEPS = (
    PREDICTOR_STATE.CONDITION_TYPE_STOPPED,
    PREDICTOR_STATE.CONDITION_TYPE_SCHEDULED,
    PREDICTOR_STATE.CONDITION_TYPE_INITIALIZED,
    PREDICTOR_STATE.CONDITION_TYPE_STARTED,
    PREDICTOR_STATE.CONDITION_TYPE_READY,
)


# --- state ------------------------------------------------------------------------------------------------------


def get_state(deployment: Deployment) -> PredictorState:
    """The state of a deployment, from the server.

    Parameters:
        deployment (Deployment): The deployment.

    Returns:
        PredictorState: The state; the deployment keeps it too.

    Raises:
        ModelServingException: If the deployment is not saved, or was deleted.
    """
    predictor = deployment.predictor
    if predictor.id is None:
        raise ModelServingException(
            f"The deployment '{predictor.name}' is not saved yet. Call save() first."
        )
    try:
        found = scope_of(predictor).call("deployment.state", id=predictor.id)
    except RestAPIError as error:
        if error.error_code != ModelServingException.ERROR_CODE_SERVING_NOT_FOUND:
            raise
        raise ModelServingException(
            f"The deployment '{predictor.name}' (id {predictor.id}) does not exist any more. "
            "Find others with ms.get_deployments(), or make it again."
        ) from error
    state = predictor._state = found._state
    return state


def _wait_for(deployment: Any, statuses: Any, seconds: Any, what: Any):
    """Ask for the state until it is one of the given; a failure ends the wait at once."""
    with Progress(f"{what} deployment '{deployment.name}'", unit="steps") as progress:
        for _ in attempts(seconds):
            state = get_state(deployment)
            if state.status in statuses:
                return state
            if state.status == _FAILED and _STOPPED not in statuses:
                raise ModelServingException(_failure(deployment, state))
            if state.condition is not None and state.condition.type in _STEPS:
                progress(_STEPS.index(state.condition.type), len(_STEPS))
    reason = state.condition.reason if state.condition is not None else None
    raise ModelServingException(
        f"The deployment '{deployment.name}' is {state.status} after {seconds} s and not yet {' or '.join(statuses)}"
        + (f" ({reason})" if reason else "")
        + ". It goes on in the background: look with get_state() and read_logs(), or wait longer (await_…)."
    )


def _wait_until_reached(deployment: Any, seconds: Any, what: Any) -> None:
    """Wait until a deployment runs, and until requests reach it."""
    begin = time.monotonic()
    _wait_for(deployment, (_RUNNING,), seconds, what)
    await_route(deployment, seconds - (time.monotonic() - begin))


def _failure(deployment, state):
    reason = state.condition.reason if state.condition is not None else "no reason given"
    component = "transformer" if "transformer" in (reason or "") else "predictor"
    return (
        f"The deployment '{deployment.name}' failed: {(reason or 'no reason given').rstrip('.')}. "
        f"The logs say more: read_logs(component='{component}')."
    )


# --- start and stop ---------------------------------------------------------------------------------------------


def start(deployment: Any, await_running: Any) -> None:
    """Start a deployment; see :meth:`hsml.deployment.Deployment.start`."""
    seconds = await_running or 0
    state = get_state(deployment)
    name = deployment.name
    if state.status in (_RUNNING, _IDLE, _STARTING, _UPDATING):
        _logger.info("Deployment '%s' is %s already", name, state.status.lower())
        return
    if state.status == _FAILED:
        _logger.warning(
            "%s Stop it with stop() before you start it again.", _failure(deployment, state)
        )
        return
    if state.status == _STOPPING:
        raise ModelServingException(
            f"The deployment '{name}' is stopping. Wait until it is stopped, then start it."
        )
    try:
        if state.status == _CREATING:
            _wait_for(deployment, (_CREATED, _STOPPED), seconds, "Creating")
        _act(deployment, DEPLOYMENT.ACTION_START)
        if seconds > 0:
            _wait_until_reached(deployment, seconds, "Starting")
    except RestAPIError as error:
        # Half a start would go on using resources.
        try:
            _act(deployment, DEPLOYMENT.ACTION_STOP)
        except RestAPIError as failure:
            error.add_note(f"Stopping the deployment again failed too: {failure}")
        raise


def stop(deployment: Any, await_stopped: Any) -> None:
    """Stop a deployment; see :meth:`hsml.deployment.Deployment.stop`."""
    state = get_state(deployment)
    if state.status in (_CREATING, _CREATED, _STOPPED, _STOPPING):
        _logger.info("Deployment '%s' is %s already", deployment.name, state.status.lower())
        return
    _act(deployment, DEPLOYMENT.ACTION_STOP)
    if await_stopped:
        _wait_for(deployment, (_STOPPED,), await_stopped, "Stopping")


def _act(deployment, action):
    predictor = deployment.predictor
    scope_of(predictor).call("deployment.action", id=predictor.id, action=action)


# --- save and delete --------------------------------------------------------------------------------------------


def save(deployment: Any, await_update: Any, new_version: Any) -> None:
    """Save a deployment; see :meth:`hsml.deployment.Deployment.save`."""
    name = deployment.name
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(
            f"The deployment name {name!r} is not allowed. Use letters, digits, '-' and '_' only."
        )
    scope = scope_of(deployment.predictor)
    is_new = deployment.id is None
    if new_version:
        _check_versions(deployment, scope, is_new)
    status = None if is_new else _status_for_change(deployment)
    place_files(deployment, scope)
    if is_new:
        _create(deployment, scope)
        return
    _put(deployment, scope, new_version)
    if status in (_RUNNING, _IDLE, _FAILED) and await_update:
        _wait_until_reached(deployment, await_update, "Updating")


def _check_versions(deployment, scope, is_new):
    if is_new:
        raise ModelServingException(
            f"The deployment '{deployment.name}' is not saved yet, and a new one begins with version 1. "
            "Save it without new_version."
        )
    _versions_page(
        deployment, scope, 0, 1, "Save without new_version to change the deployment in place."
    )


def _versions_page(deployment, scope, offset, limit, remedy):
    try:
        return scope.call("deployment.versions", id=deployment.id, offset=offset, limit=limit)
    except RestAPIError as error:
        code = error.error_code
        if (
            error.response.status_code != 404
            or code == ModelServingException.ERROR_CODE_SERVING_NOT_FOUND
        ):
            raise
        raise ModelServingException(
            f"This server keeps no versions of deployments, so those of '{deployment.name}' cannot be used; nothing was "
            f"changed. {remedy}"
        ) from error


_VERSIONS_PAGE = 100


def get_versions(deployment: Any):
    """The versions of a deployment; see :meth:`hsml.deployment.Deployment.get_versions`."""
    if deployment.id is None:
        raise ModelServingException(
            f"The deployment '{deployment.name}' is not saved yet. Call save() first."
        )
    scope, found, offset = scope_of(deployment.predictor), {}, 0
    while True:
        page = _versions_page(
            deployment, scope, offset, _VERSIONS_PAGE, "It may be older than version 5.2."
        )
        for version in page:
            found[version.version] = version
        offset += len(page)
        if len(page) < _VERSIONS_PAGE:
            return sorted(found.values(), key=lambda version: version.version, reverse=True)


def rollback(deployment: Any, number: Any, await_update: Any) -> None:
    """Make an earlier version active; see :meth:`hsml.deployment.Deployment.rollback`."""
    versions = {version.version: version for version in get_versions(deployment)}
    if number not in versions:
        known = ", ".join(str(known) for known in sorted(versions)) or "none"
        raise ModelServingException(
            f"The deployment '{deployment.name}' has no version {number}; its versions: {known}. Choose one of them."
        )
    if versions[number].active:
        _logger.info("Deployment '%s' runs version %s already", deployment.name, number)
        return
    # A version that does not come up is the best reason to go back, so an update under way is no obstacle.
    status = _status_for_change(deployment, (_STARTING, _STOPPING))
    scope = scope_of(deployment.predictor)
    answer = scope.call("deployment.rollback", json.dumps({"version": number}), id=deployment.id)
    deployment.predictor.update_from_response_json(answer)
    if status in (_RUNNING, _IDLE, _FAILED, _UPDATING) and await_update:
        _wait_until_reached(deployment, await_update, "Updating")


def _status_for_change(deployment, unfit=(_STARTING, _UPDATING, _STOPPING)):
    status = get_state(deployment).status
    if status in unfit:
        raise ModelServingException(
            f"The deployment '{deployment.name}' is {status.lower()} and cannot be changed now. Wait until it is running "
            "or stopped (get_state() tells), then save again."
        )
    return status


def _create(deployment, scope):
    try:
        _put(deployment, scope, False)
    except RestAPIError as error:
        if error.error_code != ModelServingException.ERROR_CODE_DUPLICATED_ENTRY:
            raise
        existing = scope.call("deployment.find", name=deployment.name)
        if existing is None:
            raise
        same = (existing.model_name, existing.model_version) == (
            deployment.model_name,
            deployment.model_version,
        )
        if not same:
            error.add_note(
                f"The existing deployment '{existing.name}' serves model '{existing.model_name}' version "
                f"{existing.model_version}. Choose another name, or change that deployment: ms.get_deployment()."
            )
            raise
        _logger.warning(
            "The deployment '%s' of model '%s' version %s exists already and is used as it is. To make another one, "
            "choose another name.",
            existing.name,
            existing.model_name,
            existing.model_version,
        )
        deployment.predictor.update_from_response_json(existing)
    deployment.model_registry_id = scope.context.project_id
    _logger.info("Deployment '%s': %s", deployment.name, deployment.get_url())


def _put(deployment, scope, new_version):
    predictor = deployment.predictor
    sent = predictor.to_dict()
    answer = scope.call(
        "deployment.put", json.dumps(sent), new_version="true" if new_version else None
    )
    predictor.update_from_response_json(answer)
    deployment.model_registry_id = scope.context.project_id
    _warn_of_lost_scaling(deployment, sent, predictor.to_dict())


_NEWER_SCALING = (
    "autoscaler",
    "scaleDownStabilizationWindowSeconds",
    "scaleUpStabilizationWindowSeconds",
    "additionalScaleMetrics",
    "idleScaleToZero",
    "idleCooldownSeconds",
    "coldStartTimeoutSeconds",
)


def _warn_of_lost_scaling(deployment, sent, kept):
    lost = []
    for part in ("predictorScalingConfig", "transformerScalingConfig"):
        before, after = sent.get(part) or {}, kept.get(part) or {}
        lost += [
            key
            for key in _NEWER_SCALING
            if before.get(key) not in (None, False) and after.get(key) is None
        ]
    if lost:
        warnings.warn(
            f"The server did not keep these scaling settings of deployment '{deployment.name}': {', '.join(lost)}. "
            "It may be older than version 5.2.",
            stacklevel=5,
        )


def delete(deployment: Any, force: Any) -> None:
    """Delete a deployment; see :meth:`hsml.deployment.Deployment.delete`."""
    state = get_state(deployment)
    if not force and state.status not in (_STOPPED, _CREATED):
        raise ModelServingException(
            f"The deployment '{deployment.name}' is {state.status.lower()}. Stop it first with stop(), or delete it with "
            "force=True."
        )
    scope_of(deployment.predictor).call("deployment.delete", id=deployment.id)
    _logger.info("Deployment '%s' is deleted", deployment.name)
