"""Uploads to a server that follows a script: what is sent for a chunk, what is sent again, and what is not."""

import json
import os
import re

import pytest

import hopsworks
from hopsworks.client.exceptions import (
    DatasetException,
    ForbiddenError,
    QuotaExceededError,
    RestAPIError,
    ServiceUnreachableError,
)
from tests.scripted_server import ScriptedServer, Step

API = "/hopsworks-api/api"
LOGIN = [
    Step(f"GET {API}/variables/versions", body=b'[{"software": "hopsworks", "version": "5.2.1"}]'),
    Step(f"GET {API}/project/getProjectInfo/demo", body=b'{"projectId": 7, "projectName": "demo"}'),
]
NOT_THERE = Step(
    f"GET {API}/project/7/dataset/Resources%2Fx.bin",
    status=400,
    body=b'{"errorCode": 110018, "errorMsg": "no path"}',
)
THERE = Step(f"GET {API}/project/7/dataset/Resources%2Fx.bin", body=b'{"attributes": {"size": 3}}')
CHUNK = f"POST {API}/project/7/dataset/upload/Resources"
TAKEN = Step(CHUNK, body=b'{"successMessage": "Uploading..."}')


@pytest.fixture(autouse=True)
def key(monkeypatch):
    for name in list(os.environ):
        if name.startswith("HOPSWORKS_") and name != "HOPSWORKS_LOCAL_DATA":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOPSWORKS_API_KEY", "prefix.secret")
    yield
    hopsworks.logout()


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "x.bin"
    path.write_bytes(bytes(range(256)) * 10)
    return path


def upload(server, source, **kwargs):
    datasets = hopsworks.login(
        host=f"http://127.0.0.1:{server.port}", project="demo"
    ).get_dataset_api()
    options = {"chunk_retry_interval": 0.01, "simultaneous_chunks": 1, **kwargs}
    return datasets.upload(source, "Resources", **options)


def parts(request):
    """The form of a request as pairs of name and content, in the order sent."""
    boundary = re.fullmatch(
        r"multipart/form-data; boundary=(\S+)", request.headers["content-type"]
    )[1].encode()
    pieces = request.body.split(b"--" + boundary)
    assert pieces[0] == b""
    assert pieces[-1] == b"--\r\n"
    found = []
    for piece in pieces[1:-1]:
        head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        found.append((head.decode(), content.removesuffix(b"\r\n")))
    return found


def test_the_form_of_a_chunk(source):
    with ScriptedServer([*LOGIN, NOT_THERE, *[TAKEN] * 3]) as server:
        assert upload(server, source, chunk_size=1000) == "Resources/x.bin"
    chunks = [parts(request) for request in server.requests if request.verb == "POST"]
    names = [
        "templateId",
        "flowChunkSize",
        "flowTotalSize",
        "flowIdentifier",
        "flowFilename",
        "flowRelativePath",
    ]
    names += ["flowTotalChunks", "flowCurrentChunkSize", "flowChunkNumber"]
    content = b""
    for number, (chunk, size) in enumerate(zip(chunks, (1000, 1000, 560), strict=True), 1):
        values = ["-1", "1000", "2560", "2560_x.bin", "x.bin", "x.bin", "3", str(size), str(number)]
        expected = [
            (f'Content-Disposition: form-data; name="{name}"', value.encode())
            for name, value in zip(names, values, strict=True)
        ]
        assert chunk[:-1] == expected
        assert chunk[-1][0] == 'Content-Disposition: form-data; name="file"; filename="x.bin"'
        content += chunk[-1][1]
    assert content == source.read_bytes()


def test_an_empty_file_is_one_request(source):
    source.write_bytes(b"")
    with ScriptedServer([*LOGIN, NOT_THERE, TAKEN]) as server:
        upload(server, source)
    values = [content for _, content in parts(server.requests[-1])]
    assert values[2] == b"0"
    assert values[6:] == [b"0", b"0", b"1", b""]


def test_a_passing_refusal_is_repeated_with_the_same_content(source):
    steps = [
        *LOGIN,
        NOT_THERE,
        Step(CHUNK, status=503),
        Step(CHUNK, reset="request"),
        Step(CHUNK, status=429),
        TAKEN,
    ]
    with ScriptedServer(steps) as server:
        upload(server, source)
    bodies = [parts(request) for request in server.requests if request.verb == "POST"]
    assert len(bodies) == 4
    assert all(body == bodies[0] for body in bodies)


