"""Writes online rows and a view over them with our client, by the embedded server's own insert.

    python online_view.py CONFIG.json

The official client writes online rows through Kafka, which the embedded server does without; it reads these.
"""

import json
import sys

import pandas as pd

import hopsworks

with open(sys.argv[1]) as file:
    CONFIG = json.load(file)

trips = pd.DataFrame(
    {
        "trip": [1, 2, 3, 3],
        "driver": ["ann", "bob", "ann", "ann"],
        "at": pd.to_datetime(["2025-03-01", "2025-03-02", "2025-03-03", "2025-03-04"]),
        "km": [1.5, None, 3.0, 30.25],
        "paid": [True, False, True, False],
        "late": [0, 1, 0, 1],
    }
)
drivers = pd.DataFrame(
    {
        "driver": ["ann", "bob"],
        "since": pd.to_datetime(["2025-01-01 10:30", "2025-01-02 00:00"]),
        "city": ["Malmö", "Göteborg"],
    }
)
store = hopsworks.login(host=f"local:{CONFIG['data']}").get_feature_store()
left = store.create_feature_group(
    "online_trips", version=1, primary_key=["trip"], event_time="at", online_enabled=True
)
left.insert(trips, wait=True)
right = store.create_feature_group(
    "online_drivers", version=1, primary_key=["driver"], event_time="since", online_enabled=True
)
right.insert(drivers, wait=True)
view = store.create_feature_view(
    "online_delays",
    version=1,
    query=left.select(["trip", "km", "paid", "late"]).join(
        right.select(["city", "since"]), on=["driver"], prefix="driver_"
    ),
    labels=["late"],
)
view.training_data()
print("\n" + json.dumps({"written": len(trips) + len(drivers)}))
