"""Alerts, receivers and routes, on a stand-in that is slow to know what it has made."""

import json

SERVER = "stand-in"

PROJECT = "project/119"
STORE = f"{PROJECT}/featurestores/67"
CREATED = "2025-01-02T03:04:05.000Z"


def _alert(number, status, **more):
    return {
        "id": number,
        "status": status,
        "severity": "CRITICAL",
        "receiver": "demo__oncall",
        "alertType": "PROJECT_ALERT",
        "created": CREATED,
        **more,
    }


OF_PROJECT = _alert(1, "JOB_FAILED", projectName="demo", service="JOBS", threshold=3)
OF_JOB = _alert(5, "FAILED", jobName="train", threshold=0)
OF_GROUP = _alert(7, "FAILURE", featureStoreName="demo", featureGroupId=3, featureGroupName="trips")
OF_VIEW = _alert(
    9,
    "FEATURE_MONITOR_SHIFT_DETECTED",
    featureStoreName="demo",
    featureViewId=4,
    featureViewName="v",
    featureViewVersion=1,
)
RECEIVER = {
    "name": "demo__oncall",
    "emailConfigs": [{"to": "a@example.com", "sendResolved": True}],
    "slackConfigs": [{"channel": "#c", "sendResolved": False}],
    "pagerDutyConfigs": [{"serviceKey": "k", "routingKey": "r", "sendResolved": False}],
    "webhookConfigs": [{"url": "https://example.com", "sendResolved": True}],
}
CHANNELS = {
    "emailConfigured": True,
    "slackConfigured": True,
    "pagerDutyConfigured": True,
}
LABELS = {"status": "source_down", "severity": "warning", "api": "alerts-api"}
TRIGGERED = {
    "labels": {"alertname": "late", **LABELS},
    "annotations": {"title": "Late"},
    "receivers": [{"name": "demo__oncall"}],
    "status": {"inhibitedBy": [], "silencedBy": [], "state": "active"},
    "fingerprint": "f1",
    "startsAt": CREATED,
    "endsAt": CREATED,
    "updatedAt": CREATED,
    "generatorURL": "https://example.com/run",
}


def _missing(code):
    return (404, {"errorCode": code, "errorMsg": "Not found."})


def _many(*items):
    return {"count": len(items), **({"items": list(items)} if items else {})}


ROUTES = {
    f"GET {PROJECT}/service/alerts": [_many(OF_PROJECT), _many(), _many(OF_PROJECT)],
    f"GET {PROJECT}/service/alerts/1": [OF_PROJECT],
    f"GET {PROJECT}/service/alerts/2": [_missing(150078)],
    f"GET {PROJECT}/service/alerts/3": [(500, {"errorCode": 120000, "errorMsg": "Unknown."})],
    f"POST {PROJECT}/service/alerts": [
        *[(201, OF_PROJECT)] * 8,
        (400, {"errorCode": 150080, "errorMsg": "Alert already exists."}),
    ],
    f"DELETE {PROJECT}/service/alerts/1": [None],
    f"GET {PROJECT}/jobs/train": [
        {
            "id": 3,
            "name": "train",
            "creationTime": CREATED,
            "config": {"type": "pythonJobConfiguration"},
            "jobType": "PYTHON",
            "creator": {"href": "x"},
        }
    ],
    f"GET {PROJECT}/jobs/train/alerts": [_many(OF_JOB)],
    f"GET {PROJECT}/jobs/train/alerts/5": [OF_JOB],
    f"GET {PROJECT}/jobs/train/alerts/6": [_missing(130034)],
    f"POST {PROJECT}/jobs/train/alerts": [(201, OF_JOB)],
    f"GET {STORE}/featuregroups/3/alerts": [_many(OF_GROUP, {**OF_GROUP, "status": "SUCCESS"})],
    f"GET {STORE}/featuregroups/3/alerts/7": [OF_GROUP],
    f"GET {STORE}/featuregroups/3/alerts/8": [_missing(270155)],
    f"POST {STORE}/featuregroups/3/alerts": [(201, OF_GROUP)],
    f"GET {STORE}/featureview/v/version/1/alerts": [_many(OF_VIEW)],
    f"GET {STORE}/featureview/v/version/1/alerts/9": [OF_VIEW],
    f"GET {STORE}/featureview/v/version/1/alerts/8": [_missing(270155)],
    f"POST {STORE}/featureview/v/version/1/alerts": [(201, OF_VIEW)],
    f"GET {PROJECT}/alerts/receivers": [
        _many(RECEIVER, {"name": "global-receiver__email", "emailConfigs": [{"to": "b"}]}),
        # the waits: the receiver appears at the second look, then at the first ones
        _many(),
        _many(RECEIVER),
    ],
    f"GET {PROJECT}/alerts/receivers/demo__oncall": [RECEIVER],
    f"GET {PROJECT}/alerts/receivers/demo__nobody": [
        (400, {"errorCode": 390003, "errorMsg": "Receiver not found."})
    ],
    f"GET {PROJECT}/alerts/receivers/global-receiver__email": [
        {"name": "global-receiver__email", "emailConfigs": [{"to": "b"}]}
    ],
    f"GET {PROJECT}/alerts/receivers/default": [
        *[CHANNELS] * 5,
        {**CHANNELS, "slackConfigured": False},
    ],
    f"POST {PROJECT}/alerts/receivers": [
        *[(201, RECEIVER)] * 4,
        (400, {"errorCode": 390001, "errorMsg": "Receiver already exists."}),
    ],
    f"POST {PROJECT}/alerts/routes": [
        (201, {}),
        (400, {"errorCode": 390002, "errorMsg": "A route like this already exists."}),
        (400, {"errorCode": 390002, "errorMsg": "Something else."}),
    ],
    f"GET {PROJECT}/alerts/routes": [
        _many(),
        _many({"receiver": "demo__oncall", "match": {"status": "source_down"}}),
        _many({"receiver": "demo__oncall", "match": {**LABELS, "project": "demo"}}),
    ],
    f"POST {PROJECT}/alerts": [(201, {})],
    f"GET {PROJECT}/alerts": [_many(TRIGGERED), _many()],
}


