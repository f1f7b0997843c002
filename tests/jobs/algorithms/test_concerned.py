"""Each warning names whom to talk to."""

from dataclasses import replace

import numpy as np

from jobs.algorithms.concerned import concerned
from jobs.algorithms.health import Acts, Happenings, Moods, Questions, Replies, Warn, health
from jobs.algorithms.membership import Memberships

AS_OF = np.datetime64("2026-06-01", "ms")
INSIDE = Memberships.of(range(12), [0] * 12, 12)
NONE = np.zeros(0, np.int64)


def _ago(days: list[int]) -> np.ndarray:
    return AS_OF - np.array(days, dtype="m8[D]")


NOTHING = Happenings(
    Acts(NONE, _ago([])),
    NONE,
    NONE,
    Questions(NONE, NONE, _ago([])),
    Replies(NONE, NONE, _ago([]), NONE.astype(bool)),
    Moods(NONE, NONE, NONE.astype(float), _ago([])),
)


def _told(happened: Happenings) -> dict[Warn, list[int]]:
    return concerned(INSIDE, health(INSIDE, 1, happened, AS_OF), happened, AS_OF)[0]


def test_nothing_concerns_nobody() -> None:
    assert _told(NOTHING) == {}


def test_who_carries_all_and_who_left() -> None:
    """All were active two windows ago and one ago; now 8 and 11 are, and 11 says most."""
    before = [*range(12), *range(12), 3, 3, 5]
    days = [70] * 12 + [40] * 12 + [41, 42, 43]
    acts = Acts(np.array([*before, *[11] * 40, 8]), _ago([*days, *[2] * 40, 1]))
    told = _told(replace(NOTHING, acts=acts))
    assert told == {Warn.ONE_CARRIES_ALL: [11], Warn.FEWER_STAY: [3, 5, 0, 1, 2]}


def test_who_was_left_alone() -> None:
    """Nine questions, one of them answered by a peer, one by staff only; the last is too young to be judged."""
    asker, days = np.array([4, 4, 7, 2, 2, 9, 9, 9, 9, 6]), _ago([*range(3, 12), 0])
    replies = Replies(np.array([0, 2]), np.array([1, -1]), _ago([2, 4]), np.array([False, True]))
    asked = replace(NOTHING, questions=Questions(np.zeros(10, np.int64), asker, days), replies=replies)
    assert _told(asked) == {Warn.FEW_ANSWERS: [9, 2, 4, 7]}


def test_whose_bad_moods_weigh_most() -> None:
    value = np.array([0.9] * 5 + [0.5, -0.2, -0.6, -0.6, -0.1])
    author = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 6])
    moods = Moods(np.zeros(10, np.int64), author, value, _ago([40] * 5 + [3] * 5))
    assert _told(replace(NOTHING, moods=moods)) == {Warn.MOOD_FALLS: [7, 8, 6]}
