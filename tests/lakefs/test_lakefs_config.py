"""Where the settings of a client come from, in which order."""

from __future__ import annotations

import base64
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest
import yaml
from lakefs_server import LakeFSServer

from hopsworks import lakefs
from hopsworks.lakefs import lakectl_file
from hopsworks.lakefs.config import ClientConfig, endpoint_url
from hopsworks.lakefs.exceptions import (
    InvalidEnvVarFormat,
    NoAuthenticationFound,
    UnsupportedCredentialsProviderType,
    ValidationError,
)

Patch = pytest.MonkeyPatch
FILE = """\
# written by lakectl config
credentials:
    access_key_id: KEY-OF-FILE
    secret_access_key: secret-of-file  # not the real one
server:
    endpoint_url: https://file.example/api/v1
    retries:
        enabled: true
"""
IAM_FILE = """\
server:
  endpoint_url: https://file.example
credentials:
  provider:
    type: aws_iam
    aws_iam:
      token_ttl_seconds: 1200
      url_presign_ttl_seconds: soon
      token_request_headers:
        X-One: "1"
"""
PREFIX = "LAKECTL_CREDENTIALS"
IAM = f"{PREFIX}_PROVIDER_AWS_IAM"


def write(home: Path, text: str) -> None:
    (home / ".lakectl.yaml").write_text(text)


def shown(config: ClientConfig) -> tuple[Any, ...]:
    return config.host, config.username, config.password, config.access_token


# --- keywords -------------------------------------------------------------------------------------------------


def test_keywords_are_all_that_counts(home: Path, monkeypatch: Patch) -> None:
    write(home, FILE)
    monkeypatch.setenv(f"{PREFIX}_SESSION_TOKEN", "token-of-environment")
    config = ClientConfig(host="arg.example", username="k", password="s")
    assert shown(config) == ("http://arg.example/api/v1", "k", "s", None)
    assert config.get_auth_type() is ClientConfig.AuthType.CREDENTIALS
    assert shown(ClientConfig(host="arg.example")) == (
        "http://arg.example/api/v1",
        None,
        None,
        None,
    )
    assert ClientConfig(host="arg.example").get_auth_type() is None


def test_the_names_of_the_first_design() -> None:
    config = ClientConfig(endpoint_url="h", access_key_id="k", secret_access_key="s")
    assert shown(config) == ("http://h/api/v1", "k", "s", None)
    assert ClientConfig(endpoint_url="h", jwt_token="t").access_token == "t"
    assert ClientConfig(jwt_token="t").get_auth_type() is ClientConfig.AuthType.SESSION_TOKEN


@pytest.mark.parametrize(
    ("keywords", "error", "said"),
    [
        ({"hots": "x"}, TypeError, "unexpected keyword argument 'hots'"),
        ({"host": "x", "endpoint_url": "y"}, TypeError, "'host' twice"),
        ({"host": 5}, ValidationError, "host must be a str, not int"),
        ({"host": "ftp://x"}, ValidationError, "must be an address like https"),
        ({"host": "http://"}, ValidationError, "must be an address like https"),
        ({"host": "h", "username": 5}, ValidationError, "username must be a str, not int"),
        ({"host": "h", "access_token": ""}, ValidationError, "access_token is empty"),
        ({"host": "h", "api_key": {"a": 1}}, ValidationError, "api_key must be a dict of str"),
        ({"host": "h", "timeout": -1}, ValidationError, "timeout must be a positive number"),
        ({"host": "h", "timeout": (1, 2, 3)}, ValidationError, "timeout must be a positive number"),
        ({"host": "h", "proxy": 8080}, ValidationError, "proxy must be a str, not int"),
    ],
)
def test_keywords_that_cannot_be(keywords: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        lakefs.Client(**keywords)


def test_what_is_not_about_who_asks_lets_file_and_environment_count(home: Path) -> None:
    write(home, FILE)
    config = ClientConfig(verify_ssl=False, proxy="http://proxy:3128", timeout=(1, None))
    assert shown(config)[:2] == ("https://file.example/api/v1", "KEY-OF-FILE")
    assert (config.verify_ssl, config.proxy, config.timeout) == (
        False,
        "http://proxy:3128",
        (1, None),
    )
    assert ClientConfig(timeout=None).timeout == (None, None)
    assert ClientConfig().verify_ssl is True
    (home / ".lakectl.yaml").unlink()
    with pytest.raises(NoAuthenticationFound):
        ClientConfig(verify_ssl=True)


def test_a_file_of_authorities_counts_as_a_keyword(home: Path) -> None:
    write(home, FILE)
    config = ClientConfig(ssl_ca_cert=home / "ca.pem")
    assert config.ssl_ca_cert == str(home / "ca.pem")
    assert config.username is None


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("h", "http://h/api/v1"),
        ("h:8000", "http://h:8000/api/v1"),
        ("http://h", "http://h/api/v1"),
        ("https://h/", "https://h/api/v1"),
        ("https://h/api/v1", "https://h/api/v1"),
        ("https://h/lake/fs", "https://h/lake/fs"),
        ("h/other", "http://h/other"),
        ("http://[::1]:8000", "http://[::1]:8000/api/v1"),
        ("https://h/user@lake/api", "https://h/user@lake/api"),
    ],
)
def test_forms_of_an_endpoint(given: str, made: str) -> None:
    assert endpoint_url(given) == made


