"""Communities and who belongs to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, LiteralString

from graph import validate
from graph.driver import Graph, Transaction
from graph.errors import Invalid, NotFound
from graph.known import Noun, external, require
from graph.records import new_uid
from graph.rows import one
from graph.text import fold


class CommunityKind(StrEnum):
    """Whether people said they belong together, or their ties do."""

    DECLARED = "DECLARED"
    DETECTED = "DETECTED"


# Who was in a community at an instant, for statements that have it as g; a detected one has whom the run found.
WERE_IN: LiteralString = """
  MATCH (c:Customer)-[m:MEMBER_OF|WAS_MEMBER_OF]->(g)
  WHERE g.kind = 'DETECTED' AND type(m) = 'MEMBER_OF' OR coalesce(g.kind, 'DECLARED') <> 'DETECTED'
    AND (m.since IS NULL OR m.since <= $at) AND (m.until IS NULL OR m.until > $at)
  WITH DISTINCT g, c
"""


@dataclass(frozen=True, slots=True)
class Community:
    """Which community a write met, and whether it was new."""

    uid: str
    external_id: str
    created: bool


@dataclass(frozen=True, slots=True)
class Membership:
    """That a customer belongs to a community, or did until a given instant."""

    customer: str
    community: str
    role: str | None
    since: str | None
    until: str | None


MERGE = """
MERGE (g:Community {externalId: $externalId})
ON CREATE SET g.uid = $uid, g.createdAt = $now, g.kind = 'DECLARED'
SET g.touched = coalesce(g.touched, 0) + 1
RETURN g.uid AS uid, g.externalId AS externalId, g.uid = $uid AS created
"""

SAVE = """
MATCH (g:Community {uid: $uid})
SET g += $properties
RETURN g.uid AS uid, g.externalId AS externalId
"""


async def upsert(
    tx: Transaction,
    *,
    now: str,
    fields: Mapping[str, object],
    uid: str | None = None,
    external_id: str | None = None,
) -> Community:
    """Add or change the community of this uid or external id; fields left out stay, None clears."""
    properties = _properties(fields)
    if uid is None:
        fresh = new_uid()
        key = None if external_id is None else validate.identifier(external_id, "externalId")
        row = await one(tx, MERGE, externalId=key or fresh, uid=fresh, now=now)
        created = bool(row and row["created"])
        uid = str(row["uid"]) if row else fresh
    else:
        created = False
        uid = validate.identifier(uid, "uid")
        properties |= await external(tx, Noun.COMMUNITY, uid, external_id)
    saved = await one(tx, SAVE, uid=uid, properties=properties)
    if saved is None:
        raise NotFound(f"There is no community {uid}: leave uid out to add one.", field="uid")
    return Community(saved["uid"], saved["externalId"], created)


# Both ends are locked first, so a pair has one membership whoever else writes it.
JOIN = """
MATCH (c:Customer {uid: $customer})
SET c.touched = coalesce(c.touched, 0) + 1
WITH c MATCH (g:Community {uid: $community})
MERGE (c)-[m:MEMBER_OF]->(g)
SET m.community = g.uid, m.since = coalesce($since, m.since, $now),
    m.role = CASE WHEN $keepRole THEN m.role ELSE $role END
RETURN m.role AS role, m.since AS since
"""


async def join(
    tx: Transaction,
    *,
    customer: str,
    community: str,
    now: str,
    role: str | None = None,
    since: str | None = None,
) -> Membership:
    """Make a customer a member; a member who joins again keeps what is not given."""
    who, where = await _ends(tx, customer, community)
    row = await one(
        tx,
        JOIN,
        customer=who,
        community=where,
        now=now,
        role=None if role is None else validate.line(role, "role"),
        keepRole=role is None,
        since=None if since is None else validate.moment(since, "since"),
    )
    return _membership(row or {}, who, where)


# What has ended is a relationship of its own, so that no read of the members has to look whether they still are.
LEAVE = """
MATCH (c:Customer {uid: $customer})
SET c.touched = coalesce(c.touched, 0) + 1
WITH c MATCH (c)-[m:MEMBER_OF]->(g:Community {uid: $community})
CREATE (c)-[w:WAS_MEMBER_OF {until: $until}]->(g)
SET w.role = m.role, w.since = m.since
DELETE m
RETURN w.role AS role, w.since AS since, w.until AS until
"""

LEFT = """
MATCH (:Customer {uid: $customer})-[w:WAS_MEMBER_OF]->(:Community {uid: $community})
RETURN w.role AS role, w.since AS since, w.until AS until ORDER BY until DESC LIMIT 1
"""


async def leave(
    tx: Transaction, *, customer: str, community: str, now: str, until: str | None = None
) -> Membership:
    """End a membership, of which a record stays; leaving again changes nothing."""
    who, where = await _ends(tx, customer, community)
    end = now if until is None else validate.moment(until, "until")
    row = await one(tx, LEAVE, customer=who, community=where, until=end)
    row = row or await one(tx, LEFT, customer=who, community=where)
    if row is None:
        raise NotFound(f"Customer {who} is no member of community {where}.", field="customer")
    return _membership(row, who, where)


MEMBERS = """
MATCH (c:Customer)-[m:MEMBER_OF|WAS_MEMBER_OF]->(:Community {uid: $community})
WHERE $former OR type(m) = 'MEMBER_OF'
RETURN c.uid AS customer, m.role AS role, m.since AS since, m.until AS until
ORDER BY customer, until
"""


async def members(graph: Graph, *, community: str, former: bool = False) -> list[Membership]:
    """The members of a community; with `former` also those who left."""
    found = await graph.read(MEMBERS, community=community, former=former)
    return [_membership(dict(row), row["customer"], community) for row in found]


async def _ends(tx: Transaction, customer: str, community: str) -> tuple[str, str]:
    who = await require(tx, Noun.CUSTOMER, customer, "customer")
    return who, await require(tx, Noun.COMMUNITY, community, "community")


def _membership(row: Mapping[str, Any], customer: str, community: str) -> Membership:
    return Membership(customer, community, row.get("role"), row.get("since"), row.get("until"))


def _properties(fields: Mapping[str, object]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for name, value in fields.items():
        if name == "name":
            checked = None if value is None else validate.line(value, name)
            properties |= {"name": checked, "nameKey": None if checked is None else fold(checked)}
        elif name == "kind":
            properties["kind"] = validate.choice(CommunityKind, value or CommunityKind.DECLARED, name).value
        else:
            raise Invalid(f"A community has no field {name}: give name or kind.", field=name)
    return properties
