"""AWS on this machine: moto's server, and programs that run under a role there."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

REGION = "eu-north-1"
ROLE = "training-role"


class Aws:
    """The services of one account.

    Parameters:
        url: Address of moto's server.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.administrator = {
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_SESSION_TOKEN": "",
        }

    def client(self, service: str, region: str = REGION) -> Any:
        """A boto3 client of an administrator."""
        import boto3

        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    def variables(self, role: str | None = ROLE, region: str = REGION) -> dict[str, str]:
        """The variables of a program that runs under a role; None is a plain user."""
        found = {
            **self.administrator,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_DEFAULT_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        if role is not None:
            arn = f"arn:aws:iam::123456789012:role/{role}"
            answer = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="session")
            given = answer["Credentials"]
            found["AWS_ACCESS_KEY_ID"] = given["AccessKeyId"]
            found["AWS_SECRET_ACCESS_KEY"] = given["SecretAccessKey"]
            found["AWS_SESSION_TOKEN"] = given["SessionToken"]
        return found

    def put_parameter(self, key: str, role: str = ROLE, region: str = REGION) -> None:
        """Store a key in the parameter store."""
        self.client("ssm", region).put_parameter(
            Name=f"/hopsworks/role/{role}/type/api-key", Value=key, Type="SecureString"
        )

    def put_secret(self, text: str, role: str = ROLE, region: str = REGION) -> None:
        """Store a text in the secrets manager."""
        self.client("secretsmanager", region).create_secret(
            Name=f"hopsworks/role/{role}", SecretString=text
        )


@contextmanager
def serving() -> Iterator[Aws]:
    """An empty account, served until the block ends."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        url = f"http://{host}:{port}"
        # Accounts live in the process; an earlier one would still be there.
        urllib.request.urlopen(f"{url}/moto-api/reset", data=b"").read()
        yield Aws(url)
    finally:
        server.stop()
