"""From a row of the table of resources to methods of a class, with their documentation."""

from __future__ import annotations

from hopsworks.auger.errors import DSLError, MissingParamError
from hopsworks.auger.resource_table import plural

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from hopsworks.auger.hub_api_client import HubApiClient

    Method = tuple[str, Callable[..., Any], str]


def define_methods(cls: type, schema: dict[str, dict]) -> None:
    """Give a class the methods of a table.

    Parameters:
        cls: The class.
        schema: The table.

    Raises:
        DSLError: When the table names an action that there is not.
    """
    for name, row in schema.items():
        for method_name, method, doc in Resource(name, row).methods():
            method.__name__ = method_name
            method.__qualname__ = f"{cls.__qualname__}.{method_name}"
            method.__module__ = cls.__module__
            method.__doc__ = doc
            setattr(cls, method_name, method)


class Resource:
    """A row of the table.

    Parameters:
        name: Name of the resource.
        row: What the table says about it.
    """

    def __init__(self, name: str, row: dict[str, Any]) -> None:
        self.name = name
        self.plural = plural(name)
        self.actions = row["actions"]
        self.parent = row.get("parent_resource")
        self._segment = plural(row.get("resource_name", name))
        self._what = f"`{name}`: {row['doc']}" if "doc" in row else f"`{name}`"

    def collection(self, client: HubApiClient, given: dict[str, Any]) -> str:
        """Return the path of the resource.

        Parameters:
            client: The client that calls.
            given: The parameters of the call, in which the parent's id is looked for.

        Raises:
            MissingParamError: When the resource has a parent and its id is not given.
        """
        if self.parent is None:
            return f"{client.API_PREFIX}/{self._segment}"
        parent_id = given.get(f"{self.parent}_id")
        if not parent_id:
            raise MissingParamError(f"{self.parent}_id parameter is required")
        return f"{client.API_PREFIX}/{plural(self.parent)}/{parent_id}/{self._segment}"

    def methods(self) -> Iterator[Method]:
        """Make the methods of the resource.

        Returns:
            Name, function and docstring of each.

        Raises:
            DSLError: When the table names an action that there is not.
        """
        for action in self.actions:
            if isinstance(action, dict):
                for name, verb in action.items():
                    yield self._further(name, verb)
            elif action == "index":
                yield self._index()
                yield self._iterate()
            elif action in _MAKERS:
                yield _MAKERS[action](self)
            else:
                known = ", ".join(["index", *_MAKERS])
                raise DSLError(f"{self.name}: there is no action {action!r}; there are {known}")

    def _index(self) -> Method:
        def index(self: HubApiClient, **filters: Any) -> dict[str, Any]:
            return self.get_paginated_response(resource.collection(self, filters), **filters)

        resource = self
        name = f"get_{self.plural}"
        return self._documented(
            name,
            index,
            "List objects",
            parameters={
                "**filters": "`limit` (objects of a page, default 50), `offset` (objects before it) and others."
            },
            returns="The reply: `data` and `meta`, whose `pagination` has `limit`, `offset`, `count` and `total`.",
            example=f'hub.{name}({self._example()}limit=10)["data"]',
        )

    def _iterate(self) -> Method:
        def iterate(self: HubApiClient, handler: Callable[[Any], object], **filters: Any) -> None:
            self.iterate_all_resource_pages(list_name, handler, **filters)

        list_name = f"get_{self.plural}"
        name = f"iterate_all_{self.plural}"
        return self._documented(
            name,
            iterate,
            "Get all pages and call a function with each object",
            parameters={
                "handler": "Called with each object, in the order of the Hub; what it raises ends the calls.",
                "**filters": f"As in `{list_name}()`; `offset` is where to begin.",
            },
            returns="None.",
            example=f"hub.{name}(print{self._example(', ')})",
        )

    def _show(self) -> Method:
        def show(self: HubApiClient, id: object, **parent: Any) -> dict[str, Any]:
            path = resource.collection(self, parent)
            return self.make_and_handle_request("get", f"{path}/{id}")

        resource = self
        name = f"get_{self.name}"
        return self._documented(
            name,
            show,
            "Get one object",
            parameters={
                "id": "Its id.",
                "**parent": f"`{self.parent}_id`." if self.parent else "Not sent.",
            },
            returns="The reply: the object under `data`.",
            example=f'hub.{name}(7{self._example(", ")})["data"]',
        )

    def _create(self) -> Method:
        def create(self: HubApiClient, **fields: Any) -> dict[str, Any]:
            path = resource.collection(self, fields)
            return self.make_and_handle_request("post", path, payload=fields)

        resource = self
        name = f"create_{self.name}"
        return self._documented(
            name,
            create,
            "Create an object",
            parameters={"**fields": "Its fields, as the Hub names them."},
            returns="The reply: the new object under `data`.",
            example=f'hub.{name}({self._example()}**fields)["data"]',
        )

    def _update(self) -> Method:
        def update(self: HubApiClient, id: object, **fields: Any) -> dict[str, Any]:
            path = resource.collection(self, fields)
            if id:
                path = f"{path}/{id}"
            return self.make_and_handle_request("patch", path, payload=fields)

        resource = self
        name = f"update_{self.name}"
        return self._documented(
            name,
            update,
            "Change an object",
            parameters={
                "id": "Its id; without one (None, 0, empty text) the request goes to all objects.",
                "**fields": "The fields to change.",
            },
            returns="The reply: the changed object under `data`.",
            example=f'hub.{name}(7, {self._example()}**fields)["data"]',
        )

    def _delete(self) -> Method:
        def delete(self: HubApiClient, id: object) -> dict[str, Any]:
            path = resource.collection(self, {})
            return self.make_and_handle_request("delete", f"{path}/{id}")

        resource = self
        name = f"delete_{self.name}"
        return self._documented(
            name,
            delete,
            "Delete an object",
            parameters={"id": "Its id."},
            returns="The reply: the deleted object under `data`.",
            example=f'hub.{name}(7)["data"]["deleted"]',
        )

    def _further(self, action: str, verb: str) -> Method:
        def call(self: HubApiClient, id: object, **fields: Any) -> dict[str, Any]:
            path = f"{resource.collection(self, fields)}/{id}/{action}"
            return self.make_and_handle_request(verb, path, payload=fields)

        resource = self
        name = f"{action}_{self.name}"
        return self._documented(
            name,
            call,
            f"{action.capitalize()} an object",
            parameters={"id": "Its id.", "**fields": "Parameters of the call."},
            returns="The reply: the object under `data`.",
            example=f'hub.{name}(7)["data"]',
        )

    def _example(self, before: str = "") -> str:
        """The parent's id as an argument of an example."""
        if self.parent is None:
            return ""
        return f"{before}{self.parent}_id=3" + ("" if before else ", ")

    def _documented(
        self,
        name: str,
        method: Callable[..., Any],
        title: str,
        parameters: dict[str, str],
        returns: str,
        example: str,
    ) -> Method:
        if self.parent and "**parent" not in parameters:
            parent = {f"{self.parent}_id": f"Id of the `{self.parent}`; required."}
            parameters = parent | parameters
        lines = [
            f"{title} of the kind {self._what}.",
            "",
            "Parameters:",
            *(f"    {parameter}: {text}" for parameter, text in parameters.items()),
            "",
            "Returns:",
            f"    {returns}",
            "",
            "Raises:",
            "    HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.",
            "",
            "Example:",
            f"    >>> {example}",
        ]
        return name, method, "\n".join(lines) + "\n"


_MAKERS: dict[str, Callable[[Resource], Method]] = {
    "show": Resource._show,
    "create": Resource._create,
    "update": Resource._update,
    "delete": Resource._delete,
}
