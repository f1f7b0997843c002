"""Influence by Spark beside influence from arrays: how far they are apart, and what each takes, in one run.

python -m benchmarks.spark FOLDER…, with `requirements-spark.txt` installed: import folders, each loaded into an
embedded graph of its own. Both engines read the same graph and stop where publishing would begin; the clock is this
machine's, whatever else it does.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from benchmarks.tables import show
from graph.driver import Graph, open_graph
from graph.folders import import_folder
from graph.migrate import migrate
from graph.settings import GraphSettings
from graph.ties import rebuild_stale
from jobs.influence.computed import Computed, in_memory
from jobs.influence.spark.run import compute
from jobs.mentions import analyse_mentions
from jobs.settings import JobSettings

SCORES = (
    *("reach", "standing", "voice", "advocacy", "harm", "trust", "vouched", "trustedAdvocacy", "trustedHarm"),
    *("reachPercentile", "trustPercentile", "doubtfulReach"),
)
Scores = dict[tuple[str, str], list[float | None]]


@dataclass(frozen=True, slots=True)
class Row:
    """Both engines on one folder: what was counted, the largest difference of each score, seconds of each."""

    folder: str
    customers: int
    memberships: int
    ties: int
    apart: dict[str, float]
    memory: float
    spark: float


@asynccontextmanager
async def loaded(folder: Path) -> AsyncIterator[tuple[Graph, Path]]:
    """A graph that holds what a folder says, and its home."""
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as home:
        async with open_graph(GraphSettings(home=Path(home), graph_url=None)) as graph:
            await migrate(graph)
            await import_folder(graph, folder)
            await rebuild_stale(graph)
            await analyse_mentions(graph)
            yield graph, Path(home)


async def compared(folder: Path) -> Row:
    """Compute by both engines, and compare every score of every customer and membership."""
    async with loaded(folder) as (graph, home):
        ours, found, memory = await _timed(in_memory(graph, None))
        settings = JobSettings(home=home, spark_master="local[*]", spark_folder=None)
        theirs, _, spark = await _timed(compute(graph, None, settings))
    if ours.keys() != theirs.keys():
        raise ArithmeticError("The engines know different customers or memberships.")
    apart = {
        name: max((_apart(ours[key][at], theirs[key][at]) for key in ours), default=0.0)
        for at, name in enumerate(SCORES)
    }
    return Row(folder.name, found.customers, found.memberships, found.ties, apart, memory, spark)


async def _timed(engine: AbstractAsyncContextManager[Computed]) -> tuple[Scores, Computed, float]:
    start = time.perf_counter()
    async with engine as found:
        seconds = time.perf_counter() - start
        rows = [*found.score_rows("A"), *found.member_rows("A")]
        scores = {
            (row["uid"], row.get("community", "")): [row["scores"].get(f"{name}A") for name in SCORES]
            for row in rows
        }
    return scores, found, seconds


def _apart(mine: float | None, other: float | None) -> float:
    """How far two values of a score are apart; infinitely where only one engine knows it."""
    if mine is None or other is None:
        return 0.0 if mine is other else float("inf")
    return abs(float(mine) - float(other))


def main() -> None:
    """Compare on the folders of the command line, and print two tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.spark")
    parser.add_argument("folders", type=Path, nargs="+")
    table = Table("folder", "customers", "memberships", "ties", "arrays s", "Spark s")
    apart = Table("folder", "score", "apart at most")
    for folder in parser.parse_args().folders:
        row = asyncio.run(compared(folder))
        counts = (f"{row.customers:,}", f"{row.memberships:,}", f"{row.ties:,}")
        table.add_row(row.folder, *counts, f"{row.memory:.1f}", f"{row.spark:.1f}")
        for name, most in row.apart.items():
            apart.add_row(row.folder, name, f"{most:.1e}")
    show(table)
    show(apart)


if __name__ == "__main__":
    main()
