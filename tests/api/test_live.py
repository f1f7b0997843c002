"""Subscriptions: what changes is told to who may see it, once, in time, and to nobody for longer than they may."""

import asyncio
import json
import re
import shutil
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from api import watch
from api.app import create_app
from api.context import SLOTS_SECONDS, Slots
from api.settings import ApiSettings
from graph import live, publication, runs, tokens
from graph.driver import Graph, Transaction
from graph.records import now, to_instant
from graph.tokens import Role
from jobs.ideas import refresh_tallies, run_tally
from jobs.influence import run_influence
from tests.api.calls import as_customer, call, code, make, person
from tests.api.conftest import Client
from tests.api.events import EVENTS, listening, refused, subscribed

PUBLISHED = "subscription { influencePublished { publishedAt asOf run { kind status } } }"
PROGRESS = "subscription($id: ID!) { jobRunProgress(id: $id) { status doneCount totalCount } }"
TALLY = "subscription($id: ID!) { tallyChanged(ideaId: $id) { title tally { upCount downCount } } }"


@pytest_asyncio.fixture
async def http(client: Client) -> AsyncIterator[httpx.AsyncClient]:
    """A client over a socket of a server on the same graph."""
    async with listening(client.graph) as http:
        yield http


async def queued(client: Client) -> tuple[str, str]:
    """The id of a run that waits, and its uid."""
    payload = await call(client, "influenceRun", "run { id }")
    [row] = await client.graph.read("MATCH (r:JobRun) RETURN r.uid AS uid")
    return payload["run"]["id"], row["uid"]


async def moved(graph: Graph, uid: str, done: int) -> None:
    await graph.write(runs.progress, uid=uid, now=now(), done=done, total=100)


async def two_who_talk(client: Client) -> None:
    ayse, can = await person(client, "Ayşe"), await person(client, "Can")
    await make(
        client, "advocacyRecord", externalId="a", giverId=ayse, receiverId=can, kind="RECOMMENDATION",
        weight=1.0, at="2026-01-01T00:00:00Z",
    )  # fmt: skip


PUBLISH = "UNWIND $names AS name CREATE (:Publication {name: name, slot: 'B', run: 'r', publishedAt: 'x'})"


async def test_a_look_for_subscribers_forgets_no_slot(client: Client) -> None:
    async def publish(tx: Transaction) -> None:
        await (await tx.run(PUBLISH, names=publication.NAMES)).consume()

    await client.graph.write(publish)
    slots = Slots(client.graph)
    everything = dict.fromkeys(publication.NAMES, "B")
    assert await slots.current() == everything
    watching = watch.Watch(client.graph, slots)
    with watching.follow(live.INFLUENCE):
        await watching.changed(live.INFLUENCE, None, live.Topic(live.Kind.KEY, "none"))
    assert slots.known == everything


async def test_a_published_run_is_told_when_every_process_shows_it(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await two_who_talk(client)
    transport = httpx.ASGITransport(create_app(client.graph, None, ApiSettings()))
    ranked = "{ customers { nodes { influence { reach } } } }"
    publish = publication.publish
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.05)
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://other") as process,
        listening(client.graph) as http,
        subscribed(http, PUBLISHED, client.token) as events,
    ):
        other = Client(process, client.token, client.graph)

        async def publish_unnoticed(tx: Transaction, **given: Any) -> None:
            await asyncio.sleep(SLOTS_SECONDS + 0.1)
            await other(ranked)  # learns what is published at the last moment before the switch
            await publish(tx, **given)

        monkeypatch.setattr(publication, "publish", publish_unnoticed)
        assert await events.data() is None
        await run_influence(client.graph, grace=0)
        told = await events.data()
        found = await other.data(ranked)
        assert all(node["influence"] for node in found["customers"]["nodes"])
        assert told["run"] == {"kind": "INFLUENCE", "status": "SUCCEEDED"}
        assert told["asOf"] == "2026-01-01T00:00:00.000Z"
        await run_influence(client.graph, grace=0)
        assert (await events.data())["publishedAt"] > told["publishedAt"]
        assert await events.silent(2.5)


