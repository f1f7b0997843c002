"""Finds communities in the ties between customers, and keeps them under names that last from run to run."""

import asyncio
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graph import detected, influence, runs
from graph.detected import Detected
from graph.driver import Graph
from graph.errors import Invalid
from graph.influence import Population, Ties
from graph.records import now
from graph.ties import rebuild_stale
from jobs.algorithms import decay
from jobs.algorithms.continuity import NONE, stable_labels
from jobs.algorithms.detection import communities, modularity
from jobs.claim import Progress, Watch, claimed

Ints = npt.NDArray[np.int64]

KIND = "COMMUNITIES"
VERSION = "1"
CENTRAL = 2  # members that a community is named after


@dataclass(frozen=True, slots=True)
class CommunitiesReport:
    """What a run found: how many communities and members, how many are new or gone, and how clear they are."""

    run: str
    communities: int
    members: int
    began: int
    ended: int
    modularity: float


@dataclass(frozen=True, slots=True)
class _Found:
    labels: Ints
    central: dict[int, list[int]]
    ended: int
    began: list[int]
    modularity: float


async def run_communities(
    graph: Graph, *, as_of: str | None = None, run_uid: str | None = None, progress: Progress | None = None
) -> CommunitiesReport | None:
    """Find the communities in the ties as they are now, aged to the latest act.

    None if the run of this uid has succeeded already, as when a job is delivered twice. An instant to count
    until is refused: what was found before would end.
    """
    if as_of is not None:
        message = "Communities are found in the ties as they are now: leave out --as-of (asOf)"
        raise Invalid(message, field="asOf")
    uid = run_uid or (await graph.write(runs.queue, kind=KIND, now=now(), version=VERSION)).uid
    async with claimed(graph, uid) as mine:
        if not mine:
            return None
        watch = Watch(graph, uid, progress)
        await rebuild_stale(graph)
        population = await influence.read_customers(graph)
        ties, latest = await influence.read_ties(graph, population), await influence.latest_act(graph)
        before = await detected.read(graph)
        await watch.say(0, len(population))
        found = await asyncio.to_thread(_find, population, ties, latest, before)
        await _keep(graph, population, before, found)
        await watch.say(len(population), len(population))
        report = CommunitiesReport(
            uid,
            len(found.central),
            int((found.labels != NONE).sum()),
            len(found.began),
            found.ended,
            found.modularity,
        )
        message = f"{report.communities} communities with {report.members} members"
        await graph.write(runs.finish, uid=uid, now=now(), message=message, version=VERSION, as_of=latest)
    return report


def _find(population: Population, ties: Ties, latest: str | None, before: Detected) -> _Found:
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
    return _Found(lasting.labels, _central(lasting.labels, ties, weight), ended, lasting.began.tolist(), q)


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


async def _keep(graph: Graph, population: Population, before: Detected, found: _Found) -> None:
    members: dict[int, set[str]] = {group: set() for group in found.central}
    for uid, group in zip(population.uids, found.labels.tolist(), strict=True):
        if group != NONE:
            members[group].add(uid)
    central = {group: [population.uids[at] for at in places] for group, places in found.central.items()}
    called = await detected.names(graph, [uid for uids in central.values() for uid in uids])
    titles = {group: "Around " + " and ".join(called[uid] for uid in uids) for group, uids in central.items()}
    fresh = max([before.fresh, *(group + 1 for group in members)])
    await detected.change(graph, before, members, titles, fresh=fresh, now=now())
