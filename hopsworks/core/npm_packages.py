"""npm packages as users name them and as an installation wants them."""

from __future__ import annotations

from hopsworks._log import get_logger

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Iterable
    from typing import Any

_logger = get_logger(__name__)


def packages_of(given: Any) -> list[dict[str, str]]:
    """Read the packages that a user names.

    Parameters:
        given: One package or several: texts such as `"left-pad@1.3.0"`, or dicts with `name` and `version`, or with
            `name`, `git_url` and `git_ref`.

    Returns:
        Dicts as the service wants them; a package without a version is wanted as `latest`.

    Raises:
        ValueError: There is none, or one of them is no package.
    """
    if isinstance(given, (str, dict)):
        given = [given]
    packages = [_package(one) for one in given or ()]
    if not packages:
        raise ValueError(
            "packages is empty. Pass the packages to install, such as ['left-pad@1.3.0']."
        )
    return packages


def _package(given: Any) -> dict[str, str]:
    if isinstance(given, str) and given.strip():
        text = given.strip()
        # The sign that begins a scoped name does not separate it from a version.
        rest, _, version = text[1:].partition("@")
        return {"name": text[0] + rest, "version": version or "latest"}
    if not isinstance(given, dict):
        raise ValueError(
            f"{given!r} is no npm package. Pass a text such as 'left-pad@1.3.0', or a dict with name and version."
        )
    name = given.get("name")
    if not name:
        raise ValueError(f"The package {given!r} has no name. Add its 'name'.")
    url = given.get("git_url") or given.get("gitUrl")
    ref = given.get("git_ref") or given.get("gitRef")
    if not url and not ref:
        return {"name": name, "version": given.get("version") or "latest"}
    if not url or not ref:
        raise ValueError(
            f"The package {name!r} of a git repository needs both 'git_url' and 'git_ref' (a branch, tag or commit)."
        )
    return {"name": name, "gitUrl": url, "gitRef": ref}


def resolved_packages(
    documents: Iterable[dict[str, Any]], skip_unresolved: bool, include_optional: bool
) -> list[str | dict[str, str]]:
    """Choose from what the service made of one or several package.json files.

    Parameters:
        documents: Answers of the service, each with its `packages`. A package that several name is taken once, as the
            first of them wants it.
        skip_unresolved: Leave out what could not be resolved.
        include_optional: Take optional dependencies too.

    Returns:
        The packages with their versions.

    Raises:
        ValueError: Something could not be resolved and is not to be left out.
    """
    chosen: dict[str, str] = {}
    unresolved = []
    for document in documents:
        for entry in document.get("packages") or ():
            if entry.get("dependencyType") == "OPTIONAL_DEPENDENCY" and not include_optional:
                continue
            if entry.get("status") != "RESOLVED":
                unresolved.append(_described(entry))
                continue
            name, version = entry["name"], entry["version"]
            if chosen.setdefault(name, version) != version:
                _logger.warning(
                    "npm package %s is wanted as %s and as %s; %s is installed.",
                    *(name, chosen[name], version, chosen[name]),
                )
    if unresolved and not skip_unresolved:
        raise ValueError(
            f"These npm packages could not be resolved: {', '.join(unresolved)}. Mend the entries, pass a lock file, or "
            "pass skip_unresolved=True to install the others."
        )
    return [{"name": name, "version": version} for name, version in chosen.items()]


def _described(entry: dict[str, Any]) -> str:
    text = f"{entry.get('name')}@{entry.get('requested')}"
    return f"{text} ({entry['reason']})" if entry.get("reason") else text
