"""A graph in three arrays, and the networkx backend through which networkx works on it.

``nx.pagerank(CSRGraph(...))`` runs on the arrays: no ``DiGraph`` is built. What has no implementation of ours
is converted, so every networkx function can be called; ``nx.pagerank(G, backend="muhatap")`` works as well.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import networkx as nx
import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from networkx.utils import backends

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


class CSRGraph:
    """A graph stored by target: for each node who points at it, and with what weight.

    Parameters
    ----------
    sources, targets : array of int
        The ends of each edge, as positions 0 … n − 1; parallel edges are added up.
    weights : array of float, optional
        The weight of each edge; 1 if left out.
    n : int, optional
        Number of nodes; default: as many as `nodes`, else one more than the largest end.
    nodes : sequence of hashable, optional
        What the nodes are called; default: their positions.
    attribute : str or None
        The edge attribute that the weights stand for; any other is absent, which networkx reads as 1.
    directed : bool
        If false, each edge also runs the other way.

    Examples
    --------
    >>> G = CSRGraph([0, 1, 2], [1, 2, 0], nodes="abc")
    >>> {node: round(rank, 3) for node, rank in nx.pagerank(G).items()}
    {'a': 0.333, 'b': 0.333, 'c': 0.333}
    """

    __networkx_backend__ = "muhatap"
    __networkx_cache__ = None

    def __init__(
        self,
        sources: npt.ArrayLike,
        targets: npt.ArrayLike,
        weights: npt.ArrayLike | None = None,
        n: int | None = None,
        *,
        nodes: Sequence[Hashable] | None = None,
        attribute: str | None = "weight",
        directed: bool = True,
    ) -> None:
        s, t = np.asarray(sources, dtype=np.int32), np.asarray(targets, dtype=np.int32)
        w = np.ones(len(s)) if weights is None else np.asarray(weights, dtype=np.float64)
        if n is None:
            n = len(nodes) if nodes is not None else int(max(s.max(initial=-1), t.max(initial=-1))) + 1
        if not directed:
            s, t, w = _both_ways(s, t, w)
        self.nodes: Sequence[Hashable] = range(n) if nodes is None else nodes
        self.pull = by_target(s, t, w, n)
        self.attribute = attribute
        self.directed = directed
        self.graph: dict[str, Any] = {}

    def is_directed(self) -> bool:
        """Whether edges have a direction."""
        return self.directed

    def is_multigraph(self) -> bool:
        """Never: parallel edges are added up."""
        return False

    def number_of_nodes(self) -> int:
        """How many nodes there are."""
        return len(self.nodes)

    def number_of_edges(self) -> int:
        """How many edges there are."""
        if self.directed:
            return int(self.pull.nnz)
        return int(self.pull.nnz + np.count_nonzero(self._loops())) // 2

    def __len__(self) -> int:
        return len(self.nodes)

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self.nodes)

    def __contains__(self, node: object) -> bool:
        return node in self.nodes

    def weighted(self, weight: str | None) -> sp.csr_matrix:
        """The pull matrix under an edge attribute: a weight that is not there is 1."""
        if weight == self.attribute:
            return self.pull
        ones = np.ones(self.pull.nnz)
        return sp.csr_matrix((ones, self.pull.indices, self.pull.indptr), shape=self.pull.shape)

    def to_networkx(self) -> Any:
        """The same as a frozen networkx graph: changing a copy would be lost without a word."""
        G: Any = nx.DiGraph() if self.directed else nx.Graph()
        G.graph.update(self.graph)
        G.add_nodes_from(self.nodes)
        edges = self.pull.T.tocsr().tocoo()  # by source, as networkx keeps them
        data = edges.data.tolist() if self.attribute is not None else [None] * edges.nnz
        for s, t, w in zip(edges.row.tolist(), edges.col.tolist(), data, strict=True):
            if self.directed or s <= t:
                held = {} if self.attribute is None else {self.attribute: w}
                G.add_edge(self.nodes[s], self.nodes[t], **held)
        return nx.freeze(G)

    def _loops(self) -> Floats:
        return np.asarray(self.pull.diagonal())


def by_target(sources: Ints, targets: Ints, weights: Floats, n: int) -> sp.csr_matrix:
    """The n × n matrix whose row t holds the weights of the edges into t, in the order of their sources.

    Two counting sorts, first by source, then by target: the order of the edges given leaves no trace.
    """
    by_source = sp.coo_matrix((weights, (targets, sources)), shape=(n, n)).tocsc()
    pull = by_source.tocsr()
    pull.has_sorted_indices = True
    return pull


def power_iteration(
    pull: sp.csr_matrix,
    start: Floats,
    scale: Floats,
    jump: Callable[[Floats], Floats | float],
    done: Callable[[Floats, Floats], bool],
    max_iter: int,
) -> Floats:
    """Iterate x ← pull·(x·scale) + jump(x) until `done(step, x)`, where step is what each value moved by.

    `scale` makes shares of weights: α divided by what each node gives in all. The step lives in a buffer that
    the next one overwrites: a million values a time would otherwise cost more in page faults than in sums.

    Raises
    ------
    networkx.PowerIterationFailedConvergence
        If `max_iter` steps were not enough.
    """
    x, buffer = start, np.empty_like(start)
    for _ in range(max_iter):
        last = x
        np.multiply(last, scale, out=buffer)
        x = np.asarray(pull @ buffer)
        x += jump(last)
        np.subtract(x, last, out=buffer)
        np.abs(buffer, out=buffer)
        if done(buffer, x):
            return x
    raise nx.PowerIterationFailedConvergence(max_iter)


def out_weights(pull: sp.csr_matrix) -> Floats:
    """What each node gives in all: the column sums, added in the order of the targets."""
    given = np.bincount(pull.indices, weights=pull.data, minlength=pull.shape[1])
    return given.astype(np.float64, copy=False)  # bincount of nothing counts in integers


def reciprocal(values: Floats) -> Floats:
    """1/x, and 0 where x is 0."""
    return np.divide(1.0, values, out=np.zeros_like(values), where=values != 0)


class _Backend:
    """What networkx asks: conversion both ways, and the functions which run on the arrays."""

    @staticmethod
    def convert_from_nx(
        graph: Any,
        edge_attrs: Mapping[str, float] | None = None,
        node_attrs: Mapping[str, object] | None = None,
        preserve_edge_attrs: bool = False,
        preserve_node_attrs: bool = False,
        preserve_graph_attrs: bool = False,
        name: str | None = None,
        graph_name: str | None = None,
    ) -> CSRGraph:
        """A networkx graph as arrays, with the one edge attribute the function wants."""
        wanted = dict(edge_attrs or {})
        if preserve_edge_attrs or preserve_node_attrs or node_attrs or len(wanted) > 1:
            raise NotImplementedError(f"{name} needs more than one weight an edge: use a networkx graph")
        attribute, default = next(iter(wanted.items()), (None, 1.0))
        nodes = list(graph)
        at = {node: position for position, node in enumerate(nodes)}
        s, t, w = [], [], []
        for u, v, held in (
            graph.edges(data=attribute or False, default=default)
            if attribute
            else ((u, v, 1.0) for u, v in graph.edges())
        ):
            s.append(at[u])
            t.append(at[v])
            w.append(held)
        made = CSRGraph(s, t, w, nodes=nodes, attribute=attribute, directed=graph.is_directed())
        made.graph = dict(graph.graph) if preserve_graph_attrs else {}
        return made

    @staticmethod
    def convert_to_nx(result: Any, *, name: str | None = None) -> Any:
        """A CSRGraph as a networkx graph, anything else as it is."""
        return result.to_networkx() if isinstance(result, CSRGraph) else result

    @staticmethod
    def can_run(name: str, args: Sequence[object], kwargs: Mapping[str, object]) -> bool:
        """Everything runs: on the arrays, or on a networkx graph made of them."""
        return True

    @staticmethod
    def should_run(name: str, args: Sequence[object], kwargs: Mapping[str, object]) -> bool:
        """Only what runs on the arrays is worth converting a networkx graph for."""
        return name in vars(_Backend)

    @staticmethod
    def pagerank(
        G: CSRGraph,
        alpha: float = 0.85,
        personalization: Mapping[Hashable, float] | None = None,
        max_iter: int = 100,
        tol: float = 1.0e-6,
        nstart: Mapping[Hashable, float] | None = None,
        weight: str | None = "weight",
        dangling: Mapping[Hashable, float] | None = None,
    ) -> dict[Hashable, float]:
        """PageRank as networkx defines it, iterated on the arrays."""
        if not len(G):
            return {}
        pull = G.weighted(weight)
        rank = pagerank(
            pull,
            alpha=alpha,
            personalization=_vector(personalization, G.nodes),
            max_iter=max_iter,
            tol=tol,
            nstart=_vector(nstart, G.nodes),
            dangling=_vector(dangling, G.nodes),
        )
        return dict(zip(G.nodes, rank.tolist(), strict=True))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        algorithm = getattr(backends, "_registered_algorithms", {}).get(name)
        if algorithm is None or name.startswith("_"):
            raise AttributeError(name)

        def converted(*args: Any, **kwargs: Any) -> Any:
            """Run networkx's own function on networkx graphs."""
            positional = [_to_networkx(value) for value in args]
            named = {key: _to_networkx(value) for key, value in kwargs.items()}
            return algorithm(*positional, backend="networkx", **named)

        return converted


