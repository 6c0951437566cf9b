"""A program for the package ``lakefs``, run by the official one and by ours; see ``test_lakefs_official.py``.

Usage: ``python both_clients.py URL KEY SECRET``. It writes what each step gave as one line of JSON.
"""

import ast
import itertools
import json
import sys
import warnings
from datetime import timedelta

import lakefs
from lakefs.branch import LakeFSDeprecationWarning, Transaction
from lakefs.client import ServerConfiguration
from lakefs.exceptions import ConflictException, LakeFSException, ServerException
from lakefs.import_manager import ImportManager

url, key, secret = sys.argv[1:]
client = lakefs.Client(host=url, username=key, password=secret)
repo = lakefs.Repository("lake", client=client)
main = repo.branch("main")
work = repo.branch("work")


def shown(value):
    """A value as JSON can hold it."""
    if isinstance(value, str | int | float | bool | None):
        return value
    if isinstance(value, list | tuple):
        return [shown(item) for item in value]
    if isinstance(value, dict):
        return {name: shown(item) for name, item in value.items()}
    text = str(value)
    # The order of the fields is nobody's business.
    fields = shown(ast.literal_eval(text)) if text.startswith("{'") else text
    return [type(value).__name__, fields, repr(value)]


def shown_error(error):
    known = [c.__name__ for c in type(error).__mro__ if c.__module__.startswith("builtins")]
    found = {"class": type(error).__name__, "is": known}
    if isinstance(error, ServerException):
        found |= {"status": error.status_code, "reason": error.reason, "body": error.body}
    return found


def names(listed):
    return [one.id for one in listed]


def values(listed):
    return [shown(one) for one in listed]


def fields(value, *wanted):
    return {name: shown(getattr(value, name)) for name in wanted}


def commit_fields(commit):
    return fields(
        commit,
        "id",
        "parents",
        "committer",
        "message",
        "creation_date",
        "meta_range_id",
        "metadata",
    )


def transaction(body=lambda tx: None, **options):
    with main.transact(**options) as tx:
        body(tx)
        return sorted(n for n in dir(tx) if n in ("commit", "create", "head", "delete", "revert"))


def failing_body():
    with main.transact() as _:
        raise KeyError("from the body")


def changed_transaction():
    with main.transact("first message", {"k": "1"}) as tx:
        tx.delete_objects("many/0005")
        tx.commit_message = "second message"
        tx.commit_metadata = {"k": "2"}
        tx.tag = "of-transaction"
        return [tx.source_id, tx.commit_message, tx.commit_metadata, tx.tag]


def deprecated():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            work.revert("x", reference_id="y")
        except ValueError:
            pass
    return [issubclass(one.category, LakeFSDeprecationWarning) for one in caught]


def imported():
    manager = main.import_data("imported", {"who": "me"})
    manager.prefix("s3://bucket/p/", "in/p/").object("s3://bucket/o", "in/o")
    status = manager.run(timedelta(seconds=0))
    again = manager.wait(timedelta(seconds=0))
    return [
        manager.import_id,
        len(manager.sources),
        [[s.type, s.path, s.destination] for s in manager.sources],
        fields(status, "completed", "ingested_objects", "metarange_id", "error"),
        status.update_time.isoformat(),
        commit_fields(status.commit),
        again == status,
        fields(manager.status(), "completed"),
    ]


def after_start(do):
    manager = ImportManager("lake", "main", client=client)
    manager.prefix("s3://bucket/p/", "in/p/")
    manager.start()
    return do(manager)


def broken_import():
    main.import_data().prefix("s3://broken", "in/").run(timedelta(0))


def cancelled_import():
    manager = main.import_data().prefix("s3://bucket/p/", "in/")
    manager.start()
    manager.cancel()
    status = manager.status()
    return [status.completed, status.error.message]


def kept_commit():
    ref = repo.ref("main")
    first, second = ref.get_commit(), ref.get_commit()
    main.get_commit(), main.get_commit()
    return first is second


