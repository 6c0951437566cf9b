"""How a REST source is asked for a table: address, parameters, and the way from one page of the answer to the next."""

from __future__ import annotations

import json
from enum import StrEnum

from hopsworks import _native
from hopsworks.wire_names import camel_case, snake_case_keys

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class PaginationType(StrEnum):
    """The ways from one page to the next; each has a class below."""

    JSON_LINK = "json_link"
    HEADER_LINK = "header_link"
    HEADER_CURSOR = "header_cursor"
    OFFSET = "offset"
    PAGE_NUMBER = "page_number"
    CURSOR = "cursor"
    SINGLE_PAGE = "single_page"
    AUTO = "auto"


class QueryParams(_native.QueryParams):
    """One parameter of the requests for a table.

    Parameters:
        name (str): Name of the parameter.
        value: Its value.

    Example:
        ```python
        from hopsworks.core.rest_endpoint import QueryParams

        assert QueryParams("status", "open").to_dict() == {"name": "status", "value": "open"}
        ```
    """

    __slots__ = ()

    @property
    def key(self) -> str:
        """Name of the parameter."""
        return self.name

    def json(self) -> str:
        """The parameter as JSON text.

        Returns:
            JSON with `name` and `value`.
        """
        return json.dumps(self.to_dict())

    @classmethod
    def from_response_json(cls, json_dict: Any, scope: Any = None) -> QueryParams | None:
        """Read a parameter of a response.

        Parameters:
            json_dict: The decoded response, or None.
            scope: Not used; parameters make no requests.

        Returns:
            The parameter; None when there is none.
        """
        return None if json_dict is None else super().from_response_json(json_dict, scope)


class PaginationConfig:
    """How the next page of an answer is found: what all kinds share.

    Choose a kind by its class, or by name with :meth:`from_type`.

    Parameters:
        extra_params: Further settings by name. They reach the job as they are, in camel case.

    Example:
        ```python
        from hopsworks.core.rest_endpoint import PaginationConfig

        pages = PaginationConfig.from_type("page_number", base_page=1)
        assert pages.to_dict()["type"] == "PAGE_NUMBER"
        ```
    """

    __slots__ = ()

    pagination_type: PaginationType | None = None

    if TYPE_CHECKING:
        # What every kind has by its table.
        _extra_params: Any

    def __init__(self, **extra_params: Any) -> None:
        raise TypeError(
            "PaginationConfig is what the kinds of pagination share. Make one of them, such as "
            "OffsetPaginationConfig(limit=100), or PaginationConfig.from_type('offset', limit=100)."
        )

    def to_dict(self) -> dict[str, Any]:
        """The settings as they are sent.

        Returns:
            The settings that are not None by their names in camel case, and `type`.
        """
        native: Any = super()
        return native.to_dict() | {camel_case(name): value for name, value in self._further()}

    def json(self) -> str:
        """The settings as JSON text.

        Returns:
            JSON of the settings that are not None by their Python names, and `type`.
        """
        native: Any = super()
        return json.dumps(snake_case_keys(native.to_dict()) | dict(self._further()))

    def _further(self) -> list[tuple[str, Any]]:
        given = self._extra_params or {}
        return [(name, value) for name, value in given.items() if value is not None]

    @classmethod
    def from_type(
        cls, pagination_type: PaginationType | str | None, **kwargs: Any
    ) -> PaginationConfig | None:
        """Make the settings of a kind that is given by its name.

        Parameters:
            pagination_type: `json_link`, `header_link`, `header_cursor`, `offset`, `page_number`, `cursor`,
                `single_page` or `auto`, in any case.
            kwargs: Settings of that kind; others reach the job as they are.

        Returns:
            The settings; None when the kind is None.

        Raises:
            ValueError: There is no such kind.

        Example:
            ```python
            from hopsworks.core.rest_endpoint import PaginationConfig

            pages = PaginationConfig.from_type("offset", limit=100)
            ```
        """
        return None if pagination_type is None else _kind(pagination_type)(**kwargs)

    @classmethod
    def from_response_json(cls, json_dict: Any, scope: Any = None) -> PaginationConfig | None:
        """Read the settings of a response.

        Parameters:
            json_dict: The decoded response, or None.
            scope: Not used; settings make no requests.

        Returns:
            The settings, of the class of their kind; None when there are none.

        Raises:
            ValueError: The response has no `type`, or one that this version does not know.
        """
        if json_dict is None:
            return None
        word = json_dict.get("type")
        if word is None:
            raise ValueError(
                f"The pagination has no 'type'. Give it one of {', '.join(kind.value for kind in PaginationType)}."
            )
        kind = _kind(word)
        native: Any = super(PaginationConfig, kind)
        return native.from_response_json(
            {**json_dict, "type": PaginationType[str(word).upper()].name}, scope
        )


