"""A whole influence run, its reading and publishing included: seconds, memory, and how both grow.

python -m benchmarks.whole [CUSTOMERS TIES], by default 100,000 and 1,000,000: the graph of `benchmarks.influence` in an
embedded engine of its own, one community a thousand customers, one rating for ten ties and a recommendation by
every fifth customer. The run is in a process of its own, so that its memory is its own. It is compared with the
least that could be done instead: the same ties read a row a tie, ranked by networkit, and one number a customer
written back.
"""

import argparse
import asyncio
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, LiteralString

import numpy as np
import orjson
from rich.table import Table

from benchmarks.influence import EDGES, NODES, PEER, Synthetic, synthetic
from benchmarks.tables import show
from graph.driver import Transaction, open_graph
from graph.migrate import migrate
from graph.records import new_uid
from graph.settings import GraphSettings

BATCH = 20_000
HEAP = "10g"
COMMUNITIES = "UNWIND $rows AS row CREATE (:Community {uid: row, externalId: row, kind: 'DECLARED'})"
MEMBERS = """
UNWIND $rows AS row
MATCH (c:Customer {uid: row[0]}), (g:Community {uid: row[1]})
CREATE (c)-[:MEMBER_OF {community: row[1]}]->(g)
"""
LINKS = """
UNWIND $rows AS row
MATCH (u:Customer {uid: row[1]}), (v:Customer {uid: row[2]})
CREATE (u)-[a:ADVOCATED {uid: row[0], externalId: row[0], kind: row[3], weight: row[4]}]->(v)
SET a.at = row[5], a.product = row[6]
"""
SCORES = "UNWIND $rows AS row MATCH (c:Customer {uid: row[0]}) SET c.peerRank = row[1]"
STEPS = ("read", "computed", "described and published")


async def load(home: Path, made: Synthetic) -> None:
    """Write the graph into an engine under `home`."""
    async with open_graph(_settings(home)) as graph:
        await migrate(graph)
        for query, rows in _parts(made):
            while batch := list(islice(rows, BATCH)):
                await graph.write(_put, query, batch)


