"""Schemas of tags: which names can be attached, and what their values look like."""

from __future__ import annotations

import json

from hopsworks.client.exceptions import ForbiddenError
from hopsworks.core.account_api import AccountApi
from hopsworks.core.arguments import checked_text

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class TagSchemasApi(AccountApi):
    """The tag schemas of the host. Every user reads them; making and removing them takes an administrator.

    Example:
        ```python
        import hopsworks
        from hopsworks.core.tag_schemas_api import TagSchemasApi

        hopsworks.login(host="local")
        schema = {"type": "object", "properties": {"team": {"type": "string"}}, "required": ["team"]}
        TagSchemasApi().create("ownership", schema)
        ```
    """

    def list(self) -> dict[str, Any]:
        """List the schemas.

        Returns:
            dict: ``count`` and, when there is one, ``items``: dicts as :meth:`get` returns them.

        Raises:
            RestAPIError: If the server refuses.

        Example:
            ```python
            names = [schema["name"] for schema in TagSchemasApi().list().get("items", [])]
            ```
        """
        return self._call("tag_schema.list")

    def get(self, name: str) -> dict[str, Any]:
        """Read one schema.

        Parameters:
            name: Name of the tag.

        Returns:
            dict: ``name``, ``value`` (the JSON Schema, as text), ``hasNestedTypes`` and ``hasAdditionalRules``.

        Raises:
            ValueError: If the name is empty; nothing is sent.
            NotFoundError: If there is no such schema.

        Example:
            ```python
            schema = json.loads(TagSchemasApi().get("ownership")["value"])
            ```
        """
        return self._call("tag_schema.get", name=_checked_name(name))

    def create(self, name: str, schema: dict | str, archive: bool = False) -> dict[str, Any]:
        """Make a schema, so that tags of its name can be attached.

        Parameters:
            name: Name of the tag.
            schema: JSON Schema of its values, as a dict or as JSON text.
            archive: Keep the values of tags that are removed, for later analysis.

        Returns:
            dict: The new schema, as :meth:`get` returns it.

        Raises:
            ValueError: If the name is empty, or the schema is neither a dict nor the JSON text of an object; nothing
                is sent.
            PermissionError: If the user is no administrator of the host.
            ConflictError: If there is a schema of that name.
            RestAPIError: If the server does not accept the schema.

        Example:
            ```python
            TagSchemasApi().create("reviewed", {"type": "object", "properties": {"by": {"type": "string"}}})
            ```
        """
        _checked_name(name)
        return self._administer(
            "tag_schema.create", _schema_text(name, schema), name=name, archive=archive
        )

    def delete(self, name: str) -> None:
        """Remove a schema.

        Parameters:
            name: Name of the tag.

        Raises:
            ValueError: If the name is empty; nothing is sent.
            PermissionError: If the user is no administrator of the host.
            NotFoundError: If there is no such schema.

        Example:
            ```python
            TagSchemasApi().delete("reviewed")
            ```
        """
        self._administer("tag_schema.delete", name=_checked_name(name))

    def _administer(self, operation: str, body: Any = None, **params: Any) -> Any:
        try:
            return self._call(operation, body, **params)
        except ForbiddenError as error:
            raise PermissionError(
                f"Changing the schema of tag '{params['name']}' takes an administrator of the host (role HOPS_ADMIN). "
                "Ask one of them to do it."
            ) from error


def _checked_name(name: Any) -> str:
    try:
        return checked_text(name, "name", "Pass the name of the tag.")
    except TypeError as error:
        raise ValueError(str(error)) from None


def _schema_text(name: str, schema: Any) -> str:
    if isinstance(schema, str):
        try:
            parsed = json.loads(schema)
        except ValueError as error:
            raise ValueError(
                f"The schema of tag '{name}' is no JSON: {error}. Pass a dict or JSON text."
            ) from None
        if isinstance(parsed, dict):
            return schema
        schema = parsed
    if not isinstance(schema, dict):
        raise ValueError(
            f"The schema of tag '{name}' is of type {type(schema).__name__}. Pass a dict, or the JSON text of an object."
        )
    return json.dumps(schema)
