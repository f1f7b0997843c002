"""Merges ideas that say the same, each person's vote counted once, and undoes it to the former state."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graph import moves, moving, tallies, validate
from graph.driver import Transaction
from graph.errors import Invalid, NotAllowed, NotFound
from graph.known import Noun, require, require_all
from graph.moderation import Moderation
from graph.records import new_uid
from graph.rows import one, rows, run


@dataclass(frozen=True, slots=True)
class Merge:
    """What a merge does, or would do: its uid is None if it was only previewed.

    The votes on the duplicates are those moved and those dropped: a person who voted on several of the ideas has
    one left, the latest. Told is everybody who voted, proposed, commented or follows, less those who muted it.
    """

    uid: str | None
    original: str
    votes_moved: int
    votes_dropped: int
    followers_moved: int
    told: int


# Takes the write lock and leaves no trace.
HOLD = "UNWIND $uids AS uid MATCH (i:Idea {uid: uid}) SET i.held = true REMOVE i.held"

STATE = """
UNWIND $ideas AS idea
MATCH (i:Idea {uid: idea})
RETURN idea, [(i)-[:IN_CHALLENGE]->(h) | h.uid][0] AS challenge,
  [(i)-[:DUPLICATE_OF]->(o) | o.uid][0] AS original, coalesce(i.moderation, 'PUBLISHED') AS moderation
