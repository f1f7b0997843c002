"""The array graph gives the same numbers as networkx, through networkx's own functions."""

from typing import Any

import networkx as nx
import numpy as np
import pytest

from jobs.algorithms.csr import CSRGraph


def _arrays(*args: Any, **named: Any) -> Any:
    return CSRGraph(*args, **named)


def _graphs() -> list[Any]:
    sinks = nx.gnp_random_graph(40, 0.05, seed=3, directed=True)
    weighted = nx.gnp_random_graph(30, 0.2, seed=5, directed=True)
    for number, (_, _, held) in enumerate(weighted.edges(data=True)):
        held["weight"] = number % 7 / 2
    parallel: Any = nx.MultiDiGraph([(0, 1), (0, 1), (0, 2), (2, 0), (1, 1)])
    lonely: Any = nx.DiGraph()
    lonely.add_node("only")
    loops = nx.Graph([(1, 1), (1, 2), (2, 3)])
    return [
        nx.karate_club_graph(),
        nx.florentine_families_graph(),
        nx.les_miserables_graph(),
        sinks,
        weighted,
        parallel,
        lonely,
        loops,
        nx.disjoint_union(nx.complete_graph(3), nx.path_graph(4)),
        nx.DiGraph(),
        nx.Graph(),
        nx.scale_free_graph(50, seed=2),
    ]


def _close(left: Any, right: Any) -> None:
    assert list(left) == list(right)
    assert left == pytest.approx(right, abs=1e-12)


@pytest.mark.parametrize("graph", _graphs(), ids=str)
@pytest.mark.parametrize("weight", ["weight", None, "absent"])
def test_pagerank_of_a_networkx_graph_equals_networkx(graph: Any, weight: str | None) -> None:
    ours = nx.pagerank(graph.copy(), weight=weight, tol=1e-10, max_iter=500, backend="muhatap")
    _close(ours, nx.pagerank(graph, weight=weight, tol=1e-10, max_iter=500))


@pytest.mark.parametrize("weight", ["weight", None])
def test_pagerank_of_arrays_equals_networkx(weight: str | None) -> None:
    rng = np.random.default_rng(1)
    s, t, w = rng.integers(0, 50, 200), rng.integers(0, 40, 200), rng.random(200)
    s, t = np.unique(np.stack([s, t]), axis=1)
    w = w[: len(s)]
    theirs: Any = nx.DiGraph()
    theirs.add_nodes_from(range(50))
    theirs.add_weighted_edges_from(zip(s.tolist(), t.tolist(), w.tolist(), strict=True))
    _close(nx.pagerank(_arrays(s, t, w, 50), weight=weight), nx.pagerank(theirs, weight=weight))


def test_jumps_starts_and_dangling_nodes_follow_networkx() -> None:
    graph = nx.gnp_random_graph(40, 0.05, seed=3, directed=True)
    given: Any = {
        "personalization": {0: 1, 5: 3},
        "nstart": dict.fromkeys(graph, 2),
        "dangling": {7: 1},
        "alpha": 0.6,
    }
    _close(nx.pagerank(graph.copy(), backend="muhatap", **given), nx.pagerank(graph, **given))


def test_personalization_of_zeros_is_refused_as_by_networkx() -> None:
    with pytest.raises(ZeroDivisionError):
        nx.pagerank(_arrays([0], [1]), personalization={0: 0})


def test_too_few_iterations_are_an_error() -> None:
    with pytest.raises(nx.PowerIterationFailedConvergence):
        nx.pagerank(_arrays([0, 1], [1, 2]), max_iter=1, tol=1e-12)


def test_other_algorithms_run_on_a_converted_graph() -> None:
    graph = _arrays([0, 1, 2, 3], [1, 2, 0, 0], nodes="abcd")
    assert nx.number_strongly_connected_components(graph) == 2
    assert nx.shortest_path(graph, "d", "c") == ["d", "a", "b", "c"]
    undirected = _arrays([0, 1, 2], [1, 2, 0], directed=False)
    assert nx.triangles(undirected) == {0: 1, 1: 1, 2: 1}
    assert nx.utils.graphs_equal(nx.compose(undirected, undirected), nx.cycle_graph(3)) is False
    assert sorted(map(sorted, nx.community.louvain_communities(undirected, seed=1))) == [[0, 1, 2]]


def test_a_converted_graph_cannot_be_changed() -> None:
    with pytest.raises(nx.NetworkXError, match="Frozen"):
        _arrays([0], [1]).to_networkx().add_node(2)


def test_conversion_there_and_back_keeps_nodes_edges_and_weights() -> None:
    graph = nx.les_miserables_graph()
    edges = [(u, v, d["weight"]) for u, v, d in graph.edges(data=True)]
    at = {node: position for position, node in enumerate(graph)}
    ours = _arrays(
        [at[u] for u, _, _ in edges],
        [at[v] for _, v, _ in edges],
        [w for _, _, w in edges],
        nodes=list(graph),
        directed=False,
    )
    assert ours.number_of_edges() == graph.number_of_edges()
    assert ours.number_of_nodes() == len(ours) == len(graph)
    assert "Valjean" in ours
    assert nx.utils.graphs_equal(ours.to_networkx(), graph)


def test_order_of_the_edges_given_leaves_no_trace() -> None:
    rng = np.random.default_rng(2)
    s, t, w = rng.integers(0, 90, 500), rng.integers(0, 90, 500), rng.random(500)
    s, t = np.unique(np.stack([s, t]), axis=1)
    w, order = w[: len(s)], rng.permutation(len(s))
    assert nx.pagerank(_arrays(s, t, w, 90)) == nx.pagerank(_arrays(s[order], t[order], w[order], 90))
