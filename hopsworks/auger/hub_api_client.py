"""The client of the Auger Hub."""

from __future__ import annotations

import sys
import time

from hopsworks.auger import errors, replies, resource_table, retries
from hopsworks.auger.masking import masked, masked_text
from hopsworks.auger.resource_methods import ResourceMethods

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Callable, Mapping
    from typing import Any

    from hopsworks.auger.transport import Reply, Transport

# In place of a default: who leaves it out gets a KeyError, as ever.
_REQUIRED = ...


class HubApiClient(ResourceMethods):
    """The API of an Auger Hub.

    Nothing is sent before the first call. Every attribute can be assigned and counts from the next request on. Any
    thread may use a client. Calls return the whole reply of the Hub, a dict with ``data`` and ``meta``.

    Of the four tokens the first that is given, in the order project, cluster, user, system, goes into each request.

    Parameters:
        hub_app_url (str): Address of the Hub, for example ``"https://hub.example"``; a path in it is ignored.
        optimizers_url (str | None): Address of the service of ``get_next_trials()`` and ``get_fte()``.
        token (str | None): Token of a user.
        hub_system_token (str | None): Token of the system.
        hub_cluster_api_token (str | None): Token of a cluster.
        hub_project_api_token (str | None): Token of a project.
        retries_count (int): How often calls that only read are repeated while the Hub cannot answer.
        connection_retries_count (int | None): The same for lost connections; 0 turns both off. Default: as
            ``retries_count``.
        retry_wait_seconds (float): Seconds before each repetition.
        retry_network_errors (bool): Whether calls that only read are repeated after a lost connection.
        debug (bool): Whether requests and replies are written to the standard output, without passwords
            and tokens.
        **ignored: Anything else, with a warning.

    Raises:
        KeyError: Without ``hub_app_url``.

    Example:
        ```python
        hub = HubApiClient(hub_app_url="https://hub.example", token=token)
        session = hub.get_experiment_session("a1b2")["data"]
        hub.iterate_all_trials(print, experiment_session_id=session["id"])
        ```
    """

    BaseError = errors.BaseError
    DSLError = errors.DSLError
    FatalApiError = errors.FatalApiError
    InvalidParamsError = errors.InvalidParamsError
    MissingParamError = errors.MissingParamError
    NetworkError = errors.NetworkError
    RetryableApiError = errors.RetryableApiError
    RetryCounter = retries.RetryCounter

    base_url: str
    optimizers_url: str | None
    token: str | None
    system_token: str | None
    cluster_api_token: str | None
    project_api_token: str | None
    retries_count: float
    connection_retries_count: float
    retry_wait_seconds: float
    retry_network_errors: bool
    debug: bool
    headers: dict[str, str]
    gzip_headers: dict[str, str]

    if TYPE_CHECKING:  # stricter than the class is at run time

        def __init__(
            self,
            *,
            hub_app_url: str,
            optimizers_url: str | None = None,
            token: str | None = None,
            hub_system_token: str | None = None,
            hub_cluster_api_token: str | None = None,
            hub_project_api_token: str | None = None,
            retries_count: float = 5,
            connection_retries_count: float | None = None,
            retry_wait_seconds: float = 5,
            retry_network_errors: bool = False,
            debug: bool = False,
        ) -> None: ...

    else:

        def __init__(
            self,
            *,
            hub_app_url=_REQUIRED,
            optimizers_url=None,
            token=None,
            hub_system_token=None,
            hub_cluster_api_token=None,
            hub_project_api_token=None,
            retries_count=5,
            connection_retries_count=None,
            retry_wait_seconds=5,
            retry_network_errors=False,
            debug=False,
            **ignored,
        ):
            if hub_app_url is _REQUIRED:
                raise KeyError("hub_app_url")
            if ignored:
                import warnings

                unknown = ", ".join(ignored)
                warnings.warn(f"HubApiClient knows no {unknown}, which is ignored", stacklevel=2)
            if connection_retries_count is None:
                connection_retries_count = retries_count
            self.base_url = hub_app_url
            self.optimizers_url = optimizers_url
            self.token = token
            self.system_token = hub_system_token
            self.cluster_api_token = hub_cluster_api_token
            self.project_api_token = hub_project_api_token
            self.retries_count = retries_count
            self.connection_retries_count = connection_retries_count
            self.retry_wait_seconds = retry_wait_seconds
            self.retry_network_errors = retry_network_errors
            self.debug = debug
            self.headers = {"Content-Type": "application/json"}
            self.gzip_headers = {**self.headers, "Content-Encoding": "gzip"}

    def __repr__(self) -> str:
        from hopsworks.auger.address import shown

        return f"{type(self).__name__}(hub_app_url={shown(vars(self).get('base_url'))})"

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_transport"}

    # --- calls that the table does not hold ----------------------------------------------------------------

    def update_trials(self, **fields: Any) -> dict[str, Any]:
        """Change several trials at once.

        Parameters:
            **fields: Usually `experiment_session_id` and `trials`, a list of dicts.

        Returns:
            The reply.

        Raises:
            TypeError: With an `id`, which is for one trial; see `update_trial()`.
            HubApiClient.BaseError: When the Hub refuses or does not answer.

        Example:
            >>> hub.update_trials(experiment_session_id="a1b2", trials=[{"id": 1, "score": 0.9}])
        """
        return self.update_trial(None, **fields)

    def refit_trial(self, id: object, refit_data_path: str) -> dict[str, Any]:
        """Fit the model of a trial again, to other data.

        Parameters:
            id: Id of the trial.
            refit_data_path: Where the data is.

        Returns:
            The reply: the trial under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses or does not answer.

        Example:
            >>> hub.refit_trial(7, "s3://bucket/more.csv")["data"]
        """
        return self.create_trial(id=id, refit_data_path=refit_data_path)

    def get_project_logs(self, id: object, **ignored: Any) -> str:
        """Get the logs of a project.

        Parameters:
            id: Id of the project.
            **ignored: Not sent.

        Returns:
            The text of the logs.

        Raises:
            HubApiClient.BaseError: When the Hub refuses or does not answer.

        Example:
            >>> hub.get_project_logs(7).splitlines()[-1]
        """
        path = f"{self.API_PREFIX}/projects/{id}/logs"
        return self.make_and_handle_request("get", path, plain_text=True)

    def get_project_file_url(self, **filters: Any) -> dict[str, Any]:
        """Get the address of a file of a project.

        Parameters:
            **filters: `project_id` and `file_path`.

        Returns:
            The reply: one object under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses or does not answer.

        Example:
            >>> hub.get_project_file_url(project_id=7, file_path="iris.csv")["data"]["url"]
        """
        return self.get_project_file_urls(**filters)

    def get_status(self, object: str, id: object) -> dict[str, Any]:
        """Get the status of an object.

        Parameters:
            object: Its kind: Cluster, ClusterTask, Component, ExperimentSession, Organization, Pipeline, Project,
                ProjectFile, SimilarTrialsRequest, Subscription or WarmStartRequest.
            id: Its id.

        Returns:
            The reply: `status` under `data`.

        Raises:
            HubApiClient.BaseError: When the Hub refuses, for example another kind, or does not answer.

        Example:
            >>> hub.get_status("Project", 7)["data"]["status"]
        """
        return self.get(f"{self.API_PREFIX}/status", {"object": object, "id": id})

    def delete_actuals(self, **fields: Any) -> dict[str, Any]:
        """Delete actuals of a pipeline.

        Parameters:
            **fields: `pipeline_id`, `from` and `to` (dates), `with_predictions` (whether predictions go, too).

        Returns:
            The reply.

        Raises:
            HubApiClient.BaseError: When the Hub refuses or does not answer.

        Example:
            >>> hub.delete_actuals(pipeline_id="p1", **{"from": "2021-01-01", "to": "2021-02-01"})
        """
        return self.make_and_handle_request("delete", f"{self.API_PREFIX}/actuals", payload=fields)

    def delete_endpoint_actuals(self, endpoint_id: object, **fields: Any) -> dict[str, Any]:
        """Delete actuals of an endpoint.

        Parameters:
            endpoint_id: Id of the endpoint.
            **fields: `from` and `to` (dates), `with_predictions` (whether predictions go, too).

        Returns:
            The reply.

        Raises:
            HubApiClient.BaseError: When the Hub refuses or does not answer.

        Example:
            >>> hub.delete_endpoint_actuals(3, with_predictions=True)
        """
        path = f"{self.API_PREFIX}/endpoints/{endpoint_id}/actuals"
        return self.make_and_handle_request("delete", path, payload=fields)

    # --- the optimizers ------------------------------------------------------------------------------------

    def get_next_trials(self, payload: Mapping[str, Any] = {}) -> dict[str, Any]:
        """Ask which trials to run next.

        Parameters:
            payload: `optimizer_name`, `optimizer_params`, `search_space`, `trials_history`, `trial_workers_count`,
                `optimizer_context`, `tasks_run_parallel`.

        Returns:
            The reply: a list under `data`.

        Raises:
            HubApiClient.MissingParamError: When the client has no `optimizers_url`.
            HubApiClient.BaseError: When the service refuses or does not answer.

        Example:
            >>> hub.get_next_trials({"optimizer_name": "…", "search_space": space, "trials_history": []})["data"]
        """
        return self._ask_optimizers("/next_trials", payload)

    def get_next_trials_v2(self, payload: Mapping[str, Any] = {}) -> dict[str, Any]:
        """Ask which trials to run next, and for the state to ask with the next time.

        Parameters:
            payload: `trials_total_count`, `trials_limit`, `search_space`, `trials_history`, `optimizer_context`.

        Returns:
            The reply: `trials` and `optimizer_context` under `data`.

        Raises:
            HubApiClient.MissingParamError: When the client has no `optimizers_url`.
            HubApiClient.BaseError: When the service refuses or does not answer.

        Example:
            >>> hub.get_next_trials_v2({"trials_limit": 4, "search_space": space})["data"]["trials"]
        """
        return self._ask_optimizers("/v2/next_trials", payload)

    def get_fte(self, payload: Mapping[str, Any] = {}) -> dict[str, Any]:
        """Ask how long a model will take to fit.

        Parameters:
            payload: `alg_name`, `alg_params`, `ncols`, `nrows`.

        Returns:
            The reply: `estimated_time` (seconds, a float) under `data`.

        Raises:
            HubApiClient.MissingParamError: When the client has no `optimizers_url`.
            HubApiClient.BaseError: When the service refuses or does not answer.

        Example:
            >>> hub.get_fte({"alg_name": "SVC", "alg_params": {}, "ncols": 5, "nrows": 150})["data"]
        """
        return self._ask_optimizers("/fte", payload)

    def _ask_optimizers(self, path: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        if not self.optimizers_url:
            raise errors.MissingParamError("pass optimizers_url in HubApiClient constructor")
        if not hasattr(payload, "keys"):
            raise TypeError(
                f"payload is of type {type(payload).__name__}. Pass one dict with the parameters of the call."
            )
        return self.make_and_handle_request(
            "post",
            path,
            base_url=self.optimizers_url,
            payload=payload,
            retry_counter=retries.RetryCounter(self),
            gzip=True,
        )

    # --- pages ---------------------------------------------------------------------------------------------

    def get(self, path: str, payload: Mapping[str, Any] = {}) -> Any:
        """Send a GET.

        Parameters:
            path: Path, from its first slash.
            payload: The parameters.

        Returns:
            The reply.

        Raises:
            HubApiClient.BaseError: When the Hub refuses or does not answer.

        Example:
            >>> hub.get("/api/v1/projects/7")["data"]
        """
        return self.make_and_handle_request("get", path, payload=payload)

    def get_paginated_response(
        self, path: str, /, limit: int = 50, offset: int = 0, **filters: Any
    ) -> Any:
        """Get one page of a list.

        Parameters:
            path: Path, from its first slash.
            limit: Objects of the page.
            offset: Objects before it.
            **filters: Further parameters.

        Returns:
            The reply.

        Raises:
            HubApiClient.BaseError: When the Hub refuses or does not answer.

        Example:
            >>> hub.get_paginated_response("/api/v1/projects", limit=10)["meta"]["pagination"]["total"]
        """
        return self.get(path, {"limit": limit, "offset": offset, **filters})

    def iterate_all_resource_pages(
        self, method_name: str, handler: Callable[[Any], object], **filters: Any
    ) -> None:
        """Call a function with every object of a list, page by page.

        Parameters:
            method_name: The method that gets a page, for example ``"get_trials"``.
            handler: Called with each object; what it raises ends the calls.
            **filters: Parameters of each page; `offset` is where to begin.

        Raises:
            KeyError: When a page does not say how many objects it has.
            HubApiClient.BaseError: When the Hub refuses or does not answer.

        Example:
            >>> hub.iterate_all_resource_pages("get_trials", print, limit=100)
        """
        method = getattr(self, method_name)
        while True:
            page = method(**filters)
            for item in page["data"]:
                handler(item)
            count = page["meta"]["pagination"]["count"]
            if count == 0:
                return
            filters["offset"] = filters.get("offset", 0) + count

    # --- requests ------------------------------------------------------------------------------------------

    def make_and_handle_request(
        self,
        method_name: str,
        path: str,
        base_url: str | None = None,
        payload: Mapping[str, Any] = {},
        retry_counter: retries.RetryCounter | None = None,
        plain_text: bool = False,
        gzip: bool = False,
    ) -> Any:
        """Send a request, repeat it where that is allowed, and return what the reply holds.

        Parameters:
            method_name: Verb, in lower case.
            path: Path, from its first slash.
            base_url: Address of the service. Default: that of the Hub.
            payload: The parameters, without a token.
            retry_counter: How often the request may be repeated. Default: what the client allows for a GET, and not
                at all for another verb.
            plain_text: Whether the reply is text, not JSON.
            gzip: Whether the request is compressed.

        Returns:
            The decoded reply, or its text.

        Raises:
            TypeError: When the payload holds something that JSON cannot hold; nothing was sent.
            UnusableUrlError: When the address is none; nothing was sent.
            HubApiClient.BaseError: When the service refuses or does not answer.

        Example:
            >>> hub.make_and_handle_request("get", "/api/v1/projects", payload={"limit": 10})["data"]
        """
        reads = method_name == "get"
        if retry_counter is None:
            retry_counter = retries.RetryCounter(self) if reads else retries.RetryCounter.none()
        while True:
            try:
                return self._attempt(method_name, path, base_url, payload, plain_text, gzip)
            except errors.NetworkError as error:
                if not (reads and self.retry_network_errors):
                    raise
                self._count_retry(retry_counter, error)
            except errors.RetryableApiError as error:
                self._count_retry(retry_counter, error)
            time.sleep(self.retry_wait_seconds)

    @staticmethod
    def _count_retry(counter: retries.RetryCounter, error: Exception) -> None:
        """Take a repetition from the counter, or raise the error when there is none left."""
        if not counter.is_retries_available():
            raise error
        counter.count_retry(error)

    def _attempt(
        self,
        method_name: str,
        path: str,
        base_url: str | None,
        payload: Mapping[str, Any],
        plain_text: bool,
        gzip: bool,
    ) -> Any:
        if self.debug:
            _json_of(payload)  # what cannot be sent is not shown either
            shown = _json_of(masked(payload))
            self._say(f"HAC.Req: {method_name.upper()} {path} params: {shown}")
        try:
            with self._exchange(method_name, path, base_url, payload, gzip) as reply:
                if self.debug:
                    shown = masked_text(reply.text)
                    self._say(f"HAC.Res: {method_name.upper()} {path} response: {shown}")
                return self.handle_response(reply, plain_text)
        except errors.BaseError as error:
            error.add_request_details(method_name, path, payload)
            raise

    def _exchange(
        self,
        method_name: str,
        path: str,
        base_url: str | None,
        payload: Mapping[str, Any],
        gzip: bool,
    ) -> Any:
        """Call ``request()``, which users may have replaced by one that sends with another library."""
        try:
            return self.request(method_name, path, base_url or self.base_url, payload, gzip)
        except OSError as error:
            if isinstance(error, ValueError):  # nothing was sent
                raise
            raise errors.NetworkError(str(error) or type(error).__name__) from error

    @staticmethod
    def _say(line: str) -> None:
        if sys.stdout is not None:
            sys.stdout.write(line + "\n")

    def request(
        self,
        method_name: str,
        path: str,
        base_url: str | None,
        payload: Mapping[str, Any] = {},
        gzip: bool = False,
    ) -> Reply:
        """Send one request, whatever comes back.

        Parameters:
            method_name: Verb, in lower case.
            path: Path, from its first slash.
            base_url: Address of the service; None is that of the Hub.
            payload: The parameters; the token is added.
            gzip: Whether the request is compressed.

        Returns:
            The reply, with `status_code`, `reason`, `headers`, `content`, `text` and `json()`.

        Raises:
            TypeError: When the payload holds something that JSON cannot hold; nothing was sent.
            UnusableUrlError: When the address is none; nothing was sent.
            HubApiClient.NetworkError: When no complete answer came.

        Example:
            >>> hub.request("get", "/api/v1/projects", None, {"limit": 10}).status_code
        """
        body = _json_of({**payload, **self.tokens_payload()}).encode("ascii")
        headers = self.headers
        if gzip:
            import zlib

            body = zlib.compress(body, wbits=31)  # in the format of gzip
            headers = self.gzip_headers
        base = self.base_url if base_url is None else base_url
        return self._connections().send(
            method_name.upper(), self.full_path(path, base), base, headers, body
        )

    def _connections(self) -> Transport:
        try:
            return self._transport
        except AttributeError:
            from hopsworks.auger.transport import Transport

            # Another thread may have been faster.
            self._transport: Transport = vars(self).setdefault("_transport", Transport())
            return self._transport

    def full_path(self, relative_path: str, base_url: str) -> str:
        """Resolve a path against an address.

        Parameters:
            relative_path: The path; one that begins with a slash replaces the path and query of the address.
            base_url: The address.

        Returns:
            The URL.

        Raises:
            UnusableUrlError: When the address cannot be read.

        Example:
            >>> hub.full_path("/api/v1/trials", "https://hub.example/app?x=1")
            'https://hub.example/api/v1/trials'
        """
        from hopsworks.auger.address import resolve

        return resolve(relative_path, base_url)

    def tokens_payload(self) -> dict[str, str]:
        """The token that goes with a request.

        Returns:
            A dict of one key, or an empty one when the client has no token.

        Example:
            >>> HubApiClient(hub_app_url="https://hub.example", token="t").tokens_payload()
            {'token': 't'}
        """
        for name, token in (
            ("project_api_token", self.project_api_token),
            ("cluster_api_token", self.cluster_api_token),
            ("token", self.token),
            ("system_token", self.system_token),
        ):
            if token:
                return {name: token}
        return {}

    def plural_ending(self, resource_name: str) -> str:
        """What makes the name of a resource plural.

        Parameters:
            resource_name: The name in the singular.

        Returns:
            ``"es"`` after ``us`` and ``ch``, else ``"s"``.

        Example:
            >>> hub.plural_ending("trial_search")
            'es'
        """
        return resource_table.plural_ending(resource_name)

    # --- replies -------------------------------------------------------------------------------------------

    def handle_response(self, res: Any, plain_text: bool = False) -> Any:
        """Return what a reply holds, or raise the error that it is.

        Parameters:
            res: The reply: anything with `status_code`, `reason`, `text` and `json()`.
            plain_text: Whether it is text, not JSON.

        Returns:
            The decoded reply, or its text.

        Raises:
            HubApiClient.InvalidParamsError: For status 400.
            HubApiClient.FatalApiError: For 401, 403, 404 and 500, for a 400 that is not JSON, and for a success that
                should be JSON and is not.
            HubApiClient.RetryableApiError: For any other status than 200 and 201.

        Example:
            >>> hub.handle_response(hub.request("get", "/api/v1/projects", None))["data"]
        """
        return replies.value_of(res, plain_text)


def _json_of(payload: Mapping[str, Any]) -> str:
    """Parameters as JSON; says which of them JSON cannot hold."""
    import json

    try:
        return json.dumps(payload)
    except (TypeError, ValueError):  # the second for what holds itself
        for name, value in payload.items():
            try:
                json.dumps({name: value})
            except (TypeError, ValueError) as error:
                raise TypeError(f"The parameter {name!r} cannot be sent: {error}") from None
        raise
