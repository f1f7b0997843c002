"""Customers over HTTP: kept, found, listed, narrowed."""

from typing import Any

import pytest

from api.relay import to_global_id
from graph.records import new_uid
from jobs.influence import run_influence
from tests.api.calls import call, code, make, pages, person, refusal
from tests.api.conftest import Client

EVERYTHING = """customer {
  externalId name kind isSuspended locale city email phone bornOn joinedAt value
  identities { channel handle verifiedAt }
}"""
NOBODY = to_global_id("Customer")(str(new_uid()))


async def test_a_customer_is_kept_with_every_field(client: Client) -> None:
    payload = await call(
        client,
        "customerUpsert",
        EVERYTHING,
        externalId="a",
        name=" Ayşe Işık ",
        kind="STAFF",
        isSuspended=True,
        locale="tr-TR",
        city="İzmir",
        email="Ayse@Example.org",
        phone="0532 123 45 67",
        bornOn="1990-02-28",
        joinedAt="2026-01-01T12:00:00+03:00",
        value=12.5,
        identities=[{"channel": "x", "handle": "@Ayse"}, {"channel": "email", "handle": "a@b.co"}],
    )
    assert payload == {
        "customer": {
            "externalId": "a",
            "name": "Ayşe Işık",
            "kind": "STAFF",
            "isSuspended": True,
            "locale": "tr-TR",
            "city": "İzmir",
            "email": "ayse@example.org",
            "phone": "+905321234567",
            "bornOn": "1990-02-28",
            "joinedAt": "2026-01-01T09:00:00.000Z",
            "value": 12.5,
            "identities": [
                {"channel": "email", "handle": "a@b.co", "verifiedAt": None},
                {"channel": "x", "handle": "@Ayse", "verifiedAt": None},
            ],
        },
        "errors": [],
    }


async def test_what_is_left_out_stays_and_null_clears(client: Client) -> None:
    ada = await person(client, "Ada", city="Bursa", value=3)
    changed = await call(client, "customerUpsert", "customer { name city value kind }", id=ada, city=None)
    assert changed["customer"] == {"name": "Ada", "city": None, "value": 3.0, "kind": "PERSON"}


async def test_a_handle_alone_finds_its_customer(client: Client) -> None:
    handle = [{"channel": "x", "handle": "ada"}]
    ada = await person(client, "Ada", identities=handle)
    assert await make(client, "customerUpsert", identities=handle, city="Bursa") == ada


async def test_accounts_of_one_person_name_each_other(client: Client) -> None:
    handle = [{"channel": "x", "handle": "ada"}]
    ada = await person(client, "Ada", identities=handle)
    for name in ("Ada2", "Ada3"):
        await person(client, name, sharedIdentities=handle)
    await person(client, "Bob")
    assert await run_influence(client.graph, grace=0)
    document = (
        "query($id: ID!) { customer(id: $id) { otherAccounts(first: 1) { totalCount nodes { name } } } }"
    )
    found = await client.data(document, id=ada)
    assert found["customer"]["otherAccounts"] == {"totalCount": 2, "nodes": [{"name": "Ada2"}]}
    listed = await client.data("{ customers(order: NAME) { nodes { otherAccounts { nodes { name } } } } }")
    names = [[n["name"] for n in each["otherAccounts"]["nodes"]] for each in listed["customers"]["nodes"]]
    assert names == [["Ada2", "Ada3"], ["Ada", "Ada3"], ["Ada", "Ada2"], []]
    wrong = [{"channel": "x", "handle": "nobody"}]
    refused = await refusal(client, "customerUpsert", externalId="Bob", sharedIdentities=wrong)
    assert refused == ("NOT_FOUND", ["sharedIdentities"])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"id": NOBODY}, ("NOT_FOUND", ["id"])),
        ({"id": "nonsense"}, ("INVALID", ["id"])),
        ({"id": to_global_id("Mention")("1")}, ("INVALID", ["id"])),
        ({"externalId": ""}, ("INVALID", ["externalId"])),
        ({"name": "a\u0000b"}, ("INVALID", ["name"])),
        ({"name": "a\u202eb"}, ("INVALID", ["name"])),
        ({"name": "x" * 201}, ("INVALID", ["name"])),
        ({"email": "nobody"}, ("INVALID", ["email"])),
        ({"phone": "12"}, ("INVALID", ["phone"])),
        ({"bornOn": "1990-02-30"}, ("INVALID", ["bornOn"])),
        ({"identities": [{"channel": "x", "handle": "a\u200bb"}]}, ("INVALID", ["identities"])),
        ({"identities": [{"channel": "x", "handle": "@ "}]}, ("INVALID", ["identities"])),
        ({"identities": [{"channel": "x", "handle": "ADA"}]}, ("TAKEN", ["identities"])),
        ({"id": "bob", "externalId": "Ada"}, ("TAKEN", ["externalId"])),
    ],
)
async def test_a_wrong_input_is_refused_beside_its_field(
    client: Client, given: dict[str, Any], expected: tuple[str, list[str]]
) -> None:
    await person(client, "Ada", identities=[{"channel": "x", "handle": "ada"}])
    bob = await person(client, "Bob")
    sent = {"externalId": "other"} | given if "id" not in given else given | {}
    if sent.get("id") == "bob":
        sent["id"] = bob
    assert await refusal(client, "customerUpsert", **sent) == expected
    listed = await client.data("{ customers(order: NAME) { nodes { name } } }")
    assert [node["name"] for node in listed["customers"]["nodes"]] == ["Ada", "Bob"]


