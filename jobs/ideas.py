"""Turns votes into the published tally of every idea, and keeps it up when votes change."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice
from typing import Any, TypeAlias, TypeVar

import numpy as np

from graph import moving, outbox, publication, published, runs, tallies
from graph.driver import Graph, Transaction
from graph.outbox import EventKind
from graph.published import Before
from graph.records import instant_or_day, now, parse_instant, to_instant
from graph.tallies import IdeaKey, Shown, VoteTable
from graph.voters import MemberTable, Voters, VoterTable
from jobs.claim import Progress, Watch, claimed
from jobs.measures import Measured, measure

log = logging.getLogger(__name__)

T = TypeVar("T")
# what is shown of challenges, which of their ideas are merged, and what `measure` is given
_Given: TypeAlias = tuple[Shown, Sequence[str], tuple[Any, ...]]

KIND = "TALLY"
NAME = "tally"
VERSION = "3"
IDEAS_PER_WRITE = 500
# above this a refresh leaves to a run, which the clock asks for, what every vote of a challenge moves
VOTES_PER_REFRESH = 100_000
LOOKED_BACK = timedelta(minutes=3)
AT_ONCE = 2  # parts: one is read while the other is computed
# Of small challenges as many are read, computed and written together: by themselves, each would cost its statements.
SIZE_TOGETHER = 30_000  # ideas and votes, and so many for each challenge as its computing costs by itself:
SIZE_OF_CHALLENGE = 1_000
# Where more than this waits, what the votes on an idea decide by themselves comes first: all of it takes seconds.
SIZE_WAITING = 150_000


@dataclass(frozen=True, slots=True)
class TallyReport:
    """What a run of the tally counted, and the slot it published."""

    run: str
    slot: str
    as_of: str
    ideas: int
    voters: int
    votes: int


async def run_tally(
    graph: Graph,
    *,
    as_of: str | None = None,
    run_uid: str | None = None,
    progress: Progress | None = None,
    grace: float | None = None,
) -> TallyReport | None:
    """Count all votes up to `as_of` (default: the latest) and publish every measure in one switch.

    `grace` is how long, in seconds, a reader may still use what the last switch took away. None is returned
    if the run of this uid has succeeded already, as when a job is delivered twice.
    """
    limit = None if as_of is None else instant_or_day(as_of)
    uid = run_uid or (await graph.write(runs.queue, kind=KIND, now=now(), as_of=limit, version=VERSION)).uid
    started = now()
    async with claimed(graph, uid) as mine:
        if not mine:
            return None
        watch = Watch(graph, uid, progress)
        await moving.settle_all(graph)
        slot = await graph.write(publication.claim, name=NAME, run=uid)
        table, members, voters = await _read(graph, watch)
        table, until = _until(table, limit)
        before = await _before(graph, table.ideas, until)
        measured = await asyncio.to_thread(measure, table, members, voters, until, before)
        await publication.settle(graph, NAME, grace=grace)
        await _write(graph, watch, slot, table.ideas, measured)
        await graph.write(
            publication.publish, name=NAME, slot=slot, run=uid, as_of=until, whole=limit is None
        )
        report = TallyReport(uid, slot, until, len(table.ideas), len(table.voters), len(table))
        if limit is None and (late := await tallies.changed_since(graph, since=started)):
            await refresh_tallies(graph, ideas=late)
        message = f"{report.votes} votes by {report.voters} voters on {report.ideas} ideas"
        await graph.write(runs.finish, uid=uid, now=now(), message=message, version=VERSION, as_of=until)
    return report


async def refresh_waiting(graph: Graph, *, idea: str, seconds: float) -> None:
    """Bring the published tallies up to the votes on this idea, and up to all votes that wait to be counted.

    One challenge after the other, each time the one that waits longest, which is computed once for all votes on it,
    and small ones together: many cost hardly more than one, and none waits for more than one round of the challenges
    that are voted on. While one is computed, the next is read. If many wait, the ideas that were voted on are counted
    by themselves first. It goes on for so many seconds while votes come in, and ends with the challenges it is at.
    """
    own, job, end = [idea], _Job(graph), time.monotonic() + seconds
    at_work: dict[asyncio.Task[None], _Part] = {}
    try:
        while True:
            if (own or time.monotonic() < end) and len(at_work) < AT_ONCE:
                part = await _next_part(job, own, at_work.values())
                if part is not None:
                    at_work[asyncio.create_task(_refresh_part(job, part))] = part
                    own = []
                    continue
            if not at_work:
                return
            for done in (await asyncio.wait(at_work, return_when=asyncio.FIRST_COMPLETED))[0]:
                if len(at_work.pop(done).ideas) > 1 and (error := done.exception()):
                    log.warning("some challenges are counted one by one, since together they fail: %s", error)
                    job.apart, own = True, [idea]
                else:
                    done.result()
    except asyncio.CancelledError:
        for task in at_work:
            task.cancel()
        raise
    finally:
        await asyncio.gather(*at_work, return_exceptions=True)  # one that fails takes no other with it


@dataclass(slots=True)
class _Job:
    """What the refreshes of one job share: what is known of voters, how large challenges are, whether each is counted
    by itself, for which events (uids) ideas were counted first, and whose turn it is to read, compute and write.

    Two that did the same at once would only be in each other's way: for a second core that the engine needs, for
    Python's lock, and on the embedded engine for the pages that both would write.
    """

    graph: Graph
    voters: Voters = field(default_factory=Voters)
    sizes: dict[str | None, int] = field(default_factory=dict)
    apart: bool = False
    counted_first: set[str] = field(default_factory=set)
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    computing: asyncio.Lock = field(default_factory=asyncio.Lock)
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def write(self, work: Callable[..., Awaitable[T]], **given: Any) -> T:
        """Run `work(tx, …)` in one transaction, in turn."""
        async with self.writing:
            return await self.graph.write(work, **given)


@dataclass(frozen=True, slots=True)
class _Part:
    """Ideas by challenge whose votes wait to be counted, and the events (uids) that ask for it."""

    ideas: Mapping[str | None, Sequence[str]]
    events: Sequence[str]


async def _next_part(job: _Job, own: Sequence[str], at_work: Collection[_Part]) -> _Part | None:
    """The challenge that waits longest and is not being counted, with others if it is small.

    What asks for an idea that is gone goes along. If much waits besides, its ideas are counted first.
    """
    taken = {uid for part in at_work for uid in part.events}
    waiting = await outbox.first_attempts(job.graph, kind=EventKind.TALLY_REFRESH)
    asked = {uid: payload["idea"] for uid, payload in waiting.items() if uid not in taken}
    parts = await tallies.read_by_challenge(job.graph, ideas=list(dict.fromkeys([*own, *asked.values()])))
    there = {idea for ideas in parts.values() for idea in ideas}
    for part in at_work:
        for challenge in part.ideas:
            parts.pop(challenge, None)
    chosen = {challenge: sorted(parts.pop(challenge)) for challenge in await _together(job, list(parts))}
    await _count_first(job, asked, parts)
    ideas = {idea for part in chosen.values() for idea in part}
    events = [uid for uid, idea in asked.items() if idea in ideas or idea not in there]
    return _Part(chosen, events) if chosen or events else None


async def _together(job: _Job, challenges: Sequence[str | None]) -> list[str | None]:
    """The first of these challenges, and those of the others that are small enough to be counted with it."""
    if len(challenges) < 2:
        return list(challenges)
    unknown = [challenge for challenge in challenges if challenge not in job.sizes]
    sizes = await tallies.read_sizes(job.graph, challenges=unknown)
    job.sizes |= {challenge: SIZE_OF_CHALLENGE + size for challenge, size in sizes.items()}
    first, *others = challenges
    chosen, room = [first], 0 if job.apart else SIZE_TOGETHER - job.sizes.get(first, SIZE_TOGETHER)
    for challenge in others:
        if (size := job.sizes.get(challenge, SIZE_TOGETHER)) < room:
            chosen.append(challenge)
            room -= size
    return chosen


async def _count_first(
    job: _Job, asked: Mapping[str, str], parts: Mapping[str | None, Sequence[str]]
) -> None:
    """Publish what votes on these ideas decide by themselves, if their challenges take seconds; a failure is told."""
    there = {idea for ideas in parts.values() for idea in ideas}
    events = {uid: idea for uid, idea in asked.items() if idea in there and uid not in job.counted_first}
    if not events or sum(job.sizes.get(challenge, 0) for challenge in parts) <= SIZE_WAITING:
        return
    job.counted_first.update(events)
    voted = set(events.values())
    chosen = {challenge: [idea for idea in ideas if idea in voted] for challenge, ideas in parts.items()}
    try:
        await job.write(outbox.seal, uids=list(events))
        async with job.reading:
            found = await _read_challenges(job.graph, chosen, job.voters, whole=False)
        if found is not None:
            await job.write(_publish_first, count=await _compute(found))
    except Exception as error:
        log.warning("%d ideas are not counted before their challenges: %s", len(voted), error)


async def _refresh_part(job: _Job, part: _Part) -> None:
    await job.write(outbox.take, uids=part.events, now=now())
    if part.ideas:
        await _refresh_challenges(job, part.ideas)
    await job.write(outbox.mark_all_done, uids=part.events, now=now())


async def refresh_tallies(graph: Graph, *, ideas: Sequence[str]) -> int:
    """Bring the published tallies up to the votes on these ideas (uids); returns how many were written.

    A vote moves every bridging score and may make a ring of its challenge, so the whole challenge is computed
    again, as a run would. In a challenge of more than 100,000 votes these ideas alone are counted, and it is noted
    that the tally is behind, for which the clock asks for a run. Before the first run there is nothing to bring up.
    """
    job, parts = _Job(graph), await tallies.read_by_challenge(graph, ideas=ideas)
    written = 0
    while parts:
        chosen = await _together(job, list(parts))
        written += await _refresh_challenges(job, {challenge: parts.pop(challenge) for challenge in chosen})
    return written


async def ask_again(graph: Graph) -> int:
    """Ask for a refresh of the ideas that were counted in the last minutes, but not as they are now; returns how many.

    A vote joins the refresh that waits without a lock, which all voters on an idea would fight for. If its
    transaction takes longer than that refresh takes to begin, it is not among the votes that are counted.
    """
    current = await publication.current(graph, NAME)
    if current is None:
        return 0
    # not what was counted before the last run: as of an earlier instant it leaves votes out
    recent = max(to_instant(parse_instant(now()) - LOOKED_BACK), current.published_at)
    ideas = await tallies.changed_since(graph, since=recent)
    drifted = await tallies.read_drifted(graph, ideas=ideas)
    for idea in drifted:
        await graph.write(outbox.emit_refresh, idea=idea, now=now())
    return len(drifted)


@dataclass(frozen=True, slots=True)
class _Count:
    """What was counted of some challenges, beside what was shown of them before their votes were read."""

    shown: Shown
    merged: Sequence[str]
    measured: Measured


async def _refresh_challenges(job: _Job, ideas: Mapping[str | None, Sequence[str]]) -> int:
    """Bring the tallies of challenges up to the votes on these ideas of each; returns how many were written.

    What is known of voters may be some seconds old: who joins a community changes no tally before the next vote, or
    run, either. Nothing is locked while it is read and computed: if somebody else has published one of the challenges
    meanwhile, it is done again.
    """
    await moving.carry(job.graph, ideas=[idea for part in ideas.values() for idea in part])
    while (count := await _count(job, ideas)) is not None:
        if await job.write(_publish, count=count):
            return len(count.measured.ideas)
    return 0


async def _count(job: _Job, ideas: Mapping[str | None, Sequence[str]]) -> _Count | None:
    async with job.reading:
        found = await _read_challenges(job.graph, ideas, job.voters)
    if found is None:
        return None
    async with job.computing:
        return await _compute(found)


async def _compute(found: _Given) -> _Count:
    shown, merged, given = found
    return _Count(shown, merged, await asyncio.to_thread(measure, *given))


async def _read_challenges(
    graph: Graph, ideas: Mapping[str | None, Sequence[str]], voters: Voters, *, whole: bool = True
) -> _Given | None:
    """What is shown of challenges, which of these ideas of them are merged, and what `measure` is given.

    That is all votes of the challenges, or those on these ideas if they are too many or the `whole` is not asked for.
    """
    shown = await tallies.read_shown(graph, challenges=ideas)
    if shown is None:
        return None
    voted = [idea for part in ideas.values() for idea in part]
    originals = await tallies.read_originals(graph, ideas=voted)
    own = {originals.get(idea, idea) for idea in voted}
    chosen = await tallies.read_ideas_of(graph, challenges=ideas) if whole else []
    if whole:
        whole = await tallies.count_published(graph, slot=shown.slot, ideas=chosen) <= VOTES_PER_REFRESH
    if not whole:
        chosen = await tallies.read_keys(graph, ideas=own)
    table = await tallies.read_votes(graph, chosen)
    await voters.meet(graph, table.voters)
    members = voters.members(table.voters)
    known = voters.table(table.voters) if whole else None
    before = await published.read_before(graph, slot=shown.slot, ideas=[idea.uid for idea in chosen])
    until = max(shown.as_of or "", _latest(table) or "") or now()
    return shown, list(originals), (table, members, known, until, before)


async def _publish(tx: Transaction, *, count: _Count) -> bool:
    if not await tallies.replace(tx, shown=count.shown):
        return False
    await tallies.clear(tx, ideas=count.merged)
    for part in _parts(count.measured):
        await tallies.save(tx, slot=count.shown.slot, tallies=part)
    await published.save_groups(tx, slot=count.shown.slot, groups=count.measured.groups())
    if count.measured.whole is None:
        await publication.fall_behind(tx, name=NAME)
    return True


async def _publish_first(tx: Transaction, *, count: _Count) -> None:
    """Older than what somebody else published meanwhile, it is shown until the turn of its challenge."""
    if await tallies.hold(tx, slot=count.shown.slot):
        for part in _parts(count.measured):
            await tallies.save(tx, slot=count.shown.slot, tallies=part)


async def _before(graph: Graph, ideas: Sequence[IdeaKey], until: str) -> Before:
    """What is published, which a run as of an earlier instant has yet to hear of."""
    current = await publication.current(graph, NAME)
    if current is None or (current.as_of or "") > until:
        return {}
    return await published.read_before(graph, slot=current.slot, ideas=[idea.uid for idea in ideas])


async def _read(graph: Graph, watch: Watch) -> tuple[VoteTable, Sequence[MemberTable], VoterTable]:
    ideas = await tallies.read_ideas(graph)

    async def tell(done: int) -> None:
        await watch.say(done, 2 * len(ideas))

    table = await tallies.read_votes(graph, ideas, tell)
    voters = Voters()
    await voters.meet(graph, table.voters)
    return table, voters.members(table.voters), voters.table(table.voters)


async def _write(graph: Graph, watch: Watch, slot: str, ideas: Sequence[IdeaKey], measured: Measured) -> None:
    done = len(ideas)
    for part in _parts(measured):
        await graph.write(_save, run=watch.run, slot=slot, part=part)
        done += len(part)
        await watch.say(done, 2 * len(ideas))
    await graph.write(_save_groups, run=watch.run, slot=slot, groups=measured.groups())


async def _save(tx: Transaction, *, run: str, slot: str, part: dict[str, dict[str, Any]]) -> None:
    await publication.hold(tx, name=NAME, run=run)
    await tallies.save(tx, slot=slot, tallies=part)


async def _save_groups(tx: Transaction, *, run: str, slot: str, groups: dict[str, Any]) -> None:
    await publication.hold(tx, name=NAME, run=run)
    await published.save_groups(tx, slot=slot, groups=groups)


def _until(table: VoteTable, limit: str | None) -> tuple[VoteTable, str]:
    """The votes until an instant, by default the latest one's; undated votes always count."""
    if limit is None:
        return table, _latest(table) or now()
    kept = ~(table.day > tallies.days([limit])[0])
    columns = {name: getattr(table, name)[kept] for name in ("voter", "idea", "value", "day", "points")}
    return replace(table, **columns), limit


def _latest(table: VoteTable) -> str | None:
    dated = table.day[~np.isnan(table.day)]
    return tallies.instant_of(float(dated.max())) if len(dated) else None


def _parts(measured: Measured) -> Iterator[dict[str, dict[str, Any]]]:
    """What is published of each idea, some hundred ideas at a time."""
    rows = zip(measured.ideas, measured.rows(), strict=True)
    while part := dict(islice(rows, IDEAS_PER_WRITE)):
        yield part