def _parts(made: Synthetic) -> Iterator[tuple[LiteralString, Iterator[Any]]]:
    uids = [f"customer-{number:07}" for number in range(made.n)]
    groups = [f"community-{number:05}" for number in range(max(1, made.n // 1000))]
    rng = np.random.default_rng(11)
    home = rng.integers(0, len(groups), made.n).tolist()
    yield NODES, iter(uids)
    yield COMMUNITIES, iter(groups)
    yield MEMBERS, ([uid, groups[at]] for uid, at in zip(uids, home, strict=True))
    ties = zip(made.source.tolist(), made.target.tolist(), made.weight.tolist(), strict=True)
    yield EDGES, ([uids[s], uids[t], w] for s, t, w in ties)
    yield LINKS, _links(made, uids, rng)


def _links(made: Synthetic, uids: list[str], rng: np.random.Generator) -> Iterator[Any]:
    rated = rng.choice(len(made.source), len(made.source) // 10, replace=False)
    speak = rng.choice(made.n, made.n // 5, replace=False)
    who = [
        *((made.source[at], made.target[at], "RATING", "") for at in rated.tolist()),
        *((at, (at + 1) % made.n, "RECOMMENDATION", "roast") for at in speak.tolist()),
    ]
    weights = rng.choice([-1.0, 0.2, 0.6, 1.0], len(who)).tolist()
    days = rng.integers(1, 28, len(who)).tolist()
    for (s, t, kind, product), weight, day in zip(who, weights, days, strict=True):
        at = f"2026-02-{day:02}T12:00:00.000Z"
        yield [new_uid(), uids[s], uids[t], kind, abs(weight) if product else weight, at, product]


async def ours(home: Path) -> dict[str, Any]:
    """Read and compute once by themselves, then the whole run: what is left of it is describing and publishing."""
    from jobs.influence import run_influence
    from jobs.influence.measure import measure
    from jobs.influence.reading import read

    async with open_graph(_settings(home)) as graph:
        began = _clock()
        known = await read(graph, None)
        have_read = _since(began)
        began = _clock()
        measure(known)
        computed = _since(began)
        counted = {"customers": len(known.population), "acts": len(known.acts)}
        del known
        began = _clock()
        report = await run_influence(graph, grace=0.0)
        whole = _since(began)
    assert report is not None
    rest = [whole[i] - have_read[i] - computed[i] for i in (0, 1)]
    return counted | {
        "ties": report.ties,
        "steps": [have_read, computed, rest],
        "whole": whole,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


async def peer(home: Path) -> dict[str, Any]:
    """What one would write first: a row a tie, networkit's PageRank, one number a customer back."""
    import networkit as nk

    nk.setNumberOfThreads(1)
    async with open_graph(_settings(home)) as graph:
        began = _clock()
        numbers: dict[str, int] = {}
        ranked = nk.Graph(0, weighted=True, directed=True)
        async for source, target, weight, _ in graph.stream(PEER):
            for uid in (source, target):
                if uid not in numbers:
                    numbers[uid] = ranked.addNode()
            ranked.addEdge(numbers[source], numbers[target], weight)
        scores = nk.centrality.PageRank(ranked, 0.85, 1e-8).run().scores()
        rows = iter(zip(numbers, scores, strict=True))
        while batch := [list(row) for row in islice(rows, BATCH)]:
            await graph.write(_put, SCORES, batch)
        whole = _since(began)
    return {"whole": whole, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


async def _put(tx: Transaction, query: LiteralString, rows: Iterable[Any]) -> None:
    await (await tx.run(query, rows=list(rows))).consume()


def _settings(home: Path) -> GraphSettings:
    return GraphSettings(home=home, graph_url=None, graph_heap=HEAP)


def _clock() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _since(began: tuple[float, float]) -> tuple[float, float]:
    return time.perf_counter() - began[0], time.process_time() - began[1]


def _apart(what: str, home: Path) -> dict[str, Any]:
    """Do one of them in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.whole", "--only", what, str(home)]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    found: dict[str, Any] = orjson.loads(said.splitlines()[-1])
    return found


def table(loaded: float, mine: dict[str, Any], other: dict[str, Any]) -> Table:
    """Each step, the whole, and the peer."""
    title = (
        f"A whole run: {mine['customers']:,} customers, {mine['ties']:,} ties, {mine['acts']:,} signed acts"
    )
    shown = Table(title=title, caption=f"the graph was loaded in {loaded:,.0f} s; CPU is that of the client")
    for name in ("step", "seconds", "CPU s", "peak MiB"):
        shown.add_column(name, justify="left" if name == "step" else "right")
    for name, (wall, cpu) in zip(STEPS, mine["steps"], strict=True):
        shown.add_row(name, f"{wall:,.1f}", f"{cpu:,.1f}", "")
    for name, one in (("whole run", mine), ("networkit, one number a customer", other)):
        wall, cpu = one["whole"]
        shown.add_row(name, f"{wall:,.1f}", f"{cpu:,.1f}", f"{one['peak'] / 2**20:,.0f}")
    return shown


def main() -> None:
    """Load, run both, print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.whole")
    parser.add_argument("size", nargs="*", type=int, default=[100_000, 1_000_000], metavar="CUSTOMERS TIES")
    parser.add_argument("--only", nargs=2, metavar=("WHAT", "HOME"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only:
        what, home = given.only
        found = asyncio.run({"ours": ours, "peer": peer}[what](Path(home)))
        sys.stdout.buffer.write(orjson.dumps(found) + b"\n")
        return
    n, m = given.size
    with tempfile.TemporaryDirectory(prefix="muhatap-bench-") as folder:
        began = time.perf_counter()
        asyncio.run(load(Path(folder), synthetic(n, m)))
        loaded = time.perf_counter() - began
        show(table(loaded, *(_apart(what, Path(folder)) for what in ("ours", "peer"))))


if __name__ == "__main__":
    main()
