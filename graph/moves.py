"""Moves what customers said of ideas, votes and follows, to another idea and back; what stood before is kept.

A vote or follow that is moved leaves a record at each idea it concerned, `VOTED_BEFORE` or `FOLLOWED_BEFORE`
{merge, …} from the same customer: the way back needs nothing else, and who is erased takes theirs along.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from graph.driver import Transaction
from graph.rows import lists, run

Said = Mapping[str, Any]
Row = tuple[str, str, Said]  # the idea, who, and what they say of it
Left = Mapping[str, Sequence[Row]]  # by customer what is to be taken away once the rest is written


@dataclass(frozen=True, slots=True)
class Moved:
    """How many customers it gave a vote (or follow) at the other idea, and how many others of theirs it dropped."""

    moved: int
    dropped: int


@dataclass(frozen=True, slots=True)
class Kind:
    """How votes, or follows, are read and written, and which of a customer's several stands."""

    now: LiteralString
    there: LiteralString
    back: LiteralString
    told: LiteralString
    keep: LiteralString
    keep_again: LiteralString
    put: LiteralString
    take: LiteralString
    forget: LiteralString
    chosen: Callable[[Mapping[str, Said], str], str]
    restored: Callable[[Said, Said, Said], Said]


def _later(said: Mapping[str, Said], own: str) -> str:
    """The idea with the latest vote; undated is earliest, and on a tie the own one stands, then the first uid."""
    return max(sorted(said), key=lambda idea: (said[idea].get("at") or "", idea == own))


def _own(said: Mapping[str, Said], own: str) -> str:
    """The own follow, else one that is not muted, else the first."""
    return min(said, key=lambda idea: (idea != own, bool(said[idea].get("muted")), idea))


def _as_it_was(kept: Said, _was: Said, _now: Said) -> Said:
    return kept


def _still_muted(kept: Said, was: Said, now: Said) -> Said:
    """Who has said stop since hears of neither idea."""
    return {**kept, "muted": True} if now.get("muted") and not was.get("muted") else kept


THERE: LiteralString = """
UNWIND $ideas AS idea
MATCH (i:Idea {uid: idea})<-[:<now>]-(c)
RETURN collect(DISTINCT c.uid) AS people
"""
BACK: LiteralString = """
UNWIND $ideas AS idea
MATCH (i:Idea {uid: idea})<-[b:<before>]-(c) WHERE b.merge = $merge
RETURN collect(DISTINCT c.uid) AS people
"""
# From the customers: an idea of many votes is walked by none of these. One row is handed over soonest.
TOLD: LiteralString = """
UNWIND $people AS person
MATCH (c:Customer {uid: person})-[v:<now>|<before>]->(i)
WHERE i.uid IN $ideas AND (type(v) = '<now>' OR v.merge = $merge)
RETURN collect([person, i.uid, type(v), properties(v)]) AS told
"""
ENDS: LiteralString = "MATCH (i:Idea {uid: $idea}) UNWIND $rows AS r MATCH (c:Customer {uid: r.customer}) "
KEEP: LiteralString = ENDS + "CREATE (c)-[b:<before>]->(i) SET b = r.said"
KEEP_AGAIN: LiteralString = ENDS + "MATCH (c)-[b:<before> {merge: r.said.merge}]->(i) SET b = r.said"
PUT: LiteralString = ENDS + "MERGE (c)-[v:<now>]->(i) SET v = r.said"
TAKE: LiteralString = ENDS + "MATCH (c)-[v:<now>]->(i) WHERE <same> DELETE v"
FORGET: LiteralString = """
UNWIND $people AS person
MATCH (c:Customer {uid: person})-[b:<before>]->() WHERE b.merge = $merge DELETE b
"""


def _kind(
    now: LiteralString,
    before: LiteralString,
    chosen: Callable[[Mapping[str, Said], str], str],
    restored: Callable[[Said, Said, Said], Said],
    same: LiteralString,
) -> Kind:
    def of(query: LiteralString) -> LiteralString:
        return query.replace("<now>", now).replace("<before>", before).replace("<same>", same)

    return Kind(
        now=now,
        there=of(THERE),
        back=of(BACK),
        told=of(TOLD),
        keep=of(KEEP),
        keep_again=of(KEEP_AGAIN),
        put=of(PUT),
        take=of(TAKE),
        forget=of(FORGET),
        chosen=chosen,
        restored=restored,
    )


