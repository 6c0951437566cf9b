"""Spark sessions with the settings that Hopsworks needs."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from pyspark.sql import SparkSession

# A session of Spark Connect begins without what the cluster's spark-defaults.conf gives to other sessions. Delta tables
# need their extension and their catalog; Hudi tables lose rows in incremental reads without theirs.
_CONNECT_SETTINGS = {
    "spark.sql.extensions": (
        "io.delta.sql.DeltaSparkSessionExtension,org.apache.spark.sql.hudi.HoodieSparkSessionExtension"
    ),
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
}


def build_spark(
    app_name: str = "hopsworks", extra_configs: dict[str, str] | None = None
) -> SparkSession:
    """Begin a Spark session, or return the one that runs.

    With Spark Connect (where ``SPARK_REMOTE`` or ``SPARK_CONNECT_MODE_ENABLED`` is set) the session reads and writes
    Delta and Hudi tables. Elsewhere the settings of the Spark installation stand as they are.

    Parameters:
        app_name: Name of the application in Spark's user interface.
        extra_configs: Further settings by name; they win over those that this function makes.

    Returns:
        The session.

    Raises:
        ModuleNotFoundError: If pyspark is not installed; the message names the extra that brings it.
        TypeError: If a setting's name or value is of another type.

    Example:
        ```python
        from hopsworks.spark import build_spark

        spark = build_spark("daily_features", {"spark.sql.shuffle.partitions": "8"})
        ```
    """
    from hsfs.engine.optional_packages import require

    own = _checked(extra_configs)
    sql = require("pyspark.sql", "to begin a Spark session")
    builder = sql.SparkSession.builder.appName(app_name)
    for name, value in ({**_CONNECT_SETTINGS, **own} if _uses_connect() else own).items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _uses_connect() -> bool:
    if os.environ.get("SPARK_REMOTE"):
        return True
    from pyspark.sql.utils import is_remote

    return is_remote()


def _checked(configs: Any) -> dict[str, Any]:
    if configs is not None and not isinstance(configs, dict):
        raise TypeError(
            f"extra_configs is of type {type(configs).__name__}. Pass a dict of Spark settings, such as "
            "{'spark.sql.shuffle.partitions': '8'}."
        )
    for name, value in (configs or {}).items():
        if not isinstance(name, str) or not isinstance(value, str | int | float):
            raise TypeError(
                f"extra_configs holds {name!r}: {value!r}. Names of Spark settings are text; values are text, numbers or "
                "bools."
            )
    return configs or {}
