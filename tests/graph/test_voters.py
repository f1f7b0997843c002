"""What is known of voters: since when they are there, and what they share."""

from typing import Any

import numpy as np

from graph.driver import Graph, Transaction
from graph.voters import read_voters, read_voters_now

FILL = """
CREATE (ada:Customer {uid: '1', externalId: 'ada', joinedAt: '2026-01-02T12:00:00.000Z', email: 'a@b.example'}),
       (bob:Customer {uid: '2', externalId: 'bob', email: 'a@b.example', phone: '+905321234567'}),
       (cem:Customer {uid: '3', externalId: 'cem', phone: '+905321234568'}),
       (dia:Customer {uid: '4', externalId: 'dia'}),
       (eda:Customer {uid: '5', externalId: 'eda', phone: '+905321234567'}),
       (h:Identity {key: 'x:ada'}),
       (cem)-[:IDENTIFIED_BY]->(h), (dia)-[:CLAIMED]->(h)
"""


async def do(tx: Transaction, query: str, /, **parameters: Any) -> None:
    await (await tx.run(query, **parameters)).consume()


async def test_shared_addresses_and_claimed_handles_make_pairs(graph: Graph) -> None:
    await graph.write(do, FILL)
    voters = ["ada", "bob", "cem", "dia"]
    table = await read_voters(graph, voters)
    assert table.joined[0] == 20_455.5
    assert np.isnan(table.joined[1:]).all()
    shared: dict[int, set[str]] = {}
    for account, thing in zip(table.account.tolist(), table.thing.tolist(), strict=True):
        shared.setdefault(thing, set()).add(voters[account])
    assert sorted(map(sorted, shared.values())) == [["ada", "bob"], ["cem", "dia"]]
    now = await graph.write(read_voters_now, voters=voters)
    for name in ("joined", "account", "thing"):
        np.testing.assert_array_equal(getattr(table, name), getattr(now, name))


async def test_nobody_is_known_of_no_voters(graph: Graph) -> None:
    table = await read_voters(graph, [])
    assert (len(table.joined), len(table.account), len(table.thing)) == (0, 0, 0)
