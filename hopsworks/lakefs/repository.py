"""Repositories."""

from __future__ import annotations

import sys
import types

from hopsworks.lakefs import arguments
from hopsworks.lakefs.branch import Branch
from hopsworks.lakefs.client import ClientBound
from hopsworks.lakefs.exceptions import ConflictException, ValidationError
from hopsworks.lakefs.listing import listing
from hopsworks.lakefs.reference import Reference
from hopsworks.lakefs.tag import Tag

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Generator
    from typing import Any, Self

    from hopsworks.lakefs.client import Client
    from hopsworks.lakefs.models import RepositoryProperties

_FIRST = "abcdefghijklmnopqrstuvwxyz0123456789"
_LENGTHS = range(3, 64)


class Metadata(dict[str, str]):
    """Metadata of a repository. It can be called, and is itself then: ``metadata`` is ``metadata()``."""

    def __call__(self) -> Self:
        return self


class Repository(ClientBound):
    """A repository of a lakeFS server. Nothing is asked to make it.

    Parameters:
        repository_id: Name of the repository.
        client: Who asks; None is the default client.

    Example:
        ```python
        from hopsworks import lakefs

        lake = lakefs.Repository("lake").create("s3://bucket/lake", exist_ok=True)
        [branch.id for branch in lake.branches()]
        ```
    """

    def __init__(self, repository_id: str, client: Client | None = None) -> None:
        super().__init__(client)
        self._id = arguments.text(repository_id, "repository_id")
        self._properties: RepositoryProperties | None = None

    @property
    def id(self) -> str:
        """Name of the repository."""
        return self._id

    def __str__(self) -> str:
        return self._id

    def __repr__(self) -> str:
        return f'Repository(id="{self._id}")'

    def create(
        self,
        storage_namespace: str,
        default_branch: str | None = "main",
        include_samples: bool = False,
        exist_ok: bool = False,
        **kwargs: Any,
    ) -> Self:
        """Create the repository.

        Parameters:
            storage_namespace: Where its objects are stored, like ``"s3://bucket/lake"``.
            default_branch: Name of its first branch; None leaves that to the server.
            include_samples: Whether it begins with sample data.
            exist_ok: Whether a repository of that name may be there already; it stays as it is.
            kwargs: ``storage_id`` (which of the server's stores), ``bare`` (bool), ``_request_timeout``.

        Returns:
            The repository.

        Raises:
            ValidationError: If the name cannot be one of a repository.
            ConflictException: If it is there already.
        """
        timeout = arguments.take_timeout(kwargs)
        storage_id, bare = kwargs.pop("storage_id", None), kwargs.pop("bare", None)
        arguments.refuse_others("create", kwargs)
        if (
            len(self._id) not in _LENGTHS
            or self._id[0] not in _FIRST
            or self._id.strip(f"{_FIRST}-")
            or not set(self._id) <= set(f"{_FIRST}-")
        ):
            raise ValidationError(
                f"'{self._id}' cannot be the name of a repository: 3 to 63 characters of a-z, 0-9"
                " and '-', the first one no '-'"
            )
        body = {
            "name": self._id,
            "storage_namespace": arguments.text(storage_namespace, "storage_namespace"),
            "default_branch": (
                None if default_branch is None else arguments.text(default_branch, "default_branch")
            ),
            "sample_data": bool(include_samples),
            "storage_id": (
                None if storage_id is None else arguments.text(storage_id, "storage_id", empty=True)
            ),
        }
        try:
            self._properties = self._client._ask(
                "lakefs.repository.create", body, timeout=timeout, bare=bare
            )
        except ConflictException:
            if not exist_ok:
                raise
            self._properties = self._asked_properties()
        return self

    def delete(self, **kwargs: Any) -> None:
        """Delete the repository; what is stored below its storage namespace stays there.

        Parameters:
            kwargs: ``force`` (bool), ``_request_timeout``.

        Raises:
            NotFoundException: If there is no such repository.
        """
        timeout = arguments.take_timeout(kwargs)
        force = kwargs.pop("force", None)
        arguments.refuse_others("delete", kwargs)
        self._client._call(
            "lakefs.repository.delete", timeout=timeout, repository=self._id, force=force
        )

    def branch(self, branch_id: str) -> Branch:
        """A branch. Nothing is asked.

        Parameters:
            branch_id: Its name.

        Returns:
            The branch.
        """
        return Branch(self._id, branch_id, self._given_client)

    def commit(self, commit_id: str) -> Reference:
        """A commit. Nothing is asked.

        Parameters:
            commit_id: Its id.

        Returns:
            A reference to it.
        """
        return Reference(self._id, commit_id, self._given_client)

    def ref(self, ref_id: str) -> Reference:
        """A reference. Nothing is asked.

        Parameters:
            ref_id: A branch, tag or commit, or an expression like ``main~2``.

        Returns:
            The reference.
        """
        return Reference(self._id, ref_id, self._given_client)

    def tag(self, tag_id: str) -> Tag:
        """A tag. Nothing is asked.

        Parameters:
            tag_id: Its name.

        Returns:
            The tag.
        """
        return Tag(self._id, tag_id, self._given_client)

    def branches(
        self,
        max_amount: int | None = None,
        after: str | None = None,
        prefix: str | None = None,
        **kwargs: Any,
    ) -> Generator[Branch]:
        """List branches by name.

        Parameters:
            max_amount: How many at most; None is all.
            after: Only names behind this one.
            prefix: Only names that begin so.
            kwargs: ``show_hidden`` (bool), ``amount``, ``_request_timeout``.

        Yields:
            Branches.

        Raises:
            NotFoundException: If there is no such repository.
        """
        found = listing(
            self, "lakefs.branch.list", "branches", ("show_hidden", "amount"), kwargs,
            max_amount=max_amount, after=after, repository=self._id, prefix=prefix,
        )  # fmt: skip
        return (Branch(self._id, row.id, self._given_client) for row in found)

    def tags(
        self,
        max_amount: int | None = None,
        after: str | None = None,
        prefix: str | None = None,
        **kwargs: Any,
    ) -> Generator[Tag]:
        """List tags by name.

        Parameters:
            max_amount: How many at most; None is all.
            after: Only names behind this one.
            prefix: Only names that begin so.
            kwargs: ``amount``, ``_request_timeout``.

        Yields:
            Tags.

        Raises:
            NotFoundException: If there is no such repository.
        """
        found = listing(
            self, "lakefs.tag.list", "tags", ("amount",), kwargs, max_amount=max_amount, after=after,
            repository=self._id, prefix=prefix,
        )  # fmt: skip
        return (Tag(self._id, row.id, self._given_client) for row in found)

    @property
    def metadata(self) -> Metadata:
        """Keys and values of the repository, asked for each time.

        Raises:
            NotFoundException: If there is no such repository.
        """
        return Metadata(self._client._ask("lakefs.repository.metadata", repository=self._id))

    @property
    def properties(self) -> RepositoryProperties:
        """What the server says about the repository; asked once.

        Raises:
            NotFoundException: If there is no such repository.
        """
        if self._properties is None:
            self._properties = self._asked_properties()
        return self._properties

    def _asked_properties(self) -> RepositoryProperties:
        return self._client._ask("lakefs.repository.get", repository=self._id)

    # --- the first design --------------------------------------------------------------------------------

    def get_or_create(
        self,
        storage_namespace: str,
        default_branch_id: str = "main",
        include_samples: bool = False,
    ) -> Self:
        """Create the repository unless it is there; see :meth:`create`.

        Parameters:
            storage_namespace: Where its objects are stored.
            default_branch_id: Name of its first branch.
            include_samples: Whether it begins with sample data.

        Returns:
            The repository.
        """
        return self.create(storage_namespace, default_branch_id, include_samples, exist_ok=True)

    def list_branches(
        self, max_amount: int | None = None, after: str = "", prefix: str = ""
    ) -> Generator[Branch]:
        """List branches by name; see :meth:`branches`.

        Parameters:
            max_amount: How many at most; None is all.
            after: Only names behind this one.
            prefix: Only names that begin so.

        Yields:
            Branches.
        """
        return self.branches(max_amount, after or None, prefix or None)

    def list_tags(
        self, max_amount: int | None = None, after: str = "", prefix: str = ""
    ) -> Generator[Tag]:
        """List tags by name; see :meth:`tags`.

        Parameters:
            max_amount: How many at most; None is all.
            after: Only names behind this one.
            prefix: Only names that begin so.

        Yields:
            Tags.
        """
        return self.tags(max_amount, after or None, prefix or None)


