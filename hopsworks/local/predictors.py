"""Running deployments: their processes, their state, and the calls to them.

An instance is a child process in its own session with a small environment. It is reached over a
socket pair, one call at a time, as predictor scripts expect. All of this runs on the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from hopsworks.local.auth import ApiKey
from hopsworks.local.predictor_host import FRAME
from hopsworks.local.predictor_logs import InstanceLog

logger = logging.getLogger(__name__)

LOAD_SECONDS = 300.0
STOP_SECONDS = 5.0


class Launch(NamedTuple):
    """What is needed to start an instance.

    The API key goes to the script by its standard input: an environment can be read in ``/proc``, and is copied into reports.

    Attributes:
        name: the deployment's name.
        script: the predictor script.
        transformer: the transformer script, or None.
        environment: the environment of the process.
        api_key: becomes the variable ``SERVING_API_KEY`` of the script.
        logs: where logs are written while it runs.
        archive: where they are kept for the project.
        instances: how many processes to run.
    """

    name: str
    script: Path
    transformer: Path | None
    environment: dict[str, str]
    api_key: ApiKey
    logs: Path
    archive: Path
    instances: int


class PredictorError(Exception):
    """A call that failed: the predictor's status and text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Instance:
    """One process of a deployment."""

    def __init__(self, launch: Launch, name: str) -> None:
        self.name = name
        self.log = InstanceLog(launch.logs, name)
        self.archive = launch.archive
        self.exit_code: int | None = None
        self.calls = 0
        self._launch = launch
        self._turn = asyncio.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._output: asyncio.Task[None] | None = None
        self.ended = asyncio.Event()
        self._folder: Path | None = None
        self._stopped = False

    async def start(self) -> None:
        """Start the process and wait until its script is loaded.

        Raises:
            PredictorError: the script could not be loaded; the text is the reason.
        """
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        read_end, write_end = os.pipe()
        launch = self._launch
        self._folder = launch.logs / f"work-{self.name}"
        self._folder.mkdir(mode=0o700, exist_ok=True)
        command = [
            *(sys.executable, "-P", "-m", "hopsworks.local.predictor_host"),
            *("--channel", str(theirs.fileno()), "--server", str(os.getpid())),
            *("--predictor", str(launch.script)),
            *(("--transformer", str(launch.transformer)) if launch.transformer else ()),
        ]
        try:
            # Started by the event loop's thread: the kernel ties the child's life to that thread.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=write_end,
                stderr=write_end,
                cwd=self._folder,
                env=launch.environment,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        except OSError:
            os.close(read_end)
            ours.close()
            raise
        finally:
            os.close(write_end)
            theirs.close()
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError), self._process.stdin as keys:
            keys.write(launch.api_key.text.encode() + b"\n")
        self._output = loop.create_task(self._collect(read_end))
        ours.setblocking(False)
        self._reader, self._writer = await asyncio.open_connection(sock=ours, limit=1 << 20)
        try:
            status, text = await asyncio.wait_for(self._frame(), LOAD_SECONDS)
        except TimeoutError:
            await self.stop()
            raise PredictorError(
                500, f"The script was not loaded within {LOAD_SECONDS:.0f} s."
            ) from None
        if status != 200:
            await self.stop()
            raise PredictorError(500, text.decode("utf-8", "replace"))

    async def _collect(self, descriptor: int) -> None:
        """Move output to the log until the process closes it, then collect its exit status."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        pipe = os.fdopen(descriptor, "rb", buffering=0)
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), pipe
        )
        try:
            while piece := await reader.read(65536):
                self.log.feed(piece)
        finally:
            transport.close()
        assert self._process is not None
        while (code := self._process.poll()) is None:
            await asyncio.sleep(0.02)
        self.exit_code = code
        self.ended.set()
        self.log.close(self.archive)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    async def _frame(self) -> tuple[int, bytes]:
        assert self._reader is not None
        try:
            status, size = FRAME.unpack(await self._reader.readexactly(FRAME.size))
            return status, await self._reader.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionError):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.ended.wait(), 2.0)
            raise PredictorError(500, self.end_reason()) from None

    def end_reason(self) -> str:
        """Why the process ended, in words."""
        code = self.exit_code
        if code is None:
            how = "closed its channel"
        elif code < 0:
            how = f"was killed by {signal.Signals(-code).name}"
        else:
            how = f"ended with exit code {code}"
        last = f" Its last words: {self.log.last_line}" if self.log.last_line else ""
        return f"The predictor process {how}.{last}"

    async def call(self, body: bytes) -> bytes:
        """Send a request body and return the answer's body."""
        self.calls += 1
        try:
            async with self._turn:
                assert self._writer is not None
                try:
                    self._writer.write(FRAME.pack(0, len(body)))
                    self._writer.write(body)
                    await self._writer.drain()
                except ConnectionError:
                    raise PredictorError(500, self.end_reason()) from None
                # A client that leaves must not leave half an answer in the channel.
                status, answer = await asyncio.shield(asyncio.ensure_future(self._frame()))
        finally:
            self.calls -= 1
        if status != 200:
            raise PredictorError(status, answer.decode("utf-8", "replace"))
        return answer

    async def stop(self) -> None:
        """End the process: politely, then by force, with all that it started."""
        if self._writer is not None:
            self._writer.close()
        if self._process is None or self._stopped:
            return
        self._stopped = True
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.ended.wait(), STOP_SECONDS)
        except TimeoutError:
            self._signal(signal.SIGKILL)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.ended.wait(), STOP_SECONDS)
        else:
            self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


