"""Reach: how much of a community's response ends at each of its members."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from jobs.algorithms.csr import by_target, out_weights, power_iteration, reciprocal
from jobs.algorithms.parts import KEPT, Part, Parts, joined, parts, strongest, summed
from jobs.algorithms.standing import Z

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ALPHA = 0.85
TOLERANCE = 1e-11
EPSILON = float(np.finfo(np.float64).eps)
PATIENCE = 10


@dataclass(frozen=True, slots=True)
class Reach:
    """The reach of each customer, mean 1.0, and what it is made of."""

    values: Floats
    base: float
    unattached: Floats
    pull: sp.csr_matrix
    scale: Floats

    def residual(self) -> float:
        """How far the published values are from what their parts add up to, at most."""
        return float(np.abs(self._responses() + self.base + self.unattached - self.values).max(initial=0.0))

    def margin(self) -> Floats:
        """Half of the interval that holds a value with 95 %, if neighbours had come by chance: wide where few respond.

        The deviation of a sum of independent parts, each of which may be there any number of times as often as not
        (a Poisson bootstrap over neighbours, one step deep): the root of the sum of their squares.
        """
        # part by part: weights of a very late as-of are so small that their own squares would be nothing
        squares = self.pull.copy()
        squares.data = (squares.data * (self.values * self.scale)[squares.indices]) ** 2
        return np.asarray(Z * np.sqrt(squares @ np.ones(len(self.values))))

    def parts(self, kept: int = KEPT) -> Parts:
        """Base, unattached share, the strongest neighbours and all others; they add up to each reach."""
        n = len(self.values)
        everybody = np.arange(n)
        owner = np.repeat(everybody, np.diff(self.pull.indptr))
        other = self.pull.indices.astype(np.int64)
        value = self.pull.data * (self.values * self.scale)[other]
        first, rest = strongest(owner, other, value, kept)
        return joined(
            [
                parts(everybody, Part.BASE, None, np.full(n, self.base)),
                parts(everybody, Part.UNATTACHED, None, self.unattached),
                parts(owner[first], Part.NEIGHBOUR, other[first], value[first]),
                summed(owner[rest], Part.OTHERS, value[rest]),
            ]
        )

    def _responses(self) -> Floats:
        return np.asarray(self.pull @ (self.values * self.scale))


def reach(
    sources: npt.ArrayLike,
    targets: npt.ArrayLike,
    weights: npt.ArrayLike,
    n: int,
    *,
    blocks: Ints | None = None,
    alpha: float = ALPHA,
    tolerance: float = TOLERANCE,
    max_iter: int = 1000,
) -> Reach:
    r"""Weighted PageRank [1]_ with mean 1.0, each value the sum of named parts.

    reach(v) = (1 − α) + α·D/n + α·Σ_u reach(u)·w(u,v)/w(u), where w(u) is the sum of u's weights and D the
    reach of the customers without outgoing ties.

    Parameters
    ----------
    sources, targets : array of int
        Who responded to whom, one entry per ordered pair.
    weights : array of float
        How much; ties of no weight and ties with oneself are left out.
    n : int
        Number of customers.
    blocks : array of int, optional
        The community of each node, when each is to be ranked by itself with mean 1.0 inside; ties must not
        leave it. Default: all are one.
    alpha : float
        Damping.
    tolerance : float
        Iterate until no value moves by more than this, or than its sum can be known.
    max_iter : int
        Steps at most.

    Returns
    -------
    Reach
        Values without unit, ≥ 1 − α, mean 1.0, and their parts.

    Raises
    ------
    networkx.PowerIterationFailedConvergence
        If `max_iter` steps were not enough.

    References
    ----------
    .. [1] Page, Brin, Motwani, Winograd: The PageRank citation ranking: bringing order to the web, 1999.

    Examples
    --------
    >>> found = reach([1, 2], [0, 0], [1.0, 1.0], 3)
    >>> found.values.round(4).tolist()
    [1.7234, 0.6383, 0.6383]
    >>> found.parts().totals(3).round(4).tolist()
    [1.7234, 0.6383, 0.6383]
    """
    s, t = np.asarray(sources, dtype=np.int32), np.asarray(targets, dtype=np.int32)
    w = np.asarray(weights, dtype=np.float64)
    if not (real := (w > 0) & (s != t)).all():
        s, t, w = s[real], t[real], w[real]
    pull = by_target(s, t, w, n)
    given = out_weights(pull)
    scale = alpha * reciprocal(given)
    spread = _spread(np.flatnonzero(given == 0), n, blocks, alpha)

    def jump(x: Floats) -> Floats | float:
        return spread(x) + (1 - alpha)

    values = power_iteration(pull, np.ones(n), scale, jump, _settled(tolerance, pull), max_iter)
    unattached = np.broadcast_to(spread(values), (n,)).astype(np.float64)
    return Reach(values, 1 - alpha, unattached, pull, scale)


class _spread:
    """What the reach of the customers without outgoing ties gives to each customer of their block."""

    def __init__(self, sinks: npt.NDArray[np.intp], n: int, blocks: Ints | None, alpha: float) -> None:
        self.sinks, self.blocks = sinks, blocks
        if blocks is None:
            self.rate: Floats | float = alpha / max(n, 1)
        else:
            self.sizes = np.bincount(blocks)
            self.rate = alpha * reciprocal(self.sizes.astype(np.float64))

    def __call__(self, x: Floats) -> Floats | float:
        if self.blocks is None:
            return float(x[self.sinks].sum() * self.rate)
        lost = np.bincount(self.blocks[self.sinks], weights=x[self.sinks], minlength=len(self.sizes))
        return np.asarray((lost * self.rate)[self.blocks])


class _settled:
    """Whether an iteration moves no more; where a sum of very many keeps trembling, within its rounding."""

    def __init__(self, tolerance: float, pull: sp.csr_matrix) -> None:
        self.tolerance = tolerance
        self.rounding = EPSILON * int(np.diff(pull.indptr).max(initial=0))
        self.least, self.since = np.inf, 0

    def __call__(self, step: Floats, x: Floats) -> bool:
        change = float(step.max(initial=0.0))
        self.since = 0 if change < self.least else self.since + 1
        self.least = min(self.least, change)
        trembling = self.since >= PATIENCE and change <= self.rounding * float(x.max(initial=0.0))
        return change < self.tolerance or trembling
