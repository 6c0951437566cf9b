"""The columns of feature views and training datasets."""

from __future__ import annotations

from hopsworks import _native
from hsfs.engine.type_table import is_complex


class TrainingDatasetFeature(_native.TrainingDatasetFeature):
    """One column of a feature view or training dataset: where it comes from and what it is for.

    Example:
        ```python
        names = [column.name for column in fv.features if not column.label]
        ```
    """

    __slots__ = ()

    feature_group = _native.TrainingDatasetFeature.featuregroup
    on_demand_transformation_function = _native.TrainingDatasetFeature.transformation_function

    def is_complex(self) -> bool:
        """Whether the type is an array, map, struct or union.

        Returns:
            True for such types.
        """
        return is_complex(self.type)
