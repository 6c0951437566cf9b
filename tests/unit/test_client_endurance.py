"""32 threads on one connection for a minute, with forks in the middle: nothing lost, nothing mixed, nothing leaked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import trustme

SECONDS = float(os.environ.get("HOPSWORKS_ENDURANCE_SECONDS", "60"))
TESTS = Path(__file__).resolve().parent.parent

CLIENT = """
    import json, os, sys, threading, time
    from hopsworks import _native

    port, store, seconds = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    scope = _native.Client(f"https://localhost:{port}", trust_store=store).scope(None, project_id=3)
    stop = threading.Event()
    sent = [0] * 32
    faults = []

    def exchange(name):
        path = f"Resources/{name}"
        answer = scope.call("dataset.get", path=path)
        wanted = f"/hopsworks-api/api/project/3/dataset/Resources%2F{name}"
        assert (answer["verb"], answer["target"]) == ("GET", wanted), answer
        answer = scope.call("job_alert.create", {"text": name * 20}, job=name)
        assert answer["verb"] == "POST" and json.loads(answer["body"]) == {"text": name * 20}, answer

    def work(number):
        try:
            while not stop.is_set():
                exchange(f"t{os.getpid()}-{number}-{sent[number]}")
                sent[number] += 1
        except BaseException as error:
            faults.append(repr(error))
            stop.set()

    def look():
        status = open("/proc/self/status").read()
        rss = int(status.split("VmRSS:")[1].split()[0])
        return {"rss": rss, "files": len(os.listdir("/proc/self/fd")), "sent": sum(sent)}

    def child():
        # The threads of the parent are not here; its connections are not ours.
        code = 1
        try:
            assert scope.client.connections == 0
            done = []
            def some(number):
                for count in range(10):
                    exchange(f"c{os.getpid()}-{number}-{count}")
                done.append(number)
            threads = [threading.Thread(target=some, args=(n,)) for n in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            code = 0 if len(done) == 4 else 2
        finally:
            os._exit(code)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(32)]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    seen, children = [], []
    forks = [seconds * part for part in (0.3, 0.45, 0.5, 0.6, 0.75)]
    while (passed := time.monotonic() - began) < seconds and not stop.is_set():
        time.sleep(seconds / 120)
        if forks and passed >= forks[0]:
            forks.pop(0)
            pid = os.fork()
            if pid == 0:
                child()
            children.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        seen.append({"at": passed / seconds, **look()})
    stop.set()
    for thread in threads:
        thread.join(30)
    found = {"seen": seen, "children": children, "faults": faults, "sent": sum(sent),
             "least": min(sent), "connections": scope.client.connections,
             "alive": sum(thread.is_alive() for thread in threads)}
    print(json.dumps(found))
    """


def test_a_minute_of_many_threads_and_forks(tmp_path: Path) -> None:
    authority = trustme.CA()
    store, certificate = str(tmp_path / "ca.pem"), str(tmp_path / "server.pem")
    authority.cert_pem.write_to_path(store)
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(certificate)
    server = subprocess.Popen(
        [sys.executable, str(TESTS / "echo_server.py"), certificate],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        port = server.stdout.readline().strip()
        out = subprocess.check_output(
            [sys.executable, "-c", textwrap.dedent(CLIENT), port, store, str(SECONDS)],
            text=True,
            timeout=SECONDS + 120,
        )
        answered = int(server.communicate(timeout=30)[0])
    finally:
        server.kill()
        server.wait()
    found = json.loads(out.splitlines()[-1])
    assert found["faults"] == []
    assert found["children"] == [0] * 5
    assert found["alive"] == 0
    # Every thread got on, and the server saw each request once: two of each round, and those of the children.
    assert found["least"] > 0
    assert answered == 2 * found["sent"] + 5 * 2 * 40
    assert found["connections"] <= 32
    settled = [look for look in found["seen"] if look["at"] > 0.2]
    early = [look["rss"] for look in settled if look["at"] < 0.4]
    late = [look["rss"] for look in settled if look["at"] > 0.8]
    assert min(late) - min(early) < 2048, "KiB of memory were gained meanwhile"
    assert max(look["rss"] for look in settled) - min(early) < 8192
    files = [look["files"] for look in settled]
    assert max(files) - min(files) <= 2, "files were left open"
