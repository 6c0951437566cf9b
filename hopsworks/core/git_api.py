"""The git repositories of a project, and the accounts that they are fetched with."""

from __future__ import annotations

from hopsworks.client.exceptions import GitException
from hopsworks.core.arguments import checked_text
from hopsworks.core.git_operation import finish
from hopsworks.core.project_path import absolute_path
from hopsworks.core.service import Service
from hopsworks.git_provider import HOSTS, host_of

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from hopsworks.git_provider import GitProvider
    from hopsworks.git_repo import GitRepo

_PROVIDERS = ", ".join(HOSTS)


class GitApi(Service):
    """Clones and finds git repositories. :meth:`hopsworks.project.Project.get_git_api` returns one.

    Example:
        ```python
        git_api = project.get_git_api()
        git_api.set_provider("GitHub", "ann", token)
        repo = git_api.clone("https://github.com/ann/tools.git", "Jupyter", provider="GitHub")
        repo.checkout_branch("experiment", create=True)
        ```
    """

    __slots__ = ()

    def clone(
        self, url: str, path: str, provider: str | None = None, branch: str | None = None
    ) -> GitRepo:
        """Clone a repository into the project, and wait until it is there.

        Parameters:
            url: Address of the repository; `https`.
            path: Folder of the project to clone it into, such as `Jupyter`.
            provider: `GitHub`, `GitLab` or `BitBucket`. Needed when not exactly one provider is set up.
            branch: Branch to check out; None for the one that the repository names.

        Returns:
            The repository.

        Raises:
            ValueError: The address or the folder is empty; nothing is sent.
            hopsworks.client.exceptions.GitException: The provider is not known or not told, or the clone failed.
            RestAPIError: The server refuses.

        Example:
            ```python
            repo = git_api.clone("https://github.com/ann/tools.git", "Jupyter", provider="GitHub")
            ```
        """
        checked_text(url, "url", "Pass the address of the repository.")
        checked_text(
            path, "path", "Pass the folder of the project to clone into, such as 'Jupyter'."
        )
        if provider is None:
            provider = self._only_provider()
        else:
            provider = _known_provider(provider)
        folder = absolute_path(path, self._session.project_name)
        body = {"url": url, "path": folder, "provider": provider, "branch": branch}
        execution = self._call("git_repo.clone", body)
        cloned = finish(self._session.scope, execution, f"clone of {url} into {folder}").repository
        if cloned is None:
            raise GitException(
                f"{url} was cloned into {folder}, and the service does not say as what. List get_repos()."
            )
        # The listing also says who cloned it.
        found = [repo for repo in self.get_repos() if repo.id == cloned.id]
        return found[0] if found else cloned

    def get_repos(self) -> list[GitRepo]:
        """Get the repositories of the project.

        Returns:
            The repositories; an empty list when there is none.

        Raises:
            RestAPIError: The server refuses.

        Example:
            ```python
            names = [repo.name for repo in git_api.get_repos()]
            ```
        """
        return self._call("git_repo.list")

    def get_repo(self, name: str, path: str | None = None) -> GitRepo | None:
        """Get a repository.

        Parameters:
            name: Name of the repository.
            path: Its folder in the project, such as `Jupyter/tools`. Needed when several have that name.

        Returns:
            The repository; None when there is none.

        Raises:
            hopsworks.client.exceptions.GitException: Several repositories have that name.
            RestAPIError: The server refuses.
        """
        found = [repo for repo in self.get_repos() if repo.name == name]
        if path is not None:
            folder = absolute_path(path, self._session.project_name).rstrip("/")
            found = [repo for repo in found if repo.path == folder]
        if len(found) > 1:
            paths = ", ".join(str(repo.path) for repo in found)
            raise GitException(
                f"There are {len(found)} repositories named {name!r}: {paths}. Pass the path of the one you mean."
            )
        return found[0] if found else None

    def get_providers(self) -> list[GitProvider]:
        """Get the providers that the user has set up.

        Returns:
            The providers, without their tokens.

        Raises:
            RestAPIError: The server refuses.
        """
        return self._call("git_provider.list")

    def get_provider(self, provider: str, host: str | None = None) -> GitProvider | None:
        """Get one provider that the user has set up.

        Parameters:
            provider: `GitHub`, `GitLab` or `BitBucket`, in any case.
            host: Host name, such as `git.example.com`. Needed when several hosts of that provider are set up.

        Returns:
            The provider; None when it is not set up.

        Raises:
            hopsworks.client.exceptions.GitException: Several hosts of that provider are set up.
            RestAPIError: The server refuses.
        """
        kind = checked_text(provider, "provider", f"Pass one of {_PROVIDERS}.").lower()
        found = [one for one in self.get_providers() if (one.git_provider or "").lower() == kind]
        if host is not None:
            found = [one for one in found if (host_of(one) or "").lower() == host.lower()]
        if len(found) > 1:
            hosts = ", ".join(str(host_of(one)) for one in found)
            raise GitException(
                f"{provider} is set up for {len(found)} hosts: {hosts}. Pass the host of the one you mean."
            )
        return found[0] if found else None

    def set_provider(
        self, provider: str, username: str, token: str, host: str | None = None
    ) -> None:
        """Set up a provider: the account that private repositories are fetched with.

        Parameters:
            provider: `GitHub`, `GitLab` or `BitBucket`.
            username: Name of the user there.
            token: Access token of the user there. The service keeps it as a secret.
            host: Host name of an installation of one's own; None for the public site.

        Raises:
            ValueError: Name or token is empty; nothing is sent.
            hopsworks.client.exceptions.GitException: There is no such provider; nothing is sent.
            RestAPIError: The server refuses.

        Example:
            ```python
            git_api.set_provider("GitHub", "ann", token)
            ```
        """
        if provider not in HOSTS:
            raise _unknown_provider(provider)
        body = {
            "gitProvider": provider,
            "username": checked_text(username, "username", "Pass your name at the provider."),
            "token": checked_text(token, "token", "Pass an access token; the provider makes them."),
            "host": host or HOSTS[provider],
        }
        self._call("git_provider.set", body)

    def _only_provider(self) -> str:
        names = [one.git_provider for one in self.get_providers()]
        if len(names) == 1 and names[0]:
            return names[0]
        if not names:
            raise GitException(
                "No git provider is set up. Call git_api.set_provider(), or pass the provider of a public repository: "
                f"{_PROVIDERS}."
            )
        raise GitException(
            f"{len(names)} git providers are set up: {', '.join(map(str, names))}. Pass the provider to clone with."
        )


def _known_provider(given: str) -> str:
    for name in HOSTS:
        if isinstance(given, str) and given.lower() == name.lower():
            return name
    raise _unknown_provider(given)


def _unknown_provider(given: object) -> GitException:
    return GitException(f"There is no git provider {given!r}. Pass one of {_PROVIDERS}.")