# The embedded engine compares no maps.
SAME_VOTE: LiteralString = """v.value = r.said.value AND coalesce(v.at, '') = coalesce(r.said.at, '')
AND coalesce(v.points, 0) = coalesce(r.said.points, 0)"""
SAME_FOLLOW: LiteralString = """coalesce(v.since, '') = coalesce(r.said.since, '')
AND coalesce(v.muted, false) = coalesce(r.said.muted, false)"""

VOTES = _kind("VOTED", "VOTED_BEFORE", _later, _as_it_was, SAME_VOTE)
FOLLOWS = _kind("FOLLOWS_IDEA", "FOLLOWED_BEFORE", _own, _still_muted, SAME_FOLLOW)

# As a vote does it: a record that stays as long as it was can be written beside others of its page.
HOLD_CUSTOMERS = (
    "UNWIND $uids AS uid MATCH (c:Customer {uid: uid}) SET c.touched = coalesce(c.touched, 0) + 1"
)


@dataclass(frozen=True, slots=True)
class Way:
    """Which ideas a merge (or split) concerns, and the one that it moves to (or copies of); when it was begun."""

    merge: str
    ideas: Sequence[str]
    to: str
    at: str = ""


async def put(tx: Transaction, kind: Kind, way: Way, people: Sequence[str]) -> tuple[Moved, Left]:
    """Give some people at one idea what they said of others, each once, and keep all for the way back.

    What they said of the others still stands there until `take`: the embedded engine lets a transaction that only adds
    to an idea pass beside others that do, and no other. To repeat it changes nothing. What a merge left behind, because
    it came in while that was written, may be moved later under its uid.
    """
    keep: list[Row] = []
    again: list[Row] = []
    given: list[Row] = []
    moved = dropped = 0
    told = await _told(tx, kind, way, people)
    for customer, (now, before) in told.items():
        fresh = {idea: said for idea, said in now.items() if idea != way.to and said != before.get(idea)}
        if not fresh:
            continue
        said = {**({way.to: now[way.to]} if way.to in now else {}), **fresh}
        moved += way.to not in now
        dropped += len(said) - 1
        if (stands := kind.chosen(said, way.to)) != way.to:
            given.append((way.to, customer, said[stands]))
        for idea in fresh if before else said:
            was = {**_newer(kind, before.get(idea), said[idea]), "merge": way.merge}
            (again if idea in before else keep).append((idea, customer, was))
    await _write(tx, kind.keep, keep)
    await _write(tx, kind.keep_again, again)
    await _write(tx, kind.put, given)
    return Moved(moved, dropped), {
        customer: [(idea, customer, said) for idea, said in now.items() if idea != way.to]
        for customer, (now, _) in told.items()
    }


async def put_back(tx: Transaction, kind: Kind, way: Way, people: Sequence[str]) -> Left:
    """Give some people back what a merge moved, at the idea where they had said it.

    What they changed at the original since stays there, and what they said of the others returns; what they
    took back since is taken back everywhere. What is left is what the merge gave them.
    """
    given: list[Row] = []
    left: dict[str, list[Row]] = {who: [] for who in people}
    for customer, (now, before) in (await _told(tx, kind, way, people)).items():
        if way.to not in now or not before:
            continue
        was, own = before[kind.chosen(before, way.to)], now[way.to]
        for idea, said in before.items():
            if idea == way.to:
                given += [(idea, customer, said)] if own == was else []
            elif idea not in now:
                given.append((idea, customer, kind.restored(said, was, own)))
        if way.to not in before and own == was:
            left[customer].append((way.to, customer, own))
    await _write(tx, kind.put, given)
    return left


async def take(tx: Transaction, kind: Kind, way: Way, left: Left, *, back: bool) -> None:
    """Take away what stands elsewhere by now, unless it was changed meanwhile; on the way back forget what was kept."""
    await run(tx, HOLD_CUSTOMERS, uids=sorted(left))
    await _write(tx, kind.take, [row for rows in left.values() for row in rows])
    if back:
        await run(tx, kind.forget, people=list(left), merge=way.merge)


