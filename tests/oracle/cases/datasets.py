"""Files of a project, on the embedded server: reading, writing, copying and moving them."""

import os

SERVER = "local"


def written(folder, name, content):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    return path


def content_of(path):
    with open(path, "rb") as file:
        return file.read().decode()


def run(project, step, config):
    api = project.get_dataset_api()
    work = os.path.join(config["folder"], "work")
    os.makedirs(work)
    os.chdir(work)
    a = written(work, "a.txt", b"first")
    step("exists", lambda: [api.exists("Resources"), api.path_exists("Resources/nothing")])
    step("mkdir", lambda: api.mkdir("Resources/new"))
    step("mkdir again", lambda: api.mkdir("Resources/new"), error="RestAPIError")
    step("mkdir without parent", lambda: api.mkdir("Resources/no/deep"), error="RestAPIError")
    step("upload", lambda: api.upload(a, "Resources/new"))
    step("upload again", lambda: api.upload(a, "Resources/new"), error="DatasetException")
    step("upload empty", lambda: api.upload(written(work, "empty", b""), "Resources/new"))
    step(
        "upload in chunks",
        lambda: api.upload(
            written(work, "big.bin", b"0123456789" * 10), "Resources/new", chunk_size=30
        ),
    )
    odd = written(work, "odd name;+(1) é.txt", b"odd")
    step("upload odd name", lambda: api.upload(odd, "Resources/new"))
    step("make folders", lambda: [api.mkdir(f"Resources/tree{part}") for part in ("", "/deep")])
    step("upload into one", lambda: api.upload(written(work, "two", b"two"), "Resources/tree"))
    step("list", lambda: sorted(api.list("Resources/new")))
    step("list the folder", lambda: sorted(api.list("Resources/tree")))
    step("list some", lambda: len(api.list("Resources/new", offset=1, limit=2)))
    step("list datasets", lambda: "Resources" in "".join(api.list("/")))
    step("list nothing", lambda: api.list("Resources/nothing"), error="RestAPIError")
    step(
        "get",
        lambda: [
            api.get("Resources/new/a.txt")["attributes"][key] for key in ("name", "size", "dir")
        ],
    )
    step("get a folder", lambda: api.get("/Resources/new")["attributes"]["dir"])
    step(
        "get absolute", lambda: api.get("/Projects/local/Resources/new/a.txt")["attributes"]["size"]
    )
    step("get nothing", lambda: api.get("Resources/nothing"), error="RestAPIError")
    step("read", lambda: api.read_content("/Resources/new/a.txt").content.decode())
    step("read nothing", lambda: api.read_content("/Resources/new/b.txt"), error="RestAPIError")

    step(
        "download", lambda: os.path.relpath(api.download("Resources/new/big.bin", "down.bin"), work)
    )
    step("downloaded", lambda: content_of("down.bin"))
    step(
        "download again", lambda: api.download("Resources/new/big.bin", "down.bin"), error="OSError"
    )
    step(
        "download over it",
        lambda: os.path.basename(api.download("Resources/new/a.txt", "down.bin", overwrite=True)),
    )
    step("downloaded over it", lambda: content_of("down.bin"))
    os.mkdir("place")
    step(
        "download into a folder",
        lambda: os.path.relpath(api.download("Resources/new/a.txt", "place"), work),
    )
    os.chdir("place")
    step("download an empty one", lambda: os.path.basename(api.download("Resources/new/empty")))
    step("downloaded empty", lambda: content_of("empty"))
    step(
        "download nothing", lambda: api.download("Resources/new/nothing", "x"), error="RestAPIError"
    )

    step("copy", lambda: api.copy("Resources/new/a.txt", "Resources/new/b.txt"))
    step(
        "copy again",
        lambda: api.copy("Resources/new/a.txt", "Resources/new/b.txt"),
        error="DatasetException",
    )
    step(
        "copy nothing", lambda: api.copy("Resources/new/x", "Resources/new/y"), error="RestAPIError"
    )
    step("move", lambda: api.move("Resources/new/b.txt", "Resources/new/c.txt"))
    step(
        "move again",
        lambda: api.move("Resources/new/a.txt", "Resources/new/c.txt"),
        error="DatasetException",
    )
    step("moved", lambda: [api.exists(f"Resources/new/{name}.txt") for name in "abc"])
    step("remove", lambda: api.remove("Resources/new/c.txt"))
    step("remove a folder", lambda: api.rm("Resources/tree"))
    step("remove nothing", lambda: api.remove("Resources/new/c.txt"), error="RestAPIError")
    step("left", lambda: sorted(api.list("Resources/new")))
    step(
        "constants",
        lambda: [
            api.DATASET_ERROR_CODE_UPLOAD_DISK_SPACE,
            api.DATASET_ERROR_CODE_UPLOAD_NOT_ALLOWED,
            api.DEFAULT_DOWNLOAD_FLOW_CHUNK_SIZE,
            api.DEFAULT_FLOW_CHUNK_SIZE,
            api.DEFAULT_UPLOAD_FLOW_CHUNK_SIZE,
            api.DEFAULT_UPLOAD_MAX_CHUNK_RETRIES,
            api.DEFAULT_UPLOAD_SIMULTANEOUS_CHUNKS,
            api.DEFAULT_UPLOAD_SIMULTANEOUS_UPLOADS,
            list(api.FLOW_PERMANENT_ERRORS),
        ],
    )
