"""Looks inside communities: from what customers did to what members did, one node a membership."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Memberships:
    """Memberships as nodes 0 … m − 1, ordered by community, then by customer."""

    customers: Ints
    communities: Ints
    n: int
    _by_customer: Ints
    _starts: Ints

    @classmethod
    def of(cls, customers: npt.ArrayLike, communities: npt.ArrayLike, n: int) -> "Memberships":
        """The memberships of n customers, each pair once."""
        pairs = np.stack([np.asarray(communities, dtype=np.int64), np.asarray(customers, dtype=np.int64)])
        where, who = np.unique(pairs, axis=1)
        starts = np.append(0, np.cumsum(np.bincount(who, minlength=n)))
        return cls(who, where, n, np.argsort(who, kind="stable"), starts)

    def __len__(self) -> int:
        return len(self.customers)

    def each(self, customers: Ints) -> tuple[Ints, Ints]:
        """For each customer given all its nodes: positions in what was given, and the nodes.

        Examples
        --------
        >>> inside = Memberships.of([0, 1, 0], [7, 7, 8], 2)
        >>> rows, nodes = inside.each(np.array([1, 0]))
        >>> rows.tolist(), inside.communities[nodes].tolist()
        ([0, 1, 1], [7, 7, 8])
        """
        first = self._starts[customers]
        counts = self._starts[customers + 1] - first
        rows = np.repeat(np.arange(len(customers)), counts)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        return rows, self._by_customer[first[rows] + within]

    def find(self, customers: Ints, communities: Ints) -> Ints:
        """The node of each customer in each community, −1 for who is no member.

        Examples
        --------
        >>> Memberships.of([0, 1], [7, 7], 2).find(np.array([1, 1]), np.array([7, 8])).tolist()
        [1, -1]
        """
        if not len(self):
            return np.full(len(customers), -1, dtype=np.int64)
        keys = self.communities * self.n + self.customers
        wanted = communities * self.n + customers
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[at] == wanted, at, -1)

    def between(self, sources: Ints, targets: Ints) -> tuple[Ints, Ints, Ints]:
        """What happened between two members: positions in what was given, and both nodes of each."""
        rows, here = self.each(sources)
        there = self.find(targets[rows], self.communities[here])
        both = there >= 0
        return rows[both], here[both], there[both]
