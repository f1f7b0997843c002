"""Challenges, ideas and votes: one vote a person and idea, whoever writes at the same time."""

import asyncio
import random
from typing import Any

import pytest

from graph import challenges, customers, ideas, outbox, revisions, votes
from graph.driver import Graph
from graph.errors import Closed, Invalid, NotAllowed, NotFound
from graph.ideas import Idea, IdeaStatus
from graph.votes import Vote

OPENS, NOW, CLOSES = (f"2026-01-0{day}T00:00:00.000Z" for day in (1, 2, 3))
VOTES = """
MATCH (c:Customer)-[v:VOTED]->(i:Idea)
RETURN c.uid AS voter, i.uid AS idea, v.value AS value, v.at AS at
"""


async def _voter(graph: Graph, **fields: object) -> str:
    return (await graph.write(customers.upsert, now=NOW, fields=fields)).uid


async def _idea(graph: Graph, opens_at: str | None = OPENS, closes_at: str | None = CLOSES) -> Idea:
    challenge = await graph.write(
        challenges.challenge_open, title="Park", now=NOW, opens_at=opens_at, closes_at=closes_at
    )
    author = await _voter(graph)
    return await graph.write(ideas.idea_submit, challenge=challenge.uid, author=author, title="Işık", now=NOW)


async def _vote(graph: Graph, idea: str, voter: str, value: int | None, now: str = NOW) -> Vote:
    return await graph.write(votes.cast_vote, idea=idea, voter=voter, value=value, now=now)


async def _votes(graph: Graph) -> list[tuple[str, str, int, str]]:
    return [(row["voter"], row["idea"], row["value"], row["at"]) for row in await graph.read(VOTES)]


async def test_challenge_of_one_external_id_is_one(graph: Graph) -> None:
    first = await graph.write(challenges.challenge_open, title="Park", now=NOW, external_id="c")
    again = await graph.write(challenges.challenge_open, title="Parks", now=NOW, external_id="c")
    assert (first.created, again.created, again.uid) == (True, False, first.uid)
    with pytest.raises(Invalid, match="later closesAt"):
        await graph.write(challenges.challenge_open, title="P", now=NOW, opens_at=CLOSES, closes_at=OPENS)


async def test_idea_of_one_external_id_is_one(graph: Graph) -> None:
    challenge = await graph.write(challenges.challenge_open, title="Park", now=NOW)
    given: dict[str, Any] = {
        "challenge": challenge.uid,
        "author": None,
        "title": "Bench",
        "now": NOW,
        "external_id": "i",
    }
    first = await graph.write(ideas.idea_submit, **given)
    again = await graph.write(ideas.idea_submit, **given)
    assert (first.created, again.created, again.uid) == (True, False, first.uid)
    assert first.status is IdeaStatus.OPEN


async def test_idea_needs_an_open_challenge_and_a_known_author(graph: Graph) -> None:
    challenge = await graph.write(challenges.challenge_open, title="Park", now=NOW, closes_at=NOW)
    author = await _voter(graph)
    with pytest.raises(Closed) as closed:
        await graph.write(ideas.idea_submit, challenge=challenge.uid, author=author, title="t", now=NOW)
    assert closed.value.field == "challenge"
    with pytest.raises(NotFound) as missing:
        await graph.write(ideas.idea_submit, challenge="none", author=author, title="t", now=NOW)
    assert missing.value.field == "challenge"
    opened = await graph.write(challenges.challenge_open, title="Park", now=NOW)
    with pytest.raises(NotFound) as nobody:
        await graph.write(ideas.idea_submit, challenge=opened.uid, author="nobody", title="t", now=NOW)
    assert nobody.value.field == "author"


async def test_vote_twice_counts_once_and_may_change(graph: Graph) -> None:
    idea, voter = (await _idea(graph)).uid, await _voter(graph)
    assert (await _vote(graph, idea, voter, 1)).previous is None
    assert (await _vote(graph, idea, voter, 1)).previous == 1
    assert (await _vote(graph, idea, voter, -1)).previous == 1
    assert (await _vote(graph, idea, voter, 0)).previous == -1
    assert await _votes(graph) == [(voter, idea, 0, NOW)]


