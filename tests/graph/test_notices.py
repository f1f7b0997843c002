"""Notices: everybody concerned hears once, also through what was merged; consent is kept step by step."""

from typing import Any

import pytest

from graph import (
    challenges,
    comments,
    consents,
    customers,
    deliveries,
    follows,
    ideas,
    moderation,
    notices,
    votes,
)
from graph.consents import Channel, ConsentState
from graph.driver import Graph, Transaction
from graph.errors import Invalid, NotFound
from graph.known import Noun
from graph.notices import NoticeKind

NOW, LATER = "2026-02-01T00:00:00.000Z", "2026-02-01T02:00:00.000Z"
CLAIM: dict[str, Any] = {"lease": 60.0, "gap": 3600.0, "attempts": 3}
YES = "Write to me about ideas."


async def write(graph: Graph, query: str, **parameters: Any) -> list[dict[str, Any]]:
    async def work(tx: Transaction) -> list[dict[str, Any]]:
        return await (await tx.run(query, parameters)).data()

    return await graph.write(work)


async def person(graph: Graph, name: str, **fields: object) -> str:
    made = await graph.write(customers.upsert, now=NOW, external_id=name, fields={"name": name, **fields})
    return made.uid


async def idea(graph: Graph, author: str | None = None, title: str = "Decaf") -> str:
    challenge = await graph.write(challenges.challenge_open, title="Which?", now=NOW)
    made = await graph.write(ideas.idea_submit, challenge=challenge.uid, author=author, title=title, now=NOW)
    return made.uid


async def comment(graph: Graph, who: str, what: str, uid: str) -> None:
    query = """
    MATCH (c:Customer {uid: $who}), (i:Idea {uid: $what})
    CREATE (c)-[:COMMENTED]->(m:Comment {uid: $uid, text: 'So do I.'})
    CREATE (m)-[:ON_IDEA]->(i)
    """
    await write(graph, query, who=who, what=what, uid=uid)


async def answer(graph: Graph, what: str, uid: str, text: str = "Yes.") -> None:
    query = "MATCH (i:Idea {uid: $what}) CREATE (i)-[:HAS_ANSWER]->(:Answer {uid: $uid, text: $text})"
    await write(graph, query, what=what, uid=uid, text=text)


async def merge(graph: Graph, duplicate: str, original: str) -> None:
    query = "MATCH (d:Idea {uid: $d}), (o:Idea {uid: $o}) CREATE (d)-[:DUPLICATE_OF]->(o)"
    await write(graph, query, d=duplicate, o=original)


async def announced(graph: Graph, what: str, cause: str, kind: NoticeKind = NoticeKind.ANSWERED) -> str:
    await graph.write(notices.announce, kind=kind, idea=what, cause=cause, now=NOW)
    [row] = await graph.read("MATCH (n:Notice {key: $key}) RETURN n.uid AS uid", key=f"{kind}:{cause}")
    return str(row["uid"])


async def concerned(graph: Graph, notice: str) -> tuple[list[str], list[str]]:
    return await notices.concerned(graph, await notices.get(graph, notice))


async def test_one_cause_is_announced_once_with_its_words(graph: Graph) -> None:
    decaf = await idea(graph)
    await answer(graph, decaf, "a1", "Yes, in spring.")
    notice = await announced(graph, decaf, "a1")
    assert await announced(graph, decaf, "a1") == notice
    await announced(graph, decaf, "a2")
    rows = await graph.read("MATCH (n:Notice) RETURN n.text AS text, n.kind AS kind ORDER BY n.cause")
    assert [tuple(row) for row in rows] == [("Yes, in spring.", "ANSWERED"), (None, "ANSWERED")]
    events = await graph.read("MATCH (e:Event {kind: 'NOTICE_SPREAD'}) RETURN e.payload AS payload")
    assert len(events) == 2
    with pytest.raises(NotFound):
        await graph.write(notices.announce, kind=NoticeKind.ANSWERED, idea="none", cause="x", now=NOW)


async def test_a_notice_is_written_with_its_cause_or_not_at_all(graph: Graph) -> None:
    decaf = await idea(graph)

    async def broken(tx: Transaction) -> None:
        await notices.announce(tx, kind=NoticeKind.ANSWERED, idea=decaf, cause="a1", now=NOW)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await graph.write(broken)
    assert await graph.read("MATCH (n) WHERE n:Notice OR n:Event RETURN n") == []


