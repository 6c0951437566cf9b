"""A version of a model: what is known of it, its files, and what can be done with it."""

from __future__ import annotations

import json
import os

from hopsworks.client.exceptions import NotFoundError
from hopsworks.homer import replacement
from hopsworks.homer.errors import (
    HomerError,
    InvalidModelError,
    MissingFilesError,
    ModelExistsError,
    ModelNotFoundError,
    failures,
)
from hopsworks.homer.flavors import flavor_of_framework
from hsml.core.project_files import ProjectFiles

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    import datetime
    from typing import Any

    from hopsworks.homer.flavors import Flavor
    from hopsworks.homer.input_example import Example
    from hopsworks.homer.model_registry import ModelRegistry
    from hopsworks.homer.signature import ModelSignature
    from hsml.model import Model as RegistryModel


class _Given:
    """What a user says of a model before it is saved, checked."""

    __slots__ = (
        "await_registration",
        "example",
        "flavor",
        "flavor_options",
        "input_example",
        "model_path",
        "overwrite",
        "signature",
        "tags",
        "tf_meta_graph_tags",
        "version",
    )

    await_registration: float
    example: Example | None
    flavor: Flavor
    flavor_options: dict[str, Any]
    input_example: Any
    model_path: Any
    overwrite: bool
    signature: ModelSignature | None
    tags: list[Any]
    tf_meta_graph_tags: list[str] | None
    version: int | None

    def __init__(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, name, value)


