"""Alerts, receivers and the waits for them, against a scripted server."""

from __future__ import annotations

import itertools
import json
import pickle
import types
from collections.abc import Callable
from typing import Any

import pytest
from scripted_server import ScriptedServer, Step

from hopsworks import _native
from hopsworks.alert import Alert, FeatureGroupAlert, FeatureViewAlert, JobAlert, ProjectAlert
from hopsworks.alert_receiver import (
    AlertReceiver,
    EmailConfig,
    PagerDutyConfig,
    SlackConfig,
    WebhookConfig,
)
from hopsworks.client.exceptions import RestAPIError
from hopsworks.core import alert_delivery
from hopsworks.core.alerts_api import AlertsApi
from hopsworks.triggered_alert import AlertStatus, TriggeredAlert

API = "/hopsworks-api/api/project/119"
RECEIVERS = f"{API}/alerts/receivers"
ALL_CHANNELS = {"emailConfigured": True, "slackConfigured": True, "pagerDutyConfigured": True}


def api_of(server: ScriptedServer) -> AlertsApi:
    scope = _native.Client(server.url).scope(None, project_id=119)
    session: Any = types.SimpleNamespace(project_name="demo", scope=scope)
    return AlertsApi(session)


def answer(expect: str, body: Any, status: int = 200, times: int = 1) -> Step:
    return Step(expect, status=status, body=json.dumps(body).encode(), times=times)


def many(*items: Any) -> dict[str, Any]:
    return {"count": len(items), **({"items": list(items)} if items else {})}


# -- the classes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "wire", "shown"),
    [
        (Alert, {}, {}),
        (
            ProjectAlert,
            {"projectName": "demo", "service": "JOBS", "threshold": 3},
            {"project_name": "demo", "service": "JOBS", "threshold": 3},
        ),
        (JobAlert, {"jobName": "j", "threshold": 3}, {"job_name": "j", "threshold": 3}),
        (
            FeatureGroupAlert,
            {"featureStoreName": "fs", "featureGroupId": 3, "featureGroupName": "g"},
            {"feature_store_name": "fs", "feature_group_id": 3, "feature_group_name": "g"},
        ),
        (
            FeatureViewAlert,
            {
                "featureStoreName": "fs",
                "featureViewId": 3,
                "featureViewName": "v",
                "featureViewVersion": 2,
            },
            {
                "feature_store_name": "fs",
                "feature_view_id": 3,
                "feature_view_name": "v",
                "feature_view_version": 2,
            },
        ),
    ],
)
def test_an_alert_of_a_response(kind: Any, wire: dict[str, Any], shown: dict[str, Any]) -> None:
    common = {"id": 1, "status": "S", "severity": "INFO", "receiver": "demo__r", "created": "c"}
    alert = kind.from_response_json({**common, "alertType": "PROJECT_ALERT", **wire})
    assert type(alert) is kind
    assert isinstance(alert, Alert)
    assert alert.to_dict() == json.loads(alert.json()) == json.loads(str(alert)) == common | shown
    assert alert.alert_type == "PROJECT_ALERT"
    for name, value in (common | shown).items():
        assert getattr(alert, name) == value
        with pytest.raises(AttributeError):
            setattr(alert, name, value)
    made = kind(alert_type="PROJECT_ALERT", unknown=1, **common, **shown)
    assert made.to_dict() == alert.to_dict()
    assert made.alert_type == "PROJECT_ALERT"
    assert (
        repr(made)
        == repr(alert)
        == f"{kind.__name__}({', '.join(map(repr, alert.to_dict().values()))})"
    )
    assert pickle.loads(pickle.dumps(alert)).to_dict() == alert.to_dict()
    assert [one.id for one in kind.from_response_json(many(common))] == [1]
    assert kind.from_response_json(many()) == []


