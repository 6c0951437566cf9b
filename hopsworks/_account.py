"""The handles on what belongs to the logged-in user and to no project."""

from __future__ import annotations

from hopsworks._login import get_connection

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from hopsworks.core.env_var_api import EnvVarsApi
    from hopsworks.core.secret_api import SecretsApi
    from hopsworks.core.users_api import UsersApi


def get_secrets_api() -> SecretsApi:
    """The secrets of the logged-in user.

    Returns:
        A :class:`hopsworks.core.secret_api.SecretsApi`.

    Raises:
        NoHopsworksConnectionError: If nobody is logged in.

    Example:
        ```python
        import hopsworks

        hopsworks.login(host="local")
        names = [secret.name for secret in hopsworks.get_secrets_api().get_secrets()]
        ```
    """
    from hopsworks.core.secret_api import SecretsApi

    return SecretsApi(get_connection()._scope().context)


def get_env_vars_api() -> EnvVarsApi:
    """The environment variables of the logged-in user's account.

    Returns:
        A :class:`hopsworks.core.env_var_api.EnvVarsApi`.

    Raises:
        NoHopsworksConnectionError: If nobody is logged in.

    Example:
        ```python
        import hopsworks

        hopsworks.login(host="local")
        hopsworks.get_env_vars_api().set_env_var("HF_TOKEN", "hf_123")
        ```
    """
    from hopsworks.core.env_var_api import EnvVarsApi

    return EnvVarsApi(get_connection()._scope().context)


def get_users_api() -> UsersApi:
    """The users of the cluster, for its administrators.

    Returns:
        A :class:`hopsworks.core.users_api.UsersApi`.

    Raises:
        NoHopsworksConnectionError: If nobody is logged in.

    Example:
        ```python
        import hopsworks

        hopsworks.login()
        emails = [user.email for user in hopsworks.get_users_api().get_users()]
        ```
    """
    from hopsworks.core.users_api import UsersApi

    return UsersApi(get_connection()._scope().context)


# Their public home is the package; this module is only where they are written.
for _function in (get_secrets_api, get_env_vars_api, get_users_api):
    _function.__module__ = "hopsworks"
