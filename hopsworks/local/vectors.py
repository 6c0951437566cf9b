"""Online feature vectors over the REST protocol of the online feature server (``/0.1.0/``).

A lookup reads one SQLite row for each feature group of the view and decodes it; everything that
does not change between calls is prepared once for each view.
"""

from __future__ import annotations

import json
from typing import Any

from hopsworks.local.accounts import OWNER
from hopsworks.local.app import Request, Response, Server, inline
from hopsworks.local.feature_data import FeatureData, feature_data
from hopsworks.local.feature_groups import STORE_OFFSET, store_id
from hopsworks.local.feature_views import View, find
from hopsworks.local.http import encode_json
from hopsworks.local.query_model import Selected
from hopsworks.local.row_codec import KeyValueError
from hopsworks.local.sharing import FEATURE_STORE, sharing

_COMPLETE, _MISSING, _ERROR = "COMPLETE", "MISSING", "ERROR"
_JSON = ((b"content-type", b"application/json"),)


class VectorError(Exception):
    """A request that cannot be answered.

    Parameters:
        status: HTTP status.
        code: number of the cause.
        message: the cause in general.
        reason: what is wrong in this request.
    """

    def __init__(self, status: int, code: int, message: str, reason: str):
        super().__init__(reason)
        self.status, self.code, self.message, self.reason = status, code, message, reason

    def response(self) -> Response:
        """The error as this protocol sends it."""
        body = {"code": self.code, "message": self.message, "reason": self.reason}
        return Response(encode_json(body), self.status, _JSON)


class _Part:
    """What one feature group gives to a vector.

    Parameters:
        view: the view.
        position: of the feature group in the view's query.
        data: where rows are.
        columns: the vector's columns in order.
    """

    __slots__ = ("defaults", "details", "echo", "entries", "layout", "online", "reader")

    def __init__(self, view: View, position: int, data: FeatureData, columns: list[Selected]):
        source = view.query.sources[position]
        group = int(source.feature_group["id"])
        self.online = data.online
        kept = bool(source.feature_group.get("onlineEnabled"))
        self.layout = data.layout(source.feature_group) if kept else None
        self.details = {
            status: {"featureGroupId": group, "httpStatus": status}
            for status in (200, 400, 404, 500)
        }
        keys = self.layout.keys.columns if self.layout else []
        own = {k.name: k for k in view.keys if k.source == position}
        # For each key column: the name under which the entry gives its value, and a second choice.
        self.entries = [(own[name].entry, name) for name in keys]
        mine = [(place, s) for place, s in enumerate(columns) if s.source == position]
        self.echo = [(place, keys.index(s.name)) for place, s in mine if s.name in keys]
        self.defaults = [
            (place, _default(s.default, s.type)) for place, s in mine if s.default is not None
        ]
        self.reader = None
        if self.layout:
            at = {name: i for i, name in enumerate(self.layout.names)}
            self.reader = self.layout.rows.reader(
                [(at[s.name], place) for place, s in mine if s.name in at]
            )

    def key(self, entry: dict[str, Any]) -> tuple[bytes | None, list[Any]]:
        """The key that an entry gives and its values; no key when one of them is missing.

        Raises:
            KeyValueError: a value is not one of its column.
        """
        values: list[Any] = []
        for name, bare in self.entries:
            value = entry.get(name)
            if value is None:
                value = entry.get(bare)
            if value is None:
                return None, values
            values.append(value)
        assert self.layout is not None
        return self.layout.keys.encode_one(values), values

    def put(self, row: bytes | None, given: list[Any], vector: list[Any]) -> int:
        """Puts a row's values into a vector, or the given keys when there is none; the status."""
        if row is None:
            for place, number in self.echo:
                vector[place] = given[number]
            return 404
        assert self.reader is not None
        self.reader.fill(row, vector)
        for place, value in self.defaults:
            if vector[place] is None:
                vector[place] = value
        return 200


def _forbidden(reason: str) -> VectorError:
    return VectorError(403, 4, reason, reason)


# A vector's values, its status, and the status of each feature group.
_Vector = tuple["list[Any] | None", str, "list[dict[str, int]]"]


