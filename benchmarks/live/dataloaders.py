"""Stock Strawberry with typed objects and a DataLoader per level: what a Python team writes first."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import strawberry
from starlette.applications import Starlette
from starlette.routing import Mount
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache

from benchmarks.live.target import Ask, target

CUSTOMER = "{.uid, .name, .city, reach: c.reachA, standing: c.standingA, advocacy: c.advocacyA}"
ADVOCATES = f"""
MATCH (c:Customer) WHERE c.advocacyA > 0
RETURN c{CUSTOMER} AS customer ORDER BY c.advocacyA DESC LIMIT $first
"""
ONE_CUSTOMER = f"MATCH (c:Customer {{uid: $uid}}) RETURN c{CUSTOMER} AS customer"
COMMUNITIES = "MATCH (g:Community) RETURN g{.uid, .name} AS community ORDER BY community.name LIMIT $first"
MEMBERSHIPS = """
UNWIND $ids AS id MATCH (c:Customer {uid: id})
CALL (c) { MATCH (c)-[r:MEMBER_OF]->(g:Community) RETURN collect([r.role, g.name]) AS rows }
RETURN id, rows
"""
MENTIONS = """
UNWIND $ids AS id MATCH (c:Customer {uid: id})
CALL (c) { MATCH (c)-[:WROTE]->(m:Mention) WITH m ORDER BY m.at DESC LIMIT $first
           RETURN collect([m.text, m.at, m.sentiment, m.channel]) AS rows }
RETURN id, rows
"""
ADVOCATED = """
UNWIND $ids AS id MATCH (c:Customer {uid: id})
CALL (c) { MATCH (c)-[a:ADVOCATED]->(t:Customer) WITH a, t ORDER BY a.weight DESC LIMIT $first
           RETURN collect([a.weight, a.kind, t.name]) AS rows }
RETURN id, rows
"""
MEMBERS = """
UNWIND $ids AS id MATCH (g:Community {uid: id})
CALL (g) { MATCH (g)<-[:MEMBER_OF]-(c:Customer) WITH c ORDER BY c.advocacyA DESC LIMIT $first
           RETURN collect([c.name, c.advocacyA]) AS rows }
RETURN id, rows
"""
COUNTS = "UNWIND $ids AS id MATCH (g:Community {uid: id}) RETURN id, COUNT { (g)<-[:MEMBER_OF]-() } AS rows"

GRAPH = target()
Context = dict[str, Any]
Info = strawberry.Info[Context, None]
ask: Ask


@strawberry.type
class Named:
    """Whoever is only named."""

    name: str


@strawberry.type
class Member:
    """A member of a community."""

    name: str
    advocacy: float


@strawberry.type
class Membership:
    """A role in a community."""

    role: str
    community: Named


@strawberry.type
class Mention:
    """What a customer said."""

    text: str
    at: str
    sentiment: float
    channel: str


@strawberry.type
class Advocacy:
    """One customer spoke for or against another."""

    weight: float
    kind: str
    to: Named


async def _load(info: Info, statement: str, uid: str, first: int | None = None) -> Any:
    """The rows of one parent, fetched together with those of its siblings."""
    loaders: dict[Any, DataLoader[str, Any]] = info.context["loaders"]

    async def fetch(ids: list[str]) -> list[Any]:
        rows = {record[0]: record[1] for record in await ask(statement, ids=ids, first=first)}
        return [rows.get(uid, []) for uid in ids]

    loader = loaders.setdefault((statement, first), DataLoader(fetch))
    return await loader.load(uid)


@strawberry.type
class Customer:
    """A customer with scores and what surrounds them."""

    uid: strawberry.ID
    name: str
    city: str
    reach: float
    standing: float
    advocacy: float

    @strawberry.field
    async def memberships(self, info: Info) -> list[Membership]:
        """The communities of this customer."""
        rows = await _load(info, MEMBERSHIPS, self.uid)
        return [Membership(role=role, community=Named(name=name)) for role, name in rows]

    @strawberry.field
    async def mentions(self, info: Info, first: int = 5) -> list[Mention]:
        """The latest mentions."""
        rows = await _load(info, MENTIONS, self.uid, first)
        return [Mention(text=t, at=at, sentiment=s, channel=c) for t, at, s, c in rows]

    @strawberry.field
    async def advocated(self, info: Info, first: int = 5) -> list[Advocacy]:
        """The strongest acts of advocacy."""
        rows = await _load(info, ADVOCATED, self.uid, first)
        return [Advocacy(weight=w, kind=k, to=Named(name=n)) for w, k, n in rows]


@strawberry.type
class Community:
    """A community with its best advocates."""

    uid: strawberry.Private[str]
    name: str

    @strawberry.field
    async def member_count(self, info: Info) -> int:
        """How many members it has."""
        return int(await _load(info, COUNTS, self.uid))

    @strawberry.field
    async def members(self, info: Info, first: int = 3) -> list[Member]:
        """The best advocates."""
        rows = await _load(info, MEMBERS, self.uid, first)
        return [Member(name=name, advocacy=advocacy) for name, advocacy in rows]


@strawberry.type
class Query:
    """The three reads."""

    @strawberry.field
    async def advocates(self, first: int = 50) -> list[Customer]:
        """The best advocates."""
        return [Customer(**record[0]) for record in await ask(ADVOCATES, first=first)]

    @strawberry.field
    async def customer(self, uid: strawberry.ID) -> Customer | None:
        """One customer."""
        rows = await ask(ONE_CUSTOMER, uid=uid)
        return Customer(**rows[0][0]) if rows else None

    @strawberry.field
    async def communities(self, first: int = 20) -> list[Community]:
        """Communities by name."""
        return [Community(**record[0]) for record in await ask(COMMUNITIES, first=first)]


class View(GraphQL[Context, None]):
    """Loaders live as long as a request."""

    async def get_context(self, request: Any, response: Any) -> Context:
        """Fresh loaders."""
        return {"loaders": {}}


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """One driver for the life of the server."""
    global ask
    async with GRAPH.connection() as ask:
        yield


schema = strawberry.Schema(Query, extensions=[ParserCache, ValidationCache])
app = Starlette(routes=[Mount("/graphql", View(schema, graphql_ide=None))], lifespan=lifespan)
