"""Search for a good model with the optimizers of an Auger Hub.

    AUGER_HUB_URL=https://hub.example AUGER_OPTIMIZERS_URL=https://optimizers.example AUGER_TOKEN=… \
        python examples/auger_trials.py EXPERIMENT_ID

The optimizers propose trials, this program runs each, and the Hub keeps the scores in a session of the experiment.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from hopsworks.auger import HubApiClient

TRIALS = 6
AT_A_TIME = 2
SEARCH_SPACE = {"ridge": {"alpha": {"bounds": [0.0, 4.0], "type": "float"}}}


def score_of(trial: dict[str, Any]) -> float:
    """Run a trial. In place of a model that is fitted: a curve that is best at alpha = 1.5."""
    alpha = trial["params"]["alpha"]
    return round(1 - (alpha - 1.5) ** 2 / 10, 4)


def search(hub: HubApiClient, experiment_id: str) -> dict[str, Any]:
    """Run all trials, and return the best."""
    session = hub.create_experiment_session(experiment_id=experiment_id)["data"]
    history: list[dict[str, Any]] = []
    context: Any = None
    while len(history) < TRIALS:
        reply = hub.get_next_trials_v2(
            {
                "trials_total_count": TRIALS,
                "trials_limit": min(AT_A_TIME, TRIALS - len(history)),
                "search_space": SEARCH_SPACE,
                "trials_history": history,
                "optimizer_context": context,
            }
        )["data"]
        context = reply["optimizer_context"]
        done = [{**trial, "score": score_of(trial)} for trial in reply["trials"]]
        if not done:
            break  # the optimizers have no more ideas
        hub.update_trials(experiment_session_id=session["id"], trials=done)
        history += done
        print(f"{len(history)} of {TRIALS} trials, best score {best(history)['score']}")
    hub.update_experiment_session(session["id"], status="completed")
    return best(history)


def best(trials: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the trial with the highest score."""
    return max(trials, key=lambda trial: trial["score"])


def main() -> None:
    variables = ("AUGER_HUB_URL", "AUGER_OPTIMIZERS_URL", "AUGER_TOKEN")
    missing = [name for name in variables if not os.environ.get(name)]
    if missing or len(sys.argv) != 2:
        needed = f"; set {', '.join(missing)}" if missing else ""
        sys.exit(f"usage: python {sys.argv[0]} EXPERIMENT_ID{needed}\n\n{__doc__}")
    hub = HubApiClient(
        hub_app_url=os.environ["AUGER_HUB_URL"],
        optimizers_url=os.environ["AUGER_OPTIMIZERS_URL"],
        token=os.environ["AUGER_TOKEN"],
    )
    try:
        found = search(hub, sys.argv[1])
    except HubApiClient.BaseError as error:
        sys.exit(f"the search ended early: {error}")
    print(f"the best trial has {found['params']}")


if __name__ == "__main__":
    main()
