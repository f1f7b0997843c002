"""Standing and voice: what signed, dated acts say, shrunk towards neutral while there are few."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.algorithms.parts import KEPT, Part, Parts, joined, strongest, summed

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NEGATIVE_WEIGHT = 3.0
PRIOR_WEIGHT = 1.0
PRIOR = 0.0
Z = 1.96


@dataclass(frozen=True, slots=True)
class Goodness:
    """How fairly each member rates, 0..1, and how good each is rated, −1..1."""

    fairness: Floats
    goodness: Floats


def fairness_goodness(
    raters: npt.ArrayLike,
    rated: npt.ArrayLike,
    weights: npt.ArrayLike,
    n: int,
    *,
    tolerance: float = 1e-12,
    max_iter: int = 200,
) -> Goodness:
    r"""Fairness of raters and goodness of the rated [1]_.

    g(v) = 1/\|in(v)\| · Σ_{u ∈ in(v)} f(u)·W(u,v) and f(u) = 1 − 1/\|out(u)\| · Σ_{v ∈ out(u)}
    \|W(u,v) − g(v)\| / 2, from f = g = 1 on. Who rated nobody keeps fairness 1, who was rated by nobody
    goodness 1. The change halves with each step, so that the iteration always ends.

    Parameters
    ----------
    raters, rated : array of int
        The ends of each rating, as positions 0 … n − 1.
    weights : array of float
        The ratings, −1 to 1.
    n : int
        Number of members.
    tolerance : float
        Stop when nothing changes by more.
    max_iter : int
        Steps at most.

    Returns
    -------
    Goodness
        Both measures by member.

    References
    ----------
    .. [1] Kumar, Spezzano, Subrahmanian, Faloutsos: Edge weight prediction in weighted signed networks,
       ICDM 2016, https://doi.org/10.1109/ICDM.2016.0033

    Examples
    --------
    >>> found = fairness_goodness([0, 1, 2], [3, 3, 3], [1.0, 1.0, -1.0], 4)
    >>> found.fairness.round(3).tolist()
    [0.667, 0.667, 0.333, 1.0]
    """
    u, v = np.asarray(raters, dtype=np.intp), np.asarray(rated, dtype=np.intp)
    w = np.asarray(weights, dtype=np.float64)
    given, received = np.bincount(u, minlength=n), np.bincount(v, minlength=n)
    fairness, goodness = np.ones(n), np.ones(n)
    for _ in range(max_iter):
        before = fairness, goodness
        goodness = _mean(v, fairness[u] * w, received)
        fairness = _mean(u, 1 - np.abs(w - goodness[v]) / 2, given)
        change = max(np.abs(fairness - before[0]).max(initial=0), np.abs(goodness - before[1]).max(initial=0))
        if change < tolerance:
            break
    return Goodness(fairness, goodness)


def _mean(at: npt.NDArray[np.intp], values: Floats, counts: npt.NDArray[np.intp]) -> Floats:
    total = np.bincount(at, weights=values, minlength=len(counts))
    return np.divide(total, counts, out=np.ones(len(counts)), where=counts > 0)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the acts say of each owner, −1..1; `known` is false where there are none, and the value 0."""

    values: Floats
    known: npt.NDArray[np.bool_]
    evidence: Floats
    owners: Ints
    others: Ints
    shares: Floats

    def margin(self) -> Floats:
        """Half of the interval that holds a value with 95 %: wide where little was said.

        With k = 1 and s₀ = 0 the estimate is 2p − 1, p the mean of a Beta distribution with Jeffreys' prior [1]_,
        whose deviation is √(p(1 − p)/(evidence + 1)), the prior counted in.

        References
        ----------
        .. [1] Brown, Cai, DasGupta: Interval estimation for a binomial proportion, Statistical Science 2001.
        """
        return np.asarray(Z * np.sqrt((1.0 - self.values**2) / (self.evidence + 1.0)))

    def acts(self) -> Ints:
        """How many acts each owner's value is made of."""
        return np.bincount(self.owners, minlength=len(self.values))

    def people(self, persons: Ints, own: Ints) -> Ints:
        """From how many people they come, by name: `persons` is whose each other is, `own` whose each owner is.

        What somebody says by another account of theirs counts for nobody.
        """
        other, n = persons[self.others], max(len(persons), 1)
        said = (self.others >= 0) & (other != own[self.owners])
        pairs = np.unique(self.owners[said] * n + other[said])
        return np.bincount(pairs // n, minlength=len(self.values))

    def parts(self, kept: int = KEPT) -> Parts:
        """The strongest acts by name and what all others add for and against; they add up to each value."""
        owner, other, value = _by_pair(self.owners, self.others, self.shares)
        named = np.flatnonzero(other >= 0)
        first, rest = strongest(owner[named], other[named], value[named], kept)
        first, rest = named[first], np.concatenate([np.flatnonzero(other < 0), named[rest]])
        up, down = rest[value[rest] > 0], rest[value[rest] < 0]
        kinds = np.where(value[first] > 0, Part.POSITIVE, Part.NEGATIVE)
        return joined(
            [
                Parts(owner[first], kinds.astype(np.int64), other[first], value[first]),
                summed(owner[up], Part.POSITIVE, value[up]),
                summed(owner[down], Part.NEGATIVE, value[down]),
            ]
        )


def estimate(
    owners: npt.ArrayLike,
    weights: npt.ArrayLike,
    decay: npt.ArrayLike,
    fairness: npt.ArrayLike,
    n: int,
    *,
    others: npt.ArrayLike | None = None,
) -> Estimate:
    r"""Shrunk, decayed mean of signs, in which one bad word outweighs good ones.

    (Σ d·f·m·sign(w) + k·s₀) / (Σ d·f·m + k) over the acts of an owner, with m = 3 if w < 0, else 1; k = 1 and
    s₀ = 0. An act of weight 0 says nothing and is skipped.

    Parameters
    ----------
    owners : array of int
        Whom each act speaks of, as positions 0 … n − 1.
    weights : array of float
        What it says: only the sign counts.
    decay : array of float
        d: how much of it is left, 0 to 1.
    fairness : array of float
        f: how far its speaker is to be believed, 0 to 1.
    n : int
        Number of owners.
    others : array of int, optional
        Who the part of each act is credited to; −1, the default, is nobody by name.

    Returns
    -------
    Estimate
        Values −1 to 1 and the share of each act in them.

    Examples
    --------
    >>> found = estimate([0, 0, 1], [1.0, -0.2, 0.5], [1.0, 1.0, 0.5], [1.0, 1.0, 1.0], 3)
    >>> found.values.round(3).tolist(), found.known.tolist()
    ([-0.4, 0.333, 0.0], [True, True, False])
    """
    sign = np.sign(np.asarray(weights, dtype=np.float64))
    said = np.flatnonzero(sign)
    at = np.asarray(owners, dtype=np.int64)[said]
    other = np.full(len(at), -1) if others is None else np.asarray(others, dtype=np.int64)[said]
    evidence = np.asarray(decay, dtype=np.float64)[said] * np.asarray(fairness, dtype=np.float64)[said]
    evidence = evidence * np.where(sign[said] < 0, NEGATIVE_WEIGHT, 1.0)
    heard: Floats = np.bincount(at, weights=evidence, minlength=n).astype(np.float64, copy=False)
    heard += PRIOR_WEIGHT
    balance = np.bincount(at, weights=evidence * sign[said], minlength=n) + PRIOR_WEIGHT * PRIOR
    known = np.bincount(at, minlength=n) > 0
    return Estimate(balance / heard, known, heard, at, other, evidence * sign[said] / heard[at])


def _by_pair(owner: Ints, other: Ints, value: Floats) -> tuple[Ints, Ints, Floats]:
    """What each other adds for and against each owner, in the order of owner, other and sign."""
    sign = np.sign(value)
    order = np.lexsort([sign, other, owner])
    keys = [owner[order], other[order], sign[order]]
    new = np.ones(len(order), dtype=bool)
    new[1:] = np.any([key[1:] != key[:-1] for key in keys], axis=0)
    starts = np.flatnonzero(new)
    total = np.add.reduceat(value[order], starts) if len(starts) else np.zeros(0)
    return keys[0][starts], keys[1][starts], total
