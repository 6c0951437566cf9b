"""Statistics of one split of a training dataset."""

from __future__ import annotations

from hopsworks._native import SplitStatistics

__all__ = ["SplitStatistics"]
