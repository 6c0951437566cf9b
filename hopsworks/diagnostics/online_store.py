"""Checks of the online store: its REST server, and its MySQL port."""

from __future__ import annotations

import struct

from hopsworks import _native
from hopsworks.client.exceptions import (
    HopsworksSSLClientError,
    RestAPIError,
    UnauthorizedError,
)
from hopsworks.diagnostics import probe
from hopsworks.diagnostics.report import FAILED, NOT_CHECKED, NOT_CONFIGURED, OK, Check

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Iterator

    from hopsworks.diagnostics.target import Target

REST, MYSQL = "online store REST", "online store MySQL"
REST_PORT, MYSQL_PORT = 4406, 3306

_MYSQL_VARIABLE = "loadbalancer_external_domain_mysqld"
_GREETING = 10
_ERROR = 0xFF


def check_rest(target: Target) -> Iterator[Check]:
    """Ping the REST server of the online store (RonDB) with the key of the login."""
    host, variable = target.service_host("rdrs", "online_store_rest_server")
    if not host:
        yield _not_set(REST, variable, "online feature vectors over REST")
        return
    key = target.settings.api_key
    place = probe.place(host, REST_PORT)
    try:
        with _native.Client(
            f"https://{place}",
            headers={"X-API-KEY": key} if key else {},
            **target.service_trust(),
            **target.limits(),
        ) as client:
            client.scope(None).call("online.ping")
    except UnauthorizedError as error:
        if not key:  # inside a cluster, where a token stands for it
            yield Check(
                REST,
                OK,
                f"{place} answers, and takes an API key only: init_serving(config_rest_client={{'api_key': …}})",
            )
            return
        yield Check(
            REST,
            FAILED,
            f"{place} does not accept the API key (HTTP {error.response.status_code})",
            "Make a key with the scope FEATURESTORE",
        )
    except RestAPIError as error:
        yield Check(
            REST,
            FAILED,
            f"{place} answers its ping with HTTP {error.response.status_code}",
            f"Ask an administrator for its log, and check the variable {variable}",
        )
    except HopsworksSSLClientError as error:
        yield Check(
            REST,
            FAILED,
            str(error),
            "The trust store of the connection holds for this service too",
        )
    except OSError as error:
        yield Check(
            REST,
            FAILED,
            str(error),
            f"The host comes from the variable {variable} of the cluster",
        )
    else:
        yield Check(REST, OK, f"{place} answers the ping")


def check_mysql(target: Target) -> Iterator[Check]:
    """Connect to the MySQL port of the online store and read its greeting; nobody logs in."""
    if target.inside:
        yield Check(MYSQL, NOT_CHECKED, "inside a cluster its address comes with the feature store")
        return
    host = target.variable(_MYSQL_VARIABLE)
    if not host:
        yield _not_set(MYSQL, _MYSQL_VARIABLE, "online feature vectors over SQL")
        return
    place, deadline = probe.place(host, MYSQL_PORT), probe.Deadline(target.seconds)
    try:
        with probe.connect(host, MYSQL_PORT, deadline) as connection:
            length = struct.unpack("<I", probe.read_exactly(connection, 4, deadline))[0] & 0xFFFFFF
            first = probe.read_exactly(connection, min(length, 80), deadline) if length else b""
    except (OSError, EOFError) as error:
        where = f"the variable {_MYSQL_VARIABLE} of the cluster"
        yield Check(
            MYSQL,
            FAILED,
            f"{place} {probe.reason(error, deadline)}",
            probe.remedy(error, where, "MySQL server"),
        )
        return
    if first[:1] == bytes([_GREETING]) and b"\0" in first[1:]:
        version = first[1 : first.index(b"\0", 1)].decode("ascii", "replace")
        yield Check(MYSQL, OK, f"{place} greets as MySQL {version}")
    elif first[:1] == bytes([_ERROR]):
        said = first[3:].decode("utf-8", "replace")
        yield Check(
            MYSQL,
            FAILED,
            f"{place} refuses this machine: {said}",
            "Ask an administrator to let it in",
        )
    else:
        yield Check(
            MYSQL,
            FAILED,
            f"{place} does not speak the protocol of MySQL",
            f"Ask an administrator to check the variable {_MYSQL_VARIABLE} of the cluster",
        )


def _not_set(name: str, variable: str, purpose: str) -> Check:
    return Check(
        name,
        NOT_CONFIGURED,
        f"the variable {variable} of the cluster is not set",
        f"Ask an administrator to set it, if this machine is to read {purpose}",
    )
