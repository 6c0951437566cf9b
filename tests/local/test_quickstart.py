"""The quickstart as a user runs it, on a data folder of its own, and what it left there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import hopsworks
from hopsworks.local import lifecycle
from hopsworks.quickstart import flights as data
from hopsworks.quickstart import steps
from hopsworks.quickstart.tour import run

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def data_folder(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("quickstart") / "data"
    yield folder
    hopsworks.logout()
    lifecycle.stop(str(folder))


@pytest.fixture(scope="module")
def result(data_folder: Path) -> dict:
    return run(host=f"local:{data_folder}")


@pytest.fixture(scope="module")
def project(result: dict, data_folder: Path):
    return hopsworks.login(host=f"local:{data_folder}")


@pytest.fixture(scope="module")
def view(project):
    return project.get_feature_store().get_feature_view(steps.NAME, version=1)


@pytest.fixture(scope="module")
def training_data(view):
    return view.get_train_test_split(1)


def test_the_deployment_says_what_the_model_says(result: dict) -> None:
    assert result["predictions"] > 26_000
    assert result["differences"] == 0


def test_the_model_has_learned_something(result: dict) -> None:
    assert 0.67 < result["auc"] < 0.8, "better than guessing, and not by knowing the future"


def test_it_is_quick(result: dict) -> None:
    assert result["seconds"] < 120


def test_nothing_known_after_departure_is_in_the_training_data(training_data, view) -> None:
    features, test_features, labels, test_labels = training_data
    for frame in (features, test_features):
        assert not {*data.KNOWN_AFTER_DEPARTURE, data.LABEL} & set(frame.columns)
    assert list(labels.columns) == list(test_labels.columns) == [data.LABEL]
    assert not {feature.name for feature in view.features} & set(data.KNOWN_AFTER_DEPARTURE)


def test_the_split_is_by_time(training_data) -> None:
    departed = data.flights().dropna(subset=["arr_delay"])["scheduled_departure"]
    features, test_features, _, _ = training_data
    assert len(features) == int((departed < steps.TRAIN[1]).sum())
    assert len(test_features) == int((departed >= steps.TEST[0]).sum())


def test_each_flight_has_the_last_report_before_its_departure(view) -> None:
    """The same join made by pandas, for every flight of the last month."""
    rows = steps.last_month(view)
    flights = data.flights().dropna(subset=["arr_delay"])
    flights = flights[flights["scheduled_departure"] >= steps.LAST_MONTH[0]]
    expected = pd.merge_asof(
        flights.sort_values("scheduled_departure"),
        data.weather().sort_values("observed_at"),
        left_on="scheduled_departure",
        right_on="observed_at",
        by="origin",
        suffixes=("", "_of_report"),
    ).merge(
        data.planes().add_prefix("plane_"), left_on="tailnum", right_on="plane_tailnum", how="left"
    )
    assert len(rows) == len(expected)
    columns = {
        "weather_time_hour": "time_hour_of_report",
        "weather_temp": "temp",
        "weather_wind_gust": "wind_gust",
        "weather_visib": "visib",
        "plane_tailnum": "plane_tailnum",
        "plane_year": "plane_year",
        "distance": "distance",
    }
    order = rows.sort_values(data.KEYS)
    wanted = expected.sort_values(data.KEYS)
    for mine, theirs in columns.items():
        left, right = order[mine].reset_index(drop=True), wanted[theirs].reset_index(drop=True)
        assert ((left == right) | (left.isna() & right.isna())).all(), mine


def test_the_model_is_linked_to_view_and_training_data(project, view) -> None:
    model = project.get_model_registry().get_model(steps.NAME, version=1)
    assert model.training_dataset_version == 1
    assert model.get_feature_view(init=False).name == view.name
    assert set(model.training_metrics) == {"auc"}
    assert len(model.input_example) == len(steps.last_month(view).columns) - len(
        set(steps.SERVING_KEYS) - set(data.FLIGHT_FEATURES)
    )


def test_it_can_be_run_again(result: dict, data_folder: Path) -> None:
    """A second run works on what the first one left, from the command line."""
    command = [sys.executable, "-m", "hopsworks.quickstart", "--host", f"local:{data_folder}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"late_flights version [12]\b", done.stdout)
    assert "every prediction of the deployment equals the one made offline" in done.stdout
    auc = re.search(r"AUC on the last three months: (\S+)", done.stdout)[1]
    assert auc == f"{result['auc']:.3f}", "the same rows make the same model"
    assert done.stderr == ""
    assert "[8/8]" in done.stdout
