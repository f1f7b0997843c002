"""Challenges, the ideas proposed in them and the votes of customers on these."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from graph import outbox, validate
from graph.driver import Transaction
from graph.errors import Closed, Invalid, NotAllowed, NotFound
from graph.known import Noun, require, require_maybe
from graph.outbox import EventKind
from graph.records import new_uid
from graph.rows import one, run
from graph.text import fold


class IdeaStatus(StrEnum):
    """How far an idea has come."""

    OPEN = "OPEN"
    UNDER_REVIEW = "UNDER_REVIEW"
    PLANNED = "PLANNED"
    IN_PROGRESS = "IN_PROGRESS"
    DELIVERED = "DELIVERED"
    DECLINED = "DECLINED"

    @property
    def can_be_voted(self) -> bool:
        """Votes may still change what happens."""
        return self not in {IdeaStatus.DELIVERED, IdeaStatus.DECLINED}


@dataclass(frozen=True, slots=True)
class Challenge:
    """Which challenge a write met, and whether it was new."""

    uid: str
    external_id: str
    created: bool


@dataclass(frozen=True, slots=True)
class Idea:
    """Which idea a write met, its status, and whether it was new."""

    uid: str
    external_id: str
    status: IdeaStatus
    created: bool


@dataclass(frozen=True, slots=True)
class Vote:
    """What a customer now says about an idea, and said before; None is no vote."""

    voter: str
    idea: str
    value: int | None
    previous: int | None


CHALLENGE = """
MERGE (h:Challenge {externalId: $externalId})
ON CREATE SET h.uid = $uid, h.createdAt = $now
SET h += $properties
RETURN h.uid AS uid, h.externalId AS externalId, h.uid = $uid AS created
"""


async def challenge_open(
    tx: Transaction,
    *,
    title: str,
    now: str,
    question: str | None = None,
    opens_at: str | None = None,
    closes_at: str | None = None,
    external_id: str | None = None,
) -> Challenge:
    """Ask a question to which customers propose ideas; the same external id changes the same challenge."""
    shown = validate.line(title, "title")
    opens = None if opens_at is None else validate.moment(opens_at, "opensAt")
    closes = None if closes_at is None else validate.moment(closes_at, "closesAt")
    if opens and closes and closes <= opens:
        raise Invalid("A challenge closes after it opens: give a later closesAt.", field="closesAt")
    properties = {
        "title": shown,
        "titleKey": fold(shown),
        "question": None if question is None else validate.prose(question, "question"),
        "opensAt": opens,
        "closesAt": closes,
    }
    uid = new_uid()
    key = uid if external_id is None else validate.identifier(external_id, "externalId")
    row = await one(tx, CHALLENGE, externalId=key, uid=uid, now=now, properties=properties)
    return Challenge(row["uid"], key, row["created"]) if row else Challenge(uid, key, created=True)


STORED = "MATCH (i:Idea {externalId: $externalId}) RETURN i.uid AS uid, i.status AS status"

PHASE = """
MATCH (h:Challenge {uid: $uid})
RETURN h.opensAt AS opensAt, h.closesAt AS closesAt
"""

SUBMIT = """
MATCH (h:Challenge {uid: $challenge})
CREATE (i:Idea {uid: $uid, externalId: $externalId})
SET i += $properties
CREATE (i)-[:IN_CHALLENGE]->(h)
"""

PROPOSE = """
MATCH (c:Customer {uid: $author}), (i:Idea {uid: $uid})
CREATE (c)-[:PROPOSED]->(i)
"""


async def idea_submit(
    tx: Transaction,
    *,
    challenge: str,
    author: str | None,
    title: str,
    now: str,
    body: str | None = None,
    at: str | None = None,
    category: str | None = None,
    cost: float | None = None,
    external_id: str | None = None,
) -> Idea:
    """Propose an idea in an open challenge; one external id is kept once."""
    uid = new_uid()
    key = uid if external_id is None else validate.identifier(external_id, "externalId")
    if external_id is not None and (stored := await one(tx, STORED, externalId=key)):
        return Idea(stored["uid"], key, IdeaStatus(stored["status"]), created=False)
    properties = _properties(title, body, at or now, category, cost) | {"createdAt": now}
    phase = await one(tx, PHASE, uid=await require(tx, Noun.CHALLENGE, challenge, "challenge"))
    _check_open(phase or {}, now)
    authors = await require_maybe(tx, Noun.CUSTOMER, author, "author")
    for each in authors:
        await _check_voice(tx, each, "author")
    await run(tx, SUBMIT, challenge=challenge, uid=uid, externalId=key, properties=properties)
    for each in authors:
        await run(tx, PROPOSE, author=each, uid=uid)
    return Idea(uid, key, IdeaStatus.OPEN, created=True)


# The voter is locked before the vote is looked at: a pair has one vote, and voters do not wait for others.
LOCK = """
MATCH (c:Customer {uid: $voter})
SET c.touched = coalesce(c.touched, 0) + 1
WITH c MATCH (i:Idea {uid: $idea})
OPTIONAL MATCH (c)-[v:VOTED]->(i)
OPTIONAL MATCH (i)-[:IN_CHALLENGE]->(h)
RETURN c.suspended AS suspended, i.status AS status, v.value AS previous,
       h.opensAt AS opensAt, h.closesAt AS closesAt
