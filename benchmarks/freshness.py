"""How long after the last of many votes the lists are fresh, and whether they say what a full run says.

python -m benchmarks.freshness [VOTES NEW CHALLENGES], by default 1,000 new votes in a graph of 100,000 votes in ten
challenges. Votes by the same functions as the API, jobs by the same worker, on the embedded engines in a home of their
own. One clock stops when the counts of all ideas that were voted on are right, the other when no event waits and none
is unfinished. There is no peer: what is measured is what was promised, 2 seconds.
"""

import asyncio
import logging
import math
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from benchmarks.tables import show, sizes
from benchmarks.votes import drawn, load
from graph import tallies, votes
from graph.driver import Graph, open_graph
from graph.migrate import migrate
from graph.records import now
from graph.settings import GraphSettings
from jobs.embedded import embedded_queue
from jobs.ideas import run_tally
from jobs.queue import open_queue
from jobs.settings import JobSettings
from jobs.worker import run_worker

DEFAULT = (100_000, 1_000, 10)
VOTES_PER_VOTER, VOTES_PER_IDEA = 20, 250
CLIENTS = 8
WAITING = "MATCH (e:Event) WHERE e.kind = 'TALLY_REFRESH' AND e.doneAt IS NULL RETURN count(e) AS waiting"
COUNTS = """
MATCH (p:Publication {name: 'tally'})
WITH p
UNWIND $ideas AS idea
MATCH (i:Idea {uid: idea})
RETURN idea, p.slot AS slot, i.upA - i.downA AS a, i.upB - i.downB AS b
"""
TALLIES = "MATCH (i:Idea), (p:Publication {name: 'tally'}) RETURN p.slot AS slot, i{.*} AS idea"


async def _vote(graph: Graph, given: list[tuple[str, str, int]]) -> None:
    """Give votes by some clients at once."""
    waiting = iter(given)

    async def client() -> None:
        for voter, idea, value in waiting:
            await graph.write(votes.cast_vote, idea=idea, voter=voter, value=value, now=now())

    await asyncio.gather(*(client() for _ in range(CLIENTS)))


async def _fresh(graph: Graph, counts: dict[str, int]) -> tuple[float, float]:
    """When these counts are published, and when nothing waits; the graph tells nobody, so it is asked."""
    while await _counts(graph, counts) != counts:  # noqa: ASYNC110  (the worker makes it true)
        await asyncio.sleep(0.1)  # it is no small question
    counted = time.perf_counter()
    while (await graph.read(WAITING))[0]["waiting"]:  # noqa: ASYNC110  (the worker makes it true)
        await asyncio.sleep(0.02)
    return counted, time.perf_counter()


async def _counts(graph: Graph, ideas: Iterable[str]) -> dict[str, int]:
    """Up less down, as published."""
    found = await graph.read(COUNTS, ideas=list(ideas))
    return {row["idea"]: row["a" if row["slot"] == "A" else "b"] for row in found}


async def _published(graph: Graph) -> dict[str, dict[str, Any]]:
    found = await graph.read(TALLIES)
    return {
        row["idea"]["uid"]: {name: row["idea"].get(name + row["slot"]) for name in tallies.TALLY}
        for row in found
    }


def _differ(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return not math.isclose(left, right, rel_tol=1e-6, abs_tol=1e-6)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) != len(right) or any(map(_differ, left, right))
    return bool(left != right)


async def measure(home: Path, size: int, new: int, challenges: int) -> tuple[float, float, float, int]:
    """Seconds the votes took, seconds from the last of them to their counts and to the fresh lists, and ideas that a
    run corrects.
    """
    settings = JobSettings(home=home, run_every=0)
    voters, ideas = size // VOTES_PER_VOTER, max(size // VOTES_PER_IDEA, challenges)
    random = np.random.default_rng(1)
    there = drawn(size, voters, ideas)
    async with open_graph(GraphSettings(home=home)) as graph, embedded_queue(settings) as url:
        settings = settings.model_copy(update={"redis_url": url})
        await migrate(graph)
        await load(graph, there, voters, ideas, challenges)
        await run_tally(graph, grace=0)
        pairs = zip(random.integers(0, voters, new), random.integers(0, ideas, new), strict=True)
        given = {(int(voter), int(idea)): int(random.choice([-1, 0, 1, 1])) for voter, idea in pairs}
        counts = await _counts(graph, {f"i{idea}" for _, idea in given})
        before = {(voter, idea): value for voter, idea, value in there.tolist() if (voter, idea) in given}
        for (voter, idea), value in given.items():
            counts[f"i{idea}"] += value - before.get((voter, idea), 0)
        async with open_queue(settings) as queue:
            worker = asyncio.create_task(run_worker(graph, queue, settings))
            begun = time.perf_counter()
            await _vote(graph, [(f"c{voter}", f"i{idea}", value) for (voter, idea), value in given.items()])
            last = time.perf_counter()
            counted, fresh = await _fresh(graph, counts)
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)
        refreshed = await _published(graph)
        await run_tally(graph, grace=0)
        full = await _published(graph)
    wrong = sum(any(_differ(full[uid][name], refreshed[uid][name]) for name in full[uid]) for uid in full)
    return last - begun, counted - last, fresh - last, wrong


def main() -> None:
    """Measure once and print the table."""
    size, new, challenges = sizes("freshness", "VOTES NEW CHALLENGES", DEFAULT)
    logging.getLogger("neo4j").setLevel(logging.ERROR)  # the driver tells of each retry
    with tempfile.TemporaryDirectory(prefix="muhatap-fresh-", ignore_cleanup_errors=True) as home:
        voting, counted, fresh, wrong = asyncio.run(measure(Path(home), size, new, challenges))
    table = Table(
        "votes", "challenges", "new votes", "voting s", "counted after s", "fresh after s", "run corrects"
    )
    seconds = (f"{voting:.1f}", f"{counted:.2f}", f"{fresh:.2f}")
    table.add_row(f"{size:,}", f"{challenges:,}", f"{new:,}", *seconds, str(wrong))
    show(table)


if __name__ == "__main__":
    main()
