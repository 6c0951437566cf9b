"""Options of the online table of a feature group."""

from __future__ import annotations

from hopsworks._native import OnlineConfig

__all__ = ["OnlineConfig"]
