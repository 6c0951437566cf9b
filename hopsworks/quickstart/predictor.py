"""The deployment's script: looks the features of each flight up in the online store and scores them.

A request names flights by their serving keys, for example

    {"instances": [{"carrier": "UA", "flight": 1545, "origin": "EWR", "time_hour": "2013-12-01T10:00:00Z",
                    "weather_time_hour": "2013-12-01T10:00:00Z", "plane_tailnum": "N14228"}]}

``weather_time_hour`` is the hour of the last weather report before the departure. The online store keeps the newest
row of each key, and each report has a key of its own, so a flight of the past finds the report of its own time.
"""

import os
from pathlib import Path
from typing import Any

import joblib
import numpy as np

import hopsworks


class Predict:
    """Scores flights with the model that this deployment was made for."""

    def __init__(self):
        project = hopsworks.login()
        registered: Any = project.get_model_registry().get_model(
            os.environ["MODEL_NAME"], int(os.environ["MODEL_VERSION"])
        )
        self.view = registered.get_feature_view(init=False)
        self.view.init_serving(registered.training_dataset_version, init_rest_client=True)
        self.model = joblib.load(Path(os.environ["MODEL_FILES_PATH"], "model.joblib"))

    def predict(self, inputs):
        """Return the probability of a late arrival for each flight, in the order of the request."""
        rows = self.view.get_feature_vectors(inputs, return_type="pandas", allow_missing=True)
        return self.model.predict_proba(rows.fillna(np.nan))[:, 1].tolist()
