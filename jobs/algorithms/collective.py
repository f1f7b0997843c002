"""Collective actions: many members who raise one matter within days, beyond what their usual talk explains."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

SPAN = 7  # days: long enough for who looks in once a week, short enough to be about one thing
HORIZON = 182  # days looked back upon: half a year tells what is usual
# fewer are a conversation
LEAST = 5
# a false alarm once in a hundred runs, if nothing ever happens
FALSE_ALARMS = 0.01
# what is certain need not be large: at least three times the usual
TIMES = 3.0


@dataclass(frozen=True, slots=True)
class Raised:
    """Who raised which matter in which community, on which day (days since 1970); a row may come twice."""

    community: Ints
    matter: Ints
    member: Ints
    day: Ints

    def __len__(self) -> int:
        return len(self.day)


@dataclass(frozen=True, slots=True)
class Action:
    """A matter that a community raised together, from its first to its last day.

    `members` are distinct; `usual` is how many the days before would lead one to expect; `chance` is the
    probability, all looks counted, that talk at random shows as much as its beginning; `rows` are places in what
    was given.
    """

    community: int
    matter: int
    since: int
    until: int
    members: int
    usual: float
    chance: float
    rows: Ints


def collective_actions(
    raised: Raised,
    activity: tuple[Ints, Ints],
    as_of: int,
    *,
    span: int = SPAN,
    horizon: int = HORIZON,
    least: int = LEAST,
    false_alarms: float = FALSE_ALARMS,
    times: float = TIMES,
) -> list[Action]:
    """The collective actions of the `horizon` days that end with `as_of`, by community, then by day.

    A prospective scan with the purely temporal, conditional Poisson model [1]_. A window of `span` days is held
    against all days before it: of the N times that members raised a matter until its end, those in it are
    Binomial(N, share), where share is the window's part of all that the community did until then. So a busy week
    alone is no alarm, neither is a matter that is always raised, and what comes later changes nothing. A member
    counts once a span. A window stands out if at least `least` members are in it, at least `times` as many as
    the rate before gives, and if the binomial tail is at most `false_alarms` divided by the number of windows
    looked at, of all matters and communities together (Bonferroni): if nothing is going on, a run has a false
    alarm with at most that probability. The action lasts for as long as the windows stay above `least` and
    `times` the rate before it began: what goes on does not become usual.

    Parameters
    ----------
    raised : Raised
        Who raised what; what lies outside the horizon is not counted.
    activity : (community, day)
        One entry for each day and member who did anything in a community, in the horizon or not.
    as_of : int
        The last day, in days since 1970.

    References
    ----------
    .. [1] Kulldorff: Prospective time periodic geographical disease surveillance using a scan statistic, Journal
       of the Royal Statistical Society A 164, 2001, https://doi.org/10.1111/1467-985X.00186

    Examples
    --------
    Ten members were active every day; on the last three days, six of them raised the same matter.

    >>> activity = np.zeros(600, int), np.repeat(np.arange(60), 10)
    >>> raised = Raised(np.zeros(6, int), np.zeros(6, int), np.arange(6), np.array([57, 57, 58, 58, 59, 59]))
    >>> found = collective_actions(raised, activity, 59)[0]
    >>> found.since, found.until, found.members, found.usual, found.chance < 0.01
    (57, 59, 6, 0.0, True)
    """
    first = as_of - horizon + 1
    counted = _once_a_span(raised, _inside(raised.day, first, as_of), span)
    busy = _inside(activity[1], first, as_of)
    series = _series(raised, counted, least)
    if not series:
        return []
    done = _by_day(activity[0][busy], activity[1][busy] - first, {each[0] for each in series}, horizon)
    bar = false_alarms / (len(series) * horizon)
    found: list[Action] = []
    for community, matter, rows in series:
        days = np.bincount(raised.day[rows] - first, minlength=horizon)
        for start, end, chance in _outbreaks(days, done[community], span, least, times, bar):
            here = rows[_inside(raised.day[rows], first + start, first + end)]
            past, active = days[:start].sum(), done[community]
            usual = past * active[start : end + 1].sum() / max(int(active[:start].sum()), 1)
            since, until = int(raised.day[here].min()), int(raised.day[here].max())
            members = len(np.unique(raised.member[here]))
            overall = chance * false_alarms / bar
            found.append(Action(community, matter, since, until, members, float(usual), overall, here))
    return sorted(found, key=lambda action: (action.community, action.since, action.matter))


def _inside(day: Ints, first: int, last: int) -> Bools:
    return np.asarray((day >= first) & (day <= last))


def _by_day(community: Ints, day: Ints, wanted: set[int], horizon: int) -> dict[int, Ints]:
    """How much some communities did on each day of the horizon."""
    order = np.argsort(community, kind="stable")
    ends = {one: np.searchsorted(community[order], [one, one + 1]).tolist() for one in wanted}
    return {one: np.bincount(day[order[start:end]], minlength=horizon) for one, (start, end) in ends.items()}


def _once_a_span(raised: Raised, chosen: Bools, span: int) -> Ints:
    """Places of what counts: who raised a matter is not counted again before a span has passed."""
    order = np.lexsort([raised.day, raised.member, raised.matter, raised.community])
    order = order[chosen[order]]
    columns = (raised.community, raised.matter, raised.member, raised.day)
    kept: list[int] = []
    before, last = None, 0
    for row, *who, day in zip(order.tolist(), *(column[order].tolist() for column in columns), strict=True):
        if who != before or day - last >= span:
            kept.append(row)
            before, last = who, day
    return np.array(kept, dtype=np.int64)


def _series(raised: Raised, counted: Ints, least: int) -> list[tuple[int, int, Ints]]:
    """What each community raised often enough to be looked at, with the places of it."""
    if not len(counted):
        return []
    pairs = np.stack([raised.community[counted], raised.matter[counted]])
    keys, starts, counts = np.unique(pairs, axis=1, return_index=True, return_counts=True)
    return [
        (community, matter, counted[start : start + count])
        for community, matter, start, count in zip(
            *keys.tolist(), starts.tolist(), counts.tolist(), strict=True
        )
        if count >= least
    ]


def _outbreaks(
    days: Ints, done: Ints, span: int, least: int, times: float, bar: float
) -> list[tuple[int, int, float]]:
    """First and last day of each stretch that stands out from the days before it, and its least chance."""
    raised, active = _sums(days, span), _sums(done, span)
    before, active_before = np.cumsum(days) - raised, np.cumsum(done) - active
    found: list[tuple[int, int, float]] = []
    day = 0
    while day < len(days):
        usual = before[day] * active[day] / max(int(active_before[day]), 1)
        share = active[day] / max(int(active[day] + active_before[day]), 1)
        chance = 1.0
        # without a past nobody knows what is usual
        if active_before[day] and raised[day] >= max(least, times * usual):
            chance = float(binom.sf(raised[day] - 1, before[day] + raised[day], share))
        if chance > bar:
            day += 1
            continue
        start, rate = max(day - span + 1, 0), before[day] / max(int(active_before[day]), 1)
        while day + 1 < len(days) and raised[day + 1] >= max(least, times * rate * active[day + 1]):
            day += 1
        found.append((start, day, chance))
        day += span  # so that no two share a day
    return found


def _sums(days: Ints, span: int) -> Ints:
    """The sum of the span that ends with each day."""
    total = np.cumsum(days)
    return np.asarray(total - np.concatenate([np.zeros(span, np.int64), total])[: len(total)])
