"""Communities found in the ties: read as they are kept, and changed into what a run has found."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from graph.driver import Graph, Transaction
from graph.records import new_uid
from graph.rows import run as execute
from graph.text import fold

PREFIX = "detected-"
OURS = re.compile(r"detected-([1-9][0-9]{0,14})", re.ASCII)
ROWS_PER_WRITE = 10_000

# What people declared under such an id keeps it: its number is never given.
KEPT = """
MATCH (g:Community)
WHERE g.externalId STARTS WITH $prefix
CALL (g) { MATCH (c:Customer)-[:MEMBER_OF]->(g) RETURN collect(c.uid) AS members }
RETURN g.externalId AS externalId, g.kind = 'DETECTED' AS detected, members
"""
NEXT = "MATCH (p:Publication {name: 'communities'}) RETURN p.next AS next"


@dataclass(frozen=True, slots=True)
class Detected:
    """The members of each detected community by its number, and the first number that was never given."""

    members: dict[int, set[str]]
    fresh: int


async def read(graph: Graph) -> Detected:
    """What the last run left, also if it came back by an import."""
    members: dict[int, set[str]] = {}
    row = await graph.read_one(NEXT)
    fresh = row["next"] if row and row["next"] else 1
    async for external_id, is_detected, uids in graph.stream(KEPT, prefix=PREFIX):
        if ours := OURS.fullmatch(external_id):
            fresh = max(fresh, int(ours[1]) + 1)
            if is_detected:
                members[int(ours[1])] = set(uids)
    return Detected(members, fresh)


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

LEAVE = """
UNWIND $rows AS row
MATCH (:Customer {uid: row.customer})-[m:MEMBER_OF]->(:Community {externalId: row.community, kind: 'DETECTED'})
DELETE m
"""

JOIN = """
UNWIND $rows AS row
MATCH (c:Customer {uid: row.customer}) MATCH (g:Community {externalId: row.community, kind: 'DETECTED'})
MERGE (c)-[m:MEMBER_OF]->(g)
SET m.community = g.uid, m.since = coalesce(m.since, $now)
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
    fresh: int,
    now: str,
) -> None:
    """Make the detected communities those with these members, new ones by these titles; repeated, it ends the same."""
    kept = [
        {"externalId": f"{PREFIX}{number}", "uid": new_uid(), "name": title, "nameKey": fold(title)}
        for number, title in titles.items()
    ]
    left, joined = (
        [
            {"customer": uid, "community": f"{PREFIX}{number}"}
            for number in one.keys() & members.keys()
            for uid in sorted(one[number] - other.get(number, set()))
        ]
        for one, other in ((before.members, members), (members, before.members))
    )
    ended = [{"community": f"{PREFIX}{number}"} for number in before.members.keys() - members.keys()]
    await graph.write(_remember, fresh)
    steps: list[tuple[LiteralString, list[dict[str, Any]]]] = [
        (KEEP, kept),
        (LEAVE, left),
        (JOIN, joined),
        (END, ended),
    ]
    for query, rows in steps:
        for first in range(0, len(rows), ROWS_PER_WRITE):
            await graph.write(_some, query, rows[first : first + ROWS_PER_WRITE], now)


async def _remember(tx: Transaction, fresh: int) -> None:
    await execute(tx, REMEMBER, next=fresh)


async def _some(tx: Transaction, query: LiteralString, rows: list[dict[str, Any]], now: str) -> None:
    await execute(tx, query, rows=rows, now=now)
