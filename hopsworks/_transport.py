"""From the settings of a connection to the native client that carries it out."""

from __future__ import annotations

from hopsworks import config, in_cluster
from hopsworks.client.exceptions import InternalClientError
from hopsworks.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hopsworks import _native
    from hopsworks.local.lifecycle import Address

# Hosts that were warned about once already.
_warned_unverified: set[str] = set()


def open_client(settings: config.Settings) -> tuple[_native.Client, Address | None]:
    """Open the native client of a connection; an embedded server is started when none runs.

    Parameters:
        settings: The resolved settings; a missing API key is asked for at the terminal.

    Returns:
        The client, and for an embedded server its address, which keeps it alive.

    Raises:
        ExternalClientError: If there is no API key and nobody to ask.
        InternalClientError: If something is missing that a cluster gives to its programs.
    """
    from hopsworks import _native

    limits = {name: getattr(settings, name) for name in config.TIMEOUTS}
    if settings.is_local:
        from hopsworks.local import lifecycle

        address = lifecycle.ensure_running(settings.local_data)
        client = _native.Client(
            "http://localhost",
            unix_socket=str(address.socket),
            headers={"Authorization": f"ApiKey {address.api_key}"},
            user_agent=f"hopsworks/{__version__}",
            **limits,
        )
        return client, address
    headers = None
    if settings.token_file is None:
        headers = {"Authorization": f"ApiKey {config.require_api_key(settings)}"}
    accepted = trust(settings)
    if not settings.hostname_verification:
        _warn_unverified(settings, accepted["verify"])
    client = _native.Client(
        settings.base_url,
        headers=headers,
        token_file=settings.token_file,
        **accepted,
        user_agent=f"hopsworks/{__version__}",
        **limits,
    )
    return client, None


def trust(settings: config.Settings) -> dict[str, Any]:
    """Which servers a connection trusts, as arguments of a native client.

    Parameters:
        settings: The settings of the connection.

    Raises:
        InternalClientError: If the cluster has not given its authorities to this program.
    """
    store, pem = _authorities(settings)
    return {
        "verify": settings.hostname_verification or store is not None,
        "hostname_verification": settings.hostname_verification,
        "trust_store": store,
        "trust_pem": pem,
    }


def _authorities(settings: config.Settings) -> tuple[str | None, bytes | None]:
    """The store of the authorities to trust, and its certificates where they are read here.

    Inside a cluster they are those of the container, unless the user names others.
    """
    if not settings.inside or settings.scheme != "https" or settings.trust_store_path is not None:
        return settings.trust_store_path, None
    try:
        material = in_cluster.find_material()
    except InternalClientError:
        if settings.hostname_verification:
            raise
        return None, None
    return material.trust_store, material.ca_chain()


def _warn_unverified(settings: config.Settings, verify: bool) -> None:
    """Say once for each host that its certificate is checked in part or not at all."""
    if settings.scheme != "https" or settings.host in _warned_unverified:
        return
    from hopsworks.user_warning import warn_user

    _warned_unverified.add(settings.host)
    if verify:
        text = (
            f"The certificate of {settings.host} is accepted for any host name, as hostname_verification is off; its "
            "authority is verified."
        )
    else:
        text = (
            f"The certificate of {settings.host} is not verified: the API key can be read by whoever stands in "
            "between. Pass trust_store_path, or leave hostname_verification on."
        )
    warn_user(text)
