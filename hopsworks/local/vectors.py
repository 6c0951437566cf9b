"""Online feature vectors over the REST protocol of the online feature server (``/0.1.0/``).

A lookup reads one SQLite row for each feature group of the view and decodes it; everything that
does not change between calls is prepared once for each view.
"""

from __future__ import annotations

import json
from typing import Any

from hopsworks.local.app import Request, Response, Server, inline
from hopsworks.local.feature_data import FeatureData, feature_data
from hopsworks.local.feature_views import View, find
from hopsworks.local.http import encode_json
from hopsworks.local.query_model import Selected
from hopsworks.local.row_codec import KeyValueError

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

    __slots__ = ("data", "echo", "entries", "group", "joined", "layout", "moves")

    def __init__(self, view: View, position: int, data: FeatureData, columns: list[Selected]):
        source = view.query.sources[position]
        self.group = int(source.feature_group["id"])
        self.data = data
        online = bool(source.feature_group.get("onlineEnabled"))
        self.layout = data.layout(source.feature_group) if online else None
        own = {k.name: k for k in view.keys if k.source == position}
        # For each key column: the name under which the entry gives its value, and a second choice.
        self.entries = [
            (own[name].entry, name) for name in (self.layout.keys.columns if self.layout else [])
        ]
        at = {name: i for i, name in enumerate(self.layout.names)} if self.layout else {}
        self.moves = [
            (target, at[s.name], s.default)
            for target, s in enumerate(columns)
            if s.source == position and s.name in at
        ]
        keys = [name for _, name in self.entries]
        self.echo = [
            (target, keys.index(s.name))
            for target, s in enumerate(columns)
            if s.source == position and s.name in keys
        ]

    def key_values(self, entry: dict[str, Any]) -> list[Any] | None:
        """The key values that an entry gives, or None when one is missing."""
        values = []
        for name, bare in self.entries:
            value = entry.get(name)
            if value is None:
                value = entry.get(bare)
            if value is None:
                return None
            values.append(value)
        return values


class Serving:
    """A view prepared for lookups.

    Parameters:
        view: the view.
        data: where rows are.
    """

    def __init__(self, view: View, data: FeatureData):
        self.columns = [s for s in view.query.selected if s.output not in view.labels]
        self.names = {s.output: i for i, s in enumerate(self.columns)}
        self.types = [s.type for s in self.columns]
        used = sorted({s.source for s in self.columns})
        self.parts = [_Part(view, position, data, self.columns) for position in used]
        self.known_keys = (
            {k.entry for k in view.keys}
            | {k.name for k in view.keys}
            | {k.prefix + k.name for k in view.keys}
        )
        self.required = sorted({k.entry for k in view.keys if k.required})

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
        unknown = [k for k in entry if k not in self.known_keys]
        if unknown:
            raise VectorError(
                400,
                10,
                "The primary key is not valid.",
                f"'{unknown[0]}' is not a serving key of the feature view; they are: {', '.join(self.required)}.",
            )

    def vector(
        self, entry: dict[str, Any], passed: dict[str, Any] | None
    ) -> tuple[list[Any], str, list[dict[str, int]]]:
        """The values for an entry, the status, and the status of each feature group."""
        values: list[Any] = [None] * len(self.columns)
        state, details = _COMPLETE, []
        for part in self.parts:
            status = self._fill(part, entry, values)
            details.append({"featureGroupId": part.group, "httpStatus": status})
            if status != 200:
                state = _MISSING
        if passed:
            for name, value in passed.items():
                values[self.names[name]] = value
            if state == _MISSING and all(v is not None for v in values):
                state = _COMPLETE
        return values, state, details

    def _fill(self, part: _Part, entry: dict[str, Any], values: list[Any]) -> int:
        if part.layout is None:
            return 500
        given = part.key_values(entry)
        if given is None:
            return 400
        try:
            key = part.layout.keys.encode_one(given)
        except KeyValueError as error:
            raise VectorError(
                400, 11, "A primary key value has the wrong type.", f"{error}."
            ) from None
        row = part.data.online.read(part.layout, (key,))[0]
        if row is None:
            for target, number in part.echo:
                values[target] = given[number]
            return 404
        decoded = part.layout.rows.decode(row)
        for target, position, default in part.moves:
            value = decoded[position]
            values[target] = (
                value
                if value is not None or default is None
                else _default(default, self.types[target])
            )
        return 200

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


def _serving(server: Server, body: dict[str, Any]) -> Serving:
    data = feature_data(server)
    key = (
        "serving",
        str(body.get("featureStoreName")),
        str(body.get("featureViewName")),
        str(body.get("featureViewVersion")),
    )
    found = data.remembered(key, lambda: Serving(_view(server, body), data))
    assert found is not None
    return found


def _view(server: Server, body: dict[str, Any]) -> View:
    from hopsworks.local.feature_groups import store_id

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
        serving = _serving(server, body)
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
        serving = _serving(server, body)
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
        found = []
        for entry, passed in zip(entries, given, strict=True):
            serving.check_entry(entry)
            found.append(_row(serving, entry, serving.check_passed(passed, validate)))
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


def _row(
    serving: Serving, entry: dict[str, Any], passed: dict[str, Any] | None
) -> tuple[list[Any] | None, str, list[dict[str, int]]]:
    """One vector of a batch; an entry with a value of the wrong type fails alone."""
    try:
        return serving.vector(entry, passed)
    except VectorError:
        return (
            None,
            _ERROR,
            [{"featureGroupId": part.group, "httpStatus": 400} for part in serving.parts],
        )


@inline
def ping(request: Request, server: Server) -> Response:
    """GET ping."""
    return Response(None, 200, ())


ROUTES = [
    ("GET", "/0.1.0/ping", ping),
    ("POST", "/0.1.0/feature_store", one_vector),
    ("POST", "/0.1.0/batch_feature_store", many_vectors),
]
