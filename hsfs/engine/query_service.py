"""The query service: Arrow Flight calls that read queries and files and write training data.

On a cluster it is a host of its own with mutual TLS; the local server announces a Unix socket. One client is kept for each
session and made when it is first needed.
"""

from __future__ import annotations

import base64
import json
import os
import re
import threading
import time
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, NamedTuple

from hopsworks._log import get_logger
from hopsworks.certificates import project_certificates
from hopsworks.client.exceptions import FeatureStoreException
from hopsworks.core.service_address import service_host
from hsfs.engine.data_access import require_data_access
from hsfs.engine.optional_packages import require

if TYPE_CHECKING:
    import pyarrow as pa

    from hopsworks.session import ProjectSession

_logger = get_logger(__name__)

_PORT = 5005
_DATA_TIMEOUT = 900.0
_CALL_TIMEOUT = 5.0
_ATTEMPTS = 3
_cache_lock = threading.Lock()


def query_service(session: ProjectSession) -> QueryService:
    """Return the query service of a session.

    Raises:
        hopsworks.client.exceptions.FeatureStoreException: The cluster has none, or it cannot be found; or the connection is
            for metadata only.
        ModuleNotFoundError: pyarrow is not installed.
    """
    require_data_access(session, "read rows")
    service = session.cache.get("query_service")
    if service is None:
        flight = require("pyarrow.flight", "to read from the offline store")
        with _cache_lock:
            service = session.cache.get("query_service")
            if service is None:
                service = session.cache["query_service"] = QueryService(session, flight)
    elif service.process != os.getpid():
        # The library below would wait for threads that exist only in the parent.
        raise FeatureStoreException(
            "This process was forked after its parent had read from the query service, and Arrow Flight does not survive a fork. "
            "Start workers with the 'spawn' or 'forkserver' method of multiprocessing, or read in the parent."
        )
    return service


def is_available(session: ProjectSession) -> bool:
    """Whether the cluster has a query service."""
    return session.variable("enable_flyingduck") == "true"


class Command(NamedTuple):
    """What the service is told to run, and the server's signature of it where there is one."""

    payload: str
    signature: str | None


class PlanForgottenError(FeatureStoreException):
    """The service does not know a command any more, for example because its server was started again."""


