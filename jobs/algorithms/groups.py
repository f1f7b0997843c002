"""Groups of voters who vote alike, found in the opinion map, and what sets each of them apart."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from jobs.algorithms.opinions import opinion_map

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]

FEWEST_VOTES = 7
FEWEST_MEMBERS = 5
MOST_GROUPS = 5
DRAWN = 2_000
SEEDS = 64
STEPS = 100
BETTER = 0.05
Z_90 = 1.2815515655446004
SHOWN = 5
STRUCTURED = 0.6  # below this separation, groups may be of chance


@dataclass(frozen=True, slots=True)
class Groups:
    """The group of each voter, numbered from 0 by size (−1: in none), their sizes, and how far apart they are."""

    of: Ints
    size: Ints
    separation: float


def opinion_groups(
    voter: Ints, idea: Ints, value: npt.ArrayLike, voters: int, ideas: int, *, before: int = 0
) -> Groups:
    """Groups of voters who vote alike, as Pol.is finds them [1]_: k-means of the opinion map, 2 to 5 groups.

    Voters with fewer than 7 votes (or votes on every idea, if there are fewer) stand too unsurely on the map and
    are in no group. The 2,000 with most votes make the centres, each number of groups starting from one fewer and
    the best of 64 voters [2]_, so that nothing is drawn by chance; everybody belongs to the nearest centre. The
    number is that of the largest mean silhouette, taken to the centres [3]_, of those whose groups have 5 members
    or more. A number that was published `before` is kept unless another is better by .05, so that groups do not
    come and go with a few votes. The separation is that silhouette, −1 to 1: votes without any structure have
    about .5 as well, so that below .6 groups mean little.

    Parameters
    ----------
    voter, idea, value, voters, ideas
        As of `opinion_map`.
    before
        How many groups were published last; 0 if none were.

    References
    ----------
    .. [1] Small, C. et al. (2021). Polis: Scaling deliberation by mapping high dimensional opinion spaces.
    .. [2] Likas, A., Vlassis, N. and Verbeek, J. (2003). The global k-means clustering algorithm. Pattern
       Recognition 36.
    .. [3] Vendramin, L., Campello, R. and Hruschka, E. (2010). Relative clustering validity criteria. Stat. Anal.
       Data Min. 3: the simplified silhouette.

    Examples
    --------
    Ten voters like the first four of eight ideas, six the others.

    >>> voter, idea = np.repeat(np.arange(16), 8), np.tile(np.arange(8), 16)
    >>> votes = [[1] * 4 + [-1] * 4] * 10 + [[-1] * 4 + [1] * 4] * 6
    >>> found = opinion_groups(voter, idea, np.ravel(votes), 16, 8)
    >>> found.of.tolist(), found.size.tolist(), found.separation
    ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1], [10, 6], 1.0)
    """
    number = np.bincount(voter, minlength=voters)
    asked = int((np.bincount(idea, minlength=ideas) > 0).sum())
    placed = np.flatnonzero(number >= max(1, min(FEWEST_VOTES, asked)))
    of, none = np.full(voters, -1), Groups(np.full(voters, -1), np.zeros(0, np.int64), math.nan)
    if len(placed) < 2 * FEWEST_MEMBERS:
        return none
    at = opinion_map(voter, idea, value, voters, ideas)[placed]
    drawn = at[np.sort(np.argsort(-number[placed], kind="stable")[:DRAWN])]
    found = {k: centres for k, centres in _centres(drawn).items() if _smallest(at, centres) >= FEWEST_MEMBERS}
    if not found:
        return none
    apart = {k: _silhouette(drawn, centres) for k, centres in found.items()}
    best = max(apart, key=lambda k: (apart[k], -k))
    if before in apart and apart[best] < apart[before] + BETTER:
        best = before
    nearest = _distances(at, found[best]).argmin(axis=1)
    size = np.bincount(nearest, minlength=best)
    order = np.lexsort((np.unique(nearest, return_index=True)[1], -size))
    rank = np.empty_like(order)
    rank[order] = np.arange(best)
    of[placed] = rank[nearest]
    return Groups(of, size[order], apart[best])


def representative(up: Ints, down: Ints, total: Ints) -> list[tuple[int, int, int]]:
    """What sets each group apart: rows of group, idea and value (1 for, −1 against), the most telling first.

    As Pol.is chooses [1]_: an idea tells of a group if surely (one-sided 90 %) more than half of it say so, and more
    than of all others; of these the five with the largest product of share, ratio to the others' share, and the z
    of both tests, the shares (count + 1)/(n + 2).

    Parameters
    ----------
    up, down, total
        Votes of each group (row) on each idea (column); what is in `total` beside up and down are passes.

    References
    ----------
    .. [1] Small, C. et al. (2021). Polis: Scaling deliberation by mapping high dimensional opinion spaces.

    Examples
    --------
    >>> up, total = np.array([[9, 1, 9], [0, 8, 9]]), np.full((2, 3), 10)
    >>> representative(up, total - up, total)
    [(0, 0, 1), (0, 1, -1), (1, 0, -1), (1, 1, 1)]
    """
    rows: list[tuple[float, int, int, int]] = []
    for value, said in ((1, up), (-1, down)):
        others, rest = said.sum(axis=0) - said, total.sum(axis=0) - total
        share, other = (said + 1) / (total + 2), (others + 1) / (rest + 2)
        sure = _sure(said, total)
        pooled = (said + others + 2) / (total + rest + 2)
        deviation = np.sqrt(np.maximum(pooled * (1 - pooled), 1e-12) * (1 / (total + 1) + 1 / (rest + 1)))
        more = ((said + 1) / (total + 1) - (others + 1) / (rest + 1)) / deviation
        telling = share * share / other * sure * more
        for group, idea in np.argwhere((sure > Z_90) & (more > Z_90) & (total > 0)).tolist():
            rows.append((-float(telling[group, idea]), group, idea, value))
    return [
        (group, idea, value)
        for each in range(len(up))
        for _, group, idea, value in sorted(row for row in rows if row[1] == each)[:SHOWN]
    ]


def shared(up: Ints, down: Ints, total: Ints) -> list[tuple[int, int]]:
    """What all groups say: rows of idea and value (1 for, −1 against), what they say most first, at most five.

    Surely (one-sided 90 %, as in `representative`) more than half of every group say so; the order is that of the
    product of the groups' shares (count + 1)/(n + 2), Pol.is's group-aware consensus [1]_.

    Parameters
    ----------
    up, down, total
        As of `representative`.

    References
    ----------
    .. [1] Small, C. et al. (2021). Polis: Scaling deliberation by mapping high dimensional opinion spaces.

    Examples
    --------
    >>> up, total = np.array([[9, 10, 0], [0, 8, 2]]), np.full((2, 3), 10)
    >>> shared(up, total - up, total)
    [(1, 1), (2, -1)]
    """
    rows: list[tuple[float, int, int]] = []
    for value, said in ((1, up), (-1, down)):
        product = np.prod((said + 1) / (total + 2), axis=0)
        everybody = ((_sure(said, total) > Z_90) & (total > 0)).all(axis=0)
        rows += [(-float(product[idea]), idea, value) for idea in np.flatnonzero(everybody).tolist()]
    return [(idea, value) for _, idea, value in sorted(rows)[:SHOWN]]


def _sure(said: Ints, total: Ints) -> Floats:
    """How surely more than half say so, as a z."""
    surely: Floats = 2 * np.sqrt(total + 1) * ((said + 1) / (total + 1) - 0.5)
    return surely


def labelled(
    mean: Floats, weight: Floats, names: Sequence[str], held: Floats, held_weight: Floats
) -> list[str]:
    """Names of groups: those of the groups before that voted most alike, else the first letters that are free.

    Pairs are chosen so that their mean votes differ least in all [1]_, weighted by the fewer votes of the two. No
    voter's group has to be kept for that.

    Parameters
    ----------
    mean, weight
        The mean vote of each group (row) on each idea, and how many votes that is.
    names, held, held_weight
        The names of the groups before, and the same of them.

    References
    ----------
    .. [1] Kuhn, H. W. (1955). The Hungarian method for the assignment problem. Naval Research Logistics 2.

    Examples
    --------
    >>> ones = np.ones((2, 2))
    >>> labelled(np.array([[1, -1], [-1, 1]]), ones, ["A", "C"], np.array([[-.9, 1], [.9, -.8]]), ones)
    ['C', 'A']
    >>> labelled(np.array([[1, -1], [-1, 1]]), ones, ["B"], np.array([[-.9, 1]]), ones[:1])
    ['A', 'B']
    """
    found: dict[int, str] = {}
    if len(names) and len(mean):
        shared = np.minimum(weight[:, None], held_weight[None])
        gap = (shared * (mean[:, None] - held[None]) ** 2).sum(axis=2) / np.maximum(shared.sum(axis=2), 1)
        found = {int(new): names[old] for new, old in zip(*linear_sum_assignment(gap), strict=True)}
    free = (letter for letter in map(chr, range(ord("A"), ord("Z") + 1)) if letter not in found.values())
    return [found[group] if group in found else next(free) for group in range(len(mean))]


def _centres(at: Floats) -> dict[int, Floats]:
    """Centres for each number of groups, from 2; fewer numbers where places coincide."""
    seeds = at[np.unique(np.linspace(0, len(at) - 1, SEEDS).astype(np.int64))]
    centres, found = at.mean(axis=0, keepdims=True), {}
    for k in range(2, MOST_GROUPS + 1):
        nearest = _distances(at, centres).min(axis=1)
        gain = np.maximum(nearest[:, None] - _distances(at, seeds), 0).sum(axis=0)
        if gain.max(initial=0.0) <= 1e-12:
            break
        centres = _settled(at, np.vstack([centres, seeds[gain.argmax()]]))
        found[k] = centres
    return found


def _settled(at: Floats, centres: Floats) -> Floats:
    """Lloyd's iteration until nobody changes sides; a centre that lost everybody stays where it is."""
    before = np.full(len(at), -1)
    for _ in range(STEPS):
        nearest = _distances(at, centres).argmin(axis=1)
        if np.array_equal(nearest, before):
            break
        before, size = nearest, np.bincount(nearest, minlength=len(centres))
        sums = np.column_stack([np.bincount(nearest, axis, len(centres)) for axis in at.T])
        centres = np.where(size[:, None] > 0, sums / np.maximum(size, 1)[:, None], centres)
    return centres


def _distances(at: Floats, centres: Floats) -> Floats:
    """Squared distances of every place to every centre."""
    across, along = ((at[:, [axis]] - centres[:, axis]) ** 2 for axis in range(2))
    squares: Floats = across + along
    return squares


def _smallest(at: Floats, centres: Floats) -> int:
    return int(np.bincount(_distances(at, centres).argmin(axis=1), minlength=len(centres)).min())


def _silhouette(at: Floats, centres: Floats) -> float:
    own, other = np.sort(np.sqrt(_distances(at, centres)), axis=1)[:, :2].T
    return float(np.mean((other - own) / np.maximum(other, 1e-12)))
