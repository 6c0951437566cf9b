"""``hopsworks config show``: every setting with its source, and never the key."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hopsworks.cli.configuration import NAMES
from hopsworks.cli.main import main
from hopsworks.config import Settings

KEY = "abcdefghijklmnop.secretsecretsecret"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    import os

    for name in list(os.environ):
        if name.startswith("HOPSWORKS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_each_value_and_where_it_came_from(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, clean: Path
) -> None:
    (clean / ".hops.toml").write_text(f'[default]\nhost = "h.example"\napi_key = "{KEY}"\n')
    monkeypatch.setenv("HOPSWORKS_PROJECT", "demo")
    monkeypatch.setenv("HOPSWORKS_HOSTNAME_VERIFICATION", "false")
    assert main(["config", "show"]) == 0
    out = capsys.readouterr().out
    rows = {line.split()[0]: line.split()[1:] for line in out.splitlines() if line}
    assert rows["host"] == ["h.example", str(clean / ".hops.toml")]
    assert rows["port"] == ["443", "default"]
    assert rows["cert_folder"] == ["/tmp/<host>/<project>/<user>", "default"]
    assert rows["project"] == ["demo", "variable", "HOPSWORKS_PROJECT"]
    assert rows["api_key"] == ["***", str(clean / ".hops.toml")]
    assert rows["hostname_verification"] == ["no", "variable", "HOPSWORKS_HOSTNAME_VERIFICATION"]
    assert rows["trust_store_path"] == ["-", "default"]
    assert "(read)" in out
    assert KEY not in out


def test_as_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setenv("HOPSWORKS_HOST", "local:/data")
    monkeypatch.setenv("HOPSWORKS_API_KEY", KEY)
    assert main(["config", "show", "--json"]) == 0
    out = capsys.readouterr().out
    found = json.loads(out)
    assert tuple(found) == NAMES
    assert found["host"] == {"value": "local:/data", "source": "variable HOPSWORKS_HOST"}
    assert found["port"] == {"value": None, "source": "default"}
    assert found["hostname_verification"] == {"value": True, "source": "default"}
    assert found["api_key"] == {"value": "***", "source": "variable HOPSWORKS_API_KEY"}
    assert KEY not in out


def test_every_setting_is_shown() -> None:
    derived = {"inside", "local_data", "public_host", "scheme", "sources", "token_file"}
    assert set(NAMES) == set(Settings.__slots__) - derived


def test_a_value_that_cannot_be_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setenv("HOPSWORKS_PORT", "many")
    assert main(["config", "show"]) == 1
    shown = capsys.readouterr()
    assert "HOPSWORKS_PORT is 'many'" in shown.err
    assert shown.out == ""


def test_without_a_command_there_is_help(capsys: pytest.CaptureFixture) -> None:
    assert main(["config"]) == 2
    assert "show" in capsys.readouterr().out


def test_nobody_reads_the_output() -> None:
    done = subprocess.run(
        f"exec {sys.executable} -m hopsworks.cli config show >&-",
        shell=True,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("option", ["--port", "--online-port", "--flight-port"])
@pytest.mark.parametrize("text", ["99999999", "65536", "-1", "x", "1.5"])
def test_ports_that_are_none_are_refused(
    option: str, text: str, capsys: pytest.CaptureFixture
) -> None:
    with pytest.raises(SystemExit):
        main(["local", "serve", f"{option}={text}"])
    assert f"{text!r} is no port, which is a number up to 65535" in capsys.readouterr().err
