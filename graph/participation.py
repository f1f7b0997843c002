"""Who may take part in a challenge, as one person however many accounts they have, and how often."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph import publication
from graph.driver import Transaction
from graph.errors import NotAllowed
from graph.publication import in_slots
from graph.rows import one, rows


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on the customer `c`, over declared names, and its parameters."""

    text: str
    parameters: Mapping[str, Any]


# From the audience that a challenge has stored to the condition on its customers.
Admit = Callable[[str], Condition]


def nobody(audience: str) -> Condition:
    """For callers who know no filters: where an audience is asked for, they let nobody in."""
    return Condition("false", {})


async def slots(tx: Transaction) -> dict[str, str]:
    """The slots that are published, inside a transaction."""
    found = await rows(tx, publication.PUBLISHED, names=publication.NAMES)
    return {row["name"]: row["slot"] for row in found}


HOLD = """
MATCH (c:Customer {uid: $person})
SET c.touched = coalesce(c.touched, 0) + 1
RETURN coalesce(CASE $slot WHEN 'A' THEN c.accountsA ELSE c.accountsB END, []) AS accounts, c.votesPaid AS paid
"""


@dataclass(frozen=True, slots=True)
class Person:
    """The uid that stands for somebody, their accounts, and until when their votes are paid (ms)."""

    uid: str
    accounts: Sequence[str]
    paid: int | None


async def hold_person(tx: Transaction, *, person: str, slot: str, account: str) -> Person:
    """Lock a person until the transaction ends, so that their accounts act one after another."""
    row = await one(tx, HOLD, person=person, slot=slot) or {}
    return Person(person, sorted({*row.get("accounts", ()), account}), row.get("paid"))


CUSTOMER = """
MATCH (c:Customer {uid: $uid})
SET c.touched = coalesce(c.touched, 0) + 1
WITH c OPTIONAL MATCH (p:Publication {name: 'influence'})
RETURN c.suspended AS suspended, p.slot AS slot,
       CASE p.slot WHEN 'A' THEN c.personA WHEN 'B' THEN c.personB END AS person
"""


async def hold(tx: Transaction, customer: str) -> Sequence[str]:
    """Lock a customer and the person they are; returns the uids of all their accounts."""
    row = await one(tx, CUSTOMER, uid=customer) or {}
    if not row.get("person"):
        return [customer]
    return (await hold_person(tx, person=row["person"], slot=row["slot"], account=customer)).accounts


async def check_audience(
    tx: Transaction, *, audience: str | None, customer: str, field: str, admit: Admit
) -> None:
    """Nothing if a challenge with this audience is for a customer, who satisfies its filter now."""
    if audience is None:
        return
    asked = admit(audience)
    text = (
        f"MATCH (c:Customer {{uid: $uid}}) WHERE {in_slots(asked.text, await slots(tx))} RETURN c.uid AS uid"
    )
    result = await tx.run(text, {**asked.parameters, "uid": customer})
    if not await result.data():
        raise NotAllowed(f"The challenge is not for customer {customer}: choose another.", field=field)


OUTSIDE = """
MATCH (:Challenge {{uid: $uid}})<-[:IN_CHALLENGE]-(:Idea)<-[:VOTED]-(c:Customer)
WITH DISTINCT c WHERE NOT coalesce({condition}, false)
RETURN count(c) AS outside
"""


async def count_outside(tx: Transaction, *, challenge: str, audience: str, admit: Admit) -> int:
    """How many have voted in a challenge who are not of an audience."""
    asked = admit(audience)
    text = OUTSIDE.format(condition=in_slots(asked.text, await slots(tx)))
    result = await tx.run(text, {**asked.parameters, "uid": challenge})
    return int((await result.data())[0]["outside"])
