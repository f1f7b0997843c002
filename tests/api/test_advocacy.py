"""Advocacy links and the rankings over HTTP."""

from typing import Any

import pytest

from api.relay import to_global_id
from graph.driver import Engine, Transaction
from tests.api.calls import call, make, pages, person, refusal
from tests.api.conftest import Client

NOBODY = to_global_id("Customer")("none")
NO_LINK = to_global_id("AdvocacyLink")("none")
SHOWN = """link {
  externalId kind weight at outcome outcomeAt value product { name } giver { name } receiver { name }
}"""


async def test_a_link_is_recorded_with_every_field(client: Client) -> None:
    async def stock(tx: Transaction) -> None:
        await tx.run("CREATE (:Product {uid: 'p', externalId: 'p', name: 'Decaf'})")

    await client.graph.write(stock)
    given: dict[str, Any] = {
        "externalId": "l",
        "giverId": await person(client, "Ada"),
        "receiverId": await person(client, "Bob"),
        "kind": "REFERRAL",
        "weight": -0.25,
        "at": "2026-01-01T00:00:00Z",
        "productId": to_global_id("Product")("p"),
        "outcome": "bought",
        "outcomeAt": "2026-01-02T00:00:00Z",
        "value": 10,
    }
    expected = {
        "externalId": "l",
        "kind": "REFERRAL",
        "weight": -0.25,
        "at": "2026-01-01T00:00:00.000Z",
        "outcome": "bought",
        "outcomeAt": "2026-01-02T00:00:00.000Z",
        "value": 10.0,
        "product": {"name": "Decaf"},
        "giver": {"name": "Ada"},
        "receiver": {"name": "Bob"},
    }
    assert await call(client, "advocacyRecord", SHOWN, **given) == {"link": expected, "errors": []}
    assert (await call(client, "advocacyRecord", SHOWN, **given))["link"] == expected
    other = given | {"kind": "WARNING"}
    assert await refusal(client, "advocacyRecord", **other) == ("TAKEN", ["externalId"])
    assert len(await client.graph.read("MATCH ()-[a:ADVOCATED]->() RETURN a.uid AS uid")) == 1


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"giverId": NOBODY}, ("NOT_FOUND", ["giverId"])),
        ({"receiverId": NOBODY}, ("NOT_FOUND", ["receiverId"])),
        ({"receiverId": NO_LINK}, ("INVALID", ["receiverId"])),
        ({"weight": 1.5}, ("INVALID", ["weight"])),
        ({"outcome": "\u0085"}, ("INVALID", ["outcome"])),
        ({"productId": to_global_id("Product")("none")}, ("NOT_FOUND", ["productId"])),
        ({"productId": NOBODY}, ("INVALID", ["productId"])),
    ],
)
async def test_a_wrong_input_is_refused_beside_its_field(
    client: Client, given: dict[str, Any], expected: tuple[str, list[str]]
) -> None:
    pair = {"giverId": await person(client, "Ada"), "receiverId": await person(client, "Bob")}
    assert await refusal(client, "advocacyRecord", **(pair | {"kind": "RATING"} | given)) == expected


async def test_advocating_to_oneself_is_refused(client: Client) -> None:
    ada = await person(client, "Ada")
    found = await refusal(client, "advocacyRecord", giverId=ada, receiverId=ada, kind="DEFENCE")
    assert found == ("INVALID", ["receiverId"])


async def test_a_retracted_link_is_gone_once(client: Client) -> None:
    ada, bob = await person(client, "Ada"), await person(client, "Bob")
    link = await make(client, "advocacyRecord", giverId=ada, receiverId=bob, kind="RATING")
    expected = {"retractedId": link, "errors": []}
    assert await call(client, "advocacyRetract", "retractedId", key="k", id=link) == expected
    assert await call(client, "advocacyRetract", "retractedId", key="k", id=link) == expected
    assert await refusal(client, "advocacyRetract", id=link) == ("NOT_FOUND", ["id"])
    assert await refusal(client, "advocacyRetract", id=ada) == ("INVALID", ["id"])
    document = "query($l: ID!, $c: ID!) { node(id: $l) { id } customer(id: $c) { advocated { totalCount } } }"
    found = await client.data(document, l=link, c=ada)
    assert found == {"node": None, "customer": {"advocated": {"totalCount": 0}}}


async def test_links_stand_by_strength_on_both_sides(client: Client) -> None:
    ada, bob = await person(client, "Ada"), await person(client, "Bob")
    links = [
        await make(client, "advocacyRecord", giverId=ada, receiverId=bob, kind="RATING", weight=weight)
        for weight in (0.5, 1.0, -1.0, 0.5)
    ]
    document = """query($a: ID!, $b: ID!, $after: String) {
      customer(id: $a) { advocated { totalCount nodes { id } } }
      node(id: $b) { ... on Customer {
        advocatedBy(first: 3, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } }
      } }
    }"""
    found = await client.data(document, a=ada, b=bob)
    strongest = [links[1], links[0], links[3], links[2]]
    assert [node["id"] for node in found["customer"]["advocated"]["nodes"]] == strongest
    page = found["node"]["advocatedBy"]
    assert [node["id"] for node in page["nodes"]] == strongest[:3]
    assert page["pageInfo"]["hasNextPage"]
    rest = await client.data(document, a=ada, b=bob, after=page["pageInfo"]["endCursor"])
    assert rest["node"]["advocatedBy"]["nodes"] == [{"id": links[2]}]


