"""The health of a community is what counting by hand gives, and is defined for each."""

import dataclasses
import statistics
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.algorithms.cuts import cuts
from jobs.algorithms.decay import Instants
from jobs.algorithms.health import Acts, Happenings, Health, Moods, Questions, Replies, Warn, health
from jobs.algorithms.membership import Memberships

AS_OF = np.datetime64("2026-06-01", "ms")
PEOPLE, COMMUNITIES = 6, 3
Row = tuple[Any, ...]
days = st.one_of(st.none(), st.integers(-3, 130))  # days before AS_OF
people, places = st.integers(0, PEOPLE - 1), st.integers(0, COMMUNITIES - 1)
members = st.lists(st.tuples(people, places), max_size=14)


def _at(ago: Sequence[int | None]) -> Instants:
    nat = np.datetime64("NaT", "ms")
    return np.array(
        [nat if d is None else AS_OF - np.timedelta64(d, "D") for d in ago], dtype="datetime64[ms]"
    )


def _ints(values: list[int]) -> Any:
    return np.array(values, dtype=np.int64)


def _health(
    joined: list[tuple[int, int]],
    *,
    acts: Sequence[Row] = (),
    ties: Sequence[Row] = (),
    questions: Sequence[Row] = (),
    replies: Sequence[Row] = (),
    moods: Sequence[Row] = (),
    number: int = COMMUNITIES,
) -> list[Health]:
    """Acts (who, where, days ago), ties (from, to, where), questions (where, who, days ago), replies (question,
    who, days ago, staff) and moods (where, value, days ago).
    """
    inside = Memberships.of(
        [c for c, _ in joined], [g for _, g in joined], 1 + max((c for c, _ in joined), default=0)
    )

    def nodes(who: list[int], where: list[int]) -> Any:
        return inside.find(_ints(who), _ints(where))

    happened = Happenings(
        Acts(nodes([a[0] for a in acts], [a[1] for a in acts]), _at([a[2] for a in acts])),
        nodes([t[0] for t in ties], [t[2] for t in ties]),
        nodes([t[1] for t in ties], [t[2] for t in ties]),
        Questions(
            _ints([q[0] for q in questions]), _ints([q[1] for q in questions]), _at([q[2] for q in questions])
        ),
        Replies(
            _ints([r[0] for r in replies]),
            _ints([r[1] for r in replies]),
            _at([r[2] for r in replies]),
            np.array([r[3] for r in replies], dtype=bool),
        ),
        Moods(
            _ints([m[0] for m in moods]),
            _ints([0 for _ in moods]),
            np.array([m[1] for m in moods], dtype=np.float64),
            _at([m[2] for m in moods]),
        ),
    )
    return health(inside, number, happened, AS_OF)


def _bus_factor(acts: list[Row], group: set[int]) -> int | None:
    given: dict[int, float] = dict.fromkeys(group, 0.0)
    for who, _, ago in acts:
        if ago is None or ago >= 0:
            given[who] += 1.0 if ago is None else 0.5 ** (ago / 60)
    total, so_far = sum(given.values()), 0.0
    for count, value in enumerate(sorted(given.values(), reverse=True), 1):
        so_far += value
        if total and so_far >= 0.51 * total * (1 - 1e-9):
            return count
    return None


