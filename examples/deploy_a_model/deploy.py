"""Train a model, save it with its metrics, deploy it with a script and a transformer, and ask it.

python examples/deploy_a_model/deploy.py             on the embedded server
HOPSWORKS_HOST=… HOPSWORKS_PROJECT=… HOPSWORKS_API_KEY=… python examples/deploy_a_model/deploy.py   on your cluster

The extra `quickstart` brings what it needs: pip install '.[quickstart]'
"""

import os
import tempfile
from pathlib import Path

import joblib
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

import hopsworks

HERE = Path(__file__).parent
NAME = "iris_species"


def train(folder):
    """Train on real measurements; the model goes to a folder, its accuracy comes back."""
    measurements, species = load_iris(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(
        measurements, species, test_size=0.3, random_state=1
    )
    model = LogisticRegression(max_iter=1000).fit(x_train, y_train)
    joblib.dump(model, os.path.join(folder, "model.pkl"))
    return model.score(x_test, y_test), x_test[0]


def main():
    """Run the example."""
    host = os.environ.get("HOPSWORKS_HOST", "local")
    project = hopsworks.login(host=host, project=os.environ.get("HOPSWORKS_PROJECT", "local"))
    registry, serving = project.get_model_registry(), project.get_model_serving()

    with tempfile.TemporaryDirectory() as folder:
        accuracy, example = train(folder)
        registry.sklearn.create_model(
            NAME, metrics={"accuracy": accuracy}, input_example=example
        ).save(folder)
    best = registry.get_best_model(NAME, "accuracy", "max")
    print(
        f"saved; the best version is {best.version} with accuracy {best.training_metrics['accuracy']:.3f}"
    )

    existing = serving.get_deployment("iris")
    if existing is not None:
        existing.delete(force=True)
    deployment = best.deploy(
        name="iris",
        script_file=str(HERE / "predict.py"),
        transformer=serving.create_transformer(script_file=str(HERE / "transformer.py")),
    )
    deployment.start()
    flower = {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}
    print(f"a flower like {flower} is {deployment.predict(inputs=[flower])['predictions'][0]}")
    deployment.stop()


if __name__ == "__main__":
    main()
