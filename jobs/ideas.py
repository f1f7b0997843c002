"""Turns votes into the published tally of every idea, and keeps it up when votes change."""

import asyncio
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from typing import Any

import numpy as np

from graph import merges, publication, runs, tallies
from graph.driver import Graph, Transaction
from graph.records import instant, now
from graph.tallies import IdeaKey, MemberTable, VoteTable
from graph.voters import VoterTable, read_voters, read_voters_now
from jobs.algorithms.bridging import Floats, bridging_within
from jobs.algorithms.consensus import Members, Tally, Votes, forgotten, tally
from jobs.algorithms.persons import persons
from jobs.algorithms.ring_signs import Reason
from jobs.algorithms.rings import Rings, rings
from jobs.claim import Progress, Watch, claimed

KIND = "TALLY"
NAME = "tally"
VERSION = "2"
IDEAS_PER_WRITE = 500
# above this a refresh leaves to the next run what every vote of a challenge moves: bridging and rings
VOTES_PER_REFRESH = 100_000


STANCES = {1: "AGREES", 0: "UNDECIDED", -1: "REFUSES"}


@dataclass(frozen=True, slots=True)
class Whole:
    """What every vote of a challenge moves: bridging, the votes after the discount of rings, the forgotten."""

    bridging: Floats
    effective: Floats
    forgotten: Floats
    rings: Rings

    def columns(self) -> dict[str, Sequence[Any]]:
        """What is published of each idea; of its rings, parallel lists with one place a ring."""
        found = self.rings
        parts = {
            "ringValue": found.value.tolist(),
            "ringSize": found.size.tolist(),
            "ringCounts": np.sqrt(found.size).tolist(),
            "ringReason": [Reason(reason).name for reason in found.reason],
        }
        scores = {"bridging": self.bridging, "effective": self.effective, "forgotten": self.forgotten}
        ends = np.searchsorted(found.idea, np.arange(len(self.effective) + 1)).tolist()
        return {name: _maybe(column) for name, column in scores.items()} | {
            name: [column[a:b] for a, b in pairwise(ends)] for name, column in parts.items()
        }


@dataclass(frozen=True, slots=True)
class Measured:
    """The measures of some ideas; what a whole challenge decides only if that was asked for."""

    tally: Tally
    points: Sequence[int]
    whole: Whole | None
    communities: Sequence[str]

    def rows(self) -> Iterator[dict[str, Any]]:
        """What is published of each idea, by the names of `graph.tallies.TALLY`; None is no value."""
        found = self.tally
        scores = {"support": found.support, "consensus": found.consensus, "divisive": found.divisive}
        scores |= {"rising": found.rising, "supportHigh": found.support_high}
        columns: dict[str, Sequence[Any]] = {name: _maybe(column) for name, column in scores.items()}
        columns |= {"up": found.up.tolist(), "down": found.down.tolist(), "passed": found.passed.tolist()}
        columns["points"] = self.points
        columns |= self._shares() | ({} if self.whole is None else self.whole.columns())
        for values in zip(*columns.values(), strict=True):
            yield dict(zip(columns, values, strict=True))

    def _shares(self) -> dict[str, Sequence[Any]]:
        """For each idea, parallel lists with one place a community; the remainder's name is empty."""
        shares, names = self.tally.shares, [*self.communities, ""]
        columns = {
            "shareOf": [names[number] for number in shares.community],
            "shareUp": shares.up.tolist(),
            "shareDown": shares.down.tolist(),
            "sharePassed": shares.passed.tolist(),
            "shareApproval": shares.approval.tolist(),
            "shareCounted": shares.counted.tolist(),
            "shareStance": [STANCES[stance] for stance in shares.stance().tolist()],
        }
        ends = np.searchsorted(shares.idea, np.arange(len(self.tally.up) + 1)).tolist()
        return {name: [column[a:b] for a, b in pairwise(ends)] for name, column in columns.items()}


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
    limit = None if as_of is None else instant(as_of)
    uid = run_uid or (await graph.write(runs.queue, kind=KIND, now=now(), as_of=limit, version=VERSION)).uid
    started = now()
    async with claimed(graph, uid) as mine:
        if not mine:
            return None
        watch = Watch(graph, uid, progress)
        await graph.write(_gather)
        slot = await graph.write(publication.claim, name=NAME, run=uid)
        table, members, voters = await _read(graph, watch)
        table, until = _until(table, limit)
        measured = await asyncio.to_thread(measure, table, members, voters, until)
        await publication.settle(graph, NAME, grace=grace)
        await _write(graph, watch, slot, table.ideas, measured)
        await graph.write(publication.publish, name=NAME, slot=slot, run=uid, as_of=until)
        report = TallyReport(uid, slot, until, len(table.ideas), len(table.voters), len(table))
        message = f"{report.votes} votes by {report.voters} voters on {report.ideas} ideas"
        await graph.write(runs.finish, uid=uid, now=now(), message=message, version=VERSION, as_of=until)
    if limit is None and (late := await tallies.changed_since(graph, since=started)):
        await refresh_tallies(graph, ideas=late)
    return report


