"""Prints tables as Markdown that is never cut, so that what was measured can stand in docs/benchmarks.md."""

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
