"""What an import and an export did, file by file."""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from graph.errors import Invalid
from graph.folders.reader import Fault

# file, rows done, part of the file done (0 to 1)
Progress = Callable[[str, int, float], None]
REJECTED = "rejected.csv"
WITHOUT = "the row is imported without it"


@dataclass(slots=True)
class FileReport:
    """What became of the rows of one file."""

    file: str
    read: int = 0
    written: int = 0
    unchanged: int = 0
    rejected: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ImportReport:
    """What an import did; `rejected` is where the reasons are listed."""

    folder: Path
    dry_run: bool
    rejected: Path
    files: list[FileReport] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    ties_rebuilt: int = 0

    @property
    def rejections(self) -> int:
        """The lines of rejected.csv."""
        return sum(file.rejected for file in self.files)


@dataclass(slots=True)
class ExportReport:
    """The rows written to each file of a folder."""

    folder: Path
    files: dict[str, int] = field(default_factory=dict)


class Rejections:
    """The file of rejected rows, written anew by each run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] | None = None

    def __enter__(self) -> "Rejections":
        try:
            self._file = self.path.open("w", encoding="utf-8", newline="")
        except OSError as error:
            raise Invalid(
                f"{self.path} cannot be written ({error.strerror}): "
                "say where rejected rows go with --rejected PATH",
                field="rejected",
            ) from error
        self._rows = csv.writer(self._file, lineterminator="\n")
        self._rows.writerow(("file", "line", "reason"))
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def add(self, report: FileReport, faults: Iterable[Fault]) -> None:
        """Lists faults of a file and counts them in its report."""
        for fault in faults:
            self._rows.writerow((report.file, fault.line or "", fault.reason))
            report.rejected += 1
