"""Who stands near a customer, by the ties between them, and what is known of a step from one to the other."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from graph.driver import Graph
from graph.ties import decayed


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Somebody tied to a customer: √a + √b of the two ties' weights, and whether introductions begin there."""

    uid: str
    root: float
    begins: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """What the scores that are published were computed from: their slot, if there are any, and until when."""

    slot: str | None
    as_of: str

    @property
    def decay(self) -> float:
        """What a stored weight is multiplied by to be worth what it was then."""
        return 1.0 / decayed(self.as_of)


# Both ties of a pair are met by one undirected hop; only the strongest of a hub's ties leave the database. Without a
# label on the other end: the embedded engine would walk all customers.
NEAR = """
UNWIND $uids AS uid
MATCH (u:Customer {uid: uid})
CALL (u) {
  MATCH (u)-[t:TIE]-(v)
  WITH v, sum(sqrt(t.weight * $decay + t.undated)) AS root,
    CASE $slot WHEN 'A' THEN v.bandA WHEN 'B' THEN v.bandB ELSE null END AS band
  WHERE NOT coalesce(v.suspended, false) AND coalesce(v.kind, 'PERSON') <> 'BOT'
    AND coalesce(band, '') <> 'DETRACTOR' AND root > 0.0
  WITH v.uid AS other, root, v.kind = 'STAFF' OR coalesce(band, '') IN ['ADVOCATE', 'CHAMPION'] AS begins
  ORDER BY root DESC, other
  LIMIT $most
  RETURN collect([other, root, begins]) AS near
}
RETURN uid, near
"""

# A bad word about the other, either way, is no door.
BLOCKED = """
UNWIND $uids AS uid
MATCH (u:Customer {uid: uid})-[a:ADVOCATED]-(v)
WHERE a.weight < 0.0 AND a.kind IN ['RATING', 'DEFENCE']
RETURN uid, collect(v.uid) AS others
"""


async def read_neighbours(
    graph: Graph, uids: Sequence[str], moment: Moment, *, most: int
) -> dict[str, list[Neighbour]]:
    """The strongest `most` neighbours of each customer who may stand on a path, strongest first.

    Left out are suspended accounts, bots, detractors, and whom one of the two rated or defended below zero.
    """
    blocked = {row["uid"]: set(row["others"]) for row in await graph.read(BLOCKED, uids=list(uids))}
    near = await graph.read(NEAR, uids=list(uids), decay=moment.decay, slot=moment.slot, most=most)
    return {
        row["uid"]: [
            Neighbour(other, root, bool(begins))
            for other, root, begins in row["near"]
            if other not in blocked.get(row["uid"], ())
        ]
        for row in near
    }


@dataclass(frozen=True, slots=True)
class Bond:
    """What is known between two customers: `said` from the first to the second, `heard` the other way.

    Days on which the one responded to the other, at least 1 where an act without a date did; what the ties weigh;
    the latest act of either; the kinds of advocacy, not negative, that the first gave; the mean mood of what the first
    said to the second, −1 to 1, None if nothing has one.
    """

    names: tuple[str, str]
    said: int
    heard: int
    weights: tuple[float, float]
    last_at: str | None
    kinds: tuple[str, ...]
    mood: float | None


BONDS = """
UNWIND $pairs AS pair
MATCH (u:Customer {uid: pair[0]})
MATCH (v:Customer {uid: pair[1]})
OPTIONAL MATCH (u)-[t:TIE]->(v)
OPTIONAL MATCH (v)-[b:TIE]->(u)
RETURN u.uid AS source, v.uid AS target, coalesce(u.name, u.externalId) AS speaker,
  coalesce(v.name, v.externalId) AS listener,
  [t.weight, t.undated, t.days, t.lastAt] AS said, [b.weight, b.undated, b.days, b.lastAt] AS heard
"""

GIVEN = """
UNWIND $pairs AS pair
MATCH (u:Customer {uid: pair[0]})-[a:ADVOCATED]->(v)
WHERE v.uid = pair[1] AND a.weight >= 0.0 AND a.kind <> 'WARNING'
RETURN pair[0] AS source, pair[1] AS target, collect(DISTINCT a.kind) AS kinds
"""

REPLIES = """
UNWIND $pairs AS pair
MATCH (u:Customer {uid: pair[0]})-[:WROTE]->(m)-[:IN_REPLY_TO|SHARES]->(q)<-[:WROTE]-(v)
WHERE v.uid = pair[1] AND m.sentiment IS NOT NULL
RETURN pair[0] AS source, pair[1] AS target, collect(DISTINCT [m.uid, m.sentiment]) AS said
"""

NAMINGS = """
UNWIND $pairs AS pair
MATCH (u:Customer {uid: pair[0]})-[:WROTE]->(m)-[:NAMES]->(v)
WHERE v.uid = pair[1] AND m.sentiment IS NOT NULL
RETURN pair[0] AS source, pair[1] AS target, collect(DISTINCT [m.uid, m.sentiment]) AS said
"""

Pair = tuple[str, str]


async def read_bonds(graph: Graph, pairs: Sequence[Pair], moment: Moment) -> dict[Pair, Bond]:
    """What is known of each pair, the one who speaks first."""
    asked = [list(pair) for pair in pairs]
    moods: defaultdict[Pair, dict[str, float]] = defaultdict(dict)
    for query in (REPLIES, NAMINGS):
        for row in await graph.read(query, pairs=asked):
            moods[row["source"], row["target"]] |= dict(row["said"])
    kinds = {
        (row["source"], row["target"]): tuple(sorted(row["kinds"]))
        for row in await graph.read(GIVEN, pairs=asked)
    }
    found: dict[Pair, Bond] = {}
    for row in await graph.read(BONDS, pairs=asked):
        pair = row["source"], row["target"]
        said, heard, mood = row["said"], row["heard"], moods[pair].values()
        found[pair] = Bond(
            names=(row["speaker"], row["listener"]),
            said=_days(said),
            heard=_days(heard),
            weights=(_weight(said, moment), _weight(heard, moment)),
            last_at=max(filter(None, (said[3], heard[3])), default=None),
            kinds=kinds.get(pair, ()),
            # summed exactly, so that the order in which they come is no matter
            mood=math.fsum(mood) / len(mood) if mood else None,
        )
    return found


def _days(tie: Sequence[float | None]) -> int:
    return max(int(tie[2] or 0), 1 if tie[1] else 0)


def _weight(tie: Sequence[float | None], moment: Moment) -> float:
    return (tie[0] or 0.0) * moment.decay + (tie[1] or 0)
