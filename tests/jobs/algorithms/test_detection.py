"""Detected communities are good, connected, and the same on any run, however the ties come."""

import csv
import itertools
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.algorithms.detection import _whole, communities, modularity, undirected
from tests.shared import SHARED

N = 14
Ties = list[tuple[int, int, float]]
nodes = st.integers(0, N - 1)
ties = st.lists(
    st.tuples(nodes, nodes, st.sampled_from([0.0, 1e-300, 0.1, 1 / 3, 1.0, 0.7**9, 2.0**900])), max_size=50
)
# networkx squares the sum of all weights: of the extremes it makes 0 or infinity
ordinary = st.lists(st.tuples(nodes, nodes, st.sampled_from([0.0, 1e-9, 1 / 3, 1.0, 7.5])), max_size=50)


def _columns(given: Ties) -> tuple[list[int], list[int], list[float]]:
    return [s for s, _, _ in given], [t for _, t, _ in given], [w for _, _, w in given]


def _graph(given: Ties, n: int) -> Any:
    graph: Any = nx.Graph()
    graph.add_nodes_from(range(n))
    for s, t, w in given:
        if s != t and w > 0:
            graph.add_edge(s, t, weight=graph.get_edge_data(s, t, {"weight": 0.0})["weight"] + w)
    return graph


def _groups(labels: list[int]) -> list[set[int]]:
    """The communities, and who is in none alone."""
    alone = [{node} for node, label in enumerate(labels) if label < 0]
    named = sorted({label for label in labels if label >= 0})
    return [{node for node, of in enumerate(labels) if of == label} for label in named] + alone


def _of(graph: Any) -> tuple[Ties, int]:
    numbered = nx.convert_node_labels_to_integers(graph)
    return [(s, t, float(w)) for s, t, w in numbered.edges(data="weight", default=1.0)], len(numbered)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(ties, st.permutations(range(50)), st.lists(st.booleans(), min_size=50, max_size=50))
def test_order_and_direction_of_ties_change_no_label(
    said: Ties, order: list[int], turned: list[bool]
) -> None:
    mixed = [said[at] for at in order if at < len(said)]
    mixed = [(t, s, w) if turn else (s, t, w) for (s, t, w), turn in zip(mixed, turned, strict=False)]
    found = communities(*_columns(said), N)
    assert found.tolist() == communities(*_columns(mixed), N).tolist()
    assert found.tolist() == communities(*_columns(said), N + 3).tolist()[:N]


@settings(derandomize=True, max_examples=150, deadline=None)
@given(ties)
def test_communities_are_connected_numbered_by_size_and_never_tiny(said: Ties) -> None:
    graph, labels = _graph(said, N), communities(*_columns(said), N).tolist()
    groups = [group for group in _groups(labels) if labels[min(group)] >= 0]
    assert all(len(group) >= 3 and nx.is_connected(graph.subgraph(group)) for group in groups)
    assert [(-len(group), min(group)) for group in groups] == sorted((-len(g), min(g)) for g in groups)
    assert all(label < 0 for node, label in enumerate(labels) if not graph.degree(node))


@settings(derandomize=True, max_examples=100, deadline=None)
@given(ordinary, st.lists(st.integers(-1, 3), min_size=N, max_size=N), st.sampled_from([0.5, 1.0, 2.0]))
def test_modularity_is_that_of_networkx(said: Ties, labels: list[int], resolution: float) -> None:
    graph = _graph(said, N)
    expected = (
        nx.community.modularity(graph, _groups(labels), resolution=resolution)
        if graph.size(weight="weight")
        else 0.0
    )
    assert modularity(labels, *_columns(said), resolution=resolution) == pytest.approx(expected, abs=1e-9)


def test_parallel_ties_add_up_to_the_same_bits_in_any_order() -> None:
    sums = {
        undirected([0] * 3, [1] * 3, order, 2)[2].tobytes()
        for order in itertools.permutations([0.1, 0.2, 0.3])
    }
    assert len(sums) == 1


def test_nobody_and_nobody_tied_belong_to_none() -> None:
    assert communities([], [], [], 0).tolist() == []
    assert communities([0, 1], [0, 2], [4.0, 0.0], 3).tolist() == [-1, -1, -1]
    assert communities([0], [1], [1.0], 3).tolist() == [-1, -1, -1]
    assert modularity([], [], [], []) == modularity([-1, -1], [], [], []) == 0.0


def test_the_karate_club_falls_apart_as_is_known() -> None:
    said, n = _of(nx.karate_club_graph())
    labels = communities(*_columns(said), n).tolist()
    assert modularity(labels, *_columns(said)) >= 0.44
    assert labels[0] != labels[33]
    unweighted = [(s, t, 1.0) for s, t, _ in said]
    found = communities(*_columns(unweighted), n)
    # the optimum is 0.4198 (Brandes et al. 2008)
    assert modularity(found, *_columns(unweighted)) == pytest.approx(0.4198, abs=5e-4)


