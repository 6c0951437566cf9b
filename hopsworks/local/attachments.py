"""What is attached to jobs and to the objects of the feature store and goes with them: tags, keywords, alerts, statistics."""

from __future__ import annotations

import sqlite3

# Each of these tables says in `kind` and `object` what a row belongs to.
_TABLES = ("tags", "keywords", "statistics", "alerts")


def drop(db: sqlite3.Connection, kind: str, number: int) -> None:
    """Forget all that is attached to an object that is being deleted.

    Parameters:
        db: The transaction of the deletion.
        kind: ``job``, ``feature_group``, ``feature_view`` or ``training_dataset``.
        number: Id of the object.
    """
    for table in _TABLES:
        db.execute(f"DELETE FROM {table} WHERE kind = ? AND object = ?", (kind, str(number)))
