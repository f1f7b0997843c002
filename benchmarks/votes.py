"""What a tally costs: reading the votes, and computing every measure from them.

python -m benchmarks.votes [VOTES VOTERS IDEAS CHALLENGES], by default 1,000,000 votes of 100,000 voters on 10,000 ideas
of one challenge.
Reads from the embedded engine in a home of its own, or from the Neo4j that MUHATAP_GRAPH_URL names, which
must be empty. There is no peer: of the open implementations, that of Community Notes is no package, and
red-dwarf computes Pol.is's groups instead, for conversations of up to a hundred people.
"""

import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.table import Table

from benchmarks.tables import show, sizes
from graph import tallies
from graph.driver import Graph, Transaction, open_graph
from graph.migrate import migrate
from graph.settings import GraphSettings
from graph.voters import MemberTable, Voters, VoterTable
from jobs.measures import measure

DEFAULT = (1_000_000, 100_000, 10_000, 1)
COMMUNITIES = 200
ROWS_PER_WRITE = 20_000
AS_OF = "2026-06-30T00:00:00.000Z"


@dataclass(slots=True)
class Cost:
    """Seconds of this process' CPU and of the clock, by step."""

    cpu: dict[str, float] = field(default_factory=dict)
    wall: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def of(self, step: str) -> Iterator[None]:
        """Measure this block as a step."""
        cpu, wall = time.process_time(), time.perf_counter()
        yield
        self.cpu[step], self.wall[step] = time.process_time() - cpu, time.perf_counter() - wall


def drawn(votes: int, voters: int, ideas: int, seed: int = 3) -> npt.NDArray[np.int64]:
    """Rows of voter, idea and value: a few are busy and popular, and one line divides the voters."""
    if votes > voters * ideas:
        raise SystemExit(f"{voters} voters give no {votes} votes to {ideas} ideas: one a pair")
    random = np.random.default_rng(seed)
    busy, liked = ((np.arange(n) + 30.0) ** -0.7 for n in (voters, ideas))
    pairs = np.zeros(0, np.int64)
    while len(pairs) < votes:
        more = 2 * (votes - len(pairs))
        voter, idea = (random.choice(len(p), more, p=p / p.sum()) for p in (busy, liked))
        pairs = np.unique(np.concatenate([pairs, voter * ideas + idea]))
    voter, idea = np.divmod(np.sort(random.permutation(pairs)[:votes]), ideas)
    camp, side = random.choice([-1.0, 1.0], voters, p=[0.25, 0.75]), random.standard_normal(ideas)
    pull = random.standard_normal(ideas)[idea] + 1.5 * camp[voter] * side[idea]
    value = np.where(random.random(votes) < 1 / (1 + np.exp(-pull)), 1, -1)
    return np.column_stack([voter, idea, np.where(random.random(votes) < 0.1, 0, value)])


COMMUNITY = """
UNWIND range(0, $communities - 1) AS n
CREATE (:Community {uid: 'g' + n, externalId: 'g' + n, kind: 'DECLARED'})
"""

VOTERS = """
UNWIND range($first, $last) AS n
MATCH (g:Community {uid: 'g' + (n % $communities)})
CREATE (:Customer {uid: 'c' + n, externalId: 'c' + n})-[:MEMBER_OF]->(g)
"""

IDEAS = """
UNWIND range(0, $challenges - 1) AS m
CREATE (h:Challenge {uid: 'h' + m, externalId: 'h' + m})
WITH h, m UNWIND range(m, $ideas - 1, $challenges) AS n
CREATE (:Idea {uid: 'i' + n, externalId: 'i' + n})-[:IN_CHALLENGE]->(h)
"""

VOTES = """
UNWIND $rows AS row
MATCH (c:Customer {uid: row[0]})
MATCH (i:Idea {uid: row[1]})
CREATE (c)-[v:VOTED {value: row[2], at: row[3]}]->(i)
"""


