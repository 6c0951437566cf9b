"""Jobs end to end: made, run, awaited, stopped, scheduled and deleted through the public client."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import hopsworks
from hopsworks.client.exceptions import (
    JobException,
    JobExecutionException,
    NotFoundError,
    RestAPIError,
)
from hopsworks.core import SinkJobConfiguration
from hopsworks.local import lifecycle

ARGUMENTS = """
import os, sys
print("arguments", sys.argv[1:])
print("span", os.environ.get("HOPS_START_TIME"), os.environ.get("HOPS_END_TIME"))
print("extra", os.environ.get("EXTRA"), "key", "SERVING_API_KEY" in os.environ)
print("names", __name__, sorted(os.listdir()))
print("to standard error", file=sys.stderr)
"""
SLEEPS = "import os, time\nprint('pid', os.getpid(), flush=True)\ntime.sleep(60)\n"


@pytest.fixture
def project(local_project: str) -> Iterator[Any]:
    yield hopsworks.login(host="local", project=local_project)
    hopsworks.logout()


@pytest.fixture
def make(project: Any, tmp_path: Path) -> Callable[..., Any]:
    """Makes a job of a script."""

    def made(source: str, name: str = "job", **config: Any) -> Any:
        (tmp_path / f"{name}.py").write_text(source)
        files, jobs = project.get_dataset_api(), project.get_job_api()
        files.upload(str(tmp_path / f"{name}.py"), "Resources", overwrite=True)
        given = jobs.get_configuration("PYTHON") | {"appPath": f"Resources/{name}.py"} | config
        return jobs.create_job(name, given)

    return made


def until(reached: Callable[[], Any], seconds: float = 15.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := reached()):
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)
    return found


def logs(execution: Any, folder: Path) -> tuple[str, str]:
    out, err = execution.download_logs(str(folder))
    return Path(out).read_text(), Path(err).read_text()


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def started_pid(execution: Any) -> int:
    text = until(lambda: execution.get_pod_logs().log or "")
    return int(text.split()[1])


def test_a_job_runs_and_its_logs_are_downloaded(make: Any, project: Any, tmp_path: Path) -> None:
    job = make(ARGUMENTS)
    assert (job.job_type, job.name, job.config["environmentName"]) == (
        "PYTHON",
        "job",
        "python-feature-pipeline",
    )
    execution = job.run(args="--name 'two words' 3")
    assert (execution.success, execution.state, execution.final_status) == (
        True,
        "FINISHED",
        "SUCCEEDED",
    )
    assert (execution.args, execution.progress, execution.job_name) == (
        "--name 'two words' 3",
        1.0,
        "job",
    )
    out, err = logs(execution, tmp_path)
    assert "arguments ['--name', 'two words', '3']" in out
    assert "extra None key False" in out
    assert "names __main__ []" in out
    assert err == "to standard error\n"
    assert execution.stdout_path.startswith(f"/Projects/{project.name}/Logs/Python/job/")
    assert (job.get_state(), job.get_final_state()) == ("FINISHED", "SUCCEEDED")
    assert [one.id for one in job.get_executions()] == [execution.id]


def test_the_older_names_run_a_job(make: Any, project: Any) -> None:
    make("print(1)")
    job = project.get_jobs_api().get_job("job")
    execution = job.start(arguments="1 2 3")
    assert execution.args == "1 2 3"
    execution.wait(timeout=30)
    assert execution.success


def test_environment_default_arguments_and_files(make: Any, project: Any, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("a")
    project.get_dataset_api().upload(str(tmp_path / "table.csv"), "Resources")
    job = make(ARGUMENTS, defaultArgs="from defaults", files="Resources/table.csv")
    begin = datetime(2026, 1, 1)
    execution = job.run(
        start_time=begin, end_time=begin + timedelta(hours=1), env_vars={"EXTRA": "more"}
    )
    out, _ = logs(execution, tmp_path)
    assert "arguments ['from', 'defaults']" in out
    assert "span 2026-01-01T00:00:00+00:00 2026-01-01T01:00:00+00:00" in out
    assert "extra more" in out
    assert "['table.csv']" in out


def test_a_script_of_the_project_finds_its_project(make: Any, project: Any, tmp_path: Path) -> None:
    execution = make("import hopsworks\nprint(hopsworks.login().name)\n").run()
    assert logs(execution, tmp_path)[0].strip() == project.name


def test_a_failing_script_is_an_error_that_names_the_job(make: Any, tmp_path: Path) -> None:
    job = make("import sys\nprint('before')\nsys.exit(3)\n")
    with pytest.raises(JobExecutionException, match=r"'job' ended as FAILED .*download_logs"):
        job.run()
    execution = job.get_executions()[0]
    assert execution.success is False
    out, err = logs(execution, tmp_path)
    assert (out, err) == ("before\n", "The script ended with exit code 3.\n")
    with pytest.raises(JobExecutionException, match="does not exist"):
        execution.download_logs(str(tmp_path / "nowhere"))


def test_a_failed_execution_runs_again_and_keeps_its_first_logs(
    make: Any, project: Any, tmp_path: Path
) -> None:
    job = make("raise SystemExit('first')")
    with pytest.raises(JobExecutionException):
        job.run(args="x")
    execution = job.get_executions()[0]
    make("import sys\nprint('second', sys.argv[1])")
    execution.rerun()
    execution.await_termination(timeout=30)
    assert (execution.success, execution.rerun_count) == (True, 1)
    assert logs(execution, tmp_path)[0] == "second x\n"
    first = f"{os.path.dirname(execution.stderr_path)}/attempt-1/stderr.log"
    assert project.get_dataset_api().read_content(first).content.startswith(b"first\n")
    with pytest.raises(RestAPIError, match="runs again"):
        execution.rerun()


def test_an_execution_is_stopped_with_all_that_it_started(make: Any) -> None:
    source = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print('pid', child.pid, flush=True)\ntime.sleep(60)\n"
    )
    job = make(source)
    execution = job.run(await_termination=False)
    child = started_pid(execution)
    execution.await_termination(timeout=0.05)
    assert (execution.state, execution.success) == ("RUNNING", None)
    execution.stop()
    with pytest.raises(JobExecutionException, match=r"'job' was stopped"):
        execution.await_termination(timeout=30)
    assert (execution.state, execution.final_status) == ("KILLED", "KILLED")
    until(lambda: not runs(child))
    assert execution.get_pod_logs().status == "LOGS_UNAVAILABLE"
    execution.stop()
    assert job.get_state() == "KILLED"


def test_a_script_that_ignores_the_request_is_ended_by_force(make: Any) -> None:
    source = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SLEEPS
    execution = make(source).run(await_termination=False)
    pid = started_pid(execution)
    execution.delete()
    until(lambda: not runs(pid), 1.0)


def test_deleting_a_job_ends_it_and_removes_its_logs(make: Any, project: Any) -> None:
    job = make(SLEEPS)
    execution = job.run(await_termination=False)
    pid = started_pid(execution)
    job.delete()
    assert not runs(pid)
    assert project.get_job_api().get_job("job") is None
    assert not project.get_job_api().exists("job")
    assert not project.get_dataset_api().exists("Logs/Python/job")
    with pytest.raises(NotFoundError):
        project.get_job_api().get("job")


def test_a_job_is_changed_saved_and_tagged(make: Any, project: Any) -> None:
    job = make("print(1)")
    with pytest.raises(JobException, match="has not run yet"):
        job.get_state()
    job.description = "trains the model"
    job.config["defaultArgs"] = "1"
    saved = job.save()
    assert (saved.id, saved.description, saved.config["defaultArgs"]) == (
        job.id,
        "trains the model",
        "1",
    )
    make("print(2)", name="other")
    assert [one.name for one in project.get_job_api().get_jobs()] == ["job", "other"]
    job.add_tag("owner", {"team": "risk"})
    assert job.get_tag("owner") == {"team": "risk"}
    assert job.get_tags() == {"owner": {"team": "risk"}}
    attached = job.get_tag_metadata("owner").created_on
    assert timedelta(0) <= datetime.now(UTC) - attached < timedelta(minutes=1)
    job.delete_tag("owner")
    assert (job.get_tag("owner"), job.get_tags(), job.get_tag_metadata("owner")) == (None, {}, None)
    assert job.get_url().endswith("/jobs/named/job")


def test_what_cannot_run_is_refused_with_the_reason(project: Any, make: Any) -> None:
    jobs = project.get_job_api()
    with pytest.raises(RestAPIError, match="needs a cluster") as caught:
        jobs.get_configuration("PYSPARK")
    assert caught.value.response.status_code == 501
    with pytest.raises(RestAPIError, match="'ingestionJobConfiguration' needs a cluster") as caught:
        jobs.create("orders", SinkJobConfiguration("orders"))
    assert caught.value.response.status_code == 501
    with pytest.raises(RestAPIError, match="no type of job named 'TYPO'") as caught:
        jobs.get_configuration("TYPO")
    assert caught.value.response.status_code == 400
    spark = {"type": "sparkJobConfiguration", "appPath": "Resources/a.py"}
    with pytest.raises(RestAPIError, match="needs a cluster"):
        jobs.create_job("spark", spark)
    python = {"type": "pythonJobConfiguration", "appPath": "Resources/a.ipynb"}
    with pytest.raises(RestAPIError, match=r"end with \.py"):
        jobs.create_job("notebook", python)
    for name in ("a b", "..", "a#b"):
        script = {"type": "pythonJobConfiguration", "appPath": "Resources/a.py", "appName": name}
        with pytest.raises(RestAPIError, match="job name"):
            jobs.create_job("name", script)
    with pytest.raises(TypeError, match=r"'typo' is of type str, not dict.*get_configuration"):
        jobs.create_job("typo", "PYTHON")
    assert jobs.get_jobs() == []
    missing = jobs.create_job("missing", python | {"appPath": "Resources/none.py"})
    with pytest.raises(RestAPIError, match=r"'missing' did not start: .*none\.py"):
        missing.run()
    with pytest.raises(RestAPIError, match="open quotation"):
        make("print(1)").run(args="'open")
    with pytest.raises(TypeError, match=r"args is of type list, not str.*shlex\.join"):
        missing.run(args=["--epochs", "3"])
    assert missing.get_executions() == []


def test_a_schedule_runs_a_job_without_overlap_until_it_is_paused(
    make: Any, tmp_path: Path
) -> None:
    job = make(ARGUMENTS + "import time\ntime.sleep(0.3)\n")
    schedule = job.schedule("* * * ? * *")
    assert (schedule.enabled, schedule.cron_expression) == (True, "* * * ? * *")
    assert schedule.next_execution_date_time - datetime.now(UTC) < timedelta(seconds=2)
    until(lambda: len(job.get_executions()) >= 2)
    paused = job.pause_schedule()
    assert (paused.enabled, paused.id) == (False, schedule.id)
    newest = job.get_executions()[0]
    newest.await_termination(timeout=30)
    words = next(
        line.split() for line in logs(newest, tmp_path)[0].splitlines() if line.startswith("span")
    )
    begin, end = (datetime.fromisoformat(word) for word in words[1:])
    assert timedelta(0) <= end - begin <= timedelta(seconds=1)
    count = len(job.get_executions())
    time.sleep(1.3)
    assert len(job.get_executions()) == count
    assert job.resume_schedule().enabled
    until(lambda: len(job.get_executions()) > count)
    job.unschedule()
    assert job.job_schedule is None
    with pytest.raises(JobException, match="no schedule"):
        job.pause_schedule()


def test_schedules_that_cannot_be(make: Any, project: Any) -> None:
    job = make("print(1)")
    with pytest.raises(RestAPIError, match="5 fields"):
        job.schedule("* * * * *")
    with pytest.raises(RestAPIError, match="no schedule"):
        job.unschedule()
    jobs = project.get_job_api()
    over = job.schedule("0 0 0 1 1 ? 2020")
    assert (over.enabled, over.next_execution_date_time) == (False, None)
    wire = over.to_dict() | {"id": over.id + 1}
    with pytest.raises(NotFoundError):
        jobs.create_or_update_schedule_job("job", wire)
    assert jobs.get_job("job").job_schedule.cron_expression == "0 0 0 1 1 ? 2020"
    jobs.delete_schedule_job("job")
    assert jobs.get_job("job").job_schedule is None


def test_a_scheduled_run_that_cannot_start_is_found_with_its_reason(
    make: Any, project: Any, tmp_path: Path
) -> None:
    job = make("print(1)")
    project.get_dataset_api().remove("Resources/job.py")
    job.schedule("* * * ? * *")
    execution = until(job.get_executions)[-1]
    job.unschedule()
    with pytest.raises(JobExecutionException):
        execution.await_termination(timeout=30)
    assert "did not start" in logs(execution, tmp_path)[1]


def test_jobs_end_with_a_killed_server_and_are_marked_and_schedules_go_on(tmp_path: Path) -> None:
    data = tmp_path / "data"
    address = lifecycle.ensure_running(data)
    try:
        project = hopsworks.login(host=f"local:{data}")
        (tmp_path / "sleeps.py").write_text(SLEEPS)
        project.get_dataset_api().upload(str(tmp_path / "sleeps.py"), "Resources")
        jobs = project.get_job_api()
        config = jobs.get_configuration("PYTHON") | {"appPath": "Resources/sleeps.py"}
        job = jobs.create_job("sleeps", config)
        execution = job.run(await_termination=False)
        pid = started_pid(execution)
        jobs.create_job("later", config).schedule("0 0 0 1 1 ? *")
        os.kill(address.pid, signal.SIGKILL)
        until(lambda: not runs(pid))
        hopsworks.logout()

        project = hopsworks.login(host=f"local:{data}")
        execution = project.get_job_api().get_job("sleeps").get_executions()[0]
        assert (execution.state, execution.final_status) == ("FAILED", "FAILED")
        out, err = logs(execution, tmp_path)
        assert (out, err) == (f"pid {pid}\n", "The server ended before the job.\n")
        assert project.get_job_api().get_job("later").job_schedule.enabled
        hopsworks.logout()
    finally:
        address.release()
        lifecycle.stop(data)
