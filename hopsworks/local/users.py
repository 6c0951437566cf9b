"""Users: the own profile, and what administrators do with accounts.

There is no login with a password here: a user enters with an API key, which the owner of the server
makes with ``hopsworks local key create``.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from hopsworks.core.users_api import STATUSES
from hopsworks.local.accounts import (
    ACCOUNT_ROLES,
    ACTIVATED,
    ADMIN_ROLE,
    OWNER,
    User,
)
from hopsworks.local.app import Server, iso_time, json_response, now_ms
from hopsworks.local.errors import ApiError, illegal_argument
from hopsworks.local.http import Request, Response, no_content, number_of_digits

# What the verbs of an administrator make of an account.
_DECISIONS = {
    "accepted": ACTIVATED,
    "rejected": STATUSES.index("SPAM_ACCOUNT"),
    "pending": STATUSES.index("NEW_MOBILE_ACCOUNT"),
}
_GROUPS = {"HOPS_ADMIN": "Administrator", "HOPS_USER": "User", "HOPS_SERVICE_USER": "Service"}
_MOST_PROJECTS = 1000


def profile_json(server: Server, user: User, href: str) -> dict[str, Any]:
    """A user with all that is told of an account."""
    groups = [user.role] if user.role != ADMIN_ROLE else [ADMIN_ROLE, "HOPS_USER"]
    return {
        "href": href,
        "id": user.id,
        "firstname": user.first_name,
        "lastname": user.last_name,
        "email": user.email,
        "username": user.username,
        "accountType": user.account_type,
        "twoFactor": False,
        "toursState": 0,
        "status": user.status,
        "maxNumProjects": user.max_projects,
        "numActiveProjects": owned_projects(server, user),
        "activated": iso_time(user.created),
        "role": [
            {"gid": ACCOUNT_ROLES.index(name) + 1, "groupName": name, "groupDesc": _GROUPS[name]}
            for name in groups
        ],
    }


def owned_projects(server: Server, user: User) -> int:
    """How many projects a user owns."""
    return sum(project.owner == user.id for project in server.all_projects())


def profile(request: Request, server: Server) -> dict[str, Any]:
    """GET users/profile."""
    return profile_json(server, request.user, request.href)


def _user(request: Request, server: Server) -> User:
    number = request.path_integer("user_id")
    user = server.accounts.users.get(number)
    if user is None:
        raise ApiError(404, 160002, "User not found.", f"There is no user {number}.")
    return user


def list_users(request: Request, server: Server) -> dict[str, Any]:
    """GET admin/users."""
    items = [
        profile_json(server, user, f"{request.href.rstrip('/')}/{user.id}")
        for user in server.accounts.users.values()
    ]
    return {"href": request.href, "count": len(items), "items": items}


def get_user(request: Request, server: Server) -> dict[str, Any]:
    """GET admin/users/{id}."""
    return profile_json(server, _user(request, server), request.href)


def _account_role(text: str) -> str:
    role = text.strip().strip('"').upper()
    if role not in ACCOUNT_ROLES:
        raise illegal_argument(f"role must be one of {', '.join(ACCOUNT_ROLES)}, not {text!r}.")
    return role


def _account_status(given: Any) -> int:
    text = str(given).upper()
    if text in STATUSES:
        return STATUSES.index(text)
    number = number_of_digits(text)
    if number is None or number >= len(STATUSES):
        raise illegal_argument(f"status must be one of {', '.join(STATUSES)}, not {given!r}.")
    return number


def _project_limit(given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given < 2**31:
        raise illegal_argument(f"maxNumProjects must be a number from 0 on, not {given!r}.")
    return given


def create_user(request: Request, server: Server) -> Response:
    """POST admin/users: an account, which needs an API key to be of use."""
    email = (request.query("email") or "").strip()
    name, at, host = email.partition("@")
    if not name or not at or not host or any(c.isspace() for c in email) or len(email) > 254:
        raise illegal_argument(f"email must be an e-mail address, not {email!r}.")
    limit = request.integer("maxNumProjects")
    status = request.query("status")
    values = (
        email,
        request.query("givenName") or "",
        request.query("surname") or "",
        _account_role(request.query("role") or "HOPS_USER"),
        request.query("accountType") or "M_ACCOUNT_TYPE",
        ACTIVATED if not status else _account_status(status),
        _MOST_PROJECTS if limit is None else _project_limit(limit),
        now_ms(),
    )
    try:
        with server.accounts.change() as db:
            number = db.execute(
                "INSERT INTO users (username, email, first_name, last_name, role, account_type,"
                " status, max_projects, created) VALUES ('', ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            ).lastrowid
            assert number is not None
            db.execute(
                "UPDATE users SET username = ? WHERE id = ?",
                (server.accounts.username(email, number), number),
            )
    except sqlite3.IntegrityError:
        raise ApiError(409, 160003, "User exists.", f"There is a user {email} already.") from None
    made = server.accounts.users[number]
    return json_response(profile_json(server, made, f"{request.href.rstrip('/')}/{number}"), 201)


def _change(request: Request, server: Server, **values: Any) -> dict[str, Any]:
    user = _user(request, server)
    if user.id == OWNER and ("role" in values or "status" in values):
        raise _owner_stays(user, "stays its administrator")
    with server.accounts.change() as db:
        for column, value in values.items():
            db.execute(f"UPDATE users SET {column} = ? WHERE id = ?", (value, user.id))
    return profile_json(server, server.accounts.users[user.id], request.href)


def _owner_stays(user: User, what: str) -> ApiError:
    return ApiError(
        400,
        120002,
        "Illegal state.",
        f"{user.email} owns the data folder of this server and {what}.",
    )


def set_role(request: Request, server: Server) -> dict[str, Any]:
    """PUT admin/users/{id}/role: the body is the role."""
    return _change(request, server, role=_account_role(request.body.decode("utf-8", "replace")))


def update_user(request: Request, server: Server) -> dict[str, Any]:
    """PUT admin/users/{id}: how many projects the user may own, and the state of the account."""
    body = request.json_object() if request.body else {}
    values: dict[str, Any] = {}
    if body.get("maxNumProjects") is not None:
        values["max_projects"] = _project_limit(body["maxNumProjects"])
    if body.get("status") is not None:
        values["status"] = _account_status(body["status"])
    return _change(request, server, **values)


def decide(request: Request, server: Server) -> dict[str, Any]:
    """PUT admin/users/{id}/accepted, rejected, pending."""
    decision = request.params["decision"]
    if decision not in _DECISIONS:
        raise ApiError(
            404, 120004, "Web application exception.", f"An account cannot be {decision!r}."
        )
    return _change(request, server, status=_DECISIONS[decision])


def delete_user(request: Request, server: Server) -> Response:
    """DELETE admin/users/{id}: the account with its keys, secrets and memberships.

    What the user has made in projects of others stays; their folder there goes to the project's owner.
    """
    user = _user(request, server)
    if user.id == OWNER:
        raise _owner_stays(user, "cannot be deleted")
    owned = [p.name for p in server.all_projects() if p.owner == user.id]
    if owned:
        raise ApiError(
            400,
            120002,
            "Illegal state.",
            f"{user.email} owns {', '.join(owned)}. Delete the projects first.",
        )
    with server.accounts.change(erasing=True) as db:
        for module in server.modules:
            if hook := getattr(module, "on_user_deleted", None):
                hook(server, db, user)
        db.execute("DELETE FROM users WHERE id = ?", (user.id,))
    for stem in (server.data_dir / "tls").glob(f"client-*__{user.username}.*"):
        stem.unlink(missing_ok=True)
    return no_content()


ROUTES = [
    ("GET", "users/profile", profile),
    ("GET", "admin/users", list_users),
    ("POST", "admin/users", create_user),
    ("GET", "admin/users/{user_id}", get_user),
    ("PUT", "admin/users/{user_id}", update_user),
    ("DELETE", "admin/users/{user_id}", delete_user),
    ("PUT", "admin/users/{user_id}/role", set_role),
    ("PUT", "admin/users/{user_id}/{decision}", decide),
]
