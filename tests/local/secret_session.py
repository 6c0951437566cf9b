"""A session that uses a secret of every kind, as a program of its own; ``test_leaked_secrets.py`` looks for what it leaves.

It is given a folder that has ``given.json`` (host, port, key, ...), works through everything that handles a secret, provokes failures,
and writes what a user could see of it to files in ``seen/``. Where processes are to be looked at, it says so on standard output and
waits for a line.
"""

from __future__ import annotations

import base64
import contextlib
import copy
import gc
import io
import json
import logging
import os
import pickle
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

JOB = "import os, time\nprint('runs', flush=True)\nwhile not os.path.exists(GO): time.sleep(0.02)\n"
PREDICTOR = """
import os

class Predict:
    def predict(self, inputs):
        return [len(os.environ["SERVING_API_KEY"])]
"""


# The pickle of what is a secret holds it: the user hands it to another process.
THEMSELVES_SECRET = frozenset(("Secret", "EnvVar", "GitProvider"))


class Seen:
    """What a user could see, written down."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.classes: set[str] = set()
        self.pickled: set[str] = set()

    def add(self, name: str, content: str | bytes) -> None:
        data = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
        with open(self.folder / name, "ab") as file:
            file.write(data + b"\n")

    def exception(self, error: BaseException | None) -> None:
        """An exception with all that hangs on it."""
        while error is not None:
            shown = [repr(error), str(error), *traceback.format_exception(error)]
            shown += [f"{name} = {value!r}" for name, value in vars(error).items()]
            response = getattr(error, "response", None)
            if response is not None:
                shown += [repr(response), response.text, repr(dict(response.headers))]
                shown += [f"{name} = {getattr(response, name)!r}" for name in response.__slots__]
            self.add("exceptions", "\n".join(shown))
            self.pickle(error)
            error = error.__cause__ or error.__context__

    def pickle(self, thing: Any) -> None:
        kind = type(thing)
        if kind.__name__ in THEMSELVES_SECRET:
            return
        for protocol in (2, pickle.HIGHEST_PROTOCOL):
            try:
                data = pickle.dumps(thing, protocol)
            except Exception as error:  # what cannot be pickled leaks nothing by it
                self.add("pickle-errors", f"{kind.__module__}.{kind.__name__}: {error}")
                continue
            self.pickled.add(f"{kind.__module__}.{kind.__name__}")
            self.add("pickles", data)

    def everything(self) -> None:
        """All objects of ours that are alive: as they are shown, and pickled."""
        for thing in gc.get_objects():
            module = type(thing).__module__
            if not isinstance(module, str) or module.partition(".")[0] not in (
                "hopsworks",
                "hsfs",
                "hsml",
            ):
                continue
            self.show(thing)

    def show(self, thing: Any) -> None:
        kind = type(thing)
        self.classes.add(f"{kind.__module__}.{kind.__name__}")
        shown = [repr(thing), str(thing), f"{thing}"]
        for name in ("_repr_html_", "json", "to_dict"):
            method = getattr(thing, name, None)
            if callable(method):
                with contextlib.suppress(Exception):
                    shown.append(str(method()))
        self.add("objects", "\n".join(shown))
        self.pickle(thing)
        with contextlib.suppress(Exception):
            shown.append(repr(copy.copy(thing)))


def failure(seen: Seen, call: Callable[[], Any]) -> None:
    """Something that must fail."""
    try:
        call()
    except Exception as error:
        seen.exception(error)
    else:
        raise AssertionError("nothing failed")


def look(*processes: int) -> None:
    """Have the processes looked at: ours, theirs and their children."""
    print("LOOK", *processes, flush=True)
    assert sys.stdin.readline() == "looked\n"


@contextlib.contextmanager
def environment(**variables: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def main(folder: Path) -> None:
    """The whole session."""
    given = json.loads((folder / "given.json").read_text())
    (folder / "given.json").unlink()  # only memory has them from here on
    seen = Seen(folder / "seen")
    logging.basicConfig(level=logging.DEBUG, filename=folder / "seen" / "log", force=True)
    warnings.simplefilter("always")
    logging.captureWarnings(True)

    import hopsworks

    address = {name: given[name] for name in ("host", "port", "trust_store_path")}
    refused(seen, given, address)
    project = hopsworks.login(**address, api_key_value=given["key"], project="local")
    assert project is not None
    account(seen, given)
    another_user(seen, given, address)
    certificates(seen, project, given)
    files_and_jobs(seen, project, given, folder)
    deployment(seen, project, given, folder)
    features(seen, project)
    seen.everything()
    seen.show(hopsworks.diagnose())
    settings = hopsworks._login.get_connection()._settings
    seen.show(settings)
    hopsworks.logout()
    embedded(seen, folder, given)
    command_line(seen, given, address, folder)
    left(seen)
    inside(seen, given)
    (folder / "seen" / "classes.json").write_text(
        json.dumps({"shown": sorted(seen.classes), "pickled": sorted(seen.pickled)})
    )
    (folder / "learnt.json").write_text(json.dumps(given["learnt"]))


def refused(seen: Seen, given: dict[str, Any], address: dict[str, Any]) -> None:
    """Logins that fail, each with another secret in hand."""
    import hopsworks

    failure(seen, lambda: hopsworks.login(**address, api_key_value=given["wrong_key"]))
    failure(seen, lambda: hopsworks.login(**address, api_key_value=given["key"] + " with blanks"))
    untrusting = {"host": address["host"], "port": address["port"]}
    failure(seen, lambda: hopsworks.login(**untrusting, api_key_value=given["key"]))
    closed = {**address, "port": given["closed_port"]}
    failure(seen, lambda: hopsworks.login(**closed, api_key_value=given["key"]))
    with environment(HTTPS_PROXY=given["proxy"], NO_PROXY=""):
        failure(seen, lambda: hopsworks.login(**address, api_key_value=given["key"]))
    with environment(HOPSWORKS_TRUST_STORE_PASSWORD=given["wrong_store_password"]):
        failure(seen, lambda: hopsworks.login(**address, api_key_value=given["key"]))
    failure(
        seen,
        lambda: hopsworks.login(**address, api_key_value=given["key"], project="no_such_project"),
    )
    failure(seen, lambda: hopsworks.connection(**address, api_key_file=given["key"]))


def account(seen: Seen, given: dict[str, Any]) -> None:
    """Secrets and variables of the user."""
    import hopsworks

    secrets, variables = hopsworks.get_secrets_api(), hopsworks.get_env_vars_api()
    secret = secrets.create_secret("warehouse", given["secret"])
    assert secret.value == secrets.get("warehouse") == given["secret"]
    assert copy.copy(secret).value == copy.deepcopy(secret).value == given["secret"]
    assert pickle.loads(pickle.dumps(secret)).value == given["secret"]
    shown = [secret, *secrets.get_secrets()]
    failure(seen, lambda: secrets.create_secret("warehouse", given["secret"]))
    failure(seen, lambda: secrets.create_secret("shared", given["secret"]))
    failure(seen, lambda: secrets.create_secret("bytes", given["secret"].encode()))
    failure(seen, lambda: secrets.create_secret("x", given["secret"], project="nowhere"))
    shown.append(variables.set_env_var("TOKEN", given["variable"]))
    shown += variables.get_env_vars()
    failure(seen, lambda: variables.set_env_var("not a name", given["variable"]))
    for thing in shown:
        seen.show(thing)


def another_user(seen: Seen, given: dict[str, Any], address: dict[str, Any]) -> None:
    """A user with a password and a key of their own, made by the administrator."""
    import hopsworks
    from hopsworks.cli.main import main as command

    users = hopsworks.get_users_api()
    seen.show(users.register_user("bob@example.com", "Bob", "Ray", given["password"]))
    failure(seen, lambda: users.register_user("bob@example.com", "Bob", "Ray", given["password"]))
    data = ["--data", given["data"]]
    printed, said = io.StringIO(), io.StringIO()
    with environment(XDG_RUNTIME_DIR=given["runtime"]):  # where that server has its socket
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(said):
            assert command(["local", "key", "create", "--user", "bob@example.com", *data]) == 0
        key = printed.getvalue().strip()  # the only place where it is shown
        given["learnt"]["key of another user"] = key.partition(".")[2]
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            assert command(["local", "key", "list", "--json", *data]) == 0
            assert command(["local", "key", "delete", f"x{key}", *data]) == 1
    with hopsworks.connection(**address, api_key_value=key) as connection:
        failure(seen, lambda: connection.get_project("local"))
        seen.show(connection)
    with environment(XDG_RUNTIME_DIR=given["runtime"]), contextlib.redirect_stdout(said):
        assert command(["local", "key", "delete", key, *data]) == 0
    seen.add("commands", said.getvalue())
    failure(seen, lambda: hopsworks.connection(**address, api_key_value=key))


def certificates(seen: Seen, project: Any, given: dict[str, Any]) -> None:
    """The certificates of the project, in memory and as files."""
    from hopsworks import certificates

    session = project._session
    found = certificates.project_certificates(session)
    key_text = "".join(found.client_key.splitlines()[1:-1])
    store = base64.b64encode(found.key_store).decode()
    given["learnt"] |= {
        "store password": found.password,
        "client key": key_text[8:72],
        "key store": store[64:128],
    }
    path = found.path("client_key.pem")
    assert os.stat(path).st_mode & 0o077 == 0
    seen.show(found)
    failure(seen, lambda: certificates.ProjectCertificates(session, {"kStore": store + "!"}))
    broken = {"kStore": store, "tStore": store, "password": given["wrong_store_password"]}
    failure(seen, lambda: certificates.ProjectCertificates(session, broken))
    failure(seen, lambda: pickle.dumps(found))


def files_and_jobs(seen: Seen, project: Any, given: dict[str, Any], folder: Path) -> None:
    """Files up and down, and a job that runs while its process is looked at."""
    files, jobs = project.get_dataset_api(), project.get_job_api()
    source = folder / "job.py"
    source.write_text(f"GO = {str(folder / 'go')!r}\n{JOB}")
    files.upload(str(source), "Resources")
    files.download("Resources/job.py", str(folder / "back.py"))
    failure(seen, lambda: files.download("Resources/none.py", str(folder / "none.py")))
    failure(seen, lambda: files.upload(str(source), "Resources"))
    config = jobs.get_configuration("PYTHON") | {"appPath": "Resources/job.py"}
    job = jobs.create_job("quiet", config)
    execution = job.run(await_termination=False)
    wait_for(lambda: "runs" in (execution.get_pod_logs().log or ""))
    look()
    (folder / "go").touch()
    execution.await_termination()
    logs = execution.download_logs(str(folder / "seen"))
    assert all(logs)
    failure(seen, lambda: jobs.create_job("bad", {"type": "nothing"}))
    failure(seen, lambda: execution.download_logs(str(folder / "none" / "\0")))
    for thing in (job, execution, files, jobs, project):
        seen.show(thing)


def deployment(seen: Seen, project: Any, given: dict[str, Any], folder: Path) -> None:
    """A predictor that reads its key, looked at while it runs."""
    script, model_folder = folder / "predict.py", folder / "model"
    script.write_text(PREDICTOR)
    model_folder.mkdir()
    (model_folder / "weights").write_text("1")
    model = project.get_model_registry().python.create_model("quiet")
    model.save(str(model_folder))
    made = model.deploy(name="quiet", script_file=str(script))
    made.start(await_running=240)
    assert made.predict(inputs=[1])["predictions"] == [len(given["key"])]
    look()
    failure(seen, lambda: made.predict(inputs=None))
    seen.add("objects", str(made.get_logs()))
    for thing in (model, made, made.predictor):
        seen.show(thing)
    made.stop(await_stopped=240)


def features(seen: Seen, project: Any) -> None:
    """A feature group with rows, read back over Arrow Flight with the certificates, and a vector."""
    import pandas as pd

    fs = project.get_feature_store()
    group = fs.get_or_create_feature_group(
        "quiet", version=1, primary_key=["id"], online_enabled=True
    )
    group.insert(pd.DataFrame({"id": [1, 2], "x": [0.5, 1.5]}))
    view = fs.get_or_create_feature_view("quiet", version=1, query=group.select_all())
    port = int(os.environ["ONLINE_PORT"])
    view.init_serving(init_rest_client=True, config_rest_client={"port": port})
    assert len(view.get_feature_vector({"id": 1})) == 2
    assert len(group.read()) == 2
    failure(seen, lambda: fs.get_feature_group("none", 1).read())
    wrong = {"port": port, "api_key": "wrongKey00000002.wrongOnlineKeyValue"}
    again = fs.get_feature_view("quiet", 1)

    def refused() -> None:
        again.init_serving(init_rest_client=True, config_rest_client=wrong)
        again.get_feature_vector({"id": 1})

    failure(seen, refused)
    for thing in (fs, group, view):
        seen.show(thing)


def embedded(seen: Seen, folder: Path, given: dict[str, Any]) -> None:
    """The embedded server in the background, started by a program whose environment is full of secrets."""
    import hopsworks
    from hopsworks.local import lifecycle

    data = folder / "embedded"
    # A user's variable: it is in our own environment, and must be in that of nobody else.
    with (
        environment(HOPSWORKS_API_KEY=given["environment_key"]),
        hopsworks.connection(host=f"local:{data}", project="local") as connection,
    ):
        given["learnt"]["key of the embedded server"] = connection._address.api_key.partition(".")[
            2
        ]
        for thing in (connection, connection.client, connection._address):
            seen.show(thing)
        seen.show(connection._settings)
        found = lifecycle.find(data)
        look(found.pid)
    seen.show(connection)  # closed, and without what cannot be pickled
    with hopsworks.connection(host=f"local:{data}", api_key_value=given["key"]) as connection:
        seen.show(connection)
    seen.show(connection)
    lifecycle.stop(data)


def command_line(seen: Seen, given: dict[str, Any], address: dict[str, Any], folder: Path) -> None:
    """What the commands say, with and without ``--debug``."""
    from hopsworks.cli.main import main as command

    host = ["--host", f"https://{address['host']}:{address['port']}"]
    host += ["--trust-store", address["trust_store_path"]]
    for key, arguments in (
        (given["wrong_key"], ["login", *host, "--api-key-stdin", "--debug"]),
        (given["key"], ["login", *host, "--api-key-stdin"]),
        ("", ["config", "show"]),
        ("", ["config", "show", "--json"]),
        ("", ["diagnose", "--timeout", "10"]),
        ("", ["diagnose", "--json", "--debug", "--timeout", "10"]),
        (given["wrong_key"], ["diagnose", "--api-key-stdin", "--json"]),
        ("", ["login", *host, "--api-key", given["key"]]),
        ("", ["login", given["key"]]),
        ("", ["config", "show", f"--key={given['key']}"]),
    ):
        out, before = io.StringIO(), sys.stdin
        sys.stdin = io.StringIO(key + "\n")
        try:
            with (
                contextlib.redirect_stdout(out),
                contextlib.redirect_stderr(out),
                contextlib.suppress(SystemExit),
            ):
                command(arguments)
        finally:
            sys.stdin = before
        seen.add("commands", out.getvalue())


def inside(seen: Seen, given: dict[str, Any]) -> None:
    """A program inside a cluster: a token that runs out, the stores of a container, what only a cluster has."""
    import hopsworks

    with environment(**given["variables"]):
        project = hopsworks.login()
        assert project is not None
        connection = project._session.connection
        config = project.get_opensearch_api().get_default_py_config()
        assert given["learnt"]["OpenSearch token"] in str(config["headers"])
        config = project.get_kafka_api().get_default_config()
        assert os.stat(config["ssl.key.location"]).st_mode & 0o077 == 0
        git = project.get_git_api()
        failure(seen, lambda: git.set_provider("GitHub", "ann", given["git_token"]))
        users = hopsworks.get_users_api()
        failure(
            seen, lambda: users.register_user("ann@example.com", "Ann", "Lee", given["password"])
        )
        seen.everything()
        for thing in (connection, connection.client, connection._settings):
            seen.show(thing)
        Path(given["variables"]["SECRETS_DIR"], "token.jwt").write_text(given["stale_token"])
        hopsworks.logout()
        seen.show(hopsworks.diagnose(timeout=3.0))


def left(seen: Seen) -> None:
    """What the commands saved is used, and forgotten."""
    import hopsworks
    from hopsworks.cli.main import main as command

    seen.show(hopsworks.login())
    hopsworks.logout()
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        command(["logout"])
    seen.add("commands", out.getvalue())


def wait_for(reached: Callable[[], bool]) -> None:
    import time

    end = time.monotonic() + 240
    while not reached():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
