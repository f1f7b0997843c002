"""Every measure of every idea, from arrays of votes to what is published of them; no graph is asked."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from graph import tallies
from graph.published import PARTS, VIEWS, Before
from graph.tallies import VoteTable
from graph.voters import MemberTable, VoterTable
from jobs.algorithms.bridging import bridging_within
from jobs.algorithms.consensus import (
    Floats,
    Ints,
    Members,
    Shares,
    Tally,
    Votes,
    consensus,
    count_shares,
    forgotten,
    stance,
    tally,
)
from jobs.algorithms.intervals import consensus_interval, divisive_interval, rising_margin
from jobs.algorithms.persons import persons
from jobs.algorithms.ring_signs import Reason
from jobs.algorithms.rings import Rings, rings
from jobs.opinions import OPINION, Opinions, find_opinions, parts_of

STANCES = {1: "AGREES", 0: "UNDECIDED", -1: "REFUSES"}
NONE = -2.0  # no consensus, in a list that holds numbers only


@dataclass(frozen=True, slots=True)
class View:
    """The votes on each idea by one way to part the voters; the remainder's name is empty."""

    by: str
    names: Sequence[str]
    shares: Shares
    stance: Ints
    consensus: Floats
    low: Floats
    high: Floats

    def rows(self) -> Iterator[dict[str, Any]]:
        """For each idea parallel lists with one place a part, and the numbers of the view."""
        shares, names = self.shares, [*self.names, ""]
        columns = {
            "shareOf": [names[number] for number in shares.community],
            "shareUp": shares.up.tolist(),
            "shareDown": shares.down.tolist(),
            "sharePassed": shares.passed.tolist(),
            "shareApproval": shares.approval.tolist(),
            "shareCounted": shares.counted.tolist(),
            "shareStance": [STANCES[stance] for stance in self.stance.tolist()],
        }
        ends = np.searchsorted(shares.idea, np.arange(len(self.consensus) + 1)).tolist()
        numbers = zip(*(column.tolist() for column in (self.consensus, self.low, self.high)), strict=True)
        for (begin, end), (middle, low, high) in zip(pairwise(ends), numbers, strict=True):
            known = not math.isnan(middle)
            yield {name: column[begin:end] for name, column in columns.items()} | {
                "viewBy": self.by,
                "viewConsensus": middle if known else NONE,
                "viewLow": low if known else 0.0,
                "viewHigh": high if known else 1.0,
            }


@dataclass(frozen=True, slots=True)
class Whole:
    """What every vote of a challenge moves."""

    bridging: Floats
    margin: Floats
    effective: Floats
    forgotten: Floats
    rings: Rings
    opinions: Opinions
    conversation: Ints
    challenges: Sequence[str]

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
        scores |= {"bridgingLow": self.bridging - self.margin, "bridgingHigh": self.bridging + self.margin}
        ends = np.searchsorted(found.idea, np.arange(len(self.effective) + 1)).tolist()
        return {name: _maybe(column) for name, column in scores.items()} | {
            name: [column[a:b] for a, b in pairwise(ends)] for name, column in parts.items()
        }


