"""Inference: a request body goes to the deployment's process and its answer comes back, unread."""

from __future__ import annotations

import logging

from hopsworks.local.app import Server, inline, json_response
from hopsworks.local.errors import ApiError
from hopsworks.local.http import Request, Response
from hopsworks.local.predictors import PredictorError
from hopsworks.local.serving import by_name, runners

logger = logging.getLogger(__name__)

VERBS = ("predict", "classify", "regress", "test")
BODY_LIMIT = 512 * 1024 * 1024


async def infer(request: Request, server: Server) -> Response:
    """``POST inference/models/{name}:predict``."""
    project = server.project(request)
    name, colon, verb = request.params["call"].rpartition(":")
    if not colon or verb not in VERBS:
        raise ApiError(
            400,
            250005,
            "Inference verb is missing.",
            f"The path must end in :predict, not in {request.params['call']!r}.",
        )
    row = by_name(server, project, name)
    if row is None:
        raise ApiError(404, 250000, "Deployment not found.", f"There is no deployment {name!r}.")
    runner = runners(server).get(row["id"])
    if runner is None or not runner.instances:
        status = "Stopped" if runner is None else runner.status
        raise ApiError(
            400,
            250001,
            "Deployment is not running.",
            f"The deployment {name!r} is {status.lower()}. Start it, or read its logs.",
        )
    body = await request.read(BODY_LIMIT)
    try:
        return Response(await runner.call(body))
    except PredictorError as error:
        raise _inference_error(name, error) from None


async def infer_version(request: Request, server: Server) -> Response:
    """The same with a model version in the path, which the deployment has decided already."""
    _, _, verb = request.params["version"].rpartition(":")
    request.params["call"] = f"{request.params['call']}:{verb}"
    return await infer(request, server)


def _inference_error(name: str, error: PredictorError) -> ApiError:
    text = f"The predictor of {name!r} failed: {error}"
    if error.status == 401:
        return ApiError(401, 250010, "Not authorised by the predictor.", text)
    if error.status == 403:
        return ApiError(403, 250011, "Forbidden by the predictor.", text)
    if 400 <= error.status < 500:
        return ApiError(400, 250008, "Request refused by the predictor.", text)
    return ApiError(500, 250007, "Predictor failed.", text)


@inline
def endpoints(request: Request, server: Server) -> Response:
    """Where inference requests can be sent: this server."""
    project = server.project(request)
    del project
    return json_response([{"type": "NODE", "hosts": ["localhost"], "ports": []}])


ROUTES = [
    ("POST", "project/{project_id}/inference/models/{call}", infer),
    ("POST", "project/{project_id}/inference/models/{call}/versions/{version}", infer_version),
    ("GET", "project/{project_id}/inference/endpoints", endpoints),
]
