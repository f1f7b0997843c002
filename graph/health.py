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
SET g.runAt<now> = (coalesce(g.runAt<then>, []) + past.At)[$kept..],
    g.runMembers<now> = (coalesce(g.runMembers<then>, []) + past.Members)[$kept..],
    g.runActive<now> = (coalesce(g.runActive<then>, []) + past.Active)[$kept..],
    g.runBusFactor<now> = (coalesce(g.runBusFactor<then>, []) + past.BusFactor)[$kept..],
    g.runRetention<now> = (coalesce(g.runRetention<then>, []) + past.Retention)[$kept..],
    g.runAnsweredByPeers<now> = (coalesce(g.runAnsweredByPeers<then>, []) + past.AnsweredByPeers)[$kept..],
    g.runDensity<now> = (coalesce(g.runDensity<then>, []) + past.Density)[$kept..],
    g.runMood<now> = (coalesce(g.runMood<then>, []) + past.Mood)[$kept..],
    g.runWarnings<now> = (coalesce(g.runWarnings<then>, []) + past.Warnings)[$kept..]
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
