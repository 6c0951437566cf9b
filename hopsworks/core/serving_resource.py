"""What every part of a deployment, and a topic, can do: describe itself, be read from a dict with either spelling of keys."""

from __future__ import annotations

import json
import sys

from hopsworks.wire_names import snake_case_keys

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


def write_description(resource: Any) -> None:
    """Write an object to standard output, as indented JSON with snake-case keys.

    Parameters:
        resource: Any object with ``to_dict()``.
    """
    text = json.dumps(snake_case_keys(resource.to_dict()), indent=4, sort_keys=True, default=str)
    sys.stdout.write(text + "\n")


class _Declared(property):
    """A property that only says that leaf classes have such an attribute."""

    __isabstractmethod__ = True


def declared(doc: str) -> property:
    """An attribute that an abstract class promises and the native type of each of its leaf classes has.

    Parameters:
        doc (str): What the attribute holds.

    Returns:
        property: An abstract property.
    """

    def read(self):
        raise AttributeError

    # A subclass of property shows the text of its getter only.
    read.__doc__ = doc
    return _Declared(read, lambda self, value: read(self))


class ServingResource:
    """Behaviour shared by the parts of a deployment."""

    __slots__ = ()

    if TYPE_CHECKING:
        # What the native type beside this class brings.
        _scope: Any

        def to_dict(self) -> dict[str, Any]: ...

        @classmethod
        def from_response_json(cls, json_dict: Any, scope: Any = None) -> Any: ...

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        # An abstract class stands before the native type in the order of bases, so that its methods win; its promised
        # attributes must not: the leaf class takes the native descriptors.
        for name in dir(cls):
            found = next(vars(base)[name] for base in cls.__mro__ if name in vars(base))
            if isinstance(found, _Declared):
                for base in cls.__mro__:
                    native = vars(base).get(name)
                    if native is not None and not isinstance(native, property):
                        setattr(cls, name, native)
                        break

    def describe(self) -> None:
        """Write the object to standard output, as indented JSON with snake-case keys."""
        write_description(self)

    @classmethod
    def from_json(cls, json_decamelized: dict[str, Any]) -> Any:
        """Make an object from a dict.

        Parameters:
            json_decamelized (dict): Values by key, in snake or camel case.

        Returns:
            The object.
        """
        return cls.from_response_json(json_decamelized)

    @classmethod
    def extract_fields_from_json(cls, json_decamelized: dict[str, Any]) -> Any:
        """The arguments that :meth:`from_json` would build the object with.

        Parameters:
            json_decamelized (dict): Values by key, in snake or camel case.

        Returns:
            dict: Value by argument name; arguments that the dict does not name are None.
        """
        made = cls.from_json(json_decamelized)
        return {name: getattr(made, name) for name in cls._argument_names()}

    def update_from_response_json(self, json_dict: Any) -> Any:
        """Take over what a response says.

        Parameters:
            json_dict: The response, or another object of this class.

        Returns:
            This object.
        """
        read = (
            type(self).from_response_json(json_dict) if isinstance(json_dict, dict) else json_dict
        )
        native: Any = super()
        native.update_from_response_json(read)
        return self

    @classmethod
    def _argument_names(cls):
        import inspect

        parameters = inspect.signature(cls).parameters.values()
        return [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]


def as_instance(value: Any, cls: Any, argument: str) -> Any:
    """Turn what a user passes for a part of a deployment into an object of its class.

    Parameters:
        value: None, an object of the class, a dict, or ``DEFAULT``.
        cls (type): The class.
        argument (str): Name of the argument, for the message.

    Returns:
        None or the object.

    Raises:
        ValueError: If the value is of another type.
    """
    from hopsworks.constants import Default

    if value is None or isinstance(value, cls):
        return value
    if isinstance(value, dict):
        return cls.from_json(value)
    if isinstance(value, Default):
        return cls()
    raise ValueError(
        f"{argument} is of type {type(value).__name__}. Pass a {cls.__name__}, a dict with its fields, or None."
    )
