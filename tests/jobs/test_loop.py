"""The loop closed: who voted on a duplicate hears that it was merged, and what was decided, each once."""

from pathlib import Path
from typing import Any

from graph import challenges, comments, decisions, follows, ideas, merges, moderation, moving, splits, votes
from graph.driver import Graph
from graph.known import Noun
from graph.moderation import Moderation
from graph.records import now
from graph.splits import Part
from jobs import notices
from jobs.settings import JobSettings
from tests.graph.test_notices import NOW, person

HEARD = """
MATCH (c:Customer)-[:HEARS]->()-[:OF]->(n:Notice)-[:ABOUT_IDEA]->(i)
RETURN c.externalId AS who, n.kind AS kind, n.status AS status, n.text AS text, i.title AS idea
ORDER BY who, n.uid
"""


async def _spread(graph: Graph, home: Path) -> None:
    for row in await graph.read("MATCH (n:Notice) WHERE n.spreadAt IS NULL RETURN n.uid AS uid ORDER BY uid"):
        await notices.spread(graph, JobSettings(home=home), notice=row["uid"])


async def test_a_voter_of_a_duplicate_hears_each_step_of_the_original(graph: Graph, home: Path) -> None:
    asked = await graph.write(challenges.challenge_open, title="Which?", now=NOW)
    decaf, kafeinsiz = [
        (await graph.write(ideas.idea_submit, challenge=asked.uid, author=None, title=title, now=NOW)).uid
        for title in ("Decaf", "Kafeinsiz")
    ]
    voter = await person(graph, "ayse")
    await graph.write(votes.cast_vote, idea=kafeinsiz, voter=voter, value=1, now=NOW)
    made = await graph.write(
        merges.merge, duplicates=[kafeinsiz], original=decaf, reason="The same.", by="team", now=NOW
    )
    assert await moving.settle(graph, moving.MERGE, uid=made.uid or "")
    for answer in (None, "In spring."):
        status = "UNDER_REVIEW" if answer is None else "PLANNED"
        draft = await graph.write(
            decisions.decide, idea=decaf, status=status, reason="Wanted.", answer=answer, by="team", now=NOW
        )
        await _spread(graph, home)
        await graph.write(decisions.publish, drafts=[draft.uid], by="team", now=NOW)
    taken = await graph.write(
        splits.split, idea=decaf, parts=[Part("Decaf beans")], reason="Two.", by="team", now=NOW
    )
    assert await moving.settle(graph, moving.SPLIT, uid=taken.uid or "")
    for _ in range(2):
        await _spread(graph, home)
    assert made.votes_moved == made.told == 1
    assert [tuple(row) for row in await graph.read(HEARD)] == [
        ("ayse", "MERGED", None, None, "Decaf"),
        ("ayse", "STATUS_CHANGED", "UNDER_REVIEW", "Wanted.", "Decaf"),
        ("ayse", "ANSWERED", "PLANNED", "In spring.", "Decaf"),
        ("ayse", "SPLIT", None, None, "Decaf"),
    ]


async def test_an_author_hears_what_is_said_of_the_idea_and_why_it_is_held(graph: Graph, home: Path) -> None:
    asked = await graph.write(challenges.challenge_open, title="Which?", now=NOW)
    author, voter, guest = [await person(graph, name) for name in ("ayse", "bob", "can")]
    decaf = await graph.write(ideas.idea_submit, challenge=asked.uid, author=author, title="Decaf", now=NOW)
    await graph.write(votes.cast_vote, idea=decaf.uid, voter=voter, value=1, now=NOW)
    said = await graph.write(comments.comment_add, idea=decaf.uid, author=guest, text="So do I.", now=NOW)
    held: dict[str, Any] = {
        "noun": Noun.IDEA,
        "uid": decaf.uid,
        "state": Moderation.HELD,
        "reason": "A name is in it.",
    }
    await graph.write(moderation.moderate, **held, by="team", now=NOW)
    hidden: dict[str, Any] = {
        "noun": Noun.COMMENT,
        "uid": said.uid,
        "state": Moderation.HIDDEN,
        "reason": "Rude.",
    }
    await graph.write(moderation.moderate, **hidden, by="team", now=NOW)
    for _ in range(2):
        await _spread(graph, home)
    assert [tuple(row) for row in await graph.read(HEARD)] == [
        ("ayse", "COMMENTED", None, None, "Decaf"),
        ("ayse", "MODERATED", "HELD", "A name is in it.", "Decaf"),
        ("can", "COMMENT_MODERATED", "HIDDEN", "Rude.", "Decaf"),
    ]


