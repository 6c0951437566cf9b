"""Search in a feature store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hopsworks.resource_scope import scope_of

if TYPE_CHECKING:
    from hopsworks.core.search_api import (
        FeatureGroupSearchResult,
        FeatureSearchResult,
        FeaturestoreSearchResult,
        FeatureViewSearchResult,
        SearchApi,
        TagSearchFilter,
        TrainingDatasetSearchResult,
    )


class FeatureStoreSearch:
    """The methods of a feature store that find what is in it."""

    __slots__ = ()

    def _search_api(self) -> SearchApi:
        from hopsworks.core.search_api import SearchApi

        return SearchApi(scope_of(self).context)

    def get_all_keywords(self) -> list[str]:
        """List the keywords that are in use in the feature store.

        Returns:
            The keywords.

        Raises:
            RestAPIError: The server refuses.

        Example:
            ```python
            keywords = fs.get_all_keywords()
            ```
        """
        answer: dict[str, Any] = scope_of(self).call("feature_store.keywords")
        return answer.get("keywords") or []

    def search(
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
        """Search for everything in the project of the connection, as :class:`hopsworks.core.search_api.SearchApi` does.

        Parameters:
            search_term: Words to look for in names, descriptions, features, tags and keywords.
            keyword_filter: A keyword, or several that must all be there.
            tag_filter: A tag, or several that must all be there, as `TagSearchFilter` or dict.
            offset: How many to pass over.
            limit: How many to return at most.
            global_search: Search in all projects that the caller may see.

        Returns:
            What was found, by kind.

        Raises:
            ValueError: There is nothing to search for, or a filter or number cannot be; nothing is sent.
            TypeError: A filter is of a wrong type; nothing is sent.
            RestAPIError: The server refuses.

        Example:
            ```python
            found = fs.search("taxi")
            ```
        """
        return self._search_api().feature_store(
            search_term, keyword_filter, tag_filter, offset, limit, global_search
        )

    def search_feature_groups(
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
        """Search for feature groups in the project of the connection, as :class:`hopsworks.core.search_api.SearchApi` does.

        Parameters:
            search_term: Words to look for in names, descriptions, features, tags and keywords.
            keyword_filter: A keyword, or several that must all be there.
            tag_filter: A tag, or several that must all be there, as `TagSearchFilter` or dict.
            offset: How many to pass over.
            limit: How many to return at most.
            global_search: Search in all projects that the caller may see.

        Returns:
            The feature groups.

        Raises:
            ValueError: There is nothing to search for, or a filter or number cannot be; nothing is sent.
            TypeError: A filter is of a wrong type; nothing is sent.
            RestAPIError: The server refuses.

        Example:
            ```python
            found = fs.search_feature_groups("taxi")
            ```
        """
        return self._search_api().feature_groups(
            search_term, keyword_filter, tag_filter, offset, limit, global_search
        )

    def search_feature_views(
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
        """Search for feature views in the project of the connection, as :class:`hopsworks.core.search_api.SearchApi` does.

        Parameters:
            search_term: Words to look for in names, descriptions, features, tags and keywords.
            keyword_filter: A keyword, or several that must all be there.
            tag_filter: A tag, or several that must all be there, as `TagSearchFilter` or dict.
            offset: How many to pass over.
            limit: How many to return at most.
            global_search: Search in all projects that the caller may see.

        Returns:
            The feature views.

        Raises:
            ValueError: There is nothing to search for, or a filter or number cannot be; nothing is sent.
            TypeError: A filter is of a wrong type; nothing is sent.
            RestAPIError: The server refuses.

        Example:
            ```python
            found = fs.search_feature_views("taxi")
            ```
        """
        return self._search_api().feature_views(
            search_term, keyword_filter, tag_filter, offset, limit, global_search
        )

    def search_training_datasets(
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
        """Search for training datasets in the project of the connection, as :class:`hopsworks.core.search_api.SearchApi` does.

        Parameters:
            search_term: Words to look for in names, descriptions, features, tags and keywords.
            keyword_filter: A keyword, or several that must all be there.
            tag_filter: A tag, or several that must all be there, as `TagSearchFilter` or dict.
            offset: How many to pass over.
            limit: How many to return at most.
            global_search: Search in all projects that the caller may see.

        Returns:
            The training datasets.

        Raises:
            ValueError: There is nothing to search for, or a filter or number cannot be; nothing is sent.
            TypeError: A filter is of a wrong type; nothing is sent.
            RestAPIError: The server refuses.

        Example:
            ```python
            found = fs.search_training_datasets("taxi")
            ```
        """
        return self._search_api().training_datasets(
            search_term, keyword_filter, tag_filter, offset, limit, global_search
        )

    def search_features(
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
        """Search for features in the project of the connection, as :class:`hopsworks.core.search_api.SearchApi` does.

        Parameters:
            search_term: Words to look for in names, descriptions, features, tags and keywords.
            keyword_filter: A keyword, or several that must all be there.
            tag_filter: A tag, or several that must all be there, as `TagSearchFilter` or dict.
            offset: How many to pass over.
            limit: How many to return at most.
            global_search: Search in all projects that the caller may see.

        Returns:
            The features.

        Raises:
            ValueError: There is nothing to search for, or a filter or number cannot be; nothing is sent.
            TypeError: A filter is of a wrong type; nothing is sent.
            RestAPIError: The server refuses.

        Example:
            ```python
            found = fs.search_features("taxi")
            ```
        """
        return self._search_api().features(
            search_term, keyword_filter, tag_filter, offset, limit, global_search
        )
