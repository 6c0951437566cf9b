"""Tags: a name with a value, attached to a model, a deployment or an object of the feature store."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hopsworks import _native

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class Tag(_native.Tag):
    """A tag: a name, whose schema is known to the cluster, with a value.

    Parameters:
        name (str): Name of the tag.
        value: Value; anything that JSON can hold.

    Raises:
        ValueError: If name or value is None.

    Example:
        ```python
        from hopsworks.tag import Tag

        model = mr.python.create_model("churn", tags=[Tag("owner", {"team": "risk"})])
        ```
    """

    __slots__ = ()

    NOT_FOUND_ERROR_CODE = 370002

    def __init__(
        self,
        name: str,
        value: Any,
        created_on: Any = None,
        schema: Any = None,
        href: Any = None,
        expand: Any = None,
        items: Any = None,
        count: Any = None,
        type: Any = None,
        **kwargs: Any,
    ) -> None:
        if name is None:
            raise ValueError("A tag needs a name; name is None.")
        if value is None:
            raise ValueError(f"The tag '{name}' needs a value; value is None.")
        super().__init__(name=name, value=value, created_on=created_on)

    @classmethod
    def from_response_json(cls, json_dict: Any, scope: Any = None) -> list[Tag]:
        """Read the tags of a response: a collection, or the one tag that was asked for.

        Parameters:
            json_dict: The decoded response.
            scope: Not used; tags make no requests.

        Returns:
            list[Tag]: The tags; entries without a value are left out.
        """
        items = json_dict.get("items") if "count" in json_dict else [json_dict]
        found = []
        for item in items or ():
            if item.get("name") is not None and item.get("value") is not None:
                created_on = item.get("createdOn", item.get("created_on"))
                moment = _moment(created_on)
                found.append(cls(item["name"], _plain_value(item["value"]), created_on=moment))
        return found

    def to_dict(self) -> dict[str, Any]:
        """The tag as it is sent: a dict value travels as JSON text.

        Returns:
            dict: ``name`` and ``value``.
        """
        value = json.dumps(self.value) if isinstance(self.value, dict) else self.value
        return {"name": self.name, "value": value}

    def json(self) -> str:
        """The tag as JSON text.

        Returns:
            str: JSON of :meth:`to_dict`.
        """
        return json.dumps(self.to_dict())


def _moment(sent: Any) -> datetime | None:
    # Servers send milliseconds, as a number or as text, or a date in ISO form.
    if sent is None:
        return None
    try:
        if isinstance(sent, str) and not sent.isdigit():
            moment = datetime.fromisoformat(sent)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return datetime.fromtimestamp(float(sent) / 1000, UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        return None


def _plain_value(value):
    # Servers send every value as text; what was JSON before comes back as what it was.
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def tag_list(tags: Any) -> list[Tag]:
    """Make a list of tags from what users pass: None, one tag or dict, or a list of them.

    Parameters:
        tags: None, a :class:`Tag`, a dict with ``name`` and ``value``, or a list of either.

    Returns:
        list[Tag]: The tags.

    Raises:
        TypeError: If an element is neither a tag nor such a dict.
    """
    if tags is None:
        return []
    found = []
    for entry in tags if isinstance(tags, (list, tuple)) else (tags,):
        if isinstance(entry, Tag):
            found.append(entry)
        elif isinstance(entry, dict) and "name" in entry and "value" in entry:
            found.append(Tag(**entry))
        else:
            raise TypeError(
                f"tags holds {entry!r}, which is no tag. Pass Tag(name, value), a dict with the keys "
                "'name' and 'value', or a list of these."
            )
    return found


def tag_collection(tags: list[Tag]) -> dict[str, Any] | None:
    """The collection of tags that a create request carries.

    Parameters:
        tags (list[Tag]): The tags.

    Returns:
        dict | None: ``count`` and ``items``, or None without tags.
    """
    if not tags:
        return None
    return {"count": len(tags), "items": [tag.to_dict() for tag in tags]}


def tag_values(response: Any) -> dict[str, Any]:
    """Values by name of a tag response.

    Parameters:
        response: The decoded response, or None when no tag is attached.

    Returns:
        dict: Value by tag name.
    """
    return {tag.name: tag.value for tag in Tag.from_response_json(response)} if response else {}
