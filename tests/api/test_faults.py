"""The database is killed under an import and under the API: each goes on when it is back, or says what to do."""

import asyncio
import json
import re
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.relay import to_global_id
from graph import runs, tokens
from graph.driver import Graph, Transaction, open_graph
from graph.folders import import_folder
from graph.migrate import migrate
from graph.records import now
from graph.tokens import Role
from tests.api.engines import Engine, own_engine
from tests.api.events import subscribed
from tests.graph.folders.folder import snapshot
from tests.graph.folders.test_export import EMPTY

pytestmark = pytest.mark.skipif(not Path("/proc").exists(), reason="finds the engine in /proc")

PEOPLE = 160
# the command itself, in small batches, each of which is told
IMPORT = """
from api.cli import main, shell
from graph.folders import entries
entries.BATCH_ROWS = 20
shell.LINE_SECONDS = 0.0
main()
"""
ROWS = {"customers.csv": PEOPLE, "ideas.csv": 40, "mentions.csv": PEOPLE, "votes.csv": PEOPLE}
READ = "{ challenges(first: 1) { totalCount } }"
OPEN = """mutation {
  challengeOpen(input: {externalId: "h", title: "Parks"}, idempotencyKey: "k") {
    challenge { title } errors { code }
  }
}"""
DONE = {"data": {"challengeOpen": {"challenge": {"title": "Parks"}, "errors": []}}}
Snapshot = tuple[list[str], list[str]]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine that only these tests use."""
    with own_engine(tmp_path_factory.mktemp("faults")) as engine:
        yield engine


@pytest.fixture(scope="module")
async def opened(engine: Engine) -> AsyncIterator[Graph]:
    """Its graph, open all the time: also here a client that was there before must find it again."""
    async with open_graph(engine.settings) as graph:
        await migrate(graph)
        yield graph


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of many small batches, with replies to mentions further down."""
    people = range(PEOPLE)
    files = {
        "customers": "id,name,identities\n" + "".join(f"c{n},Name {n},x:{n}\n" for n in people),
        "ideas": "id,author\n" + "".join(f"i{n},c{n}\n" for n in range(40)),
        "mentions": "id,author,in_reply_to,names,at\n"
        + "".join(
            f"m{n},c{n},m{(n * 7 + 1) % PEOPLE},c{n * 5 % PEOPLE},2025-01-01T00:00:{n % 60:02}Z\n"
            for n in people
        ),
        "votes": "voter,idea,value\n" + "".join(f"c{n},i{n * 3 % 40},1\n" for n in people),
    }
    place = tmp_path_factory.mktemp("folder")
    for name, text in files.items():
        (place / f"{name}.csv").write_text(text)
    return place


@pytest.fixture(scope="module")
async def expected(opened: Graph, folder: Path) -> Snapshot:
    """The graph after an import that nothing disturbed."""
    report = await import_folder(opened, folder)
    assert report.rejections == 0
    found = await snapshot(opened)
    await _emptied(opened)
    return found


async def _emptied(graph: Graph) -> None:
    async def empty(tx: Transaction) -> None:
        await (await tx.run(EMPTY)).consume()

    await graph.write(empty)


async def _import(engine: Engine, folder: Path, **environment: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", IMPORT, "import", str(folder), "--json",
        env=engine.environment | environment, stdout=PIPE, stderr=PIPE,
    )  # fmt: skip


async def _batches(process: asyncio.subprocess.Process, count: int) -> None:
    assert process.stderr
    while count and (line := await process.stderr.readline()):
        count -= line.startswith(b"import ")
    assert count == 0


async def _ended(process: asyncio.subprocess.Process, seconds: float) -> tuple[dict[str, Any], str]:
    out, err = await asyncio.wait_for(process.communicate(), seconds)
    assert "Traceback" not in err.decode()
    return json.loads(out or b"{}"), err.decode()


async def test_an_import_outlasts_a_killed_database_and_gives_the_same_graph(
    engine: Engine, opened: Graph, folder: Path, expected: Snapshot
) -> None:
    process = await _import(engine, folder)
    for count in (3, 10):  # among the customers, among the mentions
        await _batches(process, count)
        engine.kill()
        await asyncio.to_thread(engine.back)
    found, err = await _ended(process, 120)
    assert process.returncode == 0, err
    assert found["rejections"] == 0
    assert {one["file"]: one["read"] for one in found["files"]} == ROWS
    assert await snapshot(opened) == expected
    again, _ = await _ended(await _import(engine, folder), 60)
    assert {one["file"]: one["unchanged"] for one in again["files"]} == ROWS
    assert await snapshot(opened) == expected
    await _emptied(opened)


async def test_an_import_whose_database_stays_away_ends_with_one_line_and_goes_on_later(
    engine: Engine, opened: Graph, folder: Path, expected: Snapshot
) -> None:
    process = await _import(engine, folder, MUHATAP_GRAPH_START_TIMEOUT="10", MUHATAP_GRAPH_WRITE_TIMEOUT="5")
    await _batches(process, 12)
    engine.kill_for_good()
    started = time.monotonic()
    _, err = await _ended(process, 60)
    assert time.monotonic() - started < 30
    assert process.returncode == 1
    waiting, last = [line for line in err.splitlines() if not line.startswith("import ")]
    assert waiting.endswith("trying again for 10 s")
    assert re.match(r"muhatap: The graph at bolt://\S+ (does not answer now|gave no answer)", last)
    await asyncio.to_thread(engine.back)
    again, _ = await _ended(await _import(engine, folder), 60)
    assert 0 < sum(one["unchanged"] for one in again["files"]) < sum(ROWS.values())
    assert await snapshot(opened) == expected
    await _emptied(opened)


