"""Reach pushed on from former values is the reach of the ties as they are now, wherever it began."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.algorithms.reach import Reach, reach
from jobs.algorithms.refresh import refreshed

NODES = 12
Edges = dict[tuple[int, int], float]
edges = st.dictionaries(
    st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)),
    st.sampled_from([0.0, 0.25, 1.0, 7.5, 1e6]),
    max_size=40,
)


def _arrays(ties: Edges) -> tuple[list[int], list[int], list[float]]:
    return [s for s, _ in ties], [t for _, t in ties], list(ties.values())


def _same(found: Reach, wanted: Reach) -> None:
    assert found.values == pytest.approx(wanted.values, abs=1e-8)
    assert found.unattached == pytest.approx(wanted.unattached, abs=1e-8)
    assert found.residual() < 1e-9
    assert found.parts().totals(len(wanted.values)) == pytest.approx(found.values, abs=1e-9)


@given(before=edges, after=edges)
@settings(max_examples=200)
def test_any_change_of_ties_ends_where_a_full_run_does(before: Edges, after: Edges) -> None:
    former = reach(*_arrays(before), NODES).values
    _same(refreshed(former, *_arrays(after)), reach(*_arrays(after), NODES))


@given(ties=edges, blocks=st.lists(st.integers(0, 3), min_size=NODES, max_size=NODES))
@settings(max_examples=100)
def test_each_block_has_its_own_mean(ties: Edges, blocks: list[int]) -> None:
    inside = {(s, t): w for (s, t), w in ties.items() if blocks[s] == blocks[t]}
    where = np.array(blocks)
    found = refreshed(np.ones(NODES), *_arrays(inside), blocks=where)
    _same(found, reach(*_arrays(inside), NODES, blocks=where))


def test_who_joins_begins_anywhere_and_who_lost_all_ties_gives_to_everybody() -> None:
    former = reach([0, 1, 2], [1, 2, 0], [1.0, 2.0, 3.0], 3).values
    ties = [1, 2, 3], [2, 0, 0], [2.0, 3.0, 1.0]
    _same(refreshed([*former, 5.0], *ties), reach(*ties, 4))


def test_nobody_and_nobody_tied_are_defined() -> None:
    assert len(refreshed([], [], [], []).values) == 0
    assert refreshed([1.0, 4.0], [], [], []).values.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("changed", [1, 40, 4000])
def test_a_larger_graph_agrees_whether_little_is_pushed_or_all(changed: int) -> None:
    chance = np.random.default_rng(changed)
    n, m = 2000, 16_000
    pairs = np.unique(chance.integers(0, n, m) * n + chance.integers(0, n, m))
    s, t, w = pairs // n, pairs % n, chance.gamma(2.0, size=len(pairs))
    former = reach(s, t, w, n).values
    w[chance.choice(len(w), changed, replace=False)] *= 3
    _same(refreshed(former, s, t, w), reach(s, t, w, n))
