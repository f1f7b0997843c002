"""A run scores everybody from what counted, explains each score, and publishes at once or not at all."""

from importlib.util import find_spec
from typing import Any

import pytest

from graph import advocacy, communities, customers, influence, mentions, publication, runs
from graph.driver import Graph, Transaction
from graph.errors import Closed, Unavailable
from graph.runs import RunStatus
from jobs.influence import run_influence
from jobs.settings import InfluenceEngine, JobSettings
from tests.jobs.town import INSIDE, MEASURES, NOW, SCORES, TRUSTED
from tests.jobs.town import people as _people
from tests.jobs.town import published as _published
from tests.jobs.town import run as _run
from tests.jobs.town import town as _town


def _total(scores: dict[str, Any], score: str) -> float:
    pairs = zip(scores["partScore"], scores["partValue"], strict=True)
    return float(sum(value for name, value in pairs if name == score))


def _near(left: dict[str, dict[str, Any]], right: dict[str, dict[str, Any]]) -> None:
    assert left.keys() == right.keys()
    for id in left:
        for measure in (*MEASURES, *TRUSTED):
            assert left[id].get(measure) == pytest.approx(right[id].get(measure), abs=1e-9), (id, measure)


async def test_every_score_is_the_sum_of_its_parts(graph: Graph) -> None:
    await _town(graph)
    done = await _run(graph)
    assert done.residual < 1e-10
    for query in (SCORES, INSIDE):
        found = await _published(graph, query)
        for scores in found.values():
            assert _total(scores, "REACH") == pytest.approx(scores["reach"], abs=1e-9)
            for name in ("standing", "voice"):
                assert _total(scores, name.upper()) == pytest.approx(scores.get(name, 0.0), abs=1e-9)
                assert -1 < scores.get(name, 0.0) < 1
            assert (scores.get("voice") is None) == (scores.get("advocacy") is None)
            standing, voice = scores.get("standing", 0.0), scores.get("voice", 0.0)
            assert scores.get("advocacy", 0) == pytest.approx(
                scores["reach"] * max(0, voice) * (1 + standing) / 2
            )
            assert scores.get("harm", 0) == pytest.approx(
                scores["reach"] * max(0, -voice) * (1 + standing) / 2
            )
    overall = await _published(graph)
    assert sum(scores["reach"] for scores in overall.values()) == pytest.approx(12)
    for group in ("g0", "g1"):
        inside = [s["reach"] for id, s in (await _published(graph, INSIDE)).items() if id.endswith(group)]
        assert sum(inside) == pytest.approx(len(inside))


async def test_kept_ties_give_what_the_acts_give(graph: Graph) -> None:
    await _town(graph)
    latest = await influence.latest_act(graph)
    assert latest is not None
    kept = await _run(graph)
    assert kept.as_of == latest
    from_ties = await _published(graph)
    await graph.write(_later_act)
    from_acts = await _run(graph, as_of=latest)
    assert from_acts.ties == kept.ties
    _near(from_ties, {id: s for id, s in (await _published(graph)).items() if id != "late"})


async def _later_act(tx: Transaction) -> None:
    await (
        await tx.run(
            "MATCH (c:Customer {externalId: 'c00'}) "
            "CREATE (c)-[:WROTE]->(:Mention {uid: 'late', externalId: 'late', "
            "at: '2030-01-01T00:00:00.000Z', sentiment: 1.0, givenSentiment: 1.0, text: 't', channel: 'app'})"
        )
    ).consume()


async def test_as_of_equals_a_graph_that_holds_only_the_earlier_acts(graph: Graph) -> None:
    cut = "2026-01-08T00:00:00.000Z"
    await _town(graph)
    assert (await _run(graph, as_of="2026-01-08")).as_of == cut
    replayed = await _published(graph), await _published(graph, INSIDE)
    await graph.write(_empty)
    await _town(graph, before=cut)
    await _run(graph, as_of=cut)
    _near(await _published(graph), replayed[0])
    _near(await _published(graph, INSIDE), replayed[1])


async def _empty(tx: Transaction) -> None:
    await (await tx.run("MATCH (n) WHERE NOT n:Migration AND NOT n:MigrationLock DETACH DELETE n")).consume()


async def test_the_same_data_gives_the_same_bits(graph: Graph) -> None:
    await _town(graph)
    first = await _run(graph)
    once = await _published(graph), await _published(graph, INSIDE)
    second = await _run(graph)
    assert (first.slot, second.slot) == ("A", "B")
    assert (await _published(graph), await _published(graph, INSIDE)) == once