async def copy(tx: Transaction, kind: Kind, way: Way, people: Sequence[str]) -> int:
    """Give some people at the parts of an idea what they say of it, if they say nothing there; how much that is.

    It is dated no later than the split: what was said of the idea while it was copied is no word on a part.
    """
    given: list[Row] = []
    for customer, (now, _) in (await _told(tx, kind, way, people)).items():
        if said := now.get(way.to):
            copied = {name: value for name, value in said.items() if name != "points"}  # they are spent once
            copied |= {name: min(copied[name], way.at) for name in ("at", "since") if name in copied}
            given += [(idea, customer, copied) for idea in way.ideas if idea not in now]
    await _write(tx, kind.put, given)
    return len(given)


async def take_copies(tx: Transaction, kind: Kind, way: Way, people: Sequence[str]) -> Left:
    """Take away what some people say at the parts."""
    told = await _told(tx, kind, way, people)
    copies = [(idea, who, said) for who, (now, _) in told.items() for idea, said in now.items()]
    await _write(tx, kind.take, [row for row in copies if row[0] != way.to])
    return {}


async def _told(
    tx: Transaction, kind: Kind, way: Way, people: Sequence[str]
) -> dict[str, tuple[dict[str, Said], dict[str, Said]]]:
    """By customer what they say, and what they said before this merge, of each idea; they are locked, by uid."""
    await run(tx, HOLD_CUSTOMERS, uids=sorted(people))
    told: dict[str, tuple[dict[str, Said], dict[str, Said]]] = {}
    ideas = [*way.ideas, way.to]
    [found] = await lists(tx, kind.told, people=list(people), ideas=ideas, merge=way.merge)
    for person, idea, type_, properties in found["told"]:
        said = {name: value for name, value in properties.items() if name != "merge"}
        told.setdefault(person, ({}, {}))[type_ != kind.now][idea] = said
    return told


async def _write(tx: Transaction, query: LiteralString, changed: Sequence[Row]) -> None:
    for idea in sorted({idea for idea, _, _ in changed}):
        these = [{"customer": customer, "said": said} for at, customer, said in changed if at == idea]
        await run(tx, query, idea=idea, rows=these)


def _newer(kind: Kind, before: Said | None, given: Said) -> Said:
    return given if before is None or kind.chosen({"": before, "given": given}, "") else before


CROWD = """
UNWIND $ideas AS idea
MATCH (i:Idea {uid: idea})
RETURN idea, [(i)<-[:VOTED]-(c) | c.uid] AS votes, [(i)<-[:FOLLOWS_IDEA]-(c) | c.uid] AS follows,
  [(i)<-[f:FOLLOWS_IDEA]-(c) WHERE f.muted | c.uid] AS muted, [(i)<-[:PROPOSED]-(c) | c.uid] AS proposed,
  [(i)<-[:ON_IDEA]-()<-[:COMMENTED]-(c) | c.uid] AS commented
"""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who voted on each of some ideas and who follows it, and how many people they concern who have not muted them."""

    votes: Mapping[str, Sequence[str]]
    follows: Mapping[str, Sequence[str]]
    told: int

    @staticmethod
    def moved(said: Mapping[str, Sequence[str]], to: str) -> Moved:
        """How many people a merge into one of the ideas gives a vote (or follow) there, and how many it drops."""
        there = set().union(*said.values())
        return Moved(len(there) - len(said[to]), sum(map(len, said.values())) - len(there))


async def read_crowd(tx: Transaction, ideas: Sequence[str]) -> Crowd:
    """Everybody who has something to do with these ideas: voted, proposed, commented or follows."""
    found = {row["idea"]: row for row in await lists(tx, CROWD, ideas=list(ideas))}
    told = set[str]()
    for row in found.values():
        told |= {*row["votes"], *row["follows"], *row["proposed"], *row["commented"]} - {*row["muted"]}
    votes, follows = ({idea: row[name] for idea, row in found.items()} for name in ("votes", "follows"))
    return Crowd(votes, follows, len(told))
