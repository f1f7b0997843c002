"""Collective actions are found where there is one, keep their false-alarm promise, and change with nothing else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.algorithms.collective import FALSE_ALARMS, HORIZON, LEAST, SPAN, Action, Raised, collective_actions

AS_OF = 20_000
FIRST = AS_OF - HORIZON + 1


def _raised(rows: list[tuple[int, int, int, int]]) -> Raised:
    """Rows of community, matter, member and days before the end."""
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return Raised(table[:, 0], table[:, 1], table[:, 2], AS_OF - table[:, 3])


def _steady(communities: int = 1, members: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """As many members active on each day of the horizon."""
    days = np.tile(np.repeat(np.arange(FIRST, AS_OF + 1), members), communities)
    return np.repeat(np.arange(communities), HORIZON * members), days


def _found(rows: list[tuple[int, int, int, int]], communities: int = 1) -> list[Action]:
    return collective_actions(_raised(rows), _steady(communities), AS_OF)


def test_many_members_in_a_week_are_an_action_and_few_are_none() -> None:
    action = _found([(0, 7, who, who % 3) for who in range(8)])[0]
    assert (action.community, action.matter, action.members) == (0, 7, 8)
    assert (action.since, action.until) == (AS_OF - 2, AS_OF)
    assert action.usual == 0
    assert action.chance < FALSE_ALARMS
    assert _found([(0, 7, who, 0) for who in range(LEAST - 1)]) == []


def test_one_loud_member_is_one_member() -> None:
    assert _found([(0, 7, 1, day) for day in range(SPAN) for _ in range(9)]) == []


def test_what_is_always_raised_is_no_action_nor_is_a_busy_week() -> None:
    always = [(0, 7, 100 + at, at) for at in range(HORIZON)]
    assert _found(always) == []
    communities, days = _steady()
    busy = days > AS_OF - SPAN
    times_ten = np.concatenate([days, np.repeat(days[busy], 9)])
    rows = always + [(0, 7, 1000 + at, at % SPAN) for at in range(9 * SPAN)]
    found = collective_actions(_raised(rows), (np.zeros(len(times_ten), np.int64), times_ten), AS_OF)
    assert found == []
    assert len(collective_actions(_raised(rows), (communities, days), AS_OF)) == 1


def test_what_goes_on_does_not_become_usual() -> None:
    usual = [(0, 7, 100 + at, at) for at in range(60, HORIZON, 10)]
    rows = usual + [(0, 7, 1000 + 5 * at + each, at) for at in range(56) for each in range(5)]
    action = _found(rows)[0]
    # the first window holds one of the usual ones
    assert (AS_OF - action.since, AS_OF - action.until) == (60, 0)
    assert action.members == 56 * 5 + 1
    assert action.usual == pytest.approx(len(usual) / (HORIZON - 57) * 56, rel=0.25)


def test_what_comes_later_changes_nothing() -> None:
    rows = [(0, 7, who, 100 + who % 3) for who in range(9)]
    before = _found(rows)[0]
    after = _found(rows + [(0, 7, 500 + who, who % 30) for who in range(30)])[0]
    assert (before.since, before.until, before.chance) == (after.since, after.until, after.chance)


def test_no_past_is_no_ground_to_tell() -> None:
    days = np.full(50, AS_OF)
    rows = [(0, 0, who, 0) for who in range(50)]
    assert collective_actions(_raised(rows), (np.zeros(50, np.int64), days), AS_OF) == []
    nothing = np.zeros(0, np.int64)
    assert collective_actions(_raised([]), (nothing, nothing), AS_OF) == []
    assert collective_actions(_raised(rows), (nothing, nothing), AS_OF) == []


def test_random_talk_gives_fewer_false_alarms_than_promised() -> None:
    runs, alarms = 200, 0
    for seed in range(runs):
        chance = np.random.default_rng(seed)
        # weekends are busy, communities and matters differ in size
        busy = 5 + 10 * (np.arange(HORIZON) % 7 > 4)
        days = np.repeat(np.arange(FIRST, AS_OF + 1), busy)
        activity = np.concatenate([np.zeros(len(days), int), np.ones(len(days), int)]), np.tile(days, 2)
        count = 400
        raised = Raised(
            chance.integers(0, 2, count),
            chance.geometric(0.3, count),
            chance.integers(0, 1000, count),
            chance.choice(days, count),
        )
        alarms += bool(collective_actions(raised, activity, AS_OF))
    # 200 runs at the bound of .01 give more than 6 with a probability of .005
    assert alarms <= 6


def test_a_tenfold_week_is_found_in_the_same_talk() -> None:
    found = 0
    for seed in range(20):
        chance = np.random.default_rng(seed)
        days = np.repeat(np.arange(FIRST, AS_OF + 1), 10)
        often = np.concatenate([chance.choice(days, 100), chance.integers(AS_OF - 6, AS_OF + 1, 40)])
        raised = Raised(np.zeros(140, int), np.zeros(140, int), chance.integers(0, 1000, 140), often)
        found += bool(collective_actions(raised, (np.zeros(len(days), int), days), AS_OF))
    assert found == 20


rows = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(0, 30), st.integers(-3, 200)), max_size=60
)


@settings(derandomize=True, max_examples=60)
@given(rows=rows, seed=st.integers(0, 5))
def test_the_order_of_what_is_given_does_not_matter(rows: list[tuple[int, int, int, int]], seed: int) -> None:
    def told(found: list[Action]) -> list[tuple[object, ...]]:
        return [(a.community, a.matter, a.since, a.until, a.members, a.usual, a.chance) for a in found]

    shuffled = [rows[at] for at in np.random.default_rng(seed).permutation(len(rows))]
    one, other = _found(rows, 2), _found(shuffled, 2)
    assert told(one) == told(other)
    for action in one:
        assert FIRST <= action.since <= action.until <= AS_OF
        assert action.members >= LEAST
        assert action.members >= 3 * action.usual
        assert 0 <= action.chance <= FALSE_ALARMS
