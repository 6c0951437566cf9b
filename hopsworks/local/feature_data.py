"""The data side of the feature store of one data folder: folders, online file, locks, layouts.

One `FeatureData` belongs to one server process. Metadata of feature groups lives in the server's
metadata store; what is here is where their rows are.
"""

from __future__ import annotations

import importlib
import logging
import shutil
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar

from hopsworks.local.offline_store import OfflineTable
from hopsworks.local.online_store import OnlineLayout, OnlineStore

_Value = TypeVar("_Value")
_log = logging.getLogger(__name__)


class RecentlyUsed(Generic[_Value]):
    """A thread-safe map that forgets what was not used for longest.

    Parameters:
        size: how many entries are kept.
    """

    def __init__(self, size: int):
        self._size = size
        self._entries: OrderedDict[Any, _Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Any) -> _Value | None:
        """The entry of a key, or None."""
        with self._lock:
            if key not in self._entries:
                return None
            self._entries.move_to_end(key)
            return self._entries[key]

    def put(self, key: Any, value: _Value) -> None:
        """Keeps an entry."""
        with self._lock:
            self._entries[key] = value
            self._entries.move_to_end(key)
            while len(self._entries) > self._size:
                self._entries.popitem(last=False)

    def clear(self) -> None:
        """Forgets everything."""
        with self._lock:
            self._entries.clear()


class FeatureData:
    """Where the rows of a data folder are.

    Parameters:
        folder: the feature store's folder inside the data folder.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.staging = folder / "staging"
        for path in (folder, self.staging):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.online = OnlineStore(folder / "online.sqlite")
        self.spill = folder / "spill"
        shutil.rmtree(self.spill, ignore_errors=True)
        # What was derived from metadata is kept until this number changes.
        self.generation = 0
        self._remembered: RecentlyUsed[Any] = RecentlyUsed(512)
        self._locks: dict[int, threading.RLock] = {}
        self._guard = threading.Lock()

    def close(self) -> None:
        """Closes the online file."""
        self.online.close()

    def changed(self) -> None:
        """Forgets what was derived, because metadata of feature groups or views has changed."""
        with self._guard:
            self.generation += 1
            self._remembered.clear()

    def remembered(self, key: Any, derive: Callable[[], _Value | None]) -> _Value | None:
        """What was derived from metadata under a key; derived anew when it is not known.

        Parameters:
            key: names the thing.
            derive: makes it; None means that there is no such thing, which is not remembered.
        """
        known: _Value | None = self._remembered.get(key)
        if known is not None:
            return known
        generation = self.generation
        fresh = derive()
        with self._guard:
            # A change in between may have made it out of date: then it serves this once only.
            if fresh is not None and generation == self.generation:
                self._remembered.put(key, fresh)
        return fresh

    def lock(self, feature_group_id: int) -> threading.RLock:
        """The lock under which rows of a feature group are written."""
        with self._guard:
            return self._locks.setdefault(int(feature_group_id), threading.RLock())

    def table_folder(self, feature_group: dict[str, Any]) -> Path:
        """The folder of a feature group's Delta table."""
        store = str(feature_group["featurestoreName"])
        return self.folder / f"{store}.db" / f"{feature_group['name']}_{feature_group['version']}"

    def offline(self, feature_group: dict[str, Any]) -> OfflineTable:
        """The Delta table of a feature group."""
        return OfflineTable.of(feature_group, self.table_folder(feature_group))

    def layout(self, feature_group: dict[str, Any]) -> OnlineLayout:
        """How a feature group's rows are kept online."""
        names = tuple(f["name"] for f in feature_group["features"])
        alive = (feature_group.get("ttl"), feature_group.get("ttlEnabled"))
        # A plan may hold the feature group as it was before a feature was appended.
        key = ("layout", int(feature_group["id"]), names, alive)
        layout = self.remembered(key, lambda: OnlineLayout(feature_group))
        assert layout is not None
        return layout

    def drop(self, feature_group: dict[str, Any], ingestions: bool = True) -> None:
        """Removes every row of a feature group, offline and online."""
        with self.lock(feature_group["id"]):
            self.offline(feature_group).remove()
            self.online.drop(int(feature_group["id"]), ingestions)
        self.changed()


def feature_data(server: Any) -> FeatureData:
    """The feature data of a server, opened when first asked for."""
    found: FeatureData | None = getattr(server, "feature_data", None)
    if found is None:
        with _OPENING:
            found = getattr(server, "feature_data", None)
            if found is None:
                found = FeatureData(Path(server.data_dir) / "featurestore")
                server.feature_data = found
    return found


_OPENING = threading.Lock()
_WARMED = threading.Event()


def warm_up() -> None:
    """Imports what the first insert needs, in a thread, while the client prepares its rows."""
    if _WARMED.is_set():
        return
    _WARMED.set()

    def load() -> None:
        for name in ("pyarrow.compute", "deltalake", "pandas"):
            try:
                importlib.import_module(name)
            except ImportError:
                # What is missing is named by the call that needs it.
                _log.debug("%s is not installed", name)

    threading.Thread(target=load, name="warm-up", daemon=True).start()
