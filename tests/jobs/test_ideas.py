"""A run publishes what the votes say, and a refresh says what a run would."""

import asyncio
import random
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from graph import clock, communities, customers, merges, moving, outbox, runs, tallies, votes
from graph.driver import Graph, Transaction
from graph.errors import Closed, Unavailable
from graph.folders.importer import import_folder
from graph.outbox import EventKind
from graph.records import now
from jobs import ideas as jobs_ideas
from jobs.algorithms.bridging import bridging
from jobs.ideas import TallyReport, refresh_tallies, run_tally
from tests.shared import SHARED

SET_UP = """
UNWIND range(0, $voters - 1) AS n
CREATE (:Customer {uid: 'u' + n, externalId: 'c' + n})
"""
COMMUNITIES = """
UNWIND [0, 1] AS g
CREATE (k:Community {uid: 'g' + g, externalId: 'k' + g, kind: $kind})
WITH g, k MATCH (c:Customer) WHERE c.externalId IN CASE g WHEN 0 THEN $first ELSE $second END
CREATE (c)-[:MEMBER_OF]->(k)
"""
IDEAS = """
CREATE (h:Challenge {uid: 'h', externalId: 'h'})
WITH h UNWIND range(0, $ideas - 1) AS n
CREATE (:Idea {uid: 'i' + n, externalId: 'e' + n, status: 'OPEN'})-[:IN_CHALLENGE]->(h)
"""
APART = """
CREATE (h:Challenge {uid: 'other', externalId: 'other'})
WITH h MATCH (i:Idea)-[r:IN_CHALLENGE]->() WHERE i.uid >= 'i4'
DELETE r CREATE (i)-[:IN_CHALLENGE]->(h)
"""
FREE_SLOT = """
MATCH (i:Idea {uid: 'i7'}), (p:Publication {name: 'tally'})
RETURN CASE p.slot WHEN 'A' THEN i.downB ELSE i.downA END AS down
"""
ALONE = "CREATE (:Idea {uid: 'alone', externalId: 'alone', status: 'OPEN'})"
VOTES = """
UNWIND $votes AS row
MATCH (c:Customer {uid: row[0]}), (i:Idea {uid: row[1]})
CREATE (c)-[v:VOTED]->(i)
SET v.value = row[2], v.at = row[3]
"""
WORKING = "MATCH (p:Publication {name: 'tally'}) WHERE p.claimedBy IS NOT NULL RETURN p.slot AS slot"
PUBLISHED = """
MATCH (i:Idea), (p:Publication {name: 'tally'})
RETURN p.slot AS slot, p.asOf AS asOf, i{.*} AS idea
"""


async def do(tx: Transaction, query: str, /, **parameters: Any) -> None:
    await (await tx.run(query, **parameters)).consume()


async def fill(graph: Graph, *, kind: str = "DECLARED", seed: int = 1) -> None:
    """24 voters in two communities and in none, 8 ideas in a challenge and one in none, dated votes."""
    pick = random.Random(seed)
    await graph.write(do, SET_UP, voters=24)
    first, second = [f"c{n}" for n in range(10)], [f"c{n}" for n in range(8, 18)]
    await graph.write(do, COMMUNITIES, kind=kind, first=first, second=second)
    await graph.write(do, IDEAS, ideas=8)
    await graph.write(do, ALONE)
    votes = [
        [f"u{c}", uid, pick.choice([-1, 0, 1, 1]), f"2026-01-{1 + pick.randrange(28):02}T09:30:00.125Z"]
        for c in range(24)
        for uid in [*(f"i{n}" for n in range(8)), "alone"]
        if pick.random() < 0.8
    ]
    votes[3][3] = None
    await graph.write(do, VOTES, votes=votes)


async def published(graph: Graph) -> dict[str, dict[str, Any]]:
    """The published tally of each idea, without the slot in its names."""
    found = {}
    for row in await graph.read(PUBLISHED):
        idea, slot = row["idea"], row["slot"]
        found[idea["uid"]] = {name: idea.get(name + slot) for name in tallies.TALLY}
    return found


def same(left: dict[str, dict[str, Any]], right: dict[str, dict[str, Any]]) -> None:
    assert left.keys() == right.keys()
    for uid, tally in left.items():
        for name, value in tally.items():
            other = right[uid][name]
            assert value == (pytest.approx(other, abs=1e-6) if isinstance(value, float) else other), (
                uid,
                name,
            )


async def tally_run(graph: Graph, **options: Any) -> TallyReport | None:
    """A run that waits for no reader of the run before."""
    return await run_tally(graph, grace=0, **options)


async def vote(graph: Graph, voter: str, idea: str, value: int | None, at: str) -> None:
    await graph.write(votes.cast_vote, idea=idea, voter=voter, value=value, now=at)