async def refresh_tallies(graph: Graph, *, ideas: Sequence[str]) -> int:
    """Bring the published tallies up to the votes on these ideas (uids); returns how many were written.

    A vote moves every bridging score and may make a ring of its challenge, so the whole challenge is computed
    again, as a run would. In a challenge of more than 100,000 votes these ideas alone are counted, and what
    depends on the others waits for the next run. Before the first run there is nothing to bring up.
    """
    return await graph.write(_refresh, ideas=list(ideas))


async def _gather(tx: Transaction) -> None:
    """Votes on merged ideas count where these lead."""
    await merges.carry(tx, ideas=await merges.strays(tx))


async def _refresh(tx: Transaction, *, ideas: Sequence[str]) -> int:
    originals = await merges.carry(tx, ideas=ideas)
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
    members = await tallies.read_members_now(tx, voters=table.voters)
    voters = await read_voters_now(tx, voters=table.voters) if whole else None
    until = max(as_of or "", _latest(table) or "") or now()
    measured = await asyncio.to_thread(measure, table, members, voters, until)
    for part in _parts(chosen, measured):
        await tallies.save(tx, slot=slot, tallies=part)
    return len(chosen)


async def _read(graph: Graph, watch: Watch) -> tuple[VoteTable, MemberTable, VoterTable]:
    ideas = await tallies.read_ideas(graph)

    async def tell(done: int) -> None:
        await watch.say(done, 2 * len(ideas))

    table = await tallies.read_votes(graph, ideas, tell)
    members = await tallies.read_members(graph, table.voters)
    return table, members, await read_voters(graph, table.voters)


async def _write(graph: Graph, watch: Watch, slot: str, ideas: Sequence[IdeaKey], measured: Measured) -> None:
    done = len(ideas)
    for part in _parts(ideas, measured):
        await graph.write(_save, run=watch.run, slot=slot, part=part)
        done += len(part)
        await watch.say(done, 2 * len(ideas))


async def _save(tx: Transaction, *, run: str, slot: str, part: dict[str, dict[str, Any]]) -> None:
    await publication.hold(tx, name=NAME, run=run)
    await tallies.save(tx, slot=slot, tallies=part)


def measure(table: VoteTable, members: MemberTable, voters: VoterTable | None, as_of: str) -> Measured:
    """Every measure of every idea as of an instant; a challenge is one conversation, no challenge another.

    Without `voters`, what a whole challenge decides is left out.
    """
    votes = Votes(table.voter, table.idea, table.value, table.day, len(table.voters), len(table.ideas))
    belongs = Members(members.voter, members.community, len(members.communities))
    counted = tally(votes, belongs, float(tallies.days([as_of])[0]))
    points = (
        np.bincount(votes.idea, weights=table.points, minlength=len(table.ideas)).astype(np.int64).tolist()
    )
    if voters is None:
        return Measured(counted, points, None, members.communities)
    challenges = [idea.challenge or "" for idea in table.ideas]
    conversation = np.unique(challenges, return_inverse=True)[1] if challenges else votes.idea
    number = counted.up + counted.down + counted.passed
    person = persons(voters.account, voters.thing, votes.voters)
    found = rings(votes, conversation, person=person, joined=voters.joined)
    whole = Whole(
        bridging=bridging_within(votes.voter, votes.idea, votes.value, conversation)[0],
        effective=np.bincount(votes.idea, votes.value * found.weights(), votes.ideas).astype(np.float64),
        forgotten=forgotten(counted.up, number, conversation),
        rings=found,
    )
    return Measured(counted, points, whole, members.communities)


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


def _parts(ideas: Sequence[IdeaKey], measured: Measured) -> Iterator[dict[str, dict[str, Any]]]:
    """What is published of each idea, some hundred ideas at a time."""
    rows = zip((idea.uid for idea in ideas), measured.rows(), strict=True)
    while part := dict(islice(rows, IDEAS_PER_WRITE)):
        yield part


def _maybe(column: Floats) -> list[float | None]:
    return [None if math.isnan(value) else value for value in column.tolist()]
