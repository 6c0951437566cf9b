"""Memory that is given back when the server rests.

Reading and writing tables leaves freed memory with the allocators, which keep it for the next time.
After some seconds without a request it goes back to the system, so that an idle server stays small.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import sys
import time
from typing import Any

AFTER_SECONDS = 3.0


def give_back() -> None:
    """Collect garbage and return free memory of Arrow's pool and of malloc to the system."""
    gc.collect()
    arrow = sys.modules.get("pyarrow")
    if arrow is not None:
        arrow.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


async def watch(server: Any) -> None:
    """Give memory back once after each burst of work."""
    rested_at = server.last_used
    while True:
        await asyncio.sleep(AFTER_SECONDS / 2)
        used = server.last_used
        # A lease is a request that lasts as long as its client.
        quiet = server.in_flight <= server.leases and time.monotonic() - used > AFTER_SECONDS
        if quiet and used > rested_at:
            rested_at = used
            await server.run(give_back)