@pytest.mark.parametrize(
    "host", ["http://me:hush@h", "me:hush@h", "ftp://me:hush@h", "http://me:hush/x@h/api/v1"]
)
def test_a_password_in_the_endpoint_is_refused_and_not_told(host: str) -> None:
    with pytest.raises(ValidationError, match="give them as username=… and password=…") as caught:
        lakefs.Client(host=host)
    assert "hush" not in str(caught.value)


def test_another_path_than_that_of_the_api_is_kept(server: LakeFSServer) -> None:
    other = lakefs.Client(**{**server.settings, "host": f"{server.url}/behind/a/proxy/"})
    with pytest.raises(lakefs.exceptions.ServerException) as caught:
        other.version
    assert caught.value.status_code == 599
    assert [r.target for r in server.requests] == ["/behind/a/proxy/config"]
    server.failures.clear()


# --- file -----------------------------------------------------------------------------------------------------


def test_the_file_of_lakectl(home: Path) -> None:
    write(home, FILE)
    config = lakefs.Client().config
    assert shown(config) == (
        "https://file.example/api/v1",
        "KEY-OF-FILE",
        "secret-of-file",
        None,
    )
    assert config.server.endpoint_url == config.host
    assert config.credentials is not None
    assert config.credentials.access_key_id == "KEY-OF-FILE"
    assert "secret-of-file" not in str(config.credentials) + repr(config.credentials) + repr(config)


def test_another_file(home: Path, tmp_path: Path, monkeypatch: Patch) -> None:
    write(home, "credentials: 5\n")
    other = tmp_path / "other.yaml"
    other.write_text(FILE.replace("KEY-OF-FILE", "KEY-OF-OTHER"))
    monkeypatch.setenv("LAKECTL_CONFIG_FILE", str(other))
    assert ClientConfig().username == "KEY-OF-OTHER"


@pytest.mark.parametrize(
    "text",
    ["", "# nothing\n", "---\n", "server:\n", "credentials:\n  access_key_id: only-one\n", "{}\n"],
)
def test_a_file_that_says_nothing(home: Path, text: str) -> None:
    write(home, text)
    with pytest.raises(NoAuthenticationFound, match=r"lakectl config.*\.lakectl\.yaml"):
        ClientConfig()


HALF = {
    "server:\n  endpoint_url: http://h\ncredential:\n  access_key_id: a\n": (
        "has no 'credentials'; its keys are server, credential"
    ),
    "credentials:\n  access_key_id: key-1\n": (
        "credentials.access_key_id is there, secret_access_key is not"
    ),
    "credentials:\n  secret_access_key: secret-1\n": (
        "credentials.secret_access_key is there, access_key_id is not"
    ),
}


@pytest.mark.parametrize("text", HALF)
def test_half_of_a_file_is_told(home: Path, text: str) -> None:
    (home / ".lakectl.yaml").write_text(text)
    with pytest.raises(NoAuthenticationFound) as caught:
        ClientConfig()
    assert f"{home}/.lakectl.yaml" in str(caught.value)
    assert HALF[text] in str(caught.value)
    assert "-1" not in str(caught.value)


