"""Checks of the REST interface: address, connection, TLS, and what it says about key, project and version."""

from __future__ import annotations

import ssl

from hopsworks import in_cluster
from hopsworks.client.exceptions import (
    ForbiddenError,
    HopsworksSSLClientError,
    MalformedResponseError,
    RestAPIError,
    UnauthorizedError,
)
from hopsworks.diagnostics import probe
from hopsworks.diagnostics.report import FAILED, NOT_CHECKED, NOT_CONFIGURED, OK, Check
from hopsworks.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Generator, Iterator
    from typing import Any

    from hopsworks.diagnostics.target import Target

ADDRESS, CONNECTION, TLS = "REST address", "REST connection", "TLS"
VERSION, KEY, PROJECT = "REST version", "API key", "project"
NAMES = (ADDRESS, CONNECTION, TLS, VERSION, KEY, PROJECT)

_SOON_DAYS = 14
_NEW_TOKEN = "Start the job or notebook again, so that the cluster hands out a new one"


def check(target: Target) -> Iterator[Check]:
    """Check the REST interface of a host, and learn its project.

    Parameters:
        target: What is diagnosed; its project is filled in.

    Yields:
        One check for each of :data:`NAMES`, up to the first that makes the others pointless.
    """
    proxy = _proxy(target)
    if proxy:
        yield Check(
            ADDRESS, NOT_CHECKED, f"requests go through the proxy {proxy}, which looks the host up"
        )
        yield Check(CONNECTION, NOT_CHECKED, f"requests go through the proxy {proxy}")
        shown = "through the proxy"
    else:
        if not (yield from _reach(target)):
            return
        shown = ""
        if target.settings.scheme == "https":
            try:
                shown = _look(target)
            except OSError as error:
                yield _no_tls(target, error)
                return
    try:
        target.open()
        versions = target.call("variable.versions")
    except HopsworksSSLClientError as error:
        yield Check(TLS, FAILED, *_split(str(error)))
        return
    except UnauthorizedError:  # some hosts tell not even their version without a key
        yield _trusted(target, shown)
        yield Check(VERSION, NOT_CHECKED, "it is told only to those who have a valid API key")
        yield from ask_about_user(target)
        return
    except (RestAPIError, MalformedResponseError, OSError, ValueError) as error:
        if not (proxy and isinstance(error, OSError)):
            yield _trusted(target, shown)
        yield Check(
            VERSION,
            FAILED,
            f"{_place(target)} does not answer as the REST interface of Hopsworks: {error}",
            "Check host and port (HOPSWORKS_HOST, HOPSWORKS_PORT)",
        )
        return
    yield _trusted(target, shown)
    yield check_version(target, versions)
    yield from ask_about_user(target)


def ask_about_user(target: Target) -> Iterator[Check]:
    """Check key and project at an interface that answers."""
    settings = target.settings
    if not (settings.api_key or settings.token_file or settings.is_local):
        yield Check(
            KEY,
            FAILED,
            f"there is no API key for {settings.host}",
            "Run 'hopsworks login', set HOPSWORKS_API_KEY, or pass api_key_file",
        )
        return
    try:
        memberships = target.call("project.list") or []
    except UnauthorizedError as error:
        source = settings.sources.get("api_key", "")
        where = "" if source in ("", "argument", "default") else f" (from {source})"
        yield Check(
            KEY,
            FAILED,
            f"the server does not accept the {'token' if settings.token_file else 'API key'}{where}: {_said(error)}",
            _NEW_TOKEN
            if settings.token_file
            else f"Make a new one at {settings.base_url}/account/api/generated and run 'hopsworks login'",
        )
        return
    except ForbiddenError as error:
        yield Check(
            KEY,
            FAILED,
            f"the API key is known and may not list its projects: {_said(error)}",
            "Make a key with the scope PROJECT",
        )
        return
    names = {entry["project"]["name"]: entry["project"]["id"] for entry in memberships}
    user = next((entry["user"]["username"] for entry in memberships if entry.get("user")), None)
    message = "not needed: the socket belongs to you" if settings.is_local else "accepted"
    yield Check(KEY, OK, message + (f"; the user is {user}" if user else ""))
    yield _project(target, names)


def _project(target: Target, names: dict[str, int]) -> Check:
    wanted = target.wanted
    listed = ", ".join(sorted(names)[:10]) + (", …" if len(names) > 10 else "")
    if wanted is None and target.inside:  # only its number may be known there
        own = in_cluster.project_id()
        wanted = next((name for name, number in names.items() if number == own), None)
    if wanted is None and len(names) == 1:
        wanted = next(iter(names))
    if wanted is None:
        if not names:
            return Check(
                PROJECT, NOT_CONFIGURED, "there is none yet", "hopsworks.create_project() makes one"
            )
        return Check(
            PROJECT,
            NOT_CONFIGURED,
            f"none is chosen of {len(names)}: {listed}",
            "Set HOPSWORKS_PROJECT, or pass project",
        )
    if wanted not in names:
        return Check(
            PROJECT,
            FAILED,
            f"the API key sees no project {wanted}; it sees {listed or 'none'}",
            "Check the name, and that the owner of the key is a member",
        )
    target.project_name, target.project_id = wanted, names[wanted]
    return Check(PROJECT, OK, f"{wanted}, number {names[wanted]}")


