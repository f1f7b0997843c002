"""Messages on their way: claimed by one sender at a time, bundled for a reader, and recorded as they end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from graph.consents import Channel
from graph.driver import Graph, Transaction
from graph.known import Noun, require_all
from graph.notices import DeliveryState, Reason
from graph.records import Instant, parse_instant, to_instant
from graph.rows import one, rows, run

BATCH = 100
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Told:
    """One notice inside a message, by its delivery; `subject` is an idea, or a challenge, by uid, id and title."""

    delivery: str
    notice: str
    kind: str
    at: str
    text: str | None
    status: str | None
    subject: str
    subject_key: str
    title: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What one reader gets at once; its uid stays the same however often it is tried.

    `attempts` counts this one; `customer` is one of the accounts that have the address.
    """

    uid: str
    channel: Channel
    customer: str
    customer_key: str
    address: str | None
    locale: str | None
    attempts: int
    told: tuple[Told, ...]


DUE = """
MATCH (d:Delivery) WHERE d.dueAt <= $now
RETURN d.uid AS uid, d.message AS message ORDER BY d.dueAt, d.uid LIMIT $limit
"""

# A message that was tried before is tried again as a whole.
WHOLE = """
UNWIND $messages AS message
MATCH (d:Delivery {message: message}) WHERE d.dueAt <= $now
RETURN d.uid AS uid
"""

LOCK = "UNWIND $uids AS uid MATCH (d:Delivery {uid: uid}) SET d.touched = coalesce(d.touched, 0) + 1"

# Of two senders the second sees which address the first is writing to.
LOCK_READERS = """
UNWIND $uids AS uid
MATCH (c:Customer)-[:IS_SENT]->(d:Delivery {uid: uid}) WHERE d.channel = 'EMAIL'
WITH DISTINCT c ORDER BY c.uid
SET c.touched = coalesce(c.touched, 0) + 1
"""

HELD = """
UNWIND $uids AS uid
MATCH (c)-[:IS_SENT]->(d:Delivery {uid: uid})-[:TELLS]->(n)-[:ABOUT_IDEA|ABOUT_CHALLENGE]->(i)
WHERE d.dueAt <= $now
RETURN d.uid AS uid, d.channel AS channel, d.attempts AS attempts, d.message AS message,
       c.uid AS customer, c.externalId AS customerKey, c.email AS address, c.locale AS locale,
       c.ideasByEmail AS byEmail, c.ideasByWebhook AS byWebhook, c.mailedAt AS mailedAt,
       n.uid AS notice, n.kind AS kind, n.at AS at, n.text AS text, n.status AS status,
       i.uid AS subject, i.externalId AS subjectKey, coalesce(i.title, i.externalId) AS title,
       [(n)-[:ABOUT_COMMENT]->(m) | m.uid][0] AS comment
ORDER BY d.uid, c.uid
"""

# Nobody can be told any more of what is gone: due for ever, it would be in the way of others.
DROP = """
UNWIND $uids AS uid
MATCH (d:Delivery {uid: uid})
WHERE NOT EXISTS { MATCH (d)-[:TELLS]->()-[:ABOUT_IDEA|ABOUT_CHALLENGE]->() } OR NOT EXISTS { MATCH (d)<-[:IS_SENT]-() }
DETACH DELETE d
"""

MAILED = "UNWIND $addresses AS address MATCH (c:Customer {email: address}) SET c.mailedAt = $now"

SETTLE = """
UNWIND $rows AS row
MATCH (d:Delivery {uid: row.uid}) WHERE d.state = 'WAITING'
SET d += row.properties
"""


async def due(graph: Graph, *, now: str, limit: int = BATCH) -> list[str]:
    """Deliveries whose time has come, the longest due first."""
    found = await graph.read(DUE, now=now, limit=limit)
    messages = sorted({row["message"] for row in found if row["message"]})
    whole = await graph.read(WHOLE, messages=messages, now=now) if messages else []
    return list(dict.fromkeys(str(row["uid"]) for row in [*found, *whole]))


async def claim(
    tx: Transaction, *, uids: Sequence[str], now: str, lease: float, gap: float, attempts: int
) -> list[Message]:
    """Take deliveries that are still due for `lease` seconds, and bundle what goes to one reader.

    The consent is looked at once more. An address gets an e-mail each `gap` seconds at most, one a day where its
    owner wants that: what comes in between waits, and goes as one. A message that was tried before is tried again
    as it was, under its uid.
    """
    await run(tx, LOCK, uids=sorted(uids))
    await run(tx, LOCK_READERS, uids=sorted(uids))
    found = await rows(tx, HELD, uids=sorted(uids), now=now)
    if rest := set(uids) - {row["uid"] for row in found}:
        await run(tx, DROP, uids=sorted(rest))
    settled: dict[str, dict[str, object]] = {}
    bundles: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in _readers(found, settled):
        if row["attempts"] >= attempts:
            settled[row["uid"]] = _over(DeliveryState.FAILED, Reason.GAVE_UP)
        elif (later := _later(row, gap)) and later > now:
            settled[row["uid"]] = {"dueAt": later}
        else:
            reader = row["address"] if row["channel"] == Channel.EMAIL else row["uid"]
            bundles.setdefault((row["channel"], row["message"] or reader), []).append(row)
    messages = [_message(bundle) for bundle in bundles.values()]
    for message in messages:
        for told in message.told:
            settled[told.delivery] = {
                "dueAt": after(now, lease),
                "attempts": message.attempts,
                "message": message.uid,
            }
    await _settle(tx, settled)
    # noted before it is sent: another sender, and who goes on after a kill, keep the gap as well
    await run(tx, MAILED, addresses=sorted({one.address for one in messages if one.address}), now=now)
    return messages


