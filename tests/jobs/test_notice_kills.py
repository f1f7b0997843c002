"""Notices under kill -9: inboxes exactly once, letters and calls once but where the crash fell on their acceptance."""

import asyncio
import os
import random
import signal
import sys
from asyncio.subprocess import PIPE
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from graph import consents, votes
from graph.driver import Graph
from graph.errors import Unavailable
from graph.records import now
from jobs.embedded import embedded_queue
from jobs.queue import open_queue
from jobs.settings import JobSettings
from tests.graph.test_notices import YES, announced, idea, person, states
from tests.jobs.outside import Hook, MailServer, listening
from tests.jobs.test_notices import SECRET, heard
from tests.processes import environment_of

READERS = 24
SECONDS = 120


class Town:
    """A graph, a mail server and a webhook, and a worker of its own process between them that may be killed."""

    def __init__(self, graph: Graph, mail: MailServer, hook: Hook, redis: str) -> None:
        self.graph, self.mail, self.hook = graph, mail, hook
        self.nursery: asyncio.subprocess.Process | None = None
        self.worker: int | None = None
        self.environment = environment_of(graph, redis) | {
            "MUHATAP_JOB_LEASE": "1",
            "MUHATAP_JOB_STARTS": "50",
            "MUHATAP_SWEEP_SILENCE": "0.5",
            "MUHATAP_DISPATCH_SECONDS": "1",
            "MUHATAP_RESTART_DELAY_MAX": "0.5",
            "MUHATAP_SMTP_URL": f"smtp://127.0.0.1:{mail.port}",
            "MUHATAP_SMTP_FROM": "ideas@brand.example",
            "MUHATAP_PUBLIC_URL": "https://brand.example",
            "MUHATAP_WEBHOOK_URL": f"http://127.0.0.1:{hook.port}/",
            "MUHATAP_WEBHOOK_SECRET": SECRET,
            "MUHATAP_SEND_TIMEOUT": "0.3",
            "MUHATAP_SEND_DELAY": "0.1",
            "MUHATAP_SEND_ATTEMPTS": "100",
        }

    async def start(self) -> None:
        """Start a worker."""
        if self.nursery is None:
            script = Path(__file__).with_name("notice_process.py")
            self.nursery = await asyncio.create_subprocess_exec(
                sys.executable, str(script), env=self.environment, stdin=PIPE, stdout=PIPE
            )
        assert self.nursery.stdin
        assert self.nursery.stdout
        self.nursery.stdin.write(b"start\n")
        self.worker = int(await self.nursery.stdout.readline())

    def kill(self) -> None:
        """Kill the worker, if one lives."""
        if self.worker is not None:
            with suppress(ProcessLookupError):
                os.kill(self.worker, signal.SIGKILL)
            self.worker = None

    async def close(self) -> None:
        """Kill all."""
        self.kill()
        if self.nursery is not None:
            self.nursery.kill()
            await self.nursery.wait()

    async def done(self) -> bool:
        """Whether everything was told and is recorded."""
        query = """
        OPTIONAL MATCH (n:Notice) WHERE n.spreadAt IS NULL
        WITH count(n) AS spreading
        OPTIONAL MATCH (d:Delivery) WHERE d.state = 'WAITING'
        RETURN spreading, count(d) AS waiting
        """
        [row] = await self.graph.read(query)
        [any_] = await self.graph.read("MATCH (d:Delivery) RETURN count(d) AS n")
        return (row["spreading"], row["waiting"]) == (0, 0) and any_["n"] > 0


@asynccontextmanager
async def town(graph: Graph, redis: str) -> AsyncIterator[Town]:
    async with listening(MailServer()) as mail, listening(Hook()) as hook:
        made = Town(graph, mail, hook, redis)
        try:
            yield made
        finally:
            await made.close()


