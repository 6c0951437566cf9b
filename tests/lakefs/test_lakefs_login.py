"""Log-in with an identity of AWS, and with the code of an identity provider."""

from __future__ import annotations

import base64
import datetime
import json
import os
import subprocess
import sys
import threading
import traceback
import urllib.parse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from lakefs_server import LakeFSServer
from moto import mock_aws

from hopsworks import _native, lakefs
from hopsworks.lakefs import auth, aws_credentials, exceptions
from hopsworks.lakefs.aws_credentials import Credentials as OwnCredentials
from hopsworks.lakefs.client import from_aws_role, from_web_identity
from hopsworks.lakefs.config import ClientConfig

Patch = pytest.MonkeyPatch
DATE = "20260102T030405Z"
LOGIN = "POST /auth/external/principal/login"
IAM = "LAKECTL_CREDENTIALS_PROVIDER_TYPE"


@pytest.fixture
def keys(monkeypatch: Patch) -> dict[str, str]:
    """Credentials of AWS in the environment."""
    found = {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        "AWS_SESSION_TOKEN": "the/session+token==",
        "AWS_REGION": "eu-central-1",
    }
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    return found


def proof_of(server: LakeFSServer) -> dict[str, Any]:
    return server.logins[-1]


def signature_by_botocore(proof: dict[str, Any], secret: str, headers: dict[str, str]) -> str:
    """What AWS's own package signs for the same question."""
    moment = datetime.datetime.strptime(proof["date"], "%Y%m%dT%H%M%SZ").replace(
        tzinfo=datetime.UTC
    )
    credentials = Credentials(proof["access_key_id"], secret, proof["security_token"])
    signer = SigV4QueryAuth(
        credentials, "sts", proof["region"], expires=int(proof["expiration_duration"])
    )
    url = f"https://{proof['host']}/?Action=GetCallerIdentity&Version=2011-06-15"
    request = AWSRequest("POST", url, headers=headers, data={})
    import botocore.auth

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.auth, "get_current_datetime", lambda *_: moment.replace(tzinfo=None))
        signer.add_auth(request)
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(request.url).query)
    assert query["X-Amz-SignedHeaders"][0].split(";") == proof["signed_headers"]
    return query["X-Amz-Signature"][0]


# --- the proof ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "region", "headers"),
    [
        (None, "us-east-1", {"X-LakeFS-Server-ID": "lake.example"}),
        ("a/b+c==", "eu-west-3", {"X-LakeFS-Server-ID": "lake.example"}),
        ("t", "us-east-1", {"X-Two": "2", "A-One": " 1  1 "}),
        (None, "ap-south-2", {}),
    ],
)
def test_the_proof_is_what_aws_signs(token: str | None, region: str, headers: Any) -> None:
    own = headers if headers != {"X-LakeFS-Server-ID": "lake.example"} else None
    credentials = OwnCredentials("AKID", "se/cr+et", token, region)
    text = auth.identity_token(credentials, "lake.example", 60, own, DATE)
    proof = json.loads(base64.b64decode(text))
    signature = proof.pop("signature")
    assert proof == {
        "method": "POST",
        "host": f"sts.{region}.amazonaws.com",
        "region": region,
        "action": "GetCallerIdentity",
        "date": DATE,
        "expiration_duration": "60",
        "access_key_id": "AKID",
        "signed_headers": sorted(["host", *(name.lower() for name in headers)]),
        "version": "2011-06-15",
        "algorithm": "AWS4-HMAC-SHA256",
        "security_token": token,
    }
    assert signature == signature_by_botocore(proof, "se/cr+et", headers)


