"""The tour through the steps: does them in order, tells what each found, and says what to try next."""

from __future__ import annotations

import numpy as np

import hopsworks

from . import steps
from .terminal import Story
from .what_next import what_next


def run(host: str = "local", project_name: str | None = None) -> dict:
    """Do the whole job and return what it found.

    Parameters:
        host: ``"local"``, ``"local:/some/folder"`` for a data folder of its own, or the name of a cluster.
        project_name: The project to work in; ``None`` takes the only one there is.

    Returns:
        ``auc``, ``predictions`` (how many the deployment made), ``differences`` (how many of them were not what the
        model says offline: 0) and ``seconds``.
    """
    story = Story(steps=8)

    with story.step("Connect"):
        project = hopsworks.login(host=host, project=project_name)
        store = project.get_feature_store()
        story.say(f"project {project.name!r} at {host}")

    with story.step("Write flights, weather and aircraft to feature groups"):
        groups = steps.make_feature_groups(store)
        story.say("336,776 real flights of 2013, with online rows for each")

    with story.step("Join each flight to the last weather report before its departure"):
        view = steps.make_feature_view(store, groups)
        features, test_features, labels, test_labels = steps.make_training_data(view)
        story.say(
            f"{len(features):,} flights to learn from, {len(test_features):,} later ones to be judged by"
        )
        story.say(
            f"{features.shape[1]} features, all known before departure; {labels.mean():.0%} arrived late"
        )

    with story.step("Train gradient boosted trees"):
        model = steps.train(features, labels)
        auc = steps.judge(model, test_features, test_labels)
        story.say(f"AUC on the last three months: {auc:.3f} (0.5 is guessing)")

    with story.step("Register the model and fetch it back"):
        steps.register(project, view, model, auc, test_features.head(1))
        best, fetched = steps.fetch(project)
        story.say(f"{best.name} version {best.version}, {best.training_metrics}")

    with story.step("Deploy it"):
        deployment = steps.deploy(project, best)
        story.say(f"deployment {deployment.name!r} is {deployment.get_state().status.lower()}")

    with story.step("Ask the deployment about the flights of the last month"):
        rows = steps.last_month(view)
        online = steps.ask(deployment, rows)
        worst = int(online.argmax())
        flight = rows.iloc[worst]
        story.say(
            f"{len(online):,} flights, named by their keys; their features came from the online store"
        )
        story.say(
            f"least hope: {flight.carrier} {flight.flight} {flight.origin}–{flight.dest} of {flight.time_hour}, "
            f"{online[worst]:.0%} likely late"
        )

    with story.step("Compare with the model itself"):
        offline = steps.offline_predictions(fetched, rows)
        differences = int(np.count_nonzero(online != offline))
        story.say(
            "every prediction of the deployment equals the one made offline"
            if not differences
            else f"{differences:,} of {len(online):,} predictions differ, by up to {np.abs(online - offline).max():.3g}"
        )

    print(what_next(host, story.seconds))
    return {
        "auc": auc,
        "predictions": len(online),
        "differences": differences,
        "seconds": story.seconds,
    }
