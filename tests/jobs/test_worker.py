"""Events reach a worker whatever falls over in between."""

import asyncio
import gc
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from arq import func
from redis.asyncio import Redis

from api.enums import JobKind
from graph import doctor, runs
from graph import outbox as events
from graph.driver import Graph, Transaction
from graph.errors import Unavailable
from graph.outbox import emit
from graph.records import now, parse_instant, to_instant
from jobs import claim, outbox, worker
from jobs import doctor as jobs_doctor
from jobs.embedded import embedded_queue
from jobs.queue import Queue, open_queue
from jobs.settings import JobSettings
from jobs.worker import run_worker, tasks, worker_settings
from tests.processes import environment_of

Seen = list[str]


@pytest.fixture
async def job_settings(redis_url: str, home: Path) -> JobSettings:
    async with Redis.from_url(redis_url) as redis:
        await redis.flushall()
    return JobSettings(
        home=home, redis_url=redis_url, dispatch_seconds=1, job_lease=1, restart_delay_max=0.5, run_every=0
    )


@pytest.fixture
async def queue(job_settings: JobSettings) -> AsyncIterator[Queue]:
    async with open_queue(job_settings) as queue:
        yield queue


async def _emit(tx: Transaction, *, idea: str = "i1") -> str:
    return await emit(tx, kind="TALLY_REFRESH", payload={"idea": idea}, now=now())


