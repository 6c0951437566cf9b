"""What a deployment is: checks of the body that clients send, and the object they get back."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

from hopsworks.local.app import Project, Server, iso_time
from hopsworks.local.errors import ApiError, illegal_argument
from hopsworks.local.folders import locate
from hopsworks.local.models import find_version

# Members of a deployment that belong to a version and come back with a rollback.
VERSIONED = (
    "description",
    "modelName",
    "modelPath",
    "modelVersion",
    "modelFramework",
    "modelServer",
    "predictor",
    "configFile",
    "transformer",
    "requestedInstances",
    "requestedTransformerInstances",
    "predictorResources",
    "transformerResources",
    "predictorScalingConfig",
    "transformerScalingConfig",
    "predictorEnvVars",
    "transformerEnvVars",
    "predictorEnvironment",
    "transformerEnvironment",
    "tracing",
    "featureLogging",
    "gitUrl",
    "gitProvider",
    "gitBranch",
    "gitAutoRedeploy",
    "vllmVariant",
    "vllmImageTag",
)
# Members that hold for all versions.
UNVERSIONED = (
    "servingTool",
    "apiProtocol",
    "batchingConfiguration",
    "inferenceLogging",
    "kafkaTopicDTO",
    "knativeMode",
)
SCRIPTS = ("predictor", "transformer", "configFile")
_MODEL = ("modelName", "modelPath", "modelVersion", "modelFramework")


def invalid(code: int, text: str, detail: str) -> ApiError:
    """A deployment that cannot be accepted."""
    return ApiError(400, code, text, detail)


def check(server: Server, project: Project, body: dict[str, Any]) -> dict[str, Any]:
    """The members to store of a body; raises the protocol's error for what cannot work."""
    name = body.get("name")
    if not isinstance(name, str) or not name:
        raise illegal_argument("The name of the deployment is missing.")
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise illegal_argument(
            f"{name!r} is not a deployment name: use letters, digits, '-' and '_' only."
        )
    spec = {k: body[k] for k in (*VERSIONED, *UNVERSIONED) if body.get(k) is not None}
    if "predictorEnvironment" not in spec and body.get("environmentDTO") is not None:
        spec["predictorEnvironment"] = body["environmentDTO"]
    spec.setdefault("modelServer", "PYTHON")
    spec.setdefault("servingTool", "DEFAULT")
    spec.setdefault("apiProtocol", "REST")
    _check_kind(spec)
    _check_model(server, project, spec)
    if not spec.get("predictor"):
        raise invalid(
            240018,
            "Predictor script is missing.",
            f"The deployment {name!r} needs a Python script that defines a class Predict.",
        )
    instances = spec.setdefault("requestedInstances", 1)
    if not isinstance(instances, int) or not 0 <= instances <= 10:
        raise illegal_argument(f"requestedInstances must be from 0 to 10, not {instances!r}.")
    spec.setdefault("predictorScalingConfig", {}).setdefault("minInstances", max(1, instances))
    if spec.get("transformer"):
        spec.setdefault("requestedTransformerInstances", 1)
        spec.setdefault("transformerScalingConfig", {}).setdefault("minInstances", 1)
    spec.setdefault("batchingConfiguration", {"batchingEnabled": False})
    for key in ("predictorEnvVars", "transformerEnvVars"):
        for entry in spec.get(key) or []:
            if not isinstance(entry, str) or "=" not in entry:
                raise illegal_argument(f"{key} holds {entry!r}, which is not KEY=value.")
    return spec


def _check_kind(spec: dict[str, Any]) -> None:
    if spec["servingTool"] != "DEFAULT":
        raise invalid(
            240015, "KServe is not installed.", "The local server knows the serving tool DEFAULT."
        )
    if spec["modelServer"] != "PYTHON":
        raise ApiError(
            400,
            120012,
            "Feature is disabled.",
            f"The local server runs the model server PYTHON, not {spec['modelServer']}: deploy a"
            " Python script that loads the model.",
        )
    if spec["apiProtocol"] != "REST":
        raise ApiError(
            400, 120012, "Feature is disabled.", "The local server predicts over REST only."
        )


def _check_model(server: Server, project: Project, spec: dict[str, Any]) -> None:
    name = spec.get("modelName")
    if not name:
        for key in _MODEL:
            spec.pop(key, None)
        return
    version = spec.get("modelVersion")
    row = find_version(server, project.id, f"{name}_{version}")
    folder = project.folder / "Models" / str(name) / str(version)
    if row is None or not folder.is_dir():
        raise invalid(
            240006, "Model path not found.", f"There is no version {version} of a model {name!r}."
        )
    path = spec.setdefault("modelPath", f"/Projects/{project.name}/Models/{name}")
    if not path.rstrip("/").endswith(f"/{name}"):
        raise invalid(
            240006, "Model path not found.", f"{path!r} does not end in the model's name {name!r}."
        )


def script_file(server: Server, project: Project, role: str, value: str, kept: Path | None) -> Path:
    """The file that a script member stands for: a path in the project, or one kept before.

    Args:
        server: the server.
        project: the project.
        role: the member, for the error text.
        value: what the client sent.
        kept: folder of the version that is edited; bare file names are looked up there.
    """
    if "/" not in value and kept is not None and (kept / value).is_file():
        return kept / value
    file = locate(server, project, value).file if "/" in value else None
    if role != "configFile" and not value.endswith(".py"):
        raise invalid(240016, "Script is not valid.", f"{value!r} is not a Python (.py) file.")
    if file is None or not file.is_file():
        raise invalid(240016, "Script is not valid.", f"There is no file {value!r} in the project.")
    return file


def deployment_json(
    server: Server,
    project: Project,
    row: sqlite3.Row,
    spec: dict[str, Any],
    state: dict[str, Any],
    href: str,
) -> dict[str, Any]:
    """A deployment as clients read it, with its state."""
    shown = dict(spec)
    for role in SCRIPTS:
        if shown.get(role):
            shown[role] = shown[role].rsplit("/", 1)[-1]
    return shown | {
        "href": href,
        "id": row["id"],
        "name": row["name"],
        "version": row["active"],
        "created": iso_time(row["created"]),
        "creator": server.accounts.user(row["creator"]).full_name,
        "projectNamespace": project.namespace,
        "hopsworksInferencePath": f"/project/{project.id}/inference/models/{row['name']}",
        "modelServerInferencePath": "/predict",
        **state,
    }


def state_json(row: sqlite3.Row, runner: Any, transformer: bool) -> dict[str, Any]:
    """The state members of a deployment; ``runner`` is None when it was not started here."""
    if runner is None or (runner.status == "Stopped" and row["revision"] is None):
        started = row["revision"] is not None
        state: dict[str, Any] = {
            "status": "Stopped" if started else "Created",
            "availableInstances": 0,
            "condition": {
                "type": "STOPPED",
                "status": True,
                "reason": "The deployment is not running.",
            },
        }
    else:
        running = runner.status in ("Running", "Updating")
        state = {
            "status": runner.status,
            "availableInstances": len(runner.instances) if running else 0,
            "condition": dict(runner.condition),
            "revision": runner.revision,
        }
    if row["revision"] is not None:
        state["deployed"] = iso_time(row["deployed"])
    if transformer:
        state["availableTransformerInstances"] = state["availableInstances"]
    return state
