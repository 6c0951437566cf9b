"""Receivers: who is told of alerts, by e-mail, Slack, PagerDuty or a webhook."""

from __future__ import annotations

import json

from hopsworks import _native
from hopsworks.core.collection import one_or_all

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class EmailConfig(_native.EmailConfig):
    """An e-mail address that alerts are sent to.

    Parameters:
        to (str): The address.
        send_resolved (bool): Whether it is also told when an alert is over.

    Raises:
        TypeError: The address is missing or no text.

    Example:
        ```python
        from hopsworks.alert_receiver import EmailConfig

        receiver = alerts_api.create_alert_receiver("oncall", email_configs=[EmailConfig("oncall@example.com")])
        ```
    """

    __slots__ = ()

    def __init__(self, to: str | None = None, send_resolved: bool = False) -> None:
        super().__init__(_text(to, "EmailConfig", "to"), send_resolved)


class SlackConfig(_native.SlackConfig):
    """A Slack channel that alerts are sent to.

    Parameters:
        channel (str): Name of the channel or user, such as `#alerts`.
        send_resolved (bool): Whether it is also told when an alert is over.

    Raises:
        TypeError: The channel is missing or no text.

    Example:
        ```python
        from hopsworks.alert_receiver import SlackConfig

        receiver = alerts_api.create_alert_receiver("team", slack_configs=[SlackConfig("#alerts")])
        ```
    """

    __slots__ = ()

    def __init__(self, channel: str | None = None, send_resolved: bool = False) -> None:
        super().__init__(_text(channel, "SlackConfig", "channel"), send_resolved)


class PagerDutyConfig(_native.PagerDutyConfig):
    """A PagerDuty service that alerts are sent to.

    Parameters:
        service_key (str): Integration key of the service.
        routing_key (str): Integration key of a rule set.
        send_resolved (bool): Whether it is also told when an alert is over.

    Raises:
        TypeError: A key is missing or no text.

    Example:
        ```python
        from hopsworks.alert_receiver import PagerDutyConfig

        config = PagerDutyConfig(service_key="s", routing_key="r", send_resolved=True)
        receiver = alerts_api.create_alert_receiver("duty", pagerduty_configs=[config])
        ```
    """

    __slots__ = ()

    def __init__(
        self,
        service_key: str | None = None,
        routing_key: str | None = None,
        send_resolved: bool = False,
    ) -> None:
        super().__init__(
            _text(service_key, "PagerDutyConfig", "service_key"),
            _text(routing_key, "PagerDutyConfig", "routing_key"),
            send_resolved,
        )


class WebhookConfig(_native.WebhookConfig):
    """An address that alerts are posted to.

    Parameters:
        url (str): The address.
        send_resolved (bool): Whether it is also told when an alert is over.

    Raises:
        TypeError: The address is missing or no text.

    Example:
        ```python
        from hopsworks.alert_receiver import WebhookConfig

        config = WebhookConfig("https://example.com/alerts")
        receiver = alerts_api.create_alert_receiver("hook", webhook_configs=[config])
        ```
    """

    __slots__ = ()

    def __init__(self, url: str | None = None, send_resolved: bool = False) -> None:
        super().__init__(_text(url, "WebhookConfig", "url"), send_resolved)


def _text(value: Any, kind: str, argument: str) -> str:
    # The value is not repeated: it may be a key.
    if not isinstance(value, str):
        raise TypeError(f"{kind} needs its {argument}: pass text, not {type(value).__name__}.")
    return value


class AlertReceiver(_native.AlertReceiver):
    """Somebody who is told of alerts; :class:`hopsworks.core.alerts_api.AlertsApi` makes and finds them.

    Example:
        ```python
        receiver = project.get_alerts_api().get_alert_receiver("oncall")
        addresses = [config.to for config in receiver.email_configs or ()]
        ```
    """

    __slots__ = ()

    NOT_FOUND_ERROR_CODE = 390003

    @classmethod
    def from_response_json(cls, json_dict: Any, scope: Any = None) -> Any:
        """Make receivers of what a server sent.

        Parameters:
            json_dict: One receiver, or a collection of them.
            scope: Not used; receivers make no requests.

        Returns:
            The receiver, or a list for a collection.
        """
        return one_or_all(super().from_response_json, json_dict, scope)

    def _after_decode(self) -> None:
        if self.pager_duty_configs is None:
            self._set(pager_duty_configs=self._pagerduty_configs)
        # Servers send empty lists or leave them out: either way there is none.
        self._set(**{name: None for name in _CONFIGS if not getattr(self, name)})

    def to_dict(self) -> dict[str, Any]:
        """The receiver by the names of its attributes, its addresses as they are sent.

        Returns:
            dict: `name`, and a list for each kind of address that the receiver has.
        """
        found: dict[str, Any] = {"name": self.name}
        for name in _CONFIGS:
            if configs := getattr(self, name):
                found[name] = [config.to_dict() for config in configs]
        return found

    def json(self) -> str:
        """The receiver as JSON text.

        Returns:
            str: JSON of :meth:`to_dict`.
        """
        return json.dumps(self.to_dict())

    def __str__(self) -> str:
        return f"AlertReceiver({self.name!r})"


_CONFIGS = ("email_configs", "slack_configs", "pager_duty_configs", "webhook_configs")
