"""Feature views of a feature store: how they are made and found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hopsworks.client.exceptions import ConflictError, RestAPIError
from hopsworks.resource_scope import scope_of

if TYPE_CHECKING:
    from datetime import timedelta

    from hsfs.constructor.query import Query
    from hsfs.feature_view import FeatureView


class FeatureStoreViews:
    """The methods of a feature store that make and find feature views."""

    __slots__ = ()

    if TYPE_CHECKING:  # of the feature store
        featurestore_id: int
        featurestore_name: str

        def _default_version(self, kind: str, name: str) -> int: ...

    def create_feature_view(
        self,
        name: str,
        query: Query,
        version: int | None = None,
        description: str | None = "",
        labels: list[str] | None = None,
        inference_helper_columns: list[str] | None = None,
        training_helper_columns: list[str] | None = None,
        transformation_functions: list[Any] | None = None,
        logging_enabled: bool | None = False,
        max_feature_age: timedelta | None = None,
        extra_log_columns: Any = None,
        tags: Any = None,
        logging_materialization_interval: str | None = None,
        logging_transport: str | None = None,
    ) -> FeatureView:
        """Create a feature view.

        Parameters:
            name: Name: a lower-case letter, then letters, digits or underscores, at most 63.
            query: The query that the feature view stands for.
            version: Version; the server counts up when it is not given.
            description: What the feature view is for.
            labels: Names of the features to predict; a name may carry the prefix of its join.
            inference_helper_columns: Columns that inference needs and the model does not see.
            training_helper_columns: Columns that training needs and the model does not see.
            transformation_functions: Model-dependent transformations.
            logging_enabled: Whether served features are logged.
            max_feature_age: Largest age of online features.
            extra_log_columns: Columns logged beside the features.
            tags: Tags to attach.
            logging_materialization_interval: How often the log is written to the offline store.
            logging_transport: How logged rows travel.

        Returns:
            The feature view.

        Raises:
            hopsworks.client.exceptions.FeatureStoreException: A label or helper column is not in the query, or an option is not
                supported by this client.

        Example:
            ```python
            query = flights.select(["distance", "late"]).join(weather.select(["temp"]), on=["origin"], prefix="w_")
            fv = fs.create_feature_view("lateness", query, version=1, labels=["late"])
            ```
        """
        from hsfs.engine.new_feature_view import create

        return create(
            self,
            name=name,
            query=query,
            version=version,
            description=description,
            labels=labels,
            inference_helper_columns=inference_helper_columns,
            training_helper_columns=training_helper_columns,
            max_feature_age=max_feature_age,
            tags=tags,
            unsupported={
                "transformation_functions": transformation_functions,
                "logging_enabled": logging_enabled,
                "extra_log_columns": extra_log_columns,
                "logging_materialization_interval": logging_materialization_interval,
                "logging_transport": logging_transport,
            },
        )

    def get_or_create_feature_view(
        self,
        name: str,
        query: Query,
        version: int,
        description: str | None = "",
        labels: list[str] | None = None,
        inference_helper_columns: list[str] | None = None,
        training_helper_columns: list[str] | None = None,
        transformation_functions: Any = None,
        logging_enabled: bool | None = False,
        max_feature_age: timedelta | None = None,
        extra_log_columns: Any = None,
        tags: Any = None,
        logging_materialization_interval: str | None = None,
        logging_transport: str | None = None,
    ) -> FeatureView:
        """Get a feature view, or create it when it does not exist yet.

        Parameters:
            name: Name of the feature view.
            query: The query that the feature view stands for.
            version: Its version.
            description: What the feature view is for.
            labels: Names of the features to predict; a name may carry the prefix of its join.
            inference_helper_columns: Columns that inference needs and the model does not see.
            training_helper_columns: Columns that training needs and the model does not see.
            transformation_functions: Model-dependent transformations.
            logging_enabled: Whether served features are logged.
            max_feature_age: Largest age of online features.
            extra_log_columns: Columns logged beside the features.
            tags: Tags to attach.
            logging_materialization_interval: How often the log is written to the offline store.
            logging_transport: How logged rows travel.

        Returns:
            The feature view.

        Example:
            ```python
            fv = fs.get_or_create_feature_view("lateness", query, version=1, labels=["late"])
            ```
        """
        found = self._feature_view(name, version)
        if found is not None:
            return found
        try:
            return self.create_feature_view(
                name,
                query,
                version,
                description,
                labels,
                inference_helper_columns,
                training_helper_columns,
                transformation_functions,
                logging_enabled,
                max_feature_age,
                extra_log_columns,
                tags,
                logging_materialization_interval,
                logging_transport,
            )
        except ConflictError:
            # Another program created it in between.
            found = self._feature_view(name, version)
            if found is None:
                raise
            return found

    def get_feature_view(self, name: str, version: int | None = None) -> FeatureView | None:
        """Get one version of a feature view.

        Parameters:
            name: Name of the feature view.
            version: Its version; 1 when it is not given, with a warning.

        Returns:
            The feature view, or None when there is none of that name and version.

        Raises:
            ValueError: A feature group of its query was deleted.

        Example:
            ```python
            fv = fs.get_feature_view("lateness", version=1)
            ```
        """
        if version is None:
            version = self._default_version("feature view", name)
        return self._feature_view(name, version)

    def get_feature_views(self, name: str) -> list[FeatureView]:
        """List all versions of a feature view.

        Parameters:
            name: Name of the feature view.

        Returns:
            The feature views; an empty list when there is none.

        Example:
            ```python
            newest = max(fs.get_feature_views("lateness"), key=lambda fv: fv.version)
            ```
        """
        return self._read_feature_view("feature_view.versions", name)

    def _feature_view(self, name: str, version: int) -> FeatureView | None:
        return self._read_feature_view("feature_view.get", name, version=version)

    def _read_feature_view(self, endpoint: str, name: str, **parameters: Any) -> Any:
        try:
            return scope_of(self).call(
                endpoint, feature_store_id=self.featurestore_id, name=name, **parameters
            )
        except RestAPIError as error:
            if error.error_code == 270009:
                raise ValueError(
                    f"The feature view {name!r} cannot be read, because a feature group of its query was deleted. "
                    "Remove what is left of it with FeatureView.clean()."
                ) from error
            raise
