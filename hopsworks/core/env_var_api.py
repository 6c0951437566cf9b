"""Environment variables of a user's account."""

from __future__ import annotations

import re

from hopsworks.core.account_api import AccountApi
from hopsworks.core.arguments import checked_text

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hopsworks.env_var import EnvVar

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_VISIBILITIES = ("PRIVATE", "PROJECT")
MAX_VALUE_LENGTH = 8192


class EnvVarsApi(AccountApi):
    """The environment variables of the logged-in user's account; from :func:`hopsworks.get_env_vars_api`.

    They are set in every job, deployment, app and notebook that the user starts.

    Example:
        ```python
        import hopsworks

        hopsworks.login(host="local")
        env_vars_api = hopsworks.get_env_vars_api()
        env_vars_api.set_env_var("HF_TOKEN", "hf_123")
        names = [variable.name for variable in env_vars_api.get_env_vars(include_value=False)]
        ```
    """

    def get_env_vars(self, include_value: bool = True) -> list[EnvVar]:
        """List the variables of the account.

        Parameters:
            include_value: Fetch the values too; without, their ``value`` is ``None``.

        Returns:
            A list of :class:`hopsworks.env_var.EnvVar`.

        Raises:
            RestAPIError: If the server refuses.
        """
        return self._call("env_var.list", include_value="true" if include_value else "false")

    def get_env_var(self, name: str) -> EnvVar | None:
        """Read one variable.

        Parameters:
            name: Name of the variable.

        Returns:
            The :class:`hopsworks.env_var.EnvVar`, or ``None`` when there is none of that name.

        Raises:
            ValueError: If the name cannot be; nothing is sent.
        """
        _check_name(name)
        found = self._call("env_var.get", name=name)
        return found[0] if found else None

    def get(self, name: str) -> str | None:
        """Read the value of a variable.

        Parameters:
            name: Name of the variable.

        Returns:
            The value, or ``None`` when there is no such variable or its value lies in a secret.

        Raises:
            ValueError: If the name cannot be; nothing is sent.

        Example:
            ```python
            token = hopsworks.get_env_vars_api().get("HF_TOKEN")
            ```
        """
        found = self.get_env_var(name)
        return None if found is None else found.value

    def create_env_var(
        self,
        name: str,
        value: str | None = None,
        secret_name: str | None = None,
        visibility: str | None = None,
        project_id_scope: int | None = None,
    ) -> EnvVar:
        """Make a variable.

        Parameters:
            name: Letters, digits and underscores, no digit first.
            value: Its value, at most 8192 characters. Not used with ``secret_name``.
            secret_name: Name of a secret of the user that holds the value.
            visibility: ``"PRIVATE"`` (what the server assumes) or ``"PROJECT"``.
            project_id_scope: Number of the project to share it with, for ``"PROJECT"``.

        Returns:
            The new :class:`hopsworks.env_var.EnvVar`.

        Raises:
            ValueError: If an argument cannot be, or neither value nor secret is given; nothing is sent.
            RestAPIError: If the variable exists, the name is reserved or the account has too many of them.

        Example:
            ```python
            env_vars_api = hopsworks.get_env_vars_api()
            env_vars_api.create_env_var("HF_TOKEN", "hf_123")
            ```
        """
        body = _body(name, value, secret_name, visibility, project_id_scope)
        return self._call("env_var.create", body)[0]

    def update_env_var(
        self,
        name: str,
        value: str | None = None,
        secret_name: str | None = None,
        visibility: str | None = None,
        project_id_scope: int | None = None,
    ) -> EnvVar:
        """Replace the value of a variable that exists.

        Parameters:
            name: Name of the variable.
            value: The new value, at most 8192 characters. Not used with ``secret_name``.
            secret_name: Name of a secret of the user that holds the value.
            visibility: ``"PRIVATE"`` or ``"PROJECT"``; ``None`` leaves it to the server.
            project_id_scope: Number of the project to share it with, for ``"PROJECT"``.

        Returns:
            The changed :class:`hopsworks.env_var.EnvVar`.

        Raises:
            ValueError: If an argument cannot be, or neither value nor secret is given; nothing is sent.
            NotFoundError: If there is no such variable.
        """
        body = _body(name, value, secret_name, visibility, project_id_scope)
        return self._call("env_var.update", body, name=name)[0]

    def set_env_var(
        self,
        name: str,
        value: str | None = None,
        secret_name: str | None = None,
        visibility: str | None = None,
        project_id_scope: int | None = None,
    ) -> EnvVar:
        """Make a variable, or replace its value when it exists.

        Parameters:
            name: Letters, digits and underscores, no digit first.
            value: Its value, at most 8192 characters. Not used with ``secret_name``.
            secret_name: Name of a secret of the user that holds the value.
            visibility: ``"PRIVATE"`` or ``"PROJECT"``; ``None`` leaves it to the server.
            project_id_scope: Number of the project to share it with, for ``"PROJECT"``.

        Returns:
            The :class:`hopsworks.env_var.EnvVar`.

        Raises:
            ValueError: If an argument cannot be, or neither value nor secret is given; nothing is sent.
            RestAPIError: If the server refuses.

        Example:
            ```python
            hopsworks.get_env_vars_api().set_env_var("HF_TOKEN", secret_name="hugging_face")
            ```
        """
        body = _body(name, value, secret_name, visibility, project_id_scope)
        if self.get_env_var(name) is None:
            return self._call("env_var.create", body)[0]
        return self._call("env_var.update", body, name=name)[0]

    def delete_env_var(self, name: str) -> None:
        """Remove one variable.

        Parameters:
            name: Name of the variable.

        Raises:
            ValueError: If the name cannot be; nothing is sent.
            NotFoundError: If there is no such variable.
        """
        _check_name(name)
        self._call("env_var.delete", name=name)

    def delete(self, name: str) -> None:
        """Remove one variable; the same as :meth:`delete_env_var`.

        Parameters:
            name: Name of the variable.

        Raises:
            ValueError: If the name cannot be; nothing is sent.
            NotFoundError: If there is no such variable.
        """
        self.delete_env_var(name)

    def delete_all(self) -> None:
        """Remove all variables of the account; without any, nothing happens.

        Raises:
            RestAPIError: If the server refuses.
        """
        self._call("env_var.delete_all")


