"""The job itself, one function a step. Each takes what the steps before it made and returns what it makes."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import flights as data
from .terminal import progress

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline

    from hopsworks.project import Project
    from hsfs.feature_store import FeatureStore
    from hsfs.feature_view import FeatureView
    from hsml.deployment import Deployment
    from hsml.model import Model

NAME = "late_flights"
DEPLOYMENT = "lateflights"

TRAIN = ("2013-01-01", "2013-10-01")
"""The nine months that the model learns from: start (included) and end (excluded), UTC."""

TEST = ("2013-10-01", "2014-01-02")
"""The three months after them, which judge it."""

LAST_MONTH = ("2013-12-01", "2014-01-02")
"""The flights that the deployment is asked about."""

SERVING_KEYS = [*data.KEYS, "weather_time_hour", "plane_tailnum"]
"""What a request says about a flight; everything else is looked up."""


def make_feature_groups(store: FeatureStore) -> dict[str, Any]:
    """Write the three tables to feature groups that can be read both offline and online."""
    tables = {
        "flights": (
            data.flights,
            data.KEYS,
            "scheduled_departure",
            "Flights of 2013 out of New York",
        ),
        "weather": (data.weather, ["origin", "time_hour"], "observed_at", "Hourly weather reports"),
        "planes": (data.planes, ["tailnum"], "registered_at", "The aircraft registry"),
    }
    groups = {}
    for name, (table, primary_key, event_time, description) in progress(
        tables.items(), "feature groups", "table"
    ):
        groups[name] = store.get_or_create_feature_group(
            name,
            version=1,
            description=description,
            primary_key=primary_key,
            event_time=event_time,
            online_enabled=True,
        )
        groups[name].insert(table(), wait=True)
    return groups


def make_feature_view(store: FeatureStore, groups: dict[str, Any]) -> FeatureView:
    """Join each flight to the last weather report at its airport before departure, and to its aircraft.

    All three groups have an event time, so the join is right in time: no row sees a report of its own future.
    """
    flights, weather, planes = groups["flights"], groups["weather"], groups["planes"]
    # The keys travel along as helper columns: they are no features, but whoever wants a prediction needs them.
    helpers = [name for name in SERVING_KEYS if name not in data.FLIGHT_FEATURES]
    query = (
        flights.select(list(dict.fromkeys([*data.KEYS, *data.FLIGHT_FEATURES, data.LABEL])))
        .join(
            weather.select(["time_hour", *data.WEATHER_FEATURES]), on=["origin"], prefix="weather_"
        )
        .join(planes.select(["tailnum", *data.PLANE_FEATURES]), on=["tailnum"], prefix="plane_")
        # A flight that never arrived was neither late nor on time.
        .filter(flights.late >= 0)
    )
    return store.get_or_create_feature_view(
        NAME,
        version=1,
        description="What is known about a flight before it departs",
        query=query,
        labels=[data.LABEL],
        inference_helper_columns=helpers,
    )


def make_training_data(view: FeatureView) -> tuple[pd.DataFrame, pd.DataFrame, Any, Any]:
    """Return features of the training and of the test months, then their labels."""
    features, test_features, labels, test_labels = view.train_test_split(
        train_start=TRAIN[0],
        train_end=TRAIN[1],
        test_start=TEST[0],
        test_end=TEST[1],
        description="Nine months to learn from, three to be judged by",
    )
    return features, test_features, labels[data.LABEL], test_labels[data.LABEL]


def train(features: pd.DataFrame, labels: Any) -> Pipeline:
    """Fit gradient boosted trees. Names become numbers; what was never seen counts as missing."""
    from pandas.util import hash_pandas_object
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OrdinalEncoder

    # joblib counts physical cores by a program that containers may lack, and says so at length.
    os.environ.setdefault("LOKY_MAX_CPU_COUNT", str(os.cpu_count() or 1))
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    model = make_pipeline(
        make_column_transformer((encoder, data.TEXT_FEATURES), remainder="passthrough"),
        HistGradientBoostingClassifier(
            categorical_features=list(range(len(data.TEXT_FEATURES))), random_state=0
        ),
    )
    # A store returns rows in any order, and boosting looks at samples of them: in a fixed order, the same rows make
    # the same model.
    order = hash_pandas_object(features.assign(label=labels), index=False).argsort()
    return model.fit(features.iloc[order], labels.iloc[order])


def judge(model: Pipeline, features: pd.DataFrame, labels: Any) -> float:
    """Return the area under the ROC curve: how often a late flight is ranked above one on time."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(labels, model.predict_proba(features)[:, 1]))


def register(
    project: Project, view: FeatureView, model: Pipeline, auc: float, example: pd.DataFrame
) -> Model:
    """Save the model with its metric and an input example, linked to the view and the data it learned from."""
    import joblib

    entry = project.get_model_registry().sklearn.create_model(
        NAME,
        metrics={"auc": auc},
        description=f"Probability that a flight arrives more than {data.LATE_AFTER_MINUTES} minutes late",
        input_example=example,
        feature_view=view,
    )
    with tempfile.TemporaryDirectory() as folder:
        joblib.dump(model, Path(folder, "model.joblib"))
        entry.save(folder)
    return entry


def fetch(project: Project) -> tuple[Model, Pipeline]:
    """Fetch the best model back from the registry, as another program would."""
    import joblib

    best = project.get_model_registry().get_best_model(NAME, "auc", "max")
    if best is None:
        raise LookupError(f"The registry of {project.name!r} has no model {NAME!r}; register one.")
    with tempfile.TemporaryDirectory() as folder:
        return best, joblib.load(Path(best.download(folder), "model.joblib"))


def deploy(project: Project, model: Model) -> Deployment:
    """Deploy the model behind the script ``predictor.py``, replacing an earlier deployment."""
    earlier = project.get_model_serving().get_deployment(DEPLOYMENT)
    if earlier is not None:
        earlier.stop()
        earlier.delete()
    deployment = model.deploy(
        name=DEPLOYMENT, script_file=str(Path(__file__).with_name("predictor.py"))
    )
    deployment.start()
    return deployment


def last_month(view: FeatureView) -> pd.DataFrame:
    """Return the flights of the last month with their features and serving keys, read offline."""
    return view.get_batch_data(
        start_time=LAST_MONTH[0], end_time=LAST_MONTH[1], inference_helper_columns=True
    )


def ask(deployment: Deployment, rows: pd.DataFrame, batch: int = 1000) -> np.ndarray:
    """Return the deployment's predictions for the flights, which are named by their serving keys only."""
    keys = rows[SERVING_KEYS].astype(object)
    requests = keys.where(keys.notna(), None).to_dict("records")
    predictions: list[float] = []
    for start in progress(range(0, len(requests), batch), "predictions", "request"):
        answer = deployment.predict(inputs=requests[start : start + batch])
        predictions += answer["predictions"]
    return np.array(predictions)


def offline_predictions(model: Pipeline, rows: pd.DataFrame) -> np.ndarray:
    """Return what the model itself says about the same flights."""
    return model.predict_proba(rows[list(model.feature_names_in_)])[:, 1]
