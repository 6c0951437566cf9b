"""The query service: an Arrow Flight server that runs plans and reads Parquet files of projects.

It starts when it is first needed: on a Unix socket beside the REST one, and, under
``hopsworks local serve``, on TCP with mutual TLS. gRPC works in threads of its own.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from hopsworks.local.access import require_role
from hopsworks.local.accounts import ACTIVATED, OBSERVER, OWNER, RANKS, RESTRICTED, User
from hopsworks.local.app import API_VERSION, ApiError, Project, Server
from hopsworks.local.auth import not_active
from hopsworks.local.certificates import common_name
from hopsworks.local.feature_data import feature_data
from hopsworks.local.feature_groups import check_readable
from hopsworks.local.flight_streams import Streams, leave_without_shutdown
from hopsworks.local.queries import Plan, plans
from hopsworks.local.sharing import sharing, training_datasets_name

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.flight as pf

_log = logging.getLogger(__name__)

_ACTIONS = (
    ("healthcheck", "Answers when the service works."),
    ("get-version", "The version of the service."),
    ("register-client-certificates", "Accepted for older clients; nothing needs registering."),
    ("create-training-dataset", "Writes a training dataset from a plan."),
)
_GRACE_SECONDS = 2.0
_STARTING = threading.Lock()
ROUTES: list[Any] = []


async def on_start(server: Server) -> None:
    """Listens for clients that come over TLS, when there are such."""
    if server.tls is not None and server.flight_port is not None:
        await server.run(_start_on_tls, server)


async def on_stop(server: Server) -> None:
    """Stops what was started; a client that is still reading gets an error, not fewer rows."""
    services = getattr(server, "flight_services", [])
    if services and not await server.run(_streams(server).end, _GRACE_SECONDS):
        _log.warning("the server ends while clients hold streams that they do not read")
        leave_without_shutdown()
    else:
        for service in services:
            await server.run(service.shutdown)
    server.flight_socket_path.unlink(missing_ok=True)


def keeps_alive(server: Server) -> bool:
    """True while a client reads rows."""
    return _streams(server).reading


def _streams(server: Server) -> Streams:
    found: Streams | None = getattr(server, "flight_streams", None)
    if found is None:
        found = server.flight_streams = Streams()  # type: ignore[attr-defined]
    return found


def start_on_socket(server: Server) -> None:
    """Starts the service on its Unix socket unless it runs."""
    if getattr(server, "flight_on_socket", False):
        return
    with _STARTING:
        if getattr(server, "flight_on_socket", False):
            return
        path = server.flight_socket_path
        path.unlink(missing_ok=True)
        _keep(server, _service(server, f"grpc+unix://{path}"))
        path.chmod(0o600)
        server.flight_on_socket = True  # type: ignore[attr-defined]


def _start_on_tls(server: Server) -> None:
    port = server.flight_port
    material = server.tls
    try:
        service = _service(
            server,
            f"grpc+tls://{server.tls_host}:{port}",
            tls_certificates=[(material.certificate.read_bytes(), material.key.read_bytes())],
            verify_client=True,
            root_certificates=material.authority.read_bytes(),
        )
    except Exception as error:
        _log.warning(
            "the query service cannot listen on port %d, so offline reads over TLS will not work: %s",
            port,
            error,
        )
        return
    _keep(server, service)


def _keep(server: Server, service: Any) -> None:
    services = getattr(server, "flight_services", None)
    if services is None:
        services = server.flight_services = []  # type: ignore[attr-defined]
    services.append(service)


def _service(server: Server, location: str, **tls: Any) -> Any:
    import pyarrow.flight as pf

    class SignatureReader(pf.ServerMiddlewareFactory):
        """Remembers the signature header of a call."""

        def start_call(self, info: Any, headers: dict[str, list[str]]) -> Any:
            given = headers.get("hopsworks-signature")
            return Signature(given[0]) if given else None

    class Signature(pf.ServerMiddleware):
        """The signature that a caller sent."""

        def __init__(self, text: str):
            self.text = text

    class Service(pf.FlightServerBase):
        """The Flight methods; the work is done by `_Work`."""

        def __init__(self) -> None:
            super().__init__(location, middleware={"signature": SignatureReader()}, **tls)
            self._work = _Work(server, bool(tls))

        def get_flight_info(self, context: Any, descriptor: pf.FlightDescriptor) -> pf.FlightInfo:
            return _answered(server, self._work.info, descriptor, context.peer_identity())

        def do_get(self, context: Any, ticket: pf.Ticket) -> pf.FlightDataStream:
            signature = context.get_middleware("signature")
            return _answered(
                server,
                self._work.read,
                ticket,
                signature and signature.text,
                context.peer_identity(),
            )

        def do_action(self, context: Any, action: pf.Action) -> Iterator[pf.Result]:
            return iter(_answered(server, self._work.act, action, context.peer_identity()))

        def list_actions(self, context: Any) -> list[tuple[str, str]]:
            return list(_ACTIONS)

    return Service()


def _answered(server: Server, method: Any, *arguments: Any) -> Any:
    """Calls a method; a refusal travels as the text of a Flight error."""
    import pyarrow.flight as pf

    server.last_used = time.monotonic()
    try:
        return method(*arguments)
    except ApiError as error:
        text = error.user_message or error.message
        if error.code == 270118:
            text = f"No commits found: {text}"
        raise pf.FlightServerError(text) from error
    except pf.FlightError:
        raise
    except Exception as error:
        _log.exception("the query service failed")
        raise pf.FlightServerError(f"{type(error).__name__}: {error}") from error


class Reader(NamedTuple):
    """Who reads.

    Parameters:
        user: the user.
        project: the one that their certificate is for; None for the owner over the socket.
    """

    user: User
    project: Project | None


class _Work:
    """What the Flight methods do.

    Parameters:
        server: the server whose data is read.
        over_tls: whether callers show a certificate; over the socket they are the owner.
    """

    def __init__(self, server: Server, over_tls: bool):
        self._server = server
        self._over_tls = over_tls
        self._streams = _streams(server)

    def _reader(self, identity: bytes) -> Reader:
        """Who asks, by the name in the certificate."""
        accounts = self._server.accounts
        if not self._over_tls:
            return Reader(accounts.owner, None)
        name = identity.decode("utf-8", "replace")
        for project in self._server.all_projects():
            for number in (OWNER, *accounts.members(project.id)):
                user = accounts.user(number)
                if common_name(f"{project.name}__{user.username}") == name:
                    if user.status != ACTIVATED:
                        raise not_active(user)
                    return Reader(user, project)
        raise ApiError(
            403,
            160000,
            "Not a member of the project.",
            f"The certificate is that of {name}, who is no member of such a project. Log in again.",
        )

    def info(self, descriptor: pf.FlightDescriptor, identity: bytes) -> pf.FlightInfo:
        """Where and how a command or path is read: here, by a ticket that names it."""
        import pyarrow.flight as pf

        if descriptor.descriptor_type == pf.DescriptorType.PATH:
            path = "/".join(part.decode() for part in descriptor.path)
            schema = _parquet_schema(self._file(path, self._reader(identity)))
            ticket = json.dumps({"path": path})
        else:
            command = descriptor.command.decode()
            schema = _schema(self._plan(command, self._reader(identity)))
            ticket = command
        # No place is named, so the client reads over the connection that it has.
        return pf.FlightInfo(
            schema, descriptor, [pf.FlightEndpoint(pf.Ticket(ticket.encode()), [])], -1, -1
        )

    def read(
        self, ticket: pf.Ticket, signature: str | None, identity: bytes
    ) -> pf.FlightDataStream:
        """The rows of a ticket."""
        import pyarrow.flight as pf

        command = ticket.ticket.decode()
        if signature is not None and not plans(self._server).signed(command, signature):
            raise pf.FlightUnauthorizedError("The signature does not belong to this command.")
        reader = self._reader(identity)
        path = _path_of(command)
        if path is not None:
            file = self._file(path, reader)
            return pf.RecordBatchStream(self._streams.watched(_parquet_batches(file)))
        from hopsworks.local.query_engine import execute

        plan = self._plan(command, reader)
        result = execute(plan.query, feature_data(self._server), plan.online)
        return pf.RecordBatchStream(self._streams.watched(result.batches()))

    def act(self, action: pf.Action, identity: bytes) -> list[pf.Result]:
        """The answer of an action."""
        import pyarrow.flight as pf

        if action.type == "healthcheck" or action.type == "register-client-certificates":
            return [pf.Result(b"ok")]
        if action.type == "get-version":
            return [pf.Result(API_VERSION.encode())]
        if action.type == "create-training-dataset":
            from hopsworks.local import training_datasets

            wanted = json.loads(action.body.to_pybytes())
            reader = self._reader(identity)
            plan = self._plan(json.dumps(wanted.get("query") or {}), reader)
            training_datasets.write_from_plan(self._server, wanted, plan, reader.user)
            return [pf.Result(b"ok")]
        raise ApiError(
            400, 120001, "Illegal argument.", f"The query service has no action '{action.type}'."
        )

    def _plan(self, command: str, reader: Reader) -> Plan:
        plan = plans(self._server).get(command)
        if plan is None:
            raise ApiError(
                404,
                270113,
                "The plan is not known.",
                "The query plan is not known any more: construct the query again.",
            )
        # What was shared when the plan was made may have been taken back.
        check_readable(self._server, plan.project, [s.feature_group for s in plan.query.sources])
        require_role(reader.user, self._server, plan.project, RESTRICTED)
        return plan

    def _may_read(self, reader: Reader, project: Project, dataset: str) -> bool:
        if reader.project is None or reader.user.id == OWNER:
            return True
        role = self._server.accounts.role(reader.user.id, reader.project.id)
        least = RESTRICTED if dataset == training_datasets_name(project) else OBSERVER
        if role is None or RANKS[role] < RANKS[least]:
            return False
        return sharing(self._server).readable(project, dataset, reader.project.id)

    def _file(self, path: str, reader: Reader) -> Path:
        """A Parquet file of a project, which must lie beneath the project's folder."""
        parts = path.removeprefix("hdfs:").removeprefix("hopsfs:").lstrip("/").split("/")
        if parts and ":" in parts[0]:
            parts = parts[1:]
        project = (
            self._server.project_by_name(parts[1])
            if len(parts) > 2 and parts[0] == "Projects"
            else None
        )
        inside = ".." not in parts
        if project is not None and inside and self._may_read(reader, project, parts[2]):
            folder = project.folder.resolve()
            found = folder.joinpath(*parts[2:]).resolve()
            own = reader.project is None or reader.project.id == project.id
            root = folder if own else folder / parts[2]
            if found.is_relative_to(root) and found.is_file():
                return found
        raise ApiError(404, 110018, "Path not found.", f"No data found: there is no file '{path}'.")


def _path_of(command: str) -> str | None:
    try:
        path = json.loads(command).get("path")
    except (ValueError, AttributeError):
        return None
    return path if isinstance(path, str) else None


def _schema(plan: Plan) -> pa.Schema:
    from hopsworks.local.query_engine import schema_of

    return schema_of(plan.query)


def _parquet_schema(path: Path) -> pa.Schema:
    import pyarrow.parquet as pq

    return pq.read_schema(path).remove_metadata()


def _parquet_batches(path: Path) -> pa.RecordBatchReader:
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    return pa.RecordBatchReader.from_batches(file.schema_arrow, file.iter_batches())