def test_half_of_an_environment_is_told(tmp_path: Path, monkeypatch: Patch) -> None:
    monkeypatch.setenv("LAKECTL_CONFIG_FILE", str(tmp_path / "none.yaml"))
    monkeypatch.setenv("LAKECTL_CREDENTIALS_ACCESS_KEY_ID", "key-1")
    monkeypatch.setenv("LAKECTL_ACCESS_SECRET_KEY", "secret-1")
    with pytest.raises(NoAuthenticationFound) as caught:
        ClientConfig()
    for told in (
        f"LAKECTL_CONFIG_FILE names {tmp_path}/none.yaml, which does not exist",
        "LAKECTL_CREDENTIALS_ACCESS_KEY_ID is there, LAKECTL_CREDENTIALS_SECRET_ACCESS_KEY is not",
        "LAKECTL_ACCESS_SECRET_KEY is there, LAKECTL_ACCESS_KEY_ID is not",
    ):
        assert told in str(caught.value)
    assert "-1" not in str(caught.value)


def test_a_provider_in_the_file(home: Path) -> None:
    write(home, IAM_FILE)
    config = ClientConfig()
    provider = config.iam_provider
    assert provider is not None
    assert provider.type is ClientConfig.ProviderType.AWS_IAM
    assert provider.aws_iam == ClientConfig.AWSIAMProviderConfig(1200, 60, {"X-One": "1"})
    assert config.get_auth_type() is ClientConfig.AuthType.IAM
    assert provider == ClientConfig.IAMProvider(provider.type, provider.aws_iam)
    assert "1200" in repr(provider)


def test_a_key_pair_in_the_file_wins_over_a_provider(home: Path) -> None:
    write(home, IAM_FILE + "  access_key_id: k\n  secret_access_key: s\n")
    assert ClientConfig().get_auth_type() is ClientConfig.AuthType.CREDENTIALS


def test_an_unknown_provider_in_the_file(home: Path) -> None:
    write(home, "credentials:\n  provider:\n    type: azure\n")
    with pytest.raises(UnsupportedCredentialsProviderType, match="'azure' is not known"):
        ClientConfig()


# --- environment ----------------------------------------------------------------------------------------------


def test_the_environment_over_the_file(home: Path, monkeypatch: Patch) -> None:
    write(home, FILE)
    monkeypatch.setenv("LAKECTL_SERVER_ENDPOINT_URL", "env.example")
    assert shown(ClientConfig())[:2] == ("http://env.example/api/v1", "KEY-OF-FILE")
    monkeypatch.setenv(f"{PREFIX}_ACCESS_KEY_ID", "KEY-OF-ENV")
    assert ClientConfig().username == "KEY-OF-FILE", "half a pair is none"
    monkeypatch.setenv(f"{PREFIX}_SECRET_ACCESS_KEY", "secret-of-env")
    assert shown(ClientConfig())[1:3] == ("KEY-OF-ENV", "secret-of-env")
    monkeypatch.setenv(f"{PREFIX}_SESSION_TOKEN", "token-of-env")
    config = ClientConfig()
    assert shown(config) == ("http://env.example/api/v1", None, None, "token-of-env")
    assert config.get_auth_type() is ClientConfig.AuthType.SESSION_TOKEN


def test_the_variables_of_the_first_design(home: Path, monkeypatch: Patch) -> None:
    monkeypatch.setenv("LAKECTL_SERVER_ENDPOINT_URL", "env.example")
    monkeypatch.setenv("LAKECTL_ACCESS_KEY_ID", "old-key")
    monkeypatch.setenv("LAKECTL_ACCESS_SECRET_KEY", "old-secret")
    assert shown(ClientConfig())[1:3] == ("old-key", "old-secret")
    monkeypatch.setenv(f"{PREFIX}_ACCESS_KEY_ID", "new-key")
    monkeypatch.setenv(f"{PREFIX}_SECRET_ACCESS_KEY", "new-secret")
    assert shown(ClientConfig())[1:3] == ("new-key", "new-secret")


