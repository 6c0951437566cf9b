"""Commits to the offline table of a feature group."""

from __future__ import annotations

from hopsworks import _native


class FeatureGroupCommit(_native.FeatureGroupCommit):
    """One commit to the offline table of a feature group.

    Commits are listed by `FeatureGroup.commit_details`.

    Example:
        ```python
        from hsfs.feature_group_commit import FeatureGroupCommit

        commit = FeatureGroupCommit(commitid=1700000000000, rows_inserted=3)
        assert commit.rows_inserted == 3
        ```
    """

    NOT_FOUND_ERROR_CODE = 270227
