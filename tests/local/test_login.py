"""Logging in: to the local server, to several projects at once, and everything that can be wrong with it."""

import datetime
import hashlib
import json
import logging
import os
import socket
import ssl
import subprocess
import sys
import textwrap
import time
import warnings

import pytest

import hopsworks
from hopsworks import config
from hopsworks.client.exceptions import (
    ConflictError,
    ConnectTimeoutError,
    ExternalClientError,
    HopsworksConnectionError,
    HopsworksSSLClientError,
    NoHopsworksConnectionError,
    NotFoundError,
    ProjectException,
    ServiceUnreachableError,
    UnauthorizedError,
    UnknownSecretStorageError,
)
from tests.scripted_server import ScriptedServer, Step

VERSIONS = Step(
    "GET /hopsworks-api/api/variables/versions",
    body=b'[{"software": "hopsworks", "version": "5.2.1"}]',
)
KEY = "prefix.very-secret"


@pytest.fixture(autouse=True)
def clean_start(tmp_path, monkeypatch):
    """No variables of ours, an empty home, and nobody logged in before or after."""
    for name in list(os.environ):
        if name.startswith("HOPSWORKS_") and name != "HOPSWORKS_LOCAL_DATA":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    hopsworks.logout()
    yield
    hopsworks.logout()


@pytest.fixture
def requests_sent(caplog):
    """The requests of the test, "VERB path" each, as the log shows them."""
    caplog.set_level(logging.DEBUG, logger="hopsworks.http")

    def lines():
        return [
            record.getMessage().split(" at ")[0]
            for record in caplog.records
            if record.name == "hopsworks.http"
        ]

    return lines


def project_body(name, number=7):
    return json.dumps({"projectId": number, "projectName": name, "owner": "ann@corp.io"}).encode()


def memberships(*names):
    return json.dumps(
        [
            {"project": {"id": i, "name": name}, "user": {"uid": 1, "username": "annab000"}}
            for i, name in enumerate(names)
        ]
    ).encode()


# ----------------------------------------------------------------------------------------------- the local server


def test_login_opens_the_named_project(local_project, requests_sent):
    project = hopsworks.login(host="local", project=local_project)
    assert project.name == local_project
    assert isinstance(project, hopsworks.Project)
    assert isinstance(project.id, int)
    assert requests_sent() == [
        "GET /hopsworks-api/api/variables/versions",
        f"GET /hopsworks-api/api/project/getProjectInfo/{local_project}",
    ]
    assert hopsworks.get_current_project() is project


def test_the_project_knows_its_home_and_its_address(local_project):
    project = hopsworks.login(host="local", project=local_project)
    assert project.home_path.startswith(f"/Projects/{local_project}/Users/")
    assert project.get_url().endswith(f"/p/{project.id}")
    assert local_project in repr(project)


def test_the_variable_names_the_local_server(local_project, monkeypatch):
    monkeypatch.setenv("HOPSWORKS_HOST", "local")
    monkeypatch.setenv("HOPSWORKS_PROJECT", local_project)
    assert hopsworks.login().name == local_project


def test_a_data_folder_of_its_own(tmp_path):
    from hopsworks.local import lifecycle

    folder = tmp_path / "data"
    try:
        project = hopsworks.login(host=f"local:{folder}")
        assert project.name == "local"
        assert folder.is_dir()
        project.get_dataset_api().mkdir("Resources/x")
        assert (folder / "projects" / "local" / "Resources" / "x").is_dir()
    finally:
        hopsworks.logout()
        lifecycle.stop(folder)


def test_several_projects_are_used_side_by_side(local_project, local_server):
    first = hopsworks.login(host="local", project=local_project)
    connection = hopsworks.connection(host="local")
    second = connection.create_project(f"{local_project}b")
    first.get_dataset_api().mkdir("Resources/of_first")
    second.get_dataset_api().mkdir("Resources/of_second")
    assert first.get_dataset_api().list("Resources") == ["/Resources/of_first"]
    assert second.get_dataset_api().list("Resources") == ["/Resources/of_second"]
    assert hopsworks.get_current_project() is first
    connection.close()
    assert first.get_dataset_api().exists("Resources/of_first")
    with pytest.raises(NoHopsworksConnectionError):
        second.get_dataset_api().exists("Resources/of_second")


