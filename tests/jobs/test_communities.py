"""Communities are found in the ties, kept under lasting names, and end when nobody is left in them."""

from typing import Any

import pytest

from graph import communities, customers, mentions
from graph.driver import Graph, Transaction
from jobs.communities import CommunitiesReport, run_communities

NOW = "2026-03-01T00:00:00.000Z"
FOUND = """
MATCH (c:Customer)-[m:MEMBER_OF]->(g:Community {kind: 'DETECTED'})
WHERE m.community = g.uid
WITH g, c ORDER BY c.externalId
RETURN g.externalId AS id, g.name AS name, collect(c.externalId) AS members ORDER BY id
"""


async def _people(tx: Transaction, ids: str) -> dict[str, str]:
    made = {
        id: await customers.upsert(tx, now=NOW, fields={"name": id.upper()}, external_id=id) for id in ids
    }
    return {id: customer.uid for id, customer in made.items()}


async def _talk(graph: Graph, people: dict[str, str], circle: str, *, day: int = 1) -> None:
    """Each of a circle names everybody else in it, the first of them on two days."""
    for place, author in enumerate(circle):
        for at in {day, day + 1} if not place else {day}:
            await graph.write(
                mentions.record,
                author=people[author],
                channel="x",
                text="t",
                at=f"2026-02-{at:02}T00:00:00.000Z",
                now=NOW,
                names=[people[other] for other in circle if other != author],
            )


async def _product(graph: Graph, id: str, name: str) -> str:
    async def make(tx: Transaction) -> None:
        query = "CREATE (:Product {uid: $id, externalId: $id, name: $name})"
        await (await tx.run(query, id=id, name=name)).consume()

    await graph.write(make)
    return id


async def _say(
    graph: Graph, author: str, day: str, text: str, *, about: str | None = None, mood: float = 0.0
) -> None:
    products = [about] if about else []
    at = f"{day}T12:00:00.000Z"
    await graph.write(
        mentions.record,
        author=author,
        channel="x",
        text=text,
        at=at,
        now=NOW,
        products=products,
        sentiment=mood,
    )


async def _run(graph: Graph) -> CommunitiesReport:
    found = await run_communities(graph, grace=0)
    assert found is not None
    return found


async def _found(graph: Graph) -> list[tuple[Any, ...]]:
    return [(row["id"], row["name"], "".join(row["members"])) for row in await graph.read(FOUND)]


async def test_two_circles_are_two_communities_named_after_who_is_central(graph: Graph) -> None:
    people = await graph.write(_people, "abcdefghx")
    await _talk(graph, people, "abcd")
    await _talk(graph, people, "efgh")
    found = await _run(graph)
    assert (found.communities, found.members, found.began, found.ended) == (2, 8, 2, 0)
    assert found.modularity == pytest.approx(0.5)
    assert await _found(graph) == [
        ("detected-1", "Around A and B", "abcd"),
        ("detected-2", "Around E and F", "efgh"),
    ]


async def test_a_community_keeps_its_number_while_members_come_and_go(graph: Graph) -> None:
    people = await graph.write(_people, "abcdefghij")
    await _talk(graph, people, "abcd")
    await _talk(graph, people, "efgh")
    await _run(graph)
    await _talk(graph, people, "efghij", day=20)
    again = await _run(graph)
    assert (again.began, again.ended) == (0, 0)
    assert [(id, members) for id, _, members in await _found(graph)] == [
        ("detected-1", "abcd"),
        ("detected-2", "efghij"),
    ]
    before = await _found(graph)
    assert (await _run(graph)).began == 0
    assert await _found(graph) == before


async def test_a_number_is_not_given_twice_and_what_ended_is_gone(graph: Graph) -> None:
    people = await graph.write(_people, "abcdef")
    await _talk(graph, people, "abc")
    await _run(graph)

    async def forget(tx: Transaction) -> None:
        await (await tx.run("MATCH (m:Mention) DETACH DELETE m")).consume()
        await (await tx.run("MATCH (:Customer)-[t:TIE]->() DELETE t")).consume()

    await graph.write(forget)
    ended = await _run(graph)
    assert (ended.communities, ended.ended) == (0, 1)
    assert await graph.read("MATCH (g:Community) RETURN g") == []
    await _talk(graph, people, "def")
    await _run(graph)
    assert await _found(graph) == [("detected-2", "Around D and E", "def")]


async def test_declared_communities_are_left_alone(graph: Graph) -> None:
    people = await graph.write(_people, "abc")

    async def declare(tx: Transaction) -> None:
        query = """MATCH (c:Customer {externalId: 'a'})
        CREATE (c)-[:MEMBER_OF {community: 'g'}]->(:Community {uid: 'g', externalId: 'g', kind: 'DECLARED'})"""
        await (await tx.run(query)).consume()

    await graph.write(declare)
    await _talk(graph, people, "abc")
    for _ in range(2):
        await _run(graph)
    count = (
        "MATCH (:Customer)-[m:MEMBER_OF]->(g:Community) RETURN g.kind AS kind, count(m) AS n ORDER BY kind"
    )
    assert [(row["kind"], row["n"]) for row in await graph.read(count)] == [("DECLARED", 1), ("DETECTED", 3)]


async def test_an_id_that_people_gave_is_not_taken_over(graph: Graph) -> None:
    people = await graph.write(_people, "abcdef")
    theirs = await graph.write(communities.upsert, now=NOW, fields={"name": "Ours"}, external_id="detected-1")
    await graph.write(communities.join, customer=people["f"], community=theirs.uid, now=NOW)
    await _talk(graph, people, "abc")
    await _run(graph)
    assert await _found(graph) == [("detected-2", "Around A and B", "abc")]
    kept = "MATCH (c)-[:MEMBER_OF]->(g {externalId: 'detected-1'}) RETURN g.name, g.kind, c.externalId"
    for _ in range(2):
        assert [tuple(row) for row in await graph.read(kept)] == [("Ours", "DECLARED", "f")]
        await _run(graph)


async def test_who_makes_a_found_community_their_own_keeps_it(graph: Graph) -> None:
    people = await graph.write(_people, "abc")
    await _talk(graph, people, "abc")
    await _run(graph)
    await graph.write(
        communities.upsert, now=NOW, fields={"name": "Ours", "kind": "DECLARED"}, external_id="detected-1"
    )
    await _run(graph)
    assert await _found(graph) == [("detected-2", "Around A and B", "abc")]
    mine = "MATCH (:Customer)-[m:MEMBER_OF]->(g {name: 'Ours'}) RETURN count(m) AS n"
    assert [row["n"] for row in await graph.read(mine)] == [3]


async def test_a_community_is_called_after_what_it_speaks_of(graph: Graph) -> None:
    people = await graph.write(_people, "abcdefghijkl")
    product = await _product(graph, "mill", "Değirmen")
    other = await _product(graph, "cup", "Fincan")
    await _talk(graph, people, "abcdef")
    await _talk(graph, people, "ghijkl")
    for who in "abcdefghijkl":
        await _say(graph, people[who], "2026-02-03", "I have it", about=product if who < "g" else other)
    await _run(graph)
    assert [name for _, name, _ in await _found(graph)] == [
        "Değirmen, around A and B",
        "Fincan, around G and H",
    ]


async def test_nobody_makes_no_community(graph: Graph) -> None:
    assert (await _run(graph)).communities == 0
