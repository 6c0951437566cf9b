"""Makes calls of the Hub and tells what came of each; run by the interpreter of ours and of the official client.

    python calls.py URL < calls.json > outcomes.json

A call is ``[expression, settings]``: Python in which ``hub`` is a client with these settings, ``HubApiClient`` its class
and ``seen`` a list.
"""

import contextlib
import io
import json
import sys
import time

from auger.hub_api_client import HubApiClient


def outcome(url, expression, settings):
    waits, seen, written = [], [], io.StringIO()
    time.sleep = waits.append
    hub = HubApiClient(
        **{"hub_app_url": url, "optimizers_url": url + "/x", "token": "t", **settings}
    )
    found = {"call": expression}
    names = {"hub": hub, "HubApiClient": HubApiClient, "seen": seen}
    with contextlib.redirect_stdout(written):
        try:
            found["result"] = eval(expression, names)
        except HubApiClient.NetworkError as error:
            found["error"] = ["NetworkError", len(error.args), bool(error.args[0])]
            found["details"] = error.request_details
        except HubApiClient.BaseError as error:
            found["error"] = [type(error).__name__, error.args, str(error), repr(error)]
            found["details"] = error.request_details
            found["metadata"] = error.metadata() if len(error.args) > 1 else None
        except (TypeError, KeyError, AttributeError, RuntimeError) as error:
            found["error"] = [type(error).__name__]
    found.update(waits=waits, seen=seen, written=written.getvalue())
    return found


def main():
    # The result of a call need not be JSON: the counter, for example.
    outcomes = [outcome(sys.argv[1], *call) for call in json.load(sys.stdin)]
    sys.stdout.write(json.dumps(outcomes, default=lambda value: sorted(vars(value).items())))


main()
