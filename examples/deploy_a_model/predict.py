"""The script of the deployment: loads the model that was saved, answers requests. Nothing in it knows where it runs."""

import os

import joblib


class Predict:
    def __init__(self):
        """Load the model; runs once, when the deployment starts."""
        self.model = joblib.load(os.path.join(os.environ["MODEL_FILES_PATH"], "model.pkl"))

    def predict(self, inputs):
        """Answer one request.

        Parameters:
            inputs (list): The rows of the request.

        Returns:
            list: A prediction for each row.
        """
        return self.model.predict(inputs).tolist()