def run(project, step, config):
    from hopsworks.alert_receiver import (
        EmailConfig,
        PagerDutyConfig,
        SlackConfig,
        WebhookConfig,
    )

    api = project.get_alerts_api()

    def shown(alert):
        return [type(alert).__name__, repr(alert), alert.alert_type, alert.to_dict(), alert.json()]

    # on the project
    step("list", lambda: [shown(alert) for alert in api.get_alerts()])
    step("list nothing", lambda: api.get_alerts())
    step("list of the project", lambda: [shown(alert) for alert in project.get_alerts()])
    step("get", lambda: shown(api.get_alert(1)))
    step("get of the project", lambda: shown(project.get_alert(1)))
    step("get missing", lambda: api.get_alert(2))
    step("get refused", lambda: api.get_alert(3), error="RestAPIError")
    made = [
        ("oncall", "job_failed", "critical", "Jobs", 5),
        ("demo__oncall", "job_killed", "info", "Jobs"),
        ("global-receiver__email", "validation_failure", "warning", "Featurestore"),
        ("oncall", "feature_validation_warning", "warning", "Featurestore"),
        ("oncall", "monitoring_shift_detected", "warning", "Featurestore"),
        ("other__oncall", "feature_monitor_shift_detected", "warning", "Featurestore"),
    ]
    for number, arguments in enumerate(made):
        step(f"create {number}", lambda given=arguments: shown(api.create_project_alert(*given)))
    step("of jobs", lambda: shown(project.create_job_alert("oncall", "job_finished", "info")))
    step(
        "of the feature store",
        lambda: shown(project.create_featurestore_alert("oncall", "validation_success", "info")),
    )
    step(
        "create again",
        lambda: project.create_job_alert("oncall", "job_finished", "info"),
        error="RestAPIError",
    )
    step("delete", lambda: api.delete_alert(1))
    wrong = {
        "status": ("oncall", "failed", "info", "Jobs"),
        "status of the other service": ("oncall", "validation_failure", "info", "Jobs"),
        "severity": ("oncall", "job_failed", "fatal", "Jobs"),
        "service": ("oncall", "job_failed", "info", "Models"),
    }
    for what, arguments in wrong.items():
        step(
            f"wrong {what}",
            lambda given=arguments: api.create_project_alert(*given),
            error="ValueError",
        )

    # on a job
    step("job list", lambda: [shown(alert) for alert in api.get_job_alerts("train")])
    step("job get", lambda: shown(api.get_job_alert("train", 5)))
    step("job get missing", lambda: api.get_job_alert("train", 6))
    for status in ("finished", "job_failed", "killed", "job_long_running"):
        step(
            f"job create {status}",
            lambda status=status: shown(api.create_job_alert("train", "oncall", status, "info")),
        )
    step(
        "job wrong",
        lambda: api.create_job_alert("train", "oncall", "success", "info"),
        error="ValueError",
    )
    job = project.get_job_api().get_job("train")
    step("of job list", lambda: [shown(alert) for alert in job.get_alerts()])
    step("of job get", lambda: shown(job.get_alert(5)))
    step("of job create", lambda: shown(job.create_alert("oncall", "failed", "info")))

    # on a feature group and a feature view
    step("group list", lambda: [shown(alert) for alert in api.get_feature_group_alerts(67, 3)])
    step("group get", lambda: shown(api.get_feature_group_alert(67, 3, 7)))
    step("group get missing", lambda: api.get_feature_group_alert(67, 3, 8))
    for status in ("success", "feature_validation_failure", "monitoring_shift_undetected"):
        step(
            f"group create {status}",
            lambda status=status: shown(
                api.create_feature_group_alert(67, 3, "oncall", status, "warning")
            ),
        )
    step(
        "group wrong",
        lambda: api.create_feature_group_alert(67, 3, "oncall", "failed", "warning"),
        error="ValueError",
    )
    step("view list", lambda: [shown(alert) for alert in api.get_feature_view_alerts(67, "v", 1)])
    step("view get", lambda: shown(api.get_feature_view_alert(67, "v", 1, 9)))
    step("view get missing", lambda: api.get_feature_view_alert(67, "v", 1, 8))
    step(
        "view create",
        lambda: shown(
            api.create_feature_view_alert(
                67, "v", 1, "oncall", "monitoring_empty_detection_window", "warning"
            )
        ),
    )
    step(
        "view wrong",
        lambda: api.create_feature_view_alert(67, "v", 1, "oncall", "success", "warning"),
        error="ValueError",
    )

    # receivers
    def receiver(found):
        return [found.name, found.to_dict(), found.json()]

    step("receivers", lambda: [receiver(found) for found in api.get_alert_receivers()])
    step("receiver", lambda: receiver(api.get_alert_receiver("oncall")))
    step("receiver, full name", lambda: receiver(api.get_alert_receiver("demo__oncall")))
    step("receiver, global", lambda: receiver(api.get_alert_receiver("global-receiver__email")))
    step("receiver missing", lambda: api.get_alert_receiver("nobody"))
    step(
        "receiver addresses",
        lambda: [
            [config.to_dict(), json.loads(config.json())]
            for config in (
                EmailConfig("a", True),
                SlackConfig("c"),
                PagerDutyConfig("s", "r"),
                WebhookConfig("u"),
            )
        ],
    )
    step(
        "receiver by mail",
        lambda: receiver(api.create_alert_receiver("oncall", [EmailConfig("a@example.com")])),
    )
    step(
        "receiver by Slack",
        lambda: receiver(api.create_alert_receiver("oncall", slack_configs=[SlackConfig("#c")])),
    )
    step(
        "receiver by PagerDuty",
        lambda: receiver(
            api.create_alert_receiver("oncall", pagerduty_configs=[PagerDutyConfig("s", "r", True)])
        ),
    )
    step(
        "receiver by webhook",
        lambda: receiver(api.create_alert_receiver("oncall", webhook_configs=[WebhookConfig("u")])),
    )
    step(
        "receiver again",
        lambda: api.create_alert_receiver("oncall", [EmailConfig("a@example.com")]),
        error="RestAPIError",
    )
    step(
        "receiver of a channel that is not set up",
        lambda: api.create_alert_receiver("oncall", slack_configs=[SlackConfig("#c")]),
        error="ValueError",
    )
    step("address without text", lambda: EmailConfig(), error="TypeError")

    # alerts that go off
    def trigger(receiver_name, status="source_down", severity="warning", **more):
        return api.trigger_alert(
            receiver_name,
            title="Late",
            summary="No trips.",
            description="503",
            severity=severity,
            status=status,
            name="late",
            **more,
        )

    step("trigger", lambda: trigger("oncall", generator_url="https://example.com/run"))
    step("trigger, route known", lambda: trigger("oncall"))
    step("trigger, route refused", lambda: trigger("oncall"), error="RestAPIError")
    step("trigger, global receiver", lambda: trigger("global-receiver__email"))
    step("trigger, no receiver", lambda: trigger("nobody"), error="ValueError")
    step("trigger, severity", lambda: trigger("oncall", severity="fatal"), error="ValueError")

    def triggered(alert):
        return [
            alert.labels,
            alert.annotations,
            alert.receivers,
            alert.fingerprint,
            [alert.starts_at, alert.ends_at, alert.updated_at],
            alert.generatorurl,
            alert.status.to_dict(),
        ]

    step("triggered", lambda: [triggered(alert) for alert in api.get_triggered_alerts()])
    step("triggered, others", lambda: api.get_triggered_alerts(False, True, True))
