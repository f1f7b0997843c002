"""What a file of an import folder is made of: its columns, how they are read, and where their values go."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from graph.driver import Transaction
from graph.folders import values
from graph.folders.statements import Statements
from graph.folders.values import Read, Value
from graph.text import fold


class Missing(StrEnum):
    """What happens to a row that names a record that is nowhere."""

    REJECT = "REJECT"  # the row makes no sense without it
    OMIT = "OMIT"  # the row is kept without it, and named in rejected.csv
    LATER = "LATER"  # it may stand further down in the same file; then as OMIT


@dataclass(slots=True)
class Entry:
    """A row that can be imported: its values in the order of the columns, None where the cell is empty."""

    line: int
    values: list[Value | None]


# Who holds what there is once: what the rows of a dry run would have written, None where they are.
Held = dict[Any, Any]
# Inside the transaction of a batch: the lines that contradict what is there, each with its reason.
Refuse = Callable[[Transaction, Sequence[Entry], Held | None], Awaitable[dict[int, str]]]
Check = Callable[[Sequence[Value | None]], None]
Derive = Callable[[Any], dict[str, Any]]
Complete = Callable[[Sequence[Value | None], str], Sequence[Value | None]]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how its cells are read, and where their values go."""

    name: str
    read: Read = values.line
    needed: bool = False
    stored: str | None = None
    derive: Derive | None = None
    refers: str | None = None
    missing: Missing = Missing.REJECT
    many: bool = False
    linked: bool = False
    acyclic: bool = False  # following it from record to record never leads back


@dataclass(frozen=True, slots=True)
class Table:
    """One file: its columns, of which the first `key` tell rows apart, and its Cypher."""

    name: str
    columns: tuple[Column, ...]
    cypher: Statements
    label: str | None = None
    key: int = 1
    locks: int = 0
    defaults: Mapping[str, Value] = field(default_factory=dict)
    check: Check | None = None
    owner: int = 0  # the column whose records the pages of an export run over
    refuse: Refuse | None = None
    frozen: bool = False  # what is stored is never changed
    complete: Complete | None = None  # from values and the present to what `create` takes

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self.columns]

    @property
    def references(self) -> list[tuple[int, Column]]:
        """The columns that name other records, with their places."""
        return [(place, column) for place, column in enumerate(self.columns) if column.refers]

    @property
    def needed(self) -> list[str]:
        """The columns without which a row makes no sense."""
        return [column.name for column in self.columns if column.needed]


def own_id() -> Column:
    """The id that the owner of the folder gave to a record."""
    return Column("id", values.identifier, needed=True)


def end(name: str, label: str) -> Column:
    """The id of a record without which the row makes no sense."""
    return Column(name, values.identifier, needed=True, refers=label)


def folded(key: str) -> Derive:
    """Text that is searched, and its folded twin."""
    return lambda text: {key: fold(text)}


def first(value: Value | None) -> Value | None:
    """The record that a linked column of one value names."""
    return value[0] if isinstance(value, list) and value else None


def apart(one: int, other: int, what: str) -> Check:
    """Refuses a row whose two ends are one record."""

    def check(row: Sequence[Value | None]) -> None:
        if row[one] is not None and row[one] == row[other]:
            raise ValueError(f"{what}: both are {row[one]}")

    return check
