"""Communities found in the ties alone: groups tied more closely inside than chance would have it."""

import threading
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

NONE = -1
SMALLEST = 3  # two people are a pair: nobody there can be told from the group
ITERATIONS = 5  # each round costs as much as the last; from the sixth on they gain less than 0.0005 of Q
# sums of whole numbers up to the product of two volumes are exact in a double's 53 bits
VOLUME_BITS = 27
RESOLUTION_STEPS = 16

_library = threading.Lock()  # its seed and its number of threads are the process's


def communities(
    sources: npt.ArrayLike,
    targets: npt.ArrayLike,
    weights: npt.ArrayLike,
    n: int,
    *,
    seed: int = 1,
    resolution: float = 1.0,
) -> Ints:
    r"""The community of each node by the Leiden algorithm [1]_ on modularity, or −1 for none.

    Directions are ignored, ties between the same two and in both directions are added up, ties to oneself and
    without weight are left out. The labels are a function of the ties and the seed alone: neither the order
    of the ties nor nodes without any leave a trace. Each community is connected. Groups of fewer than three,
    and nodes without ties, belong to none. Linear memory.

    networkit's search does not end where rounding makes two places each look better than the other. So it is
    given whole numbers that add up to a power of two: every gain it compares is then exact, each move gains,
    and it ends. A tie is thereby moved by less than one part in 2²⁶ of all weight, and the resolution to the
    nearest sixteenth.

    Parameters
    ----------
    sources, targets : array of int
        The ends of each tie, as positions 0 … n − 1.
    weights : array of float
        How strong each is, ≥ 0, in any one unit.
    n : int
        Number of nodes.
    seed : int
        Where the search starts; any number ≥ 0 serves, the same each time.
    resolution : float
        γ, 1/16 to 16: above 1 more and smaller communities, below 1 fewer and larger.

    Returns
    -------
    array of int
        For each node 0 … k − 1, the largest community first, of equals the one with the first node; −1: none.

    Raises
    ------
    ValueError
        If a weight is negative or not finite, or the resolution out of bounds.

    References
    ----------
    .. [1] Traag, Waltman, van Eck: From Louvain to Leiden: guaranteeing well-connected communities,
       Scientific Reports 9, 2019, https://doi.org/10.1038/s41598-019-41695-z

    Examples
    --------
    >>> communities([0, 1, 2, 2, 3, 4, 5], [1, 2, 0, 3, 4, 5, 3], [1.0] * 7, 7).tolist()
    [0, 0, 0, 1, 1, 1, -1]
    """
    steps = round(resolution * RESOLUTION_STEPS) if 0 < resolution <= RESOLUTION_STEPS else 0
    if not steps:
        raise ValueError(f"the resolution {resolution} is not between 1/16 and 16")
    one, other, weight = undirected(sources, targets, weights, n)
    found = np.full(n, NONE, dtype=np.int64)
    if not len(weight):
        return found
    tied, ends = np.unique(np.concatenate([one, other]), return_inverse=True)
    odd = steps // (steps & -steps)
    volume_bits = VOLUME_BITS - (0 if odd == 1 else (odd.bit_length() + 1) // 2)
    units = _whole(weight, 2 ** (volume_bits - 1))
    first, second = ends.astype(np.int64).reshape(2, -1)
    found[tied] = _leiden(first, second, units, len(tied), seed, steps / RESOLUTION_STEPS)
    return _by_size(found)


def modularity(
    labels: npt.ArrayLike,
    sources: npt.ArrayLike,
    targets: npt.ArrayLike,
    weights: npt.ArrayLike,
    *,
    resolution: float = 1.0,
) -> float:
    r"""How much more weight lies inside the communities than chance would put there [1]_, −1/2 to 1.

    Σ_c (w_c/W − γ·(vol_c/2W)²), with w_c the weight inside c, vol_c what its members' ties weigh in all and
    W the weight of all ties. Who is in none (−1) counts as a community of one; 0 without ties.

    Parameters
    ----------
    labels : array of int
        The community of each node, −1 for none.
    sources, targets, weights : array
        The ties, read as `communities` does.
    resolution : float
        γ.

    References
    ----------
    .. [1] Newman: Analysis of weighted networks, Physical Review E 70, 2004, 056131; γ by Reichardt and
       Bornholdt, Physical Review E 74, 2006, 016110.

    Examples
    --------
    >>> modularity([0, 0, 1, 1], [0, 2], [1, 3], [1.0, 1.0])
    0.5
    """
    label = np.array(labels, dtype=np.int64)
    alone = np.flatnonzero(label < 0)
    label[alone] = label.max(initial=NONE) + 1 + np.arange(len(alone))
    one, other, weight = undirected(sources, targets, weights, len(label))
    total = weight.sum()
    if not total:
        return 0.0
    inside = weight[label[one] == label[other]].sum()
    ends = np.concatenate([label[one], label[other]])
    volume = np.bincount(ends, weights=np.concatenate([weight, weight]))
    return float(inside / total - resolution * ((volume / (2 * total)) ** 2).sum())


def undirected(
    sources: npt.ArrayLike, targets: npt.ArrayLike, weights: npt.ArrayLike, n: int
) -> tuple[Ints, Ints, Floats]:
    """The ties as pairs (lower, higher) in ascending order with their weights added up.

    Weights are scaled by the power of two that brings the strongest to at most one: sums stay finite, and
    each is what it was to the last bit.

    Raises
    ------
    ValueError
        If a weight is negative or not finite.

    Examples
    --------
    >>> [column.tolist() for column in undirected([1, 0, 2], [0, 1, 2], [0.25, 0.5, 9.0], 3)]
    [[0], [1], [0.75]]
    """
    s, t = np.asarray(sources, dtype=np.int64), np.asarray(targets, dtype=np.int64)
    w = np.asarray(weights, dtype=np.float64)
    if not (np.isfinite(w) & (w >= 0)).all():
        raise ValueError("the weight of a tie is negative or not finite")
    counted = (s != t) & (w > 0)
    s, t, w = s[counted], t[counted], w[counted]
    pair = np.minimum(s, t) * n + np.maximum(s, t)
    # by weight inside a pair: parallel ties are added up in one order, whichever they came in
    order = np.lexsort([w, pair])
    pair, w = pair[order], np.ldexp(w[order], -np.frexp(w.max(initial=0.0))[1])
    starts = np.flatnonzero(np.diff(pair, prepend=-1))
    total = np.add.reduceat(w, starts) if len(starts) else w
    return pair[starts] // n, pair[starts] % n, total


def _whole(weights: Floats, total: int) -> Floats:
    """Weights ≥ 1 in whole numbers that add up to `total`, each off by less than one and the floor of one."""
    so_far = np.cumsum(weights)
    reached = np.floor(so_far / so_far[-1] * (total - len(weights)))
    return np.asarray(np.diff(reached, prepend=0.0) + 1.0)


def _leiden(first: Ints, second: Ints, units: Floats, n: int, seed: int, resolution: float) -> Ints:
    import networkit as nk  # only a run of detection pays for loading it

    with _library:
        threads = nk.getMaxNumberOfThreads()
        nk.setNumberOfThreads(1)  # two threads race, and the labels with them
        nk.setSeed(seed, False)
        try:
            # indices of any other width are read as if they had 64 bits
            graph: Any = nk.GraphFromCoo((units, (first, second)), n=n, weighted=True, directed=False)
            search: Any = nk.community.ParallelLeiden(graph, iterations=ITERATIONS, gamma=resolution)
            search.run()
        finally:
            nk.setNumberOfThreads(threads)
        return np.asarray(search.getPartition().getVector(), dtype=np.int64)


def _by_size(labels: Ints) -> Ints:
    """Labels 0 … k − 1 by falling size, then by first node; −1 for those in groups below the smallest."""
    inside = np.flatnonzero(labels >= 0)
    _, first, at, size = np.unique(labels[inside], return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort([first, -size])
    kept = order[size[order] >= SMALLEST]
    name = np.full(len(size), NONE, dtype=np.int64)
    name[kept] = np.arange(len(kept))
    found = np.full(len(labels), NONE, dtype=np.int64)
    found[inside] = name[at]
    return found
