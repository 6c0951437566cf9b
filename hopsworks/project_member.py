"""Members of a project."""

from __future__ import annotations

import json

from hopsworks import _native

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hopsworks.core.project_members_api import ProjectMembersApi


class ProjectMember(_native.ProjectMember):
    """A user with a role in a project.

    Members come from :meth:`hopsworks.project.Project.get_members`.

    Example:
        ```python
        import hopsworks

        project = hopsworks.login(host="local")
        for member in project.get_members():
            print(member.email, member.role)
        ```
    """

    __slots__ = ()

    @classmethod
    def from_response_json(cls, json_dict: Any, scope: Any = None) -> list[ProjectMember]:
        """Read the members of a response.

        Parameters:
            json_dict: The decoded response: an array, a collection or one member.
            scope: Native scope for the requests of the members.

        Returns:
            list[ProjectMember]: The members.
        """
        read = super().from_response_json
        if isinstance(json_dict, dict):
            json_dict = json_dict.get("items", [json_dict])
        return [read(item, scope) for item in json_dict]

    @property
    def email(self) -> str | None:
        """E-mail address of the member."""
        return None if self.user is None else self.user.email

    @property
    def first_name(self) -> str | None:
        """Given name of the member."""
        return None if self.user is None else self.user.first_name

    @property
    def last_name(self) -> str | None:
        """Family name of the member."""
        return None if self.user is None else self.user.last_name

    @property
    def username(self) -> str | None:
        """Short name of the member, for example ``"meb10000"``."""
        return None if self.user is None else self.user.username

    @property
    def project_id(self) -> int | None:
        """Number of the project."""
        return self._project.get("id") if isinstance(self._project, dict) else None

    def update_role(self, role: str) -> ProjectMember:
        """Change what the member may do in the project.

        Parameters:
            role: ``"Data owner"``, ``"Data scientist"``, ``"Observer"`` or ``"Feature store restricted"``, in any case.

        Returns:
            This member, with the new role.

        Raises:
            ValueError: If there is no such role; nothing is sent.
            ForbiddenError: If the caller does not own the project, or the member is its owner.

        Example:
            ```python
            member = next(m for m in project.get_members() if m.email == "alice@example.com")
            member.update_role("Observer")
            ```
        """
        from hopsworks.core.project_members_api import checked_role

        role = checked_role(role)
        self._api()._set_role(self.email, role)
        self._set(role=role)
        return self

    def remove(self, delete_home_dir: bool = False, new_file_owner: str | None = None) -> None:
        """Take the member out of the project.

        Parameters:
            delete_home_dir: Delete the files of the member's folder in the project; they cannot be recovered.
            new_file_owner: E-mail address of the data owner who takes over that folder; ``None`` for the one who has
                been in the project longest.

        Raises:
            ForbiddenError: If the caller does not own the project, or the member is its owner.
            NotFoundError: If the user is no member any more.
        """
        self._api().remove_member(self.email, delete_home_dir, new_file_owner)  # type: ignore[arg-type]

    def _api(self) -> ProjectMembersApi:
        from hopsworks.core.project_members_api import ProjectMembersApi

        return ProjectMembersApi(None if self._scope is None else self._scope.context)

    def to_dict(self) -> dict[str, Any]:
        """The member as a dict.

        Returns:
            dict: ``user``, as :meth:`hopsworks.user.User.to_dict` returns it, and ``teamRole``.
        """
        return {
            "user": None if self.user is None else self.user.to_dict(),
            "teamRole": self.role,
        }

    def json(self) -> str:
        """The member as JSON text.

        Returns:
            str: JSON of :meth:`to_dict`.
        """
        return json.dumps(self.to_dict())

    def __str__(self) -> str:
        return self.json()

    def __repr__(self) -> str:
        return f"ProjectMember({self.email!r}, {self.role!r})"