class Model:
    """One version of a model in a registry.

    Models are made by ``mr.create_model(...)`` and read with ``mr.get_model(...)``. Each object equals only itself;
    compare names and versions, or ids.

    Example:
        ```python
        model = mr.get_model("mnist", 1)
        model.metrics, model.signature
        folder = model.download()
        ```
    """

    __slots__ = ("_cache", "_given", "_is_registered", "_record", "_registry")

    def __init__(
        self, registry: ModelRegistry, record: RegistryModel, given: _Given | None = None
    ) -> None:
        self._registry = registry
        self._record = record
        self._given = given
        self._is_registered = given is None
        self._cache: dict[str, Any] = {}

    # --- saving ---------------------------------------------------------------------------------------------------

    def save(
        self,
        model_path: str | os.PathLike[str] | None = None,
        await_registration: float | None = None,
        keep_original_files: bool = True,
        overwrite: bool | None = None,
    ) -> Model:
        """Upload the files of the model and register it.

        Everything that can be checked is checked before anything is sent. A save that fails leaves no trace of the
        version; one that replaces a version touches it only when the new one is complete, and puts it back, files,
        metadata and tags, when a later step fails. A program that is killed in the middle of the exchange leaves both
        behind, and the next look for that version through homer puts the old one back.

        Parameters:
            model_path: Folder with the files, or one file: a local path, or one in the project's file system. None
                takes the one that was given to ``create_model``.
            await_registration (float | None): Longest wait for the registry to show the version, in seconds; 0 does not
                wait. None takes what was given to ``create_model``, 300 by default.
            keep_original_files (bool): Whether files that lie in the project already are copied rather than moved.
            overwrite (bool | None): Whether an existing version is replaced. None takes what was given to
                ``create_model``.

        Returns:
            Model: This model, as the registry has it.

        Raises:
            InvalidModelError: If there is no path, nothing at it, or not what the flavour needs.
            ModelExistsError: If the version exists and is not to be replaced.
            RegistryAccessError: If the registry is not shared, or may only be read.
            RegistrationTimeoutError: If the version does not become visible in time; it is registered all the same.
            HomerError: If the server refuses a request, for example because a deployment uses the version that would
                be replaced.

        Example:
            ```python
            model = mr.create_model("mnist", metrics={"accuracy": 0.9})
            model.save("model_folder")
            assert model.version is not None
            ```
        """
        given = self._given_or_read()
        if overwrite is None:
            overwrite = given.overwrite
        if await_registration is None:
            await_registration = given.await_registration
        path = given.model_path if model_path is None else model_path
        what = f"model '{self.name}'"
        if path is None:
            raise InvalidModelError(
                f"There is no path of the files of {what}. Pass model_path to save() or to create_model()."
            )
        check_await_registration(await_registration)
        if self._is_registered and not overwrite:
            raise ModelExistsError(
                f"Model '{self.name}' version {self.version} is registered already. Pass overwrite=True to replace it, or "
                "make another version with create_model()."
            )
        record = self._record
        if not self._is_registered:
            record.version = given.version
        with failures(f"save {what}"):
            self._registry._adopt(record)
            record._tags = list(given.tags)
            try:
                saving = _saving(self, path, keep_original_files, overwrite, given)
                saving.run(saving.documents(), 0)
            except FileNotFoundError as error:
                raise MissingFilesError(str(error)) from error
            given.model_path = path
            self._is_registered = True
            self._cache = {}
            if await_registration:
                saving.await_registration(await_registration)
        return self

    def _given_or_read(self) -> _Given:
        if self._given is None:
            raise ModelExistsError(
                f"Model '{self.name}' version {self.version} comes from the registry. Save another version with "
                f"create_model(), or pass version={self.version} and overwrite=True to it."
            )
        return self._given

    # --- files ----------------------------------------------------------------------------------------------------

    def download(self, local_path: str | os.PathLike[str] | None = None) -> str:
        """Download the files of the model.

        Parameters:
            local_path: Folder that receives them; made if missing. None makes a new temporary one, which the caller
                removes. Existing files are never replaced.

        Returns:
            str: Path of the folder with the files.

        Raises:
            ModelNotFoundError: If the model is not registered, or its files are gone.
            FileExistsError: If a file of the model exists in ``local_path``.
            HomerError: If the server refuses a request.

        Example:
            ```python
            import joblib

            classifier = joblib.load(model.download() + "/model.pkl")
            ```
        """
        import shutil
        import tempfile

        self._require_registered()
        folder = (
            tempfile.mkdtemp(prefix=f"{self.name}_{self.version}_")
            if local_path is None
            else os.fspath(local_path)
        )
        try:
            with failures(f"download {self._what}"):
                self._fetch(folder)
        except BaseException:
            if local_path is None:
                shutil.rmtree(folder, ignore_errors=True)
            raise
        return folder

    def _fetch(self, folder: str) -> None:
        from hsml.core.model_download import download

        try:
            download(self._record, folder)
        except NotFoundError:
            if not self._recover():
                raise ModelNotFoundError(
                    f"The files of {self._what} are not there: {self.version_path} is missing. Delete the version, or "
                    "save it again with overwrite=True."
                ) from None
            download(self._record, folder)

    def load_input_example(self) -> Any:
        """The input example as it was given, with its types; a new object each time.

        Returns:
            The example: a DataFrame, Series, array, bytes, list, tuple, dict or scalar; of a model that another client has
            saved, the one row that it stores. None when there is none.

        Raises:
            ModuleNotFoundError: If numpy or pandas is needed and not installed.
            HomerError: If the file cannot be read.

        Example:
            ```python
            frame = mr.get_model("mnist", 1).load_input_example()
            ```
        """
        if not self._is_registered:
            return None if self._given is None else self._given.input_example
        from hopsworks.homer.input_example import decode

        about = self._descriptor.get("input_example")
        name = "input_example.json" if about is None else about["path"]
        values = self._read_json(name)
        return values if about is None or values is None else decode(values)

    # --- deleting -------------------------------------------------------------------------------------------------

    def delete(self) -> None:
        """Delete this version with its files. The object can be saved again afterwards.

        Raises:
            ModelNotFoundError: If there is no such version.
            RegistryAccessError: If the registry may only be read.
            HomerError: If the server refuses, for example because a deployment uses the version.

        Example:
            ```python
            mr.get_model("mnist", 1).delete()
            ```
        """
        self._require_registered()
        record = self._record
        with failures(f"delete {self._what}"):
            # Servers answer the deletion of what is not there like any other.
            found = record._call("model.get")
            if found is not None:
                record.delete()
            # What was replaced by this version and is still there must not come back.
            files = ProjectFiles(record._scope)
            for path in replacement.leftovers(record, files, is_gone=True):
                files.remove(path)
        self._is_registered = False
        if self._given is None:
            self._given = _given_of(self)
        if found is None:
            raise ModelNotFoundError(f"There is no {self._what} (any more).")

    # --- tags -----------------------------------------------------------------------------------------------------

    def add_tag(self, name: str, value: Any) -> None:
        """Attach a tag, or replace its value.

        Parameters:
            name (str): Name of the tag.
            value: Value; anything that JSON can hold.

        Raises:
            ModelNotFoundError: If the model is not registered.
            HomerError: If the server refuses, for example because the tag has no schema.
        """
        self._require_registered()
        with failures(f"attach the tag '{name}' to {self._what}"):
            self._record.add_tag(name, value)

    def get_tag(self, name: str) -> Any:
        """The value of a tag; None when it is not attached.

        Parameters:
            name (str): Name of the tag.

        Raises:
            ModelNotFoundError: If the model is not registered.
            HomerError: If the server refuses.
        """
        self._require_registered()
        with failures(f"read the tag '{name}' of {self._what}"):
            return self._record.get_tag(name)

    def get_tags(self) -> dict[str, Any]:
        """All tags, value by name.

        Raises:
            ModelNotFoundError: If the model is not registered.
            HomerError: If the server refuses.
        """
        self._require_registered()
        with failures(f"read the tags of {self._what}"):
            return self._record.get_tags()

    def delete_tag(self, name: str) -> None:
        """Remove a tag.

        Parameters:
            name (str): Name of the tag.

        Raises:
            ModelNotFoundError: If the model is not registered.
            HomerError: If the server refuses.
        """
        self._require_registered()
        with failures(f"remove the tag '{name}' of {self._what}"):
            self._record.delete_tag(name)

    # --- attributes -----------------------------------------------------------------------------------------------

    @property
    def id(self) -> str | None:
        """Id given by the server; None before the model is saved."""
        return self._record.id if self._is_registered else None

    @property
    def name(self) -> str:
        """Name of the model."""
        return str(self._record.name)

    @property
    def version(self) -> int | None:
        """Version; None before the model is saved without a given one."""
        return self._record.version

    @property
    def description(self) -> str | None:
        """What the model is for."""
        return self._record.description

    @property
    def metrics(self) -> dict[str, float]:
        """Evaluation metrics, number by name, as they are stored."""
        return dict(self._record.training_metrics or {})

    @property
    def flavor(self) -> str:
        """Name of the flavour; of a model that another client has saved, that of its framework."""
        if not self._is_registered and self._given is not None:
            return self._given.flavor.name
        return str(self._descriptor.get("flavor") or flavor_of_framework(self._record.framework))

    @property
    def framework(self) -> str | None:
        """What the registry calls the flavour: ``PYTHON``, ``SKLEARN``, ``TENSORFLOW``, ``TORCH`` or ``LLM``."""
        return self._record.framework

    @property
    def flavor_options(self) -> dict[str, Any]:
        """Options of the flavour, as they were given."""
        if not self._is_registered and self._given is not None:
            return dict(self._given.flavor_options)
        return dict(self._descriptor.get("flavor_options") or {})

    @property
    def tf_meta_graph_tags(self) -> list[str] | None:
        """Tags of the meta graph of a saved TensorFlow model; None for other models."""
        if not self._is_registered and self._given is not None:
            return self._given.tf_meta_graph_tags
        return self._descriptor.get("tf_meta_graph_tags")

    @property
    def signature(self) -> ModelSignature | None:
        """What goes into the model and comes out of it; read from the registry when first asked for."""
        if not self._is_registered:
            return None if self._given is None else self._given.signature
        if "signature" not in self._cache:
            self._cache["signature"] = self._read_signature()
        found: ModelSignature | None = self._cache["signature"]
        return found

    @property
    def input_example(self) -> Any:
        """The input example; read from the registry when first asked for. The same object each time."""
        if not self._is_registered:
            return self.load_input_example()
        if "input_example" not in self._cache:
            self._cache["input_example"] = self.load_input_example()
        return self._cache["input_example"]

    @property
    def created(self) -> datetime.datetime | None:
        """When the version was registered, in UTC; None before."""
        import datetime

        created = self._record.created if self._is_registered else None
        if created is None:
            return None
        return datetime.datetime.fromtimestamp(created / 1000, datetime.UTC)

    @property
    def creator(self) -> str | None:
        """Full name of the user who saved the version, or else their name in the project; None before."""
        if not self._is_registered:
            return None
        about = self._record.creator
        about = about if isinstance(about, dict) else {}
        return self._record.user or about.get("username") or about.get("email")

    @property
    def project_name(self) -> str:
        """Project that owns the registry."""
        return self._registry._owner

    @property
    def registry_id(self) -> int | None:
        """Id of the registry; None before the model is saved."""
        return self._record.model_registry_id

    @property
    def version_path(self) -> str:
        """Path of this version in the file system of the project."""
        return f"/Projects/{self.project_name}/Models/{self.name}/{self.version}"

    @property
    def files_path(self) -> str:
        """Path of the files of this version."""
        return f"{self.version_path}/Files"

    @property
    def url(self) -> str | None:
        """Address of the version's page in the user interface; None before the model is saved."""
        return self._record.get_url() if self._is_registered else None

    def __repr__(self) -> str:
        return f"Model(name={self.name!r}, version={self.version!r})"

    def __reduce__(self) -> Any:
        return self._registry.__reduce__()

    # --- documents beside the files -------------------------------------------------------------------------------

    @property
    def _what(self) -> str:
        return f"model '{self.name}' version {self.version}"

    def _require_registered(self) -> None:
        if not self._is_registered:
            version = "" if self.version is None else f" version {self.version}"
            raise ModelNotFoundError(
                f"Model '{self.name}'{version} is not (or no longer) registered. Call save() first."
            )

    @property
    def _descriptor(self) -> dict[str, Any]:
        """What homer has stored beside the files; empty for models of other clients."""
        if "descriptor" not in self._cache:
            from hopsworks.homer.saving import DESCRIPTOR

            found = self._read_json(DESCRIPTOR)
            if found is None and not self._has_folder() and self._recover():
                found = self._read_json(DESCRIPTOR)
            self._cache["descriptor"] = {} if found is None else found
        found = self._cache["descriptor"]
        if not isinstance(found, dict):
            raise HomerError(
                f"The description of {self._what} in {self.version_path} is damaged: it is no JSON object."
            )
        return found

    def _read_signature(self) -> ModelSignature | None:
        from hopsworks.homer.signature import ModelSignature, from_registry

        values = self._descriptor.get("signature")
        if values is not None:
            return ModelSignature.from_dict(values)
        values = self._read_json("model_schema.json")
        return None if values is None else from_registry(values)

    def _read_json(self, name: str) -> Any:
        path = f"{self.version_path}/{name}"
        with failures(f"read {path}"):
            text = ProjectFiles(self._record._scope).read_text(path)
        if text is None:
            return None
        try:
            return json.loads(text)
        except ValueError as error:
            raise HomerError(f"{path} is damaged: it is no JSON ({error}).") from error

    def _has_folder(self) -> bool:
        with failures(f"find {self.version_path}"):
            return ProjectFiles(self._record._scope).exists(self.version_path)

    def _recover(self) -> bool:
        with failures(f"put back {self._what}, whose replacement was broken off,"):
            return replacement.recover(self._record, ProjectFiles(self._record._scope))


