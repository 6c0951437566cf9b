"""Saving a model: check, claim a version folder, upload, register; and undo all of it when a step fails."""

from __future__ import annotations

import errno
import math
import operator
import os
import posixpath
import re
import warnings

from hopsworks._log import get_logger
from hopsworks.client.exceptions import ModelRegistryException, RestAPIError
from hopsworks.core.polling import attempts
from hopsworks.progress import Progress
from hopsworks.resource_scope import scope_of
from hsml.core.input_example import example_text
from hsml.core.project_files import ProjectFiles, mounted_path

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Callable
    from typing import Any

    from hsml.model import Model


_logger = get_logger(__name__)

_NAME = re.compile(r"[a-zA-Z0-9_]+")
_VERSION_FOLDER = re.compile(r"([0-9]+)(?:\.[0-9a-f]{8}\.(?:part|old))?")
_UPLOAD_SETTINGS = ("chunk_size", "simultaneous_uploads", "max_chunk_retries")
_MIB = 1024 * 1024


class ProvenanceWarning(Warning):
    """Something about where a model came from is missing, so the registry will not know it."""


class InvalidMetricError(TypeError, ValueError):
    """A metric has a value that can be no number."""


class MissingModelsDatasetError(ModelRegistryException, AssertionError):
    """The project has no dataset for models."""


def save(
    model: Any,
    model_path: Any,
    await_registration: Any,
    keep_original_files: Any,
    upload_configuration: Any,
) -> Model:
    """Save a model; see :meth:`hsml.model.Model.save`, which describes the parameters.

    Returns:
        Model: The model that was given, as the registry has it.
    """
    _complete_provenance(model)
    documents = _check(model)
    settings = _upload_settings(upload_configuration)
    Saving(model, model_path, keep_original_files, settings).run(documents, await_registration)
    return model


# --- what is checked before anything is sent --------------------------------------------------------------------


def _complete_provenance(model):
    view = model._feature_view
    if view is not None and not hasattr(view, "get_last_accessed_training_dataset"):
        raise TypeError(
            f"feature_view is of type {type(view).__name__}. Pass a feature view from fs.get_feature_view()."
        )
    if model._training_dataset_version is None and view is not None:
        model._training_dataset_version = view.get_last_accessed_training_dataset()
        if model._training_dataset_version is None:
            warnings.warn(
                f"Model '{model.name}' names the feature view '{view.name}' and no training dataset version, so the "
                "registry will not link them. Pass training_dataset_version to create_model().",
                ProvenanceWarning,
                stacklevel=4,
            )


def _check(model: Any):
    """Check name, metrics, example and schema; the documents to upload beside the files, text by file name."""
    check_name(model.name)
    model.version = checked_version(model.name, model.version)
    check_metrics(model.training_metrics)
    documents = {}
    if model._input_example is not None:
        documents["input_example.json"] = example_text(model._input_example)
    if model._model_schema is not None:
        if not hasattr(model._model_schema, "json"):
            raise TypeError(
                f"model_schema is of type {type(model._model_schema).__name__}. Pass a ModelSchema."
            )
        documents["model_schema.json"] = model._model_schema.json()
    return documents