def test_handles_of_an_earlier_login_keep_their_project(local_project):
    first = hopsworks.login(host="local", project=local_project)
    hopsworks.create_project(f"{local_project}b")
    second = hopsworks.login(host="local", project=f"{local_project}b")
    second.get_dataset_api().mkdir("Resources/x")
    assert first.get_dataset_api().list("Resources") == []
    assert hopsworks.get_current_project() is second


def test_logout_closes_every_connection(local_project):
    project = hopsworks.login(host="local", project=local_project)
    other = hopsworks.connection(host="local", project=local_project)
    hopsworks.logout()
    for action in (
        lambda: project.get_dataset_api().list("/"),
        lambda: other.get_project(),
        lambda: hopsworks.create_project("x"),
        lambda: __import__("hopsworks.open_connections").open_connections.default_scope(),
    ):
        with pytest.raises(NoHopsworksConnectionError, match=r"log ?in"):
            action()
    hopsworks.logout()


def test_a_connection_is_a_context_manager_and_can_be_opened_again(local_project):
    with hopsworks.connection(host="local", project=local_project) as connection:
        assert connection.get_project().name == local_project
        assert connection.project == local_project
        assert connection.backend_version == "5.2.1"
        with pytest.raises(HopsworksConnectionError):
            connection.host = "other"
        with pytest.raises(HopsworksConnectionError):
            connection.connect()
    connection.close()
    with pytest.raises(NoHopsworksConnectionError):
        connection.get_project()
    connection.project = None
    with connection:
        assert connection.project_exists(local_project)
        assert not connection.project_exists("nobody_knows_this")
        with pytest.raises(ValueError, match="name is missing"):
            connection.get_project()
        assert local_project in [project.name for project in connection.get_projects()]


@pytest.mark.parametrize("package", ["hsfs", "hsml"])
@pytest.mark.parametrize("order", ["today", "classic"])
def test_the_older_factories_take_both_argument_orders(local_project, package, order):
    module = __import__(package)
    arguments = ("local", 443, local_project, "python")
    rest = (
        (True,)
        if order == "today"
        else ("default", "parameterstore", True, None, "hops", None, "unused.key")
    )
    with module.connection(*arguments, *rest) as connection:
        assert connection.get_project().name == local_project
        assert connection.hostname_verification is True


def test_the_older_factories_lead_to_feature_store_and_registry(local_project):
    import hsfs
    import hsml

    with hsfs.connection(host="local", project=local_project) as connection:
        assert connection.get_feature_store().project_name == local_project
    with hsml.connection(host="local", project=local_project) as connection:
        assert connection.get_model_registry().project_name == local_project
        assert connection.get_model_serving().project_name == local_project


def test_the_project_leads_to_its_services(local_project):
    project = hopsworks.login(host="local", project=local_project)
    assert project.get_feature_store().project_id == project.id
    assert project.get_model_registry().project_id == project.id
    assert project.get_model_serving().project_id == project.id
    assert project.get_dataset_api().exists("Resources")


def test_the_older_factories_refuse_what_they_do_not_know():
    import hsfs

    with pytest.raises(UnknownSecretStorageError, match="vault"):
        hsfs.connection(host="local", secrets_store="vault")
    with pytest.raises(ExternalClientError, match="api_key_file"):
        hsfs.connection(host="h", secrets_store="local")
    with pytest.raises(TypeError, match="two values for 'host'"):
        hsfs.connection("local", host="local")
    with pytest.raises(TypeError, match="no argument 'hots'"):
        hsfs.connection(hots="local")


def test_create_project_and_its_refusals(local_project):
    hopsworks.login(host="local", project=local_project)
    assert hopsworks.create_project(f"{local_project}c", description="For a test") is None
    project = hopsworks.login(host="local", project=f"{local_project}c")
    assert project.description == "For a test"
    with pytest.raises(ConflictError) as caught:
        hopsworks.create_project(f"{local_project}c")
    assert caught.value.error_code == 150001


def test_get_current_project_without_login(monkeypatch):
    from hopsworks import _login

    monkeypatch.setattr(_login, "_current_project", None)
    with pytest.raises(ProjectException, match=r"log ?in"):
        hopsworks.get_current_project()


# ----------------------------------------------------------------------------------------------------- bad input


def test_unknown_project(local_server, requests_sent):
    with pytest.raises(ProjectException) as caught:
        hopsworks.login(host="local", project="no_such_project")
    assert "no_such_project" in str(caught.value)
    assert "create_project" in str(caught.value)
    assert isinstance(caught.value.__cause__, NotFoundError)
    assert caught.value.__cause__.error_code == 150004
    assert len(requests_sent()) == 2


