"""Exports the graph as the folder of files an import reads, and the computed numbers beside them."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from pathlib import Path
from typing import IO, Any, LiteralString

from graph.driver import Graph
from graph.errors import Invalid
from graph.folders import audiences as filters
from graph.folders.audiences import Audiences
from graph.folders.columns import TABLES
from graph.folders.report import ExportReport, Progress
from graph.folders.scope import PAGE, Scope, everything
from graph.folders.shapes import Table
from graph.folders.statements import PAGE_CUSTOMERS, PAGE_IDEAS, PAGE_MENTIONS
from graph.folders.values import joined

_QUOTED = re.compile(r'[",\r\n]|^\ufeff')

Rows = AsyncIterator[Sequence[Any]]


async def export_folder(
    graph: Graph,
    folder: Path,
    progress: Progress | None = None,
    scope: Scope | None = None,
    audiences: Audiences | None = None,
) -> ExportReport:
    """Write every import file, and the published scores, tallies, analyses and detected communities.

    A scope narrows that to some files and rows; without `audiences`, challenges are written without theirs.

    Rows are ordered by external id, so the same graph gives the same bytes; a file appears under its name
    when it is whole. Memory holds one page of records.
    """
    try:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    except OSError as error:
        raise Invalid(f"{folder} cannot be made: {error.strerror}", field="folder") from error
    report = ExportReport(folder)
    within = scope or everything(graph)
    for table in TABLES:
        if within.files is None or table.name in within.files:
            await _write(
                report, progress, table.name, table.names, _table_rows(graph, table, within, audiences)
            )
    for name, columns, rows in DERIVED_FILES:
        if within.computed is None or name in within.computed:
            await _write(report, progress, name, columns, rows(graph, within))
    return report


async def _write(
    report: ExportReport, progress: Progress | None, name: str, columns: Sequence[str], rows: Rows
) -> None:
    file = f"{name}.csv"
    part = report.folder / f"{file}.part"
    try:
        with part.open("w", encoding="utf-8", newline="") as out:
            report.files[file] = await _write_rows(out, columns, rows, progress, file)
        part.replace(report.folder / file)
    except OSError as error:
        raise Invalid(
            f"{report.folder / file} cannot be written: {error.strerror}", field="folder"
        ) from error
    finally:
        part.unlink(missing_ok=True)


async def _write_rows(
    out: IO[str], columns: Sequence[str], rows: Rows, progress: Progress | None, file: str
) -> int:
    count = 0
    out.write(",".join(columns) + "\n")
    async for row in rows:
        out.write(",".join(map(_cell, row)) + "\n")
        count += 1
        if progress and count % PAGE == 0:
            progress(file, count, 0.0)
    if progress:
        progress(file, count, 1.0)
    return count


def _cell(value: Any) -> str:
    if isinstance(value, list):
        value = joined(value)
    if isinstance(value, str):
        # Python's own writer leaves a lone carriage return bare, which no reader takes
        return '"' + value.replace('"', '""') + '"' if _QUOTED.search(value) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return "" if value is None else repr(value)


async def _pages(
    graph: Graph, scope: Scope, page: LiteralString, query: LiteralString, **parameters: object
) -> AsyncIterator[list[list[Any]]]:
    async for ids in scope.pages(page):
        row = await graph.read_one(query, keys=ids, **parameters)
        yield row["rows"] if row else []


async def _table_rows(graph: Graph, table: Table, scope: Scope, audiences: Audiences | None) -> Rows:
    unordered = [place for place, column in enumerate(table.columns) if column.linked]
    async for rows in _pages(graph, scope, table.cypher.page, table.cypher.owned):
        if table.name == "advocacy":
            await _name_others(graph, rows)
        if table.name == "challenges":
            await filters.write_out(graph, audiences, table, rows)
        for row in sorted(rows, key=lambda row: (row[table.owner], *row[: table.key])):
            for place in unordered:
                row[place] = sorted(row[place])
            if (kept := scope.narrowed(table, row)) is not None:
                yield kept


PRODUCTS: LiteralString = """
UNWIND $keys AS key MATCH (p:Product {uid: key}) RETURN collect([p.uid, p.externalId]) AS rows
"""
LINKS: LiteralString = """
UNWIND $keys AS key MATCH (k:ReferralLink {uid: key}) RETURN collect([k.uid, k.code]) AS rows
"""


async def _name_others(graph: Graph, rows: list[list[Any]]) -> None:
    for place, query in ((6, PRODUCTS), (10, LINKS)):
        uids = {row[place] for row in rows if row[place] is not None}
        found = await graph.read_one(query, keys=sorted(uids)) if uids else None
        names = dict(found["rows"]) if found else {}
        for row in rows:
            row[place] = names.get(row[place])


PUBLISHED: LiteralString = "MATCH (p:Publication {name: $name}) RETURN p.slot AS slot, p.publishedAt AS at"


async def _published(graph: Graph, name: str) -> tuple[str, str | None]:
    row = await graph.read_one(PUBLISHED, name=name)
    return (row["slot"], row["at"]) if row and row["slot"] else ("", None)


SCORES: LiteralString = """UNWIND $keys AS key
MATCH (n:Customer {externalId: key})
RETURN collect(CASE $slot
  WHEN 'A' THEN [n.externalId, '', n.reachA, n.standingA, n.voiceA, n.advocacyA, n.harmA,
    n.reachMarginA, n.standingMarginA, n.voiceMarginA, n.advocacyMarginA, n.harmMarginA, n.bandA, n.trustA, n.vouchedA]
  WHEN 'B' THEN [n.externalId, '', n.reachB, n.standingB, n.voiceB, n.advocacyB, n.harmB,
    n.reachMarginB, n.standingMarginB, n.voiceMarginB, n.advocacyMarginB, n.harmMarginB, n.bandB, n.trustB, n.vouchedB]
  ELSE [n.externalId, '', null, null, null, null, null, null, null, null, null, null, null, null, null] END) AS rows"""

SCORES_INSIDE: LiteralString = """UNWIND $keys AS key
MATCH (n:Customer {externalId: key})-[m:MEMBER_OF]->(g:Community)
RETURN collect(CASE $slot
  WHEN 'A' THEN [n.externalId, g.externalId, m.reachA, m.standingA, m.voiceA, m.advocacyA, m.harmA,
    m.reachMarginA, m.standingMarginA, m.voiceMarginA, m.advocacyMarginA, m.harmMarginA, null, m.trustA, m.vouchedA]
  WHEN 'B' THEN [n.externalId, g.externalId, m.reachB, m.standingB, m.voiceB, m.advocacyB, m.harmB,
    m.reachMarginB, m.standingMarginB, m.voiceMarginB, m.advocacyMarginB, m.harmMarginB, null, m.trustB, m.vouchedB]
  ELSE [n.externalId, g.externalId, null, null, null, null, null, null, null, null, null, null, null, null,
    null] END) AS rows"""


async def _scores(graph: Graph, scope: Scope) -> Rows:
    slot, at = await _published(graph, "influence")
    async for ids in scope.pages(PAGE_CUSTOMERS):
        overall = await graph.read_one(SCORES, keys=ids, slot=slot)
        inside = await graph.read_one(SCORES_INSIDE, keys=ids, slot=slot)
        rows = [*overall["rows"]] if overall else []
        rows += (
            [row for row in inside["rows"] if any(score is not None for score in row[2:])] if inside else []
        )
        for row in sorted(rows, key=lambda row: row[:2]):
            yield [*row[:7], at, *row[7:]]


TALLIES: LiteralString = """UNWIND $keys AS key
MATCH (n:Idea {externalId: key})
RETURN collect(CASE $slot
  WHEN 'A' THEN [n.externalId, n.upA, n.downA, n.passedA, n.supportA,
    n.consensusA, n.bridgingA, n.divisiveA, n.risingA, n.effectiveA]
  WHEN 'B' THEN [n.externalId, n.upB, n.downB, n.passedB, n.supportB,
    n.consensusB, n.bridgingB, n.divisiveB, n.risingB, n.effectiveB]
  ELSE [n.externalId, null, null, null, null, null, null, null, null, null] END) AS rows"""


async def _tallies(graph: Graph, scope: Scope) -> Rows:
    slot, _ = await _published(graph, "tally")
    async for rows in _pages(graph, scope, PAGE_IDEAS, TALLIES, slot=slot):
        for row in sorted(rows):
            yield row


ANALYSIS: LiteralString = """UNWIND $keys AS key
MATCH (n:Mention {externalId: key})
RETURN collect([n.externalId, n.language, n.sentiment, n.sentimentLabel,
  [(n)-[:ON]->(t:Topic) | t.externalId], n.noise]) AS rows"""


async def _analysis(graph: Graph, scope: Scope) -> Rows:
    async for rows in _pages(graph, scope, PAGE_MENTIONS, ANALYSIS):
        for row in sorted(rows, key=_first):
            yield [*row[:4], sorted(row[4]), row[5]]


DETECTED: LiteralString = """UNWIND $keys AS key
MATCH (n:Customer {externalId: key})-[m:MEMBER_OF]->(g:Community {kind: 'DETECTED'})
RETURN collect([n.externalId, g.externalId]) AS rows"""


async def _detected(graph: Graph, scope: Scope) -> Rows:
    async for rows in _pages(graph, scope, PAGE_CUSTOMERS, DETECTED):
        for row in sorted(rows):
            yield row


def _first(row: Sequence[Any]) -> str:
    return str(row[0])


DERIVED_FILES: Iterable[tuple[str, Sequence[str], Callable[[Graph, Scope], Rows]]] = (
    (
        "scores",
        (
            *("customer", "community", "reach", "standing", "voice", "advocacy", "harm", "computed_at"),
            *("reach_margin", "standing_margin", "voice_margin", "advocacy_margin", "harm_margin", "band"),
            *("trust", "vouched"),
        ),
        _scores,
    ),
    (
        "tallies",
        (
            *("idea", "up", "down", "passed", "support", "consensus", "bridging", "divisive", "rising"),
            "effective",
        ),
        _tallies,
    ),
    ("analysis", ("mention", "language", "sentiment", "label", "topics", "noise"), _analysis),
    ("communities_detected", ("customer", "community"), _detected),
)
