"""Scripts and configuration files of a deployment: where they are, and how they get to the project."""

from __future__ import annotations

import os
import posixpath
import tempfile

from hopsworks.client.exceptions import ModelServingException
from hopsworks.constants import MODEL_SERVING
from hopsworks.resource_scope import scope_of
from hsml.core.project_files import ProjectFiles, absolute_path, mounted_path

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hsml.deployment import Deployment


def place_files(deployment: Deployment, scope: Any) -> None:
    """Bring the files that a deployment names to the project, and let it name them there.

    Local files are uploaded below ``Deployments/<name>/resources``; an upload replaces the file of the same name once
    it is complete. All names are checked before the first upload.

    Parameters:
        deployment (Deployment): The deployment; its file names are changed in place.
        scope: Scope of the project.

    Raises:
        ValueError: If there is no such file, locally or in the project.
    """
    predictor = deployment.predictor
    roles = [(predictor, "config_file", "config")]
    if predictor.git_url is None:
        # With a repository, the script is a path in there.
        roles.insert(0, (predictor, "script_file", "predictor"))
    if predictor.transformer is not None:
        roles.append((predictor.transformer, "script_file", "transformer"))
    files = ProjectFiles(scope)
    is_saved = deployment.id is not None
    found = [
        (owner, field, role, _locate(files, scope, getattr(owner, field), field, role, is_saved))
        for owner, field, role in roles
    ]
    for owner, field, role, (local, remote) in found:
        if local is not None:
            remote = _upload(files, scope, deployment.name, local, role)
        setattr(owner, field, remote)


def _locate(files: Any, scope: Any, path: Any, field: Any, role: Any, is_saved: Any):
    """Where a named file is: (local path, None) or (None, path in the project)."""
    if path is None:
        return None, None
    local = os.path.abspath(os.fspath(path))
    project = scope.context.project_name
    if os.path.isfile(local):
        if field == "script_file" and not local.endswith(".py"):
            raise ValueError(
                f"{_argument(field, role)} is '{path}', which is no Python file. Pass a file with the ending .py."
            )
        mounted = mounted_path(local)
        return (None, f"/Projects/{project}/{mounted}") if mounted else (local, None)
    if is_saved and posixpath.basename(path) == path:
        # A saved deployment names its files like this; the server keeps them.
        return None, path
    if files.exists(path):
        return None, absolute_path(path, project)
    raise ValueError(
        f"{_argument(field, role)} is '{path}', and there is no such file: neither locally (working directory "
        f"{os.getcwd()}) nor in project '{project}'. Pass the path of an existing file."
    )


def _argument(field, role):
    return f"transformer.{field}" if role == "transformer" else field


def _upload(files, scope, name, local, role):
    folder = f"{MODEL_SERVING.DEPLOYMENTS_DATASET}/{name}/{MODEL_SERVING.DEPLOYMENT_RESOURCES_DIR}/{role}"
    files.make_folders(folder)
    target = f"/Projects/{scope.context.project_name}/{folder}"
    files.replace(local, target)
    return f"{target}/{os.path.basename(local)}"


def download_artifacts(deployment: Any, local_path: Any):
    """Download the files of a deployment version; see :meth:`hsml.deployment.Deployment.download_artifact_files`."""
    if deployment.id is None:
        raise ModelServingException(
            f"The deployment '{deployment.name}' is not saved yet. Call save() first."
        )
    scope = scope_of(deployment.predictor)
    files = ProjectFiles(scope)
    source = deployment.artifact_files_path
    if deployment.has_model and not files.exists(source):
        # Deployments of servers before 4.6 have their files beside the model.
        older = (
            f"/Projects/{deployment.project_name}/Models/{deployment.model_name}/{deployment.model_version}/"
            f"{MODEL_SERVING.ARTIFACTS_DIR_NAME}/{deployment.version}"
        )
        source = older if files.exists(older) else source
    if local_path is None:
        local_path = os.path.join(tempfile.mkdtemp(), deployment.name, str(deployment.version))
    os.makedirs(local_path, exist_ok=True)
    for relative, entry in files.tree(source):
        target = os.path.join(local_path, relative)
        if entry.get("dir"):
            os.makedirs(target, exist_ok=True)
        else:
            files.download(entry["path"], target, entry.get("size") or 0)
    return local_path
