"""Paths of files of a project as the services want them: absolute."""

from __future__ import annotations


def absolute_path(path: str, project_name: str | None) -> str:
    """The absolute path of a file or folder of a project.

    Parameters:
        path: Path in the project, such as `Resources/a.py`, or one that is absolute already.
        project_name: The project that a relative path belongs to.

    Returns:
        The path, such as `/Projects/demo/Resources/a.py`.
    """
    prefix = f"/Projects/{project_name}"
    if path == prefix or path.startswith(prefix + "/"):
        return path
    return f"{prefix}/{path.lstrip('/')}"
