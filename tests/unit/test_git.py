"""Git repositories and providers: waits, failures, bad input and what is kept of a token, against scripted answers."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from scripted_cluster import Clock, Cluster, answer, cluster, interrupted_after

from hopsworks.client.exceptions import GitException, RestAPIError
from hopsworks.core import git_operation
from hopsworks.git_commit import GitCommit
from hopsworks.git_file_status import GitFileStatus
from hopsworks.git_op_execution import GitOpExecution
from hopsworks.git_provider import GitProvider
from hopsworks.git_remote import GitRemote
from hopsworks.git_repo import GitRepo

REPO = {
    "id": 7,
    "name": "tools",
    "path": "/Projects/demo/Jupyter/tools",
    "provider": "GitHub",
    "currentBranch": "main",
    "currentCommit": {"commitHash": "abc", "message": "first"},
    "readOnly": False,
}
PROVIDERS = "GET /hopsworks-api/api/users/git/provider"
FETCH = "POST /git/repository/7?action=FETCH&expand=repository&expand=user"
STATUS = "POST /git/repository/7?action=STATUS&expand=repository&expand=user"
POLL = "GET /git/repository/7/execution/31?expand=repository"


def execution(state: str | None, message: str | None = None, **repository: Any) -> dict[str, Any]:
    return {
        "id": 31,
        "state": state,
        "commandResultMessage": message,
        "repository": {**REPO, **repository},
    }


def repo_of(found: Cluster) -> GitRepo:
    return GitRepo.from_response_json(REPO, found.project._scope)


def test_a_wait_asks_at_once_and_then_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    steps = [answer(FETCH, execution("Submitted"))]
    steps += [answer(POLL, execution("Running"), times=14), answer(POLL, execution("Success"))]
    with cluster(*steps) as found:
        repo_of(found).fetch()
        assert found.asked().count(POLL) == 15
    assert clock.pauses[0] == pytest.approx(0.05)
    assert sorted(clock.pauses) == clock.pauses
    assert clock.pauses[-1] == 5.0


def test_a_synchronous_answer_is_not_asked_about() -> None:
    with cluster(answer(FETCH, execution("Success"))) as found:
        repo_of(found).fetch()


def test_a_wait_ends_at_its_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    steps = [answer(FETCH, execution("Submitted")), answer(POLL, execution("Running"), times=1000)]
    with cluster(*steps, complete=False) as found:
        with pytest.raises(
            GitException, match=r"'tools' has not ended after 30 minutes; .*Running"
        ):
            repo_of(found).fetch()
    assert clock.now == pytest.approx(1000 + git_operation.LONGEST_WAIT)


@pytest.mark.parametrize(
    "state",
    ["Failed", "Killed", "Initialization failed", "INITIALIZATION_FAILED", "Timedout", "Cancelled"],
)
def test_every_bad_end_is_an_error(state: str) -> None:
    steps = [
        answer(FETCH, execution("Running")),
        answer(POLL, execution(state, "no route to host")),
    ]
    with cluster(*steps) as found:
        with pytest.raises(
            GitException, match=f"fetch .*'tools' ended as {state}: no route to host"
        ):
            repo_of(found).fetch()


def test_a_failure_without_a_reason_says_so() -> None:
    with cluster(answer(FETCH, execution("Failed"))) as found:
        with pytest.raises(GitException, match="gives no reason"):
            repo_of(found).fetch()


def test_an_interrupt_ends_the_wait_and_sends_nothing() -> None:
    steps = [answer(FETCH, execution("Running")), answer(POLL, execution("Running"), times=100)]
    with cluster(*steps, complete=False) as found:
        repo = repo_of(found)
        with interrupted_after(found, 3):
            repo.fetch()
        assert set(found.asked()) == {FETCH, POLL}
        assert repo.current_branch == "main"


def test_a_clone_that_cannot_be_followed_is_an_error() -> None:
    clone = "POST /git/clone?expand=repository&expand=user"
    for state in ("Running", "Success"):
        wire = {**execution(state), "repository": None}
        with cluster(answer(clone, wire)) as found:
            with pytest.raises(GitException, match="does not say"):
                found.project.get_git_api().clone("https://a.org/x.git", "Jupyter", "GitHub")


def test_branch_and_commit_follow_a_checkout() -> None:
    path = "POST /git/repository/7/branch?branchName=dev&action=CHECKOUT&expand=repository"
    now = {"currentBranch": "dev", "currentCommit": {"commitHash": "def"}}
    with cluster(answer(path, execution("Success", **now))) as found:
        repo = repo_of(found)
        repo.checkout_branch("dev")
        assert (repo.current_branch, repo.current_commit.hash) == ("dev", "def")


def test_what_status_finds_can_be_committed() -> None:
    said = json.dumps({"status": [{"file": "a.py", "status": "M"}, {"file": "b", "status": "?"}]})
    with cluster(
        answer(STATUS, execution("Success", said)),
        answer(
            "POST /git/repository/7?action=COMMIT&expand=repository&expand=user",
            execution("Success"),
        ),
    ) as found:
        repo = repo_of(found)
        files = repo.status()
        assert files is not None
        assert repr(files[0]) == "GitFileStatus(file='a.py', status='M')"
        repo.commit("m", files=files)
        assert json.loads(found.server.requests[-1].body) == {
            "type": "commitCommandConfiguration",
            "message": "m",
            "all": True,
            "files": ["a.py", "b"],
        }


@pytest.mark.parametrize("said", [None, "", "fatal: not a repository", "[]", "{}"])
def test_a_status_that_is_none_is_an_error(said: str | None) -> None:
    with cluster(answer(STATUS, execution("Success", said))) as found:
        with pytest.raises(GitException, match=r"does not say how the files .*'tools' stand"):
            repo_of(found).status()


def test_no_repositories_is_an_empty_list() -> None:
    path = "GET /git?expand=creator"
    refusal = {"errorCode": 500028, "errorMsg": "No repositories."}
    with cluster(answer(path, refusal, 404), answer(path, refusal, 404)) as found:
        assert found.project.get_git_api().get_repos() == []
        assert found.project.get_git_api().get_repo("tools") is None


def test_repositories_of_one_name_are_told_apart_by_their_path() -> None:
    path = "GET /git?expand=creator"
    second = {**REPO, "id": 8, "path": "/Projects/demo/Resources/tools"}
    listing = {"count": 2, "items": [REPO, second]}
    with cluster(answer(path, listing, times=2)) as found:
        git = found.project.get_git_api()
        with pytest.raises(GitException, match=r"Jupyter/tools, /Projects/demo/Resources/tools\. "):
            git.get_repo("tools")
        repo = git.get_repo("tools", "Resources/tools/")
        assert repo is not None
        assert repo.id == 8


BAD_INPUT: list[tuple[Callable[[Any, GitRepo], Any], type[Exception], str]] = [
    (lambda git, repo: git.clone("", "Jupyter", "GitHub"), ValueError, "url is empty"),
    (lambda git, repo: git.clone("https://a.org/x.git", "", "GitHub"), ValueError, "path is empty"),
    (
        lambda git, repo: git.clone("https://a", "b", "Svn"),
        GitException,
        "GitHub, GitLab, BitBucket",
    ),
    (lambda git, repo: git.get_provider(""), ValueError, "provider is empty"),
    (
        lambda git, repo: git.set_provider("github", "a", "t0ken"),
        GitException,
        "'github'. Pass one of",
    ),
    (lambda git, repo: git.set_provider("GitHub", "", "t0ken"), ValueError, "username is empty"),
    (lambda git, repo: git.set_provider("GitHub", "a", ""), ValueError, "token is empty"),
    (
        lambda git, repo: git.set_provider("GitHub", "a", None),
        TypeError,
        "token is of type NoneType",
    ),
    (lambda git, repo: repo.commit(""), ValueError, "message is empty"),
    (lambda git, repo: repo.commit("m", files="a.py"), TypeError, r"Pass a list: \['a.py'\]"),
    (lambda git, repo: repo.commit("m", files=[1]), TypeError, "files holds a int"),
    (lambda git, repo: repo.checkout_files("a.py"), TypeError, "Pass a list"),
    (lambda git, repo: repo.checkout_files([]), ValueError, "files is empty"),
    (lambda git, repo: repo.checkout_branch(""), ValueError, "branch is empty"),
    (lambda git, repo: repo.delete_branch(None), TypeError, "branch is of type NoneType"),
    (lambda git, repo: repo.checkout_commit(""), ValueError, "commit is empty"),
    (lambda git, repo: repo.push(""), ValueError, "branch is empty"),
    (lambda git, repo: repo.pull("main", ""), ValueError, "remote is empty"),
    (lambda git, repo: repo.get_commits(""), ValueError, "branch is empty"),
    (lambda git, repo: repo.get_remote(""), ValueError, "name is empty"),
    (lambda git, repo: repo.add_remote("up", ""), ValueError, "url is empty"),
    (lambda git, repo: GitRemote("origin", "u").delete(), GitException, "repo.get_remote"),
    (lambda git, repo: GitProvider().delete(), GitException, "has no name"),
]


@pytest.mark.parametrize(("call", "kind", "words"), BAD_INPUT)
def test_bad_input_is_named_before_anything_is_sent(
    call: Callable[[Any, GitRepo], Any], kind: type[Exception], words: str
) -> None:
    with cluster() as found:
        with pytest.raises(kind, match=words) as caught:
            call(found.project.get_git_api(), repo_of(found))
        assert found.asked() == []
    assert "t0ken" not in str(caught.value)


def test_a_token_is_kept_and_shown_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wire = {"gitProvider": "GitHub", "username": "ann", "token": "t0ken", "host": "github.com"}
    refusal = {"errorCode": 120001, "errorMsg": "Illegal argument.", "usrMsg": "No such user."}
    with cluster(
        answer(PROVIDERS, {"items": [wire]}),
        answer(PROVIDERS.replace("GET", "POST"), refusal, 422),
    ) as found:
        git = found.project.get_git_api()
        provider = git.get_providers()[0]
        with pytest.raises(RestAPIError, match="No such user") as caught:
            git.set_provider("GitHub", "ann", "t0ken")
        assert json.loads(found.server.requests[-1].body)["token"] == "t0ken"
    provider._scope = None
    made = GitProvider("ann", "t0ken", "GitHub", "github.com")
    for shown in (provider, made):
        assert shown.username == "ann"
        assert "t0ken" not in f"{shown!r} {shown} {shown.json()} {shown.to_dict()}"
    assert "t0ken" not in caplog.text
    assert "t0ken" not in f"{caught.value!r} {caught.value}"


def test_providers_are_told_apart_by_their_host() -> None:
    items = [
        {"gitProvider": "GitHub", "username": "ann"},  # an older server, which knows no hosts
        {"gitProvider": "GitHub", "username": "ann", "host": "git.example.com"},
    ]
    secrets = "DELETE /hopsworks-api/api/users/secrets/github"
    with cluster(
        answer(PROVIDERS, {"items": items}, times=2),
        answer(f"{secrets}_token_github.com", None, 204),
        answer(f"{secrets}_username_github.com", None, 204),
    ) as found:
        git = found.project.get_git_api()
        with pytest.raises(GitException, match=r"2 hosts: github\.com, git\.example\.com"):
            git.get_provider("GitHub")
        provider = git.get_provider("github", "github.com")
        assert provider is not None
        provider.delete()


def test_the_classes_read_what_a_server_sends() -> None:
    repos = GitRepo.from_response_json({"count": 1, "items": [REPO]})
    assert [repo.path for repo in repos] == ["/Projects/demo/Jupyter/tools"]
    assert GitRepo.from_response_json({"count": 0}) == []
    assert GitRepo.from_response_json(REPO).json() == repos[0].json()
    assert repos[0].current_commit.message == "first"
    commit = GitCommit("Ann", "ann@example.com", "first", "abc", "2025-01-02T03:04:05.000Z")
    assert repr(commit) == "GitCommit(name='Ann', message='first', commit_hash='abc')"
    assert (commit.name, commit.email, commit.time) == (
        "Ann",
        "ann@example.com",
        "2025-01-02T03:04:05.000Z",
    )
    remote = GitRemote.from_response_json({"remoteName": "origin", "remoteUrl": "https://a.org"})
    assert (remote.name, remote.url) == ("origin", "https://a.org")
    assert GitFileStatus("a.py", "M", "x").extra == "x"
    run = GitOpExecution.from_response_json({**execution("Success"), "configSecret": "s3cr3t"})
    assert (run.id, run.repository.name) == (31, "tools")
    assert "s3cr3t" not in f"{run!r} {run.json()}"
