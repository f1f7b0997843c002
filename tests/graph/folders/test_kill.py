"""An import that is killed goes on when it runs again, to the same graph."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from graph.driver import Graph, Transaction
from graph.settings import GraphSettings
from tests.graph.folders.folder import Folder, snapshot
from tests.graph.folders.test_export import EMPTY

IMPORT = """
import asyncio, sys
from pathlib import Path
from graph.driver import open_graph
from graph.folders import entries, import_folder
from graph.settings import GraphSettings

entries.BATCH_ROWS = 40

async def main():
    async with open_graph(GraphSettings()) as graph:
        await import_folder(graph, Path(sys.argv[1]), progress=lambda *step: print(*step, flush=True))

asyncio.run(main())
"""


def _write(folder: Folder) -> None:
    people = range(120)
    folder.write(
        customers="id,name,identities\n" + "".join(f"c{n},Name {n},x:{n}\n" for n in people),
        ideas="id,author\n" + "".join(f"i{n},c{n}\n" for n in range(40)),
        mentions="id,author,in_reply_to,names,at\n"
        + "".join(
            f"m{n},c{n},m{(n * 7 + 1) % 120},c{n * 5 % 120},2025-01-01T00:00:{n % 60:02}Z\n"
            for n in people
            if n
        ),
        votes="voter,idea,value\n" + "".join(f"c{n},i{n * k % 40},1\n" for n in people for k in (1, 3)),
    )


async def _empty(tx: Transaction) -> None:
    await (await tx.run(EMPTY)).consume()


@pytest.mark.parametrize("steps", [2, 7, 10])
async def test_killed_half_way_and_run_again_gives_the_same_graph(
    folder: Folder, graph: Graph, settings: GraphSettings, steps: int
) -> None:
    _write(folder)
    whole = await folder.load()
    expected = await snapshot(graph)
    await graph.write(_empty)
    await _killed_after(steps, folder.path, settings)
    halfway = await snapshot(graph)
    assert halfway[0]
    assert halfway != expected
    assert await folder.load() == whole
    assert await snapshot(graph) == expected


async def _killed_after(steps: int, folder: Path, settings: GraphSettings) -> None:
    """Imports in another process and kills it after so many batches."""
    environment = dict(os.environ, MUHATAP_HOME=str(settings.home), MUHATAP_GRAPH_HEAP=settings.graph_heap)
    if settings.graph_url:
        environment["MUHATAP_GRAPH_URL"] = settings.graph_url
    if settings.graph_password:
        environment["MUHATAP_GRAPH_PASSWORD"] = settings.graph_password.get_secret_value()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", IMPORT, str(folder), env=environment, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    for _ in range(steps):
        assert await process.stdout.readline()
    process.kill()
    await process.wait()
