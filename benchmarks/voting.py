"""What voting at once costs, and whether it loses a vote: many clients, few ideas, every vote checked.

python -m benchmarks.voting [VOTES CLIENTS], by default 10,000 votes of 50 clients on one idea.
Votes by the same functions as the API, on the embedded engine in a home of its own, or on the Neo4j that
MUHATAP_GRAPH_URL names, which must be empty. A tenth of the votes are sent twice at once, as by a client that
heard no answer. There is no peer: what is measured is what was promised.
"""

import asyncio
import logging
import tempfile
import time
from collections import Counter
from pathlib import Path

from rich.table import Table

from benchmarks.tables import show, sizes
from graph import challenges, ideas, votes
from graph.driver import Graph, Transaction, open_graph
from graph.migrate import migrate
from graph.records import now
from graph.settings import GraphSettings

DEFAULT = (10_000, 50)
TWICE = 10
VOTERS = "UNWIND range($first, $last - 1) AS n CREATE (:Customer {uid: 'c' + n, externalId: 'c' + n})"
STORED = "MATCH (c:Customer)-[v:VOTED]->(i:Idea {uid: $idea}) RETURN c.uid AS voter, v.value AS value"


async def _fill(tx: Transaction, voters: int) -> str:
    for first in range(0, voters, 2000):
        await tx.run(VOTERS, first=first, last=min(first + 2000, voters))
    asked = await challenges.challenge_open(tx, title="Which?", now=now())
    return (await ideas.idea_submit(tx, challenge=asked.uid, author=None, title="This", now=now())).uid


async def vote_all(graph: Graph, idea: str, voters: int, clients: int) -> tuple[Counter[str], list[float]]:
    """Let clients vote at once, each voter once or twice; returns the failures and seconds of each vote."""
    waiting = [n for n in range(voters) for _ in range(1 + (n % TWICE == 0))]
    failed, spent = Counter[str](), list[float]()

    async def client() -> None:
        while waiting:
            number = waiting.pop()
            begun = time.perf_counter()
            try:
                value = 1 if number % 3 else -1
                await graph.write(votes.cast_vote, idea=idea, voter=f"c{number}", value=value, now=now())
            except Exception as error:
                failed[type(error).__name__] += 1
            spent.append(time.perf_counter() - begun)

    await asyncio.gather(*(client() for _ in range(clients)))
    return failed, sorted(spent)


async def main(voters: int, clients: int) -> None:
    """Vote, count, and say what came of it."""
    logging.getLogger("neo4j").setLevel(logging.ERROR)  # the driver tells of each retry
    with tempfile.TemporaryDirectory(prefix="muhatap-bench-") as home:
        async with open_graph(GraphSettings(home=Path(home))) as graph:
            await migrate(graph)
            idea = await graph.write(_fill, voters=voters)
            begun = time.perf_counter()
            failed, spent = await vote_all(graph, idea, voters, clients)
            seconds = time.perf_counter() - begun
            stored = [(row["voter"], row["value"]) for row in await graph.read(STORED, idea=idea)]
    wanted = {(f"c{n}", 1 if n % 3 else -1) for n in range(voters)}
    table = Table("engine", "votes", "clients", "lost", "double", "errors", "votes/s", "p50 ms", "p99 ms")
    lost, double = len(wanted - set(stored)), len(stored) - len({voter for voter, _ in stored})
    p50, p99 = (spent[int(len(spent) * share)] * 1000 for share in (0.5, 0.99))
    cells = (graph.engine, voters, clients, lost, double, failed.total(), voters / seconds, p50, p99)
    table.add_row(*(f"{cell:,.0f}" if isinstance(cell, int | float) else str(cell) for cell in cells))
    show(table)


if __name__ == "__main__":
    asyncio.run(main(*sizes("voting", "VOTES CLIENTS", DEFAULT)))
