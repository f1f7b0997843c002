"""Moves the votes and follows of a merge or a split part by part, there or back, beside people who go on voting."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString, TypeVar, cast

from graph import moves, notices, outbox
from graph.driver import Graph, Transaction
from graph.errors import NotAllowed, Unavailable
from graph.moves import FOLLOWS, VOTES, Kind, Left, Way
from graph.notices import NoticeKind
from graph.outbox import EventKind
from graph.records import now
from graph.rows import one, run

PEOPLE_AT_ONCE = 500
AT_LEAST = 4
# Smaller and at once is sooner done than the same after a while, as the driver would try it.
TRIES, MAX_DELAY = 100, 0.1
Give = Callable[[Transaction, Kind, Way, Sequence[str]], Awaitable[Left]]
T = TypeVar("T")

FOUND: LiteralString = "MATCH (m:<label> {uid: $uid})"
STATE: LiteralString = """
MATCH (m)-[:<to>]->(o)
RETURN o.uid AS original, [(m)-[:<of>]->(d) | d.uid] AS ideas, m.at AS at, coalesce(m.moving, false) AS moving,
  m.undoneAt IS NOT NULL AS undone, coalesce(m.stopped, false) AS stopped, m.event AS event,
  coalesce(m.copyVotes, true) AS votes
"""
HOLD: LiteralString = " SET m.touched = coalesce(m.touched, 0) + 1 WITH m"
BEGIN: LiteralString = " SET m.moving = true, m.event = $event"
END: LiteralString = " REMOVE m.moving, m.event"
UNDER_WAY: LiteralString = "MATCH (m:<label>) WHERE m.moving RETURN m.uid AS uid"
BESIDE: LiteralString = """
MATCH (m:<label>) WHERE m.moving
MATCH (m)-[:<of>|<to>]->(i)
WHERE i.uid IN $ideas AND m.uid <> $but
RETURN m.uid AS uid, i.uid AS idea LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Course:
    """What moves part by part: how it is found, what gives a part there and back, and what ends it."""

    name: str
    event: EventKind
    state: LiteralString
    hold: LiteralString
    begin: LiteralString
    end: LiteralString
    under_way: LiteralString
    beside: LiteralString
    there: Give
    back: Give
    told: tuple[NoticeKind, NoticeKind]


def _course(
    name: str,
    event: EventKind,
    there: Give,
    back: Give,
    told: tuple[NoticeKind, NoticeKind],
    *,
    label: LiteralString,
    of: LiteralString,
    to: LiteralString,
) -> Course:
    def filled(query: LiteralString) -> LiteralString:
        return query.replace("<label>", label).replace("<of>", of).replace("<to>", to)

    return Course(
        name=name,
        event=event,
        state=filled(FOUND + STATE),
        hold=filled(FOUND + HOLD + STATE),
        begin=filled(FOUND + BEGIN),
        end=filled(FOUND + END),
        under_way=filled(UNDER_WAY),
        beside=filled(BESIDE),
        there=there,
        back=back,
        told=told,
    )


COUNT = """
MATCH (m:IdeaMerge {uid: $merge})
SET m.votesMoved = m.votesMoved + $votesMoved, m.votesDropped = m.votesDropped + $votesDropped,
    m.followersMoved = m.followersMoved + $followersMoved
"""


async def _put(tx: Transaction, kind: Kind, way: Way, people: Sequence[str]) -> Left:
    made, left = await moves.put(tx, kind, way, people)
    counts = {"votesMoved": 0, "votesDropped": 0, "followersMoved": 0}
    if kind is VOTES:
        counts |= {"votesMoved": made.moved, "votesDropped": made.dropped}
    else:
        counts |= {"followersMoved": made.moved}
    await run(tx, COUNT, merge=way.merge, **counts)
    return left


COUNT_COPIES = """
MATCH (m:IdeaSplit {uid: $split})
SET m.votesCopied = m.votesCopied + $votes, m.followersCopied = m.followersCopied + $followers
"""


async def _copy(tx: Transaction, kind: Kind, way: Way, people: Sequence[str]) -> Left:
    made = await moves.copy(tx, kind, way, people)
    votes, followers = (made, 0) if kind is VOTES else (0, made)
    await run(tx, COUNT_COPIES, split=way.merge, votes=votes, followers=followers)
    return {}


MERGE = _course(
    "merge",
    EventKind.IDEA_MERGE,
    _put,
    moves.put_back,
    (NoticeKind.MERGED, NoticeKind.MERGE_UNDONE),
    label="IdeaMerge",
    of="MERGED",
    to="MERGED_INTO",
)
SPLIT = _course(
    "split",
    EventKind.IDEA_SPLIT,
    _copy,
    moves.take_copies,
    (NoticeKind.SPLIT, NoticeKind.SPLIT_UNDONE),
    label="IdeaSplit",
    of="INTO_PART",
    to="SPLIT",
)


