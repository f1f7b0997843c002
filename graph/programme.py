"""The advocacy programme: who was invited, who takes part by their own consent, and what its acts are worth."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from graph import validate
from graph.driver import Transaction
from graph.errors import Invalid, NotAllowed, NotFound
from graph.known import Noun, require
from graph.records import new_uid
from graph.rows import one, run

MOST_POINTS = 100_000
MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


class ActKind(StrEnum):
    """What a member did for the brand."""

    REFERRAL = "REFERRAL"
    ANSWER = "ANSWER"
    REVIEW = "REVIEW"
    DEFENCE = "DEFENCE"
    IDEA_ADOPTED = "IDEA_ADOPTED"


POINTS = {
    ActKind.REFERRAL: 50,
    ActKind.ANSWER: 10,
    ActKind.REVIEW: 15,
    ActKind.DEFENCE: 10,
    ActKind.IDEA_ADOPTED: 40,
}


class MemberState(StrEnum):
    """How a customer stands to the programme."""

    INVITED = "INVITED"
    ACTIVE = "ACTIVE"
    DECLINED = "DECLINED"
    LEFT = "LEFT"


@dataclass(frozen=True, slots=True)
class Member:
    """A member, locked until the transaction ends, with the three balances of the ledger in points."""

    uid: str
    customer: str
    state: MemberState
    earned: int
    spendable: int
    owed: int


ELIGIBLE = """
MATCH (c:Customer {uid: $customer})
RETURN coalesce(c.kind, 'PERSON') AS kind, coalesce(c.suspended, false) AS suspended
"""

INVITE = """
MATCH (c:Customer {uid: $customer})
MERGE (b:ProgrammeMember {customer: $customer})
ON CREATE SET b.uid = $uid, b.state = 'INVITED', b.earned = 0, b.spendable = 0, b.owed = 0
SET b.touched = coalesce(b.touched, 0) + 1
MERGE (c)-[:IN_PROGRAMME]->(b)
RETURN b.uid = $uid AS created
"""


async def invite(tx: Transaction, *, customer: str, channel: str, wording: str, now: str) -> Member:
    """Invite a customer; who is invited or takes part already stays so.

    Who declined or left hears nothing more from the programme: they come back by their own `join` alone.
    """
    who = await require(tx, Noun.CUSTOMER, customer, "customer")
    step = _contact(channel, wording)
    await _check_person(tx, who)
    row = await one(tx, INVITE, customer=who, uid=new_uid())
    if row and row["created"]:
        return await _move(tx, await hold(tx, who), MemberState.INVITED, now, step)
    member = await hold(tx, who)
    if member.state in {MemberState.DECLINED, MemberState.LEFT}:
        raise NotAllowed(
            f"Customer {who} has {member.state.lower()}: do not write to them; they may join again themselves.",
            field="customer",
        )
    return member


async def join(
    tx: Transaction,
    *,
    customer: str,
    channel: str,
    wording: str,
    now: str,
    proof: str | None = None,
) -> Member:
    """Take part with consent to this wording; who was invited once may come back so at any time."""
    step = _contact(channel, wording)
    if proof is not None:
        step["proof"] = validate.line(proof, "proof", maximum=validate.URL)
    member = await hold(tx, customer)
    await _check_person(tx, member.customer)
    return (
        member
        if member.state is MemberState.ACTIVE
        else await _move(tx, member, MemberState.ACTIVE, now, step)
    )


async def decline(tx: Transaction, *, customer: str, now: str) -> Member:
    """Decline an invitation: no other follows."""
    member = await hold(tx, customer)
    if member.state is MemberState.DECLINED:
        return member
    if member.state is not MemberState.INVITED:
        raise NotAllowed(f"Customer {member.customer} is no longer invited: leave instead.", field="customer")
    return await _move(tx, member, MemberState.DECLINED, now, {})


async def leave(tx: Transaction, *, customer: str, now: str) -> Member:
    """Leave: all that was stays as it is, and nobody writes to them any more."""
    member = await hold(tx, customer)
    if member.state is MemberState.LEFT:
        return member
    if member.state is not MemberState.ACTIVE:
        raise NotAllowed(f"Customer {member.customer} does not take part: decline instead.", field="customer")
    return await _move(tx, member, MemberState.LEFT, now, {})


LOCK = """
MATCH (b:ProgrammeMember {customer: $customer})
SET b.touched = coalesce(b.touched, 0) + 1
RETURN b.uid AS uid
"""

HELD = """
MATCH (b:ProgrammeMember {customer: $customer})
RETURN b.uid AS uid, b.state AS state, b.earned AS earned, b.spendable AS spendable, b.owed AS owed
"""


async def hold(tx: Transaction, customer: str) -> Member:
    """The member of a customer: locked first, read then, so that what is computed from it still holds."""
    who = validate.identifier(customer, "customer")
    row = await _locked(tx, who)
    if row is None:
        await require(tx, Noun.CUSTOMER, who, "customer")
        raise NotFound(f"Customer {who} is not in the programme: invite them first.", field="customer")
    state = MemberState(row["state"])
    return Member(row["uid"], who, state, row["earned"], row["spendable"], row["owed"])


async def _locked(tx: Transaction, customer: str) -> dict[str, Any] | None:
    await run(tx, LOCK, customer=customer)
    return await one(tx, HELD, customer=customer)


async def takes_part(tx: Transaction, customer: str) -> bool:
    """Whether a customer is an active member, who stays one until this transaction ends."""
    row = await _locked(tx, customer)
    return row is not None and row["state"] == MemberState.ACTIVE


async def hold_active(tx: Transaction, customer: str) -> Member:
    """The same for a member who takes part and may."""
    member = await hold(tx, customer)
    if member.state is not MemberState.ACTIVE:
        raise NotAllowed(
            f"Customer {member.customer} does not take part ({member.state}): they have to join first.",
            field="customer",
        )
    await _check_person(tx, member.customer)
    return member


SET_POINTS = """
MERGE (y:Programme {name: 'programme'})
SET y += $points
"""


async def set_points(tx: Transaction, *, points: Mapping[ActKind, object]) -> None:
    """Declare what an act of a kind earns from now on; kinds left out stay as they are."""
    checked = {points_key(kind): whole(value, points_key(kind)) for kind, value in points.items()}
    await run(tx, SET_POINTS, points=checked)


DECLARED = "MATCH (y:Programme {name: 'programme'}) RETURN properties(y) AS points"


async def points_of(tx: Transaction, kind: ActKind) -> int:
    """What an act of a kind earns."""
    row = await one(tx, DECLARED)
    return int((row["points"] if row else {}).get(points_key(kind), POINTS[kind]))


def points_key(kind: ActKind) -> str:
    """The property, and the input, that holds what a kind earns: `ideaAdoptedPoints`."""
    first, *rest = kind.value.lower().split("_")
    return "".join([first, *(word.capitalize() for word in rest), "Points"])


def whole(value: object, field: str, *, low: int = 0, high: int = MOST_POINTS) -> int:
    """A whole number between `low` and `high`, both included."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise Invalid(f"{field} is {value!r}: give a whole number between {low} and {high}.", field=field)
    return value


