"""Refuses rows whose reference would lead, from record to record, back to where it starts."""

from collections.abc import Callable, Mapping

from graph.driver import Graph
from graph.folders.reader import Fault
from graph.folders.shapes import Column, Entry, Table, first
from graph.folders.values import shown

# From a record to the one it waits for, which stands further down in its file.
Waiting = Callable[[str, str], str | None]


class Circles:
    """What rows refer to, by column: in a dry run all rows so far, else those of one batch; the rest is stored."""

    def __init__(self, graph: Graph, *, dry: bool) -> None:
        self._graph = graph
        self._dry = dry
        self._given: dict[str, dict[str, str]] = {}

    async def without(
        self, table: Table, entries: list[Entry], faults: list[Fault], waiting: Waiting
    ) -> list[Entry]:
        """The entries that close no circle, in their order; of those that do, a fault each."""
        for place, column in table.references:
            if column.acyclic:
                entries = await self._open(table, place, column, entries, faults, waiting)
        return entries

    async def _open(
        self,
        table: Table,
        place: int,
        column: Column,
        entries: list[Entry],
        faults: list[Fault],
        waiting: Waiting,
    ) -> list[Entry]:
        wanted = {str(e.values[0]): str(first(e.values[place])) for e in entries if e.values[place]}
        if not wanted:
            return entries
        given = self._given.setdefault(column.name, {})
        if not self._dry:
            given.clear()

        def ahead(record: str) -> str | None:
            return given.get(record) or waiting(column.name, record)

        stored = await self._stored(table, set(wanted.values()), ahead)
        kept = []
        for entry in entries:
            record, target = str(entry.values[0]), first(entry.values[place])
            if target is not None:
                if _leads(str(target), record, stored, ahead):
                    reason = f"{column.name}: {shown(str(target))} leads back to {shown(record)}, in a circle"
                    faults.append(Fault(entry.line, reason))
                    continue
                given[record] = str(target)
            kept.append(entry)
        return kept

    async def closed(self, table: Table, records: set[str]) -> set[str]:
        """Those of these records that lead back to themselves as they are stored."""
        stored = await self._stored(table, records, lambda _: None)
        return {
            each for each in records if each in stored and _leads(stored[each], each, stored, lambda _: None)
        }

    async def _stored(
        self, table: Table, reached: set[str], ahead: Callable[[str], str | None]
    ) -> dict[str, str]:
        """Where all that can be reached from the targets leads in the graph."""
        found: dict[str, str] = {}
        seen: set[str] = set()
        while reached:
            seen |= reached
            row = await self._graph.read_one(str(table.cypher.leads), ids=sorted(reached))
            stored = dict(row["rows"]) if row else {}
            found |= stored
            onward = {*stored.values(), *(each for record in reached if (each := ahead(record)))}
            reached = onward - seen
        return found


def _leads(target: str, record: str, stored: Mapping[str, str], ahead: Callable[[str], str | None]) -> bool:
    at: str | None = target
    seen: set[str] = set()
    while at is not None and at != record and at not in seen:
        seen.add(at)
        at = ahead(at) or stored.get(at)
    return at == record
