"""Who is told of the alerts of a project: receivers, routes to them, and alerts that go off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hopsworks.core import alert_statuses
from hopsworks.core.arguments import checked_text
from hopsworks.core.polling import attempts
from hopsworks.core.service import Service

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Callable
    from typing import Any, Literal

    from hopsworks.alert_receiver import (
        AlertReceiver,
        EmailConfig,
        PagerDutyConfig,
        SlackConfig,
        WebhookConfig,
    )
    from hopsworks.triggered_alert import TriggeredAlert

_GLOBAL = "global-receiver__"
_WAIT_SECONDS = 120.0
_LONGEST_PAUSE = 5.0
_ROUTE_EXISTS = 390002
# What makes a receiver: its argument, the key in the request, how the cluster says that it is set up for it (a webhook
# needs nothing), and the class of an address.
_CHANNELS: dict[str, tuple[str, str | None, str]] = {
    "email_configs": ("emailConfigs", "emailConfigured", "EmailConfig"),
    "slack_configs": ("slackConfigs", "slackConfigured", "SlackConfig"),
    "pagerduty_configs": ("pagerDutyConfigs", "pagerDutyConfigured", "PagerDutyConfig"),
    "webhook_configs": ("webhookConfigs", None, "WebhookConfig"),
}


class AlertDelivery(Service):
    """The half of :class:`hopsworks.core.alerts_api.AlertsApi` that is about being told."""

    __slots__ = ()

    # -- receivers ---------------------------------------------------------------------------------

    def _receiver_name(self, name: str) -> str:
        """The full name of a receiver."""
        checked_text(name, "receiver", "Pass the name of a receiver, such as 'oncall'.")
        prefix = f"{self._session.project_name}__"
        return name if name.startswith((prefix, _GLOBAL)) else prefix + name

    def get_alert_receivers(self) -> list[AlertReceiver]:
        """List the receivers of the project and the global ones.

        Returns:
            The receivers.

        Raises:
            RestAPIError: The server refuses.

        Example:
            ```python
            names = [receiver.name for receiver in project.get_alerts_api().get_alert_receivers()]
            ```
        """
        return self._call("alert_receiver.list")

    def get_alert_receiver(self, name: str) -> AlertReceiver | None:
        """Get a receiver.

        Parameters:
            name: Its name.

        Returns:
            The receiver; None when there is none of that name.

        Raises:
            ValueError: The name is empty; nothing is sent.
            RestAPIError: The server refuses.

        Example:
            ```python
            receiver = project.get_alerts_api().get_alert_receiver("oncall")
            ```
        """
        return self._call("alert_receiver.get", name=self._receiver_name(name))

    def create_alert_receiver(
        self,
        name: str,
        email_configs: list[EmailConfig] | None = None,
        slack_configs: list[SlackConfig] | None = None,
        pagerduty_configs: list[PagerDutyConfig] | None = None,
        webhook_configs: list[WebhookConfig] | None = None,
    ) -> AlertReceiver:
        """Make a receiver with addresses of one kind, and wait until alerts can be sent to it.

        Parameters:
            name: Its name in the project.
            email_configs: E-mail addresses.
            slack_configs: Slack channels.
            pagerduty_configs: PagerDuty services.
            webhook_configs: Addresses that are posted to.

        Returns:
            The new receiver; its full name is `<project>__<name>`.

        Raises:
            TypeError: An address is neither of the class of its argument nor a dict of its fields; nothing is sent.
            ValueError: Addresses of no kind or of several kinds are given, or the name is empty or a global one;
                nothing is sent. Or the cluster is not set up for that kind of address.
            TimeoutError: It was made, and after two minutes the cluster does not know it yet.
            RestAPIError: The server refuses, for example because there is a receiver of that name.

        Example:
            ```python
            from hopsworks.alert_receiver import SlackConfig

            receiver = project.get_alerts_api().create_alert_receiver("team", slack_configs=[SlackConfig("#alerts")])
            ```
        """
        full_name = self._receiver_name(name)
        if full_name.startswith(_GLOBAL):
            raise ValueError(
                f"'{name}' is the name of a global receiver, which only an administrator can make. Choose a name "
                f"without '{_GLOBAL}'."
            )
        given = {
            "email_configs": email_configs,
            "slack_configs": slack_configs,
            "pagerduty_configs": pagerduty_configs,
            "webhook_configs": webhook_configs,
        }
        kinds = [argument for argument, configs in given.items() if configs]
        if len(kinds) != 1:
            found = " and ".join(kinds) or "none of them"
            raise ValueError(f"Pass exactly one of {', '.join(given)}; the call has {found}.")
        argument = kinds[0]
        addresses = _addresses(argument, given[argument])
        key, configured, _ = _CHANNELS[argument]
        channels = self._call("alert_receiver.channels") or {}
        if key == "pagerDutyConfigs" and configured not in channels:
            key, configured = "pagerdutyConfigs", "pagerdutyConfigured"  # servers of the 4.x line
        if configured is not None and not channels.get(configured):
            raise ValueError(
                f"The cluster is not set up for {argument}. Ask its administrator to configure the channel, or use "
                "another kind of address."
            )
        own_name = full_name.partition("__")[2]
        body = {"name": own_name} | {kind: None for kind, _, _ in _CHANNELS.values()}
        self._call("alert_receiver.create", body | {key: addresses})
        return self._await(
            f"The receiver '{full_name}' was made",
            lambda: next(
                (r for r in self._call("alert_receiver.list_own") if r.name == full_name), None
            ),
        )

    @staticmethod
    def _await(what: str, find: Callable[[], Any]) -> Any:
        """Ask at growing intervals until something is found."""
        for _ in attempts(_WAIT_SECONDS, _LONGEST_PAUSE):
            if found := find():
                return found
        raise TimeoutError(
            f"{what}, and the cluster does not know it after {_WAIT_SECONDS:.0f} s. It may still come: look at it "
            "again later, or ask the administrator for the state of the alert manager."
        )

    # -- alerts that go off ------------------------------------------------------------------------

    def get_triggered_alerts(
        self, active: bool = True, silenced: bool = False, inhibited: bool = False
    ) -> list[TriggeredAlert]:
        """List the alerts that have gone off and are not over.

        Parameters:
            active: With those that are told to their receivers.
            silenced: With those that are kept quiet by a silence.
            inhibited: With those that are kept quiet by another alert.

        Returns:
            The alerts.

        Raises:
            RestAPIError: The server refuses.

        Example:
            ```python
            names = [alert.labels["alertname"] for alert in project.get_alerts_api().get_triggered_alerts()]
            ```
        """
        return self._call(
            "triggered_alert.list", active=active, silenced=silenced, inhibited=inhibited
        )

    def trigger_alert(
        self,
        receiver_name: str,
        title: str,
        summary: str,
        description: str,
        severity: Literal["warning", "critical", "info"],
        status: str,
        name: str,
        generator_url: str | None = None,
        expire_after_sec: int | None = None,
    ) -> None:
        """Let an alert of your own go off.

        Alerts find their receiver by severity and status. Where no route leads there yet one is made, and the call
        waits until it works.

        Parameters:
            receiver_name: Name of the receiver who is told.
            title: Title of the message.
            summary: What happened, in a sentence.
            description: What happened, at length.
            severity: `info`, `warning` or `critical`.
            status: A word of your own for what happened, such as `script_failed`.
            name: Name of the alert.
            generator_url: Address of what caused it, for the message.
            expire_after_sec: After how many seconds it is over; None leaves that to the cluster.

        Raises:
            TypeError: A text is no text, or the seconds are no number; nothing is sent.
            ValueError: There is no such severity, name or status are empty, or the seconds are not above 0; nothing is
                sent. Or there is no such receiver.
            TimeoutError: A route was made, and after two minutes the cluster does not know it yet.
            RestAPIError: The server refuses.

        Example:
            ```python
            project.get_alerts_api().trigger_alert(
                "oncall",
                title="Late data",
                summary="No trips since noon.",
                description="The source answered with 503.",
                severity="warning",
                status="source_down",
                name="trips_late",
                expire_after_sec=3600,
            )
            ```
        """
        wanted = alert_statuses.severity(severity)
        checked_text(name, "name", "Pass a name for the alert.")
        checked_text(status, "status", "Pass a word for what happened, such as 'script_failed'.")
        texts = {"title": title, "summary": summary, "description": description}
        for argument, text in texts.items():
            if not isinstance(text, str):
                raise TypeError(f"{argument} must be text, not {type(text).__name__}.")
        begin, end = _span(expire_after_sec)
        receiver = self._receiver_name(receiver_name)
        if self._call("alert_receiver.get", name=receiver) is None:
            raise ValueError(
                f"There is no receiver '{receiver}', so nobody would be told. create_alert_receiver() makes one; "
                "get_alert_receivers() lists them."
            )
        if not receiver.startswith(_GLOBAL):
            self._lead_to(receiver, {"status": status, "severity": wanted, "api": "alerts-api"})
        labels = {"alertname": name, "severity": wanted, "status": status, "api": "alerts-api"}
        alert = {
            "labels": _pairs(labels),
            "annotations": _pairs(texts),
            "startsAt": begin,
            "endsAt": end,
            "generatorURL": generator_url,
        }
        self._call("triggered_alert.create", {"alerts": [alert]})

    def _lead_to(self, receiver: str, labels: dict[str, str]) -> None:
        """Make a route that leads alerts with the labels to a receiver, where there is none."""
        from hopsworks.client.exceptions import RestAPIError

        route = {
            "receiver": receiver,
            "status": labels["status"],
            "groupBy": ["..."],
            "match": _pairs(labels),
            "continue": True,
        }
        try:
            self._call("alert_route.create", route)
        except RestAPIError as error:
            # The same code stands for other refusals too.
            if error.error_code == _ROUTE_EXISTS and "already exists" in error.response.text:
                return
            raise
        self._await(
            f"A route for alerts of status '{labels['status']}' to the receiver '{receiver}' was made",
            lambda: any(
                found.get("receiver") == receiver
                and labels.items() <= (found.get("match") or {}).items()
                for found in (self._call("alert_route.list") or {}).get("items") or ()
            ),
        )


def _pairs(values: dict[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in values.items()]


def _addresses(argument: str, configs: Any) -> list[dict[str, Any]]:
    """The addresses of a receiver as they travel."""
    import hopsworks.alert_receiver as kinds

    name = _CHANNELS[argument][2]
    kind = getattr(kinds, name)
    if not isinstance(configs, (list, tuple)):
        raise TypeError(f"{argument} must be a list of {name}, not {type(configs).__name__}.")
    found = []
    for config in configs:
        if isinstance(config, dict):
            config = kind(**config)
        if not isinstance(config, kind):
            raise TypeError(f"{argument} must hold {name}, not {type(config).__name__}.")
        found.append(config.to_dict())
    return found


def _span(seconds: float | None) -> tuple[str | None, str | None]:
    """Beginning and end of an alert that is over after some seconds, as they travel."""
    if seconds is None:
        return None, None
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool):
        raise TypeError(f"expire_after_sec must be a number of seconds, not {seconds!r}.")
    if not seconds > 0:
        raise ValueError(f"expire_after_sec must be above 0, not {seconds!r}.")
    begin = datetime.now(UTC)
    try:
        end = begin + timedelta(seconds=seconds)
    except OverflowError:
        raise ValueError(f"expire_after_sec is too large: {seconds!r}.") from None
    return _wire_time(begin), _wire_time(end)


def _wire_time(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
