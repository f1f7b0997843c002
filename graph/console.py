"""What the command line reads of the graph: who has an external id, the rankings with their reasons, communities."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from graph import publication
from graph.driver import Graph
from graph.errors import NotFound

SCORES = ("reach", "standing", "voice", "advocacy", "harm")
TALLY = ("up", "down", "passed", "support", "consensus", "bridging", "divisive")

UID = "MATCH (c:Customer {externalId: $key}) RETURN c.uid AS uid"


async def customer_uid(graph: Graph, external_id: str) -> str:
    """The id of the customer imported under this external id."""
    row = await graph.read_one(UID, key=external_id)
    if row is None:
        raise NotFound(
            f"There is no customer {external_id}: give the id of customers.csv, or import it first.",
            field="customer",
        )
    return str(row["uid"])


STRANGER = """
MATCH (c:Customer)
WHERE NOT c.externalId IN $known
RETURN c.externalId AS id LIMIT 1
"""


async def stranger(graph: Graph, known: Sequence[str]) -> str | None:
    """The external id of some customer who is none of these."""
    row = await graph.read_one(STRANGER, known=list(known))
    return str(row["id"]) if row else None


@dataclass(frozen=True, slots=True)
class Part:
    """What one cause adds to a score; `who` is a customer's name, or empty."""

    score: str
    kind: str
    value: float
    who: str


@dataclass(frozen=True, slots=True)
class RankedCustomer:
    """A customer of a ranking: scores, band, how many people responded, the people and acts behind, and the parts."""

    external_id: str
    name: str
    reach: float
    standing: float | None
    voice: float | None
    advocacy: float | None
    harm: float | None
    responders: int
    band: str | None
    people: int
    acts: int
    parts: tuple[Part, ...]


TOP_CUSTOMERS: dict[tuple[str, str], LiteralString] = {
    ("advocacy", "A"): "MATCH (c:Customer) WHERE c.advocacyA > 0 RETURN c.uid AS uid "
    "ORDER BY c.advocacyA DESC LIMIT $limit",
    ("advocacy", "B"): "MATCH (c:Customer) WHERE c.advocacyB > 0 RETURN c.uid AS uid "
    "ORDER BY c.advocacyB DESC LIMIT $limit",
    ("harm", "A"): "MATCH (c:Customer) WHERE c.harmA > 0 RETURN c.uid AS uid "
    "ORDER BY c.harmA DESC LIMIT $limit",
    ("harm", "B"): "MATCH (c:Customer) WHERE c.harmB > 0 RETURN c.uid AS uid "
    "ORDER BY c.harmB DESC LIMIT $limit",
}

CUSTOMERS = """
UNWIND $uids AS uid
MATCH (c:Customer {uid: uid})
CALL (c) {
  MATCH (c)<-[:TIE]-(o)
  RETURN count(o) AS responders
}
RETURN uid, c.externalId AS id, coalesce(c.name, c.externalId) AS name, responders,
  CASE $slot WHEN 'A' THEN [c.bandA, c.standingPeopleA, c.voiceActsA]
    ELSE [c.bandB, c.standingPeopleB, c.voiceActsB] END AS known,
  CASE $slot WHEN 'A' THEN [c.reachA, c.standingA, c.voiceA, c.advocacyA, c.harmA]
    ELSE [c.reachB, c.standingB, c.voiceB, c.advocacyB, c.harmB] END AS scores,
  CASE $slot WHEN 'A' THEN c.partScoreA ELSE c.partScoreB END AS partScore,
  CASE $slot WHEN 'A' THEN c.partKindA ELSE c.partKindB END AS partKind,
  CASE $slot WHEN 'A' THEN c.partValueA ELSE c.partValueB END AS partValue,
  CASE $slot WHEN 'A' THEN c.partFromA ELSE c.partFromB END AS partFrom
"""


async def ranked_customers(graph: Graph, *, by: str, limit: int) -> list[RankedCustomer]:
    """The customers with most `advocacy` or `harm`, highest first; none before the first run."""
    published = await publication.current(graph, "influence")
    if published is None:
        return []
    top = await graph.read(TOP_CUSTOMERS[by, published.slot], limit=limit)
    uids = [row["uid"] for row in top]
    found = {row["uid"]: row for row in await graph.read(CUSTOMERS, uids=uids, slot=published.slot)}
    names = await _names(graph, CUSTOMER_NAMES, {key for row in found.values() for key in row["partFrom"]})
    return [_customer(found[uid], names) for uid in uids]


def _customer(row: Any, names: dict[str, str]) -> RankedCustomer:
    columns = zip(row["partScore"], row["partKind"], row["partValue"], row["partFrom"], strict=True)
    parts = tuple(Part(score, kind, value, names.get(uid, "")) for score, kind, value, uid in columns)
    scores = dict(zip(SCORES, row["scores"], strict=True))
    band, people, acts = row["known"]
    return RankedCustomer(
        row["id"],
        row["name"],
        responders=row["responders"],
        band=band,
        people=people or 0,
        acts=acts or 0,
        parts=parts,
        **scores,
    )