def test_regions_and_their_services() -> None:
    assert auth.token_service(None) == "sts.amazonaws.com"
    assert auth.token_service("aws-global") == "sts.amazonaws.com"
    assert auth.token_service("cn-north-1") == "sts.cn-north-1.amazonaws.com.cn"
    text = auth.identity_token(OwnCredentials("A", "s"), "h", 1, None, DATE)
    proof = json.loads(base64.b64decode(text))
    assert (proof["region"], proof["host"]) == ("us-east-1", "sts.amazonaws.com")
    text = auth.identity_token(OwnCredentials("A", "s", None, "aws-global"), "h", 1, None, DATE)
    assert json.loads(base64.b64decode(text)) == proof


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"date": "today"}, ValueError),
        ({"query": [("a",)]}, ValueError),
        ({"query": [("a", 1)]}, TypeError),
        ({"headers": 5}, TypeError),
        ({"secret": None}, TypeError),
    ],
)
def test_what_cannot_be_signed(arguments: dict[str, Any], error: type[Exception]) -> None:
    given: dict[str, Any] = {
        "verb": "GET", "path": "/", "query": [], "headers": [], "secret": "s", "date": DATE,
        "region": "r", "service": "s",
    }  # fmt: skip
    assert len(_native.sigv4_signature(**given)) == 64
    with pytest.raises(error):
        _native.sigv4_signature(**{**given, **arguments})
    del given["region"]
    with pytest.raises(TypeError, match="needs secret, date, region and service"):
        _native.sigv4_signature(**given)


# --- clients that log in --------------------------------------------------------------------------------------


def test_a_client_with_a_provider_logs_in(
    server: LakeFSServer, keys: dict[str, str], monkeypatch: Patch
) -> None:
    monkeypatch.setenv("LAKECTL_SERVER_ENDPOINT_URL", server.url)
    monkeypatch.setenv(IAM, "aws_iam")
    before = datetime.datetime.now(datetime.UTC)
    client = lakefs.Client()
    assert server.said() == [LOGIN]
    assert "authorization" not in server.requests[0].headers
    assert server.requests[0].json["token_expiration_duration"] == 3600
    proof = proof_of(server)
    assert proof["signature"] == signature_by_botocore(
        {**proof}, keys["AWS_SECRET_ACCESS_KEY"], {"X-LakeFS-Server-ID": "127.0.0.1"}
    )
    assert (proof["security_token"], proof["region"]) == ("the/session+token==", "eu-central-1")
    assert client.config.access_token == "token-of-AKIDEXAMPLE-1"
    assert client.config.get_auth_type() is ClientConfig.AuthType.IAM
    assert client.reset_time is not None
    due = before + datetime.timedelta(seconds=3600 - 300)
    assert due <= client.reset_time <= due + datetime.timedelta(seconds=10)
    assert lakefs.Repository("lake", client).properties.id == "lake"
    assert server.requests[-1].headers["authorization"] == "Bearer token-of-AKIDEXAMPLE-1"


@pytest.fixture
def iam(server: LakeFSServer, keys: dict[str, str], monkeypatch: Patch) -> lakefs.Client:
    """A client that has logged in."""
    monkeypatch.setenv("LAKECTL_SERVER_ENDPOINT_URL", server.url)
    monkeypatch.setenv(IAM, "aws_iam")
    return lakefs.Client()


def test_it_logs_in_again_when_that_is_due(server: LakeFSServer, iam: lakefs.Client) -> None:
    lake = lakefs.Repository("lake", iam)
    assert lake.metadata == {}
    assert len(server.logins) == 1
    iam.reset_time = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=1)
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(lambda _: lake.metadata, range(12))) == [{}] * 12
    assert len(server.logins) == 2
    later = [r.headers["authorization"] for r in server.requests if r.path.endswith("metadata")]
    assert later == ["Bearer token-of-AKIDEXAMPLE-1", *["Bearer token-of-AKIDEXAMPLE-2"] * 12]
    assert iam.config.access_token == "token-of-AKIDEXAMPLE-2"
    assert iam.reset_time > datetime.datetime.now(datetime.UTC)
    assert server.requests[-1].headers["authorization"] == "Bearer token-of-AKIDEXAMPLE-2"


