"""The users of the cluster, for its administrators."""

from __future__ import annotations

from hopsworks.client.exceptions import NotFoundError
from hopsworks.core.account_api import AccountApi
from hopsworks.core.arguments import checked_text

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hopsworks.user import AdminUser

ROLES = ("HOPS_ADMIN", "HOPS_USER", "HOPS_SERVICE_USER")
# The place of a word is its number in the answers of a server.
STATUSES = (
    "NEW_MOBILE_ACCOUNT",
    "VERIFIED_ACCOUNT",
    "ACTIVATED_ACCOUNT",
    "DEACTIVATED_ACCOUNT",
    "BLOCKED_ACCOUNT",
    "LOST_MOBILE",
    "SPAM_ACCOUNT",
    "TEMP_PASSWORD",
)


class UsersApi(AccountApi):
    """The users of the cluster; from :func:`hopsworks.get_users_api`. Everything here takes an administrator.

    Example:
        ```python
        import hopsworks

        hopsworks.login()
        users_api = hopsworks.get_users_api()
        user = users_api.register_user("alice@example.com", "Alice", "Smith")
        users_api.activate_user(user.id)
        ```
    """

    def get_users(self) -> list[AdminUser]:
        """List the users of the cluster.

        Returns:
            A list of :class:`hopsworks.user.AdminUser`.

        Raises:
            ForbiddenError: If the caller is no administrator.

        Example:
            ```python
            emails = [user.email for user in hopsworks.get_users_api().get_users()]
            ```
        """
        return self._call("admin_user.list")

    def get_user(self, user_id: int) -> AdminUser | None:
        """Find a user by number.

        Parameters:
            user_id: Number of the user.

        Returns:
            The :class:`hopsworks.user.AdminUser`, or ``None`` when there is none.

        Raises:
            ValueError: If it is no number; nothing is sent. The same holds for every method that takes one.
            ForbiddenError: If the caller is no administrator.
        """
        try:
            return self._call("admin_user.get", id=_checked_number(user_id))
        except NotFoundError:
            return None

    def get_user_by_email(self, email: str) -> AdminUser | None:
        """Find a user by e-mail address.

        Parameters:
            email: The address, in any case.

        Returns:
            The :class:`hopsworks.user.AdminUser`, or ``None`` when there is none.

        Raises:
            ValueError: If the address is empty; nothing is sent.
            ForbiddenError: If the caller is no administrator.

        Example:
            ```python
            alice = hopsworks.get_users_api().get_user_by_email("alice@example.com")
            ```
        """
        wanted = _checked(email, "email", "the e-mail address of the user").lower()
        for user in self.get_users():
            if user.email is not None and user.email.lower() == wanted:
                return user
        return None

    def register_user(
        self,
        email: str,
        first_name: str,
        last_name: str,
        password: str | None = None,
        max_num_projects: int | None = None,
        role: str = "HOPS_USER",
        status: str | None = None,
    ) -> AdminUser:
        """Register a user who logs in with a password.

        Parameters:
            email: E-mail address of the user.
            first_name: Given name.
            last_name: Family name.
            password: The password; ``None`` lets the server make one up.
            max_num_projects: How many projects the user may own; ``None`` for what the cluster allows.
            role: ``"HOPS_ADMIN"``, ``"HOPS_USER"`` or ``"HOPS_SERVICE_USER"``, in any case.
            status: State of the account, such as ``"ACTIVATED_ACCOUNT"``, in any case; ``None`` for what the cluster
                does with new users.

        Returns:
            The new :class:`hopsworks.user.AdminUser`. Its ``password`` is the one that the server made up; it is shown
            nowhere else and cannot be asked for again.

        Raises:
            ValueError: If a name or the address is empty, or there is no such role or status; nothing is sent.
            ForbiddenError: If the caller is no administrator.
            RestAPIError: If the user cannot be registered, for example because the address is taken.

        Example:
            ```python
            user = hopsworks.get_users_api().register_user("alice@example.com", "Alice", "Smith")
            hand_over(user.password)
            ```
        """
        if password is not None:
            _checked(password, "password", "the password, or None to let the server make one up")
        return self._call(
            "admin_user.create",
            account_type="M_ACCOUNT_TYPE",
            email=_checked(email, "email", "the e-mail address of the user"),
            given_name=_checked(first_name, "first_name", "the given name of the user"),
            surname=_checked(last_name, "last_name", "the family name of the user"),
            role=_word(ROLES, role, "role"),
            password=password,
            max_num_projects=_checked_limit(max_num_projects),
            status=None if status is None else _word(STATUSES, status, "status"),
        )

    def set_role(self, user_id: int, role: str) -> AdminUser:
        """Give a user another role in the cluster.

        Parameters:
            user_id: Number of the user.
            role: ``"HOPS_ADMIN"``, ``"HOPS_USER"`` or ``"HOPS_SERVICE_USER"``, in any case.

        Returns:
            The changed :class:`hopsworks.user.AdminUser`.

        Raises:
            ValueError: If there is no such role; nothing is sent.
            NotFoundError: If there is no such user.
            ForbiddenError: If the caller is no administrator.
        """
        return self._call(
            "admin_user.set_role",
            _word(ROLES, role, "role"),
            id=_checked_number(user_id),
            headers={"Content-Type": "text/plain"},
        )

    def update_user(self, user_id: int, max_num_projects: int) -> AdminUser:
        """Change how many projects a user may own.

        Parameters:
            user_id: Number of the user.
            max_num_projects: How many projects.

        Returns:
            The changed :class:`hopsworks.user.AdminUser`.

        Raises:
            ValueError: If it is no number; nothing is sent.
            NotFoundError: If there is no such user.
            ForbiddenError: If the caller is no administrator.
        """
        if max_num_projects is None:
            raise ValueError("max_num_projects is None. Pass how many projects the user may own.")
        body = {"maxNumProjects": _checked_limit(max_num_projects)}
        return self._call("admin_user.update", body, id=_checked_number(user_id))

    def activate_user(self, user_id: int) -> AdminUser:
        """Activate the account of a user, who can log in from then on.

        Parameters:
            user_id: Number of the user.

        Returns:
            The changed :class:`hopsworks.user.AdminUser`.

        Raises:
            NotFoundError: If there is no such user.
            ForbiddenError: If the caller is no administrator.
        """
        return self._call("admin_user.accept", {}, id=_checked_number(user_id))

    def reject_user(self, user_id: int) -> AdminUser:
        """Reject the account of a user who asked for one.

        Parameters:
            user_id: Number of the user.

        Returns:
            The changed :class:`hopsworks.user.AdminUser`.

        Raises:
            NotFoundError: If there is no such user.
            ForbiddenError: If the caller is no administrator.
        """
        return self._call("admin_user.reject", id=_checked_number(user_id))

    def resend_confirmation_email(self, user_id: int) -> AdminUser:
        """Send a user the e-mail again in which the address is confirmed.

        Parameters:
            user_id: Number of the user.

        Returns:
            The :class:`hopsworks.user.AdminUser`.

        Raises:
            NotFoundError: If there is no such user.
            ForbiddenError: If the caller is no administrator.
        """
        return self._call("admin_user.resend", id=_checked_number(user_id))

    def delete_user(self, user_id: int) -> None:
        """Remove a user from the cluster.

        Parameters:
            user_id: Number of the user.

        Raises:
            NotFoundError: If there is no such user.
            ForbiddenError: If the caller is no administrator.
        """
        self._call("admin_user.delete", id=_checked_number(user_id))


def _checked(value: Any, argument: str, what: str) -> str:
    try:
        return checked_text(value, argument, f"Pass {what}.")
    except TypeError as error:
        raise ValueError(str(error)) from None


def _checked_number(user_id: Any) -> str:
    text = str(user_id)
    if not (text.isascii() and text.isdigit()):
        raise ValueError(
            f"user_id is {user_id!r}. Pass the number of the user; get_user_by_email(email).id finds it."
        )
    return text


def _checked_limit(limit: Any) -> int | None:
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool)):
        raise ValueError(f"max_num_projects is {limit!r}. Pass how many projects the user may own.")
    return limit


def _word(words: tuple[str, ...], value: Any, argument: str) -> str:
    if isinstance(value, str) and value.upper() in words:
        return value.upper()
    raise ValueError(f"{argument} is {value!r}; it must be one of {', '.join(words)}.")
