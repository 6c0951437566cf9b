"""Branches."""

from __future__ import annotations

import warnings

from hopsworks.lakefs import arguments
from hopsworks.lakefs.branch_data import BranchData
from hopsworks.lakefs.exceptions import ConflictException
from hopsworks.lakefs.reference import Reference
from hopsworks.lakefs.transaction import BranchTransaction, Transaction

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any, Self

    from hopsworks.lakefs.client import Client
    from hopsworks.lakefs.import_manager import ImportManager
    from hopsworks.lakefs.models import Commit
    from hopsworks.lakefs.reference import ReferenceType

__all__ = ["Branch", "BranchTransaction", "LakeFSDeprecationWarning", "Transaction"]


class LakeFSDeprecationWarning(Warning):
    """Something that a later release will not take; shown by default."""


class Branch(BranchData):
    """A branch of a repository. Nothing is asked to make it.

    Parameters:
        repository_id: Name of the repository.
        branch_id: Name of the branch.
        client: Who asks; None is the default client.

    Example:
        ```python
        from hopsworks import lakefs

        branch = lakefs.repository("lake").branch("experiment").create("main")
        branch.object("numbers.csv").upload("1,2,3")
        branch.commit("numbers")
        branch.merge_into("main")
        ```
    """

    _called = "branch_id"

    def __init__(self, repository_id: str, branch_id: str, client: Client | None = None) -> None:
        super().__init__(repository_id, branch_id, client)

    def create(
        self, source_reference: ReferenceType, exist_ok: bool = False, **kwargs: Any
    ) -> Self:
        """Create the branch.

        Parameters:
            source_reference: Where it begins.
            exist_ok: Whether a branch of that name may be there already; it stays as it is.
            kwargs: ``force``, ``hidden`` (bool; a hidden branch is not listed), ``_request_timeout``.

        Returns:
            The branch.

        Raises:
            ConflictException: If it is there already.
            NotFoundException: If there is no such repository or source.
        """
        timeout = arguments.take_timeout(kwargs)
        source = arguments.reference_id(source_reference, "source_reference")
        force, hidden = bool(kwargs.pop("force", False)), bool(kwargs.pop("hidden", False))
        arguments.refuse_others("create", kwargs)
        try:
            self._create(source, force, hidden, timeout)
        except ConflictException:
            if not exist_ok:
                raise
        return self

    @property
    def head(self) -> Reference:
        """The commit that the branch points to, asked for each time.

        Raises:
            NotFoundException: If there is no such branch.
        """
        answer = self._client._ask("lakefs.branch.get", repository=self._repo_id, branch=self._id)
        return Reference(self._repo_id, answer.commit_id, self._given_client)

    def commit(
        self, message: str, metadata: dict[str, str] | None = None, **kwargs: Any
    ) -> Reference:
        """Commit what was changed.

        Parameters:
            message: What to say about it.
            metadata: Keys and values to keep with the commit.
            kwargs: ``date`` (seconds since 1970, or a datetime with a time zone), ``allow_empty``, ``force`` (bool),
                ``_request_timeout``. Others are ignored, with a warning.

        Returns:
            The new commit.

        Raises:
            BadRequestException: If nothing was changed.
            ForbiddenException: If the branch is protected.
            ValidationError: If an argument cannot be; nothing is sent.
        """
        known = ("date", "allow_empty", "force", "_request_timeout")
        arguments.warn_of_others("commit", kwargs, known)
        timeout = arguments.take_timeout(kwargs)
        commit = self._commit(
            arguments.text(message, "message", empty=True),
            arguments.metadata(metadata),
            timeout,
            date=arguments.seconds_since_1970(kwargs.get("date"), "date"),
            allow_empty=bool(kwargs.get("allow_empty", False)),
            force=bool(kwargs.get("force", False)),
        )
        return Reference(self._repo_id, commit.id, self._given_client)

    def delete(self, **kwargs: Any) -> None:
        """Delete the branch; its commits stay.

        Parameters:
            kwargs: ``force`` (bool), ``_request_timeout``.

        Raises:
            NotFoundException: If there is no such branch.
            ForbiddenException: If it is the default branch, or protected.
        """
        timeout = arguments.take_timeout(kwargs)
        force = kwargs.pop("force", None)
        arguments.refuse_others("delete", kwargs)
        self._delete(force, timeout)

    def revert(
        self,
        reference: ReferenceType | None = None,
        parent_number: int = 0,
        *,
        reference_id: str | None = None,
        **kwargs: Any,
    ) -> Commit:
        """Commit the opposite of a commit.

        Parameters:
            reference: The commit.
            parent_number: For a merge, which parent it is compared with, from 1; 0 for any other commit.
            reference_id: The old name of ``reference``.
            kwargs: ``force``, ``allow_empty`` (bool), ``_request_timeout``.

        Returns:
            The new commit.

        Raises:
            ValueError: For a negative parent, or without a reference.
            NotFoundException: If there is no such branch or commit.
        """
        timeout = arguments.take_timeout(kwargs)
        options = {name: bool(kwargs.pop(name, False)) for name in ("force", "allow_empty")}
        arguments.refuse_others("revert", kwargs)
        if not isinstance(parent_number, int) or parent_number < 0:
            raise ValueError(f"parent_number must be 0 or more, not {parent_number!r}")
        if reference_id is not None:
            warnings.warn(
                "reference_id is deprecated; give the commit as reference",
                LakeFSDeprecationWarning,
                stacklevel=2,
            )
            if reference is not None:
                raise ValueError("reference_id and reference were both provided; give reference")
        given = reference or reference_id
        if given is None:
            raise ValueError("the reference to revert must be specified")
        body = {
            "ref": arguments.reference_id(given, "reference"),
            "parent_number": parent_number,
            **options,
        }
        self._client._call(
            "lakefs.branch.revert", body, timeout=timeout, repository=self._repo_id, branch=self._id
        )
        return self.get_commit()

    def cherry_pick(
        self, reference: ReferenceType, parent_number: int | None = None, **kwargs: Any
    ) -> Commit:
        """Apply the changes of one commit.

        Parameters:
            reference: The commit.
            parent_number: For a merge, which parent it is compared with, from 1.
            kwargs: ``_request_timeout``.

        Returns:
            The new commit.

        Raises:
            ConflictException: If the changes do not go together with the branch.
            NotFoundException: If there is no such branch or commit.
        """
        timeout = arguments.take_timeout(kwargs)
        arguments.refuse_others("cherry_pick", kwargs)
        if parent_number is not None:
            what = "the parent of a merge, from 1"
            parent_number = arguments.whole(parent_number, "parent_number", what, least=0)
        body = {
            "ref": arguments.reference_id(reference, "reference"),
            "parent_number": parent_number,
        }
        return self._client._ask(
            "lakefs.branch.cherry_pick", body, timeout=timeout, repository=self._repo_id,
            branch=self._id,
        )  # fmt: skip

    def import_data(
        self, commit_message: str = "", metadata: dict[str, str] | None = None
    ) -> ImportManager:
        """Import objects of an object store, without copying them. Nothing is asked yet.

        Parameters:
            commit_message: What to say about it; ``""`` leaves that to the server.
            metadata: Keys and values to keep with the commit.

        Returns:
            What takes the sources and begins the import.
        """
        from hopsworks.lakefs.import_manager import ImportManager

        return ImportManager(self._repo_id, self._id, commit_message, metadata, self._given_client)

    def transact(
        self,
        commit_message: str = "",
        commit_metadata: dict[str, str] | None = None,
        delete_branch_on_error: bool = True,
        tag: str | None = None,
    ) -> Transaction:
        """Make several changes at once, or none of them.

        Inside ``with``, changes go to a branch of their own. At the end it is committed, merged into this one and
        deleted. Nothing is locked: what others changed meanwhile can make the merge fail.

        Parameters:
            commit_message: What to say about the changes.
            commit_metadata: Keys and values to keep with the commit.
            delete_branch_on_error: Whether the branch of a failed transaction is deleted.
            tag: A tag to create on the merge.

        Returns:
            A context manager.

        Example:
            ```python
            from hopsworks import lakefs

            main = lakefs.repository("lake").branch("main")
            with main.transact("new numbers", tag="numbers-1") as tx:
                tx.object("numbers.csv").upload("1,2,3")
                tx.delete_objects("old.csv")
            ```
        """
        return Transaction(
            self._repo_id, self._id, commit_message, commit_metadata, delete_branch_on_error,
            self._given_client, tag,
        )  # fmt: skip

    # --- the first design --------------------------------------------------------------------------------

    def commit_changes(self, message: str, metadata: dict[str, str] | None = None) -> Reference:
        """Commit what was changed; see :meth:`commit`.

        Parameters:
            message: What to say about it.
            metadata: Keys and values to keep with the commit.

        Returns:
            The new commit.
        """
        return self.commit(message, metadata)

    def reverse(self, reference_id: ReferenceType) -> Commit:
        """Commit the opposite of a commit; see :meth:`revert`.

        Parameters:
            reference_id: The commit.

        Returns:
            The new commit.
        """
        return self.revert(reference_id)

    def import_from(
        self, object_store_uri: str, destination: str, commit_message: str = ""
    ) -> ImportManager:
        """Import everything below an address of an object store. Nothing is asked yet.

        Parameters:
            object_store_uri: The address.
            destination: Where it goes on this branch.
            commit_message: What to say about it; ``""`` leaves that to the server.

        Returns:
            What begins the import.
        """
        return self.import_data(commit_message).prefix(object_store_uri, destination)

    def transaction(
        self,
        commit_message: str = "",
        commit_metadata: dict[str, str] | None = None,
        delete_branch_on_error: bool = False,
        tag: str | None = None,
    ) -> BranchTransaction:
        """The same as :meth:`transact`, but a failure keeps the changes and says where they are.

        Parameters:
            commit_message: What to say about the changes.
            commit_metadata: Keys and values to keep with the commit.
            delete_branch_on_error: Whether the branch of a failed transaction is deleted.
            tag: A tag to create on the merge.

        Returns:
            A context manager; whatever fails inside becomes a TransactionException.
        """
        return BranchTransaction(
            self._repo_id, self._id, commit_message, commit_metadata, delete_branch_on_error,
            self._given_client, tag,
        )  # fmt: skip
