"""Runs are asked for when their turn has come: one at a time, once, and none while nothing is there."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from graph import clock, outbox, publication, runs
from graph.driver import Graph, Transaction
from graph.records import parse_instant, to_instant

START = "2026-03-01T00:00:00.000Z"
DAY, HOUR, MINUTE, NEVER = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta()
FILLED = "CREATE (:Customer {uid: 'u'}) CREATE (:Publication {name: 'tally', filledAt: $at})"
RUNS = "MATCH (r:JobRun) RETURN r.kind AS kind, r.requestedBy AS requestedBy ORDER BY r.queuedAt, r.uid"


async def _do(tx: Transaction, query: str, /, **parameters: Any) -> None:
    await (await tx.run(query, **parameters)).consume()


def _at(after: timedelta) -> str:
    return to_instant(parse_instant(START) + after)


async def _ask(graph: Graph, after: timedelta, every: timedelta = DAY) -> str | None:
    asked = await clock.ask(graph, now=_at(after), every=every)
    return asked.kind if asked else None


async def _ran(graph: Graph, kind: str, began: timedelta, took: timedelta, *, failed: bool = False) -> str:
    run = await graph.write(runs.queue, kind=kind, now=_at(began))
    await graph.write(runs.start, uid=run.uid, now=_at(began))
    if failed:
        await graph.write(runs.fail, uid=run.uid, now=_at(began + took), message="boom")
    else:
        await graph.write(runs.finish, uid=run.uid, now=_at(began + took))
    return run.uid


async def _filled(graph: Graph) -> None:
    await graph.write(_do, FILLED, at=_at(-DAY))


async def _behind(graph: Graph) -> None:
    await _filled(graph)
    await graph.write(publication.fall_behind, name="tally")


async def test_an_empty_graph_asks_for_nothing(graph: Graph) -> None:
    for after in (NEVER, DAY, 2 * DAY):
        assert await _ask(graph, after) is None
    assert await graph.read("MATCH (n) WHERE n:JobRun OR n:Event OR n:Publication RETURN n") == []


async def test_the_first_runs_come_ten_minutes_after_the_data_one_after_the_other(graph: Graph) -> None:
    await graph.write(_do, "CREATE (:Customer {uid: 'u'})")
    assert await _ask(graph, NEVER) is None
    assert await _ask(graph, 10 * MINUTE - timedelta(milliseconds=1)) is None
    for minute, kind in ((10, "COMMUNITIES"), (12, "INFLUENCE"), (14, "TALLY")):
        assert await _ask(graph, minute * MINUTE) == kind
        assert await _ask(graph, minute * MINUTE + timedelta(seconds=30)) is None
        waiting = (await outbox.pending(graph, stale="9"))[-1]
        uid = waiting.payload["run"]
        await graph.write(runs.start, uid=uid, now=_at(minute * MINUTE))
        assert await _ask(graph, (minute + 1) * MINUTE - timedelta(seconds=1)) is None
        await graph.write(runs.finish, uid=uid, now=_at((minute + 1) * MINUTE))
    assert await _ask(graph, 16 * MINUTE) is None
    assert await _ask(graph, DAY + 10 * MINUTE - timedelta(milliseconds=1)) is None
    assert await _ask(graph, DAY + 10 * MINUTE) == "COMMUNITIES"
    assert [row["kind"] for row in await graph.read(RUNS)] == [
        "COMMUNITIES",
        "INFLUENCE",
        "TALLY",
        "COMMUNITIES",
    ]
    assert [row["requestedBy"] for row in await graph.read(RUNS)] == [None] * 4


async def test_a_run_that_somebody_asked_for_moves_the_turn(graph: Graph) -> None:
    await _filled(graph)
    for kind in clock.KINDS:
        await _ran(graph, kind, HOUR, MINUTE)
    await _ran(graph, "ANALYSIS", HOUR, MINUTE)
    assert await _ask(graph, DAY) is None
    assert await _ask(graph, DAY + HOUR) == "COMMUNITIES"


async def test_of_twenty_workers_one_asks(graph: Graph) -> None:
    await _filled(graph)
    asked = await asyncio.gather(*(_ask(graph, NEVER) for _ in range(20)))
    assert sorted(map(str, asked)) == ["COMMUNITIES", *["None"] * 19]
    assert len(await outbox.pending(graph, stale="9")) == 1
    assert [row["kind"] for row in await graph.read(RUNS)] == ["COMMUNITIES"]


async def test_never_is_never(graph: Graph) -> None:
    await _filled(graph)
    assert await _ask(graph, 9 * DAY, NEVER) is None
    assert await graph.read(RUNS) == []


async def test_a_failed_run_waits_for_its_next_turn_and_the_others_do_not_wait_for_it(graph: Graph) -> None:
    await _filled(graph)
    await _ran(graph, "COMMUNITIES", HOUR, MINUTE, failed=True)
    assert await _ask(graph, HOUR + 2 * MINUTE) == "INFLUENCE"
    for kind in ("INFLUENCE", "TALLY"):
        await _ran(graph, kind, HOUR + 3 * MINUTE, MINUTE)
    # what was asked for above never started: it holds up nothing for longer than a turn
    assert await _ask(graph, DAY + HOUR) is None
    assert await _ask(graph, DAY + HOUR + 2 * MINUTE) == "COMMUNITIES"


async def test_a_run_whose_worker_fell_silent_holds_up_nobody(graph: Graph) -> None:
    await _filled(graph)
    run = await graph.write(runs.queue, kind="COMMUNITIES", now=START)
    await graph.write(runs.start, uid=run.uid, now=START)
    assert await _ask(graph, MINUTE - timedelta(milliseconds=1)) is None
    assert await _ask(graph, MINUTE) == "INFLUENCE"


@pytest.mark.parametrize("every", [NEVER, 300 * DAY])
async def test_a_tally_that_is_behind_rests_nine_times_as_long_as_the_last_took(
    graph: Graph, every: timedelta
) -> None:
    await _behind(graph)
    for kind in clock.KINDS:
        await _ran(graph, kind, NEVER, MINUTE)
    assert await _ask(graph, 10 * MINUTE - timedelta(milliseconds=1), every) is None
    asked = await asyncio.gather(*(_ask(graph, 10 * MINUTE, every) for _ in range(5)))
    assert sorted(map(str, asked)) == ["None"] * 4 + ["TALLY"]
    assert await _ask(graph, 20 * MINUTE, every) is None  # it still waits
    assert [row["kind"] for row in await graph.read(RUNS)] == [*clock.KINDS, "TALLY"]


async def test_a_tally_that_is_not_behind_is_left_alone(graph: Graph) -> None:
    await _filled(graph)
    await _ran(graph, "TALLY", NEVER, MINUTE)
    assert await _ask(graph, HOUR, NEVER) is None


async def test_a_tally_that_failed_to_catch_up_is_tried_again_in_a_day(graph: Graph) -> None:
    await _behind(graph)
    await _ran(graph, "TALLY", NEVER, MINUTE)
    await _ran(graph, "TALLY", HOUR, MINUTE, failed=True)
    assert await _ask(graph, HOUR + DAY, NEVER) is None
    assert await _ask(graph, HOUR + DAY + MINUTE, NEVER) == "TALLY"


async def test_a_tally_is_behind_until_a_run_that_began_later_is_published(graph: Graph) -> None:
    async def is_behind() -> bool:
        return (await graph.write(clock.read, now=START, every=DAY)).is_behind

    async def publish(slot: str, *, whole: bool = True) -> None:
        await graph.write(publication.publish, name="tally", slot=slot, run=slot, as_of=None, whole=whole)

    await graph.write(publication.claim, name="tally", run="A")
    await publish("A")
    assert not await is_behind()
    await graph.write(publication.fall_behind, name="tally")
    await graph.write(publication.claim, name="tally", run="B")
    await graph.write(publication.fall_behind, name="tally")  # while the run works
    await publish("B")
    assert await is_behind()
    await graph.write(publication.claim, name="tally", run="killed")
    await graph.write(publication.claim, name="tally", run="A")
    await publish("A", whole=False)  # as of an earlier instant
    assert await is_behind()
    await graph.write(publication.claim, name="tally", run="B")
    await publish("B")
    assert not await is_behind()
