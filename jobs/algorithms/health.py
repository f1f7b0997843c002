"""How healthy communities are: who carries them, who stays, who is answered, and what gives early warning."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from jobs.algorithms.consensus import wilson_lower_bound
from jobs.algorithms.cuts import cuts
from jobs.algorithms.decay import DAY, Instants, decay
from jobs.algorithms.membership import Memberships

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

CARRIED = 0.51
WINDOW = 30 * DAY
ROUNDING = 1e-9  # what sums of parts may be off by
PATIENCE = DAY  # a question is judged when it had a day to be answered

# a handful of friends always depends on one of them; from ten on it is a weakness
SIZE_TO_WARN = 10
# below five, one person more or less moves a share by a fifth or more
COUNT_TO_WARN = 5
# more than a third fewer stay: beyond the swing of a holiday month
RETENTION_DROP = 1 / 3
# surely less than half: who asks is more likely to be left alone than not
FEW_ANSWERS_BELOW = 0.5
# a tenth of the way from −1 to 1
MOOD_DROP = 0.2
# as many windows as a slow fall is looked for in: from three to six windows ago
USUAL = (3, 6)
ONE_SIDED = 1.645  # standard errors that chance exceeds once in twenty times
# a fifth: enough to live on, or to be lost, as a community of its own
BRIDGE_SHARE = 0.2


class Warn(StrEnum):
    """What a community manager should look at before it hurts."""

    ONE_CARRIES_ALL = "ONE_CARRIES_ALL"
    FEWER_STAY = "FEWER_STAY"
    FEW_ANSWERS = "FEW_ANSWERS"
    ONE_BRIDGE = "ONE_BRIDGE"
    MOOD_FALLS = "MOOD_FALLS"


@dataclass(frozen=True, slots=True)
class Acts:
    """What members did inside: by whom (a node of the memberships) and when (NaT: unknown)."""

    member: Ints
    at: Instants


@dataclass(frozen=True, slots=True)
class Questions:
    """What was asked inside: in which community, by which customer (−1: unknown), when."""

    community: Ints
    asker: Ints
    at: Instants


@dataclass(frozen=True, slots=True)
class Replies:
    """What was replied: to which question (its position), by which customer, when, as staff or not."""

    question: Ints
    author: Ints
    at: Instants
    staff: Bools


@dataclass(frozen=True, slots=True)
class Moods:
    """Moods of mentions inside: in which community, by which customer, −1 to 1, when."""

    community: Ints
    author: Ints
    value: Floats
    at: Instants


@dataclass(frozen=True, slots=True)
class Happenings:
    """All that the health of communities is told from; ties are pairs of nodes of the memberships."""

    acts: Acts
    sources: Ints
    targets: Ints
    questions: Questions
    replies: Replies
    moods: Moods


@dataclass(frozen=True, slots=True)
class Health:
    """The health of one community; None where nothing is known.

    Counts are of members; shares are 0 to 1; `first_answer` is in seconds; moods are −1 to 1; `bridge` is the
    customer whose leaving cuts off most, None if nobody's does; `fell` is whether the mood fell within a window.
    """

    members: int
    active: int
    active_before: int
    bus_factor: int | None
    retention: float | None
    retention_before: float | None
    questions: int
    answered_by_peers: float | None
    first_answer: float | None
    density: float | None
    bridge: int | None
    cut_off: int
    mood: float | None
    mood_before: float | None
    mood_usual: float | None
    fell: bool
    warnings: tuple[Warn, ...]


@dataclass(frozen=True, slots=True)
class _Shares:
    """Parts of wholes by community."""

    part: Floats
    whole: Ints

    def at(self, community: int, least: int = 1) -> float | None:
        """Part by whole, None if the whole is below `least`."""
        whole = int(self.whole[community])
        return float(self.part[community]) / whole if whole >= least else None


@dataclass(frozen=True, slots=True)
class _Moods(_Shares):
    """Means of moods by community, and how far each is off by chance: the square of its standard error."""

    error: Floats


def health(
    inside: Memberships,
    number: int,
    happened: Happenings,
    as_of: np.datetime64,
    *,
    window: np.timedelta64 = WINDOW,
    patience: np.timedelta64 = PATIENCE,
) -> list[Health]:
    """The health of communities 0 … number − 1 at an instant; what came after it is not counted.

    - bus factor: see `bus_factor`; undated acts count whole, dated ones by what is left of them.
    - retention: of the members active in the window before, the share active in this one (crowd.dev's
      definition, by month instead of quarter); `retention_before` is the same one window earlier.
    - answers: of the questions of a window that ended one `patience` ago, the share that somebody answered who
      is neither staff nor the asker; and the median time to the first answer by anybody but the asker
      (CHAOSS, Time to First Response), of those that have one.
    - density: distinct directed ties / m(m − 1) among m members (Wasserman and Faust 1994).
    - bridge: whose leaving cuts most members off the largest remaining piece, see `cuts`.
    - mood: mean of the moods in the window, in the one before, and in the three that ended three windows ago
      (`mood_usual`). MOOD_FALLS: there are five moods or more in this window, and it is below the one before, or
      below the usual, five or more there too, by more than 0.2 and by more than 1.645 standard errors of the
      difference, which chance alone does once in twenty times for each of the two. The window before catches a
      sudden fall; the usual a slow one, and goes on warning of a sudden one until the usual itself has sunk. A
      community that was always gloomy is below neither. The warning ends once the mood is not surely lower.

    Parameters
    ----------
    inside : Memberships
        Who is in which community; communities are numbered from 0.
    number : int
        How many communities there are, also empty ones.
    happened : Happenings
        Acts, ties, questions, replies and moods inside them.
    as_of : datetime64
        The end of the present window (as_of − window, as_of].
    window, patience : timedelta64
        How long a window is, and how long a question has to be answered.

    Raises
    ------
    ValueError
        If a tie joins nodes of two communities.

    References
    ----------
    CHAOSS, Contributor Absence Factor and Time to First Response, https://chaoss.community/kbtopic/all-metrics/

    Examples
    --------
    >>> at = np.array(["2026-01-05", "2026-01-06", "2026-01-07"], dtype="datetime64[ms]")
    >>> none, when, moods = np.zeros(0, int), at[:0], np.zeros(0)
    >>> happened = Happenings(
    ...     Acts(np.array([0, 0, 1]), at), np.array([0, 1]), np.array([1, 2]),
    ...     Questions(np.array([0]), np.array([7]), at[:1]),
    ...     Replies(np.array([0]), np.array([8]), at[1:2], np.array([False])),
    ...     Moods(none, none, moods, when),
    ... )
    >>> found = health(Memberships.of([7, 8, 9], [0, 0, 0], 10), 1, happened, at[2])[0]
    >>> found.bus_factor, found.retention, found.answered_by_peers, found.first_answer
    (1, None, 1.0, 86400.0)
    >>> found.bridge, found.cut_off, round(found.density, 2), found.mood
    (8, 1, 0.33, None)
    """
    if (inside.communities[happened.sources] != inside.communities[happened.targets]).any():
        raise ValueError("a tie joins two communities")
    size = np.bincount(inside.communities, minlength=number)
    active = [_active(inside, happened.acts, as_of - back * window, window) for back in range(3)]
    carried = bus_factor(inside, number, happened.acts, as_of)
    now = np.bincount(inside.communities[active[0]], minlength=number)
    stayed, stayed_before = (_stayed(inside, number, active[at], active[at + 1]) for at in (0, 1))
    answered = _answered(happened.questions, happened.replies, number, as_of, window, patience)
    first = _first_answer(happened.questions, happened.replies, as_of, window, patience)
    moods, moods_before = (_mood(happened.moods, number, as_of - back * window, window) for back in (0, 1))
    first_usual, end_usual = USUAL
    usual = _mood(happened.moods, number, as_of - first_usual * window, (end_usual - first_usual) * window)
    fell, sank = ([_sank(was, moods, at) for at in range(number)] for was in (moods_before, usual))
    ties = _ties(inside, number, happened)
    bridge, cut_off = _bridges(inside, number, happened)
    return [
        Health(
            members=int(size[at]),
            active=int(now[at]),
            active_before=int(stayed.whole[at]),
            bus_factor=int(carried[at]) or None,
            retention=stayed.at(at),
            retention_before=stayed_before.at(at),
            questions=int(answered.whole[at]),
            answered_by_peers=answered.at(at),
            first_answer=first.get(at),
            density=float(ties[at] / (size[at] * (size[at] - 1))) if size[at] > 1 else None,
            bridge=int(bridge[at]) if cut_off[at] else None,
            cut_off=int(cut_off[at]),
            mood=moods.at(at),
            mood_before=moods_before.at(at),
            mood_usual=usual.at(at),
            fell=fell[at],
            warnings=tuple(
                warn
                for warn, given in (
                    (Warn.ONE_CARRIES_ALL, carried[at] == 1 and size[at] >= SIZE_TO_WARN),
                    (Warn.FEWER_STAY, _fell(stayed_before, stayed, at, of=RETENTION_DROP)),
                    (Warn.FEW_ANSWERS, _below(answered, at, FEW_ANSWERS_BELOW)),
                    (Warn.ONE_BRIDGE, size[at] >= SIZE_TO_WARN and cut_off[at] >= BRIDGE_SHARE * size[at]),
                    (Warn.MOOD_FALLS, fell[at] or sank[at]),
                )
                if given
            ),
        )
        for at in range(number)
    ]


def bus_factor(inside: Memberships, number: int, acts: Acts, as_of: np.datetime64) -> Ints:
    """How few members, the busiest first, give 51 % of the acts inside each community; 0 without acts.

    CHAOSS calls it the Contributor Absence Factor, with half of the contributions; crowd.dev asks for 51 %. An
    act counts by what is left of it (half after 60 days), an undated one whole.

    Examples
    --------
    >>> inside = Memberships.of([0, 1, 2], [0, 0, 0], 3)
    >>> acts = Acts(np.array([0, 0, 1, 2]), np.full(4, "NaT", dtype="datetime64[ms]"))
    >>> bus_factor(inside, 2, acts, np.datetime64("2026-01-01", "ms")).tolist()
    [2, 0]
    """
    heard = ~(acts.at > as_of)
    left = decay(acts.at[heard], as_of)
    given = np.bincount(acts.member[heard], weights=left, minlength=len(inside))
    order = np.lexsort([-given, inside.communities])
    community, given = inside.communities[order], given[order]
    total = np.bincount(community, weights=given, minlength=number)
    so_far = np.cumsum(given) - given
    starts = np.searchsorted(community, np.arange(number))
    before = so_far - np.append(so_far, 0.0)[starts[community]]
    needed = (given > 0) & (before < CARRIED * total[community] * (1 - ROUNDING))
    return np.bincount(community[needed], minlength=number)


def within(at: Instants, until: np.datetime64, window: np.timedelta64) -> Bools:
    """Which instants are in the window that ends with `until`, its beginning not in it."""
    return np.asarray((at > until - window) & (at <= until))


def _active(inside: Memberships, acts: Acts, until: np.datetime64, window: np.timedelta64) -> Bools:
    """Which members did anything in the window that ends here."""
    done = acts.member[within(acts.at, until, window)]
    return np.bincount(done, minlength=len(inside)) > 0


def _stayed(inside: Memberships, number: int, now: Bools, before: Bools) -> _Shares:
    stayed = np.bincount(inside.communities[now & before], minlength=number)
    return _Shares(stayed.astype(np.float64), np.bincount(inside.communities[before], minlength=number))


def judged(questions: Questions, as_of: np.datetime64, window: np.timedelta64, wait: np.timedelta64) -> Bools:
    """Which questions are of the window, and had their time to be answered."""
    return within(questions.at, as_of - wait, window)


def by_others(questions: Questions, replies: Replies, as_of: np.datetime64) -> Bools:
    """Replies up to now by anybody but the asker."""
    return np.asarray((replies.author != questions.asker[replies.question]) & ~(replies.at > as_of))


def _answered(
    questions: Questions,
    replies: Replies,
    number: int,
    as_of: np.datetime64,
    window: np.timedelta64,
    patience: np.timedelta64,
) -> _Shares:
    """How many of the questions of the window were answered by peers."""
    asked = judged(questions, as_of, window, patience)
    by_peers = by_others(questions, replies, as_of) & ~replies.staff
    answered = np.bincount(replies.question[by_peers], minlength=len(asked)) > 0
    part = np.bincount(questions.community[asked & answered], minlength=number)
    whole = np.bincount(questions.community[asked], minlength=number)
    return _Shares(part.astype(np.float64), whole)


def _first_answer(
    questions: Questions,
    replies: Replies,
    as_of: np.datetime64,
    window: np.timedelta64,
    patience: np.timedelta64,
) -> dict[int, float]:
    """Median seconds from a question of the window to its first answer, by community; dated replies only."""
    waited = np.asarray((replies.at - questions.at[replies.question]) / np.timedelta64(1, "s"), np.float64)
    # a reply dated before its question is a clock that is wrong
    timed = np.flatnonzero(by_others(questions, replies, as_of) & (waited >= 0))
    first = np.full(len(questions.at), np.inf)
    np.minimum.at(first, replies.question[timed], waited[timed])
    told = np.flatnonzero(np.isfinite(first) & judged(questions, as_of, window, patience))
    told = told[np.argsort(questions.community[told], kind="stable")]
    communities, starts = np.unique(questions.community[told], return_index=True)
    groups = np.split(first[told], starts[1:])
    return {at: float(np.median(group)) for at, group in zip(communities.tolist(), groups, strict=False)}


def _mood(moods: Moods, number: int, until: np.datetime64, window: np.timedelta64) -> _Moods:
    here = within(moods.at, until, window)
    community, value = moods.community[here], moods.value[here]
    count = np.bincount(community, minlength=number)
    total = np.bincount(community, weights=value, minlength=number).astype(np.float64, copy=False)
    off = value - (total / np.maximum(count, 1))[community]
    error = np.bincount(community, weights=off**2, minlength=number) / np.maximum(count * (count - 1), 1)
    return _Moods(total, count, error)


def _ties(inside: Memberships, number: int, happened: Happenings) -> Ints:
    """Distinct directed ties inside each community."""
    apart = happened.sources != happened.targets
    pairs = np.unique(happened.sources[apart] * max(len(inside), 1) + happened.targets[apart])
    return np.bincount(inside.communities[pairs // max(len(inside), 1)], minlength=number)


def _bridges(inside: Memberships, number: int, happened: Happenings) -> tuple[Ints, Ints]:
    """The customer in each community whose leaving cuts off most members, of equals the first, and how many."""
    lost = cuts(happened.sources, happened.targets, len(inside)).cut_off
    order = np.lexsort([np.arange(len(lost)), -lost, inside.communities])
    communities, first = np.unique(inside.communities[order], return_index=True)
    bridge, cut_off = np.full(number, -1, dtype=np.int64), np.zeros(number, dtype=np.int64)
    bridge[communities], cut_off[communities] = inside.customers[order[first]], lost[order[first]]
    return bridge, cut_off


def _fell(before: _Shares, now: _Shares, at: int, *, by: float = 0.0, of: float = 0.0) -> bool:
    """Whether a share fell by more than so much, or more than that part of itself, where enough is known."""
    was, is_now = before.at(at, COUNT_TO_WARN), now.at(at, COUNT_TO_WARN)
    return was is not None and is_now is not None and is_now < was * (1 - of) - by - ROUNDING


def _sank(was: _Moods, now: _Moods, at: int) -> bool:
    """Whether a mood fell by more than `MOOD_DROP`, and by more than so few moods differ by chance."""
    return _fell(was, now, at, by=max(MOOD_DROP, ONE_SIDED * float(np.sqrt(was.error[at] + now.error[at]))))


def _below(shares: _Shares, at: int, bound: float) -> bool:
    """Whether a share is surely below a bound: the rest is above it by the lower bound of its 95 % interval."""
    whole = int(shares.whole[at])
    missing = wilson_lower_bound(whole - shares.part[at], whole)
    return whole >= COUNT_TO_WARN and float(missing) > 1 - bound
