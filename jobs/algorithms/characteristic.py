"""What a group speaks of more than the others do."""

import numpy as np
import numpy.typing as npt
from scipy.special import xlogy

Ints = npt.NDArray[np.int64]

# one in a thousand by chance: the .999 quantile of χ² with one degree of freedom
CLEAR = 10.83
LEAST = 3  # members


def characteristic(group: npt.ArrayLike, subject: npt.ArrayLike, *, shown: int = 2) -> dict[int, list[int]]:
    """The subjects that most set each group apart, the clearest first; groups without any are not in it.

    A subject is characteristic if more of those in the group speak of it than its part in all would have it, by
    a log-likelihood ratio [1]_ of at least 10.83, and if at least three do.

    Parameters
    ----------
    group, subject : arrays of int ≥ 0
        One pair for each member and subject they spoke of.
    shown : int
        How many subjects a group has at most.

    References
    ----------
    .. [1] Dunning: Accurate methods for the statistics of surprise and coincidence, Computational Linguistics 19,
       1993, https://aclanthology.org/J93-1003/

    Examples
    --------
    >>> characteristic([0] * 20 + [1] * 20, [5] * 20 + [6] * 18 + [5] * 2)
    {0: [5], 1: [6]}
    """
    groups, subjects = np.asarray(group, dtype=np.int64), np.asarray(subject, dtype=np.int64)
    if not len(groups):
        return {}
    pairs, both = np.unique(np.stack([groups, subjects]), axis=1, return_counts=True)
    of_group, of_subject = np.bincount(groups)[pairs[0]], np.bincount(subjects)[pairs[1]]
    ratio, expected = _ratio(both, of_group, of_subject, len(groups))
    kept = np.flatnonzero((both > expected) & (ratio >= CLEAR) & (both >= LEAST))
    kept = kept[np.lexsort([pairs[1][kept], -ratio[kept], pairs[0][kept]])]
    found: dict[int, list[int]] = {}
    for at in kept.tolist():
        chosen = found.setdefault(int(pairs[0][at]), [])
        if len(chosen) < shown:
            chosen.append(int(pairs[1][at]))
    return found


def _ratio(
    both: Ints, one: Ints, other: Ints, n: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Twice the log-likelihood ratio of a two by two table against independence, and what that expects."""
    seen = np.stack([both, one - both, other - both, n - one - other + both]).astype(np.float64)
    expected = np.stack([one * other, one * (n - other), (n - one) * other, (n - one) * (n - other)]) / n
    return 2 * (xlogy(seen, seen) - xlogy(seen, np.where(seen > 0, expected, 1))).sum(axis=0), expected[0]
