"""Programs inside a cluster: both clients read the same files, send the same requests and take new tokens alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from .comparison import differences, masked
from .conftest import next_address, run_script
from .contract import unknown
from .inside import InsideCluster

SCRIPT = Path(__file__).with_name("scripts") / "inside.py"
SECRET = {"name": "warehouse", "visibility": "PRIVATE", "addedOn": "2025-01-02T03:04:05.000Z"}
ROUTES = {
    "GET users/secrets": [{"items": [SECRET], "count": 1}],
    "POST users/secrets": [{"successMessage": "Added new secret"}],
    "GET project/119/kafka/clusterinfo": [
        {"brokers": ["broker.kafka.service.consul:9091"]},
        {"brokers": ["1.2.3.4:9092"]},
    ],
    "GET elastic/jwt/119": [{"token": "Bearer abc"}],
    "GET variables/service_discovery_domain": [{"successMessage": "consul"}],
    "GET users/secrets/{name}": [{"items": [{**SECRET, "secret": "s3cr3t"}], "count": 1}],
}
pytestmark = pytest.mark.timeout(600)


def run(client: str, folder: Path) -> tuple[dict, list[dict]]:
    folder.mkdir()
    server = InsideCluster(folder, ROUTES, next_address())
    try:
        config = {
            "url": server.variables["REST_ENDPOINT"],
            "variables": server.variables,
            "ca_file": str(server.ca_file),
        }
        found = run_script(client, SCRIPT, [], config, folder)
        assert server.unanswered == []
        return found, list(server.requests)
    finally:
        server.close()


def test_both_clients_inside_a_cluster(tmp_path: Path) -> None:
    theirs, their_requests = run("official", tmp_path / "official")
    mine, my_requests = run("ours", tmp_path / "ours")
    assert [found for found in (*theirs.values(), *mine.values()) if "error" in found] == []
    assert mine == theirs
    assert mine["project"]["value"] == ["demo", 119, "https://hopsworks.example.com/p/119"]
    assert mine["brokers inside"]["value"] == "broker.kafka.service.consul:9091"
    assert mine["opensearch inside"]["value"] == [
        {"host": "rest.elastic.service.consul", "port": 9200}
    ]
    assert sorted({fault for entry in my_requests for fault in unknown(entry)}) == []
    no_places: frozenset[str] = frozenset()
    assert differences(masked(their_requests, no_places), masked(my_requests, no_places)) == []
    statuses = [entry["status"] for entry in my_requests if entry["step"] == "wait for a token"]
    assert statuses == [401, 401, 401, 200]
    statuses = [
        entry["status"] for entry in my_requests if entry["step"] == "write with a new token"
    ]
    assert statuses[:2] == [401, 200]
