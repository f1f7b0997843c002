"""What became of an idea or a challenge, said once to everybody whom it concerns."""

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
    MERGE_UNDONE = "MERGE_UNDONE"
    SPLIT = "SPLIT"
    SPLIT_UNDONE = "SPLIT_UNDONE"
    MODERATED = "MODERATED"
    COMMENT_MODERATED = "COMMENT_MODERATED"
    COMMENTED = "COMMENTED"
    CHALLENGE_DECIDED = "CHALLENGE_DECIDED"


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
    """A notice, the idea it is about, and the last customer (by uid) who has it; `done`: all have it.

    One of a challenge is about no single idea.
    """

    uid: str
    kind: NoticeKind
    idea: str | None
    cause: str
    reached: str
    done: bool


# An answer, a status change or a moderator says their words; those of a merge or a comment are where it is.
ANNOUNCE = """
MATCH (i:Idea {uid: $idea})
OPTIONAL MATCH (m:Comment {uid: $comment})
OPTIONAL MATCH (i)-[:HAS_ANSWER|HAS_STATUS|HAS_MODERATION]->(a) WHERE a.uid = $cause
OPTIONAL MATCH (m)-[:HAS_MODERATION]->(b) WHERE b.uid = $cause
WITH i, m, head(collect(coalesce(a, b))) AS a
MERGE (n:Notice {key: $key})
ON CREATE SET n.uid = $uid, n.kind = $kind, n.cause = $cause, n.at = $now,
              n.text = coalesce(a.text, a.reason),
              n.status = CASE WHEN $kind IN ['ANSWERED', 'STATUS_CHANGED'] THEN coalesce(a.to, i.status)
                              WHEN $kind ENDS WITH 'MODERATED' THEN a.state END
MERGE (n)-[:ABOUT_IDEA]->(i)
FOREACH (x IN CASE WHEN m IS NULL THEN [] ELSE [m] END | MERGE (n)-[:ABOUT_COMMENT]->(x))
RETURN n.uid = $uid AS created
"""


async def announce(
    tx: Transaction, *, kind: NoticeKind, idea: str, cause: str, now: str, comment: str | None = None
) -> None:
    """Tell everybody concerned of what happened to an idea, or to a comment on it: one cause (its uid) is told once.

    Call it last, as `outbox.emit`. A worker then finds who is concerned, and writes to them.
    """
    what = await require(tx, Noun.IDEA, idea, "idea")
    why = validate.identifier(cause, "cause")
    uid, told = new_uid(), validate.choice(NoticeKind, kind, "kind").value
    key = f"{told}:{why}"
    row = await one(tx, ANNOUNCE, idea=what, comment=comment, cause=why, kind=told, key=key, uid=uid, now=now)
    if row and row["created"]:
        await outbox.emit(tx, kind=EventKind.NOTICE_SPREAD, payload={"notice": uid}, now=now)


# One that was opened again is decided at another instant.
DECIDED = """
MATCH (h:Challenge {uid: $challenge})
MERGE (n:Notice {key: 'CHALLENGE_DECIDED:' + $challenge + ':' + h.decidedAt})
ON CREATE SET n.uid = $uid, n.kind = 'CHALLENGE_DECIDED', n.cause = $challenge, n.at = $now
MERGE (n)-[:ABOUT_CHALLENGE]->(h)
RETURN n.uid = $uid AS created
"""


async def announce_decided(tx: Transaction, *, challenge: str, now: str) -> None:
    """Tell everybody who took part in a challenge that it is decided, once each, however many ideas concern them."""
    uid = new_uid()
    row = await one(tx, DECIDED, challenge=challenge, uid=uid, now=now)
    if row and row["created"]:
        await outbox.emit(tx, kind=EventKind.NOTICE_SPREAD, payload={"notice": uid}, now=now)


# What was decided before it came here, or long ago, is no news.
UNTOLD = """
MATCH (h:Challenge) WHERE h.decidedAt > $since AND h.decidedAt <= $now
AND h.decidedAt > coalesce(h.createdAt, '') AND NOT EXISTS { (h)<-[:ABOUT_CHALLENGE]-(n) WHERE n.at >= h.decidedAt }
RETURN h.uid AS uid ORDER BY h.decidedAt, uid
"""


