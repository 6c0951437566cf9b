"""Saving with homer: what :mod:`hsml.core.model_save` does, with a descriptor, a flavour, and versions that can be replaced."""

from __future__ import annotations

import contextlib
import json
import os

from hopsworks._log import get_logger
from hopsworks.client.exceptions import RestAPIError
from hopsworks.homer import replacement
from hopsworks.homer.errors import InvalidModelError, ModelExistsError, RegistrationTimeoutError
from hopsworks.homer.flavors import default_meta_graph_tags
from hopsworks.homer.signature import to_registry
from hopsworks.version import __version__
from hsml.core.model_save import Saving

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Callable
    from typing import Any

    from hopsworks.homer.flavors import Flavor
    from hopsworks.homer.input_example import Example
    from hopsworks.homer.signature import ModelSignature
    from hsml.model import Model

_logger = get_logger(__name__)

DESCRIPTOR = "homer_model.json"
EXAMPLE = "homer_input_example.json"
_FORMAT = 1


class HomerSaving(Saving):
    """One save under way.

    Parameters:
        model (Model): The registry's object of the model, checked.
        model_path: Local path or path of the project.
        keep_original_files (bool): Whether files of the project are copied rather than moved.
        overwrite (bool): Whether an existing version is replaced.
        flavor (Flavor): Flavour of the model.
        flavor_options (dict): Options of the flavour.
        tf_meta_graph_tags (list[str] | None): Tags of the meta graph; None for the default.
        signature (ModelSignature | None): Its signature.
        example (Example | None): Its input example.
    """

    _NEVER_SEEN = RegistrationTimeoutError

    def __init__(
        self,
        model: Model,
        model_path: Any,
        keep_original_files: bool,
        overwrite: bool,
        *,
        flavor: Flavor,
        flavor_options: dict[str, Any],
        tf_meta_graph_tags: list[str] | None,
        signature: ModelSignature | None,
        example: Example | None,
    ) -> None:
        try:
            super().__init__(model, model_path, keep_original_files)
        except ValueError as error:
            raise InvalidModelError(str(error)) from error
        self.path = os.fspath(model_path)
        self.overwrite = overwrite
        self.flavor = flavor
        self.flavor_options = flavor_options
        self.tf_meta_graph_tags = tf_meta_graph_tags
        self.signature = signature
        self.example = example
        self.replacement: replacement.Replacement | None = None
        self.found_before: tuple[Model | None, bool] = (None, False)
        self.is_kept = False
        self.contents: list[dict[str, Any]] = []
        if self.is_local:
            folders, uploads = self.tree
            files = [f"{folder}/{os.path.basename(path)}".lstrip("/") for path, folder in uploads]
            self._check_contents([*files, *(f"{folder}/" for folder in folders)])

    def documents(self) -> dict[str, str]:
        """Texts to store beside the files, by file name; the descriptor follows them."""
        documents = {}
        if self.signature is not None:
            documents["model_schema.json"] = json.dumps(
                to_registry(self.signature), sort_keys=True, indent=2
            )
        if self.example is not None:
            documents["input_example.json"] = self.example.row
            documents[EXAMPLE] = self.example.text
        return documents

    # --- what is saved ---

    def _check_source(self) -> None:
        try:
            super()._check_source()
        except AssertionError as error:
            raise InvalidModelError(str(error)) from error
        if self.is_local:
            return
        attributes = self.source_attributes
        if attributes.get("dir"):
            tree = list(self.files.tree(self.source))
        else:
            tree = [(attributes["path"].rpartition("/")[2], attributes)]
        self.contents = [
            {"path": path, "size": entry.get("size"), "sha256": None}
            for path, entry in tree
            if not entry.get("dir")
        ]
        self._check_contents([f"{path}/" if entry.get("dir") else path for path, entry in tree])

    def _check_contents(self, paths: list[str]) -> None:
        if self.flavor_options.get("validate") is not False:
            self.flavor.check_files(paths, self.path)
        if self.tf_meta_graph_tags is None:
            self.tf_meta_graph_tags = default_meta_graph_tags(self.flavor, paths)

    def _progress(self) -> Any:
        return contextlib.nullcontext()

    def _put_documents(self, documents: dict[str, str]) -> None:
        super()._put_documents(documents)
        if self.is_local:
            self.contents = [_content(path, folder) for path, folder in self.tree[1]]
        super()._put_documents({DESCRIPTOR: json.dumps(self._descriptor(), indent=2)})

    def _descriptor(self) -> dict[str, Any]:
        return {
            "homer_version": _FORMAT,
            "flavor": self.flavor.name,
            "framework": self.flavor.framework,
            "tf_meta_graph_tags": self.tf_meta_graph_tags,
            "flavor_options": self.flavor_options,
            "signature": None if self.signature is None else self.signature.to_dict(),
            "input_example": None
            if self.example is None
            else {"path": EXAMPLE, "type": self.example.type},
            "files": self.contents,
            "created_by": f"hopsworks {__version__}",
        }

    # --- the version ---

    def _claim_version(self) -> None:
        model = self.model
        if model.version is None:
            super()._claim_version()
            return
        registered, has_folder = self._found()
        # Half a version may be one that a program which was killed was replacing.
        if (
            (registered is None or not has_folder)
            and not self.made_model_folder
            and replacement.recover(model, self.files)
        ):
            registered, has_folder = self._found()
        if registered is None and not has_folder:
            self._make_new_folder_of_version()
            return
        if not self.overwrite:
            raise self._exists_error(registered is not None, has_folder)
        self.found_before = registered, has_folder
        self.replacement = replacement.Replacement(model, self.files)
        self.folder = self.replacement.staging
        # Nobody else has this name, so it is ours to remove even when the answer is lost.
        self.made_version_folder = True
        self.files.make_folder(self.folder)

    def _found(self) -> tuple[Any, bool]:
        return self._registered(self.model.version), self.files.exists(self.model.version_path)

    def _make_new_folder_of_version(self) -> None:
        try:
            self._make_folder_of_version()
        except RestAPIError as error:
            if not self.files.exists(self.model.version_path):
                raise
            raise self._exists_error(False, True) from error

    def _exists_error(self, registered: bool, has_folder: bool) -> ModelExistsError:
        model = self.model
        state = "exists already"
        if not registered:
            state = f"is not registered, but its folder {model.version_path} exists: a save was broken off, or is under way"
        elif not has_folder:
            state = f"is registered, but its folder {model.version_path} is missing"
        return ModelExistsError(
            f"Model '{model.name}' version {model.version} {state}. Pass overwrite=True to replace it, another version, or "
            "none for the next free one."
        )

    # --- registration ---

    def _register(self) -> Any:
        if self.replacement is not None:
            self.replacement.exchange(*self.found_before)
        try:
            answer = super()._register()
        except BaseException as error:
            answer = self._registered_all_the_same(error)
        self.is_kept = True
        if self.replacement is not None:
            self.replacement.finish()
        return answer

    def _registered_all_the_same(self, error: BaseException) -> Any:
        """What the registry has after a registration that failed; raises the error when that is nothing."""
        model = self.model

        def registered() -> Any:
            return self._registered(model.version)

        try:
            if not isinstance(error, RestAPIError):
                replacement.wait_for(lambda: registered() is not None)
            answer = registered()
        except Exception as failure:
            # Nobody knows which of the two is true, so nothing is removed.
            self.is_kept = True
            error.add_note(
                f"Whether version {model.version} was registered is unknown ({failure}); its files are in "
                f"{model.version_path}. Look with get_model('{model.name}', {model.version})."
            )
            raise error from None
        if answer is None:
            raise error
        self.is_kept = True
        if not isinstance(error, Exception):
            if self.replacement is not None:
                self.replacement.finish()
            raise error
        _logger.warning(
            "Model '%s' version %s is registered, although the server said: %s",
            model.name,
            model.version,
            error,
        )
        return answer

    # --- undoing ---

    def _remove_if_there(self, path: str) -> None:
        version = self.model.version
        if path == self.model.version_path and self._registered(version) is not None:
            # Another program has taken what we had begun for a version that was broken off, and replaced it.
            return
        super()._remove_if_there(path)

    def _undoing(self) -> list[tuple[str, Callable[[], None]]]:
        if self.is_kept:
            return []
        if self.replacement is None:
            return super()._undoing()
        self.register_sent = (
            False  # taking back the exchange puts the old registration in its place
        )
        steps = super()._undoing()
        steps.insert(0, ("the exchange of the versions", self.replacement.take_back))
        return steps


def _content(path: str, folder: str) -> dict[str, Any]:
    import hashlib

    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = file.tell()
    name = os.path.basename(path)
    return {"path": f"{folder}/{name}" if folder else name, "size": size, "sha256": digest}
