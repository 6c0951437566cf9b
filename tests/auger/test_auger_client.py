"""The class as users see it: construction, attributes, what can be replaced, what is written when debugging."""

from __future__ import annotations

import copy
import io
import os
import pickle
import subprocess
import sys
import traceback
from typing import Any

import pytest
from hub import ROOT, HubApiClient, ScriptedServer, Step, client_of, raised, reply, unavailable


def test_construction() -> None:
    error = raised(HubApiClient)
    assert type(error) is KeyError
    assert error.args == ("hub_app_url",)
    assert isinstance(raised(lambda: HubApiClient("https://h")), TypeError)  # type: ignore[call-arg]
    with pytest.warns(UserWarning, match="knows no unknown, tokn, which is ignored"):
        hub = HubApiClient(hub_app_url="no address", unknown=1, tokn=2)  # type: ignore[call-arg]
    assert vars(hub) == {
        "base_url": "no address",
        "optimizers_url": None,
        "token": None,
        "system_token": None,
        "cluster_api_token": None,
        "project_api_token": None,
        "retries_count": 5,
        "connection_retries_count": 5,
        "retry_wait_seconds": 5,
        "retry_network_errors": False,
        "debug": False,
        "headers": {"Content-Type": "application/json"},
        "gzip_headers": {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    }
    given = {
        "hub_app_url": "a",
        "optimizers_url": "b",
        "token": "c",
        "hub_system_token": "d",
        "hub_cluster_api_token": "e",
        "hub_project_api_token": "f",
        "retries_count": 2,
        "retry_wait_seconds": 0.5,
        "debug": True,
    }
    hub = HubApiClient(**given)
    found = (hub.base_url, hub.optimizers_url, hub.token, hub.system_token, hub.cluster_api_token)
    assert found == tuple("abcde")
    assert (hub.project_api_token, hub.retries_count, hub.connection_retries_count) == ("f", 2, 2)
    assert (hub.retry_wait_seconds, hub.debug) == (0.5, True)
    assert HubApiClient(**given, connection_retries_count=0).connection_retries_count == 0
    assert HubApiClient.API_PREFIX == "/api/v1"
    assert HubApiClient.API_SCHEMA["endpoint_actual"]["parent_resource"] == "endpoint"


@pytest.mark.parametrize(
    "call",
    [
        lambda hub: hub.get_trials(1),
        lambda hub: hub.create_trial({"a": 1}),
        lambda hub: hub.get_trial(),
        lambda hub: hub.get_trial(1, 2),
        lambda hub: hub.update_trial(a=1),
        lambda hub: hub.update_trial(1, id=1),
        lambda hub: hub.delete_project(),
        lambda hub: hub.delete_project(1, a=1),
        lambda hub: hub.iterate_all_trials(),
        lambda hub: hub.deploy_project(a=1),
        lambda hub: hub.update_trials(id=1, trials=[]),
        lambda hub: hub.update_trials([1]),
        lambda hub: hub.refit_trial(1),
        lambda hub: hub.get_project_logs(),
        lambda hub: hub.get_status("Project"),
        lambda hub: hub.delete_endpoint_actuals(),
        lambda hub: hub.get_fte({}, {}),
    ],
)
def test_calls_with_the_wrong_arguments(call: Any) -> None:
    with ScriptedServer([]) as server:
        hub = client_of(server, optimizers_url=server.url)
        assert isinstance(raised(lambda: call(hub)), TypeError)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "has no scheme"),
        ("hub.example", "has no scheme"),
        ("/x", "has no scheme"),
        ("ftp://h", "has the scheme ftp"),
        ("http://", "names no host"),
        ("https:///x", "names no host"),
        ("http://[::1", "cannot be read"),
        ("http://h:99999", "cannot be used"),
        ("http://h:0", "cannot be used"),
        ("http://h:port", "cannot be used"),
        ("http://a b", "cannot be used"),
        (None, "not NoneType"),
        (b"https://h", "not bytes"),
    ],
)
def test_addresses_that_are_none(address: Any, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", pytest.fail)
    hub = HubApiClient(hub_app_url=address, optimizers_url=address or "x")
    for call in (hub.get_trials, lambda: hub.create_trial(a=1), hub.get_fte):
        error = raised(call)
        assert isinstance(error, ValueError)
        assert isinstance(error, OSError)
        assert not isinstance(error, HubApiClient.BaseError)
        if address:
            assert said in str(error)


def test_the_password_of_an_address_is_not_told() -> None:
    for address in (
        "ftp://me:hush@h",
        "//me:hush@h/x",
        "http:/me:hush@h",
        "http://me:hush@h:0",
        "http://me:hush@[::1",
        # Not quoted as they must be: what stands for host and port is then a part of the password.
        "http://me:hush/x@h",
        "http://me:x/hush@h",
        "http://me:hush#x@h",
        "http://me:hush?x@h",
        "http://me:hush\udc80@h",
        "http://me:hush@ho\u2100st",
    ):
        error = raised(HubApiClient(hub_app_url=address).get_trials)
        assert isinstance(error, ValueError)
        assert "hush" not in "".join(traceback.format_exception(error)).replace(address, "")
        assert "hush" not in repr(error)
    assert "must be percent-encoded" in str(error)


# --- what can be replaced ---------------------------------------------------------------------------------------


class Fake:
    """A reply of a test of a user."""

    reason = "OK"

    def __init__(self, status_code: int, value: Any) -> None:
        self.status_code = status_code
        self.text = str(value)
        self._value = value

    def __enter__(self) -> Fake:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def json(self) -> Any:
        return self._value


def test_request_can_be_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []

    def request(self: HubApiClient, *arguments: Any) -> Fake:
        calls.append(arguments)
        return Fake(200, {"data": len(calls)})

    monkeypatch.setattr(HubApiClient, "request", request)
    hub = HubApiClient(hub_app_url="https://h", optimizers_url="https://o", token="t")
    assert hub.get_trial(1) == {"data": 1}
    assert hub.create_trial(a=1) == {"data": 2}
    assert hub.get_fte({"b": 2}) == {"data": 3}
    assert calls == [
        ("get", "/api/v1/trials/1", "https://h", {}, False),
        ("post", "/api/v1/trials", "https://h", {"a": 1}, False),
        ("post", "/fte", "https://o", {"b": 2}, True),
    ]


@pytest.mark.parametrize("error", [ConnectionResetError("gone"), TimeoutError(), OSError("odd")])
def test_what_another_library_raises_is_a_network_error(
    error: OSError, monkeypatch: pytest.MonkeyPatch
) -> None:
    def request(*_: Any) -> Fake:
        raise error

    monkeypatch.setattr(HubApiClient, "request", request)
    found = raised(HubApiClient(hub_app_url="https://h").get_trials)
    assert type(found) is HubApiClient.NetworkError
    assert found.args[0]
    assert found.__cause__ is error


def test_every_call_goes_through_one_method(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []
    monkeypatch.setattr(
        HubApiClient, "make_and_handle_request", lambda self, *a, **k: calls.append((a, k))
    )
    hub = HubApiClient(hub_app_url="https://h")
    hub.get_trials(a=1)
    hub.delete_project(2)
    hub.get_project_logs(3)
    page = {"limit": 50, "offset": 0, "a": 1}
    assert calls == [
        (("get", "/api/v1/trials"), {"payload": page}),
        (("delete", "/api/v1/projects/2"), {}),
        (("get", "/api/v1/projects/3/logs"), {"plain_text": True}),
    ]


def test_methods_can_be_replaced_and_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(HubApiClient, "get_trial", lambda self, id: {"data": id})
        patch.setattr(HubApiClient, "handle_response", lambda self, res, plain_text: res.text)
        with ScriptedServer([Step(body=b"x")]) as server:
            hub = client_of(server)
            assert hub.get_trial(4) == {"data": 4}
            assert hub.get_project(4) == "x"
    with ScriptedServer([reply()]) as server:
        assert client_of(server).get_trial(4)["meta"] == {"status": 200}


def test_a_subclass_may_have_a_table_of_its_own() -> None:
    table: dict[str, dict] = {
        "bus": {"actions": ["index", "show", {"stop": "post"}]},
        "wheel": {"actions": ["delete", "update"], "parent_resource": "bus"},
    }

    class More(HubApiClient):
        API_PREFIX = "/api/v9"
        API_SCHEMA = table

    steps = ["GET /api/v9/buses", "POST /api/v9/buses/1/stop", "GET /api/v9/trials/1"]
    steps.append("PATCH /api/v9/buses/2/wheels/3")
    with ScriptedServer([reply(expect=step) for step in steps]) as server:
        hub = More(hub_app_url=server.url)
        hub.get_buses()  # type: ignore[attr-defined]
        hub.stop_bus(1)  # type: ignore[attr-defined]
        hub.get_trial(1)
        hub.update_wheel(3, bus_id=2)  # type: ignore[attr-defined]
    assert not hasattr(HubApiClient, "get_buses")
    table = {"bus": {"actions": ["index", "drive"]}}
    error = raised(lambda: type("Wrong", (HubApiClient,), {"API_SCHEMA": table}))
    assert type(error) is HubApiClient.DSLError
    assert "'drive'" in str(error)
    assert "index, show, create, update, delete" in str(error)


def test_clients_can_be_copied_and_pickled() -> None:
    with ScriptedServer([reply(times=3)]) as server:
        hub = client_of(server)
        hub.get_trials()
        for other in (copy.deepcopy(hub), pickle.loads(pickle.dumps(hub))):
            assert other.base_url == server.url
            other.get_trials()
    assert server.connections == 3


# --- debugging --------------------------------------------------------------------------------------------------


def test_debugging_writes_two_lines_an_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(sys, "stdout", written)
    body = b'{"data": "\xc3\xa9"}'
    with ScriptedServer([unavailable(), Step(body=body), Step(body=body)]) as server:
        hub = client_of(server, debug=True, token="hush")
        hub.get_trial(1)
        hub.update_trial(1, a="é")
    page = "<html><head><title>Application Error</title></head><body></body></html>"
    assert written.getvalue().splitlines() == [
        "HAC.Req: GET /api/v1/trials/1 params: {}",
        f"HAC.Res: GET /api/v1/trials/1 response: {page}",
        "HAC.Req: GET /api/v1/trials/1 params: {}",
        'HAC.Res: GET /api/v1/trials/1 response: {"data": "é"}',
        'HAC.Req: PATCH /api/v1/trials/1 params: {"a": "\\u00e9"}',
        'HAC.Res: PATCH /api/v1/trials/1 response: {"data": "é"}',
    ]


def test_debugging_can_be_switched_and_needs_no_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with ScriptedServer([reply(times=3)]) as server:
        hub = client_of(server)
        hub.get_trials()
        hub.debug = True
        hub.get_trials()
        monkeypatch.setattr(sys, "stdout", None)
        hub.get_trials()
    assert capsys.readouterr().out.count("HAC.") == 2


# --- names ------------------------------------------------------------------------------------------------------


def in_python(script: str, *paths: str) -> str:
    done = subprocess.run(
        [sys.executable, "-S", "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PYTHONPATH": os.pathsep.join(map(str, paths))},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_loads_next_to_nothing() -> None:
    script = (
        "import sys; before = set(sys.modules); from hopsworks.auger import HubApiClient\n"
        "HubApiClient(hub_app_url='x')\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    loaded = in_python(script, ROOT).split()
    assert [name for name in loaded if not name.startswith("hopsworks")] == ["__future__"]
    assert "hopsworks._native" not in loaded


@pytest.mark.parametrize("first", ["hopsworks.auger", "auger.hub_api_client"])
def test_the_other_name_is_the_same_module(first: str) -> None:
    script = f"""
import importlib
importlib.import_module({first!r})
import auger.hub_api_client, hopsworks.auger
from auger.hub_api_client import HubApiClient
import auger.hub_api_client.hub_api_client as inner
import auger.hub_api_client.errors as errors
import hopsworks.auger.hub_api_client, hopsworks.auger.errors
assert HubApiClient is hopsworks.auger.HubApiClient is inner.HubApiClient
assert auger.hub_api_client is hopsworks.auger
assert inner is hopsworks.auger.hub_api_client
assert errors is hopsworks.auger.errors
assert hopsworks.auger.__name__ == hopsworks.auger.__spec__.name == "hopsworks.auger"
assert auger.__file__ is None  # others may have packages below the name
"""
    in_python(script, ROOT, ROOT / "packages" / "auger")


def test_without_its_distribution_there_is_no_other_name() -> None:
    script = (
        "import hopsworks.auger\n"
        "try:\n    import auger.hub_api_client\n"
        "except ModuleNotFoundError as error:\n    print(error.name)"
    )
    assert in_python(script, ROOT).strip() == "auger"


def test_the_distribution_holds_the_name_alone(tmp_path: Any) -> None:
    import zipfile

    package = ROOT / "packages" / "auger"
    source = tmp_path / "source"
    (source / "auger" / "hub_api_client").mkdir(parents=True)
    held = ["auger/hub_api_client/__init__.py", "auger/hub_api_client/py.typed"]
    for name in ("pyproject.toml", "README.md", *held):
        (source / name).write_text((package / name).read_text())
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(tmp_path)]
    subprocess.run([*pip, str(source)], check=True, timeout=200)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
        assert sorted(names) == held
        (metadata,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        assert "Requires-Dist: hopsworks>=" in archive.read(metadata).decode()


USE = """
from auger.hub_api_client import HubApiClient

hub = HubApiClient(hub_app_url="https://h")
page: int = hub.get_trials(limit=3)  # a dict
log: int = hub.get_project_logs(3)  # a str
hub.get_trials(1)
hub.create_endpoint_actual(actuals=[])
hub.show_trial(1)
hub.delete_project(1, a=2)
hub.iterate_all_trials(print, session="s", limit=3)
hub.get_endpoint_prediction(1, endpoint_id="e")
"""


def test_type_checkers_know_the_methods(tmp_path: Any) -> None:
    (tmp_path / "use.py").write_text(USE)
    assert (
        ROOT / "hopsworks" / "py.typed"
    ).exists()  # without it installed packages are not looked at
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path / "cache"), "use.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=200,
        env={**os.environ, "MYPYPATH": f"{ROOT}:{ROOT / 'packages' / 'auger'}"},
    )
    lines = [line.split(":", 3)[1:] for line in done.stdout.splitlines() if "error:" in line]
    assert [int(number) for number, *_ in lines] == [5, 6, 7, 8, 9, 10], done.stdout + done.stderr
    for word, (*_, text) in zip(
        ("dict[str, Any]", "str", "Too many", "endpoint_id", "show_trial", '"a"'),
        lines,
        strict=True,
    ):
        assert word in text


def test_the_package_has_the_client() -> None:
    in_python("import hopsworks; assert hopsworks.auger.HubApiClient.API_PREFIX", ROOT)