def test_nobody_asks_with_the_old_token_meanwhile(server: LakeFSServer, iam: lakefs.Client) -> None:
    lake = lakefs.Repository("lake", iam)
    server.tokens.clear()  # it has ended
    iam.reset_time = datetime.datetime.now(datetime.UTC)
    server.fault(LOGIN, delay=0.3)
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(lambda _: lake.metadata, range(6))) == [{}] * 6
    assert len(server.logins) == 2


def test_a_log_in_that_fails_is_due_again(server: LakeFSServer, iam: lakefs.Client) -> None:
    lake = lakefs.Repository("lake", iam)
    iam.reset_time = datetime.datetime.now(datetime.UTC)
    server.fault(LOGIN, status=401, body=b'{"message": "no"}')
    with pytest.raises(exceptions.NotAuthorizedException):
        lake.metadata
    assert lake.metadata == {}
    assert len(server.logins) == 2


def test_clients_without_a_provider_never_log_in(
    server: LakeFSServer, client: lakefs.Client
) -> None:
    with pytest.raises(exceptions.ValidationError, match="reset_time must be a datetime with a ti"):
        client.reset_time = datetime.datetime(2000, 1, 1)
    client.reset_time = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
    assert client.version
    assert server.said() == ["GET /config"]


def test_a_refused_log_in(server: LakeFSServer, keys: dict[str, str], monkeypatch: Patch) -> None:
    monkeypatch.setenv("LAKECTL_SERVER_ENDPOINT_URL", server.url)
    monkeypatch.setenv(IAM, "aws_iam")
    server.fault(LOGIN, status=401, body=b'{"message": "unknown role"}')
    with pytest.raises(exceptions.NotAuthorizedException, match="unknown role"):
        lakefs.Client()


def test_a_log_in_needs_an_endpoint(keys: dict[str, str], monkeypatch: Patch) -> None:
    monkeypatch.setenv(IAM, "aws_iam")
    with pytest.raises(exceptions.ValidationError, match="needs the lakeFS endpoint"):
        lakefs.Client()


def test_a_session_of_boto3(server: LakeFSServer) -> None:
    session = boto3.Session("AKID", "secret", "token", region_name="eu-west-1")
    client = from_aws_role(session, 1800, 30, host=server.url)
    proof = proof_of(server)
    assert (proof["host"], proof["expiration_duration"]) == ("sts.eu-west-1.amazonaws.com", "30")
    assert proof["signature"] == signature_by_botocore(
        {**proof}, "secret", {"X-LakeFS-Server-ID": "127.0.0.1"}
    )
    assert server.requests[0].json["token_expiration_duration"] == 1800
    assert client.config.access_token == "token-of-AKID-1"
    assert client.reset_time is not None
    assert lakefs.Repository("lake", client).properties.id == "lake"


def test_headers_in_place_of_the_server(server: LakeFSServer) -> None:
    session = boto3.Session("AKID", "secret", region_name="eu-west-1")
    from_aws_role(session, additional_headers={"X-Audience": "lake"}, host=server.url)
    proof = proof_of(server)
    assert proof["signed_headers"] == ["host", "x-audience"]
    assert proof["security_token"] is None
    assert proof["signature"] == signature_by_botocore({**proof}, "secret", {"X-Audience": "lake"})


def test_a_role_that_moto_gives(server: LakeFSServer) -> None:
    with mock_aws():
        user = boto3.client("sts", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
        arn = "arn:aws:iam::123456789012:role/reader"
        given = user.assume_role(RoleArn=arn, RoleSessionName="me")["Credentials"]
    session = boto3.Session(
        given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], "us-east-1"
    )
    client = from_aws_role(session, host=server.url)
    assert client.config.access_token == f"token-of-{given['AccessKeyId']}-1"
    assert proof_of(server)["security_token"] == given["SessionToken"]