async def test_withdrawn_vote_is_gone(graph: Graph) -> None:
    idea, voter = (await _idea(graph)).uid, await _voter(graph)
    assert await _vote(graph, idea, voter, None) == Vote(voter, idea, None, None)
    await _vote(graph, idea, voter, 1)
    assert await _vote(graph, idea, voter, None) == Vote(voter, idea, None, 1)
    assert await _votes(graph) == []


@pytest.mark.parametrize(
    ("now", "closed"),
    [
        ("2025-12-31T23:59:59.999Z", True),
        (OPENS, False),
        ("2026-01-02T23:59:59.999Z", False),
        (CLOSES, True),
    ],
)
async def test_challenge_takes_votes_between_its_instants(graph: Graph, now: str, closed: bool) -> None:
    idea, voter = (await _idea(graph)).uid, await _voter(graph)
    if closed:
        with pytest.raises(Closed):
            await _vote(graph, idea, voter, 1, now)
    else:
        await _vote(graph, idea, voter, 1, now)
    assert len(await _votes(graph)) == (0 if closed else 1)


async def test_unusable_vote_is_refused_and_leaves_none(graph: Graph) -> None:
    idea, voter = (await _idea(graph)).uid, await _voter(graph)
    for value in (2, -2, True):
        with pytest.raises(Invalid):
            await _vote(graph, idea, voter, value)
    with pytest.raises(NotFound) as nobody:
        await _vote(graph, idea, "nobody", 1)
    assert nobody.value.field == "voter"
    with pytest.raises(NotFound) as nothing:
        await _vote(graph, "nothing", voter, 1)
    assert nothing.value.field == "idea"
    with pytest.raises(NotAllowed):
        await _vote(graph, idea, await _voter(graph, suspended=True), 1)
    assert await _votes(graph) == []


async def test_votes_on_an_idea_ask_for_one_refresh(graph: Graph) -> None:
    idea = (await _idea(graph)).uid
    for value in (1, -1):
        await _vote(graph, idea, await _voter(graph), value)
    (event,) = await outbox.pending(graph, stale=OPENS)
    assert (event.kind, event.payload) == ("TALLY_REFRESH", {"idea": idea})
    await graph.write(outbox.mark_dispatched, uid=event.uid, now=NOW)
    await _vote(graph, idea, await _voter(graph), 1)
    assert len(await outbox.pending(graph, stale=OPENS)) == 1


async def test_fifty_clients_of_one_pair_leave_one_vote(graph: Graph) -> None:
    idea, voter = (await _idea(graph)).uid, await _voter(graph)
    for _ in range(2):
        cast = await asyncio.gather(*(_vote(graph, idea, voter, (-1, 0, 1)[n % 3]) for n in range(50)))
        (stored,) = await _votes(graph)
        assert stored[2] in {-1, 0, 1}
        assert len(cast) == 50
    await asyncio.gather(*(_vote(graph, idea, voter, (None, 1)[n % 2]) for n in range(50)))
    assert len(await _votes(graph)) <= 1


async def test_fifty_voters_at_once_lose_no_vote(graph: Graph) -> None:
    pairs = [((await _idea(graph)).uid, await _voter(graph)) for _ in range(5)]
    everyone = [(idea, voter) for idea, _ in pairs for _, voter in pairs]
    tries = everyone * 2
    random.Random(1).shuffle(tries)
    for first in range(0, len(tries), 50):
        await asyncio.gather(*(_vote(graph, idea, voter, 1) for idea, voter in tries[first : first + 50]))
    votes = await _votes(graph)
    assert sorted((idea, voter) for voter, idea, _, _ in votes) == sorted(everyone)


async def test_topics_given_at_once_are_those_of_one_request(graph: Graph) -> None:
    decaf = (await _idea(graph)).uid
    given = [[f"a{place}", f"b{place}"] for place in range(8)]
    for names in given:  # the topics are there before they are fought for
        await graph.write(revisions.set_topics, idea=decaf, topics=[], names=names)
    for _ in range(3):
        await asyncio.gather(
            *(graph.write(revisions.set_topics, idea=decaf, topics=[], names=names) for names in given)
        )
        found = await graph.read("MATCH (:Idea {uid: $i})-[:ON]->(t) RETURN t.name AS name", i=decaf)
        assert sorted(row["name"] for row in found) in given