def check_name(name: Any) -> None:
    """Check the name of a model.

    Parameters:
        name: The name.

    Raises:
        ModelRegistryException: If it has other characters than letters, digits and underscores.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ModelRegistryException(
            f"The model name {name!r} is not allowed. Use letters, digits and underscores only."
        )


def check_metrics(metrics: dict[str, Any] | None) -> None:
    """Check that metrics are numbers by name.

    Parameters:
        metrics (dict | None): The metrics.

    Raises:
        TypeError: If they are no dict, or a name is not text.
        InvalidMetricError: If a value is of a type that can be no number; a TypeError and a ValueError.
        ValueError: If a value is text that is no number, or not finite.
    """
    if metrics is None:
        return
    if not isinstance(metrics, dict):
        raise TypeError(
            f"metrics is of type {type(metrics).__name__}. Pass a dict from metric name to number."
        )
    for name, value in metrics.items():
        if not isinstance(name, str):
            raise TypeError(
                f"The metric name {name!r} is of type {type(name).__name__}. Metric names are text."
            )
        try:
            number = float(value)
        except ValueError:
            raise ValueError(
                f"The metric '{name}' is {value!r}, which is not a number. Pass a number."
            ) from None
        except TypeError:
            raise InvalidMetricError(
                f"The metric '{name}' is of type {type(value).__name__}, which is not a number. Pass a number."
            ) from None
        if not math.isfinite(number):
            raise ValueError(
                f"The metric '{name}' is {number}, which JSON cannot carry. Pass a finite number, or leave it out."
            )


def checked_version(name: str, version: Any, none: str = "the next one") -> int | None:
    """The version of a model.

    Parameters:
        name (str): Name of the model.
        version: What the user passed.
        none (str): What None stands for, for the message.

    Returns:
        int | None: The version.

    Raises:
        TypeError: If it is no whole number.
        ValueError: If it is below 1.
    """
    if version is None:
        return None
    try:
        number = operator.index(version)
    except TypeError:
        raise TypeError(
            f"The version of model '{name}' is of type {type(version).__name__}. Pass a whole number, or None for "
            f"{none}."
        ) from None
    if number < 1:
        raise ValueError(
            f"The version of model '{name}' is {number}. Pass a number of at least 1, or None for {none}."
        )
    return number


def _upload_settings(configuration):
    unknown = sorted(set(configuration or ()) - set(_UPLOAD_SETTINGS))
    if unknown:
        raise ValueError(
            f"upload_configuration has no setting '{unknown[0]}'. Known are {', '.join(_UPLOAD_SETTINGS)}."
        )
    given = {key: (configuration or {}).get(key) for key in _UPLOAD_SETTINGS}
    for key, value in given.items():
        least = 0 if key == "max_chunk_retries" else 1
        if value is not None and (not isinstance(value, (int, float)) or value < least):
            raise ValueError(
                f"upload_configuration['{key}'] is {value!r}. Pass a number of at least {least}."
            )
    chunk_size = given["chunk_size"]
    if chunk_size is not None:
        # The unit was documented as megabytes and taken as bytes. No chunk is as small as a kilobyte, so both work.
        chunk_size = int(chunk_size * _MIB if chunk_size < 1024 else chunk_size)
    return {
        "chunk_size": chunk_size,
        "parallel": given["simultaneous_uploads"],
        "retries": given["max_chunk_retries"],
    }


def _local_source(model_path):
    if not isinstance(model_path, (str, os.PathLike)):
        raise TypeError(
            f"model_path is of type {type(model_path).__name__}. Pass the path of the model's folder or file."
        )
    path = os.path.abspath(os.fspath(model_path))
    return path if os.path.exists(path) else None


# --- the save ---------------------------------------------------------------------------------------------------


class Saving:
    """One save under way, with what it has made so far.

    Parameters:
        model (Model): The model, checked.
        model_path: Local path or path of the project.
        keep_original_files (bool): Whether files of the project are copied rather than moved.
        settings (dict | None): Of the upload: ``chunk_size``, ``parallel``, ``retries``.

    Raises:
        TypeError: If the path is no path.
        ValueError: If the local folder holds what cannot be uploaded.
    """

    def __init__(
        self,
        model: Any,
        model_path: Any,
        keep_original_files: Any,
        settings: dict[str, Any] | None = None,
    ) -> None:
        local = _local_source(model_path)
        mounted = mounted_path(local) if local is not None else None
        self.model = model
        self.scope = scope_of(model)
        self.files = ProjectFiles(self.scope)
        self.keep_original_files = keep_original_files
        self.settings = settings or {}
        shared = model.shared_registry_project_name
        self.root = f"{shared}::Models" if shared else "Models"
        model.project_name = shared or self.scope.context.project_name
        self.is_local = local is not None and mounted is None
        self.source: Any = mounted or local or model_path
        self.tree: tuple[list[str], list[tuple[str, str]]] = (
            _local_tree(self.source) if self.is_local else ([], [])
        )
        self.given_version = model.version
        self.folder = ""  # what receives the version; known when the version is
        self.moved: list[tuple[str, str]] = []
        self.made_model_folder = False
        self.made_version_folder = False
        self.register_sent = False

    def run(self, documents: dict[str, str], await_registration: Any) -> None:
        """Save the model; a failure takes back what was done.

        Parameters:
            documents (dict): Texts to store beside the files, by file name.
            await_registration: Longest wait for the registry to show the version, in seconds; 0 does not wait.
        """
        model = self.model
        self._check_source()
        documents = self._with_inferred_schema(documents)
        try:
            self._prepare_folder_of_model()
            self._claim_version()
            self.files.make_folder(self._files_folder)
            self._put_files()
            self._put_documents(documents)
            answer = self._register()
        except BaseException as error:
            self._undo(error)
            model.version = self.given_version
            raise
        # From here on the version is complete: what fails now is only the wait.
        model.update_from_response_json(answer)
        model._input_example = model._model_schema = None
        model._tags = []
        _logger.info(
            "Model '%s' version %s is registered: %s", model.name, model.version, model.get_url()
        )
        if await_registration:
            self.await_registration(await_registration)

    @property
    def _files_folder(self) -> str:
        return f"{self.folder}/Files"

    def _check_source(self) -> None:
        if not self.is_local:
            self._check_remote_source()

    def _check_remote_source(self):
        found = self.files.find(self.source)
        if found is None:
            raise FileNotFoundError(
                f"There is nothing at '{self.source}': no local file or folder (working directory {os.getcwd()}), and "
                f"none in project '{self.scope.context.project_name}'. Pass the path of the model's folder or file."
            )
        if found.get("datasetType") == "DATASET":
            raise AssertionError(
                f"'{self.source}' is a whole dataset. Put the model's files in a folder of their own and pass that."
            )
        self.source_attributes = found["attributes"]

    def _prepare_folder_of_model(self):
        if not self.files.exists(self.root):
            raise MissingModelsDatasetError(
                f"The project '{self.model.project_name}' has no dataset 'Models', which holds its models. Switch the "
                "model serving service on in the settings of the project, or make the dataset."
            )
        if not self.files.exists(f"{self.root}/{self.model.name}"):
            self._make_model_folder()

    def _make_model_folder(self):
        try:
            self.files.make_folder(self.model.model_path)
            self.made_model_folder = True
        except RestAPIError:
            # Somebody who saves the same model at this moment may have been faster.
            if not self.files.exists(f"{self.root}/{self.model.name}"):
                raise

    # --- versions ---

    def _registered(self, version):
        model = self.model
        return self.scope.call(
            "model.get", registry_id=model.model_registry_id, id=f"{model.name}_{version}"
        )

    def _claim_version(self) -> None:
        """Make the folder of the version. Whoever makes it owns the version; everybody else takes another."""
        model = self.model
        if model.version is not None:
            self._check_version_is_free()
            self._make_folder_of_version()
            return
        names = (
            posixpath.basename(entry["path"])
            for entry in self.files.entries(f"{self.root}/{model.name}")
        )
        # A version that is being replaced has its number still; see hopsworks/homer/replacement.py.
        numbers = (int(match[1]) for match in map(_VERSION_FOLDER.fullmatch, names) if match)
        version = max(numbers, default=0) + 1
        while not self.made_version_folder:
            while self._registered(version) is not None:
                version += 1
            model.version = version
            try:
                self._make_folder_of_version()
            except RestAPIError:
                folder = f"{self.root}/{model.name}"
                if self.files.exists(f"{folder}/{version}"):
                    # Somebody else saved the same model at the same moment.
                    version += 1
                elif not self.files.exists(folder):
                    # Somebody else gave up, and took the empty folder away.
                    self._make_model_folder()
                else:
                    raise

    def _make_folder_of_version(self) -> None:
        self.folder = self.model.version_path
        self.files.make_folder(self.folder)
        self.made_version_folder = True

    def _check_version_is_free(self):
        model = self.model
        folder = f"{self.root}/{model.name}/{model.version}"
        registered, has_folder = (
            self._registered(model.version) is not None,
            self.files.exists(folder),
        )
        what = f"Model '{model.name}' version {model.version}"
        if registered and has_folder:
            raise ModelRegistryException(
                f"{what} exists already, and versions cannot be replaced. Choose another version, or leave the version "
                "out to take the next free one."
            )
        if registered:
            raise ModelRegistryException(
                f"{what} is corrupt: it is registered, and its folder {folder} is missing. Delete it with "
                "Model.delete(), then save again."
            )
        if has_folder:
            raise ModelRegistryException(
                f"{what} is corrupt: its folder {folder} exists, and it is not registered. Remove the folder, or choose "
                "another version, then save again."
            )

    # --- files ---

    def _put_files(self):
        if self.is_local:
            self._upload_tree()
        elif self.source_attributes.get("dir"):
            for entry in list(self.files.entries(self.source)):
                self._take(entry["path"])
        else:
            self._take(self.source_attributes["path"])

    def _take(self, path):
        target = f"{self._files_folder}/{posixpath.basename(path)}"
        if self.keep_original_files:
            self.files.copy(path, target)
        else:
            # Noted first: a move whose answer is lost has happened all the same.
            self.moved.append((path, target))
            self.files.move(path, target)

    def _upload_tree(self):
        base = self._files_folder
        folders, uploads = self.tree
        for folder in folders:
            self.files.make_folder(f"{base}/{folder}")
        batch = [
            (path, f"{base}/{folder}" if folder else base, os.path.basename(path))
            for path, folder in uploads
        ]
        with self._progress() as progress:
            self.files.upload(batch, progress=progress, **self.settings)

    def _progress(self) -> Any:
        return Progress(f"Uploading model '{self.model.name}'")

    def _with_inferred_schema(self, documents):
        model = self.model
        view, version = model._feature_view, model._training_dataset_version
        if "model_schema.json" in documents or view is None or version is None:
            return documents
        from hsml.model_schema import ModelSchema
        from hsml.schema import Schema

        features: list[dict] = []
        labels: list[dict] = []
        for feature in view.get_training_dataset_schema(version):
            (labels if feature.label else features).append(feature.to_dict())
        schema = ModelSchema(
            Schema(features) if features else None, Schema(labels) if labels else None
        )
        return {**documents, "model_schema.json": schema.json()}

    def _put_documents(self, documents):
        self.files.write_texts(self.folder, documents)

    # --- registration ---

    def _register(self):
        model = self.model
        job, kernel = os.environ.get("HOPSWORKS_JOB_NAME"), os.environ.get("HOPSWORKS_KERNEL_ID")
        self.register_sent = True
        return self.scope.call(
            "model.put",
            model.json(),
            registry_id=model.model_registry_id,
            id=f"{model.name}_{model.version}",
            job_name=job,
            kernel_id=kernel if job is None else None,
        )

    _NEVER_SEEN: type[Exception] = ModelRegistryException

    def await_registration(self, seconds: float) -> None:
        """Wait until the registry shows the version.

        Parameters:
            seconds (float): Longest wait.
        """
        model = self.model
        for _ in attempts(seconds):
            found = self._registered(model.version)
            if found is not None:
                model.update_from_response_json(found)
                return
        raise self._NEVER_SEEN(
            f"Model '{model.name}' version {model.version} was registered and did not appear in the registry within "
            f"{seconds} s. It may do so later: look with mr.get_model('{model.name}', {model.version}), or pass a "
            "higher await_registration."
        )

    # --- undoing ---

    def _undo(self, error: Any) -> None:
        """Take back what was done, newest first. Nothing that existed before is touched."""
        model = self.model
        for what, step in self._undoing():
            try:
                step()
            except Exception as failure:
                # A folder that may still hold moved files must stay.
                error.add_note(f"Taking back {what} failed: {failure}")
                _logger.warning(
                    "Saving model '%s' failed, and taking back %s failed too: %s",
                    model.name,
                    what,
                    failure,
                )
                return

    def _undoing(self) -> list[tuple[str, Callable[[], None]]]:
        """The steps back, each with what it takes back."""
        steps: list[tuple[str, Callable[[], None]]] = []
        if self.made_version_folder:
            steps.append(("the moves of files", self._move_back))
            if self.register_sent:
                steps.append(("the registration", self._unregister))
            steps.append((f"the folder {self.folder}", lambda: self._remove_if_there(self.folder)))
        if self.made_model_folder:
            steps.append((f"the folder {self.model.model_path}", self._remove_model_folder))
        return steps

    def _move_back(self):
        while self.moved:
            before, after = self.moved[-1]
            # The last move may not have happened.
            if self.files.exists(after):
                self.files.move(after, before)
            self.moved.pop()

    def _unregister(self):
        # The answer may have been lost after the server had registered the version.
        model = self.model
        if self._registered(model.version) is not None:
            self.scope.call(
                "model.delete",
                registry_id=model.model_registry_id,
                id=f"{model.name}_{model.version}",
            )

    def _remove_if_there(self, path):
        if self.files.exists(path):
            self.files.remove(path)

    def _remove_model_folder(self):
        path = f"{self.root}/{self.model.name}"
        if self.files.exists(path) and next(iter(self.files.entries(path)), None) is None:
            self.files.remove(self.model.model_path)


def _local_tree(source: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Folders (relative, parents first) and files (path, relative folder) below a local file or folder."""
    if not os.path.isdir(source):
        _check_file(source)
        return [], [(source, "")]
    folders: list[str] = []
    uploads: list[tuple[str, str]] = []
    waiting: list[tuple[str, str, tuple[str, ...]]] = [(source, "", (os.path.realpath(source),))]
    while waiting:
        folder, relative, above = waiting.pop()
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            if not entry.is_dir():
                _check_file(entry.path)
                uploads.append((entry.path, relative))
                continue
            real = os.path.realpath(entry.path)
            if real in above:
                raise ValueError(
                    f"The link '{entry.path}' leads back to a folder above it, so the model would never end. Remove it."
                )
            inner = f"{relative}/{entry.name}" if relative else entry.name
            folders.append(inner)
            waiting.append((entry.path, inner, (*above, real)))
    return folders, uploads


def _check_file(path: str) -> None:
    if not os.path.isfile(path):
        raise ValueError(
            f"'{path}' is neither a file nor a folder, perhaps a broken link. Remove it from the model's folder."
        )
    if not os.access(path, os.R_OK):
        raise PermissionError(
            errno.EACCES, "The file of the model cannot be read. Change its permissions", path
        )
