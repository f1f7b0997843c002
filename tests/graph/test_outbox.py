"""Events are written with what caused them, handed over at least once and kept until done."""

import asyncio

import pytest

from graph import outbox
from graph.driver import Graph, Transaction
from graph.outbox import EventKind

EARLY, NOW, LATE = (f"2026-01-0{day}T00:00:00.000Z" for day in (1, 2, 3))


async def _emit(graph: Graph, key: str | None = None, at: str = NOW) -> str:
    payload = {"idea": "ı"}
    return await graph.write(outbox.emit, kind=EventKind.TALLY_REFRESH, payload=payload, now=at, key=key)


async def _waiting(graph: Graph, stale: str = EARLY) -> list[str]:
    return [event.uid for event in await outbox.pending(graph, stale=stale)]


async def test_event_waits_until_dispatched_and_again_until_done(graph: Graph) -> None:
    uid = await _emit(graph)
    (event,) = await outbox.pending(graph, stale=EARLY)
    assert (event.uid, event.kind, event.payload) == (uid, "TALLY_REFRESH", {"idea": "ı"})
    await graph.write(outbox.mark_dispatched, uid=uid, now=NOW)
    assert await _waiting(graph) == []
    assert await _waiting(graph, stale=LATE) == [uid]
    await graph.write(outbox.mark_done, uid=uid, now=NOW)
    assert await _waiting(graph, stale=LATE) == []


async def test_oldest_event_comes_first(graph: Graph) -> None:
    late, early = await _emit(graph, at=LATE), await _emit(graph, at=EARLY)
    assert await _waiting(graph) == [early, late]


async def test_events_of_one_key_are_one_until_dispatched(graph: Graph) -> None:
    uids = await asyncio.gather(*(_emit(graph, "tally:1") for _ in range(20)), _emit(graph, "tally:2"))
    assert len(set(uids)) == 2
    await graph.write(outbox.mark_dispatched, uid=uids[0], now=NOW)
    assert await _emit(graph, "tally:1") not in uids


async def test_event_that_keeps_failing_becomes_a_dead_letter(graph: Graph) -> None:
    uid = await _emit(graph)
    for _ in range(5):
        assert await _waiting(graph, stale=LATE) == [uid]
        await graph.write(outbox.mark_dispatched, uid=uid, now=NOW)
        await graph.write(outbox.mark_failed, uid=uid, error="boom" * 1000, now=NOW)
    assert await _waiting(graph, stale=LATE) == []
    (row,) = await graph.read("MATCH (e:Event) RETURN e.error AS error, e.attempts AS attempts")
    assert (row["error"][:8], len(row["error"]), row["attempts"]) == ("boomboom", 1000, 5)


async def test_event_is_not_kept_when_its_cause_fails(graph: Graph) -> None:
    async def work(tx: Transaction) -> None:
        await outbox.emit(tx, kind=EventKind.RUN, payload={}, now=NOW)
        raise ValueError("the cause failed")

    with pytest.raises(ValueError, match="the cause failed"):
        await graph.write(work)
    assert await _waiting(graph) == []


async def test_sweep_deletes_only_what_was_done_before(graph: Graph) -> None:
    done, waiting = await _emit(graph), await _emit(graph)
    await graph.write(outbox.mark_done, uid=done, now=NOW)
    assert await graph.write(outbox.sweep, before=NOW) == 0
    assert await graph.write(outbox.sweep, before=LATE) == 1
    assert await _waiting(graph) == [waiting]


async def test_who_takes_events_leaves_later_ones_and_those_that_failed(graph: Graph) -> None:
    first, failed, kind = await _emit(graph, key="tally:a"), await _emit(graph), EventKind.TALLY_REFRESH
    for _ in range(2):
        await graph.write(outbox.mark_dispatched, uid=failed, now=NOW)
    assert await outbox.first_attempts(graph, kind=kind) == {first: {"idea": "ı"}}
    await graph.write(outbox.take, uids=[first], now=NOW)
    later = await _emit(graph, key="tally:a")
    assert later != first
    assert await _waiting(graph) == [later]
    assert [*await outbox.first_attempts(graph, kind=kind)] == sorted([first, later])
    await graph.write(outbox.mark_all_done, uids=[first], now=NOW)
    assert [await outbox.is_done(graph, uid=uid) for uid in (first, failed, later)] == [True, False, False]
    assert await outbox.first_attempts(graph, kind=kind) == {later: {"idea": "ı"}}
