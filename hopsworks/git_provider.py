"""Git providers: the sites that repositories come from, with the user's account there."""

from __future__ import annotations

from hopsworks import _native
from hopsworks.client.exceptions import GitException
from hopsworks.resource_scope import scope_of

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

HOSTS = {"GitHub": "github.com", "GitLab": "gitlab.com", "BitBucket": "bitbucket.org"}


class GitProvider(_native.GitProvider):
    """A provider that the user has set up. :class:`hopsworks.core.git_api.GitApi` sets them up and lists them.

    The token stays with the service: the object does not hold it.

    Example:
        ```python
        provider = project.get_git_api().get_provider("GitHub")
        assert provider is None or provider.host
        ```
    """

    __slots__ = ()

    def __init__(
        self,
        username: str | None = None,
        token: str | None = None,
        git_provider: str | None = None,
        host: str | None = None,
        url: str | None = None,
        name: str | None = None,
        type: Any = None,
        href: str | None = None,
        expand: Any = None,
        items: Any = None,
        count: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(username=username, git_provider=git_provider, host=host, href=href)

    def delete(self) -> None:
        """Forget the account: the service deletes the secrets with its name and token.

        Raises:
            hopsworks.client.exceptions.GitException: The object names no provider; nothing is sent.
            RestAPIError: The server refuses.
        """
        if not self.git_provider:
            raise GitException(
                "This provider has no name, so it cannot be deleted. Get it from git_api.get_provider()."
            )
        scope, place = scope_of(self), f"{self.git_provider.lower()}_{{}}_{host_of(self)}"
        for part in ("token", "username"):
            scope.call("secret.delete", name=place.format(part))


def host_of(provider: GitProvider) -> str | None:
    """The host of a provider; older servers do not name that of a public site."""
    return provider.host or HOSTS.get(provider.git_provider or "")
