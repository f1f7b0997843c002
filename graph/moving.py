"""Moves the votes and follows of a merge part by part, there or back, beside people who go on voting."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString, cast

from graph import moves, notices, outbox
from graph.driver import Graph, Transaction
from graph.errors import NotAllowed, Unavailable
from graph.moves import FOLLOWS, VOTES, Kind, Way, put_back, take_back
from graph.notices import NoticeKind
from graph.outbox import EventKind
from graph.records import now
from graph.rows import one, run

PEOPLE_AT_ONCE = 500
AT_LEAST = 4
# Smaller and at once is sooner done than the same after a while, as the driver would try it.
TRIES, MAX_DELAY = 100, 0.1
Part = Callable[[Transaction, Kind, Way, Sequence[str]], Awaitable[Any]]

FOUND: LiteralString = "MATCH (m:IdeaMerge {uid: $merge})"
STATE: LiteralString = """
MATCH (m)-[:MERGED_INTO]->(o)
RETURN o.uid AS original, [(m)-[:MERGED]->(d) | d.uid] AS ideas, coalesce(m.moving, false) AS moving,
  m.undoneAt IS NOT NULL AS undone, coalesce(m.stopped, false) AS stopped, m.event AS event
"""

BEGIN = "MATCH (m:IdeaMerge {uid: $merge}) SET m.moving = true, m.event = $event"


async def begin(tx: Transaction, *, merge: str, now: str) -> None:
    """Note that a merge, or its undoing, has yet to move votes; call it last, as `outbox.emit`.

    The event counts as handed over: who began goes on, and a worker only when that gave up or ended.
    """
    state = await hold(tx, merge=merge)
    if state and state["event"]:  # undone before it had come to the end
        await outbox.mark_done(tx, uid=state["event"], now=now)
    event = await outbox.emit(tx, kind=EventKind.IDEA_MERGE, payload={"merge": merge}, now=now)
    await outbox.mark_dispatched(tx, uid=event, now=now)
    await run(tx, BEGIN, merge=merge, event=event)


HOLD: LiteralString = " SET m.touched = coalesce(m.touched, 0) + 1 WITH m"


async def hold(tx: Transaction, *, merge: str) -> dict[str, Any] | None:
    """Lock a merge, before everybody whose votes it moves, and tell how far it is."""
    return await one(tx, FOUND + HOLD + STATE, merge=merge)


BESIDE = """
MATCH (m:IdeaMerge) WHERE m.moving
MATCH (m)-[:MERGED|MERGED_INTO]->(i)
WHERE i.uid IN $ideas AND m.uid <> $but
RETURN m.uid AS uid, i.uid AS idea LIMIT 1
"""


async def wait_for_others(tx: Transaction, ideas: Sequence[str], field: str, but: str = "") -> None:
    """Refuse while another merge moves votes of these ideas: two at once could not tell whose vote to give back.

    Raises
    ------
    NotAllowed
        Names the merge and the field of the input.
    """
    if found := await one(tx, BESIDE, ideas=list(ideas), but=but):
        raise NotAllowed(
            f"Merge {found['uid']} still moves votes of idea {found['idea']}: try again when it is done.",
            field=field,
        )


@dataclass(slots=True)
class _Pace:
    """How many people at once: fewer when others write the same records meanwhile, and slowly more again."""

    people: int = PEOPLE_AT_ONCE

    async def step(
        self, graph: Graph, kind: Kind, way: Way, waiting: Sequence[str], *, back: bool
    ) -> int | None:
        """Move what the first of those who wait said; how many that were, None if it is to go the other way now."""
        put, take = (put_back, take_back) if back else (_put, moves.take)
        done = await self._write(graph, put, kind, way, waiting, back)
        left = waiting[: done or 0]
        while left:
            taken = await self._write(graph, take, kind, way, left, back)
            if taken is None:
                return None
            left = left[taken:]
        return done

    async def _write(
        self, graph: Graph, part: Part, kind: Kind, way: Way, people: Sequence[str], back: bool
    ) -> int | None:
        tries = 0
        while True:
            some = people[: self.people]
            try:
                async with graph.transaction() as opened:
                    tx = cast(Transaction, opened)  # runs statements in the same way
                    if not await _holds(tx, way, back=back):
                        return None
                    await part(tx, kind, way, some)
                    await opened.commit()
            except Unavailable:
                if (tries := tries + 1) == TRIES:
                    raise
                self.people = max(self.people // 2, AT_LEAST)
                await asyncio.sleep(random.uniform(0, MAX_DELAY))
            else:
                self.people = min(self.people + self.people // 4 + 1, PEOPLE_AT_ONCE)
                return len(some)


async def settle(graph: Graph, *, merge: str, seconds: float | None = None) -> bool:
    """Move all that a merge, or its undoing, has yet to move; whether it came to the end in so many seconds.

    Each part is two transactions of its own, and to repeat one changes nothing: it may end at any point, go on anywhere
    and run twice at once. What comes to a merged idea later, as by an import of older votes, is moved as well.
    """
    until = None if seconds is None else time.monotonic() + seconds
    pace = _Pace()
    while True:
        state = await graph.read_one(FOUND + STATE, merge=merge)
        if state is None or (state["undone"] and not state["moving"]):
            return True
        way, back = Way(merge, state["ideas"], state["original"]), state["undone"]
        waiting = {kind: await _waiting(graph, kind, way, back=back) for kind in (FOLLOWS, VOTES)}
        if not state["moving"]:  # who follows a merged idea since does so on purpose
            waiting.pop(FOLLOWS)
        if not any(waiting.values()):
            if await graph.write(_end, way=way, back=back):
                return True
            continue
        for kind, people in waiting.items():
            while people:
                if until and time.monotonic() > until:
                    await graph.write(_leave, event=state["event"])
                    return False
                done = await pace.step(graph, kind, way, people, back=back)
                people = [] if done is None else people[done:]


async def _waiting(graph: Graph, kind: Kind, way: Way, *, back: bool) -> list[str]:
    """Those of whom something has yet to be moved; neighbours in the store stand together."""
    query = kind.back if back else kind.there
    found = graph.stream(query, ideas=list(way.ideas), merge=way.merge)
    return sorted([person async for row in found for person in row["people"]])


COUNT = """
MATCH (m:IdeaMerge {uid: $merge})
SET m.votesMoved = m.votesMoved + $votesMoved, m.votesDropped = m.votesDropped + $votesDropped,
    m.followersMoved = m.followersMoved + $followersMoved
