"""API tokens: who asks, proved by a random secret of which only the hash is kept."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from enum import StrEnum

from graph import validate
from graph.driver import Graph, Transaction
from graph.errors import Invalid, NotFound
from graph.known import Noun, require_maybe
from graph.records import new_uid
from graph.rows import one

PREFIX = "muh_"
SHOWN = 12
LONGEST = 100


class Role(StrEnum):
    """What a caller may do, least first."""

    CUSTOMER = "CUSTOMER"
    AGENT = "AGENT"
    COMMUNITY_MANAGER = "COMMUNITY_MANAGER"
    PRODUCT_MANAGER = "PRODUCT_MANAGER"
    ADMINISTRATOR = "ADMINISTRATOR"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A token as it is kept: everything but the secret."""

    uid: str
    name: str
    prefix: str
    role: Role
    customer: str | None
    created_at: str
    expires_at: str | None
    revoked_at: str | None


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks: the key, its role, and the customer it speaks for."""

    key: str
    name: str
    role: Role
    customer: str | None


CREATE = """
CREATE (k:ApiKey {uid: $uid})
SET k += $properties
RETURN k.uid AS uid
"""


async def create(
    tx: Transaction,
    *,
    name: str,
    role: str,
    now: str,
    customer: str | None = None,
    expires_at: str | None = None,
) -> tuple[str, ApiKey]:
    """Make a token; the secret is returned here and never again."""
    kind = validate.choice(Role, role, "role")
    if kind is Role.CUSTOMER and customer is None:
        raise Invalid("A token of role CUSTOMER speaks for a customer: give the customer.", field="customer")
    await require_maybe(tx, Noun.CUSTOMER, customer, "customer")
    token = PREFIX + secrets.token_urlsafe(32)
    expires = validate.moment(expires_at, "expiresAt") if expires_at else None
    key = ApiKey(
        new_uid(), validate.line(name, "name"), token[:SHOWN], kind, customer, now, expires, revoked_at=None
    )
    await one(tx, CREATE, uid=key.uid, properties=_properties(key) | {"hash": _hash(token)})
    return token, key


BY_HASH = """
MATCH (k:ApiKey {hash: $hash})
RETURN k.uid AS uid, k.name AS name, k.role AS role, k.customer AS customer, k.hash AS hash,
       k.expiresAt AS expiresAt, k.revokedAt AS revokedAt
"""


async def verify(graph: Graph, token: str, *, now: str) -> Viewer | None:
    """Who this token speaks for, or None if it is unknown, expired or revoked.

    Only the hash of the secret is looked up and compared, so timing tells nothing about a valid token.
    """
    digest = _hash(token[:LONGEST])
    row = await graph.read_one(BY_HASH, hash=digest)
    if row is None or not hmac.compare_digest(row["hash"], digest):
        return None
    if row["revokedAt"] is not None or (row["expiresAt"] is not None and row["expiresAt"] <= now):
        return None
    return Viewer(row["uid"], row["name"], Role(row["role"]), row["customer"])


REVOKE = """
MATCH (k:ApiKey {uid: $uid})
SET k.revokedAt = coalesce(k.revokedAt, $now)
RETURN k.uid AS uid
"""


async def revoke(tx: Transaction, *, uid: str, now: str) -> None:
    """End a token at once; ending it again changes nothing."""
    if await one(tx, REVOKE, uid=validate.identifier(uid, "uid"), now=now) is None:
        raise NotFound(f"There is no token {uid}: muhatap tokens lists their ids.", field="uid")


LISTED = """
MATCH (k:ApiKey)
RETURN k.uid AS uid, k.name AS name, k.prefix AS prefix, k.role AS role, k.customer AS customer,
       k.createdAt AS createdAt, k.expiresAt AS expiresAt, k.revokedAt AS revokedAt
ORDER BY createdAt, uid
"""


async def listed(graph: Graph) -> list[ApiKey]:
    """Every token, oldest first."""
    return [
        ApiKey(
            row["uid"],
            row["name"],
            row["prefix"],
            Role(row["role"]),
            row["customer"],
            row["createdAt"],
            row["expiresAt"],
            row["revokedAt"],
        )
        for row in await graph.read(LISTED)
    ]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _properties(key: ApiKey) -> dict[str, object]:
    """What is stored of a key, absent values left out."""
    given = {
        "name": key.name,
        "prefix": key.prefix,
        "role": key.role.value,
        "customer": key.customer,
        "createdAt": key.created_at,
        "expiresAt": key.expires_at,
    }
    return {name: value for name, value in given.items() if value is not None}
