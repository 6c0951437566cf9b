"""Transactions: changes on a branch of their own, merged when all went well."""

from __future__ import annotations

from hopsworks.lakefs import arguments
from hopsworks.lakefs.branch_data import BranchData
from hopsworks.lakefs.client import ClientBound
from hopsworks.lakefs.exceptions import LakeFSException, TransactionException

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from types import TracebackType
    from typing import Any, Literal

    from hopsworks.lakefs.client import Client


class TransactionBranch(BranchData):
    """What is changed inside a transaction: a hidden branch, without what would end the transaction."""

    def __init__(
        self,
        repository_id: str,
        branch_id: str,
        source_id: str,
        commit_message: str,
        commit_metadata: dict[str, str] | None,
        client: Client | None,
        tag: str | None,
    ) -> None:
        super().__init__(repository_id, branch_id, client)
        self._source_id = source_id
        self._commit_message = commit_message
        self._commit_metadata = commit_metadata
        self._tag = tag

    @property
    def source_id(self) -> str:
        """Name of the branch that the changes will be merged into."""
        return self._source_id

    @property  # type: ignore[override]
    def commit_message(self) -> str:
        """What will be said about the changes; may be assigned."""
        return self._commit_message

    @commit_message.setter
    def commit_message(self, message: str) -> None:
        self._commit_message = arguments.text(message, "commit_message", empty=True)

    @property
    def commit_metadata(self) -> dict[str, str] | None:
        """Keys and values that will go with the commit; may be assigned."""
        return self._commit_metadata

    @commit_metadata.setter
    def commit_metadata(self, metadata: dict[str, str] | None) -> None:
        self._commit_metadata = arguments.metadata(metadata, "commit_metadata")

    @property
    def tag(self) -> str | None:
        """Tag that will be created on the merge; may be assigned."""
        return self._tag

    @tag.setter
    def tag(self, tag: str | None) -> None:
        self._tag = None if tag is None else arguments.text(tag, "tag", empty=True)


class Transaction(ClientBound):
    """Several changes of a branch at once; see :meth:`hopsworks.lakefs.branch.Branch.transact`.

    Parameters:
        repository_id: Name of the repository.
        branch_id: Name of the branch.
        commit_message: What to say about the changes.
        commit_metadata: Keys and values to keep with the commit.
        delete_branch_on_error: Whether the branch of a failed transaction is deleted.
        client: Who asks; None is the default client.
        tag: A tag to create on the merge.

    Raises:
        TransactionException: At the end, if the changes cannot be committed or merged.
    """

    def __init__(
        self,
        repository_id: str,
        branch_id: str,
        commit_message: str = "",
        commit_metadata: dict[str, str] | None = None,
        delete_branch_on_error: bool = True,
        client: Client | None = None,
        tag: str | None = None,
    ) -> None:
        super().__init__(client)
        self._repo_id = arguments.text(repository_id, "repository_id")
        self._source_id = arguments.text(branch_id, "branch_id")
        self._commit_message = arguments.text(commit_message, "commit_message", empty=True)
        self._commit_metadata = arguments.metadata(commit_metadata, "commit_metadata")
        self._delete_on_error = delete_branch_on_error
        self._wanted_tag = None if tag is None else arguments.text(tag, "tag", empty=True)
        self._inside: TransactionBranch | None = None

    def __repr__(self) -> str:
        return f'{type(self).__name__}(repository="{self._repo_id}", branch="{self._source_id}")'

    def __getattr__(self, name: str) -> Any:
        # Asked only for what is not here.
        if not name.startswith("_") and hasattr(TransactionBranch, name):
            raise AttributeError(
                f"a transaction has '{name}' inside 'with' only: with branch.transact(…) as tx:"
                f" tx.{name}"
            )
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __enter__(self) -> TransactionBranch:
        if self._inside is not None:
            raise TransactionException(
                f"the transaction {self._inside.id} has not ended; make another one"
            )
        from uuid import uuid4

        # The source's name would make it too long.
        inside = TransactionBranch(
            self._repo_id, f"tx-{uuid4()}", self._source_id, self._commit_message,
            self._commit_metadata, self._given_client, self._wanted_tag,
        )  # fmt: skip
        inside._create(self._source_id, hidden=True)
        self._inside = inside
        return inside

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> Literal[False]:
        inside, self._inside = self._inside, None
        assert inside is not None
        if value is not None:
            self._body_failed(inside, value)
            return False
        merged = self._finish(inside)
        if inside.tag:
            from hopsworks.lakefs.tag import Tag

            Tag(self._repo_id, inside.tag, self._given_client).create(merged)
        return False

    def _finish(self, inside: TransactionBranch) -> str:
        try:
            inside._commit(
                inside.commit_message, inside.commit_metadata, allow_empty=False, force=False
            )
            merged = inside.merge_into(
                self._source_id, message=f"Merge transaction {inside.id} to branch"
            )
            inside._delete()
        except LakeFSException as error:
            failure = TransactionException(f"transaction {inside.id} failed: {error}")
            self._clean_up(inside, failure)
            raise failure from error
        except (
            BaseException
        ) as error:  # Ctrl-C, above all: it must not leave a branch that nobody sees
            self._clean_up(inside, error)
            raise
        return merged

    def _body_failed(self, inside: TransactionBranch, error: BaseException) -> None:
        """The exception goes on when this returns."""
        self._clean_up(inside, error)

    def _clean_up(self, inside: TransactionBranch, error: BaseException) -> None:
        """Delete the branch where that is wanted; a failure is noted in the exception that is on its way."""
        if not self._delete_on_error:
            return
        try:
            inside._delete()
        except LakeFSException as failure:
            error.add_note(f"The branch {inside.id} could not be deleted: {failure}")


class BranchTransaction(Transaction):
    """The transaction of the first design; see :meth:`hopsworks.lakefs.branch.Branch.transaction`."""

    def __init__(
        self,
        repository_id: str,
        branch_id: str,
        commit_message: str = "",
        commit_metadata: dict[str, str] | None = None,
        delete_branch_on_error: bool = False,
        client: Client | None = None,
        tag: str | None = None,
    ) -> None:
        super().__init__(
            repository_id, branch_id, commit_message, commit_metadata, delete_branch_on_error,
            client, tag,
        )  # fmt: skip

    def _body_failed(self, inside: TransactionBranch, error: BaseException) -> None:
        if not isinstance(error, Exception):  # Ctrl-C and the like stay what they are
            self._clean_up(inside, error)
            return
        kept = "" if self._delete_on_error else f"; its changes are on the branch {inside.id}"
        failure = TransactionException(
            f"transaction {inside.id} failed: {type(error).__name__}: {error}{kept}"
        )
        self._clean_up(inside, failure)
        raise failure from error
