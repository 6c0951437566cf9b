"""The process of one execution of a Python job.

Run as a program it gives up rights and becomes the script: ``python script arguments``. The server
side starts it in a session and a private folder of its own, with standard output and error going
straight to the log files, and ends whatever the script has left behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

STOP_SECONDS = 5.0


class Launch(NamedTuple):
    """What is needed to run a script.

    Attributes:
        script: the Python file.
        arguments: its arguments.
        environment: the whole environment of the process.
        folder: the working folder; made before and removed after.
        files: files that are copied into it.
        stdout, stderr: the log files, which exist.
    """

    script: Path
    arguments: list[str]
    environment: dict[str, str]
    folder: Path
    files: list[Path]
    stdout: Path
    stderr: Path


class JobProcess:
    """A script that runs. Used on the event loop only.

    Attributes:
        stop_requested: somebody asked for its end.
    """

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = asyncio.Event()
        self.stop_requested = False

    async def run(self) -> int | None:
        """Run the script to its end and return its exit code; None when it was stopped before.

        Raises:
            OSError: the process or its folder cannot be made.
        """
        launch = self._launch
        try:
            await asyncio.get_running_loop().run_in_executor(None, self._prepare)
            if self.stop_requested:
                return None
            with open(launch.stdout, "ab") as out, open(launch.stderr, "ab") as err:
                # Started by the event loop's thread: the kernel ties the child's life to that thread.
                self._process = subprocess.Popen(
                    [
                        *(sys.executable, "-P", "-m", "hopsworks.local.job_process"),
                        *(str(os.getpid()), str(launch.script), *launch.arguments),
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    cwd=launch.folder,
                    env=launch.environment,
                    start_new_session=True,
                )
            await self._exit()
            # Before the exit status is collected: until then no other group can have this number.
            self._signal(signal.SIGKILL)
            return self._process.wait()
        finally:
            self._ended.set()
            await asyncio.get_running_loop().run_in_executor(None, self._clean)

    def _prepare(self) -> None:
        folder = self._launch.folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file in self._launch.files:
            shutil.copyfile(file, folder / file.name)

    def _clean(self) -> None:
        shutil.rmtree(self._launch.folder, ignore_errors=True)
        for log in (self._launch.stdout, self._launch.stderr):
            with contextlib.suppress(OSError):
                descriptor = os.open(log, os.O_RDONLY)
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)

    async def _exit(self) -> None:
        """Wait for the end of the process without collecting its exit status."""
        assert self._process is not None
        pid, pause = self._process.pid, 0.005
        while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            await asyncio.sleep(pause)
            pause = min(pause * 1.3, 0.1)

    async def stop(self) -> None:
        """End the script with all that it started: politely, then by force."""
        self.stop_requested = True
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._ended.wait(), STOP_SECONDS)
        except TimeoutError:
            self._signal(signal.SIGKILL)
            await self._ended.wait()

    def _signal(self, number: int) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)


def main() -> None:
    """Give up rights and become the script."""
    from hopsworks.local.predictor_host import give_up_rights

    server, script, *arguments = sys.argv[1:]
    give_up_rights(int(server))
    # What was given up stays given up, also in the program that takes the place of this one.
    os.execv(sys.executable, [sys.executable, script, *arguments])


if __name__ == "__main__":
    main()