async def test_a_run_publishes_the_counts_and_their_parts(graph: Graph) -> None:
    await fill(graph)
    report = await tally_run(graph)
    assert report is not None
    found = await published(graph)
    counts = await graph.read(
        "MATCH ()-[v:VOTED]->(i:Idea) RETURN i.uid AS uid, sum(CASE v.value WHEN 1 THEN 1 ELSE 0 END) AS up, "
        "count(v) AS votes"
    )
    assert report.votes == sum(row["votes"] for row in counts)
    for row in counts:
        tally = found[row["uid"]]
        assert (tally["up"], tally["up"] + tally["down"] + tally["passed"]) == (row["up"], row["votes"])
        assert tally["viewBy"][0] == "DECLARED"
        assert tally["shareOf"][: tally["viewUntil"][0]] == ["g0", "g1", ""]
        counted = zip(tally["shareApproval"][:3], tally["shareCounted"][:3], strict=True)
        approvals = [p for p, c in counted if c]
        assert tally["consensus"] == pytest.approx(np.prod(approvals) ** (1 / len(approvals)))


async def test_as_of_is_the_latest_vote_and_leaves_later_ones_out(graph: Graph) -> None:
    await fill(graph)
    late = "2026-03-01T00:00:00.000Z"
    await vote(graph, "u0", "i0", None, late)
    await vote(graph, "u0", "i0", 1, late)
    everything = await tally_run(graph)
    assert everything is not None
    assert everything.as_of == late
    exactly = await tally_run(graph, as_of="2026-02-28T23:00:00-01:00")
    assert exactly is not None
    assert (exactly.as_of, exactly.votes) == (late, everything.votes)
    for start in ("2026-02-01T00:00:00Z", "2026-02-01"):
        earlier = await tally_run(graph, as_of=start)
        assert earlier is not None
        assert (earlier.as_of, earlier.votes) == ("2026-02-01T00:00:00.000Z", everything.votes - 1)


async def test_runs_take_turns_in_two_slots_and_agree(graph: Graph) -> None:
    await fill(graph)
    one = await tally_run(graph)
    first = await published(graph)
    two = await tally_run(graph)
    assert one is not None
    assert two is not None
    assert {one.slot, two.slot} == {"A", "B"}
    assert await published(graph) == first


async def test_a_refresh_says_what_a_run_would(graph: Graph) -> None:
    await fill(graph)
    await tally_run(graph)
    before = await published(graph)
    for voter, idea, value in (("u1", "i2", 1), ("u9", "i2", -1), ("u20", "i5", None), ("u3", "i5", 0)):
        await vote(graph, voter, idea, value, "2026-02-03T04:05:06.789Z")
    assert await refresh_tallies(graph, ideas=["i2", "i5"]) == 8
    refreshed = await published(graph)
    assert refreshed != before
    assert refreshed["alone"] == before["alone"]
    await tally_run(graph)
    full = await published(graph)
    del refreshed["alone"], full["alone"]
    same(refreshed, full)


HIRED = """
UNWIND range(1, 20) AS n
MATCH (i:Idea {uid: 'i7'})
CREATE (:Customer {uid: 'h' + n, externalId: 'h' + n, email: CASE WHEN n < 3 THEN 'one@b.example' END})
       -[:VOTED {value: 1, at: '2026-02-03T04:' + (n + 10) + ':00.000Z'}]->(i)
"""


async def test_a_ring_counts_as_its_root_beside_the_raw_number(graph: Graph) -> None:
    await fill(graph)
    await tally_run(graph)
    before = (await published(graph))["i7"]
    assert (before["effective"], before["ringSize"]) == (before["up"] - before["down"], [])
    await graph.write(do, HIRED)
    await refresh_tallies(graph, ideas=["i7"])
    refreshed = await published(graph)
    found = refreshed["i7"]
    assert found["up"] == before["up"] + 20
    # one honest voter or two may have the misfortune to come when the ring does
    (size,) = found["ringSize"]
    assert 20 <= size <= 22
    assert found["effective"] == pytest.approx(found["up"] - found["down"] - size + size**0.5)
    assert (found["ringValue"], found["ringCounts"]) == ([1], [size**0.5])
    assert found["ringReason"] in (["LITTLE_ELSE"], ["SEEN_TOGETHER"])
    assert all(tally["ringSize"] == [] for uid, tally in refreshed.items() if uid != "i7")
    await tally_run(graph)
    full = await published(graph)
    same({"i7": found}, {"i7": full["i7"]})


async def test_accounts_with_one_address_are_a_ring(graph: Graph) -> None:
    await fill(graph)
    await graph.write(do, "MATCH (c:Customer) WHERE c.uid IN ['u1', 'u2', 'u3'] SET c.email = 'x@b.example'")
    await graph.write(do, "MATCH (c {uid: 'u1'})-[v:VOTED]->() DELETE v")
    for voter, value in (("u1", 1), ("u2", 1), ("u3", -1)):
        await graph.write(do, "MATCH ({uid: $v})-[v:VOTED]->({uid: 'i0'}) DELETE v", v=voter)
        await vote(graph, voter, "i0", value, now())
    await tally_run(graph)
    found = (await published(graph))["i0"]
    assert (found["ringSize"], found["ringReason"]) == ([2], ["SAME_PERSON"])
    assert found["effective"] == pytest.approx(found["up"] - found["down"] - 2 + 2**0.5)