def test_a_provider_in_the_environment(home: Path, monkeypatch: Patch) -> None:
    write(home, IAM_FILE)
    monkeypatch.setenv(f"{PREFIX}_PROVIDER_TYPE", "aws_iam")
    provider = ClientConfig().iam_provider
    assert provider is not None
    assert provider.aws_iam == ClientConfig.AWSIAMProviderConfig(1200, 60, {"X-One": "1"})
    monkeypatch.setenv(f"{IAM}_TOKEN_TTL_SECONDS", "900")
    monkeypatch.setenv(f"{IAM}_URL_PRESIGN_TTL_SECONDS", "30")
    monkeypatch.setenv(f"{IAM}_TOKEN_REQUEST_HEADERS", '{"X-Two": "2"}')
    provider = ClientConfig().iam_provider
    assert provider is not None
    assert provider.aws_iam == ClientConfig.AWSIAMProviderConfig(900, 30, {"X-Two": "2"})
    monkeypatch.setenv(f"{IAM}_PRESIGNED_URL_TTL_SECONDS", "45")
    provider = ClientConfig().iam_provider
    assert provider is not None
    assert provider.aws_iam.url_presign_ttl_seconds == 45
    monkeypatch.setenv(f"{IAM}_TOKEN_TTL_SECONDS", "long")
    provider = ClientConfig().iam_provider
    assert provider is not None
    assert provider.aws_iam.token_ttl_seconds == 1200


def test_a_pair_in_the_environment_wins_over_a_provider(home: Path, monkeypatch: Patch) -> None:
    write(home, IAM_FILE)
    monkeypatch.setenv(f"{PREFIX}_PROVIDER_TYPE", "aws_iam")
    monkeypatch.setenv(f"{PREFIX}_ACCESS_KEY_ID", "k")
    monkeypatch.setenv(f"{PREFIX}_SECRET_ACCESS_KEY", "s")
    config = ClientConfig()
    assert config.iam_provider is None
    assert config.get_auth_type() is ClientConfig.AuthType.CREDENTIALS


def test_variables_that_do_not_hold_what_they_must(monkeypatch: Patch) -> None:
    monkeypatch.setenv(f"{PREFIX}_PROVIDER_TYPE", "gcp")
    with pytest.raises(UnsupportedCredentialsProviderType, match="'gcp'"):
        ClientConfig()
    monkeypatch.setenv(f"{PREFIX}_PROVIDER_TYPE", "aws_iam")
    for value in ("{", "[1]"):
        monkeypatch.setenv(f"{IAM}_TOKEN_REQUEST_HEADERS", value)
        with pytest.raises(
            InvalidEnvVarFormat, match=f"{IAM}_TOKEN_REQUEST_HEADERS must be a JSON"
        ):
            ClientConfig()


def test_settings_are_read_when_a_client_is_made(home: Path, monkeypatch: Patch) -> None:
    config = ClientConfig(host="h")
    monkeypatch.setenv("LAKECTL_SERVER_ENDPOINT_URL", "late.example")
    assert config.host == "http://h/api/v1"


# --- the default client ---------------------------------------------------------------------------------------


def test_the_default_client_is_made_when_it_is_needed(
    server: LakeFSServer, monkeypatch: Patch
) -> None:
    repository = lakefs.repository("lake")
    assert lakefs.DefaultClient is None
    with pytest.raises(NoAuthenticationFound):
        repository.properties
    monkeypatch.setenv("LAKECTL_SERVER_ENDPOINT_URL", server.url)
    monkeypatch.setenv(f"{PREFIX}_ACCESS_KEY_ID", server.settings["username"])
    monkeypatch.setenv(f"{PREFIX}_SECRET_ACCESS_KEY", server.settings["password"])
    assert repository.properties.id == "lake"
    assert lakefs.DefaultClient is repository._client
    assert [one.id for one in lakefs.repositories()] == ["lake"]


def test_init_makes_another_default_client(server: LakeFSServer) -> None:
    repository = lakefs.repository("lake")
    first = lakefs.init(**server.settings)
    assert lakefs.DefaultClient is first
    assert repository.properties.id == "lake"
    second = lakefs.init(host=server.url)
    assert lakefs.DefaultClient is second
    with pytest.raises(lakefs.exceptions.NotAuthorizedException):
        repository.metadata
    with pytest.raises(NoAuthenticationFound):
        lakefs.init()
    assert lakefs.DefaultClient is second


