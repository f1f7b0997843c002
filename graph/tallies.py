"""Reads the votes as arrays, and writes the tally of each idea beside the published one."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString, TypeAlias

import numpy as np
import numpy.typing as npt
import orjson

from graph.driver import Graph, Transaction
from graph.published import slotted
from graph.rows import rows, run

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]

MS_PER_DAY = 86_400_000
IDEAS_PER_READ = 500
TALLY = (
    "up", "down", "passed", "points", "support", "consensus", "bridging", "divisive", "rising",
    "shareOf", "shareUp", "shareDown", "sharePassed", "shareApproval", "shareCounted", "shareStance",
    "supportHigh", "effective", "forgotten", "ringValue", "ringSize", "ringCounts", "ringReason",
    "consensusLow", "consensusHigh", "bridgingLow", "bridgingHigh", "divisiveLow", "divisiveHigh",
    "risingLow", "risingHigh", "marks", "viewBy", "viewUntil", "viewConsensus", "viewLow", "viewHigh",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class IdeaKey:
    """An idea, and the challenge it answers, if any."""

    uid: str
    external_id: str
    challenge: str | None


@dataclass(frozen=True, slots=True)
class VoteTable:
    """Votes as parallel arrays, voters and ideas numbered by external id; undated, a vote's day is NaN.

    A vote that gives no points has 0 of them.
    """

    ideas: Sequence[IdeaKey]
    voters: Sequence[str]
    voter: Ints
    idea: Ints
    value: npt.NDArray[np.int8]
    day: Floats
    points: Ints

    def __len__(self) -> int:
        return len(self.value)


@dataclass(slots=True)
class _Reading:
    """Votes while they come in, voters numbered as they come."""

    ideas: Sequence[IdeaKey]
    numbers: dict[str, int] = field(default_factory=dict)
    parts: list[tuple[Ints, Ints, npt.NDArray[np.int8], Floats, Ints]] = field(default_factory=list)

    def add(self, idea: int, row: Mapping[str, Any]) -> None:
        """The votes on one idea."""
        numbers, keys = self.numbers, row["voters"]
        voter = np.fromiter((numbers.setdefault(key, len(numbers)) for key in keys), np.int64, len(keys))
        value = np.array(row["values"], dtype=np.int8)
        points = np.array(row["points"], dtype=np.int64)
        self.parts.append((voter, np.full(len(keys), idea), value, days(row["instants"]), points))

    def table(self) -> VoteTable:
        """All votes in the order of ideas, then voters, whatever order they came in."""
        keys = list(self.numbers)
        order = sorted(range(len(keys)), key=keys.__getitem__)
        rank = np.empty(len(keys), np.int64)
        rank[order] = np.arange(len(keys))
        whole, real = np.zeros(0, np.int64), np.zeros(0)
        none = (whole, whole, np.zeros(0, np.int8), real, whole)
        voter, idea, value, day, points = (
            np.concatenate(part) for part in zip(none, *self.parts, strict=True)
        )
        voter = rank[voter]
        by = np.lexsort((voter, idea))
        return VoteTable(
            self.ideas,
            [keys[number] for number in order],
            *(voter[by], idea[by], value[by], day[by], points[by]),
        )


def days(instants: Sequence[str]) -> Floats:
    """Stored instants as days since 1970; NaN for an empty one."""
    stamps = np.array(instants, dtype="S23").astype("datetime64[ms]")
    found: Floats = np.where(np.isnat(stamps), np.nan, stamps.astype(np.int64) / MS_PER_DAY)
    return found


def instant_of(day: float) -> str:
    """The stored instant of a day since 1970."""
    return f"{np.datetime64(round(day * MS_PER_DAY), 'ms')}Z"


KEY: LiteralString = """
WHERE [(i)-[:DUPLICATE_OF]->(o) | 1][0] IS NULL
OPTIONAL MATCH (i)-[:IN_CHALLENGE]->(h)
RETURN i.uid AS uid, i.externalId AS externalId, h.uid AS challenge
"""
IDEAS: LiteralString = "MATCH (i:Idea)" + KEY
THESE: LiteralString = "UNWIND $ideas AS uid MATCH (i:Idea {uid: uid})" + KEY


async def read_ideas(graph: Graph) -> list[IdeaKey]:
    """All ideas by external id, but those merged into another: their votes are there."""
    return _sorted([row async for row in graph.stream(IDEAS)])


async def read_keys(graph: Graph, *, ideas: Collection[str]) -> list[IdeaKey]:
    """These ideas (uids) by external id, but those merged into another."""
    return _sorted(await graph.read(THESE, ideas=list(ideas)))


CHALLENGES = """
UNWIND $ideas AS uid
MATCH (i:Idea {uid: uid})
OPTIONAL MATCH (i)-[:DUPLICATE_OF]->(o)
WITH uid, coalesce(o, i) AS idea
OPTIONAL MATCH (idea)-[:IN_CHALLENGE]->(h)
RETURN uid, h.uid AS challenge
"""


async def read_by_challenge(graph: Graph, *, ideas: Sequence[str]) -> dict[str | None, list[str]]:
    """These ideas by the challenge in which their votes count, in their order; those of no challenge by None."""
    found = {row["uid"]: row["challenge"] for row in await graph.read(CHALLENGES, ideas=list(ideas))}
    parts: dict[str | None, list[str]] = {}
    for idea in ideas:
        if idea in found:
            parts.setdefault(found[idea], []).append(idea)
    return parts


BESIDE = """
UNWIND $challenges AS uid
MATCH (h:Challenge {uid: uid})<-[:IN_CHALLENGE]-(i:Idea)
WHERE [(i)-[:DUPLICATE_OF]->(o) | 1][0] IS NULL
RETURN i.uid AS uid, i.externalId AS externalId, h.uid AS challenge
"""

FREE = """
MATCH (i:Idea)
WHERE NOT EXISTS { (i)-[:IN_CHALLENGE]->() } AND [(i)-[:DUPLICATE_OF]->(o) | 1][0] IS NULL
RETURN i.uid AS uid, i.externalId AS externalId, null AS challenge
"""


async def read_ideas_of(graph: Graph, *, challenges: Collection[str | None]) -> list[IdeaKey]:
    """The ideas of these challenges by external id, but those merged into another; those in none by None."""
    found = await graph.read(BESIDE, challenges=[uid for uid in challenges if uid is not None])
    return _sorted([*found, *(await graph.read(FREE) if None in challenges else [])])


# Without this WITH, as in SHOWN, the embedded engine may find nothing after the UNWIND.
SIZES = """
MATCH (p:Publication {name: 'tally'})
WITH p
UNWIND $challenges AS uid
MATCH (h:Challenge {uid: uid})<-[:IN_CHALLENGE]-(i:Idea)
RETURN uid, count(i) + sum(CASE p.slot WHEN 'A' THEN coalesce(i.upA + i.downA + i.passedA, 0)
                                       ELSE coalesce(i.upB + i.downB + i.passedB, 0) END) AS size
