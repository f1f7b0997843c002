"""Mentions over HTTP: recorded, read with what they touch, narrowed, deleted."""

from typing import Any

import pytest

from api.relay import to_global_id
from graph.driver import Transaction
from tests.api.calls import call, make, pages, person, refusal
from tests.api.conftest import Client

NOTHING = to_global_id("Mention")("none")
NOBODY = to_global_id("Customer")("none")
SHOWN = """mention {
  channel text at url sentiment sentimentLabel sentimentBecause language author { name } names { name }
  inReplyTo { text } shares { text } community { name } products { name category } topics { name }
  replies { totalCount nodes { text } }
}"""


async def mention(client: Client, author: str, text: str, **more: Any) -> str:
    return await make(client, "mentionRecord", authorId=author, channel="x", text=text, **more)


async def product(client: Client, name: str) -> str:
    async def create(tx: Transaction) -> None:
        query = (
            "CREATE (:Product {uid: $n, externalId: $n, name: $n, nameKey: toLower($n), category: 'coffee'})"
        )
        await tx.run(query, n=name)

    await client.graph.write(create)
    return to_global_id("Product")(name)


async def test_a_mention_is_recorded_with_all_that_it_touches(client: Client) -> None:
    ada, bob = await person(client, "Ada"), await person(client, "Bob")
    kahve = await make(client, "communityUpsert", name="Kahve")
    first = await mention(client, bob, "Hello")
    payload = await call(
        client,
        "mentionRecord",
        SHOWN,
        authorId=ada,
        channel="x",
        text="Great\tdecaf \u2615\nindeed",
        at="2026-01-01T03:00:00+03:00",
        inReplyToId=first,
        sharesId=first,
        nameIds=[bob, ada, bob],
        communityId=kahve,
        productIds=[await product(client, "Decaf")],
        url="https://example.org/1",
        sentiment=0.5,
    )
    assert payload == {
        "mention": {
            "channel": "x",
            "text": "Great\tdecaf \u2615\nindeed",
            "at": "2026-01-01T00:00:00.000Z",
            "url": "https://example.org/1",
            "sentiment": 0.5,
            "sentimentLabel": None,
            "sentimentBecause": None,
            "language": None,
            "author": {"name": "Ada"},
            "names": [{"name": "Ada"}, {"name": "Bob"}],
            "inReplyTo": {"text": "Hello"},
            "shares": {"text": "Hello"},
            "community": {"name": "Kahve"},
            "products": [{"name": "Decaf", "category": "coffee"}],
            "topics": [],
            "replies": {"totalCount": 0, "nodes": []},
        },
        "errors": [],
    }
    document = "query($id: ID!) { node(id: $id) { ... on Mention { replies { totalCount nodes { url } } } } }"
    found = await client.data(document, id=first)
    assert found["node"]["replies"] == {"totalCount": 1, "nodes": [{"url": "https://example.org/1"}]}


async def test_one_external_id_is_one_mention(client: Client) -> None:
    ada = await person(client, "Ada")
    first = await mention(client, ada, "Hello", externalId="1")
    assert await mention(client, ada, "Hello again", externalId="1") == first
    found = await client.data("{ mentions { totalCount nodes { text externalId } } }")
    assert found["mentions"] == {"totalCount": 1, "nodes": [{"text": "Hello", "externalId": "1"}]}


async def test_markup_and_control_characters_never_come_back_as_more_than_text(client: Client) -> None:
    ada = await person(client, "Ada")
    shown = await call(
        client, "mentionRecord", "mention { text }", authorId=ada, channel="x", text="<b>\u0000\u001bhi"
    )
    assert shown["mention"] == {"text": "<b>hi"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"authorId": NOBODY}, ("NOT_FOUND", ["authorId"])),
        ({"authorId": NOTHING}, ("INVALID", ["authorId"])),
        ({"inReplyToId": NOTHING}, ("NOT_FOUND", ["inReplyToId"])),
        ({"sharesId": NOTHING}, ("NOT_FOUND", ["sharesId"])),
        ({"nameIds": [NOBODY]}, ("NOT_FOUND", ["nameIds"])),
        ({"nameIds": ["?"]}, ("INVALID", ["nameIds"])),
        ({"nameIds": [to_global_id("Customer")(str(n)) for n in range(51)]}, ("INVALID", ["nameIds"])),
        ({"communityId": to_global_id("Community")("none")}, ("NOT_FOUND", ["communityId"])),
        ({"productIds": [to_global_id("Product")("none")]}, ("NOT_FOUND", ["productIds"])),
        ({"text": " \n "}, ("INVALID", ["text"])),
        ({"text": "x" * 10_001}, ("INVALID", ["text"])),
        ({"channel": ""}, ("INVALID", ["channel"])),
        ({"url": "javascript:alert(1)"}, ("INVALID", ["url"])),
        ({"sentiment": 1.01}, ("INVALID", ["sentiment"])),
        ({"externalId": "\u0001"}, ("INVALID", ["externalId"])),
    ],
)
async def test_a_wrong_input_is_refused_beside_its_field(
    client: Client, given: dict[str, Any], expected: tuple[str, list[str]]
) -> None:
    sent = {"authorId": await person(client, "Ada"), "channel": "x", "text": "Hello"} | given
    assert await refusal(client, "mentionRecord", **sent) == expected
    assert await client.graph.read("MATCH (m:Mention) RETURN m") == []


