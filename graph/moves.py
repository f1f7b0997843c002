"""Moves what customers said of ideas, votes and follows, to another idea and back; what stood before is kept.

A vote or follow that is moved leaves a record at each idea it concerned, `VOTED_BEFORE` or `FOLLOWED_BEFORE`
{merge, …} from the same customer: the way back needs nothing else, and who is erased takes theirs along.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from graph.driver import Transaction
from graph.rows import rows, run

Said = Mapping[str, Any]
ROWS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Moved:
    """How many customers it gave a vote (or follow) at the other idea, and how many others of theirs it dropped."""

    moved: int
    dropped: int


@dataclass(frozen=True, slots=True)
class Kind:
    """How votes, or follows, are read and written, and which of a customer's several stands."""

    said: LiteralString
    said_by: LiteralString
    kept: LiteralString
    put: LiteralString
    take: LiteralString
    keep: LiteralString
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


# All ends are found by their keys before the relationship: else an idea of many votes is walked for each row.
SAID: LiteralString = """
UNWIND $ideas AS idea
MATCH (i:Idea {uid: idea})<-[v:<now>]-(c)
RETURN c.uid AS customer, idea, properties(v) AS said
"""
SAID_BY: LiteralString = """
UNWIND $customers AS customer
MATCH (c:Customer {uid: customer}) MATCH (i:Idea {uid: $idea}) MATCH (c)-[v:<now>]->(i)
RETURN customer, i.uid AS idea, properties(v) AS said
"""
KEPT: LiteralString = """
UNWIND $ideas AS idea
MATCH (i:Idea {uid: idea})<-[b:<before>]-(c) WHERE b.merge = $merge
RETURN c.uid AS customer, idea, properties(b) AS said
"""
PUT: LiteralString = """
UNWIND $rows AS r
MATCH (c:Customer {uid: r.customer}) MATCH (i:Idea {uid: r.idea}) MERGE (c)-[v:<now>]->(i) SET v = r.said
"""
TAKE: LiteralString = """
UNWIND $rows AS r
MATCH (c:Customer {uid: r.customer}) MATCH (i:Idea {uid: r.idea}) MATCH (c)-[v:<now>]->(i) DELETE v
"""
KEEP: LiteralString = """
UNWIND $rows AS r
MATCH (c:Customer {uid: r.customer}) MATCH (i:Idea {uid: r.idea})
MERGE (c)-[b:<before> {merge: r.said.merge}]->(i) SET b = r.said
"""
FORGET: LiteralString = """
UNWIND $ideas AS idea
MATCH (i:Idea {uid: idea})<-[b:<before>]-() WHERE b.merge = $merge DELETE b
"""
VOTES = Kind(
    said=SAID.replace("<now>", "VOTED"),
    said_by=SAID_BY.replace("<now>", "VOTED"),
    kept=KEPT.replace("<before>", "VOTED_BEFORE"),
    put=PUT.replace("<now>", "VOTED"),
    take=TAKE.replace("<now>", "VOTED"),
    keep=KEEP.replace("<before>", "VOTED_BEFORE"),
    forget=FORGET.replace("<before>", "VOTED_BEFORE"),
    chosen=_later,
    restored=_as_it_was,
)
FOLLOWS = Kind(
    said=SAID.replace("<now>", "FOLLOWS_IDEA"),
    said_by=SAID_BY.replace("<now>", "FOLLOWS_IDEA"),
    kept=KEPT.replace("<before>", "FOLLOWED_BEFORE"),
    put=PUT.replace("<now>", "FOLLOWS_IDEA"),
    take=TAKE.replace("<now>", "FOLLOWS_IDEA"),
    keep=KEEP.replace("<before>", "FOLLOWED_BEFORE"),
    forget=FORGET.replace("<before>", "FOLLOWED_BEFORE"),
    chosen=_own,
    restored=_still_muted,
)

# Takes the write lock and leaves no trace. As for a vote: the customer first, then the idea.
HOLD_CUSTOMERS = "UNWIND $uids AS uid MATCH (c:Customer {uid: uid}) SET c.held = true REMOVE c.held"
HOLD_IDEAS = "UNWIND $uids AS uid MATCH (i:Idea {uid: uid}) SET i.held = true REMOVE i.held"


