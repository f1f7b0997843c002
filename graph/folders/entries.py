"""Turns the cells of a row into the values of an entry, and entries into batches of one transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from graph.folders.reader import Cell, Fault, Row
from graph.folders.shapes import Column, Entry, Table
from graph.folders.values import Value, split
from graph.text import clean

BATCH_ROWS = 5_000
BATCH_CHARACTERS = 4 * 2**20


@dataclass(slots=True)
class Batch:
    """What is written in one transaction, each key once, and what was refused while reading it."""

    entries: list[Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    read: int = 0
    stripped: int = 0


def batches(table: Table, rows: Iterator[Row | Fault]) -> Iterator[Batch]:
    """Groups the rows of a file; of two rows with the same key in a batch the later adds to the earlier."""
    batch, known, size = Batch(), dict[object, Entry](), 0
    for row in rows:
        batch.read += row[0] > 0
        if isinstance(row, Fault):
            batch.faults.append(row)
        else:
            size += _add(table, row, batch, known)
        if batch.read >= BATCH_ROWS or size >= BATCH_CHARACTERS or len(batch.faults) >= BATCH_ROWS:
            yield batch
            batch, known, size = Batch(), {}, 0
    yield batch


def _add(table: Table, row: Row, batch: Batch, known: dict[object, Entry]) -> int:
    try:
        values, stripped = _values(table, row.cells)
        entry = Entry(row.line, values)
        _keep(table, entry, batch, known)
    except ValueError as error:
        batch.faults.append(Fault(row.line, str(error)))
        return 0
    batch.stripped += stripped
    return sum(map(len, row.cells))


def _keep(table: Table, entry: Entry, batch: Batch, known: dict[object, Entry]) -> None:
    keys = 1 if table.name == "advocacy" else table.key
    key = entry.values[0] if keys == 1 else tuple(entry.values[:keys])
    earlier = known.setdefault(key, entry)
    if earlier is entry:
        batch.entries.append(entry)
    elif earlier.values[: table.key] != entry.values[: table.key]:
        raise ValueError(f"id {key} is the id of another link, on line {earlier.line}")
    elif table.name != "votes" or str(entry.values[3] or "") >= str(earlier.values[3] or ""):
        merged = [
            new if new is not None else old for new, old in zip(entry.values, earlier.values, strict=True)
        ]
        earlier.line, earlier.values = entry.line, merged


def _values(table: Table, cells: Sequence[Cell]) -> tuple[list[Value | None], int]:
    values: list[Value | None] = []
    stripped = 0
    found: Value | None
    for column, cell in zip(table.columns, cells, strict=True):
        if cell == "" and not column.needed:
            values.append(None)
            continue
        if isinstance(cell, list) or column.many:
            found, count = _several(column, cell)
        else:
            found, count = _one(column, cell)
        stripped += count
        if found is None and column.needed:
            raise ValueError(f"{column.name} is empty")
        values.append([found] if column.linked and not column.many and found is not None else found)  # type: ignore[list-item]
    if table.check:
        table.check(values)
    return values, stripped


def _one(column: Column, cell: str) -> tuple[Value | None, int]:
    if not cell:
        return None, 0
    stripped = 0
    if not cell.isprintable():
        cell, stripped = clean(cell)
    if not cell or cell.isspace():
        return None, stripped
    try:
        return column.read(cell), stripped
    except ValueError as error:
        raise ValueError(f"{column.name}: {error}") from error


def _several(column: Column, cell: Cell) -> tuple[list[str] | None, int]:
    parts = split(cell) if isinstance(cell, str) else cell
    if not column.many:
        raise ValueError(f"{column.name}: a list, where one value is meant")
    found = [_one(column, part) for part in parts] if cell else []
    kept = dict.fromkeys(str(value) for value, _ in found if value is not None)
    return list(kept) or None, sum(count for _, count in found)
