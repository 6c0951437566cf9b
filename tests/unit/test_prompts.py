"""Questions at login: asked at a real terminal (a pty), keys not echoed; without one an error that names the variables."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scripted_server import ScriptedServer, Step
from tests.terminal import Terminal

KEY = "typed.very-secret-key"
BASE = "GET /hopsworks-api/api"
VERSIONS = Step(
    f"{BASE}/variables/versions", body=b'[{"software": "hopsworks", "version": "5.2.1"}]'
)
PROGRAM = """
import sys
from hopsworks import config
if sys.argv[2] == "managed":
    config.DEFAULT_HOST = "localhost"
import hopsworks
try:
    project = hopsworks.login(host=sys.argv[1])
    print("opened", project and project.name)
except Exception as error:
    print(type(error).__name__, error)
except KeyboardInterrupt:
    print("interrupted")
"""


def keyed(step: Step, key: str) -> Step:
    return dataclasses.replace(step, expect_headers={"Authorization": f"ApiKey {key}"})


def project(name: str) -> Step:
    body = json.dumps({"projectId": 7, "projectName": name}).encode()
    return Step(f"{BASE}/project/getProjectInfo/{name}", body=body)


def listing(*names: str) -> Step:
    found = [{"project": {"id": n, "name": name}, "user": {}} for n, name in enumerate(names)]
    return Step(f"{BASE}/project", body=json.dumps(found).encode())


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    """The variables of a person who has set none of ours."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    root = str(Path(__file__).parents[2])
    return {**kept, "HOME": str(tmp_path), "PYTHONPATH": root, "USER": "ann", "LOGNAME": "ann"}


@pytest.fixture
def at_terminal(tmp_path: Path, variables: dict[str, str]) -> Iterator[object]:
    """Opens terminals and closes them at the end."""
    opened: list[Terminal] = []

    def open_one(server: ScriptedServer, kind: str = "cluster", **more: str) -> Terminal:
        url = f"http://localhost:{server.port}"
        command = [sys.executable, "-c", PROGRAM, url, kind]
        opened.append(Terminal(command, cwd=tmp_path, env={**variables, **more}))
        return opened[-1]

    yield open_one
    for terminal in opened:
        terminal.close()


def test_a_key_is_asked_for_and_not_shown(at_terminal, tmp_path: Path) -> None:
    steps = [keyed(VERSIONS, KEY), listing("demo"), project("demo")]
    with ScriptedServer(steps) as server:
        terminal = at_terminal(server)
        terminal.wait_for("API key for localhost")
        terminal.type_hidden(KEY)
        shown = terminal.end()
    assert "opened demo" in shown
    assert "account/api/generated" in shown
    assert KEY not in shown
    assert sorted(os.listdir(tmp_path)) == []  # keys of clusters are not kept


def test_a_project_is_chosen_by_number(at_terminal) -> None:
    with ScriptedServer([VERSIONS, listing("one", "two", "three"), project("three")]) as server:
        terminal = at_terminal(server, HOPSWORKS_API_KEY=KEY)
        terminal.wait_for("Number of the project to use: ")
        for line in (r"\(1\) one", r"\(2\) two", r"\(3\) three"):
            assert re.search(line, terminal.shown)
        terminal.type("4")
        terminal.wait_for("Enter a number from 1 to 3: ")
        terminal.type("")
        terminal.type("3")
        assert "opened three" in terminal.end()


def test_the_end_of_the_input_at_the_question_for_a_project(at_terminal) -> None:
    with ScriptedServer([VERSIONS, listing("one", "two")]) as server:
        terminal = at_terminal(server, HOPSWORKS_API_KEY=KEY)
        terminal.wait_for("Number of the project to use: ")
        terminal.type("\x04")
        assert re.search("ProjectException .*HOPSWORKS_PROJECT", terminal.end())


def test_an_empty_key_sends_nothing(at_terminal) -> None:
    with ScriptedServer([]) as server:
        terminal = at_terminal(server)
        terminal.wait_for("API key for localhost")
        terminal.type_hidden("  ")
        assert "ValueError The API key in the input is empty." in terminal.end()
    assert server.requests == []


def test_ctrl_c_at_the_question(at_terminal) -> None:
    with ScriptedServer([]) as server:
        terminal = at_terminal(server)
        terminal.wait_for("API key for localhost")
        terminal.process.send_signal(signal.SIGINT)
        assert "interrupted" in terminal.end()
    assert server.requests == []


def test_the_key_of_the_managed_service_is_kept_and_forgotten(
    at_terminal, tmp_path: Path, variables: dict[str, str]
) -> None:
    kept = tmp_path / ".ann_hopsworks_app" / ".hw_api_key"
    one = [listing("demo"), project("demo")]
    with ScriptedServer([keyed(VERSIONS, KEY), *one]) as server:
        terminal = at_terminal(server, "managed")
        terminal.wait_for("API key for localhost")
        terminal.type_hidden(KEY)
        assert "opened demo" in terminal.end()
    assert kept.read_text() == KEY
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    # It wins over the variable, and nobody is asked again.
    with ScriptedServer([keyed(VERSIONS, KEY), *one]) as server:
        assert "opened demo" in at_terminal(server, "managed", HOPSWORKS_API_KEY="a.b").end()
    # Refused, it is removed, and the variable has its turn.
    refused = Step(VERSIONS.expect, status=401, body=b'{"errorCode": 320013}')
    with ScriptedServer([keyed(refused, KEY), keyed(VERSIONS, "a.b"), *one]) as server:
        assert "opened demo" in at_terminal(server, "managed", HOPSWORKS_API_KEY="a.b").end()
    assert not kept.exists()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, r"ExternalClientError .*api_key_value or api_key_file.*HOPSWORKS_API_KEY"),
        ({"HOPSWORKS_API_KEY": KEY}, r"ProjectException .*one, two.*HOPSWORKS_PROJECT"),
    ],
)
def test_without_a_terminal_nobody_is_asked(
    tmp_path: Path, variables: dict[str, str], more: dict[str, str], words: str
) -> None:
    steps = [VERSIONS, listing("one", "two")] if more else []
    with ScriptedServer(steps) as server:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, f"http://localhost:{server.port}", "cluster"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env={**variables, **more},
            cwd=tmp_path,
            timeout=60,
            start_new_session=True,
        )
    assert re.search(words, done.stdout), done
    assert KEY not in done.stdout + done.stderr
