"""Brings the schema of the graph up to the numbered files in migrations/, once each, on either engine."""

import asyncio
import base64
import fcntl
import hashlib
import json
import os
import re
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http.client import HTTPException
from importlib import resources
from pathlib import Path

from graph.driver import Engine, Graph, Transaction
from graph.embedded import DATABASE, USER, Endpoint
from graph.errors import Conflict, Unavailable
from graph.records import now


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: what to run, and the checksum of its text."""

    number: int
    name: str
    checksum: str
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """A migration and when this database got it; None: not yet."""

    number: int
    name: str
    applied_at: str | None


SCHEMA = re.compile(
    r"CREATE (?P<form>CONSTRAINT|FULLTEXT INDEX|INDEX) \S+ IF NOT EXISTS FOR "
    r"(?:\(n:(?P<label>\w+)\)|\(\)-\[r:(?P<type>\w+)\]-\(\)) "
    r"(?:REQUIRE [nr]\.(?P<unique>\w+) IS UNIQUE|ON \([nr]\.(?P<key>\w+)(?:, [nr]\.(?P<second>\w+))?\)|"
    r"ON EACH \[[nr]\.(?P<text>\w+)\])"
    r"(?: // (?P<kind>[A-Z]+))?"
)


async def migrate(graph: Graph) -> list[Applied]:
    """Apply what this database has not got, in order, one command at a time; returns what was applied."""
    async with _lock(graph):
        found, applied = await _recorded(graph), []
        for migration in migrations():
            if not _has(migration, found):
                for statement in migration.statements:
                    await _apply(graph, statement)
                at = now()
                await graph.write(_record, migration=migration, at=at)
                applied.append(Applied(migration.number, migration.name, at))
        if applied and graph.engine is Engine.NEO4J:
            await graph.write(_run, "CALL db.awaitIndexes(300)")
    return applied


async def status(graph: Graph) -> list[Applied]:
    """Every migration of this version, and when this database got it."""
    found = await _recorded(graph)
    return [
        Applied(one.number, one.name, found[one.number][1] if _has(one, found) else None)
        for one in migrations()
    ]


def migrations(folder: Path | None = None) -> list[Migration]:
    """The migrations in a folder (default: those of this version), by number."""
    place = folder or resources.files("graph") / "migrations"
    files = {file.name: file for file in place.iterdir() if file.name.endswith(".cypher")}
    return [_parsed(name, files[name].read_text(encoding="utf-8")) for name in sorted(files)]


def _parsed(file: str, text: str) -> Migration:
    number, _, name = file.removesuffix(".cypher").partition("_")
    return Migration(int(number), name, hashlib.sha256(text.encode()).hexdigest(), tuple(_statements(text)))


def _statements(text: str) -> Iterator[str]:
    """Statements end with a semicolon at the end of a line; a comment behind it stays with them."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("//")]
    statement: list[str] = []
    for line in lines:
        body, _, comment = line.partition("; //")
        statement.append(body.rstrip().removesuffix(";"))
        if comment or line.rstrip().endswith(";"):
            yield "\n".join(statement) + (f" //{comment}" if comment else "")
            statement = []
    if statement:
        raise ValueError(f"a statement does not end with a semicolon: {statement[0]}")


def indexed(engine: Engine) -> set[tuple[str, ...]]:
    """Label or type, and properties, of every index and constraint of this version on an engine."""
    found = (SCHEMA.fullmatch(statement) for one in migrations() for statement in one.statements)
    return {
        _owner_and_keys(one)[1:] for one in found if one and not (one["second"] and engine is Engine.ARCADEDB)
    }


def _owner_and_keys(found: re.Match[str]) -> tuple[str, ...]:
    form, owner = ("VERTEX", found["label"]) if found["label"] else ("EDGE", found["type"])
    keys = (found["unique"] or found["key"] or found["text"], found["second"])
    return form, owner, *filter(None, keys)


