"""Models that homer and the other clients save for each other.

    python homer_models.py CONFIG.json PART

PART is ``homer_write``, ``homer_read`` (with homer), ``write`` or ``read`` (with hopsworks, of either client). The last line
printed is a JSON object of what was found.
"""

import json
import logging
import os
import sys
import time
import warnings

import numpy as np
import pandas as pd

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
with open(sys.argv[1]) as given:
    CONFIG = json.load(given)

FRAME = pd.DataFrame({"distance": [1400.0, 200.0], "carrier": ["UA", "B6"], "seats": [180, 90]})
# What each flavour needs, and what the registry calls it.
FLAVORS = {
    "python_function": ("model.bin", "python"),
    "sklearn": ("model.pkl", "sklearn"),
    "pytorch": ("model.pt", "torch"),
    "tensorflow": ("saved_model.pb", "tensorflow"),
}
ARGUMENTS = {
    "host": CONFIG["host"],
    "port": CONFIG["port"],
    "project": CONFIG["project"],
    "api_key_value": CONFIG["api_key"],
    "hostname_verification": True,
    "trust_store_path": CONFIG["ca_file"],
}


def model_folder(name):
    folder = os.path.join(CONFIG["folder"], name)
    os.makedirs(os.path.join(folder, "weights"), exist_ok=True)
    for file in (FLAVORS[name][0], "weights/w.bin"):
        with open(os.path.join(folder, file), "w") as out:
            out.write(f"{file} of {name}")
    return folder


def contents(folder):
    found = {}
    for root, _, names in os.walk(folder):
        for name in names:
            if name.startswith("."):
                continue
            with open(os.path.join(root, name)) as file:
                found[os.path.relpath(os.path.join(root, name), folder)] = file.read()
    return found


def homer_write(mr):
    import homer

    found = {}
    for name in FLAVORS:
        model = mr.create_model(
            f"homer_{name}",
            None,
            model_folder(name),
            metrics={"AUC": 0.5, "RMSE": 2},
            description=f"of {name}",
            flavor=name,
            signature=homer.infer_signature(FRAME, np.zeros((2, 3), "float32")),
            input_example=FRAME,
            tags={"name": "owner", "value": {"team": "risk"}} if name == "sklearn" else None,
        )
        found[name] = model.version
    replaced = mr.create_model(
        "homer_sklearn",
        1,
        model_folder("sklearn"),
        True,
        {"AUC": 0.75},
        flavor="sklearn",
        input_example=[1, 2],
    )
    return {**found, "replaced": replaced.metrics}


def homer_read(mr):
    found = {}
    for name in FLAVORS:
        model = mr.get_model(f"plain_{name}")
        found[name] = {
            "version": model.version,
            "metrics": model.metrics,
            "flavor": model.flavor,
            "description": model.description,
            "example": model.load_input_example(),
            "signature": model.signature.to_dict(),
            "files": contents(model.download()),
            "best": mr.get_best_model(f"plain_{name}", "AUC").version,
        }
    return found


def write(mr):
    from hsml.model_schema import ModelSchema
    from hsml.schema import Schema

    found = {}
    for name, (_, framework) in FLAVORS.items():
        model = getattr(mr, framework).create_model(
            f"plain_{name}",
            metrics={"AUC": 0.5, "RMSE": 2},
            description=f"of {name}",
            input_example=FRAME,
            model_schema=ModelSchema(
                Schema(FRAME[["distance", "seats"]]), Schema(np.zeros((2, 3), "float32"))
            ),
        )
        model.save(model_folder(name))
        found[name] = model.version
    return found


def read(mr):
    found = {}
    for name in FLAVORS:
        model = mr.get_model(f"homer_{name}", version=1)
        target = os.path.join(CONFIG["folder"], f"downloaded_{name}")
        found[name] = {
            "listed": [m.version for m in mr.get_models(f"homer_{name}")],
            "class": type(model).__module__,
            "metrics": model.training_metrics,
            "description": model.description,
            "example": model.input_example,
            "schema": model.model_schema,
            "files": contents(model.download(target)),
            "best": mr.get_best_model(f"homer_{name}", "AUC", "max").version,
            "tags": model.get_tags() if name == "sklearn" else None,
        }
    return found


def main():
    part = sys.argv[2]
    if CONFIG["client"] == "official":
        # It waits five seconds between two questions; what it asks is the same when it waits less.
        real_sleep = time.sleep
        time.sleep = lambda seconds: real_sleep(min(seconds, 0.02))
    if part.startswith("homer"):
        import homer

        with homer.connection(**ARGUMENTS) as connection:
            found = globals()[part](connection.get_model_registry())
    else:
        import hopsworks

        folder = os.path.join(CONFIG["folder"], "certificates")
        project = hopsworks.login(**ARGUMENTS, cert_folder=folder, engine="python")
        found = globals()[part](project.get_model_registry())
    print("\n" + json.dumps(found, default=str))


main()
