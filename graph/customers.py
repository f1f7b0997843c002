"""Customers: people, staff and bots, and the accounts on channels by which they are known."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from graph import validate
from graph.driver import Graph, Transaction
from graph.errors import Invalid, NotFound, Taken
from graph.known import Noun, external
from graph.records import new_uid
from graph.rows import one
from graph.text import fold, identity_key, normalise_email, normalise_phone


class CustomerKind(StrEnum):
    """Who is behind a customer record; only persons are ranked."""

    PERSON = "PERSON"
    STAFF = "STAFF"
    BOT = "BOT"


@dataclass(frozen=True, slots=True)
class Handle:
    """An account on a channel, as typed."""

    channel: str
    handle: str


@dataclass(frozen=True, slots=True)
class Customer:
    """Which customer a write met, and whether it was new."""

    uid: str
    external_id: str
    created: bool


def _email(value: object, field: str) -> str:
    found = normalise_email(validate.line(value, field, maximum=254))
    if found is None:
        raise Invalid(f"{field} is no e-mail address: write it like name@example.org.", field=field)
    return found


def _phone(value: object, field: str) -> str:
    found = normalise_phone(validate.line(value, field, maximum=40))
    if found is None:
        raise Invalid(f"{field} is no phone number: write it like +90 212 555 00 00.", field=field)
    return found


def _kind(value: object, field: str) -> str:
    return validate.choice(CustomerKind, value, field).value


def _suspended(value: object, field: str) -> bool:
    if not isinstance(value, bool):
        raise Invalid(f"{field} is neither true nor false: give one of them.", field=field)
    return value


FIELDS: dict[str, Callable[[object, str], object]] = {
    "name": validate.line,
    "locale": validate.line,
    "city": validate.line,
    "email": _email,
    "phone": _phone,
    "birthDate": validate.day,
    "joinedAt": validate.moment,
    "value": validate.number,
    "kind": _kind,
    "suspended": _suspended,
}
FOLDED = {"name": "nameKey", "city": "cityKey"}
ALWAYS: dict[str, object] = {"kind": CustomerKind.PERSON.value, "suspended": False}

BY_KEY = """
UNWIND $keys AS key
MATCH (i:Identity {key: key})<-[:IDENTIFIED_BY]-(c:Customer)
RETURN key, c.uid AS uid, c.externalId AS externalId, c.name AS name
"""


async def find(graph: Graph, *, channel: str, handle: str) -> str | None:
    """The uid of the customer known by this account, or None."""
    row = await graph.read_one(BY_KEY, keys=[_key(Handle(channel, handle))])
    return None if row is None else str(row["uid"])


MERGE = """
MERGE (c:Customer {externalId: $externalId})
ON CREATE SET c.uid = $uid, c.createdAt = $now, c.kind = 'PERSON', c.suspended = false
SET c.touched = coalesce(c.touched, 0) + 1
RETURN c.uid AS uid, c.externalId AS externalId, c.uid = $uid AS created
"""

SAVE = """
MATCH (c:Customer {uid: $uid})
SET c += $properties
RETURN c.uid AS uid, c.externalId AS externalId
"""


async def upsert(
    tx: Transaction,
    *,
    now: str,
    fields: Mapping[str, object],
    uid: str | None = None,
    external_id: str | None = None,
    identities: Sequence[Handle] = (),
    shared: Sequence[Handle] = (),
) -> Customer:
    """Add or change the customer of this uid, external id or identity; new identities are added.

    What `fields` leaves out stays as it is; a field given as None is cleared. Handles that are `shared` stay with
    the customers who hold them: all of them are of one person.
    """
    properties = _properties(fields)
    handles = {_key(each): each for each in validate.several(identities, "identities")}
    customer = await _locate(tx, uid, external_id, list(handles), now)
    await one(tx, SAVE, uid=customer.uid, properties=properties)
    for key in sorted(handles):
        await _identify(tx, customer.uid, key, handles[key])
    for handle in validate.several(shared, "sharedIdentities"):
        await _claim(tx, customer.uid, handle)
    return customer


async def _locate(
    tx: Transaction, uid: str | None, external_id: str | None, keys: list[str], now: str
) -> Customer:
    """The customer meant: by uid, else by external id, else whoever holds one of the identities, else new."""
    if uid is not None:
        return await _known(tx, validate.identifier(uid, "uid"), external_id)
    if external_id is None and keys and (holder := await one(tx, BY_KEY, keys=keys)):
        return Customer(holder["uid"], holder["externalId"], created=False)
    fresh = new_uid()
    key = fresh if external_id is None else validate.identifier(external_id, "externalId")
    row = await one(tx, MERGE, externalId=key, uid=fresh, now=now)
    return Customer(fresh if row is None else row["uid"], key, created=row is None or row["created"])


async def _known(tx: Transaction, uid: str, external_id: str | None) -> Customer:
    """The customer of a uid, who may be given an external id that nobody else has."""
    given = await external(tx, Noun.CUSTOMER, uid, external_id)
    row = await one(tx, SAVE, uid=uid, properties=given)
    if row is None:
        raise NotFound(f"There is no customer {uid}: leave uid out to add one.", field="uid")
    return Customer(row["uid"], row["externalId"], created=False)


# The touch locks the identity before its holder is read, so two customers cannot both take it.
IDENTIFY = """
MERGE (i:Identity {key: $key})
ON CREATE SET i.uid = $uid, i.channel = $channel, i.handle = $handle
SET i.touched = coalesce(i.touched, 0) + 1
WITH i OPTIONAL MATCH (h:Customer)-[:IDENTIFIED_BY]->(i)
RETURN h.uid AS holder, h.name AS name
"""

LINK = """
MATCH (c:Customer {uid: $customer}), (i:Identity {key: $key})
MERGE (c)-[:IDENTIFIED_BY]->(i)
"""


async def _identify(tx: Transaction, customer: str, key: str, given: Handle) -> None:
    row = await one(tx, IDENTIFY, key=key, uid=new_uid(), channel=given.channel, handle=given.handle)
    holder = row["holder"] if row else None
    if holder == customer:
        return
    if row and holder is not None:
        who = f"{row['name']} ({holder})" if row["name"] else holder
        raise Taken(
            f"{given.channel}:{given.handle} belongs to customer {who}: leave it out, or give it in sharedIdentities.",
            field="identities",
        )
    await one(tx, LINK, customer=customer, key=key)


CLAIM = """
MATCH (c:Customer {uid: $customer}), (i:Identity {key: $key})<-[:IDENTIFIED_BY]-(h:Customer)
WHERE h.uid <> $customer
MERGE (c)-[:CLAIMED]->(i)
RETURN h.uid AS holder
"""


async def _claim(tx: Transaction, customer: str, given: Handle) -> None:
    key = _key(given, "sharedIdentities")
    if await one(tx, CLAIM, customer=customer, key=key) is None:
        raise NotFound(
            f"No other customer holds {given.channel}:{given.handle}: give it in identities.",
            field="sharedIdentities",
        )


def _key(given: Handle, field: str = "identities") -> str:
    channel = validate.handle(given.channel, field)
    if ":" in channel:
        # an import folder writes channel:handle
        raise Invalid(f"The channel {channel} holds a colon: write it without.", field=field)
    return identity_key(channel, validate.handle(given.handle, field))


def _properties(fields: Mapping[str, object]) -> dict[str, Any]:
    """Checked values under their stored names, each searched text with its folded twin."""
    properties: dict[str, Any] = {}
    for name, value in fields.items():
        if name not in FIELDS:
            raise Invalid(f"A customer has no field {name}: give {', '.join(FIELDS)}.", field=name)
        checked = ALWAYS.get(name) if value is None else FIELDS[name](value, name)
        properties[name] = checked
        if name in FOLDED:
            properties[FOLDED[name]] = None if checked is None else fold(str(checked))
    return properties
