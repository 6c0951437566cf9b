"""Training data of feature views: the public methods.

The work is done in `hsfs.engine.training_data`; the methods here check arguments and describe the training data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hopsworks.user_warning import warn_user
from hsfs.constructor.filter import Filter, Logic
from hsfs.engine.event_time import Moment
from hsfs.training_dataset_split import TrainingDatasetSplit
from hsfs.util import VersionWarning

if TYPE_CHECKING:
    from hopsworks._native import FeatureView as _Host
    from hsfs.statistics_config import StatisticsConfig
else:
    _Host = object


_TWO = (TrainingDatasetSplit.TRAIN, TrainingDatasetSplit.TEST)
_THREE = (TrainingDatasetSplit.TRAIN, TrainingDatasetSplit.VALIDATION, TrainingDatasetSplit.TEST)


def _reading(
    keywords: dict[str, Any],
    read_options: dict[Any, Any] | None,
    primary_key: bool,
    event_time: bool,
    training_helper_columns: bool,
    dataframe_type: str | None,
) -> dict[str, Any]:
    """How rows are read and returned; takes `primary_keys`, the older name of `primary_key`, out of the keywords."""
    return {
        "read_options": read_options,
        "primary_keys": keywords.pop("primary_keys", None) or primary_key,
        "event_time": event_time,
        "training_helper_columns": training_helper_columns,
        "dataframe_type": dataframe_type,
    }


class TrainingData(_Host):
    """The methods of a feature view that read training data."""

    __slots__ = ()

    if TYPE_CHECKING:
        _refuse: Any

    def _new_training_data(
        self, splits: tuple[str, ...], description: dict[str, Any], reading: dict[str, Any]
    ) -> Any:
        from hsfs.engine import training_data, training_metadata

        training_data.require_reading(self)
        dataset = training_metadata.describe(self, in_memory=True, data_format="tsv", **description)
        dataset = training_data.create_metadata(self, dataset)
        frames = training_data.read(self, dataset, splits, **reading)
        self._announce(dataset.version)
        return list(frames) if splits else frames

    def _announce(self, version: int) -> None:
        warn_user(f"The training data is version {version}.", VersionWarning)
        self.update_last_accessed_training_dataset(version)

    def _stored_training_data(
        self, version: int, splits: tuple[str, ...], reading: dict[str, Any]
    ) -> Any:
        from hsfs.engine import training_data

        training_data.require_reading(self)
        dataset = training_data.get_metadata(self, version)
        frames = training_data.read(self, dataset, splits, **reading)
        self.update_last_accessed_training_dataset(dataset.version)
        return list(frames) if splits else frames

    def update_last_accessed_training_dataset(self, version: int) -> None:
        """Remember which training dataset was used last, for models that are saved with this feature view.

        Parameters:
            version: Version of the training dataset.
        """
        self._last_accessed_training_dataset = version

    def get_last_accessed_training_dataset(self) -> int | None:
        """Return the version of the training dataset that was made or read last with this object.

        Returns:
            The version, or None.

        Example:
            ```python
            X, y = fv.training_data()
            version = fv.get_last_accessed_training_dataset()
            ```
        """
        return self.__dict__.get("_last_accessed_training_dataset")

    # In memory

    def training_data(
        self,
        start_time: Moment = None,
        end_time: Moment = None,
        description: str | None = "",
        extra_filter: Filter | Logic | None = None,
        statistics_config: StatisticsConfig | bool | dict | None = None,
        read_options: dict[Any, Any] | None = None,
        spine: Any = None,
        primary_key: bool = False,
        event_time: bool = False,
        training_helper_columns: bool = False,
        dataframe_type: str | None = "default",
        transformation_context: dict[str, Any] | None = None,
        lookback: Any = None,
        n_processes: int | None = None,
        tags: Any = None,
        spine_df: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Read training data: features and labels.

        Parameters:
            start_time: Only rows whose event time is at or after this moment.
            end_time: Only rows whose event time is before this moment.
            description: What the training data is for.
            extra_filter: One more condition on the rows.
            statistics_config: Which statistics to compute; False computes none.
            read_options: As for `Query.read`.
            spine: Frame for a feature view that starts at a spine group.
            primary_key: Whether to return the primary keys too.
            event_time: Whether to return the event times too.
            training_helper_columns: Whether to return the training helper columns too.
            dataframe_type: `default` or `pandas`, `polars`, `numpy` or `python` (a list of lists).
            transformation_context: For transformations.
            lookback: How far the point-in-time join looks back.
            n_processes: Number of processes that run transformations.
            tags: Tags to attach.
            spine_df: Keys and times to train on, instead of the rows of the left feature group.

        Returns:
            The features and the labels, as two frames; the labels are None for a view without labels.

        Raises:
            hopsworks.client.exceptions.FeatureStoreException: An option is not supported by this client.

        Example:
            ```python
            X, y = fv.training_data(start_time="2013-01-01", end_time="2013-10-01")
            ```
        """
        reading = _reading(
            kwargs, read_options, primary_key, event_time, training_helper_columns, dataframe_type
        )
        self._refuse(
            "training_data",
            kwargs,
            spine=spine,
            lookback=lookback,
            spine_df=spine_df,
            transformation_context=transformation_context,
        )
        description_ = {
            "description": description,
            "start_time": start_time,
            "end_time": end_time,
            "extra_filter": extra_filter,
            "statistics_config": statistics_config,
            "tags": tags,
        }
        return self._new_training_data((), description_, reading)

    def train_test_split(
        self,
        test_size: float | None = None,
        train_start: Moment = "",
        train_end: Moment = "",
        test_start: Moment = "",
        test_end: Moment = "",
        description: str | None = "",
        extra_filter: Filter | Logic | None = None,
        statistics_config: StatisticsConfig | bool | dict | None = None,
        read_options: dict[Any, Any] | None = None,
        spine: Any = None,
        primary_key: bool = False,
        event_time: bool = False,
        training_helper_columns: bool = False,
        dataframe_type: str | None = "default",
        transformation_context: dict[str, Any] | None = None,
        lookback: Any = None,
        n_processes: int | None = None,
        tags: Any = None,
        spine_df: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Read training data split into train and test, at random or by event time.

        Parameters:
            test_size: Share of the rows in the test split, to split at random.
            train_start: Event time at which the train split begins.
            train_end: Event time at which the train split ends.
            test_start: Event time at which the test split begins.
            test_end: Event time at which the test split ends.
            description: What the training data is for.
            extra_filter: One more condition on the rows.
            statistics_config: Which statistics to compute; False computes none.
            read_options: As for `Query.read`.
            spine: Frame for a feature view that starts at a spine group.
            primary_key: Whether to return the primary keys too.
            event_time: Whether to return the event times too.
            training_helper_columns: Whether to return the training helper columns too.
            dataframe_type: `default` or `pandas`, `polars`, `numpy` or `python` (a list of lists).
            transformation_context: For transformations.
            lookback: How far the point-in-time join looks back.
            n_processes: Number of processes that run transformations.
            tags: Tags to attach.
            spine_df: Keys and times to train on, instead of the rows of the left feature group.

        Returns:
            Four frames: the features of train and test, then their labels.

        Raises:
            ValueError: The splits are not described, or do not fit the event time.
            hopsworks.client.exceptions.FeatureStoreException: An option is not supported by this client.

        Example:
            ```python
            X_train, X_test, y_train, y_test = fv.train_test_split(train_end="2013-10-01")
            ```
        """
        from hsfs.engine import training_metadata

        splits = training_metadata.two_splits(
            test_size, (train_start, train_end), (test_start, test_end)
        )
        reading = _reading(
            kwargs, read_options, primary_key, event_time, training_helper_columns, dataframe_type
        )
        self._refuse(
            "train_test_split",
            kwargs,
            spine=spine,
            lookback=lookback,
            spine_df=spine_df,
            transformation_context=transformation_context,
        )
        description_ = {
            "description": description,
            "splits": splits,
            "extra_filter": extra_filter,
            "statistics_config": statistics_config,
            "tags": tags,
        }
        return self._new_training_data(_TWO, description_, reading)

    def train_validation_test_split(
        self,
        validation_size: float | None = None,
        test_size: float | None = None,
        train_start: Moment = "",
        train_end: Moment = "",
        validation_start: Moment = "",
        validation_end: Moment = "",
        test_start: Moment = "",
        test_end: Moment = "",
        description: str | None = "",
        extra_filter: Filter | Logic | None = None,
        statistics_config: StatisticsConfig | bool | dict | None = None,
        read_options: dict[Any, Any] | None = None,
        spine: Any = None,
        primary_key: bool = False,
        event_time: bool = False,
        training_helper_columns: bool = False,
        dataframe_type: str | None = "default",
        transformation_context: dict[str, Any] | None = None,
        lookback: Any = None,
        n_processes: int | None = None,
        tags: Any = None,
        spine_df: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Read training data split into train, validation and test, at random or by event time.

        Parameters:
            validation_size: Share of the rows in the validation split, to split at random.
            test_size: Share of the rows in the test split, to split at random.
            train_start: Event time at which the train split begins.
            train_end: Event time at which the train split ends.
            validation_start: Event time at which the validation split begins.
            validation_end: Event time at which the validation split ends.
            test_start: Event time at which the test split begins.
            test_end: Event time at which the test split ends.
            description: What the training data is for.
            extra_filter: One more condition on the rows.
            statistics_config: Which statistics to compute; False computes none.
            read_options: As for `Query.read`.
            spine: Frame for a feature view that starts at a spine group.
            primary_key: Whether to return the primary keys too.
            event_time: Whether to return the event times too.
            training_helper_columns: Whether to return the training helper columns too.
            dataframe_type: `default` or `pandas`, `polars`, `numpy` or `python` (a list of lists).
            transformation_context: For transformations.
            lookback: How far the point-in-time join looks back.
            n_processes: Number of processes that run transformations.
            tags: Tags to attach.
            spine_df: Keys and times to train on, instead of the rows of the left feature group.

        Returns:
            Six frames: the features of train, validation and test, then their labels.

        Raises:
            ValueError: The splits are not described, or do not fit the event time.
            hopsworks.client.exceptions.FeatureStoreException: An option is not supported by this client.

        Example:
            ```python
            X_train, X_val, X_test, y_train, y_val, y_test = fv.train_validation_test_split(
                validation_size=0.2, test_size=0.2
            )
            ```
        """
        from hsfs.engine import training_metadata

        splits = training_metadata.three_splits(
            validation_size,
            test_size,
            (train_start, train_end),
            (validation_start, validation_end),
            (test_start, test_end),
        )
        reading = _reading(
            kwargs, read_options, primary_key, event_time, training_helper_columns, dataframe_type
        )
        self._refuse(
            "train_validation_test_split",
            kwargs,
            spine=spine,
            lookback=lookback,
            spine_df=spine_df,
            transformation_context=transformation_context,
        )
        description_ = {
            "description": description,
            "splits": splits,
            "extra_filter": extra_filter,
            "statistics_config": statistics_config,
            "tags": tags,
        }
        return self._new_training_data(_THREE, description_, reading)

    # Reading what was made before

    def get_training_data(
        self,
        training_dataset_version: int,
        read_options: dict[Any, Any] | None = None,
        primary_key: bool = False,
        event_time: bool = False,
        training_helper_columns: bool = False,
        dataframe_type: str | None = "default",
        transformation_context: dict[str, Any] | None = None,
        n_processes: int | None = None,
        spine_df: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Read training data that was made before.

        Parameters:
            training_dataset_version: Version of the training data.
            read_options: As for `Query.read`.
            primary_key: Whether to return the primary keys too.
            event_time: Whether to return the event times too.
            training_helper_columns: Whether to return the training helper columns too.
            dataframe_type: `default` or `pandas`, `polars`, `numpy` or `python` (a list of lists).
            transformation_context: For transformations.
            n_processes: Number of processes that run transformations.
            spine_df: Keys and times to train on, instead of the rows of the left feature group.

        Returns:
            The features and the labels, as two frames; the labels are None for a view without labels.

        Raises:
            ValueError: The training data has other splits than this method returns.
            FileNotFoundError: Its files are gone.
            hopsworks.client.exceptions.FeatureStoreException: An option is not supported by this client.

        Example:
            ```python
            frames = fv.get_training_data(training_dataset_version=1)
            ```
        """
        reading = _reading(
            kwargs, read_options, primary_key, event_time, training_helper_columns, dataframe_type
        )
        self._refuse(
            "get_training_data",
            kwargs,
            spine_df=spine_df,
            transformation_context=transformation_context,
        )
        return self._stored_training_data(training_dataset_version, (), reading)

    def get_train_test_split(
        self,
        training_dataset_version: int,
        read_options: dict[Any, Any] | None = None,
        primary_key: bool = False,
        event_time: bool = False,
        training_helper_columns: bool = False,
        dataframe_type: str | None = "default",
        transformation_context: dict[str, Any] | None = None,
        n_processes: int | None = None,
        spine_df: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Read training data that was made before.

        Parameters:
            training_dataset_version: Version of the training data.
            read_options: As for `Query.read`.
            primary_key: Whether to return the primary keys too.
            event_time: Whether to return the event times too.
            training_helper_columns: Whether to return the training helper columns too.
            dataframe_type: `default` or `pandas`, `polars`, `numpy` or `python` (a list of lists).
            transformation_context: For transformations.
            n_processes: Number of processes that run transformations.
            spine_df: Keys and times to train on, instead of the rows of the left feature group.

        Returns:
            Four frames: the features of train and test, then their labels.

        Raises:
            ValueError: The training data has other splits than this method returns.
            FileNotFoundError: Its files are gone.
            hopsworks.client.exceptions.FeatureStoreException: An option is not supported by this client.

        Example:
            ```python
            frames = fv.get_train_test_split(training_dataset_version=1)
            ```
        """
        reading = _reading(
            kwargs, read_options, primary_key, event_time, training_helper_columns, dataframe_type
        )
        self._refuse(
            "get_train_test_split",
            kwargs,
            spine_df=spine_df,
            transformation_context=transformation_context,
        )
        return self._stored_training_data(training_dataset_version, _TWO, reading)

    def get_train_validation_test_split(
        self,
        training_dataset_version: int,
        read_options: dict[Any, Any] | None = None,
        primary_key: bool = False,
        event_time: bool = False,
        training_helper_columns: bool = False,
        dataframe_type: str | None = "default",
        transformation_context: dict[str, Any] | None = None,
        n_processes: int | None = None,
        spine_df: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Read training data that was made before.

        Parameters:
            training_dataset_version: Version of the training data.
            read_options: As for `Query.read`.
            primary_key: Whether to return the primary keys too.
            event_time: Whether to return the event times too.
            training_helper_columns: Whether to return the training helper columns too.
            dataframe_type: `default` or `pandas`, `polars`, `numpy` or `python` (a list of lists).
            transformation_context: For transformations.
            n_processes: Number of processes that run transformations.
            spine_df: Keys and times to train on, instead of the rows of the left feature group.

        Returns:
            Six frames: the features of train, validation and test, then their labels.

        Raises:
            ValueError: The training data has other splits than this method returns.
            FileNotFoundError: Its files are gone.
            hopsworks.client.exceptions.FeatureStoreException: An option is not supported by this client.

        Example:
            ```python
            frames = fv.get_train_validation_test_split(training_dataset_version=1)
            ```
        """
        reading = _reading(
            kwargs, read_options, primary_key, event_time, training_helper_columns, dataframe_type
        )
        self._refuse(
            "get_train_validation_test_split",
            kwargs,
            spine_df=spine_df,
            transformation_context=transformation_context,
        )
        return self._stored_training_data(training_dataset_version, _THREE, reading)
