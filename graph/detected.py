"""Communities found in the ties: read as they are kept, and changed into what a run has found."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from graph import influence, publication
from graph.driver import Graph, Transaction
from graph.records import new_uid
from graph.rows import run as execute
from graph.text import fold

Row = dict[str, Any]

PREFIX = "detected-"
OURS = re.compile(r"detected-([1-9][0-9]{0,14})", re.ASCII)
ROWS_PER_WRITE = 10_000

# What people declared under such an id keeps it: its number is never given.
KEPT = """
MATCH (g:Community)
WHERE g.externalId STARTS WITH $prefix
CALL (g) {
  MATCH (c:Customer)-[m:MEMBER_OF]->(g)
  RETURN collect(c.uid) AS members, collect(CASE WHEN m.past THEN c.uid END) AS past
}
CALL (g) { MATCH (c:Customer)-[:WILL_BE_MEMBER_OF]->(g) RETURN collect(c.uid) AS later }
RETURN g.externalId AS externalId, g.kind = 'DETECTED' AS detected, members, past, later
"""
NEXT = "MATCH (p:Publication {name: 'communities'}) RETURN p.next AS next"


@dataclass(frozen=True, slots=True)
class Detected:
    """The members of each detected community by its number, and the first number that was never given.

    `present` are those that the last run at present left, whatever runs as of the past have found since; a
    community that only these found is not there.
    """

    members: dict[int, set[str]]
    present: dict[int, set[str]]
    fresh: int


async def read(graph: Graph) -> Detected:
    """What the last run left, also if it came back by an import."""
    members: dict[int, set[str]] = {}
    present: dict[int, set[str]] = {}
    row = await graph.read_one(NEXT)
    fresh = row["next"] if row and row["next"] else 1
    async for external_id, is_detected, uids, past, later in graph.stream(KEPT, prefix=PREFIX):
        if ours := OURS.fullmatch(external_id):
            fresh = max(fresh, int(ours[1]) + 1)
            if is_detected:
                members[int(ours[1])] = set(uids)
                if now := set(uids) - set(past) | set(later):
                    present[int(ours[1])] = now
    return Detected(members, present, fresh)


NAMES = """
UNWIND $uids AS uid
MATCH (c:Customer {uid: uid})
RETURN uid, coalesce(c.name, c.externalId) AS name
"""


async def names(graph: Graph, uids: Sequence[str]) -> dict[str, str]:
    """What customers are called, by uid."""
    return {row["uid"]: row["name"] for row in await graph.read(NAMES, uids=list(uids))}


# First, so that no other number is given to a community that a killed run had begun.
REMEMBER = "MERGE (p:Publication {name: 'communities'}) SET p.next = $next"

KEEP = """
UNWIND $rows AS row
MERGE (g:Community {externalId: row.externalId})
ON CREATE SET g.uid = row.uid, g.createdAt = $now, g.kind = 'DETECTED', g.name = row.name, g.nameKey = row.nameKey
"""

# What holds at present stays beside what held then, with its scores: they are good until others are published.
SET_ASIDE = """
UNWIND $rows AS row
MATCH (c:Customer {uid: row.customer})-[m:MEMBER_OF]->(g:Community {externalId: row.community, kind: 'DETECTED'})
MERGE (c)-[w:WILL_BE_MEMBER_OF]->(g)
SET w += properties(m), w.scoredBy = $scored
DELETE m
"""

TAKE_BACK = """
UNWIND $rows AS row
MATCH (c:Customer {uid: row.customer})-[w:WILL_BE_MEMBER_OF]->
      (g:Community {externalId: row.community, kind: 'DETECTED'})
MERGE (c)-[m:MEMBER_OF]->(g)
SET m += CASE WHEN w.scoredBy = $scored THEN properties(w)
              ELSE {community: w.community, since: w.since, role: w.role} END
