"""Train on SageMaker with features of Hopsworks, and save the model to its registry. examples/databricks_job.py writes the features.

The API key lies in a secret store of AWS under the name of the training job's role (docs/connecting.md), so that neither this
script nor the job's parameters hold it. As a SageMaker training job, with `hopsworks[python,aws]` in its requirements.txt:

    SKLearn("sagemaker_train.py", role=role, instance_type="ml.m5.large", framework_version="1.2-1",
            hyperparameters={"host": "my.hopsworks.host", "project": "demo", "region": "eu-north-1"}).fit()

SageMaker turns those hyperparameters into the parameters below; the same command runs the script on any machine that has
credentials of a role.
"""

import argparse
import os

import joblib
from sklearn.linear_model import LogisticRegression

import hsfs


def arguments():
    """The hyperparameters of the training job."""
    parser = argparse.ArgumentParser(
        description="Train a model of flowers with features of Hopsworks."
    )
    parser.add_argument("--host", default=os.environ.get("HOPSWORKS_HOST"))
    parser.add_argument("--port", type=int, default=443)
    parser.add_argument("--project", required=True)
    parser.add_argument("--region", default="default", help="region of the secret store")
    parser.add_argument("--secrets-store", default="secretsmanager", help="or parameterstore")
    parser.add_argument(
        "--trust-store", help="PEM file or Java trust store, for a private authority"
    )
    parser.add_argument("--iterations", type=int, default=1000)
    parser.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR", "model"))
    return parser.parse_args()


def main():
    """Run the training job."""
    given = arguments()
    connection = hsfs.connection(
        given.host,
        given.port,
        given.project,
        engine="hive",  # there is no Spark on SageMaker
        region_name=given.region,
        secrets_store=given.secrets_store,
        trust_store_path=given.trust_store,
        cert_folder="hops",
    )
    with connection:
        view = connection.get_feature_store().get_feature_view("flowers", version=1)
        x_train, x_test, y_train, y_test = view.train_test_split(test_size=0.2)
        model = LogisticRegression(max_iter=given.iterations).fit(x_train, y_train["species"])
        accuracy = model.score(x_test, y_test["species"])
        os.makedirs(given.model_dir, exist_ok=True)
        joblib.dump(model, os.path.join(given.model_dir, "model.pkl"))
        registry = connection.get_model_registry()
        saved = registry.sklearn.create_model("flowers", metrics={"accuracy": accuracy})
        saved.save(given.model_dir)
    print(f"version {saved.version} has accuracy {accuracy:.3f}")


if __name__ == "__main__":
    main()
