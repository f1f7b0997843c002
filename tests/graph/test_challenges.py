"""Challenges: phases by the clock of a place, rules that bind, and changes that would break what was said."""

import asyncio
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from graph import challenges, customers, ideas, phases, votes
from graph.driver import Graph, Transaction
from graph.errors import Closed, Invalid, NotAllowed, TooFast
from graph.pace import pay
from graph.participation import Condition
from graph.phases import PHASE, Phase

DAYS = [f"2026-01-0{day}T00:00:00.000Z" for day in range(1, 8)]
NOW = DAYS[0]
FULL = dict(zip(phases.INSTANTS, DAYS[1:5], strict=True))


async def _challenge(graph: Graph, **fields: object) -> str:
    opened = await graph.write(challenges.challenge_open, title="Park", now=NOW, fields=fields)
    return opened.uid


async def _edit(graph: Graph, challenge: str, **fields: object) -> None:
    await graph.write(challenges.challenge_edit, challenge=challenge, fields=fields, admit=_in_bursa)


async def _stored(graph: Graph, challenge: str) -> dict[str, Any]:
    row = await graph.read_one("MATCH (h:Challenge {uid: $uid}) RETURN properties(h) AS h", uid=challenge)
    assert row
    return dict(row["h"])


async def _person(graph: Graph, **fields: object) -> str:
    return (await graph.write(customers.upsert, now=NOW, fields=fields)).uid


async def _idea(graph: Graph, challenge: str, author: str | None = None, **more: Any) -> str:
    given = {"title": "Işık", "now": NOW} | more
    return (await graph.write(ideas.idea_submit, challenge=challenge, author=author, **given)).uid


async def _vote(graph: Graph, idea: str, voter: str, value: int | None = 1, **more: Any) -> votes.Vote:
    return await graph.write(votes.cast_vote, idea=idea, voter=voter, value=value, **{"now": NOW} | more)


async def _unite(graph: Graph, *accounts: str) -> None:
    """Make these accounts one person, as a run publishes it."""

    async def publish(tx: Transaction) -> None:
        await tx.run("MERGE (p:Publication {name: 'influence'}) SET p.slot = 'B'")
        given = {"a": list(accounts)}
        await tx.run("UNWIND $a AS uid MATCH (c:Customer {uid: uid}) SET c.personB = $a[0]", given)
        await tx.run("MATCH (c:Customer {uid: $a[0]}) SET c.accountsB = $a", given)

    await graph.write(publish)


async def _trust(graph: Graph, *accounts: str) -> None:
    """Give these some trust, and no others, as a run publishes it."""

    async def publish(tx: Transaction) -> None:
        await tx.run("MERGE (p:Publication {name: 'influence'}) SET p.slot = 'B'")
        await tx.run(
            "UNWIND $a AS uid MATCH (c:Customer {uid: uid}) SET c.trustB = 0.2", {"a": list(accounts)}
        )

    await graph.write(publish)


def _in_bursa(audience: str) -> Condition:
    return Condition("(c.cityKey = $city)", {"city": audience})


@pytest.mark.parametrize(
    ("zone", "shown", "instant"),
    [
        ("Europe/Istanbul", "2026-03-29T02:30", "2026-03-28T23:30:00.000Z"),  # no summer time any more
        ("Europe/Berlin", "2026-03-29T01:59", "2026-03-29T00:59:00.000Z"),
        ("Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00:00.000Z"),
        ("Europe/Berlin", "2026-03-29T02:30+01:00", "2026-03-29T01:30:00.000Z"),
        ("Europe/Berlin", "2026-10-25T01:59", "2026-10-24T23:59:00.000Z"),
        ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00:00.000Z"),
        ("Australia/Lord_Howe", "2026-07-01", "2026-06-30T13:30:00.000Z"),
    ],
)
def test_a_clock_shows_an_instant(zone: str, shown: str, instant: str) -> None:
    assert phases.instant_in(shown, ZoneInfo(zone), "opensAt") == instant


@pytest.mark.parametrize(
    ("shown", "why"), [("2026-03-29T02:30", "never"), ("2026-10-25T02:30", "twice"), ("Monday", "instant")]
)
def test_a_time_that_a_clock_does_not_show_once_is_refused(shown: str, why: str) -> None:
    with pytest.raises(Invalid, match=why) as refused:
        phases.instant_in(shown, ZoneInfo("Europe/Berlin"), "voteAt")
    assert refused.value.field == "voteAt"


@pytest.mark.parametrize("name", ["Europe", "../../etc/passwd", "Mars/Base", ""])
def test_no_zone_is_none(name: str) -> None:
    with pytest.raises(Invalid):
        phases.zone(name, "timeZone")


