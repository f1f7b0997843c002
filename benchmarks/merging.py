"""What merging two big ideas, splitting one, and undoing both cost, and whether a vote is lost meanwhile.

python -m benchmarks.merging [VOTES CLIENTS], by default 5,000 votes on each of two ideas, a third of them by people who
voted on both, and 20 clients who vote on either, each time for somebody else, until a step is done; with 0 clients it
is alone. By the same functions as the API, on the embedded engine in a home of its own, or on the Neo4j that
MUHATAP_GRAPH_URL names, which must be empty. Every vote is checked after each step: it counts once at the original
after the merge, at the idea and at both parts after the split, and stands where it was given after the undoing. There
is no peer: what is measured is what was promised.
"""

import asyncio
import logging
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

from rich.table import Table

from benchmarks.live.processes import cpu_ms, listener
from benchmarks.tables import show, sizes
from graph import merges, moving, splits, votes
from graph.driver import Graph, Transaction, open_graph
from graph.errors import Closed
from graph.migrate import migrate
from graph.records import now
from graph.settings import GraphSettings

DEFAULT = (5_000, 20)
ROWS_PER_WRITE = 5_000
IDEAS = """
CREATE (h:Challenge {uid: 'h', externalId: 'h'})
WITH h UNWIND ['d', 'o'] AS uid
CREATE (:Idea {uid: uid, externalId: uid, status: 'OPEN'})-[:IN_CHALLENGE]->(h)
"""
VOTERS = "UNWIND $rows AS n CREATE (:Customer {uid: 'c' + n, externalId: 'c' + n, touched: 1})"
VOTES = """
UNWIND $rows AS n
MATCH (c:Customer {uid: 'c' + n}) MATCH (i:Idea {uid: $idea})
CREATE (c)-[:VOTED {value: 1, at: $now}]->(i)
"""
STORED = "MATCH (i:Idea {uid: $idea})<-[v:VOTED]-(c) RETURN c.uid AS who, v.value AS value"
PARTS = "MATCH (:IdeaSplit)-[:INTO_PART]->(p) RETURN p.uid AS uid"
COLUMNS = (
    *("engine", "votes", "clients", "step", "s", "CPU s", "engine CPU s"),
    *("lost", "double", "new votes", "errors", "p99 ms"),
)
Pair = tuple[str, str]


async def _do(tx: Transaction, query: str, /, **parameters: Any) -> None:
    await (await tx.run(query, parameters)).consume()


