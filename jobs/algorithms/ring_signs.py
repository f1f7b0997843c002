"""What tells a ring: votes of one conversation of which more go to one idea than chance allows."""

from collections.abc import Iterator, Sequence
from enum import IntEnum
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from jobs.algorithms.consensus import Votes
from jobs.algorithms.windows import FEWEST, NEVER, WEEK, WINDOWS, Found, Instants, Slide, ascending, ms, told

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]

CHANCE = 0.05  # of calling anything a ring in a challenge of honest votes that are what LIFT allows
LIFT_TOGETHER = 4.0  # honest people who come together may like an idea by these odds more than others
LIFT_OPINION = 2.0  # and be for it, rather than against it, by these
LIFT_ALIKE = 12.0  # and people who vote as little, or as much, or alike, by these
MOST_OF_IT = 2 / 3  # of the votes for an idea, if it lives by one ballot
HALF_MORE = 1.5  # times what such people like any other idea by, if that is less
LITTLE = 8  # votes in the challenge: who casts no more may be said to vote for little else
VISIT = 3_600_000  # ms without a vote end a visit
MOST = 1 - 1e-9  # of all voters
FIRST_BITS = 22


class Reason(IntEnum):
    """Why votes are a ring's."""

    SAME_PERSON = 0
    SAME_BALLOT = 1
    SEEN_TOGETHER = 2
    BURST = 3
    LITTLE_ELSE = 4


