"""What tells a ring: votes of one conversation of which more go to one idea than chance allows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from jobs.algorithms.consensus import Votes

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]

FEWEST = 5  # votes that make a ring; of one person, two do
CHANCE = 0.05  # of calling anything a ring in a challenge of honest votes that are what LIFT allows
LIFT_TOGETHER = 4.0  # honest people who come together may like an idea by these odds more than others
LIFT_OPINION = 2.0  # and be for it, rather than against it, by these
LIFT_ALIKE = 12.0  # and people who vote as little, or as much, or alike, by these
MOST_OF_IT = 2 / 3  # of the votes for an idea, if it lives by one ballot
HALF_MORE = 1.5  # times what such people like any other idea by, if that is less
LITTLE = 8  # votes in the challenge: who casts no more may be said to vote for little else
WINDOWS = (600_000, 3_600_000, 86_400_000)  # ms: ten minutes, an hour, a day
WEEK = 604_800_000
VISIT = 3_600_000  # ms without a vote end a visit
UNITS = (3_600_000, 86_400_000)  # ms that time stamps may be rounded to: an hour, a day
MOST = 1 - 1e-9  # of all voters
ROUNDED = 0.5  # of the time stamps of a challenge, if what they have in common is to be a rounding
MS_PER_DAY = 86_400_000
FIRST_BITS = 22
NEVER = np.iinfo(np.int64).min


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
    cast = _told(poll.ms)
    yield Reason.LITTLE_ELSE, _little_else(poll, poll.ballot[poll.voter])
    if (visit := _visits(poll.voter, cast)).max(initial=-1) >= len(poll.names):
        yield Reason.LITTLE_ELSE, _little_else(poll, np.bincount(visit)[visit])
    yield Reason.SAME_BALLOT, _same_ballot(poll)
    first = _told(poll.first)
    yield Reason.SEEN_TOGETHER, _seen_together(poll, first, (*WINDOWS, WEEK))
    if (first != poll.first).any():
        yield Reason.SEEN_TOGETHER, _seen_together(poll, poll.first, (WEEK,), before=True)
    yield Reason.BURST, _burst(poll, cast)
    if joined is not None:
        # who joined on a day joined within a day, which tells something if others joined on others
        yield Reason.SEEN_TOGETHER, _seen_together(poll, _told(joined), WINDOWS[:-1])
        yield Reason.SEEN_TOGETHER, _seen_together(poll, joined, (WINDOWS[-1], WEEK))


def _visits(voter: Ints, at: Ints) -> Ints:
    """The visit of each vote: its voter's votes without a break of an hour, and all those without a time."""
    if not len(at) or at.max() == NEVER:
        return voter
    since = np.where(at == NEVER, 0, at - at[at != NEVER].min() + VISIT + 1)
    key = voter * (int(since.max()) + VISIT + 1) + since
    order = np.argsort(key)
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
    known = seen != NEVER
    place = np.flatnonzero(known[poll.voter[poll.said]])
    voter = poll.voter[poll.said[place]]
    slide, needed = _Slide(seen[voter], poll.column[place]), poll.sure(len(poll.names))
    voter, arrivals = voter[slide.order], _Instants(seen[known])
    accounts, votes = np.zeros(len(seen), np.int64), np.zeros(len(seen), np.int64)
    for window in windows:
        accounts[known], votes[known] = arrivals.within(window), arrivals.within(window, poll.ballot[known])
        found = slide.over(window)
        if before:
            found = found.where(slide.at[found.last] - window > poll.opened[found.column // 2])
        found = found.where(_more(found, accounts[voter[found.last]], poll.total, poll.there))
        who, others = voter[found.last], poll.total[found.column] - found.here
        rest = _rest(others, poll.there[found.column] - accounts[who])
        busy = _rest(others, poll.since[found.column] - votes[who]) * votes[who] / accounts[who]
        likely = _evidence(found.here, accounts[who], np.minimum(np.maximum(rest, busy), MOST), LIFT_TOGETHER)
        slide.cover(found.where(likely >= needed))
    return place[slide.covered()]


def _burst(poll: Poll, at: Ints) -> Ints:
    """Of the votes of a window, too many are for one idea that was there before, and too few against it."""
    dated = at != NEVER
    place = np.flatnonzero(dated[poll.said])
    vote = poll.said[place]
    slide, needed = _Slide(at[vote], poll.column[place]), poll.sure(len(poll.names))
    vote, times = vote[slide.order], _Instants(at[dated])
    company = np.zeros(len(at), np.int64)
    for window in WINDOWS:
        company[dated] = times.within(window)
        found = slide.over(window)
        found = found.where(_more(found, company[vote[found.last]], poll.total, poll.since))
        found = found.where(slide.at[found.last] - window > poll.opened[found.column // 2])
        among, before = company[vote[found.last]], poll.total[found.column] - found.here
        rest = _rest(before, poll.since[found.column] - among)
        found = found.where(_evidence(found.here, among, rest, LIFT_TOGETHER) >= needed)
        if poll.signed:
            column, here = found.column, found.here
            against, before = slide.beside(found, column ^ 1), poll.total[column] - here
            share = _rest(before, before + poll.total[column ^ 1] - against)
            found = found.where(_evidence(here, here + against, share, LIFT_OPINION) >= needed / 2)
        slide.cover(found)
    return place[slide.covered()]


class _Instants:
    """Instants, of which it can be told how many lie in the window that ends with each."""

    def __init__(self, at: Ints) -> None:
        self.order = np.argsort(at)
        self.sorted = at[self.order]
        self.until = np.searchsorted(self.sorted, self.sorted, "right")

    def within(self, window: int, weight: Ints | None = None) -> Ints:
        """How many, or how much, are at most so much before each, itself among them."""
        begin, found = np.searchsorted(self.sorted, self.sorted - window), np.empty_like(self.order)
        upto = None if weight is None else np.append(0, np.cumsum(weight[self.order]))
        found[self.order] = self.until - begin if upto is None else upto[self.until] - upto[begin]
        return found


@dataclass(frozen=True, slots=True)
class _Found:
    """Windows that hold the votes `begin` to `last` of a column, in the order of a `_Slide`, and end with the last."""

    window: int
    begin: Ints
    last: Ints
    column: Ints

    @property
    def here(self) -> Ints:
        """How many votes of the column lie in each."""
        return self.last - self.begin + 1

    def where(self, chosen: Bools) -> "_Found":
        """Those that a mask keeps."""
        return _Found(self.window, *(part[chosen] for part in (self.begin, self.last, self.column)))


class _Slide:
    """Slides windows over the votes of each column, and remembers the votes of those that are covered.

    `order` sorts the votes given by column, then time; `at` and `column` are theirs in this order.
    """

    def __init__(self, at: Ints, column: Ints) -> None:
        self.first = int(at.min(initial=0))
        self.span = int(at.max(initial=0)) - self.first + 2 * WEEK + 2
        key = column * self.span + at - self.first
        self.order = np.argsort(key)
        self.key, self.at, self.column = key[self.order], at[self.order], column[self.order]
        self.steps = np.zeros(len(key) + 1, np.int64)

    def over(self, window: int) -> _Found:
        """The windows of this length with as many votes as a ring has, and no later vote of their instant."""
        key = self.key
        many = np.zeros(len(key), dtype=bool)
        many[FEWEST - 1 :] = key[FEWEST - 1 :] - key[: max(len(key) - FEWEST + 1, 0)] <= window
        many[:-1] &= key[1:] != key[:-1]
        last = np.flatnonzero(many)
        return _Found(window, np.searchsorted(key, key[last] - window), last, self.column[last])

    def beside(self, found: _Found, column: Ints) -> Ints:
        """How many votes of other columns lie in each window."""
        key = column * self.span + self.at[found.last] - self.first
        return np.searchsorted(self.key, key, "right") - np.searchsorted(self.key, key - found.window)

    def cover(self, found: _Found) -> None:
        """Remember the votes of these windows."""
        np.add.at(self.steps, found.begin, 1)
        np.add.at(self.steps, found.last + 1, -1)

    def covered(self) -> Ints:
        """The places of all votes remembered."""
        return np.sort(self.order[np.cumsum(self.steps)[:-1] > 0])


def _more(found: _Found, among: Ints, total: Ints, everything: Ints) -> Bools:
    """Whether the odds in each window are more than lifted ones; most are not, and need no logarithm."""
    here, others = found.here, total[found.column] - found.here
    beside = np.maximum(everything[found.column] - among - others, 0) + 1
    more: Bools = here * beside > LIFT_TOGETHER * (others + 1) * (among - here)
    return more


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


def _told(ms: Ints) -> Ints:
    """The time stamps that tell something about a window: `NEVER` for those rounded to an hour or a day.

    They are rounded if more than half of all have the same rest after division by the unit.
    """
    dated, told = np.flatnonzero(ms != NEVER), ms.copy()
    for unit in UNITS:
        rest = ms[dated] % unit
        if len(rest):
            # what more than half have, the median has
            same = rest == np.partition(rest, len(rest) // 2)[len(rest) // 2]
            if same.sum() > ROUNDED * len(rest):
                told[dated[same]] = NEVER
    return told


def _numbered(names: Ints, most: int) -> tuple[Ints, Ints]:
    """The names that occur, of numbers below `most`, and each one's place among them."""
    if 10 * len(names) < most:
        known, place = np.unique(names, return_inverse=True)
        return known, place
    known = np.flatnonzero(np.bincount(names, minlength=most))
    place = np.empty(most, np.int64)
    place[known] = np.arange(len(known))
    return known, place[names]


def ms(day: Floats) -> Ints:
    """Days as milliseconds; `NEVER` for NaN."""
    known = ~np.isnan(day)
    return np.where(known, np.round(np.where(known, day, 0.0) * MS_PER_DAY), NEVER).astype(np.int64)