async def test_a_run_is_told_as_often_as_it_moves(client: Client, http: httpx.AsyncClient) -> None:
    shown, uid = await queued(client)
    async with subscribed(http, PROGRESS, client.token, id=shown) as events:
        assert await events.data() == {"status": "QUEUED", "doneCount": 0, "totalCount": None}
        await client.graph.write(runs.start, uid=uid, now=now())
        assert (await events.data())["status"] == "RUNNING"
        await moved(client.graph, uid, 40)
        assert await events.data() == {"status": "RUNNING", "doneCount": 40, "totalCount": 100}
        await client.graph.write(runs.finish, uid=uid, now=now())
        assert (await events.data())["status"] == "SUCCEEDED"


async def test_a_customer_watches_the_tally_of_an_idea(client: Client, http: httpx.AsyncClient) -> None:
    ayse = await person(client, "Ayşe")
    asked = await make(client, "challengeOpen", title="What next?")
    idea = await make(client, "ideaSubmit", title="Steam", challengeId=asked, authorId=ayse)
    await run_tally(client.graph, grace=0)
    [row] = await client.graph.read("MATCH (x:Idea) RETURN x.uid AS uid")
    customer = await as_customer(client, "Ayşe")
    async with subscribed(http, TALLY, customer.token, id=idea) as events:
        assert await events.data() == {"title": "Steam", "tally": {"upCount": 0, "downCount": 0}}
        await call(client, "ideaVote", "", ideaId=idea, voterId=ayse, choice="UP")
        await refresh_tallies(client.graph, ideas=[row["uid"]])
        assert (await events.data())["tally"] == {"upCount": 1, "downCount": 0}
        await run_tally(client.graph, grace=0)  # the other slot, the same numbers
        assert await events.silent(2.5)


async def test_who_is_slow_gets_the_latest_and_no_queue(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.05)
    shown, uid = await queued(client)
    await client.graph.write(runs.start, uid=uid, now=now())
    async with listening(client.graph) as http, subscribed(http, PROGRESS, client.token, id=shown) as events:
        assert (await events.data())["doneCount"] == 0
        # a socket takes some, so each answer is made too large for it to take them all
        many = "x" * 20_000
        fields = " ".join(f"a{n}: message" for n in range(25))
        wide = f"subscription($id: ID!) {{ jobRunProgress(id: $id) {{ doneCount {fields} }} }}"
        await client.graph.write(_speak, uid=uid, message=many)
        async with subscribed(http, wide, client.token, id=shown) as slow:
            for done in range(1, 101):
                await moved(client.graph, uid, done)
                await asyncio.sleep(0.05)
            seen = [(await slow.data())["doneCount"]]
            while seen[-1] != 100:
                seen.append((await slow.data())["doneCount"])
        assert seen == sorted(set(seen))
        assert len(seen) < 60


async def _speak(tx: Transaction, *, uid: str, message: str) -> None:
    await (await tx.run("MATCH (r:JobRun {uid: $uid}) SET r.message = $m", uid=uid, m=message)).consume()