def _check_name(name: Any) -> None:
    checked_text(name, "name", "Pass the name of the variable.")
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"name is {name!r}; the name of an environment variable has only letters, digits and underscores, and no "
            "digit first."
        )


def _body(
    name: Any, value: Any, secret_name: Any, visibility: Any, project_id_scope: Any
) -> dict[str, Any]:
    """The body of a request that makes or changes a variable, checked."""
    _check_name(name)
    body = {"name": name}
    if secret_name is not None:
        body["secretName"] = checked_text(
            secret_name, "secret_name", "Pass the name of a secret of yours."
        )
    elif value is None:
        raise ValueError(
            f"The variable '{name}' has neither value nor secret_name. Pass one of them."
        )
    elif not isinstance(value, str):
        raise TypeError(
            f"The value of '{name}' is of type {type(value).__name__}. Pass text: str(value)."
        )
    elif len(value) > MAX_VALUE_LENGTH:
        raise ValueError(
            f"The value of '{name}' has {len(value)} characters; {MAX_VALUE_LENGTH} are allowed. Keep it in a file of "
            "a dataset and set its path."
        )
    else:
        body["value"] = value
    if visibility is not None and visibility not in _VISIBILITIES:
        raise ValueError(
            f"visibility is {visibility!r}; it must be one of {', '.join(_VISIBILITIES)}."
        )
    if visibility == "PROJECT" and project_id_scope is None:
        raise ValueError(
            f"The variable '{name}' has visibility 'PROJECT' and no project. Pass project_id_scope, for example "
            "project.id."
        )
    if visibility is not None:
        body["visibility"] = visibility
    if project_id_scope is not None:
        body["projectIdScope"] = project_id_scope
    return body
