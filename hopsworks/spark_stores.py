"""Certificates on a Spark cluster outside of Hopsworks, such as Databricks: their places are in Spark's configuration.

With ``engine="spark"`` the Spark session needs the certificates before user code runs, so whoever set the cluster up has
put the stores there and named them in the configuration. Nothing is fetched, and nothing is removed at the end.
"""

from __future__ import annotations

from hopsworks.client.exceptions import FeatureStoreException

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

_TRUST_STORE = "spark.hadoop.hops.ssl.trustore.name"
_KEY_STORE = "spark.hadoop.hops.ssl.keystore.name"
_PASSWORD = "spark.hadoop.hops.ssl.keystores.passwd.name"

# What the configuration must say; None is any value.
REQUIRED = {
    _TRUST_STORE: None,
    _KEY_STORE: None,
    _PASSWORD: None,
    "spark.hadoop.hops.ssl.hostname.verifier": "ALLOW_ALL",
    "spark.hadoop.hops.ipc.server.ssl.enabled": "true",
    "spark.hadoop.hops.rpc.socket.factory.class.default": "io.hops.hadoop.shaded.org.apache.hadoop.net.HopsSSLSocketFactory",
    "spark.hadoop.client.rpc.ssl.enabled.protocol": "TLSv1.2",
    "spark.hadoop.fs.hopsfs.impl": "io.hops.hopsfs.client.HopsFileSystem",
    "spark.hadoop.hive.metastore.uris": None,
    "spark.sql.hive.metastore.jars": None,
    "spark.serializer": "org.apache.spark.serializer.KryoSerializer",
}


def require_spark(engine: str) -> None:
    """Check that pyspark is there, which every engine of Spark needs; it is not loaded to find out.

    Parameters:
        engine: Name of the engine.

    Raises:
        ModuleNotFoundError: If it is not installed.
    """
    import importlib.util
    import sys

    if "pyspark" in sys.modules or importlib.util.find_spec("pyspark") is not None:
        return
    raise ModuleNotFoundError(
        f"engine={engine!r} needs pyspark, which is not installed. Run this on a Spark cluster, install it with: "
        "pip install 'hopsworks[spark]', or connect with engine='python'.",
        name="pyspark",
    )


def configuration() -> dict[str, str]:
    """What the Spark session of this program says about Hopsworks; the session is made when there is none.

    Returns:
        The settings of :data:`REQUIRED`.

    Raises:
        FeatureStoreException: If one is missing or has another value; the message names it.
        ModuleNotFoundError: If pyspark is not installed.
    """
    require_spark("spark")
    from pyspark.sql import SparkSession

    conf = SparkSession.builder.enableHiveSupport().getOrCreate().conf
    found = {name: conf.get(name, None) for name in REQUIRED}
    for name, wanted in REQUIRED.items():
        if found[name] is None:
            raise FeatureStoreException(
                f"The Spark configuration lacks {name}. Set it in the configuration of the cluster to "
                f"{wanted or 'the value that the Hopsworks guide for Spark clusters gives'}, then start the cluster anew."
            )
        if wanted is not None and found[name] != wanted:
            raise FeatureStoreException(
                f"The Spark configuration has {name} = {found[name]}; it must be {wanted}. Set it in the configuration of "
                "the cluster, then start the cluster anew."
            )
    return found


def credentials() -> dict[str, Any]:
    """The stores that Spark's configuration names, in the form in which a cluster hands out credentials.

    Returns:
        A dict with ``kStore`` and ``tStore`` (base64) and ``password``.

    Raises:
        FeatureStoreException: If the configuration is not complete, or a file cannot be read; the message names it.
        ModuleNotFoundError: If pyspark is not installed.
    """
    import base64

    names = configuration()
    password = _content(_PASSWORD, names).decode("utf-8").rstrip("\r\n")
    return {
        "kStore": base64.b64encode(_content(_KEY_STORE, names)).decode("ascii"),
        "tStore": base64.b64encode(_content(_TRUST_STORE, names)).decode("ascii"),
        "password": password,
    }


def _content(name: str, names: dict[str, str]) -> bytes:
    path = names[name].removeprefix("file://")
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise FeatureStoreException(
            f"{path}, which the Spark configuration names in {name}, cannot be read: {error.strerror}. Put the file of the "
            "project there on every node."
        ) from error
