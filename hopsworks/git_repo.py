"""Git repositories of a project."""

from __future__ import annotations

import json

from hopsworks import _native
from hopsworks.client.exceptions import GitException
from hopsworks.core.arguments import checked_text
from hopsworks.core.git_operation import finish
from hopsworks.resource_scope import scope_of

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Sequence
    from typing import Any

    from hopsworks._native import GitCommit, GitFileStatus, GitOpExecution
    from hopsworks.git_remote import GitRemote


class GitRepo(_native.GitRepo):
    """A git repository in a project. :class:`hopsworks.core.git_api.GitApi` clones and finds them.

    Each git command waits until the service has carried it out. The service is asked at once, then at pauses that
    grow to five seconds; after 30 minutes the wait ends with an error. Ctrl-C ends the wait and not the command.

    Example:
        ```python
        repo = project.get_git_api().get_repo("tools")
        repo.checkout_branch("experiment", create=True)
        if repo.status():
            repo.commit("Try another loss")
            repo.push("experiment")
        ```
    """

    def _call(self, operation: str, body: Any = None, **parameters: Any) -> Any:
        return scope_of(self).call(operation, body, id=self.id, **parameters)

    def _carry_out(self, what: str, operation: str, body: Any = None, **parameters: Any) -> Any:
        """Give a git command and wait for its end; the branch and the commit of the object are brought up to date."""
        execution: GitOpExecution = self._call(operation, body, **parameters)
        execution = finish(scope_of(self), execution, f"{what} in the repository {self.name!r}")
        now = execution.repository
        if now is not None and now.id == self.id and now.current_branch is not None:
            self._set(current_branch=now.current_branch, current_commit=now.current_commit)
        return execution

    def _run(self, action: str, body: dict[str, Any] | None = None) -> GitOpExecution:
        command = action.lower()
        if body is not None:
            body = {"type": f"{command}CommandConfiguration", **body}
        return self._carry_out(command, "git_repo.run", body, action=action)

    def delete(self) -> None:
        """Remove the repository and its files from the project.

        Raises:
            RestAPIError: The server refuses.
        """
        self._call("git_repo.delete")

    def status(self) -> list[GitFileStatus] | None:
        """Tell which files differ from the commit that is checked out.

        Returns:
            The files with their status; None, or an empty list, when there is none.

        Raises:
            hopsworks.client.exceptions.GitException: The command failed, or the service does not say how it stands.
            RestAPIError: The server refuses.

        Example:
            ```python
            changed = [file.file for file in repo.status() or ()]
            ```
        """
        said = self._run("STATUS").command_result_message
        try:
            files = json.loads(said or "")["status"]
        except (TypeError, ValueError, KeyError):
            raise GitException(
                f"The service does not say how the files of the repository {self.name!r} stand; it says {said!r}."
            ) from None
        if not isinstance(files, list):
            return None
        return [_native.GitFileStatus.from_response_json(file) for file in files]

    def commit(
        self,
        message: str,
        all: bool = True,
        files: Sequence[str | GitFileStatus] | None = None,
    ) -> None:
        """Commit changes.

        Parameters:
            message: Message of the commit.
            all: Commit every changed file that git tracks.
            files: Files to add first: paths in the repository, or what :meth:`status` returns.

        Raises:
            ValueError: The message is empty; nothing is sent.
            TypeError: `files` is no list of paths; nothing is sent.
            hopsworks.client.exceptions.GitException: The command failed.
            RestAPIError: The server refuses, for example because the repository is read-only.
        """
        checked_text(message, "message", "Pass the message of the commit.")
        paths = None if files is None else _paths(files)
        self._run("COMMIT", {"message": message, "all": all, "files": paths})

    def push(self, branch: str, remote: str = "origin") -> None:
        """Push a branch to a remote.

        Parameters:
            branch: Name of the branch.
            remote: Name of the remote.

        Raises:
            ValueError: The branch or the remote is empty; nothing is sent.
            hopsworks.client.exceptions.GitException: The command failed.
            RestAPIError: The server refuses.
        """
        self._exchange("PUSH", branch, remote)

    def pull(self, branch: str, remote: str = "origin") -> None:
        """Pull a branch from a remote.

        Parameters:
            branch: Name of the branch.
            remote: Name of the remote.

        Raises:
            ValueError: The branch or the remote is empty; nothing is sent.
            hopsworks.client.exceptions.GitException: The command failed.
            RestAPIError: The server refuses.
        """
        self._exchange("PULL", branch, remote)

    def _exchange(self, action: str, branch: str, remote: str) -> None:
        _check_branch(branch)
        checked_text(remote, "remote", "Pass the name of a remote, such as 'origin'.")
        self._run(action, {"remoteName": remote, "force": False, "branchName": branch})

    def fetch(self, remote: str | None = None, branch: str | None = None) -> None:
        """Fetch from a remote, without a change of the files.

        Parameters:
            remote: Name of the remote; None leaves it to git.
            branch: Name of the branch; None for all of them.

        Raises:
            hopsworks.client.exceptions.GitException: The command failed.
            RestAPIError: The server refuses.
        """
        self._run("FETCH", {"remoteName": remote, "branchName": branch})

    def reset(
        self, remote: str | None = None, branch: str | None = None, commit: str | None = None
    ) -> None:
        """Set files and branch back. What was not committed is lost.

        Parameters:
            remote: Name of the remote whose branch is meant; None leaves it to git.
            branch: Name of the branch; None for the one that is checked out.
            commit: Hash of the commit to go back to; None for the newest of the branch.

        Raises:
            hopsworks.client.exceptions.GitException: The command failed.
            RestAPIError: The server refuses.
        """
        self._run("RESET", {"remoteName": remote, "branchName": branch, "commit": commit})

    def checkout_branch(self, branch: str, create: bool = False) -> None:
        """Check out a branch.

        Parameters:
            branch: Name of the branch.
            create: Make the branch first.

        Raises:
            ValueError: The name is empty; nothing is sent.
            hopsworks.client.exceptions.GitException: The command failed.
            RestAPIError: The server refuses.
        """
        self._branch("CREATE_CHECKOUT" if create else "CHECKOUT", branch)

    def delete_branch(self, branch: str) -> None:
        """Delete a branch of the repository; remotes keep theirs.

        Parameters:
            branch: Name of the branch.

        Raises:
            ValueError: The name is empty; nothing is sent.
            hopsworks.client.exceptions.GitException: The command failed.
            RestAPIError: The server refuses.
        """
        self._branch("DELETE", branch)

    def _branch(self, action: str, branch: str) -> None:
        _check_branch(branch)
        what = f"{action.lower().replace('_', ' and ')} of the branch {branch!r}"
        self._carry_out(what, "git_repo.branch", action=action, branch=branch, commit=None)

    def checkout_commit(self, commit: str) -> None:
        """Check out a commit. No branch is checked out afterwards.

        Parameters:
            commit: Hash of the commit.

        Raises:
            ValueError: The hash is empty; nothing is sent.
            hopsworks.client.exceptions.GitException: The command failed.
            RestAPIError: The server refuses.
        """
        checked_text(commit, "commit", "Pass the hash of a commit; get_commits() lists them.")
        self._carry_out(
            f"checkout of the commit {commit}",
            "git_repo.branch",
            action="CHECKOUT",
            branch=None,
            commit=commit,
        )

    def checkout_files(self, files: Sequence[str | GitFileStatus]) -> None:
        """Take back what was changed in files since the commit that is checked out.

        Parameters:
            files: Paths in the repository, or what :meth:`status` returns.

        Raises:
            TypeError: `files` is no list of paths; nothing is sent.
            ValueError: The list is empty; nothing is sent.
            hopsworks.client.exceptions.GitException: The command failed.
            RestAPIError: The server refuses.
        """
        paths = _paths(files)
        if not paths:
            raise ValueError("files is empty. Pass the paths of the files to take back.")
        self._carry_out("checkout of files", "git_repo.checkout_files", {"files": paths})

    def get_commits(self, branch: str) -> list[GitCommit]:
        """Get the commits of a branch, newest first.

        Parameters:
            branch: Name of the branch.

        Returns:
            The commits.

        Raises:
            ValueError: The name is empty; nothing is sent.
            RestAPIError: The server refuses.
        """
        from urllib.parse import quote

        _check_branch(branch)
        # The service decodes this one twice.
        return self._call("git_repo.commits", branch=quote(branch, safe=""))

    def add_remote(self, name: str, url: str) -> GitRemote:
        """Add a remote.

        Parameters:
            name: Name of the remote.
            url: Address of the remote.

        Returns:
            The remote.

        Raises:
            ValueError: Name or address is empty; nothing is sent.
            hopsworks.client.exceptions.GitException: The command failed.
            RestAPIError: The server refuses.
        """
        checked_text(name, "name", "Pass a name for the remote.")
        checked_text(url, "url", "Pass the address of the remote.")
        self._change_remote("ADD", name, url)
        return self.get_remote(name)

    def _change_remote(self, action: str, name: str | None, url: str | None) -> None:
        what = f"{action.lower()} of the remote {name!r}"
        self._carry_out(what, "git_remote.change", action=action, name=name, url=url)

    def get_remote(self, name: str) -> GitRemote:
        """Get a remote.

        Parameters:
            name: Name of the remote.

        Returns:
            The remote.

        Raises:
            ValueError: The name is empty; nothing is sent.
            NotFoundError: There is no remote of that name.
        """
        checked_text(name, "name", "Pass the name of a remote, such as 'origin'.")
        return self._owned([self._call("git_remote.get", name=name)])[0]

    def get_remotes(self) -> list[GitRemote]:
        """Get the remotes of the repository.

        Returns:
            The remotes.

        Raises:
            RestAPIError: The server refuses.
        """
        return self._owned(self._call("git_remote.list"))

    def _owned(self, remotes: list[GitRemote]) -> list[GitRemote]:
        for remote in remotes:
            remote._repo = self
        return remotes


def _check_branch(branch: str) -> None:
    checked_text(branch, "branch", "Pass the name of a branch.")


def _paths(files: Sequence[str | GitFileStatus]) -> list[str]:
    """The paths of files that are given as paths or as statuses."""
    if isinstance(files, (str, bytes)):
        raise TypeError(f"files is of type {type(files).__name__}. Pass a list: [{files!r}].")
    paths = []
    for file in files:
        path = file.file if isinstance(file, _native.GitFileStatus) else file
        if not isinstance(path, str):
            raise TypeError(
                f"files holds a {type(path).__name__}. Pass paths as text, or what status() returns."
            )
        paths.append(path)
    return paths
