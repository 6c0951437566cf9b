"""The API key of a role, kept in a secret store of AWS; see the older connection factories."""

from __future__ import annotations

from hopsworks.client.exceptions import ExternalClientError


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
        ExternalClientError: If the program runs under no role, or the store has no key for it.
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
    try:
        arn = boto3.client("sts", **options).get_caller_identity()["Arn"]
        role = _role(arn)
        if store == "parameterstore":
            name = f"/hopsworks/role/{role}/type/api-key"
            answer = boto3.client("ssm", **options).get_parameter(Name=name, WithDecryption=True)
            return answer["Parameter"]["Value"]
        name = f"hopsworks/role/{role}"
        answer = boto3.client("secretsmanager", **options).get_secret_value(SecretId=name)
    except (BotoCoreError, ClientError) as error:
        raise ExternalClientError(
            "api_key_value",
            f"The {store} of AWS gave no key: {error}. Pass api_key_value or api_key_file, or set HOPSWORKS_API_KEY.",
        ) from error
    import json

    try:
        return json.loads(answer["SecretString"])["api-key"]
    except (KeyError, TypeError, ValueError):
        raise ExternalClientError(
            "api_key_value", f"The secret {name} has no field 'api-key'."
        ) from None


def _role(arn: str) -> str:
    """The role in an ARN such as ``arn:aws:sts::1:assumed-role/<role>/<session>``."""
    resource = arn.rpartition(":")[2].split("/")
    if resource[0] != "assumed-role" or len(resource) < 2:
        raise ExternalClientError(
            "api_key_value", f"{arn} is not an assumed role, so no key is stored for it."
        )
    return resource[1]
