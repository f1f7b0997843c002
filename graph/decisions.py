"""Decisions about ideas: drafted for the team alone, published to everybody, kept as history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph import notices, validate
from graph.driver import Transaction
from graph.errors import Conflict, Invalid, NotAllowed, NotFound, Taken
from graph.ideas import IdeaStatus
from graph.notices import NoticeKind
from graph.records import new_uid
from graph.rows import one, rows, run

# From each status to those that a decision may lead to. To itself: the answer, the date or the link is renewed.
STEPS: Mapping[IdeaStatus, frozenset[IdeaStatus]] = {
    IdeaStatus.OPEN: frozenset(
        {
            *(IdeaStatus.OPEN, IdeaStatus.UNDER_REVIEW, IdeaStatus.PLANNED),
            *(IdeaStatus.DELIVERED, IdeaStatus.DECLINED),
        }
    ),
    IdeaStatus.UNDER_REVIEW: frozenset(IdeaStatus),
    IdeaStatus.PLANNED: frozenset(IdeaStatus) - {IdeaStatus.OPEN},
    IdeaStatus.IN_PROGRESS: frozenset(
        {IdeaStatus.IN_PROGRESS, IdeaStatus.PLANNED, IdeaStatus.DELIVERED, IdeaStatus.DECLINED}
    ),
    IdeaStatus.DELIVERED: frozenset({IdeaStatus.DELIVERED, IdeaStatus.IN_PROGRESS}),
    IdeaStatus.DECLINED: frozenset({IdeaStatus.DECLINED, IdeaStatus.UNDER_REVIEW}),
}
ANSWERED = frozenset({IdeaStatus.PLANNED, IdeaStatus.DELIVERED, IdeaStatus.DECLINED})
DATED = frozenset({IdeaStatus.PLANNED, IdeaStatus.IN_PROGRESS})
# adopted ideas are on the roadmap by their date; one whose date nobody has told comes last
UNDATED = "9999-12-31"
SECURE = "https://"


@dataclass(frozen=True, slots=True)
class Draft:
    """A decision that is not published, and the idea it is about."""

    uid: str
    idea: str


@dataclass(frozen=True, slots=True)
class Published:
    """A decision that was published: the change of status, and the answer if it has one."""

    idea: str
    change: str
    answer: str | None


# The idea is locked before its status and its draft are looked at: of two decisions the second sees the first.
LOCK = """
MATCH (i:Idea {uid: $uid})
SET i.touched = coalesce(i.touched, 0) + 1
WITH i
OPTIONAL MATCH (i)-[:HAS_DRAFT]->(d:DecisionDraft)
OPTIONAL MATCH (i)-[:DUPLICATE_OF]->(o)
RETURN i.status AS status, d.uid AS draft, o.uid AS original
"""

CREATE = """
MATCH (i:Idea {uid: $idea})
CREATE (i)-[:HAS_DRAFT]->(d:DecisionDraft {uid: $uid, idea: $idea})
SET d += $properties
"""


async def decide(
    tx: Transaction,
    *,
    idea: str,
    status: str,
    reason: str,
    by: str,
    now: str,
    answer: str | None = None,
    planned_for: str | None = None,
    shipped_url: str | None = None,
    from_status: str | None = None,
) -> Draft:
    """Draft what is decided about an idea; nobody outside the team sees it before it is published.

    With `from_status` the decision is refused if the idea has another status by now. An idea has one draft at
    a time.
    """
    uid = validate.identifier(idea, "idea")
    held = await one(tx, LOCK, uid=uid)
    if held is None:
        raise NotFound(f"There is no idea {uid}: give the id of one.", field="idea")
    if held["original"]:
        raise NotAllowed(f"The idea was merged: decide about the original, {held['original']}.", field="idea")
    if held["draft"]:
        raise Taken("A decision about the idea is drafted already: edit or discard it.", field="idea")
    before = IdeaStatus(held["status"] or IdeaStatus.OPEN)
    if from_status is not None and validate.choice(IdeaStatus, from_status, "fromStatus") is not before:
        raise Conflict(f"The idea is {before} by now: look again, then decide.", field="fromStatus")
    properties = _properties(before, status, reason, answer, planned_for, shipped_url)
    made = new_uid()
    properties |= {"from": before.value, "by": by, "at": now}
    await run(tx, CREATE, idea=uid, uid=made, properties=properties)
    return Draft(made, uid)


IDEA_OF = "UNWIND $uids AS uid MATCH (d:DecisionDraft {uid: uid}) RETURN uid, d.idea AS idea"

EDIT = """
MATCH (d:DecisionDraft {uid: $uid})
SET d += $properties
"""


async def edit(
    tx: Transaction,
    *,
    draft: str,
    status: str,
    reason: str,
    by: str,
    now: str,
    answer: str | None = None,
    planned_for: str | None = None,
    shipped_url: str | None = None,
) -> Draft:
    """Write a draft anew: all of it, checked as a new one is."""
    (found,) = await _hold(tx, [draft], "draft")
    _check_fresh(found, "draft")
    properties = _properties(IdeaStatus(found["from"]), status, reason, answer, planned_for, shipped_url)
    await run(tx, EDIT, uid=found["uid"], properties=properties | {"by": by, "at": now})
    return Draft(found["uid"], found["idea"])


DISCARD = "MATCH (d:DecisionDraft {uid: $uid}) DETACH DELETE d"


async def discard(tx: Transaction, *, draft: str) -> Draft:
    """Take a draft back, as if it had never been."""
    (found,) = await _hold(tx, [draft], "draft")
    await run(tx, DISCARD, uid=found["uid"])
    return Draft(found["uid"], found["idea"])


async def publish(tx: Transaction, *, drafts: Sequence[str], by: str, now: str) -> list[Published]:
    """Publish drafts, all or none: statuses move, answers get their version, and people hear of it.

    A draft made against a status that is no longer the idea's is refused.
    """
    held = await _hold(tx, drafts, "drafts")
    for found in held:
        _check_fresh(found, "drafts")
    return [await _publish(tx, found, by, now) for found in held]


MOVE = """
MATCH (i:Idea {uid: $idea})
SET i.status = $status, i.plannedFor = $plannedFor, i.shippedUrl = $shippedUrl, i.roadmapKey = $roadmapKey,
    i.answers = coalesce(i.answers, 0) + $answered