async def test_refreshes_at_once_lose_no_vote(graph: Graph) -> None:
    await fill(graph)
    await tally_run(graph)

    async def vote_and_refresh(number: int) -> None:
        idea = f"i{number % 3}"
        await vote(graph, f"u{number}", idea, None, now())
        await refresh_tallies(graph, ideas=[idea])

    await asyncio.gather(*(vote_and_refresh(number) for number in range(8)))
    refreshed = await published(graph)
    await tally_run(graph)
    full = await published(graph)
    del refreshed["alone"], full["alone"]
    same(refreshed, full)


async def test_a_refresh_of_an_idea_in_no_challenge(graph: Graph) -> None:
    await fill(graph)
    await tally_run(graph)
    await vote(graph, "u1", "alone", None, now())
    assert await refresh_tallies(graph, ideas=["alone"]) == 1
    refreshed = await published(graph)
    await tally_run(graph)
    same({"alone": refreshed["alone"]}, {"alone": (await published(graph))["alone"]})


async def test_a_refresh_of_a_large_challenge_counts_the_ideas_and_leaves_bridging(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(graph)
    await tally_run(graph)
    before = await published(graph)
    monkeypatch.setattr(jobs_ideas, "VOTES_PER_REFRESH", 10)
    await vote(graph, "u0", "i0", None, now())
    await vote(graph, "u0", "i0", 1, now())
    assert await refresh_tallies(graph, ideas=["i0"]) == 1
    after = await published(graph)
    waiting = ["bridging", "bridgingLow", "bridgingHigh", "effective", "forgotten"]
    assert [after["i0"][name] for name in waiting] == [before["i0"][name] for name in waiting]
    await tally_run(graph)
    full = await published(graph)
    assert full["i0"]["effective"] == full["i0"]["up"] - full["i0"]["down"]
    for tally in (after["i0"], full["i0"]):
        assert tally["viewBy"] == before["i0"]["viewBy"]
        for name in [*waiting, "marks"]:
            del tally[name]
    same({"i0": after["i0"]}, {"i0": full["i0"]})


async def test_votes_in_several_challenges_are_refreshed_one_challenge_after_the_other(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(graph)
    await graph.write(do, APART)
    await tally_run(graph)
    found = await published(graph)
    both = sum(found[f"i{n}"][name] for n in range(8) for name in ("up", "down", "passed"))
    monkeypatch.setattr(jobs_ideas, "VOTES_PER_REFRESH", both - 1)
    monkeypatch.setattr(jobs_ideas, "SIZE_TOGETHER", 0)
    for idea in ("i0", "i7", "alone"):
        await vote(graph, "u0", idea, None, now())
        await vote(graph, "u0", idea, 1, now())
    assert await refresh_tallies(graph, ideas=["i0", "i7", "alone"]) == 9
    after = await published(graph)
    assert {uid for uid in after if after[uid]["bridging"] != found[uid]["bridging"]} >= {"i0", "i7"}
    await tally_run(graph)
    same(after, await published(graph))


async def test_a_large_challenge_is_behind_until_a_run_that_began_after_its_refresh(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def is_behind() -> bool:
        return (await graph.write(clock.read, now=now(), every=timedelta())).is_behind

    async def refreshed(value: int) -> None:
        await vote(graph, "u0", "i0", value, now())
        await refresh_tallies(graph, ideas=["i0"])

    await fill(graph)
    await tally_run(graph)
    await refreshed(-1)
    assert not await is_behind()
    monkeypatch.setattr(jobs_ideas, "VOTES_PER_REFRESH", 10)
    await refreshed(1)
    assert await is_behind()
    await tally_run(graph, as_of="2026-01-15")
    assert await is_behind()
    await tally_run(graph)
    assert not await is_behind()
    # a run waits for the readers of the one before: it has read the votes, and another one comes
    running = asyncio.create_task(run_tally(graph, grace=3))
    while (await graph.read_one(WORKING)) is None:  # noqa: ASYNC110  (the run makes it true)
        await asyncio.sleep(0.05)
    await asyncio.sleep(1)
    await refreshed(-1)
    assert not running.done()
    await running
    assert await is_behind()
    await tally_run(graph)
    assert not await is_behind()


async def test_a_refresh_before_any_run_has_nothing_to_bring_up(graph: Graph) -> None:
    await fill(graph)
    assert await refresh_tallies(graph, ideas=["i0"]) == 0


async def test_bridging_does_not_know_the_communities(graph: Graph) -> None:
    await fill(graph)
    await tally_run(graph)
    with_groups = {uid: tally["bridging"] for uid, tally in (await published(graph)).items()}
    await graph.write(do, "MATCH (g:Community) DETACH DELETE g")
    await tally_run(graph)
    found = await published(graph)
    assert {uid: tally["bridging"] for uid, tally in found.items()} == with_groups
    assert all(tally["consensus"] is None and tally["shareOf"] == [] for tally in found.values())


async def test_detected_communities_count_only_where_none_is_declared(graph: Graph) -> None:
    await fill(graph, kind="DETECTED")
    await tally_run(graph)
    assert (await published(graph))["i0"]["shareOf"] == ["g0", "g1", ""]
    added = await graph.write(communities.upsert, now=now(), fields={"name": "Runners"})
    runner = await graph.write(customers.upsert, now=now(), fields={"name": "Ada"})
    await graph.write(communities.join, customer=runner.uid, community=added.uid, now=now())
    await tally_run(graph)
    row = (await published(graph))["i0"]
    assert row["viewBy"][:2] == ["DECLARED", "DETECTED"]
    assert row["shareOf"][: row["viewUntil"][0]] == []


async def test_a_former_member_speaks_for_nobody(graph: Graph) -> None:
    await fill(graph)
    for voter in range(10):
        await graph.write(communities.leave, customer=f"u{voter}", community="g0", now=now())
    await tally_run(graph)
    assert (await published(graph))["i0"]["shareOf"] == ["g1", ""]


async def test_points_are_added_up_until_the_as_of(graph: Graph) -> None:
    await fill(graph)
    await graph.write(do, "MATCH ()-[v:VOTED]->(:Idea {uid: 'i0'}) SET v.points = 2")
    for as_of in (None, "2026-01-10T00:00:00Z"):
        await run_tally(graph, as_of=as_of, grace=0)
        found = await published(graph)
        votes = sum(found["i0"][name] for name in ("up", "down", "passed"))
        assert found["i0"]["points"] == 2 * votes > 0
        assert found["i1"]["points"] == 0


async def test_an_empty_graph(graph: Graph) -> None:
    report = await tally_run(graph)
    assert report is not None
    assert (report.ideas, report.voters, report.votes) == (0, 0, 0)


async def test_an_idea_without_votes(graph: Graph) -> None:
    await graph.write(do, ALONE)
    await tally_run(graph)
    found = (await published(graph))["alone"]
    assert (found["up"], found["support"], found["rising"]) == (0, 0.0, 0.0)
    assert (found["consensus"], found["bridging"], found["divisive"]) == (None, None, None)


async def test_a_run_is_recorded_and_done_once(graph: Graph) -> None:
    await fill(graph)
    asked = await graph.write(runs.queue, kind="TALLY", now=now())
    seen: list[tuple[int, int]] = []
    assert await tally_run(graph, run_uid=asked.uid, progress=lambda *step: seen.append(step))
    record = await graph.write(runs.get, uid=asked.uid)
    assert (record.status, record.done, record.total) == ("SUCCEEDED", 18, 18)
    assert record.as_of is not None
    assert seen[-1] == (18, 18)
    assert await tally_run(graph, run_uid=asked.uid) is None


async def test_a_run_that_fails_says_why_and_leaves_the_published_tally(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(graph)
    await tally_run(graph)
    before = await published(graph)

    def broken(*_: object, **__: object) -> None:
        raise ArithmeticError("no luck")

    monkeypatch.setattr(jobs_ideas, "measure", broken)
    asked = await graph.write(runs.queue, kind="TALLY", now=now())
    with pytest.raises(ArithmeticError):
        await tally_run(graph, run_uid=asked.uid)
    record = await graph.write(runs.get, uid=asked.uid)
    assert (record.status, record.message) == ("FAILED", "ArithmeticError: no luck")
    assert await published(graph) == before


async def test_two_runs_at_once_are_refused(graph: Graph) -> None:
    other = await graph.write(runs.queue, kind="TALLY", now=now())
    await graph.write(runs.start, uid=other.uid, now=now())
    with pytest.raises(Closed):
        await tally_run(graph)


async def test_votes_cast_while_a_run_computes_are_not_lost(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(graph)
    await tally_run(graph)
    await graph.write(do, "MATCH (:Customer {uid: 'u0'})-[v:VOTED]->(:Idea {uid: 'i0'}) DELETE v")
    read = jobs_ideas._read

    async def then_somebody_votes(*given: Any) -> Any:
        found = await read(*given)
        await vote(graph, "u0", "i0", 1, now())
        await graph.write(do, "MATCH (e:Event) SET e.dispatchedAt = $at, e.doneAt = $at", at=now())
        return found

    monkeypatch.setattr(jobs_ideas, "_read", then_somebody_votes)
    await tally_run(graph)
    rows = await graph.read("MATCH ()-[v:VOTED {value: 1}]->(:Idea {uid: 'i0'}) RETURN count(v) AS up")
    assert (await published(graph))["i0"]["up"] == rows[0]["up"]


@pytest.mark.skipif(not SHARED.exists(), reason="the shared data sets are not here")
async def test_a_real_conversation_from_folder_to_tally(graph: Graph, tmp_path: Any) -> None:
    await import_folder(
        graph, SHARED / "data" / "polis-london.youth.policing", rejected=tmp_path / "rejected.csv"
    )
    report = await tally_run(graph)
    assert report is not None
    assert report.votes == 638
    rows = await graph.read(
        "MATCH (c)-[v:VOTED]->(i:Idea) RETURN c.externalId AS voter, i.externalId AS idea, v.value AS value"
    )
    voters, things = (sorted({row[key] for row in rows}) for key in ("voter", "idea"))
    voter, idea = (
        [names.index(row[key]) for row in rows] for names, key in ((voters, "voter"), (things, "idea"))
    )
    expected = bridging(
        np.array(voter), np.array(idea), [row["value"] for row in rows], len(things)
    ).intercept
    found = {
        row["idea"]["externalId"]: row["idea"].get("bridging" + row["slot"])
        for row in await graph.read(PUBLISHED)
    }
    np.testing.assert_allclose([found[name] for name in things], expected, atol=1e-7)


async def test_a_merged_idea_has_no_tally_and_its_votes_count_once_where_it_leads(graph: Graph) -> None:
    await fill(graph)
    await run_tally(graph)
    await run_tally(graph)  # both slots hold a tally of it
    made = await graph.write(
        merges.merge, duplicates=["i1"], original="i0", reason="same", by="eve", now=now()
    )
    assert await moving.settle(graph, moving.MERGE, uid=made.uid or "")
    await graph.write(do, "UNWIND [1, 2] AS n CREATE (:Customer {uid: 'late' + n, externalId: 'late' + n})")
    for late in ("late1", "late2"):
        await graph.write(do, VOTES, votes=[[late, "i1", 1, None]])
        await (refresh_tallies(graph, ideas=["i1"]) if late == "late1" else run_tally(graph))
        counted, held = await _counted(graph, "i0")
        assert counted == held
        assert await _counted(graph, "i1") == (None, 0)
    await graph.write(merges.undo, merge=made.uid or "", by="eve", now=now())
    assert await moving.settle(graph, moving.MERGE, uid=made.uid or "")
    await refresh_tallies(graph, ideas=["i0", "i1"])
    for idea in ("i0", "i1"):
        counted, held = await _counted(graph, idea)
        assert counted == held
        assert held > 0


async def _counted(graph: Graph, idea: str) -> tuple[int | None, int]:
    """How many votes the published tally of an idea counts, None without one in either slot; and how many it has."""
    row = next(row for row in await graph.read(PUBLISHED) if row["idea"]["uid"] == idea)
    found = await graph.read("MATCH (c)-[:VOTED]->(:Idea {uid: $idea}) RETURN count(c) AS votes", idea=idea)
    counts = [row["idea"].get(f"{name}{row['slot']}") for name in ("up", "down", "passed")]
    none = not [name for name in row["idea"] if name.endswith(("A", "B"))]
    return (None if none else sum(counts)), found[0]["votes"]


async def test_all_votes_that_wait_are_counted_together(graph: Graph) -> None:
    await fill(graph)
    await tally_run(graph)
    for voter, idea in (("u1", "i2"), ("u9", "i3"), ("u9", "alone")):
        await vote(graph, voter, idea, None, now())
        await vote(graph, voter, idea, 1, now())
    await jobs_ideas.refresh_waiting(graph, idea="i2", seconds=60)
    assert await outbox.pending(graph, stale="9") == []
    refreshed = await published(graph)
    await tally_run(graph)
    same(refreshed, await published(graph))


def _ageless(found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Tallies without what ages from one as-of to the next."""
    ages = ("rising", "risingLow", "risingHigh", "marks")
    return {uid: {name: tally[name] for name in tally if name not in ages} for uid, tally in found.items()}


async def _changes(graph: Graph, voter: str, idea: str) -> None:
    """A vote that was not there before, whatever was."""
    for value in (1, -1):
        await vote(graph, voter, idea, value, now())


async def _two_challenges_wait(graph: Graph) -> None:
    """Votes on i2 and, in another challenge, on i7 that no refresh has counted."""
    await fill(graph)
    await graph.write(do, APART)
    await tally_run(graph)
    for idea in ("i2", "i7"):
        await _changes(graph, "u0", idea)


async def test_no_challenge_waits_for_another_twice(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: list[Any] = []
    going_on = ["i2"]

    async def choose(*given: Any) -> Any:
        part = await next_part(*given)
        chosen.extend(part.ideas.values() if part else [])
        return part

    async def refresh(*given: Any) -> Any:
        while going_on:  # votes go on in the challenge that is being counted
            await _changes(graph, "u1", going_on.pop())
        return await count(*given)

    next_part, count = jobs_ideas._next_part, jobs_ideas._refresh_challenges
    await fill(graph)
    await graph.write(do, APART)
    await tally_run(graph)
    monkeypatch.setattr(jobs_ideas, "_next_part", choose)
    monkeypatch.setattr(jobs_ideas, "_refresh_challenges", refresh)
    monkeypatch.setattr(jobs_ideas, "SIZE_TOGETHER", 0)
    for idea in ("i2", "i7", "i3", "alone"):
        await _changes(graph, "u0", idea)
    await jobs_ideas.refresh_waiting(graph, idea="i3", seconds=60)
    assert chosen == [["i2", "i3"], ["i7"], ["alone"], ["i2"]]
    assert await outbox.first_attempts(graph, kind=EventKind.TALLY_REFRESH) == {}


async def test_small_challenges_that_wait_are_counted_together_as_a_run_would(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def counts(job: Any, ideas: dict[str | None, Any]) -> Any:
        counted.append(ideas)
        return await count(job, ideas)

    counted: list[dict[str | None, Any]] = []
    count = jobs_ideas._count
    await _two_challenges_wait(graph)
    await _changes(graph, "u0", "alone")
    monkeypatch.setattr(jobs_ideas, "_count", counts)
    monkeypatch.setattr(jobs_ideas, "AT_ONCE", 1)
    await jobs_ideas.refresh_waiting(graph, idea="i2", seconds=60)
    assert counted == [{"h": ["i2"], "other": ["i7"]}, {None: ["alone"]}]
    refreshed = await published(graph)
    await tally_run(graph)
    same(_ageless(refreshed), _ageless(await published(graph)))
    for idea in ("i2", "i7"):
        await _changes(graph, "u0", idea)
    await refresh_tallies(graph, ideas=["i2", "i7"])
    assert counted[2:] == [{"h": ["i2"], "other": ["i7"]}]


async def test_where_much_waits_each_idea_is_counted_before_the_turn_of_its_challenge(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def turn(job: Any, ideas: dict[str | None, Any]) -> int:
        stale[next(iter(ideas))] = await tallies.read_drifted(graph, ideas=["i2", "i7", "alone"])
        if len(stale) == 1:  # these do not join what was counted already
            await vote(graph, "u1", "i7", None, now())
            await _changes(graph, "u1", "alone")
        return await refresh(job, ideas)

    stale: dict[str | None, list[str]] = {}
    refresh = jobs_ideas._refresh_challenges
    await _two_challenges_wait(graph)
    await _changes(graph, "u0", "alone")
    bridging = (await published(graph))["i7"]["bridging"]
    monkeypatch.setattr(jobs_ideas, "_refresh_challenges", turn)
    monkeypatch.setattr(jobs_ideas, "SIZE_TOGETHER", 0)
    monkeypatch.setattr(jobs_ideas, "SIZE_WAITING", -1)
    monkeypatch.setattr(jobs_ideas, "AT_ONCE", 1)
    await jobs_ideas.refresh_waiting(graph, idea="i2", seconds=60)
    assert stale == {"h": ["i2"], "other": ["i7"], None: []}
    assert await outbox.first_attempts(graph, kind=EventKind.TALLY_REFRESH) == {}
    refreshed = await published(graph)
    assert refreshed["i7"]["bridging"] != bridging
    await tally_run(graph)
    same(_ageless(refreshed), _ageless(await published(graph)))


async def test_what_is_counted_first_is_not_written_across_a_switch(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(found: Any) -> Any:
        count = await compute(found)
        if not switched:
            switched.append(await tally_run(graph))
            switched.append(await graph.read(FREE_SLOT))
        elif len(switched) == 2:  # the turn of the first challenge
            switched.append(await graph.read(FREE_SLOT))
        return count

    switched: list[Any] = []
    compute = jobs_ideas._compute
    await _two_challenges_wait(graph)
    monkeypatch.setattr(jobs_ideas, "_compute", slow)
    monkeypatch.setattr(jobs_ideas, "SIZE_TOGETHER", 0)
    monkeypatch.setattr(jobs_ideas, "SIZE_WAITING", -1)
    monkeypatch.setattr(jobs_ideas, "AT_ONCE", 1)
    await jobs_ideas.refresh_waiting(graph, idea="i2", seconds=60)
    assert switched[1] == switched[2]


async def test_what_cannot_be_counted_first_is_counted_with_its_challenge(
    graph: Graph, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails(*_: Any, **__: Any) -> bool:
        raise ValueError("not now")

    await _two_challenges_wait(graph)
    monkeypatch.setattr(tallies, "hold", fails)
    monkeypatch.setattr(jobs_ideas, "SIZE_TOGETHER", 0)
    monkeypatch.setattr(jobs_ideas, "SIZE_WAITING", -1)
    await jobs_ideas.refresh_waiting(graph, idea="i2", seconds=60)
    assert caplog.messages == ["1 ideas are not counted before their challenges: not now"]
    assert await tallies.read_drifted(graph, ideas=["i2", "i7"]) == []


async def test_a_challenge_that_somebody_else_counted_meanwhile_is_counted_again(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def late(*given: Any) -> Any:
        count = await count_challenge(*given)
        if challenges := others.pop("meanwhile", None):
            await _changes(graph, "u7", "i3")
            await (tally_run(graph) if challenges == "run" else refresh_tallies(graph, ideas=["i3", "alone"]))
        return count

    count_challenge = jobs_ideas._count
    others: dict[str, str] = {}
    monkeypatch.setattr(jobs_ideas, "_count", late)
    await fill(graph)
    await tally_run(graph)
    for idea in ("i2", "alone"):
        for others["meanwhile"] in ("refresh", "run"):
            await _changes(graph, "u0", idea)
            await refresh_tallies(graph, ideas=[idea])
            found = await published(graph)
            await tally_run(graph)
            same(_ageless(found), _ageless(await published(graph)))


@pytest.mark.parametrize("together", [0, 10_000])
async def test_a_challenge_that_fails_takes_no_other_with_it(
    graph: Graph, monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    """Neither with those that are at work beside it, nor with those that it would be counted with."""

    async def fails(job: Any, ideas: Any) -> Any:
        tried.append(list(ideas))
        if "other" in ideas:
            if len(ideas) == 1:
                failed.set()
            raise Unavailable("the graph is away")
        await failed.wait()  # it is at work when the other one fails
        return await count(job, ideas)

    tried: list[list[str]] = []
    count, failed = jobs_ideas._count, asyncio.Event()
    await _two_challenges_wait(graph)
    monkeypatch.setattr(jobs_ideas, "_count", fails)
    monkeypatch.setattr(jobs_ideas, "SIZE_TOGETHER", together)
    with pytest.raises(Unavailable):
        await jobs_ideas.refresh_waiting(graph, idea="i2", seconds=60)
    assert tried[:-2] == ([["h", "other"]] if together else [])
    assert sorted(tried[-2:]) == [["h"], ["other"]]  # at once
    left = await outbox.first_attempts(graph, kind=EventKind.TALLY_REFRESH)
    assert [payload["idea"] for payload in left.values()] == ["i7"]
    monkeypatch.undo()
    found = (await published(graph))["i2"]
    await tally_run(graph)
    same({"i2": found}, {"i2": (await published(graph))["i2"]})


async def test_a_refresh_that_is_cancelled_leaves_nothing_at_work(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def count(job: Any, ideas: Any) -> Any:
        at_work.append(ideas)
        try:
            await asyncio.sleep(60)
        finally:
            at_work.remove(ideas)

    at_work: list[Any] = []
    await _two_challenges_wait(graph)
    monkeypatch.setattr(jobs_ideas, "_count", count)
    monkeypatch.setattr(jobs_ideas, "SIZE_TOGETHER", 0)
    counting = asyncio.create_task(jobs_ideas.refresh_waiting(graph, idea="i2", seconds=60))
    while len(at_work) < 2:  # noqa: ASYNC110  (the refresh makes it true)
        await asyncio.sleep(0.01)
    counting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await counting
    assert at_work == []


async def test_votes_on_an_idea_that_is_gone_wait_for_nothing(graph: Graph) -> None:
    await fill(graph)
    await tally_run(graph)
    for idea in ("i2", "alone"):
        await _changes(graph, "u0", idea)
    await graph.write(do, "MATCH (i:Idea {uid: 'alone'}) DETACH DELETE i")
    await jobs_ideas.refresh_waiting(graph, idea="alone", seconds=60)
    assert await outbox.first_attempts(graph, kind=EventKind.TALLY_REFRESH) == {}
    refreshed = await published(graph)
    await tally_run(graph)
    same(refreshed, await published(graph))


async def test_a_refresh_ends_when_its_time_is_over_and_leaves_the_rest_waiting(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_ideas, "SIZE_TOGETHER", 0)
    await _two_challenges_wait(graph)
    await jobs_ideas.refresh_waiting(graph, idea="i2", seconds=0)
    left = await outbox.pending(graph, stale="")
    assert [event.payload for event in left] == [{"idea": "i7"}]


async def test_a_run_that_falls_over_late_votes_is_done_again(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = jobs_ideas._write

    async def late(*given: Any) -> None:
        await _changes(graph, "u1", "i2")
        await jobs_ideas.refresh_waiting(graph, idea="i2", seconds=60)
        await write(*given)

    async def falls(*given: Any, **named: Any) -> int:
        raise Unavailable("the graph is away")

    await fill(graph)
    await tally_run(graph)
    asked = await graph.write(runs.queue, kind="TALLY", now=now())
    with monkeypatch.context() as patched:
        patched.setattr(jobs_ideas, "_write", late)
        patched.setattr(tallies, "changed_since", falls)
        with pytest.raises(Unavailable):
            await tally_run(graph, run_uid=asked.uid)
    assert await tally_run(graph, run_uid=asked.uid)
    found = await published(graph)
    await tally_run(graph)
    same(found, await published(graph))


async def test_a_vote_that_ends_after_the_refresh_it_joined_is_counted_by_the_next_look(graph: Graph) -> None:
    joined, counted = asyncio.Event(), asyncio.Event()

    async def slow(tx: Transaction) -> None:
        for value in (1, -1):
            await votes.cast_vote(tx, idea="i2", voter="u5", value=value, now=now())
        joined.set()
        await counted.wait()

    await fill(graph)
    await _changes(graph, "u0", "i7")
    assert await jobs_ideas.ask_again(graph) == 0
    await tally_run(graph)
    await _changes(graph, "u0", "i2")
    voting = asyncio.create_task(graph.write(slow))
    await joined.wait()
    await jobs_ideas.refresh_waiting(graph, idea="i2", seconds=60)
    assert await jobs_ideas.ask_again(graph) == 0
    counted.set()
    await voting
    lacking = (await published(graph))["i2"]
    assert await jobs_ideas.ask_again(graph) == 1
    await jobs_ideas.refresh_waiting(graph, idea="i2", seconds=60)
    assert await jobs_ideas.ask_again(graph) == 0
    found = await published(graph)
    assert found["i2"]["down"] > lacking["down"]
    await tally_run(graph)
    same(found, await published(graph))
    # what a run leaves out as of an earlier instant stays out
    await _changes(graph, "u6", "i2")
    await jobs_ideas.refresh_waiting(graph, idea="i2", seconds=60)
    await tally_run(graph, as_of="2026-01-15")
    assert await jobs_ideas.ask_again(graph) == 0


CAMPS = """
UNWIND range(0, 29) AS n
CREATE (c:Customer {uid: 'p' + n, externalId: 'p' + n})
WITH c, n UNWIND range(0, 8) AS m
MATCH (i:Idea {uid: 'i' + m})
CREATE (c)-[:VOTED {value: CASE WHEN m = 8 THEN 1 WHEN (m < 4) = (n < 18) THEN 1 ELSE -1 END}]->(i)
"""
GROUPS = """
MATCH (h:Challenge), (p:Publication {name: 'tally'})
RETURN CASE p.slot WHEN 'A' THEN h{label: h.groupLabelA, size: h.groupSizeA, idea: h.groupIdeaA, of: h.groupIdeaOfA}
                   ELSE h{label: h.groupLabelB, size: h.groupSizeB, idea: h.groupIdeaB, of: h.groupIdeaOfB} END AS found
"""


async def test_groups_of_opinions_are_published_and_keep_their_letters(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    await graph.write(do, IDEAS, ideas=9)
    await graph.write(do, CAMPS)
    await tally_run(graph)
    [row] = await graph.read(GROUPS)
    found = row["found"]
    assert (found["label"], found["size"]) == (["A", "B"], [18, 12])
    assert {found["idea"][at] for at, group in enumerate(found["of"]) if group == 0} <= {
        f"i{n}" for n in range(8)
    }
    tally = (await published(graph))["i0"]
    assert (tally["viewBy"], tally["shareOf"]) == (["DETECTED", "OPINION"], ["opinion:A", "opinion:B"])
    assert (tally["shareUp"], tally["shareStance"]) == ([18, 0], ["AGREES", "REFUSES"])
    monkeypatch.setattr(jobs_ideas, "VOTES_PER_REFRESH", 10)  # a refresh that cannot find them keeps them
    await refresh_tallies(graph, ideas=["i0"])
    same({"i0": (await published(graph))["i0"]}, {"i0": tally})
    monkeypatch.undo()
    shared = (await published(graph))["i8"]
    assert shared["viewConsensus"][1] == pytest.approx(np.sqrt(19 / 20 * 13 / 14))
    # ten of the larger camp leave: it is the smaller one now, and still A
    await graph.write(
        do, "MATCH (c:Customer)-[v:VOTED]->() WHERE c.uid IN $who DELETE v", who=[f"p{n}" for n in range(10)]
    )
    for step in (refresh_tallies(graph, ideas=["i0"]), tally_run(graph)):
        await step
        [row] = await graph.read(GROUPS)
        assert (row["found"]["label"], row["found"]["size"]) == (["A", "B"], [8, 12])


async def test_groups_of_another_challenge_are_no_view_of_an_idea(graph: Graph) -> None:
    await graph.write(do, IDEAS, ideas=9)
    await graph.write(do, CAMPS)
    await graph.write(
        do, "CREATE (:Idea {uid: 'j', externalId: 'j'})-[:IN_CHALLENGE]->(:Challenge {uid: 'k'})"
    )
    await graph.write(do, VOTES, votes=[["p0", "j", 1, None]])
    await tally_run(graph)
    found = await published(graph)
    assert [found[uid]["viewBy"] for uid in ("i0", "j")] == [["DETECTED", "OPINION"], ["DETECTED"]]
    await refresh_tallies(graph, ideas=["i0", "j"])
    same(await published(graph), found)


async def test_a_vote_or_two_that_come_and_go_change_no_mark_and_no_stance(graph: Graph) -> None:
    await graph.write(do, SET_UP, voters=20)
    await graph.write(do, COMMUNITIES, kind="DECLARED", first=[f"c{n}" for n in range(20)], second=[])
    await graph.write(do, IDEAS, ideas=1)
    await graph.write(do, VOTES, votes=[[f"u{n}", "i0", 1 if n < 15 else -1, None] for n in range(20)])
    await tally_run(graph)
    seen = []
    for value in (1, -1, 1, -1, 1):
        for voter in ("u13", "u14"):
            await vote(graph, voter, "i0", value, now())
        await refresh_tallies(graph, ideas=["i0"])
        tally = (await published(graph))["i0"]
        seen.append(
            (tally["up"], tally["support"] > 0.5, tally["shareStance"][0], "POPULAR" in tally["marks"])
        )
    assert [row[0] for row in seen] == [15, 13, 15, 13, 15]
    assert {row[1] for row in seen} == {True, False}
    assert {row[2:] for row in seen} == {("AGREES", True)}
