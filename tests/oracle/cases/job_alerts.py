"""Alerts on jobs go off when the jobs end, on the embedded server."""

import os

SERVER = "local"


def run(project, step, config):
    from hopsworks.alert_receiver import WebhookConfig

    script = os.path.join(config["folder"], "task.py")
    with open(script, "w") as file:
        file.write("import sys\nsys.exit(len(sys.argv) - 1)\n")
    api, alerts = project.get_job_api(), project.get_alerts_api()
    step("upload", lambda: project.get_dataset_api().upload(script, "Resources"))
    settings = api.get_configuration("PYTHON")
    settings["appPath"] = "Resources/task.py"
    step("create", lambda: api.create_job("task", settings).job_type)
    task = api.get_job("task")

    def shown(alert):
        return [alert.job_name, alert.status, alert.severity, alert.receiver, alert.threshold]

    def off():
        return [
            [alert.labels, alert.annotations["title"], alert.receivers, alert.status.to_dict()]
            for alert in alerts.get_triggered_alerts()
        ]

    step(
        "receiver",
        lambda: alerts.create_alert_receiver(
            "hook", webhook_configs=[WebhookConfig("https://example.com", True)]
        ).to_dict(),
    )
    step("on failure", lambda: shown(task.create_alert("hook", "failed", "critical")))
    step("on success", lambda: shown(alerts.create_job_alert("task", "hook", "finished", "info")))
    step("of all jobs", lambda: project.create_job_alert("hook", "job_failed", "critical").status)
    step("again", lambda: task.create_alert("hook", "failed", "info"), error="RestAPIError")
    step("list", lambda: [shown(alert) for alert in task.get_alerts()])
    step("one", lambda: shown(task.get_alert(task.get_alerts()[0].id)))
    step("none", lambda: task.get_alert(999))
    step("nothing yet", off)
    step("run", lambda: task.run().success)
    step("off after success", off)
    step("run and fail", lambda: task.run("fail"), error="JobExecutionException")
    step("off after failure", off)
    step("delete", lambda: task.delete())
    step("gone", lambda: alerts.get_job_alerts("task"), error="RestAPIError")
