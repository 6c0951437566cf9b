"""Exchanging a registered version for a new one, so that at each moment one of the two is whole, or can be made so.

The new version is complete in a folder of its own before the old one is touched. Then, in this order: a record of the
old registration is stored beside the folders; the old folder is moved aside; its registration is deleted; the new folder
takes its place and is registered; the record and the old folder are removed.

Folders of version 3, with a token that each exchange draws anew:

    3                     what the registry points to
    3.<token>.part        the new version while it is uploaded
    3.<token>.old         the old version during the exchange
    3.<token>.old.json    its registration; while it is there, the exchange has not been completed

No client takes these names for versions. A program that is killed in the middle leaves them behind, and :func:`recover`,
which every later look for that version leads to, puts the old version back.
"""

from __future__ import annotations

import json
import os
import posixpath
import re
import time

from hopsworks._log import get_logger
from hopsworks.client.exceptions import NotFoundError, RestAPIError
from hopsworks.core.polling import attempts
from hopsworks.homer.errors import HomerError
from hopsworks.tag import Tag, tag_collection

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Callable
    from typing import Any

    from hsml.core.project_files import ProjectFiles
    from hsml.model import Model

_logger = get_logger(__name__)

# An exchange is a handful of requests without content. One that has not gone on for so long is not going on.
_UNDER_WAY_SECONDS = 10.0
# How long a request whose answer was lost may still be on its way, and how long the server may take to end it.
_UNANSWERED_SECONDS = 5.0
_ENDING_SECONDS = 0.5
_RECORD = re.compile(r"([0-9]+)\.([0-9a-f]{8})\.old\.json")
_LEFT = re.compile(r"([0-9]+)\.[0-9a-f]{8}\.(old|old\.json|part)")
_ABANDONED_SECONDS = 24 * 3600
# What tells one registration of a version from another.
_TELLING = ("metrics", "description", "framework")


class Replacement:
    """One exchange, or what another program has left of one.

    Parameters:
        model (Model): A model of that name and version, with the scope and the registry to use.
        files (ProjectFiles): The files of the project.
        token (str | None): Token of an exchange that was begun before.
    """

    def __init__(self, model: Model, files: ProjectFiles, token: str | None = None) -> None:
        self._model = model
        self._files = files
        self._token = token or os.urandom(4).hex()
        self._id = f"{model.name}_{model.version}"
        self._place = model.version_path
        self.staging = f"{self._place}.{self._token}.part"
        self._old = f"{self._place}.{self._token}.old"
        self._record = f"{self._old}.json"
        self._registration: dict[str, Any] | None = None
        self._begun = False
        self._had_folder = False
        self._deleting = False
        # Asks whether a step has happened whose answer never came.
        self._unanswered: Callable[[], bool] | None = None

    # --- forwards ---

    def exchange(self, registered: Model | None, has_folder: bool) -> None:
        """Put the complete new version, still without registration, in the place of the old one.

        Parameters:
            registered (Model | None): The old version as the registry has it; None when only its folder is there.
            has_folder (bool): Whether the old version has a folder.

        Raises:
            HomerError: If its folder is gone by now; the exchange of another program is left alone.
        """
        try:
            self._registration = None if registered is None else _registration(registered)
        except NotFoundError as error:
            raise self._conflict() from error
        self._begun = True
        files = self._files
        self._had_folder = has_folder
        if self._had_folder:
            folder, _, name = self._record.rpartition("/")
            files.write_texts(folder, {name: json.dumps(self._registration)})
            try:
                self._step(
                    lambda: files.move(self._place, self._old), lambda: files.exists(self._old)
                )
            except NotFoundError as error:
                raise self._conflict() from error
            # What has been moved may be what another program has put there meanwhile; it goes back.
            if _moment(self._registered()) != _moment(registered):
                raise self._conflict()
        if registered is not None:
            self._deleting = True
            self._step(lambda: self._call("model.delete"), lambda: self._registered() is None)
        self._step(lambda: files.move(self.staging, self._place), lambda: files.exists(self._place))

    def _conflict(self) -> HomerError:
        return HomerError(
            f"Another program is replacing model '{self._model.name}' version {self._model.version} at this moment, or has "
            "just deleted it. Save again if yours shall be the one that stays."
        )

    def _step(self, act: Callable[[], None], has_happened: Callable[[], bool]) -> None:
        try:
            act()
        except RestAPIError:
            raise
        except BaseException:
            self._unanswered = has_happened
            raise

    def finish(self) -> None:
        """Remove the old version, once the new one is registered. What fails here changes nothing any more."""
        try:
            # Without the record nobody takes the old folder for a version that has to come back.
            self._remove(self._record)
            self._remove(self._old)
            for entry in leftovers(self._model, self._files):
                self._remove(entry)
        except Exception as error:
            _logger.warning(
                "Model '%s' version %s is replaced, and what is left of the old one could not be removed: %s",
                self._model.name,
                self._model.version,
                error,
            )

    # --- backwards ---

    def take_back(self) -> None:
        """Put the old version back, whatever of the exchange has happened; the new one is in staging again."""
        if not self._begun:
            return
        files = self._files
        is_sure = self._unanswered is None or wait_for(self._unanswered)
        if files.exists(self._old):
            self._restore_folder()
        elif not self._had_folder and not files.exists(self.staging):
            # There was no old folder, and the new one is where it would have been.
            files.move(self._place, self.staging)
        if self._deleting and not self._is_registered_as_before():
            self._call("model.put", json.dumps(self._registration))
        if is_sure:
            # Else the step may still come, and the record is what leads back from it.
            self._remove(self._record)

    def _restore_folder(self) -> None:
        files = self._files
        in_the_way = files.exists(self._place)
        if in_the_way:
            files.move(self._place, self.staging)
        try:
            files.move(self._old, self._place)
        except RestAPIError:
            # Another program may just have put it back; then this is what was moved.
            if in_the_way:
                files.move(self.staging, self._place)
            raise

    def _is_registered_as_before(self) -> bool:
        before = self._registration
        if before is None:
            return True
        found = self._registered()
        sent = {} if found is None else found.to_dict()
        return found is not None and all(sent[key] == before[key] for key in _TELLING)

    def read_record(self) -> None:
        """Take over the record of an exchange that another program began."""
        text = self._files.read_text(self._record)
        self._registration = None if text is None else json.loads(text)
        self._begun = self._had_folder = self._deleting = True

    def _registered(self) -> Any:
        return self._call("model.get")

    def _remove(self, path: str) -> None:
        if self._files.exists(path):
            self._files.remove(path)

    def _call(self, endpoint: str, body: Any = None) -> Any:
        model = self._model
        assert model._scope is not None
        return model._scope.call(endpoint, body, registry_id=model.model_registry_id, id=self._id)

    def ends_by_itself(self) -> bool:
        """Wait for the program that began the exchange.

        Returns:
            bool: Whether it has brought it to an end.
        """
        return any(not self._files.exists(self._record) for _ in attempts(_UNDER_WAY_SECONDS))

    def settle(self) -> None:
        """Bring an exchange that another program began, and that is not under way any more, to an end."""
        if not self._files.exists(self._record):
            return
        _logger.warning(
            "An exchange of model '%s' version %s was broken off; its old version is put back.",
            self._model.name,
            self._model.version,
        )
        if self._files.exists(self._place) and self._registered() is not None:
            # Nothing has begun, or only the last step is missing.
            self.finish()
        else:
            self.read_record()
            try:
                self.take_back()
            except RestAPIError:
                # Another program may be doing the same.
                if not wait_for(lambda: not self._files.exists(self._record)):
                    raise
                return
        try:
            self._remove(self.staging)
        except RestAPIError:
            # Another program may have removed it between the question and the request.
            if self._files.exists(self.staging):
                raise