async def test_who_was_told_of_a_merge_and_a_split_is_told_that_they_are_undone(
    graph: Graph, home: Path
) -> None:
    asked = await graph.write(challenges.challenge_open, title="Which?", now=NOW)
    decaf, kafeinsiz = [
        (await graph.write(ideas.idea_submit, challenge=asked.uid, author=None, title=title, now=NOW)).uid
        for title in ("Decaf", "Kafeinsiz")
    ]
    here, there, both, done = [await person(graph, name) for name in ("ayse", "bob", "can", "deniz")]
    for who, what in ((here, decaf), (there, kafeinsiz), (both, decaf), (both, kafeinsiz), (done, kafeinsiz)):
        await graph.write(votes.cast_vote, idea=what, voter=who, value=1, now=NOW)
    await graph.write(follows.unfollow, idea=kafeinsiz, customer=done, now=NOW)
    made = await graph.write(
        merges.merge, duplicates=[kafeinsiz], original=decaf, reason="The same.", by="team", now=NOW
    )
    assert made.uid
    assert await moving.settle(graph, moving.MERGE, uid=made.uid)
    await graph.write(merges.undo, merge=made.uid, by="team", now=NOW)
    assert await moving.settle(graph, moving.MERGE, uid=made.uid)
    taken = await graph.write(splits.split, idea=decaf, parts=[Part("B")], reason="Two.", by="team", now=NOW)
    assert taken.uid
    assert await moving.settle(graph, moving.SPLIT, uid=taken.uid)
    for _ in range(2):
        await graph.write(splits.undo, split=taken.uid, by="team", now=NOW)
    assert await moving.settle(graph, moving.SPLIT, uid=taken.uid)
    await _spread(graph, home)
    heard = [(row["who"], row["kind"]) for row in await graph.read(HEARD)]
    assert sorted(heard) == [
        ("ayse", "MERGED"),
        ("ayse", "MERGE_UNDONE"),
        ("ayse", "SPLIT"),
        ("ayse", "SPLIT_UNDONE"),
        ("bob", "MERGED"),
        ("bob", "MERGE_UNDONE"),
        ("can", "MERGED"),
        ("can", "MERGE_UNDONE"),
        ("can", "SPLIT"),
        ("can", "SPLIT_UNDONE"),
    ]


DECIDED = """
MATCH (n:Notice)-[:ABOUT_CHALLENGE]->(h)
OPTIONAL MATCH (c:Customer)-[:HEARS]->()-[:OF]->(n)
WITH n, h, c.externalId AS who ORDER BY who
RETURN h.title AS challenge, collect(who) AS heard,
       COUNT { (n)<-[:TELLS]-(d {reason: 'MUTED'}) } AS muted
"""


async def test_a_decided_challenge_is_told_once_to_each_who_took_part(graph: Graph, home: Path) -> None:
    """Once each, not once an idea, whether somebody or the clock decides; what was decided long ago is no news."""
    people = [await person(graph, name) for name in ("ayse", "bob", "can", "deniz", "ece", "fatma")]
    author, voter, writer, follower, hushed, _ = people
    asked = await graph.write(challenges.challenge_open, title="Which?", now=NOW)
    for title in ("Decaf", "Refill"):
        made = await graph.write(ideas.idea_submit, challenge=asked.uid, author=author, title=title, now=NOW)
        for who in (voter, hushed):
            await graph.write(votes.cast_vote, idea=made.uid, voter=who, value=1, now=NOW)
        await graph.write(comments.comment_add, idea=made.uid, author=writer, text="Yes.", now=NOW)
        await graph.write(follows.follow, idea=made.uid, customer=follower, now=NOW)
        await graph.write(follows.unfollow, idea=made.uid, customer=hushed, now=NOW)
    await graph.write(follows.unfollow, idea=made.uid, customer=voter, now=NOW)  # of one of two
    late = now()
    for title, decided, opened in (("By the clock", late, NOW), ("Imported", NOW, late), ("Old", NOW, NOW)):
        fields = {"decidedAt": decided}
        await graph.write(challenges.challenge_open, title=title, now=opened, fields=fields)
    await graph.write(challenges.challenge_advance, challenge=asked.uid, phase="DECIDED", now=late)
    assert await notices.announce_decided(graph) == 1
    assert await notices.announce_decided(graph) == 0
    for _ in range(2):
        await _spread(graph, home)
    found = [tuple(row) for row in await graph.read(DECIDED)]
    assert sorted(found) == [
        ("By the clock", [], 0),
        ("Which?", ["ayse", "bob", "can", "deniz"], 1),
    ]


