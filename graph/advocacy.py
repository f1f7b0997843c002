"""Advocacy links: one customer recommending, defending, rating, referring or warning to another."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from graph import abuse, validate
from graph.driver import Transaction
from graph.errors import Invalid, NotFound, Taken
from graph.known import Noun, require, require_maybe
from graph.records import new_uid
from graph.rows import one, run
from graph.ties import rebuild_ties


class AdvocacyKind(StrEnum):
    """What the one did for or to the other."""

    RECOMMENDATION = "RECOMMENDATION"
    REFERRAL = "REFERRAL"
    DEFENCE = "DEFENCE"
    WARNING = "WARNING"
    RATING = "RATING"


@dataclass(frozen=True, slots=True)
class Advocacy:
    """Which advocacy link a write met, and whether it was new."""

    uid: str
    external_id: str
    giver: str
    receiver: str
    kind: AdvocacyKind
    created: bool


# No label on the ends: with one, the embedded engine walks all customers instead of the index of links.
STORED = """
MATCH (a)-[l:ADVOCATED]->(b) WHERE l.externalId = $externalId
RETURN l.uid AS uid, a.uid AS giver, b.uid AS receiver, l.kind AS kind
"""

CREATE = """
MATCH (a:Customer {uid: $giver})
SET a.touched = coalesce(a.touched, 0) + 1
WITH a MATCH (b:Customer {uid: $receiver})
CREATE (a)-[l:ADVOCATED {uid: $uid, externalId: $externalId}]->(b)
SET l += $properties
"""


async def record(
    tx: Transaction,
    *,
    giver: str,
    receiver: str,
    kind: str,
    weight: float,
    now: str,
    at: str | None = None,
    product: str | None = None,
    outcome: str | None = None,
    outcome_at: str | None = None,
    value: float | None = None,
    external_id: str | None = None,
    referral_link: str | None = None,
) -> Advocacy:
    """Keep a link from `giver` to `receiver` and its tie; one external id is kept once.

    `referral_link` is the referral link that it is a conversion of, which then counts it.
    """
    uid = new_uid()
    key = uid if external_id is None else validate.identifier(external_id, "externalId")
    act = validate.choice(AdvocacyKind, kind, "kind")
    properties = _properties(act, weight, at, outcome, outcome_at, value) | {"createdAt": now}
    source = await require(tx, Noun.CUSTOMER, giver, "from")
    target = await require(tx, Noun.CUSTOMER, receiver, "to")
    if source == target:
        raise Invalid("A customer cannot advocate to itself: give two customers.", field="to")
    if external_id is not None and (stored := await one(tx, STORED, externalId=key)):
        return _again(stored, key, source, target, act)
    if about := await require_maybe(tx, Noun.PRODUCT, product, "product"):
        properties["product"] = about[0]
    if referral_link is not None:
        properties["referralLink"] = referral_link
    await run(tx, CREATE, giver=source, receiver=target, uid=uid, externalId=key, properties=properties)
    await _retie(tx, act, source, target)
    await _recount(tx, referral_link)
    return Advocacy(uid, key, source, target, act, created=True)


RETRACT = """
MATCH (a)-[l:ADVOCATED]->(b) WHERE l.uid = $uid
WITH a.uid AS giver, b.uid AS receiver, l.kind AS kind, l.externalId AS externalId,
  l.referralLink AS referralLink, l
DELETE l
RETURN giver, receiver, kind, externalId, referralLink
"""


async def retract(tx: Transaction, *, uid: str) -> Advocacy:
    """Take a link back: the tie which it made is made again without it."""
    row = await one(tx, RETRACT, uid=validate.identifier(uid, "uid"))
    if row is None:
        raise NotFound(f"There is no advocacy link {uid}: it may be retracted already.", field="uid")
    act = AdvocacyKind(row["kind"])
    await abuse.note_gone(tx, evidence=f"link:{uid}")
    await _retie(tx, act, row["giver"], row["receiver"])
    await _recount(tx, row["referralLink"])
    return Advocacy(uid, row["externalId"], row["giver"], row["receiver"], act, created=False)


async def _retie(tx: Transaction, kind: AdvocacyKind, giver: str, receiver: str) -> None:
    """A referred customer responded to the advocate; a warning is no response."""
    if kind is AdvocacyKind.REFERRAL:
        await rebuild_ties(tx, [receiver])
    elif kind is not AdvocacyKind.WARNING:
        await rebuild_ties(tx, [giver])


# The touch takes the lock first: what another transaction has just converted is counted too.
RECOUNT = """
MATCH (k:ReferralLink {uid: $uid})
SET k.touched = coalesce(k.touched, 0) + 1
WITH k OPTIONAL MATCH (k)<-[:OFFERS]-(a)-[l:ADVOCATED]->(b) WHERE l.referralLink = k.uid
WITH k, count(l) AS conversions, sum(coalesce(l.value, 0.0)) AS value
SET k.conversions = conversions, k.value = toFloat(value)
"""


async def _recount(tx: Transaction, referral_link: str | None) -> None:
    """What a referral link brought, counted again from its conversions, never by one more."""
    if referral_link is not None:
        await run(tx, RECOUNT, uid=referral_link)


def _again(stored: dict[str, Any], key: str, giver: str, receiver: str, kind: AdvocacyKind) -> Advocacy:
    """The link already kept under an external id, if it is this one."""
    if (stored["giver"], stored["receiver"], stored["kind"]) != (giver, receiver, kind.value):
        raise Taken(f"External id {key} belongs to link {stored['uid']}: give another.", field="externalId")
    return Advocacy(stored["uid"], key, giver, receiver, kind, created=False)


def _properties(
    kind: AdvocacyKind,
    weight: float,
    at: str | None,
    outcome: str | None,
    outcome_at: str | None,
    value: float | None,
) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "kind": kind.value,
        "weight": validate.number(weight, "weight", low=-1, high=1),
    }
    if at is not None:
        properties["at"] = validate.moment(at, "at")
    if outcome is not None:
        properties["outcome"] = validate.line(outcome, "outcome")
    if outcome_at is not None:
        properties["outcomeAt"] = validate.moment(outcome_at, "outcomeAt")
    if value is not None:
        properties["value"] = validate.number(value, "value")
    return properties