class Serving:
    """A view prepared for lookups.

    Parameters:
        view: the view.
        data: where rows are.
    """

    def __init__(self, view: View, data: FeatureData):
        self.columns = [s for s in view.query.selected if s.output not in view.labels]
        # The project of the view, and those of others whose rows it reads.
        self.project = int(view.body["featurestoreId"]) - STORE_OFFSET
        stores = {int(group["featurestoreId"]) - STORE_OFFSET for group in view.groups}
        self.foreign = stores - {self.project}
        self.names = {s.output: i for i, s in enumerate(self.columns)}
        used = sorted({s.source for s in self.columns})
        self.parts = [_Part(view, position, data, self.columns) for position in used]
        self.known_keys = frozenset(
            name for k in view.keys for name in (k.entry, k.name, k.prefix + k.name)
        )
        self.required = sorted({k.entry for k in view.keys if k.required})

    def check_access(self, request: Request, server: Server) -> None:
        """Raises 403 unless the user is in a project that may read the view and what it reads.

        Nothing is looked up for the owner of the data folder and a view of one feature store.
        """
        if self.foreign:
            shares = sharing(server)
            for store in self.foreign:
                owner = server.project_by_id(store)
                if not shares.readable(owner, FEATURE_STORE, self.project):
                    raise _forbidden(
                        f"The feature store of project {owner.name} is not shared any more."
                    )
        if request.user.id == OWNER or server.accounts.role(request.user.id, self.project):
            return
        shares = sharing(server)
        owner = server.project_by_id(self.project)
        mine = server.accounts.projects_of(request.user.id)
        if not any(shares.readable(owner, FEATURE_STORE, project) for project in mine):
            raise _forbidden(
                f"{request.user.email} is in no project that may read the feature view."
            )

    def metadata(self) -> list[dict[str, str]]:
        """Name and type of each feature of a vector."""
        return [{"featureName": s.output, "featureType": s.type} for s in self.columns]

    def check_entry(self, entry: Any) -> None:
        """Raises the error of an entry whose keys are not those of the view."""
        if not isinstance(entry, dict):
            raise VectorError(
                400,
                9,
                "The entry is not valid.",
                "An entry is an object of serving keys and their values.",
            )
        if entry.keys() <= self.known_keys:
            return
        unknown = next(k for k in entry if k not in self.known_keys)
        raise VectorError(
            400,
            10,
            "The primary key is not valid.",
            f"'{unknown}' is not a serving key of the feature view; they are: {', '.join(self.required)}.",
        )

    def vector(self, entry: dict[str, Any], passed: dict[str, Any] | None) -> _Vector:
        """The vector of one entry."""
        vector: list[Any] = [None] * len(self.columns)
        statuses = []
        for part in self.parts:
            if part.layout is None:
                statuses.append(500)
                continue
            try:
                key, given = part.key(entry)
            except KeyValueError as error:
                raise VectorError(
                    400, 11, "A primary key value has the wrong type.", f"{error}."
                ) from None
            if key is None:
                statuses.append(400)
                continue
            statuses.append(part.put(part.online.read(part.layout, key), given, vector))
        return self._finished(vector, statuses, passed)

    def vectors(
        self, entries: list[dict[str, Any]], passed: list[dict[str, Any] | None]
    ) -> list[_Vector]:
        """The vectors of many entries; an entry with a value of the wrong type fails alone."""
        vectors: list[list[Any]] = [[None] * len(self.columns) for _ in entries]
        statuses: list[list[int]] = [[] for _ in entries]
        failed: set[int] = set()
        for part in self.parts:
            if part.layout is None:
                for status in statuses:
                    status.append(500)
                continue
            located: list[tuple[bytes | None, list[Any]]] = []
            for number, entry in enumerate(entries):
                try:
                    located.append(part.key(entry))
                except KeyValueError:
                    failed.add(number)
                    located.append((None, []))
            rows = part.online.read_many(
                part.layout, [key for key, _ in located if key is not None]
            )
            for (key, given), vector, status in zip(located, vectors, statuses, strict=True):
                status.append(400 if key is None else part.put(rows.get(key), given, vector))
        error = [part.details[400] for part in self.parts]
        return [
            (None, _ERROR, error) if number in failed else self._finished(*found)
            for number, found in enumerate(zip(vectors, statuses, passed, strict=True))
        ]

    def _finished(
        self, vector: list[Any], statuses: list[int], passed: dict[str, Any] | None
    ) -> _Vector:
        """A vector with the passed features put in, and its status."""
        state = _COMPLETE if all(status == 200 for status in statuses) else _MISSING
        if passed:
            for name, value in passed.items():
                vector[self.names[name]] = value
            if state == _MISSING and all(value is not None for value in vector):
                state = _COMPLETE
        details = [part.details[status] for part, status in zip(self.parts, statuses, strict=True)]
        return vector, state, details

    def check_passed(self, passed: Any, validate: bool) -> dict[str, Any] | None:
        """Passed features, refused when one is not a feature of the view."""
        if not passed:
            return None
        if not isinstance(passed, dict):
            raise VectorError(
                400,
                12,
                "The passed features are not valid.",
                "Passed features are an object of feature names and values.",
            )
        known = {k: v for k, v in passed.items() if k in self.names}
        if validate and len(known) < len(passed):
            unknown = next(k for k in passed if k not in self.names)
            raise VectorError(
                400,
                12,
                "The passed features are not valid.",
                f"'{unknown}' is not a feature of the feature view.",
            )
        return known


