"""Tags of files, folders and datasets."""

from __future__ import annotations

import json

from hopsworks.core.arguments import checked_text
from hopsworks.core.service import Service
from hopsworks.tag import tag_values

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class DatasetTags(Service):
    """Tags of paths; see :class:`hopsworks.core.dataset_api.DatasetApi`, which extends it."""

    def add(self, path: str, name: str, value: Any) -> None:
        """Attach a tag to a file, folder or dataset, or replace its value.

        Parameters:
            path: Path in the project.
            name: Name of the tag; a cluster takes names that have a schema.
            value: Value; anything that JSON can hold and the schema of the tag allows.

        Raises:
            TypeError: If path or name is no text, or JSON cannot hold the value; nothing is sent.
            ValueError: If path or name is empty; nothing is sent.
            NotFoundError: If there is nothing of that path.
            RestAPIError: If the server refuses, for example because the schema does not allow the value.

        Example:
            ```python
            dataset_api.add("Resources/data.csv", "ownership", {"team": "risk"})
            ```
        """
        _check(path, name)
        try:
            text = json.dumps(value)
        except TypeError as error:
            raise TypeError(
                f"The value of the tag '{name}' cannot be written as JSON: {error}. Pass text, numbers, bools, lists or "
                "dicts."
            ) from None
        self._call("dataset.tag.put", text, name=name, path=path)

    def delete(self, path: str, name: str) -> None:
        """Remove a tag from a file, folder or dataset; the path itself stays.

        Parameters:
            path: Path in the project.
            name: Name of the tag.

        Raises:
            TypeError: If path or name is no text; nothing is sent.
            ValueError: If path or name is empty; nothing is sent.
            NotFoundError: If there is nothing of that path.

        Example:
            ```python
            dataset_api.delete("Resources/data.csv", "ownership")
            ```
        """
        _check(path, name)
        self._call("dataset.tag.delete", name=name, path=path)

    def get_tags(self, path: str, name: str | None = None) -> dict[str, Any]:
        """Get the tags of a file, folder or dataset.

        Parameters:
            path: Path in the project.
            name: Name of the one tag to get; None for all.

        Returns:
            Value by name.

        Raises:
            TypeError: If path or name is of another type; nothing is sent.
            ValueError: If path or name is empty; nothing is sent.
            NotFoundError: If there is nothing of that path, or the tag that was named is not attached.

        Example:
            ```python
            team = dataset_api.get_tags("Resources/data.csv", "ownership")["ownership"]["team"]
            ```
        """
        if name is None:
            _check(path)
            return tag_values(self._call("dataset.tag.list", path=path))
        _check(path, name)
        return tag_values(self._call("dataset.tag.get", name=name, path=path))


def _check(path: Any, name: Any = "any") -> None:
    checked_text(path, "path", "Pass the path of a file, folder or dataset of the project.")
    checked_text(name, "name", "Pass the name of the tag.")
