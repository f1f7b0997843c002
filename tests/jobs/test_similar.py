"""Similar ideas follow the graph: imports, moderation, duplicates, and ideas stored before they were searched."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from graph import challenges, ideas, moderation, similar
from graph.driver import Graph, Transaction
from graph.folders import import_folder
from graph.known import Noun
from graph.migrate import migrations
from graph.records import now
from graph.rows import run
from graph.similar import Worded
from jobs.similar import Known, similar_ideas


async def _found(graph: Graph, text: str) -> list[str]:
    """The external ids of the ideas found."""
    uids = [each.idea for each in await similar_ideas(graph, text, challenge=None, count=5)]
    rows = await graph.read(
        "UNWIND $uids AS uid MATCH (i:Idea {uid: uid}) RETURN i.externalId AS id", uids=uids
    )
    return [row["id"] for row in rows]


async def test_what_is_imported_is_found_by_its_words_of_now(graph: Graph, tmp_path: Path) -> None:
    (tmp_path / "challenges.csv").write_text("id,title\nq,Which?\n")
    for title, typed, other in (
        ("Bisiklet yolu", "bisklet", "tramway"),
        ("Tramway line", "tramway", "bisklet"),
    ):
        (tmp_path / "ideas.csv").write_text(f"id,challenge,title\ni,q,{title}\n")
        await import_folder(graph, tmp_path, rejected=tmp_path / "rejected.csv")
        assert await _found(graph, typed) == ["i"]
        assert await _found(graph, other) == []


async def test_a_first_search_that_was_cut_short_is_gone_on_with(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    for title in ("Tram line", "Bicycle path", "Dog park"):
        await _idea(graph, title)
    monkeypatch.setattr(similar, "PAGE", 1)
    known, read, cut = Known(), list[str](), 2

    def learn(page: Sequence[Worded]) -> None:
        if len(read) == cut:
            raise asyncio.CancelledError
        read.extend(worded.title for worded in page)

    monkeypatch.setattr(Known, "_learn", lambda _, page: learn(page))
    with pytest.raises(asyncio.CancelledError):
        await known.catch_up(graph)
    cut = 4
    await known.catch_up(graph)
    assert sorted(read) == ["Bicycle path", "Dog park", "Tram line"]


async def _idea(graph: Graph, title: str) -> str:
    opened = await graph.write(challenges.challenge_open, title="Which?", now=now(), external_id="q")
    kept = await graph.write(
        ideas.idea_submit, challenge=opened.uid, author=None, title=title, now=now(), external_id=title
    )
    return kept.uid


async def test_a_hidden_idea_is_not_found_and_a_duplicate_is_its_original(graph: Graph) -> None:
    original, duplicate = await _idea(graph, "Tram line"), await _idea(graph, "Bicycle path")
    assert await _found(graph, "bicycle") == ["Bicycle path"]

    async def merge(tx: Transaction) -> None:
        query = "MATCH (d:Idea {uid: $d}), (o:Idea {uid: $o}) CREATE (d)-[:DUPLICATE_OF]->(o)"
        await run(tx, query, d=duplicate, o=original)

    await graph.write(merge)
    assert await _found(graph, "bicycle") == ["Tram line"]

    async def moderate(tx: Transaction, *, state: str) -> None:
        await moderation.moderate(
            tx, noun=Noun.IDEA, uid=original, state=state, reason="x", by="x", now=now()
        )

    await graph.write(moderate, state="HIDDEN")
    assert await _found(graph, "bicycle") == await _found(graph, "tram") == []
    await graph.write(moderate, state="PUBLISHED")
    assert await _found(graph, "tram") == ["Tram line"]


async def test_an_idea_stored_before_is_found_after_the_migration(graph: Graph) -> None:
    await _idea(graph, "Tram line")

    async def age(tx: Transaction) -> None:
        await run(tx, "MATCH (i:Idea) REMOVE i.wordedAt")

    async def apply(tx: Transaction, *, statement: str) -> None:
        await tx.run(statement)

    await graph.write(age)
    (words,) = [each for each in migrations() if each.name.startswith("words")]
    await graph.write(apply, statement=words.statements[-1])
    rows = await graph.read("MATCH (i:Idea) RETURN i.wordedAt = i.createdAt AS same")
    assert [row["same"] for row in rows] == [True]
    assert await _found(graph, "tram") == ["Tram line"]
