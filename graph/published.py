"""What the tally published last, which the next one remembers, and the opinion groups of challenges."""

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString, TypeAlias

from graph.driver import Graph, Transaction
from graph.rows import run

Before: TypeAlias = Mapping[str, Mapping[str, Any]]

IDEAS_PER_READ = 500
PARTS = (*("shareOf", "shareUp", "shareDown", "sharePassed", "shareApproval", "shareCounted", "shareStance"),)
VIEWS = ("viewBy", "viewUntil", "viewConsensus", "viewLow", "viewHigh")
GROUPS = (
    *("groupLabel", "groupSize", "opinionSeparation"),
    *("groupIdeaOf", "groupIdea", "groupIdeaValue", "groupIdeaShare", "groupIdeaOther"),
)

PUBLISHED: LiteralString = """
UNWIND $ideas AS uid
MATCH (i:Idea {uid: uid})
WHERE i.viewBy@ IS NOT NULL
RETURN uid, i.viewBy@ AS viewBy, i.viewUntil@ AS viewUntil, i.viewConsensus@ AS viewConsensus,
       i.viewLow@ AS viewLow, i.viewHigh@ AS viewHigh, i.shareOf@ AS shareOf, i.shareUp@ AS shareUp,
       i.shareDown@ AS shareDown, i.sharePassed@ AS sharePassed, i.shareApproval@ AS shareApproval,
       i.shareCounted@ AS shareCounted, i.shareStance@ AS shareStance, i.marks@ AS marks
"""
BY_SLOT: dict[str, LiteralString] = {slot: PUBLISHED.replace("@", slot) for slot in ("A", "B")}


async def read_before(graph: Graph, *, slot: str, ideas: Sequence[str]) -> Before:
    """The views, their parts and the marks in a slot, by idea uid; ideas without a tally are left out."""
    found: dict[str, Mapping[str, Any]] = {}
    for start in range(0, len(ideas), IDEAS_PER_READ):
        part = list(ideas[start : start + IDEAS_PER_READ])
        async for row in graph.stream(BY_SLOT[slot], ideas=part):
            found[row["uid"]] = dict(row)
    return found


def slotted(slot: str, found: Mapping[str, Mapping[str, object]]) -> list[dict[str, object]]:
    """Rows of uid and properties, each named with the letter of its slot; of values by uid, then by name."""
    return [
        {"uid": uid, "properties": {f"{name}{slot}": value for name, value in values.items()}}
        for uid, values in found.items()
    ]


SAVE = """
UNWIND $rows AS row
MATCH (h:Challenge {uid: row.uid})
SET h += row.properties
"""


async def save_groups(tx: Transaction, *, slot: str, groups: Mapping[str, Mapping[str, object]]) -> None:
    """Write the opinion groups (by challenge uid, then by the names in GROUPS) into a slot."""
    await run(tx, SAVE, rows=slotted(slot, groups))
