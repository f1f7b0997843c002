"""The switch between two slots of results: a run writes beside what is published, then publishes at once."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from graph.driver import Graph, Transaction
from graph.errors import Closed
from graph.records import now, parse_instant
from graph.rows import one, rows
from graph.rows import run as execute

SLOTS = ("A", "B")
NAMES = ("influence", "tally", "communities")
# how a statement names the letter of a published slot
SLOT = re.compile(rf"@({'|'.join(NAMES)})\b")


@dataclass(frozen=True, slots=True)
class Publication:
    """What readers see: the slot, the run that filled it, and since when."""

    name: str
    slot: str
    run: str
    published_at: str
    as_of: str | None
    previous_until: str | None


CURRENT = """
MATCH (p:Publication {name: $name})
RETURN p.name AS name, p.slot AS slot, p.run AS run, p.publishedAt AS publishedAt, p.asOf AS asOf,
       p.previousUntil AS previousUntil
"""


async def current(source: Graph | Transaction, name: str) -> Publication | None:
    """What is published under this name, or None before the first run has ended."""
    if isinstance(source, Graph):
        found = await source.read_one(CURRENT, name=name)
    else:
        found = await one(source, CURRENT, name=name)  # type: ignore[assignment]
    if found is None or found["slot"] is None:
        return None
    return Publication(
        name=found["name"],
        slot=found["slot"],
        run=found["run"] or "",
        published_at=found["publishedAt"],
        as_of=found["asOf"],
        previous_until=found["previousUntil"],
    )


PUBLISHED = "MATCH (p:Publication) WHERE p.name IN $names AND p.slot IS NOT NULL RETURN p.name AS name, p.slot AS slot"


async def slots(graph: Graph) -> dict[str, str]:
    """The slot of everything that is published."""
    return {row["name"]: row["slot"] for row in await graph.read(PUBLISHED, names=NAMES)}


def in_slots(text: str, published: Mapping[str, str]) -> str:
    """Put the letter of the published slot where the text names its publication."""
    return _in_slots(text, *(published.get(name, "A") for name in NAMES))


@lru_cache(maxsize=2000)
def _in_slots(text: str, *letters: str) -> str:
    for name, letter in zip(NAMES, letters, strict=True):
        text = text.replace(f"@{name}", letter)
    return text


async def settle(graph: Graph, name: str, *, grace: float | None = None) -> None:
    """Wait until nobody can still read the slot that the last switch took away.

    A reader that learned the slot just before the switch is done with it after the read time-out at most;
    only then may the next run write over it. `grace` is that time in seconds, by default the graph's.
    """
    published = await current(graph, name)
    if published is None or published.previous_until is None:
        return
    seconds = graph.settings.graph_timeout if grace is None else grace
    free = parse_instant(published.previous_until) + timedelta(seconds=seconds)
    await asyncio.sleep(max(0.0, (free - datetime.now(UTC)).total_seconds()))


# The touch takes the write lock, so of two claims the later one is the one that holds.
CLAIM = """
MERGE (p:Publication {name: $name})
SET p.touched = coalesce(p.touched, 0) + 1, p.claimedBy = $run, p.behindBefore = p.behind
RETURN p.slot AS slot
"""


async def claim(tx: Transaction, *, name: str, run: str) -> str:
    """The slot that nobody reads, for this run to fill; an earlier claim on it ends."""
    found = await one(tx, CLAIM, name=name, run=run)
    return SLOTS[1] if found and found["slot"] == SLOTS[0] else SLOTS[0]


BEHIND = "MATCH (p:Publication {name: $name}) SET p.behind = coalesce(p.behind, 0) + 1"


async def fall_behind(tx: Transaction, *, name: str) -> None:
    """Note that what is published lacks something, until a run that claims its slot after this has published."""
    await execute(tx, BEHIND, name=name)


HOLD = """
MATCH (p:Publication {name: $name, claimedBy: $run})
SET p.touched = coalesce(p.touched, 0) + 1
RETURN p.slot AS slot
"""


async def hold(tx: Transaction, *, name: str, run: str) -> None:
    """Keep the claim until this transaction ends; a run that lost it may write nothing more."""
    if not await rows(tx, HOLD, name=name, run=run):
        raise Closed(f"Run {run} lost its slot to a later run and was stopped.")


PUBLISH = """
MATCH (p:Publication {name: $name})
SET p.previousUntil = CASE WHEN p.slot IS NULL THEN null ELSE $now END,
    p.slot = $slot, p.run = $run, p.publishedAt = $now, p.asOf = $asOf,
    p.behind = CASE WHEN $whole AND p.behind = p.behindBefore THEN null ELSE p.behind END
REMOVE p.claimedBy, p.behindBefore
RETURN p.slot AS slot
"""


async def publish(
    tx: Transaction, *, name: str, slot: str, run: str, as_of: str | None, whole: bool = True
) -> None:
    """Show this slot from now on: one switch, of what this run has filled as a whole.

    What was behind when the run claimed its slot is so no more, unless it left out (not `whole`) what is newest.
    """
    await hold(tx, name=name, run=run)
    await rows(tx, PUBLISH, name=name, slot=slot, run=run, now=now(), asOf=as_of, whole=whole)