def test_codes_of_missing_things() -> None:
    assert ProjectAlert.NOT_FOUND_ERROR_CODE == 150078
    assert JobAlert.NOT_FOUND_ERROR_CODE == 130034
    assert FeatureGroupAlert.NOT_FOUND_ERROR_CODE == 270155
    assert FeatureViewAlert.NOT_FOUND_ERROR_CODE == 270155
    assert AlertReceiver.NOT_FOUND_ERROR_CODE == 390003


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("SUCCESS", "VALIDATION_SUCCESS"),
        ("WARNING", "VALIDATION_WARNING"),
        ("FAILURE", "VALIDATION_FAILURE"),
        ("FEATURE_MONITOR_SHIFT_UNDETECTED", "MONITORING_SHIFT_UNDETECTED"),
        ("FEATURE_MONITOR_SHIFT_DETECTED", "MONITORING_SHIFT_DETECTED"),
        ("JOB_FAILED", "JOB_FAILED"),
        ("A_NEWER_WORD", "A_NEWER_WORD"),
        (None, None),
    ],
)
def test_words_of_older_servers_are_translated(sent: str | None, read: str | None) -> None:
    assert FeatureGroupAlert.from_response_json({"id": 1, "status": sent}).status == read


@pytest.mark.parametrize("key", ["pagerDutyConfigs", "pagerdutyConfigs"])
def test_both_spellings_of_pager_duty_are_read(key: str) -> None:
    receiver = AlertReceiver.from_response_json(
        {"name": "demo__r", "emailConfigs": [], key: [{"serviceKey": "s", "routingKey": "r"}]}
    )
    assert receiver.email_configs is receiver.slack_configs is receiver.webhook_configs is None
    assert [config.service_key for config in receiver.pager_duty_configs] == ["s"]
    assert receiver.to_dict() == {
        "name": "demo__r",
        "pager_duty_configs": [{"serviceKey": "s", "routingKey": "r", "sendResolved": False}],
    }


def test_keys_of_pager_duty_are_not_shown() -> None:
    config = PagerDutyConfig("service-key-1", "routing-key-2", True)
    receiver = AlertReceiver("demo__r", pager_duty_configs=[config])
    for text in (repr(config), repr(receiver), str(receiver)):
        assert "key-1" not in text
        assert "key-2" not in text
    assert config.to_dict() == {
        "serviceKey": "service-key-1",
        "routingKey": "routing-key-2",
        "sendResolved": True,
    }


@pytest.mark.parametrize(
    ("make", "missing"),
    [
        (lambda: EmailConfig(), "EmailConfig needs its to"),
        (lambda: EmailConfig(["a@example.com"]), "EmailConfig needs its to: pass text, not list"),
        (lambda: SlackConfig(), "SlackConfig needs its channel"),
        (lambda: PagerDutyConfig("s"), "PagerDutyConfig needs its routing_key"),
        (lambda: PagerDutyConfig(routing_key="r"), "PagerDutyConfig needs its service_key"),
        (lambda: WebhookConfig(), "WebhookConfig needs its url"),
    ],
)
def test_an_address_needs_its_text(make: Callable[[], Any], missing: str) -> None:
    with pytest.raises(TypeError, match=missing):
        make()


def test_an_alert_that_has_gone_off() -> None:
    wire = {
        "labels": {"alertname": "late", "executionId": "7"},
        "annotations": {"title": "Late"},
        "receivers": [{"name": "demo__r"}],
        "status": {"inhibitedBy": [], "silencedBy": ["7"], "state": "suppressed"},
        "fingerprint": "f",
        "startsAt": "s",
        "endsAt": "e",
        "updatedAt": "u",
        "generatorURL": "g",
    }
    alert = TriggeredAlert.from_response_json(wire)
    assert (alert.status.state, alert.status.silenced_by, alert.status.inhibited_by) == (
        "suppressed",
        ["7"],
        [],
    )
    assert alert.labels == {"alertname": "late", "execution_id": "7"}
    assert alert.to_dict() == json.loads(alert.json()) == json.loads(str(alert))
    assert alert.to_dict()["status"] == json.loads(alert.status.json()) == wire["status"]
    status = AlertStatus.from_response_json({"state": "active"})
    assert status.update_from_response_json(wire["status"]).state == "suppressed"
    assert (alert.generatorurl, alert.starts_at, alert.to_dict()["ends_at"]) == ("g", "s", "e")
    assert TriggeredAlert().to_dict()["status"] is None
    assert TriggeredAlert.from_response_json(many()) == []


