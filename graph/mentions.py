"""Mentions: what customers say on channels, to whom and about what."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from graph import abuse, outbox, validate
from graph.driver import Transaction
from graph.errors import NotFound
from graph.known import Noun, require, require_all, require_maybe
from graph.outbox import EventKind
from graph.records import new_uid
from graph.rows import one, rows, run
from graph.text import fold
from graph.ties import rebuild_ties

TOUCHES = 50


@dataclass(frozen=True, slots=True)
class Mention:
    """Which mention a write met, and whether it was new."""

    uid: str
    external_id: str
    author: str
    created: bool


STORED = """
MATCH (m:Mention {externalId: $externalId})
OPTIONAL MATCH (c:Customer)-[:WROTE]->(m)
RETURN m.uid AS uid, m.externalId AS externalId, c.uid AS author
"""

CREATE = """
MATCH (c:Customer {uid: $author})
SET c.touched = coalesce(c.touched, 0) + 1
CREATE (m:Mention {uid: $uid, externalId: $externalId, author: c.uid})
SET m += $properties
CREATE (c)-[:WROTE]->(m)
"""

LINK: LiteralString = """
MATCH (m:Mention {uid: $uid})
UNWIND $to AS other
MATCH (t:<label> {uid: other})
CREATE (m)-[:<type>]->(t)
"""


def _link(type_: LiteralString, label: LiteralString) -> LiteralString:
    return LINK.replace("<type>", type_).replace("<label>", label)


REPLIES, SHARES = (_link(type_, "Mention") for type_ in ("IN_REPLY_TO", "SHARES"))
NAMES, ABOUT, IN = _link("NAMES", "Customer"), _link("ABOUT", "Product"), _link("IN", "Community")


async def record(
    tx: Transaction,
    *,
    author: str,
    channel: str,
    text: str,
    at: str | None,
    now: str,
    in_reply_to: str | None = None,
    shares: str | None = None,
    names: Sequence[str] = (),
    community: str | None = None,
    products: Sequence[str] = (),
    url: str | None = None,
    sentiment: float | None = None,
    external_id: str | None = None,
) -> Mention:
    """Keep a mention, its ties and the wish to have it analysed; one external id is kept once."""
    uid = new_uid()
    key = uid if external_id is None else validate.identifier(external_id, "externalId")
    if external_id is not None and (stored := await one(tx, STORED, externalId=key)):
        return Mention(stored["uid"], stored["externalId"], stored["author"], created=False)
    properties = _properties(channel, text, at, url, sentiment) | {"createdAt": now}
    writer = await require(tx, Noun.CUSTOMER, author, "author")
    links = (
        (REPLIES, await require_maybe(tx, Noun.MENTION, in_reply_to, "inReplyTo")),
        (SHARES, await require_maybe(tx, Noun.MENTION, shares, "shares")),
        (NAMES, await require_all(tx, Noun.CUSTOMER, _few(names, "names"), "names")),
        (ABOUT, await require_all(tx, Noun.PRODUCT, _few(products, "products"), "products")),
        (IN, await require_maybe(tx, Noun.COMMUNITY, community, "community")),
    )
    await run(tx, CREATE, author=writer, uid=uid, externalId=key, properties=properties)
    for query, to in links:
        if to:
            await run(tx, query, uid=uid, to=to)
    if in_reply_to or shares or names:
        await rebuild_ties(tx, [writer])
    await outbox.emit(tx, kind=EventKind.MENTION_ANALYSE, payload={"mention": uid}, now=now)
    return Mention(uid, key, writer, created=True)


# Who answered or shared the mention loses a tie with it, just as its author does.
CONCERNED = """
MATCH (c:Customer)-[:WROTE]->(m:Mention {uid: $uid})
OPTIONAL MATCH (o:Customer)-[:WROTE]->(r)-[:IN_REPLY_TO|SHARES]->(m)
RETURN c.uid AS author, m.externalId AS externalId, collect(DISTINCT o.uid) AS others
"""

DELETE = "MATCH (m:Mention {uid: $uid}) DETACH DELETE m"


async def delete(tx: Transaction, *, uid: str) -> Mention:
    """Take a mention back: the ties which it made are made again without it."""
    found = await rows(tx, CONCERNED, uid=validate.identifier(uid, "uid"))
    if not found:
        raise NotFound(f"There is no mention {uid}: it may be deleted already.", field="uid")
    row = found[0]
    await run(tx, DELETE, uid=uid)
    await abuse.note_gone(tx, evidence=f"mention:{uid}")
    await rebuild_ties(tx, [row["author"], *row["others"]])
    return Mention(uid, row["externalId"], row["author"], created=False)


def _properties(
    channel: str, text: str, at: str | None, url: str | None, sentiment: float | None
) -> dict[str, Any]:
    shown = validate.prose(text, "text")
    properties: dict[str, Any] = {
        "channel": validate.handle(channel, "channel"),
        "text": shown,
        "textKey": fold(shown),
    }
    if at is not None:
        properties["at"] = validate.moment(at, "at")
    if url is not None:
        properties["url"] = validate.url(url, "url")
    if sentiment is not None:
        given = validate.number(sentiment, "sentiment", low=-1, high=1)
        properties |= {"givenSentiment": given, "sentiment": given}
    return properties


def _few(uids: Sequence[str], field: str) -> list[str]:
    return validate.several(uids, field, maximum=TOUCHES)
