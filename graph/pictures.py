"""What pictures show: a community by its published scores and who responded to whom, a customer by past runs."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from graph import publication
from graph.driver import Graph
from graph.errors import NotFound
from graph.ties import ACTS, CHUNK, Act, decayed, tie


@dataclass(frozen=True, slots=True)
class Member:
    """A ranked member: the band is that of the customer, the scores are those inside the community."""

    external_id: str
    name: str
    band: str | None
    reach: float
    advocacy: float
    harm: float


@dataclass(frozen=True, slots=True)
class Bond:
    """That one member responded to another, both by their place among the members.

    `weight` is what the counted acts are worth at the as-of of the scores; `mood` the mean of what was said,
    −1 to 1, and 0 where nothing was.
    """

    source: int
    target: int
    weight: float
    mood: float


@dataclass(frozen=True, slots=True)
class Portrait:
    """A community as the published run saw it; members by reach, most first, and those who have no rank."""

    external_id: str
    name: str
    as_of: str | None
    members: tuple[Member, ...]
    unranked: int
    bonds: tuple[Bond, ...]


COMMUNITY = """
MATCH (g:Community {externalId: $key})
RETURN g.uid AS uid, coalesce(g.name, g.externalId) AS name
"""

MEMBERS = """
MATCH (c:Customer)-[m:MEMBER_OF]->(:Community {uid: $community})
RETURN c.uid AS uid, c.externalId AS id, coalesce(c.name, c.externalId) AS name,
  CASE $slot WHEN 'A' THEN [c.bandA, m.reachA, m.advocacyA, m.harmA]
    ELSE [c.bandB, m.reachB, m.advocacyB, m.harmB] END AS scores
"""


async def portrait(graph: Graph, external_id: str) -> Portrait:
    """The community imported under this external id, by the scores that are published now."""
    community = await graph.read_one(COMMUNITY, key=external_id)
    if community is None:
        raise NotFound(
            f"There is no community {external_id}: give the id of communities.csv, or import it first.",
            field="community",
        )
    published = await _published(graph)
    uids, members, unranked = await _members(graph, community["uid"], published.slot)
    bonds = await _bonds(graph, uids, published.as_of)
    return Portrait(external_id, community["name"], published.as_of, members, unranked, bonds)


async def _members(graph: Graph, community: str, slot: str) -> tuple[list[str], tuple[Member, ...], int]:
    """The uids and records of the ranked members, and how many others there are: staff, bots, newcomers."""
    found, unranked = list[tuple[Member, str]](), 0
    async for uid, key, name, (band, reach, advocacy, harm) in graph.stream(
        MEMBERS, community=community, slot=slot
    ):
        if reach is None:
            unranked += 1
        else:
            found.append((Member(key, name, band, reach, advocacy or 0.0, harm or 0.0), uid))
    found.sort(key=lambda pair: (-pair[0].reach, pair[0].external_id))
    return [uid for _, uid in found], tuple(member for member, _ in found), unranked


async def _bonds(graph: Graph, uids: Sequence[str], as_of: str | None) -> tuple[Bond, ...]:
    """The ties between these customers, from the acts until an instant; acts of no date always count."""
    place = {uid: number for number, uid in enumerate(uids)}
    acts: defaultdict[tuple[int, int], list[Act]] = defaultdict(list)
    said: defaultdict[tuple[int, int], list[float]] = defaultdict(list)
    for first in range(0, len(uids), CHUNK):
        for query in ACTS:
            async for author, to, kind, at, mood in graph.stream(query, authors=uids[first : first + CHUNK]):
                if to in place and (at is None or (as_of is not None and at <= as_of)):
                    pair = place[author], place[to]
                    acts[pair].append(Act(kind, at))
                    said[pair].extend([mood] if mood else [])
    now = decayed(as_of) if as_of else 1.0
    return tuple(_bond(pair, acts[pair], said[pair], now) for pair in sorted(acts))


def _bond(pair: tuple[int, int], acts: Sequence[Act], said: Sequence[float], now: float) -> Bond:
    kept = tie(acts)
    # summed exactly, so that the order in which the acts come is no matter
    mood = math.fsum(said) / len(said) if said else 0.0
    return Bond(*pair, kept.weight / now + kept.undated, mood)


@dataclass(frozen=True, slots=True)
class Course:
    """A score over the runs that ranked somebody, oldest first; what was unknown then is 0.

    `last` is what it is now, None if unknown, and `margin` half of its 95 % interval.
    """

    name: str
    values: tuple[float, ...]
    last: float | None
    margin: float | None


@dataclass(frozen=True, slots=True)
class History:
    """A customer's scores run by run: `at` holds what each run counted until, None for before any act."""

    name: str
    band: str | None
    at: tuple[str | None, ...]
    courses: tuple[Course, ...]


PAST = """
MATCH (c:Customer {externalId: $key})
RETURN coalesce(c.name, c.externalId) AS name,
  CASE $slot WHEN 'A' THEN c.bandA ELSE c.bandB END AS band,
  CASE $slot WHEN 'A' THEN c.pastAtA ELSE c.pastAtB END AS at,
  CASE $slot WHEN 'A' THEN [c.pastReachA, c.reachA, c.reachMarginA]
    ELSE [c.pastReachB, c.reachB, c.reachMarginB] END AS reach,
  CASE $slot WHEN 'A' THEN [c.pastStandingA, c.standingA, c.standingMarginA]
    ELSE [c.pastStandingB, c.standingB, c.standingMarginB] END AS standing,
  CASE $slot WHEN 'A' THEN [c.pastVoiceA, c.voiceA, c.voiceMarginA]
    ELSE [c.pastVoiceB, c.voiceB, c.voiceMarginB] END AS voice
"""


async def history(graph: Graph, external_id: str) -> History:
    """The customer imported under this external id, by the scores of the last runs up to the published one."""
    slot = (await _published(graph)).slot
    row = await graph.read_one(PAST, key=external_id, slot=slot)
    if row is None:
        raise NotFound(
            f"There is no customer {external_id}: give the id of customers.csv, or import it first.",
            field="customer",
        )
    scores = ("reach", "standing", "voice")
    courses = (Course(score, tuple(row[score][0] or ()), *row[score][1:]) for score in scores)
    return History(row["name"], row["band"], tuple(at or None for at in row["at"] or ()), tuple(courses))


async def _published(graph: Graph) -> publication.Publication:
    published = await publication.current(graph, "influence")
    if published is None:
        raise NotFound("No scores are published yet: run muhatap run influence first.")
    return published
