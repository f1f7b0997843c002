"""Turns votes into the published tally of every idea, and keeps it up when votes change."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import Any

import numpy as np

from graph import moving, outbox, publication, published, runs, tallies
from graph.driver import Graph, Transaction
from graph.outbox import EventKind
from graph.published import Before
from graph.records import instant_or_day, now, parse_instant, to_instant
from graph.tallies import IdeaKey, VoteTable
from graph.voters import MemberTable, Voters, VoterTable
from jobs.claim import Progress, Watch, claimed
from jobs.measures import Measured, measure

KIND = "TALLY"
NAME = "tally"
VERSION = "3"
IDEAS_PER_WRITE = 500
# above this a refresh leaves to a run, which the clock asks for, what every vote of a challenge moves
VOTES_PER_REFRESH = 100_000
LOOKED_BACK = timedelta(minutes=3)


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

    One challenge after the other, each time the one that waits longest, which is computed once for all votes on it:
    many cost hardly more than one, and none waits for more than one round of the challenges that are voted on. It
    goes on for so many seconds while votes come in, and ends with the challenge it is at.
    """
    own, voters, end = [idea], Voters(), time.monotonic() + seconds
    while time.monotonic() < end:
        waiting = await outbox.first_attempts(graph, kind=EventKind.TALLY_REFRESH)
        asked = dict.fromkeys([*own, *(payload["idea"] for payload in waiting.values())])
        parts = await tallies.read_by_challenge(graph, ideas=list(asked))
        chosen = parts[0] if parts else asked.keys()  # an idea that is gone by now is done with
        taken = [uid for uid, payload in waiting.items() if payload["idea"] in chosen]
        if not taken and not own:
            return
        await graph.write(outbox.take, uids=taken, now=now())
        if parts:
            await _refresh_challenge(graph, sorted(chosen), voters)
        await graph.write(outbox.mark_all_done, uids=taken, now=now())
        own = []


async def refresh_tallies(graph: Graph, *, ideas: Sequence[str]) -> int:
    """Bring the published tallies up to the votes on these ideas (uids); returns how many were written.

    A vote moves every bridging score and may make a ring of its challenge, so the whole challenge is computed
    again, as a run would, each in a transaction of its own. In a challenge of more than 100,000 votes these ideas
    alone are counted, and it is noted that the tally is behind, for which the clock asks for a run. Before the first
    run there is nothing to bring up.
    """
    voters, parts = Voters(), await tallies.read_by_challenge(graph, ideas=ideas)
    return sum([await _refresh_challenge(graph, part, voters) for part in parts])


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


async def _refresh_challenge(graph: Graph, ideas: Sequence[str], voters: Voters) -> int:
    """The same for ideas of one challenge; what is known of voters may be some seconds old.

    Who joins a community changes no tally before the next vote, or run, either.
    """
    await moving.carry(graph, ideas=ideas)
    return await graph.write(_refresh, graph=graph, ideas=ideas, voters=voters)


async def _refresh(tx: Transaction, *, graph: Graph, ideas: Sequence[str], voters: Voters) -> int:
    originals = await tallies.read_originals(tx, ideas=ideas)
    held = await tallies.hold_published(tx)
    if held is None:
        return 0
    await tallies.clear(tx, ideas=list(originals))
    ideas = sorted({originals.get(idea, idea) for idea in ideas})
    slot, as_of = held
    beside = await tallies.read_ideas_beside(tx, ideas=ideas)
    whole = await tallies.count_published(tx, slot=slot, ideas=beside) <= VOTES_PER_REFRESH
    chosen = beside if whole else [idea for idea in beside if idea.uid in set(ideas)]
    table = await tallies.read_votes_now(tx, ideas=chosen)
    await voters.meet(graph, table.voters)
    members = voters.members(table.voters)
    known = voters.table(table.voters) if whole else None
    before = await published.read_before_now(tx, slot=slot, ideas=[idea.uid for idea in chosen])
    until = max(as_of or "", _latest(table) or "") or now()
    measured = await asyncio.to_thread(measure, table, members, known, until, before)
    for part in _parts(measured):
        await tallies.save(tx, slot=slot, tallies=part)
    await published.save_groups(tx, slot=slot, groups=measured.groups())
    if not whole:
        await publication.fall_behind(tx, name=NAME)
    return len(chosen)


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
