"""Deployments of the local server over plain HTTP: real scripts in real processes."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hopsworks.local import lifecycle

SCRIPT = """
import os


class Predict:
    def __init__(self):
        with open(os.path.join(os.environ["MODEL_FILES_PATH"], "factor.txt")) as file:
            self.factor = int(file.read())
        print("loaded factor", self.factor)

    def predict(self, inputs):
        print("called with", len(inputs), "rows")
        return [sum(row) * self.factor for row in inputs]
"""


class Deployments:
    """Shorthand for the serving routes of one project."""

    def __init__(self, api) -> None:
        self.api = api
        self.base = f"{api.p}/serving"
        folder = api.folder / "Models" / "m" / "1" / "Files"
        folder.mkdir(parents=True)
        (folder / "factor.txt").write_text("10")
        api.call(
            "PUT",
            f"{api.p}/modelregistries/{api.id}/models/m_1",
            201,
            json={"name": "m", "version": 1, "framework": "PYTHON"},
        )

    def script(self, text: str, name: str = "predict.py") -> str:
        (self.api.folder / "Resources" / name).write_text(text)
        return f"/Projects/{self.api.name}/Resources/{name}"

    def body(self, script: str | None = SCRIPT, **members) -> dict:
        return {
            "id": None,
            "name": "dep",
            "description": None,
            "version": None,
            "created": None,
            "creator": None,
            "modelServer": "PYTHON",
            "servingTool": "DEFAULT",
            "predictor": None if script is None else self.script(script),
            "configFile": None,
            "apiProtocol": "REST",
            "projectNamespace": None,
            "modelName": "m",
            "modelPath": f"/Projects/{self.api.name}/Models/m",
            "modelVersion": 1,
            "modelFramework": "PYTHON",
            "requestedInstances": 1,
            "predictorResources": {"requests": {"cores": 0.2, "memory": 32, "gpus": 0}},
            "batchingConfiguration": {"batchingEnabled": False},
            "predictorScalingConfig": {"minInstances": 1},
        } | members

    def create(self, script: str | None = SCRIPT, **members) -> dict:
        return self.api.call("PUT", self.base, 201, json=self.body(script, **members))

    def get(self, number: int) -> dict:
        return self.api.call("GET", f"{self.base}/{number}")

    def wait(self, number: int, *wanted: str, seconds: float = 20) -> dict:
        deadline = time.monotonic() + seconds
        while True:
            found = self.get(number)
            if found["status"] in wanted:
                return found
            assert time.monotonic() < deadline, found
            time.sleep(0.02)

    def start(self, number: int, *wanted: str) -> dict:
        self.api.call("POST", f"{self.base}/{number}?action=START", 200)
        return self.wait(number, *(wanted or ("Running",)))

    def predict(self, rows, name: str = "dep", **kwargs):
        return self.api.call(
            "POST",
            f"{self.api.p}/inference/models/{name}:predict",
            json={"instances": rows},
            **kwargs,
        )

    def predict_error(self, name: str = "dep") -> dict:
        response = self.api.send(
            "POST", f"{self.api.p}/inference/models/{name}:predict", json={"instances": [[1]]}
        )
        return {"status": response.status_code, **response.json()}

    def logs(self, number: int, query: str = "") -> list:
        return self.api.call("GET", f"{self.base}/{number}/logs?component=predictor{query}")


@pytest.fixture
def deployments(api) -> Deployments:
    return Deployments(api)


def test_created_deployment(deployments) -> None:
    made = deployments.create(
        predictorEnvVars=["A=b=c"], tags={"items": [{"name": "t", "value": "v"}]}
    )
    assert made["status"] == "Created"
    assert made["condition"]["type"] == "STOPPED"
    assert made["condition"]["status"] is True
    assert made["version"] == 1
    assert made["predictor"] == "predict.py"
    assert made["projectNamespace"]
    assert made["availableInstances"] == 0
    assert made["requestedInstances"] == 1
    assert made["predictorScalingConfig"] == {"minInstances": 1}
    assert made["predictorEnvVars"] == ["A=b=c"]
    assert made["modelVersion"] == 1
    assert made["created"]
    assert made["creator"]
    api = deployments.api
    found = api.call("GET", f"{deployments.base}?name=dep&expand=mandatorytags")
    assert found["id"] == made["id"]
    assert api.call("GET", f"{deployments.base}?model=m")[0]["id"] == made["id"]
    assert api.call("GET", f"{deployments.base}?model=x") == []
    assert api.call("GET", f"{deployments.base}?status=Created")[0]["id"] == made["id"]
    assert (api.folder / "Deployments/dep/1/predict.py").read_text() == SCRIPT
    assert api.call("GET", f"{deployments.base}/{made['id']}/tags")["count"] == 1
    assert deployments.logs(made["id"]) == []


def test_start_predict_log_stop_delete(deployments) -> None:
    number = deployments.create()["id"]
    running = deployments.start(number)
    assert running["availableInstances"] == 1
    assert running["condition"] == {
        "type": "READY",
        "status": True,
        "reason": "The deployment is ready.",
    }
    assert deployments.predict([[1, 2], [3, 4]]) == {"predictions": [30, 70]}
    log = deployments.logs(number)[0]
    assert "loaded factor 10" in log["content"]
    assert "called with 2 rows" in log["content"]
    assert log["instanceName"].startswith("dep-")
    assert deployments.logs(number, "&tail=1")[0]["content"] == "called with 2 rows"
    stamped = deployments.logs(number, "&timestamps=true&tail=1")[0]["content"]
    assert stamped.split(" ")[0].endswith("Z")
    later = deployments.logs(number, f"&since={stamped.split(' ')[0]}")[0]["content"]
    assert later == "called with 2 rows"
    deployments.api.call("POST", f"{deployments.base}/{number}?action=STOP", 200)
    assert deployments.get(number)["status"] == "Stopped"
    assert deployments.predict_error()["errorCode"] == 250001
    kept = list((deployments.api.folder / "Logs/Serving/dep").glob("*_predictor.log"))
    assert "loaded factor 10" in kept[0].read_text()
    deployments.api.call("DELETE", f"{deployments.base}/{number}", 200)
    assert deployments.api.error("GET", f"{deployments.base}/{number}") == (404, 240000)
    assert deployments.api.error("GET", f"{deployments.base}?name=dep") == (404, 240000)
    assert not (deployments.api.folder / "Deployments/dep").exists()


def _pids_of(marker: str) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if b"predictor_host" in command and marker.encode() in command:
                found.append(int(entry.name))
    return found


def test_child_has_its_own_session_and_a_small_environment(deployments) -> None:
    number = deployments.create(predictorEnvVars=["MINE=1"])["id"]
    deployments.start(number)
    (pid,) = _pids_of(f"/{deployments.api.name}/Deployments/dep/")
    assert os.getsid(pid) == pid
    environment = dict(
        entry.split("=", 1)
        for entry in Path(f"/proc/{pid}/environ").read_text().split("\0")
        if "=" in entry
    )
    assert environment["MINE"] == "1"
    assert environment["DEPLOYMENT_NAME"] == "dep"
    assert environment["DEPLOYMENT_VERSION"] == "1"
    assert environment["MODEL_NAME"] == "m"
    assert environment["MODEL_FILES_PATH"].endswith("/Models/m/1/Files")
    assert environment["ARTIFACT_FILES_PATH"].endswith("/Deployments/dep/1")
    assert environment["SCRIPT_PATH"].endswith("/predict.py")
    assert environment["HOPSWORKS_PROJECT"] == deployments.api.name
    assert environment["HOPSWORKS_HOST"] == f"local:{deployments.api.address.data}"
    assert "PYTEST_CURRENT_TEST" not in environment
    status = Path(f"/proc/{pid}/status").read_text()
    assert "NoNewPrivs:\t1" in status
    deployments.api.call("DELETE", f"{deployments.base}/{number}", 200)
    assert _pids_of(f"/{deployments.api.name}/Deployments/dep/") == []


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("import no_such_module_anywhere\n", "no_such_module_anywhere"),
        ("class Other: pass\n", "no class Predict"),
        ("class Predict:\n  def __init__(self): raise ValueError('bad weights')\n", "bad weights"),
        ("import os\nos._exit(7)\n", "exit code 7"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n", "SIGKILL"),
    ],
)
def test_script_that_does_not_load(deployments, script, reason) -> None:
    number = deployments.create(script)["id"]
    failed = deployments.start(number, "Failed")
    assert failed["condition"]["status"] is False
    assert reason in failed["condition"]["reason"]
    assert failed["availableInstances"] == 0
    assert deployments.predict_error()["errorCode"] == 250001
    start = f"{deployments.base}/{number}?action=START"
    assert deployments.api.error("POST", start) == (400, 240003)
    deployments.api.call("POST", f"{deployments.base}/{number}?action=STOP", 200)
    assert deployments.get(number)["status"] == "Stopped"


CRASH = """
import os


