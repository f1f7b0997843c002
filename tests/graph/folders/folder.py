"""What the tests of folders share: a folder from texts, and the graph as comparable values."""

import csv
from pathlib import Path
from typing import Any

from graph.driver import Graph
from graph.folders import FileReport, ImportReport, import_folder

NODES = (
    "MATCH (n) WHERE NOT n:Migration AND NOT n:MigrationLock RETURN labels(n) AS labels, properties(n) AS p"
)
EDGES = """
MATCH (a)-[e]->(b)
RETURN coalesce(a.externalId, CASE WHEN a:Identity THEN a.key END, a.code, a.kind) AS a, type(e) AS kind,
  coalesce(b.externalId, CASE WHEN b:Identity THEN b.key END, b.code, b.kind) AS b, properties(e) AS p
"""
MADE = {"uid", "createdAt", "touched", "wordedAt"}
UIDS = {
    "answer",
    "author",
    "counterpart",
    "customer",
    "evidence",
    "link",
    "referralLink",
    "community",
    "product",
}  # of another record, each checked against its relationship where it has one
ASTRAY = """
OPTIONAL MATCH (c:Customer)-[:WROTE]->(m:Mention) WHERE m.author IS NULL OR m.author <> c.uid
WITH count(m) AS others
OPTIONAL MATCH (:Customer)-[r:MEMBER_OF]->(g:Community) WHERE r.community IS NULL OR r.community <> g.uid
WITH others, count(r) AS elsewhere
OPTIONAL MATCH (m:Mention) WHERE m.author IS NOT NULL AND NOT EXISTS { MATCH (:Customer)-[:WROTE]->(m) }
WITH others, elsewhere, count(m) AS nobodys
RETURN others + elsewhere + nobodys
"""


class Folder:
    """A folder of import files, what its last import reported, and the rows that were rejected."""

    def __init__(self, graph: Graph, path: Path) -> None:
        self.graph = graph
        self.path = path
        self.report: ImportReport

    def write(self, **files: str | bytes) -> "Folder":
        """Writes files by name without .csv, their lines trimmed."""
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            (self.path / f"{name}.csv").write_bytes(data)
        return self

    async def load(self, *, dry_run: bool = False) -> list[tuple[str, str, str]]:
        """Imports the folder and returns the rejected rows."""
        self.report = await import_folder(self.graph, self.path, dry_run=dry_run)
        with self.report.rejected.open(encoding="utf-8", newline="") as file:
            return [(row["file"], row["line"], row["reason"]) for row in csv.DictReader(file)]

    def file(self, name: str) -> FileReport:
        """The report on one file."""
        return next(file for file in self.report.files if file.file == name)


async def snapshot(graph: Graph) -> tuple[list[str], list[str]]:
    """All that is in the graph but what differs by nature: ids and instants made at import."""
    assert await value(graph, ASTRAY) == 0
    nodes = [repr((sorted(row["labels"]), _kept(row["p"]))) for row in await graph.read(NODES)]
    edges = [repr((row["a"], row["kind"], row["b"], _kept(row["p"]))) for row in await graph.read(EDGES)]
    return sorted(nodes), sorted(edges)


async def value(graph: Graph, query: str, **parameters: object) -> Any:
    """The first value of the first row."""
    row = await graph.read_one(query, **parameters)
    return row[0] if row else None


def _kept(properties: dict[str, Any]) -> list[tuple[str, Any]]:
    # the keys of ledger entries and referral links are made of uids
    hidden = MADE | UIDS | ({"key"} if "spendable" in properties or "code" in properties else set())
    return sorted((key, value) for key, value in properties.items() if key not in hidden)
