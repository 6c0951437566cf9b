"""A Databricks job that writes features to Hopsworks: a feature group of measured flowers, and a feature view for training.

The job has the API key in a file that only it can read (docs/connecting.md). In Databricks, make a job of this script with
the parameters below, on a cluster whose libraries include `hopsworks[python]` and `scikit-learn`:

    --host my.hopsworks.host --project demo --key-file /dbfs/FileStore/hopsworks/api.key

The same command runs it on any machine.
"""

import argparse
import os

import pandas as pd
from sklearn.datasets import load_iris

import hsfs


def arguments():
    """The parameters of the job."""
    parser = argparse.ArgumentParser(description="Write the features of flowers to Hopsworks.")
    parser.add_argument("--host", default=os.environ.get("HOPSWORKS_HOST"))
    parser.add_argument("--port", type=int, default=443)
    parser.add_argument("--project", required=True)
    parser.add_argument("--key-file", default="/dbfs/FileStore/hopsworks/api.key")
    parser.add_argument(
        "--trust-store", help="PEM file or Java trust store, for a private authority"
    )
    return parser.parse_args()


def measured():
    """The measurements of 150 flowers, as a frame with one row a flower."""
    found = load_iris()
    names = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    frame = pd.DataFrame(found.data, columns=names)
    frame.insert(0, "flower", range(len(frame)))
    frame["species"] = found.target
    return frame


def main():
    """Run the job."""
    given = arguments()
    connection = hsfs.connection(
        given.host,
        given.port,
        given.project,
        engine="hive",  # pandas on the driver
        secrets_store="local",
        api_key_file=given.key_file,
        trust_store_path=given.trust_store,
        cert_folder="hops",
    )
    with connection:
        store = connection.get_feature_store()
        flowers = store.get_or_create_feature_group(
            "flowers", version=1, primary_key=["flower"], description="Measured flowers"
        )
        frame = measured()
        flowers.insert(frame)
        store.get_or_create_feature_view(
            "flowers", version=1, query=flowers.select_except(["flower"]), labels=["species"]
        )
    print(f"{len(frame)} flowers written to project {given.project}")


if __name__ == "__main__":
    main()
