"""Training data of feature views as files in the project: the public methods.

The files are written by the server; `hsfs.engine.training_data` asks it to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hopsworks.resource_scope import scope_of
from hsfs.constructor.filter import Filter, Logic
from hsfs.engine.event_time import Moment

if TYPE_CHECKING:
    from hopsworks._native import FeatureView as _Host
    from hsfs.statistics import Statistics
    from hsfs.statistics_config import StatisticsConfig
    from hsfs.training_dataset import TrainingDataset
else:
    _Host = object


class TrainingFiles(_Host):
    """The methods of a feature view that write training data as files, describe and remove it."""

    __slots__ = ()

    if TYPE_CHECKING:
        _refuse: Any
        _announce: Any
        update_last_accessed_training_dataset: Any

    def _new_training_files(
        self, description: dict[str, Any], write_options: dict[str, Any] | None
    ) -> tuple[int, Any]:
        from hsfs.engine import training_data, training_metadata

        dataset = training_metadata.describe(self, in_memory=False, **description)
        dataset = training_data.create_metadata(self, dataset)
        job = training_data.materialise(self, dataset, dict(write_options or {}))
        self._announce(dataset.version)
        return dataset.version, job

    # As files

    def create_training_data(
        self,
        start_time: Moment = "",
        end_time: Moment = "",
        storage_connector: Any = None,
        location: str | None = "",
        description: str | None = "",
        extra_filter: Filter | Logic | None = None,
        data_format: str | None = "parquet",
        coalesce: bool | None = False,
        seed: int | None = None,
        statistics_config: StatisticsConfig | bool | dict | None = None,
        write_options: dict[Any, Any] | None = None,
        spine: Any = None,
        transformation_context: dict[str, Any] | None = None,
        data_source: Any = None,
        tags: Any = None,
        lookback: Any = None,
        spine_df: Any = None,
        **kwargs: Any,
    ) -> tuple[int, Any]:
        """Write training data as files in the project.

        Parameters:
            start_time: Only rows whose event time is at or after this moment.
            end_time: Only rows whose event time is before this moment.
            storage_connector: Storage of the files, when it is not the project's own.
            location: Folder of the files in that storage.
            description: What the training data is for.
            extra_filter: One more condition on the rows.
            data_format: `parquet`, `csv` or `tsv`.
            coalesce: Whether each split is written as one file.
            seed: Seed of a random split.
            statistics_config: Which statistics to compute; False computes none.
            write_options: `{"wait_for_job": False}` does not wait for the job that writes the files.
            spine: Frame for a feature view that starts at a spine group.
            transformation_context: For transformations.
            data_source: Storage and folder in one object.
            tags: Tags to attach.
            lookback: How far the point-in-time join looks back.
            spine_df: Keys and times to train on, instead of the rows of the left feature group.

        Returns:
            Version of the training data, and the job that writes it or None when it is written already.

        Raises:
            hopsworks.client.exceptions.FeatureStoreException: An option is not supported by this client.
            hopsworks.client.exceptions.JobExecutionException: The job failed.

        Example:
            ```python
            version, job = fv.create_training_data(data_format="parquet")
            X, y = fv.get_training_data(version)
            ```
        """
        self._refuse(
            "create_training_data",
            kwargs,
            spine=spine,
            lookback=lookback,
            spine_df=spine_df,
            transformation_context=transformation_context,
            storage_connector=storage_connector,
        )
        description_ = {
            "data_format": data_format,
            "description": description,
            "start_time": start_time,
            "end_time": end_time,
            "extra_filter": extra_filter,
            "statistics_config": statistics_config,
            "coalesce": coalesce,
            "seed": seed,
            "path": data_source.path if data_source is not None else location,
            "tags": tags,
        }
        return self._new_training_files(description_, write_options)

    def create_train_test_split(
        self,
        test_size: float | None = None,
        train_start: Moment = "",
        train_end: Moment = "",
        test_start: Moment = "",
        test_end: Moment = "",
        storage_connector: Any = None,
        location: str | None = "",
        description: str | None = "",
        extra_filter: Filter | Logic | None = None,
        data_format: str | None = "parquet",
        coalesce: bool | None = False,
        seed: int | None = None,
        statistics_config: StatisticsConfig | bool | dict | None = None,
        write_options: dict[Any, Any] | None = None,
        spine: Any = None,
        transformation_context: dict[str, Any] | None = None,
        data_source: Any = None,
        tags: Any = None,
        lookback: Any = None,
        spine_df: Any = None,
        **kwargs: Any,
    ) -> tuple[int, Any]:
        """Write training data split into train and test as files in the project.

        Parameters:
            test_size: Share of the rows in the test split, to split at random.
            train_start: Event time at which the train split begins.
            train_end: Event time at which the train split ends.
            test_start: Event time at which the test split begins.
            test_end: Event time at which the test split ends.
            storage_connector: Storage of the files, when it is not the project's own.
            location: Folder of the files in that storage.
            description: What the training data is for.
            extra_filter: One more condition on the rows.
            data_format: `parquet`, `csv` or `tsv`.
            coalesce: Whether each split is written as one file.
            seed: Seed of a random split.
            statistics_config: Which statistics to compute; False computes none.
            write_options: `{"wait_for_job": False}` does not wait for the job that writes the files.
            spine: Frame for a feature view that starts at a spine group.
            transformation_context: For transformations.
            data_source: Storage and folder in one object.
            tags: Tags to attach.
            lookback: How far the point-in-time join looks back.
            spine_df: Keys and times to train on, instead of the rows of the left feature group.

        Returns:
            Version of the training data, and the job that writes it.

        Raises:
            ValueError: The splits are not described, or do not fit the event time.
            hopsworks.client.exceptions.FeatureStoreException: An option is not supported by this client.
            hopsworks.client.exceptions.JobExecutionException: The job failed.

        Example:
            ```python
            version, job = fv.create_train_test_split(test_size=0.2, data_format="csv")
            frames = fv.get_train_test_split(version)
            ```
        """
        from hsfs.engine import training_metadata

        splits = training_metadata.two_splits(
            test_size, (train_start, train_end), (test_start, test_end)
        )
        self._refuse(
            "create_train_test_split",
            kwargs,
            spine=spine,
            lookback=lookback,
            spine_df=spine_df,
            transformation_context=transformation_context,
            storage_connector=storage_connector,
        )
        description_ = {
            "data_format": data_format,
            "description": description,
            "splits": splits,
            "extra_filter": extra_filter,
            "statistics_config": statistics_config,
            "coalesce": coalesce,
            "seed": seed,
            "path": data_source.path if data_source is not None else location,
            "tags": tags,
        }
        return self._new_training_files(description_, write_options)

    def create_train_validation_test_split(
        self,
        validation_size: float | None = None,
        test_size: float | None = None,
        train_start: Moment = "",
        train_end: Moment = "",
        validation_start: Moment = "",
        validation_end: Moment = "",
        test_start: Moment = "",
        test_end: Moment = "",
        storage_connector: Any = None,
        location: str | None = "",
        description: str | None = "",
        extra_filter: Filter | Logic | None = None,
        data_format: str | None = "parquet",
        coalesce: bool | None = False,
        seed: int | None = None,
        statistics_config: StatisticsConfig | bool | dict | None = None,
        write_options: dict[Any, Any] | None = None,
        spine: Any = None,
        transformation_context: dict[str, Any] | None = None,
        data_source: Any = None,
        tags: Any = None,
        lookback: Any = None,
        spine_df: Any = None,
        **kwargs: Any,
    ) -> tuple[int, Any]:
        """Write training data split into train, validation and test as files in the project.

        Parameters:
            validation_size: Share of the rows in the validation split, to split at random.
            test_size: Share of the rows in the test split, to split at random.
            train_start: Event time at which the train split begins.
            train_end: Event time at which the train split ends.
            validation_start: Event time at which the validation split begins.
            validation_end: Event time at which the validation split ends.
            test_start: Event time at which the test split begins.
            test_end: Event time at which the test split ends.
            storage_connector: Storage of the files, when it is not the project's own.
            location: Folder of the files in that storage.
            description: What the training data is for.
            extra_filter: One more condition on the rows.
            data_format: `parquet`, `csv` or `tsv`.
            coalesce: Whether each split is written as one file.
            seed: Seed of a random split.
            statistics_config: Which statistics to compute; False computes none.
            write_options: `{"wait_for_job": False}` does not wait for the job that writes the files.
            spine: Frame for a feature view that starts at a spine group.
            transformation_context: For transformations.
            data_source: Storage and folder in one object.
            tags: Tags to attach.
            lookback: How far the point-in-time join looks back.
            spine_df: Keys and times to train on, instead of the rows of the left feature group.

        Returns:
            Version of the training data, and the job that writes it.

        Raises:
            ValueError: The splits are not described, or do not fit the event time.
            hopsworks.client.exceptions.FeatureStoreException: An option is not supported by this client.
            hopsworks.client.exceptions.JobExecutionException: The job failed.

        Example:
            ```python
            version, job = fv.create_train_validation_test_split(validation_size=0.2, test_size=0.2, data_format="csv")
            frames = fv.get_train_validation_test_split(version)
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
        self._refuse(
            "create_train_validation_test_split",
            kwargs,
            spine=spine,
            lookback=lookback,
            spine_df=spine_df,
            transformation_context=transformation_context,
            storage_connector=storage_connector,
        )
        description_ = {
            "data_format": data_format,
            "description": description,
            "splits": splits,
            "extra_filter": extra_filter,
            "statistics_config": statistics_config,
            "coalesce": coalesce,
            "seed": seed,
            "path": data_source.path if data_source is not None else location,
            "tags": tags,
        }
        return self._new_training_files(description_, write_options)

    def recreate_training_dataset(
        self,
        training_dataset_version: int,
        statistics_config: StatisticsConfig | bool | dict | None = None,
        write_options: dict[Any, Any] | None = None,
        spine: Any = None,
        spine_df: Any = None,
        transformation_context: dict[str, Any] | None = None,
    ) -> Any:
        """Write the files of training data again, for example after they were purged.

        Parameters:
            training_dataset_version: Version of the training data.
            statistics_config: Which statistics to compute from now on.
            write_options: As for `create_training_data`.
            spine: Frame for a feature view that starts at a spine group.
            spine_df: Keys and times to train on, instead of the rows of the left feature group.
            transformation_context: For transformations.

        Returns:
            The job that writes the files, or None when they are written already.

        Example:
            ```python
            fv.purge_training_data(1)
            fv.recreate_training_dataset(1)
            ```
        """
        from hsfs.engine import training_data
        from hsfs.statistics_config import as_statistics_config

        self._refuse(
            "recreate_training_dataset",
            {},
            spine=spine,
            spine_df=spine_df,
            transformation_context=transformation_context,
        )
        dataset = training_data.get_metadata(self, training_dataset_version)
        if statistics_config is not None:
            dataset.statistics_config = as_statistics_config(statistics_config)
            self._call(
                "training_dataset.update_statistics_config",
                dataset,
                td_version=training_dataset_version,
            )
        job = training_data.materialise(self, dataset, dict(write_options or {}))
        self.update_last_accessed_training_dataset(dataset.version)
        return job

    # Metadata and removal

    def _call(self, endpoint: str, body: Any = None, **parameters: Any) -> Any:
        return scope_of(self).call(
            endpoint,
            body,
            feature_store_id=self.featurestore_id,
            name=self.name,
            version=self.version,
            **parameters,
        )

    def get_training_datasets(self) -> list[TrainingDataset]:
        """List the training datasets of the feature view.

        Returns:
            Their metadata.

        Example:
            ```python
            versions = [dataset.version for dataset in fv.get_training_datasets()]
            ```
        """
        return self._call("training_dataset.list")

    def get_training_dataset_statistics(
        self,
        training_dataset_version: int,
        before_transformation: bool = False,
        feature_names: list[str] | None = None,
    ) -> Statistics | None:
        """Return the newest statistics of a training dataset.

        Parameters:
            training_dataset_version: Version of the training data.
            before_transformation: Whether to return those of the data before it was transformed.
            feature_names: Only statistics of these features.

        Returns:
            The statistics, or None when there are none.

        Example:
            ```python
            statistics = fv.get_training_dataset_statistics(1)
            ```
        """
        found = self._call(
            "statistics.of_training_dataset",
            td_version=training_dataset_version,
            offset=0,
            limit=1,
            fields="content",
            sort_by="computation_time:desc",
            filter_by=[
                "row_percentage_eq:1.0",
                f"before_transformation_eq:{before_transformation}",
            ],
            feature_names=feature_names,
        )
        return found[0] if found else None

    def purge_training_data(self, training_dataset_version: int) -> None:
        """Delete the files of a training dataset and keep its metadata.

        Parameters:
            training_dataset_version: Version of the training data.
        """
        self._call("training_dataset.purge", td_version=training_dataset_version)

    def purge_all_training_data(self) -> None:
        """Delete the files of all training datasets and keep their metadata."""
        self._call("training_dataset.purge_all")

    def delete_training_dataset(self, training_dataset_version: int) -> None:
        """Delete a training dataset, metadata and files.

        Parameters:
            training_dataset_version: Version of the training data.

        Example:
            ```python
            fv.delete_training_dataset(1)
            ```
        """
        self._call("training_dataset.delete", td_version=training_dataset_version)

    def delete_all_training_datasets(self) -> None:
        """Delete all training datasets of the feature view, metadata and files."""
        self._call("training_dataset.delete_all")
