"""Merges ideas that say the same, each person's vote counted once, and undoes it to the former state."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from graph import notices, outbox, tallies, validate
from graph.driver import Transaction
from graph.errors import Invalid, NotAllowed, NotFound
from graph.known import Noun, require, require_all
from graph.moves import FOLLOWS, VOTES, hold, move, move_back
from graph.notices import NoticeKind
from graph.outbox import EventKind
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


STATE = """
UNWIND $ideas AS idea
MATCH (i:Idea {uid: idea})
RETURN idea, [(i)-[:IN_CHALLENGE]->(h) | h.uid][0] AS challenge,
  [(i)-[:DUPLICATE_OF]->(o) | o.uid][0] AS original
"""

LOG = """
MATCH (o:Idea {uid: $original})
CREATE (m:IdeaMerge {uid: $uid})-[:MERGED_INTO]->(o)
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

    A dry run counts the same and writes nothing.
    """
    why = validate.line(reason, "reason")
    ideas = await require_all(tx, Noun.IDEA, duplicates, "duplicates")
    to = await require(tx, Noun.IDEA, original, "original")
    if not dry_run:
        await hold(tx, moving=ideas, beside=to)
    await _check(tx, ideas, to)
    uid = new_uid()  # after the locks: of two merges into one idea, the later has the later uid
    told = await concerned(tx, [*ideas, to])
    followers = await move(tx, FOLLOWS, merge=uid, ideas=ideas, to=to, dry_run=dry_run)
    votes = await move(tx, VOTES, merge=uid, ideas=ideas, to=to, dry_run=dry_run)
    made = Merge(None if dry_run else uid, to, votes.moved, votes.dropped, followers.moved, told)
    if dry_run:
        return made
    await _lead_on(tx, ideas, to)
    properties = {"at": now, "by": by, "reason": why, **counts(made)}
    await run(tx, LOG, uid=uid, ideas=ideas, original=to, now=now, properties=properties)
    await tallies.clear(tx, ideas=ideas)
    await notices.announce(tx, kind=NoticeKind.MERGED, idea=to, cause=uid, now=now)
    await refresh_tallies(tx, [*ideas, to], now)
    return made


def counts(made: Merge) -> dict[str, int]:
    """The counts of a merge under their stored names."""
    return {
        "votesMoved": made.votes_moved,
        "votesDropped": made.votes_dropped,
        "followersMoved": made.followers_moved,
        "told": made.told,
    }


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
SET m.undoneAt = $now, m.undoneBy = $by
WITH m MATCH (m)-[:MERGED]->(d)-[r:DUPLICATE_OF]->()
DELETE r
SET d.wordedAt = $now
"""


async def undo(tx: Transaction, *, merge: str, by: str, now: str) -> str:
    """Undo a merge, the last one of its original first; undone once more it stays as it is. Returns the original.

    Without a change since, everything is as it was. A vote changed since stays at the original, where it was
    changed, and what the person had said of a duplicate returns there; a vote withdrawn since stays withdrawn.
    """
    uid = validate.identifier(merge, "merge")
    row = await one(tx, MERGE, uid=uid)
    if row is None:
        raise NotFound(f"There is no merge {uid}: give the id of one.", field="merge")
    origin, ideas = row["original"], sorted(row["ideas"])
    await hold(tx, moving=ideas, beside=origin, merge=uid)
    row = await one(tx, MERGE, uid=uid)
    if row is None or row["undoneAt"]:
        return str(origin)
    if later := await one(tx, LATER, original=origin, uid=uid):
        raise NotAllowed(
            f"Merge {later['uid']} of the same idea came later: undo that one first.", field="merge"
        )
    await move_back(tx, VOTES, merge=uid, ideas=ideas, origin=origin)
    await move_back(tx, FOLLOWS, merge=uid, ideas=ideas, origin=origin)
    await run(tx, UNDO, uid=uid, now=now, by=by)
    await _lead_back(tx, ideas, origin)
    await notices.announce(tx, kind=NoticeKind.MERGE_UNDONE, idea=origin, cause=uid, now=now)
    await refresh_tallies(tx, [*ideas, origin], now)
    return str(origin)


STRAYS = """
MATCH (i:Idea)-[r:DUPLICATE_OF]->()
WHERE r.merge IS NOT NULL AND [(i)<-[:VOTED]-(c) | 1][0] IS NOT NULL
RETURN i.uid AS uid
"""

MERGED = """
UNWIND $ideas AS idea
MATCH (i:Idea {uid: idea})-[:DUPLICATE_OF]->(o)
RETURN i.uid AS uid, o.uid AS original
"""

LEADS = """
MATCH (i:Idea {uid: $idea})-[r:DUPLICATE_OF]->(o)
RETURN r.merge AS merge, (coalesce(r.path, []) + [o.uid])[0] AS to
"""


async def strays(tx: Transaction) -> list[str]:
    """Merged ideas that have votes: cast while the merge was written, or imported since."""
    return [row["uid"] for row in await rows(tx, STRAYS)]


async def carry(tx: Transaction, *, ideas: Sequence[str]) -> dict[str, str]:
    """Move the votes on those of these ideas that are merged to where they lead; returns the originals of these."""
    found = {row["uid"]: row["original"] for row in await rows(tx, MERGED, ideas=list(ideas))}
    for idea in sorted(found):
        at = idea
        while (lead := await one(tx, LEADS, idea=at)) and lead["merge"]:
            await move(tx, VOTES, merge=lead["merge"], ideas=[at], to=lead["to"])
            at = lead["to"]
    return found


CONCERNED = """
UNWIND $ideas AS idea
MATCH (i:Idea {uid: idea})<-[:VOTED|PROPOSED|FOLLOWS_IDEA|ON_IDEA]-(n)
OPTIONAL MATCH (n)<-[:COMMENTED]-(a)
WITH DISTINCT i, coalesce(a, n) AS c
WHERE c:Customer AND [(c)-[f:FOLLOWS_IDEA]->(i) WHERE f.muted | 1][0] IS NULL
RETURN count(DISTINCT c) AS people
"""


async def concerned(tx: Transaction, ideas: Sequence[str]) -> int:
    """How many people voted on, proposed, commented on or follow an idea and have not muted it."""
    row = await one(tx, CONCERNED, ideas=list(ideas))
    return int(row["people"]) if row else 0


async def refresh_tallies(tx: Transaction, ideas: Iterable[str], now: str) -> None:
    """Ask for the tallies of these ideas; last of all, as `outbox.emit` wants."""
    for idea in sorted(ideas):
        await outbox.emit(
            tx, kind=EventKind.TALLY_REFRESH, payload={"idea": idea}, now=now, key=f"tally:{idea}"
        )


async def _check(tx: Transaction, ideas: Sequence[str], to: str) -> None:
    if not ideas:
        raise Invalid("Nothing is to be merged: give one duplicate or more.", field="duplicates")
    if to in ideas:
        raise Invalid("An idea is no duplicate of itself: leave the original out.", field="duplicates")
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
