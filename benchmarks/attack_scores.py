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
from jobs.algorithms.trust import tenure, trust, vouched

Floats = npt.NDArray[np.float64]

SLOW = 12.0  # how many times slower vouched standing forgets: 720 days
KNOWN = 0.25  # exponent of a speaker's tenure: the fresh have no say, the young nearly a full one


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


def _trust(acts: Acts) -> Floats:
    said = acts.by_day()
    pairs, days = np.unique(said.source * said.n + said.target, return_counts=True)
    seeds = tenure(said.target, said.at, said.until, said.n)
    return trust(pairs // said.n, pairs % said.n, days, said.n, seeds=seeds).values


def vouched_standing(acts: Acts) -> Floats:
    """Standing by voices that are trusted and have been for a while."""
    said = acts.by_day()
    fairness = fairness_goodness(said.source, said.target, said.weight, said.n).fairness
    left = decay(said.at, said.until) ** (1 / SLOW)
    trusted = _trust(acts) * tenure(said.target, said.at, said.until, said.n) ** KNOWN
    return vouched(said.target, said.weight, left, fairness[said.source], trusted[said.source], said.n)


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
    Score("trust", _trust),
    Score("PageRank", _pagerank, True),
    Score("in-degree", _in_degree, True),
)
STANDING = (
    Score("standing", _standing),
    Score("vouched", vouched_standing),
    Score("fairness-goodness", _goodness, True),
)
