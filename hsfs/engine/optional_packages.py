"""Packages that the client works without, imported when a call needs them.

Each function returns the module or raises an error that says which `pip install` brings it. Callers ask before they send
anything, so a missing package never leaves half-done work on the server.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

_EXTRAS = {
    "pyarrow": "python",
    "pyarrow.flight": "python",
    "pyarrow.compute": "python",
    "pyarrow.csv": "python",
    "pyarrow.parquet": "python",
    "deltalake": "python",
    "deltalake.exceptions": "python",
    "pandas": "pandas",
    "numpy": "pandas",
    "polars": "polars",
    "pyspark.sql": "spark",
    "opensearchpy": "opensearch",
}


def require(name: str, purpose: str) -> ModuleType:
    """Import a package, or raise ModuleNotFoundError that names the extra which brings it.

    Parameters:
        name: Dotted name of the module.
        purpose: What it is needed for, as in "to insert rows".
    """
    module = sys.modules.get(name)
    if module is not None:
        return module
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as cause:
        if cause.name is not None and not name.startswith(cause.name):
            raise
        raise ModuleNotFoundError(
            f"The package {name.partition('.')[0]!r} is needed {purpose}. "
            f"Install it with: pip install 'hopsworks[{_EXTRAS[name]}]'",
            name=name,
        ) from cause


def is_pandas_frame(value: object) -> bool:
    """Whether a value is a pandas DataFrame; pandas is not imported to find out."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.DataFrame)


def is_polars_frame(value: object) -> bool:
    """Whether a value is a polars DataFrame; polars is not imported to find out."""
    polars = sys.modules.get("polars")
    return polars is not None and isinstance(value, polars.DataFrame)
