"""The alerts of a project, and who is told of them."""

from __future__ import annotations

from hopsworks.core import alert_statuses
from hopsworks.core.alert_delivery import AlertDelivery
from hopsworks.core.arguments import checked_text

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any, Literal

    from hopsworks.alert import FeatureGroupAlert, FeatureViewAlert, JobAlert, ProjectAlert


class AlertsApi(AlertDelivery):
    """Makes alerts and receivers, and lets alerts go off. :meth:`hopsworks.project.Project.get_alerts_api` returns one.

    Names of receivers are those of the project; the full name `<project>__<name>` and the names of global receivers,
    `global-receiver__<name>`, are taken as well.

    Example:
        ```python
        from hopsworks.alert_receiver import EmailConfig

        alerts_api = project.get_alerts_api()
        alerts_api.create_alert_receiver("oncall", email_configs=[EmailConfig("oncall@example.com")])
        alert = alerts_api.create_project_alert("oncall", status="job_failed", severity="critical", service="Jobs")
        ```
    """

    __slots__ = ()

    # -- alerts on a project -----------------------------------------------------------------------

    def get_alerts(self) -> list[ProjectAlert]:
        """List the alerts on all jobs and feature groups of the project.

        Returns:
            The alerts; those on single jobs, feature groups and feature views are not among them.

        Raises:
            RestAPIError: The server refuses.

        Example:
            ```python
            statuses = [alert.status for alert in project.get_alerts_api().get_alerts()]
            ```
        """
        from hopsworks.alert import ProjectAlert

        return _all(ProjectAlert, self._call("project_alert.list"))

    def get_alert(self, alert_id: int) -> ProjectAlert | None:
        """Get an alert on the project.

        Parameters:
            alert_id: Number of the alert.

        Returns:
            The alert; None when there is none of that number.

        Raises:
            TypeError: The number is no whole number; nothing is sent.
            RestAPIError: The server refuses.

        Example:
            ```python
            alert = project.get_alerts_api().get_alert(3)
            ```
        """
        from hopsworks.alert import ProjectAlert

        return _made(ProjectAlert, self._call("project_alert.get", id=_number(alert_id)))

    def create_project_alert(
        self,
        receiver: str,
        status: Literal[
            "validation_success",
            "validation_warning",
            "validation_failure",
            "monitoring_shift_undetected",
            "monitoring_shift_detected",
            "monitoring_empty_detection_window",
            "job_finished",
            "job_failed",
            "job_killed",
            "job_long_running",
        ],
        severity: Literal["warning", "critical", "info"],
        service: Literal["Featurestore", "Jobs"],
        threshold: int = 0,
    ) -> ProjectAlert:
        """Make an alert on all jobs, or on all feature groups, of the project.

        Parameters:
            receiver: Name of the receiver who is told.
            status: What it waits for. Of `Jobs`: `job_finished`, `job_failed`, `job_killed` or `job_long_running`. Of
                `Featurestore`: `validation_success`, `validation_warning`, `validation_failure`,
                `monitoring_shift_undetected`, `monitoring_shift_detected` or `monitoring_empty_detection_window`.
            severity: `info`, `warning` or `critical`.
            service: What it watches, `Jobs` or `Featurestore`.
            threshold: After how long a run counts as long; the cluster sets the unit. Only for `job_long_running`.

        Returns:
            The new alert.

        Raises:
            ValueError: There is no such status, severity or service, or the receiver is empty; nothing is sent.
            TypeError: The receiver is no text, or the threshold no whole number; nothing is sent.
            RestAPIError: The server refuses, for example because there is such an alert or no such receiver.

        Example:
            ```python
            alert = project.get_alerts_api().create_project_alert(
                "oncall", status="job_failed", severity="critical", service="Jobs"
            )
            ```
        """
        from hopsworks.alert import ProjectAlert

        watched = alert_statuses.service(service)
        body = self._alert(receiver, alert_statuses.project_status(status, watched), severity)
        if not isinstance(threshold, int) or isinstance(threshold, bool):
            raise TypeError(f"threshold must be a whole number, not {threshold!r}.")
        body |= {"service": watched, "threshold": threshold}
        return _made(ProjectAlert, self._call("project_alert.create", body))

    def delete_alert(self, alert_id: int) -> None:
        """Remove an alert from the project.

        Parameters:
            alert_id: Number of the alert, as :meth:`get_alerts` tells it.

        Raises:
            TypeError: The number is no whole number; nothing is sent.
            RestAPIError: There is none of that number, or the server refuses.

        Example:
            ```python
            alerts_api = project.get_alerts_api()
            for alert in alerts_api.get_alerts():
                alerts_api.delete_alert(alert.id)
            ```
        """
        self._call("project_alert.delete", id=_number(alert_id))

    # -- alerts on one thing -----------------------------------------------------------------------

    def get_job_alerts(self, job_name: str) -> list[JobAlert]:
        """List the alerts on a job.

        Parameters:
            job_name: Name of the job.

        Returns:
            The alerts.

        Raises:
            ValueError: The name is empty; nothing is sent.
            RestAPIError: There is no such job, or the server refuses.

        Example:
            ```python
            alerts = project.get_alerts_api().get_job_alerts("train")
            ```
        """
        from hopsworks.alert import JobAlert

        return _all(JobAlert, self._call("job_alert.list", job=_job(job_name)))

    def get_job_alert(self, job_name: str, alert_id: int) -> JobAlert | None:
        """Get an alert on a job.

        Parameters:
            job_name: Name of the job.
            alert_id: Number of the alert.

        Returns:
            The alert; None when the job has none of that number.

        Raises:
            ValueError: The name is empty; nothing is sent.
            RestAPIError: There is no such job, or the server refuses.

        Example:
            ```python
            alert = project.get_alerts_api().get_job_alert("train", 3)
            ```
        """
        from hopsworks.alert import JobAlert

        found = self._call("job_alert.get", job=_job(job_name), id=_number(alert_id))
        return _made(JobAlert, found)

    def create_job_alert(
        self,
        job_name: str,
        receiver: str,
        status: Literal["finished", "failed", "killed", "long_running"],
        severity: Literal["warning", "critical", "info"],
    ) -> JobAlert:
        """Make an alert on a job.

        Parameters:
            job_name: Name of the job.
            receiver: Name of the receiver who is told.
            status: What it waits for: `finished`, `failed`, `killed` or `long_running`.
            severity: `info`, `warning` or `critical`.

        Returns:
            The new alert.

        Raises:
            ValueError: There is no such status or severity, or a name is empty; nothing is sent.
            RestAPIError: The server refuses, for example because there is such an alert or no such job.

        Example:
            ```python
            alert = project.get_alerts_api().create_job_alert("train", "oncall", "failed", "critical")
            ```
        """
        from hopsworks.alert import JobAlert

        job = _job(job_name)
        body = self._alert(receiver, alert_statuses.job_status(status), severity)
        return _made(JobAlert, self._call("job_alert.create", body, job=job))

    def get_feature_group_alerts(
        self, feature_store_id: int, feature_group_id: int
    ) -> list[FeatureGroupAlert]:
        """List the alerts on a feature group.

        Parameters:
            feature_store_id: Number of its feature store.
            feature_group_id: Its number.

        Returns:
            The alerts.

        Raises:
            RestAPIError: There is no such feature group, or the server refuses.

        Example:
            ```python
            trips = fs.get_feature_group("trips", version=1)
            alerts = project.get_alerts_api().get_feature_group_alerts(fs.id, trips.id)
            ```
        """
        from hopsworks.alert import FeatureGroupAlert

        found = self._call("feature_group_alert.list", **_group(feature_store_id, feature_group_id))
        return _all(FeatureGroupAlert, found)

    def get_feature_group_alert(
        self, feature_store_id: int, feature_group_id: int, alert_id: int
    ) -> FeatureGroupAlert | None:
        """Get an alert on a feature group.

        Parameters:
            feature_store_id: Number of its feature store.
            feature_group_id: Its number.
            alert_id: Number of the alert.

        Returns:
            The alert; None when the feature group has none of that number.

        Raises:
            RestAPIError: There is no such feature group, or the server refuses.

        Example:
            ```python
            alert = project.get_alerts_api().get_feature_group_alert(fs.id, trips.id, 3)
            ```
        """
        from hopsworks.alert import FeatureGroupAlert

        place = _group(feature_store_id, feature_group_id)
        found = self._call("feature_group_alert.get", id=_number(alert_id), **place)
        return _made(FeatureGroupAlert, found)

    def create_feature_group_alert(
        self,
        feature_store_id: int,
        feature_group_id: int,
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
    ) -> FeatureGroupAlert:
        """Make an alert on a feature group.

        Parameters:
            feature_store_id: Number of its feature store.
            feature_group_id: Its number.
            receiver: Name of the receiver who is told.
            status: What it waits for: `validation_success`, `validation_warning`, `validation_failure`,
                `monitoring_shift_undetected`, `monitoring_shift_detected` or `monitoring_empty_detection_window`.
            severity: `info`, `warning` or `critical`.

        Returns:
            The new alert.

        Raises:
            ValueError: There is no such status or severity, or the receiver is empty; nothing is sent.
            RestAPIError: The server refuses, for example because there is such an alert or no such receiver.

        Example:
            ```python
            alert = project.get_alerts_api().create_feature_group_alert(
                fs.id, trips.id, "oncall", status="validation_failure", severity="warning"
            )
            ```
        """
        from hopsworks.alert import FeatureGroupAlert

        place = _group(feature_store_id, feature_group_id)
        body = self._alert(receiver, alert_statuses.feature_group_status(status), severity)
        return _made(FeatureGroupAlert, self._call("feature_group_alert.create", body, **place))

    def get_feature_view_alerts(
        self, feature_store_id: int, feature_view_name: str, feature_view_version: int
    ) -> list[FeatureViewAlert]:
        """List the alerts on a feature view.

        Parameters:
            feature_store_id: Number of its feature store.
            feature_view_name: Its name.
            feature_view_version: Its version.

        Returns:
            The alerts.

        Raises:
            RestAPIError: There is no such feature view, or the server refuses.

        Example:
            ```python
            alerts = project.get_alerts_api().get_feature_view_alerts(fs.id, "trips", 1)
            ```
        """
        from hopsworks.alert import FeatureViewAlert

        place = _view(feature_store_id, feature_view_name, feature_view_version)
        return _all(FeatureViewAlert, self._call("feature_view_alert.list", **place))

    def get_feature_view_alert(
        self,
        feature_store_id: int,
        feature_view_name: str,
        feature_view_version: int,
        alert_id: int,
    ) -> FeatureViewAlert | None:
        """Get an alert on a feature view.

        Parameters:
            feature_store_id: Number of its feature store.
            feature_view_name: Its name.
            feature_view_version: Its version.
            alert_id: Number of the alert.

        Returns:
            The alert; None when the feature view has none of that number.

        Raises:
            RestAPIError: There is no such feature view, or the server refuses.

        Example:
            ```python
            alert = project.get_alerts_api().get_feature_view_alert(fs.id, "trips", 1, 3)
            ```
        """
        from hopsworks.alert import FeatureViewAlert

        place = _view(feature_store_id, feature_view_name, feature_view_version)
        found = self._call("feature_view_alert.get", id=_number(alert_id), **place)
        return _made(FeatureViewAlert, found)

    def create_feature_view_alert(
        self,
        feature_store_id: int,
        feature_view_name: str,
        feature_view_version: int,
        receiver: str,
        status: Literal[
            "monitoring_shift_undetected",
            "monitoring_shift_detected",
            "monitoring_empty_detection_window",
        ],
        severity: Literal["warning", "critical", "info"],
    ) -> FeatureViewAlert:
        """Make an alert on a feature view.

        Parameters:
            feature_store_id: Number of its feature store.
            feature_view_name: Its name.
            feature_view_version: Its version.
            receiver: Name of the receiver who is told.
            status: What it waits for: `monitoring_shift_undetected`, `monitoring_shift_detected` or
                `monitoring_empty_detection_window`.
            severity: `info`, `warning` or `critical`.

        Returns:
            The new alert.

        Raises:
            ValueError: There is no such status or severity, or a name is empty; nothing is sent.
            RestAPIError: The server refuses, for example because there is such an alert or no such receiver.

        Example:
            ```python
            alert = project.get_alerts_api().create_feature_view_alert(
                fs.id, "trips", 1, "oncall", status="monitoring_shift_detected", severity="warning"
            )
            ```
        """
        from hopsworks.alert import FeatureViewAlert

        place = _view(feature_store_id, feature_view_name, feature_view_version)
        body = self._alert(receiver, alert_statuses.feature_view_status(status), severity)
        return _made(FeatureViewAlert, self._call("feature_view_alert.create", body, **place))

    def _alert(self, receiver: str, status: str, severity: str) -> dict[str, Any]:
        return {
            "status": status,
            "severity": alert_statuses.severity(severity).upper(),
            "receiver": self._receiver_name(receiver),
        }


