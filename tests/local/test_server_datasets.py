"""Datasets of the local server over plain HTTP: files, folders, chunks, ranges."""

from __future__ import annotations

import hashlib
import os
import random
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest


def _path(text: str) -> str:
    # httpx removes dot segments unless they are escaped.
    return quote(text, safe="").replace("..", "%2E%2E")


def _chunk(api, folder, name, number, total_chunks, chunk_size, total, content, **changes):
    fields = {
        "templateId": "-1",
        "flowChunkSize": str(chunk_size),
        "flowTotalSize": str(total),
        "flowIdentifier": f"{total}_{name}",
        "flowFilename": name,
        "flowRelativePath": name,
        "flowTotalChunks": str(total_chunks),
        "flowCurrentChunkSize": str(len(content)),
        "flowChunkNumber": str(number),
    } | changes
    fields = {k: v for k, v in fields.items() if v is not None}
    return api.send(
        "POST",
        f"{api.p}/dataset/upload/{_path(folder)}",
        data=fields,
        files={"file": (name, content)},
    )


def _upload(api, folder, name, content, chunk_size=1000, order=None):
    pieces = [content[i : i + chunk_size] for i in range(0, len(content), chunk_size)] or [b""]
    total = 0 if not content else len(pieces)
    numbers = order or range(1, len(pieces) + 1)
    return [
        _chunk(api, folder, name, n, total, chunk_size, len(content), pieces[n - 1])
        for n in numbers
    ]


def test_stat_of_dataset_and_folder(api) -> None:
    dataset = api.call("GET", f"{api.p}/dataset/Resources")
    assert dataset["datasetType"] == "DATASET"
    assert dataset["zipState"] == "NONE"
    assert dataset["attributes"]["path"] == f"/Projects/{api.name}/Resources"
    made = api.call(
        "POST", f"{api.p}/dataset/{_path('Resources/a b')}?action=create&searchable=true", 201
    )
    assert made["attributes"]["path"] == f"/Projects/{api.name}/Resources/a b"
    for spelling in (
        "Resources/a b",
        "/Resources/a b",
        f"/Projects/{api.name}/Resources/a b",
        f"hdfs://rpc.namenode:8020/Projects/{api.name}/Resources/a b",
        f"{api.name}::Resources/a b",
        f"//Projects/{api.name}//Resources/a b/",
    ):
        found = api.call("GET", f"{api.p}/dataset/{_path(spelling)}")
        assert found["attributes"]["dir"] is True
        assert found["attributes"]["path"] == f"/Projects/{api.name}/Resources/a b"
        assert "datasetType" not in found


def test_what_is_missing(api) -> None:
    assert api.error("GET", f"{api.p}/dataset/Nothing") == (400, 110011)
    assert api.error("GET", f"{api.p}/dataset/{_path('Nothing/x')}") == (400, 110011)
    assert api.error("GET", f"{api.p}/dataset/{_path('Resources/x')}") == (400, 110018)
    assert api.error("DELETE", f"{api.p}/dataset/{_path('Resources/x')}") == (400, 110018)
    assert api.error("GET", "project/999999/dataset/Resources") == (404, 150004)
    assert api.error("GET", f"{api.p}/dataset/{_path('/Projects/other/Resources')}")[1] == 110011


@pytest.mark.parametrize(
    "path", ["..", "../local/Resources", "Resources/../../local", "Resources/../../../api.key"]
)
def test_no_way_out_by_dots(api, path: str) -> None:
    assert api.error("GET", f"{api.p}/dataset/{_path(path)}") == (403, 110050)
    assert api.error("DELETE", f"{api.p}/dataset/{_path(path)}") == (403, 110050)
    verb = f"{api.p}/dataset/Resources?action=copy&destination_path={_path(path)}"
    assert api.error("POST", verb) == (403, 110050)