def repositories(
    client: Client | None = None,
    prefix: str | None = None,
    after: str | None = None,
    **kwargs: Any,
) -> Generator[Repository]:
    """List repositories by name.

    Parameters:
        client: Who asks; None is the default client.
        prefix: Only names that begin so.
        after: Only names behind this one.
        kwargs: ``max_amount``, ``amount``, ``search``, ``_request_timeout``.

    Yields:
        Repositories.

    Raises:
        NotAuthorizedException: If the server does not know who asks.

    Example:
        ```python
        from hopsworks import lakefs

        names = [repository.id for repository in lakefs.repositories(prefix="lake")]
        ```
    """
    most = kwargs.pop("max_amount", None)
    found = listing(
        ClientBound(client), "lakefs.repository.list", "repositories", ("amount", "search"), kwargs,
        max_amount=most, after=after, prefix=prefix,
    )  # fmt: skip
    return (Repository(row.id, client) for row in found)


def repository(repository_id: str, client: Client | None = None) -> Repository:
    """A repository. Nothing is asked.

    Parameters:
        repository_id: Its name.
        client: Who asks; None is the default client.

    Returns:
        The repository.

    Example:
        ```python
        from hopsworks import lakefs

        main = lakefs.repository("lake").branch("main")
        ```
    """
    return Repository(repository_id, client)


class _CallableModule(types.ModuleType):
    """This module can be called: ``lakefs.repository`` names both the function and the module.

    Importing the module binds it to that name in the package, so a plain function there would be lost.
    """

    @staticmethod
    def __call__(repository_id: str, *args: Any, **kwargs: Any) -> Repository:
        """A repository; see :func:`repository`."""
        return repository(repository_id, *args, **kwargs)


sys.modules[__name__].__class__ = _CallableModule
__wrapped__ = repository  # where inspect.signature() looks
