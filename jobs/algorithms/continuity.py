"""Groups from one run to the next, and beside the communities that people declared."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

NONE = -1
# each of three equal parts of a community still carries its name if the others don't; a quarter does not
SAME_FROM = 0.3
# below a fifth of both sides, what two groups share tells nobody anything
SHOWN_FROM = 0.2


@dataclass(frozen=True, slots=True)
class Overlaps:
    """What two kinds of groups share, by first, then second group; shares and Jaccard index 0 to 1."""

    first: Ints
    second: Ints
    members: Ints
    share_of_first: Floats
    share_of_second: Floats
    jaccard: Floats

    def where(self, chosen: npt.NDArray[np.bool_] | Ints) -> "Overlaps":
        """The pairs a mask or positions keep, in that order."""
        return Overlaps(
            self.first[chosen],
            self.second[chosen],
            self.members[chosen],
            self.share_of_first[chosen],
            self.share_of_second[chosen],
            self.jaccard[chosen],
        )


@dataclass(frozen=True, slots=True)
class Continued:
    """The groups of a run under lasting numbers: by node, which began, which ended (both ascending)."""

    labels: Ints
    began: Ints
    ended: Ints


def stable_labels(
    before: npt.ArrayLike, now: npt.ArrayLike, *, same_from: float = SAME_FROM, fresh: int | None = None
) -> Continued:
    """Give each group of this run the number of the earlier group it continues, or a new one.

    Pairs are matched one to one, the largest Jaccard index |A ∩ B|/|A ∪ B| first [1]_, of equals the one with
    more members in common, then the lower numbers; below `same_from` nothing continues. So of the parts of a
    split the largest keeps the number, a merged group keeps that of the larger one, and members who come and
    go change nothing.

    Parameters
    ----------
    before, now : array of int
        The group of each node in both runs, −1 for none; a node new in this run was in none before.
    same_from : float
        Jaccard index from which a group is the same, above 0.
    fresh : int, optional
        The first new number, beyond all that were ever given; default: one more than the largest before.

    Returns
    -------
    Continued
        New groups are numbered in the order of `now`.

    References
    ----------
    .. [1] Greene, Doyle, Cunningham: Tracking the evolution of communities in dynamic social networks,
       ASONAM 2010, https://doi.org/10.1109/ASONAM.2010.17

    Examples
    --------
    >>> found = stable_labels([4, 4, 4, 7, 7, 7], [0, 0, 0, 0, 1, 1])
    >>> found.labels.tolist(), found.began.tolist(), found.ended.tolist()
    ([4, 4, 4, 4, 7, 7], [], [])
    """
    old, new = np.asarray(before, dtype=np.int64), np.asarray(now, dtype=np.int64)
    pairs = _overlaps(*_labelled(old), *_labelled(new), 0.0)
    pairs = pairs.where(pairs.jaccard >= same_from)
    order = np.lexsort([pairs.second, pairs.first, -pairs.members, -pairs.jaccard])
    kept: dict[int, int] = {}
    taken: set[int] = set()
    for was, is_now in zip(pairs.first[order].tolist(), pairs.second[order].tolist(), strict=True):
        if was not in taken and is_now not in kept:
            kept[is_now] = was
            taken.add(was)
    groups = np.unique(new[new >= 0])
    following = int(old.max(initial=NONE)) + 1 if fresh is None else fresh
    began = [group for group in groups.tolist() if group not in kept]
    kept.update(zip(began, range(following, following + len(began)), strict=True))
    names = np.array([kept[group] for group in groups.tolist()], dtype=np.int64)
    labels = np.full(len(new), NONE, dtype=np.int64)
    labels[new >= 0] = names[np.searchsorted(groups, new[new >= 0])]
    ended = np.setdiff1d(old[old >= 0], np.array(sorted(taken), dtype=np.int64))
    return Continued(labels, following + np.arange(len(began)), ended)


def overlap(
    labels: npt.ArrayLike,
    members: npt.ArrayLike,
    declared: npt.ArrayLike,
    *,
    shown_from: float = SHOWN_FROM,
) -> Overlaps:
    """What detected communities (first) share with declared ones (second).

    A pair is shown if it is at least `shown_from` of either side: a small declared community inside a large
    detected one is, though their Jaccard index is low.

    Parameters
    ----------
    labels : array of int
        The detected community of each node, −1 for none.
    members, declared : array of int
        Who is in which declared community, as positions and numbers ≥ 0; a node may be in several.
    shown_from : float
        Share of either side, 0 to 1.

    Examples
    --------
    >>> found = overlap([0, 0, 0, 0, 1, 1, 1], [0, 1, 4], [5, 5, 5])
    >>> found.first.tolist(), found.second.tolist(), found.share_of_second.round(2).tolist()
    ([0, 1], [5, 5], [0.67, 0.33])
    >>> found.share_of_first.round(2).tolist(), found.jaccard.round(2).tolist()
    ([0.5, 0.33], [0.4, 0.2])
    """
    nodes, groups = np.asarray(members, dtype=np.int64), np.asarray(declared, dtype=np.int64)
    return _overlaps(*_labelled(np.asarray(labels, dtype=np.int64)), nodes, groups, shown_from)


def _labelled(labels: Ints) -> tuple[Ints, Ints]:
    inside = np.flatnonzero(labels >= 0)
    return inside, labels[inside]


def _overlaps(nodes: Ints, first: Ints, others: Ints, second: Ints, shown_from: float) -> Overlaps:
    """The overlaps of groups which each node is in once at first, and any number of times at second."""
    others, second = np.unique(np.stack([others, second]), axis=1)
    ours, at, size = np.unique(first, return_inverse=True, return_counts=True)
    theirs, there, size_there = np.unique(second, return_inverse=True, return_counts=True)
    last = 1 + max(nodes.max(initial=NONE), others.max(initial=NONE))
    group_of = np.full(last, NONE, dtype=np.int64)
    group_of[nodes] = at
    both = group_of[others] >= 0
    pair = group_of[others][both] * max(len(theirs), 1) + there[both]
    pair, shared = np.unique(pair, return_counts=True)
    one, other = pair // max(len(theirs), 1), pair % max(len(theirs), 1)
    of_first, of_second = shared / size[one], shared / size_there[other]
    jaccard = shared / (size[one] + size_there[other] - shared)
    found = Overlaps(ours[one], theirs[other], shared.astype(np.int64), of_first, of_second, jaccard)
    return found.where(np.maximum(of_first, of_second) >= shown_from)
