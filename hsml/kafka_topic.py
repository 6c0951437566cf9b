"""Kafka topics under the name that model code has always used."""

from hopsworks.kafka_topic import KafkaTopic  # noqa: F401
