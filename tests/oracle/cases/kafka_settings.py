"""Settings of a Kafka client, on the stand-in, which has brokers to name."""

import os
import re

SERVER = "stand-in"


def brokers(outside):
    """Answer with the listeners that were asked for."""
    return {
        "brokers": ["1.2.3.4:9092", "1.2.3.5:9092"]
        if outside
        else ["broker.kafka.service.consul:9091"]
    }


ROUTES = {
    "GET project/119/kafka/clusterinfo": [brokers(True), brokers(False), brokers(True)],
}


def shown(settings):
    """Return the settings, with what the files of certificates hold instead of their paths."""
    found = dict(settings)
    for name in [name for name in found if name.endswith(".location")]:
        with open(found[name]) as file:
            found[name] = [
                os.path.basename(found[name]),
                *re.findall("BEGIN ([A-Z ]+)-", file.read()),
            ]
    return dict(sorted(found.items()))


def run(project, step, config):
    api = project.get_kafka_api()
    step("from here", lambda: shown(api.get_default_config()))
    step("inside", lambda: shown(api.get_default_config(internal_kafka=True)))
    step("outside", lambda: shown(api.get_default_config(internal_kafka=False)))
