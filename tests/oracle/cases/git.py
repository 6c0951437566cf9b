"""Git repositories, remotes and providers, on the stand-in: the embedded server has none."""

import json

SERVER = "stand-in"
GIT = "project/119/git"
COMMIT = {
    "name": "Ann Lee",
    "email": "ann@example.com",
    "message": "first",
    "commitHash": "abc123",
    "time": "2025-01-02T03:04:05.000Z",
}
REPO = {
    "href": "https://stand-in/git/7",
    "id": 7,
    "name": "tools",
    "path": "/Projects/demo/Jupyter/tools",
    "provider": "GitHub",
    "creator": {
        "firstname": "Ann",
        "lastname": "Lee",
        "email": "ann@example.com",
        "username": "meb10000",
    },
    "currentBranch": "main",
    "currentCommit": COMMIT,
    "readOnly": False,
}
ORIGIN = {"remoteName": "origin", "remoteUrl": "https://github.com/ann/tools.git"}
HUB = {"gitProvider": "GitHub", "username": "ann", "token": "t0ken", "host": "github.com"}
LAB = {"gitProvider": "GitLab", "username": "ann", "host": "git.example.com"}


def execution(state, message=None):
    found = {
        "id": 31,
        "submissionTime": "2025-01-02T03:04:05.000Z",
        "executionStart": 1735787045000,
        "executionStop": 1735787046000,
        "user": {"href": "https://stand-in/user"},
        "gitCommandConfiguration": {"commandType": "CLONE"},
        "state": state,
        "configSecret": "secret",
        "repository": REPO,
    }
    return found if message is None else {**found, "commandResultMessage": message}


def status(files):
    return execution("Success", json.dumps({"status": files}))


ROUTES = {
    f"GET {GIT}": [
        {"href": "https://stand-in", "count": 0},
        {
            "href": "https://stand-in",
            "count": 2,
            "items": [REPO, {**REPO, "id": 8, "path": "/Projects/demo/Resources/tools"}],
        },
    ],
    f"POST {GIT}/clone": [
        execution("Submitted"),
        execution("Failed", "authentication"),
        execution("Success"),
    ],
    f"GET {GIT}/repository/7/execution/31": [execution("Running"), execution("Success")],
    f"POST {GIT}/repository/7/branch": [execution("Success")] * 3
    + [execution("Killed", "it was stopped")],
    f"POST {GIT}/repository/7": [
        status([{"file": "a.py", "status": "M", "extra": ""}, {"file": "b.py", "status": "?"}]),
        status(None),
        status([]),
        execution("Submitted"),
        execution("Success"),
    ],
    f"POST {GIT}/repository/7/file": [
        execution("Success"),
        execution("Timedout", "too slow"),
        execution("INITIALIZATION_FAILED", "no pod"),
    ],
    f"GET {GIT}/repository/7/branch/{{branch}}/commit": [
        {"count": 1, "items": [COMMIT]},
        {"count": 0},
    ],
    f"GET {GIT}/repository/7/remote": [{"count": 1, "items": [ORIGIN]}, {"count": 0}],
    f"GET {GIT}/repository/7/remote/{{name}}": [
        {"href": "https://stand-in", **ORIGIN},
        {"remoteName": "up", "remoteUrl": "https://github.com/up/tools.git"},
        (404, {"errorCode": 500032, "errorMsg": "Remote not found."}),
    ],
    f"POST {GIT}/repository/7/remote": [execution("Success")],
    f"DELETE {GIT}/repository/7": [None],
    "GET users/git/provider": [
        {"items": []},
        {"items": []},
        {"count": 1, "items": [HUB]},
        {"count": 2, "items": [HUB, LAB]},
    ],
    "POST users/git/provider": [{"items": [HUB]}],
    "DELETE users/secrets/{name}": [None],
}


def repo_shown(repo):
    commit = repo.current_commit
    return [
        *(repo.id, repo.name, repo.path, repo.provider, repo.read_only, repo.current_branch),
        *(repo.creator.email, commit.hash, commit.name, commit.email, commit.message, commit.time),
    ]


