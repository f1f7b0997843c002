"""Finds communities in the ties between customers, and keeps them under names that last from run to run."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graph import detected
from graph.detected import Detected
from graph.driver import Graph
from graph.influence import Population, Ties
from graph.records import now
from jobs.algorithms.continuity import NONE, stable_labels
from jobs.algorithms.detection import communities, modularity

Ints = npt.NDArray[np.int64]

CENTRAL = 2  # members that a community is named after


@dataclass(frozen=True, slots=True)
class Found:
    """The community of each customer, the central members of each, what began and ended, and how clear it is."""

    labels: Ints
    central: dict[int, list[int]]
    ended: set[int]
    began: list[int]
    modularity: float


def find(population: Population, ties: Ties, before: Detected, *, past: bool) -> Found:
    """The community of each customer, numbered as in the last run at present, then as in a later one of the past.

    So a run of the `past` changes no number that a run at present gives; and it ends none of its communities.
    """
    labels = communities(ties.source, ties.target, ties.weight, len(population))
    lasting = stable_labels(_labels(population, before.present), labels, fresh=before.fresh)
    new = np.isin(lasting.labels, lasting.began)
    others = {number: who for number, who in before.members.items() if number not in before.present}
    began = stable_labels(
        _labels(population, others), np.where(new, lasting.labels, NONE), fresh=before.fresh
    )
    found = np.where(new, began.labels, lasting.labels)
    ended = (others if past else before.members).keys() - set(found.tolist())
    q = modularity(found, ties.source, ties.target, ties.weight)
    return Found(found, _central(found, ties), ended, began.began.tolist(), q)


def _labels(population: Population, members: dict[int, set[str]]) -> Ints:
    labels = np.full(len(population), NONE, dtype=np.int64)
    for number, uids in members.items():
        labels[[population.number[uid] for uid in uids if uid in population.number]] = number
    return labels


def _central(labels: Ints, ties: Ties) -> dict[int, list[int]]:
    """The members of each community with most of its ties, by weight, the first of equals first."""
    inside, weight = labels[ties.source] == labels[ties.target], ties.weight
    volume = np.bincount(ties.source[inside], weights=weight[inside], minlength=len(labels))
    volume += np.bincount(ties.target[inside], weights=weight[inside], minlength=len(labels))
    order = np.lexsort([-volume, labels])
    order = order[labels[order] != NONE]
    groups, starts = np.unique(labels[order], return_index=True)
    return {
        group: order[start : start + CENTRAL].tolist()
        for group, start in zip(groups.tolist(), starts.tolist(), strict=True)
    }


async def keep(
    graph: Graph, population: Population, before: Detected, found: Found, *, past: str | None
) -> dict[int, str]:
    """Make the graph's detected communities those found at present, or at a past instant; what each is called."""
    members: dict[int, set[str]] = {group: set() for group in found.central}
    for uid, group in zip(population.uids, found.labels.tolist(), strict=True):
        if group != NONE:
            members[group].add(uid)
    central = {group: [population.uids[at] for at in places] for group, places in found.central.items()}
    called = await detected.names(graph, [uid for uids in central.values() for uid in uids])
    titles = {group: "Around " + " and ".join(called[uid] for uid in uids) for group, uids in central.items()}
    fresh = max([before.fresh, *(group + 1 for group in members)])
    await detected.change(
        graph, before, members, titles, past=past, ended=found.ended, fresh=fresh, now=now()
    )
    return titles