def test_an_empty_answer_is_an_empty_list() -> None:
    with ScriptedServer([answer(f"GET {API}/service/alerts", {})]) as server:
        assert api_of(server).get_alerts() == []


# -- what is sent ----------------------------------------------------------------------------------


@pytest.mark.parametrize("older", ["undetected", "detected"])
def test_an_older_status_is_sent_as_todays_with_a_warning(older: str) -> None:
    wanted = {"status": f"MONITORING_SHIFT_{older.upper()}", "severity": "INFO"}
    step = Step(
        f"POST {API}/featurestores/67/featureview/v/version/1/alerts",
        status=201,
        body=b"{}",
        expect_body=json.dumps({**wanted, "receiver": "demo__r"}, separators=(",", ":")).encode(),
    )
    with ScriptedServer([step]) as server, pytest.warns(DeprecationWarning, match="monitoring_"):
        api_of(server).create_feature_view_alert(
            67, "v", 1, "r", f"feature_monitor_shift_{older}", "INFO"
        )


def test_words_are_taken_in_any_case() -> None:
    step = Step(f"POST {API}/service/alerts", status=201, body=b"{}")
    with ScriptedServer([step]) as server:
        api_of(server).create_project_alert("r", "JOB_FAILED", "Critical", "jobs")
        sent = json.loads(server.requests[0].body)
    assert sent == {
        "status": "JOB_FAILED",
        "severity": "CRITICAL",
        "receiver": "demo__r",
        "service": "JOBS",
        "threshold": 0,
    }


BAD_CALLS = [
    ("get_alert", ("1",), TypeError, "alert_id must be the number of an alert, not '1'"),
    ("delete_alert", (True,), TypeError, "alert_id must be the number"),
    ("get_job_alerts", ("",), ValueError, "job_name"),
    ("get_job_alert", (None, 1), TypeError, "job_name"),
    (
        "create_job_alert",
        ("j", "r", "success", "info"),
        ValueError,
        "'finished', 'failed', 'killed', 'long_running', not 'success'",
    ),
    ("create_job_alert", ("j", "", "failed", "info"), ValueError, "receiver"),
    ("create_job_alert", ("j", None, "failed", "info"), TypeError, "receiver"),
    (
        "create_project_alert",
        ("r", "validation_failure", "info", "Jobs"),
        ValueError,
        "'job_long_running' for service JOBS, not 'validation_failure'",
    ),
    (
        "create_project_alert",
        ("r", "job_failed", "info", "Featurestore"),
        ValueError,
        "for service FEATURESTORE, not 'job_failed'",
    ),
    (
        "create_project_alert",
        ("r", "job_failed", "info", "Models"),
        ValueError,
        "service must be one of 'Featurestore', 'Jobs', not 'Models'",
    ),
    (
        "create_project_alert",
        ("r", "job_failed", "fatal", "Jobs"),
        ValueError,
        "severity must be one of 'info', 'warning', 'critical', not 'fatal'",
    ),
    (
        "create_project_alert",
        ("r", None, "info", "Jobs"),
        ValueError,
        "status must be one of .* not None",
    ),
    ("create_project_alert", ("r", "job_failed", "info", "Jobs", "5"), TypeError, "threshold"),
    (
        "create_feature_group_alert",
        (67, 3, "r", "failed", "info"),
        ValueError,
        "'monitoring_empty_detection_window', not 'failed'",
    ),
    (
        "create_feature_group_alert",
        (67, None, "r", "success", "info"),
        ValueError,
        "has been saved",
    ),
    (
        "create_feature_view_alert",
        (67, "v", 1, "r", "success", "info"),
        ValueError,
        "status must be one of 'monitoring_shift_undetected'",
    ),
    ("get_feature_view_alerts", (67, "", 1), ValueError, "feature_view_name"),
    ("get_alert_receiver", ("",), ValueError, "Pass the name of a receiver"),
    ("create_alert_receiver", ("r",), ValueError, "Pass exactly one of .* none of them"),
    ("create_alert_receiver", ("r", []), ValueError, "none of them"),
    (
        "create_alert_receiver",
        ("r", [EmailConfig("a")], [SlackConfig("c")]),
        ValueError,
        "email_configs and slack_configs",
    ),
    (
        "create_alert_receiver",
        ("r", [SlackConfig("c")]),
        TypeError,
        "email_configs must hold EmailConfig, not SlackConfig",
    ),
    (
        "create_alert_receiver",
        ("r", EmailConfig("a")),
        TypeError,
        "email_configs must be a list of EmailConfig",
    ),
    ("create_alert_receiver", ("r", [{"too": "a"}]), TypeError, "too"),
    ("create_alert_receiver", ("", [EmailConfig("a")]), ValueError, "receiver"),
    (
        "create_alert_receiver",
        ("global-receiver__x", [EmailConfig("a")]),
        ValueError,
        "only an administrator",
    ),
]


