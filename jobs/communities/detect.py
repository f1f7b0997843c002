"""Finds communities in the ties between customers, and keeps them under names that last from run to run."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graph import detected
from graph.detected import Detected
from graph.driver import Graph
from graph.influence import Population, Ties
from graph.records import now
from jobs.algorithms import decay
from jobs.algorithms.continuity import NONE, stable_labels
from jobs.algorithms.detection import communities, modularity

Ints = npt.NDArray[np.int64]

CENTRAL = 2  # members that a community is named after


@dataclass(frozen=True, slots=True)
class Found:
    """The community of each customer, the central members of each, what began and ended, and how clear it is."""

    labels: Ints
    central: dict[int, list[int]]
    ended: int
    began: list[int]
    modularity: float


def find(population: Population, ties: Ties, latest: str | None, before: Detected) -> Found:
    """The community of each customer, numbered as in the run before."""
    n = len(population)
    until = decay.LANDMARK if latest is None else np.datetime64(latest[:23], "ms")
    weight = decay.aged(ties.weight, ties.undated, until)
    kept = np.full(n, NONE, dtype=np.int64)
    for number, members in before.members.items():
        kept[[population.number[uid] for uid in members if uid in population.number]] = number
    labels = communities(ties.source, ties.target, weight, n)
    lasting = stable_labels(kept, labels, fresh=before.fresh)
    ended = len(before.members.keys() - set(lasting.labels.tolist()))
    q = modularity(lasting.labels, ties.source, ties.target, weight)
    return Found(lasting.labels, _central(lasting.labels, ties, weight), ended, lasting.began.tolist(), q)


def _central(labels: Ints, ties: Ties, weight: npt.NDArray[np.float64]) -> dict[int, list[int]]:
    """The members of each community with most of its ties, by weight, the first of equals first."""
    inside = labels[ties.source] == labels[ties.target]
    volume = np.bincount(ties.source[inside], weights=weight[inside], minlength=len(labels))
    volume += np.bincount(ties.target[inside], weights=weight[inside], minlength=len(labels))
    order = np.lexsort([-volume, labels])
    order = order[labels[order] != NONE]
    groups, starts = np.unique(labels[order], return_index=True)
    return {
        group: order[start : start + CENTRAL].tolist()
        for group, start in zip(groups.tolist(), starts.tolist(), strict=True)
    }


async def keep(graph: Graph, population: Population, before: Detected, found: Found) -> dict[int, str]:
    """Make the graph's detected communities those that were found; what each is called after its members."""
    members: dict[int, set[str]] = {group: set() for group in found.central}
    for uid, group in zip(population.uids, found.labels.tolist(), strict=True):
        if group != NONE:
            members[group].add(uid)
    central = {group: [population.uids[at] for at in places] for group, places in found.central.items()}
    called = await detected.names(graph, [uid for uids in central.values() for uid in uids])
    titles = {group: "Around " + " and ".join(called[uid] for uid in uids) for group, uids in central.items()}
    fresh = max([before.fresh, *(group + 1 for group in members)])
    await detected.change(graph, before, members, titles, fresh=fresh, now=now())
    return titles