def _readers(
    found: Iterable[dict[str, Any]], settled: dict[str, dict[str, object]]
) -> Iterable[dict[str, Any]]:
    """Each delivery with the first of its accounts that may be told; nobody is told whose consent is gone."""
    accounts: dict[str, list[dict[str, Any]]] = {}
    for row in found:
        accounts.setdefault(row["uid"], []).append(row)
    for uid, each in accounts.items():
        consent = "byEmail" if each[0]["channel"] == Channel.EMAIL else "byWebhook"
        willing = [row for row in each if row[consent]]
        there = [row for row in willing if row["address"] or row["channel"] != Channel.EMAIL]
        if there:
            yield there[0]
        else:
            reason = Reason.NO_ADDRESS if willing else Reason.NO_CONSENT
            settled[uid] = _over(DeliveryState.SKIPPED, reason)


def _later(row: dict[str, Any], gap: float) -> str | None:
    """When the address may be written to again; a message under way is not held up."""
    if row["channel"] != Channel.EMAIL or row["message"] or not row["mailedAt"]:
        return None
    return after(row["mailedAt"], DAY if row["byEmail"] == "DAILY" else gap)


def _message(bundle: Sequence[dict[str, Any]]) -> Message:
    first = bundle[0]
    told = tuple(
        Told(
            row["uid"],
            row["notice"],
            row["kind"],
            row["at"],
            row["text"],
            row["status"],
            row["subject"],
            row["subjectKey"],
            row["title"],
            row["comment"],
        )
        for row in sorted(bundle, key=lambda row: (row["at"], row["uid"]))
    )
    return Message(
        first["message"] or first["uid"],
        Channel(first["channel"]),
        first["customer"],
        first["customerKey"],
        first["address"] if first["channel"] == Channel.EMAIL else None,
        first["locale"],
        max(row["attempts"] for row in bundle) + 1,
        told,
    )


async def mark_sent(tx: Transaction, *, message: Message, now: str) -> None:
    """Note that the other side has accepted a message."""
    uids = [told.delivery for told in message.told]
    done: dict[str, object] = {"state": DeliveryState.SENT.value, "sentAt": now, "dueAt": None, "error": None}
    await _settle(tx, dict.fromkeys(uids, done))


async def mark_failed(
    tx: Transaction, *, message: Message, error: str, again: str | None, reason: Reason
) -> None:
    """Note that a message was not accepted: it is tried `again` at an instant, or never for this reason."""
    state: dict[str, object] = {"error": error[:500]}
    state |= {"dueAt": again} if again else _over(DeliveryState.FAILED, reason)
    await _settle(tx, {told.delivery: state for told in message.told})


async def release(tx: Transaction, *, messages: Sequence[Message], now: str) -> None:
    """Give back messages that were claimed and not tried."""
    rows = {
        told.delivery: {"dueAt": now, "attempts": message.attempts - 1}
        for message in messages
        for told in message.told
    }
    await _settle(tx, rows)


RETRY = """
MATCH (:Notice {uid: $notice})<-[:TELLS]-(d)
WHERE d.state = 'FAILED'
SET d.state = 'WAITING', d.reason = null, d.attempts = 0, d.dueAt = $now
RETURN count(*) AS changed
"""


async def retry(tx: Transaction, *, notice: str, now: str) -> int:
    """Try again what failed for good, under the ids it had; returns how many deliveries."""
    [uid] = await require_all(tx, Noun.NOTICE, [notice], "notice")
    row = await one(tx, RETRY, notice=uid, now=now)
    return int(row["changed"]) if row else 0


def after(instant: str, seconds: float) -> Instant:
    """The instant so many seconds later."""
    return to_instant(parse_instant(instant) + timedelta(seconds=seconds))


def _over(state: DeliveryState, reason: Reason) -> dict[str, object]:
    return {"state": state.value, "reason": reason.value, "dueAt": None}


async def _settle(tx: Transaction, settled: dict[str, dict[str, object]]) -> None:
    if settled:
        changes = [{"uid": uid, "properties": settled[uid]} for uid in sorted(settled)]
        await run(tx, SETTLE, rows=changes)