RETURN i.answers AS version
"""

CHANGE = """
MATCH (i:Idea {uid: $idea})
CREATE (i)-[:HAS_STATUS]->(s:StatusChange {uid: $uid})
SET s += $properties
"""

ANSWER = """
MATCH (i:Idea {uid: $idea}), (s:StatusChange {uid: $change})
CREATE (i)-[:HAS_ANSWER]->(u:Answer {uid: $uid}), (s)-[:SAYS]->(u)
SET u += $properties, i.answer = $uid
"""


async def _publish(tx: Transaction, held: Mapping[str, Any], by: str, now: str) -> Published:
    status, text = IdeaStatus(held["to"]), held["answer"]
    places = {
        "plannedFor": (held["plannedFor"] or held["wasPlannedFor"]) if status.is_adopted else None,
        "shippedUrl": (held["shippedUrl"] or held["wasShippedUrl"])
        if status is IdeaStatus.DELIVERED
        else None,
    }
    key = (places["plannedFor"] or UNDATED) if status.is_adopted else None
    await run(tx, DISCARD, uid=held["uid"])
    moved = await one(
        tx,
        MOVE,
        idea=held["idea"],
        status=status.value,
        roadmapKey=key,
        answered=int(text is not None),
        **places,
    )
    change, said = new_uid(), None if text is None else new_uid()
    own = {"from": held["from"], "to": status.value, "reason": held["reason"], "by": by, "at": now}
    await run(tx, CHANGE, idea=held["idea"], uid=change, properties=own)
    if said is not None and moved is not None:
        own = {"version": moved["version"], "text": text, "state": "PUBLISHED", "by": by, "publishedAt": now}
        await run(tx, ANSWER, idea=held["idea"], change=change, uid=said, properties=own)
    kind = NoticeKind.STATUS_CHANGED if said is None else NoticeKind.ANSWERED
    await notices.announce(tx, kind=kind, idea=held["idea"], cause=said or change, now=now)
    return Published(held["idea"], change, said)


HOLD = """
MATCH (i:Idea {uid: $idea})
SET i.touched = coalesce(i.touched, 0) + 1
WITH i
MATCH (i)-[:HAS_DRAFT]->(d:DecisionDraft {uid: $uid})
OPTIONAL MATCH (i)-[:DUPLICATE_OF]->(o)
RETURN d.uid AS uid, d.idea AS idea, d.from AS from, d.to AS to, d.reason AS reason, d.answer AS answer,
       d.plannedFor AS plannedFor, d.shippedUrl AS shippedUrl, coalesce(i.status, 'OPEN') AS status,
       i.plannedFor AS wasPlannedFor, i.shippedUrl AS wasShippedUrl, o.uid AS original
