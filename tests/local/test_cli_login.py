"""``hopsworks login`` and ``logout`` against a server with TLS and keys: at a terminal, without one, and in scripts."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from peers import loopback
from served import Served
from terminal import Terminal

import hopsworks
from hopsworks import config
from hopsworks.cli.main import main

Opener = Callable[[list[str]], Terminal]
COMMAND = [sys.executable, "-m", "hopsworks.cli"]
WRONG = "wrongKey00000001.ofNobodyAtAll"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    server = Served(tmp_path_factory.mktemp("served") / "data")
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty home and no settings."""
    for name in list(os.environ):
        if name.startswith("HOPSWORKS_") and name != "HOPSWORKS_LOCAL_DATA":
            monkeypatch.delenv(name)
    monkeypatch.delenv("REST_ENDPOINT", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def saved(home: Path) -> dict:
    return tomllib.loads((home / ".hops.toml").read_text())


def options(served: Served) -> list[str]:
    return [
        "--host",
        f"https://{served.host}:{served.port}",
        "--trust-store",
        str(served.authority),
    ]


def run(arguments: list[str], text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], input=text, capture_output=True, text=True, timeout=60, check=False
    )


def key_file(home: Path, key: str) -> str:
    path = home / "key"
    path.write_text(key + "\n")
    return str(path)


@pytest.fixture
def at_terminal() -> Iterator[Opener]:
    """Runs commands at terminals."""
    opened: list[Terminal] = []

    def open_one(arguments: list[str]) -> Terminal:
        opened.append(Terminal([*COMMAND, *arguments]))
        return opened[-1]

    yield open_one
    for terminal in opened:
        terminal.close()


# ---------------------------------------------------------------------------------------------------- in scripts