def test_wrong_key(tmp_path, requests_sent):
    refusal = Step(
        "GET /hopsworks-api/api/variables/versions",
        status=401,
        reason="Unauthorized",
        body=b'{"errorCode": 320012, "errorMsg": "API key not valid"}',
        expect_headers={"authorization": f"ApiKey {KEY}"},
    )
    before = sorted(os.listdir(tmp_path))
    with ScriptedServer([refusal]) as server, pytest.raises(UnauthorizedError) as caught:
        hopsworks.login(host=f"http://localhost:{server.port}", api_key_value=KEY, project="demo")
    assert caught.value.error_code == 320012
    assert "HOPSWORKS_API_KEY" in str(caught.value)
    assert "localhost" in str(caught.value)
    assert KEY not in str(caught.value) + repr(caught.value)
    assert len(server.requests) == 1
    assert sorted(os.listdir(tmp_path)) == before
    with pytest.raises(NoHopsworksConnectionError):
        hopsworks.create_project("x")


def test_the_key_is_in_no_log_line_and_no_repr(caplog):
    caplog.set_level(logging.DEBUG)
    with ScriptedServer(
        [
            VERSIONS,
            Step("GET /hopsworks-api/api/project/getProjectInfo/demo", body=project_body("demo")),
        ]
    ) as server:
        project = hopsworks.login(
            host=f"http://localhost:{server.port}", api_key_value=KEY, project="demo"
        )
    connection = project._session.connection
    shown = [
        repr(connection),
        repr(connection.client),
        repr(project._session),
        repr(project._scope),
        repr(project),
    ]
    shown += [record.getMessage() for record in caplog.records]
    assert not [text for text in shown if "very-secret" in text]


def test_unreachable_host():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ServiceUnreachableError) as caught:
        hopsworks.login(host="127.0.0.1", port=port, api_key_value=KEY, project="demo")
    assert f"127.0.0.1:{port}" in str(caught.value)
    assert "check host and port" in str(caught.value)
    assert isinstance(caught.value, ConnectionError)
    assert caught.value.attempts > 1


def test_unknown_host_name():
    with pytest.raises(ServiceUnreachableError) as caught:
        hopsworks.login(host="no-such-host.invalid", api_key_value=KEY, project="demo")
    assert "no-such-host.invalid" in str(caught.value)
    assert "HOPSWORKS_HOST" in str(caught.value)


def certificate(tmp_path, *names, **kwargs):
    """A server context with a certificate for the names, and the PEM file of its authority."""
    import trustme

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **kwargs).configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    return context, str(tmp_path / "authority.pem")


def test_a_trusted_certificate_is_accepted(tmp_path):
    context, authority = certificate(tmp_path, "localhost")
    steps = [
        VERSIONS,
        Step("GET /hopsworks-api/api/project/getProjectInfo/demo", body=project_body("demo")),
    ]
    with ScriptedServer(steps, tls=context) as server:
        project = hopsworks.login(
            host="localhost",
            port=server.port,
            api_key_value=KEY,
            project="demo",
            trust_store_path=authority,
        )
    assert project.id == 7


def fingerprint(port):
    """SHA-256 of the certificate that a server of this machine presents."""
    pem = ssl.get_server_certificate(("localhost", port))
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()


@pytest.mark.parametrize("store", ["pem", "jks", "pkcs12", "system"])
def test_where_authorities_come_from(tmp_path, monkeypatch, store):
    from tests import java_stores

    context, authority = certificate(tmp_path, "localhost")
    arguments = {"host": "localhost", "api_key_value": KEY, "project": "demo"}
    if store == "system":
        # What a system trusts; OpenSSL's own variable names another bundle for this process.
        monkeypatch.setenv("SSL_CERT_FILE", authority)
    else:
        path = authority
        if store != "pem":
            path = java_stores.trust_store(
                tmp_path / "store", authority, "store-password", store.upper()
            )
            monkeypatch.setenv("HOPSWORKS_TRUST_STORE_PASSWORD", "store-password")
        arguments["trust_store_path"] = str(path)
    info = Step("GET /hopsworks-api/api/project/getProjectInfo/demo", body=project_body("demo"))
    with ScriptedServer([VERSIONS, info], tls=context) as server:
        project = hopsworks.login(port=server.port, **arguments)
    assert project.id == 7
    assert project._session.connection.hostname_verification is True