@asynccontextmanager
async def _worker(
    graph: Graph, queue: Queue, settings: JobSettings, seen: Seen, failing: bool = False
) -> AsyncIterator[None]:
    async def tally_refresh(ctx: dict[Any, Any], *, event: str, idea: str) -> None:
        async with outbox.performing(ctx, event, 10):
            seen.append(idea)
            if failing:
                raise ValueError("this one cannot be counted")

    task = asyncio.create_task(
        run_worker(graph, queue, settings, [func(tally_refresh, name="tally_refresh", timeout=15)])
    )
    try:
        yield
    finally:
        assert not task.done(), task.exception()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _until(condition: Callable[[], Awaitable[bool]], seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110  (another process makes it true)
            await asyncio.sleep(0.05)


def _all_done(graph: Graph) -> Callable[[], Awaitable[bool]]:
    async def done() -> bool:
        return await graph.read_one("MATCH (e:Event) WHERE e.doneAt IS NULL RETURN e LIMIT 1") is None

    return done


async def test_a_job_of_the_same_id_is_there_once(queue: Queue) -> None:
    assert await queue.enqueue("tally_refresh", job_id="e1", idea="i1")
    assert not await queue.enqueue("tally_refresh", job_id="e1", idea="i1")
    assert await queue.missing(["e1", "e2"]) == {"e2"}
    health = await queue.health()
    assert (health.depth, health.append_only, health.worker) == (1, True, False)


async def test_jobs_are_json_not_pickle(queue: Queue, redis_url: str) -> None:
    await queue.enqueue("tally_refresh", job_id="e1", idea="i1")
    async with Redis.from_url(redis_url) as redis:
        assert (await redis.get("arq:job:e1")).startswith(b"{")


async def test_what_was_written_with_a_vote_is_done(
    graph: Graph, queue: Queue, job_settings: JobSettings
) -> None:
    seen: Seen = []
    await graph.write(_emit)
    async with _worker(graph, queue, job_settings, seen):
        await _until(_all_done(graph))
    assert seen == ["i1"]


async def test_events_survive_the_loss_of_the_whole_queue(
    graph: Graph, queue: Queue, job_settings: JobSettings, redis_url: str
) -> None:
    seen: Seen = []
    await graph.write(_emit)
    assert await outbox.dispatch(graph, queue, attempts=5) == 1
    assert await outbox.redispatch(graph, queue, attempts=5, silence=-1) == 0  # it waits in the queue
    async with Redis.from_url(redis_url) as redis:
        await redis.flushall()
    assert await outbox.dispatch(graph, queue, attempts=5) == 0
    assert await outbox.redispatch(graph, queue, attempts=5, silence=-1) == 1
    async with _worker(graph, queue, job_settings, seen):
        await _until(_all_done(graph))
    assert seen == ["i1"]


async def test_of_lost_refreshes_one_is_handed_over_and_each_that_failed(
    graph: Graph, queue: Queue, redis_url: str
) -> None:
    failed = await graph.write(_emit, idea="i1")
    for _ in range(2):
        await graph.write(events.mark_dispatched, uid=failed, now=now())
    for idea in ("i2", "i3", "i4"):
        await graph.write(_emit, idea=idea)
    assert await outbox.dispatch(graph, queue, attempts=5) == 1
    async with Redis.from_url(redis_url) as redis:
        await redis.flushall()
    assert await outbox.redispatch(graph, queue, attempts=5, silence=-1) == 2


async def test_an_event_that_always_fails_becomes_a_dead_letter(
    graph: Graph, queue: Queue, job_settings: JobSettings
) -> None:
    seen: Seen = []
    await graph.write(_emit)
    async with _worker(graph, queue, job_settings, seen, failing=True):
        for attempt in range(job_settings.job_attempts):

            async def failed(expected: int = attempt + 1) -> bool:
                await outbox.redispatch(graph, queue, attempts=job_settings.job_attempts, silence=-1)
                return len(seen) >= expected

            await _until(failed)
        await asyncio.sleep(0.5)
    assert len(seen) == job_settings.job_attempts
    owed = await doctor.backlog(graph, attempts=job_settings.job_attempts)
    assert (owed.waiting, owed.dead) == (0, 1)
    assert owed.dead_error == "ValueError: this one cannot be counted"
    found = {one.name: one.ok for one in await jobs_doctor.check(graph, queue, job_settings)}
    assert found["dead letters"] is False
    assert found["persistence"] is True


async def test_the_job_of_a_killed_worker_comes_back_soon(
    graph: Graph, queue: Queue, job_settings: JobSettings, tmp_path: Path
) -> None:
    starts = tmp_path / "starts"
    environment = environment_of(graph, queue.url) | {
        "MUHATAP_HOME": str(job_settings.home),
        "MUHATAP_JOB_LEASE": "1",
        "MUHATAP_DISPATCH_SECONDS": "1",
    }
    script = Path(__file__).with_name("worker_process.py")
    await graph.write(_emit)

    async def start() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(sys.executable, str(script), str(starts), env=environment)

    async def started() -> bool:
        return starts.exists() and bool(starts.read_text())

    first = await start()
    await _until(started)
    first.send_signal(signal.SIGKILL)
    await first.wait()
    second, killed = await start(), time.monotonic()
    await _until(_all_done(graph))
    assert time.monotonic() - killed < 10
    assert starts.read_text().splitlines() == ["i1", "i1"]
    second.kill()
    await second.wait()


async def test_a_worker_gets_up_again_when_the_queue_does(graph: Graph, tmp_path: Path) -> None:
    seen: Seen = []
    home = JobSettings(home=tmp_path, dispatch_seconds=1, job_lease=1, restart_delay_max=0.5)
    async with embedded_queue(home) as url:
        settings = home.model_copy(update={"redis_url": url})
        async with open_queue(settings) as queue, _worker(graph, queue, settings, seen):
            await asyncio.sleep(1.2)
            async with Redis.from_url(url) as redis:
                pid = (await redis.info("server"))["process_id"]
            os.kill(pid, signal.SIGKILL)
            await graph.write(_emit)
            await _until(_all_done(graph))
    assert seen == ["i1"]


# what the client of the queue was opening when it was cancelled is left to the collector
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_worker_ends_whenever_it_is_cancelled(
    graph: Graph, queue: Queue, job_settings: JobSettings
) -> None:
    """The client of the queue takes a cancellation for a time-out at some points, and goes on."""
    for milliseconds in range(60):
        task = asyncio.create_task(run_worker(graph, queue, job_settings))
        await asyncio.sleep(milliseconds / 1000)
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=15)
        assert done, f"cancelled after {milliseconds} ms, it goes on"
        assert task.cancelled()
    gc.collect()


