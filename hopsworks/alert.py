"""Alerts: on a project, a job, a feature group or a feature view."""

from __future__ import annotations

import json

from hopsworks import _native
from hopsworks.core.alert_statuses import known_status
from hopsworks.core.collection import one_or_all

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class Alert(_native.Alert):
    """What every alert has: a status that it waits for, a severity and a receiver who is told.

    Alerts are made by :class:`hopsworks.core.alerts_api.AlertsApi` and by the `create_alert` methods of jobs,
    feature groups and feature views.

    Example:
        ```python
        for alert in project.get_alerts():
            text = f"{alert.status} ({alert.severity}) is told to {alert.receiver}"
        ```
    """

    __slots__ = ()

    _SHOWN: tuple[str, ...] = ("id", "status", "severity", "receiver", "created")

    @classmethod
    def from_response_json(cls, json_dict: Any, scope: Any = None) -> Any:
        """Make alerts of what a server sent.

        Parameters:
            json_dict: One alert, or a collection of them.
            scope: Not used; alerts make no requests.

        Returns:
            The alert, or a list for a collection.
        """
        return one_or_all(super().from_response_json, json_dict, scope)

    def _after_decode(self) -> None:
        if known_status(self.status) != self.status:
            self._set(status=known_status(self.status))

    def to_dict(self) -> dict[str, Any]:
        """The alert by the names of its attributes.

        Returns:
            dict: A value, or None, for each attribute but `alert_type`.
        """
        return {name: getattr(self, name) for name in self._SHOWN}

    def json(self) -> str:
        """The alert as JSON text.

        Returns:
            str: JSON of :meth:`to_dict`.
        """
        return json.dumps(self.to_dict())

    def __str__(self) -> str:
        return self.json()

    def __repr__(self) -> str:
        values = ", ".join(repr(value) for value in self.to_dict().values())
        return f"{type(self).__name__}({values})"


class ProjectAlert(Alert):
    """An alert on all jobs, or on all feature groups, of a project.

    Example:
        ```python
        alerts_api = project.get_alerts_api()
        alert = alerts_api.create_project_alert("oncall", status="job_failed", severity="critical", service="Jobs")
        assert alert.service == "JOBS"
        ```
    """

    __slots__ = ()

    NOT_FOUND_ERROR_CODE = 150078

    _SHOWN = (
        "id",
        "project_name",
        "status",
        "severity",
        "receiver",
        "created",
        "service",
        "threshold",
    )

    project_name = _native.Alert._project_name
    service = _native.Alert._service
    threshold = _native.Alert._threshold

    def __init__(
        self,
        id: int | None = None,
        project_name: str | None = None,
        status: str | None = None,
        alert_type: str | None = None,
        severity: str | None = None,
        receiver: str | None = None,
        created: str | None = None,
        service: str | None = None,
        threshold: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(id, status, alert_type, severity, receiver, created)
        self._set(_project_name=project_name, _service=service, _threshold=threshold)

    def to_dict(self) -> dict[str, Any]:
        """The alert by the names of its attributes, with its project, service and threshold.

        Returns:
            dict: A value, or None, for each attribute but `alert_type`.
        """
        return super().to_dict()


class JobAlert(Alert):
    """An alert on one job; :meth:`hopsworks.job.Job.create_alert` makes one.

    Example:
        ```python
        job = project.get_job_api().get_job("train")
        alert = job.create_alert("oncall", status="failed", severity="critical")
        assert alert.job_name == "train"
        ```
    """

    __slots__ = ()

    NOT_FOUND_ERROR_CODE = 130034

    _SHOWN = ("id", "job_name", "status", "severity", "receiver", "created", "threshold")

    job_name = _native.Alert._job_name
    threshold = _native.Alert._threshold

    def __init__(
        self,
        id: int | None = None,
        job_name: str | None = None,
        status: str | None = None,
        alert_type: str | None = None,
        severity: str | None = None,
        receiver: str | None = None,
        created: str | None = None,
        threshold: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(id, status, alert_type, severity, receiver, created)
        self._set(_job_name=job_name, _threshold=threshold)

    def to_dict(self) -> dict[str, Any]:
        """The alert by the names of its attributes, with its job and threshold.

        Returns:
            dict: A value, or None, for each attribute but `alert_type`.
        """
        return super().to_dict()


class FeatureGroupAlert(Alert):
    """An alert on one feature group; its `create_alert` makes one.

    Example:
        ```python
        trips = fs.get_feature_group("trips", version=1)
        alert = trips.create_alert("oncall", status="validation_failure", severity="warning")
        assert alert.feature_group_name == "trips"
        ```
    """

    __slots__ = ()

    NOT_FOUND_ERROR_CODE = 270155

    _SHOWN = (
        "id",
        "feature_store_name",
        "feature_group_id",
        "feature_group_name",
        "status",
        "severity",
        "receiver",
        "created",
    )

    feature_store_name = _native.Alert._feature_store_name
    feature_group_id = _native.Alert._feature_group_id
    feature_group_name = _native.Alert._feature_group_name

    def __init__(
        self,
        id: int | None = None,
        feature_store_name: str | None = None,
        feature_group_id: int | None = None,
        feature_group_name: str | None = None,
        status: str | None = None,
        alert_type: str | None = None,
        severity: str | None = None,
        receiver: str | None = None,
        created: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(id, status, alert_type, severity, receiver, created)
        self._set(
            _feature_store_name=feature_store_name,
            _feature_group_id=feature_group_id,
            _feature_group_name=feature_group_name,
        )

    def to_dict(self) -> dict[str, Any]:
        """The alert by the names of its attributes, with its feature group.

        Returns:
            dict: A value, or None, for each attribute but `alert_type`.
        """
        return super().to_dict()


class FeatureViewAlert(Alert):
    """An alert on one feature view; its `create_alert` makes one.

    Example:
        ```python
        view = fs.get_feature_view("trips", version=1)
        alert = view.create_alert("oncall", status="monitoring_shift_detected", severity="warning")
        assert alert.feature_view_version == 1
        ```
    """

    __slots__ = ()

    NOT_FOUND_ERROR_CODE = 270155

    _SHOWN = (
        "id",
        "feature_store_name",
        "feature_view_id",
        "feature_view_name",
        "feature_view_version",
        "status",
        "severity",
        "receiver",
        "created",
    )

    feature_store_name = _native.Alert._feature_store_name
    feature_view_id = _native.Alert._feature_view_id
    feature_view_name = _native.Alert._feature_view_name
    feature_view_version = _native.Alert._feature_view_version

    def __init__(
        self,
        id: int | None = None,
        feature_store_name: str | None = None,
        feature_view_id: int | None = None,
        feature_view_name: str | None = None,
        feature_view_version: int | None = None,
        status: str | None = None,
        alert_type: str | None = None,
        severity: str | None = None,
        receiver: str | None = None,
        created: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(id, status, alert_type, severity, receiver, created)
        self._set(
            _feature_store_name=feature_store_name,
            _feature_view_id=feature_view_id,
            _feature_view_name=feature_view_name,
            _feature_view_version=feature_view_version,
        )

    def to_dict(self) -> dict[str, Any]:
        """The alert by the names of its attributes, with its feature view.

        Returns:
            dict: A value, or None, for each attribute but `alert_type`.
        """
        return super().to_dict()
