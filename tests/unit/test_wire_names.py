"""The two spellings of names, as the official client has them."""

from __future__ import annotations

import pytest

from hopsworks.triggered_alert import TriggeredAlert
from hopsworks.wire_names import snake_case, snake_case_keys
from tools.tables.names import decamelize

SPELLINGS = {
    "projectId": "project_id",
    "inodeid": "inodeid",
    "isOldDockerImage": "is_old_docker_image",
    "kStore": "k_store",
    "numOfReplicas": "num_of_replicas",
    "caChain": "ca_chain",
    "generatorURL": "generatorurl",
    "generatorUrl": "generator_url",
    "maxUploadBatchSizeMB": "max_upload_batch_size_mb",
    "JSONDocument": "json_document",
    "s3Path": "s_3path",
    "apiV2Name": "api_v2name",
    "aB": "ab",
    "X1y2Z": "x1y2_z",
    "spark.driver.memory": "spark.driver.memory",
    "my-key": "my-key",
    "max_batch_size": "max_batch_size",
    "SUCCESS": "SUCCESS",
    "HOPS_START_TIME": "HOPS_START_TIME",
    "K": "K",
    "A1": "A1",
    "17": "17",
    "": "",
}


@pytest.mark.parametrize(("wire", "python"), SPELLINGS.items())
def test_a_key_has_the_spelling_of_the_official_client(wire: str, python: str) -> None:
    assert snake_case(wire) == python
    assert decamelize(wire) == python  # the tables are made with the same rule


def test_keys_are_spelled_at_any_depth_and_values_stay() -> None:
    given = {"oneKey": [{"HOPS_TOKEN": {"twoKeys": "someValue"}}]}
    assert snake_case_keys(given) == {"one_key": [{"HOPS_TOKEN": {"two_keys": "someValue"}}]}


def test_labels_of_alerts_that_are_all_capitals_stay() -> None:
    alert = TriggeredAlert.from_response_json({"labels": {"executionId": "3", "TEAM": "risk"}})
    assert alert.labels == {"execution_id": "3", "TEAM": "risk"}
