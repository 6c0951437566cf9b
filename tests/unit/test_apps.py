"""Apps: waits, addresses, bad input and failures, against scripted answers."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from scripted_cluster import Clock, Cluster, answer, cluster, interrupted_after

from hopsworks.app import App
from hopsworks.client.exceptions import JobExecutionException, RestAPIError
from hopsworks.core.app_api import AppApi
from hopsworks.execution import Execution
from hopsworks.job import Job

RUN = "POST /jobs/board/executions"
ASK = "GET /apps/board"
STOP = "PUT /jobs/board/executions/9/status"


def wire(state: str = "RUNNING", serving: bool = False, **more: Any) -> dict[str, Any]:
    return {"name": "board", "state": state, "serving": serving, "executionId": 9, **more}


def board(found: Cluster, **more: Any) -> App:
    return App.from_response_json(wire("STOPPED", **more), found.project._scope)


def test_a_wait_asks_at_once_and_then_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    with cluster(
        answer(RUN, {"id": 9}),
        answer(ASK, wire("INITIALIZING"), times=12),
        answer(ASK, wire(serving=True)),
    ) as found:
        app = board(found)
        assert app.run() is app
        assert app.serving
        assert found.server.requests[0].body == b""
    assert clock.pauses[0] == pytest.approx(0.05)
    assert sorted(clock.pauses) == clock.pauses
    assert clock.pauses[-1] == 3.0


def test_a_wait_ends_at_its_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    steps = [answer(RUN, {"id": 9}), answer(ASK, wire("INITIALIZING"), times=1000)]
    with cluster(*steps, complete=False) as found:
        with pytest.raises(JobExecutionException, match=r"'board' .* after 600 s; .*INITIALIZING"):
            board(found).run()
    assert clock.now == pytest.approx(1600)


@pytest.mark.parametrize("state", ["FAILED", "KILLED", "SUBMISSION_FAILED", "FINISHED", "STOPPED"])
def test_an_app_that_has_ended_does_not_serve(state: str) -> None:
    with cluster(answer(RUN, {"id": 9}), answer(ASK, wire(state))) as found:
        with pytest.raises(JobExecutionException, match=f"'board' is {state} .*get_logs"):
            board(found).run()


def test_how_an_earlier_execution_ended_does_not_count() -> None:
    with cluster(
        answer(RUN, {"id": 9}),
        answer(ASK, wire("STOPPED", executionId=None)),
        answer(ASK, wire("FAILED", executionId=8)),
        answer(ASK, wire(serving=True)),
    ) as found:
        assert board(found, executionId=8).run().execution_id == 9


def test_a_redeployment_may_stop_the_app_before_it_serves_again() -> None:
    with cluster(
        answer("POST /apps/board/redeploy", wire()),
        answer(ASK, wire("STOPPED")),
        answer(ASK, wire(serving=True, latestCommit="abc")),
    ) as found:
        assert board(found).redeploy().latest_commit == "abc"
    with cluster(
        answer("POST /apps/board/redeploy", None, 204), answer(ASK, wire("FAILED"))
    ) as found:
        with pytest.raises(JobExecutionException, match="'board' is FAILED"):
            board(found).redeploy()


def test_an_app_that_sleeps_has_started() -> None:
    page = {"appUrl": "pythonapp/demo/board/"}
    with cluster(answer(RUN, {"id": 9}), answer(ASK, wire("IDLE", **page))) as found:
        app = board(found).run()
        place = f"{found.server.url}/hopsworks-api/pythonapp/demo/board/"
        assert (app.state, app.serving, app.app_url) == ("IDLE", False, place)


def test_an_app_that_is_deleted_meanwhile() -> None:
    gone = {"errorCode": 130009, "errorMsg": "Job not found."}
    with cluster(answer(RUN, {"id": 9}), answer(ASK, gone, 404)) as found:
        with pytest.raises(JobExecutionException, match="does not exist any more"):
            board(found).run()


def test_an_interrupt_ends_the_wait_and_sends_nothing() -> None:
    steps = [answer(RUN, {"id": 9}), answer(ASK, wire("INITIALIZING"), times=100)]
    with cluster(*steps, complete=False) as found:
        with interrupted_after(found, 3):
            board(found).run()
        assert set(found.asked()) == {RUN, ASK}


def test_stopping_waits_for_the_end_and_says_when_it_does_not_come(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock(monkeypatch)
    with cluster(
        answer(STOP, {"id": 9}), answer(ASK, wire(serving=True)), answer(ASK, wire("KILLED"))
    ) as found:
        app = board(found).stop()
        assert (app.state, app.serving) == ("KILLED", False)
        assert json.loads(found.server.requests[0].body) == {"state": "stopped"}
        assert found.server.requests[0].headers["content-type"] == "application/json"
    begin = clock.now
    caplog.set_level(logging.WARNING, "hopsworks.app")
    with cluster(answer(STOP, {"id": 9}), answer(ASK, wire(), times=100), complete=False) as found:
        assert board(found).stop().state == "RUNNING"
    assert clock.now == pytest.approx(begin + 30)
    assert "'board' has not ended after 30 s" in caplog.text


def test_without_an_execution_there_is_nothing_to_stop_and_no_log() -> None:
    with cluster() as found:
        app = board(found, executionId=None)
        assert app.stop() is app
        with pytest.raises(JobExecutionException, match=r"has not run yet.*app\.run"):
            app.get_logs()
        assert found.asked() == []


def test_logs_that_are_empty_are_text() -> None:
    place = "GET /jobs/board/executions/9/log"
    with cluster(answer(f"{place}/out", {"type": "OUT"}), answer(f"{place}/err", None, 204)) as f:
        assert board(f).get_logs() == {"stdout": "", "stderr": ""}


def test_variables_go_with_each_execution_and_are_not_shown() -> None:
    with cluster(
        answer("PUT /jobs/board", {"id": 5, "name": "board"}),
        answer(ASK, wire("STOPPED", executionId=None)),
        answer(RUN, {"id": 9}),
        answer(ASK, wire(serving=True)),
    ) as found:
        api = found.project.get_app_api()
        app = api.create_app("board", "Resources/board.py", env_vars={"KEY": "s3cr3t"})
        assert "KEY" not in json.loads(found.server.requests[0].body)
        app.run()
        assert json.loads(found.server.requests[2].body) == {"envVars": {"KEY": "s3cr3t"}}
        assert "s3cr3t" not in f"{app!r} {app} {app.json()}"


@pytest.mark.parametrize(
    ("told", "state", "serving", "place"),
    [
        ("https://a.org/x", "RUNNING", True, "https://a.org/x"),
        ("hopsworks-api/x", "RUNNING", True, "HOST/hopsworks-api/x"),
        ("/hopsworks-api/x", "RUNNING", True, "HOST/hopsworks-api/x"),
        ("pythonapp/x", "IDLE", False, "HOST/hopsworks-api/pythonapp/x"),
        ("pythonapp/x", "RUNNING", False, None),
        (None, "RUNNING", True, None),
    ],
)
def test_the_address_of_the_page(
    told: str | None, state: str, serving: bool, place: str | None
) -> None:
    with cluster() as found:
        app = App.from_response_json(wire(state, serving, appUrl=told), found.project._scope)
        assert app.app_url == (place and place.replace("HOST", found.server.url))
        assert app.get_url() == f"{found.server.url}/p/119/apps"


def test_an_execution_of_an_app_knows_its_page() -> None:
    with cluster() as found:
        job = Job.from_response_json({"id": 5, "name": "board"}, found.project._scope)
        told = {"id": 9, "state": "RUNNING", "monitoring": {"appUrl": "pythonapp/x"}}
        place = f"{found.server.url}/hopsworks-api/pythonapp/x"
        assert Execution.from_response_json(told, job).app_url == place
        assert Execution.from_response_json({**told, "state": "FINISHED"}, job).app_url is None


def test_the_public_address_comes_and_goes() -> None:
    path = "POST /apps/board/public"
    with cluster(answer(path, {"publicToken": "a b/c"}), answer(path, None, 204)) as found:
        app = board(found)
        assert app.public_url is None
        place = f"{found.server.url}/hopsworks-api/pythonapp/demo/board/__public?t=a%20b%2Fc"
        assert app.make_public() == app.public_url == place
        assert app.public_access is True
        app.make_private()
        assert (app.public_access, app.public_url) == (False, None)


def test_an_app_that_is_there_no_more_is_none_and_other_refusals_are_raised() -> None:
    with cluster(
        answer(ASK, {}, 404), answer(ASK, {"errorCode": 1, "errorMsg": "x"}, 403)
    ) as found:
        api = found.project.get_app_api()
        assert api.get_app("board") is None
        with pytest.raises(RestAPIError):
            api.get_app("board")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "name is empty"),
        ({"environment": ""}, "environment is empty"),
        ({"app_kind": "DJANGO"}, "STREAMLIT, CUSTOM, FLASK, GRADIO, NODEJS"),
        ({"memory": 0}, "memory is 0; .*greater than 0"),
        ({"memory": "much"}, "memory is 'much'"),
        ({"app_kind": 3}, "app_kind is 3"),
        ({"app_path": 5}, "needs app_path"),
        ({"app_kind": "FLASK", "app_port": "x"}, "app_port is 'x'; .*from 1 to 65535"),
        ({"cores": -1}, "cores is -1"),
        ({"app_path": None}, "A Streamlit app needs app_path"),
        ({"app_path": "a.sh"}, r"ends in \.py"),
        ({"app_kind": "NODEJS"}, r"\.js or \.mjs or \.cjs or \.ts or \.mts"),
        ({"app_kind": "FLASK", "app_port": 70000}, "app_port is 70000"),
        ({"app_kind": "CUSTOM"}, "needs entrypoint_command"),
        ({"entrypoint_command": "make"}, "only with app_kind='CUSTOM'"),
        ({"entrypoint_script": "a.py"}, "only with git_url"),
        ({"git_auto_redeploy": True}, "only with git_url"),
        ({"git_url": "https://a", "entrypoint_script": "a.py"}, "git_provider; it is None"),
        ({"git_url": "https://a", "git_provider": "Svn"}, "GitHub, GitLab, BitBucket"),
        ({"git_url": "https://a", "git_provider": "GitHub"}, "needs entrypoint_script"),
        ({"idle_cooldown_seconds": -1}, "idle_cooldown_seconds is -1; .*at least 0"),
        ({"idle_scale_to_zero": False, "idle_cooldown_seconds": 1}, "idle_scale_to_zero=True"),
    ],
)
def test_bad_input_is_named_before_anything_is_sent(changes: dict[str, Any], words: str) -> None:
    with cluster() as found:
        with pytest.raises(ValueError, match=words):
            found.project.get_app_api().create_app(
                **{"name": "board", "app_path": "Resources/board.py", **changes}
            )
        assert found.asked() == []


def test_variables_must_be_a_dict() -> None:
    with cluster() as found:
        with pytest.raises(TypeError, match="env_vars is of type list"):
            found.project.get_app_api().create_app("board", "a.py", env_vars=["A=b"])  # type: ignore[arg-type]


def test_a_path_that_is_an_address_stays() -> None:
    with cluster(answer("PUT /jobs/board", {"id": 5}), answer(ASK, wire())) as found:
        found.project.get_app_api().create_app("board", "hdfs:///Projects/other/board.py")
        config = json.loads(found.server.requests[0].body)
        assert config["appPath"] == "hdfs:///Projects/other/board.py"


def test_the_class_reads_what_a_server_sends() -> None:
    assert App().to_dict() is not None
    app = App.from_response_json({"jobId": 5, "name": "board"})
    assert (app.serving, app.db_access, app.git_auto_redeploy) == (False, True, False)
    assert (app.public_access, app.idle_scale_to_zero, app.state) == (False, False, None)
    assert repr(app) == "App(name='board', serving=False)"
    for listing in ([wire()], {"count": 1, "items": [wire()]}):
        assert [one.name for one in App.from_response_json_list(listing)] == ["board"]
    assert App.from_response_json_list({"count": 0}) == []
    assert json.loads(app.json())["name"] == "board"
    assert AppApi.APP_KINDS[0] == "STREAMLIT"
    assert AppApi.APP_KIND_LABELS["NODEJS"] == "Node.js"
    assert AppApi.APP_KIND_EXTENSIONS["FLASK"] == (".py",)