def test_no_way_out_by_links(api, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    (api.folder / "Resources" / "link").symlink_to(tmp_path)
    for path in ("Resources/link", "Resources/link/secret"):
        assert api.error("GET", f"{api.p}/dataset/{_path(path)}") == (403, 110050)
        assert api.error("GET", f"{api.p}/dataset/download/with_auth/{_path(path)}")[0] == 403
    response = _upload(api, "Resources/link", "new", b"y")[0]
    assert response.status_code == 403
    assert sorted(os.listdir(tmp_path)) == ["secret"]


def test_new_folder_errors(api) -> None:
    api.call("POST", f"{api.p}/dataset/{_path('Resources/f')}?action=CREATE", 201)
    again = f"{api.p}/dataset/{_path('Resources/f')}?action=create"
    assert api.error("POST", again) == (400, 110047)
    assert api.error("POST", f"{api.p}/dataset/Resources?action=create") == (400, 110012)
    deep = f"{api.p}/dataset/{_path('Resources/no/such')}?action=create"
    assert api.error("POST", deep) == (422, 120001)
    assert api.error("POST", f"{api.p}/dataset/Tags?action=create") == (400, 110028)
    api.call("POST", f"{api.p}/dataset/Mine?action=create&type=DATASET", 201)
    assert api.call("GET", f"{api.p}/dataset/Mine")["datasetType"] == "DATASET"


def test_listing_pages_and_order(api) -> None:
    for number in range(7):
        _upload(api, "Resources", f"f{number}", b"x" * (7 - number))

    def names(query: str) -> list[str]:
        found = api.call("GET", f"{api.p}/dataset/Resources?action=listing&{query}")
        assert found["count"] == 7
        return [item["attributes"]["name"] for item in found["items"]]

    assert names("sort_by=NAME:desc&offset=0&limit=3") == ["f6", "f5", "f4"]
    assert names("sort_by=NAME%3Aasc&offset=5&limit=1000") == ["f5", "f6"]
    assert names("sort_by=SIZE:asc&limit=2&expand=inodes") == ["f6", "f5"]
    assert names("offset=7") == []
    assert len(names("sort_by=ID:asc")) == 7
    bad = f"{api.p}/dataset/Resources?action=listing&sort_by=COLOUR"
    assert api.error("GET", bad) == (404, 310000)
    datasets = api.call("GET", f"{api.p}/dataset/?action=listing&sort_by=NAME:asc")["items"]
    assert {"Logs", "Models", "Deployments", "Resources"} <= {d["name"] for d in datasets}
    kinds = {"Featurestore.db": "FEATURESTORE", "Models": "MODELREGISTRY"}
    for dataset in datasets:
        assert dataset["datasetType"] == kinds.get(dataset["name"], "DATASET")
        assert dataset["attributes"]["path"] == f"/Projects/{api.name}/{dataset['name']}"


def test_upload_in_any_order_and_download(api) -> None:
    content = random.Random(1).randbytes(10_500)
    staged = set((api.folder.parents[1] / "staging").iterdir())
    answers = _upload(api, "Resources", "ü r.bin", content, order=[11, 3, 1, 2, 10, 4, 5, 9, 8, 7])
    assert {a.status_code for a in answers} == {200}
    assert not (api.folder / "Resources" / "ü r.bin").exists()
    last = _chunk(api, "Resources", "ü r.bin", 6, 11, 1000, 10_500, content[5000:6000])
    assert "uploaded" in last.json()["successMessage"]
    assert (api.folder / "Resources" / "ü r.bin").read_bytes() == content
    response = api.send(
        "GET", f"{api.p}/dataset/download/with_auth/{_path('Resources/ü r.bin')}?type=DATASET"
    )
    assert response.content == content
    assert response.headers["content-length"] == "10500"
    assert "attachment" in response.headers["content-disposition"]
    assert set((api.folder.parents[1] / "staging").iterdir()) <= staged


def test_upload_in_parallel(api) -> None:
    content = random.Random(2).randbytes(3_000_001)
    size = 100_000
    pieces = [content[i : i + size] for i in range(0, len(content), size)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(
                lambda n: _chunk(
                    api, "Resources", "p", n, len(pieces), size, len(content), pieces[n - 1]
                ),
                range(1, len(pieces) + 1),
            )
        )
    assert {a.status_code for a in answers} == {200}
    assert (api.folder / "Resources" / "p").read_bytes() == content


def test_empty_file(api) -> None:
    assert _upload(api, "Resources", "empty", b"")[0].status_code == 200
    assert (api.folder / "Resources" / "empty").read_bytes() == b""
    url = f"{api.p}/dataset/download/with_auth/{_path('Resources/empty')}"
    assert api.send("GET", url).content == b""


def test_chunk_sent_again_counts_once(api) -> None:
    content = bytes(range(250)) * 12
    for number in (1, 1, 2, 2):
        part = content[(number - 1) * 1000 : number * 1000]
        assert _chunk(api, "Resources", "r", number, 3, 1000, 3000, part).status_code == 200
    assert not (api.folder / "Resources" / "r").exists()
    for _ in range(2):
        # The second is a repetition after a lost answer.
        last = _chunk(api, "Resources", "r", 3, 3, 1000, 3000, content[2000:])
        assert "uploaded" in last.json()["successMessage"]
    assert (api.folder / "Resources" / "r").read_bytes() == content


def test_other_content_of_an_abandoned_upload_never_mixes(api) -> None:
    old, new = b"o" * 3000, b"n" * 3000
    _upload(api, "Resources", "m", old, order=[1, 3])
    _upload(api, "Resources", "m", new, order=[1, 2])
    assert not (api.folder / "Resources" / "m").exists()
    _upload(api, "Resources", "m", new, order=[3])
    assert (api.folder / "Resources" / "m").read_bytes() == new


def test_existing_file_is_not_overwritten(api) -> None:
    _upload(api, "Resources", "keep", b"old")
    answer = _upload(api, "Resources", "keep", b"newer")[0]
    assert (answer.status_code, answer.json()["errorCode"]) == (400, 110012)
    assert (api.folder / "Resources" / "keep").read_bytes() == b"old"


@pytest.mark.parametrize(
    "changes",
    [
        {"flowTotalSize": None},
        {"flowChunkNumber": "x"},
        {"flowChunkNumber": "4"},
        {"flowChunkNumber": "0"},
        {"flowTotalChunks": "10001"},
        {"flowCurrentChunkSize": "2"},
        {"flowCurrentChunkSize": "4"},
        {"flowFilename": "../x"},
        {"flowFilename": ""},
    ],
)
def test_wrong_upload_fields(api, changes) -> None:
    answer = _chunk(api, "Resources", "w", 1, 3, 3, 9, b"abc", **changes)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, 110042)
    assert os.listdir(api.folder / "Resources") == []


