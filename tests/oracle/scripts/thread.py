"""The thread, by public names only. Runs under the official client or under ours, with the same lines.

    python thread.py CONFIG.json PART…

CONFIG holds ``host``, ``port``, ``api_key``, ``ca_file``, ``project``, ``folder`` (a scratch folder) and
``vector_server``. The last line printed is a JSON object: what each step found, or the exception it ended with.

Parts: ``write`` makes everything offline, ``read`` reads it back, ``read_online`` reads online rows.
"""

import json
import logging
import math
import os
import ssl
import sys
import traceback
import urllib.request
import warnings

import pandas as pd

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
with open(sys.argv[1]) as given:
    CONFIG = json.load(given)
FOLDER = CONFIG["folder"]
FOUND = {}
STEPS = {"write": [], "read": [], "read_online": []}
MADE = {}

TRIPS = pd.DataFrame(
    {
        "trip": [1, 2, 3, 4, 5, 6],
        "driver": ["ann", "bob", "ann", "cem", "bob", "dee"],
        "at": pd.to_datetime([f"2025-03-0{day} 12:00" for day in range(1, 7)]),
        "km": [1.5, 2.25, None, 4.0, 5.125, 6.0],
        "late": [0, 1, 0, 1, 0, 1],
    }
)
CHANGED = TRIPS.iloc[[1, 2]].assign(km=[20.5, 30.5])
DRIVERS = pd.DataFrame(
    {
        "driver": ["ann", "ann", "bob", "cem"],
        "since": pd.to_datetime(["2025-01-01", "2025-03-02", "2025-03-03", "2025-01-05"]),
        "rating": [4.0, 4.5, 3.0, 5.0],
        "city": ["Malmö", "Lund", "Göteborg", "Umeå"],
    }
)
PREDICTOR = """class Predict:
    def predict(self, inputs):
        return [2 * row["km"] for row in inputs]
"""


def step(part):
    def add(function):
        STEPS[part].append(function)
        return function

    return add


def table(frame):
    """A frame as JSON: columns in order, rows sorted, missing values as None."""
    rows = []
    for row in frame.itertuples(index=False):
        rows.append([plain(value) for value in row])
    return {"columns": list(map(str, frame.columns)), "rows": sorted(rows, key=repr)}


def plain(value):
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    if hasattr(value, "item"):
        return plain(value.item())
    return value


def path(*names):
    return os.path.join(FOLDER, *names)


# --- writing ------------------------------------------------------------------------------------------


@step("write")
def make_feature_group():
    group = MADE["store"].get_or_create_feature_group(
        "trips", version=1, description="Trips", primary_key=["trip"], event_time="at"
    )
    group.insert(TRIPS, wait=True)
    return [feature.name for feature in group.features], [
        feature.type for feature in group.features
    ]


@step("write")
def upsert_rows():
    MADE["store"].get_feature_group("trips", version=1).insert(CHANGED, wait=True)


@step("write")
def make_second_group():
    group = MADE["store"].create_feature_group(
        "drivers", version=1, primary_key=["driver"], event_time="since"
    )
    group.insert(DRIVERS, wait=True)
    return group.name, group.version


@step("write")
def make_feature_view():
    store = MADE["store"]
    trips, drivers = (
        store.get_feature_group("trips", version=1),
        store.get_feature_group("drivers", version=1),
    )
    query = (
        trips.select(["trip", "km", "late"])
        .join(drivers.select(["rating", "city"]), on=["driver"], prefix="driver_")
        .filter(trips.late >= 0)
    )
    view = store.create_feature_view(
        "delays", version=1, description="Delays", query=query, labels=["late"]
    )
    return [feature.name for feature in view.features], view.labels


@step("write")
def make_training_data():
    view = MADE["store"].get_feature_view("delays", version=1)
    parts = view.train_test_split(
        train_start="2025-03-01",
        train_end="2025-03-05",
        test_start="2025-03-05",
        test_end="2025-03-31",
        description="by time",
    )
    MADE["view"] = view
    return [table(part) for part in parts]


@step("write")
def save_model():
    os.makedirs(path("model", "parts"), exist_ok=True)
    with open(path("model", "model.pkl"), "w") as out:
        out.write("weights")
    with open(path("model", "parts", "vocabulary.txt"), "w") as out:
        out.write("a b c")
    model = MADE["registry"].sklearn.create_model(
        "delays",
        version=1,
        metrics={"auc": 0.75},
        description="Delays",
        input_example=[1.5],
        feature_view=MADE["view"],
        training_dataset_version=1,
    )
    model.save(path("model"))
    return model.name, model.version, model.training_metrics


@step("write")
def write_files():
    files = MADE["files"]
    with open(path("note.txt"), "w") as out:
        out.write("hello")
    files.mkdir("Resources/notes")
    files.upload(path("note.txt"), "Resources/notes")
    files.copy("Resources/notes/note.txt", "Resources/notes/copy.txt")
    files.move("Resources/notes/copy.txt", "Resources/notes/moved.txt")
    files.remove("Resources/notes/note.txt")
    return sorted(files.list("Resources/notes"))


@step("write")
def serve_model():
    with open(path("predictor.py"), "w") as out:
        out.write(PREDICTOR)
    model = MADE["registry"].get_model("delays", version=1)
    deployment = model.deploy(name="delays", script_file=path("predictor.py"))
    deployment.start(await_running=60)
    return deployment.name, deployment.get_state().status


