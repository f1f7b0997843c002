"""Counts are exact, and each measure says what it claims to say."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.algorithms.consensus import (
    Members,
    Tally,
    Votes,
    count_shares,
    smoothed_approval,
    tally,
    wilson_lower_bound,
)

Cast = tuple[int, int, int]


def votes_of(cast: list[Cast], *, voters: int, ideas: int, days: list[float] | None = None) -> Votes:
    table = np.array(cast, dtype=np.int64).reshape(-1, 3)
    day = np.zeros(len(cast)) if days is None else np.array(days)
    return Votes(table[:, 0], table[:, 1], table[:, 2].astype(np.int8), day, voters, ideas)


def members_of(pairs: list[tuple[int, int]], communities: int) -> Members:
    table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return Members(table[:, 0], table[:, 1], communities)


def groups(*sizes: tuple[int, int, int], idea: int = 0) -> tuple[list[Cast], list[tuple[int, int]]]:
    """One community after the other, each with so many for, against and passing."""
    cast: list[Cast] = []
    pairs = []
    for community, (up, down, passed) in enumerate(sizes):
        for value in [1] * up + [-1] * down + [0] * passed:
            pairs.append((len(cast), community))
            cast.append((len(cast), idea, value))
    return cast, pairs


def tally_groups(*sizes: tuple[int, int, int]) -> Tally:
    cast, pairs = groups(*sizes)
    return tally(votes_of(cast, voters=len(cast), ideas=1), members_of(pairs, len(sizes)))


@st.composite
def elections(draw: st.DrawFn) -> tuple[list[Cast], list[tuple[int, int]], int, int, int]:
    voters, ideas, communities = draw(st.integers(1, 30)), draw(st.integers(1, 5)), draw(st.integers(1, 4))
    pairs = st.tuples(st.integers(0, voters - 1), st.integers(0, ideas - 1))
    said = draw(st.dictionaries(pairs, st.sampled_from([-1, 0, 1]), max_size=100))
    joined = st.tuples(st.integers(0, voters - 1), st.integers(0, communities - 1))
    belongs = sorted(draw(st.sets(joined, max_size=60)))
    return [(*pair, value) for pair, value in said.items()], belongs, voters, ideas, communities


def test_support_is_the_wilson_interval_of_the_textbook() -> None:
    # Brown, Cai and DasGupta (2001): 10 of 20 gives .299 to .701
    assert wilson_lower_bound(10, 20) == pytest.approx(0.2993, abs=5e-5)
    assert 1 - wilson_lower_bound(10, 20) == pytest.approx(0.7007, abs=5e-5)


def test_support_of_no_votes_and_of_none_in_favour_is_zero() -> None:
    assert wilson_lower_bound([0, 0, 0], [0, 1, 1000]).tolist() == [0, 0, 0]


@given(st.integers(0, 1000), st.integers(1, 1000))
def test_support_stays_below_the_share_and_grows_with_evidence(up: int, more: int) -> None:
    n = up + more
    low, tenfold = wilson_lower_bound([up, 10 * up], [n, 10 * n])
    assert 0 <= low <= up / n
    assert tenfold >= low - 1e-12


def test_consensus_by_hand() -> None:
    found = tally_groups((18, 1, 1), (3, 5, 2))
    first, second = 19 / 22, 4 / 12
    assert found.shares.approval.tolist() == pytest.approx([first, second], abs=1e-15)
    assert found.consensus[0] == pytest.approx(math.sqrt(first * second), abs=1e-15)
    assert found.divisive[0] == pytest.approx(first - second, abs=1e-15)
    assert (found.up[0], found.down[0], found.passed[0]) == (21, 6, 3)


def test_consensus_does_not_shrink_as_like_minded_groups_are_added() -> None:
    assert tally_groups(*[(8, 1, 1)] * 9).consensus == pytest.approx(tally_groups((8, 1, 1)).consensus)


def test_a_community_counts_from_five_votes() -> None:
    four, five = tally_groups((4, 0, 0)), tally_groups((4, 0, 1))
    assert four.shares.counted.tolist() == [False]
    assert math.isnan(four.consensus[0])
    assert five.shares.counted.tolist() == [True]
    assert five.consensus[0] == pytest.approx(5 / 7)


def test_voters_in_no_community_form_a_remainder_once_one_counts() -> None:
    cast, pairs = groups((5, 0, 0), (0, 6, 0))
    found = tally(votes_of(cast, voters=11, ideas=1), members_of(pairs[:5], 1))
    assert found.shares.community.tolist() == [0, 1]
    assert found.shares.counted.tolist() == [True, True]
    assert found.consensus[0] == pytest.approx(math.sqrt(6 / 7 * 1 / 8))


def test_a_small_remainder_is_shown_but_does_not_count() -> None:
    cast, pairs = groups((5, 0, 0), (0, 4, 0))
    found = tally(votes_of(cast, voters=9, ideas=1), members_of(pairs[:5], 1))
    assert found.shares.counted.tolist() == [True, False]
    assert found.consensus[0] == pytest.approx(6 / 7)


def test_no_remainder_without_a_community_that_counts() -> None:
    cast, pairs = groups((4, 0, 0), (0, 6, 0))
    found = tally(votes_of(cast, voters=10, ideas=1), members_of(pairs[:4], 1))
    assert found.shares.community.tolist() == [0]
    assert math.isnan(found.consensus[0])


def test_a_voter_in_two_communities_counts_once_in_each_and_once_in_all() -> None:
    found = tally(votes_of([(0, 0, 1)], voters=1, ideas=1), members_of([(0, 0), (0, 1)], 2))
    assert found.shares.up.tolist() == [1, 1]
    assert found.up.tolist() == [1]


def test_divisive_is_the_split_where_fewer_than_two_communities_count() -> None:
    assert tally_groups((6, 2, 5)).divisive[0] == pytest.approx(1 - 4 / 8)
    assert math.isnan(tally_groups((0, 0, 9)).divisive[0])


def test_rising_halves_a_vote_a_week_and_leaves_undated_ones_out() -> None:
    cast = [(0, 0, 1), (1, 0, 1), (2, 0, -1), (3, 0, 1), (4, 0, 0)]
    votes = votes_of(cast, voters=5, ideas=1, days=[100, 93, 86, math.nan, 100])
    found = tally(votes, members_of([], 0))
    assert found.rising[0] == pytest.approx(1 + 0.5 - 0.25, abs=1e-12)
    assert found.up[0] == 3


def test_rising_of_an_earlier_instant_is_larger_by_the_same_factor() -> None:
    votes = votes_of([(0, 0, 1)], voters=1, ideas=1, days=[100])
    late, soon = (tally(votes, members_of([], 0), day).rising[0] for day in (107.0, 100.0))
    assert (late, soon) == (0.5, 1.0)


def test_no_votes_at_all() -> None:
    found = tally(votes_of([], voters=0, ideas=2), members_of([], 0))
    assert found.up.tolist() == [0, 0]
    assert found.support.tolist() == found.rising.tolist() == [0, 0]
    assert np.isnan(found.consensus).all()
    assert np.isnan(found.divisive).all()


@given(elections())
def test_counts_are_those_of_counting_by_hand(
    election: tuple[list[Cast], list[tuple[int, int]], int, int, int],
) -> None:
    cast, belongs, voters, ideas, communities = election
    found = tally(votes_of(cast, voters=voters, ideas=ideas), members_of(belongs, communities))
    of_voter = {voter: [c for v, c in belongs if v == voter] or [communities] for voter in range(voters)}
    expected = Counter((i, c, value) for v, i, value in cast for c in of_voter[v])
    shares = found.shares
    for idea, c, *counts in zip(
        shares.idea, shares.community, shares.up, shares.down, shares.passed, strict=True
    ):
        assert counts == [expected[idea, c, 1], expected[idea, c, -1], expected[idea, c, 0]]
    shown = set(zip(shares.idea.tolist(), shares.community.tolist(), strict=True))
    assert {(i, c) for i, c, _ in expected if c < communities} == {
        (i, c) for i, c in shown if c < communities
    }
    for value, column in ((1, found.up), (-1, found.down), (0, found.passed)):
        assert column.tolist() == [sum(i == n and v == value for _, i, v in cast) for n in range(ideas)]


@given(elections(), st.randoms(use_true_random=False))
def test_the_order_of_votes_changes_nothing(
    election: tuple[list[Cast], list[tuple[int, int]], int, int, int], random: "np.random.Generator"
) -> None:
    cast, belongs, voters, ideas, communities = election
    shuffled = sorted(cast, key=lambda _: random.random())
    members = members_of(belongs, communities)
    before, after = (tally(votes_of(c, voters=voters, ideas=ideas), members) for c in (cast, shuffled))
    for name in ("up", "down", "passed", "support", "consensus", "divisive"):
        np.testing.assert_array_equal(getattr(before, name), getattr(after, name))


@given(st.lists(st.tuples(*[st.integers(0, 8)] * 3), min_size=1, max_size=5))
@settings(max_examples=200)
def test_one_more_vote_in_favour_from_the_least_agreeing_community_never_lowers_consensus(
    sizes: list[tuple[int, int, int]],
) -> None:
    counted = [number for number, size in enumerate(sizes) if sum(size) >= 5]
    if not counted:
        return
    least = min(counted, key=lambda number: float(smoothed_approval(sizes[number][0], sum(sizes[number]))))
    more = [(up + (number == least), down, passed) for number, (up, down, passed) in enumerate(sizes)]
    assert tally_groups(*more).consensus[0] >= tally_groups(*sizes).consensus[0]


def test_shares_of_many_communities_take_no_dense_table() -> None:
    number = 20_000
    everyone = np.arange(number)
    votes = Votes(everyone, everyone, np.ones(number, np.int8), np.zeros(number), number, number)
    found = count_shares(votes, Members(everyone, everyone, number))
    assert len(found.idea) == number
