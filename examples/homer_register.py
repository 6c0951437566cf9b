"""Train a classifier, register it with homer, find the best version and use it.

python examples/homer_register.py             on the embedded server
HOPSWORKS_HOST=… HOPSWORKS_PROJECT=… HOPSWORKS_API_KEY=… python examples/homer_register.py   on your cluster

The extra `quickstart` brings what it needs: pip install '.[quickstart]'
"""

import os
import tempfile

import joblib
import pandas as pd
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

import homer

NAME = "iris_species"


def register(mr, strength):
    """Train with a strength of regularisation, and save what comes out."""
    iris = load_iris(as_frame=True)
    x_train, x_test, y_train, y_test = train_test_split(
        iris.data, iris.target, test_size=0.3, random_state=1
    )
    classifier = LogisticRegression(C=strength, max_iter=1000).fit(x_train, y_train)
    with tempfile.TemporaryDirectory() as folder:
        joblib.dump(classifier, os.path.join(folder, "model.pkl"))
        return mr.sklearn.create_model(
            NAME,
            model_path=folder,
            metrics={"accuracy": classifier.score(x_test, y_test)},
            description=f"Logistic regression, C={strength}",
            signature=(x_test, classifier.predict(x_test)),
            input_example=x_test.head(3),
        )


def main():
    """Run the example."""
    project = os.environ.get("HOPSWORKS_PROJECT", "local")
    with homer.connection(os.environ.get("HOPSWORKS_HOST", "local"), project=project) as connection:
        mr = connection.get_model_registry()
        for strength in (0.001, 1.0):
            model = register(mr, strength)
            print(f"saved {model} with accuracy {model.metrics['accuracy']:.3f}")

        best = mr.get_models(NAME, sort_key="accuracy", direction="desc")[0]
        print(f"the best is version {best.version}: {best.description}")
        print("it takes", ", ".join(f"{spec.name} ({spec.type})" for spec in best.signature.inputs))

        classifier = joblib.load(os.path.join(best.download(), "model.pkl"))
        example = best.load_input_example()
        assert isinstance(example, pd.DataFrame)
        print("for its example it says", classifier.predict(example).tolist())


if __name__ == "__main__":
    main()
