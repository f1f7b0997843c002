"""Reads the files of an import folder by the import's own reader, packed or not."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from graph.folders.importer import FORMS
from graph.folders.reader import Fault, Source, read_rows


def files(folder: Path, name: str) -> list[Path]:
    """The files of this name in any form an import takes, such as votes.csv.xz for votes."""
    return [path for form in FORMS if (path := folder / f"{name}.{form}").is_file()]


def rows(folder: Path, name: str, columns: Sequence[str]) -> Iterator[dict[str, str]]:
    """These columns of every row; a row that cannot be read is a ValueError that names its line."""
    for path in files(folder, name):
        for row in read_rows(Source(path), columns, columns):
            if isinstance(row, Fault):
                raise ValueError(f"{path}, line {row.line}: {row.reason}")
            yield dict(zip(columns, map(str, row.cells), strict=True))
