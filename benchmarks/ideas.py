"""What a popular idea costs: telling all its voters, and saying who stands behind it.

python -m benchmarks.ideas [VOTERS SUPPORTERS], by default 100,000 and 10,000, on the embedded engine in a home of
its own, or on the Neo4j that MUHATAP_GRAPH_URL names, which must be empty. While people are told, one of them after
the other votes on another idea: what they wait is the price that others pay. That each is told once is counted.
"""

import asyncio
import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from rich.table import Table

from api.auth import Caller
from api.context import Context, Slots
from api.execute import Executor
from api.relay import to_global_id
from api.settings import ApiSettings
from benchmarks.live.processes import cpu_ms, embedded, peak_mib
from benchmarks.tables import show, sizes
from graph import challenges, ideas, notices, votes
from graph.driver import Graph, Transaction, open_graph
from graph.migrate import migrate
from graph.notices import NoticeKind
from graph.records import now
from graph.settings import GraphSettings
from graph.tokens import Role
from jobs.notices import spread
from jobs.settings import JobSettings

DEFAULT = (100_000, 10_000)
BATCH = 2_000
WARM, READS = 20, 20
COLUMNS = (
    *("what", "seconds", "CPU s", "CPU s of the engine", "peak MiB", "peak MiB of the engine"),
    *("votes meanwhile", "p50 ms", "longest ms"),
)
EXECUTOR = Executor(ApiSettings())
STEP = 7_919  # a prime: from one voter to the next who votes meanwhile
# One in ten has consented to e-mails.
CUSTOMERS = """
UNWIND range($first, $last - 1) AS n
CREATE (:Customer {uid: 'c' + n, externalId: 'c' + n, name: 'Customer ' + n, email: 'c' + n + '@example.org',
                   city: 'City ' + (n % 40), cityKey: 'city ' + (n % 40), value: 1.0 * (n % 1000),
                   ideasByEmail: CASE n % 10 WHEN 0 THEN 'IMMEDIATE' END})
"""
VOTES = """
MATCH (i:Idea {uid: $idea})
UNWIND range($first, $last - 1) AS n
MATCH (c:Customer {uid: 'c' + n})
CREATE (c)-[:VOTED {value: 1 - 2 * (n % 3 / 2), at: $now}]->(i)
"""
COMMUNITIES = (
    "UNWIND range(0, 19) AS n CREATE (:Community {uid: 'g' + n, externalId: 'g' + n, name: 'Place ' + n})"
)
# Each voter is in two communities and has bought two things.
BELONG = """
UNWIND range($first, $last - 1) AS n
MATCH (c:Customer {uid: 'c' + n}) MATCH (g:Community {uid: 'g' + (n % 20)}) MATCH (o:Community {uid: 'g' + (n % 19)})
MATCH (p:Product {uid: 'p'})
CREATE (c)-[:MEMBER_OF]->(g), (c)-[:MEMBER_OF]->(o),
  (c)-[:PURCHASED {amount: 9.5, currency: 'EUR'}]->(p), (c)-[:PURCHASED {amount: 99.0, currency: 'TRY'}]->(p)
"""
SUPPORTERS = """query($id: ID!) { node(id: $id) { ... on Idea { supporters {
  communities { name upCount downCount upValue downValue } cities { name upCount downCount }
  bands { name upCount downCount upValue } revenue { currency upAmount downAmount }
  revenueByCommunity { name currency upAmount downAmount }
} } } }"""


async def _in_parts(graph: Graph, query: str, first: int, last: int, **more: Any) -> None:
    async def part(tx: Transaction, start: int) -> None:
        await (await tx.run(query, first=start, last=min(start + BATCH, last), **more)).consume()

    for start in range(first, last, BATCH):
        await graph.write(part, start=start)


async def fill(graph: Graph, voters: int, supporters: int) -> list[str]:
    """An idea with voters, one for whoever votes meanwhile, and one with supporters."""
    await migrate(graph)
    asked = await graph.write(challenges.challenge_open, title="Which?", now=now())
    made = [
        (await graph.write(ideas.idea_submit, challenge=asked.uid, author=None, title=title, now=now())).uid
        for title in ("Decaf", "Tea", "Refill")
    ]

    async def places(tx: Transaction) -> None:
        await (await tx.run(COMMUNITIES)).consume()
        await (await tx.run("CREATE (:Product {uid: 'p', externalId: 'p', name: 'Beans'})")).consume()

    await graph.write(places)
    await _in_parts(graph, CUSTOMERS, 0, max(voters, supporters))
    await _in_parts(graph, VOTES, 0, voters, idea=made[0], now=now())
    await _in_parts(graph, BELONG, 0, supporters)
    await _in_parts(graph, VOTES, 0, supporters, idea=made[2], now=now())
    return made


