"""Alerts on the local server: made, listed, gone off at the end of jobs, triggered, and gone with what they are on."""

from __future__ import annotations

import sqlite3
import warnings
from pathlib import Path
from typing import Any

import pandas
import pytest
from conftest import Api, ProjectApi
from relay import Relay

from hopsworks.alert import JobAlert, ProjectAlert
from hopsworks.alert_receiver import (
    AlertReceiver,
    EmailConfig,
    PagerDutyConfig,
    SlackConfig,
    WebhookConfig,
)
from hopsworks.client.exceptions import (
    FeatureStoreException,
    JobExecutionException,
    NotFoundError,
    RestAPIError,
)
from hopsworks.core.alerts_api import AlertsApi


@pytest.fixture
def alerts(project: Any) -> AlertsApi:
    """The alerts of a new project, with a receiver `oncall`."""
    api = project.get_alerts_api()
    api.create_alert_receiver("oncall", [EmailConfig("oncall@example.com", True)])
    return api


def make_job(project: Any, tmp_path: Path, source: str, name: str = "job") -> Any:
    (tmp_path / f"{name}.py").write_text(source)
    project.get_dataset_api().upload(str(tmp_path / f"{name}.py"), "Resources", overwrite=True)
    jobs = project.get_job_api()
    return jobs.create_job(
        name, jobs.get_configuration("PYTHON") | {"appPath": f"Resources/{name}.py"}
    )


# -- receivers -------------------------------------------------------------------------------------


def test_receivers_of_every_kind(project: Any) -> None:
    api = project.get_alerts_api()
    assert api.get_alert_receivers() == []
    made = [
        api.create_alert_receiver("mail", [EmailConfig("a@example.com"), EmailConfig("b", True)]),
        api.create_alert_receiver("slack", slack_configs=[SlackConfig("#c")]),
        api.create_alert_receiver("duty", pagerduty_configs=[PagerDutyConfig("s", "r")]),
        api.create_alert_receiver("hook", webhook_configs=[WebhookConfig("https://example.com")]),
    ]
    assert all(isinstance(receiver, AlertReceiver) for receiver in made)
    assert [receiver.name for receiver in made] == [
        f"{project.name}__{name}" for name in ("mail", "slack", "duty", "hook")
    ]
    assert [(config.to, config.send_resolved) for config in made[0].email_configs] == [
        ("a@example.com", False),
        ("b", True),
    ]
    assert made[0].slack_configs is None
    assert made[1].slack_configs[0].channel == "#c"
    assert made[2].pager_duty_configs[0].routing_key == "r"
    assert made[3].webhook_configs[0].url == "https://example.com"
    assert sorted(found.name for found in api.get_alert_receivers()) == sorted(
        receiver.name for receiver in made
    )
    assert api.get_alert_receiver("duty").to_dict() == made[2].to_dict()
    assert api.get_alert_receiver(made[2].name).name == made[2].name
    assert api.get_alert_receiver("nobody") is None
    with pytest.raises(RestAPIError) as refused:
        api.create_alert_receiver("mail", [EmailConfig("a")])
    assert refused.value.error_code == 390001


def test_requests_of_other_clients_about_receivers(api: ProjectApi) -> None:
    path = f"{api.p}/alerts/receivers"
    old = {"name": "x", "pagerdutyConfigs": [{"serviceKey": "s"}]}
    made = api.call("POST", path, 201, json=old)
    assert made["pagerDutyConfigs"] == made["pagerdutyConfigs"]
    channels = api.call("GET", f"{path}/default")
    assert channels["pagerDutyConfigured"]
    assert channels["pagerdutyConfigured"]
    assert api.error("GET", f"{path}/{api.name}__nobody") == (400, 390003)
    for body in (
        {},
        {"name": "y"},
        {"name": "a/b", "emailConfigs": [{"to": "a"}]},
        {"name": "y", "emailConfigs": [{}]},
        {"name": "y", "emailConfigs": "a"},
        {"name": "y", "slackConfigs": [{"channel": 5}]},
    ):
        assert api.error("POST", path, json=body) == (400, 390006)
    everybody = {"name": "global-receiver__mail", "emailConfigs": [{"to": "a"}]}
    assert api.error("POST", path, json=everybody) == (403, 390010)
    for number in range(5):
        api.call("POST", path, 201, json={"name": f"n{number}", "emailConfigs": [{"to": "a"}]})
    page = api.call("GET", f"{path}?offset=1&limit=2")
    assert (page["count"], [item["name"] for item in page["items"]]) == (
        6,
        [f"{api.name}__n1", f"{api.name}__n2"],
    )
    assert "items" not in api.call("GET", f"{path}?offset=6")


