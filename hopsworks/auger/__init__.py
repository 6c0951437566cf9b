"""Auger Hub: the API of the AutoML service, with the class that the package ``auger-hub-api-client`` has.

```python
from hopsworks.auger import HubApiClient

hub = HubApiClient(hub_app_url="https://hub.example", token="…")
projects = hub.get_projects(limit=10)["data"]
```

The guide is docs/auger.md. A connection opens when the first call is made; importing loads next to nothing.
"""

from hopsworks.auger.hub_api_client import HubApiClient

__all__ = ["HubApiClient"]
