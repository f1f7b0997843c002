"""How far each measure of an idea may be off: the ends of its 95 % interval."""

import numpy as np
from scipy.special import ndtri

from jobs.algorithms.consensus import (
    HALF_LIFE_DAYS,
    Z_95,
    Floats,
    Ints,
    Shares,
    Votes,
    wilson_lower_bound,
    wilson_upper_bound,
)


def consensus_interval(shares: Shares, ideas: int) -> tuple[Floats, Floats]:
    r"""Lower and upper end of the 95 % interval of the consensus, between 0 and 1; NaN when no community counts.

    With P_g the approval of each of the m communities that count, and l_g and u_g the ends of its Wilson interval,

    .. math:: \ln C - \frac1m \sqrt{\sum (\ln P_g - \ln l_g)²}, \quad \ln C + \frac1m \sqrt{\sum (\ln u_g - \ln P_g)²}

    the variance estimates recovery of a sum of logarithms [1]_. P_g lies in its interval, so C does. A community
    of whom nobody is for the idea may refuse it altogether: then the lower end is 0. In simulations of 1 to 100
    communities of 5 to 100 votes it holds the true consensus in 94 to 100 % of cases.

    References
    ----------
    .. [1] Zou, G. Y. and Donner, A. (2008). Construction of confidence limits about effect measures: a general
       approach. Statistics in Medicine 27.

    Examples
    --------
    >>> one, up = np.zeros(2, int), np.array([18, 9])
    >>> shares = Shares(one, np.arange(2), up, 20 - up, one, (up + 1) / 22, np.array([True, True]))
    >>> [end.round(2).tolist() for end in consensus_interval(shares, 1)]  # of .63
    [[0.46], [0.76]]
    """
    kept = shares.counted
    idea, logarithm, up = shares.idea[kept], np.log(shares.approval[kept]), shares.up[kept]
    total = up + shares.down[kept] + shares.passed[kept]
    number = np.bincount(idea, minlength=ideas)
    centre = np.bincount(idea, logarithm, ideas)
    ends = []
    for sign, bound in ((-1, wilson_lower_bound(up, total)), (1, wilson_upper_bound(up, total))):
        with np.errstate(divide="ignore"):
            away = logarithm - np.log(bound)
        spread = np.sqrt(np.bincount(idea, away * away, ideas))
        end = np.exp((centre + sign * spread) / np.maximum(number, 1))
        ends.append(np.where(number > 0, np.minimum(end, 1.0), np.nan))
    return ends[0], ends[1]


def divisive_interval(shares: Shares, up: Ints, down: Ints) -> tuple[Floats, Floats]:
    """Lower and upper end of the 95 % interval of `divisive`, between 0 and 1; NaN where that has no value.

    All m communities that count lie in their Wilson intervals together with 95 % confidence if each does with
    1 − .05/m [1]_. The distance between the highest and the lowest is then at least max l − min u and at most
    max u − min l, however they were chosen. With fewer than two communities, of the Wilson interval of
    up/(up + down).

    References
    ----------
    .. [1] Dunn, O. J. (1961). Multiple comparisons among means. JASA 56: Bonferroni's inequality.

    Examples
    --------
    >>> one, up = np.zeros(2, int), np.array([38, 4])
    >>> shares = Shares(one, np.arange(2), up, 40 - up, one, (up + 1) / 42, np.array([True, True]))
    >>> [end.round(2).tolist() for end in divisive_interval(shares, np.array([42]), np.array([38]))]
    [[0.56], [0.95]]
    """
    ideas, kept = len(up), shares.counted
    idea, said = shares.idea[kept], shares.up[kept]
    total = said + shares.down[kept] + shares.passed[kept]
    number = np.bincount(idea, minlength=ideas)
    z = ndtri(1 - 0.025 / number[idea])
    low, high = wilson_lower_bound(said, total, z), wilson_upper_bound(said, total, z)
    most, least = np.zeros((2, ideas)), np.ones((2, ideas))
    for place, end in enumerate((low, high)):
        np.maximum.at(most[place], idea, end)
        np.minimum.at(least[place], idea, end)
    both = up + down
    below, above = wilson_lower_bound(up, both), wilson_upper_bound(up, both)
    even = (below <= 0.5) & (above >= 0.5)
    furthest = np.maximum(np.abs(2 * below - 1), np.abs(2 * above - 1))
    nearest = np.minimum(np.abs(2 * below - 1), np.abs(2 * above - 1))
    split = [np.where(both > 0, end, np.nan) for end in (1 - furthest, np.where(even, 1.0, 1 - nearest))]
    ends = (np.maximum(most[0] - least[1], 0.0), most[1] - least[0])
    return np.where(number >= 2, ends[0], split[0]), np.where(number >= 2, ends[1], split[1])


def rising_margin(votes: Votes, as_of_day: float, half_life: float = HALF_LIFE_DAYS) -> Floats:
    """Half the width of the 95 % interval of `rising`: 1.96 √Σ 4^(−(T−t)/7 d), in votes of the instant T.

    Votes for and against come as Poisson processes; the variance of a sum of such jumps is the sum of their
    squares (Campbell's theorem [1]_). Three votes are needed for it to tell anything.

    References
    ----------
    .. [1] Kingman, J. F. C. (1993). Poisson Processes, section 3.2.

    Examples
    --------
    >>> votes = Votes(np.arange(2), np.zeros(2, int), np.array([1, -1], np.int8), np.array([14., 7.]), 2, 1)
    >>> rising_margin(votes, as_of_day=14.0).round(2)
    array([2.19])
    """
    dated = ~np.isnan(votes.day) & (votes.value != 0)
    weight = np.exp2(2 * (votes.day[dated] - as_of_day) / half_life)
    return Z_95 * np.sqrt(np.bincount(votes.idea[dated], weight, votes.ideas))