@pytest.mark.parametrize(("method", "arguments", "error", "message"), BAD_CALLS)
def test_nothing_is_sent_for_bad_input(
    method: str, arguments: tuple[Any, ...], error: type[Exception], message: str
) -> None:
    with ScriptedServer([]) as server:
        with pytest.raises(error, match=message):
            getattr(api_of(server), method)(*arguments)
        assert server.requests == []


TEXTS = {"title": "t", "summary": "s", "description": "d", "severity": "info", "status": "x"}


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"severity": "fatal"}, ValueError, "severity must be one of"),
        ({"title": None}, TypeError, "title must be text, not NoneType"),
        ({"summary": 5}, TypeError, "summary must be text, not int"),
        ({"description": b"x"}, TypeError, "description must be text, not bytes"),
        ({"status": ""}, ValueError, "status"),
        ({"name": ""}, ValueError, "name"),
        ({"receiver_name": ""}, ValueError, "receiver"),
        ({"expire_after_sec": 0}, ValueError, "above 0, not 0"),
        ({"expire_after_sec": -1.5}, ValueError, "above 0"),
        ({"expire_after_sec": "60"}, TypeError, "number of seconds, not '60'"),
        ({"expire_after_sec": 1e300}, ValueError, "too large"),
        ({"expire_after_sec": float("nan")}, ValueError, "above 0"),
    ],
)
def test_nothing_is_triggered_by_bad_input(
    change: dict[str, Any], error: type[Exception], message: str
) -> None:
    with ScriptedServer([]) as server:
        with pytest.raises(error, match=message):
            api_of(server).trigger_alert(**{"receiver_name": "r", "name": "n", **TEXTS, **change})
        assert server.requests == []


# -- waiting ---------------------------------------------------------------------------------------


def test_a_receiver_is_waited_for_at_growing_intervals() -> None:
    steps = [
        answer(f"GET {RECEIVERS}/default", ALL_CHANNELS),
        answer(f"POST {RECEIVERS}?defaultTemplate=True", {}, 201),
        answer(f"GET {RECEIVERS}?expand=True", many({"name": "demo__other"}), times=4),
        answer(f"GET {RECEIVERS}?expand=True", many({"name": "demo__r"})),
    ]
    with ScriptedServer(steps) as server:
        assert api_of(server).create_alert_receiver("r", [EmailConfig("a")]).name == "demo__r"
        at = [request.at for request in server.requests[2:]]
    pauses = [later - earlier for earlier, later in itertools.pairwise(at)]
    assert pauses[0] < pauses[-1]
    assert len(pauses) == 4


def test_a_receiver_that_does_not_come_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alert_delivery, "_WAIT_SECONDS", 0.2)
    steps = [
        answer(f"GET {RECEIVERS}/default", ALL_CHANNELS),
        answer(f"POST {RECEIVERS}?defaultTemplate=True", {}, 201),
        answer(f"GET {RECEIVERS}?expand=True", many(), times=50),
    ]
    with (
        ScriptedServer(steps, complete=False) as server,
        pytest.raises(TimeoutError, match="'demo__r' was made, and the cluster does not know it"),
    ):
        api_of(server).create_alert_receiver("r", [EmailConfig("a")])