def test_login_with_a_key_file(
    served: Served, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["login", *options(served), "--api-key-file", key_file(home, served.key)]
    assert main(arguments) == 0
    said = capsys.readouterr().out
    assert (
        f"Connected to https://{served.host}:{served.port} (Hopsworks 5.2.1) as local000." in said
    )
    assert "The project is local." in said
    assert str(home / ".hops.toml") in said
    assert served.key not in said
    assert saved(home) == {
        "default": {
            "host": f"https://{served.host}:{served.port}",
            "project": "local",
            "api_key": served.key,
            "trust_store_path": str(served.authority),
        }
    }
    assert stat.S_IMODE((home / ".hops.toml").stat().st_mode) == 0o600
    assert sorted(os.listdir(home)) == [".hops.toml", "key"]
    project = hopsworks.login()
    assert project.name == "local"
    assert hopsworks._login.get_connection().port == served.port
    hopsworks.logout()


def test_the_key_by_standard_input(served: Served, home: Path) -> None:
    done = run(["login", *options(served), "--api-key-stdin"], served.key + "\nmore\n")
    assert done.returncode == 0, done.stderr
    assert saved(home)["default"]["api_key"] == served.key
    assert served.key not in done.stdout + done.stderr


def test_the_key_by_variable(
    served: Served,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HOPSWORKS_API_KEY", served.key)
    monkeypatch.setenv("HOPSWORKS_HOST", f"{served.host}:{served.port}")
    monkeypatch.setenv("HOPSWORKS_TRUST_STORE_PATH", str(served.authority))
    assert main(["login"]) == 0
    said = capsys.readouterr().out
    assert (
        "go before the file: HOPSWORKS_HOST, HOPSWORKS_API_KEY, HOPSWORKS_TRUST_STORE_PATH" in said
    )
    assert saved(home)["default"]["api_key"] == served.key


def test_nothing_is_saved_with_no_save(
    served: Served, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [*options(served), "--api-key-file", key_file(home, served.key), "--no-save"]
    assert main(["login", *arguments]) == 0
    assert "Nothing was saved." in capsys.readouterr().out
    assert not (home / ".hops.toml").exists()


def test_a_refused_key_is_not_saved(
    served: Served, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = '# mine\n[default]\nhost = "old.example"\n'
    (home / ".hops.toml").write_text(before)
    assert main(["login", *options(served), "--api-key-file", key_file(home, WRONG)]) == 1
    shown = capsys.readouterr()
    assert "401" in shown.err
    assert "belongs to another host" in shown.err
    assert len(shown.err.splitlines()) == 1
    assert "ofNobodyAtAll" not in shown.err + shown.out
    assert (home / ".hops.toml").read_text() == before


def test_an_untrusted_certificate_is_not_saved(
    served: Served, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    host = ["--host", f"{served.host}:{served.port}"]
    assert main(["login", *host, "--api-key-file", key_file(home, served.key)]) == 1
    assert "trust_store_path" in capsys.readouterr().err
    assert not (home / ".hops.toml").exists()


def test_verification_that_is_switched_off_is_saved(served: Served, home: Path) -> None:
    host = ["--host", f"{served.host}:{served.port}", "--no-verify"]
    with pytest.warns(UserWarning, match="not verified"):
        assert main(["login", *host, "--api-key-file", key_file(home, served.key)]) == 0
    assert saved(home)["default"]["hostname_verification"] is False


def test_a_project_that_is_not_there(
    served: Served, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = key_file(home, served.key)
    arguments = ["login", *options(served), "--api-key-file", key, "--project", "nowhere"]
    assert main(arguments) == 1
    said = capsys.readouterr().err
    assert "no project nowhere" in said
    assert "local" in said
    assert not (home / ".hops.toml").exists()


@pytest.mark.parametrize("arguments", [["--api-key", WRONG], [f"--api-key={WRONG}"]])
def test_a_key_among_the_words_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["login", "--host", "my.example", *arguments])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "list of processes" in said
    assert "--api-key-stdin" in said
    assert WRONG not in said


@pytest.mark.parametrize("arguments", [[WRONG], [f"--key={WRONG}"], ["--token", WRONG]])
def test_unknown_words_are_not_repeated(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["login", *arguments])
    assert ended.value.code == 2
    assert WRONG not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [([], "--host"), (["--host", "my.example"], "--api-key-stdin")],
)
def test_without_a_terminal_nobody_is_asked(arguments: list[str], named: str) -> None:
    done = run(["login", *arguments])
    assert done.returncode == 1
    assert named in done.stderr
    assert "HOPSWORKS_" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_empty_key_is_refused(home: Path) -> None:
    done = run(["login", "--host", "my.example", "--api-key-stdin"], "\n")
    assert done.returncode == 1
    assert "standard input is empty" in done.stderr


def test_debug_shows_where_an_error_came_from(served: Served, home: Path) -> None:
    key = key_file(home, WRONG)
    done = run(["login", *options(served), "--api-key-file", key, "--debug"])
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "GET /hopsworks-api/api/variables/versions" in done.stderr
    assert "ofNobodyAtAll" not in done.stderr


def test_the_embedded_server_needs_no_key(
    local_server: object, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = os.environ["HOPSWORKS_LOCAL_DATA"]
    assert main(["login", "--host", f"local:{data}", "--project", "local"]) == 0
    assert "Connected to the embedded server (Hopsworks 5.2.1)" in capsys.readouterr().out
    assert saved(home) == {"default": {"host": f"local:{data}", "project": "local"}}
    project = hopsworks.login()
    assert project.name == "local"
    hopsworks.logout()


def test_inside_a_cluster_there_is_nothing_to_save(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REST_ENDPOINT", "https://hopsworks.service.consul:8182")
    assert main(["login"]) == 0
    assert "inside the cluster" in capsys.readouterr().out
    assert not (home / ".hops.toml").exists()


def test_the_saved_key_of_the_managed_host_is_replaced(
    home: Path, monkeypatch: pytest.MonkeyPatch, served: Served
) -> None:
    # The managed host cannot be reached from a test; this one takes its name.
    monkeypatch.setattr(config, "DEFAULT_HOST", served.host)
    cached = Path(config.cached_key_file())
    config.save_key(str(cached), WRONG)
    arguments = ["login", *options(served), "--api-key-file", key_file(home, served.key)]
    assert main(arguments) == 0
    assert cached.read_text() == served.key
    assert stat.S_IMODE(cached.stat().st_mode) == 0o600
    assert main(["logout"]) == 0
    assert not cached.exists()


# -------------------------------------------------------------------------------------------------- at a terminal


def test_at_a_terminal_host_and_key_are_asked_for(
    served: Served, home: Path, at_terminal: Opener
) -> None:
    terminal = at_terminal(["login", "--trust-store", str(served.authority)])
    terminal.wait_for(re.escape("Hopsworks host [eu-west.cloud.hopsworks.ai]:"))
    terminal.type(f"{served.host}:{served.port}")
    terminal.wait_for("API key for")
    terminal.type_hidden(WRONG)
    terminal.wait_for("does not accept this key")
    terminal.wait_for("API key for")
    terminal.type_hidden(served.key)
    terminal.wait_for("Saved in")
    terminal.end()
    assert terminal.process.returncode == 0
    assert served.key not in terminal.shown
    assert WRONG not in terminal.shown
    assert saved(home)["default"]["api_key"] == served.key


def test_enter_keeps_what_is_saved(served: Served, home: Path, at_terminal: Opener) -> None:
    key = key_file(home, served.key)
    assert main(["login", *options(served), "--api-key-file", key]) == 0
    before = saved(home)
    terminal = at_terminal(["login"])
    terminal.wait_for(re.escape(f"Hopsworks host [https://{served.host}:{served.port}]:"))
    terminal.type("")
    terminal.wait_for(re.escape("(Enter keeps the saved one)"))
    terminal.type_hidden("")
    terminal.wait_for("Saved in")
    terminal.end()
    assert terminal.process.returncode == 0
    assert saved(home) == before


def test_one_of_several_projects_is_chosen(tmp_path: Path, home: Path, at_terminal: Opener) -> None:
    server = Served(tmp_path / "several")
    try:
        with hopsworks.connection(
            host=server.host,
            port=server.port,
            api_key_value=server.key,
            trust_store_path=str(server.authority),
        ) as connection:
            connection.create_project("second")
        key = key_file(home, server.key)
        done = run(["login", *options(server), "--api-key-file", key])
        assert done.returncode == 0
        assert "No project is chosen: local, second." in done.stdout
        assert "hopsworks.login() needs only the project now." in done.stdout
        assert "project" not in saved(home)["default"]
        terminal = at_terminal(["login", *options(server), "--api-key-file", key])
        terminal.wait_for("Number of the project to use:")
        terminal.type("second")
        terminal.wait_for(re.escape("The project is second."))
        terminal.end()
        assert terminal.process.returncode == 0
        assert saved(home)["default"]["project"] == "second"
    finally:
        server.stop()


def test_control_d_and_control_c_change_nothing(home: Path, at_terminal: Opener) -> None:
    terminal = at_terminal(["login"])
    terminal.wait_for("Hopsworks host")
    terminal.press(b"\x04")
    terminal.end()
    assert terminal.process.returncode == 1
    assert "nothing was changed" in terminal.shown
    terminal = at_terminal(["login", "--host", "my.example"])
    terminal.wait_for("API key for")
    terminal.press(b"\x03")
    terminal.end()
    assert terminal.process.returncode == 130
    assert "Traceback" not in terminal.shown
    assert not (home / ".hops.toml").exists()


# ------------------------------------------------------------------------------------------------------ the file

BEFORE = """\
# All my settings.
engine = "other program's"

[default]   # of Hopsworks
cert_folder = "/my/certs"  # kept
host = "old.example"
trust_store_path = "/old/ca.pem"
port = 8181
project_id = 7
own = [1, 2]

[work]
host = "work.example"
api_key = "theirs.secret"
"""


def test_other_tables_keys_and_comments_stay(served: Served, home: Path) -> None:
    (home / ".hops.toml").write_text(BEFORE)
    (home / ".hops.toml").chmod(0o644)
    arguments = ["login", *options(served), "--api-key-file", key_file(home, served.key)]
    assert main(arguments) == 0
    text = (home / ".hops.toml").read_text()
    assert (
        text
        == f"""\
# All my settings.
engine = "other program's"

[default]   # of Hopsworks
cert_folder = "/my/certs"  # kept
host = "https://{served.host}:{served.port}"
trust_store_path = "{served.authority}"
own = [1, 2]
project = "local"
api_key = "{served.key}"

[work]
host = "work.example"
api_key = "theirs.secret"
"""
    )
    assert stat.S_IMODE((home / ".hops.toml").stat().st_mode) == 0o600


def test_logout_forgets_the_host_and_keeps_the_rest(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / ".hops.toml").write_text(BEFORE.replace("port", 'api_key = "mine.secret"\nport', 1))
    monkeypatch.setenv("HOPSWORKS_API_KEY", WRONG)
    assert main(["logout"]) == 0
    said = capsys.readouterr().out
    assert "https://old.example/account/api/generated" in said
    assert "HOPSWORKS_API_KEY is still set" in said
    assert WRONG not in said
    assert "mine.secret" not in said
    found = saved(home)
    assert found["default"] == {"cert_folder": "/my/certs", "own": [1, 2]}
    assert found["work"]["api_key"] == "theirs.secret"
    assert "# kept" in (home / ".hops.toml").read_text()


def test_login_and_logout_leave_no_file(
    served: Served, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["login", *options(served), "--api-key-file", key_file(home, served.key)]
    assert main(arguments) == 0
    assert main(["logout"]) == 0
    assert not (home / ".hops.toml").exists()
    capsys.readouterr()
    assert main(["logout"]) == 0
    assert "Nothing is saved" in capsys.readouterr().out


def test_the_settings_of_another_host_do_not_hold(
    served: Served, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "old.pem").write_text("no certificate")
    (home / ".hops.toml").write_text(
        f'[default]\nhost = "old.example"\nproject = "theirs"\ntrust_store_path = "{home}/old.pem"\n'
        "port = 1\nhostname_verification = false\n"
    )
    host = f"https://{served.host}:{served.port}"
    key = key_file(home, served.key)
    # Verified, and not with the authority of the other host.
    assert main(["login", "--host", host, "--api-key-file", key]) == 1
    assert "old.pem" not in capsys.readouterr().err
    assert main(["login", *options(served), "--api-key-file", key]) == 0
    assert saved(home)["default"]["project"] == "local"
    assert "hostname_verification" not in saved(home)["default"]


def test_a_link_stays_a_link(served: Served, home: Path) -> None:
    (home / "dotfiles").mkdir()
    (home / "dotfiles" / "hops").write_text("")
    (home / ".hops.toml").symlink_to("dotfiles/hops")
    arguments = ["login", *options(served), "--api-key-file", key_file(home, served.key)]
    assert main(arguments) == 0
    assert (home / ".hops.toml").is_symlink()
    assert served.key in (home / "dotfiles" / "hops").read_text()


def test_a_file_that_is_no_toml_is_left_alone(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / ".hops.toml").write_text("host: yaml.example\n")
    for command in (["login", "--host", "my.example"], ["logout"], ["config", "show"]):
        assert main(command) == 1
        assert "not a valid TOML file" in capsys.readouterr().err
    assert (home / ".hops.toml").read_text() == "host: yaml.example\n"


def test_what_was_saved_is_shown_with_its_source(
    served: Served, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["login", *options(served), "--api-key-file", key_file(home, served.key)]
    assert main(arguments) == 0
    capsys.readouterr()
    assert main(["config", "show", "--json"]) == 0
    out = capsys.readouterr().out
    found = json.loads(out)
    file = str(home / ".hops.toml")
    assert found["host"] == {"value": served.host, "source": file}
    assert found["port"] == {"value": served.port, "source": file}
    assert found["api_key"] == {"value": "***", "source": file}
    assert served.key not in out


def test_a_server_with_tls_is_diagnosed(tmp_path: Path, home: Path) -> None:
    server = Served(tmp_path / "data", loopback(), flight_port=5005, online_port=4406)
    try:
        arguments = ["login", *options(server), "--api-key-stdin"]
        assert run(arguments, server.key).returncode == 0
        done = run(["diagnose", "--json"])
        found = json.loads(done.stdout)
        assert done.returncode == 0, done.stdout
    finally:
        server.stop()
    states = {check["name"]: check["state"] for check in found["checks"]}
    absent = {"Kafka brokers", "Kafka listener", "online store MySQL"}
    assert {name for name, state in states.items() if state == "not configured"} == absent
    assert states["query service"] == states["online store REST"] == "ok"
    assert done.stderr == ""