"""

LOG = """
MATCH (o:Idea {uid: $original})
CREATE (m:IdeaMerge {uid: $uid, votesMoved: 0, votesDropped: 0, followersMoved: 0})-[:MERGED_INTO]->(o)
SET m += $properties
WITH m, o UNWIND $ideas AS idea
MATCH (d:Idea {uid: idea})
CREATE (m)-[:MERGED]->(d)
CREATE (d)-[:DUPLICATE_OF {mergedAt: $now, merge: $uid}]->(o)
SET d.wordedAt = $now
"""


async def merge(
    tx: Transaction,
    *,
    duplicates: Sequence[str],
    original: str,
    reason: str,
    by: str,
    now: str,
    dry_run: bool = False,
) -> Merge:
    """Merge ideas of one challenge into another one of it, with all that were merged into them before.

    From then on a vote on them is refused. `moving.settle` moves what was said of them, and an event asks a worker
    for it if the caller does not come to that. A dry run counts the same and writes nothing.
    """
    why = validate.line(reason, "reason")
    ideas = await require_all(tx, Noun.IDEA, duplicates, "duplicates")
    to = await require(tx, Noun.IDEA, original, "original")
    if not ideas:
        raise Invalid("Nothing is to be merged: give one duplicate or more.", field="duplicates")
    if to in ideas:
        raise Invalid("An idea is no duplicate of itself: leave the original out.", field="duplicates")
    crowd = await moves.read_crowd(tx, [*ideas, to])  # it takes long: before the locks
    if not dry_run:
        await run(tx, HOLD, uids=sorted([*ideas, to]))
    await _check(tx, ideas, to)
    votes, follows = crowd.moved(crowd.votes, to), crowd.moved(crowd.follows, to)
    uid = (
        None if dry_run else new_uid()
    )  # after the locks: of two merges into one idea, the later has the later uid
    made = Merge(uid, to, votes.moved, votes.dropped, follows.moved, crowd.told)
    if uid:
        await _lead_on(tx, ideas, to)
        log = {"at": now, "by": by, "reason": why, "told": made.told}
        await run(tx, LOG, uid=uid, ideas=ideas, original=to, now=now, properties=log)
        await tallies.clear(tx, ideas=ideas)
        await moving.begin(tx, moving.MERGE, uid=uid, now=now)
    return made


MERGE = """
MATCH (m:IdeaMerge {uid: $uid})-[:MERGED_INTO]->(o)
RETURN o.uid AS original, m.undoneAt AS undoneAt, [(m)-[:MERGED]->(d) | d.uid] AS ideas
"""

LATER = """
MATCH (m:IdeaMerge)-[:MERGED|MERGED_INTO]->(:Idea {uid: $original})
WHERE m.undoneAt IS NULL AND m.uid > $uid
RETURN m.uid AS uid ORDER BY m.uid DESC LIMIT 1
"""

UNDO = """
MATCH (m:IdeaMerge {uid: $uid})
SET m.undoneAt = $now, m.undoneBy = $by, m.stopped = m.moving
WITH m MATCH (m)-[:MERGED]->(d)-[r:DUPLICATE_OF]->()
DELETE r
SET d.wordedAt = $now
"""


async def undo(tx: Transaction, *, merge: str, by: str, now: str) -> str:
    """Undo a merge, the last one of its original first; undone once more it stays as it is. Returns the original.

    From then on the duplicates take votes again. `moving.settle` moves back what was moved, also of a merge that is
    not done, or an event asks a worker for it. Without a change since, everything is as it was. A vote changed since
    stays at the original, where it was changed, and what the person had said of a duplicate returns there; a vote
    withdrawn since stays withdrawn.
    """
    uid = validate.identifier(merge, "merge")
    row = await one(tx, MERGE, uid=uid)
    if row is None:
        raise NotFound(f"There is no merge {uid}: give the id of one.", field="merge")
    origin, ideas = row["original"], sorted(row["ideas"])
    await moving.hold(tx, moving.MERGE, uid=uid)
    await run(tx, HOLD, uids=sorted([*ideas, origin]))
    row = await one(tx, MERGE, uid=uid)
    if row is None or row["undoneAt"]:
        return str(origin)
    if later := await one(tx, LATER, original=origin, uid=uid):
        raise NotAllowed(
            f"Merge {later['uid']} of the same idea came later: undo that one first.", field="merge"
        )
    await moving.wait_for_others(tx, [*ideas, origin], "merge", uid)
    await run(tx, UNDO, uid=uid, now=now, by=by)
    await _lead_back(tx, ideas, origin)
    await moving.begin(tx, moving.MERGE, uid=uid, now=now)
    return str(origin)


async def _check(tx: Transaction, ideas: Sequence[str], to: str) -> None:
    state = {row["idea"]: row for row in await rows(tx, STATE, ideas=[*ideas, to])}
    for idea in (*ideas, to):
        if found := state[idea]["original"]:
            field = "original" if idea == to else "duplicates"
            raise NotAllowed(
                f"Idea {idea} is merged into {found}: give that, or undo the merge.", field=field
            )
        if state[idea]["challenge"] != state[to]["challenge"]:
            message = f"Idea {idea} answers another challenge: only ideas of one challenge are merged."
            raise Invalid(message, field="duplicates")
    if (kept := state[to]["moderation"]) != Moderation.PUBLISHED and any(
        state[idea]["moderation"] == Moderation.PUBLISHED for idea in ideas
    ):
        message = (
            f"Idea {to} is {kept}, and what is shown would go with it: publish it first, or turn it round."
        )
        raise NotAllowed(message, field="original")
    await moving.wait_for_others(tx, [*ideas, to], "duplicates")


BELOW = """
UNWIND $ideas AS idea
MATCH (i:Idea {uid: idea})<-[r:DUPLICATE_OF]-(d)
RETURN d.uid AS duplicate, idea, properties(r) AS own
"""

POINT = """
UNWIND $rows AS r
MATCH (d:Idea {uid: r.duplicate})-[old:DUPLICATE_OF]->() MATCH (o:Idea {uid: r.to})
DELETE old
CREATE (d)-[new:DUPLICATE_OF]->(o)
SET new = r.own
"""


async def _lead_on(tx: Transaction, ideas: Sequence[str], to: str) -> None:
    """What was merged into these ideas leads on to their original, past them: the path keeps the way back."""
    changed = []
    for row in await rows(tx, BELOW, ideas=list(ideas)):
        own = {**row["own"], "path": [*row["own"].get("path", []), row["idea"]]}
        changed.append({"duplicate": row["duplicate"], "to": to, "own": own})
    await run(tx, POINT, rows=changed)


async def _lead_back(tx: Transaction, ideas: Sequence[str], origin: str) -> None:
    """What led past these ideas to the original leads to them again."""
    changed: list[dict[str, Any]] = []
    for row in await rows(tx, BELOW, ideas=[origin]):
        *path, last = row["own"].get("path") or [None]
        if last in ideas:
            own = {**row["own"], "path": path or None}
            changed.append({"duplicate": row["duplicate"], "to": last, "own": own})
    await run(tx, POINT, rows=changed)