def _default(text: str, type_text: str) -> Any:
    if type_text in ("tinyint", "smallint", "int", "bigint"):
        return int(text)
    if type_text in ("float", "double"):
        return float(text)
    return (1 if text.lower() in ("true", "1") else 0) if type_text == "boolean" else text


def _serving(request: Request, server: Server, body: dict[str, Any]) -> Serving:
    data = feature_data(server)
    key = (
        "serving",
        str(body.get("featureStoreName")),
        str(body.get("featureViewName")),
        str(body.get("featureViewVersion")),
    )
    found = data.remembered(key, lambda: Serving(_view(server, body), data))
    assert found is not None
    found.check_access(request, server)
    return found


def _view(server: Server, body: dict[str, Any]) -> View:
    name = str(body.get("featureStoreName") or "").lower().removesuffix("_featurestore")
    project = server.project_by_name(name)
    if project is None:
        raise VectorError(
            400, 1, "The feature store does not exist.", f"There is no feature store '{name}'."
        )
    try:
        version = int(body.get("featureViewVersion"))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise VectorError(
            400,
            2,
            "The feature view does not exist.",
            "featureViewVersion must be a whole number.",
        ) from None
    view = find(server, store_id(project), str(body.get("featureViewName")), version)
    if view is None:
        raise VectorError(
            400,
            2,
            "The feature view does not exist.",
            f"Feature store '{name}' has no feature view '{body.get('featureViewName')}' version {version}.",
        )
    return view


def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except ValueError as error:
        raise VectorError(
            400, 9, "The request is not valid.", f"The body is not JSON: {error}."
        ) from None
    if not isinstance(body, dict):
        raise VectorError(400, 9, "The request is not valid.", "The body must be a JSON object.")
    return body


def _flag(body: dict[str, Any], group: str, name: str) -> bool:
    options = body.get(group)
    return bool(options.get(name)) if isinstance(options, dict) else False


def _metadata(serving: Serving, body: dict[str, Any]) -> list[dict[str, str]] | None:
    wanted = [k for k in ("featureName", "featureType") if _flag(body, "metadataOptions", k)]
    return [{k: m[k] for k in wanted} for m in serving.metadata()] if wanted else None


@inline
def one_vector(request: Request, server: Server) -> Response:
    """POST feature_store: the vector of one entry."""
    try:
        body = _body(request)
        serving = _serving(request, server, body)
        entry = body.get("entries") or {}
        serving.check_entry(entry)
        passed = serving.check_passed(
            body.get("passedFeatures"), _flag(body, "options", "validatePassedFeatures")
        )
        values, status, details = serving.vector(entry, passed)
    except VectorError as error:
        return error.response()
    answer = {
        "features": values,
        "metadata": _metadata(serving, body),
        "status": status,
        "detailedStatus": details if _flag(body, "options", "includeDetailedStatus") else None,
    }
    return Response(encode_json(answer), 200, _JSON)


def many_vectors(request: Request, server: Server) -> Response:
    """POST batch_feature_store: the vectors of many entries, in their order."""
    try:
        body = _body(request)
        serving = _serving(request, server, body)
        entries = body.get("entries")
        if not isinstance(entries, list):
            raise VectorError(400, 9, "The entries are not valid.", "entries is a list of objects.")
        given = body.get("passedFeatures") or [None] * len(entries)
        if not isinstance(given, list) or len(given) != len(entries):
            raise VectorError(
                400,
                12,
                "The passed features are not valid.",
                "There must be as many passed features as entries.",
            )
        validate = _flag(body, "options", "validatePassedFeatures")
        for entry in entries:
            serving.check_entry(entry)
        found = serving.vectors(entries, [serving.check_passed(p, validate) for p in given])
    except VectorError as error:
        return error.response()
    answer = {
        "features": [values for values, _, _ in found],
        "metadata": _metadata(serving, body),
        "status": [status for _, status, _ in found],
        "detailedStatus": [details for _, _, details in found]
        if _flag(body, "options", "includeDetailedStatus")
        else None,
    }
    return Response(encode_json(answer), 200, _JSON)


@inline
def ping(request: Request, server: Server) -> Response:
    """GET ping."""
    return Response(None, 200, ())


ROUTES = [
    ("GET", "/0.1.0/ping", ping),
    ("POST", "/0.1.0/feature_store", one_vector),
    ("POST", "/0.1.0/batch_feature_store", many_vectors),
]
