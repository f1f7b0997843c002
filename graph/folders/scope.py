"""What an export holds: everything, one challenge, or those who may take part in one."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString

from graph import publication
from graph.driver import Graph
from graph.errors import NotFound
from graph.folders.audiences import Audiences, named_by
from graph.folders.shapes import Table
from graph.folders.statements import (
    PAGE_CHALLENGES,
    PAGE_COMMUNITIES,
    PAGE_CUSTOMERS,
    PAGE_IDEAS,
    PAGE_PRODUCTS,
)
from graph.folders.talk import PAGE_COMMENTS
from graph.participation import Admit
from graph.publication import in_slots

PAGE = 2_000
IDEAS_AT_ONCE = 100

Pages = Callable[[LiteralString], AsyncIterator[list[str]]]


@dataclass(frozen=True, slots=True)
class Scope:
    """The ids that are exported, by the page they are read with; None: all files, or no computed ones.

    `kept` names, by label, the records outside which a row names nobody, and `withheld` columns stay empty.
    """

    pages: Pages
    files: frozenset[str] | None = None
    computed: frozenset[str] | None = None
    kept: Mapping[str, frozenset[str]] = field(default_factory=dict)
    withheld: frozenset[tuple[str, str]] = frozenset()

    def narrowed(self, table: Table, row: list[Any]) -> list[Any] | None:
        """A row without what is outside; None if it makes no sense then."""
        for place, column in enumerate(table.columns):
            kept = self.kept.get(column.refers or "")
            if kept is not None and isinstance(row[place], list):
                row[place] = [each for each in row[place] if each in kept]
            elif kept is not None and row[place] is not None and row[place] not in kept:
                return None
            if (table.name, column.name) in self.withheld:
                row[place] = None
        return row


def everything(graph: Graph) -> Scope:
    """All records, a page at a time, in the order of their ids."""

    async def pages(page: LiteralString) -> AsyncIterator[list[str]]:
        after = ""
        while ids := [row["id"] for row in await graph.read(page, after=after, limit=PAGE)]:
            yield ids
            after = ids[-1]

    return Scope(pages)


# What a challenge needs to be counted the same elsewhere; how to reach its people is not part of that.
CHALLENGE_FILES = frozenset(
    {
        *("customers", "claims", "communities", "challenges", "memberships", "ideas", "votes", "comments"),
        *("idea_topics", "idea_revisions", "idea_moderation", "comment_moderation", "answers", "decisions"),
    }
)
WITHHELD = frozenset(
    ("customers", name) for name in ("email", "phone", "city", "locale", "birth_date", "value")
)

CHALLENGE: LiteralString = (
    "MATCH (h:Challenge {externalId: $id}) RETURN h.externalId AS id, h.audience AS audience"
)
IDEAS: LiteralString = """MATCH (:Challenge {externalId: $id})<-[:IN_CHALLENGE]-(n:Idea)
RETURN n.externalId AS id"""
PEOPLE: LiteralString = """UNWIND $keys AS key
MATCH (:Idea {externalId: key})<-[:VOTED|PROPOSED]-(c:Customer)
RETURN collect(DISTINCT c.externalId) AS ids"""
COMMENTS: LiteralString = """UNWIND $keys AS key
MATCH (:Idea {externalId: key})<-[:ON_IDEA]-(n:Comment)
RETURN collect([n.externalId, [(n)<-[:COMMENTED]-(c:Customer) | c.externalId]]) AS rows"""
COMMUNITIES: LiteralString = """UNWIND $keys AS key
MATCH (:Customer {externalId: key})-[:MEMBER_OF]->(g:Community)
RETURN collect(DISTINCT g.externalId) AS ids"""


async def one_challenge(graph: Graph, challenge: str, audiences: Audiences | None = None) -> Scope:
    """A challenge, its ideas, what was said of them, and those who said it with their communities.

    Customers, communities and products that its audience names come with it.

    Memory holds the ids of all these, about 100 bytes each.
    """
    asked = (await _known(graph, challenge))["audience"]
    named = await named_by(graph, audiences, asked)
    ideas = sorted([row["id"] for row in await graph.read(IDEAS, id=challenge)])
    people = set(named.get("Customer", ()))
    comments: set[str] = set()
    for part in _parts(ideas, IDEAS_AT_ONCE):
        people.update(await _collected(graph, PEOPLE, "ids", part))
        for comment, authors in await _collected(graph, COMMENTS, "rows", part):
            comments.add(comment)
            people.update(authors)
    customers = sorted(people)
    communities = set(named.get("Community", ()))
    products = named.get("Product", set())
    for part in _parts(customers, PAGE):
        communities.update(await _collected(graph, COMMUNITIES, "ids", part))
    ids = {
        PAGE_CHALLENGES: [challenge],
        PAGE_IDEAS: ideas,
        PAGE_CUSTOMERS: customers,
        PAGE_COMMENTS: sorted(comments),
        PAGE_COMMUNITIES: sorted(communities),
        PAGE_PRODUCTS: sorted(products),
    }

    async def pages(page: LiteralString) -> AsyncIterator[list[str]]:
        for part in _parts(ids[page], PAGE):
            yield list(part)

    kept = {
        "Challenge": frozenset({challenge}),
        "Idea": frozenset(ideas),
        "Customer": frozenset(people),
        "Comment": frozenset(comments),
        "Community": frozenset(communities),
    }
    files = CHALLENGE_FILES | ({"products"} if products else set())
    return Scope(pages, files, frozenset({"tallies"}), kept, WITHHELD)


ADMITTED = """MATCH (c:Customer) WHERE c.externalId > $after AND NOT coalesce(c.suspended, false) AND ({condition})
RETURN c.externalId AS id ORDER BY c.externalId LIMIT $limit"""


async def audience(graph: Graph, challenge: str, admit: Admit) -> Scope:
    """The customers who may take part in a challenge now: those of its audience who are not suspended."""
    asked = (await _known(graph, challenge))["audience"]
    condition = admit(asked) if asked is not None else None
    text = in_slots(condition.text if condition else "true", await publication.slots(graph))
    admitted = ADMITTED.format(condition=text)
    parameters = dict(condition.parameters) if condition else {}

    async def pages(_: LiteralString) -> AsyncIterator[list[str]]:
        after = ""
        while ids := [row["id"] for row in await graph.read(admitted, **parameters, after=after, limit=PAGE)]:
            yield ids
            after = ids[-1]

    return Scope(pages, frozenset({"customers"}), frozenset())


async def _known(graph: Graph, challenge: str) -> Mapping[str, Any]:
    row = await graph.read_one(CHALLENGE, id=challenge)
    if row is None:
        raise NotFound(
            f"There is no challenge {challenge}: give its id in the import folder.", field="challenge"
        )
    return {"audience": row["audience"]}


async def _collected(graph: Graph, query: LiteralString, name: str, keys: Sequence[str]) -> list[Any]:
    row = await graph.read_one(query, keys=list(keys))
    return list(row[name]) if row else []


def _parts(ids: Sequence[str], size: int) -> list[Sequence[str]]:
    return [ids[at : at + size] for at in range(0, len(ids), size)]