def test_upload_needs_its_folder_and_a_form(api) -> None:
    answer = _upload(api, "Resources/no", "x", b"1")[0]
    assert (answer.status_code, answer.json()["errorCode"]) == (400, 110018)
    answer = _upload(api, "Nothing", "x", b"1")[0]
    assert answer.json()["errorCode"] == 110011 or answer.json()["errorCode"] == 110018
    assert api.error("POST", f"{api.p}/dataset/upload/Resources", json={"a": 1}) == (400, 110042)


def test_client_that_leaves_mid_chunk_leaves_nothing(api) -> None:
    head = (
        f"POST /hopsworks-api/api/{api.p}/dataset/upload/Resources HTTP/1.1\r\nhost: x\r\n"
        "content-type: multipart/form-data; boundary=BB\r\ncontent-length: 5000\r\n\r\n"
    )
    fields = "".join(
        f'--BB\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'
        for n, v in (
            ("flowChunkSize", 4000),
            ("flowTotalSize", 4000),
            ("flowIdentifier", "4000_g"),
            ("flowFilename", "g"),
            ("flowTotalChunks", 1),
            ("flowCurrentChunkSize", 4000),
            ("flowChunkNumber", 1),
        )
    )
    part = '--BB\r\nContent-Disposition: form-data; name="file"; filename="g"\r\n\r\n'
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(api.address.socket)
        client.sendall((head + fields + part).encode() + b"z" * 1000)
    assert _upload(api, "Resources", "g", b"y" * 4000, chunk_size=4000)[0].status_code == 200
    assert (api.folder / "Resources" / "g").read_bytes() == b"y" * 4000