async def test_a_run_killed_before_its_end_leaves_the_old_scores(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _town(graph)
    first = await _run(graph)
    before = await _published(graph), await _published(graph, INSIDE)
    await graph.write(_later_act)

    async def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(publication, "publish", killed)
        with pytest.raises(KeyboardInterrupt):
            await _run(graph)
    assert (await _published(graph), await _published(graph, INSIDE)) == before
    shown = await publication.current(graph, "influence")
    assert shown is not None
    assert shown.run == first.run
    after = await _run(graph)
    assert after.slot == "B"
    assert after.as_of == "2030-01-01T00:00:00.000Z"
    assert (await _published(graph))["c00"]["voice"] > 0


async def test_staff_bots_and_the_suspended_have_no_scores_and_no_say(graph: Graph) -> None:
    ann, ben, staff, bot, out = await _people(graph, 5)
    await graph.write(advocacy.record, giver=ann, receiver=ben, kind="RATING", weight=1, at=NOW, now=NOW)
    await _run(graph)
    alone = (await _published(graph))["c01"]
    for uid, fields in (
        (staff, {"kind": "STAFF"}),
        (bot, {"kind": "BOT"}),
        (out, {"suspended": True}),
    ):
        await graph.write(customers.upsert, now=NOW, uid=uid, fields=fields)
        await graph.write(advocacy.record, giver=uid, receiver=ben, kind="RATING", weight=-1, at=NOW, now=NOW)
    for uid in (staff, bot, out):
        await graph.write(customers.upsert, now=NOW, uid=uid, fields={"email": "ben@example.org"})
    await graph.write(customers.upsert, now=NOW, uid=ben, fields={"email": "ben@example.org"})
    for _ in range(2):
        done = await _run(graph)
        assert done.customers == 2
    found = await _published(graph)
    assert found["c01"]["standing"] == alone["standing"] == 0.5
    assert found["c01"]["standingPeople"] == 1
    assert {name: found["c01"].get(name) for name in TRUSTED} == {name: alone.get(name) for name in TRUSTED}
    for id in ("c02", "c03", "c04"):
        assert all(value is None for value in found[id].values())


@pytest.mark.parametrize("said", ["mention", "link"])
async def test_scores_are_as_of_the_latest_act_whoever_did_it(graph: Graph, said: str) -> None:
    ann, ben, staff = await _people(graph, 3)
    await graph.write(customers.upsert, now=NOW, uid=staff, fields={"kind": "STAFF"})
    early, late = "2026-01-01T00:00:00.000Z", "2026-03-02T00:00:00.000Z"
    await graph.write(advocacy.record, giver=ann, receiver=ben, kind="RATING", weight=1, at=early, now=NOW)
    if said == "mention":
        await graph.write(mentions.record, author=staff, channel="app", text="t", at=late, now=NOW)
    else:
        await graph.write(
            advocacy.record, giver=staff, receiver=ben, kind="RATING", weight=1, at=late, now=NOW
        )
    assert (await _run(graph)).as_of == late
    assert (await _published(graph))["c01"]["standing"] == pytest.approx(1 / 3)  # half is left after 60 days


async def _rate(graph: Graph, pairs: list[tuple[str, str]]) -> None:
    async def write(tx: Transaction) -> None:
        for number, (giver, receiver) in enumerate(pairs):
            at = f"2026-02-{1 + number % 28:02}T00:00:00.000Z"
            await advocacy.record(tx, giver=giver, receiver=receiver, kind="RATING", weight=1, at=at, now=NOW)

    await graph.write(write)


PEOPLE = """
MATCH (c:Customer)
RETURN c.externalId AS id, c.reachA AS reach, c.standingA AS standing, c.standingPeopleA AS people,
  c.trustA AS trust, c.vouchedA AS vouched, c.personA AS person ORDER BY id
"""


async def test_accounts_of_one_person_are_one_in_trust_and_in_counts_but_not_in_reach(graph: Graph) -> None:
    """Of a circle of eight, c00, c03 and c06 rate c08; then one has the other's handle, and another their mail."""
    people = await _people(graph, 10)
    circle = [(people[i], people[(i + step) % 8]) for i in range(8) for step in (1, 3)]
    inner = [(people[0], people[3]), (people[3], people[6])]
    await _rate(graph, [*circle, *inner, *((people[rater], people[8]) for rater in (0, 3, 6))])
    await _run(graph)
    apart = await graph.read(PEOPLE)
    handle = customers.Handle("x", "one")
    for uid, given in (
        (people[0], {"identities": [handle], "fields": {}}),
        (people[3], {"shared": [handle], "fields": {"phone": "+90 212 555 00 00"}}),
        (people[6], {"fields": {"phone": "0090 212 555 0000"}}),
    ):
        await graph.write(customers.upsert, now=NOW, uid=uid, **given)
    await graph.write(publication.claim, name="influence", run="between")
    await _run(graph)
    await _run(graph)
    one = await graph.read(PEOPLE)
    persons = [people[0] if number in (0, 3, 6) else None for number in range(10)]
    assert [row["person"] for row in one] == persons
    assert [(row["reach"], row["standing"]) for row in one] == [
        (row["reach"], row["standing"]) for row in apart
    ]
    assert (apart[8]["people"], one[8]["people"]) == (3, 1)
    # c03 was rated by c00 and c02, and c00 is now the same person
    assert (apart[3]["people"], one[3]["people"]) == (2, 1)
    assert 0 < one[8]["vouched"] < apart[8]["vouched"]
    assert one[9]["trust"] == 0


async def test_reach_that_nobody_trusted_gives_is_doubtful(graph: Graph) -> None:
    """Sixty people answer each other; forty accounts that nobody answers push one, who answers nobody."""
    people = await _people(graph, 101)
    circle = [(people[i], people[(i + step) % 60]) for i in range(60) for step in (1, 7)]
    await _rate(graph, [*circle, *((fake, people[100]) for fake in people[60:100])])
    await _run(graph)
    read = """MATCH (c:Customer) RETURN c.externalId AS id, c.doubtfulReachA AS doubtful,
    c.reachPercentileA AS reach, c.trustPercentileA AS trust ORDER BY id"""
    found = {row["id"]: row for row in await graph.read(read)}
    assert [id for id, row in found.items() if row["doubtful"]] == ["c100"]
    assert found["c100"]["reach"] > 99
    assert found["c100"]["trust"] < 1
    assert found["c60"]["reach"] is None


async def _mood(graph: Graph, author: str, sentiment: float, day: int) -> None:
    at = f"2026-02-{day:02}T00:00:00.000Z"
    await graph.write(
        mentions.record, author=author, channel="app", text="t", at=at, now=NOW, sentiment=sentiment
    )


async def test_a_band_follows_the_voice_and_stays_while_it_trembles(graph: Graph) -> None:
    """A complaint moves an advocate at once; so much praise as would just make one does not bring them back."""
    ada, bob = await _people(graph, 2)
    read = "MATCH (c:Customer {externalId: 'c00'}) RETURN c.bandA AS a, c.bandB AS b, c.voiceActsA AS acts"
    await _mood(graph, bob, 0.5, 28)
    await _run(graph)
    assert [row["a"] for row in await graph.read(read)] == [None]
    for day in (27, 28):
        await _mood(graph, ada, 0.5, day)
    await _run(graph)
    await _run(graph)
    assert [tuple(row) for row in await graph.read(read)] == [("ADVOCATE", "ADVOCATE", 2)]
    await _mood(graph, ada, -0.5, 26)
    await _run(graph)
    await _run(graph)
    assert [tuple(row) for row in await graph.read(read)] == [("AT_RISK", "AT_RISK", 3)]


PAST = """
MATCH (c:Customer {externalId: 'c00'})
RETURN c.pastAtA AS atA, c.pastAtB AS atB, c.pastReachA AS reachA, c.pastReachB AS reachB, c.pastVoiceA AS voice
"""


async def test_each_run_adds_to_the_past_of_whom_it_ranks_and_a_repeated_one_does_not(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(influence, "PAST_RUNS", 3)
    ada, bob = await _people(graph, 2)
    await _mood(graph, ada, 0.5, 1)
    await _run(graph)
    await _mood(graph, bob, 0.5, 2)
    await _run(graph)
    [row] = await graph.read(PAST)
    first, second = "2026-02-01T00:00:00.000Z", "2026-02-02T00:00:00.000Z"
    assert (row["atA"], row["atB"]) == ([first], [first, second])
    assert row["reachB"] == [1.0, 1.0]
    await graph.write(publication.claim, name="influence", run="killed")
    for _ in range(2):
        await _run(graph)
    [row] = await graph.read(PAST)
    assert (row["atA"], row["atB"]) == ([first, second, second], [second, second, second])
    assert row["voice"] == pytest.approx([0.5, 0.4971, 0.4971], abs=1e-4)


async def test_an_ended_membership_has_no_scores(graph: Graph) -> None:
    people = await _town(graph)
    await _run(graph)
    assert (await _published(graph, INSIDE))["c00 in g0"]["reach"]
    group = await graph.read_one("MATCH (g:Community {externalId: 'g0'}) RETURN g.uid AS uid")
    assert group is not None
    await graph.write(communities.leave, customer=people[0], community=group["uid"], now=NOW)
    await _run(graph)
    assert "c00 in g0" not in await _published(graph, INSIDE)
    ended = await graph.read("MATCH (:Customer)-[w:WAS_MEMBER_OF]->() RETURN keys(w) AS keys")
    assert [sorted(row["keys"]) for row in ended] == [["since", "until"]]


@pytest.mark.parametrize("count", [0, 1, 3])
async def test_nobody_or_somebody_without_acts_is_defined(graph: Graph, count: int) -> None:
    await _people(graph, count)
    done = await _run(graph)
    assert (done.customers, done.as_of, done.ties) == (count, None, 0)
    for scores in (await _published(graph)).values():
        assert scores["reach"] == pytest.approx(1.0)
        assert scores.get("standing") is None
        assert scores.get("voice") is None


async def test_before_the_first_act_nothing_is_known(graph: Graph) -> None:
    await _people(graph, 2)
    ann, ben = [row["uid"] for row in await graph.read("MATCH (c:Customer) RETURN c.uid AS uid")]
    await graph.write(advocacy.record, giver=ann, receiver=ben, kind="RATING", weight=1, at=NOW, now=NOW)
    done = await _run(graph, as_of="2020-01-01T00:00:00Z")
    assert (done.ties, done.acts) == (0, 0)
    assert all(scores.get("standing") is None for scores in (await _published(graph)).values())


async def test_what_an_act_feeds(graph: Graph) -> None:
    ann, ben, cem = await _people(graph, 3)
    for giver, receiver, kind, weight in (
        (ann, ben, "RECOMMENDATION", 0.4),  # of no product: for ben, and ann's voice for the brand
        (ben, cem, "WARNING", 0.9),  # a warning, whatever the sign of its weight
    ):
        await graph.write(
            advocacy.record, giver=giver, receiver=receiver, kind=kind, weight=weight, at=NOW, now=NOW
        )
    said = await graph.write(
        mentions.record, author=cem, channel="app", text="t", at=NOW, now=NOW, sentiment=0.04
    )
    await graph.write(
        mentions.record,
        author=ann,
        channel="app",
        text="t",
        at=NOW,
        now=NOW,
        sentiment=-0.5,
        in_reply_to=said.uid,
    )
    await graph.write(
        mentions.record, author=ben, channel="app", text="read", at=NOW, now=NOW, sentiment=0.04
    )
    async with graph.transaction() as tx:
        await tx.run("MATCH (m:Mention {text: 'read'}) REMOVE m.givenSentiment")
    await _run(graph)
    found = await _published(graph)
    assert found["c01"]["standing"] == 0.5
    assert found["c01"]["voice"] == -0.75  # a neutral mood that was read from a text says nothing
    assert found["c02"]["voice"] == 0.5  # one that was given counts by its sign
    assert found["c02"]["standing"] == pytest.approx(-0.75)  # of the reply alone: a warning is voice
    assert found["c00"]["voice"] == pytest.approx(-0.4)  # one bad word outweighs a good one


async def test_one_act_of_a_kind_and_day_counts(graph: Graph) -> None:
    ann, ben = await _people(graph, 2)
    for number, weight in enumerate((1, 1, 1, -1)):
        at = f"2026-03-01T0{number}:00:00Z"
        await graph.write(
            advocacy.record, giver=ann, receiver=ben, kind="RATING", weight=weight, at=at, now=NOW
        )
    done = await _run(graph)
    found = (await _published(graph))["c01"]
    assert found["standing"] == pytest.approx(-0.75)
    assert done.as_of == "2026-03-01T03:00:00.000Z"
    assert [
        kind for name, kind in zip(found["partScore"], found["partKind"], strict=True) if name == "STANDING"
    ] == ["NEGATIVE"]


async def test_a_run_is_recorded_and_done_once(graph: Graph) -> None:
    await _people(graph, 2)
    queued = await graph.write(runs.queue, kind="INFLUENCE", now=NOW)
    heard: list[tuple[int, int]] = []
    done = await _run(graph, run_uid=queued.uid, progress=lambda *said: heard.append(said))
    assert done.run == queued.uid
    assert heard[-1] == (2, 2)
    assert (await graph.write(runs.get, uid=queued.uid)).status is RunStatus.SUCCEEDED
    assert await run_influence(graph, run_uid=queued.uid, grace=0) is None


async def test_two_runs_do_not_mix(graph: Graph) -> None:
    await _people(graph, 2)
    first = await graph.write(runs.queue, kind="INFLUENCE", now=NOW)
    started = await graph.read_one("RETURN 1 AS one")
    assert started
    assert await graph.write(runs.start, uid=first.uid, now="2999-01-01T00:00:00.000Z")
    with pytest.raises(Closed, match="going on"):
        await _run(graph)


@pytest.mark.skipif(find_spec("pyspark") is not None, reason="Spark is here")
async def test_a_run_that_shall_use_spark_says_what_to_install(graph: Graph) -> None:
    with pytest.raises(Unavailable, match=r"pip install 'muhatap\[spark\]'"):
        await run_influence(graph, settings=JobSettings(influence_engine=InfluenceEngine.SPARK))
    assert await publication.current(graph, "influence") is None
