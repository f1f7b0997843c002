"""A switch shows one whole slot; the other is for the run that holds it."""

import time

import pytest

from graph import publication
from graph.driver import Graph
from graph.errors import Closed


async def test_nothing_is_published_before_the_first_run(graph: Graph) -> None:
    assert await publication.current(graph, "influence") is None
    assert await graph.write(publication.claim, name="influence", run="r1") == "A"
    assert await publication.current(graph, "influence") is None


async def test_runs_take_turns_between_the_slots(graph: Graph) -> None:
    for run, slot in (("r1", "A"), ("r2", "B"), ("r3", "A")):
        assert await graph.write(publication.claim, name="influence", run=run) == slot
        await graph.write(publication.publish, name="influence", slot=slot, run=run, as_of=None)
        shown = await publication.current(graph, "influence")
        assert shown is not None
        assert (shown.slot, shown.run) == (slot, run)
        assert (shown.previous_until is None) == (run == "r1")
    assert await publication.current(graph, "tally") is None


async def test_a_run_that_lost_its_claim_can_neither_write_nor_publish(graph: Graph) -> None:
    slot = await graph.write(publication.claim, name="influence", run="slow")
    assert await graph.write(publication.claim, name="influence", run="next") == slot
    with pytest.raises(Closed):
        await graph.write(publication.hold, name="influence", run="slow")
    with pytest.raises(Closed):
        await graph.write(publication.publish, name="influence", slot=slot, run="slow", as_of=None)
    assert await publication.current(graph, "influence") is None


async def test_the_slot_taken_away_rests_until_its_readers_are_done(graph: Graph) -> None:
    await publication.settle(graph, "influence", grace=60)
    for run in ("r1", "r2"):
        slot = await graph.write(publication.claim, name="influence", run=run)
        await graph.write(publication.publish, name="influence", slot=slot, run=run, as_of=None)
    began = time.monotonic()
    await publication.settle(graph, "influence", grace=0.3)
    assert 0.05 < time.monotonic() - began < 2
    await publication.settle(graph, "influence", grace=0)
