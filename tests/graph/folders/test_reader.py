"""The reader meets every kind of broken file and loses only the broken lines."""

import gzip
import lzma
from pathlib import Path

import pytest

from graph.folders import reader
from graph.folders.reader import Cell, Fault, Row, Source, read_rows


def read(path: Path) -> tuple[list[tuple[int, list[Cell]]], list[tuple[int, str]], list[str]]:
    """The rows, the faults and the unknown columns of a file with the columns id (needed) and name."""
    source = Source(path)
    found = list(read_rows(source, ["id", "name"], ["id"]))
    rows = [(row.line, list(row.cells)) for row in found if isinstance(row, Row)]
    return rows, [(fault.line, fault.reason) for fault in found if isinstance(fault, Fault)], source.unknown


LIMIT = 2**16
HEAD = b"id,name\n"
MALFORMED = [
    ("empty file", b"", [], 1, "empty"),
    ("only blank lines", b"\n\n", [], 1, "empty"),
    ("header lacks id", b"name\nx\n", [], 1, "lacks the column id"),
    ("header names a column twice", b"id,name,name\n1,a,b\n", [], 1, "twice: name"),
    ("semicolons", b"id;name\n1;a\n", [], 1, "not separated by commas"),
    ("tabs", b"id\tname\n1\ta\n", [], 1, "not separated by commas"),
    ("UTF-16", "id,name\n1,a\n".encode("utf-16"), [], 1, "not UTF-8"),
    ("header is not UTF-8", b"id,n\xffme\n1,a\n", [], 1, "not UTF-8"),
    ("header quote not closed", b'"id,name\n1,a\n', [], 1, "not closed"),
    ("carriage returns only", b"id,name\r1,a\r", [], 1, "carriage return"),
    ("too few cells", HEAD + b"1\n2,b\n", [2], 2, "1 cells, the header 2"),
    ("too many cells", HEAD + b"1,a,x\n2,b\n", [2], 2, "3 cells, the header 2"),
    ("quote not closed before good rows", HEAD + b'1,"a\n2,b\n3,c\n', [2, 3], 2, "not closed"),
    ("quote not closed before a quoted row", HEAD + b'1,"a\n2,"b"\n3,c\n', [2, 3], 2, "doubled"),
    ("quote not closed at the end", HEAD + b'2,b\n1,"a', [2], 3, "not closed"),
    ("two rows whose quotes close each other", HEAD + b'1,"a\n2,b\n3,",x\n4,d\n', [2, 4], 2, "3 cells"),
    ("text after a closing quote", HEAD + b'1,"a"b\n2,b\n', [2], 2, "doubled"),
    ("carriage return outside quotes", HEAD + b"1,a\rb\n2,b\n", [2], 2, "carriage return"),
    ("invalid byte", HEAD + b"1,\xc3\x28\n2,b\n", [2], 2, "byte 3 of the line (0xc3)"),
    ("invalid byte in a quoted cell", HEAD + b'1,"a\n\xff"\n2,b\n', [2], 2, "not UTF-8"),
    ("surrogate as bytes", HEAD + b"1,\xed\xa0\x80\n2,b\n", [2], 2, "not UTF-8"),
    ("overlong zero", HEAD + b"1,\xc0\x80\n2,b\n", [2], 2, "not UTF-8"),
    ("a line without end", HEAD + b"1," + b"a" * (LIMIT + 9) + b"\n2,b\n", [2], 2, "longer than"),
    ("a quoted cell without end", HEAD + b'1,"' + b"abcdefg\n" * (LIMIT // 8) + b"\n", [], 2, "longer than"),
]


@pytest.mark.parametrize(
    ("content", "kept", "line", "reason"),
    [case[1:] for case in MALFORMED],
    ids=[case[0] for case in MALFORMED],
)
def test_malformed_csv_costs_its_own_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, kept: list[int], line: int, reason: str
) -> None:
    monkeypatch.setattr(reader, "RECORD_LIMIT", LIMIT)
    path = tmp_path / "customers.csv"
    path.write_bytes(content)
    rows, faults, _ = read(path)
    assert [int(str(cells[0])) for _, cells in rows] == kept
    assert any(found == line and reason in text for found, text in faults[:3]), faults[:3]


JSON = [
    ("no JSON", b"nonsense\n", "not JSON"),
    ("cut short", b'{"id": "1", "name": \n', "not JSON"),
    ("a list", b'["1", "a"]\n', "not a JSON object"),
    ("a number", b"5\n", "not a JSON object"),
    ("an object inside", b'{"id": "1", "name": {"first": "a"}}\n', "name: a value must be"),
    ("a list of objects inside", b'{"id": "1", "name": [{}]}\n', "name: a value must be"),
    ("not a number", b'{"id": NaN}\n', "not JSON"),
    ("lone surrogate", b'{"id": "\\ud800"}\n', "not JSON"),
    ("deep nesting", b"[" * 100_000 + b"\n", "not JSON"),
    ("invalid byte", b'{"id": "\xff"}\n', "not UTF-8"),
]


@pytest.mark.parametrize(("content", "reason"), [case[1:] for case in JSON], ids=[case[0] for case in JSON])
def test_malformed_json_costs_its_own_line(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "customers.jsonl"
    path.write_bytes(content + b'\n{"id": 2, "name": null, "other": true}\n')
    rows, faults, unknown = read(path)
    assert rows == [(3, ["2", ""])]
    assert [fault[0] for fault in faults] == [1]
    assert reason in faults[0][1]
    assert unknown == ["other"]


def test_line_numbers_are_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_bytes(b'\xef\xbb\xbfId , NAME,else\r\n\r\n1,"a\r\n\r\nb",\r\n2,"c ""d""",x\r\n')
    rows, faults, unknown = read(path)
    assert rows == [(3, ["1", "a\r\n\r\nb"]), (6, ["2", 'c "d"'])]
    assert (faults, unknown) == ([], ["else"])


@pytest.mark.parametrize("suffix", ["gz", "xz"])
def test_packed_files_read_alike_and_a_damaged_one_gives_what_it_has(tmp_path: Path, suffix: str) -> None:
    pack = gzip.compress if suffix == "gz" else lzma.compress
    lines = HEAD + b"".join(b"%d,%x\n" % (n, n * 7919**5) for n in range(20_000))
    path = tmp_path / f"customers.csv.{suffix}"
    path.write_bytes(pack(lines))
    rows, faults, _ = read(path)
    assert (len(rows), faults) == (20_000, [])
    path.write_bytes(pack(lines)[:-20_000])
    rows, faults, _ = read(path)
    assert 0 < len(rows) < 20_000
    assert "damaged" in faults[-1][1]
    path.write_bytes(b"this is no archive")
    rows, faults, _ = read(path)
    assert rows == []
    assert "damaged" in faults[0][1]


def test_a_folder_in_place_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").mkdir()
    assert read(tmp_path / "customers.csv")[1] == [(0, "is not a file")]