async def test_a_deleted_mention_is_gone_once(client: Client) -> None:
    ada = await person(client, "Ada")
    wrong = await mention(client, ada, "Wrong")
    answer = await mention(client, ada, "Answer", inReplyToId=wrong)
    assert await call(client, "mentionDelete", "deletedId", id=wrong) == {"deletedId": wrong, "errors": []}
    assert await refusal(client, "mentionDelete", id=wrong) == ("NOT_FOUND", ["id"])
    assert await refusal(client, "mentionDelete", id=ada) == ("INVALID", ["id"])
    document = "query($id: ID!) { node(id: $id) { ... on Mention { text inReplyTo { text } } } }"
    assert (await client.data(document, id=answer))["node"] == {"text": "Answer", "inReplyTo": None}


@pytest.mark.parametrize("order", ["NEWEST", "OLDEST"])
async def test_pages_over_ties_and_absent_instants_show_each_once(client: Client, order: str) -> None:
    ada = await person(client, "Ada")
    days = ["2026-01-01", "2026-01-01", "2026-01-03", "2026-01-01", None]
    for place, day in enumerate(days):
        await mention(client, ada, str(place), **({"at": f"{day}T00:00:00Z"} if day else {}))
    expected = {"NEWEST": [["2", "0"], ["1", "3"], ["4"]], "OLDEST": [["0", "1"], ["3", "2"], ["4"]]}
    assert await pages(client, "mentions", "text", "text", f"order: {order}") == expected[order]
    document = f"""query($after: String) {{ customerByIdentity(channel: "x", handle: "ada") {{
      mentions(order: {order}, first: 2, after: $after) {{ nodes {{ text }} pageInfo {{ endCursor hasNextPage }} }}
    }} }}"""
    await person(client, "Ada", identities=[{"channel": "x", "handle": "ada"}])
    after, seen = None, []
    while True:
        page = (await client.data(document, after=after))["customerByIdentity"]["mentions"]
        seen.append([node["text"] for node in page["nodes"]])
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == expected[order]


async def test_every_condition_narrows(client: Client) -> None:
    ada, bob = await person(client, "Ada"), await person(client, "Bob", city="Bursa")
    kahve = await make(client, "communityUpsert", name="Kahve")
    await mention(client, ada, "one ÇAY", at="2026-01-01T00:00:00Z", sentiment=0.5, communityId=kahve)
    two = await mention(
        client, bob, "two", at="2026-01-02T00:00:00Z", productIds=[await product(client, "P")]
    )
    await mention(client, ada, "three", inReplyToId=two, nameIds=[bob], sentiment=-0.5)

    async def analyse(tx: Transaction) -> None:
        await tx.run("MATCH (m:Mention {text: 'three'}) SET m.language = 'en', m.sentimentLabel = 'NEGATIVE'")

    await client.graph.write(analyse)
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"id": [two]}, ["two"]),
        ({"text": {"contains": "cay"}}, ["one ÇAY"]),
        ({"channel": {"eq": "X"}}, []),
        ({"channel": {"in": ["x"]}}, ["one ÇAY", "two", "three"]),
        ({"language": {"eq": "en"}}, ["three"]),
        ({"not": {"language": {"eq": "en"}}}, ["one ÇAY", "two"]),
        ({"at": {"from": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"}}, ["one ÇAY"]),
        ({"sentiment": {"lt": 0}}, ["three"]),
        ({"sentimentLabel": ["NEGATIVE", "NEUTRAL"]}, ["three"]),
        ({"isReply": True}, ["three"]),
        ({"isReply": False}, ["one ÇAY", "two"]),
        ({"author": {"city": {"eq": "bursa"}}}, ["two"]),
        ({"names": {"id": [bob]}}, ["three"]),
        ({"product": {"category": {"eq": "coffee"}}}, ["two"]),
        ({"community": {"name": {"eq": "kahve"}}}, ["one ÇAY"]),
        ({"author": {"wrote": {"names": {"wrote": {"product": {}}}}}}, ["one ÇAY", "three"]),
        ({"not": {"author": {"wrote": {"isReply": True}}}}, ["two"]),
        ({"or": [{"isReply": True}, {"product": {}}], "channel": {"eq": "x"}}, ["two", "three"]),
    ]
    listed = """query($f: MentionFilter) {
      mentions(filter: $f, order: OLDEST) { totalCount nodes { text } }
    }"""
    for given, expected in cases:
        found = (await client.data(listed, f=given))["mentions"]
        assert [node["text"] for node in found["nodes"]] == expected, given
        assert found["totalCount"] == len(expected), given
