"""The keys by which online features are looked up."""

from __future__ import annotations

from hopsworks import _native


class ServingKey(_native.ServingKey):
    """A key by which the online features of a feature view are looked up.

    Example:
        ```python
        names = [key.required_serving_key for key in fv.serving_keys if key.required]
        ```
    """

    __slots__ = ()

    @property
    def required_serving_key(self) -> str:
        """The name under which the caller gives the value of the key."""
        if not self.required:
            return self.join_on
        return self.feature_name if self.ignore_prefix else (self.prefix or "") + self.feature_name
