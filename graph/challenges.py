"""Challenges: questions of the brand, and when customers take part in them."""

from dataclasses import dataclass
from typing import Any

from graph import validate
from graph.driver import Transaction
from graph.errors import Closed, Invalid
from graph.known import Noun, require
from graph.records import new_uid
from graph.rows import one
from graph.text import fold


@dataclass(frozen=True, slots=True)
class Challenge:
    """Which challenge a write met, and whether it was new."""

    uid: str
    external_id: str
    created: bool


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


PHASE = """
MATCH (h:Challenge {uid: $uid})
RETURN h.opensAt AS opensAt, h.closesAt AS closesAt
"""


async def require_open(tx: Transaction, *, challenge: str, now: str) -> None:
    """Nothing if a challenge takes part now; NotFound or Closed if there is none, or it does not."""
    row = await one(tx, PHASE, uid=await require(tx, Noun.CHALLENGE, challenge, "challenge"))
    check_open(row or {}, now)


def check_open(phase: dict[str, Any], now: str) -> None:
    """A challenge takes part from opensAt until just before closesAt."""
    if phase.get("opensAt") and now < phase["opensAt"]:
        raise Closed(f"The challenge opens at {phase['opensAt']}: come back then.", field="challenge")
    if phase.get("closesAt") and now >= phase["closesAt"]:
        raise Closed(f"The challenge closed at {phase['closesAt']}: choose an open one.", field="challenge")