Backend = _Backend()


def pagerank(
    pull: sp.csr_matrix,
    *,
    alpha: float = 0.85,
    personalization: Floats | None = None,
    max_iter: int = 100,
    tol: float = 1.0e-6,
    nstart: Floats | None = None,
    dangling: Floats | None = None,
) -> Floats:
    r"""Weighted PageRank [1]_ of a graph given by target, as an array that sums to 1.

    x = α·(x·P + D(x)·q) + (1 − α)·p, where P has the weights of each node divided by their sum, D(x) is the
    rank of the nodes without any, and p and q are where jumps and dangling nodes lead.

    Parameters
    ----------
    pull : csr_matrix
        Weights by target (row) and source (column).
    alpha : float
        Damping, 0 to 1.
    personalization, nstart, dangling : array, optional
        Jump vector p, first x and dangling vector q; scaled to sum to 1. Defaults: even, even, p.
    max_iter : int
        Steps at most.
    tol : float
        Stop when a step changes less than n·tol in all.

    Returns
    -------
    array
        The rank of each node.

    Raises
    ------
    ZeroDivisionError
        If the personalization is zero everywhere.
    networkx.PowerIterationFailedConvergence
        If `max_iter` steps were not enough.

    References
    ----------
    .. [1] Page, Brin, Motwani, Winograd: The PageRank citation ranking: bringing order to the web, 1999.

    Examples
    --------
    >>> pull = CSRGraph([0, 1], [1, 0], [2.0, 5.0]).pull
    >>> pagerank(pull).tolist()
    [0.5, 0.5]
    """
    n = pull.shape[0]
    even = np.full(n, 1.0 / n)
    p = even if personalization is None else _scaled(personalization)
    q = p if dangling is None else dangling / dangling.sum()
    x = even if nstart is None else nstart / nstart.sum()
    given = out_weights(pull)
    sinks = np.flatnonzero(given == 0)

    def jump(x: Floats) -> Floats | float:
        lost = alpha * float(x[sinks].sum())
        if p is q is even:
            return float((lost + 1 - alpha) / n)
        return np.asarray(lost * q + (1 - alpha) * p)

    def done(step: Floats, _: Floats) -> bool:
        return bool(step.sum() < n * tol)

    return power_iteration(pull, x, alpha * reciprocal(given), jump, done, max_iter)


def _scaled(values: Floats) -> Floats:
    total = values.sum()
    if total == 0:
        raise ZeroDivisionError
    return np.asarray(values / total)


def _vector(given: Mapping[Hashable, float] | None, nodes: Iterable[Hashable]) -> Floats | None:
    return None if given is None else np.array([given.get(node, 0) for node in nodes], dtype=np.float64)


def _both_ways(s: Ints, t: Ints, w: Floats) -> tuple[Ints, Ints, Floats]:
    others = s != t
    return np.append(s, t[others]), np.append(t, s[others]), np.append(w, w[others])


def _to_networkx(value: Any) -> Any:
    if isinstance(value, list):
        return [_to_networkx(each) for each in value]
    return Backend.convert_to_nx(value)
