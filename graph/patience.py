"""Waits out a database that went away and comes back, for acts that may be repeated."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from graph.errors import Unavailable

T = TypeVar("T")

log = logging.getLogger(__name__)
PAUSE_SECONDS = 0.5


async def outlasting(seconds: float, act: Callable[[], Awaitable[T]]) -> T:
    """The result of an act, which is repeated as long as its fault may pass.

    Raises
    ------
    Unavailable
        When the act still fails `seconds` after it failed first.
    """
    end = None
    while True:
        try:
            return await act()
        except Unavailable as error:
            if end is None:
                end = time.monotonic() + seconds
                log.warning("%s; trying again for %g s", error.message.partition(";")[0], seconds)
            elif time.monotonic() > end:
                raise
        await asyncio.sleep(PAUSE_SECONDS)
