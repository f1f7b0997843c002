"""What became of an idea, said once to everybody whom it concerns."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from graph import outbox, validate
from graph.consents import Channel
from graph.driver import Graph, Transaction
from graph.errors import NotFound
from graph.known import Noun, require
from graph.outbox import EventKind
from graph.records import new_uid
from graph.rows import one, rows, run


class NoticeKind(StrEnum):
    """What happened."""

    ANSWERED = "ANSWERED"
    STATUS_CHANGED = "STATUS_CHANGED"
    MERGED = "MERGED"
    SPLIT = "SPLIT"
    MODERATED = "MODERATED"
    COMMENTED = "COMMENTED"


class DeliveryState(StrEnum):
    """How far a message has come."""

    WAITING = "WAITING"
    SENT = "SENT"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


class Reason(StrEnum):
    """Why somebody was not reached on a channel."""

    MUTED = "MUTED"
    NO_CONSENT = "NO_CONSENT"
    NO_ADDRESS = "NO_ADDRESS"
    REFUSED = "REFUSED"
    GAVE_UP = "GAVE_UP"


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice, the idea it is about, and the last customer (by uid) who has it; `done`: all have it."""

    uid: str
    kind: NoticeKind
    idea: str
    cause: str
    reached: str
    done: bool


# An answer, a status change or a moderator says their words; those of a merge or a comment are where it is.
ANNOUNCE = """
MATCH (i:Idea {uid: $idea})
OPTIONAL MATCH (i)-[:HAS_ANSWER|HAS_STATUS|HAS_MODERATION]->(a) WHERE a.uid = $cause
WITH i, head(collect(a)) AS a
MERGE (n:Notice {key: $key})
ON CREATE SET n.uid = $uid, n.kind = $kind, n.cause = $cause, n.at = $now,
              n.text = coalesce(a.text, a.reason),
              n.status = CASE WHEN $kind IN ['ANSWERED', 'STATUS_CHANGED'] THEN coalesce(a.to, i.status) END
MERGE (n)-[:ABOUT_IDEA]->(i)
RETURN n.uid = $uid AS created
"""


async def announce(tx: Transaction, *, kind: NoticeKind, idea: str, cause: str, now: str) -> None:
    """Tell everybody concerned of what happened to an idea: one cause (its uid) is told once, for good.

    Call it last, as `outbox.emit`. A worker then finds who is concerned, and writes to them.
    """
    what = await require(tx, Noun.IDEA, idea, "idea")
    why = validate.identifier(cause, "cause")
    uid, told = new_uid(), validate.choice(NoticeKind, kind, "kind").value
    row = await one(tx, ANNOUNCE, idea=what, cause=why, kind=told, key=f"{told}:{why}", uid=uid, now=now)
    if row and row["created"]:
        await outbox.emit(tx, kind=EventKind.NOTICE_SPREAD, payload={"notice": uid}, now=now)


GET = """
MATCH (n:Notice {uid: $uid})-[:ABOUT_IDEA]->(i)
RETURN n.uid AS uid, n.kind AS kind, i.uid AS idea, n.cause AS cause, coalesce(n.reached, '') AS reached,
       n.spreadAt IS NOT NULL AS done
"""


async def get(graph: Graph, uid: str) -> Notice:
    """A notice, and how far it has spread."""
    row = await graph.read_one(GET, uid=uid)
    if row is None:
        raise NotFound(f"There is no notice {uid}.")
    return Notice(row["uid"], NoticeKind(row["kind"]), row["idea"], row["cause"], row["reached"], row["done"])


DUPLICATES = "MATCH (d)-[:DUPLICATE_OF*1..10]->(:Idea {uid: $idea}) RETURN DISTINCT d.uid AS uid"

CONCERNED = """
UNWIND $ideas AS idea MATCH (:Idea {uid: idea})<-[:VOTED]-(c)
RETURN 'VOTED' AS tie, idea, collect(c.uid) AS people
UNION ALL
UNWIND $ideas AS idea MATCH (:Idea {uid: idea})<-[:PROPOSED]-(c)
RETURN 'PROPOSED' AS tie, idea, collect(c.uid) AS people
UNION ALL
UNWIND $ideas AS idea MATCH (:Idea {uid: idea})<-[:ON_IDEA]-(m)<-[:COMMENTED]-(c) WHERE m.uid <> $cause
RETURN 'COMMENTED' AS tie, idea, collect(c.uid) AS people
UNION ALL
UNWIND $ideas AS idea MATCH (:Idea {uid: idea})<-[f:FOLLOWS_IDEA]-(c) WHERE f.muted = false
RETURN 'FOLLOWS' AS tie, idea, collect(c.uid) AS people
UNION ALL
UNWIND $ideas AS idea MATCH (:Idea {uid: idea})<-[f:FOLLOWS_IDEA]-(c) WHERE f.muted = true
RETURN 'MUTED' AS tie, idea, collect(c.uid) AS people
UNION ALL
UNWIND $ideas AS idea MATCH (:Idea {uid: idea})<-[:ON_IDEA]-(m)<-[:COMMENTED]-(c) WHERE m.uid = $cause
RETURN 'SAID' AS tie, idea, collect(c.uid) AS people
"""
# A comment would flood those who only voted; a decision of a moderator is the author's business.
HEARS = {
    NoticeKind.COMMENTED: ("PROPOSED", "COMMENTED", "FOLLOWS"),
    NoticeKind.MODERATED: ("PROPOSED",),
}
EVERYBODY = ("VOTED", "PROPOSED", "COMMENTED", "FOLLOWS")


