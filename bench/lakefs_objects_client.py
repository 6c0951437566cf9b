"""Reads and writes objects of lakeFS, for the benchmark; run by the interpreter of ours or of the official package.

    python lakefs_objects_client.py KIND URL WORK [FILE]

KIND is ``ours`` or ``official``. Prints seconds and MiB of memory above what was there before, as JSON.
"""

import json
import sys
import threading
import time
from pathlib import Path

PIECE = 64 * 1024
SMALL = 1000


def forget_peak():
    Path("/proc/self/clear_refs").write_text("5")


def memory(what):
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(what):
            return int(line.split()[1]) / 1024
    raise LookupError(what)


def read_whole(branch, file):
    with branch.object("big").reader(pre_sign=False) as reader:
        return len(reader.read())


def read_into(branch, file):
    """Into memory that was there before; the official reader has no such call."""
    with branch.object("big").reader(pre_sign=False) as reader:
        return reader.readinto(TARGET)


def read_pieces(branch, file):
    size = 0
    with branch.object("big").reader(pre_sign=False) as reader:
        while piece := reader.read(PIECE):
            size += len(piece)
    return size


def write_whole(branch, file):
    """A file of this machine, by what each package has for it."""
    if KIND == "ours":
        branch.object("new").upload(Path(file), pre_sign=False)
    else:
        with open(file, "rb") as source, branch.object("new").writer(pre_sign=False) as writer:
            while piece := source.read(1024 * 1024):
                writer.write(piece)
    return Path(file).stat().st_size


def write_pieces(branch, file):
    with open(file, "rb") as source, branch.object("new").writer(pre_sign=False) as writer:
        while piece := source.read(PIECE):
            writer.write(piece)
    return Path(file).stat().st_size


def write_small(branch, file):
    objects = {f"small/{i}": b"x" * 1024 for i in range(SMALL)}
    if KIND == "ours":
        return len(branch.upload_objects(objects, pre_sign=False))
    for path, data in objects.items():
        branch.object(path).upload(data, mode="wb", pre_sign=False)
    return SMALL


KIND, URL, WORK, FILE, SIZE = sys.argv[1:]
TARGET = bytearray(b"\1") * (int(SIZE) if WORK == "read_into" else 0)

if KIND == "ours":
    from hopsworks import lakefs
else:
    import lakefs

client = lakefs.Client(host=URL, username="a", password="b")
branch = lakefs.Repository("lake", client=client).branch("main")
assert branch.object("big").stat().size_bytes == int(SIZE)
branch.object("warm").upload(b"x", mode="wb", pre_sign=False)
if WORK == "write_small":
    threading.Thread(target=lambda: None).start()
work = globals()[WORK]
baseline = memory("VmRSS:")
forget_peak()
started = time.perf_counter()
done = work(branch, FILE)
seconds = time.perf_counter() - started
assert done == (SMALL if WORK == "write_small" else int(SIZE)), done
print(json.dumps([seconds, memory("VmHWM:") - baseline]))
