"""Alerts on feature groups and feature views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from hopsworks.client.exceptions import FeatureStoreException
from hopsworks.resource_scope import scope_of

if TYPE_CHECKING:
    from hopsworks.alert import FeatureGroupAlert, FeatureViewAlert
    from hopsworks.core.alerts_api import AlertsApi


class FeatureGroupAlerting:
    """The methods of a feature group about its alerts."""

    __slots__ = ()

    def get_alerts(self) -> list[FeatureGroupAlert]:
        """List the alerts on the feature group.

        Returns:
            The alerts.

        Raises:
            FeatureStoreException: The feature group has not been saved; nothing is sent.
            RestAPIError: The server refuses.

        Example:
            ```python
            statuses = [alert.status for alert in fg.get_alerts()]
            ```
        """
        return _api(self).get_feature_group_alerts(*_place_of_group(self))

    def get_alert(self, alert_id: int) -> FeatureGroupAlert | None:
        """Get an alert on the feature group.

        Parameters:
            alert_id: Number of the alert.

        Returns:
            The alert; None when the feature group has none of that number.

        Raises:
            FeatureStoreException: The feature group has not been saved; nothing is sent.
            RestAPIError: The server refuses.

        Example:
            ```python
            alert = fg.get_alert(3)
            ```
        """
        return _api(self).get_feature_group_alert(*_place_of_group(self), alert_id)

    def create_alert(
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
    ) -> FeatureGroupAlert:
        """Let a receiver be told of the validation and monitoring of the feature group.

        Parameters:
            receiver: Name of the receiver.
            status: What to tell: `validation_success`, `validation_warning`, `validation_failure`,
                `monitoring_shift_undetected`, `monitoring_shift_detected` or `monitoring_empty_detection_window`.
            severity: `info`, `warning` or `critical`.

        Returns:
            The new alert.

        Raises:
            FeatureStoreException: The feature group has not been saved; nothing is sent.
            ValueError: There is no such status or severity, or the receiver is empty; nothing is sent.
            RestAPIError: The server refuses, for example because there is such an alert or no such receiver.

        Example:
            ```python
            alert = fg.create_alert("oncall", status="validation_failure", severity="warning")
            ```
        """
        place = _place_of_group(self)
        return _api(self).create_feature_group_alert(*place, receiver, status, severity)


class FeatureViewAlerting:
    """The methods of a feature view about its alerts."""

    __slots__ = ()

    def get_alerts(self) -> list[FeatureViewAlert]:
        """List the alerts on the feature view.

        Returns:
            The alerts.

        Raises:
            FeatureStoreException: The feature view has not been saved; nothing is sent.
            RestAPIError: The server refuses.

        Example:
            ```python
            statuses = [alert.status for alert in fv.get_alerts()]
            ```
        """
        return _api(self).get_feature_view_alerts(*_place_of_view(self))

    def get_alert(self, alert_id: int) -> FeatureViewAlert | None:
        """Get an alert on the feature view.

        Parameters:
            alert_id: Number of the alert.

        Returns:
            The alert; None when the feature view has none of that number.

        Raises:
            FeatureStoreException: The feature view has not been saved; nothing is sent.
            RestAPIError: The server refuses.

        Example:
            ```python
            alert = fv.get_alert(3)
            ```
        """
        return _api(self).get_feature_view_alert(*_place_of_view(self), alert_id)

    def create_alert(
        self,
        receiver: str,
        status: Literal[
            "monitoring_shift_undetected",
            "monitoring_shift_detected",
            "monitoring_empty_detection_window",
        ],
        severity: Literal["warning", "critical", "info"],
    ) -> FeatureViewAlert:
        """Let a receiver be told of the monitoring of the feature view.

        Parameters:
            receiver: Name of the receiver.
            status: What to tell: `monitoring_shift_undetected`, `monitoring_shift_detected` or
                `monitoring_empty_detection_window`.
            severity: `info`, `warning` or `critical`.

        Returns:
            The new alert.

        Raises:
            FeatureStoreException: The feature view has not been saved; nothing is sent.
            ValueError: There is no such status or severity, or the receiver is empty; nothing is sent.
            RestAPIError: The server refuses, for example because there is such an alert or no such receiver.

        Example:
            ```python
            alert = fv.create_alert("oncall", status="monitoring_shift_detected", severity="warning")
            ```
        """
        place = _place_of_view(self)
        return _api(self).create_feature_view_alert(*place, receiver, status, severity)


def _api(entity: Any) -> AlertsApi:
    from hopsworks.core.alerts_api import AlertsApi

    return AlertsApi(scope_of(entity).context)


def _saved(entity: Any, kind: str) -> Any:
    if entity.id is None:
        raise FeatureStoreException(
            f"The {kind} {entity.name!r} has not been saved, so it has no alerts. Save it first."
        )
    return entity


def _place_of_group(group: Any) -> tuple[int, int]:
    saved = _saved(group, "feature group")
    return saved.featurestore_id, saved.id


def _place_of_view(view: Any) -> tuple[int, str, int]:
    saved = _saved(view, "feature view")
    return saved.featurestore_id, saved.name, saved.version
