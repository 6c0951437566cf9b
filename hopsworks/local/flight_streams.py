"""The streams of rows that clients are reading, and their end when the server ends.

The orderly shutdown of gRPC waits for every stream, however long its client takes to read it. A
server that is told to stop must not hang on that: a stream under way ends with an error, and one
whose client does not read at the moment ends with its connection. Either way the client learns that
it has not got all rows.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


class Streams:
    """Counts the open streams of a process and ends them."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._open = 0
        self._ending = False

    @property
    def reading(self) -> bool:
        """True while a stream is open."""
        return self._open > 0

    def watched(self, reader: pa.RecordBatchReader) -> pa.RecordBatchReader:
        """The same batches, until the server ends."""
        import pyarrow as pa
        import pyarrow.flight as pf

        def batches() -> Iterator[pa.RecordBatch]:
            with self._changed:
                self._open += 1
            try:
                for batch in reader:
                    if self._ending:
                        raise pf.FlightUnavailableError("The server is stopping: read again.")
                    yield batch
            finally:
                with self._changed:
                    self._open -= 1
                    self._changed.notify_all()

        return pa.RecordBatchReader.from_batches(reader.schema, batches())

    def end(self, seconds: float) -> bool:
        """Ends the streams; True when all have ended within the time given."""
        deadline = time.monotonic() + seconds
        with self._changed:
            self._ending = True
            while self._open and (left := deadline - time.monotonic()) > 0:
                self._changed.wait(left)
            return self._open == 0


def leave_without_shutdown() -> None:
    """Makes the process end without the orderly shutdown of gRPC, which would wait for streams.

    Everything else has been closed when exit handlers run; clients see a broken connection.
    """

    def leave() -> None:
        logging.shutdown()
        os._exit(0)

    atexit.register(leave)
