"""A group keeps its number through split, merger and drift; overlaps are those of the sets."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.algorithms.continuity import overlap, stable_labels

labels = st.lists(st.tuples(st.integers(-1, 5), st.integers(-1, 5)), max_size=40)


def _sets(of: list[int]) -> dict[int, set[int]]:
    return {group: {node for node, here in enumerate(of) if here == group} for group in set(of) - {-1}}


@settings(derandomize=True, max_examples=200, deadline=None)
@given(labels)
def test_matching_is_one_to_one_and_nothing_is_lost(both: list[tuple[int, int]]) -> None:
    before, now = [was for was, _ in both], [is_now for _, is_now in both]
    found = stable_labels(before, now)
    old, new, renamed = _sets(before), _sets(now), _sets(found.labels.tolist())
    assert sorted(map(sorted, renamed.values())) == sorted(map(sorted, new.values()))
    assert set(renamed) == (set(old) - set(found.ended.tolist())) | set(found.began.tolist())
    assert not set(old) & set(found.began.tolist())
    assert set(found.ended.tolist()) <= set(old)
    continued = {group: members for group, members in renamed.items() if group in old}
    assert all(len(old[g] & m) / len(old[g] | m) >= 0.3 for g, m in continued.items())
    # no pair left over would have been as good as the threshold
    for ended in found.ended.tolist():
        for began in found.began.tolist():
            assert len(old[ended] & renamed[began]) / len(old[ended] | renamed[began]) < 0.3


@settings(derandomize=True, max_examples=100, deadline=None)
@given(labels, st.permutations(range(6)))
def test_a_run_that_finds_the_same_groups_changes_no_number(
    both: list[tuple[int, int]], names: list[int]
) -> None:
    before = [was for was, _ in both]
    shuffled = [names[was] if was >= 0 else -1 for was in before]
    found = stable_labels(before, shuffled)
    assert found.labels.tolist() == before
    assert len(found.began) == len(found.ended) == 0


def test_of_a_split_the_largest_part_keeps_the_number() -> None:
    found = stable_labels([3] * 10, [0] * 4 + [1] * 6)
    assert found.labels.tolist() == [4] * 4 + [3] * 6
    assert (found.began.tolist(), found.ended.tolist()) == ([4], [])


def test_a_merged_group_keeps_the_number_of_the_larger() -> None:
    found = stable_labels([0] * 4 + [1] * 6, [0] * 10)
    assert found.labels.tolist() == [1] * 10
    assert (found.began.tolist(), found.ended.tolist()) == ([], [0])


def test_equal_halves_are_told_apart_by_number() -> None:
    assert stable_labels([5] * 6, [1, 1, 1, 0, 0, 0]).labels.tolist() == [6, 6, 6, 5, 5, 5]


def test_drift_keeps_the_number_though_in_the_end_nobody_is_left() -> None:
    of = np.full(30, -1)
    of[:10] = 7
    for step in range(1, 21):
        now = np.full(30, -1)
        now[step : step + 10] = 0
        of = stable_labels(of, now).labels
        assert set(of[now == 0].tolist()) == {7}


def test_too_little_in_common_is_a_new_group_and_numbers_are_never_given_twice() -> None:
    before, now = [0] * 8 + [-1] * 8, [-1] * 6 + [0] * 10
    found = stable_labels(before, now, fresh=40)
    assert found.labels.tolist() == [-1] * 6 + [40] * 10
    assert (found.began.tolist(), found.ended.tolist()) == ([40], [0])


def test_first_run_and_last_run() -> None:
    assert stable_labels([], []).labels.tolist() == []
    first = stable_labels([-1, -1], [0, 1])
    assert (first.labels.tolist(), first.began.tolist()) == ([0, 1], [0, 1])
    last = stable_labels([0, 1], [-1, -1])
    assert (last.labels.tolist(), last.ended.tolist()) == ([-1, -1], [0, 1])


@settings(derandomize=True, max_examples=150, deadline=None)
@given(
    st.lists(st.integers(-1, 3), max_size=12),
    st.lists(st.tuples(st.integers(0, 14), st.sampled_from([2, 5, 9])), max_size=30),
    st.sampled_from([0.0, 0.2, 0.6]),
)
def test_overlaps_are_those_of_the_sets(of: list[int], members: list[tuple[int, int]], shown: float) -> None:
    found = overlap(of, [node for node, _ in members], [group for _, group in members], shown_from=shown)
    detected = _sets(of)
    declared = {group: {node for node, here in members if here == group} for _, group in members}
    expected = []
    for a in sorted(detected):
        for b in sorted(declared):
            shared = len(detected[a] & declared[b])
            first, second = shared / len(detected[a]), shared / len(declared[b])
            if shared and max(first, second) >= shown:
                expected.append((a, b, shared, first, second, shared / len(detected[a] | declared[b])))
    rows = zip(
        found.first,
        found.second,
        found.members,
        found.share_of_first,
        found.share_of_second,
        found.jaccard,
        strict=True,
    )
    assert [tuple(row) for row in rows] == [pytest.approx(row) for row in expected]
