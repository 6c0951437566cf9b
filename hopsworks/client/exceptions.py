"""Exceptions of the client.

Errors that a server answered are :class:`RestAPIError` or one of its subclasses. Errors before or after an
answer (address, connection, TLS, time) are :class:`ServiceUnreachableError`, :class:`RequestTimeoutError` and
:class:`HopsworksSSLClientError`; when the program has imported ``requests`` they are instances of the matching
``requests`` classes as well, so that existing handlers keep working. :func:`from_native` is the one place where a
failure of the native core becomes an exception.
"""

import sys

from hopsworks.client.request_failures import (
    ConnectTimeoutError,
    HopsworksSSLClientError,
    ProtocolError,
    ReadTimeoutError,
    RequestTimeoutError,
    ServiceUnreachableError,
)
from hopsworks.client.response import Response, without_secrets

# The exceptions themselves; hsfs.client.exceptions and hsml.client.exceptions offer the same ones.
__all__ = [
    "ConflictError", "ConnectTimeoutError", "ContentMismatchError", "DataSourceException",
    "DataValidationException", "DatasetException", "EnvironmentException", "ExternalClientError",
    "FeatureStoreException", "ForbiddenError", "GitException", "HopsworksConnectionError",
    "HopsworksSSLClientError", "HuggingFaceImportException", "InternalClientError", "JobException",
    "JobExecutionException", "KafkaException", "LimitExceededError", "MalformedResponseError",
    "ModelRegistryException", "ModelServingException", "NoHopsworksConnectionError",
    "NotFoundError", "OpenSearchException", "PlatformIntelligenceException", "ProjectException",
    "ProtocolError", "QuotaExceededError", "ReadTimeoutError", "RequestCancelledError",
    "RequestTimeoutError", "ResponseDecodeError", "RestAPIError", "ServerTimeoutError",
    "ServiceUnreachableError", "TransformationFunctionException", "TrinoException",
    "UnauthorizedError", "UnknownSecretStorageError", "VectorDatabaseException",
]  # fmt: skip

TYPE_CHECKING = False
_TEXT_LIMIT = 400


def _service_error(response):
    """The error object of a response body, and whether the body was JSON at all."""
    try:
        body = response.json()
    except Exception:
        return {}, False
    if isinstance(body, str):
        return {"errorMsg": body}, True
    return (body, True) if isinstance(body, dict) else ({}, True)


def _shorten(text):
    text = " ".join(str(text).split())
    return text if len(text) <= _TEXT_LIMIT else text[: _TEXT_LIMIT - 1] + "…"


class _FeatureStoreErrorCode:
    """Stands for the enumeration until somebody asks for it, where ``enum`` would have to be loaded for it."""

    def __set_name__(self, owner, name):
        self._owner, self._name = owner, name

    def __get__(self, instance, owner):
        from hopsworks.client.feature_store_error_codes import FeatureStoreErrorCode

        setattr(self._owner, self._name, FeatureStoreErrorCode)
        return FeatureStoreErrorCode