async def test_all_are_concerned_also_through_merges_of_merges_and_each_once(graph: Graph) -> None:
    people = {name: await person(graph, name) for name in ("author", "voter", "follower", "talker", "quiet")}
    decaf, twin, triplet = await idea(graph, people["author"]), await idea(graph), await idea(graph)
    await merge(graph, twin, decaf)
    await graph.write(votes.cast_vote, idea=triplet, voter=people["voter"], value=-1, now=NOW)
    await merge(graph, triplet, twin)
    await graph.write(follows.follow, idea=twin, customer=people["follower"], now=NOW)
    await graph.write(follows.follow, idea=decaf, customer=people["follower"], now=NOW)
    await comment(graph, people["talker"], decaf, "m1")
    await comment(graph, people["talker"], decaf, "m2")
    heard = sorted(uid for name, uid in people.items() if name != "quiet")
    assert await concerned(graph, await announced(graph, decaf, "a1")) == (heard, [])
    # a comment is for those who talk, and not for who said it
    for cause, hear in (("m2", ("author", "follower")), ("m9", ("author", "follower", "talker"))):
        notice = await announced(graph, decaf, cause, NoticeKind.COMMENTED)
        assert await concerned(graph, notice) == (sorted(people[name] for name in hear), [])
    notice = await announced(graph, decaf, "d1", NoticeKind.MODERATED)
    assert await concerned(graph, notice) == ([people["author"]], [])


async def test_who_muted_an_idea_hears_no_more_of_it(graph: Graph) -> None:
    ada, can, ece = [await person(graph, name) for name in ("ada", "can", "ece")]
    decaf, twin = await idea(graph, ada), await idea(graph, ece)
    await merge(graph, twin, decaf)
    await graph.write(follows.unfollow, idea=decaf, customer=ada, now=NOW)
    await graph.write(follows.follow, idea=decaf, customer=can, now=NOW)
    await graph.write(follows.unfollow, idea=twin, customer=ece, now=NOW)
    notice = await announced(graph, decaf, "a1")
    assert await concerned(graph, notice) == ([can], [ada])
    await graph.write(follows.follow, idea=decaf, customer=ada, now=LATER)
    await graph.write(follows.unfollow, idea=decaf, customer=can, now=LATER)
    await graph.write(votes.cast_vote, idea=decaf, voter=ece, value=1, now=LATER)
    assert await concerned(graph, notice) == (sorted([ada, ece]), [])
    [row] = await graph.read("MATCH (c {uid: $c})-[f:FOLLOWS_IDEA]->() RETURN f.since AS since", c=ada)
    assert row["since"] == NOW


async def test_consent_is_kept_step_by_step(graph: Graph) -> None:
    ada = await person(graph, "ada", email="ada@example.org")
    given = {"customer": ada, "channel": "EMAIL", "wording": YES}
    first = await graph.write(consents.give, now=NOW, proof="form 7", by="desk", **given)
    assert (await graph.write(consents.give, now=LATER, **given)).uid == first.uid
    daily = await graph.write(consents.give, now=LATER, pace="DAILY", **given)
    assert daily.uid != first.uid
    gone = await graph.write(consents.withdraw, customer=ada, channel="EMAIL", now=LATER)
    again = await graph.write(consents.withdraw, customer=ada, channel="EMAIL", now=LATER)
    assert (gone.state, again.uid) == (ConsentState.WITHDRAWN, gone.uid)
    rows = await graph.read(
        "MATCH (:Customer)-[:GAVE]->(k) RETURN k.state AS s, k.pace AS p, k.proof AS f, k.by AS b ORDER BY k.uid"
    )
    assert [tuple(row) for row in rows] == [
        ("GIVEN", "IMMEDIATE", "form 7", "desk"),
        ("GIVEN", "DAILY", None, None),
        ("WITHDRAWN", None, None, None),
    ]
    for wrong in ("IN_APP", "PIGEON"):
        with pytest.raises(Invalid):
            await graph.write(consents.give, now=NOW, **{**given, "channel": wrong})


