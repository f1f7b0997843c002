"""What a doctor finds out about the graph: each check says what was found and how to mend it."""

import importlib.util
import time
from dataclasses import dataclass

from graph import migrate
from graph.driver import Engine, Graph
from graph.embedded import WAL_FLUSH
from graph.errors import Conflict

# instants written by two machines are compared: a vote must not seem older than the one it replaces
SKEW_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Check:
    """One finding; `fix` says what to do when it is not ok."""

    name: str
    ok: bool
    found: str
    fix: str


async def check(graph: Graph) -> list[Check]:
    """Every check of the graph, none of which changes anything."""
    return [
        Check("graph", True, f"{graph.engine.value} {graph.version} at {graph.url}", ""),
        _durability(graph),
        await _migrations(graph),
        await _indexes(graph),
        await _clock(graph),
        _extension(),
    ]


def _durability(graph: Graph) -> Check:
    if graph.engine is Engine.NEO4J:
        return Check("durability", True, "every commit is forced to disk", "")
    flush = graph.endpoint.wal_flush if graph.endpoint else None
    found = f"txWalFlush={'unknown' if flush is None else flush}"
    return Check("durability", flush == WAL_FLUSH, found, "restart every muhatap command of this home")


async def _migrations(graph: Graph) -> Check:
    fix = "run: muhatap migrate"
    try:
        status = await migrate.status(graph)
    except Conflict as error:
        return Check("migrations", False, error.message, fix)
    missing = [one.name for one in status if one.applied_at is None]
    found = f"missing: {', '.join(missing)}" if missing else f"all {len(status)} applied"
    return Check("migrations", not missing, found, fix)


INDEXES = (
    "SHOW INDEXES YIELD name, state, labelsOrTypes, properties RETURN name, state, labelsOrTypes, properties"
)


async def _indexes(graph: Graph) -> Check:
    rows = await graph.read(INDEXES)
    online = {
        (row["labelsOrTypes"][0], *row["properties"])
        for row in rows
        if row["state"] == "ONLINE" and row["labelsOrTypes"]
    }
    missing = sorted(".".join(index) for index in migrate.indexed(graph.engine) - online)
    found = f"not online: {', '.join(missing)}" if missing else f"{len(online)} online"
    return Check(
        "indexes", not missing, found, "run: muhatap migrate; on Neo4j wait for SHOW INDEXES to say ONLINE"
    )


CLOCK = "RETURN timestamp() AS ms"


async def _clock(graph: Graph) -> Check:
    before = time.time()
    row = await graph.read_one(CLOCK)
    between = (before + time.time()) / 2
    skew = (row["ms"] / 1000 if row else 0) - between
    fix = "set the clocks of this machine and of the database by NTP"
    return Check("clock", abs(skew) < SKEW_SECONDS, f"the database is {skew:+.3f} s from here", fix)


def _extension() -> Check:
    there = importlib.util.find_spec("neo4j._rust") is not None
    found = (
        "neo4j-rust-ext is there" if there else "neo4j-rust-ext is missing: reads cost three times the CPU"
    )
    return Check("driver", there, found, "pip install neo4j-rust-ext of the driver's version")


@dataclass(frozen=True, slots=True)
class Backlog:
    """What still must happen: events waiting, the oldest of them, and events given up."""

    waiting: int
    oldest: str | None
    dead: int
    dead_error: str | None


BACKLOG = """
MATCH (e:Event) WHERE e.doneAt IS NULL
RETURN sum(CASE WHEN e.attempts < $attempts THEN 1 ELSE 0 END) AS waiting,
       min(CASE WHEN e.attempts < $attempts THEN e.createdAt END) AS oldest,
       sum(CASE WHEN e.attempts < $attempts THEN 0 ELSE 1 END) AS dead,
       max(CASE WHEN e.attempts < $attempts THEN null ELSE e.error END) AS error
"""


async def backlog(graph: Graph, *, attempts: int) -> Backlog:
    """How far the outbox is behind; an event is dead after `attempts`, some of which may still be running."""
    row = await graph.read_one(BACKLOG, attempts=attempts)
    return (
        Backlog(row["waiting"], row["oldest"], row["dead"], row["error"])
        if row
        else Backlog(0, None, 0, None)
    )


LAST_RUNS = """
MATCH (r:JobRun)
WITH r ORDER BY r.queuedAt
RETURN r.kind AS kind, last(collect(r.status)) AS status, last(collect(r.queuedAt)) AS queuedAt,
       last(collect(coalesce(r.message, ''))) AS message
ORDER BY kind
"""


async def last_runs(graph: Graph) -> list[tuple[str, str, str, str]]:
    """Kind, status, instant and message of the newest run of each kind."""
    return [
        (row["kind"], row["status"], row["queuedAt"], row["message"]) for row in await graph.read(LAST_RUNS)
    ]


FAILED = "MATCH (d:Delivery {reason: 'GAVE_UP'}) WHERE d.state = 'FAILED' RETURN count(d) AS failed"


async def failed_deliveries(graph: Graph) -> int:
    """How many messages were tried as often as they may be; what a reader's server refuses for good is not ours."""
    row = await graph.read_one(FAILED)
    return int(row["failed"]) if row else 0
