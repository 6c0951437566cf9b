"""HopsFS from outside a cluster: its library is told through the environment of the process who writes, and through which hosts.

The library has no other way to be told. So the variables stand for as long as it works and no longer, and who writes to
another project meanwhile waits until they are free.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from urllib.parse import urlsplit

from hopsworks.certificates import project_certificates
from hopsworks.client.exceptions import FeatureStoreException

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Iterator

    from hopsworks.session import ProjectSession
    from hsfs.feature_group import FeatureGroup


@contextmanager
def reached(session: ProjectSession, group: FeatureGroup, location: str) -> Iterator[str]:
    """Let the library reach the table of a feature group.

    Inside a cluster the library finds out by itself.

    Parameters:
        session: The project and its connection.
        group: Whose table it is, for errors.
        location: Where the server says that the table is.

    Yields:
        The address of the table for the library.

    Raises:
        FeatureStoreException: If the cluster has no load balancers for it.
    """
    location = location.replace("hopsfs:/", "hdfs:/", 1)
    if session.connection.is_internal:
        yield location
        return
    namenode = session.variable("loadbalancer_external_domain_namenode")
    datanode = session.variable("loadbalancer_external_domain_datanode")
    if not namenode or not datanode:
        missing = "namenode" if not namenode else "datanode"
        raise FeatureStoreException(
            f"Cannot write the offline table of {group.name!r} from outside the cluster: the variable "
            f"loadbalancer_external_domain_{missing} is not set. Ask an administrator to set up the load balancers of HopsFS."
        )
    place = urlsplit(location)
    settings = {
        "PEMS_DIR": project_certificates(session).folder(),
        "HOPSFS_CLOUD_DATANODE_HOSTNAME_OVERRIDE": datanode,
        "LIBHDFS_DEFAULT_USER": f"{session.project_name}__{session.username}",
    }
    _environment.take(settings)
    try:
        yield f"hdfs://{namenode}:{place.port}{place.path}"
    finally:
        _environment.release()


class _Environment:
    """The variables of the library, which all who want the same values may have at once."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._users = 0
        self._settings: dict[str, str] = {}
        self._before: dict[str, str | None] = {}

    def take(self, settings: dict[str, str]) -> None:
        """Set the variables, after those who have other values are done."""
        with self._changed:
            self._changed.wait_for(lambda: self._users == 0 or self._settings == settings)
            if self._users == 0:
                self._settings = settings
                self._before = {name: os.environ.get(name) for name in settings}
                os.environ.update(settings)
            self._users += 1

    def release(self) -> None:
        """Put back what was there, when nobody else has the variables."""
        with self._changed:
            self._users -= 1
            if self._users == 0:
                for name, value in self._before.items():
                    if value is None:
                        os.environ.pop(name, None)
                    else:
                        os.environ[name] = value
                self._changed.notify_all()


_environment = _Environment()
