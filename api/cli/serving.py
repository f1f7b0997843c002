"""`serve` and `worker`: what keeps running until it is told to stop."""

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress

import uvicorn

from api.cli.shell import ready_graph, run_async, say
from api.settings import ApiSettings
from graph.driver import Graph
from graph.errors import Unavailable
from graph.settings import GraphSettings
from jobs.queue import Queue, open_queue
from jobs.settings import JobSettings

GRACE_SECONDS = 10


def serve(*, host: str | None, port: int | None) -> None:
    """Serve the API until SIGTERM or Ctrl-C."""
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = ApiSettings().model_copy(update=given)
    log_to_stderr()
    run_async(_serve(settings))


async def _serve(settings: ApiSettings) -> None:
    with listening(settings) as listener:
        jobs = JobSettings()
        async with ready_graph(GraphSettings()) as graph, open_queue(jobs) as queue:
            await serve_graph(graph, queue, jobs, settings, listener)


async def serve_graph(
    graph: Graph, queue: Queue, jobs: JobSettings, settings: ApiSettings, listener: socket.socket
) -> None:
    """Answer requests on this socket; who has the embedded queue does the jobs too."""
    from api.app import create_app

    url = f"http://{_address(listener)}/graphql"
    doing = "" if jobs.redis_url else ", and does the jobs"
    app = create_app(graph, queue, settings)
    config = uvicorn.Config(
        app,
        http="httptools",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = _Server(config, lambda: say(f"Muhatap answers at {url}{doing}"), app.state.end_streams)
    async with _working(graph, queue, jobs):
        await server.serve(sockets=[listener])
    say("Muhatap has stopped", stderr=True)


class _Server(uvicorn.Server):
    """Says when it answers, and ends its own way at a signal: what it holds is closed after it."""

    def __init__(
        self, config: uvicorn.Config, announce: Callable[[], None], end_streams: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self.announce, self.end_streams = announce, end_streams

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.end_streams()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


@asynccontextmanager
async def _working(graph: Graph, queue: Queue, settings: JobSettings) -> AsyncIterator[None]:
    if settings.redis_url:
        yield
        return
    from jobs.worker import run_worker

    task = asyncio.create_task(run_worker(graph, queue, settings))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@contextmanager
def listening(settings: ApiSettings) -> Iterator[socket.socket]:
    """A socket bound before anything is started, so that a port which is taken is told at once."""
    host, port = settings.host, settings.port
    with ExitStack() as stack:
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            listener = stack.enter_context(socket.socket(family, kind, protocol))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except OSError as error:
            raise Unavailable(
                f"Port {port} on {host} cannot be used ({error.strerror}): choose by --host and --port"
            ) from error
        yield listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def worker() -> None:
    """Do jobs until SIGTERM or Ctrl-C."""
    log_to_stderr()
    run_async(_worker())


async def _worker() -> None:
    from jobs.worker import run_worker

    settings = JobSettings()
    async with ready_graph(GraphSettings()) as graph, open_queue(settings) as queue:
        say(f"Muhatap does the jobs of {queue.url.rpartition('@')[2]} on {graph.url}")
        with suppress(asyncio.CancelledError):
            await run_worker(graph, queue, settings)
    say("Muhatap has stopped", stderr=True)


def log_to_stderr() -> None:
    """Log warnings, one line each with its time; a job's every start is no news."""
    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format=form)
