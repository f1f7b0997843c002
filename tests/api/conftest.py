"""A client of the API on a small community, on whichever engine the tests run."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest_asyncio

from api.app import create_app
from api.settings import ApiSettings
from graph import tokens
from graph.driver import Graph
from graph.records import now
from graph.tokens import Role

Ask = Callable[..., Awaitable[dict[str, Any]]]


@dataclass
class Client:
    """Posts documents as one caller."""

    http: httpx.AsyncClient
    token: str
    graph: Graph

    async def __call__(
        self, query: str, headers: dict[str, str] | None = None, **variables: Any
    ) -> dict[str, Any]:
        """The whole response."""
        sent = {"authorization": f"Bearer {self.token}"} | (headers or {})
        answer = await self.http.post("/graphql", json={"query": query, "variables": variables}, headers=sent)
        found: dict[str, Any] = answer.json()
        return found

    async def data(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of a response without errors."""
        answer = await self(query, **variables)
        assert "errors" not in answer, answer
        found: dict[str, Any] = answer["data"]
        return found

    async def as_role(self, role: Role, customer: str | None = None) -> "Client":
        """The same API as somebody of this role."""
        token, _ = await self.graph.write(
            tokens.create, name=role.value, role=role, now=now(), customer=customer
        )
        return Client(self.http, token, self.graph)


@pytest_asyncio.fixture
async def client(graph: Graph) -> AsyncIterator[Client]:
    """An administrator's client on an empty graph."""
    token, _ = await graph.write(tokens.create, name="test", role=Role.ADMINISTRATOR, now=now())
    transport = httpx.ASGITransport(create_app(graph, None, ApiSettings()))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        yield Client(http, token, graph)
