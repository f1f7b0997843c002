"""What a score is made of: parts that add up to it, the strongest by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

KEPT = 10


class Part(IntEnum):
    """What a part of a score stands for."""

    BASE = 0
    UNATTACHED = 1
    NEIGHBOUR = 2
    OTHERS = 3
    POSITIVE = 4
    NEGATIVE = 5


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts in the order of their owners: whose score, what, from whom (−1: nobody by name), how much."""

    owner: Ints
    kind: Ints
    other: Ints
    value: Floats

    def totals(self, n: int) -> Floats:
        """What the parts of each of n owners add up to."""
        return np.bincount(self.owner, weights=self.value, minlength=n).astype(np.float64, copy=False)


def strongest(owner: Ints, other: Ints, value: Floats, kept: int = KEPT) -> tuple[Ints, Ints]:
    """Positions of the `kept` largest values by size of each owner, then positions of the rest.

    Examples
    --------
    >>> owner, other = np.array([0, 0, 0, 1]), np.array([5, 6, 7, 5])
    >>> first, rest = strongest(owner, other, np.array([1.0, -3.0, 2.0, 1.0]), kept=2)
    >>> first.tolist(), rest.tolist()
    ([1, 2, 3], [0])
    """
    order = np.lexsort([other, -np.abs(value), owner])
    sorted_owner = owner[order]
    starts = np.flatnonzero(np.diff(sorted_owner, prepend=-1))
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(starts, append=len(order)))
    return order[rank < kept], order[rank >= kept]


def joined(groups: Sequence[Parts]) -> Parts:
    """Groups of parts as one, each owner's in the order of the groups."""
    owner = np.concatenate([group.owner for group in groups])
    order = np.argsort(owner, kind="stable")
    return Parts(
        owner[order],
        np.concatenate([group.kind for group in groups])[order],
        np.concatenate([group.other for group in groups])[order],
        np.concatenate([group.value for group in groups])[order],
    )


def parts(owner: Ints, kind: Part, other: Ints | None, value: Floats) -> Parts:
    """Parts of one kind, from others by name or from nobody."""
    count = len(owner)
    named = np.full(count, -1, dtype=np.int64) if other is None else other.astype(np.int64)
    return Parts(owner.astype(np.int64), np.full(count, kind, dtype=np.int64), named, value)


def summed(owner: Ints, kind: Part, value: Floats) -> Parts:
    """One part for each owner: what the values add up to."""
    owners, at = np.unique(owner, return_inverse=True)
    total = np.bincount(at, weights=value, minlength=len(owners)).astype(np.float64, copy=False)
    return parts(owners, kind, None, total)
