"""Splitting an idea copies what was said to each part once, part by part, and undoing it leaves what was."""

import asyncio
from collections import Counter
from typing import cast

import pytest

from graph import comments, moderation, moving, splits, votes
from graph.driver import Graph, Transaction
from graph.errors import Closed, NotAllowed, NotFound
from graph.known import Noun
from graph.splits import Part, Split
from tests.graph.test_merges import FOLLOWED, PEOPLE, Cut, at, begin, do, everything, few, fill, said
from tests.graph.test_notices import idea, person

__all__ = ["few"]
UP: dict[str, object] = {"value": 1, "at": at(2)}
DOWN: dict[str, object] = {"value": -1}
FOLLOW = {"since": at(1), "muted": False}
COUNTED = "MATCH (s:IdeaSplit {uid: $uid}) RETURN s.votesCopied, s.followersCopied, s.moving"
WAITING = "MATCH (e:Event) WHERE e.kind = 'IDEA_SPLIT' AND e.doneAt IS NULL RETURN e.dispatchedAt AS handed"
WHERE = """
MATCH (:Comment {uid: $uid})-[:ON_IDEA]->(i) MATCH (:Notice {key: 'COMMENTED:' + $uid})-[:ABOUT_IDEA]->(j)
RETURN i.uid, j.uid
"""
TOLD = "MATCH (n:Notice) RETURN n.kind AS kind"


async def start(graph: Graph) -> None:
    """Four are for i0 and one, undated, against it; two follow it."""
    given = [(who, "i0", UP | {"points": 3}) for who in PEOPLE[:4]] + [(PEOPLE[4], "i0", DOWN)]
    await fill(graph, given, [(who, "i0", FOLLOW) for who in PEOPLE[4:6]])


async def split(graph: Graph, copy_votes: bool = True) -> Split:
    return await graph.write(
        splits.split,
        idea="i0",
        parts=[Part("Cups"), Part("Beans")],
        reason="two things",
        by="eve",
        now=at(20),
        copy_votes=copy_votes,
    )


async def undo(graph: Graph, made: Split) -> str:
    return await graph.write(splits.undo, split=made.uid or "", by="eve", now=at(30))


async def settle(graph: Graph, made: Split, seconds: float | None = None) -> bool:
    return await moving.settle(graph, moving.SPLIT, uid=made.uid or "", seconds=seconds)


async def everything_else(graph: Graph) -> list[str]:
    return [row for row in await everything(graph) if "'SPLIT'" not in row]


@pytest.mark.parametrize("cut", [0, 1, 2])
async def test_a_split_that_is_cut_off_anywhere_goes_on_or_back_as_if_it_had_not_been(
    graph: Graph, few: list[int], cut: int
) -> None:
    await start(graph)
    before = await everything(graph)
    made = await split(graph)
    assert (made.votes_copied, made.followers_copied) == (10, 4)
    few[:] = [cut]
    with pytest.raises(Cut):
        await settle(graph, made)
    with pytest.raises(Closed, match="being copied"):
        await graph.write(votes.cast_vote, voter="p6", idea=made.parts[0], value=1, now=at(21))
    for ideas, original in ((["i1"], "i0"), ([made.parts[0]], "i0"), (["i0"], "i3")):
        with pytest.raises(NotAllowed, match=r"Split .* still moves votes"):
            await begin(graph, ideas, original)
    assert not await settle(graph, made, seconds=0)  # a worker is to do it now
    assert [row["handed"] for row in await graph.read(WAITING)] == [None]
    if cut % 2:
        await asyncio.gather(*(settle(graph, made) for _ in range(2)))
        assert list((await graph.read(COUNTED, uid=made.uid))[0]) == [10, 4, None]
        copies = {(who, part): UP for who in PEOPLE[:4] for part in made.parts}
        copies |= {(PEOPLE[4], part): DOWN for part in made.parts}
        own = {(who, "i0"): UP | {"points": 3} for who in PEOPLE[:4]} | {(PEOPLE[4], "i0"): DOWN}
        assert await said(graph) == own | copies
        follows = {(who, idea): FOLLOW for who in PEOPLE[4:6] for idea in ("i0", *made.parts)}
        assert await said(graph, FOLLOWED) == follows
    assert await undo(graph, made) == "i0"
    few[:] = [cut]
    if cut % 2:
        with pytest.raises(Cut):
            await settle(graph, made)
        with pytest.raises(NotFound):
            await graph.write(votes.cast_vote, voter="p6", idea=made.parts[0], value=1, now=at(31))
    few.clear()
    await moving.settle_all(graph)
    assert await everything_else(graph) == before
    assert await graph.read(WAITING) == []
    told = Counter(row["kind"] for row in await graph.read(TOLD))
    assert told == ({"SPLIT": 1, "SPLIT_UNDONE": 1} if cut % 2 else {})


