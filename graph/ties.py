"""Who responded to whom: one tie an ordered pair, always rebuildable from the acts behind it."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import LiteralString, NamedTuple

from graph.driver import Graph, Transaction
from graph.records import parse_instant
from graph.rows import rows, run

LANDMARK = parse_instant("2000-01-01T00:00:00.000Z")
HALF_LIFE = timedelta(days=60)
CHUNK = 500

# 2**1000 is near the end of a double: an act dated centuries away must not turn a sum into infinity.
FURTHEST = 1000.0


class Act(NamedTuple):
    """Something one customer did towards another: a reply, a share, a naming or an advocacy link."""

    kind: str
    at: str | None


@dataclass(frozen=True, slots=True)
class Tie:
    """What the counted acts of one customer towards another add up to."""

    weight: float
    undated: int
    lastAt: str | None
    days: int
    firstOn: str | None = None


def decayed(at: str) -> float:
    """What an act at this instant adds to a tie: 2^((t − L)/h), which never has to be aged."""
    halves = (parse_instant(at) - LANDMARK) / HALF_LIFE
    return math.exp2(max(-FURTHEST, min(FURTHEST, halves)))


def tie(acts: Iterable[Act]) -> Tie:
    """Add acts up, the latest of each kind and day once; the sum is exact, so their order is no matter."""
    latest: dict[tuple[str, str], str | None] = {}
    for kind, at in acts:
        key = kind, (at or "")[:10]
        known = latest.get(key)
        latest[key] = at if known is None or at is None else max(known, at)
    dated = [at for at in latest.values() if at is not None]
    return Tie(
        weight=math.fsum(map(decayed, dated)),
        undated=len(latest) - len(dated),
        lastAt=max(dated, default=None),
        days=len({at[:10] for at in dated}),
        firstOn=min(dated, default="")[:10] or None,
    )


# The touch takes the write lock: whoever rebuilds the same ties next sees what this transaction did.
LOCK = """
UNWIND $authors AS author
MATCH (u:Customer {uid: author})
SET u.touched = coalesce(u.touched, 0) + 1
REMOVE u.tiesStale
"""

RESPONSES = """
UNWIND $authors AS author
MATCH (u:Customer {uid: author})-[:WROTE]->(m)-[r:IN_REPLY_TO|SHARES]->(t)<-[:WROTE]-(v)
WHERE v.uid <> author
RETURN author, v.uid AS to, CASE type(r) WHEN 'SHARES' THEN 'SHARE' ELSE 'REPLY' END AS kind, m.at AS at,
  m.sentiment AS said
"""

NAMINGS = """
UNWIND $authors AS author
MATCH (u:Customer {uid: author})-[:WROTE]->(m)-[:NAMES]->(v)
WHERE v.uid <> author
RETURN author, v.uid AS to, 'NAMING' AS kind, m.at AS at, m.sentiment AS said
"""

SUPPORTS = """
UNWIND $authors AS author
MATCH (u:Customer {uid: author})-[a:ADVOCATED]->(v)
WHERE a.kind IN ['RATING', 'DEFENCE', 'RECOMMENDATION'] AND v.uid <> author
RETURN author, v.uid AS to, a.kind AS kind, a.at AS at, a.weight AS said
"""

# Who was referred responded to the advocate.
REFERRALS = """
UNWIND $authors AS author
MATCH (u:Customer {uid: author})<-[a:ADVOCATED]-(v)
WHERE a.kind = 'REFERRAL' AND v.uid <> author
RETURN author, v.uid AS to, a.kind AS kind, a.at AS at, a.weight AS said
"""

# What ties who responded to whom, and what was said of the one responded to: −1 to 1, or nothing.
ACTS: tuple[LiteralString, ...] = (RESPONSES, NAMINGS, SUPPORTS, REFERRALS)

CLEAR = """
UNWIND $kept AS row
MATCH (u:Customer {uid: row.author})-[t:TIE]->(v)
WHERE NOT v.uid IN row.to
DELETE t
"""

WRITE = """
UNWIND $ties AS row
MATCH (u:Customer {uid: row.author}), (v:Customer {uid: row.to})
MERGE (u)-[t:TIE]->(v)
SET t.weight = row.weight, t.undated = row.undated, t.lastAt = row.lastAt, t.days = row.days,
    t.firstOn = row.firstOn
"""


async def rebuild_ties(tx: Transaction, authors: Iterable[str]) -> int:
    """Make the ties of these customers again from their acts; returns how many ties they have."""
    ordered = sorted(set(authors))
    total = 0
    for first in range(0, len(ordered), CHUNK):
        total += await _rebuild(tx, ordered[first : first + CHUNK])
    return total


STALE = "MATCH (c:Customer) WHERE c.tiesStale = true RETURN c.uid AS uid ORDER BY uid"


async def rebuild_stale(graph: Graph) -> int:
    """Rebuild the ties of every customer an import left stale, a chunk a transaction; returns how many."""
    stale = [row["uid"] for row in await graph.read(STALE)]
    for first in range(0, len(stale), CHUNK):
        await graph.write(rebuild_ties, stale[first : first + CHUNK])
    return len(stale)


async def _rebuild(tx: Transaction, authors: Sequence[str]) -> int:
    await run(tx, LOCK, authors=authors)
    acts: defaultdict[tuple[str, str], list[Act]] = defaultdict(list)
    for query in ACTS:
        for row in await rows(tx, query, authors=authors):
            acts[row["author"], row["to"]].append(Act(row["kind"], row["at"]))
    reached: dict[str, list[str]] = {author: [] for author in authors}
    for author, to in acts:
        reached[author].append(to)
    await run(tx, CLEAR, kept=[{"author": author, "to": to} for author, to in reached.items()])
    ties = [{"author": author, "to": to} | asdict(tie(acts[author, to])) for author, to in sorted(acts)]
    await run(tx, WRITE, ties=ties)
    return len(ties)
