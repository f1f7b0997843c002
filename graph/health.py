"""Writes what a run found of communities beside what is published: health, warnings, matters, actions."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, LiteralString

from graph import publication
from graph.driver import Graph, Transaction
from graph.rows import run as execute

NAME = "communities"
PAST_RUNS = 52
ROWS_PER_WRITE = 500
UNKNOWN = -2  # in a list, which holds no null: below every share, count and mood

# The past of a slot is that of the other, which is published, and this run: written twice, it is the same.
SAVE: LiteralString = """
UNWIND $rows AS row
MATCH (g:Community {uid: row.uid})
SET g += row.values
WITH g, row.past AS past
SET g.pastAt<now> = (coalesce(g.pastAt<then>, []) + past.At)[$kept..],
    g.pastMembers<now> = (coalesce(g.pastMembers<then>, []) + past.Members)[$kept..],
    g.pastActive<now> = (coalesce(g.pastActive<then>, []) + past.Active)[$kept..],
    g.pastBusFactor<now> = (coalesce(g.pastBusFactor<then>, []) + past.BusFactor)[$kept..],
    g.pastRetention<now> = (coalesce(g.pastRetention<then>, []) + past.Retention)[$kept..],
    g.pastAnsweredByPeers<now> = (coalesce(g.pastAnsweredByPeers<then>, []) + past.AnsweredByPeers)[$kept..],
    g.pastDensity<now> = (coalesce(g.pastDensity<then>, []) + past.Density)[$kept..],
    g.pastMood<now> = (coalesce(g.pastMood<then>, []) + past.Mood)[$kept..],
    g.pastWarnings<now> = (coalesce(g.pastWarnings<then>, []) + past.Warnings)[$kept..]
"""
SAVES: dict[str, LiteralString] = {
    "A": SAVE.replace("<now>", "A").replace("<then>", "B"),
    "B": SAVE.replace("<now>", "B").replace("<then>", "A"),
}


async def save(tx: Transaction, *, run: str, slot: str, rows: Sequence[dict[str, Any]]) -> None:
    """Write what is known of some communities, while this run holds the slot.

    A row holds `uid`, `values` by name without the slot (None clears one), and `past`: for each list
    of the history, what this run adds.
    """
    await publication.hold(tx, name=NAME, run=run)
    named = [row | {"values": {key + slot: value for key, value in row["values"].items()}} for row in rows]
    await execute(tx, SAVES[slot], rows=named, kept=-PAST_RUNS)


async def write(graph: Graph, *, run: str, slot: str, rows: Iterable[dict[str, Any]]) -> None:
    """Write what is known of all communities, some hundreds a transaction."""
    remaining = iter(rows)
    while batch := list(islice(remaining, ROWS_PER_WRITE)):
        await graph.write(save, run=run, slot=slot, rows=batch)
