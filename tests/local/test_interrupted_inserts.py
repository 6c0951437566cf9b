"""Inserts that are cut off: a lost connection, Ctrl-C, and a client that is killed in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from hopsworks.client.exceptions import ServiceUnreachableError
from hsfs.engine import insertion

# A client that sends one batch of rows and then waits, so that it can be stopped in the middle of an insert.
SLOW_INSERT = """
import sys, time
import pandas as pd
import hopsworks
from hsfs.engine import insertion

batches = insertion.stored_batches
def slowly(table, schema):
    for batch in batches(table, schema):
        yield batch
        print("sent", flush=True)
        time.sleep(60)
insertion.stored_batches = slowly
group = hopsworks.login(host="local", project=sys.argv[1]).get_feature_store().get_feature_group("data", 1)
try:
    group.insert(pd.DataFrame({"k": range(500_000), "x": 2.0}))
except KeyboardInterrupt:
    print("interrupted", flush=True)
    sys.exit(7)
"""


@pytest.fixture
def group(feature_store):
    made = feature_store.create_feature_group("data", 1, primary_key=["k"], online_enabled=True)
    made.insert(pd.DataFrame({"k": [1, 2], "x": [1.0, 1.0]}))
    return made


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT], ids=["killed", "Ctrl-C"])
def test_an_insert_that_does_not_end_leaves_no_row(
    group, local_project: str, stop: signal.Signals
) -> None:
    client = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", SLOW_INSERT, local_project],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ},
    )
    assert client.stdout is not None
    assert client.stdout.readline() == "sent\n"
    started = time.monotonic()
    client.send_signal(stop)
    code = client.wait(timeout=10)
    assert time.monotonic() - started < 5
    assert code == (-signal.SIGKILL if stop is signal.SIGKILL else 7)
    client.stdout.close()
    assert group.read()["x"].tolist() == [1.0, 1.0]
    assert len(group.read(online=True)) == 2
    assert len(group.commit_details()) == 1
    group.insert(pd.DataFrame({"k": [3], "x": [1.0]}))
    assert len(group.read()) == 3


def test_a_lost_answer_does_not_double_the_rows(group, monkeypatch: pytest.MonkeyPatch) -> None:
    send, identifiers = insertion._send_once, []

    def lose_the_first_answer(group, table, schema, ingestion, *options):
        answer = send(group, table, schema, ingestion, *options)
        identifiers.append(ingestion)
        if len(identifiers) == 1:
            raise ServiceUnreachableError("the connection broke before the answer was complete")
        return answer

    monkeypatch.setattr(insertion, "_send_once", lose_the_first_answer)
    group.insert(pd.DataFrame({"k": [7, 8], "x": [1.0, 1.0]}), operation="insert")
    assert len(identifiers) == 2
    assert identifiers[0] == identifiers[1]
    assert len(group.read()) == 4


def test_a_server_that_stays_away_is_told_after_three_attempts(
    group, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = []

    def fail(*arguments):
        attempts.append(arguments)
        raise ServiceUnreachableError("nobody answers")

    monkeypatch.setattr(insertion, "_send_once", fail)
    monkeypatch.setattr(insertion.time, "sleep", lambda seconds: None)
    with pytest.raises(ServiceUnreachableError, match="nobody answers"):
        group.insert(pd.DataFrame({"k": [7], "x": [1.0]}))
    assert len(attempts) == 3
