"""Whom a graph loses sight of when one node leaves: cut vertices, and what hangs on them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.csgraph import breadth_first_order, connected_components

from jobs.algorithms.detection import undirected

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cuts:
    """By node: how many others leave the largest remaining piece if it goes, and into how many more pieces."""

    cut_off: Ints
    pieces: Ints


def cuts(sources: npt.ArrayLike, targets: npt.ArrayLike, n: int) -> Cuts:
    """What falls off the largest piece left of a node's component when the node leaves.

    Directions, repeats and ties to oneself are ignored; who is no cut vertex cuts off nobody. By the algorithm
    of Tarjan and Vishkin [1]_ on a breadth-first tree: tree edges that lie on a common cycle are of one
    block, and the subtrees below a node fall off together by block. Linear time and memory, no recursion.

    Parameters
    ----------
    sources, targets : array of int
        The ends of each tie, as positions 0 … n − 1.
    n : int
        Number of nodes.

    References
    ----------
    .. [1] Tarjan, Vishkin: An efficient parallel biconnectivity algorithm, SIAM Journal on Computing 14, 1985,
       https://doi.org/10.1137/0214061

    Examples
    --------
    >>> found = cuts([0, 1, 1, 2], [1, 2, 3, 4], 6)
    >>> found.cut_off.tolist(), found.pieces.tolist()
    ([0, 2, 1, 0, 0, 0], [0, 2, 1, 0, 0, 0])
    """
    one, other, _ = undirected(sources, targets, np.ones(len(np.asarray(sources))), n)
    _, component = connected_components(_graph(one, other, n), directed=False)
    whole = np.bincount(component, minlength=1)[component] if n else np.zeros(0, dtype=np.int64)
    parent, order = _tree(one, other, component, n)
    size, place = _numbered(parent, order, n)
    block = _blocks(one, other, parent, order, size, place, n)
    child = np.flatnonzero(parent < n)
    falling = child[block[child] != block[parent[child]]]
    key, at = np.unique(parent[falling] * (n + 1) + block[falling], return_inverse=True)
    piece = np.bincount(at, weights=size[falling], minlength=len(key)).astype(np.int64)
    owner = key // (n + 1)
    below = np.bincount(owner, weights=piece, minlength=n).astype(np.int64)
    above = whole - 1 - below
    largest = above.copy()
    np.maximum.at(largest, owner, piece)
    number = np.bincount(owner, minlength=n) + (above > 0)
    return Cuts(whole - 1 - largest, np.maximum(number - 1, 0))


def _graph(one: Ints, other: Ints, n: int) -> sp.csr_matrix:
    ends = np.concatenate([one, other]), np.concatenate([other, one])
    return sp.csr_matrix((np.ones(len(ends[0]), dtype=np.int8), ends), shape=(n, n))


def _tree(one: Ints, other: Ints, component: npt.NDArray[np.int32], n: int) -> tuple[Ints, list[int]]:
    """The parent of each node and the nodes from the top down; the top, n, holds one node of each component."""
    tops = np.unique(component, return_index=True)[1]
    hung = _graph(np.concatenate([one, tops]), np.concatenate([other, np.full(len(tops), n)]), n + 1)
    order, parent = breadth_first_order(hung, n)
    return parent[:n].astype(np.int64), order[1:].tolist()


def _numbered(parent: Ints, order: list[int], n: int) -> tuple[Ints, Ints]:
    """How many nodes hang on each, itself among them, and its place in a walk that ends one subtree at a time."""
    above = parent.tolist()
    size = [1] * (n + 1)
    for node in reversed(order):
        size[above[node]] += size[node]
    place, free = [0] * (n + 1), [1] * (n + 1)
    for node in order:
        place[node] = free[above[node]]
        free[above[node]] += size[node]
        free[node] = place[node] + 1
    return np.array(size[:n], dtype=np.int64), np.array(place[:n], dtype=np.int64)


def _blocks(
    one: Ints, other: Ints, parent: Ints, order: list[int], size: Ints, place: Ints, n: int
) -> npt.NDArray[np.int32]:
    """The block of the tree edge above each node."""
    loose = (parent[one] != other) & (parent[other] != one)
    a, b = one[loose], other[loose]
    lowest, highest = place.copy(), place.copy()
    for here, there in ((a, b), (b, a)):
        np.minimum.at(lowest, here, place[there])
        np.maximum.at(highest, here, place[there])
    low, high, above = [*lowest.tolist(), 0], [*highest.tolist(), 0], parent.tolist()
    for node in reversed(order):
        low[above[node]] = min(low[above[node]], low[node])
        high[above[node]] = max(high[above[node]], high[node])
    child = np.flatnonzero(parent < n)
    up = parent[child]
    leaves = np.array(low, dtype=np.int64)[child] < place[up]
    leaves |= np.array(high, dtype=np.int64)[child] >= place[up] + size[up]
    # in a breadth-first tree a loose edge never joins a node with its ancestor: its two ends share a block
    ends = np.concatenate([a, child[leaves]]), np.concatenate([b, up[leaves]])
    _, block = connected_components(_graph(*ends, n), directed=False)
    return np.asarray(block)
