"""Search finds what is in the feature store and opens it, and alerts stand on it; on the embedded server."""

SERVER = "local"


def run(project, step, config):
    import pandas

    from hsfs.feature import Feature

    store, search, alerts = (
        project.get_feature_store(),
        project.get_search_api(),
        project.get_alerts_api(),
    )

    def make():
        group = store.create_feature_group(
            "taxi_trips",
            version=1,
            description="All taxi trips",
            primary_key=["trip"],
            features=[Feature("trip", "bigint"), Feature("tip", "double", description="A gift")],
            statistics_config=False,
        )
        group.insert(pandas.DataFrame({"trip": [1], "tip": [0.5]}))
        return [group.name, group.version]

    step("make", make)
    group = store.get_feature_group("taxi_trips", version=1)
    view = store.create_feature_view("taxi_rides", query=group.select_all(), version=1)

    def shown(items):
        return [
            [one.name, one.version, one.description, one.project.name, one.highlights.json()]
            for one in items
        ]

    step("groups", lambda: shown(search.feature_groups("TAXI")))
    step("views", lambda: shown(search.feature_views("taxi")))
    step("features", lambda: shown(search.features("gift")))
    step("training datasets", lambda: shown(search.training_datasets("taxi")))
    step("nothing", lambda: shown(search.feature_groups("bicycle")))
    step("everywhere", lambda: shown(search.feature_groups("taxi", global_search=True)))
    everything = search.feature_store("taxi", limit=1)
    step(
        "totals",
        lambda: [everything.feature_groups_total, everything.features_total, everything.jobs],
    )

    def opened(found):
        found = found.get()
        return [found.name, found.version, found.description]

    step("open a group", lambda: opened(search.feature_groups("gift")[0]))
    step("open a view", lambda: opened(search.feature_views("taxi")[0]))

    from hopsworks.alert_receiver import EmailConfig

    def alert(found):
        return [type(found).__name__, found.to_dict() | {"created": None}]

    step("no receivers", lambda: alerts.get_alert_receivers())
    step(
        "no such receiver",
        lambda: group.create_alert("oncall", "validation_failure", "warning"),
        error="RestAPIError",
    )
    step(
        "receiver",
        lambda: alerts.create_alert_receiver("oncall", [EmailConfig("a@example.com")]).to_dict(),
    )
    step(
        "receiver again",
        lambda: alerts.create_alert_receiver("oncall", [EmailConfig("a@example.com")]),
        error="RestAPIError",
    )
    step("on a group", lambda: alert(group.create_alert("oncall", "validation_failure", "info")))
    step("on a group, list", lambda: [alert(one) for one in group.get_alerts()])
    step("on a group, one", lambda: alert(group.get_alert(group.get_alerts()[0].id)))
    step("on a group, none", lambda: group.get_alert(999))
    step(
        "on a view", lambda: alert(view.create_alert("oncall", "monitoring_shift_detected", "info"))
    )
    step("on a view, list", lambda: [alert(one) for one in view.get_alerts()])
    step("on a view, one", lambda: alert(view.get_alert(view.get_alerts()[0].id)))
    step("on a view, none", lambda: view.get_alert(999))
    step("on the project", lambda: alert(project.create_job_alert("oncall", "job_failed", "info")))
    step(
        "on the project again",
        lambda: project.create_job_alert("oncall", "job_failed", "critical"),
        error="RestAPIError",
    )

    def trigger():
        alerts.trigger_alert(
            "oncall",
            title="Late",
            summary="No trips.",
            description="503",
            severity="warning",
            status="source_down",
            name="late",
            generator_url="https://example.com",
        )
        return [
            [found.labels, found.annotations, found.receivers, found.status.to_dict()]
            for found in alerts.get_triggered_alerts()
        ]

    step("trigger", trigger)
    step("trigger again", trigger)
