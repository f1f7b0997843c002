"""Moderation of ideas and comments: held, hidden or published, each step with its reason, and appeals against it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import LiteralString

from graph import notices, validate
from graph.driver import Transaction
from graph.errors import Closed, Conflict, Invalid, NotAllowed, NotFound
from graph.known import Noun
from graph.notices import NoticeKind
from graph.records import new_uid
from graph.rows import one, run


class Moderation(StrEnum):
    """Whether customers see an idea or a comment."""

    PUBLISHED = "PUBLISHED"
    PENDING = "PENDING"
    HELD = "HELD"
    HIDDEN = "HIDDEN"


class ModeratedWhen(StrEnum):
    """Whether a challenge shows what is new at once, or only once a moderator has published it."""

    AFTER = "AFTER"
    BEFORE = "BEFORE"

    @property
    def first(self) -> Moderation:
        """The state that something new has."""
        return Moderation.PENDING if self is ModeratedWhen.BEFORE else Moderation.PUBLISHED


@dataclass(frozen=True, slots=True)
class Moderated:
    """What was moderated, the state it is in, and whether an appeal was answered by it."""

    uid: str
    state: Moderation
    answered: bool = False


def require_published(state: str, noun: Noun, uid: str) -> None:
    """Nothing if customers see it; else NotFound, as if it were not there."""
    if state != Moderation.PUBLISHED:
        raise NotFound(f"There is no {noun} {uid}: give the id of one.", field=str(noun))


FOUND: dict[Noun, LiteralString] = {
    Noun.IDEA: """
MATCH (n:Idea {uid: $uid}) SET n.touched = coalesce(n.touched, 0) + 1
WITH n OPTIONAL MATCH (n)<-[:PROPOSED]-(c:Customer)
RETURN n.uid AS uid, n.uid AS idea, n.appealText AS appeal, c.uid AS author, n.wordedAt AS worded,
       CASE WHEN EXISTS { MATCH (n)<-[:INTO_PART]-(s) WHERE s.undoneAt IS NOT NULL } THEN 'DELETED'
            ELSE coalesce(n.moderation, 'PUBLISHED') END AS state
""",
    Noun.COMMENT: """
MATCH (n:Comment {uid: $uid}) SET n.touched = coalesce(n.touched, 0) + 1
WITH n OPTIONAL MATCH (n)<-[:COMMENTED]-(c:Customer)
RETURN n.uid AS uid, [(n)-[:ON_IDEA]->(i) | i.uid][0] AS idea,
       [(n)-[:ON_IDEA]->()-[:DUPLICATE_OF]->(o) | o.uid][0] AS original,
       [(n)-[:ON_IDEA]->()-[:IN_CHALLENGE]->(h) | h.moderation][0] AS moderated,
       coalesce(n.state, 'PUBLISHED') AS state, n.appealText AS appeal, c.uid AS author, n.editedAt AS worded
""",
}
SET: dict[Noun, LiteralString] = {
    Noun.IDEA: """
MATCH (n:Idea {uid: $uid})
SET n.moderation = $state, n.moderationReason = $reason, n.wordedAt = $now
REMOVE n.appealText, n.appealedAt
CREATE (n)-[:HAS_MODERATION]->(s:ModerationStep)
SET s += $step
""",
    Noun.COMMENT: """
MATCH (n:Comment {uid: $uid})
SET n.state = $state, n.moderationReason = $reason
REMOVE n.appealText, n.appealedAt
CREATE (n)-[:HAS_MODERATION]->(s:ModerationStep)
SET s += $step
""",
}
APPEAL: dict[Noun, LiteralString] = {
    Noun.IDEA: """
MATCH (n:Idea {uid: $uid})
SET n.appealText = $text, n.appealedAt = $now
CREATE (n)-[:HAS_MODERATION]->(s:ModerationStep)
SET s += $step
""",
    Noun.COMMENT: """