# -- alerts ----------------------------------------------------------------------------------------


def test_alerts_on_a_project(project: Any, alerts: AlertsApi) -> None:
    assert project.get_alerts() == []
    failed = project.create_job_alert("oncall", "job_failed", "critical")
    invalid = project.create_featurestore_alert("oncall", "validation_failure", "warning")
    assert isinstance(failed, ProjectAlert)
    assert (failed.status, failed.severity, failed.service) == ("JOB_FAILED", "CRITICAL", "JOBS")
    assert (failed.project_name, failed.receiver) == (project.name, f"{project.name}__oncall")
    assert (failed.alert_type, failed.threshold) == ("PROJECT_ALERT", 0)
    assert (invalid.service, invalid.status) == ("FEATURESTORE", "VALIDATION_FAILURE")
    assert [alert.id for alert in alerts.get_alerts()] == [failed.id, invalid.id]
    assert project.get_alert(failed.id).to_dict() == failed.to_dict()
    with pytest.raises(RestAPIError) as refused:
        project.create_job_alert("oncall", "job_failed", "info")
    assert refused.value.error_code == 150080
    with pytest.raises(RestAPIError) as refused:
        project.create_job_alert("nobody", "job_killed", "info")
    assert refused.value.error_code == 390003
    alerts.delete_alert(failed.id)
    assert alerts.get_alert(failed.id) is None
    with pytest.raises(NotFoundError):
        alerts.delete_alert(failed.id)
    assert [alert.id for alert in project.get_alerts()] == [invalid.id]


def test_alerts_on_a_job(project: Any, alerts: AlertsApi, tmp_path: Path) -> None:
    job = make_job(project, tmp_path, "")
    assert job.get_alerts() == []
    made = job.create_alert("oncall", "failed", "critical")
    assert isinstance(made, JobAlert)
    assert (made.job_name, made.status, made.threshold) == ("job", "FAILED", 0)
    other = alerts.create_job_alert("job", "oncall", "job_finished", "info")
    assert [alert.id for alert in alerts.get_job_alerts("job")] == [made.id, other.id]
    assert job.get_alert(made.id).to_dict() == made.to_dict()
    assert alerts.get_job_alert("job", made.id + 100) is None
    assert alerts.get_alert(made.id) is None  # of the job, not of the project
    with pytest.raises(RestAPIError) as refused:
        job.create_alert("oncall", "failed", "info")
    assert refused.value.error_code == 130036
    with pytest.raises(NotFoundError):
        alerts.get_job_alerts("other")
    with pytest.raises(RestAPIError, match="does not watch how long") as refused:
        job.create_alert("oncall", "long_running", "info")
    assert refused.value.response.status_code == 501


def test_alerts_on_feature_groups_and_views(project: Any, alerts: AlertsApi) -> None:
    store = project.get_feature_store()
    group = store.create_feature_group("trips", version=1, primary_key=["trip"])
    with pytest.raises(FeatureStoreException, match="'trips' has not been saved"):
        group.create_alert("oncall", "validation_failure", "info")
    group.insert(pandas.DataFrame({"trip": [1]}))
    view = store.create_feature_view("rides", query=group.select_all(), version=1)
    on_group = group.create_alert("oncall", "failure", "warning")
    assert (on_group.status, on_group.feature_group_name) == ("VALIDATION_FAILURE", "trips")
    assert (on_group.feature_group_id, on_group.feature_store_name) == (group.id, store.name)
    with pytest.warns(DeprecationWarning, match="write 'monitoring_shift_detected'") as warned:
        on_view = view.create_alert("oncall", "feature_monitor_shift_detected", "warning")
    assert warned[0].filename == __file__
    assert (on_view.status, on_view.feature_view_name) == ("MONITORING_SHIFT_DETECTED", "rides")
    assert (on_view.feature_view_version, on_view.feature_view_id) == (1, view.id)
    assert [alert.id for alert in group.get_alerts()] == [on_group.id]
    assert [alert.id for alert in view.get_alerts()] == [on_view.id]
    assert group.get_alert(on_group.id).to_dict() == on_group.to_dict()
    assert view.get_alert(on_view.id).to_dict() == on_view.to_dict()
    assert group.get_alert(on_view.id) is view.get_alert(on_group.id) is None
    place = (store.id, "rides", 1)
    assert [alert.id for alert in alerts.get_feature_view_alerts(*place)] == [on_view.id]
    assert alerts.get_feature_view_alert(*place, on_view.id).id == on_view.id
    assert [alert.id for alert in alerts.get_feature_group_alerts(store.id, group.id)] == [
        on_group.id
    ]
    assert alerts.get_feature_group_alert(store.id, group.id, on_group.id).id == on_group.id
    with pytest.raises(RestAPIError) as refused:
        group.create_alert("oncall", "validation_failure", "info")
    assert refused.value.error_code == 270157
    number = group.id
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the jobs that go with them
        view.delete()
        group.delete()
    with pytest.raises(NotFoundError):
        alerts.get_feature_group_alerts(store.id, number)


