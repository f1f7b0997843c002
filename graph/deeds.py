"""One act by its id: whose it is, and which others speak of it; and how many acts there are in all."""

from dataclasses import dataclass

from graph.driver import Graph
from graph.errors import NotFound


@dataclass(frozen=True, slots=True)
class Deed:
    """A mention or an advocacy link, by external ids; `kind` is None for a mention.

    `replies` and `shares` are the mentions that answer a mention or pass it on.
    """

    external_id: str
    kind: str | None
    people: tuple[str, ...]
    replies: frozenset[str] = frozenset()
    shares: frozenset[str] = frozenset()


MENTION = """
MATCH (m:Mention {uid: $uid})
OPTIONAL MATCH (c:Customer)-[:WROTE]->(m)
RETURN m.externalId AS id, c.uid AS author
"""

RESPONSES = """
MATCH (:Mention {uid: $uid})<-[r:IN_REPLY_TO|SHARES]-(o:Mention)
RETURN type(r) AS type, o.externalId AS id
"""


async def mention(graph: Graph, uid: str) -> Deed:
    """The mention of this uid.

    Raises
    ------
    NotFound
        When there is none.
    """
    found = await graph.read_one(MENTION, uid=uid)
    if found is None:
        raise NotFound(f"There is no mention {uid}: it may be deleted already.", field="actId")
    responses = [(row["type"], row["id"]) for row in await graph.read(RESPONSES, uid=uid)]
    replies, shares = (
        frozenset(id for kind, id in responses if kind == wanted) for wanted in ("IN_REPLY_TO", "SHARES")
    )
    return Deed(found["id"], None, (found["author"],) if found["author"] else (), replies, shares)


LINK = """
MATCH (a)-[l:ADVOCATED]->(b) WHERE l.uid = $uid
RETURN l.externalId AS id, l.kind AS kind, a.uid AS giver, b.uid AS receiver
"""


async def link(graph: Graph, uid: str) -> Deed:
    """The advocacy link of this uid.

    Raises
    ------
    NotFound
        When there is none.
    """
    found = await graph.read_one(LINK, uid=uid)
    if found is None:
        raise NotFound(f"There is no advocacy link {uid}: it may be retracted already.", field="actId")
    return Deed(found["id"], found["kind"], (found["giver"], found["receiver"]))


CUSTOMERS = "MATCH (n:Customer) RETURN count(n) AS found"
MENTIONS = "MATCH (n:Mention) RETURN count(n) AS found"
LINKS = "MATCH ()-[a:ADVOCATED]->() RETURN count(a) AS found"


async def size(graph: Graph) -> int:
    """How many customers, mentions and advocacy links there are together."""
    found = [await graph.read_one(query) for query in (CUSTOMERS, MENTIONS, LINKS)]
    return sum(row["found"] for row in found if row)
