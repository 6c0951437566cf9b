"""Times requests in one client. Run by the interpreter of ours or of the official client; both take the same lines.

    python requests_client.py PORT CA_FILE API_KEY COUNT_NARROW COUNT_WIDE COUNT_MODELS

prints one JSON object: seconds of each call, by what was called.
"""

import json
import logging
import sys
import tempfile
import time
import warnings


def timed(call, count):
    """Return the seconds of each call; the first, which may connect or import, is left out."""
    call()
    seconds = []
    for _ in range(count):
        started = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - started)
    return seconds


def main():
    port, ca_file, api_key, narrow, wide, models = sys.argv[1:]
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    import hopsworks

    with tempfile.TemporaryDirectory() as folder:
        project = hopsworks.login(
            host="127.0.0.1",
            port=int(port),
            project="bench",
            api_key_value=api_key,
            hostname_verification=True,
            trust_store_path=ca_file,
            cert_folder=folder,
            engine="python",
        )
        store = project.get_feature_store()
        registry = project.get_model_registry()
        assert len(store.get_feature_group("wide", version=1).features) == 1000
        assert len(registry.get_models("churn")) == 500
        result = {
            "narrow": timed(lambda: store.get_feature_group("narrow", version=1), int(narrow)),
            "wide": timed(lambda: store.get_feature_group("wide", version=1), int(wide)),
            "models": timed(lambda: registry.get_models("churn"), int(models)),
        }
        hopsworks.logout()
    sys.stdout.write("\n" + json.dumps(result))


main()
