"""The place of :class:`hopsworks.core.kafka_api.KafkaApi` in ``hsfs``."""

from hopsworks.core.kafka_api import KafkaApi

__all__ = ["KafkaApi"]
