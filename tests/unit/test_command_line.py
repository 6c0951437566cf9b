"""The ``hopsworks`` command without a command says which there are."""

from __future__ import annotations

import pytest

from hopsworks.cli.main import main


@pytest.mark.parametrize(("arguments", "named"), [([], "local"), (["local"], "status")])
def test_help_when_nothing_is_named(
    arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert f"\n    {named} " in capsys.readouterr().out


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["local", "begin"])
    assert caught.value.code == 2
    assert "'start'" in capsys.readouterr().err
