"""The embedded graph: ArcadeDB's server as a child process, one per home, on loopback."""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import neo4j
from neo4j.exceptions import DriverError, Neo4jError

from graph import keeper
from graph.home import package, unusable
from graph.settings import GraphSettings

DATABASE = "muhatap"
USER = "root"
# 2: fsync at every commit; the engine's own default 0 may lose or tear what a power cut catches
WAL_FLUSH = 2


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the running embedded engine answers; `sql` is the base URL of its HTTP commands."""

    url: str
    sql: str
    password: str
    wal_flush: int


@asynccontextmanager
async def embedded_engine(settings: GraphSettings) -> AsyncIterator[Endpoint]:
    """Hold the engine of this home; it stops with the last command that holds it."""
    folder = settings.home / "graph"
    server = package("arcadedb_embedded", "There is no graph database: set MUHATAP_GRAPH_URL to a Neo4j")
    try:
        hold = await asyncio.to_thread(
            keeper.hold,
            folder,
            lambda: _engine(folder, server, settings.graph_heap),
            _ready,
            settings.graph_start_timeout,
        )
    except (keeper.NotStarted, OSError) as error:
        raise unusable("The embedded graph did not start", settings.home, error) from error
    try:
        facts = hold.facts
        yield Endpoint(facts["url"], facts["sql"], facts["password"], facts["wal_flush"])
    finally:
        hold.release()


def _engine(folder: Path, package: Path, heap: str) -> keeper.Engine:
    password, (bolt, http) = _password(folder), _ports(folder)
    options = {
        "server.rootPasswordPath": folder / "password",
        "server.rootPath": folder,
        "server.databaseDirectory": folder / "databases",
        "server.logsDirectory": folder / "log",
        "server.plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
        "server.defaultDatabases": f"{DATABASE}[{USER}]",
        "server.httpIncomingHost": "127.0.0.1",
        "server.httpIncomingPort": http,
        "bolt.host": "127.0.0.1",
        "bolt.port": bolt,
        "txWalFlush": WAL_FLUSH,
    }
    command = [
        str(package / "jre/bin/java"),
        "-Xms64m",
        f"-Xmx{heap}",
        "-XX:+UseSerialGC" if heap.endswith("m") else "-XX:+UseParallelGC",
        "--add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED",
        "--add-opens=java.base/java.nio.channels.spi=ALL-UNNAMED",
        "-Dpolyglot.engine.WarnInterpreterOnly=false",
        *(f"-Darcadedb.{name}={value}" for name, value in options.items()),
        "-cp",
        str(package / "jars/*"),
        "com.arcadedb.server.ArcadeDBServer",
    ]
    facts = {
        "url": f"bolt://127.0.0.1:{bolt}",
        "sql": f"http://127.0.0.1:{http}",
        "password": password,
        "wal_flush": WAL_FLUSH,
    }
    return keeper.Engine(command, facts)


def _password(folder: Path) -> str:
    path = folder / "password"
    if not path.exists():
        keeper.write_private(path, secrets.token_urlsafe(24))
    return path.read_text(encoding="utf-8")


def _ports(folder: Path) -> list[int]:
    """Those of the last engine, where commands that outlived it still look for it, or free ones."""
    facts = keeper.read_state(folder) or {}
    wanted = [urlsplit(facts.get(name, "")).port or 0 for name in ("url", "sql")]
    with ExitStack() as stack:
        return [stack.enter_context(_listener(port)).getsockname()[1] for port in wanted]


def _listener(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError:
        return socket.create_server(("127.0.0.1", 0))


def _ready(facts: dict[str, Any]) -> bool:
    # Bolt answers before the database exists, so only an answer of the database counts
    try:
        with neo4j.GraphDatabase.driver(
            facts["url"], auth=(USER, facts["password"]), max_transaction_retry_time=0, connection_timeout=2
        ) as driver:
            driver.execute_query("RETURN 1", database_=DATABASE)
            return True
    except (Neo4jError, DriverError, OSError):
        return False
