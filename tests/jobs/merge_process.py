"""A worker of its own process that finishes merges and splits, few people at once, so as to be caught at it.

After as many parts as it is told it stands still, as one that lost its machine, until it is killed.
"""

import asyncio
import sys
from typing import Any

from graph import moving
from graph.driver import open_graph
from graph.settings import GraphSettings
from jobs.queue import open_queue
from jobs.settings import JobSettings
from jobs.worker import run_worker

moving.PEOPLE_AT_ONCE = 2
left = int(sys.argv[1])
hold = moving._holds


async def _holds(*args: Any, **more: Any) -> bool:
    global left
    if left == 0:
        sys.stdout.write("caught\n")
        sys.stdout.flush()
        await asyncio.sleep(600)
    left -= 1
    return await hold(*args, **more)


moving._holds = _holds


async def main() -> None:
    """Work until killed."""
    settings = JobSettings()
    async with open_graph(GraphSettings()) as graph, open_queue(settings) as queue:
        await run_worker(graph, queue, settings)


asyncio.run(main())
