"""Finds communities in the ties, takes the health of all, and publishes it in one switch."""

import asyncio
from dataclasses import dataclass

import numpy as np

from graph import detected, happenings, health, influence, publication, runs
from graph.driver import Graph
from graph.happenings import Numbers
from graph.health import NAME
from graph.influence import Population, Ties
from graph.records import instant_or_day, now
from graph.ties import rebuild_stale
from jobs import ties
from jobs.algorithms import decay
from jobs.algorithms.characteristic import characteristic
from jobs.algorithms.collective import HORIZON
from jobs.algorithms.continuity import NONE
from jobs.algorithms.health import PATIENCE, WINDOW
from jobs.algorithms.mood import NEUTRAL_BELOW
from jobs.algorithms.wording import signature
from jobs.claim import Progress, Watch, claimed
from jobs.communities.describe import rows
from jobs.communities.detect import Found, find, keep
from jobs.communities.measure import Known, Measured, measure
from jobs.mentions import analyse_mentions

KIND = "COMMUNITIES"
VERSION = "2"


@dataclass(frozen=True, slots=True)
class CommunitiesReport:
    """What a run found as of when: how many communities and members, how many are new or gone, and how clear.

    `warnings` and `actions` are those of declared communities too.
    """

    run: str
    as_of: str | None
    communities: int
    members: int
    began: int
    ended: int
    modularity: float
    warnings: int
    actions: int


async def run_communities(
    graph: Graph,
    *,
    as_of: str | None = None,
    run_uid: str | None = None,
    progress: Progress | None = None,
    grace: float | None = None,
) -> CommunitiesReport | None:
    """Find the communities in the ties up to `as_of` (default: the latest act) and publish the health of all.

    None if the run of this uid has succeeded already, as when a job is delivered twice. `grace` is how long a
    reader may hold on to the slot that was published before, in seconds; default: the graph's time-out.

    As of an instant those are members who were then: of a detected community whom the run finds; of a declared one
    who has joined until then, or at a time nobody knows, and left later if at all. Who is ranked, the kind of a
    community and whether an idea is open are as they are now. If acts came after it, the communities that the last
    run at present found take no harm: none ends, and the next run at present finds them as if this had not been.
    """
    limit = None if as_of is None else instant_or_day(as_of)
    uid = run_uid or (await graph.write(runs.queue, kind=KIND, now=now(), as_of=limit, version=VERSION)).uid
    async with claimed(graph, uid) as mine:
        if not mine:
            return None
        watch = Watch(graph, uid, progress)
        await rebuild_stale(graph)
        await analyse_mentions(graph)
        population = await influence.read_customers(graph)
        latest = await influence.latest_act(graph)
        until, past = limit or latest, None if ties.are_whole(limit, latest) else limit
        tied = await ties.read(graph, population, limit, latest)
        before = await detected.read(graph)
        await watch.say(0, len(population))
        found = await asyncio.to_thread(find, population, tied, before, past=past is not None)
        titles = await keep(graph, population, before, found, past=past)
        known = await _read(graph, population, tied, until, limit)
        measured = await asyncio.to_thread(measure, known)
        await _publish(graph, uid, until, known, measured, found, titles, grace)
        await watch.say(len(population), len(population))
        report = _report(uid, until, found, measured)
        message = (
            f"{report.communities} communities with {report.members} members, {report.warnings} warnings"
        )
        await graph.write(runs.finish, uid=uid, now=now(), message=message, version=VERSION, as_of=until)
    return report


def _report(uid: str, as_of: str | None, found: Found, measured: Measured) -> CommunitiesReport:
    return CommunitiesReport(
        uid,
        as_of,
        len(found.central),
        int((found.labels != NONE).sum()),
        len(found.began),
        len(found.ended),
        found.modularity,
        sum(len(each.warnings) for each in measured.health),
        sum(map(len, measured.actions)),
    )


async def _read(graph: Graph, population: Population, tied: Ties, at: str | None, limit: str | None) -> Known:
    """What happened in the communities until then; memory grows with mentions, by some 100 bytes each."""
    as_of = decay.until(at)
    members = await influence.read_memberships(graph, population, at=limit)
    places = {community: number for number, community in enumerate(members.communities)}
    are_detected = await detected.uids(graph)
    numbers, until = Numbers(population.number, places), f"{as_of}Z"
    since = f"{as_of - np.timedelta64(HORIZON, 'D')}Z"
    subjects, subject_uids = await happenings.read_subjects(graph, numbers, since=since, until=until)
    words, signatures = await happenings.read_words(
        graph, numbers, signature, since=since, until=until, mood=NEUTRAL_BELOW
    )
    return Known(
        as_of,
        population,
        members,
        np.array([uid in are_detected for uid in members.communities], dtype=bool),
        tied,
        await happenings.read_said(graph, numbers, until=until),
        await happenings.read_questions(graph, numbers, since=f"{as_of - WINDOW - PATIENCE}Z", until=until),
        subjects,
        subject_uids,
        words,
        signatures,
        await happenings.read_wanted(graph, numbers, until=until, at=limit),
    )


async def _publish(
    graph: Graph,
    run: str,
    as_of: str | None,
    known: Known,
    measured: Measured,
    found: Found,
    titles: dict[int, str],
    grace: float | None,
) -> None:
    names = await happenings.subject_names(graph, known.subject_uids)
    about = {
        group: " and ".join(names[known.subject_uids[subject]] for subject in chosen)
        for group, chosen in _spoken_of(known, found).items()
    }
    called = {
        group: f"{about[group]}, {title[0].lower()}{title[1:]}" if group in about else title
        for group, title in titles.items()
    }
    await publication.settle(graph, NAME, grace=grace)
    slot = await graph.write(publication.claim, name=NAME, run=run)
    await health.write(graph, run=run, slot=slot, rows=rows(known, measured, names))
    await detected.rename(graph, called, now=now())
    await graph.write(publication.publish, name=NAME, slot=slot, run=run, as_of=as_of)


def _spoken_of(known: Known, found: Found) -> dict[int, list[int]]:
    """The subjects that most set each detected community apart."""
    group = found.labels[known.subjects.author]
    pairs = np.stack([group, known.subjects.author, known.subjects.matter])[:, group != NONE]
    people = np.unique(pairs, axis=1)
    return characteristic(people[0], people[2])
