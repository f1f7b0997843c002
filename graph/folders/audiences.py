"""Carries the audience of a challenge: a filter that in a folder names records by their external ids."""

from collections.abc import Collection, Mapping
from typing import Any, LiteralString, Protocol

from graph.driver import Graph
from graph.folders.known import Known
from graph.folders.reader import Fault
from graph.folders.shapes import Entry, Table
from graph.folders.values import shown

Names = Mapping[tuple[str, str], str]  # by label and uid, or label and external id

UIDS: dict[str, LiteralString] = {
    "Customer": "UNWIND $ids AS id MATCH (n:Customer {externalId: id}) RETURN id, n.uid AS uid",
    "Community": "UNWIND $ids AS id MATCH (n:Community {externalId: id}) RETURN id, n.uid AS uid",
    "Product": "UNWIND $ids AS id MATCH (n:Product {externalId: id}) RETURN id, n.uid AS uid",
    "Mention": "UNWIND $ids AS id MATCH (n:Mention {externalId: id}) RETURN id, n.uid AS uid",
}
EXTERNAL_IDS: dict[str, LiteralString] = {
    "Customer": "UNWIND $ids AS uid MATCH (n:Customer {uid: uid}) RETURN n.externalId AS id, uid",
    "Community": "UNWIND $ids AS uid MATCH (n:Community {uid: uid}) RETURN n.externalId AS id, uid",
    "Product": "UNWIND $ids AS uid MATCH (n:Product {uid: uid}) RETURN n.externalId AS id, uid",
    "Mention": "UNWIND $ids AS uid MATCH (n:Mention {uid: uid}) RETURN n.externalId AS id, uid",
}


class Audiences(Protocol):
    """What knows filters: whoever has one gives it to an import or an export."""

    def read(self, cell: str) -> str:
        """The text of a cell in its one form; a ValueError says what is wrong with it."""

    def named(self, text: str, *, stored: bool) -> set[tuple[str, str]]:
        """The records that a filter names: their labels and uids, if it is a stored one, or external ids."""

    def stored(self, text: str, uids: Names) -> str:
        """A filter of a folder as it is stored."""

    def written(self, text: str, ids: Names) -> str:
        """A stored filter as a folder has it; of what is gone, nothing is left."""


async def resolved(
    graph: Graph,
    known: Known,
    audiences: Audiences | None,
    table: Table,
    entries: list[Entry],
    faults: list[Fault],
    *,
    dry: bool,
) -> list[Entry]:
    """The entries whose audience can be kept, as it is stored; of the others, a fault each.

    In a dry run what is only in the folder has no uid, and stands for itself.
    """
    place = table.names.index("audience")
    kept, given = [], dict[int, str]()
    for entry in entries:
        try:
            if entry.values[place] is not None:
                given[entry.line] = _read(audiences, str(entry.values[place]))
            kept.append(entry)
        except ValueError as error:
            faults.append(Fault(entry.line, f"audience: {error}"))
    if audiences is None or not given:
        return kept
    named = {line: audiences.named(text, stored=False) for line, text in given.items()}
    missing = {
        (label, each)
        for label, ids in _by_label(set().union(*named.values())).items()
        for each in await known.missing(label, ids)
    }
    uids = await _asked(graph, UIDS, set().union(*named.values()), "id", "uid")
    found = []
    for entry in kept:
        if lost := sorted(named.get(entry.line, set()) & missing):
            label, each = lost[0]
            reason = f"audience: there is no {label.lower()} {shown(each)} in the folder or the graph"
            faults.append(Fault(entry.line, reason))
            continue
        if entry.line in given:
            own = {pair: pair[1] for pair in named[entry.line]} if dry else {}
            entry.values[place] = audiences.stored(given[entry.line], own | uids)
        found.append(entry)
    return found


def _read(audiences: Audiences | None, cell: str) -> str:
    if audiences is None:
        raise ValueError("this import knows no filters")
    return audiences.read(cell)


async def write_out(graph: Graph, audiences: Audiences | None, table: Table, rows: list[list[Any]]) -> None:
    """Name records in stored audiences by their external ids; without what knows filters, leave them out."""
    place = table.names.index("audience")
    given = [row for row in rows if row[place] is not None]
    if audiences is None:
        for row in given:
            row[place] = None
        return
    uids = set[tuple[str, str]]().union(*(audiences.named(row[place], stored=True) for row in given))
    ids = await _asked(graph, EXTERNAL_IDS, uids, "uid", "id")
    for row in given:
        row[place] = audiences.written(row[place], ids)


async def named_by(graph: Graph, audiences: Audiences | None, stored: str | None) -> dict[str, set[str]]:
    """The external ids, by label, of the records that a stored audience names."""
    if audiences is None or stored is None:
        return {}
    ids = await _asked(graph, EXTERNAL_IDS, audiences.named(stored, stored=True), "uid", "id")
    return _by_label({(label, each) for (label, _), each in ids.items()})


async def _asked(
    graph: Graph, queries: Mapping[str, LiteralString], wanted: set[tuple[str, str]], by: str, what: str
) -> dict[tuple[str, str], str]:
    return {
        (label, row[by]): row[what]
        for label, keys in _by_label(wanted).items()
        for row in await graph.read(queries[label], ids=sorted(keys))
    }


def _by_label(pairs: Collection[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for label, each in pairs:
        found.setdefault(label, set()).add(each)
    return found