def month(text: str) -> tuple[str, str]:
    """The first instant of a month such as 2026-01, and that of the next; in UTC.

    >>> month("2026-12")
    ('2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z')
    """
    found = MONTH.fullmatch(text)
    if found is None:
        raise Invalid(f"{text[:20]!r} is no month: write it like 2026-01.", field="month")
    year, number = int(found[1]), int(found[2])
    after = f"{year + number // 12:04}-{number % 12 + 1:02}"
    return f"{text}-01T00:00:00.000Z", f"{after}-01T00:00:00.000Z"


async def _check_person(tx: Transaction, customer: str) -> None:
    row = await one(tx, ELIGIBLE, customer=customer)
    if row and (row["kind"] != "PERSON" or row["suspended"]):
        what = "suspended" if row["suspended"] else row["kind"].lower()
        raise NotAllowed(f"Customer {customer} is {what}: the programme is for customers.", field="customer")


def _contact(channel: str, wording: str) -> dict[str, str]:
    return {
        "channel": validate.handle(channel, "channel"),
        "wording": validate.prose(wording, "wording"),
    }


STEP = """
MATCH (b:ProgrammeMember {uid: $member})
SET b.state = $state, b.stateAt = $now
CREATE (b)-[:HAS_STEP]->(u:ProgrammeStep {uid: $uid})
SET u += $properties
"""


async def _move(
    tx: Transaction, member: Member, state: MemberState, now: str, given: Mapping[str, str]
) -> Member:
    """Change the state, and keep when, by which channel and to which words."""
    properties = {"state": state.value, "at": now, **given}
    await run(tx, STEP, member=member.uid, uid=new_uid(), state=state.value, now=now, properties=properties)
    return Member(member.uid, member.customer, state, member.earned, member.spendable, member.owed)