"""


async def _hold(tx: Transaction, drafts: Sequence[str], field: str) -> list[Mapping[str, Any]]:
    """Drafts in the order of their ideas, which are locked in it, so that two calls never wait for each other."""
    uids = validate.several([validate.identifier(uid, field) for uid in drafts], field)
    if not uids:
        raise Invalid("drafts is empty: give the ids of drafts to publish.", field=field)
    ideas = {row["uid"]: row["idea"] for row in await rows(tx, IDEA_OF, uids=uids)}
    held: list[Mapping[str, Any]] = []
    for uid in sorted(uids, key=lambda uid: ideas.get(uid, "")):
        found = await one(tx, HOLD, idea=ideas.get(uid, ""), uid=uid)
        if found is None:
            raise NotFound(f"There is no draft {uid}: it was published or discarded.", field=field)
        held.append(found)
    return held


def _check_fresh(found: Mapping[str, Any], field: str) -> None:
    """Refuse a draft whose idea has gone another way since."""
    state = "merged" if found["original"] else found["status"]
    if state != found["from"]:
        raise Conflict(
            f"The idea was {found['from']} when this was drafted and is {state} by now: discard the draft.",
            field=field,
        )


def _properties(
    before: IdeaStatus,
    status: str,
    reason: str,
    answer: str | None,
    planned_for: str | None,
    shipped_url: str | None,
) -> dict[str, Any]:
    """What is kept of a decision, if it is a step that may be taken and says what such a step has to say."""
    after = validate.choice(IdeaStatus, status, "status")
    if after not in STEPS[before]:
        allowed = ", ".join(each for each in IdeaStatus if each in STEPS[before])
        raise NotAllowed(f"An idea goes from {before} to {allowed}: choose one of them.", field="status")
    if answer is None and (after in ANSWERED or after is before):
        raise Invalid(f"{after} needs an answer: it is what customers read.", field="answer")
    if planned_for is not None and after not in DATED:
        raise Invalid(f"{after} has no planned date: leave it out.", field="plannedFor")
    if shipped_url is not None and after is not IdeaStatus.DELIVERED:
        raise Invalid(f"{after} has no link to what was shipped: leave it out.", field="shippedUrl")
    return {
        "to": after.value,
        "reason": validate.prose(reason, "reason"),
        "answer": None if answer is None else validate.prose(answer, "answer"),
        "plannedFor": None if planned_for is None else validate.day(planned_for, "plannedFor"),
        "shippedUrl": None if shipped_url is None else _secure(shipped_url),
    }


def _secure(value: str) -> str:
    found = validate.url(value, "shippedUrl")
    if not found.lower().startswith(SECURE):
        raise Invalid("shippedUrl is not secure: give one that begins with https://.", field="shippedUrl")
    return found
