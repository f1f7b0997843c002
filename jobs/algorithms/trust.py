"""Trust: reach and standing that cannot be bought with many accounts.

PageRank gives every account something to pass on, which a ring of invented ones harvests, and sums what arrives,
so that many small voices lift whom they like. No measure that treats all accounts alike can resist invented ones
[1]_; these start from the accounts that are in the community's largest circle and known for a while [2]_, let
closed groups pass on next to nothing, and go by who answers, not by how many do.

References
----------
.. [1] Cheng, Friedman: Sybilproof reputation mechanisms, P2PECON 2005, https://doi.org/10.1145/1080192.1080202
.. [2] Gyöngyi, Garcia-Molina, Pedersen: Combating web spam with TrustRank, VLDB 2004.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from jobs.algorithms.decay import DAY, Instants
from jobs.algorithms.standing import NEGATIVE_WEIGHT, PRIOR_WEIGHT

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ALPHA = 0.85
TOLERANCE = 1e-12
KEPT_BACK = 20.0  # trust passes in full only from those who answer many more people than this
FEW = 20.0  # half a seed is who is answered by so many, none of them of one group
COMMON = 3.0  # friends in common say little of a small circle
STRONGEST = 12.0  # exponent of the norm of responses: k equal ones count as k^(1/12)
VOICES = 8.0  # the same of opinions
OWN = 1e-4  # share of the trust passed on in the score: tells those apart whom the same people answer
SLOW = 12.0  # how many times slower vouched standing forgets: a half-life of 720 days
KNOWN = 0.25  # exponent of a speaker's tenure: the fresh have no say, the young nearly a full one
FAR, LITTLE = 90.0, 50.0  # percentiles: reach from here on, with trust below that, is doubtful
CHUNK = 1 << 22


@dataclass(frozen=True, slots=True)
class Trust:
    """What each account passes on, mean at most 1, and `values`, how trusted those are who answer it."""

    passed: Floats
    values: Floats


def trust(
    sources: npt.ArrayLike,
    targets: npt.ArrayLike,
    days: npt.ArrayLike,
    n: int,
    *,
    seeds: Floats | None = None,
    persons: Ints | None = None,
    alpha: float = ALPHA,
) -> Trust:
    r"""Seeded trust over ties damped in closed groups, and the norm of what each account is answered with.

    g(u,v) = (1 − overlap)² and w(u,v) = g(u,v)·days/(days + 1); passed(v) = (1 − α)·s(v) + α·Σ_u
    passed(u)·w(u,v)/(w(u) + 20); values(v) = (Σ_u (g(u,v)·passed(u))¹²)^(1/12) + 10⁻⁴·passed(v). The seed s(v) is
    given × h/(h + 20), where h(v) = Σ_u g(u,v), inside the largest circle (strongly connected component) and 0
    outside, scaled to mean 1: who was answered by nobody, or only from a closed group, starts with nothing.

    Accounts of one person count as one among those who answer: circles and groups are those of persons, and of
    several who answer the same account only the one that passes most is heard. Each account keeps the trust that
    it was answered with itself, so that nobody gains by a handle they claim.

    Parameters
    ----------
    sources, targets : array of int
        Who responded to whom, one entry per ordered pair.
    days : array of float
        On how many distinct days; ties of none and ties with oneself are left out.
    n : int
        Number of accounts.
    seeds : array of float, optional
        How well each account is known beforehand, ≥ 0: `tenure`, purchases, met by staff. Default: all equally.
    persons : array of int, optional
        Whose each account is, as a number below n; ties inside a person are left out. Default: all of their own.
    alpha : float
        Damping.

    Returns
    -------
    Trust
        Two values ≥ 0 of each account; all are 0 if nobody is a seed.

    Examples
    --------
    Three who answer each other, the third of whom answers a fourth, and two who have only themselves:

    >>> found = trust([0, 1, 2, 2, 4, 5], [1, 2, 0, 3, 5, 4], [1] * 6, 6)
    >>> found.values.round(3).tolist()
    [0.202, 0.178, 0.179, 0.316, 0.0, 0.0]
    """
    s, t = np.asarray(sources, dtype=np.int64), np.asarray(targets, dtype=np.int64)
    d = np.asarray(days, dtype=np.float64)
    who = np.arange(n) if persons is None else persons
    real = (who[s] != who[t]) & (d > 0)
    s, t, d = s[real], t[real], d[real]
    heard_from = who[s] * n + t
    open_ = (1.0 - overlap(who[s], who[t], n)) ** 2
    once = np.unique(heard_from, return_index=True)[1]
    heard = np.bincount(t[once], weights=open_[once], minlength=n)
    start = _core(who[s], who[t], n)[who] * heard / (heard + FEW) * (1.0 if seeds is None else seeds)
    if start.sum() > 0:
        start = start * (n / start.sum())
    weight = open_ * d / (d + 1.0)
    share = weight / (np.bincount(s, weights=weight, minlength=n) + KEPT_BACK)[s]
    passed = _settled(sp.csr_matrix((alpha * share, (t, s)), shape=(n, n)), (1 - alpha) * start)
    if len(once) < len(s):
        one = _strongest(heard_from, share * passed[s])
        s, t, open_, share = s[one], t[one], open_[one], share[one]
        passed = _settled(sp.csr_matrix((alpha * share, (t, s)), shape=(n, n)), (1 - alpha) * start)
    return Trust(passed, _norm(t, open_ * passed[s], n, STRONGEST) + OWN * passed)


def overlap(sources: npt.ArrayLike, targets: npt.ArrayLike, n: int) -> Floats:
    """How far each tie lies inside a closed group: |common| / (|all other| + 3) of its ends' neighbours, 0..1.

    Neighbours are those with a tie in any direction. Each triangle is found once, from its two ends of lowest
    degree, so that hubs cost no squares: O(m^1.5) [1]_.

    Parameters
    ----------
    sources, targets : array of int
        The ends of each tie, no tie with oneself.
    n : int
        Number of nodes.

    Returns
    -------
    array
        By tie.

    References
    ----------
    .. [1] Chiba, Nishizeki: Arboricity and subgraph listing algorithms, SIAM J. Comput. 1985.

    Examples
    --------
    >>> overlap([0, 1, 2, 0], [1, 2, 0, 3], 4).tolist()
    [0.2, 0.25, 0.2, 0.0]
    """
    s, t = np.asarray(sources, dtype=np.int64), np.asarray(targets, dtype=np.int64)
    ends = np.unique(np.minimum(s, t) * n + np.maximum(s, t))
    degree = np.bincount(np.concatenate([ends // max(n, 1), ends % max(n, 1)]), minlength=n)
    rank = np.empty(n, dtype=np.int64)
    rank[np.argsort(degree, kind="stable")] = np.arange(n)
    edges = np.unique(np.minimum(rank[s], rank[t]) * n + np.maximum(rank[s], rank[t]))
    common = np.zeros(len(edges), dtype=np.int64)
    for triangle in _triangles(edges, n):
        common += np.bincount(triangle, minlength=len(edges))
    shared = common[np.searchsorted(edges, np.minimum(rank[s], rank[t]) * n + np.maximum(rank[s], rank[t]))]
    return np.asarray(shared / (degree[s] + degree[t] - 2 - shared + COMMON))


def tenure(targets: npt.ArrayLike, at: Instants, as_of: np.datetime64, n: int) -> Floats:
    """How long somebody has been answered, a/(a + median a) of those answered, 0..1; 0 for who never was.

    Undated acts count as the longest tenure there is; if half were first answered at the very end, time tells
    nobody apart, and all have 1.

    Examples
    --------
    >>> at = np.array(["2026-01-01", "2026-01-11", "2026-01-31"], dtype="datetime64[ms]")
    >>> tenure([0, 1, 2], at, at[2], 4).round(2).tolist()
    [0.6, 0.5, 0.0, 0.0]
    """
    who = np.asarray(targets, dtype=np.int64)
    age = np.asarray((as_of - at) / DAY, dtype=np.float64)
    longest = float(np.nanmax(age, initial=0.0))
    known = np.full(n, -1.0)
    np.maximum.at(known, who, np.maximum(np.nan_to_num(age, nan=longest), 0.0))
    heard = known >= 0
    middle = float(np.median(known[heard])) if heard.any() else 0.0
    if middle == 0:
        return np.ones(n)
    return np.where(heard, known / (known + middle), 0.0)


def readable(values: Floats) -> Floats:
    """Trust in units of the mean of those who have any, so that 1 is usual.

    Examples
    --------
    >>> readable(np.array([0.0, 0.1, 0.3])).round(3).tolist()
    [0.0, 0.5, 1.5]
    """
    some = values > 0
    return np.asarray(values / values[some].mean()) if some.any() else values


def speaking(trusted: Floats, tenure: Floats) -> Floats:
    """τ of `vouched`: how far somebody is to be believed, who is trusted and has been answered for a while."""
    return np.asarray(trusted * tenure**KNOWN)


def doubtful(reach: Floats, trusted: Floats) -> npt.NDArray[np.bool_]:
    """Whose reach may be bought, from percentiles: the top tenth by reach, the lower half by trust; NaN is nobody.

    Examples
    --------
    >>> doubtful(np.array([95.0, 95.0, np.nan]), np.array([20.0, 50.0, np.nan])).tolist()
    [True, False, False]
    """
    return np.asarray((reach >= FAR) & (trusted < LITTLE))


def vouched(
    owners: npt.ArrayLike,
    weights: npt.ArrayLike,
    decay: npt.ArrayLike,
    fairness: npt.ArrayLike,
    trusted: npt.ArrayLike,
    n: int,
    *,
    speakers: npt.ArrayLike | None = None,
) -> Floats:
    r"""Standing by the strongest trusted voices: (P − 3·N)/(P + 3·N + 1), −1..1, 0 where there are none.

    P = (Σ (d·f·τ)⁸)^(1/8) over the good acts about an owner and N the same over the bad ones, where τ is how
    trusted the speaker is: who is vouched for by nobody has no say, and k equal voices count as k^(1/8). A speaker
    has one voice for and one against each owner: the strongest.

    Parameters
    ----------
    owners : array of int
        Whom each act speaks of, as positions 0 … n − 1.
    weights : array of float
        What it says: only the sign counts.
    decay, fairness : array of float
        d and f of `estimate`; let decay be slow, or what is new and cheap outweighs all that is old.
    trusted : array of float
        τ of the speaker of each act: `Trust.values`.
    n : int
        Number of owners.
    speakers : array of int, optional
        Who speaks in each act, by the person; the default is somebody else each time.

    Returns
    -------
    array
        By owner.

    Examples
    --------
    >>> vouched([0, 0, 0, 1], [1, 1, -1, 1], [1] * 4, [1] * 4, [1, 1, 0, 1], 3).round(3).tolist()
    [0.522, 0.5, 0.0]
    """
    at, sign = np.asarray(owners, dtype=np.int64), np.sign(np.asarray(weights, dtype=np.float64))
    said = np.prod([np.asarray(each, dtype=np.float64) for each in (decay, fairness, trusted)], axis=0)
    if speakers is not None:
        by = np.asarray(speakers, dtype=np.int64)
        one = _strongest((at * (by.max(initial=0) + 1) + by) * 2 + (sign < 0), said)
        at, sign, said = at[one], sign[one], said[one]
    good = _norm(at, said * (sign > 0), n, VOICES)
    bad = NEGATIVE_WEIGHT * _norm(at, said * (sign < 0), n, VOICES)
    return np.asarray((good - bad) / (good + bad + PRIOR_WEIGHT))


def _core(s: Ints, t: Ints, n: int) -> npt.NDArray[np.bool_]:
    """Who is in the largest strongly connected component, or in one of several as large."""
    if not n:
        return np.zeros(0, dtype=bool)
    ties = sp.csr_matrix((np.ones(len(s)), (s, t)), shape=(n, n))
    label = connected_components(ties, connection="strong")[1]
    size = np.bincount(label)
    return np.asarray(size[label] == size.max())


def _settled(pull: sp.csr_matrix, start: Floats) -> Floats:
    """X = pull·x + start; the columns of `pull` add up to less than α, so that the change always shrinks."""
    x = start
    while True:
        last, x = x, np.asarray(pull @ x + start)
        if np.abs(x - last).max(initial=0.0) <= TOLERANCE * x.max(initial=0.0):
            return x


def _strongest(keys: Ints, values: Floats) -> npt.NDArray[np.intp]:
    """The position of the largest value of each key, of equal ones the last, in the order of the keys."""
    order = np.lexsort([values, keys])
    last = np.ones(len(order), dtype=bool)
    last[:-1] = keys[order][1:] != keys[order][:-1]
    return np.asarray(order[last])


def _largest(at: Ints, values: Floats, n: int) -> Floats:
    found = np.zeros(n)
    np.maximum.at(found, at, values)
    return found


def _norm(at: Ints, values: Floats, n: int, power: float) -> Floats:
    """(Σ x^p)^(1/p) of each, scaled by the largest, as a small x^p would vanish."""
    top = _largest(at, values, n)
    part = np.divide(values, top[at], out=np.zeros(len(at)), where=top[at] > 0)
    return np.asarray(top * np.bincount(at, weights=part**power, minlength=n) ** (1 / power))


def _triangles(edges: Ints, n: int) -> Iterator[Ints]:
    """Positions of the three edges of each triangle, a part of the triangles at a time.

    `edges` are sorted keys low·n + high of nodes numbered by degree: x → y → z closes if there is x → z.
    """
    low, high = np.divmod(edges, max(n, 1))
    starts = np.searchsorted(low, np.arange(n + 1))
    width = starts[high + 1] - starts[high]
    upto = np.cumsum(width)
    first = 0
    while first < len(edges):
        done = upto[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(upto, done + CHUNK, "right")))
        xy = np.repeat(np.arange(first, last), width[first:last])
        within = np.arange(len(xy)) - np.repeat(
            upto[first:last] - width[first:last] - done, width[first:last]
        )
        yz = starts[high[xy]] + within
        key = low[xy] * n + high[yz]
        xz = np.minimum(np.searchsorted(edges, key), len(edges) - 1)
        closed = edges[xz] == key
        yield np.concatenate([xy[closed], yz[closed], xz[closed]])
        first = last