def provider_shown(provider):
    return provider and [provider.git_provider, provider.username, provider.host]


def run(project, step, config):
    git = project.get_git_api()
    step("no repos", lambda: git.get_repos())
    step("repos", lambda: [repo_shown(repo) for repo in git.get_repos()])
    step("two of a name", lambda: git.get_repo("tools"), error="GitException")
    step("by path", lambda: git.get_repo("tools", "Resources/tools").id)
    step("by absolute path", lambda: git.get_repo("tools", "/Projects/demo/Jupyter/tools").id)
    step("no such repo", lambda: git.get_repo("other"))
    step("no such path", lambda: git.get_repo("tools", "Jupyter/other"))

    url = "https://github.com/ann/tools.git"
    step("no providers", lambda: git.get_providers())
    step("clone without provider", lambda: git.clone(url, "Jupyter"), error="GitException")
    step("clone", lambda: repo_shown(git.clone(url, "Jupyter", provider="GitHub", branch="main")))
    step("clone fails", lambda: git.clone(url, "Jupyter"), error="GitException")
    step(
        "clone absolute",
        lambda: git.clone(url, "/Projects/demo/Jupyter", provider="GitLab").id,
    )
    step("two providers", lambda: git.clone(url, "Jupyter"), error="GitException")

    repo = git.get_repos()[0]
    step("branch", lambda: repo.checkout_branch("feature/x"))
    step("new branch", lambda: repo.checkout_branch("feature/x", create=True))
    step("commit out", lambda: repo.checkout_commit("abc123"))
    step("delete branch", lambda: repo.delete_branch("feature/x"), error="GitException")
    step("status", lambda: [[file.file, file.status, file.extra] for file in repo.status()])
    step("clean", lambda: repo.status())
    step("clean too", lambda: repo.status())
    step("commit", lambda: repo.commit("second"))
    step("commit files", lambda: repo.commit("third", all=False, files=["a.py"]))
    step("push", lambda: repo.push("main"))
    step("pull", lambda: repo.pull("main", remote="up"))
    step("fetch", lambda: repo.fetch())
    step("fetch from", lambda: repo.fetch("up", "main"))
    step("reset", lambda: repo.reset())
    step("reset to", lambda: repo.reset("up", "main", "abc123"))
    step("files", lambda: repo.checkout_files(["a.py"]))
    step("files late", lambda: repo.checkout_files(["a.py"]), error="GitException")
    step("files not begun", lambda: repo.checkout_files(["a.py"]), error="GitException")
    step("commits", lambda: [[one.hash, one.message] for one in repo.get_commits("feature/x")])
    step("no commits", lambda: repo.get_commits("main"))
    step("remotes", lambda: [[remote.name, remote.url] for remote in repo.get_remotes()])
    step("no remotes", lambda: repo.get_remotes())
    remote = repo.get_remote("origin")
    step("remote", lambda: [remote.name, remote.url])
    step("add remote", lambda: repo.add_remote("up", "https://github.com/up/tools.git").url)
    step("delete remote", lambda: remote.delete())
    step("no such remote", lambda: repo.get_remote("other"), error="RestAPIError")
    step("delete", lambda: repo.delete())

    step("providers", lambda: [provider_shown(one) for one in git.get_providers()])
    step("provider", lambda: provider_shown(git.get_provider("GitHub")))
    step("on a host", lambda: provider_shown(git.get_provider("gitlab", "git.example.com")))
    step("on another host", lambda: provider_shown(git.get_provider("GitLab", "gitlab.com")))
    step("not set up", lambda: provider_shown(git.get_provider("BitBucket")))
    step("set", lambda: git.set_provider("BitBucket", "ann", "t0ken"))
    step("set on a host", lambda: git.set_provider("GitLab", "ann", "t0ken", host="git.a.org"))
    step("unknown", lambda: git.set_provider("Other", "ann", "t0ken"), error="GitException")
    step("forget", lambda: git.get_provider("GitHub").delete())
