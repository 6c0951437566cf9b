"""What each method sends: verb, path, headers and, byte for byte, the body."""

from __future__ import annotations

import gzip
import inspect
import json
import math
from typing import Any

import pytest
from hub import HubApiClient, ScriptedServer, client_of, raised, reply

# The table of the service's documentation: index, show, create, update, delete.
VERBS = {
    "actual": "C",
    "cluster": "ISCD",
    "cluster_task": "ISCU",
    "cluster_status": "I",
    "dataset_manifest": "ISCU",
    "endpoint": "ISCUD",
    "endpoint_pipeline": "CUD",
    "endpoint_actual": "C",
    "endpoint_prediction": "ISC",
    "endpoint_roi_validation": "C",
    "experiment": "ISCUD",
    "experiment_session": "ISCU",
    "hyperparameter": "ISC",
    "instance_type": "I",
    "organization": "ISCUD",
    "pipeline": "ISCU",
    "pipeline_file": "ISC",
    "pod_log": "I",
    "prediction": "ISC",
    "prediction_group": "ISC",
    "project": "ISCUD",
    "project_file": "ISCD",
    "project_file_url": "IC",
    "review_alert": "ISCUD",
    "review_alert_item": "IS",
    "similar_trials_request": "SC",
    "token": "C",
    "trial": "ISCU",
    "trial_search": "ISCU",
    "warm_start_request": "SC",
}
PLURALS = {"cluster_status": "cluster_statuses", "trial_search": "trial_searches"}
NESTED = {
    "endpoint_actual": "actuals",
    "endpoint_prediction": "predictions",
    "endpoint_roi_validation": "roi_validations",
}
METHODS = {
    "I": ["get_{plural}", "iterate_all_{plural}"],
    "S": ["get_{name}"],
    "C": ["create_{name}"],
    "U": ["update_{name}"],
    "D": ["delete_{name}"],
}
EMPTY_PAGE = {"data": [], "meta": {"status": 200, "pagination": {"count": 0}}}


def plural(name: str) -> str:
    return PLURALS.get(name, f"{name}s")