"""

VOTE = """
MATCH (c:Customer {uid: $voter}), (i:Idea {uid: $idea})
MERGE (c)-[v:VOTED]->(i)
SET v.value = $value, v.at = $now
"""

WITHDRAW = """
MATCH (:Customer {uid: $voter})-[v:VOTED]->(:Idea {uid: $idea})
DELETE v
"""


async def cast_vote(tx: Transaction, *, idea: str, voter: str, value: int | None, now: str) -> Vote:
    """Vote 1, −1 or 0 (a pass) on an idea, change the vote, or withdraw it with None."""
    if value is not None and (isinstance(value, bool) or value not in {-1, 0, 1}):
        raise Invalid("value is none of -1, 0 and 1: give one of them, or null to withdraw.", field="value")
    who, what = validate.identifier(voter, "voter"), validate.identifier(idea, "idea")
    row = await one(tx, LOCK, voter=who, idea=what)
    if row is None:
        await require(tx, Noun.CUSTOMER, who, "voter")
        raise NotFound(f"There is no idea {what}: give the id of one.", field="idea")
    _check_vote(row, who, now)
    vote = Vote(who, what, value, row["previous"])
    if vote.value == vote.previous:
        return vote
    await (
        run(tx, WITHDRAW, voter=who, idea=what)
        if value is None
        else run(tx, VOTE, voter=who, idea=what, value=value, now=now)
    )
    await outbox.emit(tx, kind=EventKind.TALLY_REFRESH, payload={"idea": what}, now=now, key=f"tally:{what}")
    return vote


STATUS = """
MATCH (i:Idea {uid: $uid})
SET i.status = $status
RETURN i.externalId AS externalId
"""


async def set_status(tx: Transaction, *, idea: str, status: str) -> Idea:
    """Say how far an idea has come."""
    kind = validate.choice(IdeaStatus, status, "status")
    uid = await require(tx, Noun.IDEA, idea, "idea")
    row = await one(tx, STATUS, uid=uid, status=kind.value)
    return Idea(uid, row["externalId"] if row else uid, kind, created=False)


SUSPENDED = "MATCH (c:Customer {uid: $uid}) RETURN c.suspended AS suspended"


async def _check_voice(tx: Transaction, customer: str, field: str) -> None:
    row = await one(tx, SUSPENDED, uid=customer)
    if row and row["suspended"]:
        raise NotAllowed(f"Customer {customer} is suspended: lift the suspension first.", field=field)


def _check_vote(row: dict[str, Any], voter: str, now: str) -> None:
    if row["suspended"]:
        raise NotAllowed(f"Customer {voter} is suspended: lift the suspension first.", field="voter")
    status = IdeaStatus(row["status"] or IdeaStatus.OPEN)
    if not status.can_be_voted:
        raise Closed(f"The idea is {status}: vote on one that is open.", field="idea")
    _check_open(row, now)


def _check_open(phase: dict[str, Any], now: str) -> None:
    """A challenge takes part from opensAt until just before closesAt."""
    if phase.get("opensAt") and now < phase["opensAt"]:
        raise Closed(f"The challenge opens at {phase['opensAt']}: come back then.", field="challenge")
    if phase.get("closesAt") and now >= phase["closesAt"]:
        raise Closed(f"The challenge closed at {phase['closesAt']}: choose an open one.", field="challenge")


def _properties(
    title: str, body: str | None, at: str, category: str | None, cost: float | None
) -> dict[str, Any]:
    shown = validate.line(title, "title")
    properties: dict[str, Any] = {
        "title": shown,
        "titleKey": fold(shown),
        "at": validate.moment(at, "at"),
        "status": IdeaStatus.OPEN.value,
    }
    if body is not None:
        properties["body"] = validate.prose(body, "body")
    if category is not None:
        properties["category"] = validate.line(category, "category")
    if cost is not None:
        properties["cost"] = validate.number(cost, "cost", low=0)
    return properties
