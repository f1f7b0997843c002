"""What tells a ring: votes of one conversation of which more go to one idea than chance allows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import TypeAlias

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
MOST_OF_IT = 2 / 3  # of the votes for an idea, if one ballot many times is to be its ring
LITTLE = 8  # votes in the challenge: who casts no more may be said to vote for little else
WINDOWS = (600_000, 3_600_000, 86_400_000)  # ms: ten minutes, an hour, a day
UNITS = (3_600_000, 86_400_000)  # ms that time stamps may be rounded to: an hour, a day
ROUNDED = 0.5  # of the time stamps of a challenge, if what they have in common is to be a rounding
MS_PER_DAY = 86_400_000
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
    yield Reason.LITTLE_ELSE, _little_else(poll)
    yield Reason.SAME_BALLOT, _same_ballot(poll)
    yield Reason.SEEN_TOGETHER, _seen_together(poll, _told(poll.first), WINDOWS)
    yield Reason.BURST, _burst(poll, _told(poll.ms))
    if joined is not None:
        # who joined on a day joined within a day, which tells something if others joined on others
        yield Reason.SEEN_TOGETHER, _seen_together(poll, _told(joined), WINDOWS[:-1])
        yield Reason.SEEN_TOGETHER, _seen_together(poll, joined, WINDOWS[-1:])


def _little_else(poll: Poll) -> Ints:
    """Of the votes of those who cast few, or as many as each other, too many are for one idea."""
    voters = np.bincount(poll.ballot)
    few = [size for size in (1, 2, 4, LITTLE) if size <= np.median(poll.ballot)]
    alike = np.flatnonzero(voters >= FEWEST)
    size, columns = poll.ballot[poll.voter[poll.said]], len(poll.total)
    key = size * columns + poll.column
    found, here = np.unique(key, return_counts=True)
    of_size, column = np.divmod(found, columns)
    least, most = np.append(alike, np.ones(len(few), np.int64)), np.append(alike, few).astype(np.int64)
    needed = poll.sure(len(most))
    cast = np.append(0, np.cumsum(voters * np.arange(len(voters))))
    kept = np.zeros(len(found), dtype=bool)
    for low, high in zip(least.tolist(), most.tolist(), strict=True):
        begin, end = np.searchsorted(of_size, low), np.searchsorted(of_size, high, "right")
        inside = np.bincount(column[begin:end], here[begin:end], columns)
        among = int(cast[high + 1] - cast[low])
        rest = _rest(poll.total - inside, poll.since - among)
        kept[begin:end] |= (_evidence(inside, among, rest, LIFT_ALIKE) >= needed)[column[begin:end]]
    return np.flatnonzero(np.isin(key, found[kept])) if kept.any() else np.zeros(0, np.int64)


def _same_ballot(poll: Poll) -> Ints:
    """One ballot makes up most of an idea's votes, and is cast more often than its parts explain."""
    number = np.random.default_rng(0).integers(0, 2**63, 3 * len(poll.total), dtype=np.uint64)
    written = np.zeros(len(poll.names), np.uint64)
    np.add.at(written, poll.voter, number[poll.mark])
    _, which, copies = np.unique(written, return_inverse=True, return_counts=True)
    copied = np.where(poll.ballot >= 2, copies[which], 0)
    if copied.max(initial=0) < FEWEST:
        return np.zeros(0, np.int64)
    voter = poll.voter[poll.said]
    copy, total = copied[voter], poll.total[poll.column]
    expected = np.bincount(voter, np.log(total / len(poll.names)), len(poll.names)) + np.log(len(poll.names))
    lifted = np.log(np.maximum(copied, 1)) - expected >= np.log(LIFT_TOGETHER)
    most = (copy >= FEWEST) & (copy >= MOST_OF_IT * total)
    pushed = np.bincount(voter, most, len(poll.names))
    return np.flatnonzero(most & (lifted & (2 * pushed <= poll.ballot))[voter])