def check_await_registration(seconds: Any) -> None:
    """Check a wait for the registry.

    Parameters:
        seconds: What the user passed.

    Raises:
        TypeError: If it is no number.
        ValueError: If it is negative, or not a number.
    """
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise TypeError(
            f"await_registration is of type {type(seconds).__name__}. Pass seconds as a number; 0 does not wait."
        )
    if not seconds >= 0:
        raise ValueError(
            f"await_registration is {seconds}. Pass seconds, at least 0, which does not wait."
        )


def _saving(model, path, keep_original_files, overwrite, given):
    from hopsworks.homer.saving import HomerSaving

    return HomerSaving(
        model._record,
        path,
        keep_original_files,
        # Without a version the next free one is taken, so there is nothing to replace.
        overwrite and model._record.version is not None,
        flavor=given.flavor,
        flavor_options=given.flavor_options,
        tf_meta_graph_tags=given.tf_meta_graph_tags,
        signature=given.signature,
        example=given.example,
    )


def _given_of(model: Model) -> _Given:
    """What is needed to save a model again that came from the registry and was deleted."""
    from hopsworks.homer.flavors import find_flavor

    return _Given(
        await_registration=300,
        example=None,
        flavor=find_flavor(flavor_of_framework(model._record.framework)),
        flavor_options={},
        input_example=None,
        model_path=None,
        overwrite=False,
        signature=None,
        tags=[],
        tf_meta_graph_tags=None,
        version=model.version,
    )