class Api:
    """What a running `muhatap serve` answers."""

    def __init__(self, http: httpx.AsyncClient, process: asyncio.subprocess.Process) -> None:
        self.http, self.process = http, process

    async def ask(self, query: str) -> Any:
        """The JSON of an answer."""
        return (await self.http.post("/graphql", json={"query": query})).json()

    async def read(self) -> str:
        """OK, or the code of the error."""
        answer = await self.ask(READ)
        return answer["errors"][0]["extensions"]["code"] if "errors" in answer else "OK"

    async def says_that_it_is_away(self, seconds: float) -> str:
        """What a read and /ready say, before long."""
        assert await self.becomes("UNAVAILABLE", seconds)
        ready = await self.http.get("/ready")
        assert ready.status_code == 503
        return json.dumps(await self.ask(READ)) + ready.text

    async def becomes(self, code: str, seconds: float) -> bool:
        """Whether reads are answered so before long."""
        end = time.monotonic() + seconds
        while await self.read() != code:
            if time.monotonic() > end:
                return False
            await asyncio.sleep(0.2)
        return True


@asynccontextmanager
async def _serving(engine: Engine, graph: Graph) -> AsyncIterator[Api]:
    token, _ = await graph.write(tokens.create, name="faults", role=Role.ADMINISTRATOR, now=now())
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "api.cli", "serve", "--port", "0",
        env=engine.environment, stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    assert process.stdout
    try:
        [url] = re.findall(r"http://\S+(?=/graphql)", (await process.stdout.readline()).decode())
        async with httpx.AsyncClient(
            base_url=url, headers={"authorization": f"Bearer {token}"}, timeout=20
        ) as http:
            yield Api(http, process)
        assert not process.returncode
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        _, err = await asyncio.wait_for(process.communicate(), 30)
    assert b"Traceback" not in err, err.decode()


async def test_the_api_says_that_its_database_is_away_and_answers_again_when_it_is_back(
    engine: Engine, opened: Graph
) -> None:
    async with _serving(engine, opened) as api:
        assert await api.read() == "OK"
        engine.kill()
        said = await api.says_that_it_is_away(5)
        assert (await api.http.get("/health")).status_code == 200
        assert "bolt" not in said
        assert "127.0.0.1" not in said
        unsure = await api.ask(OPEN)  # it may wait for the database, within the request's time
        assert unsure == DONE or re.search(r'"code": "(UNAVAILABLE|TIMEOUT)"', json.dumps(unsure))
        await asyncio.to_thread(engine.back)
        assert await api.becomes("OK", 60)
        assert (await api.http.get("/ready")).status_code == 200
        assert await api.ask(OPEN) == DONE


async def test_a_subscription_outlasts_a_killed_database_and_misses_nothing(
    engine: Engine, opened: Graph
) -> None:
    run = await opened.write(runs.queue, kind="TALLY", now=now())
    shown = to_global_id("JobRun")(run.uid)
    watched = "subscription($id: ID!) { jobRunProgress(id: $id) { status } }"
    async with _serving(engine, opened) as api, subscribed(api.http, watched, id=shown) as events:
        assert await events.data(20) == {"status": "QUEUED"}
        engine.kill()
        assert await api.says_that_it_is_away(5)
        await asyncio.to_thread(engine.back)
        await opened.write(runs.start, uid=run.uid, now=now())
        assert await events.data(60) == {"status": "RUNNING"}
        await opened.write(runs.fail, uid=run.uid, now=now(), message="enough")
        assert await events.data(20) == {"status": "FAILED"}


async def test_a_server_that_is_told_to_stop_ends_its_streams_so_that_their_clients_come_again(
    engine: Engine, opened: Graph
) -> None:
    watched = "subscription { influencePublished { asOf } }"
    async with _serving(engine, opened) as api, subscribed(api.http, watched) as events:
        assert await events.data(20) is None
        told = time.monotonic()
        api.process.terminate()
        assert await asyncio.wait_for(events.event(), 5) is None  # cut: `complete` would mean for good
        assert await asyncio.wait_for(api.process.wait(), 20) == 0
        assert time.monotonic() - told < 8


async def test_the_next_command_brings_the_database_of_a_running_api_back(
    engine: Engine, opened: Graph
) -> None:
    if engine.settings.graph_url:
        pytest.skip("only the embedded engine has a keeper")
    async with _serving(engine, opened) as api:
        engine.kill_for_good()
        assert await api.becomes("UNAVAILABLE", 5)
        doctor = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "api.cli", "doctor",
            env=engine.environment | {"MUHATAP_PORT": "0"}, stdout=PIPE,
        )  # fmt: skip
        out, _ = await doctor.communicate()
        assert b"ARCADEDB" in out
        assert await api.read() == "OK"
