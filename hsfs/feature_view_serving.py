"""Online feature vectors of feature views: the public methods.

The work is done by `hsfs.online.vector_reader.VectorReader`, which is prepared once and then only asks and assembles.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from hopsworks.client.exceptions import FeatureStoreException
from hsfs.util import VersionWarning

if TYPE_CHECKING:
    from hopsworks._native import FeatureView as _Host
else:
    _Host = object


class OnlineServing(_Host):
    """The methods of a feature view that read single rows from the online store."""

    __slots__ = ()

    if TYPE_CHECKING:
        _refuse: Any

    def init_serving(
        self,
        training_dataset_version: int | None = None,
        external: bool | None = None,
        options: dict[str, Any] | None = None,
        init_sql_client: bool | None = None,
        init_rest_client: bool = False,
        reset_rest_client: bool = False,
        config_rest_client: dict[str, Any] | None = None,
        default_client: str | None = None,
        feature_logger: Any = None,
        n_processes: int | None = None,
        **kwargs: Any,
    ) -> None:
        """Prepare the reading of online feature vectors. Without it, the first read does so.

        Parameters:
            training_dataset_version: Version of the training data that the model was trained on; 1 when it is not given.
            external: Whether this process runs outside the cluster; it is found out when not given.
            options: Options of the SQL client.
            init_sql_client: Whether to prepare the SQL client; this client reads through the REST interface only.
            init_rest_client: Whether to prepare the REST client; it always is.
            reset_rest_client: Whether to forget an earlier configuration of the REST client.
            config_rest_client: Configuration of the REST client: `host`, `port`, `api_key`, `timeout`.
            default_client: `rest`, or None.
            feature_logger: Logger of served features.
            n_processes: Number of processes that run transformations.

        Raises:
            hopsworks.client.exceptions.FeatureStoreException: A feature group of the feature view has no online table, or an option
                is not supported by this client.

        Example:
            ```python
            fv.init_serving(training_dataset_version=1)
            vector = fv.get_feature_vector({"origin": "JFK"})
            ```
        """
        from hsfs.online.vector_reader import VectorReader

        kwargs = {
            k: v
            for k, v in kwargs.items()
            if k not in ("init_online_store_sql_client", "init_online_store_rest_client")
        }
        self._refuse("init_serving", kwargs, feature_logger=feature_logger)
        if default_client not in (None, "rest", "sql"):
            raise ValueError(f"default_client is {default_client!r}; use 'rest' or leave it out.")
        if training_dataset_version is None:
            warnings.warn(
                "No training dataset version was given to initialise serving; version 1 is taken.",
                VersionWarning,
                stacklevel=2,
            )
        self._vector_reader = VectorReader(self, config_rest_client, external)

    def _prepared_reader(self) -> Any:
        reader = self.__dict__.get("_vector_reader")
        if reader is None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", VersionWarning)
                self.init_serving()
            reader = self._vector_reader
        return reader

    def get_feature_vector(
        self,
        serving_keys: dict[str, Any] | None = None,
        passed_features: dict[str, Any] | None = None,
        external: bool | None = None,
        return_type: str = "list",
        allow_missing: bool = False,
        force_rest_client: bool = False,
        force_sql_client: bool = False,
        transform: bool | None = True,
        on_demand_features: bool | None = True,
        request_parameters: dict[str, Any] | None = None,
        transformation_context: dict[str, Any] | None = None,
        logging_data: bool = False,
        n_processes: int | None = None,
        timeout: float | None = None,
        entry: dict[str, Any] | None = None,
    ) -> Any:
        """Read the features of one row from the online store.

        Parameters:
            serving_keys: Values of the serving keys by name.
            passed_features: Values that take the place of those in the store.
            external: Whether this process runs outside the cluster.
            return_type: `list`, `numpy`, `pandas` or `polars`.
            allow_missing: Return None for features that are not there, instead of raising.
            force_rest_client: Read through the REST interface; this client always does.
            force_sql_client: Read through SQL; not supported.
            transform: Whether to apply model-dependent transformations.
            on_demand_features: Whether to return on-demand features.
            request_parameters: Arguments of on-demand transformations.
            transformation_context: For transformations.
            logging_data: Whether to keep what the logging of features needs.
            n_processes: Number of processes that run transformations.
            timeout: Seconds until the answer must be there.
            entry: Older name of `serving_keys`.

        Returns:
            The values in the order of the features of the view, without labels and helper columns. None when the row is not
            there and nothing was passed.

        Raises:
            hopsworks.client.exceptions.FeatureStoreException: A key is not a serving key, a key of a composite key is missing, or
                features are missing and `allow_missing` is False.
            ValueError: `return_type` is not one of the above.

        Example:
            ```python
            vector = fv.get_feature_vector({"origin": "JFK"}, passed_features={"distance": 1089})
            frame = fv.get_feature_vector({"origin": "JFK"}, return_type="pandas")
            ```
        """
        if entry is not None:
            serving_keys = _renamed(serving_keys, entry)
        if force_sql_client or logging_data:
            self._refuse(
                "get_feature_vector",
                {},
                force_sql_client=force_sql_client,
                logging_data=logging_data,
            )
        reader = self.__dict__.get("_vector_reader") or self._prepared_reader()
        return reader.vector(serving_keys, passed_features, return_type, allow_missing, timeout)

    def get_feature_vectors(
        self,
        serving_keys: list[dict[str, Any]] | None = None,
        passed_features: list[dict[str, Any]] | None = None,
        external: bool | None = None,
        return_type: str = "list",
        allow_missing: bool = False,
        force_rest_client: bool = False,
        force_sql_client: bool = False,
        transform: bool | None = True,
        on_demand_features: bool | None = True,
        request_parameters: list[dict[str, Any]] | None = None,
        transformation_context: dict[str, Any] | None = None,
        logging_data: bool = False,
        n_processes: int | None = None,
        timeout: float | None = None,
        entry: list[dict[str, Any]] | None = None,
    ) -> Any:
        """Read the features of many rows from the online store, in one request.

        Parameters:
            serving_keys: For each row the values of the serving keys by name.
            passed_features: For each row the values that take the place of those in the store.
            external: As in `get_feature_vector`, like all that follow.
            return_type: `list`, `numpy`, `pandas` or `polars`.
            allow_missing: Return None for features that are not there, instead of raising.
            force_rest_client: Read through the REST interface; this client always does.
            force_sql_client: Read through SQL; not supported.
            transform: Whether to apply model-dependent transformations.
            on_demand_features: Whether to return on-demand features.
            request_parameters: Arguments of on-demand transformations.
            transformation_context: For transformations.
            logging_data: Whether to keep what the logging of features needs.
            n_processes: Number of processes that run transformations.
            timeout: Seconds until the answer must be there.
            entry: Older name of `serving_keys`.

        Returns:
            The vectors in the order of the keys; rows that are not there are left out unless `allow_missing` is True.

        Raises:
            hopsworks.client.exceptions.FeatureStoreException: As for `get_feature_vector`.

        Example:
            ```python
            vectors = fv.get_feature_vectors([{"origin": "JFK"}, {"origin": "LGA"}], return_type="numpy")
            ```
        """
        if entry is not None:
            serving_keys = _renamed(serving_keys, entry)
        if force_sql_client or logging_data:
            self._refuse(
                "get_feature_vectors",
                {},
                force_sql_client=force_sql_client,
                logging_data=logging_data,
            )
        return self._prepared_reader().vectors(
            serving_keys, passed_features, return_type, allow_missing, timeout
        )

    def get_inference_helper(
        self,
        serving_keys: dict[str, Any] | None = None,
        external: bool | None = None,
        return_type: str = "pandas",
        force_rest_client: bool = False,
        force_sql_client: bool = False,
        entry: dict[str, Any] | None = None,
    ) -> Any:
        """Read the inference helper columns of one row from the online store.

        Parameters:
            serving_keys: Values of the serving keys by name.
            external: Whether this process runs outside the cluster.
            return_type: `pandas`, `polars` or `dict`.
            force_rest_client: Read through the REST interface; this client always does.
            force_sql_client: Read through SQL; not supported.
            entry: Older name of `serving_keys`.

        Returns:
            The helper columns.
        """
        keys = serving_keys if entry is None else _renamed(serving_keys, entry)
        self._refuse("get_inference_helper", {}, force_sql_client=force_sql_client)
        return self._prepared_reader().helper(keys, return_type)

    def get_inference_helpers(
        self,
        serving_keys: list[dict[str, Any]] | None = None,
        external: bool | None = None,
        return_type: str = "pandas",
        force_sql_client: bool = False,
        force_rest_client: bool = False,
        entry: list[dict[str, Any]] | None = None,
    ) -> Any:
        """Read the inference helper columns of many rows from the online store.

        Parameters:
            serving_keys: For each row the values of the serving keys by name.
            external: Whether this process runs outside the cluster.
            return_type: `pandas`, `polars` or `dict`.
            force_sql_client: Read through SQL; not supported.
            force_rest_client: Read through the REST interface; this client always does.
            entry: Older name of `serving_keys`.

        Returns:
            The helper columns, one row for each key.
        """
        keys = serving_keys if entry is None else _renamed(serving_keys, entry)
        self._refuse("get_inference_helpers", {}, force_sql_client=force_sql_client)
        return self._prepared_reader().helpers(keys, return_type)


def _renamed(serving_keys: Any, entry: Any) -> Any:
    if serving_keys is not None:
        raise FeatureStoreException(
            "serving_keys and entry are two names of one argument; give only serving_keys."
        )
    warnings.warn(
        "The argument entry is called serving_keys now and takes the same value.",
        DeprecationWarning,
        stacklevel=3,
    )
    return entry
