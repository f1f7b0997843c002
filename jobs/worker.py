"""Every task and cron in one list, and the worker that runs them and gets up again when the queue drops."""

import asyncio
import logging
import random
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import orjson
from arq import cron, func
from arq.cron import CronJob
from arq.worker import Function, Worker
from redis.exceptions import RedisError

from graph import clock, moving, runs
from graph import outbox as events
from graph.driver import Graph
from graph.errors import Invalid, Unavailable
from graph.records import now
from graph.runs import JobRun
from jobs import comments, communities, ideas, influence, mentions, notices, outbox
from jobs.claim import in_turn
from jobs.queue import EXPIRES_MS, Queue, close, connect, dumps, end
from jobs.settings import JobSettings

log = logging.getLogger(__name__)

Context = dict[Any, Any]
FIRST_DELAY = 0.2
SPARE_SECONDS = 5
# a worker that ran this long has recovered: its next fall is a new one
RECOVERED_SECONDS = 60


async def mention_analyse(ctx: Context, *, event: str, mention: str) -> None:
    """Read the language and mood of a mention that came in."""
    async with outbox.performing(ctx, event, ctx["settings"].job_timeout) as graph:
        await mentions.analyse_mentions(graph, mentions=[mention])


async def comment_analyse(ctx: Context, *, event: str, comment: str) -> None:
    """Read the language and mood of a comment on an idea."""
    async with outbox.performing(ctx, event, ctx["settings"].job_timeout) as graph:
        await comments.analyse_comment(graph, comment)


async def tally_refresh(ctx: Context, *, event: str, idea: str) -> None:
    """Count the votes of an idea again, and of all others that were voted on meanwhile; one at a time a worker.

    While one works, others do not wait for it in the places of other jobs: it takes their votes along, or the next look
    at the outbox hands them over again.
    """
    if ctx["refreshing"].locked():
        await ctx["graph"].write(events.hand_back, uid=event)
        return
    async with ctx["refreshing"]:
        if await events.is_done(ctx["graph"], uid=event):  # the job before took it along
            return
        seconds = ctx["settings"].job_timeout
        async with outbox.performing(ctx, event, seconds) as graph:
            await ideas.refresh_waiting(graph, idea=idea, seconds=seconds / 2)


async def notice_spread(ctx: Context, *, event: str, notice: str) -> None:
    """Tell everybody concerned of what became of an idea."""
    async with outbox.performing(ctx, event, ctx["settings"].run_timeout) as graph:
        await notices.spread(graph, ctx["settings"], notice=notice)


async def idea_merge(ctx: Context, *, event: str, merge: str) -> None:
    """Move the votes that a merge, or its undoing, has yet to move."""
    async with outbox.performing(ctx, event, ctx["settings"].run_timeout) as graph:
        await moving.settle(graph, moving.MERGE, uid=merge)


async def idea_split(ctx: Context, *, event: str, split: str) -> None:
    """Copy the votes that a split has yet to copy, or take those that its undoing has yet to take."""
    async with outbox.performing(ctx, event, ctx["settings"].run_timeout) as graph:
        await moving.settle(graph, moving.SPLIT, uid=split)


async def run(ctx: Context, *, event: str, run: str, **_: object) -> None:
    """Do a run over the whole graph that somebody asked for; its time begins when no other of its kind goes on."""
    async with outbox.performing(ctx, event, None) as graph:
        asked = await graph.write(runs.get, uid=run)
        if asked.kind not in RUNS:
            raise Invalid(f"Nobody knows how to do a run of kind {asked.kind}", field="kind")
        await in_turn(lambda: _run(graph, asked, ctx["settings"].run_timeout))


async def _run(graph: Graph, asked: JobRun, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds) as limit:
            await RUNS[asked.kind](graph, as_of=asked.as_of, run_uid=asked.uid)
    except TimeoutError:
        if not limit.expired():
            raise
        # it would take as long again: its event counts as done
        why = f"It did not end within the {seconds:,.0f} s that it was given: raise MUHATAP_RUN_TIMEOUT."
        log.warning("%s run %s: %s", asked.kind.lower(), asked.uid, why)
        await graph.write(runs.give_up, uid=asked.uid, now=now(), message=why)


RUNS: dict[str, Any] = {
    influence.KIND: influence.run_influence,
    ideas.KIND: ideas.run_tally,
    mentions.KIND: mentions.run_analysis,
    communities.KIND: communities.run_communities,
}


async def dispatch(ctx: Context) -> None:
    """Hand over the events written since the last look."""
    with _put_off("dispatch"):
        await outbox.dispatch(ctx["graph"], ctx["queue"], attempts=ctx["settings"].job_attempts)


async def sweep(ctx: Context) -> None:
    """Tell what is decided, hand over again or ask again for what got lost, forget what is long done, ask for the run
    that is due; its place is held, however long it takes.
    """
    settings: JobSettings = ctx["settings"]
    async with outbox.renewed(ctx):
        with _put_off("sweep"):
            await notices.announce_decided(ctx["graph"])
            await outbox.redispatch(
                ctx["graph"], ctx["queue"], attempts=settings.job_attempts, silence=settings.sweep_silence
            )
            await ideas.ask_again(ctx["graph"])
            await outbox.tidy(ctx["graph"])
            await clock.ask(ctx["graph"], now=now(), every=settings.between_runs)