class QueryService:
    """Arrow Flight client of one session."""

    def __init__(self, session: ProjectSession, flight: Any) -> None:
        if not is_available(session):
            raise ValueError(
                "This cluster has no query service (its variable enable_flyingduck is not 'true'), and without it the Python "
                "client cannot read the offline store. Ask an administrator to enable it."
            )
        self.process = os.getpid()
        self._flight = flight
        self._session = session
        self._certificates: bytes | None = None
        socket = session.variable("native_query") if session.is_local else None
        self._client = flight.FlightClient(socket) if socket else self._connect_with_tls()

    def _connect_with_tls(self) -> Any:
        session = self._session
        host = service_host(
            session,
            "flyingduck",
            "feature_query",
            "the query service",
            "Ask an administrator to set it.",
        )
        # Its certificate names it as programs inside the cluster do.
        name = f"flyingduck.service.{session.variable('service_discovery_domain')}"
        own = project_certificates(session)
        client = self._flight.FlightClient(
            f"grpc+tls://{host}:{_PORT}",
            tls_root_certs=own.ca_chain,
            cert_chain=own.client_certificate,
            private_key=own.client_key,
            override_hostname=name,
            generic_options=[("GRPC_ARG_MIN_RECONNECT_BACKOFF_MS", 2000)],
        )
        certificates = json.dumps(
            {
                "kstore": base64.b64encode(own.key_store).decode(),
                "tstore": base64.b64encode(own.trust_store).decode(),
                "cert_key": own.password,
            }
        ).encode("ascii")
        try:
            self._introduce(client, name, certificates)
        except self._flight.FlightError as error:
            client.close()
            raise _readable_error(f"connect to {host}:{_PORT},", error) from error
        return client

    def _introduce(self, client: Any, name: str, certificates: bytes) -> None:
        """Check that the service is up, and learn whether it wants the certificates with each call."""
        flight = self._flight
        options = flight.FlightCallOptions(timeout=_CALL_TIMEOUT)

        def hello() -> set[str]:
            list(client.do_action(flight.Action("healthcheck", b""), options))
            return {action.type for action in client.list_actions(options)}

        actions = self._retried(hello, attempts=5)
        if "get-version" in actions:
            list(client.do_action(flight.Action("get-version", b""), options))
            self._certificates = certificates
        else:
            list(
                client.do_action(
                    flight.Action("register-client-certificates", certificates), options
                )
            )

    def _retried(self, call: Callable[[], Any], attempts: int = _ATTEMPTS) -> Any:
        flight = self._flight
        for attempt in range(1, attempts + 1):
            try:
                return call()
            except (flight.FlightUnavailableError, flight.FlightTimedOutError) as error:
                timed_out = isinstance(error, flight.FlightTimedOutError)
                # Who answers there with another certificate will do so again.
                refused = "certificate verify failed" in str(error)
                if attempt == attempts or refused or (timed_out and attempts == _ATTEMPTS):
                    raise
                _logger.info(
                    "The query service is not reachable, attempt %d of %d: %s",
                    attempt,
                    attempts,
                    error,
                )
                time.sleep(min(2.0 ** (attempt - 1), 8.0))
        return None

    def _options(self, timeout: float | None, signature: str | None = None) -> Any:
        headers = []
        if signature:
            headers.append((b"hopsworks-signature", signature.encode("ascii")))
        elif self._certificates is not None:
            headers.append((b"x-certificates-json", self._certificates))
        return self._flight.FlightCallOptions(timeout=timeout or _DATA_TIMEOUT, headers=headers)

    def _info(self, descriptor: Any) -> Any:
        return self._client.get_flight_info(
            descriptor, self._flight.FlightCallOptions(timeout=_CALL_TIMEOUT)
        )

    def read(self, command: Command, timeout: float | None = None) -> pa.Table:
        """Run a command and return all its rows.

        Parameters:
            command: What to run.
            timeout: Seconds until the rows must be there.
        """
        return self._read(self._descriptor(command), self._options(timeout, command.signature))

    def _descriptor(self, command: Command) -> Any:
        return self._flight.FlightDescriptor.for_command(command.payload.encode("ascii"))

    def read_file(self, path: str, timeout: float | None = None) -> pa.Table:
        """Read one Parquet file of the project."""
        return self._read(self._flight.FlightDescriptor.for_path(path), self._options(timeout))

    def _read(self, descriptor: Any, options: Any) -> pa.Table:
        def call() -> pa.Table:
            endpoint = self._info(descriptor).endpoints[0]
            return self._client.do_get(endpoint.ticket, options).read_all()

        try:
            return self._retried(call)
        except self._flight.FlightError as error:
            raise _readable_error("read from", error) from error

    def stream(
        self, command: Command, timeout: float | None, batch_rows: int
    ) -> Generator[pa.RecordBatch, None, None]:
        """Run a command and yield its rows in batches of at most `batch_rows`."""
        descriptor = self._descriptor(command)
        options = self._options(timeout, command.signature)
        try:
            for endpoint in self._retried(lambda: self._info(descriptor)).endpoints:
                reader = self._client.do_get(endpoint.ticket, options)
                try:
                    for chunk in reader:
                        batch = chunk.data
                        for start in range(0, batch.num_rows, batch_rows):
                            yield batch.slice(start, batch_rows)
                finally:
                    # Whoever stops early must not leave the server writing to nobody.
                    reader.cancel()
        except self._flight.FlightError as error:
            raise _readable_error("read from", error) from error

    def create_training_dataset(
        self,
        feature_view: Any,
        training_dataset: Any,
        command: Command,
        timeout: float | None = None,
    ) -> None:
        """Have the service write the rows of a command as the files of a training dataset."""
        own = self._session.project_name or ""
        owner = (feature_view.featurestore_name or "").removesuffix("_featurestore")
        body = json.dumps(
            {
                # The project whose feature view it is, which may be one that shares its feature store.
                "project_name": owner if owner and owner != own.lower() else own,
                "fv_name": feature_view.name,
                "fv_version": feature_view.version,
                "tds_version": training_dataset.version,
                "query": json.loads(command.payload),
            }
        ).encode("ascii")
        action = self._flight.Action("create-training-dataset", body)
        try:
            self._retried(lambda: list(self._client.do_action(action, self._options(timeout))))
        except self._flight.FlightError as error:
            raise _readable_error("write with", error) from error

    def close(self) -> None:
        """Close the connection; a later read opens a new one."""
        self._session.cache.pop("query_service", None)
        self._client.close()


_NOTHING_THERE = (
    "No commits found",
    "No hudi properties found",
    "No delta logs found",
    "No data found",
)


def _readable_error(action: str, error: Exception) -> FeatureStoreException:
    """Turn an error of the service into one that says what to do."""
    text = str(error)
    if "no free slot available for" in text:
        return FeatureStoreException(
            "The query service is busy right now. Try again in a little while."
        )
    detail = (
        text.partition("Details:")[0].partition(". Detail:")[0].partition("gRPC client debug")[0]
    )
    detail = detail.strip().rstrip(".")
    if "query plan is not known" in detail:
        return PlanForgottenError(f"{detail}. Read again.")
    for phrase in _NOTHING_THERE:
        if phrase in detail:
            return FeatureStoreException(f"{detail[detail.index(phrase) :]}.")
    database = re.search(r"ORA-\d{5}.*?(?=\. Detail:|$)", text, re.DOTALL)
    if database:
        detail = database.group(0)
    return FeatureStoreException(
        f"Could not {action} the query service: {detail}. If it happens again, look at the log of the service."
    )
