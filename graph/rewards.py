"""Rewards of the programme: what they cost, how many there are, and who redeems them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from graph import ledger, validate
from graph.driver import Transaction
from graph.errors import Invalid, NotAllowed, NotFound
from graph.known import Noun, external
from graph.programme import Member, hold, hold_active, whole
from graph.records import new_uid, parse_instant, to_instant
from graph.rows import one, run
from graph.text import fold

MOST = 1_000_000_000
LONGEST_DAYS = 3_660


class RedemptionState(StrEnum):
    """How far a redemption has come."""

    REQUESTED = "REQUESTED"
    FULFILLED = "FULFILLED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Reward:
    """Which reward a write met, and whether it was new."""

    uid: str
    external_id: str
    created: bool


@dataclass(frozen=True, slots=True)
class Redemption:
    """Which redemption a write met, of whom, and how far it is now."""

    uid: str
    member: str
    state: RedemptionState


MERGE = """
MERGE (w:Reward {externalId: $externalId})
ON CREATE SET w.uid = $uid, w.createdAt = $now
SET w.touched = coalesce(w.touched, 0) + 1
RETURN w.uid AS uid, w.externalId AS externalId, w.uid = $uid AS created, w.name AS name, w.points AS points
"""

SAVE = """
MATCH (w:Reward {uid: $uid})
SET w += $properties
RETURN w.uid AS uid, w.externalId AS externalId
"""


async def upsert(
    tx: Transaction,
    *,
    now: str,
    fields: Mapping[str, object],
    uid: str | None = None,
    external_id: str | None = None,
) -> Reward:
    """Add or change a reward; what `fields` leaves out stays, None clears: no stock and no limit are endless."""
    properties = _properties(fields)
    if uid is not None:
        return await _change(tx, validate.identifier(uid, "uid"), external_id, properties)
    fresh = new_uid()
    key = None if external_id is None else validate.identifier(external_id, "externalId")
    row = await one(tx, MERGE, externalId=key or fresh, uid=fresh, now=now) or {}
    for name in ("name", "points"):
        if row.get(name) is None and name not in properties:
            raise Invalid(f"A reward needs its {name}: give it.", field=name)
    await run(tx, SAVE, uid=row["uid"], properties=properties)
    return Reward(row["uid"], row["externalId"], row["created"])


async def _change(tx: Transaction, uid: str, external_id: str | None, properties: dict[str, Any]) -> Reward:
    properties |= await external(tx, Noun.REWARD, uid, external_id)
    saved = await one(tx, SAVE, uid=uid, properties=properties)
    if saved is None:
        raise NotFound(f"There is no reward {uid}: leave uid out to add one.", field="uid")
    return Reward(saved["uid"], saved["externalId"], created=False)


def _properties(fields: Mapping[str, object]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for name, value in fields.items():
        if name == "name":
            properties["name"] = validate.line(value, name)
            properties["nameKey"] = fold(properties["name"])
        elif name == "points":
            properties[name] = whole(value, name, low=1, high=MOST)
        elif name in HIGHEST:
            low = 0 if name == "stock" else 1
            properties[name] = None if value is None else whole(value, name, low=low, high=HIGHEST[name])
        else:
            raise Invalid(
                f"A reward has no field {name}: give name, points, {', '.join(HIGHEST)}.", field=name
            )
    return properties


HIGHEST = {"stock": MOST, "memberLimit": MOST, "limitDays": LONGEST_DAYS}

# Always the member first and the reward then, so that two redemptions never wait for each other.
LOCK = """
MATCH (w:Reward {uid: $uid})
SET w.touched = coalesce(w.touched, 0) + 1
RETURN w.uid AS uid
"""

OFFER = """
MATCH (w:Reward {uid: $uid})
RETURN w.points AS points, w.stock AS stock, w.memberLimit AS memberLimit, w.limitDays AS days
"""

TAKEN = """
MATCH (b:ProgrammeMember {uid: $member})-[:REDEEMED]->(r:Redemption)-[:OF]->(w:Reward {uid: $reward})
WHERE r.state <> 'CANCELLED' AND r.at > $since
RETURN count(r) AS taken
"""

REDEEM = """
MATCH (b:ProgrammeMember {uid: $member}), (w:Reward {uid: $reward})
SET w.stock = w.stock - 1
CREATE (b)-[:REDEEMED]->(r:Redemption {uid: $uid, externalId: $uid})-[:OF]->(w)
SET r.state = 'REQUESTED', r.points = $points, r.at = $now
"""


async def redeem(tx: Transaction, *, customer: str, reward: str, now: str) -> Redemption:
    """Pay a reward with spendable points: enough of them, in stock, and within the limit of the member."""
    member = await hold_active(tx, customer)
    uid = validate.identifier(reward, "reward")
    await run(tx, LOCK, uid=uid)
    offer = await one(tx, OFFER, uid=uid)
    if offer is None:
        raise NotFound(f"There is no reward {uid}: give the id of one.", field="reward")
    await _check(tx, offer, member, uid, now)
    made = new_uid()
    await run(tx, REDEEM, member=member.uid, reward=uid, uid=made, points=offer["points"], now=now)
    await ledger.spend(tx, member, redemption=made, points=offer["points"], now=now)
    return Redemption(made, member.uid, RedemptionState.REQUESTED)


async def _check(tx: Transaction, offer: dict[str, Any], member: Member, reward: str, now: str) -> None:
    if offer["stock"] == 0:
        raise NotAllowed("The reward is out of stock: choose another.", field="reward")
    if member.spendable < offer["points"]:
        short = offer["points"] - member.spendable
        raise NotAllowed(f"The member has {short} points too few: choose another.", field="reward")
    if offer["memberLimit"] is None:
        return
    days = offer["days"]
    since = "" if days is None else to_instant(parse_instant(now) - timedelta(days=days))
    row = await one(tx, TAKEN, member=member.uid, reward=reward, since=since)
    if row and row["taken"] >= offer["memberLimit"]:
        period = "" if days is None else f" in {days} days"
        raise NotAllowed(f"A member may have {offer['memberLimit']} of these{period}: wait.", field="reward")


SETTLE = """
MATCH (r:Redemption {uid: $uid})
SET r.state = $state, r.settledAt = $now, r.settledBy = $by, r.reason = $reason
"""

RESTOCK = """
MATCH (r:Redemption {uid: $uid})-[:OF]->(w:Reward)
SET w.stock = w.stock + 1
"""


async def fulfil(tx: Transaction, *, redemption: str, by: str, now: str) -> Redemption:
    """Say that the reward was handed out."""
    member, state, _ = await _held(tx, redemption)
    if state is RedemptionState.CANCELLED:
        raise NotAllowed("The redemption is cancelled: its points are given back.", field="redemption")
    if state is RedemptionState.REQUESTED:
        wanted = RedemptionState.FULFILLED.value
        await run(tx, SETTLE, uid=redemption, state=wanted, now=now, by=by, reason=None)
    return Redemption(redemption, member.uid, RedemptionState.FULFILLED)


async def cancel(
    tx: Transaction, *, redemption: str, by: str, now: str, reason: str | None = None
) -> Redemption:
    """Give points and stock back for a reward that was not handed out."""
    why = None if reason is None else validate.line(reason, "reason")
    member, state, points = await _held(tx, redemption)
    if state is RedemptionState.FULFILLED:
        raise NotAllowed("The redemption is fulfilled: the reward was handed out.", field="redemption")
    if state is RedemptionState.REQUESTED:
        wanted = RedemptionState.CANCELLED.value
        await run(tx, SETTLE, uid=redemption, state=wanted, now=now, by=by, reason=why)
        await run(tx, RESTOCK, uid=redemption)
        await ledger.give_back(tx, member, redemption=redemption, points=points, now=now)
    return Redemption(redemption, member.uid, RedemptionState.CANCELLED)


OWNER = "MATCH (b:ProgrammeMember)-[:REDEEMED]->(r:Redemption {uid: $uid}) RETURN b.customer AS customer"
STATE = "MATCH (r:Redemption {uid: $uid}) RETURN r.state AS state, r.points AS points"


async def _held(tx: Transaction, redemption: str) -> tuple[Member, RedemptionState, int]:
    """The member of a redemption, held, and then the redemption: its state and points."""
    uid = validate.identifier(redemption, "redemption")
    owner = await one(tx, OWNER, uid=uid)
    if owner is None:
        raise NotFound(f"There is no redemption {uid}: give the id of one.", field="redemption")
    member = await hold(tx, owner["customer"])
    row = await one(tx, STATE, uid=uid) or {}
    return member, RedemptionState(row["state"]), row["points"]
