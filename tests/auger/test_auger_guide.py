"""The Python of the guide and the example run as they stand, against a Hub that answers by a script."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from hub import ROOT, ScriptedServer, Step, reply


def run(arguments: list[str], **variables: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PYTHONPATH": str(ROOT), **variables},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def page(items: list[Any], total: int | None = None) -> dict[str, Any]:
    pagination = {"limit": 50, "offset": 0, "count": len(items), "total": total or len(items)}
    return {"data": items, "meta": {"status": 200, "pagination": pagination}}


def test_the_guide_runs(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "auger.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.S | re.M)
    assert len(blocks) > 7
    blank = {"error_param": "name", "message": "can't be blank", "error_type": "invalid_param"}
    trials = [{"id": at, "score": score} for at, score in enumerate((0.81, 0.84, 0.79))]
    steps = [
        reply({"data": {"id": "p7"}}, 201, expect="POST /api/v1/projects"),
        reply({"data": {"id": "p7", "name": "flights"}}, expect="GET /api/v1/projects/p7"),
        reply(page([{"id": "s1"}, {"id": "s2"}]), expect="GET /api/v1/experiment_sessions"),
        reply(page(trials[:2]), expect="GET /api/v1/trials"),
        reply(page(trials[2:]), expect="GET /api/v1/trials"),
        reply(page([]), expect="GET /api/v1/trials"),
        reply({"data": []}, 201, expect="POST /api/v1/endpoints/p1/actuals"),
        reply({"data": {}}, expect="DELETE /api/v1/endpoints/p1/actuals"),
        reply({"data": {"token": "better"}}, 201, expect="POST /api/v1/tokens"),
        reply({"data": {"trials": [1, 2]}}, expect="POST /v2/next_trials"),
        reply({"data": {"estimated_time": 1.5}}, expect="POST /fte"),
        reply({"meta": {"errors": [blank]}}, 400, expect="POST /api/v1/projects"),
        reply({"data": {"status": "running"}}, expect="GET /api/v1/status"),
    ]
    script = tmp_path / "guide.py"
    with ScriptedServer(steps) as server:
        code = "\n".join(blocks)
        for address in ("https://hub.example", "https://optimizers.example"):
            assert address in code
            code = code.replace(address, server.url)
        script.write_text(code)
        output = run([str(script)])
    assert output.splitlines() == re.findall(r"^    (HAC\..*)$", text, re.M)
    tokens = [
        json.loads(gzip.decompress(r.body) if "/v2/" in r.target or r.target == "/fte" else r.body)
        for r in server.requests
    ]
    assert [body["token"] for body in tokens] == ["my-token"] * 9 + ["better"] * 4


def test_the_example_runs() -> None:
    alphas = [[0.5, 3.0], [1.0, 2.5], [1.25, 1.75]]
    steps: list[Step] = [
        reply({"data": {"id": "s9"}}, 201, expect="POST /api/v1/experiment_sessions")
    ]
    for turn, pair in enumerate(alphas):
        proposed = [
            {"id": f"{turn}-{at}", "algorithm": "ridge", "params": {"alpha": alpha}}
            for at, alpha in enumerate(pair)
        ]
        answer = {"data": {"trials": proposed, "optimizer_context": {"turn": turn}}}
        steps += [
            reply(answer, expect="POST /v2/next_trials"),
            reply(expect="PATCH /api/v1/trials"),
        ]
    steps.append(reply(expect="PATCH /api/v1/experiment_sessions/s9"))
    with ScriptedServer(steps) as server:
        variables = {"AUGER_HUB_URL": server.url, "AUGER_OPTIMIZERS_URL": server.url}
        example = str(ROOT / "examples" / "auger_trials.py")
        output = run([example, "e1"], AUGER_TOKEN="t", **variables)
    assert output.splitlines() == [
        "2 of 6 trials, best score 0.9",
        "4 of 6 trials, best score 0.975",
        "6 of 6 trials, best score 0.9938",
        "the best trial has {'alpha': 1.25}",
    ]
    asked = [json.loads(gzip.decompress(r.body)) for r in server.requests[1:-1:2]]
    assert [len(body["trials_history"]) for body in asked] == [0, 2, 4]
    assert [body["optimizer_context"] for body in asked] == [None, {"turn": 0}, {"turn": 1}]
    sent = [json.loads(r.body) for r in server.requests[2:-1:2]]
    assert all(body["experiment_session_id"] == "s9" for body in sent)
    assert [trial["score"] for body in sent for trial in body["trials"]] == [
        0.9, 0.775, 0.975, 0.9, 0.9938, 0.9938,
    ]  # fmt: skip


def test_the_example_tells_how_it_failed() -> None:
    with ScriptedServer([Step(status=401, body=b"no token")]) as server:
        done = subprocess.run(
            [sys.executable, str(ROOT / "examples" / "auger_trials.py"), "e1"],
            capture_output=True,
            text=True,
            timeout=60,
            env={
                "PYTHONPATH": str(ROOT),
                "AUGER_HUB_URL": server.url,
                "AUGER_OPTIMIZERS_URL": server.url,
                "AUGER_TOKEN": "hush",
            },
        )
    assert done.returncode == 1
    assert done.stderr.startswith("the search ended early: status: 401, body: no token")
    assert "hush" not in done.stderr


def test_the_example_tells_what_it_needs() -> None:
    example = str(ROOT / "examples" / "auger_trials.py")
    done = subprocess.run(
        [sys.executable, example],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PYTHONPATH": str(ROOT), "AUGER_HUB_URL": "https://hub.example"},
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == (
        f"usage: python {example} EXPERIMENT_ID; set AUGER_OPTIMIZERS_URL, AUGER_TOKEN"
    )
    assert "Traceback" not in done.stderr