@pytest.mark.parametrize(
    ("before", "steps", "told"),
    [
        ("BEFORE", ["HELD", "PUBLISHED", "HIDDEN", "PUBLISHED"], 1),
        ("BEFORE", ["HELD", "HIDDEN"], 0),
        ("AFTER", ["HIDDEN", "PUBLISHED"], 1),
    ],
)
async def test_a_comment_is_told_once_it_is_published_also_after_it_was_held(
    graph: Graph, before: str, steps: list[str], told: int
) -> None:
    board = await graph.write(
        challenges.challenge_open, title="Which?", now=NOW, fields={"moderation": before}
    )
    decaf = await graph.write(ideas.idea_submit, challenge=board.uid, author=None, title="Decaf", now=NOW)
    ada = await person(graph, "ada")
    said = await graph.write(comments.comment_add, idea=decaf.uid, author=ada, text="Yes!", now=NOW)
    for state in steps:
        given = {"uid": said.uid, "state": state, "reason": "So.", "by": "mod"}
        await graph.write(moderation.moderate, noun=Noun.COMMENT, **given, now=NOW)
    assert len(await graph.read("MATCH (n:Notice {kind: 'COMMENTED'}) RETURN n")) == told


async def test_unsubscribing_ends_the_letters_of_all_accounts_of_an_address(graph: Graph) -> None:
    accounts = [await person(graph, name, email="ada@example.org") for name in ("ada", "ada2")]
    other = await person(graph, "can", email="can@example.org")
    for who in (*accounts, other):
        await graph.write(consents.give, customer=who, channel="EMAIL", wording=YES, now=NOW)
    assert await graph.write(consents.unsubscribe, customer=accounts[1], now=LATER) == 2
    assert await graph.write(consents.unsubscribe, customer="nobody", now=LATER) == 0
    rows = await graph.read("MATCH (c:Customer) WHERE c.ideasByEmail IS NOT NULL RETURN c.uid AS uid")
    assert [row["uid"] for row in rows] == [other]


async def spread(graph: Graph, notice: str, *people: str, now: str = NOW) -> None:
    ways = {Channel.EMAIL, Channel.WEBHOOK}
    await graph.write(notices.enter, notice=notice, people=people, channels=ways, now=now)


async def states(graph: Graph) -> list[tuple[Any, ...]]:
    query = """
    MATCH (c)-[:IS_SENT]->(d:Delivery)
    RETURN c.externalId AS who, d.channel AS channel, d.state AS state, d.reason AS reason
    ORDER BY who, channel
    """
    return [tuple(row) for row in await graph.read(query)]


async def test_entering_twice_changes_nothing_and_says_who_cannot_be_written_to(graph: Graph) -> None:
    decaf = await idea(graph)
    ada = await person(graph, "ada", email="ada@example.org")
    ada2 = await person(graph, "ada2", email="ada@example.org")
    can, ece = await person(graph, "can"), await person(graph, "ece", email="ece@example.org")
    for who in (ada, ada2, can):
        await graph.write(consents.give, customer=who, channel="EMAIL", wording=YES, now=NOW)
    await graph.write(consents.give, customer=ece, channel="WEBHOOK", wording=YES, now=NOW)
    notice = await announced(graph, decaf, "a1")
    for _ in range(2):
        await spread(graph, notice, ada, ada2, can, ece)
        await graph.write(notices.skip_muted, notice=notice, people=[ece], now=NOW)
        assert await states(graph) == [
            ("ada", "EMAIL", "WAITING", None),
            ("ada2", "EMAIL", "WAITING", None),
            ("can", "EMAIL", "SKIPPED", "NO_ADDRESS"),
            ("ece", "EMAIL", "SKIPPED", "NO_CONSENT"),
            ("ece", "IN_APP", "SKIPPED", "MUTED"),
            ("ece", "WEBHOOK", "WAITING", None),
        ]
        [row] = await graph.read("MATCH (:Customer)-[h:HEARS]->(:InboxEntry)-[o:OF]->() RETURN count(*) AS n")
        assert row["n"] == 4
    found = await graph.write(deliveries.claim, uids=await deliveries.due(graph, now=NOW), now=NOW, **CLAIM)
    assert sorted((one.channel, one.address) for one in found) == [
        (Channel.EMAIL, "ada@example.org"),
        (Channel.WEBHOOK, None),
    ]


