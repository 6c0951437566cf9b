"""Times requests in one client. Run by the interpreter of ours or of the official client; both take the same lines.

    python requests_client.py PORT CA_FILE API_KEY FOLDER [NAME=COUNT ...]

prints one JSON object: milliseconds of the first ``login`` of the process and of each call, by what was called, and
under ``jobs_process``, ``jobs_memory`` and ``jobs_kept`` the MiB of the process when it lists the jobs: its peak, that above
what it had before, and what it has more while it holds the list. Before the login nothing is imported that a program need not have; certificates may go to FOLDER.
"""

import sys
import time


def timed(call, count):
    """Return the milliseconds of each call; the first, which may connect or import, is left out."""
    call()
    times = []
    for _ in range(count):
        started = time.perf_counter()
        call()
        times.append((time.perf_counter() - started) * 1e3)
    return times


def main():
    port, ca_file, api_key, folder, *counts = sys.argv[1:]
    import hopsworks

    started = time.perf_counter()
    project = hopsworks.login(
        host="127.0.0.1",
        port=int(port),
        project="bench",
        api_key_value=api_key,
        hostname_verification=True,
        trust_store_path=ca_file,
        cert_folder=folder,
        engine="python",
    )
    result = {"login": [(time.perf_counter() - started) * 1e3]}
    result.update(
        measured(
            project, {name: int(count) for name, count in (text.split("=") for text in counts)}
        )
    )
    hopsworks.logout()

    import json

    sys.stdout.write("\n" + json.dumps(result))


def measured(project, counts):
    """What is measured after the login, by what was called."""
    import logging
    import warnings

    from measure import forget_peak, memory

    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    result = {}
    calls = {}
    if "jobs" in counts:
        jobs = project.get_job_api()
        assert jobs.get_job("one").name == "one"
        baseline = memory()
        forget_peak()
        found = jobs.get_jobs()
        result["jobs_process"] = [memory(peak=True)]
        result["jobs_memory"] = [memory(peak=True) - baseline]
        result["jobs_kept"] = [memory() - baseline]
        assert len(found) == 2000
        del found
        calls["jobs"] = jobs.get_jobs
    if "narrow" in counts:
        store = project.get_feature_store()
        registry = project.get_model_registry()
        assert len(store.get_feature_group("wide", version=1).features) == 1000
        assert len(registry.get_models("churn")) == 500
        calls["narrow"] = lambda: store.get_feature_group("narrow", version=1)
        calls["wide"] = lambda: store.get_feature_group("wide", version=1)
        calls["models"] = lambda: registry.get_models("churn")
    for name, call in calls.items():
        result[name] = timed(call, counts[name])
    return result


main()