def cases() -> list[tuple[str, dict[str, Any], list[Any], str, str, dict[str, Any]]]:
    """Method, keywords, positional arguments; verb, path and body of its request."""
    found: list[Any] = []
    for name, verbs in VERBS.items():
        path, parent = f"/api/v1/{plural(name)}", {}
        if name in NESTED:
            path, parent = f"/api/v1/endpoints/3/{NESTED[name]}", {"endpoint_id": 3}
        page = {"limit": 50, "offset": 0}
        for verb in verbs:
            if verb == "I":
                method = f"get_{plural(name)}"
                found.append((method, parent, [], "GET", path, {**page, **parent}))
                own = {"x": "ä", **parent, "offset": 7}
                body = {"limit": 50, "offset": 7, "x": "ä", **parent}
                found.append((method, own, [], "GET", path, body))
                method = f"iterate_all_{plural(name)}"
                found.append((method, parent, [print], "GET", path, {**page, **parent}))
            if verb == "S":
                dropped = {**parent, "extra": 1}
                found.append((f"get_{name}", dropped, [5], "GET", f"{path}/5", {}))
            if verb == "C":
                fields = {"name": "n", **parent, "of": {"a": [1, None, True, 0.1]}}
                found.append((f"create_{name}", fields, [], "POST", path, fields))
                found.append((f"create_{name}", parent, [], "POST", path, parent))
            if verb == "U":
                update = f"update_{name}"
                found.append((update, {"a": 1}, ["u-1"], "PATCH", f"{path}/u-1", {"a": 1}))
                found.append((update, {"id": 8, "a": 1}, [], "PATCH", f"{path}/8", {"a": 1}))
                found += [(update, {"a": 1}, [no], "PATCH", path, {"a": 1}) for no in (None, 0, "")]
            if verb == "D":
                found.append((f"delete_{name}", {}, [5], "DELETE", f"{path}/5", {}))
                found.append((f"delete_{name}", {"id": 5}, [], "DELETE", f"{path}/5", {}))
    project, period = "/api/v1/projects/7", {"from": "2021-01-01", "to": "2021-02-01"}
    url = {"project_id": 7, "file_path": "a/b.csv"}
    found += [
        ("deploy_project", {"a": 1}, [7], "PATCH", f"{project}/deploy", {"a": 1}),
        ("undeploy_project", {"id": 7}, [], "PATCH", f"{project}/undeploy", {}),
        (
            "update_trials",
            {"experiment_session_id": "s", "trials": [{"id": 1}]},
            [],
            "PATCH",
            "/api/v1/trials",
            {"experiment_session_id": "s", "trials": [{"id": 1}]},
        ),
        (
            "refit_trial",
            {},
            [9, "s3://b/c"],
            "POST",
            "/api/v1/trials",
            {"id": 9, "refit_data_path": "s3://b/c"},
        ),
        ("get_project_logs", {"ignored": 1}, [7], "GET", f"{project}/logs", {}),
        (
            "get_project_file_url",
            url,
            [],
            "GET",
            "/api/v1/project_file_urls",
            {"limit": 50, "offset": 0, **url},
        ),
        (
            "get_status",
            {},
            ["Project", 7],
            "GET",
            "/api/v1/status",
            {"object": "Project", "id": 7},
        ),
        ("delete_actuals", period, [], "DELETE", "/api/v1/actuals", period),
        ("delete_endpoint_actuals", period, [3], "DELETE", "/api/v1/endpoints/3/actuals", period),
        ("get", {}, ["/x", {"b": 1}], "GET", "/x", {"b": 1}),
        ("get", {}, ["/x"], "GET", "/x", {}),
        (
            "get_paginated_response",
            {"b": 1, "path": 2},
            ["/x", 9],
            "GET",
            "/x",
            {"limit": 9, "offset": 0, "b": 1, "path": 2},
        ),
        (
            "iterate_all_resource_pages",
            {"a": 1},
            ["get_trials", print],
            "GET",
            "/api/v1/trials",
            {"limit": 50, "offset": 0, "a": 1},
        ),
        ("make_and_handle_request", {}, ["put", "/x"], "PUT", "/x", {}),
    ]
    return found


def test_every_method_sends_what_the_service_expects() -> None:
    rows = cases()
    steps = [
        reply(
            EMPTY_PAGE,
            expect=f"{verb} {path}",
            expect_body=json.dumps({**body, "token": "t"}).encode(),
            expect_headers={
                "Content-Type": "application/json",
                "Content-Length": str(len(json.dumps({**body, "token": "t"}))),
                "Transfer-Encoding": None,
                "Content-Encoding": None,
                "Authorization": None,
            },
        )
        for _, _, _, verb, path, body in rows
    ]
    with ScriptedServer(steps) as server:
        hub = client_of(server)
        for method, keywords, arguments, *_ in rows:
            before = json.dumps(keywords)
            result = getattr(hub, method)(*arguments, **keywords)
            if method == "get_project_logs":
                assert result == json.dumps(EMPTY_PAGE)
            elif method.startswith("iterate"):
                assert result is None
            else:
                assert result == EMPTY_PAGE
            assert json.dumps(keywords) == before
    assert server.connections == 1


def test_there_are_the_methods_of_the_table_and_no_others() -> None:
    wanted = {
        method.format(name=name, plural=plural(name))
        for name, verbs in VERBS.items()
        for verb in verbs
        for method in METHODS[verb]
    }
    everything = {
        method.format(name=name, plural=plural(name))
        for name in VERBS
        for methods in METHODS.values()
        for method in methods
    }
    others = {"deploy_project", "undeploy_project", "delete_actuals", "delete_endpoint_actuals"}
    others |= {"get_project_file_url", "get_project_logs", "get_status", "get_fte"}
    others |= {"get_next_trials", "get_next_trials_v2", "update_trials", "get_paginated_response"}
    found = {
        name
        for name in dir(HubApiClient)
        if name.split("_")[0]
        in ("get", "iterate", "create", "update", "delete", "deploy", "undeploy")
        and "_" in name
    }
    assert found - {"iterate_all_resource_pages"} == wanted | others
    called = {row[0] for row in cases()}
    assert wanted <= called
    hub = HubApiClient(hub_app_url="http://localhost")
    for name in everything - wanted - others:
        assert isinstance(raised(lambda name=name: getattr(hub, name)), AttributeError)


