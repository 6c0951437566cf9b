"""Where settings come from: argument, variable, file, default; and what is refused before anything is sent."""

import os
import pickle
import stat

import pytest

from hopsworks import config
from hopsworks.client.exceptions import ExternalClientError


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An empty home, no variables of ours, and a working folder of its own."""
    for name in list(os.environ):
        if name.startswith("HOPSWORKS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_file(home, text):
    (home / ".hops.toml").write_text(text)


def test_the_argument_wins_over_variable_file_and_default(home, monkeypatch):
    assert config.resolve().host == config.DEFAULT_HOST
    write_file(home, '[default]\nhost = "file.example"\nproject = "of_file"\n')
    assert config.resolve().host == "file.example"
    monkeypatch.setenv("HOPSWORKS_HOST", "variable.example")
    assert config.resolve().host == "variable.example"
    settings = config.resolve("argument.example")
    assert settings.host == "argument.example"
    assert settings.project == "of_file"
    assert settings.sources["host"] == "argument"
    assert settings.sources["project"] == str(home / ".hops.toml")
    assert settings.sources["port"] == "default"


def test_the_port_in_a_host_counts_as_much_as_the_host(home, monkeypatch):
    write_file(home, "[default]\nport = 8181\n")
    assert config.resolve("my.host").port == 8181
    assert config.resolve("my.host:9000").port == 9000
    assert config.resolve("my.host:9000", 9001).port == 9001
    monkeypatch.setenv("HOPSWORKS_PORT", "8282")
    assert config.resolve("my.host:9000").port == 9000
    monkeypatch.setenv("HOPSWORKS_HOST", "my.host:9000")
    assert config.resolve().port == 8282


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("HOPSWORKS_PORT", "8181", "port", 8181),
        ("HOPSWORKS_PROJECT", "demo", "project", "demo"),
        ("HOPSWORKS_API_KEY", " key.secret\n", "api_key", "key.secret"),
        ("HOPSWORKS_HOSTNAME_VERIFICATION", "False", "hostname_verification", False),
        ("HOPSWORKS_HOSTNAME_VERIFICATION", "yes", "hostname_verification", True),
        ("HOPSWORKS_CERT_FOLDER", "/certs", "cert_folder", "/certs"),
        ("HOPSWORKS_ENGINE", "training", "engine", "training"),
    ],
)
def test_every_variable_is_read(monkeypatch, variable, text, name, value):
    monkeypatch.setenv(variable, text)
    settings = config.resolve("my.host")
    assert getattr(settings, name) == value
    assert settings.sources[name] == variable


def test_the_trust_store_and_its_variable(home, monkeypatch):
    for name in ("of_variable.pem", "of_argument.pem"):
        (home / name).write_text("")
    monkeypatch.setenv("HOPSWORKS_TRUST_STORE_PATH", "~/of_variable.pem")
    settings = config.resolve("my.host")
    assert settings.trust_store_path == str(home / "of_variable.pem")
    assert settings.sources["trust_store_path"] == "HOPSWORKS_TRUST_STORE_PATH"
    settings = config.resolve("my.host", trust_store_path="of_argument.pem")
    assert settings.trust_store_path == str(home / "of_argument.pem")
    monkeypatch.setenv("HOPSWORKS_TRUST_STORE_PATH", "/no/such.pem")
    with pytest.raises(
        FileNotFoundError, match=r"/no/such.pem \(from HOPSWORKS_TRUST_STORE_PATH\)"
    ):
        config.resolve("my.host")


@pytest.mark.parametrize(
    ("variable", "text", "arguments", "name", "value"),
    [
        ("HOPSWORKS_PORT", "8181", {"port": 9999}, "port", 9999),
        ("HOPSWORKS_PORT", "8181", {"port": 443}, "port", 8181),
        ("HOPSWORKS_PROJECT", "other", {"project": "demo"}, "project", "demo"),
        ("HOPSWORKS_ENGINE", "spark", {"engine": "python"}, "engine", "python"),
        ("HOPSWORKS_CERT_FOLDER", "/other", {"cert_folder": "/mine"}, "cert_folder", "/mine"),
        ("HOPSWORKS_API_KEY", "a.b", {"api_key_value": "c.d"}, "api_key", "c.d"),
        ("HOPSWORKS_HOSTNAME_VERIFICATION", "false", {"hostname_verification": True},
         "hostname_verification", True),
    ],
)  # fmt: skip
def test_every_argument_wins_over_its_variable(monkeypatch, variable, text, arguments, name, value):
    monkeypatch.setenv(variable, text)
    assert getattr(config.resolve("my.host", **arguments), name) == value


@pytest.mark.parametrize("word", ["true", "TRUE", "1", "y", "Yes", "on"])
def test_words_for_yes(word):
    assert config.parse_flag(word, "flag") is True


@pytest.mark.parametrize("word", ["false", "False", "0", "n", "No", "off"])
def test_words_for_no(word):
    assert config.parse_flag(word, "flag") is False


def test_where_the_key_comes_from_in_order(home, monkeypatch):
    write_file(home, '[default]\nhost = "my.host"\napi_key = "of.toml"\n')
    (home / "my.key").write_text("of.file\n")
    assert config.resolve("my.host").api_key == "of.toml"
    monkeypatch.setenv("HOPSWORKS_API_KEY", "of.variable")
    assert config.resolve("my.host").api_key == "of.variable"
    settings = config.resolve("my.host", api_key_file="~/my.key")
    assert (settings.api_key, settings.sources["api_key"]) == ("of.file", "file ~/my.key")
    settings = config.resolve("my.host", api_key_file="~/my.key", api_key_value="of.value")
    assert (settings.api_key, settings.sources["api_key"]) == ("of.value", "argument")


def test_kept_keys_are_for_the_managed_service_only(home, monkeypatch):
    monkeypatch.setenv("HOPSWORKS_API_KEY", "of.variable")
    (home / ".hw_api_key").write_text("kept.key")
    assert config.resolve().api_key == "kept.key"
    assert config.resolve(config.DEFAULT_HOST).api_key == "kept.key"
    assert config.resolve("my.host").api_key == "of.variable"
    assert config.resolve(api_key_value="of.value").api_key == "of.value"


def test_a_relative_certificate_folder_is_meant_from_here(home, monkeypatch):
    settings = config.resolve("my.host", cert_folder="hops")
    assert settings.cert_folder == str(home / "hops")
    assert config.resolve("my.host", cert_folder="~/hops").cert_folder == str(home / "hops")
    assert config.resolve("my.host").cert_folder == "/tmp"


def test_certificates_are_verified_unless_asked_otherwise():
    assert config.resolve("my.host").hostname_verification is True
    assert config.resolve("my.host", hostname_verification=False).hostname_verification is False


@pytest.mark.parametrize(
    ("text", "scheme", "host", "port", "url"),
    [
        ("my.host", "https", "my.host", 443, "https://my.host"),
        ("my.host:8181", "https", "my.host", 8181, "https://my.host:8181"),
        ("https://my.host/", "https", "my.host", 443, "https://my.host"),
        ("https://my.host:8181", "https", "my.host", 8181, "https://my.host:8181"),
        ("[::1]:8181", "https", "::1", 8181, "https://[::1]:8181"),
        ("::1", "https", "::1", 443, "https://[::1]"),
        ("http://127.0.0.1:9000", "http", "127.0.0.1", 9000, "http://127.0.0.1:9000"),
        ("local", "http", "local", 80, "http://local"),
        ("local:8181", "https", "local", 8181, "https://local:8181"),
    ],
)
def test_hosts_are_taken_apart(text, scheme, host, port, url):
    settings = config.resolve(text)
    assert (settings.scheme, settings.host, settings.port) == (scheme, host, port)
    assert settings.base_url == url


def test_the_port_argument_wins_over_the_port_in_the_host():
    assert config.resolve("my.host:8181", 9999).port == 9999


def test_the_embedded_server_and_its_data_folder(home):
    assert config.resolve("local").is_local
    assert config.resolve("local").local_data is None
    settings = config.resolve("local:data")
    assert settings.is_local
    assert settings.local_data == str(home / "data")
    assert config.resolve("local:~/x").local_data == str(home / "x")


@pytest.mark.parametrize(
    ("arguments", "kind", "named"),
    [
        ({"host": "http://my.host"}, ValueError, "in the clear"),
        ({"host": "ftp://my.host"}, ValueError, "ftp://my.host"),
        ({"host": "my.host/path"}, ValueError, "my.host/path"),
        ({"host": "user@my.host"}, ValueError, "user@my.host"),
        ({"host": "my host"}, ValueError, "my host"),
        ({"host": "my.host:0"}, ValueError, "65535"),
        ({"host": 5}, TypeError, "host is of type int"),
        ({"host": "h", "port": "abc"}, ValueError, "abc"),
        ({"host": "h", "port": 70000}, ValueError, "70000"),
        ({"host": "h", "engine": "hadoop"}, ConnectionError, "hadoop"),
        ({"host": "h", "hostname_verification": "perhaps"}, ValueError, "perhaps"),
        ({"host": "h", "trust_store_path": "/no/such.pem"}, FileNotFoundError, "/no/such.pem"),
        ({"host": "h", "api_key_file": "/no/such.key"}, FileNotFoundError, "/no/such.key"),
        ({"host": "h", "api_key_value": " "}, ValueError, "api_key_value"),
        ({"host": "h", "api_key_value": 3}, TypeError, "api_key_value is of type int"),
        ({"host": "h", "api_key_value": "a\nb"}, ValueError, "api_key_value"),
    ],
)
def test_bad_values_are_named(arguments, kind, named):
    with pytest.raises(kind, match=named):
        config.resolve(**arguments)


def test_a_bad_variable_is_named(monkeypatch):
    monkeypatch.setenv("HOPSWORKS_PORT", "eighty")
    with pytest.raises(ValueError, match="HOPSWORKS_PORT is 'eighty'"):
        config.resolve("my.host")


def test_a_broken_file_is_named(home):
    write_file(home, "[default\n")
    with pytest.raises(ValueError, match=r"\.hops\.toml is not a valid TOML file"):
        config.resolve("my.host")


def test_a_key_file_is_read_and_stripped(home):
    (home / "my.key").write_text("  key.secret\n")
    settings = config.resolve("my.host", api_key_file=home / "my.key")
    assert settings.api_key == "key.secret"
    assert (
        config.resolve("my.host", api_key_file=home / "my.key", api_key_value="other").api_key
        == "other"
    )


def test_a_saved_key_goes_only_to_the_host_that_it_was_saved_with(home):
    write_file(home, '[default]\nhost = "file.example"\napi_key = "saved.key"\n')
    assert config.resolve().api_key == "saved.key"
    assert config.resolve("https://file.example").api_key == "saved.key"
    assert config.resolve("other.example").api_key is None


def test_the_key_never_shows(home):
    settings = config.resolve("my.host", api_key_value="very.secret")
    assert "very.secret" not in repr(settings)
    assert "***" in repr(settings)


def test_without_key_and_terminal_the_error_names_the_ways_to_give_one(monkeypatch):
    monkeypatch.setattr(config, "interactive", lambda: False)
    with pytest.raises(ExternalClientError) as caught:
        config.require_api_key(config.resolve("my.host"))
    for part in ("my.host", "api_key_value", "api_key_file", "HOPSWORKS_API_KEY", "host='local'"):
        assert part in str(caught.value)


def test_without_host_where_none_is_assumed_the_error_names_it():
    with pytest.raises(ExternalClientError, match=r"host is missing.*HOPSWORKS_HOST"):
        config.resolve(default_host=None)


def test_the_key_of_the_managed_service_is_asked_for_once_and_kept_for_its_owner_only(
    monkeypatch, home
):
    import getpass

    asked = []
    monkeypatch.setattr(config, "interactive", lambda: True)
    monkeypatch.setattr(getpass, "getpass", lambda prompt: asked.append(prompt) or "typed.key")
    assert config.require_api_key(config.resolve()) == "typed.key"
    path = config.cached_key_file()
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700
    assert config.require_api_key(config.resolve()) == "typed.key"
    assert len(asked) == 1
    assert config.DEFAULT_HOST in asked[0]


def test_a_typed_key_for_another_host_is_not_written_to_disk(monkeypatch, home):
    import getpass

    monkeypatch.setattr(config, "interactive", lambda: True)
    monkeypatch.setattr(getpass, "getpass", lambda prompt: "typed.key")
    assert config.require_api_key(config.resolve("my.host")) == "typed.key"
    assert sorted(os.listdir(home)) == []


def test_settings_of_a_cluster_do_not_stand_in_the_way_of_the_embedded_server(monkeypatch):
    monkeypatch.setenv("HOPSWORKS_TRUST_STORE_PATH", "/no/such.pem")
    monkeypatch.setenv("HOPSWORKS_PORT", "8181")
    assert config.resolve("local").is_local


def test_the_older_engine_name_is_understood():
    assert config.resolve("h", engine="hive").engine == "python"
    assert config.resolve("h", engine="SPARK").engine == "spark"


def test_a_key_in_the_place_of_its_file_is_not_repeated():
    key = "abcdefghijklmnop.secretsecretsecretsecret"
    with pytest.raises(FileNotFoundError, match="Pass the key as api_key_value") as caught:
        config.resolve("my.host", api_key_file=key)
    assert key not in str(caught.value)
    assert caught.value.__context__ is None


def test_settings_are_not_pickled():
    settings = config.resolve("my.host", api_key_value="abc.def")
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(settings)
