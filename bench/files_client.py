"""Times uploads and downloads in one client. Run by the interpreter of ours or of the official client.

    python files_client.py PORT CA_FILE API_KEY FOLDER LARGE TARGET

prints one JSON object: seconds for the folder, the large file up and the large file down (where LARGE is not ``-``),
and the MiB that the client took above its baseline meanwhile.
"""

import json
import logging
import os
import sys
import tempfile
import time
import warnings

from measure import forget_peak, memory


def seconds(call, *args):
    started = time.perf_counter()
    call(*args)
    return time.perf_counter() - started


def main():
    port, ca_file, api_key, folder, large, target = sys.argv[1:]
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    os.environ["TQDM_DISABLE"] = "1"
    import hopsworks

    with tempfile.TemporaryDirectory() as certificates:
        project = hopsworks.login(
            host="127.0.0.1",
            port=int(port),
            project="bench",
            api_key_value=api_key,
            hostname_verification=True,
            trust_store_path=ca_file,
            cert_folder=certificates,
            engine="python",
        )
        files = project.get_dataset_api()
        small = os.path.join(folder, sorted(os.listdir(folder))[0])
        files.upload(small, "Resources")
        baseline = memory()
        forget_peak()
        found = {"folder": [seconds(files.upload, folder, "Resources")]}
        if large != "-":
            found["up"] = [seconds(files.upload, large, "Resources")]
            found["down"] = [seconds(files.download, "Resources/stored.bin", target)]
            assert os.path.getsize(target) == os.path.getsize(large)
            os.unlink(target)
        found["memory"] = [memory(peak=True) - baseline]
    sys.stdout.write("\n" + json.dumps(found))


main()