async def untold(graph: Graph, *, since: str, now: str) -> list[str]:
    """Challenges that were decided by the clock since an instant, and nobody was told so."""
    return [str(row["uid"]) for row in await graph.read(UNTOLD, since=since, now=now)]


GET = """
MATCH (n:Notice {uid: $uid})
OPTIONAL MATCH (n)-[:ABOUT_IDEA]->(i)
RETURN n.uid AS uid, n.kind AS kind, i.uid AS idea, n.cause AS cause, coalesce(n.reached, '') AS reached,
       n.spreadAt IS NOT NULL AS done
"""


async def get(graph: Graph, uid: str) -> Notice:
    """A notice, and how far it has spread."""
    row = await graph.read_one(GET, uid=uid)
    if row is None:
        raise NotFound(f"There is no notice {uid}.")
    return Notice(row["uid"], NoticeKind(row["kind"]), row["idea"], row["cause"], row["reached"], row["done"])


# The ideas through which somebody is concerned: what was merged into it, also by the merge that it is about, or before
# it was merged itself.
IDEAS = """
MATCH (i:Idea {uid: $idea}) RETURN i.uid AS uid
UNION
MATCH (d)-[:DUPLICATE_OF*1..10]->(:Idea {uid: $idea}) RETURN d.uid AS uid
UNION
MATCH (:Idea {uid: $idea})-[:DUPLICATE_OF]->()<-[r:DUPLICATE_OF]-(d) WHERE $idea IN coalesce(r.path, [])
RETURN d.uid AS uid
UNION
MATCH (:IdeaMerge {uid: $cause})-[:MERGED]->(d) RETURN d.uid AS uid
UNION
MATCH (:IdeaMerge {uid: $cause})-[:MERGED]->()<-[:DUPLICATE_OF*1..10]-(d) RETURN d.uid AS uid
UNION
MATCH (:Challenge {uid: $cause})<-[:IN_CHALLENGE]-(i) RETURN i.uid AS uid
"""

# Votes and follows that a merge has led away since are looked for where they were when it was told.
CONCERNED = """
UNWIND $ideas AS idea MATCH (:Idea {uid: idea})<-[:VOTED]-(c)
RETURN 'VOTED' AS tie, idea, collect(c.uid) AS people
UNION ALL
UNWIND $ideas AS idea MATCH (:Idea {uid: idea})<-[b:VOTED_BEFORE]-(c) WHERE b.merge > $notice
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
UNWIND $ideas AS idea MATCH (:Idea {uid: idea})<-[b:FOLLOWED_BEFORE]-(c) WHERE b.muted = false AND b.merge > $notice
RETURN 'FOLLOWS' AS tie, idea, collect(c.uid) AS people
UNION ALL
UNWIND $ideas AS idea MATCH (:Idea {uid: idea})<-[f:FOLLOWS_IDEA]-(c) WHERE f.muted = true
RETURN 'MUTED' AS tie, idea, collect(c.uid) AS people
UNION ALL
UNWIND $ideas AS idea MATCH (:Idea {uid: idea})<-[b:FOLLOWED_BEFORE]-(c) WHERE b.muted = true AND b.merge > $notice
RETURN 'MUTED' AS tie, idea, collect(c.uid) AS people
UNION ALL
UNWIND $ideas AS idea MATCH (:Idea {uid: idea})<-[:ON_IDEA]-(m)<-[:COMMENTED]-(c) WHERE m.uid = $cause
RETURN 'SAID' AS tie, idea, collect(c.uid) AS people
UNION ALL
MATCH (:Notice {uid: $notice})-[:ABOUT_COMMENT]->(m)-[:ON_IDEA]->(i), (m)<-[:COMMENTED]-(c)
RETURN 'WROTE' AS tie, i.uid AS idea, collect(c.uid) AS people
"""
IDEAS_AT_ONCE = 500
# A comment would flood those who only voted; a decision of a moderator is the author's business.
HEARS = {
    NoticeKind.COMMENTED: ("PROPOSED", "COMMENTED", "FOLLOWS"),
    NoticeKind.MODERATED: ("PROPOSED",),
    NoticeKind.COMMENT_MODERATED: ("WROTE",),
}
EVERYBODY = ("VOTED", "PROPOSED", "COMMENTED", "FOLLOWS")