@settings(derandomize=True, max_examples=150, deadline=None)
@given(
    members,
    st.lists(st.tuples(people, places, days), max_size=30),
    st.lists(st.tuples(people, people, places)),
)
def test_members_acts_and_ties_are_counted_as_by_hand(
    joined: list[tuple[int, int]], acts: list[Row], ties: list[Row]
) -> None:
    joined = sorted(set(joined))
    acts = [a for a in acts if (a[0], a[1]) in joined]
    ties = [t for t in ties if (t[0], t[2]) in joined and (t[1], t[2]) in joined]
    for place, found in enumerate(_health(joined, acts=acts, ties=ties)):
        group = {who for who, where in joined if where == place}
        here = [a for a in acts if a[1] == place]
        dated = [(who, ago) for who, _, ago in here if ago is not None]
        windows = [{who for who, ago in dated if back * 30 <= ago < (back + 1) * 30} for back in range(3)]
        assert (found.members, found.active, found.active_before) == (
            len(group),
            len(windows[0]),
            len(windows[1]),
        )
        assert found.bus_factor == _bus_factor(here, group)
        for back, share in enumerate((found.retention, found.retention_before)):
            now, before = windows[back], windows[back + 1]
            assert share == (pytest.approx(len(now & before) / len(before)) if before else None)
        pairs = {(s, t) for s, t, where in ties if where == place and s != t}
        m = len(group)
        assert found.density == (pytest.approx(len(pairs) / (m * (m - 1))) if m > 1 else None)
        lost = cuts([s for s, _ in pairs], [t for _, t in pairs], PEOPLE).cut_off.tolist()
        assert found.cut_off == max(lost)
        assert found.bridge == (lost.index(max(lost)) if max(lost) else None)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(places, st.integers(-1, PEOPLE - 1), days), min_size=1, max_size=10),
    st.lists(st.tuples(st.integers(0, 9), people, days, st.booleans()), max_size=30),
)
def test_answers_are_counted_as_by_hand(questions: list[Row], replies: list[Row]) -> None:
    replies = [r for r in replies if r[0] < len(questions)]
    for place, found in enumerate(_health([(0, 0)], questions=questions, replies=replies)):
        judged = [
            (at, asker, ago)
            for at, (where, asker, ago) in enumerate(questions)
            if where == place and ago is not None and 1 <= ago < 31
        ]
        peers, waits = 0, []
        for at, asker, ago in judged:
            mine = [r for r in replies if r[0] == at and r[1] != asker and (r[2] is None or r[2] >= 0)]
            peers += any(not staff for _, _, _, staff in mine)
            timed = [(ago - when) * 86400.0 for _, _, when, _ in mine if when is not None and when <= ago]
            waits += [min(timed)] if timed else []
        assert found.questions == len(judged)
        assert found.answered_by_peers == (pytest.approx(peers / len(judged)) if judged else None)
        assert found.first_answer == (pytest.approx(statistics.median(waits)) if waits else None)


def test_the_mood_is_the_mean_of_its_window() -> None:
    here, there, empty = _health([(0, 0)], moods=[(0, 1.0, 2), (0, 0.0, 29), (0, -1.0, 30), (1, 0.5, None)])
    assert (here.mood, here.mood_before) == (0.5, -1.0)
    assert there.mood is empty.mood is empty.mood_before is None


@pytest.mark.parametrize("joined", [[], [(0, 0)]], ids=["empty", "one member"])
def test_who_did_nothing_has_an_answer_for_everything(joined: list[tuple[int, int]]) -> None:
    found = _health(joined, number=1)[0]
    known = {field: value for field, value in dataclasses.asdict(found).items() if value is not None}
    assert known == {
        "members": len(joined), "active": 0, "active_before": 0, "questions": 0, "cut_off": 0, "fell": False,
        "warnings": (),
    }  # fmt: skip


def test_acts_of_no_date_carry_and_keep_nobody() -> None:
    found = _health([(0, 0), (1, 0)], acts=[(0, 0, None)] * 2 + [(1, 0, None)], number=1)[0]
    assert (found.bus_factor, found.active, found.retention) == (1, 0, None)


def test_what_is_done_later_carries_nobody_yet() -> None:
    found = _health([(0, 0), (1, 0)], acts=[(0, 0, 1), (1, 0, 1)] + [(0, 0, -2)] * 5, number=1)[0]
    assert (found.bus_factor, found.active) == (2, 2)


def test_half_is_not_enough_to_carry_a_community() -> None:
    joined = [(who, 0) for who in range(2)]
    acts = [(who, 0, None) for who in range(2) for _ in range(50)]
    assert _health(joined, acts=acts)[0].bus_factor == 2
    assert _health(joined, acts=[*acts[1:], (1, 0, None)])[0].bus_factor == 1


def test_a_tie_between_communities_is_refused() -> None:
    inside = Memberships.of([0, 1], [0, 1], 2)
    none, never = _ints([]), _at([])
    happened = Happenings(
        Acts(none, never),
        _ints([0]),
        _ints([1]),
        Questions(none, none, never),
        Replies(none, none, never, np.zeros(0, dtype=bool)),
        Moods(none, none, np.zeros(0), never),
    )
    with pytest.raises(ValueError, match="two communities"):
        health(inside, 2, happened, AS_OF)


TEN = [(who, 0) for who in range(10)]


@pytest.mark.parametrize("size", [9, 10])
def test_one_who_carries_ten_is_warned_of(size: int) -> None:
    found = _health(TEN[:size], acts=[(0, 0, 1), (0, 0, 2), (1, 0, 1)])[0]
    assert found.bus_factor == 1
    assert found.warnings == ((Warn.ONE_CARRIES_ALL,) if size == 10 else ())


