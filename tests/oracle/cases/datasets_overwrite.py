"""Files of a project that are replaced: by an upload, by a copy, by a move. What is there afterwards is the same."""

import os

SERVER = "local"


def run(project, step, config):
    api = project.get_dataset_api()
    work = os.path.join(config["folder"], "work")
    os.makedirs(work)
    os.chdir(work)

    def local(name, content):
        with open(name, "wb") as file:
            file.write(content)
        return os.path.join(work, name)

    def held(path):
        return api.read_content("/" + path).content.decode()

    step("mkdir", lambda: api.mkdir("Resources/over"))
    step("upload", lambda: api.upload(local("a.txt", b"first"), "Resources/over"))
    step(
        "upload over it",
        lambda: api.upload(local("a.txt", b"second"), "Resources/over", overwrite=True),
    )
    step("uploaded over it", lambda: held("Resources/over/a.txt"))
    step(
        "upload over nothing",
        lambda: api.upload(local("b.txt", b"other"), "Resources/over", overwrite=True),
    )
    step(
        "upload over it in chunks",
        lambda: api.upload(
            local("b.txt", b"0123456789" * 10), "Resources/over", overwrite=True, chunk_size=30
        ),
    )
    step("uploaded in chunks", lambda: held("Resources/over/b.txt"))
    step("copy", lambda: api.copy("Resources/over/a.txt", "Resources/over/c.txt"))
    step(
        "copy onto it",
        lambda: api.copy("Resources/over/b.txt", "Resources/over/c.txt"),
        error="DatasetException",
    )
    step(
        "copy over it",
        lambda: api.copy("Resources/over/b.txt", "Resources/over/c.txt", overwrite=True),
    )
    step("copied over it", lambda: [held(f"Resources/over/{name}.txt") for name in "abc"])
    step(
        "copy over nothing",
        lambda: api.copy("Resources/over/a.txt", "Resources/over/d.txt", overwrite=True),
    )
    step(
        "move onto it",
        lambda: api.move("Resources/over/a.txt", "Resources/over/c.txt"),
        error="DatasetException",
    )
    step(
        "move over it",
        lambda: api.move("Resources/over/a.txt", "Resources/over/c.txt", overwrite=True),
    )
    step("moved over it", lambda: held("Resources/over/c.txt"))
    step(
        "move over nothing",
        lambda: api.move("Resources/over/d.txt", "Resources/over/e.txt", overwrite=True),
    )
    step("list", lambda: sorted(api.list("Resources/over")))
    step("make folders", lambda: [api.mkdir(f"Resources/{name}") for name in ("one", "two")])
    step(
        "upload into them",
        lambda: [api.upload(local(n, n.encode()), f"Resources/{n}") for n in ("one", "two")],
    )
    step("copy over a folder", lambda: api.copy("Resources/one", "Resources/two", overwrite=True))
    step("copied over a folder", lambda: sorted(api.list("Resources/two")))
    step("move over a folder", lambda: api.move("Resources/one", "Resources/two", overwrite=True))
    step("moved over a folder", lambda: sorted(api.list("Resources/two")))
    step("moved away", lambda: api.exists("Resources/one"))
