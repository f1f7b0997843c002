"""Finds processes that nobody gives a handle of, such as the embedded engine behind its keeper."""

from pathlib import Path


def process_of(words: str) -> int:
    """The id of the one process whose command line holds these words, one behind each `|`."""
    [found] = processes_of(words)
    return found


def processes_of(words: str) -> list[int]:
    """The ids of all of them, of which there may be none."""
    part = words.replace("|", "\0").encode()
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and part in _command(entry)
    ]


def _command(entry: Path) -> bytes:
    try:
        return (entry / "cmdline").read_bytes()
    except OSError:
        return b""
