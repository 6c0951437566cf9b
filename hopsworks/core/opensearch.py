"""How requests to OpenSearch are made with the package ``opensearch-py``, whatever its release."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class OpensearchRequestOption:
    """Options of a request, in the spelling that the installed release of ``opensearch-py`` takes.

    Example:
        ```python
        from hopsworks.core.opensearch import OpensearchRequestOption

        options = OpensearchRequestOption.get_options({"timeout": 10})
        client.search(index=index, body=query, params=options)
        ```
    """

    DEFAULT_OPTION_MAP = {"timeout": "30s"}  # noqa: RUF012 - a dict in the public interface
    DEFAULT_OPTION_MAP_V2_3 = {"timeout": 30}  # noqa: RUF012

    @classmethod
    def get_version(cls) -> tuple[int, int]:
        """Return the release of ``opensearch-py`` that is installed.

        Returns:
            Its major and minor number.

        Raises:
            ModuleNotFoundError: If it is not installed; the message names the extra that brings it.

        Example:
            ```python
            assert OpensearchRequestOption.get_version() >= (2, 0)
            ```
        """
        from hsfs.engine.optional_packages import require

        version: Any = require("opensearchpy", "to use OpenSearch").__version__
        return version[0], version[1]

    @classmethod
    def get_options(cls, options: dict) -> dict:
        """Complete and convert options. Other options than those of the default maps are left out.

        Parameters:
            options: Values by name, for example ``{"timeout": 10}`` in seconds; None or a missing one means the default.

        Returns:
            dict: A value for each option; releases before 2.3 want a unit behind a number of seconds.

        Raises:
            ModuleNotFoundError: If ``opensearch-py`` is not installed.

        Example:
            ```python
            options = OpensearchRequestOption.get_options({"timeout": 10})
            ```
        """
        with_unit = cls.get_version() < (2, 3)
        defaults = cls.DEFAULT_OPTION_MAP if with_unit else cls.DEFAULT_OPTION_MAP_V2_3
        found = {**defaults}
        for name, value in (options or {}).items():
            if name in defaults:
                found[name] = f"{value}s" if with_unit and isinstance(value, int) else value
        return found
