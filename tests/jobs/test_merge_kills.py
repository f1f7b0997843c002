"""A merge or split that the API left half-way is finished by a real worker, also by the one after a killed one."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis

from graph import merges, moving, splits, votes
from graph.driver import Graph
from graph.records import now
from graph.splits import Part
from tests.graph.test_merges import COUNTED, PEOPLE, at, fill, said
from tests.processes import environment_of

SECONDS = 60
FAR = 1_000_000
OWED = "MATCH (e:Event) WHERE e.kind IN ['IDEA_MERGE', 'IDEA_SPLIT'] AND e.doneAt IS NULL RETURN e.uid AS uid"


@pytest.fixture
async def clean_redis(redis_url: str) -> str:
    async with Redis.from_url(redis_url) as redis:
        await redis.flushall()
    return redis_url


@asynccontextmanager
async def worker(graph: Graph, redis: str, parts: int = FAR) -> AsyncIterator[asyncio.subprocess.Process]:
    """A worker that stands still after so many parts; killed with the block."""
    environment = environment_of(graph, redis) | {
        "MUHATAP_JOB_LEASE": "1",
        "MUHATAP_SWEEP_SILENCE": "0.5",
        "MUHATAP_DISPATCH_SECONDS": "1",
    }
    script = Path(__file__).with_name("merge_process.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), str(parts), env=environment, stdout=PIPE
    )
    try:
        yield process
    finally:
        process.kill()
        await process.wait()


async def caught(process: asyncio.subprocess.Process) -> None:
    """Wait until it stands still in the middle of a part."""
    assert process.stdout
    async with asyncio.timeout(SECONDS):
        assert await process.stdout.readline() == b"caught\n"


async def finished(graph: Graph) -> None:
    async with asyncio.timeout(SECONDS):
        while await graph.read(OWED):  # noqa: ASYNC110  (another process makes it true)
            await asyncio.sleep(0.1)


async def begun(graph: Graph) -> str:
    """A merge of an idea whose seven voters also, but two, voted on the original; the API left it all to a worker."""
    both = [(who, idea, {"value": 1, "at": at(2)}) for who in PEOPLE[2:] for idea in ("i0", "i1")]
    await fill(graph, [(who, "i1", {"value": 1, "at": at(2)}) for who in PEOPLE[:2]] + both)
    made = await graph.write(
        merges.merge, duplicates=["i1"], original="i0", reason="same", by="eve", now=now()
    )
    assert not await moving.settle(graph, moving.MERGE, uid=made.uid or "", seconds=0)
    return made.uid or ""


async def check(graph: Graph, uid: str) -> None:
    found = await said(graph)  # each pair at most once
    assert found == {(who, "i0"): {"value": 1, "at": at(2)} for who in PEOPLE}
    assert list((await graph.read(COUNTED, uid=uid))[0]) == [2, 5, 0, None]
    told = await graph.read("MATCH (n:Notice) RETURN n.kind AS kind")
    assert Counter(row["kind"] for row in told) == {"MERGED": 1}


async def test_a_worker_finishes_a_merge_that_the_api_left_to_it(graph: Graph, clean_redis: str) -> None:
    uid = await begun(graph)
    async with worker(graph, clean_redis):
        await finished(graph)
    await check(graph, uid)


@pytest.mark.parametrize(("parts", "queue_is_gone"), [(1, False), (4, False), (3, True)])
async def test_the_merge_of_a_worker_that_is_killed_is_finished_by_the_next(
    graph: Graph, clean_redis: str, parts: int, queue_is_gone: bool
) -> None:
    uid = await begun(graph)
    async with worker(graph, clean_redis, parts) as first:
        await caught(first)
    assert (await graph.read(COUNTED, uid=uid))[0]["m.moving"]
    if queue_is_gone:
        async with Redis.from_url(clean_redis) as redis:
            await redis.flushall()
    async with worker(graph, clean_redis):
        await finished(graph)
    await check(graph, uid)


async def test_the_sweep_finds_a_split_that_an_api_was_killed_over_and_its_undoing(
    graph: Graph, clean_redis: str
) -> None:
    await fill(graph, [(who, "i0", {"value": 1, "at": at(2)}) for who in PEOPLE])
    made = await graph.write(
        splits.split,
        idea="i0",
        parts=[Part("A"), Part("B")],
        reason="two",
        by="eve",
        now=now(),
        copy_votes=True,
    )
    async with worker(graph, clean_redis, 2) as first:
        await caught(first)
    async with worker(graph, clean_redis):
        await finished(graph)
    found = await said(graph)
    assert found == {(who, idea): {"value": 1, "at": at(2)} for who in PEOPLE for idea in ("i0", *made.parts)}
    await graph.write(splits.undo, split=made.uid or "", by="eve", now=now())
    await graph.write(votes.cast_vote, voter="p0", idea="i0", value=-1, now=at(50))
    async with worker(graph, clean_redis):
        await finished(graph)
    assert {pair: vote["value"] for pair, vote in (await said(graph)).items()} == {
        (who, "i0"): -1 if who == "p0" else 1 for who in PEOPLE
    }
