"""Credentials of AWS: from a session of boto3, variables, the shared files, a container or the machine.

boto3 is not required. It is asked where it is installed and a profile needs more than keys (roles, single sign-on).
"""

from __future__ import annotations

import os

from hopsworks.lakefs.exceptions import LakeFSException, NoAuthenticationFound

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Mapping
    from configparser import ConfigParser
    from typing import Any

CONTAINER_ADDRESS = "http://169.254.170.2"
MACHINE_ADDRESS = "http://169.254.169.254"
# Hosts that a container's credentials may be fetched from without TLS: loopback, and those of ECS and EKS.
_PLAIN_HOSTS = ("localhost", "127.0.0.1", "[::1]", "169.254.170.2", "169.254.170.23")
_METADATA_SECONDS = 1.0
_TOKEN_TTL = "21600"
# Keys of a profile that say that its credentials have to be fetched by boto3.
_BY_BOTO3 = (
    "role_arn",
    "sso_session",
    "sso_start_url",
    "credential_process",
    "web_identity_token_file",
)


class Credentials:
    """A key pair of AWS.

    Attributes:
        access_key (str): Its id.
        secret_key (str): Its secret.
        token (str | None): The session that it belongs to.
        region (str | None): Region of who has it.
    """

    __slots__ = ("access_key", "region", "secret_key", "token")

    def __init__(
        self, access_key: str, secret_key: str, token: str | None = None, region: str | None = None
    ) -> None:
        self.access_key = access_key
        self.secret_key = secret_key
        self.token = token
        self.region = region

    def __repr__(self) -> str:
        return f'Credentials(access_key="{self.access_key}", region={self.region!r})'


def find(session: Any = None) -> Credentials:
    """The credentials of this process.

    Parameters:
        session: A ``boto3.Session``, which alone is asked then; or None.

    Returns:
        Key pair and region.

    Raises:
        NoAuthenticationFound: If there are none.
    """
    if session is not None:
        return _of_session(session)
    profile = _profile()
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    region = region or profile.get("region")
    for source in (_of_variables, lambda: _of_profile(profile), _of_container, _of_machine):
        found = source()
        if found is not None:
            found.region = region or found.region
            return found
    raise NoAuthenticationFound(
        "no credentials of AWS: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile in"
        " ~/.aws/credentials, or run on a container or machine with a role"
    )


def _of_session(session: Any) -> Credentials:
    found = session.get_credentials()
    if found is None:
        raise NoAuthenticationFound("the boto3 session has no credentials")
    keys = found.get_frozen_credentials()
    return Credentials(keys.access_key, keys.secret_key, keys.token, session.region_name)


def _of_variables() -> Credentials | None:
    key, secret = os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_SECRET_ACCESS_KEY")
    if not key or not secret:
        return None
    return Credentials(key, secret, os.environ.get("AWS_SESSION_TOKEN") or None)


# --- shared files -------------------------------------------------------------------------------------------------


def _profile() -> dict[str, str]:
    """What both shared files say about the profile; the file of credentials wins."""
    name = os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE") or "default"
    section = name if name == "default" else f"profile {name}"
    made: dict[str, str] = {}
    for variable, path, part in (
        ("AWS_CONFIG_FILE", "~/.aws/config", section),
        ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", name),
    ):
        content = _shared_file(os.environ.get(variable) or path)
        if content.has_section(part):
            made.update(content.items(part))
    return made


def _shared_file(path: str) -> ConfigParser:
    from configparser import ConfigParser, Error

    content = ConfigParser(interpolation=None, default_section="")
    try:
        content.read(os.path.expanduser(path), encoding="utf-8")
        return content
    except (UnicodeDecodeError, OSError) as error:
        fault = str(error)
    except Error as error:
        # Its text shows the lines, which may hold a secret; so the error is raised outside of the handler.
        numbers = [number for number, _ in getattr(error, "errors", ())]
        numbers = numbers or [getattr(error, "lineno", None)]
        fault = (
            f"line {numbers[0]} is neither '[profile]' nor 'key = value' below one, or stands twice"
        )
    raise LakeFSException(f"{path} cannot be read: {fault}")


def _of_profile(profile: Mapping[str, str]) -> Credentials | None:
    key, secret = profile.get("aws_access_key_id"), profile.get("aws_secret_access_key")
    needed = [name for name in _BY_BOTO3 if profile.get(name)]
    if os.environ.get("AWS_WEB_IDENTITY_TOKEN_FILE") and os.environ.get("AWS_ROLE_ARN"):
        needed.append("AWS_WEB_IDENTITY_TOKEN_FILE")
    if needed:
        try:
            import boto3
        except ModuleNotFoundError:
            raise LakeFSException(
                f"the credentials of AWS come from {needed[0]}, which boto3 knows: pip install"
                " 'hopsworks[aws]'"
            ) from None
        return _of_session(boto3.Session())
    if not key or not secret:
        return None
    return Credentials(key, secret, profile.get("aws_session_token"))


# --- metadata -----------------------------------------------------------------------------------------------------


def _of_container() -> Credentials | None:
    relative = os.environ.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
    full = os.environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")
    if not relative and not full:
        return None
    address = f"{CONTAINER_ADDRESS}{relative}" if relative else str(full)
    scheme, _, rest = address.partition("://")
    host = rest.partition("/")[0]
    name = host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host
    if scheme != "https" and name not in _PLAIN_HOSTS:
        raise LakeFSException(
            f"AWS_CONTAINER_CREDENTIALS_FULL_URI names {host}, which is not asked without TLS"
        )
    headers = {}
    token = os.environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN")
    token_file = os.environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
    if token_file:
        with open(token_file, encoding="utf-8") as file:
            token = file.read().strip()
    if token:
        headers["Authorization"] = token
    return _received(_get(f"{scheme}://{host}", f"/{rest.partition('/')[2]}", headers))


def _of_machine() -> Credentials | None:
    if os.environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        return None
    address = os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT") or MACHINE_ADDRESS
    address = address.rstrip("/")
    token = _get(address, "/latest/api/token",
                 {"X-aws-ec2-metadata-token-ttl-seconds": _TOKEN_TTL}, verb="PUT")  # fmt: skip
    if token is None:
        return None
    headers = {"X-aws-ec2-metadata-token": token}
    folder = "/latest/meta-data/iam/security-credentials/"
    role = _get(address, folder, headers)
    if not role or not role.strip():
        return None
    found = _received(_get(address, folder + role.split("\n")[0].strip(), headers))
    if found is not None:
        found.region = _get(address, "/latest/meta-data/placement/region", headers)
    return found


def _received(content: str | None) -> Credentials | None:
    import json

    if content is None:
        return None
    try:
        keys = json.loads(content)
        return Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys.get("Token"))
    except (ValueError, KeyError, TypeError):
        raise LakeFSException("the service of AWS for credentials sent none") from None


def _get(origin: str, path: str, headers: dict[str, str], verb: str = "GET") -> str | None:
    """The content of an answer; None when nobody is there or answers with an error."""
    from hopsworks import _native

    try:
        with _native.Client(
            origin,
            proxy="",
            connect_timeout=_METADATA_SECONDS,
            read_timeout=_METADATA_SECONDS,
            retries=0,
            max_redirects=0,
            errors=_Unreachable,
        ) as client:
            answer = client.request(verb, path, headers=headers)
    except _Unreachable:
        return None
    return answer.content.decode("utf-8", "replace") if answer.status == 200 else None


class _Unreachable(Exception):
    """Nobody is there; what the core knows is kept for the traceback."""

    def __init__(self, *known: Any, **more: Any) -> None:
        super().__init__(*known)
