"""A project: the place where feature groups, models, deployments and files live together."""

from __future__ import annotations

from hopsworks import _native

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Literal

    from hopsworks.alert import ProjectAlert
    from hopsworks.core.alerts_api import AlertsApi
    from hopsworks.core.app_api import AppApi
    from hopsworks.core.dataset_api import DatasetApi
    from hopsworks.core.environment_api import EnvironmentApi
    from hopsworks.core.git_api import GitApi
    from hopsworks.core.job_api import JobApi
    from hopsworks.core.kafka_api import KafkaApi
    from hopsworks.core.opensearch_api import OpenSearchApi
    from hopsworks.core.project_members_api import ProjectMembersApi
    from hopsworks.core.search_api import SearchApi
    from hopsworks.project_member import ProjectMember
    from hopsworks.session import ProjectSession
    from hsfs.feature_store import FeatureStore
    from hsml.model_registry import ModelRegistry
    from hsml.model_serving import ModelServing


class Project(_native.Project):
    """A Hopsworks project, and the way to everything in it.

    Projects come from :func:`hopsworks.login`, from a connection's ``get_project`` or from
    :func:`hopsworks.create_project`.

    Example:
        ```python
        import hopsworks

        project = hopsworks.login(host="local")
        assert project.name
        ```
    """

    @property
    def _session(self) -> ProjectSession:
        scope = self._scope
        if scope is None:
            from hopsworks.open_connections import default_scope

            scope = default_scope()
        return scope.context

    @property
    def home_path(self) -> str:
        """Folder of the current user in this project, ``/Projects/<project>/Users/<user>``."""
        return f"/Projects/{self.name}/Users/{self._session.username}"

    def get_url(self) -> str:
        """Address of the project in the user interface of the host.

        Returns:
            The address as text.
        """
        return f"{self._session.connection.base_url}/p/{self.id}"

    def get_members_api(self) -> ProjectMembersApi:
        """The members of the project: who may use it, and for what.

        Returns:
            A :class:`hopsworks.core.project_members_api.ProjectMembersApi`.

        Example:
            ```python
            members_api = project.get_members_api()
            ```
        """
        from hopsworks.core.project_members_api import ProjectMembersApi

        return ProjectMembersApi(self._session)

    def get_members(self) -> list[ProjectMember]:
        """List the members of the project.

        Returns:
            A list of :class:`hopsworks.project_member.ProjectMember`.

        Raises:
            RestAPIError: If the server refuses.

        Example:
            ```python
            for member in project.get_members():
                print(member.email, member.role)
            ```
        """
        return self.get_members_api().get_members()

    def add_member(self, email: str, role: str) -> ProjectMember:
        """Add a user to the project.

        Parameters:
            email: E-mail address of the user.
            role: ``"Data owner"``, ``"Data scientist"``, ``"Observer"`` or ``"Feature store restricted"``, in any case.

        Returns:
            The new :class:`hopsworks.project_member.ProjectMember`.

        Raises:
            ValueError: If the address is empty or there is no such role; nothing is sent.
            ForbiddenError: If the caller does not own the project.
            RestAPIError: If the user cannot be added.

        Example:
            ```python
            project.add_member("alice@example.com", "Data scientist")
            ```
        """
        return self.get_members_api().add_member(email, role)

    def remove_member(
        self, email: str, delete_home_dir: bool = False, new_file_owner: str | None = None
    ) -> None:
        """Take a user out of the project.

        Parameters:
            email: E-mail address of the member.
            delete_home_dir: Delete the files of the member's folder in the project; they cannot be recovered.
            new_file_owner: E-mail address of the data owner who takes over that folder; ``None`` for the one who has
                been in the project longest.

        Raises:
            ValueError: If the address is empty; nothing is sent.
            ForbiddenError: If the caller does not own the project, or the member is its owner.
            NotFoundError: If the user is no member.

        Example:
            ```python
            project.remove_member("alice@example.com")
            ```
        """
        self.get_members_api().remove_member(email, delete_home_dir, new_file_owner)

    def get_feature_store(self, name: str | None = None) -> FeatureStore:
        """The feature store of the project, or one that another project shares with it.

        Parameters:
            name: Name of the project that owns the feature store; ``None`` for this one.

        Returns:
            A :class:`hsfs.feature_store.FeatureStore`.

        Raises:
            RestAPIError: If the server refuses, for example because the feature store is not shared.

        Example:
            ```python
            fs = project.get_feature_store()
            ```
        """
        from hsfs.feature_store import get_feature_store

        return get_feature_store(self._session, name)

    def get_model_registry(self) -> ModelRegistry:
        """The model registry of the project.

        Returns:
            A :class:`hsml.model_registry.ModelRegistry`.

        Example:
            ```python
            mr = project.get_model_registry()
            ```
        """
        from hsml.model_registry import get_model_registry

        return get_model_registry(self._session)

    def get_model_serving(self) -> ModelServing:
        """The deployments of the project.

        Returns:
            A :class:`hsml.model_serving.ModelServing`.

        Example:
            ```python
            ms = project.get_model_serving()
            ```
        """
        from hsml.model_serving import get_model_serving

        return get_model_serving(self._session)

    def get_dataset_api(self) -> DatasetApi:
        """The files of the project.

        Returns:
            A :class:`hopsworks.core.dataset_api.DatasetApi`.

        Example:
            ```python
            dataset_api = project.get_dataset_api()
            dataset_api.list("Resources")
            ```
        """
        from hopsworks.core.dataset_api import DatasetApi

        return DatasetApi(self._session)

    def get_job_api(self) -> JobApi:
        """The jobs of the project.

        Returns:
            A :class:`hopsworks.core.job_api.JobApi`.

        Example:
            ```python
            job_api = project.get_job_api()
            names = [job.name for job in job_api.get_jobs()]
            ```
        """
        from hopsworks.core.job_api import JobApi

        return JobApi(self._session)

    def get_jobs_api(self) -> JobApi:
        """The older name of :meth:`get_job_api`.

        Returns:
            A :class:`hopsworks.core.job_api.JobApi`.
        """
        return self.get_job_api()

    def get_environment_api(self) -> EnvironmentApi:
        """The Python environments of the project.

        Returns:
            A :class:`hopsworks.core.environment_api.EnvironmentApi`.

        Example:
            ```python
            names = [environment.name for environment in project.get_environment_api().get_environments()]
            ```
        """
        from hopsworks.core.environment_api import EnvironmentApi

        return EnvironmentApi(self._session)

    def get_git_api(self) -> GitApi:
        """The git repositories of the project.

        Returns:
            A :class:`hopsworks.core.git_api.GitApi`.

        Example:
            ```python
            names = [repo.name for repo in project.get_git_api().get_repos()]
            ```
        """
        from hopsworks.core.git_api import GitApi

        return GitApi(self._session)

    def get_app_api(self) -> AppApi:
        """The apps of the project.

        Returns:
            A :class:`hopsworks.core.app_api.AppApi`.

        Example:
            ```python
            addresses = {app.name: app.app_url for app in project.get_app_api().get_apps()}
            ```
        """
        from hopsworks.core.app_api import AppApi

        return AppApi(self._session)

    def get_kafka_api(self) -> KafkaApi:
        """The Kafka topics and schemas of the project.

        Returns:
            A :class:`hopsworks.core.kafka_api.KafkaApi`.

        Example:
            ```python
            topics = project.get_kafka_api().get_topics()
            ```
        """
        from hopsworks.core.kafka_api import KafkaApi

        return KafkaApi(self._session)

    def get_opensearch_api(self) -> OpenSearchApi:
        """The way to the OpenSearch of the cluster.

        Returns:
            A :class:`hopsworks.core.opensearch_api.OpenSearchApi`.

        Example:
            ```python
            index = project.get_opensearch_api().get_project_index("clicks")
            ```
        """
        from hopsworks.core.opensearch_api import OpenSearchApi

        return OpenSearchApi(self._session)

    def get_alerts_api(self) -> AlertsApi:
        """The alerts of the project, and who is told of them.

        Returns:
            A :class:`hopsworks.core.alerts_api.AlertsApi`.
        """
        from hopsworks.core.alerts_api import AlertsApi

        return AlertsApi(self._session)

    def get_alerts(self) -> list[ProjectAlert]:
        """The alerts on all jobs and feature groups of the project.

        Returns:
            A list of :class:`hopsworks.alert.ProjectAlert`.
        """
        return self.get_alerts_api().get_alerts()

    def get_alert(self, alert_id: int) -> ProjectAlert | None:
        """One alert on the project.

        Parameters:
            alert_id: Number of the alert.

        Returns:
            The :class:`hopsworks.alert.ProjectAlert`; ``None`` when there is none of that number.
        """
        return self.get_alerts_api().get_alert(alert_id)

    def create_job_alert(
        self,
        receiver: str,
        status: Literal["job_finished", "job_failed", "job_killed", "job_long_running"],
        severity: Literal["warning", "critical", "info"],
    ) -> ProjectAlert:
        """Let a receiver be told when a run of any job of the project ends in a certain way.

        Parameters:
            receiver: Name of the receiver.
            status: What to tell.
            severity: How grave it is.

        Returns:
            The new :class:`hopsworks.alert.ProjectAlert`.

        Raises:
            ValueError: If there is no such status or severity, or the receiver is empty; nothing is sent.
            RestAPIError: If the server refuses.
        """
        return self.get_alerts_api().create_project_alert(receiver, status, severity, "Jobs")

    def create_featurestore_alert(
        self,
        receiver: str,
        status: Literal[
            "validation_success",
            "validation_warning",
            "validation_failure",
            "monitoring_shift_undetected",
            "monitoring_shift_detected",
            "monitoring_empty_detection_window",
        ],
        severity: Literal["warning", "critical", "info"],
    ) -> ProjectAlert:
        """Let a receiver be told of the validation and monitoring of all feature groups of the project.

        Parameters:
            receiver: Name of the receiver.
            status: What to tell.
            severity: How grave it is.

        Returns:
            The new :class:`hopsworks.alert.ProjectAlert`.

        Raises:
            ValueError: If there is no such status or severity, or the receiver is empty; nothing is sent.
            RestAPIError: If the server refuses.
        """
        return self.get_alerts_api().create_project_alert(
            receiver, status, severity, "Featurestore"
        )

    def get_search_api(self) -> SearchApi:
        """Search in the project, or in all projects.

        Returns:
            A :class:`hopsworks.core.search_api.SearchApi`.
        """
        from hopsworks.core.search_api import SearchApi

        return SearchApi(self._session)

    def __repr__(self) -> str:
        shown = (self.name, self.owner) + (() if self.description is None else (self.description,))
        return f"Project({', '.join(map(repr, shown))})"