async def test_what_comes_soon_after_a_letter_waits_and_goes_as_one(graph: Graph) -> None:
    ada = await person(graph, "ada", email="ada@example.org")
    await graph.write(consents.give, customer=ada, channel="EMAIL", wording=YES, now=NOW)
    decaf = await idea(graph)
    for cause in ("a1", "a2", "a3"):
        await spread(graph, await announced(graph, decaf, cause), ada)
        if cause == "a1":
            [first] = await _claimed(graph, NOW)
            await graph.write(deliveries.mark_sent, message=first, now=NOW)
    assert await _claimed(graph, NOW) == []
    assert await deliveries.due(graph, now=NOW) == []
    [digest] = await _claimed(graph, LATER)
    assert (len(digest.told), digest.attempts) == (2, 1)
    # a fourth does not join what is under way, which is tried again under its own uid
    await spread(graph, await announced(graph, decaf, "a4"), ada, now=LATER)
    again = await _claimed(graph, "2026-02-01T03:00:00.000Z")
    assert sorted((len(one.told), one.uid == digest.uid) for one in again) == [(1, False), (2, True)]
    assert max(one.attempts for one in again) == 2


async def test_a_second_sender_keeps_the_gap_while_the_first_is_still_writing(graph: Graph) -> None:
    ada = await person(graph, "ada", email="ada@example.org")
    await graph.write(consents.give, customer=ada, channel="EMAIL", wording=YES, now=NOW, pace="DAILY")
    decaf = await idea(graph)
    for cause, messages in (("a1", 1), ("a2", 0)):
        await spread(graph, await announced(graph, decaf, cause), ada)
        assert len(await _claimed(graph, NOW)) == messages


async def test_what_tells_of_an_idea_that_is_gone_is_due_no_more(graph: Graph) -> None:
    ada = await person(graph, "ada", email="ada@example.org")
    await graph.write(consents.give, customer=ada, channel="EMAIL", wording=YES, now=NOW)
    decaf = await idea(graph)
    await spread(graph, await announced(graph, decaf, "a1"), ada)
    await spread(graph, await announced(graph, await idea(graph), "a2"), ada)
    await write(graph, "MATCH (i:Idea {uid: $i}) DETACH DELETE i", i=decaf)
    assert [len(one.told) for one in await _claimed(graph, NOW)] == [1]
    assert await deliveries.due(graph, now=NOW) == []
    assert await states(graph) == [("ada", "EMAIL", "WAITING", None)]


async def _claimed(graph: Graph, now: str) -> list[deliveries.Message]:
    return await graph.write(deliveries.claim, uids=await deliveries.due(graph, now=now), now=now, **CLAIM)


async def test_a_claim_excludes_others_gives_up_at_last_and_honours_a_withdrawal(graph: Graph) -> None:
    ada, can = [await person(graph, name, email=f"{name}@example.org") for name in ("ada", "can")]
    for who in (ada, can):
        await graph.write(consents.give, customer=who, channel="EMAIL", wording=YES, now=NOW)
    notice = await announced(graph, await idea(graph), "a1")
    await spread(graph, notice, ada, can)
    uids = await deliveries.due(graph, now=NOW)
    assert len(await graph.write(deliveries.claim, uids=uids, now=NOW, **CLAIM)) == 2
    assert await graph.write(deliveries.claim, uids=uids, now=NOW, **CLAIM) == []
    await graph.write(consents.withdraw, customer=can, channel="EMAIL", now=NOW)
    for hour in (1, 2, 3):
        found = await _claimed(graph, f"2026-02-01T0{hour}:00:00.000Z")
        assert len(found) == (hour < 3)
    assert await states(graph) == [
        ("ada", "EMAIL", "FAILED", "GAVE_UP"),
        ("can", "EMAIL", "SKIPPED", "NO_CONSENT"),
    ]
    assert await graph.write(deliveries.retry, notice=notice, now=LATER) == 1
    [message] = await _claimed(graph, LATER)
    await graph.write(deliveries.release, messages=[message], now=LATER)
    assert [one.attempts for one in await _claimed(graph, LATER)] == [1]
