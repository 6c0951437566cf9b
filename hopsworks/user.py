"""Users of the cluster."""

from __future__ import annotations

import json

from hopsworks import _native

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

_MASKED = frozenset(("secret", "chosen_password", "repeated_password", "password"))


class _Account:
    """What the two views of a user share."""

    __slots__ = ()

    _FIELDS: tuple[str, ...] = ()

    if TYPE_CHECKING:
        roles: Any

    def _after_decode(self) -> None:
        # A profile has its roles as groups with a description each.
        self.roles = [
            group.get("groupName", group.get("group_name")) if isinstance(group, dict) else group
            for group in self.roles or ()
        ]

    @classmethod
    def from_response_json(cls, json_dict: Any, scope: Any = None) -> Any:
        """Read a user of a response.

        Parameters:
            json_dict: The decoded response, or None.
            scope: Not used; users make no requests.

        Returns:
            The user; None when the response is empty.
        """
        native: Any = super()
        return native.from_response_json(json_dict, scope) if json_dict else None

    def to_dict(self) -> dict[str, Any]:
        """The user by the names of its attributes; passwords and secrets are masked.

        Returns:
            dict: A value, or None, for each attribute.
        """
        found = {name: getattr(self, name) for name in self._FIELDS}
        return {n: "***" if n in _MASKED and v is not None else v for n, v in found.items()}

    def json(self) -> str:
        """The user as JSON text.

        Returns:
            str: JSON of :meth:`to_dict`.
        """
        return json.dumps(self.to_dict())


class User(_Account, _native.User):
    """A user of the cluster, for example a member of a project.

    Example:
        ```python
        import hopsworks

        project = hopsworks.login(host="local")
        user = project.get_members()[0].user
        print(user.email, user.username)
        ```
    """

    __slots__ = ()

    _FIELDS = (
        "email",
        "first_name",
        "last_name",
        "href",
        "username",
        "status",
        "secret",
        "chosen_password",
        "repeated_password",
        "tos",
        "two_factor",
        "user_account_type",
        "tours_state",
        "max_num_projects",
        "test_user",
        "num_active_projects",
        "num_remaining_projects",
        "roles",
    )


class AdminUser(_Account, _native.AdminUser):
    """A user as an administrator of the cluster sees it.

    Users come from :class:`hopsworks.core.users_api.UsersApi`.

    Example:
        ```python
        import hopsworks

        hopsworks.login()
        waiting = [user.email for user in hopsworks.get_users_api().get_users() if user.status == 1]
        ```
    """

    __slots__ = ()

    _FIELDS = (
        "id",
        "email",
        "first_name",
        "last_name",
        "username",
        "account_type",
        "two_factor",
        "tours_state",
        "status",
        "max_num_projects",
        "num_active_projects",
        "activated",
        "last_visited_at",
        "roles",
        "remote_user_groups",
        "password",
    )

    @classmethod
    def from_response_json_list(cls, json_dict: Any) -> list[AdminUser]:
        """Read the users of a response.

        Parameters:
            json_dict: The decoded response: an array, a collection, or None.

        Returns:
            list[AdminUser]: The users.
        """
        items = json_dict.get("items") if isinstance(json_dict, dict) else json_dict
        return [cls.from_response_json(item) for item in items or ()]
