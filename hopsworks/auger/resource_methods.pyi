# Made by tools/generate.py from hopsworks/auger/resource_table.py; never edited.
from collections.abc import Callable
from typing import Any

class ResourceMethods:
    API_PREFIX: str
    API_SCHEMA: dict[str, dict[str, Any]]
    def create_actual(self, **fields: Any) -> dict[str, Any]:
        """Create an object of the kind `actual`: what really happened, to compare predictions of a pipeline with.

        Parameters:
            **fields: Its fields, as the Hub names them.

        Returns:
            The reply: the new object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.create_actual(**fields)["data"]
        """
    def get_clusters(self, **filters: Any) -> dict[str, Any]:
        """List objects of the kind `cluster`: a cluster of machines that runs experiments.

        Parameters:
            **filters: `limit` (objects of a page, default 50), `offset` (objects before it) and others.

        Returns:
            The reply: `data` and `meta`, whose `pagination` has `limit`, `offset`, `count` and `total`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_clusters(limit=10)["data"]
        """
    def iterate_all_clusters(self, handler: Callable[[Any], object], **filters: Any) -> None:
        """Get all pages and call a function with each object of the kind `cluster`: a cluster of machines that runs experiments.

        Parameters:
            handler: Called with each object, in the order of the Hub; what it raises ends the calls.
            **filters: As in `get_clusters()`; `offset` is where to begin.

        Returns:
            None.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.iterate_all_clusters(print)
        """
    def get_cluster(self, id: object, **parent: Any) -> dict[str, Any]:
        """Get one object of the kind `cluster`: a cluster of machines that runs experiments.

        Parameters:
            id: Its id.
            **parent: Not sent.

        Returns:
            The reply: the object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_cluster(7)["data"]
        """
    def create_cluster(self, **fields: Any) -> dict[str, Any]:
        """Create an object of the kind `cluster`: a cluster of machines that runs experiments.

        Parameters:
            **fields: Its fields, as the Hub names them.

        Returns:
            The reply: the new object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.create_cluster(**fields)["data"]
        """
    def delete_cluster(self, id: object) -> dict[str, Any]:
        """Delete an object of the kind `cluster`: a cluster of machines that runs experiments.

        Parameters:
            id: Its id.

        Returns:
            The reply: the deleted object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.delete_cluster(7)["data"]["deleted"]
        """
    def get_cluster_tasks(self, **filters: Any) -> dict[str, Any]:
        """List objects of the kind `cluster_task`: a task that a cluster is given.

        Parameters:
            **filters: `limit` (objects of a page, default 50), `offset` (objects before it) and others.

        Returns:
            The reply: `data` and `meta`, whose `pagination` has `limit`, `offset`, `count` and `total`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_cluster_tasks(limit=10)["data"]
        """
    def iterate_all_cluster_tasks(self, handler: Callable[[Any], object], **filters: Any) -> None:
        """Get all pages and call a function with each object of the kind `cluster_task`: a task that a cluster is given.

        Parameters:
            handler: Called with each object, in the order of the Hub; what it raises ends the calls.
            **filters: As in `get_cluster_tasks()`; `offset` is where to begin.

        Returns:
            None.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.iterate_all_cluster_tasks(print)
        """
    def get_cluster_task(self, id: object, **parent: Any) -> dict[str, Any]:
        """Get one object of the kind `cluster_task`: a task that a cluster is given.

        Parameters:
            id: Its id.
            **parent: Not sent.

        Returns:
            The reply: the object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_cluster_task(7)["data"]
        """
    def create_cluster_task(self, **fields: Any) -> dict[str, Any]:
        """Create an object of the kind `cluster_task`: a task that a cluster is given.

        Parameters:
            **fields: Its fields, as the Hub names them.

        Returns:
            The reply: the new object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.create_cluster_task(**fields)["data"]
        """
    def update_cluster_task(self, id: object, **fields: Any) -> dict[str, Any]:
        """Change an object of the kind `cluster_task`: a task that a cluster is given.

        Parameters:
            id: Its id; without one (None, 0, empty text) the request goes to all objects.
            **fields: The fields to change.

        Returns:
            The reply: the changed object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.update_cluster_task(7, **fields)["data"]
        """
    def get_cluster_statuses(self, **filters: Any) -> dict[str, Any]:
        """List objects of the kind `cluster_status`: a state that a cluster was in; the filter `cluster_id` chooses the cluster.

        Parameters:
            **filters: `limit` (objects of a page, default 50), `offset` (objects before it) and others.

        Returns:
            The reply: `data` and `meta`, whose `pagination` has `limit`, `offset`, `count` and `total`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_cluster_statuses(limit=10)["data"]
        """
    def iterate_all_cluster_statuses(self, handler: Callable[[Any], object], **filters: Any) -> None:
        """Get all pages and call a function with each object of the kind `cluster_status`: a state that a cluster was in; the filter `cluster_id` chooses the cluster.

        Parameters:
            handler: Called with each object, in the order of the Hub; what it raises ends the calls.
            **filters: As in `get_cluster_statuses()`; `offset` is where to begin.

        Returns:
            None.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.iterate_all_cluster_statuses(print)
        """
    def get_dataset_manifests(self, **filters: Any) -> dict[str, Any]:
        """List objects of the kind `dataset_manifest`: the description of a dataset: its columns and how to read it.

        Parameters:
            **filters: `limit` (objects of a page, default 50), `offset` (objects before it) and others.

        Returns:
            The reply: `data` and `meta`, whose `pagination` has `limit`, `offset`, `count` and `total`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_dataset_manifests(limit=10)["data"]
        """
    def iterate_all_dataset_manifests(self, handler: Callable[[Any], object], **filters: Any) -> None:
        """Get all pages and call a function with each object of the kind `dataset_manifest`: the description of a dataset: its columns and how to read it.

        Parameters:
            handler: Called with each object, in the order of the Hub; what it raises ends the calls.
            **filters: As in `get_dataset_manifests()`; `offset` is where to begin.

        Returns:
            None.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.iterate_all_dataset_manifests(print)
        """
    def get_dataset_manifest(self, id: object, **parent: Any) -> dict[str, Any]:
        """Get one object of the kind `dataset_manifest`: the description of a dataset: its columns and how to read it.

        Parameters:
            id: Its id.
            **parent: Not sent.

        Returns:
            The reply: the object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_dataset_manifest(7)["data"]
        """
    def create_dataset_manifest(self, **fields: Any) -> dict[str, Any]:
        """Create an object of the kind `dataset_manifest`: the description of a dataset: its columns and how to read it.

        Parameters:
            **fields: Its fields, as the Hub names them.

        Returns:
            The reply: the new object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.create_dataset_manifest(**fields)["data"]
        """
    def update_dataset_manifest(self, id: object, **fields: Any) -> dict[str, Any]:
        """Change an object of the kind `dataset_manifest`: the description of a dataset: its columns and how to read it.

        Parameters:
            id: Its id; without one (None, 0, empty text) the request goes to all objects.
            **fields: The fields to change.

        Returns:
            The reply: the changed object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.update_dataset_manifest(7, **fields)["data"]
        """
    def get_endpoints(self, **filters: Any) -> dict[str, Any]:
        """List objects of the kind `endpoint`: an address that answers predictions with one of its pipelines.

        Parameters:
            **filters: `limit` (objects of a page, default 50), `offset` (objects before it) and others.

        Returns:
            The reply: `data` and `meta`, whose `pagination` has `limit`, `offset`, `count` and `total`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_endpoints(limit=10)["data"]
        """
    def iterate_all_endpoints(self, handler: Callable[[Any], object], **filters: Any) -> None:
        """Get all pages and call a function with each object of the kind `endpoint`: an address that answers predictions with one of its pipelines.

        Parameters:
            handler: Called with each object, in the order of the Hub; what it raises ends the calls.
            **filters: As in `get_endpoints()`; `offset` is where to begin.

        Returns:
            None.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.iterate_all_endpoints(print)
        """
    def get_endpoint(self, id: object, **parent: Any) -> dict[str, Any]:
        """Get one object of the kind `endpoint`: an address that answers predictions with one of its pipelines.

        Parameters:
            id: Its id.
            **parent: Not sent.

        Returns:
            The reply: the object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_endpoint(7)["data"]
        """
    def create_endpoint(self, **fields: Any) -> dict[str, Any]:
        """Create an object of the kind `endpoint`: an address that answers predictions with one of its pipelines.

        Parameters:
            **fields: Its fields, as the Hub names them.

        Returns:
            The reply: the new object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.create_endpoint(**fields)["data"]
        """
    def update_endpoint(self, id: object, **fields: Any) -> dict[str, Any]:
        """Change an object of the kind `endpoint`: an address that answers predictions with one of its pipelines.

        Parameters:
            id: Its id; without one (None, 0, empty text) the request goes to all objects.
            **fields: The fields to change.

        Returns:
            The reply: the changed object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.update_endpoint(7, **fields)["data"]
        """
    def delete_endpoint(self, id: object) -> dict[str, Any]:
        """Delete an object of the kind `endpoint`: an address that answers predictions with one of its pipelines.

        Parameters:
            id: Its id.

        Returns:
            The reply: the deleted object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.delete_endpoint(7)["data"]["deleted"]
        """
    def create_endpoint_pipeline(self, **fields: Any) -> dict[str, Any]:
        """Create an object of the kind `endpoint_pipeline`: a pipeline's place at an endpoint.

        Parameters:
            **fields: Its fields, as the Hub names them.

        Returns:
            The reply: the new object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.create_endpoint_pipeline(**fields)["data"]
        """
    def update_endpoint_pipeline(self, id: object, **fields: Any) -> dict[str, Any]:
        """Change an object of the kind `endpoint_pipeline`: a pipeline's place at an endpoint.

        Parameters:
            id: Its id; without one (None, 0, empty text) the request goes to all objects.
            **fields: The fields to change.

        Returns:
            The reply: the changed object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.update_endpoint_pipeline(7, **fields)["data"]
        """
    def delete_endpoint_pipeline(self, id: object) -> dict[str, Any]:
        """Delete an object of the kind `endpoint_pipeline`: a pipeline's place at an endpoint.

        Parameters:
            id: Its id.

        Returns:
            The reply: the deleted object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.delete_endpoint_pipeline(7)["data"]["deleted"]
        """
    def create_endpoint_actual(self, *, endpoint_id: object, **fields: Any) -> dict[str, Any]:
        """Create an object of the kind `endpoint_actual`: what really happened, to compare predictions of an endpoint with.

        Parameters:
            endpoint_id: Id of the `endpoint`; required.
            **fields: Its fields, as the Hub names them.

        Returns:
            The reply: the new object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.create_endpoint_actual(endpoint_id=3, **fields)["data"]
        """
    def get_endpoint_predictions(self, *, endpoint_id: object, **filters: Any) -> dict[str, Any]:
        """List objects of the kind `endpoint_prediction`: a group of predictions that an endpoint made (`prediction_group`).

        Parameters:
            endpoint_id: Id of the `endpoint`; required.
            **filters: `limit` (objects of a page, default 50), `offset` (objects before it) and others.

        Returns:
            The reply: `data` and `meta`, whose `pagination` has `limit`, `offset`, `count` and `total`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_endpoint_predictions(endpoint_id=3, limit=10)["data"]
        """
    def iterate_all_endpoint_predictions(self, handler: Callable[[Any], object], *, endpoint_id: object, **filters: Any) -> None:
        """Get all pages and call a function with each object of the kind `endpoint_prediction`: a group of predictions that an endpoint made (`prediction_group`).

        Parameters:
            endpoint_id: Id of the `endpoint`; required.
            handler: Called with each object, in the order of the Hub; what it raises ends the calls.
            **filters: As in `get_endpoint_predictions()`; `offset` is where to begin.

        Returns:
            None.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.iterate_all_endpoint_predictions(print, endpoint_id=3)
        """
    def get_endpoint_prediction(self, id: object, *, endpoint_id: object, **parent: Any) -> dict[str, Any]:
        """Get one object of the kind `endpoint_prediction`: a group of predictions that an endpoint made (`prediction_group`).

        Parameters:
            id: Its id.
            **parent: `endpoint_id`.

        Returns:
            The reply: the object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_endpoint_prediction(7, endpoint_id=3)["data"]
        """
    def create_endpoint_prediction(self, *, endpoint_id: object, **fields: Any) -> dict[str, Any]:
        """Create an object of the kind `endpoint_prediction`: a group of predictions that an endpoint made (`prediction_group`).

        Parameters:
            endpoint_id: Id of the `endpoint`; required.
            **fields: Its fields, as the Hub names them.

        Returns:
            The reply: the new object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.create_endpoint_prediction(endpoint_id=3, **fields)["data"]
        """
    def create_endpoint_roi_validation(self, *, endpoint_id: object, **fields: Any) -> dict[str, Any]:
        """Create an object of the kind `endpoint_roi_validation`: a check of an endpoint's return on investment; the answer is a `cluster_task`.

        Parameters:
            endpoint_id: Id of the `endpoint`; required.
            **fields: Its fields, as the Hub names them.

        Returns:
            The reply: the new object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.create_endpoint_roi_validation(endpoint_id=3, **fields)["data"]
        """
    def get_experiments(self, **filters: Any) -> dict[str, Any]:
        """List objects of the kind `experiment`: a search for the best model of one dataset.

        Parameters:
            **filters: `limit` (objects of a page, default 50), `offset` (objects before it) and others.

        Returns:
            The reply: `data` and `meta`, whose `pagination` has `limit`, `offset`, `count` and `total`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_experiments(limit=10)["data"]
        """
    def iterate_all_experiments(self, handler: Callable[[Any], object], **filters: Any) -> None:
        """Get all pages and call a function with each object of the kind `experiment`: a search for the best model of one dataset.

        Parameters:
            handler: Called with each object, in the order of the Hub; what it raises ends the calls.
            **filters: As in `get_experiments()`; `offset` is where to begin.

        Returns:
            None.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.iterate_all_experiments(print)
        """
    def get_experiment(self, id: object, **parent: Any) -> dict[str, Any]:
        """Get one object of the kind `experiment`: a search for the best model of one dataset.

        Parameters:
            id: Its id.
            **parent: Not sent.

        Returns:
            The reply: the object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_experiment(7)["data"]
        """
    def create_experiment(self, **fields: Any) -> dict[str, Any]:
        """Create an object of the kind `experiment`: a search for the best model of one dataset.

        Parameters:
            **fields: Its fields, as the Hub names them.

        Returns:
            The reply: the new object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.create_experiment(**fields)["data"]
        """
    def update_experiment(self, id: object, **fields: Any) -> dict[str, Any]:
        """Change an object of the kind `experiment`: a search for the best model of one dataset.

        Parameters:
            id: Its id; without one (None, 0, empty text) the request goes to all objects.
            **fields: The fields to change.

        Returns:
            The reply: the changed object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.update_experiment(7, **fields)["data"]
        """
    def delete_experiment(self, id: object) -> dict[str, Any]:
        """Delete an object of the kind `experiment`: a search for the best model of one dataset.

        Parameters:
            id: Its id.

        Returns:
            The reply: the deleted object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.delete_experiment(7)["data"]["deleted"]
        """
    def get_experiment_sessions(self, **filters: Any) -> dict[str, Any]:
        """List objects of the kind `experiment_session`: a run of an experiment.

        Parameters:
            **filters: `limit` (objects of a page, default 50), `offset` (objects before it) and others.

        Returns:
            The reply: `data` and `meta`, whose `pagination` has `limit`, `offset`, `count` and `total`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_experiment_sessions(limit=10)["data"]
        """
    def iterate_all_experiment_sessions(self, handler: Callable[[Any], object], **filters: Any) -> None:
        """Get all pages and call a function with each object of the kind `experiment_session`: a run of an experiment.

        Parameters:
            handler: Called with each object, in the order of the Hub; what it raises ends the calls.
            **filters: As in `get_experiment_sessions()`; `offset` is where to begin.

        Returns:
            None.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.iterate_all_experiment_sessions(print)
        """
    def get_experiment_session(self, id: object, **parent: Any) -> dict[str, Any]:
        """Get one object of the kind `experiment_session`: a run of an experiment.

        Parameters:
            id: Its id.
            **parent: Not sent.

        Returns:
            The reply: the object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_experiment_session(7)["data"]
        """
    def create_experiment_session(self, **fields: Any) -> dict[str, Any]:
        """Create an object of the kind `experiment_session`: a run of an experiment.

        Parameters:
            **fields: Its fields, as the Hub names them.

        Returns:
            The reply: the new object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.create_experiment_session(**fields)["data"]
        """
    def update_experiment_session(self, id: object, **fields: Any) -> dict[str, Any]:
        """Change an object of the kind `experiment_session`: a run of an experiment.

        Parameters:
            id: Its id; without one (None, 0, empty text) the request goes to all objects.
            **fields: The fields to change.

        Returns:
            The reply: the changed object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.update_experiment_session(7, **fields)["data"]
        """
    def get_hyperparameters(self, **filters: Any) -> dict[str, Any]:
        """List objects of the kind `hyperparameter`: values that the parameters of an algorithm may have.

        Parameters:
            **filters: `limit` (objects of a page, default 50), `offset` (objects before it) and others.

        Returns:
            The reply: `data` and `meta`, whose `pagination` has `limit`, `offset`, `count` and `total`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_hyperparameters(limit=10)["data"]
        """
    def iterate_all_hyperparameters(self, handler: Callable[[Any], object], **filters: Any) -> None:
        """Get all pages and call a function with each object of the kind `hyperparameter`: values that the parameters of an algorithm may have.

        Parameters:
            handler: Called with each object, in the order of the Hub; what it raises ends the calls.
            **filters: As in `get_hyperparameters()`; `offset` is where to begin.

        Returns:
            None.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.iterate_all_hyperparameters(print)
        """
    def get_hyperparameter(self, id: object, **parent: Any) -> dict[str, Any]:
        """Get one object of the kind `hyperparameter`: values that the parameters of an algorithm may have.

        Parameters:
            id: Its id.
            **parent: Not sent.

        Returns:
            The reply: the object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_hyperparameter(7)["data"]
        """
    def create_hyperparameter(self, **fields: Any) -> dict[str, Any]:
        """Create an object of the kind `hyperparameter`: values that the parameters of an algorithm may have.

        Parameters:
            **fields: Its fields, as the Hub names them.

        Returns:
            The reply: the new object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.create_hyperparameter(**fields)["data"]
        """
    def get_instance_types(self, **filters: Any) -> dict[str, Any]:
        """List objects of the kind `instance_type`: a kind of machine that clusters can be made of.

        Parameters:
            **filters: `limit` (objects of a page, default 50), `offset` (objects before it) and others.

        Returns:
            The reply: `data` and `meta`, whose `pagination` has `limit`, `offset`, `count` and `total`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_instance_types(limit=10)["data"]
        """
    def iterate_all_instance_types(self, handler: Callable[[Any], object], **filters: Any) -> None:
        """Get all pages and call a function with each object of the kind `instance_type`: a kind of machine that clusters can be made of.

        Parameters:
            handler: Called with each object, in the order of the Hub; what it raises ends the calls.
            **filters: As in `get_instance_types()`; `offset` is where to begin.

        Returns:
            None.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.iterate_all_instance_types(print)
        """
    def get_organizations(self, **filters: Any) -> dict[str, Any]:
        """List objects of the kind `organization`: an organization, which owns projects.

        Parameters:
            **filters: `limit` (objects of a page, default 50), `offset` (objects before it) and others.

        Returns:
            The reply: `data` and `meta`, whose `pagination` has `limit`, `offset`, `count` and `total`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_organizations(limit=10)["data"]
        """
    def iterate_all_organizations(self, handler: Callable[[Any], object], **filters: Any) -> None:
        """Get all pages and call a function with each object of the kind `organization`: an organization, which owns projects.

        Parameters:
            handler: Called with each object, in the order of the Hub; what it raises ends the calls.
            **filters: As in `get_organizations()`; `offset` is where to begin.

        Returns:
            None.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.iterate_all_organizations(print)
        """
    def get_organization(self, id: object, **parent: Any) -> dict[str, Any]:
        """Get one object of the kind `organization`: an organization, which owns projects.

        Parameters:
            id: Its id.
            **parent: Not sent.

        Returns:
            The reply: the object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_organization(7)["data"]
        """
    def create_organization(self, **fields: Any) -> dict[str, Any]:
        """Create an object of the kind `organization`: an organization, which owns projects.

        Parameters:
            **fields: Its fields, as the Hub names them.

        Returns:
            The reply: the new object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.create_organization(**fields)["data"]
        """
    def update_organization(self, id: object, **fields: Any) -> dict[str, Any]:
        """Change an object of the kind `organization`: an organization, which owns projects.

        Parameters:
            id: Its id; without one (None, 0, empty text) the request goes to all objects.
            **fields: The fields to change.

        Returns:
            The reply: the changed object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.update_organization(7, **fields)["data"]
        """
    def delete_organization(self, id: object) -> dict[str, Any]:
        """Delete an object of the kind `organization`: an organization, which owns projects.

        Parameters:
            id: Its id.

        Returns:
            The reply: the deleted object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.delete_organization(7)["data"]["deleted"]
        """
    def get_pipelines(self, **filters: Any) -> dict[str, Any]:
        """List objects of the kind `pipeline`: a trained model with its preparation of data.

        Parameters:
            **filters: `limit` (objects of a page, default 50), `offset` (objects before it) and others.

        Returns:
            The reply: `data` and `meta`, whose `pagination` has `limit`, `offset`, `count` and `total`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_pipelines(limit=10)["data"]
        """
    def iterate_all_pipelines(self, handler: Callable[[Any], object], **filters: Any) -> None:
        """Get all pages and call a function with each object of the kind `pipeline`: a trained model with its preparation of data.

        Parameters:
            handler: Called with each object, in the order of the Hub; what it raises ends the calls.
            **filters: As in `get_pipelines()`; `offset` is where to begin.

        Returns:
            None.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.iterate_all_pipelines(print)
        """
    def get_pipeline(self, id: object, **parent: Any) -> dict[str, Any]:
        """Get one object of the kind `pipeline`: a trained model with its preparation of data.

        Parameters:
            id: Its id.
            **parent: Not sent.

        Returns:
            The reply: the object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_pipeline(7)["data"]
        """
    def create_pipeline(self, **fields: Any) -> dict[str, Any]:
        """Create an object of the kind `pipeline`: a trained model with its preparation of data.

        Parameters:
            **fields: Its fields, as the Hub names them.

        Returns:
            The reply: the new object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.create_pipeline(**fields)["data"]
        """
    def update_pipeline(self, id: object, **fields: Any) -> dict[str, Any]:
        """Change an object of the kind `pipeline`: a trained model with its preparation of data.

        Parameters:
            id: Its id; without one (None, 0, empty text) the request goes to all objects.
            **fields: The fields to change.

        Returns:
            The reply: the changed object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.update_pipeline(7, **fields)["data"]
        """
    def get_pipeline_files(self, **filters: Any) -> dict[str, Any]:
        """List objects of the kind `pipeline_file`: a file that a pipeline can be downloaded as.

        Parameters:
            **filters: `limit` (objects of a page, default 50), `offset` (objects before it) and others.

        Returns:
            The reply: `data` and `meta`, whose `pagination` has `limit`, `offset`, `count` and `total`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_pipeline_files(limit=10)["data"]
        """
    def iterate_all_pipeline_files(self, handler: Callable[[Any], object], **filters: Any) -> None:
        """Get all pages and call a function with each object of the kind `pipeline_file`: a file that a pipeline can be downloaded as.

        Parameters:
            handler: Called with each object, in the order of the Hub; what it raises ends the calls.
            **filters: As in `get_pipeline_files()`; `offset` is where to begin.

        Returns:
            None.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.iterate_all_pipeline_files(print)
        """
    def get_pipeline_file(self, id: object, **parent: Any) -> dict[str, Any]:
        """Get one object of the kind `pipeline_file`: a file that a pipeline can be downloaded as.

        Parameters:
            id: Its id.
            **parent: Not sent.

        Returns:
            The reply: the object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_pipeline_file(7)["data"]
        """
    def create_pipeline_file(self, **fields: Any) -> dict[str, Any]:
        """Create an object of the kind `pipeline_file`: a file that a pipeline can be downloaded as.

        Parameters:
            **fields: Its fields, as the Hub names them.

        Returns:
            The reply: the new object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.create_pipeline_file(**fields)["data"]
        """
    def get_predictions(self, **filters: Any) -> dict[str, Any]:
        """List objects of the kind `prediction`: a prediction of a pipeline, in the older form.

        Parameters:
            **filters: `limit` (objects of a page, default 50), `offset` (objects before it) and others.

        Returns:
            The reply: `data` and `meta`, whose `pagination` has `limit`, `offset`, `count` and `total`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_predictions(limit=10)["data"]
        """
    def iterate_all_predictions(self, handler: Callable[[Any], object], **filters: Any) -> None:
        """Get all pages and call a function with each object of the kind `prediction`: a prediction of a pipeline, in the older form.

        Parameters:
            handler: Called with each object, in the order of the Hub; what it raises ends the calls.
            **filters: As in `get_predictions()`; `offset` is where to begin.

        Returns:
            None.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.iterate_all_predictions(print)
        """
    def get_prediction(self, id: object, **parent: Any) -> dict[str, Any]:
        """Get one object of the kind `prediction`: a prediction of a pipeline, in the older form.

        Parameters:
            id: Its id.
            **parent: Not sent.

        Returns:
            The reply: the object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_prediction(7)["data"]
        """
    def create_prediction(self, **fields: Any) -> dict[str, Any]:
        """Create an object of the kind `prediction`: a prediction of a pipeline, in the older form.

        Parameters:
            **fields: Its fields, as the Hub names them.

        Returns:
            The reply: the new object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.create_prediction(**fields)["data"]
        """
    def get_prediction_groups(self, **filters: Any) -> dict[str, Any]:
        """List objects of the kind `prediction_group`: a group of predictions of a pipeline, the newer form.

        Parameters:
            **filters: `limit` (objects of a page, default 50), `offset` (objects before it) and others.

        Returns:
            The reply: `data` and `meta`, whose `pagination` has `limit`, `offset`, `count` and `total`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_prediction_groups(limit=10)["data"]
        """
    def iterate_all_prediction_groups(self, handler: Callable[[Any], object], **filters: Any) -> None:
        """Get all pages and call a function with each object of the kind `prediction_group`: a group of predictions of a pipeline, the newer form.

        Parameters:
            handler: Called with each object, in the order of the Hub; what it raises ends the calls.
            **filters: As in `get_prediction_groups()`; `offset` is where to begin.

        Returns:
            None.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.iterate_all_prediction_groups(print)
        """
    def get_prediction_group(self, id: object, **parent: Any) -> dict[str, Any]:
        """Get one object of the kind `prediction_group`: a group of predictions of a pipeline, the newer form.

        Parameters:
            id: Its id.
            **parent: Not sent.

        Returns:
            The reply: the object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_prediction_group(7)["data"]
        """
    def create_prediction_group(self, **fields: Any) -> dict[str, Any]:
        """Create an object of the kind `prediction_group`: a group of predictions of a pipeline, the newer form.

        Parameters:
            **fields: Its fields, as the Hub names them.

        Returns:
            The reply: the new object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.create_prediction_group(**fields)["data"]
        """
    def get_projects(self, **filters: Any) -> dict[str, Any]:
        """List objects of the kind `project`: a project.

        Parameters:
            **filters: `limit` (objects of a page, default 50), `offset` (objects before it) and others.

        Returns:
            The reply: `data` and `meta`, whose `pagination` has `limit`, `offset`, `count` and `total`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_projects(limit=10)["data"]
        """
    def iterate_all_projects(self, handler: Callable[[Any], object], **filters: Any) -> None:
        """Get all pages and call a function with each object of the kind `project`: a project.

        Parameters:
            handler: Called with each object, in the order of the Hub; what it raises ends the calls.
            **filters: As in `get_projects()`; `offset` is where to begin.

        Returns:
            None.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.iterate_all_projects(print)
        """
    def get_project(self, id: object, **parent: Any) -> dict[str, Any]:
        """Get one object of the kind `project`: a project.

        Parameters:
            id: Its id.
            **parent: Not sent.

        Returns:
            The reply: the object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_project(7)["data"]
        """
    def create_project(self, **fields: Any) -> dict[str, Any]:
        """Create an object of the kind `project`: a project.

        Parameters:
            **fields: Its fields, as the Hub names them.

        Returns:
            The reply: the new object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.create_project(**fields)["data"]
        """
    def update_project(self, id: object, **fields: Any) -> dict[str, Any]:
        """Change an object of the kind `project`: a project.

        Parameters:
            id: Its id; without one (None, 0, empty text) the request goes to all objects.
            **fields: The fields to change.

        Returns:
            The reply: the changed object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.update_project(7, **fields)["data"]
        """
    def delete_project(self, id: object) -> dict[str, Any]:
        """Delete an object of the kind `project`: a project.

        Parameters:
            id: Its id.

        Returns:
            The reply: the deleted object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.delete_project(7)["data"]["deleted"]
        """
    def deploy_project(self, id: object, **fields: Any) -> dict[str, Any]:
        """Deploy an object of the kind `project`: a project.

        Parameters:
            id: Its id.
            **fields: Parameters of the call.

        Returns:
            The reply: the object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.deploy_project(7)["data"]
        """
    def undeploy_project(self, id: object, **fields: Any) -> dict[str, Any]:
        """Undeploy an object of the kind `project`: a project.

        Parameters:
            id: Its id.
            **fields: Parameters of the call.

        Returns:
            The reply: the object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.undeploy_project(7)["data"]
        """
    def get_project_files(self, **filters: Any) -> dict[str, Any]:
        """List objects of the kind `project_file`: a file of a project.

        Parameters:
            **filters: `limit` (objects of a page, default 50), `offset` (objects before it) and others.

        Returns:
            The reply: `data` and `meta`, whose `pagination` has `limit`, `offset`, `count` and `total`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_project_files(limit=10)["data"]
        """
    def iterate_all_project_files(self, handler: Callable[[Any], object], **filters: Any) -> None:
        """Get all pages and call a function with each object of the kind `project_file`: a file of a project.

        Parameters:
            handler: Called with each object, in the order of the Hub; what it raises ends the calls.
            **filters: As in `get_project_files()`; `offset` is where to begin.

        Returns:
            None.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.iterate_all_project_files(print)
        """
    def get_project_file(self, id: object, **parent: Any) -> dict[str, Any]:
        """Get one object of the kind `project_file`: a file of a project.

        Parameters:
            id: Its id.
            **parent: Not sent.

        Returns:
            The reply: the object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_project_file(7)["data"]
        """
    def create_project_file(self, **fields: Any) -> dict[str, Any]:
        """Create an object of the kind `project_file`: a file of a project.

        Parameters:
            **fields: Its fields, as the Hub names them.

        Returns:
            The reply: the new object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.create_project_file(**fields)["data"]
        """
    def delete_project_file(self, id: object) -> dict[str, Any]:
        """Delete an object of the kind `project_file`: a file of a project.

        Parameters:
            id: Its id.

        Returns:
            The reply: the deleted object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.delete_project_file(7)["data"]["deleted"]
        """
    def create_project_file_url(self, **fields: Any) -> dict[str, Any]:
        """Create an object of the kind `project_file_url`: an address that a file of a project goes to or comes from; a list is one object, not many.

        Parameters:
            **fields: Its fields, as the Hub names them.

        Returns:
            The reply: the new object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.create_project_file_url(**fields)["data"]
        """
    def get_project_file_urls(self, **filters: Any) -> dict[str, Any]:
        """List objects of the kind `project_file_url`: an address that a file of a project goes to or comes from; a list is one object, not many.

        Parameters:
            **filters: `limit` (objects of a page, default 50), `offset` (objects before it) and others.

        Returns:
            The reply: `data` and `meta`, whose `pagination` has `limit`, `offset`, `count` and `total`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_project_file_urls(limit=10)["data"]
        """
    def iterate_all_project_file_urls(self, handler: Callable[[Any], object], **filters: Any) -> None:
        """Get all pages and call a function with each object of the kind `project_file_url`: an address that a file of a project goes to or comes from; a list is one object, not many.

        Parameters:
            handler: Called with each object, in the order of the Hub; what it raises ends the calls.
            **filters: As in `get_project_file_urls()`; `offset` is where to begin.

        Returns:
            None.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.iterate_all_project_file_urls(print)
        """
    def get_pod_logs(self, **filters: Any) -> dict[str, Any]:
        """List objects of the kind `pod_log`: a log of a pod; the filter `project_id` chooses the project.

        Parameters:
            **filters: `limit` (objects of a page, default 50), `offset` (objects before it) and others.

        Returns:
            The reply: `data` and `meta`, whose `pagination` has `limit`, `offset`, `count` and `total`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_pod_logs(limit=10)["data"]
        """
    def iterate_all_pod_logs(self, handler: Callable[[Any], object], **filters: Any) -> None:
        """Get all pages and call a function with each object of the kind `pod_log`: a log of a pod; the filter `project_id` chooses the project.

        Parameters:
            handler: Called with each object, in the order of the Hub; what it raises ends the calls.
            **filters: As in `get_pod_logs()`; `offset` is where to begin.

        Returns:
            None.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.iterate_all_pod_logs(print)
        """
    def get_review_alerts(self, **filters: Any) -> dict[str, Any]:
        """List objects of the kind `review_alert`: a rule that watches the quality of predictions.

        Parameters:
            **filters: `limit` (objects of a page, default 50), `offset` (objects before it) and others.

        Returns:
            The reply: `data` and `meta`, whose `pagination` has `limit`, `offset`, `count` and `total`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_review_alerts(limit=10)["data"]
        """
    def iterate_all_review_alerts(self, handler: Callable[[Any], object], **filters: Any) -> None:
        """Get all pages and call a function with each object of the kind `review_alert`: a rule that watches the quality of predictions.

        Parameters:
            handler: Called with each object, in the order of the Hub; what it raises ends the calls.
            **filters: As in `get_review_alerts()`; `offset` is where to begin.

        Returns:
            None.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.iterate_all_review_alerts(print)
        """
    def get_review_alert(self, id: object, **parent: Any) -> dict[str, Any]:
        """Get one object of the kind `review_alert`: a rule that watches the quality of predictions.

        Parameters:
            id: Its id.
            **parent: Not sent.

        Returns:
            The reply: the object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_review_alert(7)["data"]
        """
    def create_review_alert(self, **fields: Any) -> dict[str, Any]:
        """Create an object of the kind `review_alert`: a rule that watches the quality of predictions.

        Parameters:
            **fields: Its fields, as the Hub names them.

        Returns:
            The reply: the new object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.create_review_alert(**fields)["data"]
        """
    def update_review_alert(self, id: object, **fields: Any) -> dict[str, Any]:
        """Change an object of the kind `review_alert`: a rule that watches the quality of predictions.

        Parameters:
            id: Its id; without one (None, 0, empty text) the request goes to all objects.
            **fields: The fields to change.

        Returns:
            The reply: the changed object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.update_review_alert(7, **fields)["data"]
        """
    def delete_review_alert(self, id: object) -> dict[str, Any]:
        """Delete an object of the kind `review_alert`: a rule that watches the quality of predictions.

        Parameters:
            id: Its id.

        Returns:
            The reply: the deleted object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.delete_review_alert(7)["data"]["deleted"]
        """
    def get_review_alert_items(self, **filters: Any) -> dict[str, Any]:
        """List objects of the kind `review_alert_item`: an occasion on which a review alert went off.

        Parameters:
            **filters: `limit` (objects of a page, default 50), `offset` (objects before it) and others.

        Returns:
            The reply: `data` and `meta`, whose `pagination` has `limit`, `offset`, `count` and `total`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_review_alert_items(limit=10)["data"]
        """
    def iterate_all_review_alert_items(self, handler: Callable[[Any], object], **filters: Any) -> None:
        """Get all pages and call a function with each object of the kind `review_alert_item`: an occasion on which a review alert went off.

        Parameters:
            handler: Called with each object, in the order of the Hub; what it raises ends the calls.
            **filters: As in `get_review_alert_items()`; `offset` is where to begin.

        Returns:
            None.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.iterate_all_review_alert_items(print)
        """
    def get_review_alert_item(self, id: object, **parent: Any) -> dict[str, Any]:
        """Get one object of the kind `review_alert_item`: an occasion on which a review alert went off.

        Parameters:
            id: Its id.
            **parent: Not sent.

        Returns:
            The reply: the object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_review_alert_item(7)["data"]
        """
    def get_similar_trials_request(self, id: object, **parent: Any) -> dict[str, Any]:
        """Get one object of the kind `similar_trials_request`: a request for trials of similar datasets.

        Parameters:
            id: Its id.
            **parent: Not sent.

        Returns:
            The reply: the object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_similar_trials_request(7)["data"]
        """
    def create_similar_trials_request(self, **fields: Any) -> dict[str, Any]:
        """Create an object of the kind `similar_trials_request`: a request for trials of similar datasets.

        Parameters:
            **fields: Its fields, as the Hub names them.

        Returns:
            The reply: the new object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.create_similar_trials_request(**fields)["data"]
        """
    def create_token(self, **fields: Any) -> dict[str, Any]:
        """Create an object of the kind `token`: a token of a user; `email` and `password` go in, `token` and `confirmation_required` come out.

        Parameters:
            **fields: Its fields, as the Hub names them.

        Returns:
            The reply: the new object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.create_token(**fields)["data"]
        """
    def get_trials(self, **filters: Any) -> dict[str, Any]:
        """List objects of the kind `trial`: a model tried in a session; to create one is to fit it again.

        Parameters:
            **filters: `limit` (objects of a page, default 50), `offset` (objects before it) and others.

        Returns:
            The reply: `data` and `meta`, whose `pagination` has `limit`, `offset`, `count` and `total`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_trials(limit=10)["data"]
        """
    def iterate_all_trials(self, handler: Callable[[Any], object], **filters: Any) -> None:
        """Get all pages and call a function with each object of the kind `trial`: a model tried in a session; to create one is to fit it again.

        Parameters:
            handler: Called with each object, in the order of the Hub; what it raises ends the calls.
            **filters: As in `get_trials()`; `offset` is where to begin.

        Returns:
            None.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.iterate_all_trials(print)
        """
    def get_trial(self, id: object, **parent: Any) -> dict[str, Any]:
        """Get one object of the kind `trial`: a model tried in a session; to create one is to fit it again.

        Parameters:
            id: Its id.
            **parent: Not sent.

        Returns:
            The reply: the object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_trial(7)["data"]
        """
    def create_trial(self, **fields: Any) -> dict[str, Any]:
        """Create an object of the kind `trial`: a model tried in a session; to create one is to fit it again.

        Parameters:
            **fields: Its fields, as the Hub names them.

        Returns:
            The reply: the new object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.create_trial(**fields)["data"]
        """
    def update_trial(self, id: object, **fields: Any) -> dict[str, Any]:
        """Change an object of the kind `trial`: a model tried in a session; to create one is to fit it again.

        Parameters:
            id: Its id; without one (None, 0, empty text) the request goes to all objects.
            **fields: The fields to change.

        Returns:
            The reply: the changed object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.update_trial(7, **fields)["data"]
        """
    def get_trial_searches(self, **filters: Any) -> dict[str, Any]:
        """List objects of the kind `trial_search`: a search for trials.

        Parameters:
            **filters: `limit` (objects of a page, default 50), `offset` (objects before it) and others.

        Returns:
            The reply: `data` and `meta`, whose `pagination` has `limit`, `offset`, `count` and `total`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_trial_searches(limit=10)["data"]
        """
    def iterate_all_trial_searches(self, handler: Callable[[Any], object], **filters: Any) -> None:
        """Get all pages and call a function with each object of the kind `trial_search`: a search for trials.

        Parameters:
            handler: Called with each object, in the order of the Hub; what it raises ends the calls.
            **filters: As in `get_trial_searches()`; `offset` is where to begin.

        Returns:
            None.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.iterate_all_trial_searches(print)
        """
    def get_trial_search(self, id: object, **parent: Any) -> dict[str, Any]:
        """Get one object of the kind `trial_search`: a search for trials.

        Parameters:
            id: Its id.
            **parent: Not sent.

        Returns:
            The reply: the object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_trial_search(7)["data"]
        """
    def create_trial_search(self, **fields: Any) -> dict[str, Any]:
        """Create an object of the kind `trial_search`: a search for trials.

        Parameters:
            **fields: Its fields, as the Hub names them.

        Returns:
            The reply: the new object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.create_trial_search(**fields)["data"]
        """
    def update_trial_search(self, id: object, **fields: Any) -> dict[str, Any]:
        """Change an object of the kind `trial_search`: a search for trials.

        Parameters:
            id: Its id; without one (None, 0, empty text) the request goes to all objects.
            **fields: The fields to change.

        Returns:
            The reply: the changed object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.update_trial_search(7, **fields)["data"]
        """
    def get_warm_start_request(self, id: object, **parent: Any) -> dict[str, Any]:
        """Get one object of the kind `warm_start_request`: a request for good first trials; it is done when its status is `done` or `error`.

        Parameters:
            id: Its id.
            **parent: Not sent.

        Returns:
            The reply: the object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.get_warm_start_request(7)["data"]
        """
    def create_warm_start_request(self, **fields: Any) -> dict[str, Any]:
        """Create an object of the kind `warm_start_request`: a request for good first trials; it is done when its status is `done` or `error`.

        Parameters:
            **fields: Its fields, as the Hub names them.

        Returns:
            The reply: the new object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, does not answer, or a parameter is missing.

        Example:
            >>> hub.create_warm_start_request(**fields)["data"]
        """
