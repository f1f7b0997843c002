"""Holds the record of a run for one worker while it works, and says how far it is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar

from graph import runs
from graph.driver import Graph
from graph.errors import Closed
from graph.records import now
from graph.runs import JobRun, RunStatus

Progress = Callable[[int, int], None]

HEARTBEAT = 15.0
WAIT_SECONDS = 2.0

T = TypeVar("T")


class Busy(Closed):
    """Another run of this kind is going on, or this one is in another worker."""

    def __init__(self, going: JobRun) -> None:
        super().__init__(
            f"Another {going.kind.lower()} run is going on since {going.started_at} ({going.uid}): "
            "wait until it has ended."
        )
        self.going = going


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
    Busy
        When another run of its kind is going on, or this one is in another worker.
    """
    while await graph.write(runs.start, uid=uid, now=now()) is None:
        found = await graph.write(runs.get, uid=uid)
        if found.status is RunStatus.SUCCEEDED:
            yield False
            return
        if going := await graph.write(runs.going, kind=found.kind):
            raise Busy(going)
    beat = asyncio.create_task(_beat(graph, uid))
    try:
        yield True
    except BaseException as error:
        stopped = isinstance(error, asyncio.CancelledError)
        why = "It was stopped." if stopped else f"{type(error).__name__}: {error}"
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


async def in_turn(work: Callable[[], Awaitable[T]], tell: Callable[[JobRun], None] | None = None) -> T:
    """Do a run as soon as no other of its kind is going on; tells once of each one it waits for."""
    awaited = ""
    while True:
        try:
            return await work()
        except Busy as busy:
            if tell and busy.going.uid != awaited:
                tell(busy.going)
            awaited = busy.going.uid
        await asyncio.sleep(WAIT_SECONDS)
