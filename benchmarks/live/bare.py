"""No GraphQL at all: hand-written Cypher over the async driver, answered by orjson. The bound for Python."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.live.target import Ask, target

TOP = "MATCH (c:Customer) WHERE c.advocacyA > 0"
# The embedded engine reads an index in order only here, so there the rest is asked by id.
TOP_IDS = f"{TOP} RETURN c.uid AS id ORDER BY c.advocacyA DESC LIMIT 50"
ONE_STATEMENT = f"{TOP} WITH c ORDER BY c.advocacyA DESC LIMIT 50"
BY_IDS = "UNWIND $ids AS id MATCH (c:Customer {uid: id})"
SORTED_MENTIONS = "MATCH (c)-[:WROTE]->(m) WITH m ORDER BY m.at DESC LIMIT 5"
INDEXED_MENTIONS = (
    "MATCH (m:Mention) WHERE m.author = c.uid AND m.at > '' WITH m ORDER BY m.author DESC, m.at DESC LIMIT 5"
)
HOPS = """
CALL (c) { MATCH (c)-[r:MEMBER_OF]->(g) RETURN collect([r.role, g.name]) AS memberships }
CALL (c) { MENTIONS RETURN collect([m.text, m.at, m.sentiment, m.channel]) AS mentions }
CALL (c) { MATCH (c)-[a:ADVOCATED]->(t) WITH a, t ORDER BY a.weight DESC LIMIT 5
           RETURN collect([a.weight, a.kind, t.name]) AS advocated }
RETURN collect([c.uid, c.name, c.city, c.reachA, c.standingA, c.advocacyA,
                memberships, mentions, advocated]) AS rows
"""
SORTED_MEMBERS = "MATCH (g)<-[r:MEMBER_OF]-(c) WITH r, c ORDER BY r.advocacyA DESC LIMIT 3"
INDEXED_MEMBERS = """MATCH ()<-[r:MEMBER_OF]-(c) WHERE r.community = g.uid AND r.advocacyA IS NOT NULL
WITH r, c ORDER BY r.community DESC, r.advocacyA DESC LIMIT 3"""
SMALL = "MATCH (c:Customer {uid: $uid}) RETURN c.name, c.city, c.advocacyA"
MEDIUM = """
MATCH (g:Community) WHERE g.name > '' WITH g ORDER BY g.name LIMIT 20
CALL (g) { MEMBERS RETURN collect([c.name, r.advocacyA]) AS members }
RETURN collect([g.name, COUNT { (g)<-[:MEMBER_OF]-() }, members]) AS rows
"""

GRAPH = target()
ask: Ask


async def page(request: Request) -> Response:
    """The fifty best advocates with what surrounds them."""
    if GRAPH.embedded:
        ids = [record[0] for record in await ask(TOP_IDS)]
        [[rows]] = await ask(BY_IDS + HOPS.replace("MENTIONS", SORTED_MENTIONS), ids=ids)
    else:
        [[rows]] = await ask(ONE_STATEMENT + HOPS.replace("MENTIONS", INDEXED_MENTIONS))
    return _json([_advocate(*row) for row in rows])


async def small(request: Request) -> Response:
    """Three values of one customer."""
    [[name, city, advocacy]] = await ask(SMALL, uid=(await request.json())["uid"])
    return _json({"name": name, "city": city, "advocacy": advocacy})


async def medium(request: Request) -> Response:
    """Twenty communities with their three best advocates."""
    members = SORTED_MEMBERS if GRAPH.embedded else INDEXED_MEMBERS
    [[rows]] = await ask(MEDIUM.replace("MEMBERS", members))
    return _json(
        [
            {
                "name": name,
                "memberCount": count,
                "members": [{"name": member, "advocacy": advocacy} for member, advocacy in members],
            }
            for name, count, members in rows
        ]
    )


def _advocate(
    uid: str,
    name: str,
    city: str,
    reach: float,
    standing: float,
    advocacy: float,
    memberships: list[list[Any]],
    mentions: list[list[Any]],
    advocated: list[list[Any]],
) -> dict[str, Any]:
    return {
        "id": uid,
        "name": name,
        "city": city,
        "reach": reach,
        "standing": standing,
        "advocacy": advocacy,
        "memberships": [{"role": role, "community": {"name": group}} for role, group in memberships],
        "mentions": [
            {"text": text, "at": at, "sentiment": sentiment, "channel": channel}
            for text, at, sentiment, channel in mentions
        ],
        "advocated": [{"weight": weight, "kind": kind, "to": {"name": to}} for weight, kind, to in advocated],
    }


def _json(data: Any) -> Response:
    return Response(orjson.dumps({"data": data}), media_type="application/json")


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """One driver for the life of the server."""
    global ask
    async with GRAPH.connection() as ask:
        gc.freeze()
        gc.set_threshold(10_000, 20, 20)
        yield


app = Starlette(
    routes=[Route(f"/{read.__name__}", read, methods=["POST"]) for read in (page, small, medium)],
    lifespan=lifespan,
)
