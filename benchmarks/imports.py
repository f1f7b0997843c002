"""Import of a folder against the bare driver writing the same records in the same batches.

The driver gets finished property maps and creates blindly. The import reads CSV, checks each cell, looks
up what is there already, refuses what is wrong, and may run again. An engine grows several times faster
while its code is compiled, so some rounds count for neither; then each goes first in every other round, and
the median counts.

    python -m benchmarks.imports [--rows 20000] [--neo4j bolt://127.0.0.1:7687]

User and password of that Neo4j are those of MUHATAP_GRAPH_USER and MUHATAP_GRAPH_PASSWORD.
"""

import argparse
import asyncio
import csv
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, LiteralString

import neo4j

from graph.driver import Graph, Transaction, open_graph
from graph.embedded import USER
from graph.folders import import_folder
from graph.folders.entries import BATCH_ROWS
from graph.migrate import migrate
from graph.records import new_uid, now
from graph.settings import GraphSettings
from graph.text import fold

WARM_ROUNDS = 3
ROUNDS = 4
BARE: dict[str, Sequence[LiteralString]] = {
    "customers": (
        """UNWIND $rows AS r CREATE (n:Customer) SET n = r.set
CREATE (n)-[:IDENTIFIED_BY]->(i:Identity) SET i = r.identity""",
    ),
    "ideas": ("UNWIND $rows AS r CREATE (n:Idea) SET n = r.set",),
    "mentions": (
        """UNWIND $rows AS r MATCH (a:Customer {externalId: r.author})
CREATE (a)-[:WROTE]->(m:Mention) SET m = r.set""",
        """UNWIND $rows AS r MATCH (m:Mention {externalId: r.set.externalId})
MATCH (c:Customer {externalId: r.names})
CREATE (m)-[:NAMES]->(c)""",
    ),
    "advocacy": (
        """UNWIND $rows AS r MATCH (a:Customer {externalId: r.from}) MATCH (b:Customer {externalId: r.to})
CREATE (a)-[e:ADVOCATED]->(b) SET e = r.set""",
    ),
    "votes": (
        """UNWIND $rows AS r MATCH (a:Customer {externalId: r.voter}) MATCH (b:Idea {externalId: r.idea})
CREATE (a)-[e:VOTED]->(b) SET e = r.set""",
    ),
}
EMPTY: LiteralString = """
MATCH (n) WHERE n:Customer OR n:Idea OR n:Mention OR n:Identity WITH n LIMIT 10000 DETACH DELETE n
RETURN count(*) AS gone
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """Rows a second of one file, by the bare driver and by the import."""

    engine: str
    file: str
    rows: int
    bare: float
    ours: float

    @property
    def ratio(self) -> float:
        """How much of the bare driver's speed the import keeps."""
        return self.ours / self.bare