def test_without_a_store_the_system_decides(tmp_path):
    context, _ = certificate(tmp_path, "localhost")
    with (
        ScriptedServer([], tls=context) as server,
        pytest.raises(HopsworksSSLClientError, match="is not trusted") as caught,
    ):
        hopsworks.login(host="localhost", port=server.port, api_key_value=KEY)
    assert "HOPSWORKS_TRUST_STORE_PATH" in str(caught.value)
    assert server.requests == []


@pytest.mark.parametrize("fault", ["expired", "not_yet", "other_host", "unknown_authority"])
def test_a_bad_certificate_is_refused_before_the_key_is_sent(tmp_path, fault):
    names = ["other.example"] if fault == "other_host" else ["localhost"]
    kwargs = {}
    if fault == "expired":
        kwargs["not_after"] = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
        kwargs["not_before"] = kwargs["not_after"] - datetime.timedelta(days=10)
    if fault == "not_yet":
        kwargs["not_before"] = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
        kwargs["not_after"] = kwargs["not_before"] + datetime.timedelta(days=10)
    context, authority = certificate(tmp_path, *names, **kwargs)
    if fault == "unknown_authority":
        (tmp_path / "second").mkdir()
        _, authority = certificate(tmp_path / "second", "localhost")
    before = sorted(os.listdir(tmp_path))
    with ScriptedServer([], tls=context) as server:
        presented = fingerprint(server.port)
        arguments = {"host": "localhost", "port": server.port, "trust_store_path": authority}
        with pytest.raises(HopsworksSSLClientError) as caught:
            hopsworks.login(api_key_value=KEY, project="demo", **arguments)
    named, *remedies = {
        "expired": ("has expired", "renewed", "clock"),
        "not_yet": ("is not valid before", "clock", "reissued"),
        "other_host": ("other.example", "one of those names", "reissued"),
        "unknown_authority": ("is not trusted", "HOPSWORKS_TRUST_STORE_PATH", "this system's"),
    }[fault]
    for part in (named, *remedies, "hostname_verification=False", "localhost"):
        assert part in str(caught.value)
    assert f"SHA-256 {presented}" in str(caught.value)
    assert isinstance(caught.value, Exception)
    assert caught.value.attempts == 1
    assert server.requests == []
    assert sorted(os.listdir(tmp_path)) == before


@pytest.mark.parametrize("how", ["argument", "variable", "file"])
@pytest.mark.parametrize("store", [False, True])
def test_verification_switched_off_is_warned_about_once(tmp_path, monkeypatch, how, store):
    from hopsworks import _transport

    context, authority = certificate(tmp_path, "other.example")
    steps = [
        VERSIONS,
        Step("GET /hopsworks-api/api/project/getProjectInfo/demo", body=project_body("demo")),
    ] * 3
    _transport._warned_unverified.clear()
    arguments = {"host": "localhost", "api_key_value": KEY, "project": "demo"}
    if store:
        arguments["trust_store_path"] = authority
    if how == "argument":
        arguments["hostname_verification"] = False
    elif how == "variable":
        monkeypatch.setenv("HOPSWORKS_HOSTNAME_VERIFICATION", "false")
    else:
        (tmp_path / ".hops.toml").write_text("[default]\nhostname_verification = false\n")
    with ScriptedServer(steps, tls=context) as server, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for _ in range(3):
            hopsworks.login(port=server.port, **arguments)
    expected = "accepted for any host name" if store else "localhost is not verified"
    assert [expected in str(each.message) for each in told] == [True]
    assert told[0].filename == __file__


def test_with_a_trust_store_the_authority_is_checked_even_without_the_host_name(tmp_path):
    context, authority = certificate(tmp_path, "other.example")
    steps = [
        VERSIONS,
        Step("GET /hopsworks-api/api/project/getProjectInfo/demo", body=project_body("demo")),
    ]
    arguments = {"api_key_value": KEY, "project": "demo", "hostname_verification": False}
    with ScriptedServer(steps, tls=context) as server:
        hopsworks.login(host="localhost", port=server.port, trust_store_path=authority, **arguments)
    (tmp_path / "second").mkdir()
    _, stranger = certificate(tmp_path / "second", "localhost")
    with (
        ScriptedServer([], tls=context) as server,
        pytest.raises(HopsworksSSLClientError, match="not trusted"),
    ):
        hopsworks.login(host="localhost", port=server.port, trust_store_path=stranger, **arguments)
    assert server.requests == []


