"""From the settings of a connection to the native client that carries it out."""

from __future__ import annotations

from hopsworks import config
from hopsworks.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
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
    """
    from hopsworks import _native

    if settings.is_local:
        from hopsworks.local import lifecycle

        address = lifecycle.ensure_running(settings.local_data)
        client = _native.Client(
            "http://localhost",
            unix_socket=str(address.socket),
            headers={"Authorization": f"ApiKey {address.api_key}"},
            user_agent=f"hopsworks/{__version__}",
        )
        return client, address
    key = config.require_api_key(settings)
    verify = settings.hostname_verification or settings.trust_store_path is not None
    if not verify and settings.scheme == "https" and settings.host not in _warned_unverified:
        import warnings

        _warned_unverified.add(settings.host)
        warnings.warn(
            f"The certificate of {settings.host} is not verified: the API key can be read by whoever stands in "
            "between. Pass trust_store_path, or leave hostname_verification on.",
            stacklevel=4,
        )
    client = _native.Client(
        settings.base_url,
        headers={"Authorization": f"ApiKey {key}"},
        verify=verify,
        hostname_verification=settings.hostname_verification,
        trust_store=settings.trust_store_path,
        user_agent=f"hopsworks/{__version__}",
    )
    return client, None