class Runner:
    """A deployment that has been started: its instances and its state.

    Attributes:
        status: Starting, Running, Updating, Stopping, Stopped or Failed.
        condition: type, status and reason as clients read them.
        revision: new at each start.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.instances: list[Instance] = []
        self.revision = ""
        self.status = "Stopped"
        self.condition: dict[str, Any] = {}
        self._task: asyncio.Task[None] | None = None
        self._watchers: set[asyncio.Task[None]] = set()
        self._state("Stopped", "STOPPED", True, "The deployment is not running.")

    def _state(self, status: str, kind: str, done: bool | None, reason: str) -> None:
        self.status = status
        self.condition = {"type": kind, "status": done, "reason": reason}

    @property
    def is_alive(self) -> bool:
        """Whether it has processes or is about to have them."""
        return self.status in ("Starting", "Running", "Updating", "Stopping")

    def start(self, launch: Launch) -> None:
        """Start the instances in the background; of a running deployment they replace the old."""
        self.revision = secrets.token_hex(4)
        if self.instances:
            self._state("Updating", "STARTED", None, "The new version is being started.")
        else:
            self._state("Starting", "SCHEDULED", None, "The deployment is being started.")
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.get_running_loop().create_task(self._start(launch, self.revision))

    async def _start(self, launch: Launch, revision: str) -> None:
        old, fresh = self.instances, []
        try:
            for number in range(launch.instances):
                instance = Instance(launch, f"{launch.name}-{revision}-{number}")
                fresh.append(instance)
                if not old:
                    self._state("Starting", "INITIALIZED", None, "The script is being loaded.")
                await instance.start()
        except asyncio.CancelledError:
            await asyncio.gather(*(i.stop() for i in fresh), return_exceptions=True)
            raise
        except (PredictorError, OSError) as error:
            self.instances = []
            self._state("Failed", "STARTED", False, f"The predictor did not start: {error}")
            await asyncio.gather(*(i.stop() for i in (*fresh, *old)), return_exceptions=True)
            return
        self.instances = fresh
        self._state("Running", "READY", True, "The deployment is ready.")
        for instance in fresh:
            watcher = asyncio.get_running_loop().create_task(self._watch(instance))
            self._watchers.add(watcher)
            watcher.add_done_callback(self._watchers.discard)
        await asyncio.gather(*(i.stop() for i in old), return_exceptions=True)

    async def _watch(self, instance: Instance) -> None:
        """Note the end of an instance that nobody asked to end."""
        await instance.ended.wait()
        if instance not in self.instances:
            return
        self.instances = [i for i in self.instances if i is not instance]
        logger.warning("deployment %s: %s", self.name, instance.end_reason())
        if not self.instances:
            self._state("Failed", "READY", False, instance.end_reason())

    async def stop(self) -> None:
        """End all instances."""
        instances, self.instances = self.instances, []
        self._state("Stopping", "STOPPED", None, "The deployment is being stopped.")
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await asyncio.gather(*(i.stop() for i in instances), return_exceptions=True)
        self._state("Stopped", "STOPPED", True, "The deployment is not running.")

    async def call(self, body: bytes) -> bytes:
        """Have the least busy instance answer a request body."""
        if not self.instances:
            raise PredictorError(500, "It has just ended.")
        instance = min(self.instances, key=lambda i: i.calls)
        return await instance.call(body)