async def fill(graph: Graph, count: int) -> tuple[Sequence[int], dict[Pair, int]]:
    """People with a vote on the duplicate, the original or both, and some without; and the votes."""
    both = count // 3
    people = 2 * count - both
    on = {"d": range(count), "o": range(count - both, people)}
    await graph.write(_do, IDEAS)
    everybody = range(people + people // 4)
    for first in range(0, len(everybody), ROWS_PER_WRITE):
        await graph.write(_do, VOTERS, rows=list(everybody[first : first + ROWS_PER_WRITE]))
    for idea, numbers in on.items():
        for first in range(0, count, ROWS_PER_WRITE):
            rows = list(numbers[first : first + ROWS_PER_WRITE])
            await graph.write(_do, VOTES, rows=rows, idea=idea, now=now())
    given = {(f"c{n}", idea): 1 for idea, numbers in on.items() for n in numbers}
    return everybody, given


@dataclass(slots=True)
class Crowd:
    """Clients who vote on both ideas at once, each time for somebody else; and every vote there has to be."""

    graph: Graph
    clients: int
    everybody: Sequence[int]
    given: dict[Pair, int]
    waiting: list[int] = field(default_factory=list)
    latest: dict[str, int] = field(default_factory=dict)
    failed: Counter[str] = field(default_factory=Counter)
    spent: list[float] = field(default_factory=list)

    async def beside(self, step: Awaitable[Any], value: int) -> tuple[float, float, float]:
        """Vote until the step is done; how many seconds it took, and of this process' and the engine's CPU."""
        self.waiting = Random(value).sample(self.everybody, len(self.everybody))
        begun, cpu, engine = time.perf_counter(), time.process_time(), self._engine_cpu()
        voting = [asyncio.create_task(self._client(value)) for _ in range(self.clients)]
        await step
        seconds = time.perf_counter() - begun, time.process_time() - cpu, self._engine_cpu() - engine
        self.waiting = []
        await asyncio.gather(*voting)
        return seconds

    def _engine_cpu(self) -> float:
        process = listener(urlsplit(self.graph.url).port or 7687)
        return cpu_ms(process) / 1000 if process else 0.0

    async def _client(self, value: int) -> None:
        while self.waiting:
            number = self.waiting.pop()
            begun = time.perf_counter()
            try:
                await self._cast(f"c{number}", "do"[number % 2], value)
            except Exception as error:
                self.failed[type(error).__name__] += 1
            self.spent.append(time.perf_counter() - begun)

    async def _cast(self, who: str, idea: str, value: int) -> None:
        try:
            await self.graph.write(votes.cast_vote, voter=who, idea=idea, value=value, now=now())
        except Closed:
            idea = "o"
            await self.graph.write(votes.cast_vote, voter=who, idea=idea, value=value, now=now())
        self.given[who, idea] = self.latest[who] = value

    async def check(self, *, merged: bool, copied: AbstractSet[str]) -> tuple[int, int]:
        """How many votes are lost, and how many there are too many; those of the copied have to be at each part."""
        found = [(who, idea, value) for idea in "do" for who, value in await self._stored(idea)]
        wanted = {(who, idea, value) for (who, idea), value in self.given.items()}
        if merged:
            wanted = {(who, "o", self.latest.get(who, 1)) for who, _ in self.given}
        lost, double = len(wanted - set(found)), len(found) - len(wanted & set(found))
        for row in await self.graph.read(PARTS):
            there = Counter(who for who, _ in await self._stored(row["uid"]))
            lost += len(copied - there.keys())
            double += there.total() - len(there.keys() & self.voters())
        return lost, double

    def voters(self) -> set[str]:
        """Who has a vote on the idea that is split."""
        return {who for who, idea in self.given if idea == "o"}

    async def _stored(self, idea: str) -> list[tuple[str, int]]:
        return [(row["who"], row["value"]) for row in await self.graph.read(STORED, idea=idea)]


async def _merge(graph: Graph) -> None:
    made = await graph.write(
        merges.merge, duplicates=["d"], original="o", reason="The same.", by="team", now=now()
    )
    await moving.settle(graph, moving.MERGE, uid=made.uid or "")


async def _undo_merge(graph: Graph) -> None:
    [row] = await graph.read("MATCH (m:IdeaMerge) RETURN m.uid AS uid")
    await graph.write(merges.undo, merge=row["uid"], by="team", now=now())
    await moving.settle(graph, moving.MERGE, uid=row["uid"])


async def _split(graph: Graph) -> None:
    parts = [splits.Part("One"), splits.Part("Other")]
    made = await graph.write(
        splits.split, idea="o", parts=parts, reason="Two.", by="team", now=now(), copy_votes=True
    )
    await moving.settle(graph, moving.SPLIT, uid=made.uid or "")


async def _undo_split(graph: Graph) -> None:
    [row] = await graph.read("MATCH (s:IdeaSplit) RETURN s.uid AS uid")
    await graph.write(splits.undo, split=row["uid"], by="team", now=now())
    await moving.settle(graph, moving.SPLIT, uid=row["uid"])


STEPS = (
    ("merge", _merge, -1),
    ("undo merge", _undo_merge, 0),
    ("split", _split, 1),
    ("undo split", _undo_split, -1),
)


async def main(count: int, clients: int) -> None:
    """Merge and undo, split and undo, and say what came of it."""
    logging.getLogger("neo4j").setLevel(logging.ERROR)  # the driver tells of each retry
    table = Table(*COLUMNS)
    with tempfile.TemporaryDirectory(prefix="muhatap-bench-") as home:
        async with open_graph(GraphSettings(home=Path(home))) as graph:
            await migrate(graph)
            crowd = Crowd(graph, clients, *await fill(graph, count))
            for name, step, value in STEPS:
                crowd.spent, crowd.failed, copied = [], Counter(), crowd.voters()
                seconds = await crowd.beside(step(graph), value)
                lost, double = await crowd.check(merged=name == "merge", copied=copied)
                spent = sorted(crowd.spent) or [0.0]
                cells = (graph.engine, 2 * count, clients, name, *seconds, lost, double, len(crowd.spent))
                more = (crowd.failed.total(), spent[int(len(spent) * 0.99)] * 1000)
                table.add_row(
                    *(f"{each:,.1f}" if isinstance(each, float) else f"{each}" for each in (*cells, *more))
                )
    show(table)


if __name__ == "__main__":
    asyncio.run(main(*sizes("merging", "VOTES CLIENTS", DEFAULT)))