def embedded_schema(statement: str) -> list[str] | None:
    """The same constraint or index in the embedded engine's SQL, its property typed first; None for data.

    An index of two keys has none: that engine reads no page from it.
    """
    found = SCHEMA.fullmatch(statement)
    if found is None:
        return None
    form, owner, key, *second = _owner_and_keys(found)
    if second:
        return []
    kind = "UNIQUE" if found["unique"] else "FULL_TEXT" if found["text"] else "NOTUNIQUE"
    return [
        f"CREATE {form} TYPE {owner} IF NOT EXISTS",
        f"CREATE PROPERTY {owner}.{key} IF NOT EXISTS {found['kind'] or 'STRING'}",
        f"CREATE INDEX IF NOT EXISTS ON {owner} ({key}) {kind}",
    ]


async def _apply(graph: Graph, statement: str) -> None:
    if graph.engine is Engine.ARCADEDB and (commands := embedded_schema(statement)) is not None:
        if graph.endpoint is None:
            raise Unavailable("An ArcadeDB reached by MUHATAP_GRAPH_URL cannot be migrated: use it embedded")
        if commands:
            await asyncio.to_thread(_sql, graph.endpoint, commands)
        return
    while await graph.write(_run, statement):
        pass


def _sql(endpoint: Endpoint, commands: list[str]) -> None:
    login = base64.b64encode(f"{USER}:{endpoint.password}".encode()).decode()
    request = urllib.request.Request(  # noqa: S310  (our own loopback address)
        f"{endpoint.sql}/api/v1/command/{DATABASE}",
        json.dumps({"language": "sqlscript", "command": ";\n".join(commands)}).encode(),
        {"content-type": "application/json", "authorization": f"Basic {login}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            answer.read()
    except urllib.error.HTTPError as error:
        why = error.read().decode(errors="replace")[:500]
        raise Unavailable(f"The embedded graph refused {commands[-1]!r}: {why}") from error
    except (OSError, HTTPException) as error:
        raise Unavailable(f"The embedded graph at {endpoint.sql} does not answer: {error}") from error


async def _run(tx: Transaction, statement: str) -> int:
    """What a statement says it changed; 0 if it says nothing."""
    row = await (await tx.run(statement)).single()
    return int(row["changed"]) if row else 0


RECORD = """
MERGE (m:Migration {number: $number})
SET m.name = $name, m.checksum = $checksum, m.appliedAt = $at
"""


async def _record(tx: Transaction, *, migration: Migration, at: str) -> None:
    result = await tx.run(
        RECORD, number=migration.number, name=migration.name, checksum=migration.checksum, at=at
    )
    await result.consume()


RECORDED = "MATCH (m:Migration) RETURN m.number AS number, m.checksum AS checksum, m.appliedAt AS at"


async def _recorded(graph: Graph) -> dict[int, tuple[str, str]]:
    return {row["number"]: (row["checksum"], row["at"]) for row in await graph.read(RECORDED)}


def _has(migration: Migration, found: dict[int, tuple[str, str]]) -> bool:
    if migration.number not in found:
        return False
    if found[migration.number][0] != migration.checksum:
        raise Conflict(
            f"Migration {migration.number:04}_{migration.name} was changed after this database got it; "
            "put its old text back and write a new migration"
        )
    return True


LOCK = "MERGE (l:MigrationLock {name: 'schema'}) SET l.touched = coalesce(l.touched, 0) + 1"
LOCK_KEY = "CREATE CONSTRAINT migrationLock_name IF NOT EXISTS FOR (n:MigrationLock) REQUIRE n.name IS UNIQUE"


@asynccontextmanager
async def _lock(graph: Graph) -> AsyncIterator[None]:
    """One migrating command at a time; a killed one holds nothing: the kernel, or the database, lets go."""
    if graph.engine is Engine.NEO4J:
        await graph.write(_run, LOCK_KEY)
        async with graph.transaction() as tx:
            await (await tx.run(LOCK)).consume()
            yield
    else:
        file = await asyncio.to_thread(_flock, graph.settings.home / "graph" / "migrate.lock")
        try:
            yield
        finally:
            os.close(file)


def _flock(path: Path) -> int:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(file, fcntl.LOCK_EX)
    return file