def test_every_generated_method_says_how_it_is_called() -> None:
    for name, verbs in VERBS.items():
        assert HubApiClient.API_SCHEMA[name]["doc"]
        for verb in verbs:
            for template in METHODS[verb]:
                method = getattr(HubApiClient, template.format(name=name, plural=plural(name)))
                parameters = list(inspect.signature(method).parameters)
                assert parameters[0] == "self"
                assert (
                    parameters[1:]
                    == {
                        "I": ["filters"] if template.startswith("get") else ["handler", "filters"],
                        "S": ["id", "parent"],
                        "C": ["fields"],
                        "U": ["id", "fields"],
                        "D": ["id"],
                    }[verb]
                )
                doc = inspect.getdoc(method) or ""
                assert f"`{name}`" in doc
                for part in ("Parameters:", "Returns:", "Raises:", "Example:"):
                    assert part in doc
                assert ("endpoint_id" in doc) == (name in NESTED)


# --- bodies -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("ä €\U0001f600", r'"\u00e4 \u20ac\ud83d\ude00"'),
        ("\udc80", r'"\udc80"'),
        ('"\\\n\x00', r'"\"\\\n\u0000"'),
        (math.nan, "NaN"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        (2**100, "1267650600228229401496703205376"),
        (-(2**63), "-9223372036854775808"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1e22, "1e+22"),
        (5e-324, "5e-324"),
        ((1, (2, [])), "[1, [2, []]]"),
        ({1: True, None: 2, "b": {}}, '{"1": true, "null": 2, "b": {}}'),
    ],
)
def test_values_in_a_body(value: Any, text: str) -> None:
    body = f'{{"v": {text}, "token": "t"}}'.encode()
    with ScriptedServer([reply(expect_body=body)]) as server:
        client_of(server).create_trial(v=value)


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", 1j, {("a",): 1}, [print]])
def test_what_json_cannot_hold_is_not_sent(value: Any) -> None:
    with ScriptedServer([]) as server:
        hub = client_of(server, optimizers_url=server.url)
        calls = (
            lambda: hub.create_trial(v=value),
            lambda: hub.get_trials(v=value),
            lambda: hub.get_fte({"v": value}),
        )
        for call in calls:
            assert isinstance(raised(call), TypeError)
            hub.debug = not hub.debug


@pytest.mark.parametrize("payload", [[], None, 3, "text"])
def test_a_payload_that_is_no_dict_is_not_sent(payload: Any) -> None:
    with ScriptedServer([]) as server:
        hub = client_of(server, optimizers_url=server.url)
        assert isinstance(raised(lambda: hub.get_fte(payload)), TypeError)
        assert isinstance(raised(lambda: hub.get("/x", payload)), TypeError)


# --- tokens -----------------------------------------------------------------------------------------------------

TOKENS = {
    "hub_project_api_token": "project_api_token",
    "hub_cluster_api_token": "cluster_api_token",
    "token": "token",
    "hub_system_token": "system_token",
}


@pytest.mark.parametrize("count", range(5))
@pytest.mark.parametrize("absent", ["", None])
def test_the_first_token_that_is_given_is_sent(count: int, absent: str | None) -> None:
    given = {
        keyword: absent if at < count else f"the {keyword}" for at, keyword in enumerate(TOKENS)
    }
    sent = {TOKENS[keyword]: value for keyword, value in given.items() if value}
    sent = dict(list(sent.items())[:1])
    with ScriptedServer([reply(expect_body=json.dumps({"a": 1, **sent}).encode())]) as server:
        hub = client_of(server, **given)
        assert hub.tokens_payload() == sent
        hub.create_trial(a=1)