async def test_a_message_says_how_to_mend_it(client: Client) -> None:
    document = """mutation { customerUpsert(input: {name: ""}) { errors { message } } }"""
    (error,) = (await client.data(document))["customerUpsert"]["errors"]
    assert error["message"] == "name is empty: give 1 to 200 characters."


async def test_an_instant_without_its_zone_is_refused(client: Client) -> None:
    document = "mutation($i: CustomerUpsertInput!) { customerUpsert(input: $i) { customer { id } } }"
    assert code(await client(document, i={"joinedAt": "2026-01-01T12:00:00"})) == "BAD_VARIABLE"
    literal = 'mutation { customerUpsert(input: {joinedAt: "2026-01-01"}) { customer { id } } }'
    assert code(await client(literal)) == "GRAPHQL_VALIDATION_FAILED"
    assert await client.graph.read("MATCH (c:Customer) RETURN c") == []


async def test_a_field_of_ten_megabytes_is_refused(client: Client) -> None:
    document = "mutation($n: String) { customerUpsert(input: {name: $n}) { customer { id } } }"
    assert code(await client(document, n="x" * 10_000_000)) == "BODY_TOO_LARGE"


async def test_an_unknown_id_or_handle_is_null(client: Client) -> None:
    document = """query($id: ID!) {
      customer(id: $id) { id } node(id: $id) { id } customerByIdentity(channel: "x", handle: "nobody") { id }
    }"""
    answer = await client.data(document, id=NOBODY)
    assert answer == {"customer": None, "node": None, "customerByIdentity": None}


@pytest.mark.parametrize("order", ["NEWEST", "NAME", "REACH"])
async def test_pages_over_ties_show_every_customer_once(client: Client, order: str) -> None:
    names = ["can", "Can", "CAN", "Çan", "ece", "Ece", "zoe"]
    ids = [await make(client, "customerUpsert", externalId=str(n), name=name) for n, name in enumerate(names)]
    reach = {"0": 1.0, "1": 1.0, "2": 2.0, "3": 1.0}
    await client.graph.write(_score, reach)
    found = await pages(client, "customers", "id", "id", f"order: {order}")
    assert [len(page) for page in found] == [2, 2, 2, 1]
    places = [ids.index(each) for page in found for each in page]
    expected = {
        "NEWEST": [6, 5, 4, 3, 2, 1, 0],
        "NAME": [0, 1, 2, 3, 4, 5, 6],
        "REACH": [2, 0, 1, 3, 4, 5, 6],
    }
    assert places == expected[order]


