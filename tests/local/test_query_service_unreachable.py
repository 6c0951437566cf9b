"""The query service at an address where something else answers, or nothing."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import trustme
from served import Served

import hopsworks
from hopsworks.client.exceptions import FeatureStoreException
from hsfs.engine import query_service


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    server = Served(tmp_path_factory.mktemp("unreachable") / "data with blanks")
    yield server
    server.stop()


@pytest.fixture
def group(served: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    for name in ("HOPSWORKS_API_KEY", "HOPSWORKS_HOST", "HOPSWORKS_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    with hopsworks.connection(
        host=served.host,
        port=served.port,
        api_key_file=str(served.data / "api.key"),
        trust_store_path=str(served.authority),
    ) as connection:
        store = connection.get_project("local").get_feature_store()
        made = store.get_or_create_feature_group("rows", 1, primary_key=["id"])
        made.insert(pd.DataFrame({"id": [1]}))
        yield made


def test_another_server_answers(group, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("flyingduck.service.consul").configure_cert(context)
    context.set_alpn_protocols(["h2"])
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                context.wrap_socket(listener.accept()[0], server_side=True).close()
            except ssl.SSLError:
                continue
            except OSError:
                return

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    port = listener.getsockname()[1]
    waits: list[float] = []
    monkeypatch.setattr(query_service, "_PORT", port)
    monkeypatch.setattr(query_service.time, "sleep", waits.append)
    with pytest.raises(FeatureStoreException, match=rf":{port}, .*certificate verify failed"):
        group.read()
    assert waits == [], "asking again would not help"
    listener.close()


def test_nothing_answers(group, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    waits: list[float] = []
    monkeypatch.setattr(query_service, "_PORT", port)
    monkeypatch.setattr(query_service.time, "sleep", waits.append)
    with pytest.raises(FeatureStoreException, match=rf"Could not connect to 127\S*:{port}, "):
        group.read()
    assert len(waits) == 4