async def begin(tx: Transaction, course: Course, *, uid: str, now: str) -> None:
    """Note that a merge or split, or its undoing, has yet to move votes; call it last, as `outbox.emit`.

    The event counts as handed over: who began goes on, and a worker only when that gave up or ended.
    """
    state = await hold(tx, course, uid=uid)
    if state and state["event"]:  # undone before it had come to the end
        await outbox.mark_done(tx, uid=state["event"], now=now)
    event = await outbox.emit(tx, kind=course.event, payload={course.name: uid}, now=now)
    await outbox.mark_dispatched(tx, uid=event, now=now)
    await run(tx, course.begin, uid=uid, event=event)


async def hold(tx: Transaction, course: Course, *, uid: str) -> dict[str, Any] | None:
    """Lock a merge or split, before everybody whose votes it moves, and tell how far it is."""
    return await one(tx, course.hold, uid=uid)


async def wait_for_others(tx: Transaction, ideas: Sequence[str], field: str, but: str = "") -> None:
    """Refuse while another moves votes of these ideas: two at once could not tell whose vote to give back.

    Raises
    ------
    NotAllowed
        Names the merge or split and the field of the input.
    """
    for course in (MERGE, SPLIT):
        if found := await one(tx, course.beside, ideas=list(ideas), but=but):
            raise NotAllowed(
                f"{course.name.capitalize()} {found['uid']} still moves votes of idea {found['idea']}: "
                "try again when it is done.",
                field=field,
            )