def test_a_client_must_be_one() -> None:
    with pytest.raises(ValidationError, match=r"client must be a lakefs\.Client, not str"):
        lakefs.Repository("lake", "http://localhost")  # type: ignore[arg-type]


# --- the reader of the file -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1\nb: -2\nc: 007\nd: 1.5\n", {"a": 1, "b": -2, "c": "007", "d": "1.5"}),
        ("a: true\nb: False\nc: null\nd: ~\ne:\n", dict(zip("abcde", (True, False, None, None, None), strict=True))),
        ("a: 'it''s'\nb: \"x \\\"y\\\" \\n\"\n", {"a": "it's", "b": 'x "y" \n'}),
        ("a: x#y # comment\nb: 'z # z' # comment\n", {"a": "x#y", "b": "z # z"}),
        ("a:\n  b:\n    c: 1\n  d: 2\ne: 3\n", {"a": {"b": {"c": 1}, "d": 2}, "e": 3}),
        ("a:\n- x\n- 'y z'\nb:\n  - 1\n", {"a": ["x", "y z"], "b": [1]}),
        ("a:\n  -\n    b: 1\n", {"a": [{"b": 1}]}),
        ("'a b': {}\n\"c\": []\n", {"a b": {}, "c": []}),
        ("url: http://h:8000/api\n", {"url": "http://h:8000/api"}),
        ("\ufeff---\na: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
    ],
)  # fmt: skip
def test_simple_yaml(text: str, value: Any) -> None:
    assert lakectl_file.parse(text) == value
    if "1.5" not in text and "007" not in text:  # those stay text, because they may be secrets
        assert yaml.safe_load(text) == value


WRONG = {
    "a: {b: 1}": "line 1: what begins with '{' is more than a plain value",
    "a: &x 1": "line 1: what begins with '&' is more than a plain value",
    "a: |\n  text": "line 1",
    "a: 1\n  b: 2": "line 2: indented unlike",
    "a: 1\n\tb: 2": "line 2: a tab cannot indent",
    "a: 1\na: 2": "line 2: the key 'a' stands twice",
    "a: 1\nnonsense": "line 2: this is no 'key: value'",
    "a: 'open": "line 1: a quote is not closed",
    'a: "\\q"': "line 1: the escape",
    "a: 'x' y": "line 1: something stands behind",
    "a: b: c": "line 1: the value has a colon",
    "- a: 1": "line 1: a list of keys",
    "a: - b": "line 1: what begins with '-' is more than a plain value",
    "- - a": "line 1: what begins with '-' is more than a plain value",
    "just text": "line 1: this is no 'key: value'",
    ": a": "line 1: this is no 'key: value'",
    "? a": "line 1: this is no 'key: value'",
}


@pytest.mark.parametrize("text", WRONG)
def test_more_than_simple_yaml_names_the_line(text: str) -> None:
    with pytest.raises(lakectl_file._NotSimple) as caught:
        lakectl_file.parse(text)
    assert WRONG[text] in str(caught.value)


def test_pyyaml_reads_what_is_not_simple(home: Path) -> None:
    write(
        home, "credentials: {access_key_id: k, secret_access_key: s}\nserver: {endpoint_url: h}\n"
    )
    assert shown(ClientConfig()) == ("http://h/api/v1", "k", "s", None)
    write(home, "credentials: [\n")
    with pytest.raises(
        lakectl_file.ConfigurationFileError, match=r"lakectl\.yaml, line 2: this is not"
    ):
        ClientConfig()
    write(home, "just text\n")
    with pytest.raises(lakectl_file.ConfigurationFileError, match="must hold keys"):
        ClientConfig()


@pytest.mark.parametrize(
    "line",
    ["secret_access_key hush", 'secret_access_key: "hush', "secret_access_key: a: hush",
     "secret_access_key: *hush", "secret_access_key: !hush x", "secret_access_key: [hush",
     "secret_access_key: \x07hush"],
)  # fmt: skip
@pytest.mark.parametrize("whole", [True, False])
def test_a_secret_is_not_told_when_the_file_is_wrong(home: Path, line: str, whole: bool) -> None:
    write(home, f"credentials:\n  access_key_id: &k {'k' if whole else ''}\n  {line}\n")
    with pytest.MonkeyPatch.context() as patch:
        if not whole:
            patch.setitem(sys.modules, "yaml", None)
        with pytest.raises(lakectl_file.ConfigurationFileError, match=r"lakectl\.yaml") as caught:
            ClientConfig()
    assert "hush" not in "".join(traceback.format_exception(caught.value))


