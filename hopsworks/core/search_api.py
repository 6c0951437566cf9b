"""Search in the feature stores and registries of a project, or of all projects."""

from __future__ import annotations

import json

from hopsworks.core.arguments import checked_count
from hopsworks.core.search_results import (
    FeatureGroupSearchResult,
    FeatureSearchResult,
    FeaturestoreSearchResult,
    FeatureViewSearchResult,
    Highlights,
    Project,
    SearchResultItem,
    TrainingDatasetSearchResult,
)
from hopsworks.core.service import Service

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

__all__ = [
    "FeatureGroupSearchResult",
    "FeatureSearchResult",
    "FeatureViewSearchResult",
    "FeaturestoreSearchResult",
    "Highlights",
    "Project",
    "SearchApi",
    "SearchResultItem",
    "TagSearchFilter",
    "TrainingDatasetSearchResult",
]


class TagSearchFilter:
    """A tag that is searched for: its name, a key in its value, and what the key holds.

    Parameters:
        name: Name of the tag.
        key: Key in the value of the tag.
        value: What the key holds.

    Example:
        ```python
        from hopsworks.core.search_api import TagSearchFilter

        search = project.get_search_api()
        groups = search.feature_groups(tag_filter=TagSearchFilter("owner", "team", "risk"))
        ```
    """

    __slots__ = ("_key", "_name", "_value")

    def __init__(self, name: str, key: str, value: str) -> None:
        self._name, self._key, self._value = name, key, value

    @property
    def name(self) -> str:
        """Name of the tag."""
        return self._name

    @property
    def key(self) -> str:
        """Key in the value of the tag."""
        return self._key

    @property
    def value(self) -> str:
        """What the key holds."""
        return self._value

    @classmethod
    def from_dict(cls, tag_dict: dict[str, str]) -> TagSearchFilter:
        """Make a filter of a dict.

        Parameters:
            tag_dict: `name`, `key` and `value`.

        Returns:
            The filter.

        Raises:
            ValueError: One of the three is missing.
        """
        for field in ("name", "key", "value"):
            if tag_dict.get(field) is None:
                raise ValueError(
                    f"The tag filter {tag_dict!r} has no '{field}'. It needs 'name', 'key' and 'value'."
                )
        return cls(tag_dict["name"], tag_dict["key"], tag_dict["value"])

    def to_dict(self) -> dict[str, str]:
        """The filter as it travels.

        Returns:
            dict: `name`, `key` and `value`.
        """
        return {"name": self._name, "key": self._key, "value": self._value}

    def json(self) -> str:
        """The filter as JSON text.

        Returns:
            str: JSON of :meth:`to_dict`.
        """
        return json.dumps(self.to_dict())

    def __repr__(self) -> str:
        return f"TagSearchFilter({self._name!r}, {self._key!r}, {self._value!r})"


