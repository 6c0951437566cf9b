"""Feature views: named queries with labels, from which training data, batch data and online feature vectors are read."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from hopsworks import _native
from hopsworks.resource_scope import scope_of
from hsfs.alerting import FeatureViewAlerting
from hsfs.constructor.filter import Filter, Logic
from hsfs.engine.event_time import Moment
from hsfs.feature_view_serving import OnlineServing
from hsfs.feature_view_training import TrainingData
from hsfs.feature_view_training_files import TrainingFiles
from hsfs.util import JobWarning
from hsfs.wire_equality import WireEquality

if TYPE_CHECKING:
    from hsfs.feature import Feature
    from hsfs.feature_group import FeatureGroupBase
    from hsfs.training_dataset_feature import TrainingDatasetFeature


class FeatureView(
    WireEquality,
    TrainingData,
    TrainingFiles,
    OnlineServing,
    FeatureViewAlerting,
    _native.FeatureView,
):
    """A named query with labels.

    Feature views are made by `FeatureStore.create_feature_view`. The same view yields training data, batch data and online
    feature vectors, so that a model sees the same columns everywhere.

    Example:
        ```python
        fv = fs.get_feature_view("lateness", version=1)
        X_train, X_test, y_train, y_test = fv.train_test_split(test_size=0.2)
        vector = fv.get_feature_vector({"flight_id": 17})
        ```
    """

    ENTITY_TYPE = "featureview"
    NOT_FOUND_ERROR_CODE = 270181

    # The same native descriptors under the other names that users know.
    schema = _native.FeatureView.features
    feature_store_name = _native.FeatureView.featurestore_name
    max_feature_age = _native.FeatureView.max_feature_age

    def _after_decode(self) -> None:
        labels, inference, training = [], [], []
        for column in self.features:
            if column.label:
                labels.append(column.name)
            if column.inference_helper_column:
                inference.append(column.name)
            if column.training_helper_column:
                training.append(column.name)
        self.labels = labels
        self.inference_helper_columns = inference
        self.training_helper_columns = training

    @property
    def primary_keys(self) -> set[str]:
        """Names under which the caller gives serving keys."""
        return {key.required_serving_key for key in self.serving_keys}

    def get_root_fg(self) -> FeatureGroupBase:
        """Return the left feature group of the query.

        Returns:
            The feature group.
        """
        return self.query.left_feature_group

    def get_feature(self, name: str) -> Feature:
        """Find a feature of the query by name.

        Parameters:
            name: Name, with or without the prefix of its join.

        Returns:
            The feature.

        Raises:
            hopsworks.client.exceptions.FeatureStoreException: No feature, or more than one, has the name.
        """
        return self.query.get_feature(name)

    # Metadata

    def update(self) -> FeatureView:
        """Send a changed description to the server.

        Returns:
            The feature view itself.

        Example:
            ```python
            fv.description = "Delays of flights that left New York"
            fv.update()
            ```
        """
        scope_of(self).call(
            "feature_view.update",
            self,
            feature_store_id=self.featurestore_id,
            name=self.name,
            version=self.version,
        )
        return self

    def delete(self, force: bool = False) -> None:
        """Delete this version of the feature view with its training datasets.

        Parameters:
            force: Delete it although deployments or models use it.

        Example:
            ```python
            fv.delete()
            ```
        """
        warnings.warn(
            f"The jobs of feature view {self.name!r} version {self.version} are removed with it.",
            JobWarning,
            stacklevel=2,
        )
        scope_of(self).call(
            "feature_view.delete",
            feature_store_id=self.featurestore_id,
            name=self.name,
            version=self.version,
            force=True if force else None,
        )

    @staticmethod
    def clean(
        feature_store_id: int,
        feature_view_name: str,
        feature_view_version: str,
        force: bool = False,
    ) -> None:
        """Delete a feature view that cannot be read any more, for example because its feature group is gone.

        Parameters:
            feature_store_id: Identifier of the feature store.
            feature_view_name: Name of the feature view.
            feature_view_version: Its version.
            force: Delete it although deployments or models use it.

        Example:
            ```python
            from hsfs.feature_view import FeatureView

            FeatureView.clean(fs.id, "lateness", 1)
            ```
        """
        if not isinstance(feature_store_id, int):
            raise ValueError(
                f"feature_store_id is a number, not {type(feature_store_id).__name__}; use fs.id."
            )
        from hopsworks.open_connections import default_scope

        default_scope().call(
            "feature_view.delete",
            feature_store_id=feature_store_id,
            name=feature_view_name,
            version=feature_view_version,
            force=True if force else None,
        )

    # Batch data

    def init_batch_scoring(
        self, training_dataset_version: int | None = None, n_processes: int | None = None
    ) -> None:
        """Choose the training dataset whose filter and statistics batch data is read with.

        Parameters:
            training_dataset_version: Version of the training dataset.
            n_processes: Number of processes that run transformations.
        """
        self._batch_version = training_dataset_version

    def get_batch_data(
        self,
        start_time: Moment = None,
        end_time: Moment = None,
        read_options: dict[str, Any] | None = None,
        spine: Any = None,
        primary_key: bool | None = None,
        event_time: bool | None = None,
        inference_helper_columns: bool = False,
        dataframe_type: str = "default",
        transformed: bool | None = True,
        transformation_context: dict[str, Any] | None = None,
        logging_data: bool = False,
        extra_filter: Filter | Logic | None = None,
        lookback: Any = None,
        n_processes: int | None = None,
        spine_df: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Read the features of many rows from the offline store, without labels.

        Parameters:
            start_time: Only rows whose event time is at or after this moment.
            end_time: Only rows whose event time is before this moment.
            read_options: As for `Query.read`.
            spine: Frame for a feature view that starts at a spine group.
            primary_key: Whether to return the primary keys too.
            event_time: Whether to return the event times too.
            inference_helper_columns: Whether to return the inference helper columns too.
            dataframe_type: `default` or `pandas`, `polars`, `numpy` or `python` (a list of lists).
            transformed: Whether to apply model-dependent transformations.
            transformation_context: For transformations.
            logging_data: Whether to keep what the logging of features needs.
            extra_filter: One more condition.
            lookback: How far the point-in-time join looks back.
            n_processes: Number of processes that run transformations.
            spine_df: Keys and times to predict for, instead of the rows of the left feature group.

        Returns:
            The rows.

        Raises:
            ValueError: A time was given and the left feature group has no event time.
            hopsworks.client.exceptions.FeatureStoreException: An option is not supported by this client.

        Example:
            ```python
            december = fv.get_batch_data(start_time="2013-12-01", end_time="2014-01-01")
            ```
        """
        from hsfs.engine import training_data
        from hsfs.engine.reading import read_query

        primary_key = kwargs.pop("primary_keys", primary_key)
        self._refuse(
            "get_batch_data",
            kwargs,
            spine=spine,
            lookback=lookback,
            spine_df=spine_df,
            logging_data=logging_data,
        )
        training_data.require_reading(self)
        query = self._batch_query(
            start_time,
            end_time,
            primary_keys=bool(primary_key),
            event_time=bool(event_time),
            inference_helper_columns=inference_helper_columns or not transformed,
            extra_filter=extra_filter,
        )
        return read_query(query, False, dataframe_type, read_options or {})

    def _batch_query(self, start_time: Any, end_time: Any, **options: Any) -> Any:
        from hsfs.engine import training_data

        return training_data.batch_query(
            self,
            start_time=start_time,
            end_time=end_time,
            training_dataset_version=self.__dict__.get("_batch_version"),
            **options,
        )

    def get_batch_query(
        self,
        start_time: Moment = None,
        end_time: Moment = None,
        extra_filter: Filter | Logic | None = None,
        lookback: Any = None,
    ) -> str:
        """Return the SQL by which batch data is read.

        Parameters:
            start_time: Only rows whose event time is at or after this moment.
            end_time: Only rows whose event time is before this moment.
            extra_filter: One more condition.
            lookback: How far the point-in-time join looks back.

        Returns:
            The SQL.

        Example:
            ```python
            sql = fv.get_batch_query(start_time="2013-12-01")
            ```
        """
        self._refuse("get_batch_query", {}, lookback=lookback)
        return self._batch_query(start_time, end_time, extra_filter=extra_filter).to_string()

    def get_training_dataset_schema(
        self, training_dataset_version: int | None = None
    ) -> list[TrainingDatasetFeature]:
        """List the columns of training data.

        Parameters:
            training_dataset_version: Version of a training dataset; its existence is checked.

        Returns:
            The columns, in order, labels included.
        """
        if training_dataset_version:
            from hsfs.engine import training_data

            training_data.get_metadata(self, training_dataset_version)
        return self.features

    @staticmethod
    def _refuse(method: str, unknown: dict[str, Any], **unsupported: Any) -> None:
        """Raise for unknown keywords, and for options that belong to parts which this client does not drive."""
        if unknown:
            raise TypeError(
                f"{method}() got an unexpected keyword argument {next(iter(unknown))!r}."
            )
        for option, value in unsupported.items():
            if value is not None and value is not False:
                from hopsworks.client.exceptions import FeatureStoreException

                raise FeatureStoreException(
                    f"{method}() was given {option}, which is not supported by this release. Leave {option} out."
                )

    def __repr__(self) -> str:
        return f"FeatureView({self.name!r}, version={self.version!r}, labels={self.labels!r})"
