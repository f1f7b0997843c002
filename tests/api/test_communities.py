"""Communities and memberships over HTTP."""

from typing import Any

import pytest

from api.relay import to_global_id
from tests.api.calls import as_customer, call, code, make, pages, person, refusal
from tests.api.conftest import Client

NOBODY, NOWHERE = to_global_id("Customer")("none"), to_global_id("Community")("none")


async def community(client: Client, name: str) -> str:
    return await make(client, "communityUpsert", externalId=name, name=name)


async def test_a_community_is_kept_and_changed(client: Client) -> None:
    shown = "community { externalId name kind memberCount members { totalCount } }"
    kept = await call(client, "communityUpsert", shown, externalId="g", name="Kahve")
    expected = {
        "externalId": "g",
        "name": "Kahve",
        "kind": "DECLARED",
        "memberCount": 0,
        "members": {"totalCount": 0},
    }
    assert kept == {"community": expected, "errors": []}
    changed = await call(client, "communityUpsert", shown, externalId="g", kind="DETECTED")
    assert changed["community"] == expected | {"kind": "DETECTED"}


async def test_a_membership_is_joined_left_and_joined_again(client: Client) -> None:
    ada, kahve = await person(client, "Ada"), await community(client, "Kahve")
    pair = {"customerId": ada, "communityId": kahve}
    shown = "membership { role since influence { reach } customer { name } community { name memberCount } }"
    joined = await call(client, "communityJoin", shown, **pair, role="MOD", since="2026-01-01T00:00:00Z")
    expected = {
        "role": "MOD",
        "since": "2026-01-01T00:00:00.000Z",
        "influence": None,
        "customer": {"name": "Ada"},
        "community": {"name": "Kahve", "memberCount": 1},
    }
    assert joined == {"membership": expected, "errors": []}
    left = await call(
        client, "communityLeave", "customer { memberships { totalCount } } community { memberCount }", **pair
    )
    assert left["customer"] == {"memberships": {"totalCount": 0}}
    assert left["community"] == {"memberCount": 0}
    again = await call(client, "communityJoin", "membership { role community { memberCount } }", **pair)
    assert again["membership"] == {"role": None, "community": {"memberCount": 1}}


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("communityUpsert", {"id": NOWHERE}, ("NOT_FOUND", ["id"])),
        ("communityUpsert", {"id": NOBODY}, ("INVALID", ["id"])),
        ("communityUpsert", {"name": "\u0007"}, ("INVALID", ["name"])),
        ("communityJoin", {"customerId": NOBODY}, ("NOT_FOUND", ["customerId"])),
        ("communityJoin", {"communityId": NOWHERE}, ("NOT_FOUND", ["communityId"])),
        ("communityJoin", {"communityId": NOBODY}, ("INVALID", ["communityId"])),
        ("communityJoin", {"role": "\n"}, ("INVALID", ["role"])),
        ("communityLeave", {}, ("NOT_FOUND", ["customerId"])),
    ],
)
async def test_a_wrong_input_is_refused_beside_its_field(
    client: Client, name: str, given: dict[str, Any], expected: tuple[str, list[str]]
) -> None:
    pair = {"customerId": await person(client, "Ada"), "communityId": await community(client, "Kahve")}
    sent = given if name == "communityUpsert" else pair | given
    assert await refusal(client, name, **sent) == expected


async def test_a_customer_joins_and_leaves_only_for_themselves(client: Client) -> None:
    ada, bob = await person(client, "Ada"), await person(client, "Bob")
    kahve = await community(client, "Kahve")
    mine = await as_customer(client, "Ada")
    document = """mutation($c: ID!, $g: ID!) {
      communityJoin(input: {customerId: $c, communityId: $g}) { membership { customer { name } } }
      communityLeave(input: {customerId: $c, communityId: $g}) { customer { name } }
    }"""
    assert code(await mine(document, c=bob, g=kahve)) == "FORBIDDEN"
    assert await client.graph.read("MATCH ()-[m:MEMBER_OF]->() RETURN m") == []
    own = await mine.data(document, c=ada, g=kahve)
    assert own["communityJoin"] == {"membership": {"customer": {"name": "Ada"}}}
    assert own["communityLeave"] == {"customer": {"name": "Ada"}}


async def test_communities_are_paged_by_name_over_ties(client: Client) -> None:
    names = ["Çay", "cay", "CAY", "Ayran", "Zencefil"]
    for name in names:
        await community(client, name)
    found = await pages(client, "communities", "name", "name")
    assert found == [["Ayran", "Çay"], ["cay", "CAY"], ["Zencefil"]]


async def test_communities_are_narrowed(client: Client) -> None:
    kahve = await community(client, "Kahve")
    await community(client, "Çay")
    listed = "query($f: CommunityFilter) { communities(filter: $f) { totalCount nodes { name } } }"
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"name": {"startsWith": "CAY"}}, ["Çay"]),
        ({"id": [kahve]}, ["Kahve"]),
        ({"externalId": {"eq": "Çay"}}, ["Çay"]),
        ({"not": {"id": [kahve]}}, ["Çay"]),
        ({"or": [{"id": [kahve]}, {"name": {"contains": "a"}}]}, ["Çay", "Kahve"]),
    ]
    for given, expected in cases:
        found = (await client.data(listed, f=given))["communities"]
        assert [node["name"] for node in found["nodes"]] == expected, given
        assert found["totalCount"] == len(expected)


