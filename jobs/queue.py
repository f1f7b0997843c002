"""The only door to arq: hands jobs over under ids of the caller's choice and says how the queue is."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from arq.connections import ArqRedis
from arq.constants import health_check_key_suffix, job_key_prefix
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from graph.errors import Unavailable
from jobs.embedded import embedded_queue
from jobs.settings import JobSettings

# arq throws a job away a day after it was due; a long weekend without a worker must not lose one
EXPIRES_MS = 7 * 86_400_000
CANCEL_SECONDS = 0.2  # until a cancellation is tried again


@dataclass(frozen=True, slots=True)
class QueueHealth:
    """How the queue is: `oldest` is the age in seconds of the job that waits longest."""

    version: str
    append_only: bool
    depth: int
    oldest: float | None
    worker: bool


def dumps(value: object) -> bytes:
    """A job as JSON: with pickle, whoever writes to the queue could run code in the worker."""
    return orjson.dumps(value, default=str)


@dataclass(slots=True, eq=False)
class Queue:
    """An open queue, safe to share between tasks of one event loop."""

    url: str
    name: str
    _pool: ArqRedis

    async def enqueue(self, name: str, /, *, job_id: str, **arguments: Any) -> bool:
        """Hand a job over; False if a job of this id is there already."""
        with _explained(self.url):
            return await self._pool.enqueue_job(name, _job_id=job_id, **arguments) is not None

    async def missing(self, job_ids: Iterable[str]) -> set[str]:
        """Those of these jobs that the queue does not hold, neither waiting nor running."""
        ids = list(job_ids)
        with _explained(self.url):
            found = await self._pool.mget([job_key_prefix + job_id for job_id in ids]) if ids else []
        return {job_id for job_id, job in zip(ids, found, strict=True) if job is None}

    async def health(self) -> QueueHealth:
        """Version, persistence, jobs waiting, and whether a worker has reported in the last seconds."""
        with _explained(self.url):
            server = await self._pool.info("server")
            persistence = await self._pool.info("persistence")
            first = await self._pool.zrange(self.name, 0, 0, withscores=True)
            return QueueHealth(
                version=str(server.get("valkey_version") or server.get("redis_version", "?")),
                append_only=bool(persistence.get("aof_enabled")),
                depth=await self._pool.zcard(self.name),
                oldest=max(0.0, time.time() - first[0][1] / 1000) if first else None,
                worker=bool(await self._pool.exists(self.name + health_check_key_suffix)),
            )

    async def close(self) -> None:
        """Close every connection."""
        await close(self._pool)


@asynccontextmanager
async def open_queue(settings: JobSettings) -> AsyncIterator[Queue]:
    """The queue of these settings: a Redis or Valkey by URL, else the embedded one of this home."""
    if settings.redis_url is None:
        async with embedded_queue(settings) as url, _connected(settings, url) as queue:
            yield queue
    else:
        async with _connected(settings, settings.redis_url) as queue:
            yield queue


@asynccontextmanager
async def _connected(settings: JobSettings, url: str) -> AsyncIterator[Queue]:
    queue = Queue(url, settings.queue_name, await connect(settings, url))
    try:
        yield queue
    finally:
        await queue.close()


async def connect(settings: JobSettings, url: str) -> ArqRedis:
    """Arq's client for the Valkey of this URL, which has answered; one try, the caller decides about more."""
    seconds = settings.queue_connect_timeout
    try:
        connections = ConnectionPool.from_url(url, socket_connect_timeout=seconds, socket_timeout=2 * seconds)
    except ValueError as error:
        raise Unavailable(f"MUHATAP_REDIS_URL is not a redis:// or unix:// address: {error}") from error
    pool = ArqRedis(connections, dumps, orjson.loads, settings.queue_name, EXPIRES_MS)
    try:
        with _explained(url):
            await pool.ping()
    except BaseException:
        await close(pool)
        raise
    return pool


async def close(pool: ArqRedis) -> None:
    """Close every connection of a client."""
    await pool.aclose(close_connection_pool=True)


async def end(task: asyncio.Task[Any]) -> None:
    """Cancel a task that talks to the queue: its client may take that for a time-out, and go on."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=CANCEL_SECONDS)


@contextmanager
def _explained(url: str) -> Iterator[None]:
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        raise Unavailable(
            f"The queue at {url.rpartition('@')[2]} does not answer: {error}; is MUHATAP_REDIS_URL right?"
        ) from error
