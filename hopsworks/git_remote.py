"""Remotes of a git repository."""

from __future__ import annotations

from hopsworks import _native
from hopsworks.client.exceptions import GitException

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from hopsworks.git_repo import GitRepo


class GitRemote(_native.GitRemote):
    """A remote of a git repository; :meth:`hopsworks.git_repo.GitRepo.get_remotes` lists them.

    Example:
        ```python
        repo = project.get_git_api().get_repo("tools")
        addresses = {remote.name: remote.url for remote in repo.get_remotes()}
        ```
    """

    __slots__ = ()

    def delete(self) -> None:
        """Remove the remote from its repository.

        Raises:
            hopsworks.client.exceptions.GitException: The service could not remove it, or the object does not know its
                repository; then nothing is sent.
            RestAPIError: The server refuses.
        """
        repo: GitRepo | None = self._repo
        if repo is None:
            raise GitException(
                f"The remote {self.name!r} does not know its repository. Get it from repo.get_remote({self.name!r})."
            )
        repo._change_remote("DELETE", self.name, None)
