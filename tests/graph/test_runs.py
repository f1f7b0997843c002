"""Runs are claimed by one worker, one of a kind at a time, and taken over from the dead."""

import asyncio

import pytest

from graph import outbox, runs
from graph.driver import Graph
from graph.errors import NotFound
from graph.runs import JobRun, RunStatus

NOW, SOON, LATE = (f"2026-01-01T00:0{minute}:00.000Z" for minute in (0, 1, 2))


async def _queue(graph: Graph, kind: str = "INFLUENCE") -> JobRun:
    return await graph.write(runs.queue, kind=kind, now=NOW, requested_by="ann", parameters={"alpha": 0.85})


async def _get(graph: Graph, uid: str) -> JobRun:
    return await graph.write(runs.get, uid=uid)


async def test_run_goes_from_queued_to_succeeded(graph: Graph) -> None:
    queued = await _queue(graph)
    assert (queued.status, queued.requested_by, queued.parameters) == (
        RunStatus.QUEUED,
        "ann",
        {"alpha": 0.85},
    )
    started = await graph.write(runs.start, uid=queued.uid, now=NOW)
    assert started is not None
    assert (started.status, started.started_at) == (RunStatus.RUNNING, NOW)
    assert await graph.write(runs.progress, uid=queued.uid, now=SOON, done=5, total=10)
    assert await graph.write(runs.finish, uid=queued.uid, now=LATE, message="10 ranked", as_of=SOON)
    ended = await _get(graph, queued.uid)
    assert (ended.status, ended.finished_at, ended.as_of) == (RunStatus.SUCCEEDED, LATE, SOON)
    assert (ended.done, ended.total, ended.message) == (5, 10, "10 ranked")
    assert await graph.write(runs.start, uid=queued.uid, now=LATE) is None


async def test_requested_run_waits_for_a_worker(graph: Graph) -> None:
    asked = await graph.write(runs.request, kind="TALLY", now=NOW, as_of="2026-01-01T03:00:00+03:00")
    assert asked.as_of == NOW
    (event,) = await outbox.pending(graph, stale=NOW)
    assert (event.kind, event.payload) == ("RUN", {"run": asked.uid})


async def test_failed_run_keeps_its_reason_and_may_start_again(graph: Graph) -> None:
    queued = await _queue(graph)
    await graph.write(runs.start, uid=queued.uid, now=NOW)
    assert await graph.write(runs.fail, uid=queued.uid, now=SOON, message="boom")
    failed = await _get(graph, queued.uid)
    assert (failed.status, failed.message) == (RunStatus.FAILED, "boom")
    again = await graph.write(runs.start, uid=queued.uid, now=SOON)
    assert again is not None
    assert again.message is None


async def test_second_run_of_a_kind_waits(graph: Graph) -> None:
    first, second, other = await _queue(graph), await _queue(graph), await _queue(graph, "TALLY")
    assert await graph.write(runs.start, uid=first.uid, now=NOW)
    assert await graph.write(runs.start, uid=second.uid, now=NOW) is None
    assert await graph.write(runs.start, uid=other.uid, now=NOW)
    await graph.write(runs.finish, uid=first.uid, now=SOON)
    assert await graph.write(runs.start, uid=second.uid, now=SOON)


async def test_twenty_workers_start_one_run_once(graph: Graph) -> None:
    queued = [await _queue(graph) for _ in range(4)]
    tries = [graph.write(runs.start, uid=each.uid, now=NOW) for each in queued for _ in range(5)]
    assert sum(started is not None for started in await asyncio.gather(*tries)) == 1


async def test_silent_worker_loses_its_claim(graph: Graph) -> None:
    first, second = await _queue(graph), await _queue(graph)
    await graph.write(runs.start, uid=first.uid, now=NOW)
    await graph.write(runs.progress, uid=first.uid, now=SOON)
    assert await graph.write(runs.start, uid=second.uid, now=LATE) is None
    late = "2026-01-01T00:02:00.001Z"
    assert await graph.write(runs.start, uid=second.uid, now=late)
    assert not await graph.write(runs.progress, uid=first.uid, now=late)
    assert not await graph.write(runs.finish, uid=first.uid, now=late)
    lost = await _get(graph, first.uid)
    assert (lost.status, lost.message) == (RunStatus.FAILED, "The worker of this run fell silent.")


async def test_unknown_run_is_not_found(graph: Graph) -> None:
    with pytest.raises(NotFound):
        await graph.write(runs.start, uid="nothing", now=NOW)