@dataclass(slots=True)
class _Mover:
    """Moves what people said, so many at once: fewer when others write the same meanwhile, and slowly more again."""

    graph: Graph
    course: Course
    way: Way
    back: bool
    people: int

    async def step(self, kind: Kind, waiting: Sequence[str]) -> int | None:
        """Move what the first of those who wait said; how many that were, None if it is to go the other way now.

        What a merge leaves is taken in further transactions; a split leaves nothing.
        """
        give = self.course.back if self.back else self.course.there
        given = await self._write(lambda tx, some: give(tx, kind, self.way, some), waiting)
        if given is None:
            return None
        done, left = given
        people = [*left]
        while people:
            taken = await self._write(
                lambda tx, some: moves.take(
                    tx, kind, self.way, {who: left[who] for who in some}, back=self.back
                ),
                people,
            )
            if taken is None:
                return None
            people = people[taken[0] :]
        return done

    async def _write(
        self, work: Callable[[Transaction, Sequence[str]], Awaitable[T]], people: Sequence[str]
    ) -> tuple[int, T] | None:
        tries = 0
        while True:
            some = people[: self.people]
            try:
                async with self.graph.transaction() as opened:
                    tx = cast(Transaction, opened)  # runs statements in the same way
                    if not await _holds(tx, self.course, self.way, back=self.back):
                        return None
                    made = await work(tx, some)
                    await opened.commit()
            except Unavailable:
                if (tries := tries + 1) == TRIES:
                    raise
                self.people = max(self.people // 2, AT_LEAST)
                await asyncio.sleep(random.uniform(0, MAX_DELAY))
            else:
                self.people = min(self.people + self.people // 4 + 1, PEOPLE_AT_ONCE)
                return len(some), made


async def settle(graph: Graph, course: Course, *, uid: str, seconds: float | None = None) -> bool:
    """Move all that a merge or split, or its undoing, has yet to move; whether it came to the end in so many seconds.

    Each part is a transaction or two of its own, and to repeat one changes nothing: it may end at any point, go on
    anywhere and run twice at once. What comes to a merged idea later, as by an import of older votes, is moved as well.
    """
    until = None if seconds is None else time.monotonic() + seconds
    people_at_once = PEOPLE_AT_ONCE
    while True:
        state = await graph.read_one(course.state, uid=uid)
        if state is None or (not state["moving"] and (state["undone"] or course is SPLIT)):
            return True
        way, back = Way(uid, state["ideas"], state["original"], state["at"]), state["undone"]
        kinds = [VOTES] if state["votes"] or back else []
        if state["moving"]:  # who follows a merged idea since does so on purpose
            kinds.insert(0, FOLLOWS)
        waiting = {kind: await _waiting(graph, course, kind, way, back=back) for kind in kinds}
        if not any(waiting.values()):
            if await graph.write(end, course=course, way=way, back=back):
                return True
            continue
        mover = _Mover(graph, course, way, back, people_at_once)
        for kind, people in waiting.items():
            while people:
                if until and time.monotonic() > until:
                    await graph.write(_leave, event=state["event"])
                    return False
                done = await mover.step(kind, people)
                people = [] if done is None else people[done:]
        people_at_once = mover.people


async def _waiting(graph: Graph, course: Course, kind: Kind, way: Way, *, back: bool) -> list[str]:
    """Those of whom something has yet to be moved; neighbours in the store stand together."""
    if course is MERGE or back:
        query = kind.back if course is MERGE and back else kind.there
        return sorted(await _people(graph, query, way, way.ideas))
    served = [await _people(graph, kind.there, way, [part]) for part in way.ideas]
    return sorted(await _people(graph, kind.there, way, [way.to]) - served[0].intersection(*served[1:]))


async def _people(graph: Graph, query: LiteralString, way: Way, ideas: Sequence[str]) -> set[str]:
    found = graph.stream(query, ideas=list(ideas), merge=way.merge)
    return {person async for row in found for person in row["people"]}


async def _holds(tx: Transaction, course: Course, way: Way, *, back: bool) -> bool:
    """Whether it still is to go this way; it stays so until the transaction ends."""
    state = await hold(tx, course, uid=way.merge)
    # a split that has ended copies nothing more: another came to its end meanwhile
    return state is not None and state["undone"] == back and (state["moving"] or course is MERGE)


PARTS_TAKE_VOTES = "MATCH (:IdeaSplit {uid: $uid})-[:INTO_PART]->(p) REMOVE p.splitting"
# Who was commenting on a part at the instant of the undoing has said it of the whole, and so it is told.
COMMENTS_RETURN = """
MATCH (i)<-[:SPLIT]-(:IdeaSplit {uid: $uid})-[:INTO_PART]->()<-[r:ON_IDEA]-(m)
DELETE r CREATE (m)-[:ON_IDEA]->(i)
"""
NOTICES_RETURN = """
MATCH (i)<-[:SPLIT]-(:IdeaSplit {uid: $uid})-[:INTO_PART]->()<-[r:ABOUT_IDEA]-(n)
DELETE r CREATE (n)-[:ABOUT_IDEA]->(i)
"""
PARTS_GO = "MATCH (:IdeaSplit {uid: $uid})-[:INTO_PART]->(p) DETACH DELETE p"


async def end(tx: Transaction, *, course: Course, way: Way, back: bool) -> bool:
    """Note that all is moved and tell of it, unless it is to go the other way by now; whether it is the end.

    What was undone before it had come to the end was told to nobody, and so is its undoing.
    """
    state = await hold(tx, course, uid=way.merge)
    if state is None or not state["moving"]:
        return True
    if state["undone"] != back:
        return False
    at = now()
    await run(tx, course.end, uid=way.merge)
    ideas = [way.to, *way.ideas]
    if course is SPLIT:
        ways = (COMMENTS_RETURN, NOTICES_RETURN, PARTS_GO) if back else (PARTS_TAKE_VOTES,)
        for query in ways:
            await run(tx, query, uid=way.merge)
        ideas = [way.to] if back else ideas
    await outbox.mark_done(tx, uid=state["event"], now=at)
    if not state["stopped"]:
        await notices.announce(tx, kind=course.told[back], idea=way.to, cause=way.merge, now=at)
    await refresh_tallies(tx, ideas, at)
    return True


async def _leave(tx: Transaction, *, event: str | None) -> None:
    """Leave the rest to a worker."""
    if event:
        await outbox.hand_back(tx, uid=event)


STRAYS = """
MATCH (i:Idea)-[r:DUPLICATE_OF]->()
WHERE r.merge IS NOT NULL AND [(i)<-[:VOTED]-(c) | 1][0] IS NOT NULL
RETURN i.uid AS idea
"""


async def settle_all(graph: Graph) -> None:
    """Bring every merge and split to its end, and move what came to merged ideas since."""
    for course in (MERGE, SPLIT):
        for row in await graph.read(course.under_way):
            await settle(graph, course, uid=row["uid"])
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
            await settle(graph, MERGE, uid=merge)
        leads = await graph.read(LEADS, ideas=sorted({lead["next"] for lead in leads if lead["merge"]}))


async def refresh_tallies(tx: Transaction, ideas: Iterable[str], now: str) -> None:
    """Ask for the tallies of these ideas; last of all, as `outbox.emit` wants."""
    for idea in sorted(ideas):
        await outbox.emit_refresh(tx, idea=idea, now=now)
