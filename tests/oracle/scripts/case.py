"""Runs one case under the official client or under ours.

    python case.py CONFIG.json CASE.py

CONFIG holds ``client``, ``host``, ``port``, ``api_key``, ``ca_file``, ``project`` and ``folder`` (a scratch folder).
The last line printed is a JSON object: what each step found, or the exception it ended with.
"""

import importlib.util
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

if CONFIG.pop("client") == "official":
    # It waits five seconds between two questions; what it asks is the same when it waits less.
    real_sleep = time.sleep
    time.sleep = lambda seconds: real_sleep(min(seconds, 0.02))


def step(name, call, error=None):
    """Mark the step, make the call and keep what it returns, or the exception when one is expected."""
    place = urllib.parse.quote(name, safe="")
    url = f"https://{CONFIG['host']}:{CONFIG['port']}/recorder/step/{place}"
    urllib.request.urlopen(url, context=TRUST).read()
    found = FOUND[name] = {"expected": error}
    try:
        found["value"] = call()
    except Exception as problem:
        # Ours may raise a subclass of what the official client raises.
        found["error"] = [kind.__name__ for kind in type(problem).__mro__]
        found["code"] = getattr(problem, "error_code", None)
        found["trace"] = traceback.format_exc()[-3000:]


def login():
    import hopsworks

    return hopsworks.login(
        host=CONFIG["host"],
        port=CONFIG["port"],
        project=CONFIG["project"],
        api_key_value=CONFIG["api_key"],
        hostname_verification=True,
        trust_store_path=CONFIG["ca_file"],
        cert_folder=os.path.join(CONFIG["folder"], "certificates"),
        engine="python",
    )


if __name__ == "__main__":
    spec = importlib.util.spec_from_file_location("case", sys.argv[2])
    case = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(case)
    projects = []
    step("login", lambda: projects.append(login()))
    if projects:
        case.run(projects[0], step, CONFIG)
    sys.stdout.write("\n" + json.dumps(FOUND, default=repr) + "\n")
    sys.stdout.flush()