@step("write")
def predict():
    deployment = MADE["serving"].get_deployment("delays")
    return deployment.predict(inputs=[{"km": 1.5}, {"km": 4}])


@step("write")
def stop_serving():
    deployment = MADE["serving"].get_deployment("delays")
    deployment.stop(await_stopped=60)
    return deployment.get_state().status


# --- reading ------------------------------------------------------------------------------------------


@step("read")
def get_feature_group():
    group = MADE["group"] = MADE["store"].get_feature_group("trips", version=1)
    return group.name, group.version, group.primary_key, group.event_time, group.description


@step("read")
def get_absent_feature_group():
    return MADE["store"].get_feature_group("nowhere", version=1)


@step("read")
def read_all():
    return table(MADE["group"].read())


@step("read")
def read_filtered():
    group = MADE["group"]
    return table(group.select(["trip", "km"]).filter((group.km > 4) & (group.late == 1)).read())


@step("read")
def commits():
    return [
        (commit["rowsInserted"], commit["rowsUpdated"], commit["rowsDeleted"])
        for commit in MADE["group"].commit_details().values()
    ]


@step("read")
def get_feature_view():
    view = MADE["view"] = MADE["store"].get_feature_view("delays", version=1)
    return [(feature.name, feature.type, feature.label) for feature in view.features]


@step("read")
def batch_data():
    return table(MADE["view"].get_batch_data(start_time="2025-03-02", end_time="2025-03-31"))


@step("read")
def get_training_data():
    return [table(part) for part in MADE["view"].get_train_test_split(1)]


@step("read")
def get_models():
    registry = MADE["registry"]
    model = MADE["model"] = registry.get_best_model("delays", "auc", "max")
    listed = [(one.name, one.version) for one in registry.get_models("delays")]
    return listed, model.training_metrics, model.framework, model.description, model.input_example


@step("read")
def get_absent_model():
    return MADE["registry"].get_model("nowhere", version=1)


@step("read")
def download_model():
    target = path("downloaded")
    MADE["model"].download(target)
    found = {}
    for folder, _, names in os.walk(target):
        for name in names:
            with open(os.path.join(folder, name)) as file:
                found[os.path.relpath(os.path.join(folder, name), target)] = file.read()
    return found


@step("read")
def read_files():
    files = MADE["files"]
    files.download("Resources/notes/moved.txt", path("moved.txt"), overwrite=True)
    with open(path("moved.txt")) as file:
        return (
            file.read(),
            files.exists("Resources/notes/moved.txt"),
            files.exists("Resources/no.txt"),
        )


@step("read")
def get_deployment():
    deployment = MADE["serving"].get_deployment("delays")
    return deployment.name, deployment.model_name, deployment.model_version


# --- online -------------------------------------------------------------------------------------------


@step("read_online")
def init_serving():
    view = MADE["online"] = MADE["store"].get_feature_view("online_delays", version=1)
    view.init_serving(1, init_rest_client=True, config_rest_client=CONFIG["vector_server"])


@step("read_online")
def one_vector():
    return [
        plain(value)
        for value in MADE["online"].get_feature_vector({"trip": 2, "driver_driver": "bob"})
    ]


@step("read_online")
def vectors():
    rows = MADE["online"].get_feature_vectors(
        [
            {"trip": 1, "driver_driver": "ann"},
            {"trip": 3, "driver_driver": "ann"},
            {"trip": 6, "driver_driver": "nobody"},
        ],
        allow_missing=True,
    )
    return [[plain(value) for value in row] for row in rows]


@step("read_online")
def vectors_as_frame():
    frame = MADE["online"].get_feature_vectors(
        [{"trip": 1, "driver_driver": "ann"}], return_type="pandas"
    )
    return table(frame)


@step("read_online")
def passed_features():
    row = MADE["online"].get_feature_vector(
        {"trip": 2, "driver_driver": "bob"}, passed_features={"km": 99.0}
    )
    return [plain(value) for value in row]


# --- running ------------------------------------------------------------------------------------------


def mark(name):
    trust = ssl.create_default_context(cafile=CONFIG["ca_file"])
    url = f"https://{CONFIG['host']}:{CONFIG['port']}/recorder/step/{name}"
    urllib.request.urlopen(url, context=trust).read()


def run(name, function):
    mark(name)
    try:
        FOUND[name] = {"value": function()}
    except Exception as error:
        FOUND[name] = {
            "error": type(error).__name__,
            "text": str(error),
            "trace": traceback.format_exc()[-2000:],
        }


def connect():
    import hopsworks

    project = hopsworks.login(
        host=CONFIG["host"],
        port=CONFIG["port"],
        project=CONFIG["project"],
        api_key_value=CONFIG["api_key"],
        hostname_verification=True,
        trust_store_path=CONFIG["ca_file"],
        cert_folder=path("certificates"),
        engine="python",
    )
    MADE["project"] = project
    return project.name


def open_store():
    MADE["store"] = MADE["project"].get_feature_store()
    return MADE["store"].name


def open_services():
    project = MADE["project"]
    MADE["registry"] = project.get_model_registry()
    MADE["serving"] = project.get_model_serving()
    MADE["files"] = project.get_dataset_api()


if __name__ == "__main__":
    run("login", connect)
    run("open_store", open_store)
    run("open_services", open_services)
    for part in sys.argv[2:]:
        for function in STEPS[part]:
            run(function.__name__, function)
    sys.stdout.write("\n" + json.dumps(FOUND, default=str) + "\n")
    sys.stdout.flush()