def _kind(word: PaginationType | str) -> Any:
    name = word.value if isinstance(word, PaginationType) else word
    for kind in PaginationConfig.__subclasses__():
        if isinstance(name, str) and kind.pagination_type == name.lower():
            return kind
    raise ValueError(
        f"The kind of pagination is {word!r}. Use one of {', '.join(kind.value for kind in PaginationType)}."
    )


class JsonLinkPaginationConfig(PaginationConfig, _native.JsonLinkPaginationConfig):
    """The answer holds the address of the next page.

    Parameters:
        next_url_path (str): Path of that address in the answer, such as `links.next`.
        kwargs: Further settings, which reach the job as they are, in camel case.

    Example:
        ```python
        from hopsworks.core.rest_endpoint import JsonLinkPaginationConfig

        assert JsonLinkPaginationConfig("links.next").to_dict()["type"] == "JSON_LINK"
        ```
    """

    __slots__ = ()

    pagination_type = PaginationType.JSON_LINK

    def __init__(self, next_url_path: str, **kwargs: Any) -> None:
        _native.JsonLinkPaginationConfig.__init__(self, next_url_path)
        self._extra_params = kwargs


class HeaderLinkPaginationConfig(PaginationConfig, _native.HeaderLinkPaginationConfig):
    """The header `Link` of the answer holds the address of the next page.

    Parameters:
        links_next_key (str): Relation of that link.
        kwargs: Further settings, which reach the job as they are, in camel case.

    Example:
        ```python
        from hopsworks.core.rest_endpoint import HeaderLinkPaginationConfig

        assert HeaderLinkPaginationConfig().to_dict()["type"] == "HEADER_LINK"
        ```
    """

    __slots__ = ()

    pagination_type = PaginationType.HEADER_LINK

    def __init__(self, links_next_key: str = "next", **kwargs: Any) -> None:
        _native.HeaderLinkPaginationConfig.__init__(self, links_next_key)
        self._extra_params = kwargs


class HeaderCursorPaginationConfig(PaginationConfig, _native.HeaderCursorPaginationConfig):
    """A header of the answer holds the cursor of the next page.

    Parameters:
        cursor_key (str): Name of that header.
        cursor_param (str): Parameter of the request that takes the cursor.
        kwargs: Further settings, which reach the job as they are, in camel case.

    Example:
        ```python
        from hopsworks.core.rest_endpoint import HeaderCursorPaginationConfig

        assert HeaderCursorPaginationConfig(cursor_key="X-Next").to_dict()["type"] == "HEADER_CURSOR"
        ```
    """

    __slots__ = ()

    pagination_type = PaginationType.HEADER_CURSOR

    def __init__(
        self, cursor_key: str = "next", cursor_param: str = "cursor", **kwargs: Any
    ) -> None:
        _native.HeaderCursorPaginationConfig.__init__(self, cursor_key, cursor_param)
        self._extra_params = kwargs


