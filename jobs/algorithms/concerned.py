"""Whom each early warning is about: the members to talk to, the most concerned first."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from jobs.algorithms.decay import decay
from jobs.algorithms.health import (
    PATIENCE,
    WINDOW,
    Acts,
    Happenings,
    Health,
    Warn,
    by_others,
    judged,
    within,
)
from jobs.algorithms.membership import Memberships

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

SHOWN = 5


def concerned(
    inside: Memberships,
    found: Sequence[Health],
    happened: Happenings,
    as_of: np.datetime64,
    *,
    window: np.timedelta64 = WINDOW,
    patience: np.timedelta64 = PATIENCE,
) -> list[dict[Warn, list[int]]]:
    """For each community the customers that each of its warnings concerns, at most five.

    - ONE_CARRIES_ALL: the member who gives most of its acts.
    - FEWER_STAY: who was active in the window before and not in this one, the busiest of then first.
    - FEW_ANSWERS: who asked and was not answered by a peer, the one left alone most often first.
    - ONE_BRIDGE: the bridge.
    - MOOD_FALLS: whose bad moods of this window weigh most.

    Parameters
    ----------
    inside, happened, as_of, window, patience
        As given to `health`.
    found : sequence of Health
        What it answered.

    Examples
    --------
    >>> from jobs.algorithms.health import Moods, Questions, Replies, health
    >>> at = np.array(["2026-01-05", "2026-01-06"], dtype="datetime64[ms]")
    >>> none, when, moods = np.zeros(0, int), at[:0], np.zeros(0)
    >>> happened = Happenings(
    ...     Acts(np.array([0, 0]), at), none, none, Questions(none, none, when),
    ...     Replies(none, none, when, none.astype(bool)), Moods(none, none, moods, when),
    ... )
    >>> inside = Memberships.of(range(10), [0] * 10, 10)
    >>> concerned(inside, health(inside, 1, happened, at[1]), happened, at[1])
    [{<Warn.ONE_CARRIES_ALL: 'ONE_CARRIES_ALL'>: [0]}]
    """
    whom = {
        Warn.ONE_CARRIES_ALL: _busiest(inside, happened.acts, as_of),
        Warn.FEWER_STAY: _gone(inside, happened.acts, as_of, window),
        Warn.FEW_ANSWERS: _left_alone(happened, as_of, window, patience),
        Warn.MOOD_FALLS: _unhappy(happened, as_of, window),
    }
    bridges = {at: [each.bridge] for at, each in enumerate(found) if each.bridge is not None}
    told = {**whom, Warn.ONE_BRIDGE: bridges}
    return [
        {
            warn: told[warn].get(at, [])[: 1 if warn is Warn.ONE_CARRIES_ALL else SHOWN]
            for warn in each.warnings
        }
        for at, each in enumerate(found)
    ]


def _most(community: Ints, customer: Ints, weight: Floats | None = None) -> dict[int, list[int]]:
    """The customers of each community with most weight, of equals the first."""
    if not len(community):
        return {}
    pairs, at = np.unique(np.stack([community, customer]), axis=1, return_inverse=True)
    total = np.bincount(at.reshape(-1), weights=weight, minlength=pairs.shape[1])
    order = np.lexsort([pairs[1], -total, pairs[0]])
    places, starts = np.unique(pairs[0][order], return_index=True)
    ranked = np.split(pairs[1][order], starts[1:])
    return {place: who[:SHOWN].tolist() for place, who in zip(places.tolist(), ranked, strict=True)}


def _busiest(inside: Memberships, acts: Acts, as_of: np.datetime64) -> dict[int, list[int]]:
    heard = np.flatnonzero(~(acts.at > as_of))
    member = acts.member[heard]
    return _most(inside.communities[member], inside.customers[member], decay(acts.at[heard], as_of))


def _gone(
    inside: Memberships, acts: Acts, as_of: np.datetime64, window: np.timedelta64
) -> dict[int, list[int]]:
    now, before = (acts.member[within(acts.at, as_of - back * window, window)] for back in (0, 1))
    left = before[~np.isin(before, now)]
    return _most(inside.communities[left], inside.customers[left])


def _left_alone(
    happened: Happenings, as_of: np.datetime64, window: np.timedelta64, patience: np.timedelta64
) -> dict[int, list[int]]:
    questions, replies = happened.questions, happened.replies
    by_peers = by_others(questions, replies, as_of) & ~replies.staff
    answered = np.bincount(replies.question[by_peers], minlength=len(questions.at)) > 0
    alone = judged(questions, as_of, window, patience) & ~answered & (questions.asker >= 0)
    return _most(questions.community[alone], questions.asker[alone])


def _unhappy(happened: Happenings, as_of: np.datetime64, window: np.timedelta64) -> dict[int, list[int]]:
    moods = happened.moods
    here = within(moods.at, as_of, window) & (moods.value < 0)
    return _most(moods.community[here], moods.author[here], -moods.value[here])
