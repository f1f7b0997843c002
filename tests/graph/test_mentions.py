"""Mentions are kept once with all they touch, and can be taken back."""

import asyncio
from typing import Any

import pytest

from graph import communities, customers, mentions, outbox
from graph.driver import Graph, Transaction
from graph.errors import Invalid, NotFound
from graph.mentions import Mention

NOW = "2026-01-01T00:00:00.000Z"
LINKS = """
MATCH (m:Mention {uid: $uid})-[r]->(t)
RETURN type(r) AS type, t.uid AS uid ORDER BY type
"""


async def _customer(graph: Graph) -> str:
    return (await graph.write(customers.upsert, now=NOW, fields={})).uid


async def _record(graph: Graph, author: str, **given: Any) -> Mention:
    options: dict[str, Any] = {"channel": "twitter", "text": "IŞIK güzel", "at": NOW, "now": NOW}
    return await graph.write(mentions.record, author=author, **options | given)


async def _product(tx: Transaction) -> None:
    await (await tx.run("CREATE (:Product {uid: 'p', externalId: 'p', name: 'Lamp'})")).consume()


async def test_mention_is_kept_with_all_it_touches(graph: Graph) -> None:
    ann, ben = await _customer(graph), await _customer(graph)
    await graph.write(_product)
    community = await graph.write(communities.upsert, now=NOW, fields={"name": "g"})
    first = await _record(graph, ben)
    made = await _record(
        graph,
        ann,
        in_reply_to=first.uid,
        shares=first.uid,
        names=[ben, ben],
        products=["p"],
        community=community.uid,
        url="https://example.org/1",
        sentiment=-0.5,
    )
    (row,) = await graph.read("MATCH (m:Mention {uid: $uid}) RETURN m{.*} AS mention", uid=made.uid)
    mention = dict(row["mention"])
    assert mention["text"] == "IŞIK güzel"
    assert mention["givenSentiment"] == mention["sentiment"] == -0.5
    assert (mention["at"], mention["externalId"], mention["url"]) == (NOW, made.uid, "https://example.org/1")
    links = [(row["type"], row["uid"]) for row in await graph.read(LINKS, uid=made.uid)]
    assert links == [
        ("ABOUT", "p"),
        ("IN", community.uid),
        ("IN_REPLY_TO", first.uid),
        ("NAMES", ben),
        ("SHARES", first.uid),
    ]


async def test_mention_of_one_external_id_is_stored_once(graph: Graph) -> None:
    ann = await _customer(graph)
    first = await _record(graph, ann, external_id="tw-1")
    again = await _record(graph, ann, external_id="tw-1", text="other")
    assert (first.created, again.created, again.uid) == (True, False, first.uid)
    rows = await graph.read("MATCH (m:Mention) RETURN m.text AS text")
    assert [row["text"] for row in rows] == ["IŞIK güzel"]


async def test_mention_delivered_twenty_times_at_once_is_stored_once(graph: Graph) -> None:
    ann = await _customer(graph)
    made = await asyncio.gather(*(_record(graph, ann, external_id="tw-1") for _ in range(20)))
    assert len({each.uid for each in made}) == 1
    assert sum(each.created for each in made) == 1
    rows = await graph.read("MATCH (:Customer)-[:WROTE]->(m:Mention) RETURN count(m) AS n")
    assert rows[0]["n"] == 1


async def test_each_mention_asks_to_be_analysed(graph: Graph) -> None:
    made = await _record(graph, await _customer(graph))
    (event,) = await outbox.pending(graph, stale=NOW)
    assert (event.kind, event.payload) == ("MENTION_ANALYSE", {"mention": made.uid})


async def test_deleted_mention_takes_its_ties_along(graph: Graph) -> None:
    ann, ben, cem = [await _customer(graph) for _ in range(3)]
    first = await _record(graph, ann)
    second = await _record(graph, ben, in_reply_to=first.uid)
    await _record(graph, cem, in_reply_to=second.uid)
    await graph.write(mentions.delete, uid=second.uid)
    rows = await graph.read("MATCH ()-[t:TIE]->() RETURN count(t) AS n")
    assert rows[0]["n"] == 0
    with pytest.raises(NotFound):
        await graph.write(mentions.delete, uid=second.uid)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("author", {"author": "nobody"}),
        ("inReplyTo", {"in_reply_to": "nothing"}),
        ("shares", {"shares": "nothing"}),
        ("names", {"names": ["nobody"]}),
        ("products", {"products": ["nothing"]}),
        ("community", {"community": "nowhere"}),
    ],
)
async def test_unknown_id_is_named_and_nothing_is_kept(
    graph: Graph, field: str, given: dict[str, Any]
) -> None:
    ann = await _customer(graph)
    with pytest.raises(NotFound) as caught:
        await _record(graph, **{"author": ann} | given)
    assert caught.value.field == field
    assert await graph.read("MATCH (m:Mention) RETURN m.uid AS uid") == []


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("text", {"text": "x" * 10_001}),
        ("text", {"text": "x" * 10_000_000}),
        ("at", {"at": "2026-01-01T00:00:00"}),
        ("sentiment", {"sentiment": 1.5}),
        ("url", {"url": "ftp://x"}),
        ("names", {"names": [str(n) for n in range(51)]}),
        ("externalId", {"external_id": "x" * 201}),
    ],
)
async def test_unusable_input_is_named(graph: Graph, field: str, given: dict[str, Any]) -> None:
    ann = await _customer(graph)
    with pytest.raises(Invalid) as caught:
        await _record(graph, ann, **given)
    assert caught.value.field == field
