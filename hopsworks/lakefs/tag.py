"""Tags: names of commits."""

from __future__ import annotations

from hopsworks.lakefs import arguments
from hopsworks.lakefs.exceptions import ConflictException
from hopsworks.lakefs.reference import Reference

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any, Self

    from hopsworks.lakefs.client import Client
    from hopsworks.lakefs.reference import ReferenceType


class Tag(Reference):
    """A name of a commit that stays with it.

    Parameters:
        repository_id: Name of the repository.
        tag_id: Name of the tag.
        client: Who asks; None is the default client.

    Example:
        ```python
        from hopsworks import lakefs

        tag = lakefs.repository("lake").tag("v1").create("main")
        tag.get_commit().message
        ```
    """

    _called = "tag_id"

    def __init__(self, repository_id: str, tag_id: str, client: Client | None = None) -> None:
        super().__init__(repository_id, tag_id, client)

    def create(
        self, source_ref: ReferenceType, exist_ok: bool | None = False, **kwargs: Any
    ) -> Self:
        """Create the tag.

        Parameters:
            source_ref: What it names.
            exist_ok: Whether a tag of that name may be there already; it stays as it is.
            kwargs: ``force`` (bool), ``_request_timeout``.

        Returns:
            The tag.

        Raises:
            ConflictException: If it is there already.
            NotFoundException: If there is no such reference.
        """
        timeout = arguments.take_timeout(kwargs)
        body = {
            "id": self._id,
            "ref": arguments.reference_id(source_ref, "source_ref"),
            "force": bool(kwargs.pop("force", False)),
        }
        arguments.refuse_others("create", kwargs)
        try:
            self._client._call("lakefs.tag.create", body, timeout=timeout, repository=self._repo_id)
        except ConflictException:
            if not exist_ok:
                raise
        return self

    def delete(self, **kwargs: Any) -> None:
        """Delete the tag; its commit stays.

        Parameters:
            kwargs: ``force`` (bool), ``_request_timeout``.

        Raises:
            NotFoundException: If there is no such tag.
        """
        timeout = arguments.take_timeout(kwargs)
        force = kwargs.pop("force", None)
        arguments.refuse_others("delete", kwargs)
        self._client._call(
            "lakefs.tag.delete",
            timeout=timeout,
            repository=self._repo_id,
            tag=self._id,
            force=force,
        )
        self._kept_commit = None
