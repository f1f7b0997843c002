"""What a run before said of somebody, read from the slot that is still published."""

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

from graph.driver import Graph

NAMES = (
    *("reach", "standing", "voice"),
    *("partScore", "partKind", "partValue", "partFrom", "partShare"),
    *("actScore", "actKind", "actValue", "actOf", "actAt", "actWeight", "actLeft", "actFairness"),
)

VALUES: LiteralString = """
WHERE x.reach@slot IS NOT NULL AND x.partShare@slot IS NOT NULL
RETURN row.uid AS uid, row.community AS community, [
  x.reach@slot, x.standing@slot, x.voice@slot,
  x.partScore@slot, x.partKind@slot, x.partValue@slot, x.partFrom@slot, x.partShare@slot,
  x.actScore@slot, x.actKind@slot, x.actValue@slot, x.actOf@slot,
  x.actAt@slot, x.actWeight@slot, x.actLeft@slot, x.actFairness@slot
] AS known
"""
CUSTOMERS: LiteralString = "UNWIND $rows AS row MATCH (x:Customer {uid: row.uid})" + VALUES
MEMBERSHIPS: LiteralString = (
    "UNWIND $rows AS row MATCH (:Customer {uid: row.uid})-[x:MEMBER_OF]->(:Community {uid: row.community})"
    + VALUES
)
BY_SLOT: dict[tuple[bool, str], LiteralString] = {
    (False, "A"): CUSTOMERS.replace("@slot", "A"),
    (False, "B"): CUSTOMERS.replace("@slot", "B"),
    (True, "A"): MEMBERSHIPS.replace("@slot", "A"),
    (True, "B"): MEMBERSHIPS.replace("@slot", "B"),
}

Key = tuple[str, str | None]


def key_of(row: Mapping[str, Any]) -> Key:
    """Whose row it is: a customer's, or of a membership the customer's and the community's."""
    return row["uid"], row.get("community")


async def known_in(
    graph: Graph, slot: str, rows: Sequence[Mapping[str, Any]], *, inside: bool
) -> dict[Key, dict[str, Any]]:
    """The scores, parts and acts that a slot holds of these rows, by `NAMES`; who has none there is left out."""
    asked = [dict(zip(("uid", "community"), key_of(row), strict=True)) for row in rows]
    found = await graph.read(BY_SLOT[inside, slot], rows=asked)
    return {(row["uid"], row["community"]): dict(zip(NAMES, row["known"], strict=True)) for row in found}
