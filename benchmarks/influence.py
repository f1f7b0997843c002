"""Weighted PageRank against a floor, scipy by hand, igraph, networkit, rustworkx and networkx: one run, CPU seconds.

python -m benchmarks.influence [--small] [--slow] [--export] [--memory]: 100,000 customers and a million ties, then
ten times that. The floor is what `benchmarks/floor.py` says, as many steps as ours takes.
What is not installed (`pip install -r benchmarks/peers.txt`) is left out, and so is, without `--slow`, what would
take minutes. `--export` also loads the smaller graph into the database and measures reading it back.
"""

import argparse
import asyncio
import importlib.util
import tempfile
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import networkx as nx
import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from rich.table import Table

from benchmarks.floor import Floor, memory, memory_table
from benchmarks.tables import show
from graph import influence
from graph.driver import Graph, Transaction, open_graph
from graph.migrate import migrate
from graph.settings import GraphSettings
from jobs.algorithms.csr import CSRGraph, pagerank
from jobs.algorithms.reach import reach

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
T = TypeVar("T")

SIZES = ((100_000, 1_000_000), (1_000_000, 10_000_000))
TOLERANCE = 1e-8  # what one step may still move in all, of a rank that sums to 1
ROUNDS = 3
SLOW = {"rustworkx": 2_000_000, "networkx": 1_000_000}  # beyond this many ties they take minutes
PEERS = ("igraph", "rustworkx")
FLOOR = "gather floor"
CLOSE = ("ours", "scipy by hand", FLOOR)  # so near to each other that they are measured in turn
TURNS = 7


@dataclass(frozen=True, slots=True)
class Synthetic:
    """A graph of ties: power-law degrees, most ties inside planted blocks, a few customers without any."""

    n: int
    source: Ints
    target: Ints
    weight: Floats


@dataclass(frozen=True, slots=True)
class Row:
    """One tool on one graph: CPU seconds to build and to compute, and how far it is from scipy in all."""

    customers: int
    ties: int
    tool: str
    build: float | None
    compute: float | None
    distance: float | None
    note: str = ""


Build = Callable[[Synthetic], tuple[object, Callable[[], Floats]]]


