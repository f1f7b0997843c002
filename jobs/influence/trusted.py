"""Trust and vouched standing of a run: what nobody buys with many accounts, of their own or others'."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graph.influence import Ties
from jobs.algorithms.percentiles import percentiles
from jobs.algorithms.trust import SLOW, doubtful, readable, speaking, tenure, trust, vouched
from jobs.influence.said import Said

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trusted:
    """Trust of each account, how much it counts when it speaks, and the person it belongs to."""

    values: Floats
    speaking: Floats
    persons: Ints

    @classmethod
    def of(cls, ties: Ties, persons: Ints, until: np.datetime64) -> "Trusted":
        """From who responded to whom on how many days, and since when each was responded to by others."""
        n = len(persons)
        order = np.lexsort([ties.target, ties.source])  # the same sums whatever order they were read in
        s, t, days, since = (each[order] for each in (ties.source, ties.target, ties.days, ties.since))
        others = persons[s] != persons[t]
        known = tenure(t[others], since[others], until, n)
        values = readable(trust(s, t, days, n, seeds=known, persons=persons).values)
        return cls(values, speaking(values, known), persons)

    def vouched(self, said: Said, owners: Ints, n: int) -> Floats:
        """What trusted others say of each owner, who is the target of an act, or their place in a community."""
        source, target = (each[said.rows] for each in (said.acts.source, said.acts.target))
        others = self.persons[source] != self.persons[target]
        source = source[others]
        return vouched(
            owners[others],
            said.acts.weight[said.rows][others],
            said.left[others] ** (1 / SLOW),
            said.fairness[others],
            self.speaking[source],
            n,
            speakers=self.persons[source],
        )


@dataclass(frozen=True, slots=True)
class Doubt:
    """Where reach and trust lie among those somebody responded to, in percent; NaN for all others."""

    reach: Floats
    trust: Floats

    @classmethod
    def of(cls, reach: Floats, trust: Floats, heard: npt.NDArray[np.bool_]) -> "Doubt":
        """Of each account, given whether anybody, be it the same person, responded to it."""
        places = (np.where(heard, percentiles(each, each[heard]), np.nan) for each in (reach, trust))
        return cls(*places)

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Who has a place."""
        return ~np.isnan(self.reach)

    def found(self) -> npt.NDArray[np.bool_]:
        """Whose reach trust does not bear out."""
        return doubtful(self.reach, self.trust)
