"""The graph as plain rows for an engine beside this process, streamed: none of it is held here as a whole."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from graph import publication
from graph.driver import Graph
from graph.influence import LINKS, MOODS, NAME, NAMINGS, RESPONSES


@dataclass(frozen=True, slots=True)
class Account:
    """A customer: whether they are ranked, their published band, and the communities they are in."""

    uid: str
    external_id: str
    ranked: bool
    band: str | None
    communities: Sequence[str]


class Act(NamedTuple):
    """What somebody did, as `influence.Acts` has it; empty where nobody, nothing or no place is named."""

    kind: str
    source: str
    target: str
    weight: float
    at: str | None
    subject: str
    place: str
    id: str


ACCOUNTS = """
MATCH (c:Customer)
CALL (c) {
  MATCH (c)-[:MEMBER_OF]->(g:Community)
  RETURN collect(g.uid) AS communities
}
RETURN c.uid AS uid, c.externalId AS externalId,
       coalesce(c.kind, 'PERSON') = 'PERSON' AND NOT coalesce(c.suspended, false) AS ranked,
       CASE $slot WHEN 'A' THEN c.bandA WHEN 'B' THEN c.bandB END AS band, communities
"""


async def accounts(graph: Graph) -> AsyncIterator[Account]:
    """Every customer, in no particular order."""
    published = await publication.current(graph, NAME)
    async for uid, external_id, ranked, band, communities in graph.stream(
        ACCOUNTS, slot=published and published.slot
    ):
        yield Account(uid, external_id, ranked, band, communities)


async def acts(graph: Graph, until: str | None, neutral: float) -> AsyncIterator[Act]:
    """Everything anybody did up to an instant, undated acts too; whose acts count is left to the engine.

    Moods are as `graph.influence.read_acts` has them.
    """
    for query in (RESPONSES, NAMINGS, MOODS, LINKS):
        async for source, found in graph.stream(query, until=until, neutral=neutral, signed=False):
            for act in found:
                yield _act(source, *act)


def _act(source: str, kind: str, to: str, weight: float | None, at: Any, *named: str) -> Act:
    subject, place, external_id = named
    return Act(kind, source, to, float(weight or 0.0), at, subject, place, external_id)
