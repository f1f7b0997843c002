"""Holds the record of a run for one worker while it works, and says how far it is."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from graph import runs
from graph.driver import Graph
from graph.errors import Closed
from graph.records import now
from graph.runs import RunStatus

Progress = Callable[[int, int], None]

HEARTBEAT = 15.0


@dataclass(frozen=True, slots=True)
class Watch:
    """Says how far a run is, to whoever waits and to the record that keeps its claim."""

    graph: Graph
    run: str
    progress: Progress | None

    async def say(self, done: int, total: int) -> None:
        """Say that `done` of `total` are done; Closed if the claim was lost."""
        if self.progress:
            self.progress(done, total)
        if not await self.graph.write(runs.progress, uid=self.run, now=now(), done=done, total=total):
            raise Closed(f"Run {self.run} was taken over or ended by another worker.")


@asynccontextmanager
async def claimed(graph: Graph, uid: str) -> AsyncIterator[bool]:
    """Hold a run while this block lasts: False if it is done already; what goes wrong is noted on it.

    Raises
    ------
    Closed
        When another run of its kind is going on, or this one is in another worker.
    """
    if await graph.write(runs.start, uid=uid, now=now()) is None:
        found = await graph.write(runs.get, uid=uid)
        if found.status is not RunStatus.SUCCEEDED:
            raise Closed(f"Another {found.kind.lower()} run is going on: wait until it has ended.")
        yield False
        return
    beat = asyncio.create_task(_beat(graph, uid))
    try:
        yield True
    except BaseException as error:
        why = f"{type(error).__name__}: {error}"
        await asyncio.shield(graph.write(runs.fail, uid=uid, now=now(), message=why))
        raise
    finally:
        beat.cancel()
        with suppress(asyncio.CancelledError):
            await beat


async def _beat(graph: Graph, run: str) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT)
        await graph.write(runs.progress, uid=run, now=now())
