"""The HTTP side: one GraphQL endpoint and two health checks, with what every request must pass first."""

import asyncio
import gc
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from api.auth import Caller
from api.context import Context, Slots, Tokens, public
from api.execute import Executor
from api.settings import ApiSettings, Environment
from api.stream import EventResponse, Full, Places, Stream, wants_events
from api.unsubscribe import Unsubscribe
from api.watch import Watch
from graph.driver import Graph
from graph.errors import GraphError
from graph.tokens import Role
from jobs import similar
from jobs.queue import Queue

EXPLAIN = "x-muhatap-explain"
# Each read leaves 27 objects of the driver in a cycle. At 10,000 their collection holds up everybody for 5 ms, at
# 50,000 for 30 and more, which was the p99; the dicts of a large answer set one off at a few thousand.
GENERATION_0 = 10_000


class Refused(Exception):
    """A request that is answered before its document is looked at."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class Endpoint:
    """Answers GraphQL over HTTP for one graph."""

    def __init__(self, graph: Graph, queue: Queue | None, settings: ApiSettings) -> None:
        self.graph, self.queue, self.settings = graph, queue, settings
        self.executor = Executor(settings)
        self.tokens = Tokens(graph)
        self.slots = Slots(graph)
        self.watch = Watch(graph, self.slots)
        self.places = Places(settings)

    async def graphql(self, request: Request) -> Response:
        """POST /graphql: JSON in, JSON out, or a stream of events to who asks for one."""
        try:
            async with asyncio.timeout(self.settings.request_timeout):
                return await self._answer(request)
        except Refused as refusal:
            error = {"message": refusal.message, "extensions": {"code": refusal.code}}
            return _json({"errors": [error]}, refusal.status)
        except TimeoutError:
            seconds = self.settings.request_timeout
            message = f"No answer within {seconds:g} s: ask for less, or try again."
            return _json({"errors": [{"message": message, "extensions": {"code": "TIMEOUT"}}]}, 503)
        except ClientDisconnect:
            return Response(status_code=400)

    async def _answer(self, request: Request) -> Response:
        body = _parsed(await _body(request, self.settings.limit_body))
        query, variables, name = _operation(body, self.settings.limit_query)
        try:
            caller = await self._caller(request)
        except GraphError as error:
            raise Refused(503, error.code, public(error)) from error
        context = Context(self.graph, self.queue, self.settings, caller, self.slots)
        if wants_events(request.headers.get("accept", "")):
            return self._stream(Stream(self.executor, self.watch, context, query, variables, name))
        answer = await self.executor.answer(context, query, variables, name)
        if EXPLAIN in request.headers and self._may_explain(caller):
            answer["extensions"] = {"explain": context.explain.as_dict()}
        return _json(answer, 200)

    def _stream(self, stream: Stream) -> Response:
        try:
            self.places.check(stream.context.caller.key)
        except Full as full:
            raise Refused(429, "TOO_MANY", str(full)) from full
        return EventResponse(stream, self.places)

    async def _caller(self, request: Request) -> Caller:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refused(
                401, "UNAUTHENTICATED", "Send `Authorization: Bearer …`; `muhatap token` makes one."
            )
        caller = await self.tokens.caller(token.strip())
        if caller is None:
            raise Refused(401, "UNAUTHENTICATED", "This token is unknown, expired or revoked.")
        return caller

    def _may_explain(self, caller: Caller) -> bool:
        return self.settings.environment is Environment.DEVELOPMENT or caller.role is Role.ADMINISTRATOR

    async def health(self, request: Request) -> Response:
        """GET /health: the process is alive."""
        return _json({"status": "alive"}, 200)

    async def ready(self, request: Request) -> Response:
        """GET /ready: the graph answers, and the queue if there is one."""
        try:
            await self.graph.read("RETURN 1 AS one")
            if self.queue is not None:
                await self.queue.health()
        except (GraphError, OSError) as error:
            why = public(error) if isinstance(error, GraphError) else "The queue does not answer."
            return _json({"status": "not ready", "why": why}, 503)
        return _json({"status": "ready"}, 200)


def create_app(graph: Graph, queue: Queue | None, settings: ApiSettings) -> Starlette:
    """The application over an open graph and queue, which the caller closes."""
    endpoint = Endpoint(graph, queue, settings)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        gc.collect()
        gc.freeze()
        gc.set_threshold(GENERATION_0, 20, 20)
        warming = asyncio.create_task(similar.warm(graph))
        yield
        warming.cancel()
        endpoint.watch.close()

    cors = Middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=["POST"],
        allow_headers=["authorization", "content-type", EXPLAIN],
        max_age=600,
    )
    app = Starlette(
        routes=[
            Route("/graphql", endpoint.graphql, methods=["POST"]),
            Route("/unsubscribe", Unsubscribe(graph).__call__, methods=["GET", "POST"]),
            Route("/health", endpoint.health),
            Route("/ready", endpoint.ready),
        ],
        middleware=[cors] if settings.cors_origins else [],
        exception_handlers={HTTPException: _elsewhere},
        lifespan=lifespan,
    )
    # a server that drains ends the streams first: they would wait for each other
    app.state.end_streams = endpoint.watch.close
    return app


async def _elsewhere(request: Request, error: Exception) -> Response:
    """What no route takes, as JSON like everything else."""
    status = error.status_code if isinstance(error, HTTPException) else 404
    message = "Send POST /graphql with a JSON body."
    return _json({"errors": [{"message": message, "extensions": {"code": "BAD_REQUEST"}}]}, status)


async def _body(request: Request, limit: int) -> bytes:
    """The body, read no further than the limit."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        # what a form of another site can send is refused before it can change anything
        raise Refused(415, "BAD_REQUEST", "Send `Content-Type: application/json`.")
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise Refused(413, "BODY_TOO_LARGE", f"A request has at most {limit} bytes.")
        chunks.append(chunk)
    return b"".join(chunks)


def _parsed(body: bytes) -> Mapping[str, Any]:
    try:
        parsed = orjson.loads(body)
    except (orjson.JSONDecodeError, RecursionError) as error:
        raise Refused(400, "BAD_REQUEST", f"The body is no JSON: {str(error)[:100]}.") from error
    if not isinstance(parsed, dict):
        raise Refused(400, "BAD_REQUEST", 'The body must be an object such as {"query": "{ ... }"}.')
    return parsed


def _operation(body: Mapping[str, Any], limit: int) -> tuple[str, Mapping[str, Any], str | None]:
    query, variables, name = body.get("query"), body.get("variables"), body.get("operationName")
    if not isinstance(query, str):
        raise Refused(400, "BAD_REQUEST", "`query` must be a GraphQL document.")
    if len(query.encode()) > limit:
        raise Refused(400, "QUERY_TOO_LARGE", f"A document has at most {limit} bytes.")
    if variables is not None and not isinstance(variables, dict):
        raise Refused(400, "BAD_REQUEST", "`variables` must be an object.")
    if name is not None and not isinstance(name, str):
        raise Refused(400, "BAD_REQUEST", "`operationName` must be text.")
    return query, variables or {}, name or None


def _json(answer: Mapping[str, Any], status: int) -> Response:
    return Response(orjson.dumps(answer), status, media_type="application/json")
