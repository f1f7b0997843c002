"""The scores under attack: ours, and the peers they are compared with."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.attack_kinds import Acts
from jobs.algorithms.csr import by_target, pagerank
from jobs.algorithms.decay import decay
from jobs.algorithms.reach import reach
from jobs.algorithms.standing import estimate, fairness_goodness
from jobs.algorithms.trust import SLOW, readable, speaking, tenure, trust, vouched

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Score:
    """A score of every account by name; `peer` if it is one to be compared with."""

    name: str
    of: Callable[[Acts], Floats]
    peer: bool = False


def _ties(acts: Acts) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats]:
    """Each pair of `acts` by day with what is left of its acts at the end, as a run makes them."""
    pairs, at = np.unique(acts.source * acts.n + acts.target, return_inverse=True)
    left = np.bincount(at, weights=decay(acts.at, acts.until), minlength=len(pairs))
    return pairs // acts.n, pairs % acts.n, left.astype(np.float64, copy=False)


def _reach(acts: Acts) -> Floats:
    return reach(*_ties(acts.by_day()), acts.n).values


def _standing(acts: Acts) -> Floats:
    said = acts.by_day()
    fairness = fairness_goodness(said.source, said.target, said.weight, said.n).fairness
    left = decay(said.at, said.until)
    return estimate(said.target, said.weight, left, fairness[said.source], said.n).values


def _trust(acts: Acts) -> tuple[Floats, Floats]:
    """Trust as it is published, and how long each has been answered by others."""
    said, who = acts.by_day(), acts.persons
    pairs, days = np.unique(said.source * said.n + said.target, return_counts=True)
    others = who[said.source] != who[said.target]
    known = tenure(said.target[others], said.at[others], said.until, said.n)
    s, t = pairs // said.n, pairs % said.n
    return readable(trust(s, t, days, said.n, seeds=known, persons=who).values), known


def vouched_standing(acts: Acts) -> Floats:
    """Standing by voices that are trusted and have been for a while."""
    said, who = acts.by_day(), acts.persons
    fairness = fairness_goodness(said.source, said.target, said.weight, said.n).fairness[said.source]
    left = decay(said.at, said.until) ** (1 / SLOW)
    trusted = speaking(*_trust(acts))[said.source] * (who[said.source] != who[said.target])
    speakers = who[said.source]
    return vouched(said.target, said.weight, left, fairness, trusted, said.n, speakers=speakers)


def _pagerank(acts: Acts) -> Floats:
    up = acts.where(acts.weight > 0)
    pull = by_target(up.source.astype(np.int32), up.target.astype(np.int32), up.weight, acts.n)
    return pagerank(pull, max_iter=1000, tol=1e-12)


def _in_degree(acts: Acts) -> Floats:
    pairs = np.unique(acts.source * acts.n + acts.target)
    return np.bincount(pairs % acts.n, minlength=acts.n).astype(np.float64)


def _goodness(acts: Acts) -> Floats:
    return fairness_goodness(acts.source, acts.target, acts.weight, acts.n).goodness


REACH = (
    Score("reach", _reach),
    Score("trust", lambda acts: _trust(acts)[0]),
    Score("PageRank", _pagerank, True),
    Score("in-degree", _in_degree, True),
)
STANDING = (
    Score("standing", _standing),
    Score("vouched", vouched_standing),
    Score("fairness-goodness", _goodness, True),
)
