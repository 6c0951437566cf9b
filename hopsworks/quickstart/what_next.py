"""What to try after the tour: lines to paste, and the commands as they work from here."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from pathlib import Path

from . import steps

_TRY = """
All done in {seconds:.0f} s. Everything is still there; try next, in {python}:

    import hopsworks
    project = hopsworks.login(host={host})
    store = project.get_feature_store()

    weather = store.get_feature_group("weather", version=1)
    weather.filter(weather.wind_speed > 40).read()                  # storms, read offline

    view = store.get_feature_view("{name}", version=1)
    view.init_serving(1, init_rest_client=True)
    view.get_feature_vector({{"carrier": "UA", "flight": 1545, "origin": "EWR", "time_hour": "2013-01-01T10:00:00Z",
                             "weather_time_hour": "2013-01-01T10:00:00Z", "plane_tailnum": "N14228"}})

    project.get_model_registry().get_best_model("{name}", "auc", "max")
    project.get_model_serving().get_deployment("{deployment}").get_logs()
"""
_LOCAL = """
The same in Jupyter: notebooks/quickstart.ipynb. On your cluster: give host= its name and api_key_value= your key.
`{stop}` ends the server, `{reset}` deletes what it holds.
"""


def what_next(host: str, seconds: float) -> str:
    """The text at the end of the tour.

    Parameters:
        host: The host that the tour connected to.
        seconds: How long the tour took.
    """
    text = _TRY.format(
        seconds=seconds,
        python=_shown("python", Path(sys.executable)),
        host=json.dumps(host, ensure_ascii=False),
        name=steps.NAME,
        deployment=steps.DEPLOYMENT,
    )
    kind, _, folder = host.partition(":")
    if kind != "local":
        return text
    command = _shown("hopsworks", Path(sys.executable).with_name("hopsworks"))
    data = f" --data {shlex.quote(folder)}" if folder else ""
    return text + _LOCAL.format(
        stop=f"{command} local stop{data}", reset=f"{command} local reset{data}"
    )


def _shown(command: str, path: Path) -> str:
    """How a command is called from here: by its name where the shell finds it, else by its path."""
    found = shutil.which(command)
    if found and os.path.realpath(Path(found).parent) == os.path.realpath(path.parent):
        return command
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))
