"""What a node cuts off is what networkx finds after taking it out."""

from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.algorithms.cuts import cuts

N = 12
ties = st.lists(st.tuples(st.integers(0, N - 1), st.integers(0, N - 1)), max_size=24)


def _by_taking_out(given: list[tuple[int, int]], n: int) -> list[tuple[int, int]]:
    graph: Any = nx.Graph(given)
    graph.add_nodes_from(range(n))
    found = []
    for node in range(n):
        component = nx.node_connected_component(graph, node)
        left = graph.subgraph(component - {node})
        pieces = [len(piece) for piece in nx.connected_components(left)]
        found.append((len(component) - 1 - max(pieces, default=0), max(len(pieces) - 1, 0)))
    return found


@settings(derandomize=True, max_examples=400, deadline=None)
@given(ties)
def test_cuts_are_what_is_left_when_a_node_is_taken_out(given: list[tuple[int, int]]) -> None:
    found = cuts([s for s, _ in given], [t for _, t in given], N)
    assert list(zip(found.cut_off.tolist(), found.pieces.tolist(), strict=True)) == _by_taking_out(given, N)


@pytest.mark.parametrize("seed", range(6))
def test_cuts_of_larger_sparse_graphs(seed: int) -> None:
    given = list(nx.gnm_random_graph(90, 80 + 10 * seed, seed=seed).edges())
    found = cuts([s for s, _ in given], [t for _, t in given], 90)
    assert list(zip(found.cut_off.tolist(), found.pieces.tolist(), strict=True)) == _by_taking_out(given, 90)


def test_nobody_and_nobody_tied_cut_off_nobody() -> None:
    assert cuts([], [], 0).cut_off.tolist() == []
    assert cuts([], [], 2).cut_off.tolist() == [0, 0]
    assert cuts([0], [0], 1).pieces.tolist() == [0]


def test_a_long_chain_and_a_wide_star_take_no_deep_recursion() -> None:
    n = 30_001
    chain = cuts(np.arange(n - 1), np.arange(1, n), n)
    assert chain.cut_off.max() == chain.cut_off.argmax() == n // 2
    star = cuts(np.zeros(n - 1, dtype=np.int64), np.arange(1, n), n)
    assert star.cut_off[0] == star.pieces[0] == n - 2
    assert star.cut_off[1:].max() == 0