REMOVE m.scoredBy
DELETE w
"""

LEAVE = """
UNWIND $rows AS row
MATCH (:Customer {uid: row.customer})-[m:MEMBER_OF|WILL_BE_MEMBER_OF]->
      (:Community {externalId: row.community, kind: 'DETECTED'})
DELETE m
"""

JOIN = """
UNWIND $rows AS row
MATCH (c:Customer {uid: row.customer}) MATCH (g:Community {externalId: row.community, kind: 'DETECTED'})
MERGE (c)-[m:MEMBER_OF]->(g)
SET m.community = g.uid, m.since = CASE WHEN m.past THEN row.since ELSE coalesce(m.since, row.since) END,
    m.past = row.past
"""

END = "UNWIND $rows AS row MATCH (g:Community {externalId: row.community, kind: 'DETECTED'}) DETACH DELETE g"


UIDS = "MATCH (g:Community {kind: 'DETECTED'}) RETURN g.uid AS uid"


async def uids(graph: Graph) -> set[str]:
    """The uids of all detected communities."""
    return {row["uid"] for row in await graph.read(UIDS)}


RENAME = """
UNWIND $rows AS row
MATCH (g:Community {externalId: row.externalId, kind: 'DETECTED'})
SET g.name = row.name, g.nameKey = row.nameKey
"""


async def rename(graph: Graph, titles: dict[int, str], *, now: str) -> None:
    """Give detected communities these titles; those that ended meanwhile stay away."""
    rows = [
        {"externalId": f"{PREFIX}{number}", "name": title, "nameKey": fold(title)}
        for number, title in titles.items()
    ]
    for first in range(0, len(rows), ROWS_PER_WRITE):
        await graph.write(_some, RENAME, rows[first : first + ROWS_PER_WRITE], now)


async def change(
    graph: Graph,
    before: Detected,
    members: dict[int, set[str]],
    titles: dict[int, str],
    *,
    past: str | None,
    ended: set[int],
    fresh: int,
    now: str,
) -> None:
    """Make the detected communities those with these members, new ones by these titles; repeated, it ends the same.

    Those of a `past` instant take nothing from the present: who is a member only now is set aside until the next
    run at present, and a community that was not there yet stays without members.
    """
    kept = [
        {"externalId": f"{PREFIX}{number}", "uid": new_uid(), "name": title, "nameKey": fold(title)}
        for number, title in titles.items()
    ]
    aside, back, left, joined = list[Row](), list[Row](), list[Row](), list[Row]()
    for number in sorted((before.members.keys() | members.keys()) - ended):
        found, shown, known = (each.get(number, set()) for each in (members, before.members, before.present))
        if past is not None:
            aside += _rows(number, (shown & known) - found)
            left += _rows(number, shown - known - found)
            joined += _rows(number, found - known - shown, past=True, since=past)
        else:
            left += _rows(number, (shown | known) - found)
            joined += _rows(number, found - known, past=None, since=now)
        back += _rows(number, (found & known) - shown)
    scores = await publication.current(graph, influence.NAME)
    await graph.write(_remember, fresh)
    steps: list[tuple[LiteralString, list[Row]]] = [
        (KEEP, kept),
        (SET_ASIDE, aside),
        (LEAVE, left),
        (TAKE_BACK, back),
        (JOIN, joined),
        (END, [{"community": f"{PREFIX}{number}"} for number in sorted(ended)]),
    ]
    for query, rows in steps:
        for first in range(0, len(rows), ROWS_PER_WRITE):
            await graph.write(
                _some, query, rows[first : first + ROWS_PER_WRITE], now, scores.run if scores else ""
            )


def _rows(number: int, customers: set[str], **more: Any) -> list[Row]:
    return [{"customer": uid, "community": f"{PREFIX}{number}", **more} for uid in sorted(customers)]


async def _remember(tx: Transaction, fresh: int) -> None:
    await execute(tx, REMEMBER, next=fresh)


async def _some(tx: Transaction, query: LiteralString, rows: list[Row], now: str, scored: str = "") -> None:
    await execute(tx, query, rows=rows, now=now, scored=scored)
