"""Spark sessions of ``build_spark``, with real Spark on this machine: a plain one, and one of Spark Connect with Delta.

Spark is in an environment of its own, made when there is none; it needs Java 17 or newer, which ``./dev test`` installs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import environments
import pytest

import hopsworks
from hopsworks.spark import build_spark

ROOT = Path(__file__).resolve().parents[2]
DELTA = "io.delta:delta-spark_2.13:4.0.0"
DELTA_EXTENSION = "io.delta.sql.DeltaSparkSessionExtension"
HUDI_EXTENSION = "org.apache.spark.sql.hudi.HoodieSparkSessionExtension"

PLAIN = """
spark = build_spark("daily features", {"spark.sql.shuffle.partitions": 3, "spark.ui.enabled": False})
found = {
    "kind": type(spark).__module__,
    "name": spark.conf.get("spark.app.name"),
    "partitions": spark.conf.get("spark.sql.shuffle.partitions"),
    "extensions": spark.conf.get("spark.sql.extensions", None),
    "rows": spark.range(4).count(),
    "again": build_spark("other") is spark,
}
"""
CONNECT = f"""
import warnings

own = {{
    "spark.jars.packages": "{DELTA}",
    "spark.jars.ivy": sys.argv[1],
    "spark.databricks.delta.snapshotPartitions": 1,
    "spark.sql.extensions": "{DELTA_EXTENSION}",
}}
spark = build_spark(extra_configs=own)
spark.range(4).write.format("delta").save(sys.argv[2])
spark.sql("CREATE TABLE trips (id BIGINT) USING delta")
found = {{
    "kind": type(spark).__module__,
    "extensions": spark.conf.get("spark.sql.extensions"),
    "catalog": spark.conf.get("spark.sql.catalog.spark_catalog"),
    "rows": spark.read.format("delta").load(sys.argv[2]).count(),
    "table": spark.table("trips").columns,
}}
# Spark says which settings of a second call come too late; without own ones these are the defaults.
with warnings.catch_warnings(record=True) as late:
    warnings.simplefilter("always")
    assert build_spark() is spark
found["late"] = ["{DELTA_EXTENSION},{HUDI_EXTENSION}" in str(line.message) for line in late]
"""


@pytest.fixture(scope="session")
def python() -> Path:
    """An interpreter that has pyspark."""
    return environments.spark()


def run(python: Path, script: str, folder: Path, *arguments: object, **variables: str) -> Any:
    script = (
        "import json, sys\nfrom hopsworks.spark import build_spark\n"
        f"{script}\nspark.stop()\nprint()\nprint(json.dumps(found))\n"
    )
    kept = {name: os.environ[name] for name in ("PATH", "JAVA_HOME") if name in os.environ}
    done = subprocess.run(
        [str(python), "-c", script, *map(str, arguments)],
        env=kept
        | {"HOME": str(folder), "PYTHONPATH": str(ROOT), "SPARK_LOCAL_IP": "127.0.0.1"}
        | variables,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


@pytest.mark.timeout(900)
def test_a_plain_session_has_the_settings_of_the_caller_only(python: Path, tmp_path: Path) -> None:
    assert run(python, PLAIN, tmp_path) == {
        "kind": "pyspark.sql.session",
        "name": "daily features",
        "partitions": "3",
        "extensions": None,
        "rows": 4,
        "again": True,
    }


@pytest.mark.timeout(900)
def test_a_session_of_spark_connect_reads_and_writes_delta(python: Path, tmp_path: Path) -> None:
    found = run(
        python,
        CONNECT,
        tmp_path,
        environments.CACHE / "ivy",
        tmp_path / "table",
        SPARK_REMOTE="local",
    )
    assert found == {
        "kind": "pyspark.sql.connect.session",
        "extensions": DELTA_EXTENSION,
        "catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "rows": 4,
        "table": ["id"],
        "late": [True],
    }


def test_without_pyspark_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'hopsworks\[spark\]'"):
        build_spark()
    assert hopsworks.build_spark is build_spark


@pytest.mark.parametrize(
    ("configs", "words"),
    [
        ("spark.ui.enabled", "extra_configs is of type str"),
        ({1: "x"}, "Names of Spark settings are text"),
        ({"spark.jars": ["a.jar"]}, r"'spark.jars': \['a.jar'\]"),
    ],
)
def test_settings_that_cannot_be(configs: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        build_spark("name", configs)
