"""The feature store of a test project over plain HTTP and Arrow Flight, without our client."""

from __future__ import annotations

import io
import json
import uuid
from typing import Any

import pyarrow as pa
import pyarrow.flight as pf

ARROW = {"content-type": "application/vnd.apache.arrow.stream"}


def stream_of(rows: pa.Table) -> bytes:
    """The bytes of an Arrow stream."""
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    return sink.getvalue()


class FeatureStoreAccess:
    """Requests below the feature store of one project.

    Parameters:
        api: the project's `ProjectApi`.
    """

    def __init__(self, api: Any):
        self.api = api
        self.store = api.call("GET", f"{api.p}/featurestores/{api.name.lower()}_featurestore")
        self.id = self.store["featurestoreId"]
        self.path = f"{api.p}/featurestores/{self.id}"
        self._flight: pf.FlightClient | None = None

    def create(
        self, name: str, features: dict[str, str], keys: tuple[str, ...] = (), **more: Any
    ) -> dict[str, Any]:
        """Creates a feature group from feature names and types."""
        return self.api.call(
            "POST", f"{self.path}/featuregroups", 201, json=self.body(name, features, keys, **more)
        )

    @staticmethod
    def body(
        name: str, features: dict[str, str], keys: tuple[str, ...] = (), **more: Any
    ) -> dict[str, Any]:
        """The body of a creation request."""
        partitions = more.pop("partitions", ())
        return {
            "type": "cachedFeaturegroupDTO",
            "name": name,
            "version": None,
            "timeTravelFormat": "DELTA",
            "features": [
                {"name": n, "type": t, "primary": n in keys, "partition": n in partitions}
                for n, t in features.items()
            ],
            **more,
        }

    def insert(
        self, group: dict[str, Any], rows: pa.Table, ingestion: str | None = None, **query: Any
    ) -> Any:
        """Inserts rows; gives the answer."""
        return self.api.call(
            "POST",
            self.rows_path(group, ingestion, **query),
            content=stream_of(rows),
            headers=ARROW,
        )

    def rows_path(self, group: dict[str, Any], ingestion: str | None = None, **query: Any) -> str:
        """The path of an insert request."""
        more = "".join(f"&{k}={v}" for k, v in query.items())
        return f"{self.path}/featuregroups/{group['id']}/rows?ingestion={ingestion or uuid.uuid4()}{more}"

    def select(
        self, group: dict[str, Any], names: list[str] | None = None, **more: Any
    ) -> dict[str, Any]:
        """A query over one feature group."""
        features = [f for f in group["features"] if names is None or f["name"] in names]
        return {
            "featureStoreId": self.id,
            "leftFeatureGroup": group,
            "leftFeatures": features,
            "joins": [],
            "filter": None,
            "limit": None,
            "hiveEngine": True,
            **more,
        }

    def construct(self, query: dict[str, Any]) -> dict[str, Any]:
        """The constructor's answer."""
        return self.api.call("PUT", f"{self.api.p}/featurestores/query?hqs=True", json=query)

    @property
    def flight(self) -> pf.FlightClient:
        """A client of the query service."""
        if self._flight is None:
            address = self.api.call("GET", "variables/native_query")["successMessage"]
            self._flight = pf.FlightClient(address)
        return self._flight

    def read(self, query: dict[str, Any], online: bool = False) -> pa.Table:
        """Runs a query through the constructor and Arrow Flight."""
        return self.run(self.construct(query)["hqsPayloadOnline" if online else "hqsPayload"])

    def run(self, command: str) -> pa.Table:
        """Runs a command of the constructor."""
        info = self.flight.get_flight_info(pf.FlightDescriptor.for_command(command.encode("ascii")))
        rows = self.flight.do_get(info.endpoints[0].ticket).read_all()
        assert rows.schema == info.schema
        return rows


def feature(group: dict[str, Any], name: str) -> dict[str, Any]:
    """A feature of a group, as filters name it."""
    return next(f for f in group["features"] if f["name"] == name)


def where(group: dict[str, Any], name: str, condition: str, value: Any) -> dict[str, Any]:
    """A filter, wrapped as a query takes it."""
    text = value if isinstance(value, str) or value is None else json.dumps(value)
    return {
        "type": "SINGLE",
        "leftFilter": {"feature": feature(group, name), "condition": condition, "value": text},
    }
