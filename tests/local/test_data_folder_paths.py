"""Data folders with unusual paths: the whole job works in them, or they are refused by name."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import hopsworks
from hopsworks.local import lifecycle, lock

ROWS = pd.DataFrame(
    {
        "id": [1, 2, 3],
        "city": ["a b", "ü%", "a b"],
        "price": [0.1, 0.2, 0.3],
        "ts": pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03"]),
    }
)


@pytest.fixture(params=["dätä and spaces", "what? 100% #1 {x} *&+'=\"$"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / request.param
    yield folder
    lifecycle.stop(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("partition_key", [[], ["city"]])
def test_rows_are_written_and_read(folder: Path, partition_key: list[str]) -> None:
    with hopsworks.connection(host=f"local:{folder}") as connection:
        project = connection.get_project("local")
        store = project.get_feature_store()
        group = store.create_feature_group(
            "sales", 1, primary_key=["id"], event_time="ts", partition_key=partition_key
        )
        group.insert(ROWS)
        group.insert(ROWS.assign(price=[1.0, 2.0, 3.0]))
        read = group.read().sort_values("id", ignore_index=True)
        assert read.price.tolist() == [1.0, 2.0, 3.0]
        assert read.city.tolist() == ROWS.city.tolist()

        view = store.create_feature_view("sales", group.select_all(), version=1, labels=["price"])
        for data_format in ("parquet", "csv"):
            version, _ = view.create_train_test_split(test_size=0.3, data_format=data_format)
            train, test, _, _ = view.get_train_test_split(version)
            assert len(train) + len(test) == 3


def test_a_refused_write_leaves_the_committed_files(folder: Path) -> None:
    from hopsworks.local.offline_store import OfflineTable

    table = OfflineTable(folder / "sales_1", [{"name": "id", "type": "bigint"}], None)
    import pyarrow as pa

    table.append(pa.table({"id": [1, 2]}), "11111111-1111-1111-1111-111111111111")
    files = table.snapshot().files
    left_behind = table.folder / "part-of-a-failed-write.parquet"
    left_behind.write_bytes(b"half")
    table.discard_since(0.0)
    assert table.snapshot().files == files
    assert all(Path(file).is_file() for file in files)
    assert not left_behind.exists()


@pytest.mark.parametrize("name", ["a[b", "a]b", "a\\b", "a^b", "a|b", "a%20b", "a\nb"])
def test_paths_that_delta_cannot_have_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(lock.DataFolderError, match="Delta tables cannot have") as caught:
        lifecycle.ensure_running(tmp_path / name)
    assert "HOPSWORKS_LOCAL_DATA" in str(caught.value)
    assert not (tmp_path / name).exists()
