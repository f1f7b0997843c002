"""How broad the support for each idea is: counts, and the measures that follow from them exactly."""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import scipy.sparse

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]

Z_95 = 1.959963984540054
COUNTED_FROM = 5
HALF_LIFE_DAYS = 7.0


@dataclass(frozen=True, slots=True)
class Votes:
    """Votes as parallel arrays, one for each pair of voter and idea.

    Voters and ideas are numbered from 0; `value` is −1, 0 (a pass) or 1; `day` is the time of the vote in
    days since any fixed instant, NaN when it is not known.
    """

    voter: Ints
    idea: Ints
    value: npt.NDArray[np.int8]
    day: Floats
    voters: int
    ideas: int

    def __len__(self) -> int:
        return len(self.value)

    def where(self, chosen: Bools) -> "Votes":
        """The votes a mask keeps, numbered as before."""
        columns = (self.voter[chosen], self.idea[chosen], self.value[chosen], self.day[chosen])
        return Votes(*columns, self.voters, self.ideas)


@dataclass(frozen=True, slots=True)
class Members:
    """Who belongs to which community, as parallel arrays without repeats; a voter may be in several."""

    voter: Ints
    community: Ints
    communities: int


@dataclass(frozen=True, slots=True)
class Shares:
    """What each community says of each idea, by idea, then community; the remainder has the last number."""

    idea: Ints
    community: Ints
    up: Ints
    down: Ints
    passed: Ints
    approval: Floats
    counted: Bools

    def stance(self, before: Ints | int = 0) -> Ints:
        """1 where more than half of a community are for an idea, −1 against it, with 95 % confidence; else 0.

        A stance held `before` is kept until fewer than half bear it out (see `stance`).

        Examples
        --------
        >>> five, up = np.full(3, 5), np.array([5, 4, 0])
        >>> shares = Shares(up, up, up, 5 - up, up * 0, up / 5, five > 0)
        >>> shares.stance().tolist(), shares.stance(before=1).tolist()
        ([1, 0, -1], [1, 1, -1])
        """
        return stance(self.up, self.down, self.up + self.down + self.passed, before)


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts and measures of each idea; NaN where a measure does not apply."""

    up: Ints
    down: Ints
    passed: Ints
    support: Floats
    support_high: Floats
    consensus: Floats
    divisive: Floats
    rising: Floats
    shares: Shares


def wilson_lower_bound(up: npt.ArrayLike, total: npt.ArrayLike, z: float = Z_95) -> Floats:
    r"""Lower end of the Wilson score interval of a share: the support that is safe to claim.

    .. math:: \frac{u + z²/2 - z \sqrt{u (n - u) / n + z²/4}}{n + z²}

    Parameters
    ----------
    up, total
        Votes in favour u, and all votes n.
    z
        Quantile of the normal distribution; 1.96 gives 95 %.

    Returns
    -------
    numpy.ndarray
        Between 0 and 1, no unit; 0 without votes, the limit n → 0.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. JASA 22.

    Examples
    --------
    >>> wilson_lower_bound([1, 90, 0], [1, 100, 0]).round(3)
    array([0.207, 0.826, 0.   ])
    """
    u, n = np.asarray(up, dtype=np.float64), np.asarray(total, dtype=np.float64)
    spread = z * np.sqrt(u * (n - u) / np.maximum(n, 1) + z * z / 4)
    return np.maximum((u + z * z / 2 - spread) / (n + z * z), 0.0)


def wilson_upper_bound(up: npt.ArrayLike, total: npt.ArrayLike, z: float = Z_95) -> Floats:
    """Upper end of the same interval: the support that is still possible; 1 without votes.

    Examples
    --------
    >>> wilson_upper_bound([1, 90, 0], [1, 100, 0]).round(3)
    array([1.   , 0.945, 1.   ])
    """
    n = np.asarray(total, dtype=np.float64)
    return 1 - wilson_lower_bound(n - np.asarray(up, dtype=np.float64), n, z)


def stance(up: Ints, down: Ints, total: Ints, before: Ints | int = 0) -> Ints:
    """1 where more than half are for something with 95 % confidence (Wilson), −1 where against it, else 0.

    What was so `before` stays until the share is below half. Wilson's lower end is above half only if up − n/2 >
    .98 √n, which is at least 2 votes, and one vote given, changed or withdrawn moves up − n/2 by at most 1: a
    stance just taken is not lost to fewer than three votes, nor one just lost taken up again.

    Examples
    --------
    >>> up, total = np.array([15, 14, 10, 9]), np.full(4, 20)
    >>> stance(up, total - up, total).tolist(), stance(up, total - up, total, before=1).tolist()
    ([1, 0, 0, 0], [1, 1, 1, 0])
    """
    sides = []
    for sign, said in ((1, up), (-1, down)):
        kept = (np.asarray(before) == sign) & (2 * said >= total) & (total > 0)
        sides.append((wilson_lower_bound(said, total) > 0.5) | kept)
    found: Ints = sides[0].astype(np.int64) - sides[1]
    return found


def smoothed_approval(up: npt.ArrayLike, total: npt.ArrayLike) -> Floats:
    """Chance that the next member of a community votes for the idea: P = (up + 1)/(n + 2).

    Laplace's rule of succession; between 0 and 1, no unit. A pass is a vote that is not in favour.

    Examples
    --------
    >>> smoothed_approval([18, 0], [20, 0]).round(3)
    array([0.864, 0.5  ])
    """
    return (np.asarray(up, dtype=np.float64) + 1) / (np.asarray(total, dtype=np.float64) + 2)


def count_shares(votes: Votes, members: Members, counted_from: int = COUNTED_FROM) -> Shares:
    """Count the votes on each idea by community.

    A vote counts once in each community of its voter. A community counts for an idea from `counted_from`
    votes on it. Voters in no community form one remainder, which is there for the ideas for which some
    community counts, and counts itself by the same rule.

    Examples
    --------
    >>> votes = Votes(np.arange(7), np.zeros(7, int), np.array([1, 1, 1, 0, -1, 1, 1], np.int8),
    ...               np.zeros(7), 7, 1)
    >>> shares = count_shares(votes, Members(np.arange(5), np.zeros(5, int), 1))
    >>> shares.community.tolist(), shares.up.tolist(), shares.counted.tolist()
    ([0, 1], [3, 2], [True, False])
    """
    belongs = _membership_matrix(votes.voters, members)
    total = _by_community(votes, np.ones(len(votes), bool), belongs)
    idea, community = total.nonzero()
    up = _at(_by_community(votes, votes.value > 0, belongs), idea, community)
    down = _at(_by_community(votes, votes.value < 0, belongs), idea, community)
    number = _at(total, idea, community)
    counted = number >= counted_from
    declared = community < members.communities
    some = np.bincount(idea[counted & declared], minlength=votes.ideas) > 0
    shown = declared | some[idea]
    columns = (idea, community, up, down, number - up - down, smoothed_approval(up, number), counted)
    return Shares(*(column[shown] for column in columns))


def consensus(shares: Shares, ideas: int) -> Floats:
    """Geometric mean of the approval in the communities that count: high only if all of them agree.

    Pol.is multiplies the approvals [1]_, so an idea sinks as groups are added; their geometric mean does not.
    Between 0 and 1, no unit; NaN when no community counts.

    References
    ----------
    .. [1] Small, C. et al. (2021). Polis: Scaling deliberation by mapping high dimensional opinion spaces.

    Examples
    --------
    >>> one = np.array([0, 0])
    >>> shares = Shares(one, np.arange(2), one, one, one, np.array([.9, .4]), np.array([True, True]))
    >>> consensus(shares, 2).round(3)
    array([0.6, nan])
    """
    idea, logarithm = shares.idea[shares.counted], np.log(shares.approval[shares.counted])
    number = np.bincount(idea, minlength=ideas)
    mean = np.bincount(idea, logarithm, ideas) / np.maximum(number, 1)
    return np.where(number > 0, np.exp(mean), np.nan)


def divisive(shares: Shares, up: Ints, down: Ints) -> Floats:
    """How far apart the communities are: the highest approval less the lowest, of those that count.

    With fewer than two of them, how evenly the votes are split: 1 − |up − down|/(up + down).
    Between 0 and 1, no unit; NaN without any vote for or against.

    Examples
    --------
    >>> none = Shares(*[np.zeros(0, int)] * 5, np.zeros(0), np.zeros(0, bool))
    >>> divisive(none, np.array([3, 4, 0]), np.array([3, 0, 0]))
    array([ 1.,  0., nan])
    """
    ideas = len(up)
    idea, approval = shares.idea[shares.counted], shares.approval[shares.counted]
    high, low = np.zeros(ideas), np.ones(ideas)
    np.maximum.at(high, idea, approval)
    np.minimum.at(low, idea, approval)
    said = up + down
    split = np.where(said > 0, 1 - np.abs(up - down) / np.maximum(said, 1), np.nan)
    return np.where(np.bincount(idea, minlength=ideas) >= 2, high - low, split)


def rising(votes: Votes, as_of_day: float, half_life: float = HALF_LIFE_DAYS) -> Floats:
    """Votes for less votes against, each halved for every week of its age: Σ value·2^(−(T−t)/7 d).

    In votes of the instant T; undated votes are left out.

    Examples
    --------
    >>> votes = Votes(np.arange(3), np.zeros(3, int), np.array([1, 1, -1], np.int8),
    ...               np.array([14., 7., np.nan]), 3, 1)
    >>> rising(votes, as_of_day=14.0)
    array([1.5])
    """
    dated = ~np.isnan(votes.day)
    weight = votes.value[dated] * np.exp2((votes.day[dated] - as_of_day) / half_life)
    return np.bincount(votes.idea[dated], weight, votes.ideas).astype(np.float64, copy=False)


def forgotten(up: Ints, total: Ints, conversation: Ints, before: Bools | bool = False) -> Floats:
    """Approval (up + 1)/(n + 2) of the ideas with fewer than half the votes of their conversation's median.

    `conversation` is that of each idea, numbered from 0. An idea that was forgotten `before` stays so until it
    has three votes more than that. Between 0 and 1, no unit; NaN for an idea that was seen by its share of the
    voters.

    Examples
    --------
    >>> up, total = np.array([90, 40, 2, 0]), np.array([100, 80, 2, 90])
    >>> forgotten(up, total, np.zeros(4, int))
    array([ nan,  nan, 0.75,  nan])
    """
    number = np.bincount(conversation)
    ordered = total[np.lexsort((total, conversation))]
    begin = np.cumsum(number) - number
    middle = [np.minimum(begin + half, max(len(total) - 1, 0)) for half in ((number - 1) // 2, number // 2)]
    median = sum(ordered[np.maximum(place, 0)] for place in middle) / 2 if len(total) else np.zeros(0)
    few = 2 * total - 6 * np.asarray(before) < np.asarray(median)[conversation]
    return np.where(few, smoothed_approval(up, total), np.nan)


def tally(votes: Votes, members: Members, as_of_day: float | None = None) -> Tally:
    """Every measure of every idea but bridging; `as_of_day` is by default that of the latest vote.

    Examples
    --------
    >>> votes = Votes(np.arange(6), np.zeros(6, int), np.ones(6, np.int8), np.zeros(6), 6, 2)
    >>> found = tally(votes, Members(np.arange(6), np.zeros(6, int), 1))
    >>> found.up.tolist(), found.consensus.round(3).tolist(), found.rising.tolist()
    ([6, 0], [0.875, nan], [6.0, 0.0])
    """
    up, down, passed = (np.bincount(votes.idea[votes.value == v], minlength=votes.ideas) for v in (1, -1, 0))
    shares = count_shares(votes, members)
    return Tally(
        up=up,
        down=down,
        passed=passed,
        support=wilson_lower_bound(up, up + down + passed),
        support_high=wilson_upper_bound(up, up + down + passed),
        consensus=consensus(shares, votes.ideas),
        divisive=divisive(shares, up, down),
        rising=rising(votes, latest_day(votes) if as_of_day is None else as_of_day),
        shares=shares,
    )


def latest_day(votes: Votes) -> float:
    """The day of the latest dated vote; 0 if there is none.

    Examples
    --------
    >>> latest_day(Votes(*[np.zeros(2, int)] * 3, np.array([np.nan, 3.5]), 1, 1))
    3.5
    """
    latest = float(np.fmax.reduce(votes.day, initial=-math.inf))
    return latest if math.isfinite(latest) else 0.0


def _membership_matrix(voters: int, members: Members) -> scipy.sparse.csr_array:
    """Voters by communities, and a last column for those in none."""
    alone = np.flatnonzero(np.bincount(members.voter, minlength=voters) == 0)
    row = np.concatenate([members.voter, alone])
    column = np.concatenate([members.community, np.full(len(alone), members.communities)])
    return _counts(row, column, (voters, members.communities + 1))


def _by_community(votes: Votes, chosen: Bools, belongs: scipy.sparse.csr_array) -> scipy.sparse.csr_array:
    said = _counts(votes.idea[chosen], votes.voter[chosen], (votes.ideas, votes.voters))
    counts = said @ belongs
    counts.sort_indices()
    return counts


def _counts(row: Ints, column: Ints, shape: tuple[int, int]) -> scipy.sparse.csr_array:
    small = (row.astype(np.int32), column.astype(np.int32))
    return scipy.sparse.csr_array((np.ones(len(row), np.int32), small), shape=shape)


def _at(counts: scipy.sparse.csr_array, row: Ints, column: Ints) -> Ints:
    """The counts at these places, which are sorted and cover all that is not 0."""
    width = counts.shape[1]
    place = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr)) * width + counts.indices
    found = np.zeros(len(row), np.int64)
    found[np.searchsorted(row.astype(np.int64) * width + column, place)] = counts.data
    return found
