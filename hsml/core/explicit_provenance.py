"""Where a model came from: links to the feature view and the training dataset it was made of."""

from __future__ import annotations

from enum import Enum

from hopsworks._log import get_logger

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


_logger = get_logger(__name__)


class Artifact:
    """Something that a link leads to and that cannot be used: deleted, not visible, or faulty.

    Parameters:
        model_registry_id (int | None): Registry or project of the thing.
        name (str): Its name.
        version (int): Its version.
        type (str): Its kind, for example ``"FEATURE_VIEW"``.
        meta_type (Artifact.MetaType): Why it cannot be used.
        href (str | None): Its address.
        exception_cause (str | None): The fault.
    """

    class MetaType(Enum):
        """Why a thing cannot be used."""

        DELETED = 1
        INACCESSIBLE = 2
        FAULTY = 3
        NOT_SUPPORTED = 4

    __slots__ = (
        "_exception_cause",
        "_href",
        "_meta_type",
        "_name",
        "_registry_id",
        "_type",
        "_version",
    )

    def __init__(
        self,
        model_registry_id: int | None,
        name: str | None,
        version: int | None,
        type: str | None,
        meta_type: Artifact.MetaType,
        href: str | None = None,
        exception_cause: str | None = None,
        **kwargs: Any,
    ) -> None:
        self._registry_id = model_registry_id
        self._name = name
        self._version = version
        self._type = type
        self._meta_type = meta_type
        self._href = href
        self._exception_cause = exception_cause

    @staticmethod
    def from_response_json(json_dict: dict[str, Any]) -> Artifact:
        """Make an artifact from a node of a link tree.

        Parameters:
            json_dict (dict): The node, with keys in either spelling.

        Returns:
            Artifact: The artifact.
        """
        thing = json_dict.get("artifact") or {}
        cause = json_dict.get("exceptionCause", json_dict.get("exception_cause"))
        if cause is not None:
            why = Artifact.MetaType.FAULTY
        elif json_dict.get("accessible"):
            why = Artifact.MetaType.NOT_SUPPORTED
        elif json_dict.get("deleted"):
            why = Artifact.MetaType.DELETED
        else:
            why = Artifact.MetaType.INACCESSIBLE
        return Artifact(
            thing.get("project", thing.get("id")),
            thing.get("name"),
            thing.get("version"),
            json_dict.get("artifactType", json_dict.get("artifact_type")),
            why,
            href=thing.get("href"),
            exception_cause=cause,
        )

    @property
    def model_registry_id(self) -> int | None:
        """Registry or project of the thing."""
        return self._registry_id

    @property
    def name(self) -> str | None:
        """Name of the thing."""
        return self._name

    @property
    def version(self) -> int | None:
        """Version of the thing."""
        return self._version

    def __repr__(self):
        return f"Artifact({self._type} {self._name!r} version {self._version}, {self._meta_type.name.lower()})"


class Links:
    """What a model links to, by whether it can be used.

    Parameters:
        accessible (list | None): Feature views or training datasets that can be used.
        deleted (list | None): Things that were deleted.
        inaccessible (list | None): Things that this user may not see.
        faulty (list | None): Things whose link is broken.

    Example:
        ```python
        links = model.get_feature_view_provenance()
        if links and links.accessible:
            print(links.accessible[0].name)
        ```
    """

    class Direction(Enum):
        """Which way to follow links."""

        UPSTREAM = 1
        DOWNSTREAM = 2

    class Type(Enum):
        """Which things to collect."""

        FEATURE_VIEW = 1
        TRAINING_DATASET = 2

    __slots__ = ("_accessible", "_deleted", "_faulty", "_inaccessible")

    def __init__(
        self,
        accessible: list[Any] | None = None,
        deleted: list[Any] | None = None,
        inaccessible: list[Any] | None = None,
        faulty: list[Any] | None = None,
    ) -> None:
        self._accessible = accessible or []
        self._deleted = deleted or []
        self._inaccessible = inaccessible or []
        self._faulty = faulty or []

    @property
    def accessible(self) -> list[Any]:
        """Feature views or training datasets that can be used."""
        return self._accessible

    @property
    def deleted(self) -> list[Artifact]:
        """Things that were deleted, with name and version only."""
        return self._deleted

    @property
    def inaccessible(self) -> list[Artifact]:
        """Things that this user may not see, with name and version only."""
        return self._inaccessible

    @property
    def faulty(self) -> list[Artifact]:
        """Things whose link is broken."""
        return self._faulty

    def is_empty(self) -> bool:
        """Whether there is no link at all.

        Returns:
            bool: The answer.
        """
        return not (self._accessible or self._deleted or self._inaccessible or self._faulty)

    @staticmethod
    def from_response_json(
        json_dict: dict[str, Any], direction: Links.Direction, artifact: Links.Type
    ) -> Links:
        """Read the links of a model from a link tree.

        Parameters:
            json_dict (dict): The tree.
            direction (Links.Direction): Which way to follow; models have upstream links only.
            artifact (Links.Type): Which things to collect.

        Returns:
            Links: The links; empty for the other direction.
        """
        if direction is not Links.Direction.UPSTREAM:
            return Links()
        from hopsworks.open_connections import default_scope

        return read_links(json_dict, artifact, default_scope())

    @staticmethod
    def get_one_accessible_parent(links: Links | None) -> Any:
        """The one thing that can be used.

        Parameters:
            links (Links | None): The links.

        Returns:
            FeatureView | TrainingDataset | None: The thing, or None when there is no link, or when the thing was deleted
            or may not be seen.

        Raises:
            ValueError: If there are several.
        """
        if links is None or links.inaccessible or links.deleted or not links.accessible:
            _logger.info("No parent can be used: %r", links)
            return None
        if len(links.accessible) > 1:
            names = ", ".join(
                f"'{parent.name}' version {parent.version}" for parent in links.accessible
            )
            raise ValueError(
                f"There are several parents: {names}. Choose one from the provenance links."
            )
        return links.accessible[0]

    def __repr__(self):
        counts = (
            f"{name}: {len(getattr(self, name))}"
            for name in ("accessible", "deleted", "inaccessible", "faulty")
        )
        return f"Links({', '.join(counts)})"


def read_links(tree: dict[str, Any] | None, kind: Links.Type, scope: Any) -> Links:
    """Collect the things of one kind above the root of a link tree.

    Parameters:
        tree (dict | None): The tree that the server sent, with the model as its root.
        kind (Links.Type): Which things to collect.
        scope: Scope that the things keep for their requests.

    Returns:
        Links: The things, by whether they can be used.
    """
    links = Links()
    waiting = list((tree or {}).get("upstream") or ())
    while waiting:
        link = waiting.pop(0)
        node = link.get("node") or {}
        if node.get("artifactType", node.get("artifact_type")) != kind.name:
            waiting += link.get("upstream") or ()
        elif node.get("exceptionCause", node.get("exception_cause")) is not None:
            links.faulty.append(Artifact.from_response_json(node))
        elif node.get("accessible"):
            links.accessible.append(_usable(node["artifact"], kind, scope))
        elif node.get("deleted"):
            links.deleted.append(Artifact.from_response_json(node))
        else:
            links.inaccessible.append(Artifact.from_response_json(node))
    return links


def _usable(json_dict, kind, scope):
    from hopsworks import _native

    cls = _native.FeatureView if kind is Links.Type.FEATURE_VIEW else _native.TrainingDataset
    return cls.from_response_json(json_dict, scope)
