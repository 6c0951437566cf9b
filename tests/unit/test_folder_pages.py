"""Folders whose listing comes in pages that are shorter than was asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scripted_cluster import PROJECT, answer, cluster

from tests.scripted_server import Step

LISTING = (
    "GET /dataset/Resources%2Fd?action=listing&offset={}&limit=1000&sort_by=ID%3Aasc&expand=inodes"
)


def page(offset: int, count: int, *names: str) -> Step:
    items = [
        {"attributes": {"path": f"/Projects/demo/Resources/d/{name}", "dir": False, "size": 1}}
        for name in names
    ]
    return answer(LISTING.format(offset), {"count": count, "items": items})


def content(name: str) -> Step:
    place = f"{PROJECT}/dataset/download/with_auth/Resources%2Fd%2F{name}?type=DATASET"
    return Step(f"GET {place}", body=name.encode())


@pytest.mark.parametrize("count", [2, 5])
def test_a_folder_is_read_to_its_end(tmp_path: Path, count: int) -> None:
    pages = [page(0, count, "a"), page(1, count, "b")]
    if count > 2:  # more than there are: an empty page is the end too
        pages.append(page(2, count))
    steps = [
        answer("GET /dataset/Resources%2Fd", {"attributes": {"path": "x", "dir": True}}),
        *pages,
        content("a"),
        content("b"),
    ]
    with cluster(*steps, ordered=False) as (project, _):  # files come side by side
        project.get_dataset_api().download("Resources/d", str(tmp_path))
    assert {path.name: path.read_text() for path in (tmp_path / "d").iterdir()} == {
        "a": "a",
        "b": "b",
    }


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"limit": "x"}, TypeError, "limit must be a whole number, not 'x'"),
        ({"limit": 1.5}, TypeError, "limit must be a whole number"),
        ({"offset": None}, TypeError, "offset must be a whole number, not None"),
        ({"offset": -1}, ValueError, "offset must not be below 0, it is -1"),
        ({"limit": True}, TypeError, "limit must be a whole number"),
        ({"path": 5}, TypeError, "path is of type int, not str"),
        ({"path": None}, TypeError, "path is of type NoneType, not str"),
    ],
)
def test_a_listing_of_the_wrong_kind_is_not_asked_for(
    arguments: dict[str, Any], error: type[Exception], said: str
) -> None:
    with cluster() as (project, server):
        with pytest.raises(error, match=said):
            project.get_dataset_api().list(**{"path": "Resources/d", **arguments})
        assert server.requests == []
