"""The exceptions of homer, and the one place where a failure of the client becomes one of them."""

from __future__ import annotations

from hopsworks.client.exceptions import (
    DatasetException,
    HopsworksSSLClientError,
    ModelRegistryException,
    RequestTimeoutError,
    ResponseDecodeError,
    RestAPIError,
    ServiceUnreachableError,
)

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from types import TracebackType


class HomerError(Exception):
    """Something failed in homer; all other exceptions of homer derive from it.

    Attributes:
        status_code (int | None): HTTP status of the server's answer; None when no answer is behind it.
        error_code (int | str | None): Code of the service in that answer.

    Example:
        ```python
        import homer

        try:
            model = mr.get_model("mnist", 1)
        except homer.ModelNotFoundError:
            model = mr.create_model("mnist", 1, "model_folder")
        except homer.HomerError as error:
            raise SystemExit(f"the registry refuses: {error}") from error
        ```
    """

    status_code: int | None = None
    error_code: int | str | None = None


class ModelNotFoundError(HomerError):
    """There is no such version in the registry."""


class ModelExistsError(HomerError):
    """The version exists already, and it was not asked to replace it."""


class RegistryAccessError(HomerError):
    """The registry does not exist, is not shared with the project, or may not be changed by it."""


class RegistrationTimeoutError(HomerError, TimeoutError):
    """The version was registered and did not become visible in time; its files and its entry are kept."""


class InvalidModelError(HomerError, ValueError):
    """A description of a model, or its files, cannot be what they are said to be."""


class MissingFilesError(InvalidModelError, FileNotFoundError):
    """There is nothing at the path of the model's files."""


_OF_THE_CLIENT = (
    RestAPIError,
    ServiceUnreachableError,
    RequestTimeoutError,
    HopsworksSSLClientError,
    ResponseDecodeError,
    ModelRegistryException,
    DatasetException,
)
# Of the service: unknown registry, no access to it, and a registry without a dataset for models.
_ACCESS_CODES = (360005, 360006, 360007, 360008)


class failures:
    """A block whose failures become exceptions of homer; the original is their ``__cause__``.

    Parameters:
        what (str): What is being done, for the message: ``"get model 'mnist' version 1"``.
    """

    __slots__ = ("_what",)

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if not isinstance(error, _OF_THE_CLIENT):
            return
        # A refusal with a remedy of its own has the answer of the server behind it.
        answer = error if isinstance(error, RestAPIError) else error.__cause__
        status = code = None
        if isinstance(answer, RestAPIError):
            status, code = answer.response.status_code, answer.error_code
        denied = status == 403 or code in _ACCESS_CODES
        made = (RegistryAccessError if denied else HomerError)(f"Could not {self._what}: {error}")
        made.status_code, made.error_code = status, code
        for note in getattr(error, "__notes__", ()):
            made.add_note(note)
        raise made from error