@dataclass(frozen=True, slots=True)
class Measured:
    """The measures of some ideas; what a whole challenge decides only if that was asked for."""

    ideas: Sequence[str]
    tally: Tally
    points: Sequence[int]
    ends: dict[str, Floats]
    views: Sequence[View]
    marks: Sequence[Sequence[str]]
    whole: Whole | None
    before: Before

    def rows(self) -> Iterator[dict[str, Any]]:
        """What is published of each idea, by the names of `graph.tallies.TALLY`; None is no value."""
        found = self.tally
        scores = {"support": found.support, "consensus": found.consensus, "divisive": found.divisive}
        scores |= {"rising": found.rising, "supportHigh": found.support_high} | self.ends
        columns: dict[str, Sequence[Any]] = {name: _maybe(column) for name, column in scores.items()}
        columns |= {"up": found.up.tolist(), "down": found.down.tolist(), "passed": found.passed.tolist()}
        columns |= {"points": self.points, "marks": self.marks}
        columns |= {} if self.whole is None else self.whole.columns()
        views = zip(*(view.rows() for view in self.views), strict=True)
        for uid, parts, values in zip(self.ideas, views, zip(*columns.values(), strict=True), strict=True):
            # a way to part voters that says nothing of this idea does so of another one
            told = [parts[0], *(view for view in parts[1:] if view["shareOf"]), *self._kept(uid)]
            yield dict(zip(columns, values, strict=True)) | _beside(told)

    def groups(self) -> dict[str, Mapping[str, Any]]:
        """What is published of each challenge, by its uid: its opinion groups, or that there are none."""
        if self.whole is None:
            return {}
        found = self.whole.opinions.columns(self.ideas, self.whole.conversation)
        none: dict[str, Any] = {"groupLabel": [], "groupSize": [], "opinionSeparation": None}
        none |= {f"groupIdea{name}": [] for name in ("Of", "", "Value", "Share", "Other")}
        return {uid: found.get(place, none) for place, uid in enumerate(self.whole.challenges) if uid}

    def _kept(self, uid: str) -> Iterator[dict[str, Any]]:
        """The view by opinions as it was published, if this does not make it anew."""
        row = self.before.get(uid, {})
        if self.whole is None and OPINION in row.get("viewBy", ()):
            place = row["viewBy"].index(OPINION)
            yield parts_of(row, OPINION) | {name: row[name][place] for name in VIEWS if name != "viewUntil"}


def measure(
    table: VoteTable,
    members: Sequence[MemberTable],
    voters: VoterTable | None,
    as_of: str,
    before: Before | None = None,
) -> Measured:
    """Every measure of every idea as of an instant; a challenge is one conversation, no challenge another.

    Of `members`, the first are those whose consensus is the idea's. Without `voters`, what a whole challenge
    decides is left out. What was published `before` is left only for reasons (see `stance`).
    """
    held: Before = before or {}
    uids = [idea.uid for idea in table.ideas]
    votes = Votes(table.voter, table.idea, table.value, table.day, len(table.voters), len(table.ideas))
    belongs = [Members(each.voter, each.community, len(each.communities)) for each in members]
    day = float(tallies.days([as_of])[0])
    counted = tally(votes, belongs[0], day)
    parted = [(members[0], counted.shares)]
    parted += [(each, count_shares(votes, own)) for each, own in zip(members[1:], belongs[1:], strict=True)]
    views = [_view(each.kind, each.communities, shares, uids, held) for each, shares in parted]
    margin, apart = rising_margin(votes, day), divisive_interval(counted.shares, counted.up, counted.down)
    ends = {"consensusLow": views[0].low, "consensusHigh": views[0].high}
    ends |= {"divisiveLow": apart[0], "divisiveHigh": apart[1]}
    ends |= {"risingLow": counted.rising - margin, "risingHigh": counted.rising + margin}
    whole = None if voters is None else _whole(table, votes, counted, voters, held)
    if whole is not None and whole.opinions.found:
        views.append(_view(OPINION, whole.opinions.names, whole.opinions.shares, uids, held))
    points = np.bincount(votes.idea, weights=table.points, minlength=votes.ideas).astype(np.int64).tolist()
    marks = _marks(uids, counted, views[0], ends, whole, held)
    return Measured(uids, counted, points, ends, views, marks, whole, held)


