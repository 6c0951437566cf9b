"""The query constructor: SQL texts for the client to show, and a plan for the query service.

A plan is a resolved query that the server keeps under an id nobody can guess. A client holds the id
only; what runs is built by the server from the plan.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Any

from hopsworks.local import query_sql
from hopsworks.local.app import Project, Request, Server
from hopsworks.local.feature_data import RecentlyUsed
from hopsworks.local.feature_groups import readable_groups
from hopsworks.local.query_model import Query, resolve


@dataclass(frozen=True)
class Plan:
    """A query that may be run.

    Parameters:
        project: the project in which it was made.
        query: the resolved query.
        online: True to read online rows.
    """

    project: Project
    query: Query
    online: bool = False


class Plans:
    """The plans of a server process; the least recently used of 4096 are forgotten."""

    def __init__(self) -> None:
        self._plans: RecentlyUsed[Plan] = RecentlyUsed(4096)
        self._secret = secrets.token_bytes(32)

    def keep(self, plan: Plan) -> str:
        """Keeps a plan; gives the command text that runs it."""
        name = secrets.token_urlsafe(18)
        self._plans.put(name, plan)
        return json.dumps({"plan": name})

    def get(self, command: str | bytes) -> Plan | None:
        """The plan of a command text, or None when it is not known (any more)."""
        try:
            name = json.loads(command).get("plan")
        except (ValueError, AttributeError):
            return None
        return self._plans.get(name) if isinstance(name, str) else None

    def sign(self, command: str) -> str:
        """A signature that proves that this process gave the command out."""
        return hmac.new(self._secret, command.encode(), hashlib.sha256).hexdigest()

    def signed(self, command: str, signature: str) -> bool:
        """True when the signature is that of the command."""
        return hmac.compare_digest(self.sign(command), signature)


def plans(server: Server) -> Plans:
    """The plans of a server."""
    found: Plans | None = getattr(server, "query_plans", None)
    if found is None:
        found = server.query_plans = Plans()  # type: ignore[attr-defined]
    return found


def constructed(server: Server, project: Project, query: Query, with_plan: bool) -> dict[str, Any]:
    """The constructor's answer for a resolved query of a project."""
    answer: dict[str, Any] = {
        "query": query_sql.offline_query(query),
        "onDemandFeatureGroups": [],
        "hudiCachedFeatureGroups": [],
        "deltaCachedFeatureGroups": _aliases(query),
    }
    online = all(s.feature_group.get("onlineEnabled") for s in query.sources)
    if online:
        answer["queryOnline"] = query_sql.online_query(query)
    if query.point_in_time:
        answer["pitQuery"] = query_sql.pit_query(query)
        answer["pitQueryAsof"] = query_sql.pit_query_asof(query)
    if with_plan:
        kept = plans(server)
        answer["hqsPayload"] = kept.keep(Plan(project, query))
        answer["hqsPayloadSignature"] = kept.sign(answer["hqsPayload"])
        if online:
            answer["hqsPayloadOnline"] = kept.keep(Plan(project, query, online=True))
    return answer


def _aliases(query: Query) -> list[dict[str, Any]]:
    found = []
    for alias, source in zip(query_sql.aliases(query), query.sources, strict=True):
        entry: dict[str, Any] = {"alias": alias, "featureGroup": source.feature_group}
        if source.after is not None:
            entry["leftFeatureGroupStartTimestamp"] = source.after
        if source.as_of is not None:
            entry["leftFeatureGroupEndTimestamp"] = source.as_of
        found.append(entry)
    return found


def construct_query(request: Request, server: Server) -> Any:
    """PUT featurestores/query."""
    project = server.project(request)
    query = resolve(request.json_object(), readable_groups(request, server))
    with_plan = request.flag("hqs")
    if with_plan:
        from hopsworks.local import flight

        flight.start_on_socket(server)
    return constructed(server, project, query, with_plan)


ROUTES = [("PUT", "project/{project_id}/featurestores/query", construct_query)]