def test_requests_of_other_clients_about_alerts(api: ProjectApi) -> None:
    path = f"{api.p}/service/alerts"
    receiver = f"{api.name}__r"
    api.call("POST", f"{api.p}/alerts/receivers", json={"name": "r", "emailConfigs": [{"to": "a"}]})
    good = {"status": "JOB_FAILED", "severity": "INFO", "receiver": receiver, "service": "JOBS"}
    for change in (
        {"service": "MODELS"},
        {"service": "FEATURESTORE"},
        {"status": "FAILED"},
        {"status": None},
        {"severity": "FATAL"},
        {"threshold": "x"},
    ):
        assert api.error("POST", path, json=good | change) == (400, 150079)
    assert api.error("POST", path, json=good | {"receiver": "r"}) == (400, 390003)
    assert api.error("POST", path, json=good | {"receiver": ["r"]}) == (400, 390003)
    assert api.error("GET", f"{path}/7") == (404, 150078)
    assert api.error("GET", f"{api.p}/jobs/none/alerts") == (404, 130009)
    for status in ("JOB_FAILED", "JOB_KILLED", "JOB_FINISHED"):
        api.call("POST", path, 201, json=good | {"status": status})
    page = api.call("GET", f"{path}?offset=1&limit=1")
    assert (page["count"], [item["status"] for item in page["items"]]) == (3, ["JOB_KILLED"])
    older = good | {"service": "FEATURESTORE", "status": "FEATURE_MONITOR_SHIFT_DETECTED"}
    assert api.call("POST", path, 201, json=older)["status"] == "MONITORING_SHIFT_DETECTED"


# -- alerts that go off ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "status"), [("", "finished"), ("raise SystemExit(3)", "failed")]
)
def test_the_end_of_a_job_lets_its_alerts_go_off(
    project: Any, alerts: AlertsApi, tmp_path: Path, source: str, status: str
) -> None:
    alerts.create_alert_receiver("team", slack_configs=[SlackConfig("#team")])
    job = make_job(project, tmp_path, source)
    for outcome in ("finished", "failed", "killed"):
        job.create_alert("oncall", outcome, "critical")
    project.create_job_alert("team", f"job_{status}", "critical")
    make_job(project, tmp_path, source, "other").create_alert("oncall", status, "info")
    try:
        execution = job.run()
    except JobExecutionException:
        execution = job.get_executions()[0]
    (alert,) = alerts.get_triggered_alerts()
    assert alert.labels == {
        "alertname": f"Job{status.capitalize()}",
        "execution_id": str(execution.id),
        "job": "job",
        "project": project.name,
        "severity": "critical",
        "status": status.upper(),
    }
    assert [one["name"] for one in alert.receivers] == [
        f"{project.name}__oncall",
        f"{project.name}__team",
    ]
    assert alert.annotations["summary"] == f"Execution {execution.id} of the job job {status}."
    assert ("exit code 3" in alert.annotations["description"]) == (status == "failed")
    assert (alert.status.state, alert.status.silenced_by) == ("active", [])
    assert alert.starts_at <= alert.updated_at < alert.ends_at
    assert alert.fingerprint
    assert alerts.get_triggered_alerts(active=False, silenced=True, inhibited=True) == []


def test_a_stopped_job_is_an_alert_of_its_own(
    project: Any, alerts: AlertsApi, tmp_path: Path
) -> None:
    job = make_job(project, tmp_path, "import time\ntime.sleep(60)")
    job.create_alert("oncall", "killed", "warning")
    execution = job.run(await_termination=False)
    assert alerts.get_triggered_alerts() == []
    execution.stop()
    with pytest.raises(JobExecutionException):
        execution.await_termination(timeout=30)
    assert [alert.labels["status"] for alert in alerts.get_triggered_alerts()] == ["KILLED"]


