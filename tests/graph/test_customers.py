"""Customers are met again by uid, external id or account, and nobody takes another's account."""

import asyncio
from typing import Any

import pytest

from graph import customers
from graph.customers import Customer, Handle
from graph.driver import Graph
from graph.errors import Invalid, NotFound, Taken
from graph.records import now

STORED = "MATCH (c:Customer {uid: $uid}) RETURN c{.*} AS customer"
HOLDERS = "MATCH (i:Identity)<-[:IDENTIFIED_BY]-(c) RETURN i.key AS key, collect(c.uid) AS holders"


async def test_a_channel_with_a_colon_is_refused(graph: Graph) -> None:
    with pytest.raises(Invalid, match="holds a colon"):
        await _upsert(graph, Handle("a:b", "c"))


async def _upsert(
    graph: Graph, *identities: Handle, external_id: str | None = None, **fields: Any
) -> Customer:
    return await graph.write(
        customers.upsert, now=now(), fields=fields, external_id=external_id, identities=identities
    )


async def _stored(graph: Graph, uid: str) -> dict[str, object]:
    row = await graph.read_one(STORED, uid=uid)
    assert row is not None
    return dict(row["customer"])


async def test_same_external_id_is_the_same_customer(graph: Graph) -> None:
    first = await _upsert(graph, external_id="ayse-1", name="Ayşe Işık")
    again = await _upsert(graph, external_id="ayse-1", city="İzmir")
    assert (first.created, again.created, again.uid) == (True, False, first.uid)
    stored = await _stored(graph, first.uid)
    assert (stored["name"], stored["city"]) == ("Ayşe Işık", "İzmir")
    assert (stored["kind"], stored["suspended"]) == ("PERSON", False)


async def test_without_external_id_the_uid_stands_for_it(graph: Graph) -> None:
    made = await _upsert(graph, name="Ali")
    assert made.external_id == made.uid


async def test_omitted_field_stays_and_null_clears(graph: Graph) -> None:
    made = await _upsert(graph, external_id="a", name="Ali", city="Ankara", value=3.5, kind="STAFF")
    await _upsert(graph, external_id="a", city=None, kind=None)
    stored = await _stored(graph, made.uid)
    assert stored["name"] == "Ali"
    assert stored["value"] == 3.5
    assert stored["kind"] == "PERSON"
    assert stored.get("city") is None
    assert stored.get("cityKey") is None


async def test_account_finds_its_customer_however_it_is_typed(graph: Graph) -> None:
    made = await _upsert(graph, Handle("twitter", "IŞIK"), name="Işık")
    again = await _upsert(graph, Handle("twitter", "ışık"), city="Bursa")
    assert (again.uid, again.created) == (made.uid, False)
    assert await customers.find(graph, channel="Twitter", handle="işik") == made.uid
    assert await customers.find(graph, channel="twitter", handle="nobody") is None


async def test_account_of_another_is_refused_and_nothing_is_kept(graph: Graph) -> None:
    holder = await _upsert(graph, Handle("twitter", "ayse"), external_id="a", name="Ayşe")
    with pytest.raises(Taken, match=f"Ayşe.*{holder.uid}") as caught:
        await _upsert(graph, Handle("twitter", "AYSE"), external_id="b", name="Other")
    assert caught.value.field == "identities"
    rows = await graph.read("MATCH (c:Customer) RETURN count(c) AS n")
    assert rows[0]["n"] == 1


async def test_a_shared_account_stays_with_its_holder_and_is_remembered(graph: Graph) -> None:
    holder = await _upsert(graph, Handle("twitter", "ayse"), external_id="a")
    for _ in range(2):
        await graph.write(
            customers.upsert, now=now(), fields={}, external_id="b", shared=[Handle("Twitter", "AYSE")]
        )
    assert await customers.find(graph, channel="twitter", handle="ayse") == holder.uid
    claims = "MATCH (c:Customer)-[:CLAIMED]->(i) RETURN c.externalId AS id, i.key AS key"
    assert [tuple(row) for row in await graph.read(claims)] == [("b", "twitter:ayse")]
    for unshared in (Handle("twitter", "nobody"), Handle("twitter", "ayse")):
        with pytest.raises(NotFound) as caught:
            await graph.write(customers.upsert, now=now(), fields={}, uid=holder.uid, shared=[unshared])
        assert caught.value.field == "sharedIdentities"


async def test_uid_must_exist_and_may_get_a_free_external_id(graph: Graph) -> None:
    first = await _upsert(graph, external_id="a")
    second = await _upsert(graph, external_id="b")
    with pytest.raises(NotFound):
        await graph.write(customers.upsert, now=now(), fields={}, uid="nobody")
    with pytest.raises(Taken, match=first.uid):
        await graph.write(customers.upsert, now=now(), fields={}, uid=second.uid, external_id="a")
    moved = await graph.write(customers.upsert, now=now(), fields={}, uid=second.uid, external_id="c")
    assert moved.external_id == "c"


async def test_fifty_claims_of_one_account_have_one_winner(graph: Graph) -> None:
    tries = [_upsert(graph, Handle("app", "star"), external_id=f"c{n}") for n in range(50)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(result, Customer) for result in results) == 1
    assert sum(isinstance(result, Taken) for result in results) == 49
    rows = await graph.read(HOLDERS)
    assert [len(row["holders"]) for row in rows] == [1]


async def test_twenty_upserts_of_one_external_id_make_one_customer(graph: Graph) -> None:
    made = await asyncio.gather(*(_upsert(graph, external_id="x", name=f"n{n}") for n in range(20)))
    assert len({each.uid for each in made}) == 1
    assert sum(each.created for each in made) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x" * 201),
        ("email", "no address"),
        ("phone", "none"),
        ("birthDate", "2026-13-01"),
        ("joinedAt", "2026-01-01T00:00:00"),
        ("kind", "CAT"),
        ("suspended", "yes"),
        ("value", float("nan")),
        ("shoeSize", 42),
    ],
)
async def test_unusable_field_is_refused_by_name(graph: Graph, field: str, value: Any) -> None:
    with pytest.raises(Invalid) as caught:
        await _upsert(graph, **{field: value})
    assert caught.value.field == field