class RestAPIError(Exception):
    """The server answered a request with an error.

    Subclasses tell the frequent cases apart: :class:`NotFoundError`, :class:`UnauthorizedError`,
    :class:`ForbiddenError`, :class:`ConflictError`, :class:`QuotaExceededError`, :class:`ServerTimeoutError`.

    Parameters:
        url: Address that was asked.
        response: The answer; :class:`hopsworks.client.response.Response` or any object like it.

    Attributes:
        url (str): Address that was asked.
        response: The answer, with ``status_code``, ``reason``, ``text``, ``content``, ``headers`` and ``json()``.
        error_code (int | str | None): Code of the service; ``""`` when the answer has none, ``None`` when the
            answer is not JSON.
        user_message (str): Explanation that the service gives to users, or ``""``.
        operation (str | None): Verb and path of the request.
        attempts (int): How often the request was sent.

    Example:
        ```python
        from hopsworks.client.exceptions import NotFoundError, RestAPIError

        try:
            project.get_dataset_api().remove("Resources/no-such-file")
        except NotFoundError as error:
            assert error.response.status_code in (400, 404)
        except RestAPIError as error:
            raise SystemExit(error.user_message)
        ```
    """

    STATUS_CODE_BAD_REQUEST = 400
    STATUS_CODE_UNAUTHORIZED = 401
    STATUS_CODE_FORBIDDEN = 403
    STATUS_CODE_NOT_FOUND = 404
    STATUS_CODE_INTERNAL_SERVER_ERROR = 500

    if TYPE_CHECKING or "enum" in sys.modules:
        from hopsworks.client.feature_store_error_codes import FeatureStoreErrorCode
    else:
        FeatureStoreErrorCode = _FeatureStoreErrorCode()

    url: str | None
    response: Response
    error_code: int | str | None
    user_message: str

    def __init__(
        self,
        url: str | None,
        response: Response,
        *,
        operation: str | None = None,
        attempts: int = 1,
    ) -> None:
        error, is_json = _service_error(response)
        self.url = url
        self.response = response
        self.operation = operation
        self.attempts = attempts
        self.error_code = error.get("errorCode", error.get("error_code", "")) if is_json else None
        self.user_message = error.get("usrMsg", "")
        self._error_message = error.get("errorMsg", error.get("message", ""))
        super().__init__(self._describe(url, response, is_json))

    def _describe(self, url, response, is_json):
        from hopsworks.client import remedies

        what = self.operation or url
        status = f"{response.status_code} {response.reason}".strip()
        said = [_shorten(part) for part in (self._error_message, self.user_message) if part]
        if not said and not is_json and response.content:
            said = [_shorten(response.text)]
        parts = [f"{what} was answered with HTTP {status}"]
        if said:
            parts[0] += ": " + " ".join(part if part[-1] in ".!?…" else part + "." for part in said)
        else:
            parts[0] += "."
        if self.error_code not in (None, ""):
            parts.append(f"(error code: {self.error_code})")
        if self.operation and url and url not in what:
            parts.append(f"Address: {url}.")
        if self.attempts > 1:
            parts.append(f"Sent {self.attempts} times.")
        remedy = remedies.of_answer(url, response, self.error_code, self.user_message)
        if remedy:
            parts.append(remedy[0].upper() + remedy[1:])
        return " ".join(parts)

    def __reduce__(self):
        return (
            _rebuild_rest_error,
            (type(self), self.url, self.response, self.operation, self.attempts),
        )


def _rebuild_rest_error(cls, url, response, operation, attempts):
    return cls(url, response, operation=operation, attempts=attempts)


class NotFoundError(RestAPIError):
    """The thing that the request names does not exist, or is not visible to this key."""


class UnauthorizedError(RestAPIError):
    """The server does not accept the API key (HTTP 401)."""


class ForbiddenError(RestAPIError):
    """The API key is valid and lacks a scope or a project role for this request (HTTP 403)."""


class ConflictError(RestAPIError):
    """Something of that name exists already, or the state of the thing forbids the request (HTTP 409)."""


class QuotaExceededError(RestAPIError):
    """A limit of the project, of its storage or of the request rate is reached."""


class ServerTimeoutError(RestAPIError, TimeoutError):
    """A server or a gateway in front of it answered that it ran out of time (HTTP 408 or 504)."""


def _rest_error_class(status, code):
    from hopsworks.client import service_codes

    if code in service_codes.QUOTA or status in (413, 429, 507):
        return QuotaExceededError
    if status == 401:
        return UnauthorizedError
    if status == 403:
        return ForbiddenError
    if status == 404 or code in service_codes.NOT_FOUND:
        return NotFoundError
    if status == 409 or code in service_codes.CONFLICT:
        return ConflictError
    if status in (408, 504):
        return ServerTimeoutError
    return RestAPIError


class RequestCancelledError(Exception):
    """The request was cancelled by the program before it ended."""


class ResponseDecodeError(TypeError, ValueError):
    """An answer holds another JSON type than the contract says.

    Parameters:
        class_name: Resource class that was being read, for example ``"FeatureGroup"``.
        field: Field of that class, or ``None`` when the body as a whole is meant.
        expected: JSON type that the contract says.
        found: JSON type that came.

    Attributes:
        class_name (str): As given.
        field (str | None): As given.
        expected (str): As given.
        found (str): As given.
    """

    def __init__(self, class_name, field=None, expected="", found=""):
        self.class_name = class_name
        self.field = field
        self.expected = expected
        self.found = found
        if expected or found:
            thing = f"{class_name}.{field}" if field else class_name
            message = f"{thing}: expected {expected}, found {found}"
        else:
            message = str(class_name)
        super().__init__(message)

    def __reduce__(self):
        return (type(self), (self.class_name, self.field, self.expected, self.found))


class MalformedResponseError(ResponseDecodeError):
    """An answer that should be JSON is not."""

    def __init__(self, message, url=None):
        super().__init__(message)
        self.url = url

    def __reduce__(self):
        return (type(self), (str(self), self.url))


class LimitExceededError(Exception):
    """An answer, or something made from it, is larger than the client accepts."""


