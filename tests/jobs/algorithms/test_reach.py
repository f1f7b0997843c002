"""Reach is PageRank with mean 1.0, defined for every graph, and the sum of its parts."""

from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.algorithms.parts import Part
from jobs.algorithms.reach import Reach, reach

Edges = dict[tuple[int, int], float]
NODES = 12
edges = st.dictionaries(
    st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)),
    st.sampled_from([0.0, 1e-300, 0.25, 1.0, 7.5, 1e12]),
    max_size=40,
)


def _reach(given: Edges, n: int = NODES, **named: Any) -> Reach:
    return reach([s for s, _ in given], [t for _, t in given], list(given.values()), n, **named)


def _networkx(given: Edges, n: int = NODES) -> list[float]:
    graph: Any = nx.DiGraph()
    graph.add_nodes_from(range(n))
    graph.add_weighted_edges_from((s, t, w) for (s, t), w in given.items() if s != t and w > 0)
    rank = nx.pagerank(graph, tol=1e-15, max_iter=2000)
    return [rank[node] * n for node in range(n)]


@settings(max_examples=60)
@given(edges)
def test_reach_is_pagerank_times_n_and_adds_up(given: Edges) -> None:
    found = _reach(given)
    assert found.values.tolist() == pytest.approx(_networkx(given), abs=1e-9)
    assert found.values.mean() == pytest.approx(1.0, abs=1e-9)
    assert found.residual() < 1e-10
    assert found.parts(3).totals(NODES).tolist() == pytest.approx(found.values.tolist(), abs=1e-9)


@settings(max_examples=30)
@given(edges)
def test_order_of_ties_changes_no_bit(given: Edges) -> None:
    backwards = dict(reversed(given.items()))
    assert _reach(given).values.tobytes() == _reach(backwards).values.tobytes()


@settings(max_examples=30)
@given(edges, edges)
def test_a_block_is_ranked_as_if_it_were_alone(left: Edges, right: Edges) -> None:
    moved = {(s + NODES, t + NODES): w for (s, t), w in right.items()}
    blocks = np.repeat([0, 1], NODES)
    both = _reach(left | moved, 2 * NODES, blocks=blocks)
    alone = [*_reach(left).values.tolist(), *_reach(right).values.tolist()]
    assert both.values.tolist() == pytest.approx(alone, abs=1e-9)
    assert both.parts().totals(2 * NODES).tolist() == pytest.approx(alone, abs=1e-9)


def test_nobody_and_one_alone() -> None:
    assert _reach({}, 0).values.tolist() == []
    assert len(_reach({}, 0).parts().owner) == 0
    assert _reach({}, 0, blocks=np.zeros(0, dtype=np.int64)).residual() == 0
    assert _reach({}, 1).values.tolist() == pytest.approx([1.0])
    assert _reach({(0, 0): 5.0}, 1).values.tolist() == pytest.approx([1.0])


def test_no_ties_and_ties_of_no_weight_reach_everybody_alike() -> None:
    assert _reach({}, 3).values.tolist() == pytest.approx([1.0] * 3)
    assert _reach({(0, 1): 0.0, (1, 2): 0.0}, 3).values.tolist() == pytest.approx([1.0] * 3)


def test_the_ten_strongest_neighbours_are_named_and_the_others_summed() -> None:
    found = _reach({(s, 0): 1.0 for s in range(1, 15)} | {(3, 1): 1.0}, 15)
    parts = found.parts()
    mine = parts.owner == 0
    assert parts.kind[mine].tolist() == [Part.BASE, Part.UNATTACHED, *[Part.NEIGHBOUR] * 10, Part.OTHERS]
    named = parts.other[mine & (parts.kind == Part.NEIGHBOUR)].tolist()
    assert named == [1, 2, 4, 5, 6, 7, 8, 9, 10, 11]


def test_who_is_told_by_very_many_settles_within_rounding() -> None:
    n = 20_000
    found = reach(np.arange(1, n), np.zeros(n - 1), np.ones(n - 1), n)
    assert found.values[0] > 1000
    assert found.residual() < 1e-11 * found.values[0]


def test_the_margin_comes_from_the_neighbours_and_is_wide_where_few_respond() -> None:
    """Four responders with a quarter each leave half the margin of one with all of it."""
    many = reach([1, 2, 3, 4], [0] * 4, [1.0] * 4, 5)
    parts = many.parts()
    neighbours = parts.value[(parts.owner == 0) & (parts.kind == Part.NEIGHBOUR)]
    assert many.margin()[0] == pytest.approx(1.96 * np.sqrt((neighbours**2).sum()))
    assert many.margin()[1:].tolist() == [0.0] * 4
    assert many.margin()[0] == pytest.approx(1.96 * neighbours.sum() / 2)
