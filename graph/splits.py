"""Splits an idea that says several things: it stays as one part, the others become ideas of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graph import moving, validate
from graph.driver import Transaction
from graph.errors import Invalid, NotAllowed, NotFound
from graph.ideas import IdeaStatus
from graph.known import Noun, require
from graph.moves import Way, read_crowd
from graph.records import new_uid
from graph.rows import one, rows, run
from graph.text import fold

PARTS = 20


@dataclass(frozen=True, slots=True)
class Part:
    """What becomes an idea of its own."""

    title: str
    body: str | None = None
    category: str | None = None
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """What a split does, or would do: without uid and parts if it was only previewed."""

    uid: str | None
    parts: tuple[str, ...]
    votes_copied: int
    followers_copied: int
    told: int


# Takes the write lock and leaves no trace.
IDEA = """
MATCH (i:Idea {uid: $uid})
RETURN [(i)-[:DUPLICATE_OF]->(o) | o.uid][0] AS original
"""

HOLD = "UNWIND $uids AS uid MATCH (i:Idea {uid: uid}) SET i.held = true REMOVE i.held"

LOG = """
MATCH (i:Idea {uid: $idea})
CREATE (s:IdeaSplit {uid: $uid})-[:SPLIT]->(i)
SET s += $properties
"""

PART = """
MATCH (i:Idea {uid: $idea}) MATCH (s:IdeaSplit {uid: $split})
CREATE (p:Idea {uid: $uid, externalId: $uid})-[:SPLIT_FROM]->(i)
SET p += $properties, p.splitting = CASE WHEN $copyVotes THEN $split END
CREATE (s)-[:INTO_PART]->(p)
WITH i, p
OPTIONAL MATCH (i)-[:IN_CHALLENGE]->(h)
OPTIONAL MATCH (i)<-[:PROPOSED]-(c)
FOREACH (x IN CASE WHEN h IS NULL THEN [] ELSE [h] END | CREATE (p)-[:IN_CHALLENGE]->(x))
FOREACH (x IN CASE WHEN c IS NULL THEN [] ELSE [c] END | CREATE (x)-[:PROPOSED]->(p))
"""


async def split(
    tx: Transaction,
    *,
    idea: str,
    parts: Sequence[Part],
    reason: str,
    by: str,
    now: str,
    copy_votes: bool = False,
    dry_run: bool = False,
) -> Split:
    """Make ideas of the same author and challenge out of an idea, which keeps its own text and votes.

    Followers follow the parts as well. A vote for the whole is no vote for a part, so the parts begin without
    any, unless `copy_votes`. `moving.settle` copies them, and until it has copied votes, one on a part is refused.
    With nothing to copy this is the end. A dry run counts the same and writes nothing.
    """
    why = validate.line(reason, "reason")
    made = [_properties(part, place, now) for place, part in enumerate(parts)]
    if not 1 <= len(made) <= PARTS:
        raise Invalid(f"{len(made)} parts are to be split off: give 1 to {PARTS}.", field="parts")
    uid = await require(tx, Noun.IDEA, idea, "idea")
    crowd = await read_crowd(tx, [uid])
    if not dry_run:
        await run(tx, HOLD, uids=[uid])
    found = await one(tx, IDEA, uid=uid) or {}
    if found["original"]:
        raise NotAllowed(f"The idea is merged into {found['original']}: undo the merge first.", field="idea")
    await moving.wait_for_others(tx, [uid], "idea")
    votes = len(crowd.votes[uid]) * len(made) if copy_votes else 0
    followers = len(crowd.follows[uid]) * len(made)
    if dry_run:
        return Split(None, (), votes, followers, crowd.told)
    log = {
        "at": now,
        "by": by,
        "reason": why,
        "copyVotes": copy_votes,
        "votesCopied": 0,
        "followersCopied": 0,
        "told": crowd.told,
    }
    key, uids = new_uid(), [new_uid() for _ in made]
    await run(tx, LOG, idea=uid, uid=key, properties=log)
    for part, properties in zip(uids, made, strict=True):
        own = {"uid": part, "properties": properties, "copyVotes": copy_votes}
        await run(tx, PART, idea=uid, split=key, **own)
    await moving.begin(tx, moving.SPLIT, uid=key, now=now)
    if not (votes or followers):
        await moving.end(tx, course=moving.SPLIT, way=Way(key, uids, uid), back=False)
    return Split(key, tuple(uids), votes, followers, crowd.told)


SPLIT = """
MATCH (s:IdeaSplit {uid: $uid})-[:SPLIT]->(i)
RETURN i.uid AS idea, s.at AS at, s.undoneAt AS undoneAt, [(s)-[:INTO_PART]->(p) | p.uid] AS parts
"""

# Whatever a part has that the split did not give it.
GROWN = """
UNWIND $parts AS part
MATCH (p:Idea {uid: part})-[r]-()
WHERE NOT type(r) IN ['SPLIT_FROM', 'INTO_PART', 'IN_CHALLENGE', 'PROPOSED', 'FOLLOWS_IDEA', 'VOTED']
  OR (type(r) = 'FOLLOWS_IDEA' AND r.since > $at) OR (type(r) = 'VOTED' AND r.at > $at)
