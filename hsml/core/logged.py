"""The logs of a deployment, as users ask for them."""

from __future__ import annotations

import os
import sys
import uuid
import warnings

from hopsworks.client.exceptions import ModelServingException
from hopsworks.constants import MODEL_SERVING
from hopsworks.resource_scope import scope_of
from hsml.core import deployment_logs
from hsml.core.project_files import ProjectFiles

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Iterator
    from typing import Any


class Logged:
    """Behaviour of a deployment with logs."""

    __slots__ = ()

    if TYPE_CHECKING:
        # What a deployment brings.
        name: Any
        predictor: Any

        def get_state(self) -> Any: ...

        def get_url(self) -> str: ...

    def get_logs(self, component: str = "predictor", tail: int = 10) -> None:
        """Write the newest log lines to standard output; :meth:`read_logs` returns them instead.

        Parameters:
            component (str): ``"predictor"`` or ``"transformer"``.
            tail (int): Number of lines of each instance.

        Raises:
            ValueError: If there is no such component.
            RestAPIError: If the server refuses a request.
        """
        deployment_logs.check_component(component)
        status = self.get_state().status
        if status in ("Stopping", "Stopped"):
            sys.stdout.write(
                f"The deployment is {status.lower()}; its earlier logs: {self.get_url()}\n"
            )
            return
        for entry in deployment_logs.fetch(self, component, tail):
            sys.stdout.write(f"Instance name: {entry.instance_name}\n{entry.content}\n\n")

    def read_logs(
        self,
        component: str = "predictor",
        tail: int = 100,
        source: str = "kubernetes",
        since: str | None = None,
        until: str | None = None,
        pod: str | None = None,
    ) -> str:
        """Read the newest log lines.

        Parameters:
            component (str): ``"predictor"`` or ``"transformer"``.
            tail (int): Number of lines of each instance.
            source (str): ``"kubernetes"``; ``"opensearch"`` is deprecated.
            since (str | None): Only lines after this moment, in ISO 8601.
            until (str | None): Only lines before this moment, in ISO 8601.
            pod (str | None): Only lines of this instance.

        Returns:
            str: The lines; with a headline for each instance when there are several.

        Raises:
            ValueError: If there is no such component.
            RestAPIError: If the server refuses the request.

        Example:
            ```python
            print(deployment.read_logs(tail=20))
            ```
        """
        _warn_of_opensearch(source)
        return deployment_logs.read(self, component, tail, source, since, until, pod)

    def tail_logs(
        self,
        component: str = "predictor",
        interval: float = 2.0,
        source: str = "kubernetes",
        since: str | None = "now",
        timeout: float | None = None,
        stop_on_status: str | None = None,
        pod: str | None = None,
    ) -> Iterator[str]:
        """Follow the log lines as they come.

        Parameters:
            component (str): ``"predictor"`` or ``"transformer"``.
            interval (float): Seconds between two questions to the server.
            source (str): ``"kubernetes"``; ``"opensearch"`` is deprecated.
            since (str | None): ``"now"``, a moment in ISO 8601, or None for the newest 200 lines and all that follow.
            timeout (float | None): Seconds after which to end; None goes on.
            stop_on_status (str | None): State of the deployment at which to end, for example ``"Stopped"``.
            pod (str | None): Only lines of this instance.

        Returns:
            Iterator[str]: New lines, as they come.

        Raises:
            ValueError: If there is no such component.
            RestAPIError: If the server refuses a request.

        Example:
            ```python
            for lines in deployment.tail_logs(timeout=60):
                print(lines, end="")
            ```
        """
        _warn_of_opensearch(source)
        deployment_logs.check_component(component)
        return deployment_logs.follow(
            self, component, interval, source, since, timeout, stop_on_status, pod
        )

    def download_logs(self, path: str | None = None, latest: bool = False) -> list[str]:
        """Download the stored logs of instances that have ended.

        Parameters:
            path (str | None): Existing folder below which a new one is made for the files; the working directory by
                default.
            latest (bool): Only the files of the moment at which instances ended last.

        Returns:
            list[str]: Paths of the files.

        Raises:
            ModelServingException: If the folder does not exist, or no logs are stored.
            RestAPIError: If the server refuses a request.

        Example:
            ```python
            for file in deployment.download_logs(latest=True):
                print(open(file).read())
            ```
        """
        parent = os.getcwd() if path is None else os.fspath(path)
        if not os.path.isdir(parent):
            raise ModelServingException(
                f"There is no folder '{parent}'. Pass an existing folder as path."
            )
        source = f"{MODEL_SERVING.LOGS_DATASET}/{MODEL_SERVING.ARCHIVED_LOGS_DIR}/{self.name}"
        files = ProjectFiles(scope_of(self.predictor))
        stored = {}
        if files.exists(source):
            # Names begin with the moment at which the instance ended.
            stored = {
                os.path.basename(e["path"]): e for e in files.entries(source) if not e.get("dir")
            }
        if not stored:
            raise ModelServingException(
                f"No logs of deployment '{self.name}' are stored in {source}. Instances store theirs when they end; those "
                "of running ones come from read_logs()."
            )
        if latest:
            newest = max(name.partition("_")[0] for name in stored)
            stored = {
                name: entry for name, entry in stored.items() if name.partition("_")[0] == newest
            }
        folder = os.path.join(parent, f"logs-deployment-{self.name}_{uuid.uuid4().hex[:16]}")
        os.makedirs(folder)
        found = []
        for name, entry in stored.items():
            target = os.path.join(folder, name)
            files.download(entry["path"], target, entry.get("size") or 0)
            found.append(target)
        return found


def _warn_of_opensearch(source):
    if source == "opensearch":
        warnings.warn(
            "source='opensearch' is deprecated: servers read logs from the running instances. Leave source out.",
            DeprecationWarning,
            stacklevel=3,
        )
