"""``hopsworks.diagnose()``: which checks there are for which host."""

from __future__ import annotations

from hopsworks import config
from hopsworks.diagnostics import embedded, kafka, online_store, query_service, rest
from hopsworks.diagnostics.parallel import run
from hopsworks.diagnostics.report import FAILED, NOT_CHECKED, Check, Diagnosis
from hopsworks.diagnostics.target import Target

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from os import PathLike
    from typing import Any

    from hopsworks.connection import Connection

SETTINGS = "settings"
_DIRECT_ROWS = "not there: the embedded server takes rows itself, without Kafka"
_DIRECT_VECTORS = "not there: the embedded server answers for online features on its own socket"


def diagnose(
    host: str | None = None,
    port: int = config.DEFAULT_PORT,
    project: str | None = None,
    api_key_value: str | None = None,
    api_key_file: str | PathLike[str] | None = None,
    hostname_verification: bool | None = None,
    trust_store_path: str | PathLike[str] | None = None,
    *,
    connection: Connection | None = None,
    timeout: float = 5.0,
) -> Diagnosis:
    """Find out what works between this machine and Hopsworks, and what to do about what does not.

    Checked are the REST interface (address, connection, TLS and certificate, version, API key, project), the Kafka
    brokers and the addresses that they advertise, the query service, and the online store (REST and MySQL). The checks run side
    by side. Nothing is changed on the cluster; ``host="local"`` starts the embedded server when none runs.

    Without arguments, the current login is diagnosed, or, when nobody is logged in, what a login would use: variables and
    ``~/.hops.toml``. Nobody is asked for a key.

    Parameters:
        host: Host name; ``"local"`` for the embedded server.
        port: Port of the REST interface.
        project: Name of the project.
        api_key_value: The API key.
        api_key_file: File that holds the API key.
        hostname_verification: Whether the certificate of the server must be valid; ``None`` means yes.
        trust_store_path: PEM file or Java trust store of certificate authorities.
        connection: The connection to diagnose; the other settings are then its own.
        timeout: Seconds that each check may wait for an answer.

    Returns:
        A :class:`hopsworks.diagnostics.report.Diagnosis`. It prints as a table with one line a check; ``ok`` tells whether nothing failed.

    Raises:
        ValueError: If ``timeout`` is not a number of seconds above zero.

    Example:
        ```python
        import hopsworks

        found = hopsworks.diagnose(host="local")
        if not found.ok:
            raise SystemExit(repr(found))
        ```
    """
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or not 0 < timeout < 3600:
        raise ValueError(f"timeout is {timeout!r}; it must be a number of seconds above 0.")
    arguments: dict[str, Any] = {
        "host": host,
        "port": port,
        "project": project,
        "api_key_value": api_key_value,
        "api_key_file": api_key_file,
        "hostname_verification": hostname_verification,
        "trust_store_path": trust_store_path,
    }
    given = {name for name, value in arguments.items() if value is not None and name != "port"}
    if connection is None and not given and port == config.DEFAULT_PORT:
        connection = _current_connection()
    try:
        settings = connection._settings if connection is not None else None
        if settings is None:
            settings = config.resolve(**(connection._arguments if connection else arguments))
    except (ValueError, TypeError, OSError) as error:
        checks = [Check(SETTINGS, FAILED, str(error))]
        return Diagnosis(str(host or "what a login would use"), checks)
    wanted = connection.project if connection is not None else None
    target = Target(settings, float(timeout), wanted)
    try:
        return Diagnosis(target.address, _checks(target))
    finally:
        target.close()


def _current_connection() -> Connection | None:
    import sys

    login = sys.modules.get("hopsworks._login")
    connection = getattr(login, "_current_connection", None)
    return connection if connection is not None and connection._client is not None else None


def _checks(target: Target) -> list[Check]:
    """The interface first; with what it says, the services."""
    local = target.settings.is_local
    first = embedded.check if local else rest.check
    found = run([(rest.NAMES, lambda: first(target))], target.seconds)
    failed = [check.name for check in found if check.state == FAILED]
    # Without a project there are neither brokers nor certificates; the rest only needs variables.
    answered = all(check.state != NOT_CHECKED for check in found if check.name == rest.PROJECT)
    services = _local_services(target) if local else _services(target)
    tasks = []
    left = []
    for needs_project, names, function in services:
        if not answered or (needs_project and target.project_id is None):
            reason = f"it needs what failed: {failed[-1]}" if failed else "it needs a project"
            left += [Check(name, NOT_CHECKED, reason) for name in names]
        else:
            tasks.append((names, function))
    later = {check.name: check for check in [*run(tasks, target.seconds), *left]}
    return found + [later[name] for _, names, _ in services for name in names]


def _services(target: Target) -> list[Any]:
    return [
        (True, kafka.NAMES, lambda: kafka.check(target)),
        (True, (query_service.NAME,), lambda: query_service.check(target)),
        (False, (online_store.REST,), lambda: online_store.check_rest(target)),
        (False, (online_store.MYSQL,), lambda: online_store.check_mysql(target)),
    ]


def _local_services(target: Target) -> list[Any]:
    stores = (online_store.REST, online_store.MYSQL)
    return [
        (False, kafka.NAMES, lambda: embedded.not_there(kafka.NAMES, _DIRECT_ROWS)),
        (False, (query_service.NAME,), lambda: embedded.check_query_service(target)),
        (False, stores, lambda: embedded.not_there(stores, _DIRECT_VECTORS)),
    ]


# Its public home is the package; this module is only where it is written.
diagnose.__module__ = "hopsworks"
