"""Prints tables as Markdown that is never cut, so that what was measured can stand in docs/benchmarks.md."""

import sys
from collections.abc import Sequence

from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

WIDE = 200


def show(*tables: Table) -> None:
    """Print the tables, each under its title."""
    console = Console(width=max(WIDE, Console().width))
    for table in tables:
        table.box = MARKDOWN
        console.print(table)


def sizes(benchmark: str, words: str, default: Sequence[int]) -> Sequence[int]:
    """The numbers behind the name of a benchmark, all of them or none."""
    given = sys.argv[1:]
    if len(given) not in {0, len(default)} or not all(word.isdecimal() for word in given):
        sys.exit(f"usage: python -m benchmarks.{benchmark} [{words}]")
    return [int(word) for word in given] or default