class Poll:
    """The votes of one conversation, numbered for themselves: `said` are those that are no pass.

    A column is an idea and a side of it, 2·idea + 1 for and 2·idea against; `total` are its votes.
    """

    def __init__(self, votes: Votes, part: Ints) -> None:
        self.names, self.voter = _numbered(votes.voter[part], votes.voters)
        known, self.idea = _numbered(votes.idea[part], votes.ideas)
        value = votes.value[part]
        self.ms, self.said = ms(votes.day[part]), np.flatnonzero(value)
        self.column = 2 * self.idea[self.said] + (value[self.said] > 0)
        self.total = np.bincount(self.column, minlength=2 * len(known))
        self.ballot = np.bincount(self.voter)
        self.mark = 3 * self.idea + value.astype(np.int64)
        self.signed = bool((value < 0).any())

    @cached_property
    def opened(self) -> Ints:
        """The first vote on each idea; an undated one was there ever since."""
        first = np.full(len(self.total) // 2, np.iinfo(np.int64).max)
        np.minimum.at(first, self.idea, self.ms)
        return first

    @cached_property
    def since(self) -> Ints:
        """Of each column, how many votes were cast from the first one on its idea on."""
        return np.repeat(len(self.ms) - np.searchsorted(np.sort(self.ms), self.opened), 2)

    @cached_property
    def there(self) -> Ints:
        """Of each column, how many voters cast a vote from then on."""
        last = np.full(len(self.names), NEVER)
        np.maximum.at(last, self.voter, self.ms)
        return np.repeat(len(self.names) - np.searchsorted(np.sort(last), self.opened), 2)

    @cached_property
    def first(self) -> Ints:
        """The first dated vote of each voter."""
        dated = self.ms != NEVER
        found = np.full(len(self.names), np.iinfo(np.int64).max)
        np.minimum.at(found, self.voter[dated], self.ms[dated])
        return np.where(found == np.iinfo(np.int64).max, NEVER, found)

    def sure(self, cases: int) -> float:
        """The logarithm of how unlikely something must be that is looked for in so many cases a column."""
        return float(np.log(cases * np.count_nonzero(self.total) / CHANCE))


def signs(poll: Poll, joined: Ints | None) -> Iterator[tuple[Reason, Ints]]:
    """Votes that look like a ring's, as places in `poll.said`."""
    cast = told(poll.ms)
    yield Reason.LITTLE_ELSE, _little_else(poll, poll.ballot[poll.voter])
    if (visit := _visits(poll.voter, cast)).max(initial=-1) >= len(poll.names):
        yield Reason.LITTLE_ELSE, _little_else(poll, np.bincount(visit)[visit])
    yield Reason.SAME_BALLOT, _same_ballot(poll)
    first = told(poll.first)
    yield Reason.SEEN_TOGETHER, _seen_together(poll, first, (*WINDOWS, WEEK))
    if (first != poll.first).any():
        yield Reason.SEEN_TOGETHER, _seen_together(poll, poll.first, (WEEK,), before=True)
    yield Reason.BURST, _burst(poll, cast)
    if joined is not None:
        # who joined on a day joined within a day, which tells something if others joined on others
        yield Reason.SEEN_TOGETHER, _seen_together(poll, told(joined), WINDOWS[:-1])
        yield Reason.SEEN_TOGETHER, _seen_together(poll, joined, (WINDOWS[-1], WEEK))


def _visits(voter: Ints, at: Ints) -> Ints:
    """The visit of each vote: its voter's votes without a break of an hour, and all those without a time."""
    if not len(at) or at.max() == NEVER:
        return voter
    since = np.where(at == NEVER, 0, at - at[at != NEVER].min() + VISIT + 1)
    key = voter * (int(since.max()) + VISIT + 1) + since
    order = ascending(key)
    visit = np.empty_like(order)
    visit[order] = np.append(0, np.cumsum(np.diff(key[order]) > VISIT))
    return visit


def _little_else(poll: Poll, size: Ints) -> Ints:
    """Of the votes of ballots of few votes, or of as many as each other, too many are for one idea.

    `size` is how many votes the ballot of each vote holds: all of its voter's, or those of the visit.
    """
    cast = np.bincount(size)
    ballots = cast // np.maximum(np.arange(len(cast)), 1)
    few = [most for most in (1, 2, 4, LITTLE) if 2 * ballots[:most].sum() <= ballots.sum()]
    alike = np.flatnonzero(ballots >= FEWEST)
    columns = len(poll.total)
    key = size[poll.said] * columns + poll.column
    found, here = np.unique(key, return_counts=True)
    of_size, column = np.divmod(found, columns)
    least, most = np.append(alike, np.ones(len(few), np.int64)), np.append(alike, few).astype(np.int64)
    needed = poll.sure(len(most))
    until = np.append(0, np.cumsum(cast))
    kept = np.zeros(len(found), dtype=bool)
    for low, high in zip(least.tolist(), most.tolist(), strict=True):
        begin, end = np.searchsorted(of_size, low), np.searchsorted(of_size, high, "right")
        inside = np.bincount(column[begin:end], here[begin:end], columns)
        liked = np.flatnonzero(inside)
        among = int(until[high + 1] - until[low])
        rest = _rest(poll.total[liked] - inside[liked], poll.since[liked] - among)
        lift = _usual(inside[liked], among * rest)
        sure = liked[_evidence(inside[liked], among, rest, lift) >= needed]
        if len(sure):
            kept[begin:end] |= np.isin(column[begin:end], sure)
    return np.flatnonzero(np.isin(key, found[kept])) if kept.any() else np.zeros(0, np.int64)


def _usual(found: Ints, expected: Floats) -> Floats:
    """By what odds a group may like each idea more than others do: half as much again as any other idea."""
    lift = (found + 1) / (expected + 1)
    other = np.full(len(lift), lift.max(initial=0))
    if len(lift):
        other[lift.argmax()] = np.delete(lift, lift.argmax()).max(initial=0)
    return np.clip(HALF_MORE * other, LIFT_TOGETHER, LIFT_ALIKE)


def _same_ballot(poll: Poll) -> Ints:
    """Of those whose ballots are the same but for one vote, too many cast this one for one idea.

    Who did so with more than half of a ballot is of a camp, unless most ideas on it live by other votes too.
    """
    number = np.random.default_rng(0).integers(0, 2**64 - 1, 3 * len(poll.total), dtype=np.uint64)
    written = np.zeros(len(poll.names), np.uint64)
    np.add.at(written, poll.voter, number[poll.mark])
    others = written[poll.voter[poll.said]] - number[poll.mark[poll.said]]
    # the first bits of a sum of random numbers rule most of them out
    first = (others >> np.uint64(64 - FIRST_BITS)).astype(np.int64)
    place = np.flatnonzero(np.bincount(first, minlength=1)[first] >= FEWEST)
    place = place[poll.ballot[poll.voter[poll.said[place]]] >= 2]
    column, (group, among) = poll.column[place], _counted(others[place])
    here = _counted(group * len(poll.total) + column)[1]
    rest = _rest(poll.total[column] - here, poll.since[column] - among)
    likely = _evidence(here, among, rest, LIFT_ALIKE) >= poll.sure(len(poll.names))
    place, most = place[likely], here[likely] >= MOST_OF_IT * poll.total[column[likely]]
    voter = poll.voter[poll.said[place]]
    pushed = (np.bincount(voter, weight, len(poll.names))[voter] for weight in (None, most))
    few, fewer = (2 * number <= poll.ballot[voter] for number in pushed)
    return place[few | (most & fewer)]


def _counted(key: npt.NDArray[Any]) -> tuple[Ints, Ints]:
    """The number of each key among the different ones, and how many are the same."""
    number, count = np.unique(key, return_inverse=True, return_counts=True)[1:]
    return number, count[number]


def _seen_together(poll: Poll, seen: Ints, windows: Sequence[int], *, before: bool = False) -> Ints:
    """Of the accounts first seen in a window, too many vote for one idea, even for as much as they vote.

    It may have to be there `before` the window: where each idea's votes have one time stamp, who votes for the
    first idea is first seen with it.
    """
    known = np.flatnonzero(seen != NEVER)
    place = np.flatnonzero((seen != NEVER)[poll.voter[poll.said]])
    arrivals, rank = Instants(seen[known]), np.zeros(len(seen), np.int64)
    rank[known] = arrivals.rank
    cast = np.append(0, np.cumsum(poll.ballot[known[arrivals.order]]))
    slide = Slide(arrivals, rank[poll.voter[poll.said[place]]], poll.column[place])
    needed = poll.sure(len(poll.names))
    for window in windows:
        found = slide.over(window)
        if before:
            found = found.where(found.at - window > poll.opened[found.column // 2])
        found = found.where(_more(found, poll.total, poll.there))
        others = poll.total[found.column] - found.here
        votes = cast[found.until] - cast[found.since]
        rest = _rest(others, poll.there[found.column] - found.among)
        busy = _rest(others, poll.since[found.column] - votes) * votes / found.among
        rest = np.minimum(np.maximum(rest, busy), MOST)
        slide.cover(found.where(_evidence(found.here, found.among, rest, LIFT_TOGETHER) >= needed))
    return place[slide.covered()]


def _burst(poll: Poll, at: Ints) -> Ints:
    """Of the votes of a window, too many are for one idea that was there before, and too few against it."""
    dated = np.flatnonzero(at != NEVER)
    place = np.flatnonzero((at != NEVER)[poll.said])
    times, rank = Instants(at[dated]), np.zeros(len(at), np.int64)
    rank[dated] = times.rank
    slide, needed = Slide(times, rank[poll.said[place]], poll.column[place]), poll.sure(len(poll.names))
    for window in WINDOWS:
        found = slide.over(window)
        found = found.where(_more(found, poll.total, poll.since))
        found = found.where(found.at - window > poll.opened[found.column // 2])
        before = poll.total[found.column] - found.here
        rest = _rest(before, poll.since[found.column] - found.among)
        found = found.where(_evidence(found.here, found.among, rest, LIFT_TOGETHER) >= needed)
        if poll.signed:
            column, here = found.column, found.here
            against, before = slide.beside(found, column ^ 1), poll.total[column] - here
            share = _rest(before, before + poll.total[column ^ 1] - against)
            found = found.where(_evidence(here, here + against, share, LIFT_OPINION) >= needed / 2)
        slide.cover(found)
    return place[slide.covered()]


def _more(found: Found, total: Ints, everything: Ints) -> Bools:
    """Whether the odds in each window are more than lifted ones; most are not, and need no logarithm.

    A window that holds more than half of everything is no window: there the others would be the odd ones.
    """
    here, others, among = found.here, total[found.column] - found.here, found.among
    beside = np.maximum(everything[found.column] - among - others, 0) + 1
    more: Bools = here * beside > LIFT_TOGETHER * (others + 1) * (among - here)
    return more & (2 * among <= everything[found.column])


def _rest(these: Ints, all_of_them: Ints) -> Floats:
    """The share of the votes, or voters, outside a group that are for an idea (Laplace's rule)."""
    share: Floats = (these + 1) / (np.maximum(all_of_them, these) + 2)
    return share


def _evidence(found: npt.ArrayLike, among: npt.ArrayLike, rest: Floats, lift: float | Floats) -> Floats:
    """Minus the logarithm of Chernoff's bound: as many of so many, if the odds of `rest` are lifted."""
    found, number = np.asarray(found), np.maximum(np.asarray(among, dtype=np.float64), 1)
    odds = lift * rest / (1 - rest)
    chance, share = odds / (1 + odds), found / number
    with np.errstate(divide="ignore", invalid="ignore"):
        missing = np.where(share < 1, (1 - share) * np.log((1 - share) / (1 - chance)), 0.0)
        evidence = number * (np.where(share > 0, share * np.log(share / chance), 0.0) + missing)
    return np.where((found >= FEWEST) & (share > chance), evidence, 0.0)


def _numbered(names: Ints, most: int) -> tuple[Ints, Ints]:
    """The names that occur, of numbers below `most`, and each one's place among them."""
    if 10 * len(names) < most:
        known, place = np.unique(names, return_inverse=True)
        return known, place
    known = np.flatnonzero(np.bincount(names, minlength=most))
    place = np.empty(most, np.int64)
    place[known] = np.arange(len(known))
    return known, place[names]
