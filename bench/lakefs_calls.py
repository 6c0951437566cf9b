"""Times calls of lakeFS. Run by the interpreter of ours or of the official package; both take the same lines.

    python lakefs_calls.py KIND URL CA_FILE WORK COUNT

prints the seconds of the work, over a connection that is open already. WORK is ``list`` (every object of a reference),
``branch`` (COUNT branches are created) or ``transaction`` (the ends of COUNT transactions: commit, merge, delete).
"""

import sys
import time

kind, url, ca_file, work, count = sys.argv[1:]
if kind == "ours":
    from hopsworks import lakefs
else:
    import lakefs

client = lakefs.Client(host=url, username="key", password="secret", ssl_ca_cert=ca_file)
repository = lakefs.Repository("lake", client=client)
main = repository.branch("main")


def list_objects():
    paths = [entry.path for entry in repository.ref("main").objects()]
    assert len(paths) == 10_000, len(paths)


def create_branches():
    for number in range(int(count)):
        repository.branch(f"b{number}").create("main")


def transactions():
    spent = 0.0
    for _ in range(int(count)):
        with main.transact("m"):
            started = time.perf_counter()
        spent += time.perf_counter() - started
    return spent


repository.branch("warm").create("main")
if work == "transaction":
    print(transactions())
else:
    started = time.perf_counter()
    list_objects() if work == "list" else create_branches()
    print(time.perf_counter() - started)
