"""Decay, the acts that count, and the look inside communities."""

import numpy as np

from jobs.algorithms import decay
from jobs.algorithms.acts import counted
from jobs.algorithms.membership import Memberships


def test_forward_decay_equals_decay() -> None:
    at = decay.instants(["2012-05-01T10:00:00.000Z", "2026-01-01T00:00:00.000Z", None])
    until = np.datetime64("2026-02-01T00:00:00.000", "ms")
    kept = np.append(decay.forward(at[:2]), 0.0)
    assert np.allclose(decay.aged(kept, np.array([0, 0, 1]), until), decay.decay(at, until), rtol=1e-12)


def test_acts_of_any_year_stay_finite() -> None:
    at = decay.instants(["0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"])
    for until in at:
        assert np.isfinite(decay.forward(at)).all()
        assert np.isfinite(decay.decay(at, until)).all()


def test_latest_of_a_day_counts_and_the_larger_id_of_an_instant() -> None:
    at = decay.instants(["2026-01-01T23:59:59.999Z", "2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"])
    assert counted([0] * 3, [1] * 3, [2] * 3, at, ["a", "b", "c"]).tolist() == [0, 2]
    same = np.repeat(at[:1], 3)
    assert counted([0] * 3, [1] * 3, [2] * 3, same, ["b", "c", "a"]).tolist() == [1]


def test_other_kinds_pairs_and_undated_acts_count_for_themselves() -> None:
    at = np.repeat(decay.instants(["2026-01-01T00:00:00.000Z"]), 4)
    assert len(counted([0, 1, 0, 0], [1, 1, 2, 1], [2, 2, 1, 2], at, list("abcd"))) == 3
    undated = decay.instants([None, None, "2026-01-01T00:00:00.000Z"])
    assert counted([0] * 3, [1] * 3, [2] * 3, undated, list("abc")).tolist() == [1, 2]
    assert counted([], [], [], undated[:0], []).tolist() == []


def test_what_happens_between_members_is_found_once_a_shared_community() -> None:
    inside = Memberships.of([0, 1, 1, 2], [5, 5, 6, 6], 4)
    rows, here, there = inside.between(np.array([0, 1, 0, 3]), np.array([1, 2, 2, 0]))
    assert rows.tolist() == [0, 1]
    assert inside.communities[here].tolist() == inside.communities[there].tolist() == [5, 6]
    assert inside.customers[there].tolist() == [1, 2]


def test_without_memberships_nothing_is_inside() -> None:
    rows, here, there = Memberships.of([], [], 3).between(np.array([0, 1]), np.array([1, 2]))
    assert len(rows) == len(here) == len(there) == 0
