"""`migrate`, `import` and `export`: the schema and the records of the graph."""

from dataclasses import asdict
from pathlib import Path

from api.cli.shell import ready_graph, run_async, say, say_json, show, step, table
from api.folder_audiences import FolderAudiences
from graph import folders
from graph.driver import Graph, open_graph
from graph.errors import Invalid
from graph.folders import ExportReport, ImportReport, Scope
from graph.migrate import Applied
from graph.migrate import migrate as migrate_graph
from graph.settings import GraphSettings


def migrate(*, json: bool) -> None:
    """Apply the migrations this database has not got."""
    applied = run_async(_migrate())
    if json:
        say_json([asdict(one) for one in applied])
    elif applied:
        say("applied " + ", ".join(f"{one.number:04}_{one.name}" for one in applied))
    else:
        say("nothing to do: the schema is up to date")


async def _migrate() -> list[Applied]:
    async with open_graph(GraphSettings()) as graph:
        return await migrate_graph(graph)


def import_folder(folder: Path, *, dry_run: bool, rejected: Path | None, json: bool) -> None:
    """Import a folder and print what became of its rows."""
    if not folder.is_dir():
        raise Invalid(f"{folder} is not a folder: give one with customers.csv, votes.csv and so on")
    report = run_async(_import(folder, dry_run, rejected, json=json))
    if json:
        say_json(asdict(report) | {"rejections": report.rejections})
    else:
        _show_import(report)
    if not report.files:
        raise Invalid(f"{folder} holds no import file, such as customers.csv, mentions.csv or votes.csv")


async def _import(folder: Path, dry_run: bool, rejected: Path | None, *, json: bool) -> ImportReport:
    async with ready_graph(GraphSettings()) as graph:
        with step(f"{'check' if dry_run else 'import'} {folder}", json=json) as doing:
            report = await folders.import_folder(
                graph,
                folder,
                dry_run=dry_run,
                rejected=rejected,
                progress=doing.file,
                audiences=FolderAudiences(),
            )
            doing.result = summary(report)
            return report


def summary(report: ImportReport) -> str:
    """An import in a few words."""
    read, written = (sum(getattr(file, name) for file in report.files) for name in ("read", "written"))
    said = f"{read:,} rows, {written:,} {'would be written' if report.dry_run else 'written'}"
    return said + (f", {report.rejections:,} faults" if report.rejections else "")


def _show_import(report: ImportReport) -> None:
    counts = ("read", "written", "unchanged", "rejected")
    shown = table("", "file", *counts, numbers=counts)
    for file in report.files:
        shown.add_row(file.file, *(f"{getattr(file, name):,}" for name in counts))
    if report.files:
        show(shown)
    for note in [*report.notes, *(f"{file.file}: {note}" for file in report.files for note in file.notes)]:
        say(f"note: {note}")
    if report.rejections:
        say(f"{report.rejections:,} faults, each with line and reason: {report.rejected}")


def export_folder(folder: Path, *, challenge: str | None, audience: str | None, json: bool) -> None:
    """Export the graph, a challenge or an audience, and print how many rows each file has."""
    if challenge is not None and audience is not None:
        raise Invalid("A folder holds a challenge or an audience: export them one after the other.")
    report = run_async(_export(folder, challenge, audience, json=json))
    if json:
        say_json(asdict(report))
        return
    shown = table("", "file", "rows", numbers=("rows",))
    for file, rows in report.files.items():
        shown.add_row(file, f"{rows:,}")
    show(shown)


async def _export(folder: Path, challenge: str | None, audience: str | None, *, json: bool) -> ExportReport:
    async with ready_graph(GraphSettings()) as graph:
        with step(f"export to {folder}", json=json) as doing:
            scope = await _scope(graph, challenge, audience)
            report = await folders.export_folder(
                graph, folder, progress=doing.file, scope=scope, audiences=FolderAudiences()
            )
            doing.result = f"{sum(report.files.values()):,} rows in {len(report.files)} files"
            return report


async def _scope(graph: Graph, challenge: str | None, audience: str | None) -> Scope | None:
    if challenge is not None:
        return await folders.one_challenge(graph, challenge, FolderAudiences())
    if audience is None:
        return None
    from api.audience import condition_of  # all filters: other commands need not wait for them

    return await folders.audience(graph, audience, condition_of)
