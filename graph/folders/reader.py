"""Reads the rows of an import file one by one, each with its line number, whatever state the file is in.

A bad line costs that line, never the rest of the file: after a quoted cell that does not close, reading
goes on at the next line. At most one record (`RECORD_LIMIT` bytes) is held in memory.
"""

import csv
import gzip
import lzma
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NamedTuple, cast

import orjson

RECORD_LIMIT = 16 * 2**20
DAMAGED = (EOFError, OSError, zlib.error, lzma.LZMAError)

csv.field_size_limit(RECORD_LIMIT)  # the module's own limit, 128 kB, would end the file at a long cell

Cell = str | list[str]


class Row(NamedTuple):
    """The cells of one record in the order asked for, and the line it starts on."""

    line: int
    cells: Sequence[Cell]


class Fault(NamedTuple):
    """Why the record that starts on this line cannot be read."""

    line: int
    reason: str


@dataclass(slots=True)
class Source:
    """One file of the folder: where it is, how it is written, and how far it has been read."""

    path: Path
    unknown: list[str] = field(default_factory=list)
    stream: IO[bytes] | None = None

    @property
    def share(self) -> float:
        """The part of the file that has been read, 0 to 1."""
        size = self.path.stat().st_size
        return min(1.0, self.stream.tell() / size) if self.stream and not self.stream.closed and size else 1.0


class _Broken(str):
    """A line that cannot be used, holding its reason."""

    reason: str

    def __new__(cls, reason: str) -> "_Broken":
        line = super().__new__(cls, "\n")
        line.reason = reason
        return line


