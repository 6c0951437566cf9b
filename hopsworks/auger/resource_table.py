"""The resources of the Hub, as data: which verbs each has and where it lives.

The methods of :class:`hopsworks.auger.HubApiClient`, their stub (``resource_methods.pyi``) and the page
``docs/reference/hub_resources.md`` are made from this table. A resource or a verb more is a row here;
``./dev generate`` writes the files.

``actions`` names the verbs: ``index``, ``show``, ``create``, ``update``, ``delete``, or a dict of further calls on
one object with their HTTP verb. ``resource_name`` is the name in the URL where it differs, ``parent_resource`` the
resource whose path comes first, and ``doc`` what one of it is.
"""

API_PREFIX = "/api/v1"

API_SCHEMA: dict[str, dict] = {
    "actual": {
        "actions": ["create"],
        "doc": "what really happened, to compare predictions of a pipeline with",
    },
    "cluster": {
        "actions": ["index", "show", "create", "delete"],
        "doc": "a cluster of machines that runs experiments",
    },
    "cluster_task": {
        "actions": ["index", "show", "create", "update"],
        "doc": "a task that a cluster is given",
    },
    "cluster_status": {
        "actions": ["index"],
        "doc": "a state that a cluster was in; the filter `cluster_id` chooses the cluster",
    },
    "dataset_manifest": {
        "actions": ["index", "show", "create", "update"],
        "doc": "the description of a dataset: its columns and how to read it",
    },
    "endpoint": {
        "actions": ["index", "show", "create", "update", "delete"],
        "doc": "an address that answers predictions with one of its pipelines",
    },
    "endpoint_pipeline": {
        "actions": ["create", "update", "delete"],
        "doc": "a pipeline's place at an endpoint",
    },
    "endpoint_actual": {
        "actions": ["create"],
        "resource_name": "actual",
        "parent_resource": "endpoint",
        "doc": "what really happened, to compare predictions of an endpoint with",
    },
    "endpoint_prediction": {
        "actions": ["index", "show", "create"],
        "resource_name": "prediction",
        "parent_resource": "endpoint",
        "doc": "a group of predictions that an endpoint made (`prediction_group`)",
    },
    "endpoint_roi_validation": {
        "actions": ["create"],
        "resource_name": "roi_validation",
        "parent_resource": "endpoint",
        "doc": "a check of an endpoint's return on investment; the answer is a `cluster_task`",
    },
    "experiment": {
        "actions": ["index", "show", "create", "update", "delete"],
        "doc": "a search for the best model of one dataset",
    },
    "experiment_session": {
        "actions": ["index", "show", "create", "update"],
        "doc": "a run of an experiment",
    },
    "hyperparameter": {
        "actions": ["index", "show", "create"],
        "doc": "values that the parameters of an algorithm may have",
    },
    "instance_type": {
        "actions": ["index"],
        "doc": "a kind of machine that clusters can be made of",
    },
    "organization": {
        "actions": ["index", "show", "create", "update", "delete"],
        "doc": "an organization, which owns projects",
    },
    "pipeline": {
        "actions": ["index", "show", "create", "update"],
        "doc": "a trained model with its preparation of data",
    },
    "pipeline_file": {
        "actions": ["index", "show", "create"],
        "doc": "a file that a pipeline can be downloaded as",
    },
    "prediction": {
        "actions": ["index", "show", "create"],
        "doc": "a prediction of a pipeline, in the older form",
    },
    "prediction_group": {
        "actions": ["index", "show", "create"],
        "doc": "a group of predictions of a pipeline, the newer form",
    },
    "project": {
        "actions": [
            "index",
            "show",
            "create",
            "update",
            "delete",
            {"deploy": "patch", "undeploy": "patch"},
        ],
        "doc": "a project",
    },
    "project_file": {
        "actions": ["index", "show", "create", "delete"],
        "doc": "a file of a project",
    },
    "project_file_url": {
        "actions": ["create", "index"],
        "doc": "an address that a file of a project goes to or comes from; a list is one object, not many",
    },
    "pod_log": {
        "actions": ["index"],
        "doc": "a log of a pod; the filter `project_id` chooses the project",
    },
    "review_alert": {
        "actions": ["index", "show", "create", "update", "delete"],
        "doc": "a rule that watches the quality of predictions",
    },
    "review_alert_item": {
        "actions": ["index", "show"],
        "doc": "an occasion on which a review alert went off",
    },
    "similar_trials_request": {
        "actions": ["show", "create"],
        "doc": "a request for trials of similar datasets",
    },
    "token": {
        "actions": ["create"],
        "doc": "a token of a user; `email` and `password` go in, `token` and `confirmation_required` come out",
    },
    "trial": {
        "actions": ["index", "show", "create", "update"],
        "doc": "a model tried in a session; to create one is to fit it again",
    },
    "trial_search": {
        "actions": ["index", "show", "create", "update"],
        "doc": "a search for trials",
    },
    "warm_start_request": {
        "actions": ["show", "create"],
        "doc": "a request for good first trials; it is done when its status is `done` or `error`",
    },
}


def plural_ending(name: str) -> str:
    """What makes a name plural: ``es`` after ``us`` and ``ch``, else ``s``.

    Parameters:
        name: A name in the singular, for example ``"cluster_status"``.

    Returns:
        The ending alone.
    """
    return "es" if name.endswith(("us", "ch")) else "s"


def plural(name: str) -> str:
    """The plural of a name of a resource."""
    return name + plural_ending(name)
