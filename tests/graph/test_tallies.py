"""Votes come out of the graph as arrays in an order that the data alone decides."""

from typing import Any

import numpy as np

from graph import tallies
from graph.driver import Graph, Transaction

FILL = """
UNWIND $votes AS row
MERGE (c:Customer {externalId: row[0]}) ON CREATE SET c.uid = row[0] + $mark
MERGE (i:Idea {externalId: row[1]}) ON CREATE SET i.uid = row[1] + $mark
CREATE (c)-[v:VOTED]->(i)
SET v.value = row[2], v.at = row[3]
"""
CAST = [
    ["zoe", "b", 1, "2026-01-02T00:00:00.000Z"],
    ["ada", "b", -1, None],
    ["zoe", "a", 0, "2026-01-01T12:00:00.000Z"],
]


async def do(tx: Transaction, query: str, /, **parameters: Any) -> None:
    await (await tx.run(query, **parameters)).consume()


async def read(graph: Graph) -> tallies.VoteTable:
    told = []

    async def tell(done: int) -> None:
        told.append(done)

    ideas = await tallies.read_ideas(graph)
    table = await tallies.read_votes(graph, ideas, tell)
    assert told == [len(ideas)]
    return table


async def test_votes_are_numbered_by_external_id(graph: Graph) -> None:
    await graph.write(do, FILL, votes=CAST, mark="!")
    table = await read(graph)
    assert [idea.external_id for idea in table.ideas] == ["a", "b"]
    assert table.voters == ["ada", "zoe"]
    assert table.idea.tolist() == [0, 1, 1]
    assert table.voter.tolist() == [1, 0, 1]
    assert table.value.tolist() == [0, -1, 1]
    np.testing.assert_array_equal(np.isnan(table.day), [False, True, False])
    assert table.day[2] - table.day[0] == 0.5


async def test_the_order_in_which_they_were_written_is_not_felt(graph: Graph) -> None:
    await graph.write(do, FILL, votes=CAST, mark="!")
    first = await read(graph)
    await graph.write(do, "MATCH (n) WHERE n:Customer OR n:Idea DETACH DELETE n")
    await graph.write(do, FILL, votes=CAST[::-1], mark="?")
    second = await read(graph)
    for name in ("voters", "voter", "idea", "value", "day"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


async def test_a_saved_value_of_none_is_gone(graph: Graph) -> None:
    await graph.write(do, "CREATE (:Idea {uid: 'i', externalId: 'i', consensusA: 0.5, upA: 3, upB: 9})")
    written = {"consensus": None, "up": 4, "shareOf": ["g", ""], "shareApproval": [0.5, 1.0]}
    await graph.write(tallies.save, slot="A", tallies={"i": written})
    row = await graph.read_one("MATCH (i:Idea {uid: 'i'}) RETURN i{.*} AS idea")
    assert row is not None
    assert row["idea"].get("consensusA") is None
    assert (row["idea"]["upA"], row["idea"]["upB"]) == (4, 9)
    assert (row["idea"]["shareOfA"], row["idea"]["shareApprovalA"]) == (["g", ""], [0.5, 1.0])


def test_days_and_instants_are_each_others_inverse() -> None:
    instants = ["1969-12-31T23:59:59.999Z", "2026-02-03T04:05:06.789Z", "2099-12-31T23:59:59.001Z"]
    assert [tallies.instant_of(float(day)) for day in tallies.days(instants)] == instants
    assert np.isnan(tallies.days([""])).all()