class SearchApi(Service):
    """Searches names, descriptions, features, tags and keywords.

    :meth:`hopsworks.project.Project.get_search_api` returns one.

    Example:
        ```python
        search = project.get_search_api()
        groups = [found.get() for found in search.feature_groups("taxi")]
        everywhere = search.feature_store("taxi", global_search=True)
        ```
    """

    __slots__ = ()

    def _search(
        self,
        kind: str,
        search_term: str | None,
        keyword_filter: str | list[str] | None,
        tag_filter: Any,
        offset: int,
        limit: int,
        global_search: bool,
    ) -> FeaturestoreSearchResult:
        if search_term is not None and not isinstance(search_term, str):
            raise TypeError(f"search_term must be text, not {search_term!r}.")
        keywords, tags = _keywords(keyword_filter), _tags(tag_filter)
        if search_term is None and not keywords and not tags:
            raise ValueError(
                "There is nothing to search for. Pass search_term, keyword_filter or tag_filter."
            )
        checked_count(offset, "offset")
        checked_count(limit, "limit")
        session = self._session
        answer = session.scope.call(
            "search.everywhere" if global_search else "search.project",
            kind=kind,
            offset=offset,
            limit=limit,
            term=search_term,
            keywords=_twice(keywords),
            tags=_twice(tags),
        )
        return FeaturestoreSearchResult(answer or {})._bind(session)

    def feature_store(
        self,
        search_term: str | None = None,
        keyword_filter: str | list[str] | None = None,
        tag_filter: TagSearchFilter
        | dict[str, str]
        | list[TagSearchFilter | dict[str, str]]
        | None = None,
        offset: int = 0,
        limit: int = 100,
        global_search: bool = False,
    ) -> FeaturestoreSearchResult:
        """Search for everything.

        Parameters:
            search_term: Words to look for in names, descriptions, features, tags and keywords.
            keyword_filter: A keyword, or several that must all be there.
            tag_filter: A tag, or several that must all be there; each a :class:`TagSearchFilter` or a dict with `name`,
                `key` and `value`.
            offset: How many to pass over.
            limit: How many to return at most.
            global_search: Search in all projects that the caller may see, instead of this one.

        Returns:
            What was found, by kind.

        Raises:
            ValueError: There is nothing to search for, a tag filter is incomplete, or a number is below 0; nothing is
                sent.
            TypeError: A filter is of a wrong type; nothing is sent.
            RestAPIError: The server refuses.

        Example:
            ```python
            found = project.get_search_api().feature_store("taxi")
            ```
        """
        return self._search(
            "ALL", search_term, keyword_filter, tag_filter, offset, limit, global_search
        )

    def feature_groups(
        self,
        search_term: str | None = None,
        keyword_filter: str | list[str] | None = None,
        tag_filter: TagSearchFilter
        | dict[str, str]
        | list[TagSearchFilter | dict[str, str]]
        | None = None,
        offset: int = 0,
        limit: int = 100,
        global_search: bool = False,
    ) -> list[FeatureGroupSearchResult]:
        """Search for feature groups.

        Parameters:
            search_term: Words to look for in names, descriptions, features, tags and keywords.
            keyword_filter: A keyword, or several that must all be there.
            tag_filter: A tag, or several that must all be there; each a :class:`TagSearchFilter` or a dict with `name`,
                `key` and `value`.
            offset: How many to pass over.
            limit: How many to return at most.
            global_search: Search in all projects that the caller may see, instead of this one.

        Returns:
            The feature groups.

        Raises:
            ValueError: There is nothing to search for, a tag filter is incomplete, or a number is below 0; nothing is
                sent.
            TypeError: A filter is of a wrong type; nothing is sent.
            RestAPIError: The server refuses.

        Example:
            ```python
            names = [found.name for found in project.get_search_api().feature_groups("taxi")]
            ```
        """
        found = self._search(
            "FEATUREGROUP", search_term, keyword_filter, tag_filter, offset, limit, global_search
        )
        return found.feature_groups

    def feature_views(
        self,
        search_term: str | None = None,
        keyword_filter: str | list[str] | None = None,
        tag_filter: TagSearchFilter
        | dict[str, str]
        | list[TagSearchFilter | dict[str, str]]
        | None = None,
        offset: int = 0,
        limit: int = 100,
        global_search: bool = False,
    ) -> list[FeatureViewSearchResult]:
        """Search for feature views.

        Parameters:
            search_term: Words to look for in names, descriptions, features, tags and keywords.
            keyword_filter: A keyword, or several that must all be there.
            tag_filter: A tag, or several that must all be there; each a :class:`TagSearchFilter` or a dict with `name`,
                `key` and `value`.
            offset: How many to pass over.
            limit: How many to return at most.
            global_search: Search in all projects that the caller may see, instead of this one.

        Returns:
            The feature views.

        Raises:
            ValueError: There is nothing to search for, a tag filter is incomplete, or a number is below 0; nothing is
                sent.
            TypeError: A filter is of a wrong type; nothing is sent.
            RestAPIError: The server refuses.

        Example:
            ```python
            names = [found.name for found in project.get_search_api().feature_views("taxi")]
            ```
        """
        found = self._search(
            "FEATUREVIEW", search_term, keyword_filter, tag_filter, offset, limit, global_search
        )
        return found.feature_views

    def training_datasets(
        self,
        search_term: str | None = None,
        keyword_filter: str | list[str] | None = None,
        tag_filter: TagSearchFilter
        | dict[str, str]
        | list[TagSearchFilter | dict[str, str]]
        | None = None,
        offset: int = 0,
        limit: int = 100,
        global_search: bool = False,
    ) -> list[TrainingDatasetSearchResult]:
        """Search for training datasets.

        Parameters:
            search_term: Words to look for in names, descriptions, features, tags and keywords.
            keyword_filter: A keyword, or several that must all be there.
            tag_filter: A tag, or several that must all be there; each a :class:`TagSearchFilter` or a dict with `name`,
                `key` and `value`.
            offset: How many to pass over.
            limit: How many to return at most.
            global_search: Search in all projects that the caller may see, instead of this one.

        Returns:
            The training datasets.

        Raises:
            ValueError: There is nothing to search for, a tag filter is incomplete, or a number is below 0; nothing is
                sent.
            TypeError: A filter is of a wrong type; nothing is sent.
            RestAPIError: The server refuses.

        Example:
            ```python
            names = [found.name for found in project.get_search_api().training_datasets("taxi")]
            ```
        """
        found = self._search(
            "TRAININGDATASET", search_term, keyword_filter, tag_filter, offset, limit, global_search
        )
        return found.training_datasets

    def features(
        self,
        search_term: str | None = None,
        keyword_filter: str | list[str] | None = None,
        tag_filter: TagSearchFilter
        | dict[str, str]
        | list[TagSearchFilter | dict[str, str]]
        | None = None,
        offset: int = 0,
        limit: int = 100,
        global_search: bool = False,
    ) -> list[FeatureSearchResult]:
        """Search for features.

        Parameters:
            search_term: Words to look for in names, descriptions, features, tags and keywords.
            keyword_filter: A keyword, or several that must all be there.
            tag_filter: A tag, or several that must all be there; each a :class:`TagSearchFilter` or a dict with `name`,
                `key` and `value`.
            offset: How many to pass over.
            limit: How many to return at most.
            global_search: Search in all projects that the caller may see, instead of this one.

        Returns:
            The features.

        Raises:
            ValueError: There is nothing to search for, a tag filter is incomplete, or a number is below 0; nothing is
                sent.
            TypeError: A filter is of a wrong type; nothing is sent.
            RestAPIError: The server refuses.

        Example:
            ```python
            names = [found.name for found in project.get_search_api().features("delay")]
            ```
        """
        found = self._search(
            "FEATURE", search_term, keyword_filter, tag_filter, offset, limit, global_search
        )
        return found.features


def _twice(values: list[dict[str, str]]) -> str | None:
    """A filter as it travels: JSON text, percent-encoded here and once more in the address."""
    from urllib.parse import quote

    return quote(json.dumps(values), safe="") if values else None


def _keywords(given: Any) -> list[dict[str, str]]:
    words = [] if given is None else [given] if isinstance(given, str) else given
    if not isinstance(words, (list, tuple, set, frozenset)) or not all(
        isinstance(word, str) for word in words
    ):
        raise TypeError(f"keyword_filter must be a keyword or a list of keywords, not {given!r}.")
    return [{"value": word} for word in words]


def _tags(given: Any) -> list[dict[str, str]]:
    filters = given if isinstance(given, (list, tuple)) else [] if given is None else [given]
    found = []
    for one in filters:
        if isinstance(one, dict):
            one = TagSearchFilter.from_dict(one)
        if not isinstance(one, TagSearchFilter):
            raise TypeError(f"tag_filter must hold TagSearchFilter objects or dicts, not {one!r}.")
        found.append(one.to_dict())
    return found
