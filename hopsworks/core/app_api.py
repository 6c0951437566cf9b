"""The apps of a project: web programs such as Streamlit pages."""

from __future__ import annotations

from hopsworks.client.exceptions import NotFoundError
from hopsworks.core.app_configuration import APP_KINDS, EXTENSIONS, LABELS, configuration
from hopsworks.core.arguments import checked_text
from hopsworks.core.service import Service

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Literal

    from hopsworks.app import App


class AppApi(Service):
    """Makes and finds apps. :meth:`hopsworks.project.Project.get_app_api` returns one.

    Example:
        ```python
        app_api = project.get_app_api()
        app = app_api.create_app("dashboard", "Resources/dashboard.py")
        app.run()
        address = app.app_url
        ```
    """

    __slots__ = ()

    APP_KINDS = APP_KINDS
    APP_KIND_EXTENSIONS = EXTENSIONS
    APP_KIND_LABELS = LABELS

    def get_apps(self) -> list[App]:
        """Get the apps of the project.

        Returns:
            The apps.

        Raises:
            RestAPIError: The server refuses.

        Example:
            ```python
            serving = [app.name for app in app_api.get_apps() if app.serving]
            ```
        """
        return self._call("app.list")

    def get_app(self, name: str) -> App | None:
        """Get an app.

        Parameters:
            name: Name of the app.

        Returns:
            The app; None when there is none of that name.

        Raises:
            ValueError: The name is empty; nothing is sent.
            RestAPIError: The server refuses.
        """
        checked_text(name, "name", "Pass the name of an app; get_apps() lists them.")
        try:
            return self._call("app.get", name=name)
        except NotFoundError:
            return None

    def create_app(
        self,
        name: str,
        app_path: str | None = None,
        environment: str = "python-app-pipeline",
        memory: int = 2048,
        cores: float = 1.0,
        env_vars: dict[str, str] | None = None,
        app_kind: Literal["STREAMLIT", "CUSTOM", "FLASK", "GRADIO", "NODEJS"] = "STREAMLIT",
        entrypoint_command: str | None = None,
        app_port: int | None = None,
        description: str | None = None,
        git_url: str | None = None,
        git_provider: Literal["GitHub", "GitLab", "BitBucket"] | None = None,
        git_branch: str | None = None,
        git_auto_redeploy: bool = False,
        entrypoint_script: str | None = None,
        app_base_path: str | None = None,
        readiness_probe_path: str | None = None,
        db_access: bool = True,
        idle_scale_to_zero: bool | None = None,
        idle_cooldown_seconds: int | None = None,
        cold_start_timeout_seconds: int | None = None,
    ) -> App:
        """Make an app, or replace the configuration of the app of that name. It does not run yet.

        An app of kind `CUSTOM` is started by its command. The others are started by their file, which lies in the
        project (`app_path`) or in a git repository (`git_url`, `git_provider` and `entrypoint_script`).

        Parameters:
            name: Name of the app.
            app_path: Path of its file in the project, such as `Resources/dashboard.py`. Not used with `git_url`.
            environment: Python environment that it runs in.
            memory: Memory in MB.
            cores: Number of cores.
            env_vars: Environment variables of the executions that this object starts.
            app_kind: `STREAMLIT`, `FLASK`, `GRADIO`, `NODEJS` or `CUSTOM`.
            entrypoint_command: Command that starts an app of kind `CUSTOM`.
            app_port: Port that it listens on. Not used for `STREAMLIT`.
            description: What it is for.
            git_url: Address of a git repository that it comes from.
            git_provider: `GitHub`, `GitLab` or `BitBucket`; needed with `git_url` and used only then.
            git_branch: Branch of the repository; None for its main branch. Used only with `git_url`.
            git_auto_redeploy: Deploy it again after each new commit.
            entrypoint_script: Its file in the git repository.
            app_base_path: Path below which it serves.
            readiness_probe_path: Path that is asked to see whether it is ready.
            db_access: Whether it may reach the online feature store.
            idle_scale_to_zero: Let it go to sleep while nobody uses it; None for what the other two say.
            idle_cooldown_seconds: Seconds without a request after which it goes to sleep.
            cold_start_timeout_seconds: Seconds for which a request waits until it has woken up.

        Returns:
            The app.

        Raises:
            ValueError: Something is missing, or does not go with the kind of app; nothing is sent.
            RestAPIError: The server refuses.

        Example:
            ```python
            app = app_api.create_app(
                "board", app_kind="CUSTOM", entrypoint_command="python -m http.server 8080", app_port=8080
            )
            ```
        """
        config = configuration(
            name=name,
            project_name=self._session.project_name,
            app_path=app_path,
            environment=environment,
            memory=memory,
            cores=cores,
            env_vars=env_vars,
            app_kind=app_kind,
            entrypoint_command=entrypoint_command,
            app_port=app_port,
            description=description,
            git_url=git_url,
            git_provider=git_provider,
            git_branch=git_branch,
            git_auto_redeploy=git_auto_redeploy,
            entrypoint_script=entrypoint_script,
            app_base_path=app_base_path,
            readiness_probe_path=readiness_probe_path,
            db_access=db_access,
            idle_scale_to_zero=idle_scale_to_zero,
            idle_cooldown_seconds=idle_cooldown_seconds,
            cold_start_timeout_seconds=cold_start_timeout_seconds,
        )
        self._call("job.put", config, name=name)
        app: App = self._call("app.get", name=name)
        # The service keeps no variables of an app; each execution is given them.
        app._env_vars = dict(env_vars) if env_vars else None
        return app