def test_another_version_of_the_server_is_warned_about():
    old = Step(
        "GET /hopsworks-api/api/variables/versions",
        body=b'[{"software": "hopsworks", "version": "4.7.0-SNAPSHOT"}]',
    )
    info = Step("GET /hopsworks-api/api/project/getProjectInfo/demo", body=project_body("demo"))
    with ScriptedServer([old, info]) as server, pytest.warns(UserWarning, match=r"hopsworks==4\.7"):
        project = hopsworks.login(
            host=f"http://localhost:{server.port}", api_key_value=KEY, project="demo"
        )
    assert project._session.connection.backend_version == "4.7.0"


def test_several_projects_of_the_embedded_server_and_nobody_to_ask(local_project, monkeypatch):
    monkeypatch.delenv("HOPSWORKS_PROJECT", raising=False)
    assert local_project != "local"
    assert hopsworks.login(host="local").name == "local"


def test_several_projects_and_nobody_to_ask():
    listing = Step("GET /hopsworks-api/api/project", body=memberships("one", "two"))
    with ScriptedServer([VERSIONS, listing]) as server, pytest.raises(ProjectException) as caught:
        hopsworks.login(host=f"http://localhost:{server.port}", api_key_value=KEY)
    for part in ("one, two", "HOPSWORKS_PROJECT"):
        assert part in str(caught.value)


def test_several_projects_and_a_person_at_the_terminal(monkeypatch):
    answers = iter(["3", "x", "2"])
    asked = []
    monkeypatch.setattr(config, "interactive", lambda: True)
    monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or next(answers))
    listing = Step("GET /hopsworks-api/api/project", body=memberships("one", "two"))
    info = Step("GET /hopsworks-api/api/project/getProjectInfo/two", body=project_body("two"))
    with ScriptedServer([VERSIONS, listing, info]) as server:
        project = hopsworks.login(host=f"http://localhost:{server.port}", api_key_value=KEY)
    assert project.name == "two"
    assert project.home_path == "/Projects/two/Users/annab000"
    assert "(1) one" in asked[0]
    assert "1 to 2" in asked[1]


def test_no_project_yet():
    with ScriptedServer([VERSIONS, Step("GET /hopsworks-api/api/project", body=b"[]")]) as server:
        assert hopsworks.login(host=f"http://localhost:{server.port}", api_key_value=KEY) is None


def test_no_key_and_no_terminal_sends_nothing(monkeypatch):
    monkeypatch.setattr(config, "interactive", lambda: False)
    with (
        ScriptedServer([]) as server,
        pytest.raises(ExternalClientError, match="HOPSWORKS_API_KEY"),
    ):
        hopsworks.login(host=f"http://localhost:{server.port}", project="demo")
    assert server.requests == []


def test_a_server_that_does_not_accept_names_the_limit(monkeypatch):
    monkeypatch.setenv("HOPSWORKS_CONNECT_TIMEOUT", "0.3")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with (
        ScriptedServer([], tls=context, accept=False) as server,
        pytest.raises(ConnectTimeoutError) as caught,
    ):
        hopsworks.login(host="localhost", port=server.port, api_key_value=KEY, project="demo")
    assert "0.3 s" in str(caught.value)
    assert f":{server.port}" in str(caught.value)
    assert isinstance(caught.value, TimeoutError)


def test_ctrl_c_during_a_wait_ends_it_at_once(tmp_path):
    script = textwrap.dedent(
        """
        import sys, time
        import hopsworks
        print("ready", flush=True)
        try:
            hopsworks.login(host=sys.argv[1], api_key_value="a.b", project="demo")
        except KeyboardInterrupt:
            print("interrupted", flush=True)
        """
    )
    silent = Step("GET /hopsworks-api/api/variables/versions", silent=20)
    with ScriptedServer([silent]) as server:
        process = subprocess.Popen(
            [sys.executable, "-c", script, f"http://localhost:{server.port}"],
            stdout=subprocess.PIPE,
            text=True,
        )
        while not server.requests and process.poll() is None:
            time.sleep(0.02)
        begin = time.monotonic()
        process.send_signal(2)
        output, _ = process.communicate(timeout=10)
        assert time.monotonic() - begin < 2
    assert output.split() == ["ready", "interrupted"]
    assert len(server.requests) == 1
