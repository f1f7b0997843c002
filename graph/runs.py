"""Runs of jobs: asked for, claimed by one worker, watched by a heartbeat, and kept as a record."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

import orjson

from graph import outbox, validate
from graph.driver import Transaction
from graph.errors import NotFound
from graph.outbox import EventKind
from graph.records import new_uid, parse_instant, to_instant
from graph.rows import one, run

HEARTBEAT = timedelta(seconds=60)


class RunStatus(StrEnum):
    """How far a run has come."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class JobRun:
    """One run of a job."""

    uid: str
    kind: str
    status: RunStatus
    requested_by: str | None
    queued_at: str
    started_at: str | None
    finished_at: str | None
    as_of: str | None
    version: str | None
    parameters: dict[str, Any]
    message: str | None
    done: int
    total: int | None


QUEUE = """
CREATE (r:JobRun {uid: $uid})
SET r += $properties
RETURN r{.*} AS run
"""


async def queue(
    tx: Transaction,
    *,
    kind: str,
    now: str,
    requested_by: str | None = None,
    as_of: str | None = None,
    version: str | None = None,
    parameters: Mapping[str, object] | None = None,
) -> JobRun:
    """Keep that a run was asked for."""
    properties = {
        "kind": kind,
        "status": RunStatus.QUEUED.value,
        "queuedAt": now,
        "parameters": orjson.dumps(parameters or {}, option=orjson.OPT_SORT_KEYS).decode(),
        "done": 0,
    }
    moment = None if as_of is None else validate.moment(as_of, "asOf")
    given = {"requestedBy": requested_by, "asOf": moment, "version": version}
    properties |= {name: value for name, value in given.items() if value is not None}
    uid = new_uid()
    return _record(await one(tx, QUEUE, uid=uid, properties=properties), uid)


async def request(
    tx: Transaction,
    *,
    kind: str,
    now: str,
    requested_by: str | None = None,
    as_of: str | None = None,
    parameters: Mapping[str, object] | None = None,
) -> JobRun:
    """Ask for a run, and have a worker do it."""
    asked = await queue(tx, kind=kind, now=now, requested_by=requested_by, as_of=as_of, parameters=parameters)
    await outbox.emit(tx, kind=EventKind.RUN, payload={"run": asked.uid}, now=now)
    return asked


ABANDONED = """
MATCH (r:JobRun {claim: $kind})
WHERE r.heartbeatAt < $silent
SET r.status = 'FAILED', r.finishedAt = $now, r.message = 'The worker of this run fell silent.'
REMOVE r.claim
"""

GOING = "MATCH (r:JobRun {claim: $kind}) RETURN r{.*} AS run"


async def going(tx: Transaction, *, kind: str) -> JobRun | None:
    """The run of this kind that has the claim."""
    row = await one(tx, GOING, kind=kind)
    return _record(row, kind) if row else None


# The touch takes the lock before the status is looked at; claim is unique, so one kind runs once.
START = """
MATCH (r:JobRun {uid: $uid})
SET r.touched = coalesce(r.touched, 0) + 1
WITH r WHERE r.status IN ['QUEUED', 'FAILED']
SET r.status = 'RUNNING', r.claim = r.kind, r.startedAt = $now, r.heartbeatAt = $now
REMOVE r.finishedAt, r.message
RETURN r{.*} AS run
"""


async def start(tx: Transaction, *, uid: str, now: str, silence: timedelta = HEARTBEAT) -> JobRun | None:
    """Claim a run for this worker; None if it, or another of its kind, is running or it has succeeded.

    A run whose worker has been silent for longer than `silence` is failed, and its claim taken over.
    """
    kind = (await get(tx, uid=uid)).kind
    await run(tx, ABANDONED, kind=kind, now=now, silent=to_instant(parse_instant(now) - silence))
    if await going(tx, kind=kind):
        return None
    row = await one(tx, START, uid=uid, now=now)
    return _record(row, uid) if row else None


GET = "MATCH (r:JobRun {uid: $uid}) RETURN r{.*} AS run"


async def get(tx: Transaction, *, uid: str) -> JobRun:
    """The record of a run."""
    return _record(await one(tx, GET, uid=uid), uid)


PROGRESS = """
MATCH (r:JobRun {uid: $uid, status: 'RUNNING'})
SET r.heartbeatAt = $now, r.done = coalesce($done, r.done), r.total = coalesce($total, r.total)
RETURN r.uid AS uid
"""


async def progress(
    tx: Transaction, *, uid: str, now: str, done: int | None = None, total: int | None = None
) -> bool:
    """Say that the worker lives and how far it is; False when the claim was lost and it must stop."""
    return await one(tx, PROGRESS, uid=uid, now=now, done=done, total=total) is not None


END = """
MATCH (r:JobRun {uid: $uid, status: 'RUNNING'})
SET r.status = $status, r.finishedAt = $now, r.message = $message,
    r.version = coalesce($version, r.version), r.asOf = coalesce($asOf, r.asOf)
REMOVE r.claim
RETURN r.uid AS uid
"""


async def finish(
    tx: Transaction,
    *,
    uid: str,
    now: str,
    message: str | None = None,
    version: str | None = None,
    as_of: str | None = None,
) -> bool:
    """End a run that succeeded; False when its claim was lost before."""
    status = RunStatus.SUCCEEDED.value
    row = await one(tx, END, uid=uid, status=status, now=now, message=message, version=version, asOf=as_of)
    return row is not None


async def fail(tx: Transaction, *, uid: str, now: str, message: str) -> bool:
    """End a run that failed, with the reason; False when its claim was lost before."""
    status = RunStatus.FAILED.value
    row = await one(tx, END, uid=uid, status=status, now=now, message=message[:1000], version=None, asOf=None)
    return row is not None


GIVE_UP = """
MATCH (r:JobRun {uid: $uid})
WHERE r.status IN ['QUEUED', 'FAILED']
SET r.status = 'FAILED', r.finishedAt = coalesce(r.finishedAt, $now), r.message = $message
"""


async def give_up(tx: Transaction, *, uid: str, now: str, message: str) -> None:
    """Note why a run that is not going on will not be tried again."""
    await run(tx, GIVE_UP, uid=uid, now=now, message=message)


WITHDRAW = "MATCH (r:JobRun {uid: $uid, status: 'QUEUED'}) DELETE r"


async def withdraw(tx: Transaction, *, uid: str) -> None:
    """Forget a run that nobody has begun."""
    await run(tx, WITHDRAW, uid=uid)


def _record(row: dict[str, Any] | None, uid: str) -> JobRun:
    if row is None:
        raise NotFound(f"There is no run {uid}: list the runs to see their ids.", field="run")
    found = row["run"]
    return JobRun(
        uid=found["uid"],
        kind=found["kind"],
        status=RunStatus(found["status"]),
        requested_by=found.get("requestedBy"),
        queued_at=found["queuedAt"],
        started_at=found.get("startedAt"),
        finished_at=found.get("finishedAt"),
        as_of=found.get("asOf"),
        version=found.get("version"),
        parameters=orjson.loads(found.get("parameters") or "{}"),
        message=found.get("message"),
        done=found.get("done") or 0,
        total=found.get("total"),
    )