def test_the_code_of_an_identity_provider(server: LakeFSServer) -> None:
    client = from_web_identity("good", "state", "https://me/back", 60, host=server.url)
    assert server.requests[0].json == {
        "code": "good",
        "state": "state",
        "redirect_uri": "https://me/back",
        "ttl_seconds": 60,
    }
    assert client.config.access_token == "token-of-web"
    assert lakefs.Repository("lake", client).properties.id == "lake"
    with pytest.raises(exceptions.NotAuthorizedException):
        from_web_identity("bad", "state", "https://me/back", host=server.url)


# --- where the credentials come from --------------------------------------------------------------------------


def test_nowhere(home: Path) -> None:
    with pytest.raises(exceptions.NoAuthenticationFound, match="no credentials of AWS: set"):
        aws_credentials.find()
    with pytest.raises(exceptions.NoAuthenticationFound, match="boto3 session has no credentials"):
        aws_credentials.find(_SessionWithout())


class _SessionWithout:
    region_name = None

    def get_credentials(self) -> None:
        return None


def shown(found: OwnCredentials) -> tuple[str | None, ...]:
    return found.access_key, found.secret_key, found.token, found.region


def test_the_environment(keys: dict[str, str]) -> None:
    found = aws_credentials.find()
    assert shown(found) == tuple(keys.values())
    assert keys["AWS_SECRET_ACCESS_KEY"] not in repr(found)


def write(home: Path, name: str, text: str) -> None:
    (home / ".aws").mkdir(exist_ok=True)
    (home / ".aws" / name).write_text(text)


def test_the_shared_files(home: Path, monkeypatch: Patch) -> None:
    write(home, "credentials", "[default]\naws_access_key_id = k1\naws_secret_access_key = s%1\n")
    assert shown(aws_credentials.find()) == ("k1", "s%1", None, None)
    write(
        home,
        "config",
        "[default]\nregion = eu-west-1\n[profile other]\nregion = eu-west-2\n"
        "aws_access_key_id = k2\naws_secret_access_key = s2\naws_session_token = t2\n",
    )
    assert shown(aws_credentials.find()) == ("k1", "s%1", None, "eu-west-1")
    monkeypatch.setenv("AWS_PROFILE", "other")
    assert shown(aws_credentials.find()) == ("k2", "s2", "t2", "eu-west-2")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    assert aws_credentials.find().region == "eu-west-3"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(home / "none"))
    with pytest.raises(exceptions.NoAuthenticationFound):
        aws_credentials.find()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("aws_secret_access_key = hush\n", "line 1 is neither"),
        ("[default]\naws_access_key_id = k\naws_secret_access_key hush\n", "line 3 is neither"),
        ("[default]\nx = hush\nx = hush\n", "line 3 is neither"),
        ("[default]\n[default]\n", "line 2 is neither"),
        ("[default]\nx = \udcff\n", "codec can't decode"),
    ],
)
def test_a_shared_file_that_cannot_be_read(home: Path, text: str, said: str) -> None:
    write(home, "credentials", "")
    (home / ".aws" / "credentials").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(exceptions.LakeFSException, match="credentials cannot be read") as caught:
        aws_credentials.find()
    assert said in str(caught.value)
    assert "hush" not in "".join(traceback.format_exception(caught.value))


def test_boto3_knows_what_needs_more_than_keys(home: Path, monkeypatch: Patch) -> None:
    program = home / "keys"
    program.write_text(
        "#!/bin/sh\n"
        """echo '{"Version": 1, "AccessKeyId": "kp", "SecretAccessKey": "sp", "SessionToken": "tp"}'\n"""
    )
    program.chmod(0o755)
    write(home, "config", f"[default]\ncredential_process = {program}\nregion = eu-north-1\n")
    assert shown(aws_credentials.find()) == ("kp", "sp", "tp", "eu-north-1")
    script = (
        "import sys; sys.modules['boto3'] = None\n"
        "from hopsworks.lakefs import aws_credentials\n"
        "try: aws_credentials.find()\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == (
        "LakeFSException the credentials of AWS come from credential_process, which boto3 knows:"
        " pip install 'hopsworks[aws]'\n"
    )


