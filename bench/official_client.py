"""What the official client can do against the embedded server, timed. Run by its interpreter:

    python official_client.py CONFIG.json

``part`` in CONFIG is ``flights`` or ``transfers``. The last line printed is a JSON object of lists of figures. Online
writes are not here: the official client sends them through Kafka.
"""

import json
import logging
import os
import sys
import time
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
os.environ["TQDM_DISABLE"] = "1"


def seconds(call, *args, **named):
    started = time.perf_counter()
    call(*args, **named)
    return time.perf_counter() - started


def flights(project, config):
    import pandas as pd

    table = pd.read_parquet(config["flights"])
    with open(config["entries"]) as file:
        entries = json.load(file)
    store = project.get_feature_store()
    group = store.create_feature_group(
        "flights_official",
        version=config["version"],
        primary_key=config["keys"],
        event_time="scheduled_departure",
    )
    found = {"offline": [seconds(group.insert, table, wait=True)], "read": [seconds(group.read)]}
    view = store.get_feature_view("bench", version=config["view"])
    found["training"] = [seconds(view.training_data)]
    view.init_serving(
        1,
        init_rest_client=True,
        config_rest_client={"host": config["host"], "port": config["online_port"]},
    )
    view.get_feature_vector(entries[0], allow_missing=True)
    found["vector"] = [
        1e3 * seconds(view.get_feature_vector, entry, allow_missing=True) for entry in entries[:300]
    ]
    found["vectors"] = [
        1e3 * seconds(view.get_feature_vectors, entries, allow_missing=True) for _ in range(3)
    ]
    group.delete()
    return found


def transfers(project, config):
    files = project.get_dataset_api()
    found = {
        "up": [seconds(files.upload, config["source"], "Resources")],
        "down": [seconds(files.download, "Resources/large.bin", config["target"])],
    }
    files.remove("Resources/large.bin")
    return found


def main():
    with open(sys.argv[1]) as file:
        config = json.load(file)
    import hopsworks

    project = hopsworks.login(
        host=config["host"],
        port=config["port"],
        project="local",
        api_key_value=config["api_key"],
        hostname_verification=True,
        trust_store_path=config["ca_file"],
        cert_folder=os.path.join(config["folder"], "certificates"),
        engine="python",
    )
    found = {"flights": flights, "transfers": transfers}[config["part"]](project, config)
    sys.stdout.write("\n" + json.dumps(found) + "\n")


main()
