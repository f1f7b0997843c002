"""Workers for tests that kill them: each line on stdin starts one, whose process id is answered.

They are forked, since the imports of a worker would take most of the time of such a test; and they spread notices in
small chunks, so as to be caught at it.
"""

import asyncio
import os
import signal
import sys

from graph.driver import open_graph
from graph.settings import GraphSettings
from jobs import notices
from jobs.queue import open_queue
from jobs.settings import JobSettings
from jobs.worker import run_worker

notices.CHUNK = 3


async def main() -> None:
    """Work until killed."""
    settings = JobSettings()
    async with open_graph(GraphSettings()) as graph, open_queue(settings) as queue:
        await run_worker(graph, queue, settings)


signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are gone at once
for _ in sys.stdin:
    if pid := os.fork():
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
    else:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        asyncio.run(main())
