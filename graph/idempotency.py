"""The same request sent twice has one effect and one answer."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import orjson

from graph import validate
from graph.driver import Transaction
from graph.errors import Conflict
from graph.records import parse_instant, to_instant
from graph.rows import one, run

KEPT = timedelta(hours=24)
KEY = 255

Work = Callable[[Transaction], Awaitable[Any]]

# The touch takes the write lock, so a second request of the same key waits for the answer of the first.
CLAIM = """
MERGE (k:Idempotency {key: $key})
ON CREATE SET k.bodyHash = $hash, k.createdAt = $now
SET k.touched = coalesce(k.touched, 0) + 1
RETURN k.bodyHash AS hash, k.answer AS answer, k.createdAt AS createdAt
"""

ANSWER = """
MATCH (k:Idempotency {key: $key})
SET k.answer = $answer, k.bodyHash = $hash, k.createdAt = $now
"""


async def once(tx: Transaction, work: Work, /, *, scope: str, key: str, body: object, now: str) -> Any:
    """Do `work(tx)` and keep its JSON answer, or give the answer kept under this scope's key.

    A failure rolls everything back, so nothing is kept for it and the key is free again.
    """
    name = _name(scope, validate.line(key, "idempotencyKey", maximum=KEY))
    digest = hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()
    kept = await one(tx, CLAIM, key=name, hash=digest, now=now)
    if kept and kept["answer"] is not None and kept["createdAt"] > _oldest(now):
        if kept["hash"] != digest:
            raise Conflict(
                "This idempotency key was used with another input: send a new key.", field="idempotencyKey"
            )
        return orjson.loads(kept["answer"])
    answer = orjson.dumps(await work(tx))
    await run(tx, ANSWER, key=name, answer=answer.decode(), hash=digest, now=now)
    return orjson.loads(answer)


SWEEP = """
MATCH (k:Idempotency) WHERE k.createdAt <= $oldest
WITH k LIMIT 5000 DELETE k
RETURN count(*) AS swept
"""


async def sweep(tx: Transaction, *, now: str) -> int:
    """Delete up to 5,000 answers older than 24 hours; returns how many."""
    row = await one(tx, SWEEP, oldest=_oldest(now))
    return int(row["swept"]) if row else 0


def _name(scope: str, key: str) -> str:
    """One key a scope and key, of fixed length, that no choice of either can make meet another's."""
    return hashlib.sha256(f"{len(scope)}:{scope}:{key}".encode()).hexdigest()


def _oldest(now: str) -> str:
    return to_instant(parse_instant(now) - KEPT)