"""


async def read_sizes(graph: Graph, *, challenges: Sequence[str | None]) -> dict[str | None, int]:
    """How many ideas and published votes these challenges have together; left out are those without ideas, those
    that no run has published, and the ideas that are in none.
    """
    return {row["uid"]: row["size"] for row in await graph.read(SIZES, challenges=list(challenges))}


VOTES: LiteralString = """
UNWIND $ideas AS uid
MATCH (i:Idea {uid: uid})<-[v:VOTED]-(c)
RETURN uid, collect(c.externalId) AS voters, collect(v.value) AS values,
       collect(coalesce(v.at, '')) AS instants, collect(coalesce(v.points, 0)) AS points
"""


async def read_votes(
    graph: Graph, ideas: Sequence[IdeaKey], tell: Callable[[int], Awaitable[None]] | None = None
) -> VoteTable:
    """Read the votes on these ideas, telling how many ideas are read."""
    reading, number = _Reading(ideas), {idea.uid: place for place, idea in enumerate(ideas)}
    for start in range(0, len(ideas), IDEAS_PER_READ):
        uids = [idea.uid for idea in ideas[start : start + IDEAS_PER_READ]]
        async for row in graph.stream(VOTES, ideas=uids):
            reading.add(number[row["uid"]], row)
        if tell is not None:
            await tell(start + len(uids))
    return reading.table()


SAVE = """
UNWIND $rows AS row
MATCH (i:Idea {uid: row.uid})
SET i += row.properties
"""


async def save(tx: Transaction, *, slot: str, tallies: Mapping[str, Mapping[str, object]]) -> None:
    """Write tallies (by idea uid, then by the names in TALLY) into a slot, one SET an idea."""
    await run(tx, SAVE, rows=slotted(slot, tallies))


ORIGINALS = """
UNWIND $ideas AS idea
MATCH (i:Idea {uid: idea})-[:DUPLICATE_OF]->(o)
RETURN i.uid AS uid, o.uid AS original
"""


async def read_originals(graph: Graph, *, ideas: Sequence[str]) -> dict[str, str]:
    """Of these ideas those that are merged, and the ideas that have their votes."""
    return {row["uid"]: row["original"] for row in await graph.read(ORIGINALS, ideas=list(ideas))}


async def clear(tx: Transaction, *, ideas: Sequence[str]) -> None:
    """Take the tallies of these ideas out of both slots."""
    none = {f"{name}{slot}": None for name in TALLY for slot in "AB"}
    await run(tx, SAVE, rows=[{"uid": uid, "properties": none} for uid in ideas])


@dataclass(frozen=True, slots=True)
class Shown:
    """What is published of some challenges: the slot, as of when, and how often each was counted.

    The ideas that are in no challenge are one too, by None.
    """

    slot: str
    as_of: str | None
    counted: Mapping[str | None, int]


PUBLICATION: LiteralString = "MATCH (p:Publication {name: 'tally'})"
# The touch locks the switch: nothing is written across a run's, nor beside what somebody else counted.
HOLD: LiteralString = " SET p.touched = coalesce(p.touched, 0) + 1 WITH p"
SHOWN: LiteralString = """
WITH p
UNWIND $challenges AS uid
OPTIONAL MATCH (h:Challenge {uid: uid})
RETURN p.slot AS slot, p.asOf AS asOf, uid,
       coalesce(CASE WHEN h IS NULL THEN p.counted ELSE h.counted END, 0) AS counted