async def test_a_worker_leaves_nothing_behind_that_still_talks_to_the_queue(
    graph: Graph, queue: Queue, job_settings: JobSettings, redis_url: str
) -> None:
    """A job shields what it writes at its end: on a closed client it would open a connection that nobody closes."""
    async with Redis.from_url(redis_url) as redis:

        async def tally_refresh(ctx: dict[Any, Any]) -> None:
            await redis.client_pause(1500, all=False)  # its end cannot be written for as long
            paused.set()

        paused = asyncio.Event()
        before = asyncio.all_tasks()
        task = asyncio.create_task(
            run_worker(graph, queue, job_settings, [func(tally_refresh, name="tally_refresh")])
        )
        await queue.enqueue("tally_refresh", job_id="e1")
        await asyncio.wait_for(paused.wait(), 15)
        await asyncio.sleep(0.2)
        task.cancel()
        await asyncio.wait([task])
        assert asyncio.all_tasks() == before
        assert not await redis.exists("arq:job:e1")


@pytest.mark.parametrize("kind", JobKind.__members__)
async def test_a_worker_does_each_kind_of_run_and_waits_for_the_one_before_it(
    graph: Graph, queue: Queue, job_settings: JobSettings, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(claim, "WAIT_SECONDS", 0.1)
    before = await graph.write(runs.queue, kind=kind, now=now())
    assert await graph.write(runs.start, uid=before.uid, now=now())
    asked = await graph.write(runs.request, kind=kind, now=now())
    task = asyncio.create_task(run_worker(graph, queue, job_settings))
    try:
        await _until(_dispatched(graph))
        await asyncio.sleep(0.5)
        assert (await graph.write(runs.get, uid=asked.uid)).status == "QUEUED"
        await graph.write(runs.finish, uid=before.uid, now=now())
        await _until(_all_done(graph))
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert (await graph.write(runs.get, uid=asked.uid)).status == "SUCCEEDED"
    assert await graph.read("MATCH (e:Event) WHERE e.failedAt IS NOT NULL RETURN e") == []


@pytest.mark.parametrize(("takes", "status"), [(0.2, "SUCCEEDED"), (60, "FAILED")])
async def test_a_run_that_takes_too_long_has_failed_and_is_not_tried_again(
    graph: Graph,
    queue: Queue,
    job_settings: JobSettings,
    monkeypatch: pytest.MonkeyPatch,
    takes: float,
    status: str,
) -> None:
    starts: Seen = []

    async def work(graph: Graph, *, as_of: str | None, run_uid: str) -> None:
        async with claim.claimed(graph, run_uid):
            starts.append(run_uid)
            await asyncio.sleep(takes)
            await graph.write(runs.finish, uid=run_uid, now=now())

    monkeypatch.setitem(worker.RUNS, "TALLY", work)
    monkeypatch.setattr(claim, "WAIT_SECONDS", 0.1)
    before = await graph.write(runs.queue, kind="TALLY", now=now())
    assert await graph.write(runs.start, uid=before.uid, now=now())
    asked = await graph.write(runs.request, kind="TALLY", now=now())
    settings = job_settings.model_copy(update={"run_timeout": 1})
    task = asyncio.create_task(run_worker(graph, queue, settings))
    try:
        await _until(_dispatched(graph))
        await asyncio.sleep(1.5)  # longer than the run may take, which has yet to begin
        await graph.write(runs.finish, uid=before.uid, now=now())
        await _until(_all_done(graph))
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    ended = await graph.write(runs.get, uid=asked.uid)
    assert (ended.status, ended.finished_at is None, starts) == (status, False, [asked.uid])
    why = "It did not end within the 1 s that it was given: raise MUHATAP_RUN_TIMEOUT."
    assert ended.message == (why if status == "FAILED" else None)
    assert await outbox.redispatch(graph, queue, attempts=5, silence=-1) == 0
    assert await graph.read("MATCH (e:Event) WHERE e.failedAt IS NOT NULL RETURN e") == []


async def test_a_run_that_is_stopped_says_so(graph: Graph) -> None:
    asked = await graph.write(runs.queue, kind="TALLY", now=now())
    begun = asyncio.Event()

    async def work() -> None:
        async with claim.claimed(graph, asked.uid):
            begun.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    ended = await graph.write(runs.get, uid=asked.uid)
    assert (ended.status, ended.message) == ("FAILED", "It was stopped.")


def _dispatched(graph: Graph) -> Callable[[], Awaitable[bool]]:
    async def done() -> bool:
        return await graph.read_one("MATCH (e:Event) WHERE e.dispatchedAt IS NULL RETURN e LIMIT 1") is None

    return done


# the first: its turn has come; the second: none has, but the tally is behind the votes
@pytest.mark.parametrize(("every", "behind", "kind"), [("24", None, "COMMUNITIES"), ("0", 1, "TALLY")])
async def test_two_workers_make_the_run_that_nobody_asks_for_once(
    graph: Graph, queue: Queue, job_settings: JobSettings, every: str, behind: int | None, kind: str
) -> None:
    await graph.write(_fill, behind=behind)
    environment = environment_of(graph, queue.url) | {"MUHATAP_RUN_EVERY": every}
    command = [sys.executable, "-m", "api.cli", "worker"]
    workers = [await asyncio.create_subprocess_exec(*command, env=environment) for _ in range(2)]

    async def succeeded() -> bool:
        return await graph.read_one("MATCH (r:JobRun {status: 'SUCCEEDED'}) RETURN r.uid AS uid") is not None

    try:
        await _until(succeeded, seconds=60)
    finally:
        for process in workers:
            process.terminate()
            await process.wait()
    made = await graph.read("MATCH (r:JobRun) RETURN r.kind AS kind, r.status AS status ORDER BY r.queuedAt")
    assert [row["kind"] for row in made].count(kind) == 1
    assert (made[0]["kind"], made[0]["status"]) == (kind, "SUCCEEDED")
    found = {check.name: check for check in await jobs_doctor.check(graph, queue, job_settings)}
    assert found[f"last {kind.lower()} run"].ok
    assert found["next runs"].found == "none: MUHATAP_RUN_EVERY is 0"


async def _fill(tx: Transaction, *, behind: int | None) -> None:
    query = """
    CREATE (:Customer {uid: 'u', externalId: 'c'})
    CREATE (:Publication {name: 'tally', slot: 'A', publishedAt: '2026-01-01T00:00:00.000Z',
                          filledAt: '2026-01-01T00:00:00.000Z', behind: $behind})
    """
    await (await tx.run(query, behind=behind)).consume()


async def test_the_doctor_tells_when_the_next_runs_are_due(
    graph: Graph, queue: Queue, job_settings: JobSettings
) -> None:
    settings = job_settings.model_copy(update={"run_every": 24})

    async def told() -> str:
        return {check.name: check for check in await jobs_doctor.check(graph, queue, settings)}[
            "next runs"
        ].found

    assert await told() == "known once a worker has seen customers"
    await graph.write(_fill, behind=1)
    done = await graph.write(runs.queue, kind="TALLY", now=now())
    started = parse_instant(now())
    await graph.write(runs.start, uid=done.uid, now=to_instant(started))
    assert await told() == (
        "communities 2026-01-01T00:10:00.000Z, influence 2026-01-01T00:10:00.000Z, "
        f"tally {to_instant(started + timedelta(days=1))}; the tally is behind the votes, a run of it comes by itself"
    )


async def test_a_queue_that_is_not_there_is_explained() -> None:
    with pytest.raises(Unavailable, match=r"queue at .*127.0.0.1:9.* does not answer.*MUHATAP_REDIS_URL"):
        async with open_queue(JobSettings(redis_url="redis://:secret@127.0.0.1:9", queue_connect_timeout=1)):
            pass


async def test_worker_settings_are_told_as_a_whole(
    graph: Graph, queue: Queue, job_settings: JobSettings
) -> None:
    told = worker_settings(graph, queue, job_settings, tasks(job_settings))
    assert told["expires_extra_ms"] == 7 * 86_400_000
    assert told["health_check_interval"] == 10
    assert {one.name: one.timeout_s for one in told["functions"]} == {
        "mention_analyse": 65,
        "comment_analyse": 65,
        "tally_refresh": 65,
        "notice_spread": 14405,
        "idea_merge": 14405,
        "idea_split": 14405,
        "run": 604800,
    }


async def test_a_refresh_does_not_wait_in_the_place_of_another_job(graph: Graph) -> None:
    refreshing, event = asyncio.Lock(), await graph.write(_emit)
    async with refreshing:
        for _ in range(7):  # more often than an event is tried
            await graph.write(events.mark_dispatched, uid=event, now=now())
            await worker.tally_refresh({"graph": graph, "refreshing": refreshing}, event=event, idea="i1")
        assert [each.uid for each in await events.pending(graph, stale="", attempts=1)] == [event]
    assert await events.first_attempts(graph, kind="TALLY_REFRESH") == {event: {"idea": "i1"}}