def _seen_together(poll: Poll, seen: Ints, windows: Sequence[int]) -> Ints:
    """Of the accounts first seen in a window, too many vote for one idea."""
    known = seen != NEVER
    place = np.flatnonzero(known[poll.voter[poll.said]])
    slide = _Slide(seen[poll.voter[poll.said[place]]], poll.column[place])
    needed, instants = poll.sure(len(poll.names)), np.sort(seen[known])
    for window in windows:
        found = slide.over(window)
        among = found.among(instants)
        rest = _rest(poll.total[found.column] - found.here, poll.there[found.column] - among)
        slide.cover(found, _evidence(found.here, among, rest, LIFT_TOGETHER) >= needed)
    return place[slide.covered()]


def _burst(poll: Poll, at: Ints) -> Ints:
    """Of the votes of a window, too many are for one idea that was there before, and too few against it."""
    place = np.flatnonzero(at[poll.said] != NEVER)
    slide = _Slide(at[poll.said[place]], poll.column[place])
    needed, instants = poll.sure(len(poll.names)), np.sort(at[at != NEVER])
    for window in WINDOWS:
        found = slide.over(window)
        column, here, among = found.column, found.here, found.among(instants)
        before = poll.total[column] - here
        enough = _evidence(here, among, _rest(before, poll.since[column] - among), LIFT_TOGETHER) >= needed
        enough &= found.at - window > poll.opened[column // 2]
        if poll.signed:
            against = slide.beside(found, column ^ 1)
            share = _rest(before, before + poll.total[column ^ 1] - against)
            enough &= _evidence(here, here + against, share, LIFT_OPINION) >= needed / 2
        slide.cover(found, enough)
    return place[slide.covered()]


@dataclass(frozen=True, slots=True)
class _Found:
    """Windows that end with a vote, at `at`, and hold `here` votes of its column, those from begin to end."""

    window: int
    begin: Ints
    end: Ints
    at: Ints
    column: Ints

    @property
    def here(self) -> Ints:
        """How many votes of the column lie in each."""
        return self.end - self.begin

    def among(self, instants: Ints) -> Ints:
        """How many of the instants, which are sorted, lie in each."""
        return np.searchsorted(instants, self.at, "right") - np.searchsorted(instants, self.at - self.window)


class _Slide:
    """Slides windows over the votes of each column, and remembers the votes of those that are covered."""

    def __init__(self, at: Ints, column: Ints) -> None:
        self.first = int(at.min(initial=0))
        self.span = int(at.max(initial=0)) - self.first + 2 * max(WINDOWS) + 2
        key = column * self.span + at - self.first
        self.order = np.argsort(key)
        self.key = key[self.order]
        self.steps = np.zeros(len(key) + 1, np.int64)

    def over(self, window: int) -> _Found:
        """The windows of this length with as many votes as a ring has, and no later vote of their instant."""
        key = self.key
        many = np.zeros(len(key), dtype=bool)
        many[FEWEST - 1 :] = key[FEWEST - 1 :] - key[: max(len(key) - FEWEST + 1, 0)] <= window
        many[:-1] &= key[1:] != key[:-1]
        last = np.flatnonzero(many)
        column, after = np.divmod(key[last], self.span)
        begin = np.searchsorted(key, key[last] - window)
        return _Found(window, begin, last + 1, after + self.first, column)

    def beside(self, found: _Found, column: Ints) -> Ints:
        """How many votes of other columns lie in each window."""
        key = column * self.span + found.at - self.first
        return np.searchsorted(self.key, key, "right") - np.searchsorted(self.key, key - found.window)

    def cover(self, found: _Found, chosen: Bools) -> None:
        """Remember the votes of the chosen windows."""
        np.add.at(self.steps, found.begin[chosen], 1)
        np.add.at(self.steps, found.end[chosen], -1)

    def covered(self) -> Ints:
        """The places of all votes remembered."""
        return np.sort(self.order[np.cumsum(self.steps)[:-1] > 0])


def _rest(these: Ints, all_of_them: Ints) -> Floats:
    """The share of the votes, or voters, outside a group that are for an idea (Laplace's rule)."""
    share: Floats = (these + 1) / (np.maximum(all_of_them, these) + 2)
    return share


def _evidence(found: Ints, among: npt.ArrayLike, rest: Floats, lift: float) -> Floats:
    """Minus the logarithm of Chernoff's bound: as many of so many, if the odds of `rest` are lifted."""
    number = np.maximum(np.asarray(among, dtype=np.float64), 1)
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