"""


async def read_shown(graph: Graph, *, challenges: Collection[str | None]) -> Shown | None:
    """What is published of these challenges; None before any run."""
    return _shown(await graph.read(PUBLICATION + SHOWN, challenges=list(challenges)))


def _shown(found: Sequence[Mapping[str, Any]]) -> Shown | None:
    if not found or not found[0]["slot"]:
        return None
    return Shown(found[0]["slot"], found[0]["asOf"], {row["uid"]: row["counted"] for row in found})


async def hold(tx: Transaction, *, slot: str) -> bool:
    """Keep readers on this slot until the transaction ends; False if they read the other one."""
    return [row["slot"] for row in await rows(tx, PUBLICATION + HOLD + " RETURN p.slot AS slot")] == [slot]


COUNTED: LiteralString = """
UNWIND $counted AS row
MATCH (h:Challenge {uid: row.uid})
SET h.counted = row.counted
"""
COUNTED_FREE: LiteralString = PUBLICATION + " SET p.counted = $counted"


async def replace(tx: Transaction, *, shown: Shown) -> bool:
    """Whether all is still shown as it was when it was read; then the caller writes what it counted instead."""
    if _shown(await rows(tx, PUBLICATION + HOLD + SHOWN, challenges=list(shown.counted))) != shown:
        return False
    counted = [{"uid": uid, "counted": before + 1} for uid, before in shown.counted.items()]
    await run(tx, COUNTED, counted=counted)
    if None in shown.counted:
        await run(tx, COUNTED_FREE, counted=shown.counted[None] + 1)
    return True


PUBLISHED_VOTES = """
UNWIND $ideas AS uid
MATCH (i:Idea {uid: uid})
RETURN sum(CASE $slot WHEN 'A' THEN coalesce(i.upA + i.downA + i.passedA, 0)
                      ELSE coalesce(i.upB + i.downB + i.passedB, 0) END) AS votes
"""


async def count_published(graph: Graph, *, slot: str, ideas: Sequence[IdeaKey]) -> int:
    """How many votes the published tallies of these ideas count."""
    row = await graph.read_one(PUBLISHED_VOTES, slot=slot, ideas=[idea.uid for idea in ideas])
    return int(row["votes"] or 0) if row else 0


CHANGED = """
MATCH (e:Event)
WHERE e.kind = 'TALLY_REFRESH' AND e.dispatchedAt IS NOT NULL AND (e.doneAt IS NULL OR e.doneAt >= $since)
RETURN e.payload AS payload
"""


async def changed_since(graph: Graph, *, since: str) -> list[str]:
    """The ideas refreshed at or after an instant: a run that read before may lack what they were for."""
    return sorted({orjson.loads(row["payload"])["idea"] for row in await graph.read(CHANGED, since=since)})


DRIFTED = """
MATCH (p:Publication {name: 'tally'})
UNWIND $ideas AS uid
MATCH (i:Idea {uid: uid})
OPTIONAL MATCH (i)<-[v:VOTED]-()
WITH p.slot AS slot, i, sum(CASE v.value WHEN 1 THEN 1 ELSE 0 END) AS up,
     sum(CASE v.value WHEN -1 THEN 1 ELSE 0 END) AS down, count(v) AS votes, sum(coalesce(v.points, 0)) AS points
WITH i, up, down, votes, points, CASE slot
       WHEN 'A' THEN [i.upA, i.downA, i.upA + i.downA + i.passedA, i.pointsA]
       WHEN 'B' THEN [i.upB, i.downB, i.upB + i.downB + i.passedB, i.pointsB] END AS published
WHERE published IS NOT NULL AND [each IN published | coalesce(each, 0)] <> [up, down, votes, points]
RETURN i.uid AS uid
"""


async def read_drifted(graph: Graph, *, ideas: Sequence[str]) -> list[str]:
    """Those of these ideas whose published counts are not what their votes add up to; none before the first run."""
    return [row["uid"] for row in await graph.read(DRIFTED, ideas=list(ideas))]


def _sorted(found: Iterable[Mapping[str, Any]]) -> list[IdeaKey]:
    ideas = {row["uid"]: IdeaKey(row["uid"], row["externalId"], row["challenge"]) for row in found}
    return sorted(ideas.values(), key=lambda idea: idea.external_id)
