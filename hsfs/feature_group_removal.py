"""Removing rows of a feature group by their keys."""

from __future__ import annotations

from typing import Any


class RowRemoval:
    """The methods of a feature group that remove rows."""

    __slots__ = ()

    def remove_rows(
        self,
        delete_df: Any,
        write_options: dict[Any, Any] | None = None,
        storage: str | None = None,
    ) -> None:
        """Remove rows by their primary key and, offline, their event time.

        Parameters:
            delete_df: A pandas or polars DataFrame or a pyarrow Table with the primary key, the event time and the partition key of
                the rows to remove; other columns do not matter.
            write_options: Options of the writer; none is needed.
            storage: `offline` or `online` to remove from one of the two; None removes from all that the feature group has.

        Raises:
            ValueError: A key is not in the frame, or holds nulls.
            hopsworks.client.exceptions.FeatureStoreException: The feature group is not registered, has no online table, or this
                client cannot remove rows from it.

        Example:
            ```python
            fg.remove_rows(df[df["origin"] == "JFK"])
            ```
        """
        from hsfs.engine.insertion import remove

        group: Any = self
        remove(group, delete_df, storage)

    def commit_delete_record(
        self, delete_df: Any, write_options: dict[Any, Any] | None = None
    ) -> None:
        """Remove rows from the offline table; `remove_rows` is the name to use.

        Parameters:
            delete_df: As for `remove_rows`.
            write_options: As for `remove_rows`.

        Example:
            ```python
            fg.commit_delete_record(df.head(1))
            ```
        """
        self.remove_rows(delete_df, write_options, "offline")