async def load(graph: Graph, rows: npt.NDArray[np.int64], voters: int, ideas: int, challenges: int) -> None:
    """Write the votes, voters, communities, and ideas that are dealt out to challenges."""
    await graph.write(_run, COMMUNITY, communities=COMMUNITIES)
    for first in range(0, voters, ROWS_PER_WRITE):
        last = min(first + ROWS_PER_WRITE, voters) - 1
        await graph.write(_run, VOTERS, first=first, last=last, communities=COMMUNITIES)
    await graph.write(_run, IDEAS, ideas=ideas, challenges=challenges)
    days = [f"2026-06-{1 + number:02}T12:00:00.000Z" for number in range(29)]
    for first in range(0, len(rows), ROWS_PER_WRITE):
        part = rows[first : first + ROWS_PER_WRITE].tolist()
        given = [[f"c{c}", f"i{i}", value, days[(c + i) % 29]] for c, i, value in part]
        await graph.write(_run, VOTES, rows=given)


async def read(graph: Graph) -> tuple[tallies.VoteTable, list[MemberTable], VoterTable]:
    """Everything a run reads."""
    table = await tallies.read_votes(graph, await tallies.read_ideas(graph))
    voters = Voters()
    await voters.meet(graph, table.voters)
    return table, voters.members(table.voters), voters.table(table.voters)


def spread(table: tallies.VoteTable) -> tallies.VoteTable:
    """The same votes at any time of their day, so that rings are looked for in minutes and hours as well."""
    return replace(table, day=table.day + np.random.default_rng(1).random(len(table)) - 0.5)


async def cost(
    settings: GraphSettings, votes: int, voters: int, ideas: int, challenges: int
) -> tuple[str, Cost]:
    """Load, read and compute once; the name of the engine and what each step cost."""
    found = Cost()
    async with open_graph(settings) as graph:
        await migrate(graph)
        if row := await graph.read_one("MATCH (i:Idea) RETURN i.uid AS uid LIMIT 1"):
            sys.exit(f"The graph at {graph.url} is not empty: it holds idea {row['uid']}.")
        with found.of("loading"):
            await load(graph, drawn(votes, voters, ideas), voters, ideas, challenges)
        with found.of("reading"):
            table, members, accounts = await read(graph)
        with found.of("tally"):
            measured = measure(table, members, accounts, AS_OF)
        with found.of("tally, times to the ms"):
            measure(spread(table), members, accounts, AS_OF)
        with found.of("rows to write"):
            written = list(measured.rows())
        assert len(written) == ideas
        assert int(measured.tally.up.sum() + measured.tally.down.sum() + measured.tally.passed.sum()) == votes
        return str(graph.engine), found


def table_of(engine: str, sizes: Sequence[int], found: Cost) -> Table:
    """The cost as a table."""
    votes, voters, ideas, challenges = sizes
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    table = Table(
        title=f"{votes:,} votes of {voters:,} voters on {ideas:,} ideas in {challenges:,} challenges, {engine}",
        caption=f"CPU is this process' own, without the engine's; peak memory {peak:,.0f} MiB; no peer",
    )
    for name in ("step", "CPU s", "clock s"):
        table.add_column(name, justify="left" if name == "step" else "right")
    for step in found.cpu:
        table.add_row(step, f"{found.cpu[step]:.2f}", f"{found.wall[step]:.2f}")
    return table


async def _run(tx: Transaction, query: str, /, **parameters: Any) -> None:
    await (await tx.run(query, **parameters)).consume()


def main() -> None:
    """Measure once and print the table."""
    given = sizes("votes", "VOTES VOTERS IDEAS CHALLENGES", DEFAULT)
    with tempfile.TemporaryDirectory(prefix="muhatap-votes-", ignore_cleanup_errors=True) as home:
        settings = GraphSettings(home=Path(home))
        engine, found = asyncio.run(cost(settings, *given))
    show(table_of(engine, given, found))


if __name__ == "__main__":
    main()
