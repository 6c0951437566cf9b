"""The application: one ``Server`` object per process, and the dispatch of requests to handlers.

Each area of the protocol is a module with

* ``ROUTES``: tuples ``(methods, path, handler)``; a path without a leading slash is below
  ``/hopsworks-api/api/``;
* ``SCHEMA`` (optional): SQL that creates the module's tables where they are missing;
* ``prepare(server)`` (optional): runs before that, to bring older tables up to date;
* ``on_start(server)``, ``on_stop(server)`` (optional, coroutines): run when the process serves and
  before it ends;
* ``on_project_created(server, db, project)`` (optional): runs in the transaction that makes a
  project;
* ``keeps_alive(server)`` (optional): True while something lives that an idle exit would end.

A handler takes ``(request, server)``. A coroutine function runs on the event loop and reads the
body itself. A plain function gets the whole body in ``request.body`` and runs in a thread, unless
it is marked ``@inline``: then it runs on the event loop and must not wait for anything.
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import inspect
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, TypeVar

from hopsworks.local.access import check, rule_for
from hopsworks.local.accounts import OWNER, Accounts, User
from hopsworks.local.auth import ApiKey, authenticate
from hopsworks.local.errors import (
    ApiError,
    illegal_argument,
    no_such_route,
    project_not_found,
    storage_full,
)
from hopsworks.local.http import Disconnected, Request, Response, json_response
from hopsworks.local.lock import FolderLock
from hopsworks.local.metadata import Metadata, iso_time, now_ms
from hopsworks.local.recorder import Recorder
from hopsworks.local.routing import Handler, Router

__all__ = [
    "ApiError",
    "Project",
    "Request",
    "Response",
    "Server",
    "inline",
    "iso_time",
    "json_response",
    "now_ms",
]

logger = logging.getLogger(__name__)

T = TypeVar("T")

API_VERSION = "5.2.1"

# The areas of the protocol, each in a module of this package.
ROUTE_MODULES = [
    "variables",
    "projects",
    "users",
    "api_keys",
    "members",
    "secrets",
    "env_vars",
    "credentials",
    "sharing",
    "archives",
    "datasets",
    "uploads",
    "downloads",
    "tag_schemas",
    "tags",
    "dataset_tags",
    "models",
    "serving",
    "inference",
    "feature_stores",
    "feature_groups",
    "feature_group_rows",
    "queries",
    "feature_views",
    "feature_view_queries",
    "training_datasets",
    "cluster_only",
    "jobs",
    "executions",
    "schedules",
    "kafka",
    "opensearch",
    "statistics_store",
    "transformation_functions",
    "keywords",
    "alert_receivers",
    "alerts",
    "triggered_alerts",
    "search",
    "vectors",
    "flight",
    "lifecycle_routes",
]

SCHEMA = """
CREATE TABLE IF NOT EXISTS projects (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    description TEXT,
    namespace TEXT,
    feature_store_topic TEXT,
    created INTEGER NOT NULL
);
"""

FIRST_PROJECT_ID = 119


def inline(handler: Handler) -> Handler:
    """Mark a plain handler to run on the event loop: for those that only compute or look up."""
    handler.inline = True  # type: ignore[attr-defined]
    return handler


class Project(NamedTuple):
    """A project of the data folder.

    Attributes:
        id: its number.
        name: its name.
        folder: where its datasets lie.
        description: free text.
        namespace: the name used in serving URLs.
        created: epoch milliseconds.
        owner: the number of the user who made it.
    """

    id: int
    name: str
    folder: Path
    description: str | None
    namespace: str
    feature_store_topic: str | None
    created: int
    owner: int


class Server:
    """What handlers share.

    Attributes:
        data_dir: the data folder.
        metadata: the SQLite metadata store.
        accounts: users, keys and members; `user` is the owner of the data folder.
        socket_path, flight_socket_path: the Unix sockets of REST and of Arrow Flight.
        executor: the threads in which plain handlers run.
        tls: certificates of ``hopsworks local serve``; None when only the socket is served.
        public_host, public_port: where TLS clients find it; None like ``tls``.
        tls_host, flight_port: the address and port for Arrow Flight with TLS; None like ``tls``.
    """

    def __init__(self, data_dir: Path, socket_path: Path, flight_socket_path: Path) -> None:
        self.data_dir = data_dir
        self.socket_path = socket_path
        self.flight_socket_path = flight_socket_path
        self.projects_dir = data_dir / "projects"
        self.projects_dir.mkdir(mode=0o700, exist_ok=True)
        self.api_key = ApiKey.load(data_dir)
        self.metadata = Metadata(data_dir / "metadata.sqlite")
        self.executor = ThreadPoolExecutor(8, "hopsworks-local")
        self.tls: Any = None
        self.public_host: str | None = None
        self.public_port: int | None = None
        self.tls_host: str | None = None
        self.flight_port: int | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.stop_requested = asyncio.Event()
        self.last_used = time.monotonic()
        self.in_flight = 0
        self.leases = 0
        self.recorder: Recorder | None = None
        self.folder_lock: FolderLock | None = None
        self.router = Router()
        self.modules: list[ModuleType] = []
        self._projects: dict[int, Project] = {}
        self._kept: dict[Callable[[Server], Any], Any] = {}
        self._keeping = threading.Lock()
        self.metadata.create(SCHEMA)
        self.accounts = Accounts(self.metadata)
        self._load_modules()
        self._first_start()

    def _load_modules(self) -> None:
        for name in ROUTE_MODULES:
            module = importlib.import_module(f"hopsworks.local.{name}")
            self.modules.append(module)
            if hook := getattr(module, "prepare", None):
                hook(self)
            if schema := getattr(module, "SCHEMA", None):
                self.metadata.create(schema)
            for methods, path, handler in module.ROUTES:
                for method in methods.split() if isinstance(methods, str) else methods:
                    adapted = _adapt(handler)
                    adapted.rule = rule_for(method, path)  # type: ignore[attr-defined]
                    self.router.add(method, path, adapted)

    def _first_start(self) -> None:
        if self.metadata.one("SELECT 1 FROM projects LIMIT 1") is None:
            self.create_project("local", "The first project of this data folder.")

    def kept(self, make: Callable[[Server], T]) -> T:
        """The one object that ``make`` makes of this server, made when it is first asked for."""
        with self._keeping:
            if make not in self._kept:
                self._kept[make] = make(self)
            found: T = self._kept[make]
        return found

    @property
    def user(self) -> User:
        """The owner of the data folder."""
        return self.accounts.owner

    # -- projects ------------------------------------------------------------------------------

    def project(self, request: Request) -> Project:
        """The project that ``{project_id}`` of the path names; 404 when there is none."""
        return self.project_by_id(request.path_integer("project_id"))

    def project_by_id(self, project_id: int) -> Project:
        """The project of that number; 404 when there is none."""
        project = self._projects.get(project_id)
        if project is None:
            row = self.metadata.one("SELECT * FROM projects WHERE id = ?", (project_id,))
            if row is None:
                raise project_not_found(f"with id {project_id}")
            project = self._projects[project_id] = self._project_of(row)
        return project

    def project_by_name(self, name: str) -> Project | None:
        """The project of that name, or None."""
        row = self.metadata.one("SELECT * FROM projects WHERE name = ?", (name,))
        return None if row is None else self._project_of(row)

    def all_projects(self) -> list[Project]:
        """All projects, oldest first."""
        return [
            self._project_of(r) for r in self.metadata.all("SELECT * FROM projects ORDER BY id")
        ]

    def _project_of(self, row: Any) -> Project:
        return Project(
            row["id"],
            row["name"],
            self.projects_dir / row["name"],
            row["description"],
            row["namespace"] or row["name"].replace("_", "-").lower(),
            row["feature_store_topic"],
            row["created"],
            row["owner"],
        )

    def create_project(
        self,
        name: str,
        description: str | None = None,
        namespace: str | None = None,
        feature_store_topic: str | None = None,
        owner: int = OWNER,
    ) -> Project:
        """Make a project with its folders and what each module keeps for it."""
        with self.metadata.transaction() as db:
            newest = db.execute("SELECT max(id) FROM projects").fetchone()[0]
            cursor = db.execute(
                "INSERT INTO projects (id, name, description, namespace, feature_store_topic,"
                " created, owner) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    FIRST_PROJECT_ID if newest is None else None,
                    name,
                    description,
                    namespace,
                    feature_store_topic,
                    now_ms(),
                    owner,
                ),
            )
            project = self._project_of(
                db.execute("SELECT * FROM projects WHERE id = ?", (cursor.lastrowid,)).fetchone()
            )
            for module in self.modules:
                if hook := getattr(module, "on_project_created", None):
                    hook(self, db, project)
        self.accounts.reload()
        return project

    def forget_project(self, project_id: int) -> None:
        """Drop what is remembered about a project that has been deleted."""
        self._projects.pop(project_id, None)
        self.accounts.reload()

    # -- life ----------------------------------------------------------------------------------

    async def start(self) -> None:
        """Run the modules' ``on_start``; the sockets listen already, requests wait their turn."""
        self.loop = asyncio.get_running_loop()
        self.loop.set_default_executor(self.executor)
        for module in self.modules:
            if hook := getattr(module, "on_start", None):
                await hook(self)

    async def stop(self) -> None:
        """Run the modules' ``on_stop`` in reverse order and close the store."""
        for module in reversed(self.modules):
            if hook := getattr(module, "on_stop", None):
                try:
                    await hook(self)
                except Exception:
                    logger.exception("stopping %s failed", module.__name__)
        await self._end_threads()
        self.metadata.close()

    async def _end_threads(self) -> None:
        """Wait for the handlers' threads; the event loop goes on, since one may wait for it."""
        ending = threading.Thread(
            target=self.executor.shutdown, kwargs={"wait": True, "cancel_futures": True}
        )
        ending.start()
        while ending.is_alive():
            await asyncio.sleep(0.005)

    def is_idle(self, seconds: float) -> bool:
        """Whether nothing has happened for that long and nothing lives that needs the process."""
        if self.in_flight or self.leases or time.monotonic() - self.last_used < seconds:
            return False
        return not self.keeps_alive()

    def keeps_alive(self) -> bool:
        """Whether a deployment, job or the like lives in this process."""
        return any(
            module.keeps_alive(self) for module in self.modules if hasattr(module, "keeps_alive")
        )

    async def run(self, function: Callable[..., Any], *args: Any) -> Any:
        """Run a function that may wait in one of the handler threads."""
        return await asyncio.get_running_loop().run_in_executor(self.executor, function, *args)

    # -- ASGI ----------------------------------------------------------------------------------

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        self.in_flight += 1
        try:
            await self._answer(scope, receive, send)
        except Disconnected:
            logger.info("client left during %s %s", scope["method"], scope["path"])
        finally:
            self.in_flight -= 1
            self.last_used = time.monotonic()

    async def _answer(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        method = scope["method"]
        request = Request(scope, receive, {})
        try:
            found = self.router.find(method, request.raw_path)
            if found is None:
                authenticate(request, self)
                raise no_such_route(method, scope["path"])
            handler, request.params = found
            request.rule = handler.rule  # type: ignore[attr-defined]
            if not request.rule.public:
                authenticate(request, self)
                check(request, self)
            response = await handler(request, self)
        except ApiError as error:
            response = json_response(error.body(), error.status)
            if error.headers:
                response.headers = (*response.headers, *error.headers)
        except Disconnected:
            raise
        except (OverflowError, RecursionError):
            # From the stores and from the JSON reader, whoever called them.
            refused = illegal_argument(
                "A number has more than 64 bits, or the body is nested too deeply."
            )
            response = json_response(refused.body(), refused.status)
        except Exception as error:
            logger.exception("%s %s failed", method, scope["path"])
            known = storage_full(error) or ApiError(
                500,
                120000,
                "Unexpected failure in the local server.",
                f"{type(error).__name__}: {error}. See server.log in the data folder.",
            )
            response = json_response(known.body(), known.status)
        if self.recorder is not None:
            self.recorder.note(request, response.status)
        await response.send(request, send)


def _adapt(handler: Handler) -> Handler:
    """Give every kind of handler one shape: a coroutine function that returns a Response."""
    if inspect.iscoroutinefunction(handler):

        @functools.wraps(handler)
        async def on_loop(request: Request, server: Server) -> Response:
            return _response(await handler(request, server))

        return on_loop

    if getattr(handler, "inline", False):

        @functools.wraps(handler)
        async def on_loop_inline(request: Request, server: Server) -> Response:
            await request.read()
            return _response(handler(request, server))

        return on_loop_inline

    @functools.wraps(handler)
    async def in_thread(request: Request, server: Server) -> Response:
        await request.read()
        return await asyncio.get_running_loop().run_in_executor(
            server.executor, _run, handler, request, server
        )

    return in_thread


def _run(handler: Handler, request: Request, server: Server) -> Response:
    return _response(handler(request, server))


def _response(value: Any) -> Response:
    if isinstance(value, Response):
        return value
    if value is None:
        return Response(None, 200)
    return json_response(value)
