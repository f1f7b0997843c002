"""Trust cannot be made: closed groups have none, and every value is the formula's whatever the order."""

from itertools import permutations

import networkx as nx
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.algorithms.decay import DAY
from jobs.algorithms.trust import Trust, overlap, tenure, trust, vouched

Pairs = list[tuple[int, int]]
NODES = 9
pairs = st.lists(st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)), max_size=40, unique=True)
CIRCLE: Pairs = [(0, 1), (1, 2), (2, 3), (3, 0)]


def _trust(ties: Pairs, n: int = NODES, seeds: npt.NDArray[np.float64] | None = None) -> Trust:
    return trust([s for s, _ in ties], [t for _, t in ties], [1] * len(ties), n, seeds=seeds)


def test_a_circle_by_hand() -> None:
    # no triangles: g = 1, w = 1/2, so a share of .85 · .5 / 20.5; everybody is a seed of 1
    passed = 0.15 / (1 - 0.85 * 0.5 / 20.5)
    found = _trust(CIRCLE, 4)
    assert found.passed.tolist() == pytest.approx([passed] * 4)
    assert found.values.tolist() == pytest.approx([passed * 1.0001] * 4)


def test_k_equal_responses_count_as_the_twelfth_root_of_k() -> None:
    ties = [*((i, (i + 1) % 16) for i in range(16)), *((even, 16) for even in range(0, 16, 2))]
    found = _trust(ties, 17)
    expected = found.passed[0] * 8 ** (1 / 12) + 1e-4 * found.passed[16]
    assert found.values[16] == pytest.approx(expected)


@settings(derandomize=True, max_examples=80, deadline=None)
@given(pairs)
def test_every_graph_has_finite_trust_of_mean_at_most_one(ties: Pairs) -> None:
    found = _trust(ties)
    assert np.isfinite(found.values).all()
    assert (found.values >= 0).all()
    assert found.passed.mean() <= 1 + 1e-9


@settings(derandomize=True, max_examples=40, deadline=None)
@given(pairs, st.permutations(range(NODES)))
def test_names_and_order_leave_no_trace(ties: Pairs, name: list[int]) -> None:
    renamed = [(name[s], name[t]) for s, t in reversed(ties)]
    assert _trust(renamed).values[name].tolist() == pytest.approx(_trust(ties).values.tolist(), abs=1e-12)


@pytest.mark.parametrize("n", [0, 1, 5])
def test_nobody_answers_anybody(n: int) -> None:
    assert _trust([], n).values.tolist() == [0.0] * n
    assert _trust([(i, i) for i in range(n)], n).values.tolist() == [0.0] * n
    assert tenure([], np.zeros(0, "M8[ms]"), np.datetime64("2026-01-01", "ms"), n).tolist() == [1.0] * n
    assert vouched([], [], [], [], [], n).tolist() == [0.0] * n


@settings(derandomize=True, max_examples=40, deadline=None)
@given(pairs, st.integers(2, 6))
def test_a_ring_that_nobody_outside_answers_has_nothing(ties: Pairs, size: int) -> None:
    community = sorted({*((i, (i + 1) % NODES) for i in range(NODES)), *ties})
    ring = [(NODES + s, NODES + t) for s, t in permutations(range(size), 2)]
    alone, pushing = (_trust([*community, *ring, *more], NODES + size) for more in ([], [(NODES, 0)]))
    assert alone.values[NODES:].tolist() == pushing.values[NODES:].tolist() == [0.0] * size
    # the same as without the ring, but for a mean over more accounts
    share = alone.values[:NODES] * NODES / (NODES + size)
    assert share.tolist() == pytest.approx(_trust(community).values.tolist(), abs=1e-12)


def test_a_ring_answered_by_one_it_pushes_is_trusted_less_than_nearly_all() -> None:
    rng = np.random.default_rng(5)
    community = sorted({(s, t) for s, t in rng.integers(0, 60, (400, 2)).tolist() if s != t})
    ring = [(60 + s, 60 + t) for s, t in permutations(range(20), 2)]
    ring += [(60 + s, 0) for s in range(20)] + [(0, 60 + s) for s in range(20)]
    values = _trust(community + ring, 80).values
    assert values[60:].max() < np.quantile(values[:60], 0.05)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(pairs)
def test_overlap_counts_common_neighbours(ties: Pairs) -> None:
    ties = [(s, t) for s, t in ties if s != t]
    graph: nx.Graph[int] = nx.Graph(ties)
    found = overlap([s for s, _ in ties], [t for _, t in ties], NODES)
    for (s, t), value in zip(ties, found.tolist(), strict=True):
        near, far = set(graph[s]) - {t}, set(graph[t]) - {s}
        assert value == pytest.approx(len(near & far) / (len(near | far) + 3))


def test_triangles_are_counted_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    s, t = np.triu_indices(12, 1)
    whole = overlap(s, t, 12)
    monkeypatch.setattr("jobs.algorithms.trust.CHUNK", 5)
    assert overlap(s, t, 12).tolist() == whole.tolist() == [10 / 13] * len(s)


def test_tenure_of_undated_acts_is_the_longest() -> None:
    now = np.datetime64("2026-01-31", "ms")
    at = np.array([now - 20 * DAY, np.datetime64("NaT", "ms"), now - 10 * DAY, now])
    assert tenure([0, 1, 2, 3], at, now, 5).tolist() == pytest.approx([20 / 35, 20 / 35, 0.4, 0, 0])


def test_whom_nobody_trusts_has_no_say() -> None:
    assert vouched([0] * 50, [1] * 50, [1] * 50, [1] * 50, [0] * 50, 1).tolist() == [0.0]
    assert vouched([0, 0], [-1, 1], [1, 1], [1, 1], [1, 1], 1).tolist() == pytest.approx([-2 / 5])
    assert vouched([0, 0], [-1, 1], [1, 1], [1, 1], [1e-200, 1e-100], 1)[0] == pytest.approx(1e-100)
