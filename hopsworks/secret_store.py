"""The API key of a role, kept in a secret store of AWS; see the older connection factories.

boto3 is the optional package behind it (extra ``aws``); it is loaded when a key is read. Region, account and role are
those that boto3 finds: variables, ``~/.aws``, or the machine's own role, as on SageMaker.
"""

from __future__ import annotations

from hopsworks.client.exceptions import ExternalClientError

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

_FIELD = "api-key"
_OTHER_WAYS = "Pass api_key_value or api_key_file, or set the variable HOPSWORKS_API_KEY."


def is_installed() -> bool:
    """Whether boto3 is there; it is not loaded to find out."""
    from importlib.util import find_spec

    try:
        return find_spec("boto3") is not None
    except ValueError:
        return False


def read_api_key(store: str, region: str | None = "default") -> str:
    """Read the API key that belongs to the AWS role of this program.

    Parameters:
        store: ``"parameterstore"`` (parameter ``/hopsworks/role/<role>/type/api-key``) or ``"secretsmanager"``
            (field ``api-key`` of secret ``hopsworks/role/<role>``).
        region: AWS region; ``"default"`` is the region of the environment.

    Returns:
        The key.

    Raises:
        ImportError: If boto3 is not installed.
        ExternalClientError: If the program runs under no role, or the store has no key for it; the message names
            role, parameter or secret, and region.

    Example:
        ```python
        import hsfs

        connection = hsfs.connection("my.host", 443, "demo", secrets_store="secretsmanager", region_name="eu-north-1")
        ```
    """
    try:
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError as error:
        raise ImportError(
            f"secrets_store={store!r} needs boto3: pip install 'hopsworks[aws]'. "
            "Or pass api_key_value or api_key_file, or set HOPSWORKS_API_KEY."
        ) from error
    options = {} if region in (None, "default") else {"region_name": region}
    what = f"the {store} of AWS"
    try:
        session = boto3.session.Session(**options)
        where = f"in region {session.region_name}" if session.region_name else "in no region"
        what = f"the {store} of AWS {where}"
        role = _role(session.client("sts").get_caller_identity()["Arn"])
        if store == "parameterstore":
            name = f"/hopsworks/role/{role}/type/api-key"
            what = f"parameter {name} {where}"
            client = session.client("ssm")
            key = client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
        else:
            name = f"hopsworks/role/{role}"
            what = f"secret {name} {where}"
            client = session.client("secretsmanager")
            key = _field(client.get_secret_value(SecretId=name), what)
    except (BotoCoreError, ClientError) as error:
        raise _no_key(
            f"No API key could be read from {what}: {error}. Check region_name, and that the role may read it."
        ) from error
    key = key.strip()
    if not key:
        raise _no_key(f"The API key in {what} is empty.")
    return key


def _no_key(message: str) -> ExternalClientError:
    return ExternalClientError("api_key_value", f"{message} {_OTHER_WAYS}")


def _field(answer: dict[str, Any], what: str) -> str:
    """The key in the text of a secret, which is a JSON object."""
    import json

    try:
        found = json.loads(answer["SecretString"])[_FIELD]
    except (KeyError, TypeError, ValueError):
        found = None
    # The exception is not chained: it could carry the text of the secret.
    if not isinstance(found, str):
        raise _no_key(
            f'The {what} has no field {_FIELD!r}; store it as the JSON object {{"{_FIELD}": …}}.'
        )
    return found


def _role(arn: str) -> str:
    """The role in an ARN such as ``arn:aws:sts::1:assumed-role/<role>/<session>``."""
    resource = arn.rpartition(":")[2].split("/")
    if resource[0] != "assumed-role" or len(resource) < 2:
        raise _no_key(
            f"Keys in the secret stores of AWS belong to roles, and {arn} is not an assumed role."
        )
    return resource[1]
