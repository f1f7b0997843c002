"""Turns ties and acts into reach, standing, voice, advocacy and harm, and publishes them in one switch."""

import asyncio
from dataclasses import dataclass

from graph import influence, publication, runs
from graph.driver import Graph
from graph.influence import NAME
from graph.persons import read_shared
from graph.records import instant, now
from graph.ties import rebuild_stale
from jobs.algorithms.bands import Band
from jobs.claim import Progress, Watch, claimed
from jobs.influence.describe import member_rows, score_rows
from jobs.influence.measure import Known, Measured, measure
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


async def read(graph: Graph, limit: str | None) -> Known:
    """Read what counts up to an instant; the ties as they are kept, unless later acts have gone into them."""
    population = await influence.read_customers(graph, [band.name for band in Band if band >= 0])
    members = await influence.read_memberships(graph, population)
    latest = await influence.latest_act(graph)
    whole = limit is None or latest is None or latest <= limit
    ties = await influence.read_ties(graph, population) if whole else None
    places = {community: number for number, community in enumerate(members.communities)}
    acts = await influence.read_acts(graph, population, places, until=limit, signed=whole)
    shared = await read_shared(graph, population)
    return Known(limit or latest, population, members, acts, ties, shared)


async def _write(graph: Graph, watch: Watch, slot: str, known: Known, measured: Measured) -> None:
    done, total = 0, len(known.population) + len(known.population.unranked)
    total += len(known.members.customer) + len(known.members.unranked)
    for rows, inside in ((score_rows, False), (member_rows, True)):
        written = influence.write(
            graph, run=watch.run, slot=slot, rows=rows(known, measured, slot), inside=inside
        )
        async for count in written:
            done += count
            await watch.say(done, total)