def test_a_log_in_without_boto3(server: LakeFSServer, keys: dict[str, str]) -> None:
    script = (
        "import sys; sys.modules['boto3'] = sys.modules['botocore'] = None\n"
        "from hopsworks import lakefs\n"
        "client = lakefs.Client()\n"
        "print(client.config.access_token, lakefs.Repository('lake', client).properties.id)"
    )
    environment = {**os.environ, "LAKECTL_SERVER_ENDPOINT_URL": server.url, IAM: "aws_iam"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["token-of-AKIDEXAMPLE-1", "lake"]


# --- metadata of containers and machines ------------------------------------------------------------------------

KEYS = {"AccessKeyId": "km", "SecretAccessKey": "sm", "Token": "tm", "Expiration": "2030"}


class Metadata:
    """A service of metadata."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                owner.asked.append((self.command, self.path, dict(self.headers)))
                known = owner.answers.get(self.path)
                content = (known or "").encode()
                self.send_response(404 if known is None else 200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PUT = answer

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture
def metadata() -> Iterator[Metadata]:
    """A service of metadata."""
    made = Metadata()
    yield made
    made.http.shutdown()
    made.http.server_close()


def test_a_container(metadata: Metadata, monkeypatch: Patch, tmp_path: Path) -> None:
    metadata.answers["/v2/keys?x=1"] = json.dumps(KEYS)
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{metadata.url}/v2/keys?x=1")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert shown(aws_credentials.find()) == ("km", "sm", "tm", "eu-west-1")
    assert "Authorization" not in metadata.asked[0][2]
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "token-one")
    aws_credentials.find()
    assert metadata.asked[1][2]["Authorization"] == "token-one"
    (tmp_path / "token").write_text("token-two\n")
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", str(tmp_path / "token"))
    aws_credentials.find()
    assert metadata.asked[2][2]["Authorization"] == "token-two"


def test_a_container_elsewhere_is_not_asked(monkeypatch: Patch) -> None:
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://evil.example/keys")
    with pytest.raises(exceptions.LakeFSException, match=r"evil\.example, which is not asked"):
        aws_credentials.find()


def test_a_container_that_answers_nonsense(metadata: Metadata, monkeypatch: Patch) -> None:
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{metadata.url}/keys")
    for nonsense in ("<html>", "[]", "{}"):
        metadata.answers["/keys"] = nonsense
        with pytest.raises(exceptions.LakeFSException, match="sent none"):
            aws_credentials.find()
    del metadata.answers["/keys"]
    with pytest.raises(exceptions.NoAuthenticationFound):
        aws_credentials.find()


def test_a_machine(metadata: Metadata, monkeypatch: Patch) -> None:
    folder = "/latest/meta-data/iam/security-credentials/"
    metadata.answers = {
        "/latest/api/token": "the-token",
        folder: "the-role\n",
        f"{folder}the-role": json.dumps(KEYS),
        "/latest/meta-data/placement/region": "eu-south-1",
    }
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.url)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert shown(aws_credentials.find()) == ("km", "sm", "tm", "eu-south-1")
    verbs = [(verb, path) for verb, path, _ in metadata.asked]
    assert verbs[:2] == [("PUT", "/latest/api/token"), ("GET", folder)]
    headers = metadata.asked[1][2]
    assert headers["X-aws-ec2-metadata-token"] == "the-token"
    metadata.answers[folder] = "\n"
    with pytest.raises(exceptions.NoAuthenticationFound):
        aws_credentials.find()
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "TRUE")
    metadata.asked.clear()
    with pytest.raises(exceptions.NoAuthenticationFound):
        aws_credentials.find()
    assert metadata.asked == []


def test_no_machine_there(monkeypatch: Patch) -> None:
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:9/")
    with pytest.raises(exceptions.NoAuthenticationFound):
        aws_credentials.find()