async def test_phases_are_the_same_in_python_and_in_the_graph(graph: Graph) -> None:
    schedules = [{}, FULL, {"opensAt": DAYS[1]}, {"voteAt": DAYS[2]}, {"closesAt": DAYS[2]}]
    schedules += [{"decidedAt": DAYS[3]}, {"opensAt": DAYS[1], "closesAt": DAYS[3], "decidedAt": DAYS[3]}]
    text = f"MATCH (h:Challenge {{uid: $uid}}) RETURN {PHASE.format(h='h')} AS phase"
    seen = set()
    for schedule in schedules:
        uid = await _challenge(graph, **schedule)
        for now in DAYS:
            row = await graph.read_one(text, uid=uid, now=now)
            assert row and row["phase"] == phases.phase_of(schedule, now).value, (schedule, now)
            seen.add(row["phase"])
    assert seen == {phase.value for phase in Phase}


async def test_each_phase_takes_its_own(graph: Graph) -> None:
    challenge, voter = await _challenge(graph, **FULL), await _person(graph)
    taken: dict[str, str] = {}
    idea = ""
    for now in DAYS:
        try:
            idea = await _idea(graph, challenge, now=now)
            taken[now] = "i"
        except Closed:
            taken[now] = ""
        try:
            await _vote(graph, idea or "none", voter, now=now)
            taken[now] += "v"
        except Exception as error:
            assert "NOT_FOUND" in repr(getattr(error, "code", "")) or isinstance(error, Closed)
    assert list(taken.values()) == ["", "i", "v", "", "", "", ""]


async def test_a_phase_begins_early_and_never_again(graph: Graph) -> None:
    challenge = await _challenge(graph, **FULL)

    async def advance(phase: str) -> dict[str, Any]:
        await graph.write(challenges.challenge_advance, challenge=challenge, phase=phase, now=NOW)
        return {name: (await _stored(graph, challenge)).get(name) for name in phases.INSTANTS}

    assert await advance("VOTE") == FULL | {"opensAt": NOW, "voteAt": NOW}
    for phase in ("VOTE", "COLLECT", "OPEN", "UPCOMING"):
        with pytest.raises(Closed, match=phase):
            await advance(phase)
    assert await advance("DECIDED") == dict.fromkeys(phases.INSTANTS, NOW)
    standing = await _challenge(graph)
    await graph.write(challenges.challenge_advance, challenge=standing, phase="REVIEW", now=NOW)
    assert (await _stored(graph, standing))["closesAt"] == NOW


async def test_an_edit_leaves_what_is_left_out(graph: Graph) -> None:
    challenge = await _challenge(graph, timeZone="Europe/Berlin", voteAt="2026-07-01T09:00", categories=["a"])
    await _edit(graph, challenge, closesAt="2026-07-02T09:00", question="Why?")
    await _edit(graph, challenge, question=None)
    stored = await _stored(graph, challenge)
    assert stored["voteAt"] == "2026-07-01T07:00:00.000Z"
    assert stored["closesAt"] == "2026-07-02T07:00:00.000Z"
    assert (stored["categories"], stored.get("question"), stored["title"]) == (["a"], None, "Park")
    with pytest.raises(Invalid, match="before voteAt"):
        await _edit(graph, challenge, closesAt="2026-06-01T09:00")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "POINTS"}, "pointBudget"),
        ({"pointBudget": 3}, "pointBudget"),
        ({"costBudget": 3}, "currency"),
        ({"ideaLimit": 0}, "ideaLimit"),
        ({"voteLimit": 1.5}, "voteLimit"),
        ({"untrustedShare": 0.5}, "voteLimit"),
        ({"voteLimit": 2, "untrustedShare": 1.5}, "untrustedShare"),
        ({"kind": "NONE"}, "kind"),
        ({"timeZone": "Mars"}, "timeZone"),
        ({"title": None}, "title"),
    ],
)
async def test_rules_that_say_nothing_are_refused(
    graph: Graph, fields: dict[str, object], field: str
) -> None:
    challenge = await _challenge(graph)
    with pytest.raises(Invalid) as refused:
        await _edit(graph, challenge, **fields)
    assert refused.value.field == field