class HopsworksConnectionError(Exception):
    """A setting of a connection was changed while the connection is open; close it first."""

    def __init__(self, message="The connection is open. Close it before you change its settings."):
        super().__init__(message)


class NoHopsworksConnectionError(Exception):
    """There is no open connection to a Hopsworks host."""

    def __init__(self, message="Not connected to Hopsworks. Call hopsworks.login() first."):
        super().__init__(message)


class ExternalClientError(TypeError):
    """An argument that a connection from outside the cluster needs is missing.

    Parameters:
        missing_argument: Name of the argument.
        remedy: What the user can do about it; a sentence.
    """

    def __init__(self, missing_argument, remedy=None):
        self.missing_argument = missing_argument
        message = f"{missing_argument} is missing; a connection from outside the cluster needs it."
        super().__init__(f"{message} {remedy}" if remedy else message)
        self._remedy = remedy

    def __reduce__(self):
        return (type(self), (self.missing_argument, self._remedy))


class InternalClientError(TypeError):
    """A setting that the cluster gives to its own programs is missing.

    Parameters:
        message: The setting, and where it was looked for.
    """

    def __init__(self, message):
        super().__init__(message)


class UnknownSecretStorageError(Exception):
    """A secret store was named that does not exist."""


class ProjectException(Exception):
    """A project cannot be found, chosen or made."""


class DatasetException(Exception):
    """A path in the file system of a project cannot be used the way the call asks."""


class ContentMismatchError(DatasetException):
    """The content that arrived is not the content that was announced; nothing was put in place."""


class JobException(Exception):
    """A job cannot be used the way the call asks."""


class JobExecutionException(Exception):
    """An execution of a job failed or cannot be used the way the call asks."""


class EnvironmentException(Exception):
    """A Python environment cannot be used the way the call asks."""


class GitException(Exception):
    """A git repository cannot be used the way the call asks."""


class KafkaException(Exception):
    """A Kafka topic or schema cannot be used the way the call asks."""


class OpenSearchException(Exception):
    """OpenSearch cannot be used the way the call asks."""


class TrinoException(Exception):
    """A Trino call cannot be served."""


class FeatureStoreException(Exception):
    """A feature store call cannot be carried out."""


class DataValidationException(FeatureStoreException):
    """Rows were refused by the expectations of a feature group whose policy is ``STRICT``.

    Parameters:
        message: What was refused.
    """

    def __init__(self, message):
        super().__init__(message)


class DataSourceException(FeatureStoreException):
    """A data source, or its schema, cannot be read."""


class TransformationFunctionException(Exception):
    """A transformation function failed or cannot be applied.

    Parameters:
        message: What failed.
        missing_features: Features that the function needs and did not get.
        transformation_function_name: Name of the function.
        transformation_type: ``"on_demand"`` or ``"model_dependent"``.
    """

    def __init__(
        self,
        message,
        missing_features=None,
        transformation_function_name=None,
        transformation_type=None,
    ):
        self.missing_features = missing_features
        self.transformation_function_name = transformation_function_name
        self.transformation_type = (
            transformation_type.replace("_", "-") if transformation_type else None
        )
        super().__init__(message)

    def __reduce__(self):
        return (
            type(self),
            (
                self.args[0],
                self.missing_features,
                self.transformation_function_name,
                self.transformation_type,
            ),
        )


class VectorDatabaseException(Exception):
    """A similarity search cannot be served.

    Parameters:
        reason: One of the reason constants of this class.
        message: What failed.
        info: Details by key, for example the largest ``k``.
    """

    REQUESTED_K_TOO_LARGE = "REQUESTED_K_TOO_LARGE"
    REQUESTED_NUM_RESULT_TOO_LARGE = "REQUESTED_NUM_RESULT_TOO_LARGE"
    OTHERS = "OTHERS"

    REQUESTED_K_TOO_LARGE_INFO_K = "k"
    REQUESTED_NUM_RESULT_TOO_LARGE_INFO_N = "n"

    def __init__(self, reason, message, info):
        super().__init__(message)
        self._reason = reason
        self._info = info

    @property
    def reason(self):
        """One of the reason constants of this class."""
        return self._reason

    @property
    def info(self):
        """Details of the reason."""
        return self._info

    def __reduce__(self):
        return (type(self), (self._reason, self.args[0], self._info))


class ModelRegistryException(Exception):
    """A model registry call cannot be carried out."""


