"""What must still happen, written in the same transaction as what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from graph.driver import Graph, Transaction
from graph.records import new_uid
from graph.rows import one, run


class EventKind(StrEnum):
    """What an event asks for."""

    MENTION_ANALYSE = "MENTION_ANALYSE"
    COMMENT_ANALYSE = "COMMENT_ANALYSE"
    TALLY_REFRESH = "TALLY_REFRESH"
    RUN = "RUN"
    NOTICE_SPREAD = "NOTICE_SPREAD"
    IDEA_MERGE = "IDEA_MERGE"
    IDEA_SPLIT = "IDEA_SPLIT"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that must still happen, and how far it has come."""

    uid: str
    kind: str
    payload: dict[str, Any]
    created_at: str
    attempts: int


EMIT = """
MERGE (e:Event {pendingKey: $key})
ON CREATE SET e.uid = $uid, e.kind = $kind, e.payload = $payload, e.createdAt = $now, e.attempts = 0
RETURN e.uid AS uid
"""


async def emit(
    tx: Transaction, *, kind: str, payload: Mapping[str, object], now: str, key: str | None = None
) -> str:
    """Write an event and return its uid; with a key, join the event of that key that still waits.

    Call it last: a waiting event is joined without its lock, which all voters on one idea would fight
    for (0.2 instead of 0.03 s a vote on the embedded engine), so the commit must come before the job.
    """
    uid = new_uid()
    body = orjson.dumps(payload, option=orjson.OPT_SORT_KEYS).decode()
    row = await one(tx, EMIT, key=key or uid, uid=uid, kind=kind, payload=body, now=now)
    return str(row["uid"]) if row else uid


PENDING = """
MATCH (e:Event)
WHERE e.doneAt IS NULL AND e.attempts < $attempts AND (e.dispatchedAt IS NULL OR e.dispatchedAt < $stale)
RETURN e.uid AS uid, e.kind AS kind, e.payload AS payload, e.createdAt AS createdAt, e.attempts AS attempts
ORDER BY e.createdAt, e.uid LIMIT $limit
"""


async def pending(graph: Graph, *, stale: str, attempts: int = 5, limit: int = 100) -> list[Event]:
    """Events not handed over yet, or handed over before `stale` and not done since, oldest first."""
    found = await graph.read(PENDING, stale=stale, attempts=attempts, limit=limit)
    return [
        Event(row["uid"], row["kind"], orjson.loads(row["payload"]), row["createdAt"], row["attempts"])
        for row in found
    ]


DISPATCHED = """
MATCH (e:Event {uid: $uid})
SET e.dispatchedAt = $now, e.attempts = e.attempts + 1, e.pendingKey = e.uid
"""


async def mark_dispatched(tx: Transaction, *, uid: str, now: str) -> None:
    """Note that an event was handed to the queue: what comes later needs an event of its own."""
    await run(tx, DISPATCHED, uid=uid, now=now)


HAND_BACK = (
    "MATCH (e:Event {uid: $uid}) WHERE e.doneAt IS NULL REMOVE e.dispatchedAt SET e.attempts = e.attempts - 1"
)


async def hand_back(tx: Transaction, *, uid: str) -> None:
    """Undo a hand-over, of which nothing came: the next look at the outbox hands it over."""
    await run(tx, HAND_BACK, uid=uid)


async def emit_refresh(tx: Transaction, *, idea: str, now: str) -> None:
    """Ask for the votes on an idea to be counted again; called last, as `emit`."""
    await emit(tx, kind=EventKind.TALLY_REFRESH, payload={"idea": idea}, now=now, key=f"tally:{idea}")


FIRST_ATTEMPTS = """
MATCH (e:Event)
WHERE e.kind = $kind AND e.doneAt IS NULL AND e.attempts <= 1
RETURN e.uid AS uid, e.payload AS payload
ORDER BY e.createdAt, e.uid
"""


async def first_attempts(graph: Graph, *, kind: str) -> dict[str, dict[str, Any]]:
    """The events of a kind that are not done and never failed, by uid, the oldest first: what each asks for.

    Those that failed are left alone: each is tried again by itself.
    """
    return {row["uid"]: orjson.loads(row["payload"]) for row in await graph.read(FIRST_ATTEMPTS, kind=kind)}


TAKE = """
UNWIND $uids AS uid
MATCH (e:Event {uid: uid})
SET e.attempts = 1, e.dispatchedAt = $now, e.pendingKey = e.uid
"""


async def take(tx: Transaction, *, uids: Sequence[str], now: str) -> None:
    """Take events as if each were handed over: what comes from here on gets an event of its own.

    So whoever took them does what they ask for afterwards.
    """
    await run(tx, TAKE, uids=list(uids), now=now)


SEAL = """
UNWIND $uids AS uid
MATCH (e:Event {uid: uid})
SET e.pendingKey = e.uid
"""


async def seal(tx: Transaction, *, uids: Sequence[str]) -> None:
    """Let nothing more join events that wait: what comes from here on gets an event of its own."""
    await run(tx, SEAL, uids=list(uids))


IS_DONE = "MATCH (e:Event {uid: $uid}) RETURN e.doneAt IS NOT NULL AS done"


async def is_done(graph: Graph, *, uid: str) -> bool:
    """Whether what an event asked for has happened."""
    row = await graph.read_one(IS_DONE, uid=uid)
    return bool(row and row["done"])


DONE = "MATCH (e:Event {uid: $uid}) SET e.doneAt = $now, e.pendingKey = e.uid REMOVE e.error"


async def mark_done(tx: Transaction, *, uid: str, now: str) -> None:
    """Note that what an event asked for has happened."""
    await run(tx, DONE, uid=uid, now=now)


ALL_DONE = "UNWIND $uids AS uid MATCH (e:Event {uid: uid}) SET e.doneAt = $now REMOVE e.error"


async def mark_all_done(tx: Transaction, *, uids: Sequence[str], now: str) -> None:
    """Note the same of many events that were taken."""
    await run(tx, ALL_DONE, uids=list(uids), now=now)


FAILED = "MATCH (e:Event {uid: $uid}) SET e.error = $error, e.failedAt = $now"


async def mark_failed(tx: Transaction, *, uid: str, error: str, now: str) -> None:
    """Keep why an event failed: it is tried again until its attempts are used up."""
    await run(tx, FAILED, uid=uid, error=error[:1000], now=now)


SWEEP = """
MATCH (e:Event) WHERE e.doneAt < $before
WITH e LIMIT 5000 DELETE e
RETURN count(*) AS swept
"""


async def sweep(tx: Transaction, *, before: str) -> int:
    """Delete up to 5,000 events done before an instant; returns how many."""
    row = await one(tx, SWEEP, before=before)
    return int(row["swept"]) if row else 0
