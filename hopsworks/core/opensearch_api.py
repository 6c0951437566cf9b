"""What a client of the cluster's OpenSearch needs: address, token, certificates and the names of a project's indices."""

from __future__ import annotations

from hopsworks.constants import OPENSEARCH_CONFIG
from hopsworks.core.arguments import checked_text
from hopsworks.core.service import Service
from hopsworks.core.service_address import service_host

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


__all__ = ["OPENSEARCH_CONFIG", "OpenSearchApi"]

_PORT = 9200


class OpenSearchApi(Service):
    """The OpenSearch of one project; from :meth:`hopsworks.project.Project.get_opensearch_api`.

    Example:
        ```python
        from opensearchpy import OpenSearch

        opensearch_api = project.get_opensearch_api()
        client = OpenSearch(**opensearch_api.get_default_py_config())
        client.index(opensearch_api.get_project_index("clicks"), {"page": "/"})
        ```
    """

    __slots__ = ()

    def get_project_index(self, index: str) -> str:
        """The name of an index with that of the project before it, so that projects do not meet in one index.

        Parameters:
            index: Name of the index within the project.

        Returns:
            `<project>_<index>` in lower case.

        Raises:
            TypeError: If the name is no text.
            ValueError: If the name is empty.

        Example:
            ```python
            name = project.get_opensearch_api().get_project_index("clicks")
            ```
        """
        checked_text(index, "index", "Pass the name of an index.")
        return f"{self._session.project_name}_{index}".lower()

    def get_default_py_config(self, feature_store_id: int | None = None) -> dict[str, Any]:
        """Arguments for the constructor of `opensearchpy.OpenSearch`.

        They hold a token that the cluster accepts for some time; call again for a fresh one. The file of certificates
        exists as long as the connection is open.

        Parameters:
            feature_store_id: Accepted for compatibility; clusters have one OpenSearch for all feature stores.

        Returns:
            Value by name of argument.

        Raises:
            FeatureStoreException: If the server does not tell where its OpenSearch is, or has none.
            PermissionError: If the certificates cannot be written.
            RestAPIError: If the server hands out no token.

        Example:
            ```python
            from opensearchpy import OpenSearch

            client = OpenSearch(**project.get_opensearch_api().get_default_py_config())
            ```
        """
        from hopsworks import certificates

        session = self._session
        host = service_host(
            session,
            "rest.elastic",
            "opensearch",
            "OpenSearch",
            "The embedded server has no OpenSearch; on a cluster, ask an administrator to set the variable.",
        )
        token = session.scope.call("opensearch.token").get("token")
        authorities = certificates.project_certificates(session).path(certificates.CA_CHAIN)
        return {
            OPENSEARCH_CONFIG.HOSTS: [{"host": host, "port": _PORT}],
            OPENSEARCH_CONFIG.HTTP_COMPRESS: False,
            OPENSEARCH_CONFIG.HEADERS: {"Authorization": token or ""},
            OPENSEARCH_CONFIG.USE_SSL: True,
            OPENSEARCH_CONFIG.VERIFY_CERTS: True,
            # Its certificate names the service inside the cluster, not the load balancer.
            OPENSEARCH_CONFIG.SSL_ASSERT_HOSTNAME: False,
            OPENSEARCH_CONFIG.CA_CERTS: authorities,
        }
