"""Imports a folder of files into the graph, a batch a transaction, reading ahead while the engine writes."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import LiteralString, TypeVar

from graph.driver import Graph
from graph.errors import Invalid, Taken
from graph.folders import audiences as filters
from graph.folders.audiences import Audiences
from graph.folders.circles import Circles
from graph.folders.columns import BY_NAME, DERIVED, TABLES
from graph.folders.entries import Batch, batches
from graph.folders.known import Known
from graph.folders.programme_checks import in_debt
from graph.folders.reader import Fault, Source, read_rows
from graph.folders.report import REJECTED, WITHOUT, FileReport, ImportReport, Progress, Rejections
from graph.folders.shapes import Column, Entry, Held, Missing, Table, first
from graph.folders.threads import Threads, Wanted
from graph.folders.values import Value, shown
from graph.folders.writer import Outcome, write_batch
from graph.patience import outlasting
from graph.records import Instant, now
from graph.ties import rebuild_stale

T = TypeVar("T")

FORMS = ("csv", "jsonl", "csv.gz", "csv.xz", "jsonl.gz", "jsonl.xz")
LATER_ROWS = 5_000


@dataclass(slots=True)
class _Later:
    """References to records further down in the file: (column, record) to (line, record referred to)."""

    wanted: Wanted = field(default_factory=dict)

    def waiting(self, column: str, record: str) -> str | None:
        """What a record waits for."""
        found = self.wanted.get((column, record))
        return found and found[1]

    def forget(self, table: Table, entry: Entry) -> None:
        """Drops what an earlier row of the same record waits for, where this row says otherwise."""
        for place, column in table.references if self.wanted else ():
            if entry.values[place] is not None:
                self.wanted.pop((column.name, str(entry.values[0])), None)


@dataclass(slots=True)
class _Run:
    """What one import carries from file to file."""

    graph: Graph
    known: Known
    circles: Circles
    rejections: Rejections
    dry: bool
    now: Instant
    progress: Progress | None
    audiences: Audiences | None
    threads: Threads
    held: Held | None

    async def outlasting(self, act: Callable[[], Awaitable[T]]) -> T:
        """An act that changes nothing when it is repeated, as long as an engine may take to come back."""
        return await outlasting(self.graph.settings.graph_start_timeout, act)


async def import_folder(
    graph: Graph,
    folder: Path,
    *,
    dry_run: bool = False,
    rejected: Path | None = None,
    progress: Progress | None = None,
    audiences: Audiences | None = None,
) -> ImportReport:
    """Import the files of a folder; what is wrong goes to rejected.csv, the rest into the graph.

    A row that lacks an id, an end point or a vote's value, holds a cell that cannot be read, or names an
    unknown end point, author or challenge is rejected. A row that names an unknown mention, product,
    community or customer besides, or an account another customer holds, is imported without it, and what
    it went without is listed in rejected.csv too. A dry run does all but write to the graph.

    Memory holds two batches, up to a million known ids a label (about 100 bytes each), and about 250 bytes
    for every reply to or share of a mention further down in the file.
    """
    sources, notes = _sources(folder)
    path = rejected or folder / REJECTED
    report = ImportReport(folder, dry_run, path, notes=notes)
    with Rejections(path) as rejections:
        run = _Run(
            graph,
            Known(graph, dry=dry_run),
            Circles(graph, dry=dry_run),
            rejections,
            dry_run,
            now(),
            progress,
            audiences,
            Threads(graph, dry=dry_run),
            {} if dry_run else None,
        )
        for table, source in sources:
            report.files.append(await _import_file(run, table, source))
    if not dry_run:
        report.ties_rebuilt = await run.outlasting(lambda: rebuild_stale(graph))
    return report


def _sources(folder: Path) -> tuple[list[tuple[Table, Source]], list[str]]:
    """The files to import in the order in which they need each other, and a note on each of the others."""
    if not folder.is_dir():
        raise Invalid(
            f"{folder} is not a folder: give one with customers.csv, votes.csv and so on", field="folder"
        )
    found: dict[str, list[Path]] = {}
    notes = []
    for path in sorted(folder.iterdir()):
        name, _, form = path.name.partition(".")
        if name in BY_NAME and form in FORMS:
            found.setdefault(name, []).append(path)
        elif name and path.name != REJECTED:
            notes.append(f"{path.name}: {_passed_over(name)}")
    return [(table, Source(path)) for table in TABLES for path in found.get(table.name, ())], notes


def _passed_over(name: str) -> str:
    if name in DERIVED:
        return "passed over, it is computed and never imported"
    return "passed over" if name == "labels" else "passed over, it is no import file"


async def _import_file(run: _Run, table: Table, source: Source) -> FileReport:
    report = FileReport(source.path.name)
    later = _Later()
    stripped = 0
    rows = batches(table, read_rows(source, table.names, table.needed))
    batch = await _read(run, table, rows)
    while batch is not None:
        ahead = asyncio.create_task(_read(run, table, rows))
        try:
            await _import_batch(run, table, batch, report, later)
        except BaseException:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)
            raise
        stripped += batch.stripped
        _tell(run, source, report)
        batch = await ahead
    await _import_later(run, table, later, report)
    _note(report, source, stripped)
    if table.name == "ledger" and not run.dry:
        report.notes += await run.outlasting(lambda: in_debt(run.graph))
    return report


async def _read(run: _Run, table: Table, rows: Iterator[Batch]) -> Batch | None:
    """The next batch; which of the records of other files that it names are there is known by then."""
    batch = await asyncio.to_thread(next, rows, None)
    for label, ids in _named(table, batch.entries).items() if batch else ():
        if label != table.label:
            await _unknown(run, label, ids)
    return batch


async def _import_batch(run: _Run, table: Table, batch: Batch, report: FileReport, later: _Later) -> None:
    report.read += batch.read
    faults = list(batch.faults)
    if batch.entries:
        entries = await _resolved(run, table, batch.entries, faults, later)
        if table.name == "challenges":
            entries = await _with_audiences(run, table, entries, faults)
        if table.name == "comments":
            await run.outlasting(lambda: run.threads.part(entries, later.wanted))
        outcome = await _written(run, table, entries)
        report.written += outcome.written
        report.unchanged += outcome.unchanged
        faults += outcome.faults
    run.rejections.add(report, sorted(faults))


async def _resolved(
    run: _Run, table: Table, entries: list[Entry], faults: list[Fault], later: _Later
) -> list[Entry]:
    """The entries whose end points exist, without those of their other references that do not."""
    _without_themselves(table, entries, faults)
    entries = await run.outlasting(lambda: run.circles.without(table, entries, faults, later.waiting))
    missing = await _missing(run, table, entries)
    if not any(missing.values()) and not later.wanted:
        return entries
    kept = []
    for entry in entries:
        lost = [
            (place, column, each)
            for place, column in table.references
            for each in _ids(entry.values[place])
            if each in missing[column.refers]
        ]
        ends = [(column, each) for _, column, each in lost if column.missing is Missing.REJECT]
        if ends:
            faults.append(Fault(entry.line, _nowhere(*ends[0])))
            continue
        kept.append(entry)
        later.forget(table, entry)
        for place, column, each in lost:
            entry.values[place] = [other for other in _ids(entry.values[place]) if other != each] or None
            if column.missing is Missing.LATER:
                later.wanted[column.name, str(entry.values[0])] = entry.line, each
            else:
                faults.append(Fault(entry.line, _without(column, each)))
    return kept


def _without_themselves(table: Table, entries: list[Entry], faults: list[Fault]) -> None:
    for place, column in table.references:
        if column.missing is not Missing.LATER or column.acyclic:
            continue
        for entry in entries:
            if first(entry.values[place]) == entry.values[0]:
                entry.values[place] = None
                what = f"{shown(str(entry.values[0]))} is the {str(table.label).lower()} itself"
                faults.append(Fault(entry.line, f"{column.name}: {what}; {WITHOUT}"))


async def _with_audiences(run: _Run, table: Table, entries: list[Entry], faults: list[Fault]) -> list[Entry]:
    return await run.outlasting(
        lambda: filters.resolved(run.graph, run.known, run.audiences, table, entries, faults, dry=run.dry)
    )


async def _missing(run: _Run, table: Table, entries: list[Entry]) -> dict[str | None, set[str]]:
    wanted = _named(table, entries)
    if table.label in wanted:
        wanted[table.label] -= {str(entry.values[0]) for entry in entries}
    return {label: await _unknown(run, label, ids) for label, ids in wanted.items()}


def _named(table: Table, entries: list[Entry]) -> dict[str, set[str]]:
    """The ids of the records that entries name, by label."""
    named: dict[str, set[str]] = {}
    for place, column in table.references:
        ids = named.setdefault(str(column.refers), set())
        for entry in entries:
            ids.update(_ids(entry.values[place]))
    return named


async def _unknown(run: _Run, label: str, ids: set[str]) -> set[str]:
    return await run.outlasting(lambda: run.known.missing(label, ids))


def _ids(value: Value | None) -> list[str]:
    return value if isinstance(value, list) else [] if value is None else [str(value)]


NAMES = {
    "ProgrammeMember": "member of the programme",
    "ProgrammeAct": "act",
    "ReferralLink": "referral link",
}


def _nowhere(column: Column, each: str) -> str:
    label = str(column.refers)
    return f"{column.name}: there is no {NAMES.get(label, label.lower())} {shown(each)} in the folder or the graph"


def _without(column: Column, each: str) -> str:
    return f"{_nowhere(column, each)}; {WITHOUT}"


async def _import_later(run: _Run, table: Table, later: _Later, report: FileReport) -> None:
    """Links the records that refer to others of their file further down, now that all are there."""
    wanted = [(line, column, record, other) for (column, record), (line, other) in later.wanted.items()]
    astray: dict[str, int] = {}
    for start in range(0, len(wanted), LATER_ROWS):
        chunk = wanted[start : start + LATER_ROWS]
        missing = await _unknown(run, str(table.label), {other for *_, other in chunk})
        rows: dict[str, Entry] = {}
        for line, column, record, other in chunk:
            entry = rows.setdefault(record, Entry(line, [record, *[None] * (len(table.columns) - 1)]))
            if other not in missing:
                entry.values[table.names.index(column)] = [other]
        faults = [
            Fault(line, _without(table.columns[table.names.index(column)], other))
            for line, column, _, other in chunk
            if other in missing
        ]
        if table.name == "comments":
            await run.outlasting(partial(run.threads.settle, list(rows.values()), faults))
        run.rejections.add(report, sorted(faults))
        await _written(run, table, list(rows.values()))
        astray |= {record: line for line, _, record, other in chunk if other in missing}
    await _without_circles(run, table, astray)


async def _without_circles(run: _Run, table: Table, astray: dict[str, int]) -> None:
    """Takes from records that named another in vain, by line, what they refer to if others have come to rely on that.

    While they waited it counted as given up: what refers to them since may close a circle with it.
    """
    places = [place for place, column in table.references if column.acyclic]
    closed = await run.outlasting(lambda: run.circles.closed(table, set(astray))) if places else set()
    values: list[Value | None] = [[] if place in places else None for place in range(1, len(table.columns))]
    await _written(run, table, [Entry(astray[record], [record, *values]) for record in sorted(closed)])


async def _written(run: _Run, table: Table, entries: list[Entry]) -> Outcome:
    if not entries:
        return Outcome()
    try:
        outcome = await run.outlasting(
            lambda: run.graph.write(write_batch, table, entries, now=run.now, held=run.held)
        )
    except Taken:
        if table.name != "advocacy":
            raise
        return await run.outlasting(lambda: _written_apart(run, table, entries))
    if table.label:
        kept = (entry for entry in entries if entry.line not in outcome.refused)
        run.known.add(table.label, (str(entry.values[0]) for entry in kept))
    return outcome


ENDS: LiteralString = """
MATCH (a:Customer)-[e:ADVOCATED]->(b:Customer)
RETURN e.externalId AS id, a.externalId AS source, b.externalId AS target
"""


async def _written_apart(run: _Run, table: Table, entries: list[Entry]) -> Outcome:
    """Rejects the links whose id another pair of customers has, and writes the others."""
    taken: dict[object, tuple[str, str]] = {}
    ends = {entry.values[0]: entry.values[1:3] for entry in entries}
    async for record in run.graph.stream(ENDS):
        if record["id"] in ends and ends[record["id"]] != [record["source"], record["target"]]:
            taken[record["id"]] = record["source"], record["target"]
    outcome = await run.graph.write(
        write_batch, table, [e for e in entries if e.values[0] not in taken], now=run.now, held=run.held
    )
    outcome.faults += [
        Fault(
            entry.line,
            "id: {} is the id of a link from {} to {}".format(entry.values[0], *taken[entry.values[0]]),
        )
        for entry in entries
        if entry.values[0] in taken
    ]
    return outcome


def _tell(run: _Run, source: Source, report: FileReport) -> None:
    if run.progress:
        run.progress(report.file, report.read, source.share)


def _note(report: FileReport, source: Source, stripped: int) -> None:
    if source.unknown:
        report.notes.append(f"unknown columns passed over: {', '.join(source.unknown)[:200]}")
    if stripped:
        report.notes.append(f"control characters stripped: {stripped}")