async def test_a_change_against_what_was_said_is_refused(graph: Graph) -> None:
    challenge = await _challenge(graph, categories=["a", "b"])
    ada, bob = await _person(graph, city="Bursa"), await _person(graph)
    first, second = [await _idea(graph, challenge, ada, category=each) for each in "ab"]
    for idea, voter, value in ((first, ada, 1), (second, ada, -1), (first, bob, 0)):
        await _vote(graph, idea, voter, value, now=DAYS[2])
    refused: list[dict[str, object]] = [
        {"kind": "APPROVAL"},
        {"kind": "POINTS", "pointBudget": 5},
        {"voteLimit": 1},
        {"ideaLimit": 1},
        {"categories": ["a"]},
        {"opensAt": DAYS[3]},
        {"voteAt": DAYS[3]},
        {"closesAt": DAYS[2]},
        {"audience": "bursa"},
    ]
    for fields in refused:
        with pytest.raises(Closed) as error:
            await _edit(graph, challenge, **fields)
        assert error.value.field in fields
    await _edit(graph, challenge, voteLimit=2, ideaLimit=2, opensAt=DAYS[1], voteAt=DAYS[2], closesAt=DAYS[3])
    await _edit(graph, challenge, closesAt=None)
    await _vote(graph, first, bob, None, now=DAYS[2])
    await _edit(graph, challenge, audience="bursa")


async def test_approvals_are_for(graph: Graph) -> None:
    challenge, voter = await _challenge(graph, kind="APPROVAL"), await _person(graph)
    idea = await _idea(graph, challenge)
    for value in (-1, 0):
        with pytest.raises(Invalid):
            await _vote(graph, idea, voter, value)
    with pytest.raises(Invalid):
        await _vote(graph, idea, voter, 1, points=1)
    await _vote(graph, idea, voter)
    await _edit(graph, challenge, kind="UP_DOWN_PASS")
    await _vote(graph, idea, voter, -1)


async def test_points_are_of_one_budget(graph: Graph) -> None:
    challenge, voter = await _challenge(graph, kind="POINTS", pointBudget=10), await _person(graph)
    first, second = [await _idea(graph, challenge) for _ in range(2)]
    for points in (None, 0, -1, 11):
        with pytest.raises((Invalid, NotAllowed)) as refused:
            await _vote(graph, first, voter, points=points)
        assert refused.value.field == "points"
    await _vote(graph, first, voter, points=7)
    with pytest.raises(NotAllowed, match="3 of 10"):
        await _vote(graph, second, voter, points=4)
    await _vote(graph, first, voter, points=6)
    await _vote(graph, second, voter, points=4)
    with pytest.raises(Closed):
        await _edit(graph, challenge, pointBudget=9)
    with pytest.raises(Closed):
        await _edit(graph, challenge, kind=None, pointBudget=None)
    await _vote(graph, first, voter, None)
    assert (await _vote(graph, second, voter, points=10)).points == 10


async def test_each_has_so_many_votes_and_ideas(graph: Graph) -> None:
    challenge, ada = await _challenge(graph, voteLimit=1, ideaLimit=2), await _person(graph)
    first, second = [await _idea(graph, challenge, ada) for _ in range(2)]
    with pytest.raises(NotAllowed) as refused:
        await _idea(graph, challenge, ada)
    assert refused.value.field == "author"
    await _idea(graph, challenge)
    await _vote(graph, first, ada)
    await _vote(graph, second, ada, 0)
    with pytest.raises(NotAllowed):
        await _vote(graph, second, ada, -1)
    await _vote(graph, first, ada, -1)
    await _vote(graph, first, ada, None)
    await _vote(graph, second, ada, -1)


@pytest.mark.parametrize(("share", "votes"), [(0, 0), (0.1, 1), (0.5, 2), (1, 3)])
async def test_who_has_no_trust_has_a_share_of_the_votes(graph: Graph, share: float, votes: int) -> None:
    challenge = await _challenge(graph, voteLimit=3, untrustedShare=share)
    ada, bob = await _person(graph), await _person(graph)
    asked = [await _idea(graph, challenge) for _ in range(4)]
    await _vote(graph, asked[0], bob)  # before the first run
    await _trust(graph, ada)
    for idea in asked[:3]:
        await _vote(graph, idea, ada)
    for idea in asked[1:][: max(votes - 1, 0)]:
        await _vote(graph, idea, bob)
    with pytest.raises(NotAllowed, match="until somebody trusted" if share < 1 else "all are given"):
        await _vote(graph, asked[3], bob)


async def test_points_are_shared_likewise(graph: Graph) -> None:
    challenge = await _challenge(graph, kind="POINTS", pointBudget=10, untrustedShare=0.25)
    bob, idea = await _person(graph), await _idea(graph, challenge)
    await _trust(graph)
    with pytest.raises(NotAllowed, match="3 of 3 points until"):
        await _vote(graph, idea, bob, points=4)
    assert (await _vote(graph, idea, bob, points=3)).points == 3


