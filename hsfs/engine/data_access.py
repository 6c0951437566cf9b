"""Which connections may touch data: with ``engine="training"`` there is metadata only."""

from __future__ import annotations

from hopsworks.client.exceptions import FeatureStoreException

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from hopsworks.session import ProjectSession


def require_data_access(session: ProjectSession, purpose: str) -> None:
    """Refuse to read or write rows on a connection for metadata only; nothing is sent.

    Parameters:
        session: The project and its connection.
        purpose: What the rows are wanted for, as in "read the feature view 'trips'".

    Raises:
        FeatureStoreException: If the engine of the connection is ``"training"``.
    """
    if session.connection.engine == "training":
        raise FeatureStoreException(
            f"engine='training' is for metadata only, so it cannot {purpose}. Connect with engine='python'."
        )
