"""A communities run publishes the health of every community, and what many members demand at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from graph import detected, publication, runs
from graph.console import stirred_communities
from graph.driver import Graph, Transaction
from graph.errors import Closed
from graph.health import NAME
from graph.records import to_instant
from graph.text import fold
from jobs.communities import CommunitiesReport, run_communities

LAST = datetime(2026, 6, 30, 12, tzinfo=UTC)
FOUND = "MATCH (g:Community {uid: $uid}) RETURN g{.*} AS own"

BUILD = """
UNWIND range(0, 29) AS n
CREATE (:Customer {uid: 'c' + toString(n), externalId: 'c' + toString(n), name: 'C' + toString(n), tiesStale: true})
"""
MORE = """
CREATE (:Customer {uid: 'staff', externalId: 'staff', kind: 'STAFF'})
CREATE (g:Community {uid: 'g', externalId: 'g', name: 'G', kind: 'DECLARED'})
CREATE (:Community {uid: 'empty', externalId: 'empty', kind: 'DECLARED'})
CREATE (:Product {uid: 'mill', externalId: 'mill', name: 'Değirmen'})
WITH g MATCH (c:Customer) WHERE c.uid STARTS WITH 'c' AND c.uid <> 'c29'
CREATE (c)-[:MEMBER_OF {community: 'g'}]->(g)
"""
SAY = """
UNWIND $rows AS row
MATCH (c:Customer {uid: row.author})
CREATE (m:Mention {uid: row.uid, externalId: row.uid, author: row.author})
SET m += row.own
CREATE (c)-[:WROTE]->(m)
WITH m, row
CALL (m, row) {
  WITH m, row WHERE row.about <> '' MATCH (p:Product {uid: row.about}) CREATE (m)-[:ABOUT]->(p)
}
CALL (m, row) {
  WITH m, row WHERE row.place <> '' MATCH (g:Community {uid: row.place}) CREATE (m)-[:IN]->(g)
}
CALL (m, row) {
  WITH m, row WHERE row.answers <> '' MATCH (q:Mention {uid: row.answers}) CREATE (m)-[:IN_REPLY_TO]->(q)
}
"""
IDEA = """
CREATE (i:Idea {uid: $uid, externalId: $uid, title: $uid, status: $status})
WITH i MATCH (c:Customer) WHERE c.uid IN $voters
CREATE (c)-[:VOTED {value: 1}]->(i)
"""


def _said(
    n: int,
    author: str,
    days: float,
    *,
    text: str = "hello",
    mood: float = 0.0,
    about: str = "",
    answers: str = "",
    place: str = "g",
) -> dict[str, Any]:
    own = {"text": text, "textKey": fold(text), "sentiment": mood, "givenSentiment": mood, "channel": "x"}
    own |= {"analysis": "done", "at": to_instant(LAST - timedelta(days=days))}
    uid = f"m{n}"
    return {"uid": uid, "author": author, "own": own, "about": about, "answers": answers, "place": place}


class Town:
    """Thirty customers, 29 of them in one community, who speak for half a year."""

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []
        for day in range(0, 170, 2):
            for each in range(3):
                self.say(f"c{(day * 3 + each) % 29}", day + 0.5, mood=0.5)

    def say(self, author: str, days: float, **more: Any) -> str:
        """One more mention; its uid."""
        self.said.append(_said(len(self.said), author, days, **more))
        return f"m{len(self.said) - 1}"

    async def write(self, graph: Graph) -> None:
        """Into the graph."""

        async def build(tx: Transaction) -> None:
            for query in (BUILD, MORE):
                await (await tx.run(query)).consume()
            replies = [row for row in self.said if row["answers"]]
            for rows in ([row for row in self.said if not row["answers"]], replies):
                await (await tx.run(SAY, rows=rows)).consume()

        await graph.write(build)


async def _run(graph: Graph) -> CommunitiesReport:
    found = await run_communities(graph, grace=0)
    assert found is not None
    return found


async def _published(graph: Graph, uid: str = "g") -> dict[str, Any]:
    shown = await publication.current(graph, NAME)
    assert shown is not None
    row = await graph.read_one(FOUND, uid=uid)
    assert row is not None
    return {
        name.removesuffix(shown.slot): value for name, value in row["own"].items() if name[-1] == shown.slot
    }


async def test_a_complaint_of_many_is_a_collective_action_with_examples(graph: Graph) -> None:
    town = Town()
    for n in range(8):
        town.say(f"c{n}", n % 4, text=f"broken again {n}", mood=-0.5 - n / 100, about="mill")
    await town.write(graph)
    report = await _run(graph)
    found = await _published(graph)
    assert report.actions == 1
    assert found["acting"] is True
    assert (found["actionKind"], found["actionSubject"], found["actionMembers"]) == (
        ["COMPLAINT"],
        ["mill"],
        [8],
    )
    assert found["actionSince"] == ["2026-06-27T00:00:00.000Z"]
    assert found["actionUntil"] == ["2026-06-30T00:00:00.000Z"]
    texts = "MATCH (m:Mention) WHERE m.uid IN $uids RETURN m.uid AS uid, m.text AS text"
    shown = {
        row["uid"]: row["text"] for row in await graph.read(texts, uids=found["actionExamples"][0].split())
    }
    assert [shown[uid] for uid in found["actionExamples"][0].split()] == [
        f"broken again {n}" for n in (7, 6, 5)
    ]
    assert found["actionReason"] == [
        "8 members spoke badly of Değirmen within 4 days; less than one would be usual."
    ]
    assert found["actionReasonTr"] == ["4 gün içinde 8 üye Değirmen için kötü konuştu; olağanı: birden az."]
    assert (found["subject"], found["subjectMembers"], found["subjectMentions"]) == (["mill"], [8], [8])
    assert found["subjectMood"] == [pytest.approx(-0.535)]


@pytest.mark.parametrize(
    ("moods", "english", "turkish"),
    [
        (
            {5: [-0.1] * 5, 35: [0.4] * 5, 125: [0.4] * 5},
            "The mood fell from 0.40 to −0.10 within a month, on a scale from −1 to 1.",
            "Hava bir ay içinde 0.40 değerinden −0.10 değerine düştü (−1 ile 1 arasında).",
        ),
        (
            {5: [-0.1] * 5, 35: [0.0] * 5, 125: [0.4] * 5},
            "The mood is −0.10; three to six months ago it was 0.40, on a scale from −1 to 1.",
            "Hava −0.10; üç ile altı ay önce 0.40 idi (−1 ile 1 arasında).",
        ),
        (  # one mood in the month before says nothing
            {5: [-0.1] * 5, 35: [0.8], 125: [0.4] * 5},
            "The mood is −0.10; three to six months ago it was 0.40, on a scale from −1 to 1.",
            "Hava −0.10; üç ile altı ay önce 0.40 idi (−1 ile 1 arasında).",
        ),
    ],
)
async def test_a_mood_that_falls_says_since_when(
    graph: Graph, moods: dict[int, list[float]], english: str, turkish: str
) -> None:
    town = Town()
    town.said = [
        _said(5 * ago + n, f"c{n}", ago, mood=mood)
        for ago, all in moods.items()
        for n, mood in enumerate(all)
    ]
    await town.write(graph)
    await _run(graph)
    found = await _published(graph)
    reasons = dict(
        zip(found["warnKind"], zip(found["warnReason"], found["warnReasonTr"], strict=True), strict=True)
    )
    assert reasons["MOOD_FALLS"] == (english, turkish)


async def test_the_same_words_of_many_are_one_too_but_not_beside_their_complaint(graph: Graph) -> None:
    town = Town()
    for n in range(7):
        town.say(f"c{n}", 20 + n % 3, text=f"please bring back the green bags for refills #{n}")
        town.say(f"c{n}", 2, text="this mill broke after two weeks only", mood=-0.5, about="mill")
        town.say(f"c{n}", 40, text="thank you so much for this helpful advice", mood=0.7)
    await town.write(graph)
    await _run(graph)
    found = await _published(graph)
    assert list(zip(found["actionKind"], found["actionMembers"], strict=True)) == [
        ("COMPLAINT", 7),
        ("SAME_WORDS", 7),
    ]
    assert found["actionUntil"][1] == "2026-06-10T00:00:00.000Z"


async def test_questions_are_answered_by_peers_or_not(graph: Graph) -> None:
    town = Town()
    asked = [town.say(f"c{n}", 5, text="How do you clean it?") for n in range(12)]
    strange = town.say("c29", 5, text="May I join?")
    town.say("c29", 5, text="Anybody elsewhere?", place="")
    town.say("c9", 4, text="daily", answers=asked[0])
    town.say("c1", 4, text="nobody knows?", answers=asked[1])
    town.say("staff", 4, text="weekly", answers=asked[2])
    town.say("c9", 4, text="yes", answers=strange)
    await town.write(graph)
    await _run(graph)
    found = await _published(graph)
    assert found["questions"] == 13
    assert found["answeredByPeers"] == pytest.approx(2 / 13)
    assert found["firstAnswer"] == 86400.0
    assert found["warnKind"] == ["FEW_ANSWERS"]
    assert found["warnMembers"] == ["c1 c10 c11 c2 c3"]
    assert found["warned"] is True
    told = [one.warnings for one in await stirred_communities(graph)]
    assert tuple(found["warnReason"]) in told


async def test_an_empty_community_has_a_health_and_nothing_to_say(graph: Graph) -> None:
    await Town().write(graph)
    await _run(graph)
    found = await _published(graph, "empty")
    assert found["members"] == 0
    assert "busFactor" not in found
    assert "warned" not in found
    assert found["runBusFactor"] == [-2]
    assert found["warnKind"] == found["actionKind"] == found["weekAt"] == []


async def test_no_act_at_all_has_defined_answers(graph: Graph) -> None:
    async def build(tx: Transaction) -> None:
        await (await tx.run(BUILD)).consume()
        await (await tx.run(MORE)).consume()

    await graph.write(build)
    await _run(graph)
    found = await _published(graph)
    assert (found["members"], found["active"], found["questions"]) == (29, 0, 0)
    assert found["runAt"] == [""]
    assert "healthAt" not in found


async def test_what_members_wish_is_what_they_voted_for_and_is_open(graph: Graph) -> None:
    await Town().write(graph)

    async def propose(tx: Transaction) -> None:
        many = [f"c{n}" for n in range(20)]
        for uid, status, voters in (
            ("few", "OPEN", many[:3]),
            ("many", "PLANNED", many),
            ("done", "DELIVERED", many),
        ):
            await (await tx.run(IDEA, uid=uid, status=status, voters=voters)).consume()
        await (await tx.run(IDEA, uid="stranger", status="OPEN", voters=["c29"])).consume()

    await graph.write(propose)
    await _run(graph)
    found = await _published(graph)
    assert (found["wish"], found["wishUp"], found["wishVotes"]) == (["many", "few"], [20, 3], [20, 3])
    assert found["wishSupport"] == [pytest.approx(0.8389, abs=1e-4), pytest.approx(0.4385, abs=1e-4)]


async def test_the_mood_stands_by_week_from_monday(graph: Graph) -> None:
    town = Town()
    town.said = [_said(0, "c0", 0, mood=0.2), _said(1, "c1", 1, mood=0.4), _said(2, "c2", 2, mood=-1.0)]
    await town.write(graph)
    await _run(graph)
    found = await _published(graph)
    assert found["weekAt"] == ["2026-06-22T00:00:00.000Z", "2026-06-29T00:00:00.000Z"]
    assert found["weekMood"] == [-1.0, pytest.approx(0.3)]
    assert found["weekMentions"] == [1, 2]


async def test_detected_and_declared_say_what_they_share(graph: Graph) -> None:
    town = Town()
    for n in range(29):
        town.say(f"c{n}", 3, answers="m0")
        town.said[-1]["place"] = ""
    await town.write(graph)
    await _run(graph)
    found = await _published(graph)
    assert len(found["overlapWith"]) == 1
    other = await _published(graph, found["overlapWith"][0])
    assert other["overlapWith"] == ["g"]
    assert other["overlapShare"] == found["overlapShareOfOther"]
    assert found["overlapJaccard"] == other["overlapJaccard"]
    # a detected community has no place of its own: all that its members say counts, also in g
    assert other["active"] == other["members"]


async def test_history_grows_with_each_run_and_a_repeated_write_adds_nothing(graph: Graph) -> None:
    town = Town()
    await town.write(graph)
    first, second = await _run(graph), await _run(graph)
    assert first.run != second.run
    found = await _published(graph)
    assert found["runAt"] == [found["healthAt"]] * 2
    assert found["runMembers"] == [29, 29]
    assert await run_communities(graph, run_uid=second.run, grace=0) is None
    assert (await _published(graph))["runMembers"] == [29, 29]


async def test_a_run_that_lost_its_slot_publishes_nothing(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Town().write(graph)
    await _run(graph)
    before = await publication.current(graph, NAME)

    async def rename(*_: Any, **__: Any) -> None:
        await graph.write(publication.claim, name=NAME, run="a later one")

    monkeypatch.setattr(detected, "rename", rename)
    queued = await graph.write(runs.queue, kind="COMMUNITIES", now=to_instant(LAST))
    with pytest.raises(Closed, match="lost its slot"):
        await run_communities(graph, run_uid=queued.uid, grace=0)
    assert await publication.current(graph, NAME) == before
    assert (await _published(graph))["runMembers"] == [29]
