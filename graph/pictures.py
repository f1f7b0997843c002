"""What a picture of a community shows: its members with their published scores, and who responded to whom."""

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
    published = await publication.current(graph, "influence")
    if published is None:
        raise NotFound("No scores are published yet: run muhatap run influence first.")
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
