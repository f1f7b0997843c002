"""The loop closed: who voted on a duplicate hears that it was merged, and what was decided, each once."""

from pathlib import Path
from typing import Any

from graph import challenges, comments, decisions, ideas, merges, moderation, splits, votes
from graph.driver import Graph
from graph.known import Noun
from graph.moderation import Moderation
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
    for answer in (None, "In spring."):
        status = "UNDER_REVIEW" if answer is None else "PLANNED"
        draft = await graph.write(
            decisions.decide, idea=decaf, status=status, reason="Wanted.", answer=answer, by="team", now=NOW
        )
        await _spread(graph, home)
        await graph.write(decisions.publish, drafts=[draft.uid], by="team", now=NOW)
    await graph.write(
        splits.split, idea=decaf, parts=[Part("Decaf beans")], reason="Two.", by="team", now=NOW
    )
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
    await graph.write(comments.comment_add, idea=decaf.uid, author=guest, text="So do I.", now=NOW)
    held: dict[str, Any] = {
        "noun": Noun.IDEA,
        "uid": decaf.uid,
        "state": Moderation.HELD,
        "reason": "A name is in it.",
    }
    await graph.write(moderation.moderate, **held, by="team", now=NOW)
    for _ in range(2):
        await _spread(graph, home)
    assert [tuple(row) for row in await graph.read(HEARD)] == [
        ("ayse", "COMMENTED", None, None, "Decaf"),
        ("ayse", "MODERATED", None, "A name is in it.", "Decaf"),
    ]
