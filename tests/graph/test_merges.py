"""Merging ideas counts each person once, and undoing it gives back what was; compared with a model in Python."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from itertools import permutations, product
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from graph import merges, moving, votes
from graph.driver import Graph, Transaction
from graph.errors import Closed, Invalid, NotAllowed, NotFound
from graph.merges import Merge
from tests.conftest import EMPTY

PEOPLE, IDEAS = tuple(f"p{n}" for n in range(7)), ("i0", "i1", "i2", "i3")
FILL = """
CREATE (h:Challenge {uid: 'h', externalId: 'h'}), (:Challenge {uid: 'other', externalId: 'other'})
WITH h UNWIND $ideas AS idea
CREATE (:Idea {uid: idea, externalId: idea, status: 'OPEN'})-[:IN_CHALLENGE]->(h)
WITH count(*) AS made UNWIND $people AS person
CREATE (:Customer {uid: person, externalId: person})
"""
SAY = """
UNWIND $votes AS row
MATCH (c:Customer {uid: row[0]}) MATCH (i:Idea {uid: row[1]})
CREATE (c)-[v:VOTED]->(i) SET v = row[2]
"""
FOLLOW = """
UNWIND $follows AS row
MATCH (c:Customer {uid: row[0]}) MATCH (i:Idea {uid: row[1]})
CREATE (c)-[f:FOLLOWS_IDEA]->(i) SET f = row[2]
"""
VOTED = "MATCH (c)-[v:VOTED]->(i) RETURN c.uid AS who, i.uid AS idea, properties(v) AS said"
FOLLOWED = "MATCH (c)-[v:FOLLOWS_IDEA]->(i) RETURN c.uid AS who, i.uid AS idea, properties(v) AS said"
LEADS = "MATCH (d)-[:DUPLICATE_OF]->(o) RETURN d.uid AS idea, o.uid AS original"
ALL = """
MATCH (a)-[r]->(b) WHERE NOT a:IdeaMerge AND NOT a:Notice
RETURN type(r) AS type, a.uid AS start, b.uid AS end, properties(r) AS own
"""
NODES = "MATCH (n) WHERE n:Idea OR n:Customer RETURN properties(n) AS own"
TOUCHED = ("wordedAt", "touched")  # when a search has to look at the idea again, and locks
Pair = tuple[str, str]


def examples(count: int) -> settings:
    """So many, always the same, on one emptied graph; shrinking would ask a database thousands of times."""
    phases = [Phase.explicit, Phase.generate]
    return settings(
        max_examples=count, derandomize=True, suppress_health_check=list(HealthCheck), phases=phases
    )


def at(second: int) -> str:
    return f"2026-01-01T00:00:{second:02}.000Z"


async def do(tx: Transaction, query: str, /, **parameters: Any) -> None:
    await (await tx.run(query, **parameters)).consume()


async def fill(graph: Graph, said: Any = (), follows: Any = ()) -> None:
    await graph.write(do, EMPTY)
    await graph.write(do, FILL, ideas=IDEAS, people=PEOPLE)
    await graph.write(do, SAY, votes=[list(row) for row in said])
    await graph.write(do, FOLLOW, follows=[list(row) for row in follows])


async def begin(graph: Graph, ideas: Any, original: str, second: int = 50, **more: Any) -> Merge:
    return await graph.write(
        merges.merge,
        duplicates=ideas,
        original=original,
        reason="the same",
        by="eve",
        now=at(second),
        **more,
    )


async def merge(graph: Graph, ideas: Any, original: str, second: int = 50, **more: Any) -> Merge:
    made = await begin(graph, ideas, original, second, **more)
    if made.uid:
        assert await moving.settle(graph, moving.MERGE, uid=made.uid)
    return made


async def begin_undo(graph: Graph, uid: str | None, second: int = 55) -> str:
    return await graph.write(merges.undo, merge=uid or "", by="eve", now=at(second))


async def undo(graph: Graph, uid: str | None, second: int = 55) -> str:
    origin = await begin_undo(graph, uid, second)
    assert await moving.settle(graph, moving.MERGE, uid=uid or "")
    return origin


async def said(graph: Graph, query: str = VOTED) -> dict[Pair, dict[str, Any]]:
    """What is said by person and idea, each pair at most once."""
    rows = await graph.read(query)
    found = {(row["who"], row["idea"]): row["said"] for row in rows}
    assert len(found) == len(rows)
    return found


async def everything(graph: Graph) -> list[str]:
    rows = [*await graph.read(ALL), *await graph.read(NODES)]
    for row in rows:
        for name in TOUCHED:
            row["own"].pop(name, None)
    return sorted(repr(sorted(dict(row).items())) for row in rows)


@dataclass
class Done:
    """A merge of the model: what its people said before it, and where everything led."""

    ideas: tuple[str, ...]
    original: str
    before: dict[str, dict[str, Any]]
    after: dict[str, Any]
    leads: dict[str, str | None]
    uid: str | None = None


@dataclass
class Model:
    """Votes, merges and their undoing as plain dicts."""

    votes: dict[Pair, dict[str, Any]] = field(default_factory=dict)
    leads: dict[str, str] = field(default_factory=dict)
    done: list[Done] = field(default_factory=list)

    def merge(self, ideas: tuple[str, ...], original: str) -> Done:
        before: dict[str, dict[str, Any]] = {}
        for (who, idea), vote in self.votes.items():
            if idea in (*ideas, original):
                before.setdefault(who, {})[idea] = vote
        before = {who: each for who, each in before.items() if set(each) - {original}}
        after = {}
        for who, each in before.items():
            latest = max(vote.get("at", "") for vote in each.values())
            tied = sorted(idea for idea, vote in each.items() if vote.get("at", "") == latest)
            after[who] = each[original if original in tied else tied[0]]
            self.votes = {
                key: vote for key, vote in self.votes.items() if key[0] != who or key[1] not in each
            }
            self.votes[who, original] = after[who]
        moved = [*ideas, *(idea for idea, to in self.leads.items() if to in ideas)]
        made = Done(ideas, original, before, after, {idea: self.leads.get(idea) for idea in moved})
        self.leads |= dict.fromkeys(moved, original)
        self.done.append(made)
        return made

    def undo(self, done: Done) -> None:
        for who, each in done.before.items():
            now = self.votes.get((who, done.original))
            if now is None:
                continue
            if now == done.after[who]:
                del self.votes[who, done.original]
                self.votes |= {(who, idea): vote for idea, vote in each.items()}
            else:
                self.votes |= {(who, idea): vote for idea, vote in each.items() if idea != done.original}
        for idea, to in done.leads.items():
            self.leads = {one: lead for one, lead in self.leads.items() if one != idea}
            self.leads |= {idea: to} if to else {}
        self.done.remove(done)

    def is_last(self, done: Done) -> bool:
        mine = [each for each in self.done if done.original in (*each.ideas, each.original)]
        return mine[-1] is done


VOTE = st.fixed_dictionaries(
    {"value": st.sampled_from((-1, 0, 1))},
    optional={"at": st.integers(1, 2).map(at), "points": st.integers(1, 3)},
)
PAIRS = st.tuples(st.sampled_from(PEOPLE[:3]), st.sampled_from(IDEAS))


def drawn(chance: Random) -> dict[Pair, dict[str, Any]]:
    """Votes of most people on most ideas, some undated, some of the same instant, some with points."""
    found = {}
    for pair in product(PEOPLE[:3], IDEAS):
        vote = {"value": chance.choice((-1, 0, 1)), "at": chance.choice((None, at(1), at(2)))}
        vote["points"] = chance.choice((None, 2))
        if chance.random() < 0.6:
            found[pair] = {name: value for name, value in vote.items() if value is not None}
    return found


@examples(15)
@given(seed=st.integers(0, 2**32))
async def test_votes_merges_and_undoing_are_as_in_the_model(graph: Graph, seed: int) -> None:
    chance = Random(seed)
    model = Model(drawn(chance))
    await fill(graph, [(*pair, vote) for pair, vote in model.votes.items()])
    for second in range(10, 20):
        step = chance.random()
        if step < 0.5:
            pair = (chance.choice(PEOPLE[:3]), chance.choice(IDEAS))
            await _vote(graph, model, pair, chance.choice((-1, 1, None)), second)
        elif step < 0.8:
            *ideas, original = chance.sample(IDEAS, chance.choice((2, 2, 3)))
            await _merge(graph, model, tuple(ideas), original, second)
        elif model.done:
            await _undo(graph, model, chance.choice(model.done), second)
        assert await said(graph) == model.votes
        assert {row["idea"]: row["original"] for row in await graph.read(LEADS)} == model.leads
        assert not any(idea in model.leads for _, idea in model.votes)
    while model.done:
        await _undo(graph, model, model.done[-1], 40)
    assert await said(graph) == model.votes
    assert {row["idea"]: row["original"] for row in await graph.read(LEADS)} == {}
    assert await graph.read("MATCH ()-[b:VOTED_BEFORE]->() RETURN b.at AS at") == []


async def _vote(graph: Graph, model: Model, pair: Pair, value: int | None, second: int) -> None:
    cast = graph.write(votes.cast_vote, voter=pair[0], idea=pair[1], value=value, now=at(second))
    if pair[1] in model.leads:
        with pytest.raises(Closed, match=model.leads[pair[1]]):
            await cast
        await _vote(graph, model, (pair[0], model.leads[pair[1]]), value, second)
        return
    await cast
    before = model.votes.get(pair, {})
    if value is None:
        model.votes.pop(pair, None)
    elif (before.get("value"), before.get("points")) != (value, None):
        model.votes[pair] = {"value": value, "at": at(second)}


async def _merge(graph: Graph, model: Model, ideas: tuple[str, ...], original: str, second: int) -> None:
    if {original, *ideas} & set(model.leads):
        with pytest.raises(NotAllowed, match="is merged into"):
            await merge(graph, ideas, original, second)
        return
    people = {who for who, idea in model.votes if idea in (*ideas, original)}
    shown = await merge(graph, ideas, original, second, dry_run=True)
    assert await said(graph) == model.votes
    on = len([idea for _, idea in model.votes if idea in ideas])
    made = model.merge(ideas, original)
    kept = await merge(graph, ideas, original, second)
    made.uid = kept.uid
    assert kept == Merge(kept.uid, original, shown.votes_moved, shown.votes_dropped, 0, shown.told)
    assert kept.votes_moved + kept.votes_dropped == on
    assert {who for who, idea in model.votes if idea == original} == people


async def _undo(graph: Graph, model: Model, done: Done, second: int) -> None:
    if model.is_last(done):
        await undo(graph, done.uid, second)
        model.undo(done)
    else:
        with pytest.raises(NotAllowed, match="undo that one first"):
            await undo(graph, done.uid, second)


@examples(10)
@given(
    cast=st.dictionaries(PAIRS, VOTE, min_size=4, max_size=12),
    followed=st.dictionaries(
        PAIRS, st.fixed_dictionaries({"since": st.just(at(1)), "muted": st.booleans()}), max_size=8
    ),
)
async def test_merge_then_undo_is_identity(graph: Graph, cast: Any, followed: Any) -> None:
    await fill(
        graph, [(*pair, vote) for pair, vote in cast.items()], [(*key, own) for key, own in followed.items()]
    )
    before = await everything(graph)
    inner = await merge(graph, ["i3"], "i2")
    outer = await merge(graph, ["i1", "i2"], "i0")
    assert {idea for _, idea in await said(graph, FOLLOWED)} <= {"i0"}
    for uid in (outer.uid, inner.uid):
        assert await undo(graph, uid) == ("i0" if uid == outer.uid else "i2")
    assert await everything(graph) == before
    await undo(graph, outer.uid)
    assert await everything(graph) == before


@examples(4)
@given(
    cast=st.lists(st.tuples(PAIRS, st.sampled_from((-1, 0, 1))), max_size=8, unique_by=lambda row: row[0]),
    data=st.data(),
)
async def test_any_order_of_votes_and_merges_gives_the_same_tally(
    graph: Graph, cast: Any, data: st.DataObject
) -> None:
    dated = [(pair, value, at(second)) for second, (pair, value) in enumerate(cast)]
    tallies = []
    for order in list(permutations(("i1", "i2", "i3")))[:2]:
        await fill(graph)
        for (who, idea), value, now in data.draw(st.permutations(dated)):
            await graph.write(votes.cast_vote, voter=who, idea=idea, value=value, now=now)
        for idea in order:
            await merge(graph, [idea], "i0")
        tallies.append(await said(graph))
    await fill(graph)
    for (who, idea), value, now in dated:
        await graph.write(votes.cast_vote, voter=who, idea=idea, value=value, now=now)
    await merge(graph, ["i3", "i1", "i2"], "i0")
    assert tallies == [await said(graph)] * 2
    assert len(tallies[0]) == len({who for who, _ in tallies[0]})


async def test_what_people_did_after_a_merge_stands_when_it_is_undone(graph: Graph) -> None:
    up, down = {"value": 1, "at": at(2)}, {"value": -1, "at": at(1)}
    only = {("p0", "i0"): up, ("p1", "i0"): up, ("p2", "i0"): up}  # stays, changes, withdraws
    tied = {
        ("p3", "i0"): {"value": 1},
        ("p3", "i1"): {"value": -1, "points": 3},
    }  # undated: the own one stands
    both = {(who, "i0"): up for who in PEOPLE[4:]} | {
        (who, "i1"): down for who in PEOPLE[4:]
    }  # the same three
    start = only | tied | both
    await fill(graph, [(*pair, vote) for pair, vote in start.items()])
    made = await merge(graph, ["i0"], "i1")
    assert (made.votes_moved, made.votes_dropped, made.told) == (3, 4, 7)
    merged = {(who, "i1"): up for who in PEOPLE} | {("p3", "i1"): tied["p3", "i1"]}
    assert await said(graph) == merged
    for who, value in (("p1", -1), ("p2", None), ("p5", None), ("p6", 0)):
        await graph.write(votes.cast_vote, voter=who, idea="i1", value=value, now=at(52))
    await undo(graph, made.uid)
    gone = {("p2", "i0"), ("p5", "i0"), ("p5", "i1")}
    stands = {pair: vote for pair, vote in start.items() if pair not in gone}
    assert await said(graph) == stands | {
        (who, "i1"): {"value": value, "at": at(52)} for who, value in (("p1", -1), ("p6", 0))
    }


async def test_who_says_stop_after_a_merge_hears_of_neither_idea_after_its_undoing(graph: Graph) -> None:
    await fill(graph, follows=[("p0", "i1", {"since": at(1), "muted": False})])
    made = await merge(graph, ["i1"], "i0")
    assert (made.followers_moved, made.told) == (1, 1)
    await graph.write(do, "MATCH ()-[f:FOLLOWS_IDEA]->(:Idea {uid: 'i0'}) SET f.muted = true")
    await undo(graph, made.uid)
    stopped = {"since": at(1), "muted": True}
    assert await said(graph, FOLLOWED) == {("p0", "i0"): stopped, ("p0", "i1"): stopped}


async def test_everybody_concerned_is_counted_once_and_who_muted_an_idea_not_for_it(graph: Graph) -> None:
    await fill(
        graph,
        [("p0", "i0", {"value": 1}), ("p0", "i1", {"value": 1}), ("p1", "i1", {"value": 1})],
        [("p1", "i1", {"muted": True}), ("p2", "i1", {"muted": False})],
    )
    comment = "MATCH (c {uid: 'p3'}), (i {uid: 'i1'}) CREATE (c)-[:COMMENTED]->(:Comment {uid: 'k'})-[:ON_IDEA]->(i)"
    await graph.write(do, comment)
    assert (await merge(graph, ["i1"], "i0", dry_run=True)).told == 3


async def test_only_ideas_of_one_challenge_are_merged_and_a_reason_is_needed(graph: Graph) -> None:
    await fill(graph)
    elsewhere = """
    MATCH (i:Idea {uid: 'i1'})-[r:IN_CHALLENGE]->(), (h:Challenge {uid: 'other'})
    DELETE r CREATE (i)-[:IN_CHALLENGE]->(h)"""
    await graph.write(do, elsewhere)
    with pytest.raises(Invalid, match="another challenge"):
        await merge(graph, ["i1"], "i0")
    with pytest.raises(NotFound):
        await merge(graph, ["nothing"], "i0")
    with pytest.raises(NotFound):
        await undo(graph, "nothing")
    with pytest.raises(Invalid, match="of itself"):
        await merge(graph, ["i0"], "i0")
    with pytest.raises(Invalid, match="one duplicate"):
        await merge(graph, [], "i0")
    with pytest.raises(Invalid, match="reason"):
        await graph.write(merges.merge, duplicates=["i2"], original="i0", reason=" ", by="eve", now=at(9))


async def test_a_vote_that_came_in_meanwhile_is_carried_along_and_comes_back(graph: Graph) -> None:
    """As two transactions leave it that did not see each other, or an import of older votes."""
    await fill(graph, [("p0", "i0", {"value": -1, "at": at(2)})])
    inner, outer = await merge(graph, ["i2"], "i1"), await merge(graph, ["i1"], "i0")
    late = [("p0", "i2", {"value": 1, "at": at(3)}), ("p1", "i2", {"value": 0, "at": at(1)})]
    await graph.write(do, SAY, votes=[list(row) for row in late])
    await moving.settle_all(graph)
    assert await said(graph) == {(who, "i0"): vote for who, _, vote in late}
    await undo(graph, outer.uid)
    await undo(graph, inner.uid)
    before = {("p0", "i0"): {"value": -1, "at": at(2)}}
    assert await said(graph) == before | {(who, idea): vote for who, idea, vote in late}


class Cut(Exception):
    """The process ended here, before the commit."""


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Two people a transaction; as many of these as the list says are done before one is cut off, if it says so."""
    left: list[int] = []
    hold = moving._holds

    async def cut(*args: Any, **more: Any) -> bool:
        if left and not left[0]:
            left.clear()
            raise Cut
        left[:] = [each - 1 for each in left]
        return await hold(*args, **more)

    monkeypatch.setattr(moving, "_holds", cut)
    monkeypatch.setattr(moving, "PEOPLE_AT_ONCE", 2)
    return left


