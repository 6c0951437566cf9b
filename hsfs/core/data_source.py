"""Where the data of a feature group or training dataset lives."""

from __future__ import annotations

from typing import Any

from hopsworks import _native


class DataSource(_native.DataSource):
    """Where the data of a feature group or training dataset lives: a table, a query or a path, and the storage that holds it.

    Without a storage connector the project's own file system is meant.

    Example:
        ```python
        from hsfs.core.data_source import DataSource

        source = DataSource(path="Resources/flights", format="DELTA")
        assert source.storage_connector is None
        ```
    """

    __slots__ = ()

    @classmethod
    def from_response_json(cls, json_dict: Any, storage_connector: Any = None) -> Any:
        """Make data sources from what a server sent.

        Parameters:
            json_dict: One data source, or a collection of them.
            storage_connector: The storage connector that they belong to, when the answer does not say.

        Returns:
            The data source, a list of them, or None when nothing was sent.
        """
        if json_dict is None:
            return None
        made = super().from_response_json(json_dict)
        if storage_connector is not None:
            for source in made if isinstance(made, list) else [made]:
                source.storage_connector = storage_connector
        return made
