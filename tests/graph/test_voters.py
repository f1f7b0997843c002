"""What is known of voters: their communities, since when they are there, and what they share."""

from typing import Any

import numpy as np

from graph.driver import Graph, Transaction
from graph.voters import Voters, VoterTable

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


async def _known(graph: Graph, accounts: list[str]) -> VoterTable:
    voters = Voters()
    await voters.meet(graph, accounts)
    return voters.table(accounts)


async def test_shared_addresses_and_claimed_handles_make_pairs(graph: Graph) -> None:
    await graph.write(do, FILL)
    voters = ["ada", "bob", "cem", "dia"]
    table = await _known(graph, voters)
    assert table.joined[0] == 20_455.5
    assert np.isnan(table.joined[1:]).all()
    shared: dict[int, set[str]] = {}
    for account, thing in zip(table.account.tolist(), table.thing.tolist(), strict=True):
        shared.setdefault(thing, set()).add(voters[account])
    assert sorted(map(sorted, shared.values())) == [["ada", "bob"], ["cem", "dia"]]


async def test_nobody_is_known_of_no_voters(graph: Graph) -> None:
    table = await _known(graph, [])
    assert (len(table.joined), len(table.account), len(table.thing)) == (0, 0, 0)


JOIN = """
UNWIND $members AS member
MATCH (c:Customer {externalId: member[0]})
MERGE (g:Community {uid: member[1]}) ON CREATE SET g.externalId = member[1], g.kind = member[2]
CREATE (c)-[:MEMBER_OF]->(g)
"""


def _members(voters: Voters, accounts: list[str]) -> dict[str, dict[str, list[str]]]:
    return {
        table.kind: {
            uid: [accounts[who] for who in table.voter[table.community == place]]
            for place, uid in enumerate(table.communities)
        }
        for table in voters.members(accounts)
    }


async def test_communities_are_of_those_asked_for_by_kind_and_each_voter_is_read_once(graph: Graph) -> None:
    await graph.write(do, FILL)
    detected = [["ada", "d1", "DETECTED"], ["cem", "d1", "DETECTED"]]
    await graph.write(do, JOIN, members=detected)
    voters = Voters()
    await voters.meet(graph, ["ada", "bob"])
    assert _members(voters, ["ada", "bob"]) == {"DETECTED": {"d1": ["ada"]}}
    declared = [["bob", "b", "DECLARED"], ["cem", "b", "DECLARED"], ["cem", "a", "DECLARED"]]
    await graph.write(do, JOIN, members=declared)
    await voters.meet(graph, ["ada", "bob", "cem"])
    assert _members(voters, ["ada", "bob", "cem"]) == {
        "DECLARED": {"a": ["cem"], "b": ["cem"]},
        "DETECTED": {"d1": ["ada", "cem"]},
    }
    assert _members(voters, ["ada"]) == {"DECLARED": {}, "DETECTED": {"d1": ["ada"]}}
    again = Voters()
    await again.meet(graph, ["bob", "cem"])
    assert _members(again, ["bob", "cem"])["DECLARED"] == {"a": ["cem"], "b": ["bob", "cem"]}
