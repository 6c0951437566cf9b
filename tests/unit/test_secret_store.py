"""API keys from the secret stores of AWS, against a stand-in for boto3: that package is not a dependency of ours."""

import json
import sys
import types

import pytest

from hopsworks import secret_store
from hopsworks.client.exceptions import ExternalClientError

ROLE = "arn:aws:sts::123456789012:assumed-role/training-role/session"


class RefusedError(Exception):
    """Stands for the errors of botocore."""


@pytest.fixture
def aws(monkeypatch):
    """What the stores hold, who asks, and the regions that were asked."""
    state = types.SimpleNamespace(arn=ROLE, parameters={}, secrets={}, regions=set())

    class Client:
        def get_caller_identity(self):
            return {"Arn": state.arn}

        def get_parameter(self, *, Name, WithDecryption):
            assert WithDecryption
            if Name not in state.parameters:
                raise RefusedError(f"no parameter {Name}")
            return {"Parameter": {"Value": state.parameters[Name]}}

        def get_secret_value(self, *, SecretId):
            return {"SecretString": state.secrets[SecretId]}

    def client(service, region_name=None):
        assert service in ("sts", "ssm", "secretsmanager")
        state.regions.add(region_name)
        return Client()

    boto3, botocore = types.ModuleType("boto3"), types.ModuleType("botocore")
    errors = types.ModuleType("botocore.exceptions")
    boto3.client = client
    errors.BotoCoreError = errors.ClientError = RefusedError
    for name, module in (("boto3", boto3), ("botocore", botocore), ("botocore.exceptions", errors)):
        monkeypatch.setitem(sys.modules, name, module)
    return state


def test_a_key_in_the_parameter_store(aws):
    aws.parameters["/hopsworks/role/training-role/type/api-key"] = "prefix.secret"
    assert secret_store.read_api_key("parameterstore") == "prefix.secret"
    assert aws.regions == {None}


def test_a_key_in_the_secrets_manager_of_a_region(aws):
    aws.secrets["hopsworks/role/training-role"] = json.dumps({"api-key": "prefix.secret"})
    assert secret_store.read_api_key("secretsmanager", "eu-north-1") == "prefix.secret"
    assert aws.regions == {"eu-north-1"}


def test_no_key_for_the_role(aws):
    with pytest.raises(ExternalClientError, match=r"training-role.*HOPSWORKS_API_KEY"):
        secret_store.read_api_key("parameterstore")


def test_a_secret_of_another_form(aws):
    aws.secrets["hopsworks/role/training-role"] = "[]"
    with pytest.raises(ExternalClientError, match="no field 'api-key'"):
        secret_store.read_api_key("secretsmanager")


def test_a_caller_without_a_role(aws):
    aws.arn = "arn:aws:iam::123456789012:user/ann"
    with pytest.raises(ExternalClientError, match="user/ann is not an assumed role"):
        secret_store.read_api_key("parameterstore")


def test_without_boto3_the_error_names_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(ImportError, match=r"pip install 'hopsworks\[aws\]'"):
        secret_store.read_api_key("parameterstore")