async def test_a_vote_given_while_a_split_copies_counts_for_the_parts_and_does_not_hinder_its_undoing(
    graph: Graph, few: list[int]
) -> None:
    await start(graph)
    made = await split(graph)
    few[:] = [2]
    with pytest.raises(Cut):
        await settle(graph, made)
    await graph.write(votes.cast_vote, voter="p6", idea="i0", value=1, now=at(25))
    await graph.write(votes.cast_vote, voter="p4", idea="i0", value=None, now=at(25))
    assert await settle(graph, made)
    found = await said(graph)
    for part in made.parts:
        assert {who: vote for (who, idea), vote in found.items() if idea == part} == {
            **dict.fromkeys(PEOPLE[:4], UP),
            "p6": {"value": 1, "at": at(20)},
        }
    await undo(graph, made)
    assert await settle(graph, made)
    assert await said(graph) == {pair: vote for pair, vote in found.items() if pair[1] == "i0"}


@pytest.mark.usefixtures("few")
async def test_a_split_beside_people_who_vote_loses_and_doubles_nothing(graph: Graph) -> None:
    await start(graph)
    made = await split(graph)
    cast = [
        graph.write(votes.cast_vote, voter=who, idea="i0", value=-1, points=None, now=at(40 + n))
        for n, who in enumerate(PEOPLE)
    ]
    await asyncio.gather(settle(graph, made), settle(graph, made), *cast)
    found = await said(graph)  # each pair at most once
    for part in made.parts:
        assert set(PEOPLE[:5]) <= {who for who, idea in found if idea == part}
        assert all(vote.get("at", "") <= at(20) for (_, idea), vote in found.items() if idea == part)
    assert {who: vote["value"] for (who, idea), vote in found.items() if idea == "i0"} == dict.fromkeys(
        PEOPLE, -1
    )


async def test_a_part_without_copied_votes_takes_votes_at_once_and_what_has_nothing_to_copy_is_done(
    graph: Graph, few: list[int]
) -> None:
    await start(graph)
    made = await split(graph, copy_votes=False)
    few[:] = [0]
    with pytest.raises(Cut):
        await settle(graph, made)  # of the followers
    await graph.write(votes.cast_vote, voter="p6", idea=made.parts[0], value=1, now=at(21))
    assert await settle(graph, made)
    assert {(who, idea) for who, idea in await said(graph) if idea != "i0"} == {("p6", made.parts[0])}
    await fill(graph, [(who, "i0", UP) for who in PEOPLE])
    made = await split(graph, copy_votes=False)
    assert list((await graph.read(COUNTED, uid=made.uid))[0]) == [0, 0, None]
    assert await graph.read(WAITING) == []
    assert [row["kind"] for row in await graph.read(TOLD)] == ["SPLIT"]


async def test_what_people_say_of_a_part_after_a_split_keeps_it(graph: Graph) -> None:
    await start(graph)
    made = await split(graph, copy_votes=False)
    assert await settle(graph, made)
    assert {idea for _, idea in await said(graph)} == {"i0"}
    await graph.write(votes.cast_vote, voter="p6", idea=made.parts[0], value=1, now=at(21))
    with pytest.raises(NotAllowed, match="taken up"):
        await undo(graph, made)
    await graph.write(do, "MATCH (:Customer {uid: 'p6'})-[v:VOTED]->() DELETE v")
    await undo(graph, made)
    assert await settle(graph, made)
    assert await settle(graph, made)
    assert await graph.read("MATCH (i:Idea {uid: $uid}) RETURN i", uid=made.parts[0]) == []


async def test_a_part_that_is_to_go_is_published_to_nobody(graph: Graph) -> None:
    await start(graph)
    before = await everything_else(graph)
    made = await split(graph)
    await settle(graph, made)
    await undo(graph, made)
    given = {"uid": made.parts[0], "state": "PUBLISHED", "reason": "Fine.", "by": "mod", "now": at(31)}
    with pytest.raises(NotFound, match="There is no idea"):
        await graph.write(moderation.moderate, noun=Noun.IDEA, **given)
    await settle(graph, made)
    assert [row for row in await everything_else(graph) if "'SPLIT_UNDONE'" not in row] == before


async def test_a_comment_on_a_part_at_the_instant_of_the_undoing_returns_to_the_idea(graph: Graph) -> None:
    whole, ada = await idea(graph), await person(graph, "ada")
    made = await graph.write(
        splits.split, idea=whole, parts=[Part("Cups")], reason="two things", by="eve", now=at(20)
    )
    async with graph.transaction() as opened:
        await splits.undo(cast(Transaction, opened), split=made.uid or "", by="eve", now=at(30))
        given = {"idea": made.parts[0], "author": ada, "text": "Small ones!", "now": at(31)}
        adding = asyncio.create_task(graph.write(comments.comment_add, **given))
        await asyncio.sleep(0.3)  # it has seen the part as it was, and on Neo4j waits for its lock
        await opened.commit()
    said = await adding
    await settle(graph, made)
    found = await graph.read(WHERE, uid=said.uid)
    assert [tuple(row) for row in found] == [(whole, whole)]