class Predict:
    def predict(self, inputs):
        if inputs == [["exit"]]:
            print("about to end", flush=True)
            os._exit(3)
        if inputs == [["raise"]]:
            raise KeyError("weights")
        return inputs
"""


def test_error_in_predict_and_crash(deployments) -> None:
    number = deployments.create(CRASH)["id"]
    deployments.start(number)
    url = f"{deployments.api.p}/inference/models/dep:predict"
    response = deployments.api.send("POST", url, json={"instances": [["raise"]]})
    assert (response.status_code, response.json()["errorCode"]) == (500, 250007)
    assert "KeyError" in response.json()["usrMsg"]
    assert "Traceback" in deployments.logs(number)[0]["content"]
    assert deployments.predict([[1]]) == {"predictions": [[1]]}
    response = deployments.api.send("POST", url, json={"instances": [["exit"]]})
    assert (response.status_code, response.json()["errorCode"]) == (500, 250007)
    failed = deployments.wait(number, "Failed")
    assert "exit code 3" in failed["condition"]["reason"]
    assert "about to end" in failed["condition"]["reason"]
    deployments.api.call("POST", f"{deployments.base}/{number}?action=STOP", 200)
    deployments.start(number)
    assert deployments.predict([[2]]) == {"predictions": [[2]]}


NUMPY = """
import datetime

