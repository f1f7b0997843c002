"""A worker of its own process for tests that kill it: it notes each start, and sleeps at the first."""

import asyncio
import sys
from pathlib import Path
from typing import Any

from arq import func

from graph.driver import open_graph
from graph.settings import GraphSettings
from jobs import outbox
from jobs.queue import open_queue
from jobs.settings import JobSettings
from jobs.worker import run_worker

STARTS = Path(sys.argv[1])


def _note(idea: str) -> int:
    with STARTS.open("a+") as file:
        file.write(idea + "\n")
        file.seek(0)
        return len(file.readlines())


async def tally_refresh(ctx: dict[Any, Any], *, event: str, idea: str) -> None:
    """Note the start; the first one never ends."""
    async with outbox.performing(ctx, event, 60):
        if _note(idea) == 1:
            await asyncio.sleep(60)


async def main() -> None:
    """Work until killed."""
    settings = JobSettings()
    async with open_graph(GraphSettings()) as graph, open_queue(settings) as queue:
        await run_worker(graph, queue, settings, [func(tally_refresh, timeout=65)])


asyncio.run(main())
