"""API keys from the secret stores of AWS: boto3 against moto's server, under an assumed role."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator

import pytest

import hopsworks
import hsfs
import hsml
from hopsworks import secret_store
from hopsworks.client.exceptions import ExternalClientError, UnknownSecretStorageError
from tests.aws import REGION, ROLE, Aws, serving
from tests.scripted_server import ScriptedServer, Step

KEY = "prefix.secret-of-aws"
PARAMETER = f"/hopsworks/role/{ROLE}/type/api-key"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: pytest.TempPathFactory) -> Iterator[Aws]:
    """An account, and this process as a program that runs under a role of it."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "HOPSWORKS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    with serving() as account:
        for name, value in account.variables().items():
            monkeypatch.setenv(name, value)
        yield account


def become(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def test_a_key_in_the_parameter_store(aws: Aws) -> None:
    aws.put_parameter(f"{KEY}\n")
    assert secret_store.read_api_key("parameterstore") == KEY
    assert secret_store.read_api_key("parameterstore", REGION) == KEY


def test_a_key_in_the_secrets_manager_of_another_region(aws: Aws) -> None:
    aws.put_secret(json.dumps({"api-key": KEY}), region="us-west-2")
    assert secret_store.read_api_key("secretsmanager", "us-west-2") == KEY
    with pytest.raises(ExternalClientError, match=f"hopsworks/role/{ROLE} in region {REGION}"):
        secret_store.read_api_key("secretsmanager")


def test_a_key_of_another_role_is_not_read(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.put_parameter("others.key", role="other-role")
    with pytest.raises(ExternalClientError) as caught:
        secret_store.read_api_key("parameterstore")
    for part in (PARAMETER, REGION, "api_key_value", "api_key_file", "HOPSWORKS_API_KEY"):
        assert part in str(caught.value)
    become(monkeypatch, aws.variables("other-role"))
    assert secret_store.read_api_key("parameterstore") == "others.key"


def test_a_region_that_does_not_have_the_parameter(aws: Aws) -> None:
    aws.put_parameter(KEY)
    with pytest.raises(ExternalClientError, match=rf"{PARAMETER} in region us-east-1.*region_name"):
        secret_store.read_api_key("parameterstore", "us-east-1")


@pytest.mark.parametrize("text", ["[]", "no JSON", '{"key": "k"}', '{"api-key": 7}'])
def test_a_secret_of_another_form(aws: Aws, text: str) -> None:
    aws.put_secret(text)
    with pytest.raises(
        ExternalClientError, match=f"role/{ROLE} in .* has no field 'api-key'"
    ) as caught:
        secret_store.read_api_key("secretsmanager")
    assert caught.value.__cause__ is None


def test_an_empty_key(aws: Aws) -> None:
    aws.put_secret('{"api-key": " "}')
    with pytest.raises(ExternalClientError, match="is empty"):
        secret_store.read_api_key("secretsmanager")


def test_a_caller_without_a_role(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.put_parameter(KEY)
    become(monkeypatch, aws.variables(role=None))
    with pytest.raises(ExternalClientError, match=r"is not an assumed role.*HOPSWORKS_API_KEY"):
        secret_store.read_api_key("parameterstore")


def test_without_any_credentials_of_aws(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    with pytest.raises(ExternalClientError, match=r"parameterstore of AWS in region .*credentials"):
        secret_store.read_api_key("parameterstore")


def test_without_boto3_the_error_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(ImportError, match=r"pip install 'hopsworks\[aws\]'"):
        secret_store.read_api_key("parameterstore")
    assert not secret_store.is_installed()


# ------------------------------------------------------------------------------------- through the older factories


def opened(module: object, *args: object, **kwargs: object) -> str | None:
    """Open a connection to a server that keeps the key it was sent."""
    versions = Step("*", body=b'[{"software": "hopsworks", "version": "5.2.1"}]')
    with ScriptedServer([versions]) as server:
        module.connection(f"http://localhost:{server.port}", *args, **kwargs).close()  # type: ignore[attr-defined]
        return server.requests[0].headers.get("authorization")


@pytest.mark.parametrize("module", [hopsworks, hsfs, hsml], ids=lambda module: module.__name__)
def test_the_key_of_the_store_is_sent(
    aws: Aws, module: object, caplog: pytest.LogCaptureFixture
) -> None:
    aws.put_parameter(KEY)
    aws.put_secret(json.dumps({"api-key": "key.of-the-manager"}), region="us-west-2")
    caplog.set_level(logging.DEBUG, "hopsworks")
    assert opened(module) == f"ApiKey {KEY}"  # the default store
    assert opened(module, secrets_store="parameterstore") == f"ApiKey {KEY}"
    found = opened(module, 443, None, None, "us-west-2", "secretsmanager")
    assert found == "ApiKey key.of-the-manager"
    found = opened(module, secrets_store="secretsmanager", region_name="us-west-2", engine="hive")
    assert found == "ApiKey key.of-the-manager"
    assert KEY not in caplog.text


def test_every_other_key_comes_before_the_store(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, tmp_path: os.PathLike[str]
) -> None:
    aws.put_parameter(KEY)
    file = os.path.join(tmp_path, "my.key")
    with open(file, "w") as out:
        out.write("key.of-file\n")
    store = {"secrets_store": "parameterstore"}
    monkeypatch.setenv("HOPSWORKS_API_KEY", "key.of-variable")
    both = {"api_key_file": file, "api_key_value": "key.of-value"}
    assert opened(hsfs, **both, **store) == "ApiKey key.of-value"
    assert opened(hsfs, api_key_file=file, **store) == "ApiKey key.of-file"
    assert opened(hsfs, api_key_file=file, secrets_store="local") == "ApiKey key.of-file"
    assert opened(hsfs, **store) == "ApiKey key.of-variable"
    monkeypatch.delenv("HOPSWORKS_API_KEY")
    assert opened(hsfs, **store) == f"ApiKey {KEY}"


def test_stores_that_give_no_key_send_nothing(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer([]) as server:
        host = f"http://localhost:{server.port}"
        with pytest.raises(UnknownSecretStorageError, match=r"vault.*local, parameterstore"):
            hsfs.connection(host, secrets_store="vault", api_key_value=KEY)
        with pytest.raises(ExternalClientError, match="api_key_file"):
            hsml.connection(host, secrets_store="local")
        for options in ({}, {"secrets_store": "parameterstore"}):
            with pytest.raises(ExternalClientError) as caught:
                hopsworks.connection(host, **options)
            for way in ("api_key_value", "api_key_file", "HOPSWORKS_API_KEY"):
                assert way in str(caught.value)
        monkeypatch.setitem(sys.modules, "boto3", None)
        with pytest.raises(ImportError, match="boto3"):
            hsfs.connection(host, secrets_store="parameterstore")
        with pytest.raises(ExternalClientError, match="HOPSWORKS_API_KEY"):
            hsfs.connection(host)
        assert server.requests == []