def test_the_time_that_the_server_asks_for_is_given(source):
    steps = [*LOGIN, NOT_THERE, Step(CHUNK, status=503, headers={"Retry-After": "1"}), TAKEN]
    with ScriptedServer(steps) as server:
        upload(server, source)
    first, second = (request.at for request in server.requests if request.verb == "POST")
    assert second - first >= 0.9


@pytest.mark.parametrize(("retries", "requests"), [(0, 1), (1, 4), (5, 6)])
def test_repetitions_end(source, retries, requests):
    steps = [*LOGIN, NOT_THERE, *[Step(CHUNK, status=503)] * requests]
    with ScriptedServer(steps) as server, pytest.raises(RestAPIError) as caught:
        upload(server, source, max_chunk_retries=retries, chunk_retry_interval=0.001)
    assert caught.value.response.status_code == 503


@pytest.mark.parametrize("status", [400, 403, 404, 413, 415, 500, 501])
def test_a_lasting_refusal_of_the_first_chunk_ends_the_upload(source, status):
    with ScriptedServer(
        [*LOGIN, NOT_THERE, Step(CHUNK, status=status, body=b'{"errorCode": 1}')]
    ) as server:
        with pytest.raises(RestAPIError) as caught:
            upload(server, source, chunk_size=100, simultaneous_chunks=4)
    assert caught.value.response.status_code == status
    assert caught.value.response.json() == {"errorCode": 1}
    assert "/project/7/dataset/upload/Resources" in caught.value.url


@pytest.mark.parametrize(
    ("code", "cause", "words"),
    [
        (110055, QuotaExceededError, "storage of the cluster is full"),
        (110056, ForbiddenError, "does not allow uploads"),
    ],
)
def test_refusals_with_a_remedy_are_explained(source, code, cause, words):
    status = 500 if code == 110055 else 403
    refusal = Step(CHUNK, status=status, body=json.dumps({"errorCode": code}).encode())
    with (
        ScriptedServer([*LOGIN, NOT_THERE, refusal]) as server,
        pytest.raises(DatasetException, match=words) as caught,
    ):
        upload(server, source)
    assert isinstance(caught.value.__cause__, cause)
    assert "dministrator" in str(caught.value)


def test_a_lost_server_is_named(source):
    steps = [*LOGIN, NOT_THERE, *[Step(CHUNK, reset="request")] * 4]
    with ScriptedServer(steps) as server, pytest.raises(ServiceUnreachableError) as caught:
        upload(server, source)
    assert f":{server.port}" in str(caught.value)


def test_the_old_content_goes_only_when_the_new_is_complete(source, monkeypatch):
    import secrets

    monkeypatch.setattr(secrets, "token_hex", lambda count: "ab" * count)
    part = "Resources%2Fx.bin.abababab.part"
    steps = [
        *LOGIN,
        THERE,
        TAKEN,
        Step(f"DELETE {API}/project/7/dataset/Resources%2Fx.bin", status=204),
        Step(
            f"POST {API}/project/7/dataset/{part}?action=move&destination_path=Resources%2Fx.bin",
            status=204,
        ),
    ]
    with ScriptedServer(steps) as server:
        upload(server, source, overwrite=True)
    assert (
        dict(parts(server.requests[3]))['Content-Disposition: form-data; name="flowFilename"']
        == b"x.bin.abababab.part"
    )


def test_a_failed_overwrite_removes_its_part_and_keeps_the_old_content(source, monkeypatch):
    import secrets

    monkeypatch.setattr(secrets, "token_hex", lambda count: "ab" * count)
    part = "Resources%2Fx.bin.abababab.part"
    steps = [
        *LOGIN,
        THERE,
        Step(CHUNK, status=403, body=b'{"errorCode": 110050}'),
        Step(f"DELETE {API}/project/7/dataset/{part}", status=400, body=b'{"errorCode": 110018}'),
    ]
    with ScriptedServer(steps) as server, pytest.raises(ForbiddenError):
        upload(server, source, overwrite=True)


