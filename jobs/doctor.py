"""What a doctor finds out about the queue, the worker and what they owe."""

from graph import doctor
from graph.doctor import Check
from graph.driver import Graph
from graph.records import now, parse_instant
from jobs.queue import Queue, QueueHealth
from jobs.settings import JobSettings

# a healthy worker is behind by seconds
LATE_SECONDS = 60.0
WORKER_FIX = "start one: muhatap worker (muhatap serve has one when embedded)"


async def check(graph: Graph, queue: Queue, settings: JobSettings) -> list[Check]:
    """Every check of the queue and of the work to be done, none of which changes anything."""
    health = await queue.health()
    return [
        Check("queue", True, f"Valkey or Redis {health.version} at {queue.url.rpartition('@')[2]}", ""),
        Check(
            "persistence",
            health.append_only,
            "append-only file on" if health.append_only else "append-only file off",
            "set appendonly yes; until then a restart loses waiting jobs until the next sweep",
        ),
        Check("worker", health.worker, "one reported" if health.worker else "none reported", WORKER_FIX),
        _depth(health),
        *await _outbox(graph, settings),
        *[
            Check(
                f"last {kind.lower()} run",
                status != "FAILED",
                f"{status} {at} {message}".strip(),
                "run it again",
            )
            for kind, status, at, message in await doctor.last_runs(graph)
        ],
    ]


def _depth(health: QueueHealth) -> Check:
    age = health.oldest or 0.0
    return Check(
        "jobs", age < LATE_SECONDS, f"{health.depth} waiting, the oldest for {age:.0f} s", WORKER_FIX
    )


async def _outbox(graph: Graph, settings: JobSettings) -> list[Check]:
    owed = await doctor.backlog(graph, attempts=settings.job_attempts)
    lag = (parse_instant(now()) - parse_instant(owed.oldest)).total_seconds() if owed.oldest else 0.0
    return [
        Check(
            "outbox", lag < LATE_SECONDS, f"{owed.waiting} events waiting, for up to {lag:.0f} s", WORKER_FIX
        ),
        Check(
            "dead letters",
            owed.dead == 0,
            f"{owed.dead} events given up" + (f", such as: {owed.dead_error}" if owed.dead_error else ""),
            "mend the cause, then set attempts of these (:Event) to 0",
        ),
    ]