async def _score(tx: Any, reach: dict[str, float]) -> None:
    await tx.run(
        "CREATE (:Publication {name: 'influence', slot: 'A', run: 'r', publishedAt: 'x', asOf: 'x'})"
    )
    for key, value in reach.items():
        await tx.run("MATCH (c:Customer {externalId: $e}) SET c.reachA = $v", e=key, v=value)


async def test_every_condition_narrows(client: Client) -> None:
    ada = await person(client, "Ada", city="İzmir", locale="tr-TR", value=1, joinedAt="2026-01-01T00:00:00Z")
    await person(client, "Bob", city="Izmit", kind="BOT", value=2, joinedAt="2026-01-02T00:00:00Z")
    await person(client, "Cem", isSuspended=True)
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["Ada", "Bob", "Cem"]),
        ({"id": [ada]}, ["Ada"]),
        ({"id": []}, []),
        ({"externalId": {"eq": "Bob"}}, ["Bob"]),
        ({"externalId": {"in": ["Bob", "Cem", "Dan"]}}, ["Bob", "Cem"]),
        ({"name": {"eq": "ADA"}}, ["Ada"]),
        ({"name": {"contains": "E"}}, ["Cem"]),
        ({"city": {"startsWith": "IZM"}}, ["Ada", "Bob"]),
        ({"city": {"startsWith": "izm", "contains": "R"}}, ["Ada"]),
        ({"locale": {"eq": "tr-TR"}}, ["Ada"]),
        ({"kind": ["BOT", "STAFF"]}, ["Bob"]),
        ({"isSuspended": True}, ["Cem"]),
        ({"isSuspended": False}, ["Ada", "Bob"]),
        ({"joinedAt": {"from": "2026-01-02T03:00:00+03:00"}}, ["Bob"]),
        ({"joinedAt": {"until": "2026-01-02T00:00:00Z"}}, ["Ada"]),
        ({"value": {"gte": 1, "lt": 2}}, ["Ada"]),
        ({"value": {"gt": 1, "lte": 2}}, ["Bob"]),
        ({"not": {"value": {"gte": 0}}}, ["Cem"]),
        ({"reach": {"gte": 0}}, []),
        ({"not": {"and": [{"name": {"eq": "ada"}}, {"not": {"kind": ["BOT"]}}]}}, ["Bob", "Cem"]),
        ({"or": [{"name": {"eq": "ada"}}, {"isSuspended": True}], "not": {"id": [ada]}}, ["Cem"]),
        ({"and": []}, ["Ada", "Bob", "Cem"]),
        ({"or": []}, []),
        ({"not": {}}, []),
        ({"name": None, "value": {"gte": None}}, ["Ada", "Bob", "Cem"]),
    ]
    listed = """query($f: CustomerFilter) {
      customers(filter: $f, order: NAME) { totalCount nodes { name } }
    }"""
    for given, expected in cases:
        found = (await client.data(listed, f=given))["customers"]
        assert [node["name"] for node in found["nodes"]] == expected, given
        assert found["totalCount"] == len(expected), given


async def test_an_idempotency_key_answers_the_same_until_its_input_changes(client: Client) -> None:
    first = await call(client, "customerUpsert", "customer { id externalId }", key="k", name="Ada")
    assert await call(client, "customerUpsert", "customer { id externalId }", key="k", name="Ada") == first
    other = await call(client, "customerUpsert", "customer { id }", key="k", name="Bob")
    assert other == {"customer": None, "errors": [{"code": "CONFLICT", "field": ["idempotencyKey"]}]}
    again = await call(client, "communityUpsert", "community { name }", key="k", name="Bob")
    assert again["community"] == {"name": "Bob"}
    names = await client.graph.read("MATCH (c:Customer) RETURN c.name AS name")
    assert [row["name"] for row in names] == ["Ada"]


async def test_a_refused_request_leaves_its_key_free(client: Client) -> None:
    refused = await call(client, "customerUpsert", "", key="k", name="")
    assert refused["errors"][0]["code"] == "INVALID"
    kept = await call(client, "customerUpsert", "customer { name }", key="k", name="Ada")
    assert kept["customer"] == {"name": "Ada"}