async def concerned(graph: Graph, notice: Notice) -> tuple[list[str], list[str]]:
    """Customers who are to hear a notice, and those who muted its idea, by uid; also through what was merged.

    Who muted a duplicate is not concerned by it, but may be by the idea itself.
    """
    merged = [str(row["uid"]) for row in await graph.read(DUPLICATES, idea=notice.idea)]
    ties: dict[tuple[str, str], set[str]] = {}
    for row in await graph.read(CONCERNED, ideas=[notice.idea, *merged], cause=notice.cause):
        ties[row["tie"], row["idea"]] = set(row["people"])
    found: set[str] = set()
    for idea in (notice.idea, *merged):
        people = set().union(*(ties.get((tie, idea), set()) for tie in HEARS.get(notice.kind, EVERYBODY)))
        found |= people if idea == notice.idea else people - ties.get(("MUTED", idea), set())
    found -= set().union(*(people for (tie, _), people in ties.items() if tie == "SAID"))
    muted = ties.get(("MUTED", notice.idea), set()) & found
    return sorted(found - muted), sorted(muted)


PEOPLE = """
UNWIND $people AS uid
MATCH (c:Customer {uid: uid})
RETURN c.uid AS uid, c.email AS email, c.ideasByEmail AS byEmail, c.ideasByWebhook AS byWebhook
"""

ENTER = """
UNWIND $entries AS row
MATCH (c:Customer {uid: row.customer})
MATCH (n:Notice {uid: $notice})
MERGE (e:InboxEntry {key: row.key})
ON CREATE SET e.uid = row.uid, e.at = $now
MERGE (c)-[:HEARS]->(e)
MERGE (e)-[:OF]->(n)
SET c.inboxTouched = coalesce(c.inboxTouched, 0) + 1
"""

ADDRESS = """
UNWIND $deliveries AS row
MATCH (c:Customer {uid: row.customer})
MATCH (n:Notice {uid: $notice})
MERGE (d:Delivery {key: row.key})
ON CREATE SET d.uid = row.uid, d.channel = row.channel, d.state = row.state, d.reason = row.reason,
              d.attempts = 0, d.at = $now, d.dueAt = row.dueAt
MERGE (c)-[:IS_SENT]->(d)
MERGE (d)-[:TELLS]->(n)
"""

REACHED = "MATCH (n:Notice {uid: $notice}) SET n.reached = $reached"


async def enter(
    tx: Transaction, *, notice: str, people: Sequence[str], channels: Collection[Channel], now: str
) -> None:
    """Put a notice in the inboxes of some customers and write down what is to be sent to them.

    All keys are made of the notice and the customer, or the e-mail address: to repeat it changes nothing.
    """
    found = await rows(tx, PEOPLE, people=people)
    entries = [{"key": f"{notice}:{row['uid']}", "uid": new_uid(), "customer": row["uid"]} for row in found]
    await run(tx, ENTER, entries=entries, notice=notice, now=now)
    deliveries = [each for row in found for each in _deliveries(notice, row, channels, now)]
    if deliveries:
        await run(tx, ADDRESS, deliveries=deliveries, notice=notice, now=now)
    await run(tx, REACHED, notice=notice, reached=people[-1])


def _deliveries(
    notice: str, row: Mapping[str, Any], channels: Collection[Channel], now: str
) -> list[dict[str, object]]:
    who = str(row["uid"])
    made = []
    if Channel.EMAIL in channels:
        reason = None if row["byEmail"] else Reason.NO_CONSENT
        reason = reason or (None if row["email"] else Reason.NO_ADDRESS)
        # accounts of one address get one letter
        to = who if reason else hashlib.sha256(str(row["email"]).encode()).hexdigest()
        made.append(_delivery(notice, who, Channel.EMAIL, to, reason, now))
    if Channel.WEBHOOK in channels and row["byWebhook"]:
        made.append(_delivery(notice, who, Channel.WEBHOOK, who, None, now))
    return made


def _delivery(
    notice: str, customer: str, channel: Channel, to: str, reason: Reason | None, now: str
) -> dict[str, object]:
    return {
        "key": f"{notice}:{channel}:{to}",
        "uid": new_uid(),
        "customer": customer,
        "channel": channel.value,
        "state": (DeliveryState.SKIPPED if reason else DeliveryState.WAITING).value,
        "reason": reason and reason.value,
        "dueAt": None if reason else now,
    }


async def skip_muted(tx: Transaction, *, notice: str, people: Sequence[str], now: str) -> None:
    """Note who is not told because they muted the idea."""
    deliveries = [_delivery(notice, who, Channel.IN_APP, who, Reason.MUTED, now) for who in people]
    await run(tx, ADDRESS, deliveries=deliveries, notice=notice, now=now)


SPREAD = "MATCH (n:Notice {uid: $notice}) SET n.spreadAt = coalesce(n.spreadAt, $now)"


async def mark_spread(tx: Transaction, *, notice: str, now: str) -> None:
    """Note that everybody concerned has it: who becomes so later has read it where it was published."""
    await run(tx, SPREAD, notice=notice, now=now)


READ = """
MATCH (c:Customer {uid: $customer})-[:HEARS]->(e)
WHERE e.readAt IS NULL AND ($entries IS NULL OR e.uid IN $entries)
SET e.readAt = $now
"""
TOUCH = "MATCH (c:Customer {uid: $customer}) SET c.inboxTouched = coalesce(c.inboxTouched, 0) + 1"


async def mark_read(
    tx: Transaction, *, customer: str, now: str, entries: Sequence[str] | None = None
) -> None:
    """Note that a customer has read entries of their inbox; all of them where none are named."""
    who = await require(tx, Noun.CUSTOMER, customer, "customer")
    named = None if entries is None else validate.several(entries, "entries")
    await run(tx, TOUCH, customer=who)
    await run(tx, READ, customer=who, entries=named, now=now)
