"""Python environments and their libraries, on the stand-in: the embedded server installs none."""

SERVER = "stand-in"
ALL = "project/119/python/environments"


def command(status, op="INSTALL", **more):
    return {"id": 3, "status": status, "op": op, "installType": "ENVIRONMENT", **more}


def commands(*found):
    return {"href": "https://stand-in", "count": len(found), "items": list(found)}


def environment(*found, name="train", **more):
    return {
        "href": "https://stand-in",
        "name": name,
        "description": "For training",
        "pythonVersion": "3.11",
        "pythonConflicts": False,
        "pipSearchEnabled": True,
        "condaChannel": "defaults",
        "libraries": {"href": "https://stand-in"},
        "commands": commands(*found) if found else {"href": "https://stand-in", "count": 0},
        **more,
    }


def library(*found, **more):
    return {
        "href": "https://stand-in",
        "channel": "pypi",
        "packageSource": "PIP",
        "library": "numpy",
        "version": "2.0",
        "preinstalled": "false",
        "commands": commands(*found) if found else {"href": "https://stand-in", "count": 0},
        **more,
    }


def npm(name, kind="DEPENDENCY", **more):
    return {
        "name": name,
        "version": "1.0.0",
        "status": "RESOLVED",
        "requested": "^1",
        "dependencyType": kind,
        **more,
    }


LOST = npm("lost", status="UNRESOLVED", version=None, reason="no such package")
OPTIONAL = npm("fsevents", "OPTIONAL_DEPENDENCY")
FAILED = command("FAILED", errorMessage="no matching distribution")
ROUTES = {
    f"GET {ALL}": [
        {
            "href": "https://stand-in",
            "count": 2,
            "items": [
                environment(
                    libraries={"href": "https://stand-in", "count": 1, "items": [library()]}
                ),
                environment(command("ONGOING", "CREATE"), name="second"),
            ],
        }
    ],
    f"POST {ALL}/{{name}}": [environment(command("NEW", "CREATE"))],
    f"GET {ALL}/train": [
        environment(command("ONGOING", "CREATE")),
        environment(command("SUCCESS", "CREATE")),
    ],
    f"GET {ALL}/broken": [environment(command("FAILED", "CREATE", errorMessage="no disk"))],
    f"POST {ALL}/broken": [environment(command("NEW", "CREATE"), name="broken")],
    f"GET {ALL}/other": [(404, {"errorCode": 300000, "errorMsg": "Not found."})],
    f"DELETE {ALL}/train": [None],
    f"POST {ALL}/train/libraries/{{name}}": [library(command("NEW"))],
    f"GET {ALL}/train/libraries/{{name}}": [
        library(command("ONGOING")),
        library(command("SUCCESS")),
        library(),
        library(FAILED),
        library(command("SUCCESS")),
    ],
    f"DELETE {ALL}/train/libraries/{{name}}": [None],
    f"GET {ALL}/train/libraries/numpy": [
        library(command("ONGOING", "UNINSTALL")),
        (404, {"errorCode": 300003, "errorMsg": "Not found."}),
    ],
    f"DELETE {ALL}/train/libraries/@types/node": [None],
    f"GET {ALL}/train/libraries/@types/node": [
        (404, {"errorCode": 300003, "errorMsg": "Not found."})
    ],
    f"POST {ALL}/train/libraries/npm/install": [
        library(command("NEW"), channel="npm", packageSource="NPM", library="left-pad")
    ],
    f"POST {ALL}/train/libraries/npm/resolve": [{"packages": [npm("left-pad"), LOST, OPTIONAL]}],
    f"POST {ALL}/train/libraries/npm/git/inspect": [
        {
            "commit": "abc123",
            "rootPackageName": "tools",
            "manifests": [
                {"path": "package.json", "resolved": {"packages": [npm("left-pad"), OPTIONAL]}},
                {
                    "path": "page/package.json",
                    "resolved": {"packages": [npm("left-pad"), npm("vue")]},
                },
            ],
        }
    ],
}


def shown(environment):
    return [environment.name, environment.description, environment.python_version]


def run(project, step, config):
    api = project.get_environment_api()
    step("list", lambda: [shown(one) for one in api.get_environments()])
    step("missing", lambda: api.get_environment("other"))
    step("create", lambda: shown(api.create_environment("train", "For training")))
    step(
        "create without a wait",
        lambda: shown(
            api.create_environment(
                "train", base_environment_name="spark-feature-pipeline", await_creation=False
            )
        ),
    )
    step("broken", lambda: api.create_environment("broken"), error="EnvironmentException")
    train = api.get_environment("train")
    step("environment", lambda: shown(train))

    wheel = "Resources/tools-1.0-py3-none-any.whl"
    step("wheel", lambda: train.install_wheel(wheel))
    step("wheel, no wait", lambda: train.install_wheel(f"/Projects/demo/{wheel}", False))
    step("requirements", lambda: train.install_requirements("Resources/requirements.txt"))
    step("fails", lambda: train.install_wheel(wheel), error="EnvironmentException")
    step("uninstall", lambda: train.uninstall("numpy"))
    step("uninstall, source", lambda: train.uninstall("numpy", package_source="PIP"))
    step("uninstall, scope", lambda: train.uninstall("@types/node", package_source="NPM"))
    step("uninstall, no wait", lambda: train.uninstall("numpy", await_uninstallation=False))

    packages = ["left-pad@1.3.0", "@types/node", {"name": "vue", "version": "^3"}]
    git = {"name": "tools", "git_url": "https://a.org/tools.git", "git_ref": "main"}
    step("npm", lambda: train.install_npm(packages) and None)
    step("npm, flags", lambda: train.install_npm([git], ["--no-audit"], False) and None)
    step("npm, one", lambda: train.install_npm("left-pad", timeout=60) and None)
    step("npm, none", lambda: train.install_npm([]), error="ValueError")
    step("npm, no name", lambda: train.install_npm([{"version": "1"}]), error="ValueError")
    step("npm, no ref", lambda: train.install_npm([{**git, "git_ref": ""}]), error="ValueError")

    step("resolve", lambda: train.resolve_npm_package_json("Resources/package.json"))
    step(
        "resolve, lock file",
        lambda: train.resolve_npm_package_json("a/package.json", "a/yarn.lock", True),
    )
    step(
        "resolve, texts",
        lambda: train.resolve_npm_package_json(
            content="{}", lockfile_content="{}", lockfile_name="package-lock.json"
        ),
    )
    step("resolve nothing", lambda: train.resolve_npm_package_json(), error="ValueError")
    step(
        "lock file without a name",
        lambda: train.resolve_npm_package_json(content="{}", lockfile_content="{}"),
        error="ValueError",
    )
    from_file = train.install_npm_from_package_json
    step("from file, lost", lambda: from_file("a/package.json"), error="ValueError")
    step("from file", lambda: from_file("a/package.json", skip_unresolved=True) and None)
    step(
        "from file, optional",
        lambda: (
            from_file("a/package.json", skip_unresolved=True, include_optional_dependencies=True)
            and None
        ),
    )
    url = "https://a.org/tools.git"
    step("inspect", lambda: train.inspect_npm_git(url))
    step("inspect a part", lambda: train.inspect_npm_git(url, "main", True, "page"))
    from_git = train.install_npm_from_git
    step("from git", lambda: from_git(url) and None)
    step("from git, itself", lambda: from_git(url, "main", install_repository=True) and None)
    step("from git, one", lambda: from_git(url, manifests=["page/package.json"]) and None)
    step("from git, no such", lambda: from_git(url, manifests=["x"]), error="ValueError")
    step("delete", lambda: train.delete())