def test_a_planted_partition_is_found_whole() -> None:
    said, n = _of(nx.planted_partition_graph(5, 30, 0.4, 0.02, seed=3))
    assert communities(*_columns(said), n).tolist() == np.repeat(range(5), 30).tolist()


def test_resolution_makes_more_and_smaller_communities() -> None:
    said, n = _of(nx.ring_of_cliques(30, 5))
    coarse, usual, fine = (
        communities(*_columns(said), n, resolution=value).max() + 1 for value in (1 / 16, 1.0, 3.0)
    )
    assert coarse < usual < fine == 30


@pytest.mark.parametrize("resolution", [0.0, -1.0, 0.01, 17.0, float("nan"), float("inf")])
def test_a_resolution_out_of_bounds_is_refused(resolution: float) -> None:
    with pytest.raises(ValueError, match="resolution"):
        communities([0], [1], [1.0], 2, resolution=resolution)


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_a_weight_that_is_none_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="weight"):
        undirected([0], [1], [weight], 2)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([1e-300, 1e-9, 0.1, 1 / 3, 1.0]), min_size=1, max_size=60))
def test_whole_weights_add_up_to_the_total_and_stay_near(weights: list[float]) -> None:
    units = _whole(np.array(weights), 2**26)
    assert units.sum() == 2**26
    assert (units >= 1).all()
    assert (units == np.floor(units)).all()
    exact = np.array(weights) / sum(weights) * 2**26
    assert (np.abs(units - exact) <= 2 + len(weights) * exact / 2**26).all()


LOOPING = """
import networkx as nx
from jobs.algorithms.detection import communities

def equal_places():
    for a in range(2, 14):
        for b in range(2, 14):
            yield nx.cycle_graph(a * b)
            yield nx.path_graph(a * b)
            yield nx.complete_bipartite_graph(a, b)
            yield nx.grid_2d_graph(a, b, periodic=True)
            yield nx.star_graph(a * b)
            yield nx.circulant_graph(a * b, [1, 2, a])
            yield nx.ring_of_cliques(a, b + 1)
            yield nx.random_regular_graph(4, 2 * a * b, seed=a)

for number, graph in enumerate(equal_places()):
    edges = list(nx.convert_node_labels_to_integers(graph).edges())
    weight = [1 / 3, 0.1, 0.7**9, 1.0][number % 4]
    for resolution in (1.0, 0.5, 2.0, 1.3):
        ends = [s for s, _ in edges], [t for _, t in edges]
        communities(*ends, [weight] * len(edges), len(graph), resolution=resolution)
"""


def test_the_search_ends_where_many_places_are_equally_good() -> None:
    """In a process of its own: on the weights as they are, it turns in circles on graphs like these."""
    subprocess.run([sys.executable, "-c", LOOPING], check=True, timeout=120)


def test_another_process_finds_the_same_labels() -> None:
    code = (
        "import networkx as nx; from jobs.algorithms.detection import communities;"
        "e = list(nx.gnm_random_graph(60, 200, seed=2).edges());"
        "print(communities([s for s, _ in e], [t for _, t in e], [1 / 3] * 200, 60).tolist())"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    edges = list(nx.gnm_random_graph(60, 200, seed=2).edges())
    found = communities([s for s, _ in edges], [t for _, t in edges], [1 / 3] * 200, 60)
    assert found.max() > 0
    assert said.stdout.strip() == str(found.tolist())


def test_runs_at_the_same_time_do_not_disturb_each_other() -> None:
    said, n = _of(nx.gnm_random_graph(400, 2000, seed=5))
    alone = [communities(*_columns(said), n, seed=seed).tolist() for seed in (1, 2)]
    assert alone[0] != alone[1]
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda seed: communities(*_columns(said), n, seed=seed).tolist(), [1, 2] * 20)
        assert list(found) == alone * 20


@pytest.mark.skipif(not (SHARED / "data" / "college-messages").is_dir(), reason="needs the shared data")
def test_college_messages_are_parted_better_than_networkx_does() -> None:
    with (SHARED / "data" / "college-messages" / "mentions.csv").open() as file:
        said = [(row["author"], row["names"], 1.0) for row in csv.DictReader(file)]
    number = {name: at for at, name in enumerate(sorted({end for s, t, _ in said for end in (s, t)}))}
    told = [(number[s], number[t], w) for s, t, w in said]
    ours = modularity(communities(*_columns(told), len(number)), *_columns(told))
    graph = _graph(told, len(number))
    peers = [nx.community.louvain_communities(graph, seed=seed) for seed in range(3)]
    assert ours >= max(nx.community.modularity(graph, groups) for groups in peers) + 0.005
