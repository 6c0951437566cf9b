"""Looking for a feature group in the feature stores that other projects share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hopsworks.client.exceptions import FeatureStoreException, RestAPIError
from hopsworks.resource_scope import scope_of

if TYPE_CHECKING:
    from hsfs.feature_store import FeatureStore


def refuse_if_shared(store: FeatureStore, name: str, version: int) -> None:
    """Raise FeatureStoreException when a shared feature store has a feature group that this one does not have."""
    call = scope_of(store).call
    for other in call("feature_store.list"):
        if other.featurestore_id == store.featurestore_id:
            continue
        try:
            found = call(
                "feature_group.get",
                feature_store_id=other.featurestore_id,
                name=name,
                version=version,
            )
        except RestAPIError:
            # A store that cannot be read does not have it for this user.
            continue
        if found is not None:
            raise FeatureStoreException(
                f"The feature group {name!r} version {version} is not in {store.featurestore_name!r}, but in the shared feature "
                f"store {other.featurestore_name!r}. Get it with "
                f"project.get_feature_store({other.featurestore_name!r}).get_feature_group({name!r}, version={version})."
            )
