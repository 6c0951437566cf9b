"""Which statistics are computed."""

from __future__ import annotations

from typing import Any

from hopsworks._native import StatisticsConfig

__all__ = ["StatisticsConfig", "as_statistics_config"]


def as_statistics_config(
    config: StatisticsConfig | bool | dict[str, Any] | None,
) -> StatisticsConfig:
    """Turn what users give for `statistics_config` into the object.

    Parameters:
        config: The object; True or False for all statistics or none; a dictionary of its fields; or None for the default.

    Raises:
        TypeError: It is none of these.
    """
    if isinstance(config, StatisticsConfig):
        return config
    if config is None:
        return StatisticsConfig()
    if isinstance(config, bool):
        return StatisticsConfig(enabled=config)
    if isinstance(config, dict):
        return StatisticsConfig(**config)
    raise TypeError(
        f"statistics_config is a StatisticsConfig, a bool, a dict or None, not {type(config).__name__}."
    )
