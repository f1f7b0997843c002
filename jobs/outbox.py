"""Hands events over to the queue, sweeps those that got lost, and notes how each ended."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

from arq.constants import in_progress_key_prefix
from redis.exceptions import RedisError

from graph import idempotency, outbox
from graph.driver import Graph
from graph.outbox import Event, EventKind
from graph.records import Instant, now, parse_instant, to_instant
from jobs.queue import Queue, end

SWEEP_LIMIT = 1000
# how long the record of a done event is kept
KEPT = timedelta(days=7)


async def dispatch(graph: Graph, queue: Queue, *, attempts: int) -> int:
    """Hand over the events nobody has handed over yet; returns how many."""
    return await _hand_over(graph, queue, await outbox.pending(graph, stale="", attempts=attempts))


async def redispatch(graph: Graph, queue: Queue, *, attempts: int, silence: float) -> int:
    """Hand over again what was handed over `silence` seconds ago, is not done and left the queue."""
    events = await outbox.pending(graph, stale=_before(silence), attempts=attempts, limit=SWEEP_LIMIT)
    lost = await queue.missing(event.uid for event in events)
    return await _hand_over(graph, queue, [event for event in events if event.uid in lost])


async def _hand_over(graph: Graph, queue: Queue, events: Sequence[Event]) -> int:
    """Hand events over; of those that ask for a refresh and never failed one is enough: its job takes all along."""
    handed, refresh = 0, False
    for event in events:
        along = event.kind == EventKind.TALLY_REFRESH and event.attempts <= 1
        if along and refresh:
            continue
        refresh |= along
        # marked first: what happens from here on gets an event of its own; a crash between is swept
        await graph.write(outbox.mark_dispatched, uid=event.uid, now=now())
        await queue.enqueue(event.kind.lower(), job_id=event.uid, event=event.uid, **event.payload)
        handed += 1
    return handed


async def tidy(graph: Graph) -> None:
    """Forget the events done long ago and the answers kept for repeated requests."""
    await graph.write(outbox.sweep, before=_before(KEPT.total_seconds()))
    await graph.write(idempotency.sweep, now=now())


@asynccontextmanager
async def performing(context: dict[Any, Any], event: str, seconds: float | None) -> AsyncIterator[Graph]:
    """Do what an event asks for inside this block: within its time, its outcome noted on the event."""
    graph: Graph = context["graph"]
    if context["job_try"] > 1:
        why = f"its worker ended in the middle of it, {context['job_try'] - 1} times"
        await graph.write(outbox.mark_failed, uid=event, error=why, now=now())
    try:
        async with renewed(context), asyncio.timeout(seconds):
            yield graph
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        await graph.write(outbox.mark_failed, uid=event, error=why, now=now())
        raise
    else:
        await graph.write(outbox.mark_done, uid=event, now=now())


@asynccontextmanager
async def renewed(context: dict[Any, Any]) -> AsyncIterator[None]:
    """Hold a job for this worker as long as the block lasts, however short a lease is."""
    renewal = asyncio.create_task(_renew(context))
    try:
        yield
    finally:
        await end(renewal)


async def _renew(context: dict[Any, Any]) -> None:
    # a short lease, renewed: the job of a killed worker comes back soon, however long it may run
    lease = context["lease"]
    while True:
        with suppress(RedisError, OSError):  # a worker that lost its queue ends its jobs by itself
            await context["redis"].pexpire(in_progress_key_prefix + context["job_id"], int(lease * 1000))
        await asyncio.sleep(lease / 3)


def _before(seconds: float) -> Instant:
    return to_instant(parse_instant(now()) - timedelta(seconds=seconds))
