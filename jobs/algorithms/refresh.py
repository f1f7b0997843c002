"""Reach again after a change: from the former values on, by pushing what is left to where it belongs."""

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from jobs.algorithms.csr import by_target, out_weights, reciprocal
from jobs.algorithms.reach import ALPHA, Reach, tied

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

TOLERANCE = 5e-11
WIDE = 8  # a push along a list of ties costs about so many times one along all of them in order


def refreshed(
    former: npt.ArrayLike,
    sources: npt.ArrayLike,
    targets: npt.ArrayLike,
    weights: npt.ArrayLike,
    *,
    blocks: Ints | None = None,
    alpha: float = ALPHA,
    tolerance: float = TOLERANCE,
) -> Reach:
    r"""`reach` of ties that changed a little, from the values before the change.

    With the ties as they are now, the former values x leave a residual r = c + α·x·P − x, which is not zero only
    around the change. Pushing it [1]_ adds r(u) to x(u) and α·r(u)·w(u,v)/w(u) to r(v), until nothing is left: local
    where the change is, as for the PageRank of a graph that evolves [2]_ [3]_. What customers without outgoing
    ties give to everybody only scales the solution [4]_: c is chosen so that the residual adds up to nothing, and at
    the end the values are brought to mean 1.0. Where most of a graph is to be pushed, all of it is, in order.

    Parameters
    ----------
    former : array of float
        The reach of each of the n customers before, ≥ 0; any value, such as 1, for who is new.
    sources, targets, weights : array
        The ties as they are now, as in `reach`.
    blocks : array of int, optional
        The community of each node, as in `reach`.
    alpha : float
        Damping.
    tolerance : float
        Push until no residual is larger than this.

    Returns
    -------
    Reach
        What `reach` of the same ties returns, to about ten times the tolerance.

    References
    ----------
    .. [1] Andersen, Chung, Lang: Local graph partitioning using PageRank vectors, FOCS 2006.
    .. [2] Bahmani, Chowdhury, Goel: Fast incremental and personalized PageRank, VLDB 2010.
    .. [3] Ohsaka, Maehara, Kawarabayashi: Efficient PageRank tracking in evolving networks, KDD 2015.
    .. [4] Del Corso, Gullì, Romani: Fast PageRank computation via a sparse linear system, Internet Math. 2005.

    Examples
    --------
    >>> refreshed([1.0, 1.0, 1.0], [1, 2], [0, 0], [1.0, 1.0]).values.round(4).tolist()
    [1.7234, 0.6383, 0.6383]
    """
    x = np.array(former, dtype=np.float64)
    n, (s, t, w) = len(x), tied(sources, targets, weights)
    pull = by_target(s, t, w, n)
    scale = alpha * reciprocal(out_weights(pull))
    where = np.zeros(n, dtype=np.int64) if blocks is None else blocks
    sizes = np.bincount(where).astype(np.float64)

    def mean(values: Floats) -> Floats:
        return np.asarray((np.bincount(where, weights=values) * reciprocal(sizes))[where])

    x /= mean(x)
    answered = np.asarray(pull @ (x * scale))
    _push(pull, scale, x, mean(x - answered) + answered - x, tolerance)
    x /= mean(x)
    unattached = mean(x - np.asarray(pull @ (x * scale))) - (1 - alpha)
    return Reach(x, 1 - alpha, np.maximum(unattached, 0.0), pull, scale)


def _push(pull: sp.csr_matrix, scale: Floats, x: Floats, left: Floats, tolerance: float) -> None:
    """Add to x what the residual `left` comes to; both change in place."""
    push, buffer = None, np.empty_like(x)
    ties = np.bincount(pull.indices, minlength=len(x))
    while len(front := np.flatnonzero(np.abs(left) > tolerance)):
        if int(ties[front].sum()) * WIDE > pull.nnz:
            x += left
            np.multiply(left, scale, out=buffer)
            left[:] = pull @ buffer
            continue
        push = pull.tocsc() if push is None else push
        moved = left[front]
        x[front] += moved
        left[front] = 0.0
        counts = ties[front]
        at = np.arange(int(counts.sum())) + np.repeat(push.indptr[front] - np.cumsum(counts) + counts, counts)
        np.add.at(left, push.indices[at], push.data[at] * np.repeat(moved * scale[front], counts))
