"""Runs either client as a program inside a cluster, through tokens that run out.

    python inside.py CONFIG.json

CONFIG holds ``client``, ``url`` of the cluster, ``variables`` of the container, ``ca_file`` and ``folder``. The last line
printed is a JSON object: what each step found, or the exception it ended with.
"""

import json
import logging
import os
import ssl
import sys
import time
import traceback
import urllib.parse
import urllib.request
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
with open(sys.argv[1]) as given:
    CONFIG = json.load(given)
FOUND = {}
TRUST = ssl.create_default_context(cafile=CONFIG["ca_file"])
os.environ.update(CONFIG["variables"])

if CONFIG["client"] == "official":
    # It doubles its pauses from 0.6 s on; what it asks is the same when it waits less.
    real_sleep = time.sleep
    time.sleep = lambda seconds: real_sleep(min(seconds, 0.02))
    from hopsworks_common.client.hopsworks import Client

    # These lie in /tmp itself, where they would outlive the run.
    for name, file in (
        ("_get_ca_chain_path", "ca_chain.pem"),
        ("_get_client_cert_path", "client_cert.pem"),
        ("_get_client_key_path", "client_key.pem"),
    ):
        place = os.path.join(CONFIG["folder"], file)
        setattr(Client, name, lambda self, place=place: place)


def tell(path):
    urllib.request.urlopen(f"{CONFIG['url']}/recorder/{path}", context=TRUST).read()


def step(name, call):
    tell(f"step/{urllib.parse.quote(name, safe='')}")
    found = FOUND[name] = {}
    try:
        found["value"] = call()
    except Exception as problem:
        found["error"] = [kind.__name__ for kind in type(problem).__mro__]
        found["trace"] = traceback.format_exc()[-3000:]


def main():
    import hopsworks

    projects = []
    step("login", lambda: projects.append(hopsworks.login(hostname_verification=True)))
    if not projects:
        return
    project = projects[0]
    step("project", lambda: [project.name, project.id, project.get_url()])
    secrets = hopsworks.get_secrets_api()
    step("read", lambda: [secret.name for secret in secrets.get_secrets()])
    kafka, opensearch = project.get_kafka_api(), project.get_opensearch_api()
    step("brokers inside", lambda: kafka.get_default_config()["bootstrap.servers"])
    step("brokers outside", lambda: kafka.get_default_config(False)["bootstrap.servers"])
    step("opensearch inside", lambda: opensearch.get_default_py_config()["hosts"])
    tell("expire")
    step("read with a new token", lambda: [secret.name for secret in secrets.get_secrets()])
    tell("expire")
    step("write with a new token", lambda: secrets.create_secret("warehouse", "s3cr3t").name)
    tell("expire-late")
    step("wait for a token", lambda: [secret.name for secret in secrets.get_secrets()])
    step("go on", lambda: [secret.name for secret in secrets.get_secrets()])


main()
sys.stdout.write("\n" + json.dumps(FOUND) + "\n")
sys.stdout.flush()
