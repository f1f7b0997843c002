"""Hands the tables of a graph to Spark, in a process of its own, and says what it found."""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson

from graph.driver import Graph
from graph.errors import Unavailable
from graph.influence import latest_act
from jobs.influence.computed import Computed
from jobs.influence.spark.rows import member_rows, score_rows
from jobs.influence.spark.tables import export
from jobs.settings import JobSettings

SAID = 800  # characters of what Spark says last that are shown when it fails


@asynccontextmanager
async def compute(graph: Graph, limit: str | None, settings: JobSettings) -> AsyncIterator[Computed]:
    """What a run up to an instant found, from files that are there while this block lasts.

    Raises
    ------
    Unavailable
        When there is no Java, or Spark failed, with what it said last.
    """
    as_of = limit or await latest_act(graph)
    parent = settings.spark_folder or settings.home
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="influence-", dir=parent) as name:
        folder = Path(name)
        exported = await export(graph, folder, limit)
        await submit(folder, as_of, settings.spark_master)
        summary = orjson.loads((folder / "summary.json").read_bytes())
        yield Computed(
            as_of=as_of,
            customers=exported.customers,
            memberships=exported.memberships,
            ties=summary["ties"],
            acts=summary["acts"],
            residual=summary["residual"],
            rows=exported.rows,
            score_rows=lambda slot: score_rows(folder, exported.persons, as_of, slot),
            member_rows=lambda slot: member_rows(folder, slot),
            note=", computed by Spark",
        )


async def submit(folder: Path, as_of: str | None, master: str) -> None:
    """Have Spark compute the scores of a folder of tables; it ends with this call, whatever ends that."""
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise Unavailable("Spark needs Java 17 or 21: install one, or say by JAVA_HOME where it is.")
    command = [sys.executable, "-m", "jobs.influence.spark", str(folder), "--master", master]
    command += [] if as_of is None else ["--as-of", as_of]
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()  # its Java ends when nobody holds its input any more
            await process.wait()
    if process.returncode:
        raise Unavailable(f"Spark at {master} failed: {_last_words(said.decode(errors='replace'))}")


def _last_words(said: str) -> str:
    """The end of what was said, without the places in the code, which are indented."""
    lines = [line for line in said.splitlines() if line.strip() and not line[0].isspace()]
    return "\n".join(lines)[-SAID:]
