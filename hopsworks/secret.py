"""Secrets of a user's account."""

from __future__ import annotations

from hopsworks import _native

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class Secret(_native.Secret):
    """A secret: a name with a value that is shown nowhere but in :attr:`value`.

    Secrets are made and read with :class:`hopsworks.core.secret_api.SecretsApi`.

    Example:
        ```python
        import hopsworks

        hopsworks.login(host="local")
        secret = hopsworks.get_secrets_api().create_secret("warehouse_password", "s3cr3t")
        assert secret.value == "s3cr3t" and "s3cr3t" not in repr(secret)
        secret.delete()
        ```
    """

    __slots__ = ()

    NOT_FOUND_ERROR_CODE = 160048

    def __init__(
        self,
        name: Any = None,
        secret: Any = None,
        added_on: Any = None,
        visibility: Any = None,
        scope: Any = None,
        owner: Any = None,
        type: Any = None,
        href: Any = None,
        expand: Any = None,
        items: Any = None,
        count: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            name=name,
            secret=secret,
            added_on=added_on,
            visibility=visibility,
            scope=scope,
            owner=owner,
        )

    @classmethod
    def from_response_json(cls, json_dict: Any, scope: Any = None) -> list[Secret]:
        """Read the secrets of a response.

        Parameters:
            json_dict: The decoded response, a collection.
            scope: Native scope for the requests of the secrets.

        Returns:
            list[Secret]: The secrets; empty when the response has no ``items``.
        """
        read = super().from_response_json
        return [read(item, scope) for item in json_dict.get("items") or ()]

    def delete(self) -> None:
        """Remove the secret. What reads it afterwards finds nothing.

        Raises:
            RestAPIError: If the server refuses, for example because an environment variable takes its value from it.
        """
        self._account_scope().call("secret.delete", name=self.name)

    def get_url(self) -> str:
        """Address of the secrets in the user interface of the host.

        Returns:
            The address as text.
        """
        return f"{self._account_scope().context.connection.base_url}/account/secrets"

    def _account_scope(self) -> Any:
        if self._scope is None:
            from hopsworks.core.account_api import account_session

            return account_session().scope
        return self._scope

    def __repr__(self) -> str:
        shown = (self.name, self.visibility) + (() if self.owner is None else (self.owner,))
        return f"Secret({', '.join(map(repr, shown))})"