async def readers(graph: Graph) -> str:
    """An answered idea with many voters, of whom some have consented; its notice."""
    what = await idea(graph)
    for n in range(READERS):
        who = await person(graph, f"p{n}", email=f"p{n}@example.org")
        await graph.write(votes.cast_vote, idea=what, voter=who, value=1, now=now())
        if n % 2 == 0:
            await graph.write(consents.give, customer=who, channel="EMAIL", wording=YES, now=now())
        if n % 4 == 0:
            await graph.write(consents.give, customer=who, channel="WEBHOOK", wording=YES, now=now())
    return await announced(graph, what, "a1")


async def check(one: Town, doubled: int) -> None:
    """All heard; nothing was lost, and no more came twice than crashes fell on an acceptance."""
    assert Counter(dict(await heard(one.graph))) == {f"p{n}": 1 for n in range(READERS)}
    assert Counter(state for _, _, state, _ in await states(one.graph)) == {
        "SENT": READERS * 3 // 4,
        "SKIPPED": READERS // 2,
    }
    letters = Counter((str(each["To"]), str(each["Message-ID"])) for each in one.mail.letters)
    calls = Counter(headers["webhook-id"] for headers, _ in one.hook.calls)
    assert sorted(to for to, _ in letters) == sorted(f"p{n}@example.org" for n in range(0, READERS, 2))
    assert len(calls) == READERS // 4
    assert sum(letters.values()) + sum(calls.values()) - READERS * 3 // 4 <= doubled


@pytest.fixture
async def clean_redis(redis_url: str) -> str:
    async with Redis.from_url(redis_url) as redis:
        await redis.flushall()
    return redis_url


async def test_a_crash_between_acceptance_and_record_repeats_one_letter_under_its_id(
    graph: Graph, clean_redis: str
) -> None:
    await readers(graph)
    async with town(graph, clean_redis) as one:
        crashes = []

        def crash() -> None:
            # the letter is kept, and the worker dies before it hears so
            if len(one.mail.letters) in {3, 9}:
                one.kill()
                crashes.append(len(one.mail.letters))

        one.mail.accepted = crash
        async with asyncio.timeout(SECONDS):
            while not await one.done():
                if one.worker is None:
                    await one.start()
                await asyncio.sleep(0.1)
        assert crashes == [3, 9]
        await check(one, doubled=len(crashes))
        letters = Counter(str(each["Message-ID"]) for each in one.mail.letters)
        assert sorted(letters.values())[-3:] == [1, 2, 2]


async def test_kills_at_random_points_and_the_loss_of_redis_lose_and_double_nothing(graph: Graph) -> None:
    chance = random.Random(3)
    kills = 0
    home = JobSettings(home=graph.settings.home / "kills")
    async with embedded_queue(home) as redis:
        await readers(graph)
        async with town(graph, redis) as one:
            async with asyncio.timeout(SECONDS):
                while not await one.done():
                    await answering(redis)
                    await one.start()
                    if kills < 4:
                        await ready(one, redis)
                        await asyncio.sleep(chance.uniform(0, 0.6))
                        if kills == 1:
                            async with Redis.from_url(redis) as client:
                                await client.flushall()
                                os.kill((await client.info("server"))["process_id"], signal.SIGKILL)
                        one.kill()
                        kills += 1
                    else:
                        while not await one.done():  # noqa: ASYNC110  (another process makes it true)
                            await asyncio.sleep(0.1)
            assert kills > 1
            # each kill may fall on one letter or on the calls that are made at once
            await check(one, doubled=kills * 8)


async def answering(redis: str) -> None:
    """Wait until the queue answers: a worker that starts beside one that is down says so and ends."""
    async with Redis.from_url(redis) as client:
        while True:
            with suppress(RedisError):
                await client.ping()
                return
            await asyncio.sleep(0.05)


async def ready(one: Town, redis: str) -> None:
    """Wait until the worker has begun to work, or has done all."""
    while not await one.done():
        with suppress(Unavailable, RedisError):  # a queue that was killed takes a moment to be back
            async with open_queue(JobSettings(redis_url=redis)) as queue, Redis.from_url(redis) as client:
                if (await queue.health()).worker:
                    await client.delete("muhatap:jobs:health-check")
                    return
        await asyncio.sleep(0.05)
