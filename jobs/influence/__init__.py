"""Turns ties and acts into reach, standing, voice, advocacy and harm, and publishes them in one switch."""

import asyncio
from dataclasses import dataclass
from typing import Any

from graph import explained, influence, publication, runs
from graph.driver import Graph
from graph.influence import NAME
from graph.records import instant, now
from graph.ties import rebuild_stale
from jobs.claim import Progress, Watch, claimed
from jobs.influence.changes import change
from jobs.influence.describe import member_rows, score_rows
from jobs.influence.measure import Known, Measured, measure
from jobs.influence.reading import read
from jobs.mentions import analyse_mentions

KIND = "INFLUENCE"
VERSION = "3"


@dataclass(frozen=True, slots=True)
class InfluenceRun:
    """What a run counted, and the slot it published."""

    run: str
    slot: str
    as_of: str | None
    customers: int
    ties: int
    acts: int
    memberships: int
    residual: float


async def run_influence(
    graph: Graph,
    *,
    as_of: str | None = None,
    run_uid: str | None = None,
    progress: Progress | None = None,
    grace: float | None = None,
) -> InfluenceRun | None:
    """Score every customer from the acts up to `as_of` (default: the latest) and publish in one switch.

    None if the run of this uid has succeeded already, as when a job is delivered twice. `grace` is how long a
    reader may hold on to the slot that was published before, in seconds; default: the graph's time-out.
    """
    limit = None if as_of is None else instant(as_of)
    uid = run_uid or (await graph.write(runs.queue, kind=KIND, now=now(), as_of=limit, version=VERSION)).uid
    async with claimed(graph, uid) as mine:
        if not mine:
            return None
        await rebuild_stale(graph)
        await analyse_mentions(graph)
        known = await read(graph, limit)
        scores = await asyncio.to_thread(measure, known)
        await publication.settle(graph, NAME, grace=grace)
        slot = await graph.write(publication.claim, name=NAME, run=uid)
        await _write(graph, Watch(graph, uid, progress), slot, known, scores)
        await graph.write(publication.publish, name=NAME, slot=slot, run=uid, as_of=known.as_of)
        message = f"{len(known.population)} customers by {scores.ties} ties and {len(known.acts)} acts"
        await graph.write(
            runs.finish, uid=uid, now=now(), message=message, version=VERSION, as_of=known.as_of
        )
    return InfluenceRun(
        run=uid,
        slot=slot,
        as_of=known.as_of,
        customers=len(known.population),
        ties=scores.ties,
        acts=len(known.acts),
        memberships=len(known.members.customer),
        residual=scores.overall.reach.residual(),
    )


async def _write(graph: Graph, watch: Watch, slot: str, known: Known, measured: Measured) -> None:
    done, total = 0, len(known.population) + len(known.population.unranked)
    total += len(known.members.customer) + len(known.members.unranked)
    changed = await _changed(graph, slot)
    for rows, inside in ((score_rows, False), (member_rows, True)):
        described = rows(known, measured, slot)
        written = influence.write(
            graph, run=watch.run, slot=slot, rows=described, inside=inside, complete=changed
        )
        async for count in written:
            done += count
            await watch.say(done, total)


async def _changed(graph: Graph, slot: str) -> influence.Complete:
    """Adds to rows what moved the scores since the run whose slot is published while this one is written."""
    former = await publication.current(graph, NAME)

    async def complete(rows: list[dict[str, Any]], inside: bool) -> None:
        known = await explained.known_in(graph, former.slot, rows, inside=inside) if former else {}
        for row in rows:
            scores = {name[:-1]: value for name, value in row["scores"].items()}
            before = known.get(explained.key_of(row)) if scores["reach"] is not None else None
            moved = change(before, scores, former.as_of if former else None)
            row["scores"] |= {name + slot: value for name, value in moved.items()}

    return complete
