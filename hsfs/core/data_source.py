"""Where the data of a feature group or training dataset lives."""

from __future__ import annotations

from hopsworks._native import DataSource

__all__ = ["DataSource"]