def test_an_alert_of_ones_own(project: Any, alerts: AlertsApi) -> None:
    def trigger(**change: Any) -> None:
        wanted = {
            "receiver_name": "oncall",
            "title": "Late",
            "summary": "No trips.",
            "description": "",
            "severity": "warning",
            "status": "source_down",
            "name": "late",
        }
        alerts.trigger_alert(**(wanted | change))

    trigger(generator_url="https://example.com/run", expire_after_sec=3600)
    (alert,) = alerts.get_triggered_alerts()
    assert alert.labels["alertname"] == "late"
    assert alert.annotations == {"title": "Late", "summary": "No trips.", "description": ""}
    assert alert.receivers == [{"name": f"{project.name}__oncall"}]
    assert alert.generatorurl == "https://example.com/run"
    assert alert.starts_at < alert.ends_at
    trigger(title="Later")  # the route is there already, and so is the alert
    (again,) = alerts.get_triggered_alerts()
    assert (again.fingerprint, again.annotations["title"]) == (alert.fingerprint, "Later")
    trigger(name="other", expire_after_sec=0.001)
    assert [one.labels["alertname"] for one in alerts.get_triggered_alerts()] == ["late"]
    with pytest.raises(ValueError, match=r"There is no receiver '.*__nobody'"):
        trigger(receiver_name="nobody")


def test_requests_of_other_clients_about_triggered_alerts(api: ProjectApi) -> None:
    path, routes = f"{api.p}/alerts", f"{api.p}/alerts/routes"
    receiver = f"{api.name}__r"
    name = {"key": "alertname", "value": "n"}
    route = {"receiver": receiver, "match": [{"key": "status", "value": "x"}]}
    assert api.error("POST", routes, json=route) == (400, 390003)
    api.call("POST", f"{path}/receivers", json={"name": "r", "emailConfigs": [{"to": "a"}]})
    for change in ({"match": None}, {"match": "x"}, {"match": [{"key": "a"}]}):
        assert api.error("POST", routes, json=route | change) == (400, 390006)
    api.call("POST", routes, 201, json=route)
    response = api.send("POST", routes, json=route)
    assert (response.status_code, response.json()["errorCode"]) == (400, 390002)
    assert "already exists" in response.json()["errorMsg"]
    (found,) = api.call("GET", f"{routes}?loaded=True")["items"]
    assert (found["receiver"], found["match"]) == (receiver, {"status": "x"})
    assert found["continue"] is True
    for body in (
        {},
        {"alerts": []},
        {"alerts": ["x"]},
        {"alerts": [{"labels": []}]},
        {"alerts": [{"labels": [name], "startsAt": "noon"}]},
        {"alerts": [{"labels": [name], "startsAt": 2000, "endsAt": 1000}]},
        {"alerts": [{"labels": [name]}, {"labels": "x"}]},
    ):
        assert api.error("POST", path, json=body) == (400, 390006)
    assert api.call("GET", path)["count"] == 0  # all of them or none
    times = {"startsAt": "2020-01-01T00:00:00", "endsAt": "2120-01-01T01:00:00+01:00"}
    labels = [name, {"key": "status", "value": "x"}]
    api.call("POST", path, 201, json={"alerts": [{"labels": labels, **times}, {"labels": [name]}]})
    first, second = api.call("GET", path)["items"]
    assert (first["startsAt"], first["endsAt"]) == (
        "2020-01-01T00:00:00.000Z",
        "2120-01-01T00:00:00.000Z",
    )
    assert (first["receivers"], second["receivers"]) == ([{"name": receiver}], [])
    assert api.call("GET", f"{path}?limit=1&offset=1")["items"] == [second]
    assert api.error("GET", f"{path}?silenced=perhaps") == (404, 310000)


# -- the end ---------------------------------------------------------------------------------------


def test_alerts_go_with_their_job_and_their_project(
    project: Any, alerts: AlertsApi, tmp_path: Path, local_server: Any
) -> None:
    job = make_job(project, tmp_path, "")
    job.create_alert("oncall", "failed", "info")
    job.delete()
    again = make_job(project, tmp_path, "")
    assert again.get_alerts() == []
    again.create_alert("oncall", "finished", "info")
    again.run()
    assert len(alerts.get_triggered_alerts()) == 1
    api = Api(local_server)
    api.call("POST", f"project/{project.id}/delete")
    api.close()
    metadata = sqlite3.connect(Path(local_server.data) / "metadata.sqlite")
    for table in ("alerts", "alert_receivers", "alert_routes", "triggered_alerts"):
        rows = metadata.execute(f"SELECT count(*) FROM {table} WHERE project=?", (project.id,))
        assert rows.fetchone() == (0,), table
    metadata.close()


def test_nothing_is_sent_for_bad_input(relay: Relay, session: Any) -> None:
    api = AlertsApi(session)
    relay.requests.clear()
    for call, error in (
        (lambda: api.create_project_alert("r", "failed", "info", "Jobs"), ValueError),
        (lambda: api.create_job_alert("j", "r", "failed", "fatal"), ValueError),
        (lambda: api.create_alert_receiver("r"), ValueError),
        (lambda: api.get_alert("1"), TypeError),
    ):
        with pytest.raises(error):
            call()
    assert relay.requests == []