async def publish(client: Client, scores: dict[str, tuple[float, float]]) -> None:
    """Scores by name (advocacy, harm), published in slot A."""

    async def write(tx: Transaction) -> None:
        await tx.run(
            "CREATE (:Publication {name: 'influence', slot: 'A', run: 'r', publishedAt: 'x', asOf: 'x'})"
        )
        query = "MATCH (c:Customer {name: $n}) SET c.reachA = 1.0, c.advocacyA = $a, c.harmA = $h"
        for name, (advocacy, harm) in scores.items():
            await tx.run(query, n=name, a=advocacy, h=harm)

    await client.graph.write(write)


async def test_the_rankings_page_over_ties_and_leave_out_who_has_none(client: Client) -> None:
    for name in "ABCDEFG":
        await person(client, name, city="Bursa" if name in "ACE" else "İzmir")
    tied = {"A": (1.0, 0.0), "B": (2.0, 0.0), "C": (1.0, 0.0), "D": (1.0, 0.0), "E": (0.0, 3.0)}
    await publish(client, tied)
    shown = "customer { name } advocacy"
    found = await pages(client, "advocates", shown, "customer")
    assert found == [[{"name": "B"}, {"name": "A"}], [{"name": "C"}, {"name": "D"}]]
    narrowed = await pages(client, "advocates", shown, "customer", 'filter: {city: {eq: "bursa"}}')
    assert narrowed == [[{"name": "A"}, {"name": "C"}]]
    assert await pages(client, "detractors", "harm", "harm") == [[3.0]]


async def test_rankings_go_by_trust_when_asked_overall_and_inside(client: Client) -> None:
    town = await make(client, "communityUpsert", name="Town")
    for name in "ABC":
        await call(client, "communityJoin", "", communityId=town, customerId=await person(client, name))
    await publish(client, {"A": (3.0, 0.0), "B": (2.0, 0.5), "C": (1.0, 0.0)})

    async def trusted(tx: Transaction) -> None:
        query = """MATCH (c:Customer {name: $n})-[m:MEMBER_OF]->() SET c.trustedAdvocacyA = $t, c.trustedHarmA = $t / 2,
        m.reachA = 1.0, m.trustedAdvocacyA = 3 - $t, m.advocacyA = $t"""
        for name, trust in (("A", 0.0), ("B", 1.0), ("C", 2.0)):
            await tx.run(query, n=name, t=trust)

    await client.graph.write(trusted)
    document = """query($order: RankingOrder!, $in: ID) {
      advocates(order: $order, communityId: $in) { nodes { trustedAdvocacy customer { name } } }
      detractors(order: TRUST) { nodes { trustedHarm } }
    }"""
    ranked = {}
    for order, inside in (("TRUST", None), ("REACH", None), ("TRUST", town), ("REACH", town)):
        found = await client.data(document, order=order, **{"in": inside})
        ranked[order, inside] = "".join(node["customer"]["name"] for node in found["advocates"]["nodes"])
        assert [node["trustedHarm"] for node in found["detractors"]["nodes"]] == [1.0, 0.5]
    assert list(ranked.values()) == ["CB", "ABC", "ABC", "CB"]


@pytest.mark.parametrize("order", ["REACH", "TRUST"])
async def test_a_ranked_page_takes_at_most_two_statements(client: Client, order: str) -> None:
    for name in "ABC":
        await person(client, name)
    await publish(client, {"A": (1.0, 0.0), "B": (2.0, 0.0)})

    async def trusted(tx: Transaction) -> None:
        await tx.run("MATCH (c:Customer) WHERE c.advocacyA > 0 SET c.trustedAdvocacyA = c.advocacyA")

    await client.graph.write(trusted)
    document = """query($order: RankingOrder!) { advocates(order: $order, first: 2) {
      totalCount nodes { reach customer { name mentions { nodes { text } } } } pageInfo { hasNextPage endCursor }
    } }"""
    answer = await client(document, headers={"x-muhatap-explain": "1"}, order=order)
    names = [node["customer"]["name"] for node in answer["data"]["advocates"]["nodes"]]
    assert names == ["B", "A"]
    assert answer["data"]["advocates"]["totalCount"] == 2
    expected = 2 if client.graph.engine is Engine.ARCADEDB else 1
    assert answer["extensions"]["explain"]["statements"] == expected


async def test_the_parts_of_a_score_are_shown_with_whom_they_come_from(client: Client) -> None:
    ada, bob = await person(client, "Ada"), await person(client, "Bob")

    async def write(tx: Transaction) -> None:
        query = """MATCH (c:Customer {name: 'Ada'}), (o:Customer {name: 'Bob'})
        SET c.partScoreA = ['REACH', 'REACH', 'VOICE'], c.partKindA = ['BASE', 'NEIGHBOUR', 'POSITIVE'],
            c.partValueA = [0.15, 0.85, 0.5], c.partFromA = ['', o.uid, ''], c.voiceA = 0.5"""
        await tx.run(query)

    await publish(client, {"Ada": (0.5, 0.0)})
    await client.graph.write(write)
    document = """query($a: ID!, $b: ID!) {
      customer(id: $a) { influence {
        reach standing voice advocacy harm customer { name } parts { score kind value customer { name } }
      } }
      other: customer(id: $b) { influence { reach parts { kind } } }
    }"""
    found = await client.data(document, a=ada, b=bob)
    assert found == {
        "customer": {
            "influence": {
                "reach": 1.0,
                "standing": None,
                "voice": 0.5,
                "advocacy": 0.5,
                "harm": 0.0,
                "customer": {"name": "Ada"},
                "parts": [
                    {"score": "REACH", "kind": "BASE", "value": 0.15, "customer": None},
                    {"score": "REACH", "kind": "NEIGHBOUR", "value": 0.85, "customer": {"name": "Bob"}},
                    {"score": "VOICE", "kind": "POSITIVE", "value": 0.5, "customer": None},
                ],
            }
        },
        "other": {"influence": None},
    }
