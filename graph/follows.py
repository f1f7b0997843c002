"""Who follows an idea, and who wants to hear no more of it."""

from graph import moderation
from graph.driver import Transaction
from graph.known import Noun, require
from graph.rows import one, run

# The customer is locked before the relationship is looked at: a pair has one.
LOCK = "MATCH (c:Customer {uid: $customer}) SET c.touched = coalesce(c.touched, 0) + 1"

FOLLOW = """
MATCH (c:Customer {uid: $customer}), (i:Idea {uid: $idea})
MERGE (c)-[f:FOLLOWS_IDEA]->(i)
SET f.since = coalesce(f.since, $now), f.muted = $muted
"""


SHOWN = "MATCH (i:Idea {uid: $idea}) RETURN coalesce(i.moderation, 'PUBLISHED') AS moderation"


async def follow(tx: Transaction, *, idea: str, customer: str, now: str) -> None:
    """Hear what becomes of an idea that is shown, also after having unfollowed it."""
    if row := await one(tx, SHOWN, idea=idea):
        moderation.require_published(row["moderation"], Noun.IDEA, idea)
    await _set(tx, idea, customer, now, muted=False)


async def unfollow(tx: Transaction, *, idea: str, customer: str, now: str) -> None:
    """Hear no more of an idea: who proposed it, voted or commented on it may want that, too."""
    await _set(tx, idea, customer, now, muted=True)


async def _set(tx: Transaction, idea: str, customer: str, now: str, *, muted: bool) -> None:
    who = await require(tx, Noun.CUSTOMER, customer, "customer")
    what = await require(tx, Noun.IDEA, idea, "idea")
    await run(tx, LOCK, customer=who)
    await run(tx, FOLLOW, customer=who, idea=what, now=now, muted=muted)
