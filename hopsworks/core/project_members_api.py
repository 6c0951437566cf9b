"""Who may use a project, and for what."""

from __future__ import annotations

from hopsworks.core.arguments import checked_text
from hopsworks.core.service import Service

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hopsworks.project_member import ProjectMember

ROLES = ("Data owner", "Data scientist", "Observer", "Feature store restricted")


class ProjectMembersApi(Service):
    """The members of one project; from :meth:`hopsworks.project.Project.get_members_api`.

    Example:
        ```python
        import hopsworks

        members_api = hopsworks.login(host="local").get_members_api()
        emails = [member.email for member in members_api.get_members()]
        ```
    """

    def get_members(self) -> list[ProjectMember]:
        """List the members of the project.

        Returns:
            A list of :class:`hopsworks.project_member.ProjectMember`.

        Raises:
            RestAPIError: If the server refuses.
        """
        return self._call("member.list")

    def add_members(self, emails_and_roles: dict[str, str]) -> list[ProjectMember]:
        """Add several users to the project.

        Parameters:
            emails_and_roles: Role by e-mail address; for the roles see :meth:`add_member`.

        Returns:
            The new members, a list of :class:`hopsworks.project_member.ProjectMember`.

        Raises:
            ValueError: If there is nobody to add, or a role does not exist; nothing is sent.
            ForbiddenError: If the caller does not own the project.
            RestAPIError: If somebody cannot be added.

        Example:
            ```python
            members_api.add_members({"alice@example.com": "Data scientist", "bob@example.com": "Observer"})
            ```
        """
        if not isinstance(emails_and_roles, dict) or not emails_and_roles:
            raise ValueError(
                "emails_and_roles names nobody. Pass a dict with a role for each e-mail address, for example "
                "{'alice@example.com': 'Data scientist'}."
            )
        team = [
            {
                # The server reads this number as text.
                "projectTeamPK": {
                    "projectId": str(self._session.project_id),
                    "teamMember": _checked_email(email),
                },
                "teamRole": checked_role(role),
            }
            for email, role in emails_and_roles.items()
        ]
        self._call("member.add", {"projectTeam": team})
        added = {email.lower() for email in emails_and_roles}
        return [m for m in self.get_members() if m.email is not None and m.email.lower() in added]

    def add_member(self, email: str, role: str) -> ProjectMember:
        """Add a user to the project.

        Parameters:
            email: E-mail address of the user.
            role: ``"Data owner"``, ``"Data scientist"``, ``"Observer"`` or ``"Feature store restricted"``, in any case.

        Returns:
            The new :class:`hopsworks.project_member.ProjectMember`.

        Raises:
            ValueError: If the address is empty or there is no such role; nothing is sent.
            ForbiddenError: If the caller does not own the project.
            RestAPIError: If the user cannot be added.
            RuntimeError: If the server says that the user was added and does not list the user.

        Example:
            ```python
            members_api.add_member("alice@example.com", "Data scientist")
            ```
        """
        added = self.add_members({email: role})
        if not added:
            raise RuntimeError(
                f"The server answered that {email} was added and does not list {email} as a member. "
                "Look again with get_members()."
            )
        return added[0]

    def update_role(self, email: str, role: str) -> ProjectMember | None:
        """Change what a member may do in the project.

        Parameters:
            email: E-mail address of the member.
            role: ``"Data owner"``, ``"Data scientist"``, ``"Observer"`` or ``"Feature store restricted"``, in any case.

        Returns:
            The :class:`hopsworks.project_member.ProjectMember` with the new role; ``None`` when the server does not
            list it any more.

        Raises:
            ValueError: If the address is empty or there is no such role; nothing is sent.
            ForbiddenError: If the caller does not own the project, or the member is its owner.
            NotFoundError: If the user is no member.

        Example:
            ```python
            members_api.update_role("alice@example.com", "Observer")
            ```
        """
        self._set_role(email, checked_role(role))
        wanted = email.lower()
        for member in self.get_members():
            if member.email is not None and member.email.lower() == wanted:
                return member
        return None

    def _set_role(self, email: Any, role: str) -> None:
        self._call("member.set_role", {"role": role}, email=_checked_email(email))

    def remove_member(
        self, email: str, delete_home_dir: bool = False, new_file_owner: str | None = None
    ) -> None:
        """Take a user out of the project.

        Parameters:
            email: E-mail address of the member.
            delete_home_dir: Delete the files of the member's folder in the project; they cannot be recovered.
            new_file_owner: E-mail address of the data owner who takes over that folder; ``None`` for the one who has
                been in the project longest.

        Raises:
            ValueError: If the address is empty; nothing is sent.
            ForbiddenError: If the caller does not own the project, or the member is its owner.
            NotFoundError: If the user is no member.

        Example:
            ```python
            members_api.remove_member("alice@example.com")
            ```
        """
        self._call(
            "member.remove",
            email=_checked_email(email),
            delete_home_dir="true" if delete_home_dir else "false",
            new_file_owner=new_file_owner,
        )


def _checked_email(email: Any) -> str:
    try:
        return checked_text(email, "email", "Pass the e-mail address of the user.")
    except TypeError as error:
        raise ValueError(str(error)) from None


def checked_role(role: Any) -> str:
    """A role in the spelling of the server.

    Parameters:
        role: What the user passed, in any case.

    Returns:
        One of :data:`ROLES`.

    Raises:
        ValueError: If there is no such role.
    """
    if isinstance(role, str):
        for known in ROLES:
            if role.casefold() == known.casefold():
                return known
    raise ValueError(f"role is {role!r}; it must be one of {', '.join(ROLES)}.")