async def test_customers_are_found_by_where_they_belong_now(client: Client) -> None:
    kahve = await community(client, "Kahve")
    for name in ("Ada", "Bob"):
        await call(client, "communityJoin", "", customerId=await person(client, name), communityId=kahve)
    bob = await person(client, "Bob")
    await call(client, "communityLeave", "", customerId=bob, communityId=kahve)
    listed = """query($f: CustomerFilter) { customers(filter: $f, order: NAME) { nodes { name } } }"""
    found = await client.data(listed, f={"memberOf": {"name": {"eq": "KAHVE"}}})
    assert found["customers"]["nodes"] == [{"name": "Ada"}]
    others = await client.data(listed, f={"not": {"memberOf": {}}})
    assert others["customers"]["nodes"] == [{"name": "Bob"}]


async def test_members_stand_by_their_advocacy_inside(client: Client) -> None:
    kahve = await community(client, "Kahve")
    for name in ("Ada", "Bob", "Cem"):
        await call(client, "communityJoin", "", customerId=await person(client, name), communityId=kahve)

    async def score(tx: Any) -> None:
        await tx.run(
            "CREATE (:Publication {name: 'influence', slot: 'A', run: 'r', publishedAt: 'x', asOf: 'x'})"
        )
        for name, value in (("Bob", 2.0), ("Cem", 3.0)):
            await tx.run(
                "MATCH (c:Customer {externalId: $n})-[m:MEMBER_OF]->() SET m.reachA = 1.5, m.advocacyA = $v",
                n=name,
                v=value,
            )

    await client.graph.write(score)
    document = """query($id: ID!) {
      community(id: $id) { members { nodes { customer { name } influence { reach advocacy standing } } } }
      advocates(communityId: $id) { totalCount nodes { advocacy customer { name } } }
    }"""
    found = await client.data(document, id=kahve)
    assert found["community"]["members"]["nodes"] == [
        {"customer": {"name": "Cem"}, "influence": {"reach": 1.5, "advocacy": 3.0, "standing": None}},
        {"customer": {"name": "Bob"}, "influence": {"reach": 1.5, "advocacy": 2.0, "standing": None}},
        {"customer": {"name": "Ada"}, "influence": None},
    ]
    ranked = [
        {"advocacy": 3.0, "customer": {"name": "Cem"}},
        {"advocacy": 2.0, "customer": {"name": "Bob"}},
    ]
    assert found["advocates"] == {"totalCount": 2, "nodes": ranked}


COUNTERPART = [
    "health { mood }",
    "healthHistory { mood }",
    "warnings { kind }",
    "overlaps { share }",
    "moodByWeek { mood }",
    "subjects { mood }",
    "wishes { support }",
    "collectiveActions { kind }",
    "mentions { totalCount }",
]


async def test_before_a_run_a_community_is_known_by_its_time_line_alone(client: Client) -> None:
    ada, kahve = await person(client, "Ada"), await community(client, "Kahve")
    await call(client, "communityJoin", "", communityId=kahve, customerId=ada)
    await make(
        client, "mentionRecord", authorId=ada, channel="x", text="elsewhere", at="2026-01-01T00:00:00Z"
    )
    stranger = await person(client, "Can")
    await make(client, "mentionRecord", authorId=stranger, channel="x", text="inside", communityId=kahve)
    query = """query($id: ID!) { community(id: $id) {
      health { mood } warnings { kind } healthHistory { asOf } collectiveActions { kind }
      mentions { totalCount nodes { text } } inside: mentions(said: IN_PLACE) { nodes { text } }
      later: mentions(filter: {at: {from: "2026-02-01T00:00:00Z"}}) { totalCount }
    } }"""
    assert (await client.data(query, id=kahve))["community"] == {
        "health": None,
        "warnings": [],
        "healthHistory": [],
        "collectiveActions": [],
        "mentions": {"totalCount": 1, "nodes": [{"text": "elsewhere"}]},
        "inside": {"nodes": [{"text": "inside"}]},
        "later": {"totalCount": 0},
    }
    warned = "query($is: Boolean!) { communities(filter: {hasWarning: $is}) { nodes { name } } }"
    assert (await client.data(warned, **{"is": True}))["communities"]["nodes"] == []
    assert (await client.data(warned, **{"is": False}))["communities"]["nodes"] == [{"name": "Kahve"}]


@pytest.mark.parametrize("field", COUNTERPART)
async def test_what_staff_know_of_a_community_is_not_for_customers(client: Client, field: str) -> None:
    await person(client, "Ada")
    customer = await as_customer(client, "Ada")
    answer = await customer(f"query {{ communities {{ nodes {{ name {field} }} }} }}")
    assert code(answer) == "FORBIDDEN"
