"""Log-in with an identity of AWS: a signed question to AWS proves it, lakeFS asks it and gives a token."""

from __future__ import annotations

from hopsworks.lakefs import aws_credentials
from hopsworks.lakefs.client import received_token
from hopsworks.lakefs.exceptions import ValidationError

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from datetime import datetime
    from typing import Any

    from hopsworks.lakefs.aws_credentials import Credentials
    from hopsworks.lakefs.client import Client
    from hopsworks.lakefs.config import ClientConfig

DEFAULT_REGION = "us-east-1"
GLOBAL_HOST = "sts.amazonaws.com"
ALGORITHM = "AWS4-HMAC-SHA256"
SERVER_ID = "X-LakeFS-Server-ID"
# A new log-in is made so long before the token ends.
MARGIN_SECONDS = 300


def access_token_from_aws_iam_role(
    client: Client, lakefs_host: str, session: Any, settings: ClientConfig.AWSIAMProviderConfig
) -> tuple[str, datetime]:
    """Log in with an identity of AWS.

    Parameters:
        client: Who asks.
        lakefs_host: Host name of the lakeFS server, which the proof is meant for.
        session: A ``boto3.Session``, or None for the credentials of this process.
        settings: How long token and proof are to hold, and what is signed with the proof.

    Returns:
        The token, and when the next log-in is due.

    Raises:
        NotAuthorizedException: If the server does not accept the identity.
        NoAuthenticationFound: If there are no credentials of AWS.
    """
    from datetime import UTC, datetime, timedelta

    proof = identity_token(
        aws_credentials.find(session),
        lakefs_host,
        settings.url_presign_ttl_seconds,
        settings.token_request_headers,
        datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"),
    )
    body = {
        "token_expiration_duration": settings.token_ttl_seconds,
        "identityRequest": {"identity_token": proof},
    }
    answer = client._ask("lakefs.login.external", body)
    seconds = settings.token_ttl_seconds - MARGIN_SECONDS
    return received_token(answer), datetime.now(UTC) + timedelta(seconds=seconds)


def identity_token(
    credentials: Credentials,
    lakefs_host: str,
    seconds: int,
    additional_headers: dict[str, str] | None,
    date: str,
) -> str:
    """The proof of an identity: the parts of a signed question to the token service of AWS who asks.

    Parameters:
        credentials: Whose identity.
        lakefs_host: Host name of the lakeFS server.
        seconds: How long the proof is to hold.
        additional_headers: What is signed in place of the server's host name.
        date: The moment, as in ``20260101T120000Z``.

    Returns:
        JSON in base64.
    """
    import json
    from base64 import b64encode

    from hopsworks import _native

    host = token_service(credentials.region)
    region = DEFAULT_REGION if host == GLOBAL_HOST else str(credentials.region)
    headers = {SERVER_ID: lakefs_host} if additional_headers is None else additional_headers
    signed = [("host", host), *((name.lower(), str(value)) for name, value in headers.items())]
    names = sorted(name for name, _ in signed)
    query = [
        ("Action", "GetCallerIdentity"),
        ("Version", "2011-06-15"),
        ("X-Amz-Algorithm", ALGORITHM),
        ("X-Amz-Credential", f"{credentials.access_key}/{date[:8]}/{region}/sts/aws4_request"),
        ("X-Amz-Date", date),
        ("X-Amz-Expires", str(seconds)),
        ("X-Amz-SignedHeaders", ";".join(names)),
    ]
    if credentials.token:
        query.append(("X-Amz-Security-Token", credentials.token))
    signature = _native.sigv4_signature(
        "POST", "/", query, signed, secret=credentials.secret_key, date=date, region=region,
        service="sts",
    )  # fmt: skip
    proof = {
        "method": "POST",
        "host": host,
        "region": region,
        "action": "GetCallerIdentity",
        "date": date,
        "expiration_duration": str(seconds),
        "access_key_id": credentials.access_key,
        "signature": signature,
        "signed_headers": names,
        "version": "2011-06-15",
        "algorithm": ALGORITHM,
        "security_token": credentials.token,
    }
    return b64encode(json.dumps(proof).encode()).decode()


def token_service(region: str | None) -> str:
    """Host name of the token service of AWS in a region.

    Parameters:
        region: The region, or None for the global service.

    Returns:
        The host name.
    """
    if not region or region == "aws-global":
        return GLOBAL_HOST
    return f"sts.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"


def endpoint_host(address: str) -> str:
    """The host name in an address, without its port.

    Parameters:
        address: Address of the lakeFS API.

    Returns:
        The host name.

    Raises:
        ValidationError: If there is none.
    """
    from urllib.parse import urlsplit

    host = urlsplit(address).hostname
    if not host:
        raise ValidationError(
            "a log-in with an identity of AWS needs the lakeFS endpoint: set"
            " LAKECTL_SERVER_ENDPOINT_URL, or server.endpoint_url in the file of lakectl"
        )
    return host
