"""Fills one live graph, starts every server on it, checks that they answer alike, and measures in turn."""

import asyncio
import secrets
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from benchmarks.live import processes
from benchmarks.live.community import CUSTOMERS, Community, community, load
from benchmarks.live.load import Figure, drive, measure
from benchmarks.live.queries import READS, Answer
from benchmarks.live.servers import Server, servers
from benchmarks.live.target import Target
from graph.driver import Graph, open_graph
from graph.embedded import DATABASE, USER
from graph.migrate import migrate
from graph.settings import GraphSettings
from tests.neo4j.server import neo4j_server

ENGINES = ("neo4j", "embedded")
# A database just started answers its first reads in seconds: it plans them, and its code is cold.
COLD = 12
# @neo4j/graphql asks for procedures that only Neo4j has.
SERVERS = {
    "neo4j": ("bare", "muhatap", "yoga", "apollo", "dataloaders"),
    "embedded": ("bare", "muhatap", "dataloaders"),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of whom, how hard and for how long."""

    engine: str = "neo4j"
    servers: tuple[str, ...] = ()
    reads: tuple[str, ...] = READS
    connections: tuple[int, ...] = (1, 8, 32)
    seconds: int = 2
    warm: int = 2
    rounds: int = 2
    customers: int = CUSTOMERS

    @property
    def names(self) -> list[str]:
        """The servers to compare, all that this engine allows when none is named."""
        return list(self.servers or SERVERS[self.engine])


@dataclass(frozen=True, slots=True)
class Comparison:
    """The best of the rounds for each server, read and number of connections, and which graph was asked."""

    graph: str
    figures: list[Figure]


def run(plan: Plan) -> Comparison:
    """Compare as planned; takes minutes, and wants the machine for itself."""
    return asyncio.run(_run(plan))


async def _run(plan: Plan) -> Comparison:
    rows = community(plan.customers)
    uid = rows.customers[len(rows.customers) // 2]["uid"]
    with tempfile.TemporaryDirectory(prefix="live-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        async with _filled(plan.engine, home, rows) as target:
            figures = await asyncio.to_thread(_compare, plan, target, home, uid)
            return Comparison(target.version, figures)


def _compare(plan: Plan, target: Target, home: Path, uid: str) -> list[Figure]:
    database = processes.listener(urlsplit(target.url).port or 7687)
    if database is None:
        raise RuntimeError(f"nothing listens at {target.url}")
    best: dict[tuple[str, str, int], Figure] = {}
    with servers(plan.names, target, home) as started:
        for read in plan.reads * COLD:
            check(started, read, uid)
        _progress(f"{', '.join(plan.names)} answer alike")
        for number in range(plan.rounds):
            for figure in _round(plan, started, uid, database):
                key = (figure.server, figure.read, figure.connections)
                best[key] = figure.better(best.get(key, figure))
            _progress(f"round {number + 1} of {plan.rounds} is done")
    return list(best.values())


def _round(plan: Plan, started: list[Server], uid: str, database: int) -> list[Figure]:
    figures = []
    for read in plan.reads:
        for server in started:
            drive(server, read, uid, connections=8, seconds=plan.warm)
            figures += [
                measure(server, read, uid, database=database, connections=level, seconds=plan.seconds)
                for level in plan.connections
            ]
    return figures


def check(started: list[Server], read: str, uid: str) -> None:
    """Every server must give the same answer, or comparing their speed means nothing."""
    first, *others = started
    expected = first.ask(read, uid)
    for other in others:
        if where := _difference(other.ask(read, uid), expected):
            raise RuntimeError(f"{read}: {other.name} differs from {first.name} at {where}")


def _difference(got: Answer, expected: Answer, place: str = "") -> str | None:
    if isinstance(got, dict) and isinstance(expected, dict) and got.keys() == expected.keys():
        pairs = [(key, got[key], expected[key]) for key in expected]
    elif isinstance(got, list) and isinstance(expected, list) and len(got) == len(expected):
        pairs = [(str(index), *both) for index, both in enumerate(zip(got, expected, strict=True))]
    else:
        return None if got == expected else f"{place or '/'}: {got!r:.200}, not {expected!r:.200}"
    found = (_difference(one, other, f"{place}/{key}") for key, one, other in pairs)
    return next((where for where in found if where), None)


@asynccontextmanager
async def _filled(engine: str, home: Path, rows: Community) -> AsyncIterator[Target]:
    """A graph with the community in it, running until the block ends."""
    with ExitStack() as stack:
        settings = GraphSettings(home=home, graph_heap="2g")
        if engine == "neo4j":
            password = secrets.token_urlsafe(24)
            _progress("starting Neo4j")
            settings = settings.model_copy(
                update={
                    "graph_url": stack.enter_context(neo4j_server(home / "neo4j", password, heap="2g")),
                    "graph_password": SecretStr(password),
                }
            )
        async with open_graph(settings) as graph:
            _progress("loading the community")
            await migrate(graph)
            await load(graph, rows)
            yield _target(graph, settings)


def _target(graph: Graph, settings: GraphSettings) -> Target:
    if endpoint := graph.endpoint:
        version = f"ArcadeDB {graph.version}, embedded"
        return Target(endpoint.url, USER, endpoint.password, DATABASE, embedded=True, version=version)
    assert settings.graph_url is not None
    assert settings.graph_password is not None
    password = settings.graph_password.get_secret_value()
    version = f"Neo4j {graph.version}"
    return Target(settings.graph_url, settings.graph_user, password, settings.graph_database, version=version)


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
