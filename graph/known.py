"""Refuses ids which nothing in the graph has, and external ids which something else has."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, LiteralString

from graph import validate
from graph.driver import Transaction
from graph.errors import NotFound, Taken
from graph.rows import one, rows


class Noun(StrEnum):
    """What an id may belong to, as people call it."""

    CUSTOMER = "customer"
    COMMUNITY = "community"
    PRODUCT = "product"
    MENTION = "mention"
    CHALLENGE = "challenge"
    IDEA = "idea"
    NOTICE = "notice"
    COMMENT = "comment"
    TOPIC = "topic"
    REWARD = "reward"


FOUND: dict[Noun, LiteralString] = {
    Noun.CUSTOMER: "UNWIND $uids AS uid MATCH (n:Customer {uid: uid}) RETURN n.uid AS uid",
    Noun.COMMUNITY: "UNWIND $uids AS uid MATCH (n:Community {uid: uid}) RETURN n.uid AS uid",
    Noun.PRODUCT: "UNWIND $uids AS uid MATCH (n:Product {uid: uid}) RETURN n.uid AS uid",
    Noun.MENTION: "UNWIND $uids AS uid MATCH (n:Mention {uid: uid}) RETURN n.uid AS uid",
    Noun.CHALLENGE: "UNWIND $uids AS uid MATCH (n:Challenge {uid: uid}) RETURN n.uid AS uid",
    Noun.IDEA: "UNWIND $uids AS uid MATCH (n:Idea {uid: uid}) RETURN n.uid AS uid",
    Noun.NOTICE: "UNWIND $uids AS uid MATCH (n:Notice {uid: uid}) RETURN n.uid AS uid",
    Noun.COMMENT: "UNWIND $uids AS uid MATCH (n:Comment {uid: uid}) RETURN n.uid AS uid",
    Noun.TOPIC: "UNWIND $uids AS uid MATCH (n:Topic {uid: uid}) RETURN n.uid AS uid",
    Noun.REWARD: "UNWIND $uids AS uid MATCH (n:Reward {uid: uid}) RETURN n.uid AS uid",
}
HOLDER: dict[Noun, LiteralString] = {
    Noun.CUSTOMER: "MATCH (n:Customer {externalId: $key}) RETURN n.uid AS uid",
    Noun.COMMUNITY: "MATCH (n:Community {externalId: $key}) RETURN n.uid AS uid",
    Noun.REWARD: "MATCH (n:Reward {externalId: $key}) RETURN n.uid AS uid",
}


async def require_all(tx: Transaction, noun: Noun, uids: Sequence[str], field: str) -> list[str]:
    """Ids, each once, all of which exist."""
    asked = validate.several([validate.identifier(uid, field) for uid in uids], field)
    if not asked:
        return []
    found = {row["uid"] for row in await rows(tx, FOUND[noun], uids=asked)}
    for uid in asked:
        if uid not in found:
            raise NotFound(f"There is no {noun} {uid}: give the id of one.", field=field)
    return asked


async def require(tx: Transaction, noun: Noun, uid: str, field: str) -> str:
    """One id, which exists."""
    return (await require_all(tx, noun, [uid], field))[0]


async def require_maybe(tx: Transaction, noun: Noun, uid: str | None, field: str) -> list[str]:
    """No id, or one which exists, as a list of none or one."""
    return [] if uid is None else await require_all(tx, noun, [uid], field)


async def external(tx: Transaction, noun: Noun, uid: str, external_id: str | None) -> dict[str, Any]:
    """The external id to set, if one is given: no other has it."""
    if external_id is None:
        return {}
    key = validate.identifier(external_id, "externalId")
    holder = await one(tx, HOLDER[noun], key=key)
    if holder and holder["uid"] != uid:
        raise Taken(f"External id {key} belongs to {noun} {holder['uid']}: give another.", field="externalId")
    return {"externalId": key}