STEPS = {
    "version": lambda: client.version,
    "storage": lambda: fields(
        client.storage_config,
        "blockstore_type",
        "pre_sign_support",
        "import_support",
        "blockstore_namespace_example",
        "blockstore_namespace_validity_regex",
        "pre_sign_support_ui",
        "import_validity_regex",
        "default_namespace_prefix",
    ),
    "storage again": lambda: client.storage_config_by_id().blockstore_type,
    "unknown storage": lambda: client.storage_config_by_id("none"),
    "configuration": lambda: ServerConfiguration(client).version,
    "auth type": lambda: [
        client.config.get_auth_type().name,
        client.config.host == url + "/api/v1",
    ],
    "repositories": lambda: names(lakefs.repositories(client)),
    "some repositories": lambda: names(lakefs.repositories(client, max_amount=1)),
    "repositories by prefix": lambda: names(lakefs.repositories(client, prefix="la")),
    "repositories behind": lambda: names(lakefs.repositories(client, after="lake", amount=1)),
    "create": lambda: [
        repr(lakefs.Repository("new-one", client).create("mem://new-one", include_samples=True)),
        lakefs.Repository("new-one", client).properties,
    ],
    "create with branch": lambda: (
        lakefs.Repository("other", client)
        .create("mem://other", "trunk", storage_id="b")
        .properties.default_branch
    ),
    "create again": lambda: lakefs.Repository("new-one", client).create("mem://new-one"),
    "create exist_ok": lambda: (
        lakefs.Repository("new-one", client).create("mem://x", exist_ok=True).properties
    ),
    "properties": lambda: [repo.properties, repo.properties],
    "metadata": lambda: [dict(repo.metadata), dict(repo.metadata)],
    "delete repository": lambda: lakefs.Repository("other", client).delete(),
    "delete nothing": lambda: lakefs.Repository("other", client).delete(force=True),
    "no repository": lambda: lakefs.Repository("none", client).properties,
    "representations": lambda: [
        repr(repo),
        str(repo),
        repr(main),
        repr(repo.ref("main~1")),
        repr(repo.tag("t")),
        repr(repo.commit("c")),
        main.id,
        main.repo_id,
    ],
    "branches": lambda: names(repo.branches()),
    "some branches": lambda: names(repo.branches(max_amount=2, prefix="b", after="b00")),
    "many branches": lambda: names(itertools.islice(repo.branches(amount=7), 20)),
    "create branch": lambda: repr(work.create("main")),
    "create branch again": lambda: work.create(main),
    "create branch exist_ok": lambda: repr(work.create(main, exist_ok=True)),
    "create hidden": lambda: repr(repo.branch("hidden").create(main.head, hidden=True)),
    "hidden branches": lambda: names(repo.branches(prefix="h", show_hidden=True)),
    "branch of nothing": lambda: repo.branch("x").create("none"),
    "head": lambda: [type(main.head).__name__, main.head.id == main.get_commit().id],
    "no head": lambda: repo.branch("none").head,
    "commit of": lambda: commit_fields(main.get_commit()),
    "kept commit": kept_commit,
    "no commit": lambda: repo.ref("none").get_commit(),
    "log": lambda: [commit_fields(one) for one in main.log()],
    "some log": lambda: values(main.log(max_amount=1)),
    "log of objects": lambda: values(main.log(objects=["a/1", "b c"], first_parent=True)),
    "objects": lambda: values(main.objects()),
    "some objects": lambda: values(main.objects(max_amount=3, prefix="many/", after="many/0001")),
    "grouped objects": lambda: values(main.objects(delimiter="/")),
    "grouped inside": lambda: values(main.objects(delimiter="/", prefix="many/", max_amount=2)),
    "objects by pages": lambda: len(list(main.objects(prefix="many/", amount=40))),
    "objects without": lambda: values(main.objects(user_metadata=False, prefix="a/")),
    "object of a listing": lambda: fields(
        next(main.objects(prefix="a/")),
        "path",
        "physical_address",
        "checksum",
        "mtime",
        "size_bytes",
        "metadata",
        "content_type",
    ),
    "no objects": lambda: values(repo.ref("none").objects()),
    "delete one": lambda: [shown(e) for e in work.delete_objects("a/1").errors],
    "delete several": lambda: [
        [e.path, e.status_code, e.message]
        for e in work.delete_objects(iter(["a/2", "protected/x"])).errors
    ],
    "uncommitted": lambda: values(work.uncommitted()),
    "some uncommitted": lambda: values(work.uncommitted(max_amount=1, prefix="a/", after="a/1")),
    "uncommitted fields": lambda: fields(
        next(work.uncommitted()), "type", "path", "path_type", "size_bytes"
    ),
    "grouped uncommitted": lambda: values(work.uncommitted(delimiter="/")),
    "reset one": lambda: work.reset_changes("object", "a/2"),
    "reset prefix": lambda: work.reset_changes("common_prefix", "zzz/"),
    "commit": lambda: type(work.commit("no more a/1", {"by": "me"})).__name__,
    "commit nothing": lambda: work.commit("nothing"),
    "commit empty": lambda: work.commit("empty", allow_empty=True, date=1_600_000_000).id,
    "commit ignoring": lambda: work.commit("ignored", allow_empty=True, no_such_option=1).id,
    "diff": lambda: values(main.diff(work)),
    "diff by name": lambda: values(main.diff("work", max_amount=1, prefix="a", type="two_dot")),
    "diff grouped": lambda: values(main.diff(work, delimiter="/")),
    "diff with nothing": lambda: values(main.diff("none")),
    "merge": lambda: work.merge_into(main, message="merged", metadata={"m": "1"}),
    "merge again": lambda: work.merge_into("main"),
    "merge strategy": lambda: work.merge_into("main", strategy="source-wins", allow_empty=True),
    "merge ignoring": lambda: work.merge_into("main", allow_empty=True, no_such_option=True),
    "merge into nothing": lambda: work.merge_into("none"),
    "revert": lambda: commit_fields(work.revert(work.head)),
    "revert a merge": lambda: commit_fields(main.revert("main", 1)),
    "revert negative": lambda: work.revert("main", -1),
    "revert nothing": lambda: work.revert(None),
    "revert deprecated": deprecated,
    "cherry-pick": lambda: commit_fields(work.cherry_pick("main~1", 1)),
    "cherry-pick nothing": lambda: work.cherry_pick("none"),
    "tag": lambda: repr(repo.tag("v1").create("main")),
    "tag again": lambda: repo.tag("v1").create(main.get_commit()),
    "tag exist_ok": lambda: repr(repo.tag("v1").create("main", exist_ok=True)),
    "tags": lambda: names(repo.tags()),
    "some tags": lambda: names(repo.tags(max_amount=1, prefix="v", after="a")),
    "tag commit": lambda: repo.tag("v1").get_commit().message,
    "delete tag": lambda: repo.tag("v1").delete(),
    "delete no tag": lambda: repo.tag("v1").delete(),
    "strange names": lambda: repo.ref("a/b~1?x=ü").get_commit(),
    "transaction of nothing": transaction,
    "transaction": changed_transaction,
    "transaction body": failing_body,
    "transaction kept": lambda: transaction(delete_branch_on_error=False),
    "transaction of no branch": lambda: Transaction("lake", "none", client=client).__enter__(),
    "tags after": lambda: names(repo.tags()),
    "import": imported,
    "import broken": broken_import,
    "import cancelled": cancelled_import,
    "import twice": lambda: after_start(lambda manager: manager.start()),
    "import more": lambda: after_start(lambda manager: manager.prefix("s3://x", "y")),
    "import not started": lambda: main.import_data().wait(),
    "import no status": lambda: main.import_data().status(),
    "import no cancel": lambda: main.import_data().cancel(),
    "import done": lambda: after_start(lambda m: [m.wait(timedelta(0)), m.cancel()]),
    "import of no branch": lambda: repo.branch("none").import_data().start(),
    "delete branch": lambda: work.delete(),
    "delete default": lambda: main.delete(),
    "delete no branch": lambda: work.delete(force=True),
    "is a conflict": lambda: issubclass(ConflictException, LakeFSException),
}

for name, step in STEPS.items():
    try:
        line = {"step": name, "gave": shown(step())}
    except Exception as error:
        line = {"step": name, "raised": shown_error(error)}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