def synthetic(n: int, m: int, seed: int = 7) -> Synthetic:
    """About m ties between n customers, the same for the same seed."""
    rng = np.random.default_rng(seed)
    drawn = int(m * 1.3)
    source = rng.permutation(n)[_powers(rng, n, 0.67, drawn)]
    target = rng.permutation(n)[_powers(rng, n, 0.75, drawn)]
    block = rng.integers(0, max(10, n // 1000), n)
    order = np.argsort(block, kind="stable")
    starts = np.searchsorted(block[order], np.arange(block.max() + 2))
    near = rng.random(drawn) < 0.6
    home = block[source[near]]
    width = starts[home + 1] - starts[home]
    target[near] = order[starts[home] + (rng.random(int(near.sum())) ** 1.5 * width).astype(np.int64)]
    pairs = np.unique((source * n + target)[source != target])
    pairs = rng.permutation(pairs)[:m]
    s, t = (pairs // n).astype(np.int32), (pairs % n).astype(np.int32)
    return Synthetic(n, s, t, rng.gamma(2.0, 1.0, len(s)))


def _columns(n: int, m: int) -> tuple[Ints, Ints, Floats]:
    made = synthetic(n, m)
    return made.source, made.target, made.weight


def _powers(rng: np.random.Generator, n: int, exponent: float, count: int) -> npt.NDArray[np.int64]:
    share = np.cumsum((np.arange(n) + 10.0) ** -exponent)
    return np.minimum(np.searchsorted(share / share[-1], rng.random(count)), n - 1)


def run(
    sizes: Sequence[tuple[int, int]] = SIZES, *, tools: Sequence[str] = (), slow: bool = False
) -> Iterator[Row]:
    """Every tool (or those named) on every size, ours first."""
    for n, m in sizes:
        graph = synthetic(n, m)
        by_hand = _scipy(graph)[1]()
        chosen = [name for name in (*TOOLS, FLOOR) if not tools or name in tools]
        yield from _in_turn(graph, [name for name in chosen if name in CLOSE], by_hand)
        for name in chosen:
            if name not in CLOSE:
                yield _row(name, TOOLS[name], graph, by_hand, slow=slow)


def _in_turn(graph: Synthetic, names: Sequence[str], by_hand: Floats) -> Iterator[Row]:
    """One computation of each a round, the best of each: memory is not equally fast from minute to minute."""
    built = {name: _built(TOOLS[name], graph) for name in names if name != FLOOR}
    found: dict[str, list[tuple[float, Floats]]] = {name: [] for name in built}
    pull, floors = CSRGraph(graph.source, graph.target, graph.weight, graph.n).pull, list[Floor]()
    steps = _steps(pull) if FLOOR in names else 0
    for _ in range(TURNS):
        for name, (_, compute) in built.items():
            found[name].append(_seconds_of(compute))
        if steps:
            floors.append(Floor.of(pull, steps))
    for name, (building, _) in built.items():
        yield _measured(name, graph, building, found[name], by_hand)
    if floors:
        floor = min(floors, key=lambda each: each.seconds)
        note = f"{floor.loop}, {steps} steps"
        yield Row(graph.n, len(graph.source), FLOOR, None, floor.seconds, None, note)


def _steps(pull: sp.csr_matrix) -> int:
    """How many steps the power iteration needs to the tolerance: the first number that is enough."""

    def enough(steps: int) -> bool:
        try:
            pagerank(pull, tol=TOLERANCE / pull.shape[0], max_iter=steps)
        except nx.PowerIterationFailedConvergence:
            return False
        return True

    return bisect_left(range(1000), True, key=enough)


def _row(name: str, build: Build, graph: Synthetic, by_hand: Floats, *, slow: bool) -> Row:
    n, m = graph.n, len(graph.source)
    if name in PEERS and importlib.util.find_spec(name) is None:
        return Row(n, m, name, None, None, None, "not installed: pip install -r benchmarks/peers.txt")
    if m > SLOW.get(name, m) and not slow:
        return Row(n, m, name, None, None, None, "left out: takes minutes")
    building, compute = _built(build, graph)
    rounds = 1 if m > SLOW.get(name, m) else ROUNDS
    return _measured(name, graph, building, [_seconds_of(compute) for _ in range(rounds)], by_hand)


def _built(build: Build, graph: Synthetic) -> tuple[float, Callable[[], Floats]]:
    seconds, (_, compute) = _seconds_of(lambda: build(graph))
    return seconds, compute


def _measured(
    name: str, graph: Synthetic, building: float, found: Sequence[tuple[float, Floats]], by_hand: Floats
) -> Row:
    seconds, rank = min(found, key=lambda each: each[0])
    return Row(graph.n, len(graph.source), name, building, seconds, float(np.abs(rank - by_hand).sum()))


def _seconds_of(work: Callable[[], T]) -> tuple[float, T]:
    began = time.process_time()
    done = work()
    return time.process_time() - began, done


def _ours(graph: Synthetic) -> tuple[object, Callable[[], Floats]]:
    built = CSRGraph(graph.source, graph.target, graph.weight, graph.n)
    return built, lambda: pagerank(built.pull, tol=TOLERANCE / graph.n)


def _through_networkx(graph: Synthetic) -> tuple[object, Callable[[], Floats]]:
    built: Any = CSRGraph(graph.source, graph.target, graph.weight, graph.n)

    def compute() -> Floats:
        rank = nx.pagerank(built, tol=TOLERANCE / graph.n)
        return np.fromiter(rank.values(), np.float64, graph.n)

    return built, compute


def _reach(graph: Synthetic) -> tuple[object, Callable[[], Floats]]:
    def compute() -> Floats:
        return reach(graph.source, graph.target, graph.weight, graph.n).values / graph.n

    return None, compute


def _scipy(graph: Synthetic) -> tuple[object, Callable[[], Floats]]:
    n, out = graph.n, np.bincount(graph.source, weights=graph.weight, minlength=graph.n)
    share = graph.weight / out[graph.source]
    pull = sp.csr_matrix((share, (graph.target, graph.source)), shape=(n, n))
    sinks = np.flatnonzero(out == 0)

    def compute() -> Floats:
        x = np.full(n, 1 / n)
        while True:
            y = 0.85 * (pull @ x)
            y += (0.85 * x[sinks].sum() + 0.15) / n
            change, x = np.abs(y - x).sum(), y
            if change < TOLERANCE:
                return np.asarray(x)

    return pull, compute


def _igraph(graph: Synthetic) -> tuple[object, Callable[[], Floats]]:
    import igraph

    edges = np.stack([graph.source, graph.target], axis=1)
    built = igraph.Graph(n=graph.n, edges=edges, directed=True, edge_attrs={"weight": graph.weight})
    return built, lambda: np.array(built.pagerank(damping=0.85, weights="weight"))


def _rustworkx(graph: Synthetic) -> tuple[object, Callable[[], Floats]]:
    import rustworkx

    built = rustworkx.PyDiGraph()
    built.add_nodes_from(range(graph.n))
    edges = zip(graph.source.tolist(), graph.target.tolist(), graph.weight.tolist(), strict=True)
    built.add_edges_from(list(edges))

    def compute() -> Floats:
        rank = rustworkx.pagerank(built, weight_fn=float, tol=TOLERANCE / graph.n)
        return np.array([rank[node] for node in range(graph.n)])

    return built, compute


def _networkit(graph: Synthetic) -> tuple[object, Callable[[], Floats]]:
    import networkit as nk

    nk.setNumberOfThreads(1)
    # indices of any other width are read as if they had 64 bits
    edges = graph.weight, (graph.source.astype(np.uint64), graph.target.astype(np.uint64))
    built = nk.GraphFromCoo(edges, n=graph.n, weighted=True, directed=True)
    spread = nk.centrality.SinkHandling.DistributeSinks

    def compute() -> Floats:
        ranked = nk.centrality.PageRank(built, 0.85, TOLERANCE, distributeSinks=spread)
        ranked.norm = nk.centrality.Norm.L1_NORM
        return np.array(ranked.run().scores())

    return built, compute


def _networkx(graph: Synthetic) -> tuple[object, Callable[[], Floats]]:
    built: Any = nx.DiGraph()
    built.add_nodes_from(range(graph.n))
    edges = zip(graph.source.tolist(), graph.target.tolist(), graph.weight.tolist(), strict=True)
    built.add_weighted_edges_from(edges)

    def compute() -> Floats:
        rank = nx.pagerank(built, tol=TOLERANCE / graph.n)
        return np.array([rank[node] for node in range(graph.n)])

    return built, compute


TOOLS: dict[str, Build] = {
    "ours": _ours,
    "ours through networkx": _through_networkx,
    "ours, reach to 1e-11": _reach,
    "scipy by hand": _scipy,
    "igraph": _igraph,
    "networkit": _networkit,
    "rustworkx": _rustworkx,
    "networkx": _networkx,
}


@dataclass(frozen=True, slots=True)
class Export:
    """Reading a graph out of the database: seconds, and ties a second."""

    how: str
    ties: int
    seconds: float

    @property
    def rate(self) -> float:
        """Ties a second."""
        return self.ties / self.seconds


PEER = "MATCH (u:Customer)-[t:TIE]->(v) RETURN u.uid, v.uid, t.weight, t.undated"
NODES = "UNWIND $rows AS row CREATE (:Customer {uid: row, externalId: row, kind: 'PERSON', suspended: false})"
EDGES = """
UNWIND $rows AS row
MATCH (u:Customer {uid: row[0]}), (v:Customer {uid: row[1]})
CREATE (u)-[:TIE {weight: row[2], undated: 0, days: 1}]->(v)
"""
BATCH = 10_000


async def export(size: tuple[int, int] = SIZES[0]) -> list[Export]:
    """Load a graph into an engine of its own; read it as a run does, and a row a tie, as one would first."""
    made = synthetic(*size)
    with tempfile.TemporaryDirectory(prefix="muhatap-bench-") as home:
        settings = GraphSettings(home=Path(home), graph_url=None)
        async with open_graph(settings) as graph:
            await migrate(graph)
            await _load(graph, made)
            return [await _ours_out(graph), await _peer_out(graph)]


async def _ours_out(graph: Graph) -> Export:
    began = time.perf_counter()
    population = await influence.read_customers(graph)
    ties = await influence.read_ties(graph, population)
    return Export("a row a customer, into arrays", len(ties.source), time.perf_counter() - began)


async def _peer_out(graph: Graph) -> Export:
    began, count = time.perf_counter(), 0
    async for _ in graph.stream(PEER):
        count += 1
    return Export("a row a tie", count, time.perf_counter() - began)


async def _load(graph: Graph, made: Synthetic) -> None:
    uids = [f"customer-{number:07}" for number in range(made.n)]
    for first in range(0, len(uids), BATCH):
        await graph.write(_put, NODES, uids[first : first + BATCH])
    rows = zip(made.source.tolist(), made.target.tolist(), made.weight.tolist(), strict=True)
    edges = [[uids[s], uids[t], w] for s, t, w in rows]
    for first in range(0, len(edges), BATCH):
        await graph.write(_put, EDGES, edges[first : first + BATCH])


async def _put(tx: Transaction, query: str, rows: list[Any]) -> None:
    await (await tx.run(query, rows=rows)).consume()


def table(rows: Sequence[Row]) -> Table:
    """The rows with the ratio of each tool's compute time to scipy's by hand, and to ours."""
    caption = f"best of {ROUNDS}; {', '.join(CLOSE)}: of {TURNS}, in turn"
    shown = Table(title="Weighted PageRank, α .85, CPU seconds", caption=caption)
    for name in ("customers", "ties", "tool", "build", "compute", "ours ×", "L1 to scipy", ""):
        shown.add_column(name, justify="left" if name in ("tool", "") else "right")
    ours = {(row.customers, row.ties): row.compute for row in rows if row.tool == "ours"}
    for row in rows:
        base = ours.get((row.customers, row.ties))
        ratio = f"{row.compute / base:.2f}" if row.compute and base else ""
        cells = [f"{row.customers:,}", f"{row.ties:,}", row.tool, _seconds(row.build), _seconds(row.compute)]
        distance = "" if row.distance is None else f"{row.distance:.0e}"
        shown.add_row(*cells, ratio, distance, row.note)
    return shown


def export_table(rows: Sequence[Export]) -> Table:
    """The ways to read ties out of the database, and the ratio of their rates to the first."""
    shown = Table(title="Ties out of the embedded engine")
    for name in ("how", "ties", "seconds", "ties/s", "ours ×"):
        shown.add_column(name, justify="left" if name == "how" else "right")
    for row in rows:
        ratio = f"{rows[0].rate / row.rate:.1f}"
        shown.add_row(row.how, f"{row.ties:,}", f"{row.seconds:.1f}", f"{row.rate:,.0f}", ratio)
    return shown


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.influence")
    parser.add_argument("--slow", action="store_true", help="every tool on every size, however long it takes")
    parser.add_argument("--export", action="store_true", help="measure reading ties out of the database too")
    parser.add_argument("--small", action="store_true", help="the smaller graph only")
    parser.add_argument("--memory", action="store_true", help="measure the memory of reach too")
    given = parser.parse_args()
    show(table(list(run(SIZES[:1] if given.small else SIZES, slow=given.slow))))
    if given.memory:
        show(memory_table(memory(_columns)))
    if given.export:
        show(export_table(asyncio.run(export())))


if __name__ == "__main__":
    main()