"""


async def _put(tx: Transaction, kind: Kind, way: Way, people: Sequence[str]) -> None:
    made = await moves.put(tx, kind, way, people)
    counts = {"votesMoved": 0, "votesDropped": 0, "followersMoved": 0}
    if kind is VOTES:
        counts |= {"votesMoved": made.moved, "votesDropped": made.dropped}
    else:
        counts |= {"followersMoved": made.moved}
    await run(tx, COUNT, merge=way.merge, **counts)


async def _holds(tx: Transaction, way: Way, *, back: bool) -> bool:
    """Whether it still is to go this way; it stays so until the transaction ends."""
    state = await hold(tx, merge=way.merge)
    return state is not None and state["undone"] == back


END = "MATCH (m:IdeaMerge {uid: $merge}) REMOVE m.moving, m.event"


async def _end(tx: Transaction, *, way: Way, back: bool) -> bool:
    """Note that all is moved and tell of it, unless it is to go the other way by now; whether it is the end.

    A merge that was undone before it had come to the end was told to nobody, and so is its undoing.
    """
    state = await hold(tx, merge=way.merge)
    if state is None or not state["moving"]:
        return True
    if state["undone"] != back:
        return False
    at = now()
    await run(tx, END, merge=way.merge)
    await outbox.mark_done(tx, uid=state["event"], now=at)
    if not state["stopped"]:
        kind = NoticeKind.MERGE_UNDONE if back else NoticeKind.MERGED
        await notices.announce(tx, kind=kind, idea=way.to, cause=way.merge, now=at)
    await refresh_tallies(tx, [*way.ideas, way.to], at)
    return True


async def _leave(tx: Transaction, *, event: str | None) -> None:
    """Leave the rest to a worker."""
    if event:
        await outbox.hand_back(tx, uid=event)


UNDER_WAY = "MATCH (m:IdeaMerge) WHERE m.moving RETURN m.uid AS merge"

STRAYS = """
MATCH (i:Idea)-[r:DUPLICATE_OF]->()
WHERE r.merge IS NOT NULL AND [(i)<-[:VOTED]-(c) | 1][0] IS NOT NULL
RETURN i.uid AS idea
"""


async def settle_all(graph: Graph) -> None:
    """Bring every merge to its end, and move what came to merged ideas since."""
    for row in await graph.read(UNDER_WAY):
        await settle(graph, merge=row["merge"])
    await carry(graph, ideas=[row["idea"] for row in await graph.read(STRAYS)])


LEADS = """
UNWIND $ideas AS idea
MATCH (i:Idea {uid: idea})-[r:DUPLICATE_OF]->(o)
OPTIONAL MATCH (m:IdeaMerge {uid: r.merge})
RETURN r.merge AS merge, (coalesce(r.path, []) + [o.uid])[0] AS next, coalesce(m.moving, false) AS moving
"""


async def carry(graph: Graph, *, ideas: Sequence[str]) -> None:
    """Move the votes on those of these ideas that are merged to where they lead, but what is being moved anyway."""
    leads: list[Any] = await graph.read(LEADS, ideas=sorted(ideas))
    while leads:
        for merge in sorted({lead["merge"] for lead in leads if lead["merge"] and not lead["moving"]}):
            await settle(graph, merge=merge)
        leads = await graph.read(LEADS, ideas=sorted({lead["next"] for lead in leads if lead["merge"]}))


async def refresh_tallies(tx: Transaction, ideas: Iterable[str], now: str) -> None:
    """Ask for the tallies of these ideas; last of all, as `outbox.emit` wants."""
    for idea in sorted(ideas):
        await outbox.emit(
            tx, kind=EventKind.TALLY_REFRESH, payload={"idea": idea}, now=now, key=f"tally:{idea}"
        )