class OffsetPaginationConfig(PaginationConfig, _native.OffsetPaginationConfig):
    """The request says at which row the page begins, and how many rows it has.

    Parameters:
        limit (int | None): Rows of a page; None for what the source chooses.
        offset (int): Row at which the first page begins.
        offset_param (str): Parameter of the request that takes the offset.
        offset_body_path (str | None): Path of the offset in the body of the request, where it travels there.
        limit_param (str): Parameter of the request that takes the limit.
        limit_body_path (str | None): Path of the limit in the body of the request, where it travels there.
        total_path (str | None): Path of the number of rows in the answer.
        maximum_offset (int | None): Offset after which reading ends.
        stop_after_empty_page (bool): Whether an empty page is the last.
        has_more_path (str | None): Path in the answer of the flag that says whether there is another page.
        kwargs: Further settings, which reach the job as they are, in camel case.

    Example:
        ```python
        from hopsworks.core.rest_endpoint import OffsetPaginationConfig

        assert OffsetPaginationConfig(limit=100, total_path="meta.total").to_dict()["type"] == "OFFSET"
        ```
    """

    __slots__ = ()

    pagination_type = PaginationType.OFFSET

    def __init__(
        self,
        limit: int | None = None,
        offset: int = 0,
        offset_param: str = "offset",
        offset_body_path: str | None = None,
        limit_param: str = "limit",
        limit_body_path: str | None = None,
        total_path: str | None = None,
        maximum_offset: int | None = None,
        stop_after_empty_page: bool = True,
        has_more_path: str | None = None,
        **kwargs: Any,
    ) -> None:
        _native.OffsetPaginationConfig.__init__(
            self,
            limit,
            offset,
            offset_param,
            offset_body_path,
            limit_param,
            limit_body_path,
            total_path,
            maximum_offset,
            stop_after_empty_page,
            has_more_path,
        )
        self._extra_params = kwargs


class PageNumberPaginationConfig(PaginationConfig, _native.PageNumberPaginationConfig):
    """The request says which page is wanted.

    Parameters:
        base_page (int): Number of the first page.
        page_param (str): Parameter of the request that takes the number.
        total_path (str | None): Path of the number of pages in the answer.
        maximum_page (int | None): Page after which reading ends.
        stop_after_empty_page (bool): Whether an empty page is the last.
        has_more_path (str | None): Path in the answer of the flag that says whether there is another page.
        kwargs: Further settings, which reach the job as they are, in camel case.

    Example:
        ```python
        from hopsworks.core.rest_endpoint import PageNumberPaginationConfig

        assert PageNumberPaginationConfig(base_page=1, page_param="p").to_dict()["type"] == "PAGE_NUMBER"
        ```
    """

    __slots__ = ()

    pagination_type = PaginationType.PAGE_NUMBER

    def __init__(
        self,
        base_page: int = 0,
        page_param: str = "page",
        total_path: str | None = None,
        maximum_page: int | None = None,
        stop_after_empty_page: bool = True,
        has_more_path: str | None = None,
        **kwargs: Any,
    ) -> None:
        _native.PageNumberPaginationConfig.__init__(
            self,
            base_page,
            page_param,
            total_path,
            maximum_page,
            stop_after_empty_page,
            has_more_path,
        )
        self._extra_params = kwargs


class CursorPaginationConfig(PaginationConfig, _native.CursorPaginationConfig):
    """The answer holds the cursor of the next page.

    Parameters:
        cursor_path (str): Path of the cursor in the answer.
        cursor_param (str | None): Parameter of the request that takes the cursor; `cursor` when nothing is given.
        cursor_body_path (str | None): Path of the cursor in the body of the request, where it travels there.
        kwargs: Further settings, which reach the job as they are, in camel case.

    Raises:
        ValueError: Both `cursor_param` and `cursor_body_path` are given.

    Example:
        ```python
        from hopsworks.core.rest_endpoint import CursorPaginationConfig

        assert CursorPaginationConfig(cursor_path="meta.next").to_dict()["type"] == "CURSOR"
        ```
    """

    __slots__ = ()

    pagination_type = PaginationType.CURSOR

    def __init__(
        self,
        cursor_path: str = "cursors.next",
        cursor_param: str | None = None,
        cursor_body_path: str | None = None,
        **kwargs: Any,
    ) -> None:
        if cursor_param is not None and cursor_body_path is not None:
            raise ValueError(
                "The cursor travels either in a parameter of the request or in its body. Give cursor_param or "
                "cursor_body_path, not both."
            )
        _native.CursorPaginationConfig.__init__(self, cursor_path, cursor_param, cursor_body_path)
        self._after_decode()
        self._extra_params = kwargs

    def _after_decode(self) -> None:
        if self._cursor_param is None and self._cursor_body_path is None:
            self._cursor_param = "cursor"


class SinglePagePaginationConfig(PaginationConfig, _native.SinglePagePaginationConfig):
    """All rows are in one page.

    Parameters:
        kwargs: Further settings, which reach the job as they are, in camel case.

    Example:
        ```python
        from hopsworks.core.rest_endpoint import SinglePagePaginationConfig

        assert SinglePagePaginationConfig().to_dict()["type"] == "SINGLE_PAGE"
        ```
    """

    __slots__ = ()

    pagination_type = PaginationType.SINGLE_PAGE

    def __init__(self, **kwargs: Any) -> None:
        _native.SinglePagePaginationConfig.__init__(self)
        self._extra_params = kwargs