async def test_only_the_audience_takes_part(graph: Graph) -> None:
    challenge = await _challenge(graph, audience="bursa")
    ada, bob = await _person(graph, city="Bursa"), await _person(graph, city="İzmir")
    idea = await _idea(graph, challenge, ada, admit=_in_bursa)
    await _vote(graph, idea, ada, admit=_in_bursa)
    for work in (_idea(graph, challenge, bob, admit=_in_bursa), _vote(graph, idea, bob, admit=_in_bursa)):
        with pytest.raises(NotAllowed):
            await work
    with pytest.raises(NotAllowed):
        await _vote(graph, idea, ada, -1)  # who knows no filters lets nobody in


async def test_categories_and_costs_bind_ideas(graph: Graph) -> None:
    challenge = await _challenge(graph, categories=["a"], currency="TRY", costBudget=100)
    for category, cost in (("b", 1.0), (None, 1.0), ("a", 101.0)):
        with pytest.raises(Invalid):
            await _idea(graph, challenge, category=category, cost=cost)
    await _idea(graph, challenge, category="a", cost=100.0)
    with pytest.raises(Closed):
        await _edit(graph, challenge, costBudget=99)


async def test_a_person_has_one_vote_whatever_account_gives_it(graph: Graph) -> None:
    challenge = await _challenge(graph, voteLimit=1)
    ada, other = await _person(graph), await _person(graph)
    first, second = [await _idea(graph, challenge) for _ in range(2)]
    await _vote(graph, first, other)
    await _unite(graph, ada, other)
    assert (await _vote(graph, first, ada, -1)).previous == 1
    assert (await _vote(graph, first, ada, -1)).previous == -1
    text = "MATCH (c)-[v:VOTED]->() RETURN c.uid AS voter, v.value AS value"
    assert [tuple(row) for row in await graph.read(text)] == [(ada, -1)]
    with pytest.raises(NotAllowed):
        await _vote(graph, second, other)
    assert (await _vote(graph, first, other, None)).previous == -1
    assert await graph.read(text) == []


async def test_fifty_clients_on_one_idea_lose_no_vote_and_give_none_twice(graph: Graph) -> None:
    idea = await _idea(graph, await _challenge(graph))
    voters = [await _person(graph) for _ in range(25)]
    await _unite(graph, *voters[:3])
    await asyncio.gather(*(_vote(graph, idea, voter, per_minute=120) for voter in voters * 4))
    text = "MATCH (c:Customer)-[v:VOTED]->(i:Idea) RETURN c.uid AS voter, v.value AS value"
    stored = [row["voter"] for row in await graph.read(text)]
    assert sorted(stored) == sorted([*voters[3:], *set(stored).intersection(voters[:3])])
    assert len(set(stored).intersection(voters[:3])) == 1


async def test_points_given_at_once_stay_in_the_budget(graph: Graph) -> None:
    challenge = await _challenge(graph, kind="POINTS", pointBudget=10)
    voters = [await _person(graph) for _ in range(2)]
    await _unite(graph, *voters)
    asked = [await _idea(graph, challenge) for _ in range(8)]
    given = [_vote(graph, idea, voters[n % 2], points=3) for n, idea in enumerate(asked)]
    cast = await asyncio.gather(*given, return_exceptions=True)
    assert {type(each) for each in cast} == {votes.Vote, NotAllowed}
    row = await graph.read_one("MATCH ()-[v:VOTED]->() RETURN sum(v.points) AS points")
    assert row and row["points"] == 9


async def test_votes_are_given_at_a_pace(graph: Graph) -> None:
    idea, voter = await _idea(graph, await _challenge(graph)), await _person(graph)
    values = (1, -1, 0)
    for number in range(6):
        await _vote(graph, idea, voter, values[number // 2], per_minute=3)  # what changes nothing is free
    with pytest.raises(TooFast, match="20 seconds"):
        await _vote(graph, idea, voter, 1, per_minute=3)
    await _vote(graph, idea, voter, 1, per_minute=3, now="2026-01-01T00:00:20.000Z")


def test_a_minute_of_acts_may_be_at_once_and_then_one_at_a_time() -> None:
    paid: int | None = None
    for _ in range(60):
        paid = pay(paid, now=NOW, per_minute=60, field="x")
    with pytest.raises(TooFast):
        pay(paid, now="2026-01-01T00:00:00.999Z", per_minute=60, field="x")
    paid = pay(paid, now="2026-01-01T00:00:01.000Z", per_minute=60, field="x")
    assert pay(paid, now="2026-01-02T00:00:00.000Z", per_minute=0, field="x") is None
