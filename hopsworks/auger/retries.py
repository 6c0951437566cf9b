"""How often a call may be repeated."""

from __future__ import annotations

from hopsworks.auger.errors import NetworkError, RetryableApiError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hopsworks.auger.hub_api_client import HubApiClient


class RetryCounter:
    """The repetitions that one call has left.

    A call is repeated only while both numbers are above zero; a repetition takes one from that of its cause.

    Parameters:
        client: The client whose ``retries_count`` and ``connection_retries_count`` are the budget; without one
            there is none.

    Attributes:
        retries_left (float): Repetitions after an answer that may pass.
        connection_retries_left (float): Repetitions after a lost connection.
    """

    def __init__(self, client: HubApiClient | None = None) -> None:
        self.retries_left: float = 0 if client is None else client.retries_count
        self.connection_retries_left: float = (
            0 if client is None else client.connection_retries_count
        )

    @classmethod
    def none(cls) -> RetryCounter:
        """Make a counter that allows no repetition."""
        return cls()

    def is_retries_available(self) -> bool:
        """Whether the call may be repeated."""
        return self.retries_left > 0 and self.connection_retries_left > 0

    def count_retry(self, error: BaseException) -> RetryCounter:
        """Take one repetition away.

        Parameters:
            error: Why the call is repeated.

        Returns:
            The counter itself.

        Raises:
            RuntimeError: For an error after which calls are not repeated.
        """
        if isinstance(error, RetryableApiError):
            self.retries_left -= 1
        elif isinstance(error, NetworkError):
            self.connection_retries_left -= 1
        else:
            raise RuntimeError(f"Unsupported kind of error: {error}")
        return self
