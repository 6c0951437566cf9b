"""What a search finds: items with their highlights, by kind."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hopsworks.session import ProjectSession
    from hsfs.feature_group import FeatureGroup
    from hsfs.feature_store import FeatureStore
    from hsfs.feature_view import FeatureView
    from hsfs.training_dataset import TrainingDataset


class Project:
    """The project that something was found in.

    Parameters:
        project_id: Number of the project.
        project_name: Its name.
    """

    __slots__ = ("_id", "_name")

    def __init__(self, project_id: int, project_name: str) -> None:
        self._id, self._name = project_id, project_name

    @property
    def id(self) -> int:
        """Number of the project."""
        return self._id

    @property
    def name(self) -> str:
        """Name of the project."""
        return self._name

    def json(self) -> dict[str, Any]:
        """The project as a dict.

        Returns:
            dict: `id` and `name`.
        """
        return {"id": self._id, "name": self._name}

    def __repr__(self) -> str:
        return f"Project(id={self._id!r}, name={self._name!r})"


class Highlights:
    """Where something that was found holds what was searched for; the words stand between `<em>` and `</em>`.

    Parameters:
        highlights_data: The highlights as a server sent them.

    Example:
        ```python
        for found in project.get_search_api().feature_groups("taxi"):
            if found.highlights.has_highlights():
                text = found.highlights.description or found.highlights.name
        ```
    """

    __slots__ = ("_data",)

    def __init__(self, highlights_data: dict[str, Any] | None) -> None:
        self._data = highlights_data or {}

    @property
    def name(self) -> str | None:
        """The name, when it matches."""
        return self._data.get("name")

    @property
    def description(self) -> str | None:
        """The description, when it matches."""
        return self._data.get("description")

    @property
    def tags(self) -> list[Any]:
        """The tags that match."""
        return self._data.get("tags") or []

    @property
    def keywords(self) -> list[Any]:
        """The keywords that match."""
        return self._data.get("keywords") or []

    @property
    def features(self) -> list[Any]:
        """The features that match."""
        return self._data.get("features") or []

    @property
    def source_feature_groups(self) -> list[Any]:
        """The feature groups that it is made of, where they match."""
        return self._data.get("sourceFeatureGroups") or []

    @property
    def raw_data(self) -> dict[str, Any]:
        """The highlights as the server sent them."""
        return self._data

    def has_highlights(self) -> bool:
        """Whether anything of what was found matches in a way that can be shown.

        Returns:
            True or False.

        Example:
            ```python
            shown = [f for f in project.get_search_api().features("delay") if f.highlights.has_highlights()]
            ```
        """
        return any(self.json().values())

    def json(self) -> dict[str, Any]:
        """The highlights by the names of their attributes.

        Returns:
            dict: Text or None for name and description, a list for the others.
        """
        return {part: getattr(self, part) for part in _HIGHLIGHTED}

    def __repr__(self) -> str:
        parts = [part for part, found in self.json().items() if found]
        return f"Highlights({', '.join(parts) or 'none'})"


_HIGHLIGHTED = ("name", "description", "tags", "keywords", "features", "source_feature_groups")


class SearchResultItem:
    """Something that was found.

    Parameters:
        data: What a server sent of it.

    Example:
        ```python
        found = project.get_search_api().feature_store("taxi")
        names = [(job.name, job.project.name) for job in found.jobs]
        ```
    """

    __slots__ = ("_data", "_session")

    def __init__(self, data: dict[str, Any]) -> None:
        self._data = data
        self._session: ProjectSession | None = None

    @property
    def name(self) -> str | None:
        """Its name."""
        return self._data.get("name")

    @property
    def version(self) -> int | None:
        """Its version, when it has one."""
        return self._data.get("version")

    @property
    def description(self) -> str | None:
        """What it is."""
        return self._data.get("description")

    @property
    def href(self) -> str | None:
        """Its address on the server."""
        return self._data.get("href")

    @property
    def highlights(self) -> Highlights:
        """Where it holds what was searched for."""
        return Highlights(self._data.get("highlights"))

    @property
    def project(self) -> Project | None:
        """The project that it is in; None when the server does not say it."""
        number, name = self._data.get("parentProjectId"), self._data.get("parentProjectName")
        return Project(number, name) if number and name else None

    @property
    def raw_data(self) -> dict[str, Any]:
        """Everything that the server sent of it."""
        return self._data

    def json(self) -> dict[str, Any]:
        """What is known of it, as a dict.

        Returns:
            dict: `href`, `name`, `version`, `description`, `highlights` and `project`.
        """
        return {
            "href": self.href,
            "name": self.name,
            "version": self.version,
            "description": self.description,
            "highlights": self.highlights.json(),
            "project": None if self.project is None else self.project.json(),
        }

    def _feature_store(self) -> FeatureStore:
        """The feature store that it is in, as far as the caller may use it."""
        from hopsworks.client.exceptions import RestAPIError
        from hopsworks.open_connections import default_session
        from hsfs.feature_store import get_feature_store

        if self.project is None:
            raise ValueError(
                f"The server did not say in which project {self.name!r} is, so it cannot be opened. Open it by its "
                "name and version with the feature store of its project."
            )
        session = self._session or default_session()
        try:
            return get_feature_store(session, self.project.name)
        except RestAPIError as error:
            # Not shared with this project; the caller may still be a member of the other one.
            if error.response.status_code not in (400, 403, 404):
                raise
        other = session.connection._open_project(self.project.name, first=False)
        return get_feature_store(other._session)

    def __reduce__(self) -> Any:
        # A session stays in its process.
        return type(self), (self._data,)

    def __repr__(self) -> str:
        shown = [f"name={self.name!r}"]
        if self.version is not None:
            shown.append(f"version={self.version!r}")
        if self.description is not None:
            shown.append(f"description={self.description!r}")
        return f"{type(self).__name__}({', '.join(shown)}, project={self.project!r}, highlights={self.highlights!r})"


class FeatureGroupSearchResult(SearchResultItem):
    """A feature group that was found.

    Example:
        ```python
        found = project.get_search_api().feature_groups("taxi")[0]
        trips = found.get()
        ```
    """

    __slots__ = ()

    def get(self) -> FeatureGroup | None:
        """Open the feature group, in the project that it is in.

        Returns:
            The feature group; None when it has been deleted since.

        Raises:
            ValueError: The server did not say in which project it is; nothing is sent.
            RestAPIError: The caller may not use its feature store.

        Example:
            ```python
            trips = project.get_search_api().feature_groups("taxi")[0].get()
            ```
        """
        return self._feature_store().get_feature_group(str(self.name), self.version)


class FeatureViewSearchResult(SearchResultItem):
    """A feature view that was found.

    Example:
        ```python
        found = project.get_search_api().feature_views("taxi")[0]
        view = found.get()
        ```
    """

    __slots__ = ()

    def get(self) -> FeatureView | None:
        """Open the feature view, in the project that it is in.

        Returns:
            The feature view; None when it has been deleted since.

        Raises:
            ValueError: The server did not say in which project it is; nothing is sent.
            RestAPIError: The caller may not use its feature store.

        Example:
            ```python
            view = project.get_search_api().feature_views("taxi")[0].get()
            ```
        """
        return self._feature_store().get_feature_view(str(self.name), self.version)


class TrainingDatasetSearchResult(SearchResultItem):
    """A training dataset that was found.

    Example:
        ```python
        found = project.get_search_api().training_datasets("taxi")[0]
        dataset = found.get()
        ```
    """

    __slots__ = ()

    def get(self) -> TrainingDataset | None:
        """Open the metadata of the training dataset, in the project that it is in.

        Returns:
            The training dataset; None when it has been deleted since.

        Raises:
            ValueError: The server did not say in which project it is; nothing is sent.
            RestAPIError: The caller may not use its feature store.

        Example:
            ```python
            dataset = project.get_search_api().training_datasets("taxi")[0].get()
            ```
        """
        from hopsworks.resource_scope import scope_of

        store = self._feature_store()
        return scope_of(store).call(
            "training_dataset.find",
            feature_store_id=store.id,
            name=str(self.name),
            version=self.version,
        )


class FeatureSearchResult(SearchResultItem):
    """A feature that was found; `raw_data["featuregroup"]` names its feature group.

    Example:
        ```python
        found = project.get_search_api().features("delay")[0]
        where = found.raw_data["featuregroup"]
        ```
    """

    __slots__ = ()


# What a search finds: the attribute, its key in the answer, and its class.
_KINDS: dict[str, tuple[str, type[SearchResultItem]]] = {
    "feature_groups": ("featuregroups", FeatureGroupSearchResult),
    "feature_views": ("featureViews", FeatureViewSearchResult),
    "training_datasets": ("trainingdatasets", TrainingDatasetSearchResult),
    "features": ("features", FeatureSearchResult),
    "jobs": ("jobs", SearchResultItem),
    "apps": ("apps", SearchResultItem),
    "models": ("models", SearchResultItem),
    "deployments": ("deployments", SearchResultItem),
    "agents": ("agents", SearchResultItem),
}


class FeaturestoreSearchResult:
    """All that a search found, by kind; of each kind a page, its offset and how many there are in all.

    Parameters:
        response_data: The answer of a server.

    Example:
        ```python
        found = project.get_search_api().feature_store("taxi", limit=10)
        names = [group.name for group in found.feature_groups]
        more = found.feature_groups_total - len(names)
        ```
    """

    __slots__ = ("_data", "_items")

    def __init__(self, response_data: dict[str, Any]) -> None:
        self._data = response_data
        self._items = {
            kind: [made(item) for item in response_data.get(key) or ()]
            for kind, (key, made) in _KINDS.items()
        }

    def _bind(self, session: ProjectSession) -> FeaturestoreSearchResult:
        for items in self._items.values():
            for item in items:
                item._session = session
        return self

    def json(self) -> dict[str, Any]:
        """All that was found, as a dict.

        Returns:
            dict: For each kind, by its lower-case key, a list of dicts; its offset under `<key>From` and the number
            of all under `<key>Total`.
        """
        found: dict[str, Any] = {}
        for kind, (key, _) in _KINDS.items():
            name = key.lower()
            found[name] = [item.json() for item in self._items[kind]]
            found[f"{name}From"] = self._number(kind, "From")
            found[f"{name}Total"] = self._number(kind, "Total")
        return found

    def _number(self, kind: str, what: str) -> int:
        return self._data.get(_KINDS[kind][0] + what) or 0

    @property
    def feature_groups(self) -> list[FeatureGroupSearchResult]:
        """The feature groups of this page."""
        return self._items["feature_groups"]  # type: ignore[return-value]

    @property
    def feature_groups_offset(self) -> int:
        """How many feature groups come before this page."""
        return self._number("feature_groups", "From")

    @property
    def feature_groups_total(self) -> int:
        """How many feature groups there are on all pages."""
        return self._number("feature_groups", "Total")

    @property
    def feature_views(self) -> list[FeatureViewSearchResult]:
        """The feature views of this page."""
        return self._items["feature_views"]  # type: ignore[return-value]

    @property
    def feature_views_offset(self) -> int:
        """How many feature views come before this page."""
        return self._number("feature_views", "From")

    @property
    def feature_views_total(self) -> int:
        """How many feature views there are on all pages."""
        return self._number("feature_views", "Total")

    @property
    def training_datasets(self) -> list[TrainingDatasetSearchResult]:
        """The training datasets of this page."""
        return self._items["training_datasets"]  # type: ignore[return-value]

    @property
    def training_datasets_offset(self) -> int:
        """How many training datasets come before this page."""
        return self._number("training_datasets", "From")

    @property
    def training_datasets_total(self) -> int:
        """How many training datasets there are on all pages."""
        return self._number("training_datasets", "Total")

    @property
    def features(self) -> list[FeatureSearchResult]:
        """The features of this page."""
        return self._items["features"]  # type: ignore[return-value]

    @property
    def features_offset(self) -> int:
        """How many features come before this page."""
        return self._number("features", "From")

    @property
    def features_total(self) -> int:
        """How many features there are on all pages."""
        return self._number("features", "Total")

    @property
    def jobs(self) -> list[SearchResultItem]:
        """The jobs of this page."""
        return self._items["jobs"]

    @property
    def jobs_offset(self) -> int:
        """How many jobs come before this page."""
        return self._number("jobs", "From")

    @property
    def jobs_total(self) -> int:
        """How many jobs there are on all pages."""
        return self._number("jobs", "Total")

    @property
    def apps(self) -> list[SearchResultItem]:
        """The apps of this page."""
        return self._items["apps"]

    @property
    def apps_offset(self) -> int:
        """How many apps come before this page."""
        return self._number("apps", "From")

    @property
    def apps_total(self) -> int:
        """How many apps there are on all pages."""
        return self._number("apps", "Total")

    @property
    def models(self) -> list[SearchResultItem]:
        """The models of this page."""
        return self._items["models"]

    @property
    def models_offset(self) -> int:
        """How many models come before this page."""
        return self._number("models", "From")

    @property
    def models_total(self) -> int:
        """How many models there are on all pages."""
        return self._number("models", "Total")

    @property
    def deployments(self) -> list[SearchResultItem]:
        """The deployments of this page."""
        return self._items["deployments"]

    @property
    def deployments_offset(self) -> int:
        """How many deployments come before this page."""
        return self._number("deployments", "From")

    @property
    def deployments_total(self) -> int:
        """How many deployments there are on all pages."""
        return self._number("deployments", "Total")

    @property
    def agents(self) -> list[SearchResultItem]:
        """The agents of this page."""
        return self._items["agents"]

    @property
    def agents_offset(self) -> int:
        """How many agents come before this page."""
        return self._number("agents", "From")

    @property
    def agents_total(self) -> int:
        """How many agents there are on all pages."""
        return self._number("agents", "Total")

    def __repr__(self) -> str:
        counts = [
            f"{kind}={len(items)}/{self._number(kind, 'Total')}"
            for kind, items in self._items.items()
        ]
        return f"FeaturestoreSearchResult({', '.join(counts)})"