def _all(kind: Any, answer: Any) -> Any:
    return kind.from_response_json({"count": 0, **(answer or {})})


def _made(kind: Any, answer: Any) -> Any:
    return None if answer is None else kind.from_response_json(answer)


def _number(alert_id: Any) -> int:
    if not isinstance(alert_id, int) or isinstance(alert_id, bool):
        raise TypeError(
            f"alert_id must be the number of an alert, not {alert_id!r}; its attribute id tells it."
        )
    return alert_id


def _job(name: str) -> str:
    return checked_text(name, "job_name", "Pass the name of a job.")


def _group(feature_store_id: int, feature_group_id: int) -> dict[str, Any]:
    return {
        "feature_store_id": _known(feature_store_id, "feature_store_id"),
        "feature_group_id": _known(feature_group_id, "feature_group_id"),
    }


def _view(feature_store_id: int, name: str, version: int) -> dict[str, Any]:
    return {
        "feature_store_id": _known(feature_store_id, "feature_store_id"),
        "name": checked_text(name, "feature_view_name", "Pass the name of a feature view."),
        "version": _known(version, "feature_view_version"),
    }


def _known(number: Any, argument: str) -> int:
    if number is None:
        raise ValueError(f"{argument} is None. Pass that of something that has been saved.")
    return number
