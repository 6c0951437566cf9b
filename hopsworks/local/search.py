"""Search over what the server holds, in one project or in all of the user's, with what others share with them.

A term is words; each of them must stand, in any case, in the name, the description, a feature, a tag or a keyword of
what is found. Names that match come first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote

from hopsworks.local.accounts import OBSERVER, RANKS
from hopsworks.local.app import Project, Request, Server
from hopsworks.local.errors import illegal_argument, invalid_query
from hopsworks.local.feature_groups import store_id
from hopsworks.local.search_documents import Document, Documents
from hopsworks.local.sharing import FEATURE_STORE, MODELS, sharing


class Kind(NamedTuple):
    """A kind of object.

    Attributes:
        key: its key in the answer.
        documents: makes the documents.
        dataset: as what it is shared with other projects; None when it cannot be shared.
    """

    key: str
    documents: Callable[[Documents], Iterator[Document]]
    dataset: str | None = None


_KINDS = {
    "FEATUREGROUP": Kind("featuregroups", Documents.feature_groups, FEATURE_STORE),
    "FEATUREVIEW": Kind("featureViews", Documents.feature_views, FEATURE_STORE),
    "TRAININGDATASET": Kind("trainingdatasets", Documents.training_datasets, FEATURE_STORE),
    "FEATURE": Kind("features", Documents.features, FEATURE_STORE),
    "JOB": Kind("jobs", Documents.jobs),
    "APP": Kind("apps", Documents.nothing),
    "MODEL": Kind("models", Documents.models, MODELS),
    "DEPLOYMENT": Kind("deployments", Documents.deployments),
    "AGENT": Kind("agents", Documents.nothing),
}
_LARGEST_PAGE = 10_000


def search_project(request: Request, server: Server) -> dict[str, Any]:
    """GET elastic/featurestore of a project; older clients have the term in the path."""
    return _search(request, server, [server.project(request)])


def search_everywhere(request: Request, server: Server) -> dict[str, Any]:
    """GET elastic/featurestore: in all projects whose contents the user may see."""
    user, accounts = request.user.id, server.accounts
    roles = ((project, accounts.role(user, project.id)) for project in server.all_projects())
    seen = [project for project, role in roles if role and RANKS[role] >= RANKS[OBSERVER]]
    return _search(request, server, seen)


def _search(request: Request, server: Server, readers: list[Project]) -> dict[str, Any]:
    kind = (request.query("docType") or "ALL").upper()
    if kind != "ALL" and kind not in _KINDS:
        raise invalid_query(f"docType must be ALL or one of {', '.join(_KINDS)}, not {kind!r}.")
    offset, limit = request.integer("from", 0) or 0, request.integer("size", 100)
    if offset < 0 or limit is None or not 0 <= limit <= _LARGEST_PAGE:
        raise invalid_query(f"from must not be below 0, and size between 0 and {_LARGEST_PAGE}.")
    term = request.params.get("term", request.query("searchTerm"))
    wanted = Wanted(term or "", _filters(request, "keywords"), _filters(request, "tags"))
    if term is None and not wanted.keywords and not wanted.tags:
        raise illegal_argument("There is nothing to search for: give searchTerm, keywords or tags.")
    answer: dict[str, Any] = {}
    for one in _KINDS.values() if kind == "ALL" else [_KINDS[kind]]:
        found = [
            (wanted.rank(document), documents, document)
            for documents in _places(server, readers, one.dataset)
            for document in one.documents(documents)
            if wanted.fits(document)
        ]
        found.sort(key=lambda hit: (hit[0], hit[2].name, hit[2].version or 0, hit[1].project.id))
        answer[one.key] = [
            _item(request, documents, document, one, wanted)
            for _, documents, document in found[offset : offset + limit]
        ]
        answer |= {f"{one.key}From": offset, f"{one.key}Total": len(found)}
    return answer


def _places(server: Server, readers: list[Project], dataset: str | None) -> list[Documents]:
    """Where a kind of object is looked for: the projects, and those that share its dataset with one of them."""
    allowed = {project.id: [project] for project in readers}
    owners = {project.id: project for project in readers}
    for reader in readers:
        for share in sharing(server).shared_with(reader.id, dataset) if dataset else []:
            if share.accepted:
                owners.setdefault(share.project, server.project_by_id(share.project))
                allowed.setdefault(share.project, []).append(reader)
    return [Documents(server, owner, allowed[number]) for number, owner in owners.items()]


def _filters(request: Request, name: str) -> list[dict[str, Any]]:
    """A filter of the query: JSON that clients percent-encode twice."""
    text = request.query(name)
    if not text:
        return []
    try:
        found = json.loads(text if text.startswith("[") else unquote(text))
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise invalid_query(f"{name} must be a JSON array of objects, not {text!r}.")
    if any(not isinstance(one.get(part, ""), str) for one in found for part in ("name", "key")):
        raise invalid_query(f"name and key in {name} must be text.")
    return found


class Wanted:
    """What is searched for.

    Attributes:
        keywords: keywords that must all be there.
        tags: tags that must all be there, as ``name``, ``key`` and ``value``.
    """

    def __init__(
        self, term: str, keywords: list[dict[str, Any]], tags: list[dict[str, Any]]
    ) -> None:
        self._words = term.lower().split()
        self._pattern = re.compile("|".join(map(re.escape, self._words)), re.IGNORECASE)
        self.keywords = [str(keyword.get("value")) for keyword in keywords]
        self.tags = tags

    def fits(self, document: Document) -> bool:
        """Whether an object is what is searched for."""
        if not all(keyword in document.keywords for keyword in self.keywords):
            return False
        if not all(_has_tag(document, tag) for tag in self.tags):
            return False
        texts = [document.name, document.description or "", *document.keywords, *document.sources]
        texts += [text for feature in document.features for text in feature]
        texts += [f"{name} {_text(value)}" for name, value in document.tags.items()]
        everything = "\n".join(texts).lower()
        return all(word in everything for word in self._words)

    def rank(self, document: Document) -> int:
        """0 for the very name, 1 for a name with all words, 2 for the others."""
        name = document.name.lower()
        if name == " ".join(self._words):
            return 0
        return 1 if all(word in name for word in self._words) else 2

    def marked(self, text: str | None) -> str | None:
        """A text with the words between `<em>` and `</em>`; None when it has none of them."""
        if not text or not self._words:
            return None
        found, count = self._pattern.subn(lambda match: f"<em>{match[0]}</em>", text)
        return found if count else None

    def highlights(self, document: Document) -> dict[str, Any]:
        """Where an object has what is searched for."""
        found: dict[str, Any] = {
            "name": self.marked(document.name),
            "description": self.marked(document.description),
            "keywords": self._all_marked(document.keywords, self.keywords),
            "sourceFeatureGroups": self._all_marked(document.sources),
            "features": [
                {"name": self.marked(name) or name, "description": self.marked(about) or about}
                for name, about in document.features
                if self.marked(name) or self.marked(about)
            ],
            "tags": self._marked_tags(document),
        }
        return {part: value for part, value in found.items() if value}

    def _all_marked(self, texts: Sequence[str], asked: Sequence[str] = ()) -> list[str]:
        marked = (f"<em>{text}</em>" if text in asked else self.marked(text) for text in texts)
        return [text for text in marked if text]

    def _marked_tags(self, document: Document) -> list[dict[str, str]]:
        asked = {tag.get("name") for tag in self.tags}
        found = []
        for name, value in document.tags.items():
            text = _text(value)
            key, marked = self.marked(name), self.marked(text)
            if key or marked or name in asked:
                found.append({"key": key or name, "value": marked or text})
        return found


def _has_tag(document: Document, tag: dict[str, Any]) -> bool:
    if tag.get("name") not in document.tags:
        return False
    value, key = document.tags[tag["name"]], tag.get("key")
    if isinstance(value, dict):
        return key in value and _text(value[key]) == str(tag.get("value"))
    return _text(value) == str(tag.get("value"))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _item(
    request: Request, documents: Documents, document: Document, kind: Kind, wanted: Wanted
) -> dict[str, Any]:
    project = documents.project
    found: dict[str, Any] = {
        "name": document.name,
        "version": document.version,
        "description": document.description,
        "created": document.created,
        "creator": document.creator,
        "parentProjectId": project.id,
        "parentProjectName": project.name,
        "accessProjects": {str(reader.id): reader.name for reader in documents.readers},
        "href": request.base_url + document.href,
        "highlights": wanted.highlights(document),
        **document.more,
    }
    if kind.dataset == FEATURE_STORE:
        found["featurestoreId"] = store_id(project)
    return {key: value for key, value in found.items() if value is not None}


_PROJECT = "project/{project_id}/elastic/featurestore"
_EVERYWHERE = "elastic/featurestore"

ROUTES = [
    ("GET", _PROJECT, search_project),
    ("GET", _PROJECT + "/{term}", search_project),
    ("GET", _EVERYWHERE, search_everywhere),
    ("GET", _EVERYWHERE + "/{term}", search_everywhere),
]