class HuggingFaceImportException(ModelRegistryException):
    """The import of a model from Hugging Face ended without a model.

    Parameters:
        error_code: Code of the service; one of the constants of this class, or a text that begins with
            ``download_failed``, ``invalid_filename`` or ``registration_failed``.
        message: Explanation; the code when omitted.
    """

    AUTH_REQUIRED = "auth_required"
    NOT_FOUND_OR_AUTH_REQUIRED = "not_found_or_auth_required"
    MODEL_NOT_FOUND = "model_not_found"
    NO_DISK_SPACE = "no_disk_space"
    FETCH_FAILED = "fetch_failed"

    def __init__(self, error_code, message=None):
        self.error_code = error_code
        self.message = message or error_code
        super().__init__(self.message)

    def __reduce__(self):
        return (type(self), (self.error_code, self.message))


class ModelServingException(Exception):
    """A deployment cannot be used the way the call asks."""

    ERROR_CODE_SERVING_NOT_FOUND = 240000
    ERROR_CODE_ILLEGAL_ARGUMENT = 240001
    ERROR_CODE_DUPLICATED_ENTRY = 240011
    ERROR_CODE_DEPLOYMENT_NOT_RUNNING = 250001


class PlatformIntelligenceException(Exception):
    """A call to the language model of the platform cannot be served.

    Parameters:
        reason: One of the constants of this class.
        message: What failed.
    """

    NOT_CONFIGURED = "not_configured"
    INFERENCE_FAILED = "inference_failed"

    def __init__(self, reason, message):
        self.reason = reason
        super().__init__(message)

    def __reduce__(self):
        return (type(self), (self.reason, self.args[0]))


# ---------------------------------------------------------------------------------------------------------------


def from_native(
    kind,
    message,
    *,
    operation=None,
    url=None,
    status=0,
    reason=None,
    headers=None,
    body=None,
    service_code=None,
    attempts=1,
    os_error=0,
):
    """Make the exception for a failure of the native core.

    Parameters:
        kind: Status word of the core, for example ``"CONNECT"`` or ``"HTTP"``; case does not matter.
        message: What the core knows: the thing, the cause and the remedy.
        operation: Verb and path, without query.
        url: Address that was asked.
        status: HTTP status; 0 when no answer came.
        reason: Text beside the status.
        headers: Response headers, as a mapping or pairs.
        body: Response body.
        service_code: Error code in the body.
        attempts: How often the request was sent.
        os_error: ``errno`` of a failed system call.

    Returns:
        The exception; the caller raises it.
    """
    url = without_secrets(url)
    kind = kind.upper()
    if kind == "HTTP":
        response = Response(url, status, reason, headers, bytes(body or b""))
        cls = _rest_error_class(status, service_code)
        return cls(url, response, operation=operation, attempts=attempts)
    if kind == "CLOSED":
        return NoHopsworksConnectionError(message) if message else NoHopsworksConnectionError()
    told = " attempts in " in message  # the core says it where it has waited between attempts
    if attempts > 1 and not told and kind in ("RESOLVE", "CONNECT", "TLS", "TIMEOUT", "PROTOCOL"):
        message = f"{_sentence(message)} Tried {attempts} times."
    if kind in ("RESOLVE", "IO", "PROTOCOL", "TLS") and not os_error:
        from hopsworks.client import remedies

        remedy = remedies.of_silence(url, kind, message)
        message = f"{_sentence(message)} {remedy}" if remedy else message
    context = {"url": url, "operation": operation, "attempts": attempts}
    if kind in ("RESOLVE", "CONNECT"):
        return ServiceUnreachableError(message, **context)
    if kind == "TLS":
        return HopsworksSSLClientError(message, **context)
    if kind == "TIMEOUT":
        return _timeout_class(message)(message, **context)
    if kind == "PROTOCOL":
        return ProtocolError(message, **context)
    if kind == "IO":
        # Without the number of a system call, it is the network that failed.
        return (
            OSError(os_error, message) if os_error else ServiceUnreachableError(message, **context)
        )
    if kind == "INTEGRITY":
        return ContentMismatchError(message)
    if kind == "JSON":
        return MalformedResponseError(message, url)
    if kind == "DECODE":
        return ResponseDecodeError(message)
    if kind == "LIMIT":
        return LimitExceededError(message)
    if kind == "CANCELLED":
        return RequestCancelledError(message)
    if kind == "ARGUMENT":
        return ValueError(message)
    if kind == "NOMEM":
        return MemoryError(message)
    return RuntimeError(message)


def _timeout_class(message):
    """Which limit was reached; the words are those of csrc/core/http_error.c."""
    if "no connection to" in message or "TLS handshake" in message:
        return ConnectTimeoutError
    if "sent nothing for" in message:
        return ReadTimeoutError
    return RequestTimeoutError


def _sentence(text):
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else text + "."