import numpy as np


class Predict:
    def predict(self, inputs):
        return {"array": np.arange(3), "one": np.float32(0.5), "day": datetime.date(2020, 1, 2)}
"""


def test_numpy_results(deployments) -> None:
    deployments.start(deployments.create(NUMPY)["id"])
    assert deployments.predict([[1]]) == {"array": [0, 1, 2], "one": 0.5, "day": "2020-01-02"}


TRANSFORMER = """
class Transformer:
    async def preprocess(self, inputs):
        return {"instances": [[value + 1 for value in row] for row in inputs["instances"]]}

    def postprocess(self, outputs):
        return {"predictions": outputs["predictions"], "by": "transformer"}
"""


def test_transformer(deployments) -> None:
    path = deployments.script(TRANSFORMER, "transform.py")
    made = deployments.create(transformer=path)
    assert made["transformer"] == "transform.py"
    assert made["transformerScalingConfig"]["minInstances"] == 1
    deployments.start(made["id"])
    assert deployments.predict([[1, 2]]) == {"predictions": [50], "by": "transformer"}


def test_many_calls_at_once(deployments) -> None:
    deployments.start(deployments.create(requestedInstances=2)["id"])
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: deployments.predict([[n, n]]), range(60)))
    assert answers == [{"predictions": [20 * n]} for n in range(60)]


def test_large_payload(deployments) -> None:
    deployments.start(deployments.create()["id"])
    rows = [[i, 1] for i in range(200_000)]
    assert deployments.predict(rows)["predictions"][-1] == 2_000_000


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"name": ""}, (422, 120001)),
        ({"name": "a b"}, (422, 120001)),
        ({"servingTool": "KSERVE"}, (400, 240015)),
        ({"modelServer": "VLLM"}, (400, 120012)),
        ({"apiProtocol": "GRPC"}, (400, 120012)),
        ({"modelVersion": 9}, (400, 240006)),
        ({"predictor": "/Projects/x/no.py"}, (400, 110011)),
        ({"predictor": "Resources/no.py"}, (400, 240016)),
        ({"predictor": "Resources/no.txt"}, (400, 240016)),
        ({"predictor": None}, (400, 240018)),
        ({"predictorEnvVars": ["novalue"]}, (422, 120001)),
        ({"requestedInstances": 99}, (422, 120001)),
        ({"id": 999999}, (404, 240000)),
    ],
)
def test_what_cannot_be_deployed(deployments, members, error) -> None:
    body = deployments.body(**members)
    assert deployments.api.error("PUT", deployments.base, json=body) == error
    assert deployments.api.call("GET", deployments.base) == []
    assert list((deployments.api.folder / "Deployments").iterdir()) == []


def test_second_deployment_of_that_name(deployments) -> None:
    deployments.create()
    body = deployments.body()
    assert deployments.api.error("PUT", deployments.base, json=body) == (400, 240011)


def test_model_in_use_is_not_deleted(deployments) -> None:
    deployments.create()
    url = f"{deployments.api.p}/modelregistries/{deployments.api.id}/models/m_1"
    assert deployments.api.error("DELETE", url) == (400, 360009)
    assert (deployments.api.folder / "Models/m/1").exists()


def test_wrong_inference_paths(deployments) -> None:
    base = f"{deployments.api.p}/inference/models/"
    assert deployments.api.error("POST", base + "none:predict", json={}) == (404, 250000)
    assert deployments.api.error("POST", base + "dep", json={}) == (400, 250005)
    number = deployments.create()["id"]
    assert deployments.api.error("POST", base + "dep:predict", json={}) == (400, 250001)
    stop = f"{deployments.base}/{number}?action=STOP"
    assert deployments.api.error("POST", stop) == (400, 240003)
    assert deployments.api.error("POST", f"{deployments.base}/{number}?action=X") == (422, 120001)


def test_versions_and_rollback(deployments) -> None:
    first = deployments.create()
    deployments.start(first["id"])
    other = SCRIPT.replace("* self.factor", "* -self.factor")
    body = deployments.body(other, id=first["id"], version=1)
    changed = deployments.api.call("PUT", f"{deployments.base}?newVersion=true", 201, json=body)
    assert changed["version"] == 2
    assert deployments.wait(first["id"], "Running")["version"] == 2
    assert deployments.predict([[1, 2]]) == {"predictions": [-30]}
    revision = deployments.get(first["id"])["revision"]
    same = body | {"predictor": "predict.py", "version": 2}
    deployments.api.call("PUT", f"{deployments.base}?newVersion=true", 201, json=same)
    assert deployments.get(first["id"])["revision"] == revision
    versions = deployments.api.call("GET", f"{deployments.base}/{first['id']}/versions?limit=100")
    assert [(v["version"], v["active"]) for v in versions["items"]] == [(2, True), (1, False)]
    url = f"{deployments.base}/{first['id']}/rollback"
    assert deployments.api.call("POST", url, json={"version": 1})["version"] == 1
    deployments.wait(first["id"], "Running")
    assert deployments.predict([[1, 2]]) == {"predictions": [30]}
    assert deployments.api.error("POST", url, json={"version": 9}) == (422, 120001)


def test_update_that_fails_says_so(deployments) -> None:
    first = deployments.create()
    deployments.start(first["id"])
    body = deployments.body("1/0\n", id=first["id"], version=1)
    deployments.api.call("PUT", deployments.base, 201, json=body)
    failed = deployments.wait(first["id"], "Failed")
    assert "ZeroDivisionError" in failed["condition"]["reason"]


def test_running_deployment_survives_a_kill_of_the_server(tmp_path: Path) -> None:
    from conftest import ProjectApi

    data = tmp_path / "data"
    address = lifecycle.ensure_running(data)
    try:
        first = Deployments(ProjectApi(address, "survivor"))
        running, stopped = first.create()["id"], first.create(name="other")["id"]
        first.start(running)
        os.kill(address.pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while _pids_of("/survivor/Deployments/dep/") and time.monotonic() < deadline:
            time.sleep(0.02)
        assert _pids_of("/survivor/Deployments/dep/") == []
        address = lifecycle.ensure_running(data)
        first.api.client.close()
        again = ProjectApi.__new__(ProjectApi)
        super(ProjectApi, again).__init__(address)
        again.name, again.id, again.p = first.api.name, first.api.id, first.api.p
        again.folder = first.api.folder
        first.api = again
        assert first.wait(running, "Running")["availableInstances"] == 1
        assert first.get(stopped)["status"] == "Created"
        assert first.predict([[1, 2]]) == {"predictions": [30]}
        assert lifecycle.status(data)["busy"] is True
        assert lifecycle.stop(data, only_if_idle=True) is False
    finally:
        lifecycle.stop(data)
    assert _pids_of("/survivor/Deployments/dep/") == []


STUBBORN = """
import signal


class Predict:
    def __init__(self):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])

    def predict(self, inputs):
        import time
        time.sleep(60)
"""


def test_stubborn_predictor_is_ended_by_force(tmp_path: Path) -> None:
    from conftest import ProjectApi

    data = tmp_path / "data"
    address = lifecycle.ensure_running(data)
    try:
        stubborn = Deployments(ProjectApi(address, "stubborn"))
        number = stubborn.create(STUBBORN)["id"]
        stubborn.start(number)
        url = f"{stubborn.api.p}/inference/models/dep:predict"
        with ThreadPoolExecutor(2) as pool:
            pool.submit(stubborn.api.send, "POST", url, json={"instances": [[1]]})
            time.sleep(0.2)
            pool.submit(stubborn.api.send, "DELETE", f"{stubborn.base}/{number}")
            time.sleep(0.2)
            started = time.monotonic()
            assert lifecycle.stop(data) is True
            assert time.monotonic() - started < 25
    finally:
        lifecycle.stop(data)
    assert _pids_of("/stubborn/Deployments/dep/") == []