def test_without_payload_and_token_the_body_is_an_empty_object() -> None:
    with ScriptedServer([reply(expect_body=b"{}", expect_headers={"Content-Length": "2"})]) as s:
        client_of(s, token=None).get_trial(1)


def test_a_token_replaces_a_parameter_of_its_name_and_leaves_the_others() -> None:
    body = b'{"token": "t", "a": 1, "project_api_token": "mine"}'
    with ScriptedServer([reply(expect_body=body)]) as server:
        client_of(server).create_token(token="old", a=1, project_api_token="mine")


def test_attributes_are_read_for_each_request() -> None:
    steps = [
        reply(expect_body=b'{"token": "new"}'),
        reply(expect_body=b'{"project_api_token": "p"}', expect_headers={"X-Mine": "yes"}),
    ]
    with ScriptedServer([reply()]) as first, ScriptedServer(steps) as second:
        hub = client_of(first)
        hub.get_trial(1)
        hub.base_url, hub.token = second.url, "new"
        hub.get_trial(1)
        hub.project_api_token = "p"
        hub.headers["X-Mine"] = "yes"
        hub.get_trial(1)


# --- addresses --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["", "/", "/x", "/x/y/?a=b#c", "?a=b"])
def test_path_and_query_of_the_base_are_dropped(ending: str) -> None:
    with ScriptedServer([reply(expect="GET /api/v1/trials"), reply(expect="POST /fte")]) as server:
        hub = client_of(server, hub_app_url=server.url + ending)
        hub.optimizers_url = server.url + ending
        hub.get_trials()
        hub.get_fte()


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (None, "None"),
        (0, "0"),
        ("", ""),
        (True, "True"),
        ("a/b?c=d", "a/b?c=d"),
        ("a b", "a%20b"),
        ("ä€", "%C3%A4%E2%82%AC"),
        ("%2F", "%2F"),
        ("100%", "100%25"),
        ("%zz%2", "%25zz%252"),
        ('"<>^`{|}\\[]', "%22%3C%3E%5E%60%7B%7C%7D%5C%5B%5D"),
        ("-._~!$&'()*+,;=:@", "-._~!$&'()*+,;=:@"),
    ],
)
def test_ids_in_a_path(given: Any, sent: str) -> None:
    with ScriptedServer([reply(expect=f"GET /api/v1/trials/{sent}")]) as server:
        client_of(server).get_trial(given)


def test_an_id_that_cannot_be_text_of_a_url_is_not_sent() -> None:
    with ScriptedServer([]) as server:
        assert isinstance(raised(lambda: client_of(server).get_trial("\udc80")), ValueError)


def test_user_and_password_of_an_address_go_into_a_header() -> None:
    step = reply(expect_headers={"Authorization": "Basic bWU6cEB3"})
    with ScriptedServer([step]) as server:
        client_of(server, hub_app_url=server.url.replace("//", "//me:p%40w@")).get_trials()


def test_full_path_and_plural_ending() -> None:
    hub = HubApiClient(hub_app_url="https://h")
    assert hub.full_path("/a", "https://h/x/?y") == "https://h/a"
    assert hub.full_path("b", "https://h/x/y") == "https://h/x/b"
    names = ("status", "search", "trial", "bus", "class")
    assert [hub.plural_ending(name) for name in names] == ["es", "es", "s", "es", "s"]


# --- optimizers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get_next_trials", "/next_trials"),
        ("get_next_trials_v2", "/v2/next_trials"),
        ("get_fte", "/fte"),
    ],
)
@pytest.mark.parametrize("payload", [{}, {"search_space": {"SVC": [0.1, None]}, "ä": 1}])
def test_optimizer_calls_are_compressed(method: str, path: str, payload: dict[str, Any]) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    steps = [reply({"data": [1]}, expect=f"POST {path}", expect_headers=headers, times=2)]
    before = json.dumps(payload)
    with ScriptedServer([]) as hub_server, ScriptedServer(steps) as server:
        hub = client_of(
            hub_server, optimizers_url=f"{server.url}/ignored", hub_project_api_token="p"
        )
        assert getattr(hub, method)(payload) == {"data": [1]}
        assert getattr(hub, method)(payload=payload) == {"data": [1]}
    for request in server.requests:
        sent = json.dumps({**payload, "project_api_token": "p"}).encode()
        assert gzip.decompress(request.body) == sent
        assert request.headers["content-length"] == str(len(request.body))
    assert json.dumps(payload) == before