class AutoPaginationConfig(PaginationConfig, _native.AutoPaginationConfig):
    """The job finds out by itself how pages follow each other.

    Parameters:
        kwargs: Further settings, which reach the job as they are, in camel case.

    Example:
        ```python
        from hopsworks.core.rest_endpoint import AutoPaginationConfig

        assert AutoPaginationConfig().to_dict()["type"] == "AUTO"
        ```
    """

    __slots__ = ()

    pagination_type = PaginationType.AUTO

    def __init__(self, **kwargs: Any) -> None:
        _native.AutoPaginationConfig.__init__(self)
        self._extra_params = kwargs


class RestEndpointConfig(_native.RestEndpointConfig):
    """How a REST source is asked for one table.

    Parameters:
        relative_url (str | None): Address below that of the source.
        query_params: Parameters of the requests: a list of :class:`QueryParams`, or a dict with the value of each name.
        pagination_config: The way from one page to the next: a :class:`PaginationConfig`, a dict with `type` and its
            settings, or the name of a kind; None when there is one page.

    Raises:
        TypeError: One of them is of another type.
        ValueError: There is no such kind of pagination.

    Example:
        ```python
        from hopsworks.core.rest_endpoint import OffsetPaginationConfig, RestEndpointConfig

        endpoint = RestEndpointConfig("v1/orders", {"status": "open"}, OffsetPaginationConfig(limit=100))
        assert endpoint.query_params[0].name == "status"
        ```
    """

    __slots__ = ()

    def __init__(
        self,
        relative_url: str | None = None,
        query_params: list[QueryParams | dict[str, Any]] | dict[str, Any] | None = None,
        pagination_config: PaginationConfig | dict[str, Any] | str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(relative_url, _parameters(query_params), _pagination(pagination_config))

    @classmethod
    def from_response_json(cls, json_dict: Any, scope: Any = None) -> RestEndpointConfig | None:
        """Read the configuration of a response.

        Parameters:
            json_dict: The decoded response, or None.
            scope: Not used; configurations make no requests.

        Returns:
            The configuration; None when there is none.
        """
        if json_dict is None:
            return None
        given = {
            key: [{"name": name, "value": one} for name, one in value.items()]
            if key in ("queryParams", "query_params") and isinstance(value, dict)
            else value
            for key, value in json_dict.items()
        }
        return super().from_response_json(given, scope)

    def json(self) -> str:
        """The configuration as JSON text.

        Returns:
            JSON of what is given, by its Python names.
        """
        found: dict[str, Any] = {}
        if self.relative_url is not None:
            found["relative_url"] = self.relative_url
        if self.query_params:
            found["query_params"] = [parameter.to_dict() for parameter in self.query_params]
        if self.pagination_config is not None:
            found["pagination_config"] = json.loads(self.pagination_config.json())
        return json.dumps(found)


def _parameters(given: Any) -> list[QueryParams]:
    if given is None:
        return []
    if isinstance(given, dict):
        return [QueryParams(name, value) for name, value in given.items()]
    if not isinstance(given, (list, tuple)):
        raise TypeError(
            f"query_params is of type {type(given).__name__}. Pass a dict with the value of each parameter, or a list "
            "of QueryParams."
        )
    return [_parameter(one) for one in given]


def _parameter(given: Any) -> QueryParams:
    if isinstance(given, QueryParams):
        return given
    if isinstance(given, dict) and given.keys() == {"name", "value"}:
        return QueryParams(**given)
    raise TypeError(
        f"query_params holds {given!r}. Each entry is a QueryParams, or a dict with 'name' and 'value'."
    )


def _pagination(given: Any) -> Any:
    if given is None or isinstance(given, PaginationConfig):
        return given
    if isinstance(given, (str, PaginationType)):
        return PaginationConfig.from_type(given)
    if isinstance(given, dict):
        return PaginationConfig.from_response_json(given)
    raise TypeError(
        f"pagination_config is of type {type(given).__name__}. Pass a PaginationConfig, a dict with 'type', or the "
        "name of a kind such as 'offset'."
    )