def wait_for(has_happened: Callable[[], bool]) -> bool:
    """Wait for a step whose answer was lost.

    Parameters:
        has_happened: Asks the server.

    Returns:
        bool: Whether it has happened; when not, it may never have arrived.
    """
    for _ in attempts(_UNANSWERED_SECONDS):
        if has_happened():
            time.sleep(_ENDING_SECONDS)
            return True
    return False


def _registration(model: Model) -> dict[str, Any]:
    """The registration of a version, with its tags, as it is sent."""
    tags = [Tag(name, value) for name, value in model.get_tags().items()]
    sent = {**model.to_dict(), "featureView": model._feature_view}
    collection = tag_collection(tags)
    return {**sent, "tags": collection} if collection else sent


def _moment(registered: Model | None) -> Any:
    """When a version was registered; two registrations of one version differ in it."""
    return None if registered is None else registered.created


def _entries(model: Model, files: ProjectFiles) -> list[tuple[str, dict[str, Any]]]:
    """Name and attributes of what lies in the folder of a model."""
    if not files.exists(model.model_path):
        return []
    return [(posixpath.basename(entry["path"]), entry) for entry in files.entries(model.model_path)]


def leftovers(model: Model, files: ProjectFiles, is_gone: bool = False) -> list[str]:
    """Paths of what exchanges of a version have left and nobody needs.

    Those are old content whose exchange was completed, that of exchanges which are not under way any more, and new content
    of a day ago.

    Parameters:
        model (Model): A model of that name and version, which is registered and whole, or gone.
        files (ProjectFiles): The files of the project.
        is_gone (bool): Whether the version was deleted; then old content never comes back, whatever its age.

    Returns:
        list[str]: The paths, those of records first.
    """
    entries = dict(_entries(model, files))
    # The clock is that of the server: what has just been saved is the newest.
    now = max(map(_seconds, entries.values()), default=0.0)
    found = []
    for name, entry in entries.items():
        match = _LEFT.fullmatch(name)
        if match is None or int(match[1]) != model.version:
            continue
        if match[2] == "part":
            is_left = now - _seconds(entry) > _ABANDONED_SECONDS
        else:
            record = entries.get(name if match[2] == "old.json" else f"{name}.json")
            is_left = is_gone or record is None or now - _seconds(record) > _UNDER_WAY_SECONDS
        if is_left:
            found.append(name)
    found.sort(key=lambda name: not name.endswith(".json"))
    return [f"{model.model_path}/{name}" for name in found]


def _seconds(entry: dict[str, Any]) -> float:
    import datetime

    try:
        return datetime.datetime.fromisoformat(entry["modificationTime"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return 0.0


def recover(model: Model, files: ProjectFiles) -> bool:
    """Put back what an exchange that was broken off has moved aside; wait for one that is under way.

    Parameters:
        model (Model): A model of that name; without a version, all versions count.
        files (ProjectFiles): The files of the project.

    Returns:
        bool: Whether there was such an exchange.
    """
    entries = dict(_entries(model, files))
    given = model.version
    found = [
        match
        for match in map(_RECORD.fullmatch, entries)
        if match and given in (None, int(match[1]))
    ]
    # Several may have been broken off one after the other: what was moved aside last is the version, and with it in its
    # place the others are done.
    found.sort(key=lambda m: (m[0].removesuffix(".json") not in entries, -_seconds(entries[m[0]])))
    try:
        for number, match in enumerate(found):
            model.version = int(match[1])
            exchange = Replacement(model, files, match[2])
            # The others have been there for as long.
            if number or not exchange.ends_by_itself():
                exchange.settle()
    finally:
        model.version = given
    return bool(found)