RETURN part, count(r) AS things ORDER BY part LIMIT 1
"""

MOVED_ON = """
UNWIND $parts AS part
MATCH (p:Idea {uid: part}) WHERE p.status <> 'OPEN'
RETURN part, 1 AS things ORDER BY part LIMIT 1
"""

UNDO = """
MATCH (s:IdeaSplit {uid: $uid})
SET s.undoneAt = $now, s.undoneBy = $by, s.stopped = s.moving
WITH s MATCH (s)-[:INTO_PART]->(p)
SET p.splitting = $uid, p.moderation = 'HIDDEN'
"""


async def undo(tx: Transaction, *, split: str, by: str, now: str) -> str:
    """Take the parts of a split away while they are nothing but that; undone once more it stays as it is.

    Nothing that anybody said is lost: where a part has votes, comments or a status of its own, the undoing is
    refused, and merging the part into the idea keeps them. From then on the parts are hidden, `moving.settle` takes
    what was copied to them, also of a split that is not done, and then they go. Returns the idea.
    """
    uid = validate.identifier(split, "split")
    row = await one(tx, SPLIT, uid=uid)
    if row is None:
        raise NotFound(f"There is no split {uid}: give the id of one.", field="split")
    parts = sorted(row["parts"])
    await moving.hold(tx, moving.SPLIT, uid=uid)
    await run(tx, HOLD, uids=sorted([row["idea"], *parts]))
    row = await one(tx, SPLIT, uid=uid) or row
    if row["undoneAt"]:
        return str(row["idea"])
    grown = await rows(tx, GROWN, parts=parts, at=row["at"]) or await rows(tx, MOVED_ON, parts=parts)
    if grown:
        raise NotAllowed(
            f"People have taken up part {grown[0]['part']} since: merge it into the idea, which keeps what they said.",
            field="split",
        )
    await moving.wait_for_others(tx, [row["idea"], *parts], "split", uid)
    await run(tx, UNDO, uid=uid, now=now, by=by)
    await moving.begin(tx, moving.SPLIT, uid=uid, now=now)
    return str(row["idea"])


def _properties(part: Part, place: int, now: str) -> dict[str, Any]:
    at = f"parts.{place}"
    title = validate.line(part.title, f"{at}.title")
    properties: dict[str, Any] = {"title": title, "titleKey": fold(title), "at": now, "createdAt": now}
    properties["wordedAt"] = now
    properties["status"] = IdeaStatus.OPEN.value
    if part.body is not None:
        properties["body"] = validate.prose(part.body, f"{at}.body")
    if part.category is not None:
        properties["category"] = validate.line(part.category, f"{at}.category")
    if part.cost is not None:
        properties["cost"] = validate.number(part.cost, f"{at}.cost", low=0)
    return properties
