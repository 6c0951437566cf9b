"""Environment variables of a user's account."""

from __future__ import annotations

from hopsworks import _native

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class EnvVar(_native.EnvVar):
    """An environment variable of the account, set in every program that the cluster starts for its owner.

    Variables are made and read with :class:`hopsworks.core.env_var_api.EnvVarsApi`. Their values are often
    keys, so they are masked wherever a variable is shown or written.

    Example:
        ```python
        import hopsworks

        hopsworks.login(host="local")
        variable = hopsworks.get_env_vars_api().set_env_var("HF_TOKEN", "hf_123")
        assert variable.value == "hf_123" and variable.to_dict()["value"] == "***"
        variable.delete()
        ```
    """

    __slots__ = ()

    NOT_FOUND_ERROR_CODE = 160070

    def __init__(
        self,
        name: Any = None,
        value: Any = None,
        secret_name: Any = None,
        secret_backed: Any = None,
        added_on: Any = None,
        updated_on: Any = None,
        type: Any = None,
        href: Any = None,
        expand: Any = None,
        items: Any = None,
        count: Any = None,
        visibility: Any = None,
        project_id_scope: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            name=name,
            value=value,
            secret_name=secret_name,
            secret_backed=secret_backed,
            added_on=added_on,
            updated_on=updated_on,
            visibility=visibility,
            project_id_scope=project_id_scope,
        )

    @classmethod
    def from_response_json(cls, json_dict: Any, scope: Any = None) -> list[EnvVar]:
        """Read the variables of a response.

        Parameters:
            json_dict: The decoded response, a collection.
            scope: Native scope for the requests of the variables.

        Returns:
            list[EnvVar]: The variables; empty when the response has no ``items``.
        """
        read = super().from_response_json
        return [read(item, scope) for item in json_dict.get("items") or ()]

    def to_dict(self) -> dict[str, Any]:
        """The variable with its value masked.

        Returns:
            dict: ``name``, ``value`` (``"***"`` or None), ``visibility``, ``project_id_scope``, ``added_on`` and
            ``updated_on``; of a variable whose value lies in a secret, ``secret_name`` and ``secret_backed`` too.
        """
        found = {
            "name": self.name,
            "value": None if self.value is None else "***",
            "visibility": self.visibility,
            "project_id_scope": self.project_id_scope,
            "added_on": self.created,
            "updated_on": self.updated,
        }
        if self.secret_name is not None:
            backed = self.secret_backed
            found |= {
                "secret_name": self.secret_name,
                "secret_backed": True if backed is None else backed,
            }
        return found

    def delete(self) -> None:
        """Remove the variable from the account.

        Raises:
            NotFoundError: If it does not exist any more.
        """
        self._account_scope().call("env_var.delete", name=self.name)

    def get_url(self) -> str:
        """Address of the variables in the user interface of the host.

        Returns:
            The address as text.
        """
        return f"{self._account_scope().context.connection.base_url}/account/env-variables"

    def _account_scope(self) -> Any:
        if self._scope is None:
            from hopsworks.core.account_api import account_session

            return account_session().scope
        return self._scope

    def __repr__(self) -> str:
        return f"EnvVar({self.name!r})"

    def __str__(self) -> str:
        return self.json()
