"""The best paths are those that networkx finds by −ln strength, and those that trying every path finds."""

import math
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.algorithms.paths import Near, Search, Trail, strength

STEPS = 4


def search(graph: Any, begins: set[int], count: int, steps: int = STEPS, width: int = 100) -> list[Trail]:
    """The best paths to node 0 in an undirected graph whose edges have a strength."""
    found = Search("0", count, width)
    for _ in range(steps):
        found.grow(
            {
                person: [
                    Near(str(v), graph[int(person)][v]["strength"], v in begins) for v in graph[int(person)]
                ]
                for person in found.frontier
            }
        )
    return found.found()


def every_path(graph: Any, begins: set[int], steps: int) -> dict[int, float]:
    """The strongest of all simple paths from 0 to each who begins, passing nobody else who does."""
    best: dict[int, float] = {}
    for end in begins:
        inner = graph.subgraph(set(graph) - (begins - {end}))
        for path in nx.all_simple_paths(inner, 0, end, cutoff=steps):
            product = math.prod(inner[u][v]["strength"] for u, v in nx.utils.pairwise(path))
            best[end] = max(best.get(end, 0.0), product)
    return best


@st.composite
def webs(draw: Any) -> tuple[Any, set[int]]:
    """A small graph, and who may begin in it."""
    n = draw(st.integers(2, 9))
    pairs = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda pair: pair[0] != pair[1])
    graph: Any = nx.Graph()
    graph.add_nodes_from(range(n))
    for u, v in draw(st.lists(pairs, max_size=20)):
        graph.add_edge(u, v, strength=draw(st.sampled_from([0.1, 0.25, 0.5, 0.5, 0.8, 0.9, 1.0])))
    return graph, draw(st.sets(st.integers(1, n - 1)))


@settings(max_examples=400)
@given(webs(), st.integers(1, 4), st.integers(1, 5))
def test_paths_are_the_strongest_of_all(web: tuple[Any, set[int]], count: int, steps: int) -> None:
    graph, begins = web
    expected = every_path(graph, begins, steps)
    found = search(graph, begins, count, steps)
    assert [trail.strength for trail in found] == pytest.approx(
        sorted(expected.values(), reverse=True)[:count]
    )
    assert len({trail.people[-1] for trail in found}) == len(found)
    for trail in found:
        people = [int(person) for person in trail.people]
        assert people[0] == 0
        assert len(set(people)) == len(people) <= steps + 1
        assert not begins & set(people[1:-1])
        assert trail.strength == pytest.approx(
            math.prod(graph[u][v]["strength"] for u, v in nx.utils.pairwise(people))
        )


@settings(max_examples=200)
@given(webs())
def test_without_a_limit_the_best_path_is_the_shortest_by_cost(web: tuple[Any, set[int]]) -> None:
    graph, begins = web
    for _, _, edge in graph.edges(data=True):
        edge["cost"] = -math.log(edge["strength"])
    lengths = nx.single_source_dijkstra_path_length(graph, 0, weight="cost")
    found = search(graph, begins, 1, steps=len(graph))
    expected = min((lengths[end] for end in begins if end in lengths), default=None)
    if expected is None:
        assert found == []
    else:
        assert found[0].cost == pytest.approx(expected, abs=1e-12)


def test_of_equal_paths_the_shorter_then_the_first_by_name_wins() -> None:
    graph: Any = nx.Graph()
    graph.add_weighted_edges_from(
        [(0, 1, 0.5), (0, 2, 0.5), (1, 3, 0.5), (2, 3, 0.5), (0, 4, 0.25)], weight="strength"
    )
    assert search(graph, {3}, 1) == [Trail(0.25, ("0", "1", "3"))]
    assert search(graph, {3, 4}, 2) == [Trail(0.25, ("0", "4")), Trail(0.25, ("0", "1", "3"))]


def test_what_cannot_win_any_more_is_not_looked_beyond() -> None:
    found = Search("t", 1)
    found.grow({"t": [Near("a", 0.5, True), Near("b", 0.5, False), Near("c", 0.9, False)]})
    assert found.frontier == ["c"]


def test_a_narrow_search_keeps_the_strongest() -> None:
    found = Search("t", 1, width=2)
    found.grow({"t": [Near(f"p{n}", n / 10, False) for n in range(10)]})
    assert found.frontier == ["p9", "p8"]


def test_mutual_ties_count_more_than_their_sum() -> None:
    assert strength(1.0, 1.0) > strength(2.0, 0.0) > strength(1.0, 0.0)
    assert strength(3.0, 0.5) == strength(0.5, 3.0)
    assert 0.0 == strength(0.0, 0.0) < strength(1e9, 1e9) < 1.0