@pytest.mark.parametrize("name", ["r", "demo__r"])
def test_a_receiver_is_made_by_its_own_name_in_the_spelling_of_the_server(name: str) -> None:
    steps = [
        answer(f"GET {RECEIVERS}/default", {"pagerdutyConfigured": True}),
        answer(f"POST {RECEIVERS}?defaultTemplate=True", {}, 201),
        answer(f"GET {RECEIVERS}?expand=True", many({"name": "demo__r"})),
    ]
    with ScriptedServer(steps) as server:
        api_of(server).create_alert_receiver(name, pagerduty_configs=[PagerDutyConfig("s", "k")])
        sent = json.loads(server.requests[1].body)
    assert sent["name"] == "r"
    assert sent["pagerdutyConfigs"] == [
        {"serviceKey": "s", "routingKey": "k", "sendResolved": False}
    ]


def test_a_channel_that_is_not_set_up_is_an_error_before_anything_is_made() -> None:
    with ScriptedServer([answer(f"GET {RECEIVERS}/default", {"emailConfigured": False})]) as server:
        with pytest.raises(
            ValueError, match=r"not set up for email_configs. Ask its administrator"
        ):
            api_of(server).create_alert_receiver("r", [EmailConfig("a")])
        assert [request.verb for request in server.requests] == ["GET"]


def trigger_steps(*routes: Any, posted: Step | None = None) -> list[Step]:
    return [
        answer(f"GET {RECEIVERS}/demo__r", {"name": "demo__r"}),
        posted or answer(f"POST {API}/alerts/routes", {}, 201),
        *(answer(f"GET {API}/alerts/routes?loaded=True", found) for found in routes),
    ]


def test_a_route_is_waited_for_until_all_its_labels_are_known() -> None:
    labels = {"status": "x", "severity": "info", "api": "alerts-api"}
    steps = [
        *trigger_steps(
            many(),
            many({"receiver": "demo__r"}),
            many({"receiver": "demo__r", "match": {"status": "x"}}),
            many({"receiver": "demo__other", "match": labels}),
            many({"receiver": "demo__r", "match": labels | {"project": "demo"}}),
        ),
        answer(f"POST {API}/alerts", {}, 201),
    ]
    with ScriptedServer(steps) as server:
        api_of(server).trigger_alert("r", name="n", expire_after_sec=60, **TEXTS)
        route, alert = (json.loads(server.requests[number].body) for number in (1, -1))
    assert route["match"] == [{"key": key, "value": value} for key, value in labels.items()]
    begin, end = (alert["alerts"][0][key] for key in ("startsAt", "endsAt"))
    assert begin.endswith("Z")
    assert begin[:10] <= end[:10]
    assert alert["alerts"][0]["labels"][0] == {"key": "alertname", "value": "n"}


def test_a_route_that_does_not_come_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alert_delivery, "_WAIT_SECONDS", 0.2)
    steps = trigger_steps(*[many()] * 50)
    with (
        ScriptedServer(steps, complete=False) as server,
        pytest.raises(TimeoutError, match=r"A route for alerts of status 'x' to .* 'demo__r'"),
    ):
        api_of(server).trigger_alert("r", name="n", **TEXTS)


@pytest.mark.parametrize(("words", "known"), [("It already exists.", True), ("Refused.", False)])
def test_only_a_route_that_exists_is_passed_over(words: str, known: bool) -> None:
    refusal = answer(f"POST {API}/alerts/routes", {"errorCode": 390002, "errorMsg": words}, 400)
    steps = trigger_steps(posted=refusal)
    if known:
        steps.append(answer(f"POST {API}/alerts", {}, 201))
    with ScriptedServer(steps) as server:
        api = api_of(server)
        if known:
            api.trigger_alert("r", name="n", **TEXTS)
        else:
            with pytest.raises(RestAPIError, match="Refused"):
                api.trigger_alert("r", name="n", **TEXTS)
