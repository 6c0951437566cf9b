"""Apps: web programs that a project runs."""

from __future__ import annotations

import json

from hopsworks import _native
from hopsworks._log import get_logger
from hopsworks.client.exceptions import JobExecutionException, NotFoundError
from hopsworks.core.polling import attempts
from hopsworks.execution import FAILED, address_of_page
from hopsworks.resource_scope import scope_of

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Callable
    from typing import Any

_logger = get_logger(__name__)

SERVING_SECONDS = 600.0
STOP_SECONDS = 30.0
LONGEST_PAUSE = 3.0
_FAILED = FAILED | {"SUBMISSION_FAILED"}
_ENDED = _FAILED | {"FINISHED", "SUCCEEDED", "STOPPED"}
_STOPPED = frozenset(("KILLED", "STOPPED", "FAILED", "FINISHED"))


class App(_native.App):
    """A web program that a project runs. :class:`hopsworks.core.app_api.AppApi` makes and finds them.

    Example:
        ```python
        app = project.get_app_api().get_app("dashboard")
        app.run()
        address = app.app_url
        app.stop()
        ```
    """

    @classmethod
    def from_response_json_list(cls, json_list: Any, scope: Any = None) -> list[App]:
        """Read the apps of a response.

        Parameters:
            json_list: The decoded response: a list, or a collection.
            scope: Where their requests go; None for the default connection.

        Returns:
            The apps.
        """
        items = json_list.get("items") if isinstance(json_list, dict) else json_list
        return [cls.from_response_json(item, scope) for item in items or ()]

    def _call(self, operation: str, body: Any = None, **parameters: Any) -> Any:
        return scope_of(self).call(operation, body, name=self.name, **parameters)

    def _refresh(self) -> None:
        try:
            answer = self._call("app.get")
        except NotFoundError:
            raise JobExecutionException(
                f"The app {self.name!r} does not exist any more. Make it again with create_app()."
            ) from None
        self.update_from_response_json(answer.to_dict())

    @property
    def app_url(self) -> str | None:
        """Address of the page, while the app serves or sleeps; None otherwise."""
        if not self._app_url or not (self.serving or self.state == "IDLE"):
            return None
        return address_of_page(self._app_url, self._base_url)

    @property
    def public_url(self) -> str | None:
        """Address that everybody can open, once :meth:`make_public` was called; None otherwise."""
        if not self._public_token:
            return None
        from urllib.parse import quote

        project = quote(scope_of(self).context.project_name or "", safe="")
        name, token = quote(self.name or "", safe=""), quote(self._public_token, safe="")
        return f"{self._base_url}/hopsworks-api/pythonapp/{project}/{name}/__public?t={token}"

    @property
    def _base_url(self) -> str:
        return scope_of(self).context.connection.base_url.rstrip("/")

    def get_url(self) -> str:
        """Address of the apps of the project in the user interface of the host.

        Returns:
            The address as text.
        """
        return f"{self._base_url}/p/{scope_of(self).context.project_id}/apps"

    def run(self, await_serving: bool = True) -> App:
        """Start the app.

        Parameters:
            await_serving: Wait until it serves, 10 minutes at most. The server is asked at once, then at pauses that
                grow to three seconds.

        Returns:
            The app itself, brought up to date.

        Raises:
            hopsworks.client.exceptions.JobExecutionException: It failed, ended, or does not serve in time.
            RestAPIError: The server refuses.

        Example:
            ```python
            address = app.run().app_url
            ```
        """
        if self._env_vars:
            started = self._call("execution.start_with", {"envVars": self._env_vars})
        else:
            started = self._call("execution.start", "", headers={"Content-Type": "text/plain"})
        return self._follow(await_serving, started.id if started is not None else None)

    def redeploy(self, await_serving: bool = True) -> App:
        """Deploy the app again, for example with the newest commit of its git repository.

        Parameters:
            await_serving: Wait until it serves, 10 minutes at most.

        Returns:
            The app itself, brought up to date.

        Raises:
            hopsworks.client.exceptions.JobExecutionException: It failed, ended, or does not serve in time.
            RestAPIError: The server refuses.
        """
        self._call("app.redeploy")
        return self._follow(await_serving, None)

    def _follow(self, await_serving: bool, execution: int | None) -> App:
        if not await_serving:
            self._refresh()
            return self
        if not self._poll(lambda: self._serves(execution), SERVING_SECONDS):
            raise JobExecutionException(
                f"The app {self.name!r} does not serve after {SERVING_SECONDS:g} s; its state is {self.state}. It may "
                f"still do so; app.get_logs() shows what it prints."
            )
        return self

    def _serves(self, execution: int | None) -> bool:
        """Whether it serves, or sleeps until the next request; raises when it has ended."""
        if self.serving or self.state == "IDLE":
            return True
        # What is told may still be how an earlier execution ended, or that there was none.
        over = _FAILED
        if execution is not None and self.execution_id is not None:
            over = _ENDED if self.execution_id == execution else frozenset()
        if self.state in over:
            raise JobExecutionException(
                f"The app {self.name!r} is {self.state} and does not serve. app.get_logs() shows what it has printed."
            )
        return False

    def _poll(self, is_reached: Callable[[], bool], seconds: float) -> bool:
        """Bring the object up to date until something is reached; False when the time is over first."""
        for _ in attempts(seconds, LONGEST_PAUSE):
            before = self.state
            self._refresh()
            if is_reached():
                return True
            if self.state != before:
                _logger.info("The app %r is %s.", self.name, self.state)
        return False

    def stop(self) -> App:
        """Stop the app, and wait until it has ended, 30 seconds at most. Without an execution nothing happens.

        Returns:
            The app itself, brought up to date.

        Raises:
            RestAPIError: The server refuses.
        """
        if self.execution_id is None:
            return self
        self._call(
            "execution.stop",
            json.dumps({"state": "stopped"}),
            id=self.execution_id,
            headers={"Content-Type": "application/json"},
        )
        if not self._poll(lambda: self.state in _STOPPED, STOP_SECONDS):
            _logger.warning(
                "The app %r has not ended after %g s; its state is %s. It is being stopped.",
                *(self.name, STOP_SECONDS, self.state),
            )
        return self

    def make_public(self) -> str | None:
        """Let everybody open the app who has its public address.

        Returns:
            The address.

        Raises:
            RestAPIError: The server refuses.

        Example:
            ```python
            address = app.make_public()
            ```
        """
        self._publish(True)
        return self.public_url

    def make_private(self) -> None:
        """Let only members of the project open the app; its public address ends.

        Raises:
            RestAPIError: The server refuses.
        """
        self._publish(False)

    def _publish(self, enabled: bool) -> None:
        answer = self._call("app.publish", {"enabled": enabled}) or {}
        self._set(public_access=enabled, _public_token=answer.get("publicToken"))

    def get_logs(self) -> dict[str, str]:
        """Read what the newest execution has printed.

        Returns:
            A dict with `stdout` and `stderr`.

        Raises:
            hopsworks.client.exceptions.JobExecutionException: The app has not run yet; nothing is sent.
            RestAPIError: The server does not hand out a log.

        Example:
            ```python
            last_lines = app.get_logs()["stderr"].splitlines()[-5:]
            ```
        """
        if self.execution_id is None:
            raise JobExecutionException(
                f"The app {self.name!r} has not run yet, so it has no logs. app.run() starts it."
            )
        found = {}
        for stream, kind in (("stdout", "out"), ("stderr", "err")):
            answer = self._call("app.log", id=self.execution_id, kind=kind) or {}
            found[stream] = answer.get("log") or ""
        return found

    def delete(self) -> None:
        """Delete the app with its executions. What runs of it is stopped.

        Raises:
            RestAPIError: The server refuses.
        """
        self._call("job.delete")