MATCH (n:Comment {uid: $uid})
SET n.appealText = $text, n.appealedAt = $now
CREATE (n)-[:HAS_MODERATION]->(s:ModerationStep)
SET s += $step
""",
}


async def moderate(
    tx: Transaction,
    *,
    noun: Noun,
    uid: str,
    state: str,
    reason: str,
    by: str,
    now: str,
    read_at: str | None = None,
) -> Moderated:
    """Publish, hold or hide an idea or a comment, for a reason that its author reads; answers an open appeal.

    That there is a new comment is told once it is published. With `read_at` it is refused if it has other words
    by now, which nobody has looked at.
    """
    chosen, why = validate.choice(Moderation, state, "state"), validate.prose(reason, "reason")
    if chosen is Moderation.PENDING:
        raise Invalid("Only what is new is PENDING: publish, hold or hide it.", field="state")
    row = await _found(tx, noun, uid)
    if read_at is not None and (row["worded"] or "") >= validate.moment(read_at, "readAt"):
        raise Conflict(f"The {noun} was changed since: read it again, then decide.", field="readAt")
    step = {"uid": new_uid(), "state": chosen.value, "reason": why, "by": by, "at": now}
    shown = None if chosen is Moderation.PUBLISHED else why
    await run(tx, SET[noun], uid=uid, state=chosen.value, reason=shown, now=now, step=step)
    await _tell(tx, noun, row, cause=str(step["uid"]), now=now)
    # it may have been held before it was ever published; what was told is not told again
    waited = row["state"] == Moderation.PENDING or row.get("moderated") == ModeratedWhen.BEFORE
    if noun is Noun.COMMENT and waited and chosen is Moderation.PUBLISHED:
        shown = str(row["original"] or row["idea"])
        await notices.announce(tx, kind=NoticeKind.COMMENTED, idea=shown, cause=uid, now=now)
    return Moderated(uid, chosen, answered=row["appeal"] is not None)


async def _tell(tx: Transaction, noun: Noun, row: Mapping[str, str | None], *, cause: str, now: str) -> None:
    """Let the author hear of it."""
    comment = row["uid"] if noun is Noun.COMMENT else None
    kind = NoticeKind.MODERATED if comment is None else NoticeKind.COMMENT_MODERATED
    await notices.announce(tx, kind=kind, idea=str(row["idea"]), comment=comment, cause=cause, now=now)


async def appeal(
    tx: Transaction, *, noun: Noun, uid: str, author: str, text: str, by: str, now: str
) -> Moderated:
    """Ask that an idea or a comment be published again: its author may, once until it is answered."""
    said = validate.prose(text, "text")
    row = await _found(tx, noun, uid)
    if row["author"] != author:
        raise NotAllowed(f"Only the author of the {noun} may appeal.", field="author")
    if row["state"] == Moderation.PUBLISHED:
        raise Closed(f"The {noun} is published: there is nothing to appeal against.", field=str(noun))
    if row["state"] == Moderation.PENDING:
        raise Closed(f"Nobody has looked at the {noun} yet: wait for it.", field=str(noun))
    if row["appeal"] is not None:
        raise Closed("An appeal waits for its answer already.", field=str(noun))
    step = {"uid": new_uid(), "state": row["state"], "appeal": said, "by": by, "at": now}
    await run(tx, APPEAL[noun], uid=uid, text=said, now=now, step=step)
    return Moderated(uid, Moderation(row["state"] or Moderation.PUBLISHED))


async def _found(tx: Transaction, noun: Noun, uid: str) -> dict[str, str | None]:
    row = await one(tx, FOUND[noun], uid=validate.identifier(uid, str(noun)))
    # what its author took back is not moderated any more, nor is a part whose split is undone
    if row is None or row["state"] == "DELETED":
        raise NotFound(f"There is no {noun} {uid}: give the id of one.", field=str(noun))
    return row