async def deliver(ctx: Context) -> None:
    """Send the messages that are due; one sender a worker, however long it takes."""
    sending: asyncio.Lock = ctx["sending"]
    if sending.locked():
        return
    async with sending, outbox.renewed(ctx):
        with _put_off("deliver"):
            await notices.deliver(ctx["graph"], ctx["settings"])


@contextmanager
def _put_off(name: str) -> Iterator[None]:
    """What is done by the clock is done at its next time when the graph is away: one line, no trace."""
    try:
        yield
    except Unavailable as error:
        log.warning("%s is put off: %s", name, error.message.partition("\n")[0])


def tasks(settings: JobSettings) -> list[Function]:
    """Every task, named as its kind of event; our own time-out fires first, and is noted on the event."""
    short, long = settings.job_timeout + SPARE_SECONDS, settings.run_timeout + SPARE_SECONDS
    brief = (mention_analyse, comment_analyse, tally_refresh)
    lengthy = (notice_spread, idea_merge, idea_split)
    return [
        *(func(task, timeout=short) for task in brief),
        *(func(task, timeout=long) for task in lengthy),
        func(run, timeout=EXPIRES_MS / 1000),  # it waits for others as long as the queue keeps it
    ]


def crons(settings: JobSettings) -> list[CronJob]:
    """Everything done by the clock, by one worker each time."""
    often = set(range(0, 60, settings.dispatch_seconds))
    return [
        cron(dispatch, second=often, timeout=30, run_at_startup=True, keep_result=0),
        cron(deliver, second=often, timeout=settings.run_timeout, run_at_startup=True, keep_result=0),
        cron(sweep, second=0, timeout=55, run_at_startup=True, keep_result=0),
    ]


def worker_settings(
    graph: Graph, queue: Queue, settings: JobSettings, functions: Sequence[Function]
) -> dict[str, Any]:
    """What arq's worker is told: built here as a whole, since arq ignores what a class inherits."""
    return {
        "functions": functions,
        "cron_jobs": crons(settings),
        "queue_name": settings.queue_name,
        "ctx": {
            "graph": graph,
            "queue": queue,
            "settings": settings,
            "lease": settings.job_lease,
            # of the worker: arq gives each job a copy of all this
            "sending": asyncio.Lock(),
            "refreshing": asyncio.Lock(),
        },
        "max_jobs": settings.worker_jobs,
        "max_tries": settings.job_starts,
        "keep_result": 0,
        "poll_delay": 0.2,
        "health_check_interval": 10,
        "expires_extra_ms": EXPIRES_MS,
        "job_serializer": dumps,
        "job_deserializer": orjson.loads,
        "handle_signals": False,
        "log_results": False,
    }


async def run_worker(
    graph: Graph, queue: Queue, settings: JobSettings, functions: Sequence[Function] | None = None
) -> None:
    """Work until cancelled; when the queue drops, or arq falls over, start again a little later."""
    functions, falls = tasks(settings) if functions is None else functions, 0
    while True:
        started = time.monotonic()
        try:
            await _work(graph, queue, settings, functions)
        except (RedisError, OSError, TimeoutError, Unavailable) as error:
            log.warning("the worker lost its queue: %s", error)
        except Exception:
            log.exception("the worker fell over")
        _heed_cancellation()
        falls = 1 if time.monotonic() - started > RECOVERED_SECONDS else falls + 1
        await asyncio.sleep(min(settings.restart_delay_max, FIRST_DELAY * 2**falls) * random.uniform(0.5, 1))


async def _work(graph: Graph, queue: Queue, settings: JobSettings, functions: Sequence[Function]) -> None:
    pool = await connect(settings, queue.url)
    try:
        _heed_cancellation()
        worker = _Worker(redis_pool=pool, **worker_settings(graph, queue, settings, functions))
        worker.in_progress_timeout_s = settings.job_lease
        running = asyncio.create_task(worker.async_run())
        try:
            await asyncio.wait([running])
        finally:
            await end(running)
            await _cancel(worker)
        running.result()
    finally:
        await close(pool)


def _heed_cancellation() -> None:
    """Raise if this task was cancelled: the client of the queue may take that for a time-out, and go on."""
    if (task := asyncio.current_task()) and task.cancelling():
        raise asyncio.CancelledError


class _Worker(Worker):
    """Arq's worker, which knows what it still writes: a job shields that from its own cancellation."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.writing: set[asyncio.Task[Any]] = set()

    async def finish_job(self, *args: Any, **kwargs: Any) -> None:
        self._note()
        await super().finish_job(*args, **kwargs)

    async def finish_failed_job(self, *args: Any, **kwargs: Any) -> None:
        self._note()
        await super().finish_failed_job(*args, **kwargs)

    def _note(self) -> None:
        if task := asyncio.current_task():
            self.writing.add(task)
            task.add_done_callback(self.writing.discard)


async def _cancel(worker: _Worker) -> None:
    """Cancel what is running: it comes back under its id. What is written ends, or it would open a closed client."""
    worker.handle_sig(signal.SIGUSR1)
    if left := worker.writing.union(worker.tasks.values()):
        done, late = await asyncio.wait(left, timeout=5)
        for task in late:
            task.cancel()
        for task in done:
            with suppress(asyncio.CancelledError):
                task.exception()