def made(count: int, seed: int = 7) -> dict[str, list[dict[str, Any]]]:
    """Cells of each file, the same for the same seed: a quarter as many customers as acts of each kind."""
    random_ = random.Random(seed)
    people, ideas = max(8, count // 4), max(4, count // 200)
    at = [f"2026-01-{1 + n % 28:02}T{n % 24:02}:00:00.000Z" for n in range(count)]
    pairs = sorted({(random_.randrange(people), random_.randrange(ideas)) for _ in range(count)})
    random_.shuffle(pairs)
    ends = [random_.sample(range(people), 2) for _ in range(count)]
    return {
        "customers": [{"id": f"c{n}", "name": f"Müşteri {n}", "identities": f"x:{n}"} for n in range(people)],
        "ideas": [{"id": f"i{n}", "title": f"Idea {n}", "at": at[n]} for n in range(ideas)],
        "mentions": [
            {
                "id": f"m{n}",
                "author": f"c{a}",
                "channel": "x",
                "text": f"text of {n} " * 5,
                "at": at[n],
                "names": f"c{b}",
            }
            for n, (a, b) in enumerate(ends)
        ],
        "advocacy": [
            {
                "id": f"a{n}",
                "from": f"c{a}",
                "to": f"c{b}",
                "kind": "RATING",
                "weight": n % 10 / 10,
                "at": at[n],
            }
            for n, (b, a) in enumerate(ends)
        ],
        "votes": [
            {"voter": f"c{a}", "idea": f"i{b}", "value": 1, "at": at[n]} for n, (a, b) in enumerate(pairs)
        ],
    }


def maps(file: str, cells: dict[str, Any]) -> dict[str, Any]:
    """What the bare driver is given for a row: the properties that the import stores."""
    links = ("author", "names", "from", "to", "voter", "idea", "identities", "id")
    row = {name: value for name, value in cells.items() if name in links}
    stored = {name: value for name, value in cells.items() if name not in links}
    if file != "votes":
        stored |= {"uid": new_uid(), "externalId": cells["id"], "createdAt": now()}
    for text in stored.keys() & {"name", "title", "text"}:
        stored[f"{text}Key"] = fold(stored[text])
    if file == "customers":
        stored |= {"kind": "PERSON", "suspended": False}
        channel, _, handle = row["identities"].partition(":")
        row["identity"] = {
            "uid": new_uid(),
            "key": f"{channel}:{handle}",
            "channel": channel,
            "handle": handle,
        }
    return row | {"set": stored}


async def run(graph: Graph, count: int = 20_000) -> list[Measured]:
    """Measures every file on one engine: warm, in turn, the median of the rounds."""
    data = made(count)
    bare, ours = defaultdict[str, list[float]](list), defaultdict[str, list[float]](list)
    for turn in range(WARM_ROUNDS + ROUNDS):
        for by_driver in (turn % 2 == 0, turn % 2 == 1):
            await _empty(graph)
            for file, cells in data.items():
                if by_driver:
                    seconds = await _bare(graph, file, [maps(file, row) for row in cells])
                else:
                    seconds = await _import(graph, file, cells)
                if turn >= WARM_ROUNDS:
                    (bare if by_driver else ours)[file].append(len(cells) / seconds)
    await _empty(graph)
    return [
        Measured(graph.engine, file, len(cells), median(bare[file]), median(ours[file]))
        for file, cells in data.items()
    ]


async def _bare(graph: Graph, file: str, rows: list[dict[str, Any]]) -> float:
    async with (
        neo4j.AsyncGraphDatabase.driver(graph.url, auth=_login(graph)) as driver,
        driver.session(**graph._session_config) as session,
    ):
        started = time.perf_counter()
        for first in range(0, len(rows), BATCH_ROWS):
            for query in BARE[file]:
                await session.execute_write(_create, query, rows[first : first + BATCH_ROWS])
        return time.perf_counter() - started


def _login(graph: Graph) -> tuple[str, str] | None:
    if graph.endpoint:
        return USER, graph.endpoint.password
    password = graph.settings.graph_password
    return (graph.settings.graph_user, password.get_secret_value()) if password else None


async def _create(tx: Transaction, query: LiteralString, rows: list[dict[str, Any]]) -> None:
    await (await tx.run(query, rows=rows)).consume()


async def _import(graph: Graph, file: str, cells: list[dict[str, Any]]) -> float:
    """Seconds until the rows are in the graph, without the ties, which the driver does not make."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        with (path / f"{file}.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(cells[0]))
            writer.writeheader()
            writer.writerows(cells)
        done = [time.perf_counter()]
        report = await import_folder(graph, path, progress=lambda *_: done.append(time.perf_counter()))
        if report.rejections or report.files[0].written != len(cells):
            raise RuntimeError(f"the import of {file} went wrong: {report}")
        return done[-1] - done[0]


async def _empty(graph: Graph) -> None:
    while await graph.write(_some_gone):
        pass


async def _some_gone(tx: Transaction) -> int:
    record = await (await tx.run(EMPTY)).single()
    return int(record["gone"]) if record else 0


async def main(count: int, url: str | None) -> None:
    """Prints a table for the embedded engine, and for a Neo4j if one is given."""
    print("engine    file          rows  bare rows/s  import rows/s  ratio")
    with tempfile.TemporaryDirectory(prefix="muhatap-", ignore_cleanup_errors=True) as home:
        for each in (None, url) if url else (None,):
            async with open_graph(GraphSettings(home=Path(home), graph_url=each)) as graph:
                await migrate(graph)
                for row in await run(graph, count):
                    speeds = f"{row.bare:12,.0f} {row.ours:14,.0f} {row.ratio:6.2f}"
                    print(f"{row.engine:9} {row.file:10} {row.rows:7} {speeds}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Import against the bare driver")
    parser.add_argument("--rows", type=int, default=20_000, help="acts of each kind")
    parser.add_argument("--neo4j", help="bolt://… of an EMPTY Neo4j to measure too")
    given = parser.parse_args()
    asyncio.run(main(given.rows, given.neo4j))
