"""Generators over what a server lists in pages."""

from __future__ import annotations

from hopsworks.lakefs import arguments
from hopsworks.lakefs.exceptions import MalformedResponseException, ValidationError

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Generator
    from typing import Any

    from hopsworks.lakefs.client import ClientBound

LARGEST_PAGE = 1000
USUAL_PAGE = 100


def listing(
    asker: ClientBound,
    endpoint: str,
    function: str,
    keywords: tuple[str, ...],
    kwargs: dict[str, Any],
    *,
    max_amount: int | None = None,
    after: str | None = None,
    **params: Any,
) -> Generator[Any]:
    """Everything that an endpoint lists, page by page. Nothing is asked before the first item is taken.

    Parameters:
        asker: Whose client asks; what the items find as ``_scope.context``.
        endpoint: Name of the row.
        function: The public function, for messages.
        keywords: Further query parameters that its user may give.
        kwargs: Those that were given.
        max_amount: How many items at most.
        after: The first item comes behind this one.
        params: Other values for the row's placeholders.

    Yields:
        The items.

    Raises:
        TypeError: For an unknown keyword.
        ServerException: If the server refuses.
        MalformedResponseException: If the pages do not get on.
    """
    kwargs = dict(kwargs)
    timeout = arguments.take_timeout(kwargs)
    for name in keywords:
        if name in kwargs:
            params[name] = kwargs.pop(name)
    arguments.refuse_others(function, kwargs)
    if max_amount is not None:
        max_amount = arguments.whole(max_amount, "max_amount", "the most items to list")
        if max_amount <= 0:
            return
    if params.get("amount") is None:
        params["amount"] = _page_size(max_amount)
    else:
        _check_amount(params["amount"])
    left = max_amount
    while True:
        items, following = asker._client._ask(
            endpoint, context=asker, timeout=timeout, after=after, **params
        )
        if left is not None and left <= len(items):
            yield from items[:left]
            return
        yield from items
        if following is None:
            return
        if not following or following == after:
            raise MalformedResponseException(
                f"{function}(): the server says that there is more, but repeats the page after"
                f" {after!r}"
            )
        after = following
        left = None if left is None else left - len(items)


def _page_size(max_amount: int | None) -> int | None:
    """None leaves the size of a page to the server, which is enough for a short listing."""
    if max_amount is None:
        return LARGEST_PAGE
    return min(max_amount, LARGEST_PAGE) if max_amount > USUAL_PAGE else None


def _check_amount(amount: Any) -> None:
    if not isinstance(amount, int) or not -1 <= amount <= LARGEST_PAGE:
        raise ValidationError(
            f"amount must be a number up to {LARGEST_PAGE} (the items of a page), not {amount!r}"
        )
