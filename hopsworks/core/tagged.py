"""Tags of the things that can have them: models, deployments and jobs."""

from __future__ import annotations

import json

from hopsworks.tag import tag_values

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class Tagged:
    """Behaviour of a thing with tags.

    A class names its rows with ``_TAG_ENDPOINT`` and sends requests with ``_call(endpoint, body, **parameters)``.
    """

    __slots__ = ()

    _TAG_ENDPOINT = ""

    if TYPE_CHECKING:

        def _call(self, endpoint: str, body: Any = None, **parameters: Any) -> Any: ...

    def add_tag(self, name: str, value: Any) -> None:
        """Attach a tag, or replace its value.

        Parameters:
            name (str): Name of the tag.
            value: Value; anything that JSON can hold.

        Raises:
            RestAPIError: If the server refuses, for example because the tag has no schema.

        Example:
            ```python
            model.add_tag("owner", {"team": "risk"})
            ```
        """
        self._call(f"{self._TAG_ENDPOINT}.put", json.dumps(value), name=name)

    def delete_tag(self, name: str) -> None:
        """Remove a tag.

        Parameters:
            name (str): Name of the tag.

        Raises:
            RestAPIError: If the server refuses.
        """
        self._call(f"{self._TAG_ENDPOINT}.delete", name=name)

    def get_tag(self, name: str) -> Any:
        """Get the value of a tag.

        Parameters:
            name (str): Name of the tag.

        Returns:
            The value, or None when the tag is not attached.

        Raises:
            RestAPIError: If the server refuses.
        """
        return tag_values(self._call(f"{self._TAG_ENDPOINT}.get", name=name)).get(name)

    def get_tags(self) -> dict[str, Any]:
        """Get all tags.

        Returns:
            dict: Value by name.

        Raises:
            RestAPIError: If the server refuses.
        """
        return tag_values(self._call(f"{self._TAG_ENDPOINT}.list"))
