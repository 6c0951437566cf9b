"""Users of the cluster: what is ours beside ``tests/oracle/cases/users.py``."""

from __future__ import annotations

import json
import logging
import pickle
import types
from typing import Any

import pytest

import hopsworks
from hopsworks import _native
from hopsworks.client.exceptions import (
    ConflictError,
    ForbiddenError,
    NoHopsworksConnectionError,
    NotFoundError,
)
from hopsworks.core.users_api import ROLES, STATUSES, UsersApi
from hopsworks.user import AdminUser, User
from tests.scripted_server import ScriptedServer, Step

USERS = "/hopsworks-api/api/admin/users"
PASSWORD = "correct-horse-battery"
ANN = {"id": 7, "email": "Ann@example.com", "firstname": "Ann", "status": 2, "role": ["HOPS_USER"]}


def api_on(server: ScriptedServer) -> UsersApi:
    return UsersApi(types.SimpleNamespace(scope=_native.Client(server.url).scope(None)))  # type: ignore[arg-type]


def answer(value: Any) -> bytes:
    return json.dumps(value).encode()


def test_a_made_up_password_is_only_in_its_attribute(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    query = "accountType=M_ACCOUNT_TYPE&email=ann%40example.com&givenName=Ann&surname=Lee&role=HOPS_USER"
    steps = [Step(f"POST {USERS}?{query}", status=201, body=answer(ANN | {"password": PASSWORD}))]
    with ScriptedServer(steps) as server:
        user = api_on(server).register_user("ann@example.com", "Ann", "Lee")
    assert user.password == PASSWORD
    for text in (repr(user), str(user), user.json(), str(user.to_dict()), caplog.text):
        assert PASSWORD not in text
    assert pickle.loads(pickle.dumps(user)).password == PASSWORD
    assert json.loads(user.json())["password"] == "***"


def test_a_given_password_is_in_no_log_and_no_error(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    taken = answer({"errorCode": 160003, "errorMsg": "There is an account with this e-mail."})
    with ScriptedServer([Step("*", status=409, body=taken)]) as server:
        with pytest.raises(ConflictError) as caught:
            api_on(server).register_user("ann@example.com", "Ann", "Lee", PASSWORD)
        assert f"password={PASSWORD}" in server.requests[0].target
    error = caught.value
    for text in (str(error), repr(error), error.url, error.response.url, caplog.text):
        assert PASSWORD not in text


def test_passwords_are_masked_in_both_kinds_of_users() -> None:
    assert AdminUser(password=PASSWORD).to_dict()["password"] == "***"
    shown = User(secret=PASSWORD, chosen_password=PASSWORD, repeated_password=PASSWORD).json()
    assert PASSWORD not in shown


def test_users_of_every_shape_of_answer() -> None:
    steps = [Step(f"GET {USERS}", body=answer({"count": 0})), Step(f"GET {USERS}", body=answer([]))]
    with ScriptedServer(steps) as server:
        assert [api_on(server).get_users() for _ in steps] == [[], []]
    assert [user.id for user in AdminUser.from_response_json_list([ANN])] == [7]
    assert AdminUser.from_response_json_list({"count": 0}) == []
    found = AdminUser.from_response_json(ANN | {"role": [{"groupName": "HOPS_ADMIN"}]})
    assert found is not None
    assert found.roles == ["HOPS_ADMIN"]
    assert found == AdminUser.from_response_json(found.to_dict() | {"firstname": "Ann"})


def test_an_address_is_found_in_any_case() -> None:
    with ScriptedServer([Step(f"GET {USERS}", body=answer([ANN]), times=2)]) as server:
        found = api_on(server).get_user_by_email("ANN@EXAMPLE.COM")
        assert found is not None
        assert found.id == 7
        assert api_on(server).get_user_by_email("bob@example.com") is None


def test_errors_of_the_server() -> None:
    missing = answer({"errorCode": 160002, "errorMsg": "No account found."})
    steps = [
        Step(f"GET {USERS}/9", status=404, body=missing),
        Step(f"PUT {USERS}/9/rejected", status=404, body=missing),
        Step(f"GET {USERS}/9", status=403, body=answer({"errorCode": 1, "errorMsg": "No."})),
    ]
    with ScriptedServer(steps) as server:
        api = api_on(server)
        assert api.get_user(9) is None
        with pytest.raises(NotFoundError):
            api.reject_user(9)
        with pytest.raises(ForbiddenError):
            api.get_user(9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda api: api.register_user("", "A", "B"), "email is empty"),
        (lambda api: api.register_user(None, "A", "B"), "email is of type NoneType"),
        (lambda api: api.register_user("a@b.c", "", "B"), "first_name is empty.*given name"),
        (lambda api: api.register_user("a@b.c", "A", ""), "last_name is empty.*family name"),
        (lambda api: api.register_user("a@b.c", "A", "B", ""), "password is empty.*None"),
        (lambda api: api.register_user("a@b.c", "A", "B", None, "5"), "max_num_projects is '5'"),
        (lambda api: api.register_user("a@b.c", "A", "B", role="X"), f"{ROLES[0]}, {ROLES[1]}"),
        (lambda api: api.register_user("a@b.c", "A", "B", status="X"), STATUSES[2]),
        (lambda api: api.register_user("a@b.c", "A", "B", status=2), "status is 2"),
        (lambda api: api.get_user("ann@example.com"), "user_id is 'ann@.*get_user_by_email"),
        (lambda api: api.get_user(None), "user_id is None"),
        (lambda api: api.get_user_by_email(""), "email is empty"),
        (lambda api: api.set_role(7, None), "role is None"),
        (lambda api: api.update_user(7, None), "max_num_projects is None"),
        (lambda api: api.update_user(7, True), "max_num_projects is True"),
        (lambda api: api.activate_user(-1), "user_id is -1"),
        (lambda api: api.delete_user(""), "user_id is ''"),
        (lambda api: api.resend_confirmation_email("a/b"), "user_id is 'a/b'"),
    ],
)
def test_bad_input_sends_nothing(call: Any, message: str) -> None:
    with ScriptedServer([]) as server, pytest.raises(ValueError, match=message):
        call(api_on(server))


def test_without_a_login() -> None:
    hopsworks.logout()
    with pytest.raises(NoHopsworksConnectionError):
        hopsworks.get_users_api()