async def hold(tx: Transaction, *, moving: Sequence[str], beside: str, merge: str | None = None) -> None:
    """Lock ideas, and before them those who voted on or follow the moving ones, or whom a merge moved; by uid."""
    people: set[str] = set()
    for kind in (VOTES, FOLLOWS):
        query = kind.kept if merge else kind.said
        people |= {row["customer"] for row in await rows(tx, query, ideas=list(moving), merge=merge)}
    for part in _parts(sorted(people)):
        await run(tx, HOLD_CUSTOMERS, uids=part)
    await run(tx, HOLD_IDEAS, uids=sorted([*moving, beside]))


async def move(
    tx: Transaction, kind: Kind, *, merge: str, ideas: Sequence[str], to: str, dry_run: bool = False
) -> Moved:
    """Move what was said of `ideas` to another one, each person's once, keeping all for the way back.

    What a merge left behind, because it came in while that was written, may be moved later under its uid.
    """
    moving = _by_customer(await rows(tx, kind.said, ideas=list(ideas)))
    own = await _said_by(tx, kind, moving, to)
    kept = _by_customer(await rows(tx, kind.kept, ideas=[*ideas, to], merge=merge))
    put, keep, dropped = [], [], 0
    for customer, said in moving.items():
        there = {to: own[customer]} if customer in own else {}
        stands = kind.chosen({**there, **said}, to)
        dropped += len(there) + len(said) - 1
        if stands != to:
            put.append(_row(customer, to, said[stands]))
        if before := kept.get(customer, {}):
            said = {idea: _newer(kind, before.get(idea), given) for idea, given in said.items()}
        else:
            said = {**there, **said}
        keep += [_row(customer, idea, {**given, "merge": merge}) for idea, given in said.items()]
    if not dry_run:
        await _write(tx, kind.keep, keep)
        await _write(
            tx, kind.take, [_row(customer, idea) for customer in moving for idea in moving[customer]]
        )
        await _write(tx, kind.put, put)
    return Moved(len(moving) - len(own), dropped)


async def move_back(tx: Transaction, kind: Kind, *, merge: str, ideas: Sequence[str], origin: str) -> None:
    """Put back what a merge moved.

    What its people changed at the original since stays there, and what they had said of the others returns; what
    they took back since is taken back everywhere.
    """
    kept = _by_customer(await rows(tx, kind.kept, ideas=[*ideas, origin], merge=merge))
    own = await _said_by(tx, kind, kept, origin)
    there = _by_customer(await rows(tx, kind.said, ideas=list(ideas)))
    put, take = [], []
    for customer, said in kept.items():
        if customer not in own:
            continue
        was, now = said[kind.chosen(said, origin)], own[customer]
        for idea, given in said.items():
            if idea == origin:
                put += [_row(customer, idea, given)] if now == was else []
            elif idea not in there.get(customer, {}):
                put.append(_row(customer, idea, kind.restored(given, was, now)))
        if now == was and origin not in said:
            take.append(_row(customer, origin))
    await _write(tx, kind.take, take)
    await _write(tx, kind.put, put)
    await run(tx, kind.forget, ideas=[*ideas, origin], merge=merge)


async def _said_by(tx: Transaction, kind: Kind, customers: Iterable[str], idea: str) -> dict[str, Said]:
    """What these customers say of one idea."""
    found: dict[str, Said] = {}
    for part in _parts(list(customers)):
        given = await rows(tx, kind.said_by, customers=part, idea=idea)
        found |= {row["customer"]: row["said"] for row in given}
    return found


async def _write(tx: Transaction, query: LiteralString, changed: Sequence[Mapping[str, Any]]) -> None:
    for part in _parts(changed):
        await run(tx, query, rows=part)


def _by_customer(found: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Said]]:
    """By customer and idea; without the uid of the merge, which only a record has."""
    told: dict[str, dict[str, Said]] = {}
    for row in found:
        said = {name: value for name, value in row["said"].items() if name != "merge"}
        told.setdefault(row["customer"], {})[row["idea"]] = said
    return told


def _newer(kind: Kind, before: Said | None, given: Said) -> Said:
    return given if before is None or kind.chosen({"": before, "given": given}, "") else before


def _row(customer: str, idea: str, said: Said | None = None) -> dict[str, Any]:
    return {"customer": customer, "idea": idea, "said": said}


def _parts(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (values[at : at + ROWS_AT_ONCE] for at in range(0, len(values), ROWS_AT_ONCE))
