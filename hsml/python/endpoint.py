"""Deployments of a Python program that serves HTTP itself, without a model."""

from __future__ import annotations

import re

from hopsworks.constants import PREDICTOR
from hsml.predictor import Predictor

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class Endpoint(Predictor):
    """Predictor of an HTTP server without a model.

    Parameters:
        name (str): Name of the deployment.
        script_file (str): The program.
        **kwargs: Arguments of :class:`hsml.predictor.Predictor`.

    Raises:
        ValueError: If there is no program.
    """

    __slots__ = ()

    def __init__(self, name: str, script_file: str, **kwargs: Any) -> None:
        if script_file is None:
            raise ValueError(
                f"The endpoint '{name}' needs a program. Pass script_file: a Python file that serves HTTP."
            )
        _check_git(name, script_file, kwargs)
        kwargs["model_server"] = PREDICTOR.MODEL_SERVER_PYTHON
        super().__init__(name=name, script_file=script_file, **kwargs)


_PROVIDERS = {"github": "GitHub", "gitlab": "GitLab", "bitbucket": "BitBucket"}
_BRANCH = re.compile(r"[A-Za-z0-9._/-]+")


def _check_git(name: Any, script_file: Any, settings: Any) -> None:
    """Check the git settings of an endpoint before anything is sent, and spell the provider as servers do."""
    what = f"The endpoint '{name}'"
    url, provider, branch = (settings.get(key) for key in ("git_url", "git_provider", "git_branch"))
    if url is None:
        given = [
            key for key in ("git_provider", "git_branch", "git_auto_redeploy") if settings.get(key)
        ]
        if given:
            raise ValueError(
                f"{what} has {given[0]} and no git_url. Pass the repository, or leave {given[0]} out."
            )
        return
    if not url.startswith("https://"):
        raise ValueError(
            f"{what} has the git_url '{url}'. Pass an address that begins with https://."
        )
    settings["git_provider"] = _PROVIDERS.get(str(provider).strip().lower())
    if settings["git_provider"] is None:
        raise ValueError(
            f"{what} has the git_provider {provider!r}. Use one of {', '.join(_PROVIDERS.values())}."
        )
    if branch is not None and not _BRANCH.fullmatch(branch):
        raise ValueError(
            f"{what} has the git_branch '{branch}'. Use letters, digits, '.', '_', '/' and '-' only."
        )
    parts = script_file.split("/")
    if not script_file.endswith(".py") or script_file.startswith("/") or ".." in parts:
        raise ValueError(
            f"{what} has the script_file '{script_file}'. Pass the path of a .py file inside the repository."
        )
