"""Communities, joining them and leaving them."""

import asyncio

import pytest

from graph import communities, customers
from graph.driver import Graph
from graph.errors import Invalid, NotFound, Taken
from graph.records import now


async def _customer(graph: Graph) -> str:
    return (await graph.write(customers.upsert, now=now(), fields={})).uid


async def _community(graph: Graph, external_id: str = "g") -> str:
    made = await graph.write(
        communities.upsert, now=now(), fields={"name": "Işıklar"}, external_id=external_id
    )
    return made.uid


async def test_same_external_id_is_the_same_community(graph: Graph) -> None:
    uid = await _community(graph)
    again = await graph.write(communities.upsert, now=now(), fields={"kind": "DETECTED"}, external_id="g")
    assert (again.uid, again.created) == (uid, False)
    rows = await graph.read("MATCH (g:Community) RETURN g.name AS name, g.kind AS kind")
    assert [tuple(row) for row in rows] == [("Işıklar", "DETECTED")]


async def test_external_id_of_another_is_refused(graph: Graph) -> None:
    first, second = await _community(graph, "a"), await _community(graph, "b")
    with pytest.raises(Taken, match=first):
        await graph.write(communities.upsert, now=now(), fields={}, uid=second, external_id="a")
    with pytest.raises(NotFound):
        await graph.write(communities.upsert, now=now(), fields={}, uid="nowhere")
    with pytest.raises(Invalid):
        await graph.write(communities.upsert, now=now(), fields={"size": 3})


async def test_leaving_leaves_a_record_and_rejoining_begins_anew(graph: Graph) -> None:
    customer, community = await _customer(graph), await _community(graph)
    pair = {"customer": customer, "community": community}
    joined = await graph.write(
        communities.join, **pair, now=now(), role="moderator", since="2026-01-01T00:00:00Z"
    )
    assert (joined.role, joined.since, joined.until) == ("moderator", "2026-01-01T00:00:00.000Z", None)
    left = await graph.write(communities.leave, **pair, now=now(), until="2026-02-01T00:00:00Z")
    assert left.until == "2026-02-01T00:00:00.000Z"
    assert await communities.members(graph, community=community) == []
    assert await communities.members(graph, community=community, former=True) == [left]
    again = await graph.write(communities.join, **pair, now="2026-03-01T00:00:00.000Z")
    assert (again.role, again.since, again.until) == (None, "2026-03-01T00:00:00.000Z", None)
    assert await communities.members(graph, community=community) == [again]
    both = await communities.members(graph, community=community, former=True)
    assert sorted(both, key=lambda one: one.since or "") == [left, again]


async def test_leaving_twice_keeps_the_first_end(graph: Graph) -> None:
    pair = {"customer": await _customer(graph), "community": await _community(graph)}
    with pytest.raises(NotFound, match="no member"):
        await graph.write(communities.leave, **pair, now=now())
    await graph.write(communities.join, **pair, now=now())
    await graph.write(communities.leave, **pair, now=now(), until="2026-02-01T00:00:00Z")
    again = await graph.write(communities.leave, **pair, now=now(), until="2026-03-01T00:00:00Z")
    assert again.until == "2026-02-01T00:00:00.000Z"


async def test_unknown_ends_are_named(graph: Graph) -> None:
    customer, community = await _customer(graph), await _community(graph)
    with pytest.raises(NotFound) as caught:
        await graph.write(communities.join, customer="nobody", community=community, now=now())
    assert caught.value.field == "customer"
    with pytest.raises(NotFound) as caught:
        await graph.write(communities.join, customer=customer, community="nowhere", now=now())
    assert caught.value.field == "community"


async def test_twenty_joins_at_once_make_one_membership(graph: Graph) -> None:
    pair = {"customer": await _customer(graph), "community": await _community(graph)}
    await asyncio.gather(*(graph.write(communities.join, **pair, now=now()) for _ in range(20)))
    rows = await graph.read("MATCH (:Customer)-[m:MEMBER_OF]->(:Community) RETURN count(m) AS n")
    assert rows[0]["n"] == 1