TIMES = """
MATCH (c:Customer)-[:HEARS]->()-[:OF]->(:Notice {kind: 'CHALLENGE_DECIDED'})
RETURN c.externalId AS who, count(*) AS times ORDER BY who
"""


async def test_a_challenge_that_is_opened_again_and_decided_again_is_told_again(
    graph: Graph, home: Path
) -> None:
    first, second = [await person(graph, name) for name in ("ayse", "bob")]
    asked = await graph.write(challenges.challenge_open, title="Which?", now=NOW)
    made = await graph.write(ideas.idea_submit, challenge=asked.uid, author=None, title="Decaf", now=NOW)
    undated = {"closesAt": None, "decidedAt": None}
    for who in (first, second):
        await graph.write(challenges.challenge_edit, challenge=asked.uid, fields=undated)
        await graph.write(votes.cast_vote, idea=made.uid, voter=who, value=1, now=now())
        await graph.write(challenges.challenge_advance, challenge=asked.uid, phase="DECIDED", now=now())
        assert await notices.announce_decided(graph) == 0
        await _spread(graph, home)
    assert [tuple(row) for row in await graph.read(TIMES)] == [("ayse", 2), ("bob", 1)]


async def test_who_was_concerned_hears_it_though_the_idea_is_merged_before_it_is_spread(
    graph: Graph, home: Path
) -> None:
    names = ("ayse", "bob", "can", "deniz", "ece", "fatma")
    voter, both, follower, hushed, other, author = [await person(graph, name) for name in names]
    asked = await graph.write(challenges.challenge_open, title="Which?", now=NOW)
    small, decaf, whole = [
        (await graph.write(ideas.idea_submit, challenge=asked.uid, author=who, title=title, now=NOW)).uid
        for who, title in ((author, "Small"), (None, "Decaf"), (None, "Whole"))
    ]
    for who, what in ((voter, small), (both, decaf), (both, whole), (hushed, decaf), (other, whole)):
        await graph.write(votes.cast_vote, idea=what, voter=who, value=1, now=NOW)
    await graph.write(follows.follow, idea=decaf, customer=follower, now=NOW)
    await graph.write(follows.unfollow, idea=decaf, customer=hushed, now=NOW)
    await _merge(graph, small, decaf)
    draft = await graph.write(
        decisions.decide, idea=decaf, status="PLANNED", reason="Wanted.", answer="Yes.", by="team", now=NOW
    )
    await graph.write(decisions.publish, drafts=[draft.uid], by="team", now=NOW)
    await _merge(graph, decaf, whole)
    await _spread(graph, home)
    heard = {
        (kind, idea): [
            row["who"] for row in await graph.read(HEARD) if (row["kind"], row["idea"]) == (kind, idea)
        ]
        for kind, idea in (("MERGED", "Decaf"), ("ANSWERED", "Decaf"), ("MERGED", "Whole"))
    }
    assert heard == {
        ("MERGED", "Decaf"): ["ayse", "bob", "can", "fatma"],
        ("ANSWERED", "Decaf"): ["ayse", "bob", "can", "fatma"],
        ("MERGED", "Whole"): ["ayse", "bob", "can", "ece", "fatma"],
    }


async def _merge(graph: Graph, duplicate: str, original: str) -> None:
    made = await graph.write(
        merges.merge, duplicates=[duplicate], original=original, reason="Same.", by="team", now=NOW
    )
    assert await moving.settle(graph, moving.MERGE, uid=made.uid or "")
