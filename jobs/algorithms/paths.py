"""Paths of most trust: from one person outwards to those who may begin an introduction.

A path is worth the product of the strengths of its steps, so the best one is the shortest by −ln strength [1]_, here
with a limit on the number of steps, as Bellman and Ford have it: round h knows the best path of at most h steps to
everybody. A step is in (0, 1], so a detour never gains, and no path visits anybody twice.

References
----------
.. [1] Bellman: On a routing problem, Quarterly of Applied Mathematics 16, 1958,
   https://doi.org/10.1090/qam/102435
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Near(NamedTuple):
    """Somebody a step away: the strength of the step, 0 to 1, and whether an introduction may begin there."""

    person: str
    strength: float
    begins: bool


class Trail(NamedTuple):
    """A way from the person looked for, who is first, outwards; `strength` is the product of its steps."""

    strength: float
    people: tuple[str, ...]

    @property
    def cost(self) -> float:
        """−ln strength: the costs of the steps add up to it."""
        return -math.log(self.strength)


def strength(there: float, back: float) -> float:
    """What a step is worth: s = w/(w + 1) with w = (√a + √b)², of the two ties' weights a and b.

    w is a + b, the responses either way, and 2√(ab) more if they are mutual: twice as much if they are equal.

    Examples
    --------
    >>> strength(1.0, 0.0), strength(1.0, 1.0), strength(0.0, 0.0)
    (0.5, 0.8, 0.0)
    """
    return saturated((math.sqrt(there) + math.sqrt(back)) ** 2)


def saturated(weight: float) -> float:
    """w/(w + 1): half for one fresh response, towards 1 for many.

    Examples
    --------
    >>> saturated(1.0), saturated(9.0)
    (0.5, 0.9)
    """
    return weight / (weight + 1.0)


@dataclass(slots=True)
class Search:
    """Looks for the best path to each who may begin, `count` of them, a step a round.

    `width` is how many people at most are looked beyond in a round: those on the strongest paths. With fewer the
    answer is exact.

    Examples
    --------
    >>> search = Search("mert", count=1)
    >>> search.grow({"mert": [Near("can", 0.8, False), Near("ali", 0.3, True)]})
    >>> search.grow({"can": [Near("ayse", 0.5, True)]})
    >>> search.found()
    [Trail(strength=0.4, people=('mert', 'can', 'ayse'))]
    """

    target: str
    count: int
    width: int = 100
    frontier: list[str] = field(init=False)
    _best: dict[str, Trail] = field(init=False)
    _begin: set[str] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self._best = {self.target: Trail(1.0, (self.target,))}
        self.frontier = [self.target]

    def grow(self, near: Mapping[str, Sequence[Near]]) -> None:
        """Go a step beyond the frontier, whose neighbours these are; nobody is passed who may begin."""
        fresh: dict[str, Trail] = {}
        for person in self.frontier:
            known = self._best[person]
            for other, worth, begins in near.get(person, ()):
                if worth <= 0.0:
                    continue
                trail = Trail(known.strength * worth, (*known.people, other))
                rival = fresh.get(other) or self._best.get(other)
                if rival is None or _rank(trail) < _rank(rival):
                    fresh[other] = trail
                    if begins:
                        self._begin.add(other)
        self._best |= fresh
        self._cut([trail for other, trail in fresh.items() if other not in self._begin])

    def _cut(self, trails: Sequence[Trail]) -> None:
        """The next frontier: no path grows stronger, so one no stronger than all that is wanted is given up."""
        found = self.found()
        enough = found[-1].strength if len(found) == self.count else 0.0
        hopeful = sorted((trail for trail in trails if trail.strength > enough), key=_rank)
        self.frontier = [trail.people[-1] for trail in hopeful[: self.width]]

    def found(self) -> list[Trail]:
        """The best path to each of those found who may begin, strongest first; of equals the shorter."""
        return sorted((self._best[person] for person in self._begin), key=_rank)[: self.count]


def _rank(trail: Trail) -> tuple[float, int, tuple[str, ...]]:
    return -trail.strength, len(trail.people), trail.people
