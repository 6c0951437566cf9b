"""What a feature view is made of before the server knows it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hopsworks.client.exceptions import FeatureStoreException
from hopsworks.resource_scope import scope_of
from hopsworks.user_warning import warn_user
from hsfs.constructor.query import Query
from hsfs.engine.new_feature_group import as_tags, refuse_unsupported
from hsfs.engine.reading import check_saved
from hsfs.feature import feature_name
from hsfs.feature_view import FeatureView
from hsfs.training_dataset_feature import TrainingDatasetFeature

if TYPE_CHECKING:
    from hsfs.feature_store_views import FeatureStoreViews

_UNSUPPORTED = {
    "transformation_functions": "transformation functions",
    "logging_enabled": "feature logging",
    "extra_log_columns": "feature logging",
    "logging_materialization_interval": "feature logging",
    "logging_transport": "feature logging",
}


def create(
    store: FeatureStoreViews,
    *,
    name: str,
    query: Query,
    version: int | None,
    description: str | None,
    labels: list[str] | None,
    inference_helper_columns: list[str] | None,
    training_helper_columns: list[str] | None,
    max_feature_age: timedelta | int | None,
    tags: Any,
    unsupported: dict[str, Any],
) -> FeatureView:
    """Check a feature view, register it and return it as the server has it."""
    refuse_unsupported("feature view", name, unsupported, _UNSUPPORTED)
    if not isinstance(query, Query):
        raise TypeError(
            f"The query of a feature view is a Query, not {type(query).__name__}. Start one with feature_group.select([…])."
        )
    check_saved(query)
    if query.is_time_travel():
        warn_user("A feature view always reads the newest data; as_of() of its query is ignored.")
    query.check_and_warn_ambiguous_features()
    view = FeatureView(
        name=name,
        query=query,
        featurestore_id=store.featurestore_id,
        featurestore_name=store.featurestore_name,
        version=version,
        description=description,
        labels=labels or [],
        inference_helper_columns=inference_helper_columns or [],
        training_helper_columns=training_helper_columns or [],
        max_feature_age=_age_in_seconds(max_feature_age),
        tags=as_tags(tags),
    )
    roles = (
        ("label", labels),
        ("inference_helper_column", inference_helper_columns),
        ("training_helper_column", training_helper_columns),
    )
    for role, columns in roles:
        chosen: dict[str, Any] = {role: True}
        for column in columns or ():
            feature, _, group = query._find(feature_name(column))
            view.features.append(TrainingDatasetFeature(feature.name, featuregroup=group, **chosen))
    scope = scope_of(store)
    created = scope.call("feature_view.create", view, feature_store_id=store.featurestore_id)
    if created.query is None:
        created.query = query
    return created


def _age_in_seconds(age: timedelta | int | None) -> int | None:
    if age is None:
        return None
    if isinstance(age, timedelta):
        age = int(age.total_seconds())
    elif not isinstance(age, int) or isinstance(age, bool):
        raise TypeError(
            f"max_feature_age is a timedelta or a number of seconds, not {type(age).__name__}."
        )
    if age <= 0:
        raise FeatureStoreException(
            f"max_feature_age is {age} seconds; no row would be young enough. Give a positive duration."
        )
    return age