async def test_all_subscribers_of_a_process_share_one_look(
    client: Client, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, reads = [], []
    real_look, real_read = live.look, Graph.read

    async def look(graph: Graph, topics: Any) -> Any:
        looks.append(len(set(topics)))
        return await real_look(graph, topics)

    async def read(graph: Graph, query: str, /, **parameters: Any) -> Any:
        reads.append(query)
        return await real_read(graph, query, **parameters)

    shown, uid = await queued(client)
    everybody = [await client.as_role(Role.COMMUNITY_MANAGER) for _ in range(5)]
    monkeypatch.setattr(watch, "look", look)
    async with AsyncExitStack() as streams:
        open_ = [
            await streams.enter_async_context(subscribed(http, PROGRESS, one.token, id=shown))
            for one in everybody * 4
        ]
        for events in open_:
            await events.data()
        await asyncio.sleep(1.2)
        looks.clear()
        monkeypatch.setattr(Graph, "read", read)
        begun = time.monotonic()
        await moved_from_queue(client.graph, uid)
        assert {(await events.data())["status"] for events in open_} == {"RUNNING"}
        await asyncio.sleep(2)
        spent = time.monotonic() - begun
        assert len(looks) <= spent + 1
        assert set(looks) == {1 + len(everybody)}
        # one look a second, and the change read once for all twenty, or once more where a look came between them
        assert 1 <= len(reads) - len(looks) <= 4
    await asyncio.sleep(0.3)
    reads.clear()
    await asyncio.sleep(1.5)
    assert reads == []  # nobody listens: nobody asks


async def moved_from_queue(graph: Graph, uid: str) -> None:
    await graph.write(runs.start, uid=uid, now=now())


@pytest.mark.parametrize(
    ("role", "query"),
    [
        (Role.CUSTOMER, PUBLISHED),
        (Role.CUSTOMER, "subscription { influencePublished { asOf } }"),
        (Role.AGENT, PUBLISHED),
        (Role.AGENT, PROGRESS),
    ],
)
async def test_what_a_role_may_not_see_it_may_not_watch(
    client: Client, http: httpx.AsyncClient, role: Role, query: str
) -> None:
    shown, _ = await queued(client)
    await person(client, "Ayşe")
    who = await as_customer(client, "Ayşe") if role is Role.CUSTOMER else await client.as_role(role)
    variables = {"id": shown} if "$id" in query else {}
    async with subscribed(http, query, who.token, **variables) as events:
        answer = await events.next()
        assert (answer["data"], code(answer)) == (None, "FORBIDDEN")
        assert await events.event() == ("complete", "")
        assert await events.event() is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("subscription {", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        (
            'subscription { influencePublished { asOf } tallyChanged(ideaId: "x") { id } }',
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ('subscription { jobRunProgress(id: "x") { id } }', "BAD_ID"),
        ("subscription($id: ID!) { jobRunProgress(id: $id) { id } }", "BAD_VARIABLE"),
    ],
)
async def test_what_cannot_be_answered_is_told_and_over(
    client: Client, http: httpx.AsyncClient, query: str, expected: str
) -> None:
    async with subscribed(http, query, client.token) as events:
        assert code(await events.next()) == expected
        assert await events.event() == ("complete", "")


async def test_a_query_and_a_mutation_are_one_event(client: Client, http: httpx.AsyncClient) -> None:
    change = 'mutation { challengeOpen(input: {title: "T"}) { challenge { title } } }'
    for query in ("{ challenges { totalCount } }", change, change):
        async with subscribed(http, query, client.token) as events:
            assert "errors" not in await events.next()
            assert await events.event() == ("complete", "")
    assert (await client.data("{ challenges { totalCount } }"))["challenges"]["totalCount"] == 2


async def test_a_subscription_needs_the_header_that_asks_for_events(client: Client) -> None:
    answer = await client(PUBLISHED)
    assert code(answer) == "BAD_REQUEST"
    assert "text/event-stream" in answer["errors"][0]["message"]


async def test_a_stranger_and_another_site_get_no_stream(client: Client, http: httpx.AsyncClient) -> None:
    assert await refused(http, PUBLISHED, "muh_wrong") == (401, "UNAUTHENTICATED")
    answer = await http.post("/graphql", json={"query": PUBLISHED}, headers=EVENTS)
    assert answer.status_code == 401
    # what a page of another site can send without asking first
    form = {"content-type": "text/plain", "authorization": f"Bearer {client.token}"}
    answer = await http.post(
        "/graphql", content='{"query": "{ challenges { totalCount } }"}', headers=EVENTS | form
    )
    assert answer.status_code == 415
    got = await http.get("/graphql", params={"query": PUBLISHED}, headers=EVENTS | form)
    assert got.status_code == 405


async def test_a_token_and_a_process_have_so_many_subscriptions_and_no_more(client: Client) -> None:
    other, third = await client.as_role(Role.AGENT), await client.as_role(Role.ADMINISTRATOR)
    limits = {"limit_subscriptions_each": 2, "limit_subscriptions": 3}
    watched = "subscription { influencePublished { asOf } }"
    async with listening(client.graph, **limits) as http, AsyncExitStack() as streams:
        for _ in range(2):
            await streams.enter_async_context(subscribed(http, watched, client.token))
        assert await refused(http, watched, client.token) == (429, "TOO_MANY")
        async with subscribed(http, watched, other.token) as events:
            assert await events.data() is None
            assert await refused(http, watched, third.token) == (429, "TOO_MANY")
        end = time.monotonic() + 5
        while await _refused_now(http, watched, third.token):
            assert time.monotonic() < end
            await asyncio.sleep(0.1)


async def _refused_now(http: httpx.AsyncClient, query: str, token: str) -> bool:
    headers = EVENTS | {"authorization": f"Bearer {token}"}
    async with http.stream("POST", "/graphql", json={"query": query}, headers=headers) as response:
        return response.status_code == 429


async def test_a_token_that_ends_takes_its_stream_with_it(client: Client, http: httpx.AsyncClient) -> None:
    revoked, key = await client.graph.write(tokens.create, name="r", role=Role.AGENT, now=now())
    soon = to_instant(datetime.now(UTC) + timedelta(seconds=3))
    expiring, _ = await client.graph.write(
        tokens.create, name="e", role=Role.AGENT, now=now(), expires_at=soon
    )
    watched = "subscription { influencePublished { asOf } }"
    async with subscribed(http, watched, revoked) as one, subscribed(http, watched, expiring) as two:
        assert await one.data() is None
        assert await two.data() is None
        await client.graph.write(tokens.revoke, uid=key.uid, now=now())
        for events in (one, two):
            answer = await events.next(6)
            assert (answer["data"], code(answer)) == (None, "UNAUTHENTICATED")
            assert await events.event() == ("complete", "")
    assert await refused(http, watched, revoked) == (401, "UNAUTHENTICATED")


async def test_a_silent_stream_shows_that_it_lives(client: Client) -> None:
    async with (
        listening(client.graph, subscription_ping=0.2) as http,
        subscribed(http, PUBLISHED, client.token) as events,
    ):
        assert await events.data() is None
        assert await events.silent(1.5)
        assert events.alive >= 5


CLIENT = re.compile(r"^```js\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGE = """
import { subscribe } from "./live.mjs";
const [url, token, query] = process.argv.slice(2);
const leave = new AbortController();
let answers = 0;
await subscribe({ url, token, query, signal: leave.signal }, (answer) => {
  console.log(JSON.stringify(answer));
  if (++answers === 2) leave.abort();
});
"""


@pytest.mark.skipif(not shutil.which("node"), reason="runs JavaScript")
async def test_the_client_in_the_guide_reads_what_is_told(
    client: Client, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    [code_of_it] = CLIENT.findall(Path(__file__).parents[2].joinpath("docs/frontend.md").read_text())
    (tmp_path / "live.mjs").write_text(code_of_it)
    (tmp_path / "page.mjs").write_text(PAGE)
    await two_who_talk(client)

    async def page(token: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            "node", tmp_path / "page.mjs", f"{http.base_url}/graphql", token, PUBLISHED, stdout=PIPE
        )

    stranger = await page("muh_wrong")
    told, _ = await asyncio.wait_for(stranger.communicate(), 20)
    assert code(json.loads(told)) == "UNAUTHENTICATED"
    reader = await page(client.token)
    assert reader.stdout
    first = await asyncio.wait_for(reader.stdout.readline(), 20)
    assert json.loads(first) == {"data": {"influencePublished": None}}
    await run_influence(client.graph, grace=0)
    told, _ = await asyncio.wait_for(reader.communicate(), 20)
    assert json.loads(told)["data"]["influencePublished"]["run"]["status"] == "SUCCEEDED"
    assert reader.returncode == 0
