"""Secrets of a user's account: passwords and keys that programs read by name."""

from __future__ import annotations

from hopsworks._log import get_logger
from hopsworks.core.account_api import AccountApi
from hopsworks.core.arguments import checked_text

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from os import PathLike
    from typing import Any

    from hopsworks.secret import Secret

_logger = get_logger(__name__)

MAX_SECRET_VALUE_LENGTH = 9000


class SecretsApi(AccountApi):
    """The secrets of the logged-in user; from :func:`hopsworks.get_secrets_api`.

    Example:
        ```python
        import hopsworks

        hopsworks.login(host="local")
        secrets_api = hopsworks.get_secrets_api()
        secrets_api.create_secret("warehouse_password", "s3cr3t")
        password = secrets_api.get("warehouse_password")
        ```
    """

    def get_secrets(self) -> list[Secret]:
        """List the secrets of the user, without their values.

        Returns:
            A list of :class:`hopsworks.secret.Secret`; their ``value`` is ``None``.

        Raises:
            RestAPIError: If the server refuses.
        """
        return self._call("secret.list")

    def get_secret(self, name: str, owner: str | None = None) -> Secret | None:
        """Read a secret with its value.

        Parameters:
            name: Name of the secret.
            owner: Username of another user who shares the secret with a project of this user.

        Returns:
            The :class:`hopsworks.secret.Secret`, or ``None`` when there is none of that name.

        Raises:
            ValueError: If the name is empty or ``"shared"``; nothing is sent.
            ForbiddenError: If the secret of the other user is private.

        Example:
            ```python
            secret = hopsworks.get_secrets_api().get_secret("warehouse_password")
            ```
        """
        _check_name(name)
        if owner is None:
            found = self._call("secret.get", name=name)
        else:
            found = self._call("secret.get_shared", name=name, owner=owner)
        return found[0] if found else None

    def get(self, name: str, owner: str | None = None) -> str:
        """Read the value of a secret. At a terminal or in a notebook, a missing one is asked for and made.

        Parameters:
            name: Name of the secret.
            owner: Username of another user who shares the secret with a project of this user.

        Returns:
            The value.

        Raises:
            LookupError: If there is no such secret and nobody can be asked for it, or it is another user's.
            ForbiddenError: If the secret of the other user is private.

        Example:
            ```python
            password = hopsworks.get_secrets_api().get("warehouse_password")
            ```
        """
        secret = self.get_secret(name, owner)
        if secret is not None and secret.value is not None:
            return secret.value
        if owner is not None:
            raise LookupError(
                f"User {owner} has no secret '{name}' that this user can read. Ask {owner} for the name, and to "
                "share it with a project of which both are members."
            )
        from hopsworks.config import interactive

        if not interactive():
            raise LookupError(
                f"There is no secret '{name}'. Make it with hopsworks.get_secrets_api().create_secret('{name}', ...)."
            )
        from getpass import getpass

        value = getpass(f"There is no secret '{name}' yet. Enter its value to make it: ")
        self.create_secret(name, value)
        return value

    def create_secret(self, name: str, value: str, project: str | None = None) -> Secret:
        """Make a secret.

        Parameters:
            name: Name of the secret.
            value: The secret itself, text.
            project: Name of a project whose members can read it too; ``None`` keeps it private.

        Returns:
            The new :class:`hopsworks.secret.Secret`.

        Raises:
            TypeError: If name or value is no text; nothing is sent.
            ValueError: If name or value is empty, or the name is ``"shared"``; nothing is sent.
            ConflictError: If a secret of that name exists.
            NotFoundError: If there is no such project.

        Example:
            ```python
            secret = hopsworks.get_secrets_api().create_secret("warehouse_password", "s3cr3t")
            ```
        """
        _check_name(name)
        checked_text(
            value, "value", f"Pass the value of the secret '{name}' as text; encode bytes first."
        )
        body = {"name": name, "secret": value, "visibility": "PRIVATE"}
        if project is not None:
            checked_text(
                project, "project", "Pass the name of a project, or None for a private secret."
            )
            shared_with = self._call("project.get_by_name", name=project)
            body |= {"visibility": "PROJECT", "scope": shared_with.id}
        self._call("secret.create", body)
        secret = self.get_secret(name)
        if secret is None:
            raise LookupError(
                f"The secret '{name}' was removed by another program right after it was made. Make it again."
            )
        _logger.info("Secret %s was made; see %s", name, secret.get_url())
        return secret

    def create_secret_from_file(
        self, name: str, local_path: str | PathLike[str], project: str | None = None
    ) -> Secret:
        """Make a secret from the content of a file, encoded as base64 text.

        Parameters:
            name: Name of the secret.
            local_path: The file; ``~`` stands for the home folder.
            project: Name of a project whose members can read it too; ``None`` keeps it private.

        Returns:
            The new :class:`hopsworks.secret.Secret`; ``base64.b64decode(secret.value)`` is the content.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If the file is empty, or its text would be longer than 9000 characters; nothing is sent.
            ConflictError: If a secret of that name exists.

        Example:
            ```python
            secrets_api = hopsworks.get_secrets_api()
            secret = secrets_api.create_secret_from_file("deploy_key", "~/.ssh/id_ed25519")
            ```
        """
        import base64
        import os

        path = os.path.expanduser(local_path)
        limit = MAX_SECRET_VALUE_LENGTH // 4 * 3
        if not os.path.exists(path):
            raise FileNotFoundError(f"There is no file {os.path.abspath(path)}. Check local_path.")
        with open(path, "rb") as file:
            content = file.read(limit + 1)
        if len(content) > limit:
            raise ValueError(
                f"{path} is too large for a secret: {os.path.getsize(path)} bytes, and at most {limit} fit into the "
                f"{MAX_SECRET_VALUE_LENGTH} characters of one. Store a key for the file, and the file in a dataset."
            )
        if not content:
            raise ValueError(f"{path} is empty. Pass a file with content.")
        return self.create_secret(name, base64.b64encode(content).decode("ascii"), project)


def _check_name(name: Any) -> None:
    checked_text(name, "name", "Pass the name of the secret.")
    if name == "shared":
        raise ValueError(
            "name is 'shared'; its address is that of the secrets of other users. Choose another name."
        )