CHANGE = "MATCH (:Customer {uid: 'p0'})-[v:VOTED]->(:Idea {uid: $idea}) SET v = $said"
COUNTED = "MATCH (m:IdeaMerge {uid: $uid}) RETURN m.votesMoved, m.votesDropped, m.followersMoved, m.moving"
WAITING = "MATCH (e:Event) WHERE e.kind = 'IDEA_MERGE' AND e.doneAt IS NULL RETURN e.dispatchedAt AS handed"


async def test_a_merge_that_is_cut_off_anywhere_goes_on_or_back_as_if_it_had_not_been(
    graph: Graph, few: list[int]
) -> None:
    up, down = {"value": 1, "at": at(2)}, {"value": -1, "at": at(1)}
    start = [(who, "i1", up) for who in PEOPLE[:5]] + [(who, "i0", down) for who in PEOPLE[2:5]]
    await fill(graph, start, [(who, "i1", {"since": at(1), "muted": False}) for who in PEOPLE[:2]])
    before = await everything(graph)
    for cut in (1, 3, 5):  # given but not taken, followers and voters; the last one does not come to its end
        uid = (await begin(graph, ["i1"], "i0")).uid or ""
        few[:] = [cut]
        with pytest.raises(Cut):
            await moving.settle(graph, moving.MERGE, uid=uid)
        with pytest.raises(Closed):
            await graph.write(votes.cast_vote, voter="p0", idea="i1", value=-1, now=at(51))
        for ideas, original in ((["i2"], "i0"), (["i0"], "i3")):
            with pytest.raises(NotAllowed, match="still moves votes"):
                await begin(graph, ideas, original)
        if cut == 1:
            assert not await moving.settle(
                graph, moving.MERGE, uid=uid, seconds=0
            )  # a worker is to do it now
            assert [row["handed"] for row in await graph.read(WAITING)] == [None]
        if cut != 5:
            await asyncio.gather(*(moving.settle(graph, moving.MERGE, uid=uid) for _ in range(cut // 2 + 1)))
            assert list((await graph.read(COUNTED, uid=uid))[0]) == [2, 3, 2, None]
            assert await said(graph) == {(who, "i0"): up for who in PEOPLE[:5]}
        await begin_undo(graph, uid)
        few[:] = [cut]
        with pytest.raises(Cut):
            await moving.settle(graph, moving.MERGE, uid=uid)
        await moving.settle_all(graph)
        assert await everything(graph) == before
        assert await graph.read(WAITING) == []
    told = await graph.read("MATCH (n:Notice) RETURN n.kind AS kind")
    assert Counter(row["kind"] for row in told) == {"MERGED": 2, "MERGE_UNDONE": 2}


async def test_what_comes_in_between_the_two_transactions_of_a_part_is_moved_as_well_or_stays(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    up, later, last = ({"value": 1 - 2 * (n % 2), "at": at(n)} for n in (2, 41, 52))
    hold = moving._holds
    parts = 0

    async def come_in(idea: str, said: dict[str, Any]) -> None:
        nonlocal parts
        parts = 0

        async def beside(*args: Any, **more: Any) -> bool:
            nonlocal parts
            if (parts := parts + 1) == 2:  # as an import, which locks the idea and not the customer
                await graph.write(do, CHANGE, idea=idea, said=said)
            return await hold(*args, **more)

        monkeypatch.setattr(moving, "_holds", beside)

    await fill(graph, [("p0", "i1", up), ("p1", "i1", up)])
    await come_in("i1", later)
    made = await merge(graph, ["i1"], "i0")
    assert await said(graph) == {("p0", "i0"): later, ("p1", "i0"): up}
    await come_in("i0", last)
    await undo(graph, made.uid)
    assert await said(graph) == {("p0", "i0"): last, ("p0", "i1"): later, ("p1", "i1"): up}


@pytest.mark.usefixtures("few")
async def test_merges_and_votes_at_once_lose_and_double_nothing(graph: Graph) -> None:
    await fill(graph, [(who, idea, {"value": 1, "at": at(1)}) for who in PEOPLE for idea in IDEAS])

    async def vote(who: str, idea: str, value: int) -> None:
        try:
            await graph.write(votes.cast_vote, voter=who, idea=idea, value=value, now=at(30))
        except Closed:
            await graph.write(votes.cast_vote, voter=who, idea="i0", value=value, now=at(30))

    async def join(idea: str, other: str) -> None:
        try:
            await merge(graph, [idea], other)
        except NotAllowed:
            return

    crossing = [join("i1", "i2"), join("i2", "i1"), join("i3", "i0")]
    await asyncio.gather(*crossing, *(vote(who, idea, -1) for who in PEOPLE for idea in ("i0", "i3")))
    leads = {row["idea"]: row["original"] for row in await graph.read(LEADS)}
    assert leads in ({"i1": "i2", "i3": "i0"}, {"i2": "i1", "i3": "i0"})
    await moving.settle_all(graph)
    found = await said(graph)
    assert Counter(idea for _, idea in found) == {"i0": 7, next(iter({"i1", "i2"} - set(leads))): 7}
    assert {vote["value"] for (_, idea), vote in found.items() if idea == "i0"} == {-1}