def test_new_content_that_cannot_be_put_in_place_is_named(source, monkeypatch):
    import secrets

    monkeypatch.setattr(secrets, "token_hex", lambda count: "ab" * count)
    part = "Resources%2Fx.bin.abababab.part"
    steps = [
        *LOGIN,
        THERE,
        TAKEN,
        Step(f"DELETE {API}/project/7/dataset/Resources%2Fx.bin", status=204),
        Step(
            f"POST {API}/project/7/dataset/{part}?action=move&destination_path=Resources%2Fx.bin",
            status=403,
            body=b"{}",
        ),
    ]
    with (
        ScriptedServer(steps) as server,
        pytest.raises(DatasetException, match=r"is at Resources/x\.bin\.abababab\.part"),
    ):
        upload(server, source, overwrite=True)


def dataset_api(server):
    return hopsworks.login(host=f"http://127.0.0.1:{server.port}", project="demo").get_dataset_api()


def test_permissions_are_sent_as_asked():
    answer = Step(
        f"PUT {API}/project/7/dataset/Resources?action=PERMISSION&permissions=READ_ONLY",
        body=b'{"name": "Resources"}',
    )
    with ScriptedServer([*LOGIN, answer]) as server:
        assert dataset_api(server).chmod("Resources", "READ_ONLY") == {"name": "Resources"}


def test_datasets_are_shared_and_taken_back():
    base = f"{API}/project/7/dataset/Resources"
    steps = [
        *LOGIN,
        Step(f"POST {base}?action=SHARE&target_project=other&permission=EDITABLE", status=204),
        Step(f"DELETE {base}?action=UNSHARE&target_project=other", status=204),
        Step(
            f"POST {base}?action=SHARE&target_project=other&permission=READ_ONLY",
            status=403,
            body=b"{}",
        ),
    ]
    with ScriptedServer(steps) as server:
        datasets = dataset_api(server)
        datasets.share("Resources", "other", "EDITABLE")
        datasets.unshare("Resources", "other")
        with pytest.raises(PermissionError, match="Data owner in project demo"):
            datasets.share("Resources", "other")
        with pytest.raises(ValueError, match="WRITE"):
            datasets.share("Resources", "other", "WRITE")
        with pytest.raises(ValueError, match="target_project is empty"):
            datasets.unshare("Resources", "")


def test_an_archive_is_waited_for(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    base = f"{API}/project/7/dataset/Resources%2F"
    steps = [
        *LOGIN,
        Step(
            f"POST {base}model?action=zip&destination_path=Logs&destination_type=DATASET",
            status=204,
        ),
        Step(
            f"GET {API}/project/7/dataset/Logs%2Fmodel.zip",
            status=404,
            body=b'{"errorCode": 110018}',
        ),
        Step(f"GET {base}model", body=b'{"zipState": "ZIPPING"}'),
        Step(f"GET {API}/project/7/dataset/Logs%2Fmodel.zip", body=b'{"attributes": {}}'),
        Step(f"GET {base}model", body=b'{"zipState": "ZIPPING"}'),
        Step(f"GET {API}/project/7/dataset/Logs%2Fmodel.zip", body=b'{"attributes": {}}'),
        Step(f"GET {base}model", body=b'{"zipState": "NONE"}'),
        Step(f"POST {base}model.tar.gz?action=unzip", status=204),
        Step(f"GET {base}model", body=b'{"attributes": {}}'),
        Step(f"GET {base}model.tar.gz", body=b'{"zipState": "NONE"}'),
        Step(f"POST {base}model?action=zip", status=204),
        Step(f"GET {base}model.zip", status=404, body=b'{"errorCode": 110018}'),
        Step(f"GET {base}model", body=b'{"zipState": "ZIPPING"}'),
        Step(f"POST {base}model?action=zip", status=204),
    ]
    with ScriptedServer(steps) as server:
        datasets = dataset_api(server)
        assert datasets.zip("Resources/model", "Logs", block=True) is True
        assert datasets.unzip("Resources/model.tar.gz", block=True) is True
        assert datasets.zip("Resources/model", block=True, timeout=0) is False
        assert datasets.zip("Resources/model") is True
