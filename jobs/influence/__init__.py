"""Turns ties and acts into reach, standing, voice, advocacy and harm, and publishes them in one switch."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from graph import explained, influence, publication, runs
from graph.driver import Graph
from graph.errors import Unavailable
from graph.influence import NAME
from graph.records import instant_or_day, now
from graph.ties import rebuild_stale
from jobs.claim import Progress, Watch, claimed
from jobs.influence.changes import change
from jobs.influence.computed import Computed, in_memory
from jobs.mentions import analyse_mentions
from jobs.settings import InfluenceEngine, JobSettings

KIND = "INFLUENCE"
VERSION = "3"


@dataclass(frozen=True, slots=True)
class InfluenceRun:
    """What a run counted, the slot it published, and what is to be said of the engine, if anything."""

    run: str
    slot: str
    as_of: str | None
    customers: int
    ties: int
    acts: int
    memberships: int
    residual: float
    note: str


async def run_influence(
    graph: Graph,
    *,
    as_of: str | None = None,
    run_uid: str | None = None,
    progress: Progress | None = None,
    grace: float | None = None,
    settings: JobSettings | None = None,
) -> InfluenceRun | None:
    """Score every customer from the acts up to `as_of` (default: the latest) and publish in one switch.

    None if the run of this uid has succeeded already, as when a job is delivered twice. `grace` is how long a
    reader may hold on to the slot that was published before, in seconds; default: the graph's time-out. The
    settings (default: the environment's) say which engine computes.

    Raises
    ------
    Closed
        When another influence run is going on.
    Unavailable
        When the engine that was chosen is not there, or failed.
    """
    limit = None if as_of is None else instant_or_day(as_of)
    uid = run_uid or (await graph.write(runs.queue, kind=KIND, now=now(), as_of=limit, version=VERSION)).uid
    async with claimed(graph, uid) as mine:
        if not mine:
            return None
        await rebuild_stale(graph)
        await analyse_mentions(graph)
        async with _engine(graph, limit, settings or JobSettings()) as found:
            await publication.settle(graph, NAME, grace=grace)
            slot = await graph.write(publication.claim, name=NAME, run=uid)
            await _write(graph, Watch(graph, uid, progress), slot, found)
            await graph.write(publication.publish, name=NAME, slot=slot, run=uid, as_of=found.as_of)
        message = f"{found.customers} customers by {found.ties} ties and {found.acts} acts{found.note}"
        await graph.write(
            runs.finish, uid=uid, now=now(), message=message, version=VERSION, as_of=found.as_of
        )
    return InfluenceRun(
        run=uid,
        slot=slot,
        as_of=found.as_of,
        customers=found.customers,
        ties=found.ties,
        acts=found.acts,
        memberships=found.memberships,
        residual=found.residual,
        note=found.note,
    )


def _engine(graph: Graph, limit: str | None, settings: JobSettings) -> AbstractAsyncContextManager[Computed]:
    """What computes: this process, or Spark, whose packages are there only where somebody wants them."""
    if settings.influence_engine is InfluenceEngine.MEMORY:
        return in_memory(graph, limit)
    if any(find_spec(name) is None for name in ("pyspark", "pyarrow")):
        raise Unavailable("There is no Spark here: pip install 'muhatap[spark]'")
    from jobs.influence.spark.run import compute

    return compute(graph, limit, settings)


async def _write(graph: Graph, watch: Watch, slot: str, found: Computed) -> None:
    done, changed = 0, await _changed(graph, slot)
    for rows, inside in ((found.score_rows(slot), False), (found.member_rows(slot), True)):
        written = influence.write(graph, run=watch.run, slot=slot, rows=rows, inside=inside, complete=changed)
        async for count in written:
            done += count
            await watch.say(done, found.rows)


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