async def concerned(graph: Graph, notice: Notice) -> tuple[list[str], list[str]]:
    """Customers who are to hear a notice, and those who muted its idea, by uid; also through what was merged.

    Who muted a duplicate is not concerned by it, but may be by the idea itself; of a challenge hears who has not
    muted all of its ideas that concern them.
    """
    ideas = [str(row["uid"]) for row in await graph.read(IDEAS, idea=notice.idea, cause=notice.cause)]
    hears = HEARS.get(notice.kind, EVERYBODY)
    found: set[str] = set()
    said: set[str] = set()
    own: set[str] = set()  # muted the idea itself
    hushed: set[str] = set()  # muted some idea through which it would concern them
    for start in range(0, len(ideas), IDEAS_AT_ONCE):
        part = ideas[start : start + IDEAS_AT_ONCE]
        ties: dict[str, dict[str, set[str]]] = {idea: {} for idea in part}
        for row in await graph.read(CONCERNED, ideas=part, cause=notice.cause, notice=notice.uid):
            ties.setdefault(row["idea"], {}).setdefault(row["tie"], set()).update(row["people"])
        for idea, each in ties.items():
            people, silent = set().union(*(each.get(tie, ()) for tie in hears)), each.get("MUTED", set())
            found |= people if idea == notice.idea else people - silent
            own |= silent if idea == notice.idea else set()
            hushed |= people & silent
            said |= each.get("SAID", set())
    found -= said
    muted = hushed - found if notice.idea is None else found & own
    return sorted(found - muted), sorted(muted)


PEOPLE = """
UNWIND $people AS uid
MATCH (c:Customer {uid: uid})
RETURN c.uid AS uid, c.email AS email, c.ideasByEmail AS byEmail, c.ideasByWebhook AS byWebhook
"""

# What is there is looked up by key, and the rest created: a MERGE of the relationship would walk all that a notice has.
ENTERED = "UNWIND $keys AS key MATCH (e:InboxEntry {key: key}) RETURN e.key AS key"
ENTER = """
MATCH (n:Notice {uid: $notice})
UNWIND $entries AS row
MATCH (c:Customer {uid: row.customer})
CREATE (c)-[:HEARS]->(e:InboxEntry {key: row.key, uid: row.uid, at: $now})
CREATE (e)-[:OF]->(n)
SET c.inboxTouched = coalesce(c.inboxTouched, 0) + 1
"""

ADDRESSED = "UNWIND $keys AS key MATCH (d:Delivery {key: key}) RETURN d.key AS key"
ADDRESS = """
MATCH (n:Notice {uid: $notice})
UNWIND $deliveries AS row
MATCH (c:Customer {uid: row.customer})
CREATE (c)-[:IS_SENT]->(d:Delivery {key: row.key, uid: row.uid, channel: row.channel, state: row.state, attempts: 0,
                                    at: $now, reason: row.reason, dueAt: row.dueAt})-[:TELLS]->(n)
"""
# To somebody else at an address that has its delivery already.
SEND = """
UNWIND $deliveries AS row
MATCH (c:Customer {uid: row.customer}) MATCH (d:Delivery {key: row.key})
MERGE (c)-[:IS_SENT]->(d)
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
    known = {row["key"] for row in await rows(tx, ENTERED, keys=[each["key"] for each in entries])}
    fresh = [each for each in entries if each["key"] not in known]
    await run(tx, ENTER, entries=fresh, notice=notice, now=now)
    await _address(
        tx, [each for row in found for each in _deliveries(notice, row, channels, now)], notice, now
    )
    await run(tx, REACHED, notice=notice, reached=people[-1])


async def _address(tx: Transaction, made: Sequence[dict[str, object]], notice: str, now: str) -> None:
    """Write down what is to be sent, one of each key, and to whom: accounts of one address share theirs."""
    if not made:
        return
    fresh = {str(each["key"]): each for each in reversed(made)}
    known = {row["key"] for row in await rows(tx, ADDRESSED, keys=list(fresh))}
    new = [each for key, each in fresh.items() if key not in known]
    await run(tx, ADDRESS, deliveries=new, notice=notice, now=now)
    created = {each["uid"] for each in new}
    if others := [each for each in made if each["uid"] not in created]:
        await run(tx, SEND, deliveries=others)


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
    await _address(tx, deliveries, notice, now)


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
