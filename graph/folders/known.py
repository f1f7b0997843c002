"""Which external ids are in the graph: asked once, kept within a bound."""

from collections import defaultdict
from collections.abc import Iterable
from typing import LiteralString

from graph.driver import Graph

LIMIT = 1_000_000

CUSTOMERS: LiteralString = "UNWIND $ids AS id MATCH (n:Customer {externalId: id}) RETURN collect(id) AS ids"
COMMUNITIES: LiteralString = (
    "UNWIND $ids AS id MATCH (n:Community {externalId: id}) RETURN collect(id) AS ids"
)
PRODUCTS: LiteralString = "UNWIND $ids AS id MATCH (n:Product {externalId: id}) RETURN collect(id) AS ids"
MENTIONS: LiteralString = "UNWIND $ids AS id MATCH (n:Mention {externalId: id}) RETURN collect(id) AS ids"
CHALLENGES: LiteralString = "UNWIND $ids AS id MATCH (n:Challenge {externalId: id}) RETURN collect(id) AS ids"
IDEAS: LiteralString = "UNWIND $ids AS id MATCH (n:Idea {externalId: id}) RETURN collect(id) AS ids"
COMMENTS: LiteralString = "UNWIND $ids AS id MATCH (n:Comment {externalId: id}) RETURN collect(id) AS ids"
MEMBERS: LiteralString = (
    "UNWIND $ids AS id MATCH (:Customer {externalId: id})-[:IN_PROGRAMME]->() RETURN collect(id) AS ids"
)
ACTS: LiteralString = "UNWIND $ids AS id MATCH (n:ProgrammeAct {externalId: id}) RETURN collect(id) AS ids"
REWARDS: LiteralString = "UNWIND $ids AS id MATCH (n:Reward {externalId: id}) RETURN collect(id) AS ids"
REDEMPTIONS: LiteralString = (
    "UNWIND $ids AS id MATCH (n:Redemption {externalId: id}) RETURN collect(id) AS ids"
)
LINKS: LiteralString = "UNWIND $ids AS id MATCH (n:ReferralLink {code: id}) RETURN collect(id) AS ids"
PROGRAMMES: LiteralString = "UNWIND $ids AS id MATCH (n:Programme {name: id}) RETURN collect(id) AS ids"
ASK: dict[str, LiteralString] = {
    "Customer": CUSTOMERS,
    "Community": COMMUNITIES,
    "Product": PRODUCTS,
    "Mention": MENTIONS,
    "Challenge": CHALLENGES,
    "Idea": IDEAS,
    "Comment": COMMENTS,
    "Programme": PROGRAMMES,
    "ReferralLink": LINKS,
    "Redemption": REDEMPTIONS,
    "Reward": REWARDS,
    "ProgrammeAct": ACTS,
    "ProgrammeMember": MEMBERS,
}


class Known:
    """The ids met so far, by label: about 100 bytes each, at most `LIMIT` a label; then it asks again.

    A dry run writes nothing, so it keeps every id of the folder instead.
    """

    def __init__(self, graph: Graph, *, dry: bool) -> None:
        self._graph = graph
        self._dry = dry
        self._ids: defaultdict[str, set[str]] = defaultdict(set)

    def add(self, label: str, ids: Iterable[str]) -> None:
        """Notes ids that are in the graph, or in a dry run would be."""
        known = self._ids[label]
        if len(known) > LIMIT and not self._dry:
            known.clear()
        known.update(ids)

    async def missing(self, label: str, ids: set[str]) -> set[str]:
        """Those of the ids that are nowhere."""
        unknown = ids - self._ids[label]
        if unknown:
            row = await self._graph.read_one(ASK[label], ids=sorted(unknown))
            found = set(row["ids"]) if row else set()
            self.add(label, found)
            unknown -= found
        return unknown
