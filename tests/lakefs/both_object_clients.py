"""A program about objects for the package ``lakefs``, run by the official one and by ours.

Usage: ``python both_object_clients.py URL KEY SECRET``. It writes what each step gave as one line of JSON.
"""

import io
import json
import sys

import lakefs
from lakefs.exceptions import LakeFSException, ServerException

url, key, secret = sys.argv[1:]
client = lakefs.Client(host=url, username=key, password=secret)
main = lakefs.Repository("lake", client=client).branch("main")
work = lakefs.Repository("lake", client=client).branch("work")


def shown(value):
    if isinstance(value, bytes):
        return {"bytes": value.decode("latin-1")}
    if isinstance(value, str | int | float | bool | None):
        return value
    if isinstance(value, dict):
        return {name: shown(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [shown(item) for item in value]
    return [type(value).__name__, str(value), repr(value)]


def step(name, call):
    try:
        found = {"gave": shown(call())}
    except Exception as error:
        known = [c.__name__ for c in type(error).__mro__ if c.__module__ in ("builtins", "io")]
        found = {"raised": type(error).__name__, "is": known}
        if isinstance(error, LakeFSException):
            found["is"] = sorted(set(known) & {"OSError", "FileNotFoundError", "PermissionError"})
        if isinstance(error, ServerException):
            found["status"] = error.status_code
    print(json.dumps({"step": name, **found}))


def reader(path, mode="rb"):
    return main.object(path).reader(mode, pre_sign=False)


def positions():
    file = reader("lines")
    told = [file.tell(), file.read(4), file.tell(), file.seek(2), file.read(3), file.tell()]
    told += [
        file.seek(1, 1),
        file.readline(),
        file.tell(),
        file.seek(-3, 2),
        file.read(),
        file.tell(),
    ]
    return [
        *told,
        file.read(),
        file.read(5),
        file.tell(),
        file.seek(1000),
        file.read(3),
        file.tell(),
    ]


def facts(path):
    found = main.object(path).stat()
    names = (
        "path",
        "physical_address",
        "checksum",
        "mtime",
        "size_bytes",
        "metadata",
        "content_type",
    )
    return [getattr(found, name) for name in names]


def written(path, mode, *pieces, **how):
    with main.object(path).writer(mode, pre_sign=False, **how) as file:
        told = [file.write(piece) for piece in pieces] + [file.tell(), file.closed]
    return [*told, file.closed, reader(path).read(), facts(path)[5:]]


def aborted():
    try:
        with main.object("aborted").writer(pre_sign=False) as file:
            file.write("half")
            raise KeyError
    except KeyError:
        return [file.closed, main.object("aborted").exists()]


def describe(file):
    told = [file.mode, file.name, file.closed, file.readable(), file.seekable(), file.writable()]
    return [*told, file.isatty()]


def closed():
    file = reader("lines")
    file.close()
    file.close()
    return file.read()


step("show", lambda: [main.object("lines"), lakefs.StoredObject("lake", "main", "a b", client)])
step("exists", lambda: [main.object("lines").exists(), main.object("none").exists()])
step("stat", lambda: facts("lines"))
step("stat none", lambda: main.object("none").stat())
step("read", lambda: reader("lines").read())
step(
    "read empty",
    lambda: [reader("empty").read(), reader("empty", "r").read(), reader("empty").readline()],
)
step("read none", lambda: reader("none").read())
step("read text", lambda: reader("lines", "r").read())
step("read piece of text", lambda: reader("lines", "r").read(5))
step("positions", positions)
step("lines", lambda: list(reader("lines")))
step("lines of text", lambda: list(reader("lines", "r")))
step("part of a line", lambda: [reader("lines").readline(3), reader("lines", "r").readline(2)])
step("negative", lambda: reader("lines").read(-1))
step("before the start", lambda: reader("lines").seek(-1))
step("odd whence", lambda: reader("lines").seek(0, 9))
step("write to a reader", lambda: reader("lines").write(b"x"))
step("closed", closed)
step("bad mode", lambda: reader("lines", "w"))
step("bad mode of a writer", lambda: main.object("x").writer("r"))
step("a reader", lambda: describe(reader("lines")))
step("a writer", lambda: describe(main.object("x").writer(pre_sign=False)))
step("read a writer", lambda: main.object("x").writer(pre_sign=False).read())
step("upload", lambda: main.object("up/ä b").upload(b"bytes", mode="wb", pre_sign=False))
step("upload text", lambda: [main.object("t").upload("ä", pre_sign=False), reader("t").read()])
step("upload with facts", lambda: main.object("f").upload(
    "1", content_type="text/csv", metadata={"k": "v w"}, pre_sign=False
))  # fmt: skip
step("facts", lambda: facts("f"))
step("upload new", lambda: main.object("n").upload("1", mode="x", pre_sign=False))
step("upload new again", lambda: main.object("n").upload("2", mode="x", pre_sign=False))
step("new writer again", lambda: main.object("n").writer("xb", pre_sign=False))
step("upload to a path of nothing", lambda: main.object("").upload("1", pre_sign=False))
step(
    "upload to no branch",
    lambda: lakefs.WriteableObject("lake", "no", "a", client).upload("1", pre_sign=False),
)
step("write", lambda: written("w", "wb", b"one", b"two"))
step(
    "write text",
    lambda: written("w", "w", "ä", b"b", content_type="text/plain", metadata={"a": "b"}),
)
step("abort", aborted)
step(
    "copy",
    lambda: [
        main.object("lines").copy("work", "copied"),
        work.object("copied").reader(pre_sign=False).read(),
    ],
)
step("copy none", lambda: main.object("none").copy("work", "x"))
step(
    "delete",
    lambda: [main.object("w").delete(), main.object("w").exists(), main.object("w").delete()],
)
step("storage", lambda: main.object("lines").storage_id())
step("wrapped", lambda: list(io.TextIOWrapper(reader("lines"), "utf-8")))