def test_ranges(api) -> None:
    content = random.Random(3).randbytes(100_000)
    _upload(api, "Resources", "r", content, chunk_size=100_000)
    url = f"{api.p}/dataset/download/with_auth/{_path('Resources/r')}"

    def get(text: str, **more):
        return api.send("GET", url, headers={"range": text} | more)

    tag = api.send("GET", url).headers["etag"]
    for text, part in (
        ("bytes=0-9", content[:10]),
        ("bytes=50000-", content[50_000:]),
        ("bytes=-7", content[-7:]),
        ("bytes=99999-200000", content[-1:]),
    ):
        answer = get(text)
        assert answer.status_code == 206
        assert answer.content == part
    assert get("bytes=10-19").headers["content-range"] == "bytes 10-19/100000"
    assert get("bytes=10-", **{"if-range": tag}).status_code == 206
    assert get("bytes=10-", **{"if-range": '"other"'}).content == content
    assert get("lines=1-2").content == content
    outside = get("bytes=100000-")
    assert outside.status_code == 416
    assert outside.headers["content-range"] == "bytes */100000"
    assert outside.json()["errorCode"] == 110021


def test_download_of_a_folder_or_nothing(api) -> None:
    base = f"{api.p}/dataset/download/with_auth/"
    assert api.error("GET", base + "Resources") == (400, 110021)
    assert api.error("GET", base + _path("Resources/none")) == (400, 110018)


def test_copy_move_delete(api) -> None:
    api.call("POST", f"{api.p}/dataset/{_path('Resources/d')}?action=create", 201)
    _upload(api, "Resources/d", "f", b"content")
    base = f"{api.p}/dataset/"
    source = _path("Resources/d")

    def to(action: str, destination: str, path: str = source) -> str:
        return f"{base}{path}?action={action}&destination_path={_path(destination)}"

    api.call("POST", to("copy", "Resources/e"), 204)
    assert (api.folder / "Resources/e/f").read_bytes() == b"content"
    api.call("POST", to("MOVE", f"/Projects/{api.name}/Logs/g", _path("Resources/e")), 204)
    assert not (api.folder / "Resources/e").exists()
    assert (api.folder / "Logs/g/f").read_bytes() == b"content"
    assert api.error("POST", to("copy", "Logs/g")) == (400, 110012)
    assert api.error("POST", to("move", "Logs/g")) == (400, 110012)
    assert api.error("POST", to("move", "Resources/no/x")) == (400, 110018)
    assert api.error("POST", to("move", "Resources/d/inside")) == (400, 110001)
    assert api.error("POST", to("copy", "x", _path("Resources/none"))) == (400, 110018)
    assert api.error("POST", f"{base}{source}?action=copy") == (422, 120001)
    assert api.error("POST", f"{base}{source}?action=fold") == (404, 310000)
    api.call("DELETE", base + source, 204)
    assert not (api.folder / "Resources/d").exists()
    data = api.folder.parents[1]
    deadline = time.monotonic() + 5
    while list((data / "trash").iterdir()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert list((data / "trash").iterdir()) == []


def test_many_readers_at_once(api) -> None:
    content = random.Random(4).randbytes(5_000_000)
    _upload(api, "Resources", "big", content, chunk_size=5_000_000)
    expected = hashlib.sha256(content).digest()
    url = f"{api.p}/dataset/download/with_auth/{_path('Resources/big')}"
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda _: hashlib.sha256(api.send("GET", url).content).digest(), range(16))
        assert set(found) == {expected}


def test_reader_that_leaves_does_no_harm(api) -> None:
    _upload(api, "Resources", "big", b"q" * 20_000_000, chunk_size=20_000_000)
    url = f"/hopsworks-api/api/{api.p}/dataset/download/with_auth/{_path('Resources/big')}"

    def leave() -> None:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(api.address.socket)
            client.sendall(f"GET {url} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
            client.recv(100_000)

    threads = [threading.Thread(target=leave) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert api.call("GET", "variables/versions")[0]["software"] == "hopsworks"
    assert len(api.send("GET", url).content) == 20_000_000