async def beside(graph: Graph, idea: str, voters: int, work: Awaitable[Any]) -> tuple[float, list[float]]:
    """Seconds of some work, and of each vote that one of `voters` people gives meanwhile, in order of length."""
    over, waited = False, list[float]()

    async def vote() -> None:
        turn = 0
        while not over:
            turn += 1
            begun = time.perf_counter()
            voter = f"c{turn * STEP % voters}"
            await graph.write(votes.cast_vote, idea=idea, voter=voter, value=1, now=now())
            waited.append(time.perf_counter() - begun)
            await asyncio.sleep(0.05)

    voting = asyncio.create_task(vote())
    begun = time.perf_counter()
    await work
    seconds = time.perf_counter() - begun
    over = True
    await voting
    return seconds, sorted(waited)


async def tell(graph: Graph, home: Path, idea: str) -> int:
    """Announce something of an idea and spread it, with an e-mail written down for who has consented."""
    settings = JobSettings(
        home=home,
        smtp_url=SecretStr("smtp://127.0.0.1:9"),
        smtp_from="Brand <ideas@example.org>",
        public_url="https://ideas.example.org",
    )
    await graph.write(notices.announce, kind=NoticeKind.ANSWERED, idea=idea, cause="answer", now=now())
    [row] = await graph.read("MATCH (n:Notice) RETURN n.uid AS uid")
    return await spread(graph, settings, notice=row["uid"])


async def supporters_of(graph: Graph, idea: str) -> None:
    """Read who stands behind an idea, all five lists at once."""
    caller = Caller("bench", "bench", Role.ADMINISTRATOR, None)
    context = Context(graph, None, ApiSettings(), caller, Slots(graph))
    answer = await EXECUTOR.answer(context, SUPPORTERS, {"id": to_global_id("Idea")(idea)}, None)
    if "errors" in answer:
        raise RuntimeError(str(answer["errors"]))


class Measured:
    """Rows of clock and processor time, of this process and of the embedded engine, and of peak memory."""

    def __init__(self, engine: int | None) -> None:
        self.processes = [os.getpid(), *([engine] if engine else [])]
        self.table = Table(*COLUMNS)

    def cpu(self) -> list[float]:
        """Processor seconds so far."""
        return [cpu_ms(process) / 1000 for process in self.processes]

    def row(
        self, name: str, seconds: float, since: Sequence[float], times: int, waited: Sequence[float]
    ) -> None:
        """Add what happened a number of `times` since those processor seconds; `waited` are votes meanwhile."""
        spent = [f"{(after - before) / times:.2f}" for before, after in zip(since, self.cpu(), strict=True)]
        p50, longest = (f"{waited[at] * 1000:.0f}" if waited else "" for at in (len(waited) // 2, -1))
        peaks = [f"{peak_mib(process):,.0f}" for process in self.processes]
        both = [each if len(each) == 2 else [*each, ""] for each in (spent, peaks)]
        self.table.add_row(name, f"{seconds:.2f}", *both[0], *both[1], str(len(waited) or ""), p50, longest)
        print(name, f"{seconds:.2f} s", file=sys.stderr, flush=True)


HEARD = """
MATCH (:Notice {kind: 'ANSWERED'})<-[:OF]-(e)<-[:HEARS]-(c)
RETURN count(e) AS entries, count(DISTINCT c.uid) AS people
"""


async def check_told(graph: Graph, voters: int) -> None:
    """Fail unless each voter has heard exactly once."""
    [row] = await graph.read(HEARD)
    if (row["entries"], row["people"]) != (voters, voters):
        raise RuntimeError(f"{row['people']:,} of {voters:,} voters have {row['entries']:,} entries")


async def main(voters: int, supporters: int) -> None:
    """Fill, measure, and say what came of it."""
    logging.getLogger("neo4j").setLevel(logging.ERROR)  # the driver tells of each retry
    with tempfile.TemporaryDirectory(prefix="muhatap-bench-") as home:
        async with open_graph(GraphSettings(home=Path(home))) as graph:
            asked, beside_it, backed = await fill(graph, voters, supporters)
            found = Measured(embedded(Path(home)))
            for name, times in (("first read", 1), ("warming up", WARM), ("read", READS)):
                since, spent = found.cpu(), list[float]()
                for _ in range(times):
                    begun = time.perf_counter()
                    await supporters_of(graph, backed)
                    spent.append(time.perf_counter() - begun)
                label = f"{supporters:,} supporters, {name}"
                found.row(label, statistics.median(spent), since, times, [])

            since = found.cpu()
            seconds, waited = await beside(graph, beside_it, voters, tell(graph, Path(home), asked))
            found.row(f"tell {voters:,} voters", seconds, since, 1, waited)
            await check_told(graph, voters)
    show(found.table)


if __name__ == "__main__":
    asyncio.run(main(*sizes("ideas", "VOTERS SUPPORTERS", DEFAULT)))