def check_version(target: Target, versions: Any) -> Check:
    """Compare the release of the server with ours."""
    entries = versions if isinstance(versions, list) else []
    theirs = next(
        (str(e.get("version", "")) for e in entries if e.get("software") == "hopsworks"), ""
    )
    if not theirs:
        return Check(
            VERSION,
            FAILED,
            f"{_place(target)} does not tell a version of Hopsworks",
            "Check host and port (HOPSWORKS_HOST, HOPSWORKS_PORT)",
        )
    if theirs.split(".")[:2] != __version__.split(".")[:2]:
        release = ".".join(theirs.split(".")[:2])
        return Check(
            VERSION,
            FAILED,
            f"the server is {theirs}, this client is {__version__}; some calls may not work",
            f"pip install 'hopsworks=={release}.*'",
        )
    return Check(VERSION, OK, f"the server is {theirs}, this client {__version__}")


# ------------------------------------------------------------------------------------------------- the way there


def _reach(target: Target) -> Generator[Check, None, bool]:
    """Look the host up and connect to it; returns whether there is a connection."""
    settings = target.settings
    host, port = settings.host, settings.port
    deadline = probe.Deadline(target.seconds)
    try:
        found = probe.addresses(host, port)
    except OSError as error:
        yield Check(
            ADDRESS,
            FAILED,
            f"no address is known for the host {host} ({error.strerror or error})",
            f"Check its spelling (it comes from {_source(target, 'host')}) and the name service of this machine",
        )
        return False
    yield Check(
        ADDRESS,
        OK,
        f"{host}: no name to look up" if found == [host] else f"{host} is {', '.join(found)}",
    )
    deadline.renew()
    try:
        with probe.connect(host, port, deadline) as connection:
            peer = probe.place(*connection.getpeername()[:2])
    except OSError as error:
        what = f"host ({_source(target, 'host')}) and port ({_source(target, 'port')})"
        yield Check(
            CONNECTION,
            FAILED,
            f"{_place(target)} {probe.reason(error, deadline)}",
            f"Check {what}, and that no firewall is in the way",
        )
        return False
    yield Check(CONNECTION, OK, f"{peer} accepts connections")
    return True


def _look(target: Target) -> str:
    """The facts of the server's certificate."""
    shown = probe.certificate(
        target.settings.host, target.settings.port, probe.Deadline(target.seconds)
    )
    days = shown.days_left
    soon = days is not None and 0 <= days < _SOON_DAYS
    return f"{shown}{f'; it ends in {days} days' if soon else ''}"


def _no_tls(target: Target, error: OSError) -> Check:
    message = f"{_place(target)} {probe.reason(error, probe.Deadline(target.seconds))}"
    if isinstance(error, TimeoutError):
        message = f"{_place(target)} accepts connections and does not complete a TLS handshake within {target.seconds:g} s"
    elif not isinstance(error, ssl.SSLError):
        message += " to a TLS handshake" if message.endswith("an answer") else ""
    return Check(
        TLS,
        FAILED,
        message,
        f"Check that {target.settings.port} is the HTTPS port (it comes from {_source(target, 'port')})",
    )


def _trusted(target: Target, shown: str) -> Check:
    settings = target.settings
    if settings.scheme == "http":
        return Check(TLS, NOT_CONFIGURED, "plain HTTP to this machine, as the host says")
    if not settings.hostname_verification and settings.trust_store_path is None:
        return Check(
            TLS,
            OK,
            f"not verified, because hostname_verification is off; {shown}",
            "Leave it on, and name the authority of the cluster with trust_store_path",
        )
    checked = "verified" if settings.hostname_verification else "verified without the host name"
    against = f" with {settings.trust_store_path}" if settings.trust_store_path else ""
    return Check(TLS, OK, f"{checked}{against}; {shown}")


# -------------------------------------------------------------------------------------------------------- words


def _place(target: Target) -> str:
    return probe.place(target.settings.host, target.settings.port)


def _source(target: Target, name: str) -> str:
    source = target.settings.sources.get(name, "default")
    return {"default": "the default", "argument": "the argument"}.get(source, source)


def _said(error: RestAPIError) -> str:
    said = " ".join(part for part in (error._error_message, error.user_message) if part)
    code = f" (error code {error.error_code})" if error.error_code not in (None, "") else ""
    return (said or f"HTTP {error.response.status_code}") + code


def _split(text: str) -> tuple[str, str]:
    """A message of the core as finding and remedy."""
    import re

    found = re.search(r"SHA-256 [0-9a-fA-F:]+\. ", text) or re.search(r"; ", text)
    if found is None:
        return (
            text,
            "Name the authority of the cluster with trust_store_path or HOPSWORKS_TRUST_STORE_PATH",
        )
    rest = text[found.end() :]
    return text[: found.end()].rstrip(" ;."), rest[:1].upper() + rest[1:]


def _proxy(target: Target) -> str | None:
    """The proxy that a request to the host takes, without its user and password."""
    import urllib.request
    from urllib.parse import urlsplit

    proxies = urllib.request.getproxies_environment()
    proxy = proxies.get(target.settings.scheme) or proxies.get("all")
    if not proxy or urllib.request.proxy_bypass(target.settings.host):
        return None
    url = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    try:
        return probe.place(
            url.hostname or "", url.port or 1080 if "socks" in url.scheme else url.port or 80
        )
    except ValueError:
        return url.hostname or "of the environment"
