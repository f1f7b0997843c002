"""What a doctor finds out about the queue, the worker, the ways out, and what is owed."""

import asyncio

from graph import clock, doctor
from graph.doctor import Check
from graph.driver import Graph
from graph.records import now, parse_instant, to_instant
from jobs.queue import Queue, QueueHealth
from jobs.senders import NotSent, caller, mailer
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
        await asyncio.to_thread(mail, settings),
        await asyncio.to_thread(webhook, settings),
        await _undelivered(graph),
        *[
            Check(
                f"last {kind.lower()} run",
                status != "FAILED",
                f"{status} {at} {message}".strip(),
                "run it again",
            )
            for kind, status, at, message in await doctor.last_runs(graph)
        ],
        await _turns(graph, settings),
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


def mail(settings: JobSettings) -> Check:
    """Whether the mail server lets us in; nothing is sent."""
    found = mailer(settings)
    if found is None:
        given = {
            "MUHATAP_SMTP_URL": settings.smtp_url,
            "MUHATAP_SMTP_FROM": settings.smtp_from,
            "MUHATAP_PUBLIC_URL": settings.public_url,
        }
        missing = [name for name, value in given.items() if value is None]
        there = "not set up" if settings.smtp_url is None else f"missing: {', '.join(missing)}"
        return Check("e-mail", settings.smtp_url is None, there, f"set {', '.join(missing)}")
    try:
        found.connect()
    except NotSent as error:
        return Check("e-mail", False, error.message, "look at MUHATAP_SMTP_URL, and whether the server runs")
    found.close()
    return Check("e-mail", True, "the mail server lets us in", "")


def webhook(settings: JobSettings) -> Check:
    """Whether somebody listens behind the webhook; it is not called."""
    found = caller(settings)
    if found is None:
        there = "not set up" if settings.webhook_url is None else "missing: MUHATAP_WEBHOOK_SECRET"
        return Check("webhook", settings.webhook_url is None, there, "set MUHATAP_WEBHOOK_SECRET")
    try:
        found.check()
    except (OSError, ValueError) as error:
        fix = "look at MUHATAP_WEBHOOK_URL and MUHATAP_WEBHOOK_SECRET, and whether the server runs"
        why = "no key of base64" if isinstance(error, ValueError) else type(error).__name__
        return Check("webhook", False, f"cannot be called: {why}", fix)
    return Check("webhook", True, "somebody listens", "")


async def _undelivered(graph: Graph) -> Check:
    failed = await doctor.failed_deliveries(graph)
    fix = "see Notice.undelivered, mend the cause, then noticeRetry"
    return Check("deliveries", failed == 0, f"{failed} gave up after every attempt", fix)


async def _turns(graph: Graph, settings: JobSettings) -> Check:
    found = await graph.write(clock.read, now=now(), every=settings.between_runs)
    turns = [f"{kind.lower()} {to_instant(turn)}" for kind in clock.KINDS if (turn := found.turn(kind))]
    none = "known once a worker has seen customers" if found.every else "none: MUHATAP_RUN_EVERY is 0"
    late = "; the tally is behind the votes, a run of it comes by itself" if found.is_behind else ""
    return Check("next runs", True, (", ".join(turns) or none) + late, "")
