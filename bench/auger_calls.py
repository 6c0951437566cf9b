"""Times calls of the Auger Hub. Run by the interpreter of ours or of the official client; both take the same lines.

    python auger_calls.py KIND URL COUNT

prints the seconds that COUNT calls take one after the other. KIND is ``ours``, ``official`` or ``session``: the same
requests by ``requests`` over one kept connection.
"""

import json
import sys
import time


def hub_calls(client_class, url):
    hub = client_class(hub_app_url=url, token="a-token-of-a-user")
    return lambda: hub.get_trial(7)


def session_calls(url):
    import requests

    session = requests.Session()
    headers = {"Content-Type": "application/json"}

    def call():
        body = json.dumps({"token": "a-token-of-a-user"})
        return session.request("get", f"{url}/api/v1/trials/7", data=body, headers=headers).json()

    return call


def main():
    kind, url, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if kind == "session":
        call = session_calls(url)
    elif kind == "ours":
        from hopsworks.auger import HubApiClient

        call = hub_calls(HubApiClient, url)
    else:
        from auger.hub_api_client import HubApiClient

        call = hub_calls(HubApiClient, url)
    assert call()["data"]["id"] == 7
    started = time.perf_counter()
    for _ in range(count):
        call()
    print(time.perf_counter() - started)


main()
