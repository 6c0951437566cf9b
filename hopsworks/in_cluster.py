"""What a cluster tells the programs that run inside it: jobs, notebooks and deployments.

A container of a cluster has ``REST_ENDPOINT`` among its variables. Its token or key lies in the folder ``SECRETS_DIR``,
and the stores with the certificates of the project's user in the working folder or in ``MATERIAL_DIRECTORY``. The
token is renewed by the cluster; the native core reads it again when the service answers 401.
"""

from __future__ import annotations

import os

from hopsworks.client.exceptions import InternalClientError

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

REST_ENDPOINT = "REST_ENDPOINT"
TOKEN_FILE = "token.jwt"
KEY_FILE = "api.key"

# What a store or its password is called in the working folder, and behind the user's name in MATERIAL_DIRECTORY.
_KEY_STORE = ("k_certificate", "__kstore.jks")
_TRUST_STORE = ("t_certificate", "__tstore.jks")
_PASSWORD = ("material_passwd", "__cert.key")


def is_inside() -> bool:
    """Whether this program runs inside a cluster."""
    return REST_ENDPOINT in os.environ


def secrets() -> tuple[str | None, str | None]:
    """Where the credential of this container lies.

    Returns:
        Path of the token file, or path of the key file; the other is ``None``.

    Raises:
        InternalClientError: If there is neither.
    """
    folder = os.path.abspath(os.environ.get("SECRETS_DIR", ""))
    token, key = (os.path.join(folder, name) for name in (TOKEN_FILE, KEY_FILE))
    if os.path.exists(token):
        return token, None
    if os.path.exists(key):
        return None, key
    raise InternalClientError(
        f"Inside a cluster the credential is read from {TOKEN_FILE} or {KEY_FILE}, and the folder {folder} has neither "
        "of them. Set SECRETS_DIR to the folder that has; outside a cluster, unset REST_ENDPOINT."
    )


def project_id() -> int | None:
    """Number of the project that this container belongs to, from ``HOPSWORKS_PROJECT_ID``.

    Raises:
        InternalClientError: If the variable is not a number.
    """
    text = os.environ.get("HOPSWORKS_PROJECT_ID")
    if not text:
        return None
    if not text.strip().isdecimal():
        raise InternalClientError(
            f"The variable HOPSWORKS_PROJECT_ID is {text!r}; it must be the number of a project."
        )
    return int(text)


def project_name() -> tuple[str | None, str]:
    """Name of the project that this container belongs to, and the variable that tells it.

    Raises:
        InternalClientError: If no variable tells which project it is, by name or by number.
    """
    name = os.environ.get("HOPSWORKS_PROJECT_NAME")
    if name:
        return name, "HOPSWORKS_PROJECT_NAME"
    for variable in ("HADOOP_USER_NAME", "HDFS_USER"):
        user = os.environ.get(variable)
        if user:
            return user.split("__")[0], variable
    if project_id() is None:
        raise InternalClientError(
            "No variable tells which project this program belongs to. Set HOPSWORKS_PROJECT_NAME or HOPSWORKS_PROJECT_ID."
        )
    return None, "HOPSWORKS_PROJECT_ID"


class Material:
    """The stores of this container, with the certificates of the project's user.

    Attributes:
        key_store (str): Path of the key store.
        trust_store (str): Path of the trust store.
        password (str): Password of both. Never part of the repr.
    """

    __slots__ = ("key_store", "password", "trust_store")

    def __init__(self, key_store: str, trust_store: str, password: str) -> None:
        self.key_store = key_store
        self.trust_store = trust_store
        self.password = password

    def __repr__(self) -> str:
        return f"<Material {self.key_store}, {self.trust_store}>"

    def ca_chain(self) -> bytes:
        """The certificates that both stores trust, as PEM.

        Raises:
            InternalClientError: If a store cannot be read with the password.
        """
        from hopsworks import _native

        chain = b""
        for path in (self.key_store, self.trust_store):
            try:
                chain += _native.read_keystore(_content(path), self.password)[2]
            except ValueError as error:
                raise InternalClientError(
                    f"The store {path} cannot be used: {error}. Its password was read from the file beside it; start the "
                    "job or notebook again, so that the cluster hands out both anew."
                ) from None
        return chain


def find_material() -> Material:
    """Find the stores of this container.

    Returns:
        A :class:`Material`.

    Raises:
        InternalClientError: If one of the files is missing; the message names the places.
    """
    paths = []
    for names in (_KEY_STORE, _TRUST_STORE, _PASSWORD):
        places = _places(*names)
        found = next((place for place in places if os.path.exists(place)), None)
        if found is None:
            raise InternalClientError(
                f"Inside a cluster the certificates are read from files, and {' or '.join(places)} does not exist. Set "
                "MATERIAL_DIRECTORY and HADOOP_USER_NAME, or name the authorities with trust_store_path."
            )
        paths.append(found)
    # Editors end a file with a line break; no password does.
    return Material(paths[0], paths[1], _content(paths[2]).decode("utf-8").rstrip("\r\n"))


def _places(name: str, suffix: str) -> list[str]:
    places = [os.path.abspath(name)]
    user, folder = os.environ.get("HADOOP_USER_NAME"), os.environ.get("MATERIAL_DIRECTORY")
    if user and folder:
        places.append(os.path.join(os.path.abspath(folder), user + suffix))
    return places


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise InternalClientError(
            f"{path} cannot be read: {error.strerror}. It holds the certificates of this container."
        ) from error


def with_material(answer: dict[str, Any]) -> dict[str, Any]:
    """Put the stores of this container in the place of those that a cluster handed out.

    Parameters:
        answer: What the cluster answered when asked for the credentials of the project.

    Returns:
        The same with stores, password and authorities of this container, where it has them.
    """
    import base64

    try:
        material = find_material()
    except InternalClientError:  # the answer has stores too
        return answer
    return {
        **answer,
        "kStore": base64.b64encode(_content(material.key_store)).decode("ascii"),
        "tStore": base64.b64encode(_content(material.trust_store)).decode("ascii"),
        "password": material.password,
        "caChain": material.ca_chain().decode(),
    }
