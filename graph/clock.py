"""Asks for the runs that nobody asks for: those whose turn has come, and a tally that is behind the votes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from graph import runs
from graph.driver import Graph, Transaction
from graph.records import parse_instant, to_instant
from graph.rows import one, rows, run
from graph.runs import HEARTBEAT, JobRun, RunStatus

# in this order, one after the other: influence ranks inside the communities that were found
KINDS = ("COMMUNITIES", "INFLUENCE", "TALLY")
DAY = timedelta(days=1)
# from the first customer to the first run: by then most imports are whole, and a demo has made its runs
FIRST = timedelta(minutes=10)
# a tally that catches up rests nine times as long as it took: votes that never end cost a tenth of the time
REST = 9


@dataclass(frozen=True, slots=True)
class Recent:
    """A run that was asked for lately, when it was begun (or asked for), and when it was last seen."""

    kind: str
    status: str
    began: datetime
    seen: datetime

    def goes_on(self, present: datetime, pause: timedelta) -> bool:
        """Whether it waits or works; not so one that was forgotten in the queue, or whose worker fell silent."""
        patience = {RunStatus.QUEUED: pause, RunStatus.RUNNING: HEARTBEAT}.get(RunStatus(self.status))
        return patience is not None and self.seen + patience > present

    def rested(self, pause: timedelta) -> datetime:
        """When it has rested: a failed one until its next turn."""
        return self.seen + (REST * (self.seen - self.began) if self.status == RunStatus.SUCCEEDED else pause)


@dataclass(frozen=True, slots=True)
class Clock:
    """What turns follow from: how often, since when there are customers, the recent runs, and late votes."""

    every: timedelta
    filled_at: datetime | None
    is_behind: bool
    recent: Sequence[Recent]

    def turn(self, kind: str) -> datetime | None:
        """When a run of this kind is due; None: never, or not while the graph is empty."""
        if not self.every or self.filled_at is None:
            return None
        began = [each.began + self.every for each in self.recent if each.kind == kind]
        return max([self.filled_at + FIRST, *began])

    def due(self, present: datetime) -> str | None:
        """The kind of run that is due, while none waits or works."""
        pause = self.every or DAY
        if any(each.goes_on(present, pause) for each in self.recent):
            return None
        for kind in KINDS:
            if (turn := self.turn(kind)) and turn <= present:
                return kind
        last = max(
            (each for each in self.recent if each.kind == "TALLY"), key=lambda each: each.seen, default=None
        )
        rested = last is None or last.rested(pause) <= present
        return "TALLY" if self.is_behind and rested else None


async def ask(graph: Graph, *, now: str, every: timedelta) -> JobRun | None:
    """Ask for the run that is due, if any: one at a time, however many workers ask.

    A run is due `every` (0: never) after the last of its kind began, however that one ended. A tally is due as well
    when a refresh has left it behind the votes and the last one has rested.
    """
    clock = await graph.write(read, now=now, every=every)
    if every and clock.filled_at is None:
        await graph.write(_fill, now=now)
    return await graph.write(_ask, now=now, every=every) if clock.due(parse_instant(now)) else None


STATE = (
    "MATCH (p:Publication {name: 'tally'}) RETURN p.filledAt AS filledAt, p.behind IS NOT NULL AS isBehind"
)

RECENT = """
MATCH (r:JobRun)
WHERE r.queuedAt > $since AND r.kind IN $kinds
RETURN r.kind AS kind, r.status AS status, coalesce(r.startedAt, r.queuedAt) AS began,
       coalesce(r.finishedAt, r.heartbeatAt, r.queuedAt) AS seen
"""


async def read(tx: Transaction, *, now: str, every: timedelta) -> Clock:
    """What the turns follow from; what was asked for a day before the last turn no longer matters."""
    state = await one(tx, STATE) or {"filledAt": None, "isBehind": False}
    since = to_instant(parse_instant(now) - (every or DAY) - DAY)
    found = await rows(tx, RECENT, since=since, kinds=KINDS)
    return Clock(
        every,
        parse_instant(state["filledAt"]) if state["filledAt"] else None,
        state["isBehind"],
        [
            Recent(row["kind"], row["status"], parse_instant(row["began"]), parse_instant(row["seen"]))
            for row in found
        ],
    )


FILL = """
MATCH (c:Customer)
WITH c LIMIT 1
MERGE (p:Publication {name: 'tally'})
SET p.filledAt = coalesce(p.filledAt, $now)
"""


async def _fill(tx: Transaction, *, now: str) -> None:
    await run(tx, FILL, now=now)


# The touch takes the lock: a second worker looks again when the run of the first is there.
LOCK = "MATCH (p:Publication {name: 'tally'}) SET p.touched = coalesce(p.touched, 0) + 1"


async def _ask(tx: Transaction, *, now: str, every: timedelta) -> JobRun | None:
    await run(tx, LOCK)
    kind = (await read(tx, now=now, every=every)).due(parse_instant(now))
    return await runs.request(tx, kind=kind, now=now) if kind else None
