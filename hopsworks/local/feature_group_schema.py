"""The features of a feature group: names, types, keys, event time, and what can be kept online."""

from __future__ import annotations

from typing import Any

from hopsworks.local import feature_types
from hopsworks.local.errors import ApiError
from hopsworks.local.naming import NAME, check_description

_EVENT_TIME_TYPES = ("timestamp", "date", "bigint")
_ONLINE_COLUMNS, _ONLINE_ROW_BYTES, _ONLINE_KEY_BYTES = 500, 30000, 4000


def new_features(given: list[dict[str, Any]], group: dict[str, Any]) -> list[dict[str, Any]]:
    features = []
    for feature in given:
        if feature.get("defaultValue") is not None:
            raise ApiError(
                400,
                270132,
                "A default value is not allowed here.",
                f"'{feature.get('name')}' has a default value; only features appended later may have one.",
            )
        features.append(feature_object(feature, group))
    names = [f["name"] for f in features]
    twice = next((n for n in names if names.count(n) > 1), None)
    if twice:
        raise ApiError(
            400,
            270224,
            "Duplicate feature.",
            f"Feature '{twice}' is given twice for '{group['name']}'. Rename or drop one of them.",
        )
    return features


def feature_object(given: dict[str, Any], group: dict[str, Any]) -> dict[str, Any]:
    name = str(given.get("name") or "")
    if not NAME.fullmatch(name):
        raise ApiError(
            400,
            270040,
            "The feature name is not valid.",
            f"'{name}' must begin with a lower-case letter and hold only lower-case letters, digits and underscores, at most 63.",
        )
    check_description(given.get("description"), f"feature '{name}'")
    if not given.get("type"):
        raise ApiError(
            400,
            270212,
            "A feature has no type.",
            f"Feature '{name}' of '{group['name']}' has no type. Give one, for example 'double'.",
        )
    try:
        parsed = feature_types.parse(given["type"])
    except feature_types.FeatureTypeError as error:
        raise ApiError(
            400,
            270153 if error.malformed else 270151,
            "The type of a feature is not known.",
            f"Feature '{name}': {error}.",
        ) from None
    feature: dict[str, Any] = {"name": name, "type": str(parsed)}
    for key in ("description", "defaultValue", "columnName"):
        if given.get(key) is not None:
            feature[key] = given[key]
    for key in ("primary", "foreign", "partition", "hudiPrecombineKey", "onDemand", "offlineOnly"):
        feature[key] = bool(given.get(key))
    if group["onlineEnabled"] and not feature["offlineOnly"]:
        feature["onlineType"] = feature_types.online_type(feature["type"], given.get("onlineType"))
    if group.get("id"):
        feature["featureGroupId"] = group["id"]
    return feature


def check_event_time(group: dict[str, Any]) -> None:
    event_time = group.get("eventTime")
    if not event_time:
        group.pop("eventTime", None)
        return
    feature = next((f for f in group["features"] if f["name"] == event_time), None)
    if feature is None and group["features"]:
        raise ApiError(
            400,
            270082,
            "The feature does not exist.",
            f"Event time '{event_time}' is not a feature of '{group['name']}'. Add it, or name another.",
        )
    if feature is not None and feature["type"] not in _EVENT_TIME_TYPES:
        raise ApiError(
            400,
            270171,
            "The type of the event time is not valid.",
            f"Event time '{event_time}' has type {feature['type']}; it must be one of {', '.join(_EVENT_TIME_TYPES)}.",
        )


def check_online(group: dict[str, Any]) -> None:
    """Raises the error of a feature group that cannot be kept online."""
    features = [f for f in group["features"] if not f.get("offlineOnly")]

    def refuse(reason: str) -> ApiError:
        return ApiError(
            400, 270176, "The feature group cannot be kept online.", f"'{group['name']}': {reason}"
        )

    keys = [f for f in features if f.get("primary")]
    if not features:
        raise refuse("an online feature group needs its features when it is created.")
    if not keys:
        raise ApiError(
            400,
            270121,
            "A primary key is required.",
            f"'{group['name']}' is online enabled but has no primary key. Name one, or leave out online_enabled.",
        )
    if len(features) > _ONLINE_COLUMNS:
        raise refuse(f"{len(features)} features are more than {_ONLINE_COLUMNS}.")
    for feature in features:
        if not feature_types.online_type_fits(feature["type"], feature["onlineType"]):
            raise refuse(
                f"feature '{feature['name']}' of type {feature['type']} cannot be kept as {feature['onlineType']}."
            )
    size = sum(feature_types.online_size(f["onlineType"]) for f in features)
    if size > _ONLINE_ROW_BYTES:
        raise refuse(
            f"a row may take {size} bytes, more than {_ONLINE_ROW_BYTES}. Give text features a shorter online type."
        )
    for feature in keys:
        if not feature_types.online_type_is_key(feature["onlineType"]):
            raise refuse(
                f"'{feature['name']}' of type {feature['onlineType']} cannot be part of a primary key. Cast it to a whole number, a text or a date."
            )
    size = sum(feature_types.online_size(f["onlineType"]) for f in keys)
    if size > _ONLINE_KEY_BYTES:
        raise refuse(
            f"the primary key may take {size} bytes, more than {_ONLINE_KEY_BYTES}. Give its text features a shorter online type."
        )