class _Lines:
    """Numbered text lines of a byte stream; the lines of a record that failed can be given back."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.number = 0
        self.taken: list[str] = []
        self.size = 0
        self.broken: str | None = None
        self.returned: deque[str] = deque()

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.returned.popleft() if self.returned else self._read()
        self.number += 1
        self.taken.append(line)
        self.size += len(line)
        if self.size > RECORD_LIMIT:
            raise csv.Error(f"the record is longer than {RECORD_LIMIT:,} characters: is a quote not closed?")
        if isinstance(line, _Broken):
            self.broken = line.reason
        return line

    def _read(self) -> str:
        data = self.stream.readline(RECORD_LIMIT)
        if not data:
            raise StopIteration
        if len(data) == RECORD_LIMIT and not data.endswith(b"\n"):
            while data and not data.endswith(b"\n"):
                data = self.stream.readline(RECORD_LIMIT)
            return _Broken(f"the line is longer than {RECORD_LIMIT:,} bytes")
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            return _Broken(f"byte {error.start + 1} of the line (0x{data[error.start]:02x}) is not UTF-8")

    def begin(self) -> int:
        """Starts a record and returns the number of its line."""
        self.taken.clear()
        self.size = 0
        self.broken = None
        return self.number + 1

    def give_back(self) -> None:
        """Returns all lines of the record but its first, to be read again."""
        rest = self.taken[1:]
        self.returned.extendleft(reversed(rest))
        self.number -= len(rest)


def read_rows(source: Source, columns: Sequence[str], needed: Sequence[str]) -> Iterator[Row | Fault]:
    """Yields the rows of a file with their cells in the order of `columns` ('' where a column is missing)."""
    if not source.path.is_file():
        yield Fault(0, "is not a file")
        return
    try:
        with source.path.open("rb") as raw:
            source.stream = raw
            yield from _rows(source, _Lines(_unpacked(source.path, raw)), columns, needed)
    except PermissionError:
        yield Fault(0, "cannot be read: permission denied")


def _unpacked(path: Path, raw: IO[bytes]) -> IO[bytes]:
    if path.suffix == ".gz":
        return cast(IO[bytes], gzip.GzipFile(fileobj=raw))
    return cast(IO[bytes], lzma.LZMAFile(raw)) if path.suffix == ".xz" else raw


def _rows(
    source: Source, lines: _Lines, columns: Sequence[str], needed: Sequence[str]
) -> Iterator[Row | Fault]:
    read = _json_rows if ".jsonl" in source.path.suffixes else _csv_rows
    try:
        yield from read(source, lines, columns, needed)
    except DAMAGED as error:
        yield Fault(lines.number + 1, f"the file is damaged from here on: {error}")


def _csv_rows(
    source: Source, lines: _Lines, columns: Sequence[str], needed: Sequence[str]
) -> Iterator[Row | Fault]:
    records = _records(lines)
    line, header = next(records, (1, "the file is empty: its first line must name the columns"))
    if isinstance(header, str):
        yield Fault(line, header)
        return
    names = [name.strip().lstrip("\ufeff").lower() for name in header]
    fault = _header_fault(names, needed)
    if fault:
        yield Fault(line, fault)
        return
    source.unknown.extend(name for name in names if name not in columns)
    places = [names.index(column) if column in names else len(names) for column in columns]
    for line, cells in records:
        if isinstance(cells, str):
            yield Fault(line, cells)
        elif len(cells) != len(names):
            lines.give_back()
            yield Fault(line, f"the row has {len(cells)} cells, the header {len(names)}")
        else:
            cells.append("")
            yield Row(line, [cells[place] for place in places])


def _header_fault(names: list[str], needed: Sequence[str]) -> str | None:
    twice = sorted({name for name in names if names.count(name) > 1})
    missing = [name for name in needed if name not in names]
    if twice:
        return f"the header names a column twice: {', '.join(twice)[:80]}"
    if missing and len(names) == 1 and any(mark in names[0] for mark in ";\t"):
        return "the cells are not separated by commas"
    return f"the header lacks the column {', '.join(missing)}" if missing else None


def _records(lines: _Lines) -> Iterator[tuple[int, list[str] | str]]:
    """Yields each CSV record, or the reason why there is none, with its line."""
    reader = csv.reader(lines, strict=True)
    while True:
        start = lines.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            lines.give_back()
            reader = csv.reader(lines, strict=True)
            yield start, lines.broken or _csv_reason(str(error))
            continue
        if lines.broken:
            lines.give_back()
            yield start, lines.broken
        elif cells:
            yield start, cells


def _csv_reason(message: str) -> str:
    if message == "unexpected end of data":
        return "a quoted cell is not closed"
    if "expected after" in message:
        return "a quote inside a quoted cell must be doubled"
    if "new-line character" in message:
        return "a carriage return stands outside quotes: end lines with \\n or \\r\\n"
    return message


def _json_rows(
    source: Source, lines: _Lines, columns: Sequence[str], _needed: Sequence[str]
) -> Iterator[Row | Fault]:
    known, seen = set(columns), set[str]()
    line = 0
    while True:
        line = lines.begin()
        try:
            text = next(lines)
        except StopIteration:
            break
        record = _record(lines.broken, text)
        if isinstance(record, str):
            yield Fault(line, record)
        elif record is not None:
            seen.update(record.keys() - known)
            yield Row(line, [record.get(column, "") for column in columns])
    source.unknown.extend(sorted(seen))
    if line == 1:
        yield Fault(1, "the file is empty")


def _record(broken: str | None, text: str) -> dict[str, Cell] | str | None:
    """The cells of one JSON line by name; a reason if it has none; nothing for a blank line."""
    if broken or not text.strip():
        return broken
    try:
        found = orjson.loads(text.lstrip("\ufeff"))
    except orjson.JSONDecodeError as error:
        return f"the line is not JSON: {str(error)[:80]}"
    if not isinstance(found, dict):
        return "the line is not a JSON object"
    cells = {str(name).strip().lower(): _cell(value) for name, value in found.items()}
    nested = [name for name, cell in cells.items() if cell is None]
    return (
        f"{nested[0][:40]}: a value must be a text, a number, true, false, null or a list of texts"
        if nested
        else cast(dict[str, Cell], cells)
    )


def _cell(value: object) -> Cell | None:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return [str(part) for part in value] if all(isinstance(part, str | int) for part in value) else None
    return orjson.dumps(value).decode() if isinstance(value, bool | int | float) else None
