"""Windows in time: which votes lie within ten minutes, an hour, a day or a week of one another."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]

FEWEST = 5  # votes that make a ring; of one person, two do
WINDOWS = (600_000, 3_600_000, 86_400_000)  # ms: ten minutes, an hour, a day
WEEK = 604_800_000
UNITS = (3_600_000, 86_400_000)  # ms that time stamps may be rounded to: an hour, a day
ROUNDED = 0.5  # of the time stamps of a challenge, if what they have in common is to be a rounding
MS_PER_DAY = 86_400_000
ROOM = 63  # bits of a number ≥ 0
NEVER = np.iinfo(np.int64).min


def ascending(key: Ints) -> Ints:
    """The places of keys ≥ 0 in ascending order: by sorting key and place as one number, if there is room."""
    bits = len(key).bit_length()
    if int(key.max(initial=0)).bit_length() + bits > ROOM:
        return np.argsort(key, kind="stable")
    return np.sort((key << bits) | np.arange(len(key))) & ((1 << bits) - 1)


class Instants:
    """Instants in ascending order, and which rank each has among them; of equal ones, `until` is behind the last."""

    def __init__(self, at: Ints) -> None:
        self.order = ascending(at - at.min(initial=np.iinfo(np.int64).max))
        self.sorted = at[self.order]
        self.rank = np.empty_like(self.order)
        self.rank[self.order] = np.arange(len(at))
        ends = np.append(np.flatnonzero(np.diff(self.sorted)) + 1, len(at))
        self.until = np.repeat(ends, np.diff(ends, prepend=0))

    def begin(self, window: int, rank: Ints) -> Ints:
        """The first rank that is at most so much before each of these."""
        if len(rank) < len(self.sorted):
            return np.searchsorted(self.sorted, self.sorted[rank] - window)
        return np.searchsorted(self.sorted, self.sorted - window)[rank]


@dataclass(frozen=True, slots=True)
class Found:
    """Windows that hold the votes `begin` to `last` of a column, in the order of a `Slide`, and end `at` the last.

    Of all instants, those from `since` to before `until` lie in each.
    """

    window: int
    begin: Ints
    last: Ints
    column: Ints
    at: Ints
    since: Ints
    until: Ints

    @property
    def here(self) -> Ints:
        """How many votes of the column lie in each."""
        return self.last - self.begin + 1

    @property
    def among(self) -> Ints:
        """How many of all instants lie in each."""
        return self.until - self.since

    def where(self, chosen: Bools) -> "Found":
        """Those that a mask keeps."""
        parts = (self.begin, self.last, self.column, self.at, self.since, self.until)
        return Found(self.window, *(part[chosen] for part in parts))


class Slide:
    """Slides windows over the votes of each column, and remembers the votes of those that are covered.

    `rank` is that of each vote among the instants; `order` sorts the votes by column, then time.
    """

    def __init__(self, instants: Instants, rank: Ints, column: Ints) -> None:
        self.instants = instants
        self.order = ascending(column * (len(instants.sorted) + 1) + rank)
        self.rank, self.column = rank[self.order], column[self.order]
        self.at = instants.sorted[self.rank]
        self.first = int(self.at.min(initial=0))
        self.span = int(self.at.max(initial=0)) - self.first + 2 * WEEK + 2
        self.key = self.column * self.span + self.at - self.first
        self.steps = np.zeros(len(column) + 1, np.int64)

    def over(self, window: int) -> Found:
        """The windows of this length with as many votes as a ring has, and no later vote of their instant."""
        key = self.key
        many = np.zeros(len(key), dtype=bool)
        many[FEWEST - 1 :] = key[FEWEST - 1 :] - key[: max(len(key) - FEWEST + 1, 0)] <= window
        many[:-1] &= key[1:] != key[:-1]
        last = np.flatnonzero(many)
        rank, begin = self.rank[last], np.searchsorted(key, key[last] - window)
        since, until = self.instants.begin(window, rank), self.instants.until[rank]
        return Found(window, begin, last, self.column[last], self.at[last], since, until)

    def beside(self, found: Found, column: Ints) -> Ints:
        """How many votes of other columns lie in each window."""
        key = column * self.span + found.at - self.first
        return np.searchsorted(self.key, key, "right") - np.searchsorted(self.key, key - found.window)

    def cover(self, found: Found) -> None:
        """Remember the votes of these windows."""
        np.add.at(self.steps, found.begin, 1)
        np.add.at(self.steps, found.last + 1, -1)

    def covered(self) -> Ints:
        """The places of all votes remembered."""
        return np.sort(self.order[np.cumsum(self.steps)[:-1] > 0])


def told(ms: Ints) -> Ints:
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


def ms(day: Floats) -> Ints:
    """Days as milliseconds; `NEVER` for NaN."""
    known = ~np.isnan(day)
    return np.where(known, np.round(np.where(known, day, 0.0) * MS_PER_DAY), NEVER).astype(np.int64)