@pytest.mark.parametrize(("stay", "warned"), [(4, False), (3, True)])
def test_a_third_fewer_staying_is_warned_of(stay: int, warned: bool) -> None:
    # six of six stayed a month ago, then four of six (a third fewer) or three
    acts = [(who, 0, ago) for who in range(6) for ago in (65, 35)] + [(who, 0, 5) for who in range(stay)]
    found = _health(TEN, acts=acts)[0]
    assert found.retention_before == 1.0
    assert found.retention == pytest.approx(stay / 6)
    assert (Warn.FEWER_STAY in found.warnings) is warned


@pytest.mark.parametrize(
    ("asked", "answered", "warned"),
    # Wilson's upper bound of 40/100 is .498, of 41/100 .508, of 1/6 .564
    [(4, 0, False), (6, 1, False), (5, 0, True), (100, 40, True), (100, 41, False)],
)
def test_few_answers_are_warned_of(asked: int, answered: int, warned: bool) -> None:
    found = _health(
        TEN,
        questions=[(0, 0, 5)] * asked,
        replies=[(at, 1, 4, False) for at in range(answered)] + [(at, 2, 4, True) for at in range(asked)],
    )[0]
    assert found.first_answer == 86400.0
    assert (Warn.FEW_ANSWERS in found.warnings) is warned


@pytest.mark.parametrize(("tail", "warned"), [(1, False), (2, True)])
def test_a_bridge_to_a_fifth_is_warned_of(tail: int, warned: bool) -> None:
    core = 10 - tail
    ties = [(s, t, 0) for s in range(core) for t in range(core)] + [(core - 1, core, 0), (core, 9, 0)][:tail]
    found = _health(TEN, ties=ties)[0]
    assert (found.bridge, found.cut_off) == (core - 1, tail)
    assert (Warn.ONE_BRIDGE in found.warnings) is warned


def _by_month(*means: float, heard: int = 5, spread: float = 0.0) -> list[Row]:
    """Moods of this month, the one before and so on: half of them above the mean by the spread, half below."""
    signs = [(1, -1)[n % 2] for n in range(heard)] if heard % 2 == 0 else [*[1, -1] * (heard // 2), 0]
    return [(0, mean + sign * spread, 30 * month + 15) for month, mean in enumerate(means) for sign in signs]


@pytest.mark.parametrize(
    ("moods", "before", "usual", "warned"),
    [
        pytest.param(_by_month(0.3, 0.5, 0.5, 0.5, 0.5, 0.5), 0.5, 0.5, False, id="fell by no more than .2"),
        pytest.param(_by_month(0.29, 0.5), 0.5, None, True, id="fell within a month"),
        pytest.param(_by_month(0.0, 0.0, 0.0, 0.5, 0.5, 0.5), 0.0, 0.5, True, id="fell three months ago"),
        pytest.param(_by_month(0.0, 0.1, 0.2, 0.3, 0.4, 0.5), 0.1, 0.4, True, id="falls by .1 a month"),
        pytest.param(
            _by_month(0.0, 0.0, 0.0, 0.2, 0.2, 0.2), 0.0, 0.2, False, id="slowly, by no more than .2"
        ),
        pytest.param(_by_month(*[-0.8] * 6), -0.8, -0.8, False, id="always low"),
        pytest.param(_by_month(*[0.0] * 6, 0.5, 0.5), 0.0, 0.0, False, id="low for half a year"),
        pytest.param(_by_month(0.4, 0.0, 0.0, 0.5, 0.5, 0.5), 0.0, 0.5, False, id="recovered"),
        pytest.param([(0, 0.5, 40)] * 5 + [(0, -1.0, 3)] * 4, 0.5, None, False, id="four now"),
        pytest.param([(0, 0.5, 95)] * 4 + [(0, -1.0, 3)] * 5, None, 0.5, False, id="four then"),
        # by 1.645 standard errors: with a spread of .5, five moods a side .59, a hundred .12
        pytest.param(_by_month(0.0, 0.4, spread=0.5), 0.4, None, False, id="by chance"),
        pytest.param(_by_month(0.0, 0.4, heard=100, spread=0.5), 0.4, None, True, id="too many for chance"),
    ],
)
def test_a_mood_that_sinks_suddenly_or_slowly_is_warned_of(
    moods: list[Row], before: float | None, usual: float | None, warned: bool
) -> None:
    found = _health(TEN, moods=moods)[0]
    assert found.mood_before == pytest.approx(before)
    assert found.mood_usual == pytest.approx(usual)
    assert (Warn.MOOD_FALLS in found.warnings) is warned
