"""Reads the rows of a statement inside a transaction."""

from typing import Any, LiteralString

from graph.driver import Transaction


async def rows(tx: Transaction, query: LiteralString, **parameters: Any) -> list[dict[str, Any]]:
    """All rows as dicts."""
    result = await tx.run(query, parameters)
    return await result.data()


async def lists(tx: Transaction, query: LiteralString, **parameters: Any) -> list[dict[str, Any]]:
    """All rows as dicts, their values as they come: `rows` looks through each item of long lists for nodes."""
    result = await tx.run(query, parameters)
    return [dict(zip(record.keys(), record.values(), strict=True)) async for record in result]


async def one(tx: Transaction, query: LiteralString, **parameters: Any) -> dict[str, Any] | None:
    """The first row as a dict, or None."""
    found = await rows(tx, query, **parameters)
    return found[0] if found else None


async def run(tx: Transaction, query: LiteralString, **parameters: Any) -> None:
    """Run a statement for its effect."""
    result = await tx.run(query, parameters)
    await result.consume()
