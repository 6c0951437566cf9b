"""Which statistics are computed."""

from __future__ import annotations

from typing import Any

from hopsworks import _native


class StatisticsConfig(_native.StatisticsConfig):
    """Which statistics are computed for a feature group or training dataset.

    Parameters:
        enabled: Whether statistics are computed at all.
        correlations: Whether correlations between features are computed.
        histograms: Whether a histogram is computed for each feature.
        exact_uniqueness: Whether uniqueness, distinctness and entropy are computed exactly.
        columns: Names of the features to profile; an empty list means all of them.
        kll: Whether a KLL sketch is computed for each numeric feature.
        histogram_bins: Number of bins of a histogram.

    Example:
        ```python
        from hsfs.statistics_config import StatisticsConfig

        config = StatisticsConfig(columns=["price"], histograms=True)
        ```
    """

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the configuration as it travels; options that older servers do not know are left out unless they are used.

        Returns:
            A dictionary with the keys of the wire.
        """
        fields = super().to_dict()
        if not fields.get("kll"):
            fields.pop("kll", None)
        return fields


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
