"""What an engine computed of the graph, whichever it is: counts, and the rows that are published."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from graph.driver import Graph
from jobs.influence.describe import member_rows, score_rows
from jobs.influence.measure import measure
from jobs.influence.reading import read

Rows = Callable[[str], Iterator[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Computed:
    """The scores of a run: rows of customers and of memberships by slot, `rows` of them in all."""

    as_of: str | None
    customers: int
    memberships: int
    ties: int
    acts: int
    residual: float
    rows: int
    score_rows: Rows
    member_rows: Rows
    note: str = ""


@asynccontextmanager
async def in_memory(graph: Graph, limit: str | None) -> AsyncIterator[Computed]:
    """Everything up to an instant, read into arrays of this process and computed there."""
    known = await read(graph, limit)
    scores = await asyncio.to_thread(measure, known)
    customers, members = known.population, known.members
    yield Computed(
        as_of=known.as_of,
        customers=len(customers),
        memberships=len(members.customer),
        ties=scores.ties,
        acts=len(known.acts),
        residual=scores.overall.reach.residual(),
        rows=len(customers) + len(customers.unranked) + len(members.customer) + len(members.unranked),
        score_rows=lambda slot: score_rows(known, scores, slot),
        member_rows=lambda slot: member_rows(known, scores, slot),
    )
