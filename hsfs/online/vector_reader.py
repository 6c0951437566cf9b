"""Feature vectors: what is prepared once, and the short way from keys to values.

Everything that does not depend on the keys (names, positions, conversions, the fixed part of the request) is computed when the
reader is made, because a vector is read for every prediction.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from hopsworks.client.exceptions import FeatureStoreException
from hopsworks.resource_scope import scope_of
from hsfs.engine.data_access import require_data_access
from hsfs.engine.optional_packages import require
from hsfs.online.rest_interface import open_scope

if TYPE_CHECKING:
    from hopsworks._native import FeatureView

_FOUND = 200
_RETURN_TYPES = ("list", "numpy", "pandas", "polars")
_HELPER_TYPES = ("pandas", "polars", "dict")


class VectorReader:
    """Reads the feature vectors of one feature view."""

    def __init__(
        self, view: FeatureView, options: dict[str, Any] | None, external: bool | None
    ) -> None:
        self._check_online(view)
        session = scope_of(view).context
        require_data_access(session, f"read feature vectors of {view.name!r}")
        self._scope, self._timeout = open_scope(session, options)
        self._view = view
        columns = [column for column in view.features if not column.label]
        self._names = [column.name for column in columns]
        self._groups = [
            column.featuregroup.id if column.featuregroup else None for column in columns
        ]
        helpers = [
            column.inference_helper_column or column.training_helper_column for column in columns
        ]
        self._projection = [position for position, helper in enumerate(helpers) if not helper]
        self._columns = [self._names[position] for position in self._projection]
        self._required = frozenset(self._columns)
        self._helper_names = [column.name for column in columns if column.inference_helper_column]
        self._decoders = [
            (position, _DECODERS[column.type])
            for position, column in enumerate(columns)
            if column.type in _DECODERS
        ]
        self._prepare_keys(view, columns)
        self._prepare_requests(view, session)

    @staticmethod
    def _check_online(view: FeatureView) -> None:
        offline = [group for group in view.query.featuregroups if not group.online_enabled]
        if offline:
            names = ", ".join(f"{group.name!r} version {group.version}" for group in offline)
            raise FeatureStoreException(
                f"Feature vectors of {view.name!r} cannot be read, because these feature groups have no online table: {names}. "
                "Create them with online_enabled=True."
            )

    def _prepare_keys(self, view: FeatureView, columns: list[Any]) -> None:
        keys: list[Any] = view.serving_keys
        self._keys = [key.required_serving_key for key in keys]
        self._valid_keys = frozenset(self._keys)
        composites: dict[Any, list[tuple[str, str]]] = {}
        for key in keys:
            composites.setdefault(key.feature_group.id, []).append(
                (key.required_serving_key, key.feature_name)
            )
        self._composites = [names for names in composites.values() if len(names) > 1]
        self._supplied = {
            key.required_serving_key: (
                key.feature_name,
                frozenset(
                    column.name
                    for column in columns
                    if column.featuregroup is not None
                    and column.featuregroup.name == key.feature_group.name
                ),
            )
            for key in keys
        }
        # Key names that were found good before: the usual case is the same names every time.
        self._good: set[tuple[Any, ...]] = set()
        # Keys that are features as well take their value from the entry when the row has none.
        self._echoed = [(key, self._names.index(key)) for key in self._valid_keys & self._required]

    def _prepare_requests(self, view: FeatureView, session: Any) -> None:
        store = (
            (view.featurestore_name or session.project_name).lower().removesuffix("_featurestore")
        )

        def opening(detailed: bool, passed: Any) -> str:
            fixed = {
                "featureStoreName": store,
                "featureViewName": view.name,
                "featureViewVersion": view.version,
                "options": {"validatePassedFeatures": False, "includeDetailedStatus": detailed},
                "passedFeatures": passed,
            }
            return json.dumps(fixed)[:-1] + ', "entries": '

        self._single = {detailed: opening(detailed, None) for detailed in (True, False)}
        self._batch = {detailed: opening(detailed, []) for detailed in (True, False)}

    def __reduce__(self) -> Any:
        # A reader holds a connection; a copy in another process makes its own when it needs one.
        return _no_reader, ()

    # Single vectors

    def vector(
        self,
        keys: Any,
        passed: dict[str, Any] | None,
        return_type: str,
        allow_missing: bool,
        timeout: float | None,
    ) -> Any:
        """Read one vector; parameters as in `FeatureView.get_feature_vector`."""
        if not isinstance(keys, dict):
            _check_entry_type(keys, self._keys)
        if keys is None or passed or (*keys, allow_missing) not in self._good:
            _check_return_type(return_type, _RETURN_TYPES)
            self._check_entry(keys, passed, allow_missing)
        answer = self._scope.call(
            "online.vector",
            f"{self._single[not allow_missing]}{_entry_text(keys)}}}",
            timeout=timeout or self._timeout,
            headers=_JSON,
        )
        row = self._assemble(
            answer["features"], answer.get("detailedStatus"), keys, passed, allow_missing
        )
        if return_type == "list":
            return row
        return self._shaped(row, return_type)

    def _assemble(
        self,
        values: list[Any] | None,
        statuses: list[dict[str, Any]] | None,
        keys: dict[str, Any],
        passed: dict[str, Any] | None,
        allow_missing: bool,
    ) -> list[Any] | None:
        """Turn a row of the answer into a vector; None when there is nothing."""
        failed: set[int] = set()
        if not allow_missing:
            if values is not None and statuses is None:
                raise ValueError(
                    "The online store did not say which features it found, so missing ones cannot be told apart. "
                    "Read with allow_missing=True."
                )
            for status in statuses or ():
                if status["httpStatus"] != _FOUND:
                    failed.add(status["featureGroupId"])
        if values is None or failed or passed:
            return self._assemble_partly(values, failed, keys, passed or {}, allow_missing)
        for position, decode in self._decoders:
            if values[position] is not None:
                values[position] = decode(values[position])
        for key, position in self._echoed:
            if values[position] is None:
                values[position] = keys.get(key)
        return [values[position] for position in self._projection]

    def _assemble_partly(
        self,
        values: list[Any] | None,
        failed: set[int],
        keys: dict[str, Any],
        passed: dict[str, Any],
        allow_missing: bool,
    ) -> list[Any] | None:
        found: dict[str, Any] = {}
        if values is not None:
            for position, decode in self._decoders:
                if values[position] is not None:
                    values[position] = decode(values[position])
            found = {
                self._names[position]: values[position]
                for position in self._projection
                if self._groups[position] not in failed
            }
        elif allow_missing:
            found = dict.fromkeys(self._columns)
        found.update(passed)
        if not found and not allow_missing:
            return None
        for key, value in keys.items():
            if (
                value is not None
                and key not in passed
                and found.get(key) is None
                and key in self._required
            ):
                found[key] = value
        if not allow_missing:
            missing = sorted(self._required.difference(found))
            if missing:
                raise FeatureStoreException(
                    f"The features {', '.join(missing)} are missing: the online store has no row for the keys {keys!r}, or not all "
                    f"keys were given (they are {', '.join(self._keys)}). Insert the row, give the values as passed_features, or "
                    "read with allow_missing=True."
                )
        return [found.get(name) for name in self._columns]

    # Many vectors

    def vectors(
        self,
        entries: Any,
        passed: list[dict[str, Any]] | None,
        return_type: str,
        allow_missing: bool,
        timeout: float | None,
    ) -> Any:
        """Read many vectors; parameters as in `FeatureView.get_feature_vectors`."""
        _check_return_type(return_type, _RETURN_TYPES)
        given = self._check_batch(entries, passed, allow_missing)
        answer = self._ask_batch(entries, allow_missing, timeout)
        statuses = answer.get("detailedStatus") or [None] * len(entries)
        rows = [
            self._assemble(values, status, keys, extra, allow_missing)
            for values, status, keys, extra in zip(
                answer["features"], statuses, entries, given, strict=True
            )
        ]
        found = [row for row in rows if row is not None]
        if return_type == "list":
            return found
        return self._shaped_batch(found, return_type)

    def _check_batch(
        self, entries: Any, passed: Any, allow_missing: bool
    ) -> list[dict[str, Any] | None]:
        if entries is None or (hasattr(entries, "__len__") and not len(entries)):
            raise FeatureStoreException(
                f"No serving keys were given. Give a list of dictionaries with the keys {', '.join(self._keys)}."
            )
        if isinstance(entries, str) or not isinstance(entries, Sequence):
            raise TypeError(
                f"The serving keys of many rows are a list of dictionaries, not {type(entries).__name__}. "
                "For one row use get_feature_vector()."
            )
        given = list(passed) if passed else [None] * len(entries)
        if len(given) != len(entries):
            raise ValueError(
                f"passed_features has {len(given)} entries and serving_keys {len(entries)}; give one for each, empty if need be."
            )
        for keys, extra in zip(entries, given, strict=True):
            if not isinstance(keys, dict):
                _check_entry_type(keys, self._keys)
            if extra or (*keys, allow_missing) not in self._good:
                self._check_entry(keys, extra, allow_missing)
        return given

    def _ask_batch(
        self, entries: list[dict[str, Any]], allow_missing: bool, timeout: float | None
    ) -> dict[str, Any]:
        body = f"{self._batch[not allow_missing]}{_entries_text(entries)}}}"
        return self._scope.call(
            "online.vectors", body, timeout=timeout or self._timeout, headers=_JSON
        )

    # Helper columns

    def helper(self, keys: dict[str, Any] | None, return_type: str) -> Any:
        """Read the inference helper columns of one row."""
        found = self._helpers([keys] if keys else None, return_type)
        if return_type == "dict":
            return found[0]
        return _frame(found, None, return_type)

    def helpers(self, entries: list[dict[str, Any]] | None, return_type: str) -> Any:
        """Read the inference helper columns of many rows."""
        found = self._helpers(entries, return_type)
        return found if return_type == "dict" else _frame(found, None, return_type)

    def _helpers(self, entries: Any, return_type: str) -> list[dict[str, Any]]:
        _check_return_type(return_type, _HELPER_TYPES)
        self._check_batch(entries, None, True)
        answer = self._ask_batch(entries, True, None)
        found = []
        for values in answer["features"]:
            row = [None] * len(self._names) if values is None else values
            for position, decode in self._decoders:
                if row[position] is not None:
                    row[position] = decode(row[position])
            by_name = dict(zip(self._names, row, strict=True))
            found.append({name: by_name[name] for name in self._helper_names})
        return found

    # Checks

    def _check_entry(self, keys: Any, passed: dict[str, Any] | None, allow_missing: bool) -> None:
        """Raise when keys cannot be served; remember their names when they can."""
        if not keys:
            raise FeatureStoreException(
                f"No serving keys were given. The feature view {self._view.name!r} is read by: {', '.join(self._keys)}."
            )
        for key in keys:
            if key not in self._valid_keys:
                raise FeatureStoreException(
                    f"Provided key {key!r} is not a serving key of feature view {self._view.name!r}. "
                    f"Its serving keys are: {', '.join(self._keys)}."
                )
        for names in self._composites:
            present = [required in keys or plain in keys for required, plain in names]
            if any(present) and not all(present):
                wanted = ", ".join(required for required, _ in names)
                raise FeatureStoreException(
                    f"The keys {wanted} belong together, and only some of them are in {dict(keys)!r}. Give all of them or none."
                )
        if not allow_missing:
            self._check_complete(keys, passed)
        if not passed:
            self._good.add((*keys, allow_missing))

    def _check_complete(self, keys: dict[str, Any], passed: Iterable[str] | None) -> None:
        covered = frozenset(passed or ())
        missing = {}
        for required, (plain, supplied) in self._supplied.items():
            if required not in keys and plain not in keys and not supplied <= covered:
                missing[required] = sorted(supplied - covered)
        if missing:
            described = "; ".join(
                f"{key} (for {', '.join(names)})" for key, names in missing.items()
            )
            raise FeatureStoreException(
                f"Incomplete feature vector requests: these serving keys were not given: {described}. Give them, give the features as "
                "passed_features, or read with allow_missing=True."
            )

    # Shapes

    def _shaped(self, row: list[Any] | None, return_type: str) -> Any:
        _check_return_type(return_type, _RETURN_TYPES)
        if return_type == "list":
            return row
        if return_type == "numpy":
            return require("numpy", "to return numpy arrays").array(row)
        return _frame(
            [[None] * len(self._columns) if row is None else row], self._columns, return_type
        )

    def _shaped_batch(self, rows: list[list[Any]], return_type: str) -> Any:
        if return_type == "numpy":
            return require("numpy", "to return numpy arrays").array(rows)
        return _frame(rows, self._columns, return_type)


def _no_reader() -> None:
    return None


_JSON = {"Content-Type": "application/json"}


def _frame(rows: list[Any], columns: list[str] | None, return_type: str) -> Any:
    if return_type == "pandas":
        pandas = require("pandas", "to return pandas frames")
        return (
            pandas.DataFrame(rows) if columns is None else pandas.DataFrame(rows, columns=columns)
        )
    polars = require("polars", "to return polars frames")
    return (
        polars.DataFrame(rows)
        if columns is None
        else polars.DataFrame(rows, schema=columns, orient="row")
    )


def _check_entry_type(keys: Any, names: Iterable[str]) -> None:
    if keys is not None and not isinstance(keys, Mapping):
        raise TypeError(
            f"The serving keys of a row are a dictionary of {', '.join(names)}, not {type(keys).__name__}."
        )


def _check_return_type(return_type: str, known: tuple[str, ...]) -> None:
    if return_type not in known:
        raise ValueError(f"return_type is {return_type!r}; use one of {', '.join(known)}.")


def _entry_text(keys: dict[str, Any]) -> str:
    if None in keys.values():
        keys = {name: value for name, value in keys.items() if value is not None}
    return _encode(keys)


def _entries_text(entries: list[dict[str, Any]]) -> str:
    if any(None in keys.values() for keys in entries):
        return f"[{', '.join(map(_entry_text, entries))}]"
    return _encode(entries)


def _wire_value(value: Any) -> Any:
    """Values that JSON does not know: moments as milliseconds, numpy scalars as what they hold."""
    if isinstance(value, datetime):
        moment = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
        return int(moment.timestamp() * 1000)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    unbox = getattr(value, "item", None)
    if unbox is not None:
        unboxed = unbox()
        return _wire_value(unboxed) if isinstance(unboxed, (datetime, date)) else unboxed
    raise TypeError(
        f"A serving key cannot have a value of type {type(value).__name__}; use text, a number or a time."
    )


_encode = json.JSONEncoder(default=_wire_value).encode


def _timestamp(value: Any) -> datetime:
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    if isinstance(value, (int, float)):
        return datetime.fromtimestamp(value / 1000, tz=UTC).replace(tzinfo=None)
    return value


_DECODERS: dict[str, Callable[[Any], Any]] = {
    "timestamp": _timestamp,
    "date": date.fromisoformat,
    "binary": base64.b64decode,
}
