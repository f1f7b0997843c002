"""A client of subscriptions over server-sent events, over a socket to a server that really listens."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
import uvicorn

from api.app import create_app
from api.settings import ApiSettings
from graph.driver import Graph

Answer = dict[str, Any]
EVENTS = {"accept": "text/event-stream"}


class Events:
    """The events of one subscription, as a browser would read them."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.lines = response.aiter_lines()
        self.alive = 0  # comments so far

    async def event(self) -> tuple[str, str] | None:
        """The name and the data of the next event; None at the end of the stream."""
        name, data = "", ""
        async for line in self.lines:
            if line.startswith(":"):
                self.alive += 1
            elif not line and name:
                return name, data
            elif line:
                field, _, value = line.partition(":")
                name, data = (value.strip(), data) if field == "event" else (name, value.strip())
        return None

    async def next(self, seconds: float = 10) -> Answer:
        """The next answer."""
        found = await asyncio.wait_for(self.event(), seconds)
        assert found
        assert found[0] == "next"
        answer: Answer = orjson.loads(found[1])
        return answer

    async def data(self, seconds: float = 10) -> Any:
        """The one root field of the next answer, which has no errors."""
        answer = await self.next(seconds)
        assert "errors" not in answer, answer
        [value] = answer["data"].values()
        return value

    async def silent(self, seconds: float) -> bool:
        """Whether nothing comes for so long; nothing can be read after that."""
        try:
            await asyncio.wait_for(self.event(), seconds)
        except TimeoutError:
            return True
        return False


@asynccontextmanager
async def subscribed(
    http: httpx.AsyncClient, query: str, token: str | None = None, **variables: Any
) -> AsyncIterator[Events]:
    """A subscription that ends with the block."""
    headers = EVENTS | ({"authorization": f"Bearer {token}"} if token else {})
    body = {"query": query, "variables": variables}
    async with http.stream("POST", "/graphql", json=body, headers=headers) as response:
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Events(response)


async def refused(http: httpx.AsyncClient, query: str, token: str) -> tuple[int, str]:
    """Status and code with which a subscription is refused."""
    headers = EVENTS | {"authorization": f"Bearer {token}"}
    answer = await http.post("/graphql", json={"query": query}, headers=headers)
    return answer.status_code, answer.json()["errors"][0]["extensions"]["code"]


@asynccontextmanager
async def listening(graph: Graph, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server on a free port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        app = create_app(graph, None, ApiSettings(**settings))
        server = uvicorn.Server(uvicorn.Config(app, http="httptools", ws="none", log_config=None))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            async with httpx.AsyncClient(base_url=url, timeout=20) as http:
                yield http
        finally:
            app.state.end_streams()
            server.should_exit = True
            await serving