CUSTOMER_NAMES: LiteralString = """
UNWIND $uids AS uid
MATCH (c:Customer {uid: uid})
RETURN uid, coalesce(c.name, c.externalId) AS name
"""

COMMUNITY_NAMES: LiteralString = """
UNWIND $uids AS uid
MATCH (g:Community {uid: uid})
RETURN uid, coalesce(g.name, g.externalId) AS name
"""


async def _names(graph: Graph, query: LiteralString, uids: set[str]) -> dict[str, str]:
    return {row["uid"]: row["name"] for row in await graph.read(query, uids=sorted(uids - {""}))}


@dataclass(frozen=True, slots=True)
class Share:
    """How one community voted; `community` is empty for voters in none."""

    community: str
    up: int
    down: int
    passed: int
    approval: float
    counted: bool


@dataclass(frozen=True, slots=True)
class TalliedIdea:
    """An idea with its tally; scores nobody could compute are None."""

    external_id: str
    title: str
    challenge: str
    up: int
    down: int
    passed: int
    support: float | None
    consensus: float | None
    bridging: float | None
    divisive: float | None
    shares: tuple[Share, ...]


IDEAS = """
MATCH (i:Idea)
OPTIONAL MATCH (i)-[:IN_CHALLENGE]->(h)
RETURN i.externalId AS id, coalesce(i.title, i.externalId) AS title, coalesce(h.title, '') AS challenge,
  CASE $slot
    WHEN 'A' THEN [i.upA, i.downA, i.passedA, i.supportA, i.consensusA, i.bridgingA, i.divisiveA]
    ELSE [i.upB, i.downB, i.passedB, i.supportB, i.consensusB, i.bridgingB, i.divisiveB] END AS tally,
  CASE $slot WHEN 'A' THEN i.shareOfA ELSE i.shareOfB END AS shareOf,
  CASE $slot WHEN 'A' THEN i.shareUpA ELSE i.shareUpB END AS shareUp,
  CASE $slot WHEN 'A' THEN i.shareDownA ELSE i.shareDownB END AS shareDown,
  CASE $slot WHEN 'A' THEN i.sharePassedA ELSE i.sharePassedB END AS sharePassed,
  CASE $slot WHEN 'A' THEN i.shareApprovalA ELSE i.shareApprovalB END AS shareApproval,
  CASE $slot WHEN 'A' THEN i.shareCountedA ELSE i.shareCountedB END AS shareCounted,
  CASE $slot WHEN 'A' THEN i.viewUntilA ELSE i.viewUntilB END AS ends
"""


async def tallied_ideas(graph: Graph) -> list[TalliedIdea]:
    """Every idea with a published tally; none before the first run."""
    published = await publication.current(graph, "tally")
    if published is None:
        return []
    rows = [row async for row in graph.stream(IDEAS, slot=published.slot) if row["tally"][0] is not None]
    names = await _names(graph, COMMUNITY_NAMES, {key for row in rows for key in row["shareOf"]})
    return [_idea(row, names) for row in rows]


def _idea(row: Any, names: dict[str, str]) -> TalliedIdea:
    columns = (row[name] for name in ("shareUp", "shareDown", "sharePassed", "shareApproval", "shareCounted"))
    communities = [names.get(uid, "") for uid in row["shareOf"]]
    shown = (row["ends"] or [None])[0]  # behind the parts of the first view are those of the others
    shares = tuple(Share(*values) for values in zip(communities, *columns, strict=True))[:shown]
    tally = dict(zip(TALLY, row["tally"], strict=True))
    return TalliedIdea(row["id"], row["title"], row["challenge"], shares=shares, **tally)


@dataclass(frozen=True, slots=True)
class StirredCommunity:
    """A community with early warnings or collective actions, each as a sentence in English."""

    name: str
    members: int
    warnings: tuple[str, ...]
    actions: tuple[str, ...]


STIRRED = """
MATCH (g:Community)
WITH g, CASE $slot WHEN 'A' THEN [g.warnReasonA, g.actionReasonA]
                   ELSE [g.warnReasonB, g.actionReasonB] END AS told
WHERE size(coalesce(told[0], [])) + size(coalesce(told[1], [])) > 0
RETURN coalesce(g.name, g.externalId) AS name, COUNT { (g)<-[:MEMBER_OF]-() } AS members,
       coalesce(told[0], []) AS warnings, coalesce(told[1], []) AS actions
ORDER BY members DESC, name
"""


async def stirred_communities(graph: Graph) -> list[StirredCommunity]:
    """The communities in which something is up, largest first; none before the first run."""
    published = await publication.current(graph, "communities")
    if published is None:
        return []
    rows = await graph.read(STIRRED, slot=published.slot)
    return [
        StirredCommunity(row["name"], row["members"], tuple(row["warnings"]), tuple(row["actions"]))
        for row in rows
    ]