def test_without_pyyaml_the_remedy_is_named(home: Path) -> None:
    write(home, "credentials: {access_key_id: k}\n")
    script = (
        "import sys; sys.modules['yaml'] = None\n"
        "from hopsworks.lakefs.config import ClientConfig\n"
        "try: ClientConfig()\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert "ConfigurationFileError" in done.stdout
    assert "line 1: what begins with '{' is more than a plain value" in done.stdout
    assert "install pyyaml" in done.stdout


def test_a_file_that_cannot_be_read(home: Path) -> None:
    (home / ".lakectl.yaml").mkdir()
    with pytest.raises(lakectl_file.ConfigurationFileError, match="cannot be read"):
        ClientConfig()
    (home / ".lakectl.yaml").rmdir()
    (home / ".lakectl.yaml").write_bytes(b"a: \xff\n")
    with pytest.raises(lakectl_file.ConfigurationFileError, match="cannot be read"):
        ClientConfig()


# --- what is sent ---------------------------------------------------------------------------------------------


def sent(server: LakeFSServer, **keywords: Any) -> dict[str, str]:
    server.fault("GET /config", status=200, body=b"{}")
    assert lakefs.Client(host=server.url, **keywords).version == ""
    return server.requests[-1].headers


def test_headers(server: LakeFSServer) -> None:
    headers = sent(server, username="k", password="ö:s")
    assert headers["authorization"] == "Basic " + base64.b64encode("k:ö:s".encode()).decode()
    assert headers["x-lakefs-client"] == "python-lakefs"
    assert headers["accept"] == "application/json"
    assert headers["user-agent"].startswith("hopsworks-lakefs/")
    assert sent(server, username="k", password="s", access_token="t")["authorization"] == "Bearer t"
    assert "authorization" not in sent(server)
    keys = {"cookie_auth": "one", "saml_auth": "two"}
    headers = sent(server, api_key=keys, api_key_prefix={"saml_auth": "P"})
    assert headers["cookie"] == "internal_auth_session=one; saml_auth_session=P two"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"access_token": "hush\n"}, "access_token holds a line break .*; strip"),
        ({"access_token": "hush\x7f"}, "access_token holds a line break"),
        ({"access_token": "hush\udc80"}, "access_token holds something that is no character"),
        ({"username": "u", "password": "hush\udc80"}, "the username or password holds something"),
        ({"api_key": {"oidc_auth": "hush\r"}}, "api_key 'oidc_auth' holds a line break"),
    ],
)
def test_secrets_that_no_header_can_carry(
    server: LakeFSServer, settings: dict[str, Any], said: str
) -> None:
    client = lakefs.Client(host=server.url, **settings)
    with pytest.raises(ValidationError, match=said) as caught:
        client.version
    assert caught.value.__context__ is None
    assert "hush" not in repr(caught.value)
    assert server.requests == []


def test_an_unknown_api_key_is_refused(server: LakeFSServer) -> None:
    with pytest.raises(ValidationError, match="'other' is not known; known are cookie_auth"):
        lakefs.Client(host=server.url, api_key={"other": "x"}).version
    assert server.requests == []


def test_a_token_takes_effect_with_the_next_call(
    server: LakeFSServer, client: lakefs.Client
) -> None:
    assert client.version == "1.60.0"
    client.config.access_token = "unknown"
    with pytest.raises(lakefs.exceptions.NotAuthorizedException):
        lakefs.Repository("lake", client).metadata
    client.config.access_token = next(iter(server.tokens))
    assert lakefs.Repository("lake", client).metadata == {}


def test_without_an_endpoint_nothing_is_sent() -> None:
    client = lakefs.Client(username="k", password="s")
    with pytest.raises(ValidationError, match="no lakeFS endpoint is known"):
        client.version