@pytest.mark.parametrize("address", [None, ""])
def test_optimizer_calls_without_their_address(address: str | None) -> None:
    with ScriptedServer([]) as server:
        hub = client_of(server, optimizers_url=address)
        for method in (hub.get_next_trials, hub.get_next_trials_v2, hub.get_fte):
            error = raised(lambda method=method: method({"a": 1}))
            assert type(error) is HubApiClient.MissingParamError
            assert str(error) == "pass optimizers_url in HubApiClient constructor"


# --- nested resources -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "parent", [{}, {"endpoint_id": 0}, {"endpoint_id": ""}, {"endpoint_id": None}]
)
def test_a_missing_parent_is_told_before_anything_is_sent(parent: dict[str, Any]) -> None:
    with ScriptedServer([]) as server:
        hub = client_of(server)
        calls = (
            lambda: hub.get_endpoint_predictions(**parent),
            lambda: hub.iterate_all_endpoint_predictions(print, **parent),
            lambda: hub.get_endpoint_prediction(1, **parent),
            lambda: hub.create_endpoint_prediction(a=1, **parent),
            lambda: hub.create_endpoint_actual(**parent),
            lambda: hub.create_endpoint_roi_validation(**parent),
        )
        for call in calls:
            error = raised(call)
            assert type(error) is HubApiClient.MissingParamError
            assert error.args == ("endpoint_id parameter is required",)
            assert str(error) == "endpoint_id parameter is required"
            assert error.request_details is None


# --- pages ------------------------------------------------------------------------------------------------------


def page(items: list[Any], count: int | None = None) -> dict[str, Any]:
    count = len(items) if count is None else count
    return {"data": items, "meta": {"pagination": {"limit": 2, "count": count, "total": 9}}}


def bodies(server: ScriptedServer) -> list[dict[str, Any]]:
    return [json.loads(request.body) for request in server.requests]


def test_all_pages_are_read_in_order_by_what_each_says_it_holds() -> None:
    # The second page says that it holds more than it does: the server's word counts.
    steps = [reply(page([1, 2])), reply(page([3], count=5)), reply(page([4])), reply(page([]))]
    seen: list[int] = []
    with ScriptedServer(steps) as server:
        hub = client_of(server)
        assert hub.iterate_all_trials(seen.append, limit=2, a="b") is None
    assert seen == [1, 2, 3, 4]
    common = {"limit": 2, "a": "b", "token": "t"}
    assert bodies(server) == [{**common, "offset": at} for at in (0, 2, 7, 8)]


def test_an_offset_is_where_the_pages_begin() -> None:
    with ScriptedServer([reply(page([1, 2])), reply(page([]))]) as server:
        client_of(server).iterate_all_trials(print, offset=10)
    assert [body["offset"] for body in bodies(server)] == [10, 12]


def test_what_the_handler_raises_ends_the_pages() -> None:
    class Stop(Exception):
        pass

    stop = Stop()

    def handler(item: int) -> None:
        if item == 2:
            raise stop

    with ScriptedServer([reply(page([1, 2, 3]))]) as server:
        assert raised(lambda: client_of(server).iterate_all_trials(handler)) is stop


@pytest.mark.parametrize("meta", [{}, {"pagination": {}}, {"pagination": {"total": 3}}])
def test_a_page_that_does_not_say_how_much_it_holds(meta: dict[str, Any]) -> None:
    with ScriptedServer([reply({"data": [1], "meta": meta})]) as server:
        assert isinstance(raised(lambda: client_of(server).iterate_all_trials(print)), KeyError)
