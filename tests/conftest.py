"""The engines the tests run on: embedded ones in a home of their own, or a Neo4j by MUHATAP_TEST_NEO4J."""

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from pydantic import SecretStr

from graph.driver import Graph, Transaction, open_graph
from graph.migrate import migrate
from graph.settings import GraphSettings
from jobs.embedded import embedded_queue
from jobs.settings import JobSettings

# The same examples in each run, and no failure because a machine is busy.
hypothesis_settings.register_profile("muhatap", derandomize=True, deadline=None)
hypothesis_settings.load_profile("muhatap")

EMPTY = "MATCH (n) WHERE NOT n:Migration AND NOT n:MigrationLock DETACH DELETE n"


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """A home of this test session alone."""
    with tempfile.TemporaryDirectory(prefix="muhatap-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def settings(home: Path) -> GraphSettings:
    """Settings of the engine under test."""
    password = os.environ.get("MUHATAP_TEST_NEO4J_PASSWORD")
    return GraphSettings(
        home=home,
        graph_url=os.environ.get("MUHATAP_TEST_NEO4J"),
        graph_user="neo4j",
        graph_password=SecretStr(password) if password else None,
        graph_database="neo4j",
        graph_heap="768m",
    )


@pytest.fixture(scope="session")
async def opened(settings: GraphSettings) -> AsyncIterator[Graph]:
    """The migrated graph, kept open for the session; a test takes `graph`, which is empty."""
    async with open_graph(settings) as graph:
        await migrate(graph)
        yield graph


@pytest.fixture
async def graph(opened: Graph) -> Graph:
    """An open graph, migrated and empty."""
    await opened.write(_empty)
    return opened


async def _empty(tx: Transaction) -> None:
    await (await tx.run(EMPTY)).consume()


@pytest.fixture(scope="session")
async def redis_url(home: Path) -> AsyncIterator[str]:
    """A real Valkey of this test session alone."""
    async with embedded_queue(JobSettings(home=home)) as url:
        yield url
