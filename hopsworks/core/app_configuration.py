"""The configuration of an app: what its kinds need, checked before anything is sent."""

from __future__ import annotations

from hopsworks.core.arguments import checked_text
from hopsworks.core.project_path import absolute_path
from hopsworks.git_provider import HOSTS

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

APP_KINDS = ("STREAMLIT", "CUSTOM", "FLASK", "GRADIO", "NODEJS")
LABELS = {
    "STREAMLIT": "Streamlit",
    "CUSTOM": "custom",
    "FLASK": "Flask",
    "GRADIO": "Gradio",
    "NODEJS": "Node.js",
}
EXTENSIONS = {
    "STREAMLIT": (".py",),
    "FLASK": (".py",),
    "GRADIO": (".py",),
    "NODEJS": (".js", ".mjs", ".cjs", ".ts", ".mts"),
}
_SHARED_MEMORY_MB = 128


def configuration(
    *,
    name: str,
    project_name: str | None,
    app_kind: str | None,
    environment: str,
    memory: int,
    cores: float,
    env_vars: dict[str, str] | None,
    description: str | None,
    app_port: int | None,
    app_base_path: str | None,
    readiness_probe_path: str | None,
    db_access: bool,
    idle_scale_to_zero: bool | None,
    idle_cooldown_seconds: int | None,
    cold_start_timeout_seconds: int | None,
    **source: Any,
) -> dict[str, Any]:
    """Make the configuration of the job that an app is.

    Parameters:
        name: Name of the app.
        project_name: Project that a relative path belongs to.
        source: What the app is started from: `app_path`, `entrypoint_command`, `entrypoint_script`, `git_url`,
            `git_provider`, `git_branch` and `git_auto_redeploy`.

    The other parameters are those of :meth:`hopsworks.core.app_api.AppApi.create_app`.

    Returns:
        The configuration as it is sent.

    Raises:
        TypeError: A name is no text, or `env_vars` is no dict.
        ValueError: Something is missing, or does not go with the kind of app.
    """
    checked_text(name, "name", "Pass a name for the app.")
    checked_text(environment, "environment", "Pass a Python environment: 'python-app-pipeline'.")
    kind = "STREAMLIT" if app_kind is None else str(app_kind).upper()
    if kind not in APP_KINDS:
        raise ValueError(f"app_kind is {app_kind!r}; it must be one of {', '.join(APP_KINDS)}.")
    for size, argument in ((memory, "memory"), (cores, "cores")):
        if isinstance(size, bool) or not isinstance(size, (int, float)) or size <= 0:
            raise ValueError(f"{argument} is {size!r}; it must be a number greater than 0.")
    if env_vars is not None and not isinstance(env_vars, dict):
        raise TypeError(
            f"env_vars is of type {type(env_vars).__name__}. Pass a dict of names and values."
        )
    config: dict[str, Any] = {
        "type": "pythonAppJobConfiguration",
        "appName": name,
        "proxyPathMode": "ROOT",
        "resourceConfig": {
            "memory": memory,
            "cores": cores,
            "gpus": 0,
            "shmSize": _SHARED_MEMORY_MB,
        },
        "appKind": kind,
        "environmentName": environment,
        "dbAccess": db_access,
        **_source(kind, project_name, **source),
        **_idling(idle_scale_to_zero, idle_cooldown_seconds, cold_start_timeout_seconds),
    }
    if app_port is not None and kind != "STREAMLIT":
        config["appPort"] = _whole(app_port, "app_port", 1, 65535)
    given = {
        "description": description,
        "appBasePath": app_base_path,
        "readinessProbePath": readiness_probe_path,
    }
    return config | {key: value for key, value in given.items() if value is not None}


def _source(
    kind: str,
    project_name: str | None,
    app_path: str | None,
    entrypoint_command: str | None,
    entrypoint_script: str | None,
    git_url: str | None,
    git_provider: str | None,
    git_branch: str | None,
    git_auto_redeploy: bool,
) -> dict[str, Any]:
    """What the app is started from: a command, a file of the project, or a file of a git repository."""
    label, is_custom = LABELS[kind], kind == "CUSTOM"
    if is_custom and not entrypoint_command:
        raise ValueError("A custom app needs entrypoint_command, the command that starts it.")
    if entrypoint_command and not is_custom:
        raise ValueError(
            f"entrypoint_command goes only with app_kind='CUSTOM'; a {label} app is started by its file."
        )
    if entrypoint_script and (is_custom or not git_url):
        raise ValueError(
            "entrypoint_script goes only with git_url, and not with a custom app. Pass the path of a file in the "
            "project as app_path, and the start of a custom app as entrypoint_command."
        )
    found: dict[str, Any] = {"entrypointCommand": entrypoint_command} if is_custom else {}
    if git_url:
        if git_provider not in HOSTS:
            raise ValueError(
                f"An app of a git repository needs git_provider; it is {git_provider!r}. Pass one of "
                f"{', '.join(HOSTS)}."
            )
        if not is_custom:
            found["entrypointScript"] = _file(entrypoint_script, "entrypoint_script", kind)
        found |= {
            "gitUrl": git_url,
            "gitProvider": git_provider,
            "gitAutoRedeploy": git_auto_redeploy,
        }
        return found | ({"gitBranch": git_branch} if git_branch else {})
    if git_auto_redeploy:
        raise ValueError(
            "git_auto_redeploy goes only with git_url. Pass the repository, or leave it out."
        )
    if not is_custom:
        _file(app_path, "app_path", kind)
    if app_path:
        is_address = app_path.startswith("hdfs://")
        found["appPath"] = (
            app_path if is_address else f"hdfs://{absolute_path(app_path, project_name)}"
        )
    return found


def _file(path: str | None, argument: str, kind: str) -> str:
    endings = EXTENSIONS[kind]
    if not path or not isinstance(path, str):
        raise ValueError(
            f"A {LABELS[kind]} app needs {argument}, the path of its file ({', '.join(endings)})."
        )
    if not path.lower().endswith(endings):
        raise ValueError(
            f"{argument} is {path!r}; the file of a {LABELS[kind]} app ends in {' or '.join(endings)}."
        )
    return path


def _idling(
    idle_scale_to_zero: bool | None,
    idle_cooldown_seconds: int | None,
    cold_start_timeout_seconds: int | None,
) -> dict[str, Any]:
    """Whether the app goes to sleep while nobody uses it; a time says so too."""
    times: dict[str, Any] = {}
    if idle_cooldown_seconds is not None:
        times["idleCooldownSeconds"] = _whole(idle_cooldown_seconds, "idle_cooldown_seconds", 0)
    if cold_start_timeout_seconds is not None:
        times["coldStartTimeoutSeconds"] = _whole(
            cold_start_timeout_seconds, "cold_start_timeout_seconds", 0
        )
    if times and idle_scale_to_zero is False:
        raise ValueError(
            "idle_cooldown_seconds and cold_start_timeout_seconds go only with idle_scale_to_zero=True."
        )
    if times or idle_scale_to_zero is not None:
        times["idleScaleToZero"] = bool(times) or bool(idle_scale_to_zero)
    return times


def _whole(value: Any, argument: str, lowest: int, highest: int | None = None) -> int:
    """A whole number, which may also be given as text."""
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = lowest - 1
    if number < lowest or (highest is not None and number > highest):
        wanted = f"of at least {lowest}" if highest is None else f"from {lowest} to {highest}"
        raise ValueError(f"{argument} is {value!r}; it must be a whole number {wanted}.")
    return number
