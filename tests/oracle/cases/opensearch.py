"""The way to OpenSearch, on the stand-in."""

import os
import re

SERVER = "stand-in"
ROUTES = {
    "GET elastic/jwt/119": [
        {"token": "Bearer abc", "kibanaUrl": "https://kibana", "projectName": "demo"}
    ],
    "GET variables/loadbalancer_external_domain_opensearch": [
        (404, {"errorCode": 100050, "errorMsg": "Variable not found."}),
        {"successMessage": "search.example.com"},
    ],
    "GET variables/service_discovery_domain": [{"successMessage": "consul"}],
}


def shown(settings):
    """Return the settings, with what the file of certificates holds instead of its path."""
    with open(settings["ca_certs"]) as file:
        inside = re.findall("BEGIN ([A-Z ]+)-", file.read())
    return {**settings, "ca_certs": [os.path.basename(settings["ca_certs"]), *inside]}


def run(project, step, config):
    api = project.get_opensearch_api()
    step("index", lambda: api.get_project_index("Clicks"))
    step("no address", lambda: api.get_default_py_config(), error="FeatureStoreException")
    step("settings", lambda: shown(api.get_default_py_config()))
    step("of a feature store", lambda: shown(api.get_default_py_config(67)))
