"""What customers consented to be told, on which channel: each step is kept, with its words and its proof."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from graph import validate
from graph.driver import Transaction
from graph.errors import Invalid
from graph.known import Noun, require
from graph.records import new_uid
from graph.rows import one, rows, run


class Channel(StrEnum):
    """Where somebody is told."""

    IN_APP = "IN_APP"
    EMAIL = "EMAIL"
    WEBHOOK = "WEBHOOK"


class Purpose(StrEnum):
    """What somebody is told of."""

    IDEAS = "IDEAS"


class ConsentState(StrEnum):
    """Whether a consent holds from then on."""

    GIVEN = "GIVEN"
    WITHDRAWN = "WITHDRAWN"


class Pace(StrEnum):
    """How often somebody is written to at most."""

    IMMEDIATE = "IMMEDIATE"
    DAILY = "DAILY"


# The customer's property that repeats what holds now, by channel: the pace, or nothing.
HOLDS = {Channel.EMAIL: "ideasByEmail", Channel.WEBHOOK: "ideasByWebhook"}


@dataclass(frozen=True, slots=True)
class Consent:
    """The step that holds now."""

    uid: str
    state: ConsentState


LOCK = "MATCH (c:Customer {uid: $customer}) SET c.touched = coalesce(c.touched, 0) + 1"

LAST = """
MATCH (c:Customer {uid: $customer})-[:GAVE]->(k)
WHERE k.purpose = $purpose AND k.channel = $channel
RETURN k.uid AS uid, k.state AS state, k.pace AS pace, k.wording AS wording
ORDER BY k.uid DESC LIMIT 1
"""

STEP = """
MATCH (c:Customer {uid: $customer})
SET c += $holds
CREATE (c)-[:GAVE]->(k:Consent {uid: $uid})
SET k += $properties
"""


async def give(
    tx: Transaction,
    *,
    customer: str,
    channel: str,
    wording: str,
    now: str,
    pace: str = Pace.IMMEDIATE,
    proof: str | None = None,
    by: str | None = None,
) -> Consent:
    """Consent to be told of ideas on a channel, in these words; the same once more changes nothing."""
    where, often = _channel(channel), validate.choice(Pace, pace, "pace")
    given = {"pace": often.value, "wording": validate.prose(wording, "wording")}
    if proof is not None:
        given["proof"] = validate.line(proof, "proof", maximum=validate.URL)
    who = await require(tx, Noun.CUSTOMER, customer, "customer")
    last = await _last(tx, who, where)
    same = last and (last["state"], last["pace"], last["wording"]) == (
        ConsentState.GIVEN,
        given["pace"],
        given["wording"],
    )
    if last and same:
        return Consent(str(last["uid"]), ConsentState.GIVEN)
    return await _step(tx, who, where, ConsentState.GIVEN, now, given | _by(by))


async def withdraw(
    tx: Transaction, *, customer: str, channel: str, now: str, by: str | None = None
) -> Consent:
    """Be told of ideas on a channel no more; who has withdrawn already stays so."""
    where = _channel(channel)
    who = await require(tx, Noun.CUSTOMER, customer, "customer")
    last = await _last(tx, who, where)
    if last and last["state"] == ConsentState.WITHDRAWN:
        return Consent(str(last["uid"]), ConsentState.WITHDRAWN)
    return await _step(tx, who, where, ConsentState.WITHDRAWN, now, _by(by))


SHARING = """
MATCH (c:Customer {uid: $customer}) WHERE c.email IS NOT NULL
WITH c.email AS address
MATCH (o:Customer {email: address}) WHERE o.ideasByEmail IS NOT NULL
RETURN o.uid AS uid ORDER BY uid
"""


async def unsubscribe(tx: Transaction, *, customer: str, now: str) -> int:
    """Write no more to the address of a customer: all accounts that have it withdraw; returns how many did."""
    sharing = {str(row["uid"]) for row in await rows(tx, SHARING, customer=customer)}
    known = await one(tx, "MATCH (c:Customer {uid: $customer}) RETURN c.uid AS uid", customer=customer)
    everybody = sorted(sharing | ({customer} if known else set()))
    for each in everybody:
        await withdraw(tx, customer=each, channel=Channel.EMAIL, now=now, by="unsubscribe link")
    return len(everybody)


def _channel(channel: str) -> Channel:
    found = validate.choice(Channel, channel, "channel")
    if found is Channel.IN_APP:
        raise Invalid("The inbox needs no consent: choose another channel.", field="channel")
    return found


def _by(name: str | None) -> dict[str, str]:
    return {} if name is None else {"by": name}


async def _last(tx: Transaction, customer: str, channel: Channel) -> dict[str, object] | None:
    await run(tx, LOCK, customer=customer)
    return await one(tx, LAST, customer=customer, channel=channel.value, purpose=Purpose.IDEAS.value)


async def _step(
    tx: Transaction,
    customer: str,
    channel: Channel,
    state: ConsentState,
    now: str,
    given: Mapping[str, str],
) -> Consent:
    uid = new_uid()
    properties = {
        "purpose": Purpose.IDEAS.value,
        "channel": channel.value,
        "state": state.value,
        "at": now,
        **given,
    }
    holds = {HOLDS[channel]: given.get("pace")}
    await run(tx, STEP, customer=customer, uid=uid, holds=holds, properties=properties)
    return Consent(uid, state)
