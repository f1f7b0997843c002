"""The API under kill -9 while it takes votes and publishes answers: nothing is lost, nothing is told twice."""

import asyncio
import os
import random
import re
import signal
import sys
from asyncio.subprocess import PIPE
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from api.relay import to_global_id
from graph import challenges, decisions, ideas, tokens
from graph.driver import Graph
from graph.records import now
from graph.tokens import Role
from jobs import notices
from jobs.settings import JobSettings
from tests.graph.test_notices import person
from tests.processes import environment_of

VOTERS, IDEAS, KILLS, CLIENTS = 8, 5, 4, 4
SECONDS = 60
VOTE = """mutation($input: IdeaVoteInput!, $key: String) {
  ideaVote(input: $input, idempotencyKey: $key) { errors { code } } }"""
PUBLISH = """mutation($input: IdeaDecisionPublishInput!, $key: String) {
  ideaDecisionPublish(input: $input, idempotencyKey: $key) { errors { code } ideas { status } } }"""
VOTED = "MATCH (c:Customer)-[v:VOTED]->(i:Idea) RETURN c.externalId AS who, i.title AS idea"
HEARD = """
MATCH (c:Customer)-[:HEARS]->(e)-[:OF]->(n:Notice)-[:ABOUT_IDEA]->(i)
RETURN c.externalId AS who, i.title AS idea, n.text AS text
"""
EVENTS = "MATCH (e:Event {kind: $kind}) RETURN e.payload AS payload"


class Server:
    """An API in a process of its own that may be killed, and who asks it until it answers."""

    def __init__(self, graph: Graph, redis: str, token: str) -> None:
        self.nursery: asyncio.subprocess.Process | None = None
        self.process, self.url, self.repeated = 0, "", 0
        self.http = httpx.AsyncClient(headers={"authorization": f"Bearer {token}"}, timeout=20)
        self.environment = environment_of(graph, redis) | {"MUHATAP_LIMIT_VOTES": "0"}

    async def start(self) -> None:
        """Start it; it answers when this returns."""
        if self.nursery is None:
            script = Path(__file__).with_name("api_process.py")
            self.nursery = await asyncio.create_subprocess_exec(
                sys.executable, str(script), env=self.environment, stdin=PIPE, stdout=PIPE
            )
        assert self.nursery.stdin
        assert self.nursery.stdout
        self.nursery.stdin.write(b"start\n")
        self.process = int(await self.nursery.stdout.readline())
        [self.url] = re.findall(r"http://\S+graphql", (await self.nursery.stdout.readline()).decode())

    def kill(self) -> None:
        """Kill it, if it lives."""
        if self.process:
            with suppress(ProcessLookupError):
                os.kill(self.process, signal.SIGKILL)
        self.process = 0

    async def ask(self, query: str, key: str, given: dict[str, Any]) -> dict[str, Any]:
        """The answer, however often it is asked for."""
        body = {"query": query, "variables": {"input": given, "key": key}}
        while True:
            try:
                found: dict[str, Any] = (await self.http.post(self.url, json=body)).json()
                return found
            except httpx.TransportError:
                self.repeated += 1
                await asyncio.sleep(0.05)

    async def close(self) -> None:
        """Kill all."""
        self.kill()
        await self.http.aclose()
        if self.nursery is not None:
            self.nursery.kill()
            await self.nursery.wait()


@asynccontextmanager
async def serving(graph: Graph, redis: str) -> AsyncIterator[Server]:
    token, _ = await graph.write(tokens.create, name="kills", role=Role.ADMINISTRATOR, now=now())
    server = Server(graph, redis, token)
    try:
        await server.start()
        yield server
    finally:
        await server.close()


async def decided_ideas(graph: Graph) -> list[tuple[str, str]]:
    """Ideas, each with the draft of an answer."""
    asked = await graph.write(challenges.challenge_open, title="Which?", now=now())
    made = []
    for n in range(IDEAS):
        idea = await graph.write(
            ideas.idea_submit, challenge=asked.uid, author=None, title=f"i{n}", now=now()
        )
        draft = await graph.write(
            decisions.decide,
            idea=idea.uid,
            status="PLANNED",
            reason="x",
            answer=f"a{n}",
            by="team",
            now=now(),
        )
        made.append((idea.uid, draft.uid))
    return made


async def test_an_api_killed_while_it_takes_votes_and_publishes_answers_loses_and_doubles_nothing(
    graph: Graph, redis_url: str
) -> None:
    chance = random.Random(5)
    people = [await person(graph, f"p{n}") for n in range(VOTERS)]
    made = await decided_ideas(graph)
    waiting: list[tuple[str, str, dict[str, Any]]] = [
        (
            VOTE,
            f"{who}:{idea}",
            {"ideaId": to_global_id("Idea")(idea), "voterId": to_global_id("Customer")(who), "choice": "UP"},
        )
        for who in people
        for idea, _ in made
    ]
    waiting += [(PUBLISH, draft, {"draftIds": [to_global_id("DecisionDraft")(draft)]}) for _, draft in made]
    chance.shuffle(waiting)
    answers: list[dict[str, Any]] = []
    async with asyncio.timeout(SECONDS), serving(graph, redis_url) as server:

        async def client() -> None:
            while waiting:
                answers.append(await server.ask(*waiting.pop()))

        clients = asyncio.gather(*(client() for _ in range(CLIENTS)))
        for kill in range(KILLS):
            # so that every kill falls on work: a quarter more of it is done each time
            while len(answers) < (VOTERS + 1) * IDEAS * kill // KILLS:  # noqa: ASYNC110  (clients make it so)
                await asyncio.sleep(0.005)
            await asyncio.sleep(chance.uniform(0, 0.03))
            server.kill()
            await server.start()
        await clients
        assert server.repeated >= KILLS
    assert [answer for answer in answers if "errors" in answer] == []
    assert all(each["errors"] == [] for answer in answers for each in answer["data"].values())
    every = {(f"p{n}", f"i{m}"): 1 for n in range(VOTERS) for m in range(IDEAS)}
    assert Counter((row["who"], row["idea"]) for row in await graph.read(VOTED)) == every
    told = [row["uid"] for row in await graph.read("MATCH (n:Notice) RETURN n.uid AS uid")]
    events = await graph.read(EVENTS, kind="NOTICE_SPREAD")
    assert len(told) == len(events) == IDEAS
    for _ in range(2):
        for notice in told:
            await notices.spread(graph, JobSettings(home=graph.settings.home), notice=notice)
    heard = Counter((row["who"], row["idea"], row["text"]) for row in await graph.read(HEARD))
    assert heard == {(who, idea, f"a{idea[1:]}"): 1 for who, idea in every}
