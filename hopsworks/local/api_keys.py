"""API keys of users, made and removed by the owner over the Unix socket (``hopsworks local key``)."""

from __future__ import annotations

from typing import Any

from hopsworks.local.accounts import ACTIVATED, SCOPES, Key, User
from hopsworks.local.app import Server, iso_time, json_response
from hopsworks.local.errors import ApiError, illegal_argument
from hopsworks.local.http import Request, Response


def _key_json(server: Server, key: Key) -> dict[str, Any]:
    user = server.accounts.user(key.user)
    return {
        "prefix": key.prefix,
        "name": key.name,
        "user": user.email,
        "active": user.status == ACTIVATED,
        "scopes": [scope for scope in SCOPES if scope in key.scopes],
        "created": iso_time(key.created),
    }


def _named(server: Server, given: Any) -> User:
    user = server.accounts.named(given) if isinstance(given, str) else None
    if user is None:
        known = ", ".join(u.email for u in server.accounts.users.values())
        raise ApiError(
            404,
            160002,
            "User not found.",
            f"There is no user {given!r}; there are {known}. An administrator makes users with"
            " hopsworks.get_users_api().register_user(email, first_name, last_name).",
        )
    return user


def list_keys(request: Request, server: Server) -> dict[str, Any]:
    """GET keys: all, or those of one user, without their secrets."""
    keys = list(server.accounts.keys.values())
    if (wanted := request.query("user")) is not None:
        user = _named(server, wanted)
        keys = [key for key in keys if key.user == user.id]
    return {"items": [_key_json(server, key) for key in keys]}


def create_key(request: Request, server: Server) -> Response:
    """POST keys: the answer is the only place where the key's text is ever seen."""
    user = _named(server, request.query("user"))
    scopes = [scope.upper() for scope in request.query_list("scope")] or list(SCOPES)
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown:
        raise illegal_argument(f"There is no scope {unknown[0]}; there are {', '.join(SCOPES)}.")
    taken = {key.name for key in server.accounts.keys.values() if key.user == user.id}
    name = request.query("name")
    if name is None:
        name = next(n for i in range(len(taken) + 1) if (n := f"key{i + 1}") not in taken)
    if not name or len(name) > 100 or not name.isprintable():
        raise illegal_argument("The name of a key has 1 to 100 characters that can be printed.")
    if name in taken:
        raise ApiError(
            409,
            320001,
            "API key exists.",
            f"{user.email} has a key named {name!r} already. Choose another name, or delete that one.",
        )
    text = server.accounts.new_key(user, name, scopes)
    made = _key_json(server, server.accounts.keys[text.partition(".")[0]])
    return json_response(made | {"key": text})


def delete_key(request: Request, server: Server) -> dict[str, Any]:
    """DELETE keys/{prefix}: what comes with it is refused from now on."""
    wanted = request.params["prefix"]
    key = server.accounts.keys.get(wanted)
    if key is None:
        raise ApiError(
            404, 320002, "API key not found.", f"There is no key that begins with {wanted!r}."
        )
    with server.accounts.change(erasing=True) as db:
        db.execute("DELETE FROM api_keys WHERE prefix = ?", (key.prefix,))
    return {"prefix": key.prefix}


ROUTES = [
    ("GET", "/hopsworks-local/keys", list_keys),
    ("POST", "/hopsworks-local/keys", create_key),
    ("DELETE", "/hopsworks-local/keys/{prefix}", delete_key),
]
