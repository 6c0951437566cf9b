"""The Python environments of a project."""

from __future__ import annotations

from hopsworks.core.arguments import checked_text
from hopsworks.core.service import Service

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from hopsworks.environment import Environment


class EnvironmentApi(Service):
    """Makes and finds Python environments. :meth:`hopsworks.project.Project.get_environment_api` returns one.

    Example:
        ```python
        environment_api = project.get_environment_api()
        environment = environment_api.create_environment("train")
        environment.install_requirements("Resources/requirements.txt")
        ```
    """

    __slots__ = ()

    def create_environment(
        self,
        name: str,
        description: str | None = None,
        base_environment_name: str | None = "python-feature-pipeline",
        await_creation: bool | None = True,
        timeout: float | None = None,
    ) -> Environment:
        """Make an environment: a copy of another one that libraries can be installed into.

        Parameters:
            name: Name of the environment.
            description: What it is for.
            base_environment_name: The environment to copy, such as `python-feature-pipeline`.
            await_creation: Wait until it can be used.
            timeout: Longest time to wait, in seconds; None for 30 minutes.

        Returns:
            The environment.

        Raises:
            ValueError: A name is empty; nothing is sent.
            hopsworks.client.exceptions.EnvironmentException: It could not be made, or not in time.
            RestAPIError: The server refuses, for example because there is one of that name.

        Example:
            ```python
            environment = environment_api.create_environment("train", "For training")
            ```
        """
        checked_text(name, "name", "Pass a name for the environment.")
        checked_text(
            base_environment_name,
            "base_environment_name",
            "Pass the name of the environment to copy, such as 'python-feature-pipeline'.",
        )
        body = {
            "name": name,
            "baseImage": {"name": base_environment_name, "description": description},
        }
        environment: Environment = self._call("environment.create", body, name=name)
        if environment.name is None:  # older servers know environments by their version of Python
            environment._set(name=name)
        if await_creation:
            environment._await_commands(f"creation of the environment {name!r}", timeout)
        return environment

    def get_environments(self) -> list[Environment]:
        """Get the environments of the project.

        Returns:
            The environments.

        Raises:
            RestAPIError: The server refuses.

        Example:
            ```python
            names = [environment.name for environment in environment_api.get_environments()]
            ```
        """
        return self._call("environment.list")

    def get_environment(self, name: str) -> Environment | None:
        """Get an environment.

        Parameters:
            name: Name of the environment.

        Returns:
            The environment; None when there is none of that name.

        Raises:
            ValueError: The name is empty; nothing is sent.
            RestAPIError: The server refuses.
        """
        checked_text(
            name, "name", "Pass the name of an environment; get_environments() lists them."
        )
        return self._call("environment.get", name=name)