def _whole(table: VoteTable, votes: Votes, counted: Tally, voters: VoterTable, held: Before) -> Whole:
    uids = [idea.uid for idea in table.ideas]
    names, conversation = np.unique([idea.challenge or "" for idea in table.ideas], return_inverse=True)
    conversation = conversation.astype(np.int64)
    number = counted.up + counted.down + counted.passed
    person = persons(voters.account, voters.thing, votes.voters)
    found = rings(votes, conversation, person=person, joined=voters.joined)
    score, margin = bridging_within(votes.voter, votes.idea, votes.value, conversation)
    return Whole(
        bridging=score,
        margin=margin,
        effective=np.bincount(votes.idea, votes.value * found.weights(), votes.ideas).astype(np.float64),
        forgotten=forgotten(counted.up, number, conversation, _had("FORGOTTEN", uids, held)),
        rings=found,
        opinions=find_opinions(votes, conversation, uids, held),
        conversation=conversation,
        challenges=names.tolist(),
    )


def _view(by: str, names: Sequence[str], shares: Shares, ideas: Sequence[str], held: Before) -> View:
    low, high = consensus_interval(shares, len(ideas))
    before = _stances(by, names, shares, ideas, held)
    return View(by, names, shares, shares.stance(before), consensus(shares, len(ideas)), low, high)


def _stances(by: str, names: Sequence[str], shares: Shares, ideas: Sequence[str], held: Before) -> Ints:
    """The stance of each part before; 0 for those that had none."""
    before = np.zeros(len(shares.idea), np.int64)
    if not held:
        return before
    number = {stance: sign for sign, stance in STANCES.items()}
    known = dict[tuple[int, str], int]()
    for place, uid in enumerate(ideas):
        parts = parts_of(held.get(uid, {}), by)
        taken = zip(parts["shareOf"], parts["shareStance"], strict=True)
        known |= {(place, name): number[stance] for name, stance in taken if stance != STANCES[0]}
    called = [*names, ""]
    for at, key in enumerate(zip(shares.idea.tolist(), shares.community.tolist(), strict=True)):
        before[at] = known.get((key[0], called[key[1]]), 0)
    return before


def _marks(
    ideas: Sequence[str],
    counted: Tally,
    view: View,
    ends: Mapping[str, Floats],
    whole: Whole | None,
    held: Before,
) -> list[list[str]]:
    """What can be said of each idea with 95 % confidence, and what was said and is still more likely than not."""
    number = counted.up + counted.down + counted.passed
    popular = stance(counted.up, counted.down, number, _had("POPULAR", ideas, held).astype(np.int64)) > 0
    known, sides = view.shares.counted, []
    for sign in (1, -1):
        mine = view.shares.idea[known & (view.stance == sign)]
        sides.append(np.bincount(mine, minlength=len(ideas)) > 0)
    marks = {"POPULAR": popular, "DIVISIVE": sides[0] & sides[1]}
    if whole is None:
        marks |= {name: _had(name, ideas, held) for name in ("BRIDGING", "FORGOTTEN")}
    else:
        kept = _had("BRIDGING", ideas, held) & (whole.bridging > 0)
        marks |= {"BRIDGING": (whole.bridging - whole.margin > 0) | kept}
        marks |= {"FORGOTTEN": ~np.isnan(whole.forgotten)}
    kept = _had("RISING", ideas, held) & (counted.rising > 0)
    marks |= {"RISING": (ends["risingLow"] > 0) | kept}
    columns = zip(*(marks[name].tolist() for name in sorted(marks)), strict=True)
    return [[name for name, has in zip(sorted(marks), row, strict=True) if has] for row in columns]


def _had(mark: str, ideas: Sequence[str], held: Before) -> Any:
    if not held:
        return np.zeros(len(ideas), bool)
    return np.array([mark in (held.get(uid, {}).get("marks") or ()) for uid in ideas], dtype=bool)


def _beside(views: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The lists of all views one behind the other, and where each ends."""
    found: dict[str, Any] = {name: [part for view in views for part in view[name]] for name in PARTS}
    ends = np.cumsum([len(view["shareOf"]) for view in views]).tolist()
    return (
        found
        | {name: [view[name] for view in views] for name in VIEWS if name != "viewUntil"}
        | {"viewUntil": ends}
    )


def _maybe(column: Floats) -> list[float | None]:
    return [None if math.isnan(value) else value for value in column.tolist()]
