"""What customers say about an idea, and about what others said of it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph import notices, outbox, validate
from graph.driver import Graph, Transaction
from graph.errors import Invalid, NotAllowed, NotFound
from graph.ideas import check_voice
from graph.known import Noun, require
from graph.moderation import ModeratedWhen, Moderation, require_published
from graph.notices import NoticeKind
from graph.outbox import EventKind
from graph.records import new_uid
from graph.rows import one, run

DEEPEST = 3
DELETED = "DELETED"


@dataclass(frozen=True, slots=True)
class Comment:
    """Which comment a write met, on which idea."""

    uid: str
    idea: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a new comment stands: on which idea, which idea shows it, how many replies deep, in which state."""

    idea: str
    shown: str
    depth: int
    state: Moderation


PLACE = """
MATCH (i:Idea {uid: $idea})
OPTIONAL MATCH (i)-[:DUPLICATE_OF]->(o)
OPTIONAL MATCH (q:Comment {uid: $to})-[:ON_IDEA]->(j:Idea)
OPTIONAL MATCH (j)-[:DUPLICATE_OF]->(p)
RETURN coalesce(i.moderation, 'PUBLISHED') AS moderation, q.state AS state, q.depth AS depth,
       coalesce(o.uid, i.uid) AS shown,
       [(i)-[:IN_CHALLENGE]->(h) | h.moderation][0] AS moderated, j.uid AS place, [j.uid, p.uid] AS places
"""

ADD = """
MATCH (c:Customer {uid: $author}), (i:Idea {uid: $idea})
CREATE (n:Comment {uid: $uid, externalId: $uid})
SET n += $properties
CREATE (c)-[:COMMENTED]->(n)
CREATE (n)-[:ON_IDEA]->(i)
"""

REPLY = """
MATCH (n:Comment {uid: $uid}), (q:Comment {uid: $to})
CREATE (n)-[:REPLIES_TO]->(q)
"""


async def comment_add(
    tx: Transaction,
    *,
    idea: str,
    author: str,
    text: str,
    now: str,
    reply_to: str | None = None,
    links: Sequence[str] = (),
) -> Comment:
    """Say something about a published idea, or about a comment on it, at most three replies deep.

    An idea shows the comments of those that were merged into it. An answer to one is kept where that is, so that a
    merge which is undone takes no thread apart; all who are concerned by the original hear of it. Where a challenge
    is moderated before, it waits to be published.
    """
    said, shown = validate.prose(text, "text"), validate.links(links, "links")
    who = await require(tx, Noun.CUSTOMER, author, "author")
    await check_voice(tx, who, "author")
    what = await require(tx, Noun.IDEA, idea, "idea")
    place = await _place(tx, what, reply_to)
    uid = new_uid()
    properties = {"text": said, "links": shown, "at": now, "depth": place.depth, "author": who}
    properties["state"] = place.state.value
    await run(tx, ADD, author=who, idea=place.idea, uid=uid, properties=properties)
    if reply_to is not None:
        await run(tx, REPLY, uid=uid, to=reply_to)
    if place.state is Moderation.PUBLISHED:
        await notices.announce(tx, kind=NoticeKind.COMMENTED, idea=place.shown, cause=uid, now=now)
    await outbox.emit(tx, kind=EventKind.COMMENT_ANALYSE, payload={"comment": uid}, now=now)
    return Comment(uid, place.idea)


async def _place(tx: Transaction, idea: str, reply_to: str | None) -> Place:
    row = await one(tx, PLACE, idea=idea, to=reply_to) or {}
    require_published(row["moderation"], Noun.IDEA, idea)
    first = ModeratedWhen(row["moderated"] or ModeratedWhen.AFTER).first
    if reply_to is None:
        return Place(idea, row["shown"], 0, first)
    if idea not in row["places"] or row["state"] != Moderation.PUBLISHED:
        raise NotFound(f"There is no comment {reply_to} on this idea to reply to.", field="replyTo")
    if row["depth"] >= DEEPEST:
        raise Invalid("Replies end here: reply to the comment above it.", field="replyTo")
    return Place(row["place"], row["shown"], int(row["depth"]) + 1, first)


STORED = """
MATCH (n:Comment {uid: $uid})-[:ON_IDEA]->(i:Idea)
SET n.touched = coalesce(n.touched, 0) + 1
RETURN n.author AS author, n.state AS state, i.uid AS idea, [(i)-[:IN_CHALLENGE]->(h) | h.moderation][0] AS moderated
"""

EDIT = """
MATCH (n:Comment {uid: $uid})
SET n.text = $text, n.editedAt = $now, n.state = CASE n.state WHEN 'PUBLISHED' THEN $first ELSE n.state END
REMOVE n.language, n.sentiment, n.sentimentLabel
"""


async def comment_edit(tx: Transaction, *, comment: str, author: str, text: str, now: str) -> Comment:
    """Say it in other words: only its author may. Where a challenge is moderated before, it waits again."""
    said = validate.prose(text, "text")
    found, first = await _stored(tx, comment, author)
    await check_voice(tx, author, "author")
    await run(tx, EDIT, uid=comment, text=said, now=now, first=first.value)
    await outbox.emit(tx, kind=EventKind.COMMENT_ANALYSE, payload={"comment": comment}, now=now)
    return found


# Its place stays, so that the replies to it stay where they are.
DELETE = """
MATCH (n:Comment {uid: $uid})
SET n.state = 'DELETED', n.deletedAt = $now, n.links = []
REMOVE n.text, n.language, n.sentiment, n.sentimentLabel, n.appealText, n.appealedAt
"""


async def comment_delete(tx: Transaction, *, comment: str, author: str | None, now: str) -> Comment:
    """Take the text of a comment away and keep its place: its author may, and staff (None)."""
    found, _ = await _stored(tx, comment, author)
    await run(tx, DELETE, uid=comment, now=now)
    return found


async def _stored(tx: Transaction, comment: str, author: str | None) -> tuple[Comment, Moderation]:
    """A comment that may be changed, and the state that something new has there."""
    row = await one(tx, STORED, uid=validate.identifier(comment, "comment"))
    if row is None or row["state"] == DELETED:
        raise NotFound(f"There is no comment {comment}: it may be deleted already.", field="comment")
    if author is not None and row["author"] != author:
        raise NotAllowed("Only its author may change a comment.", field="author")
    return Comment(comment, row["idea"]), ModeratedWhen(row["moderated"] or ModeratedWhen.AFTER).first


TEXT = "MATCH (n:Comment {uid: $uid}) RETURN n.text AS text"

WAITING = """
MATCH (n:Comment)
WHERE n.uid > $after AND n.text IS NOT NULL AND n.sentiment IS NULL
RETURN n.uid AS uid, n.text AS text ORDER BY n.uid LIMIT $limit
"""

FELT = """
UNWIND $rows AS row
MATCH (n:Comment {uid: row.uid})
WHERE n.text = row.text
SET n.language = row.language, n.sentiment = row.mood,
    n.sentimentLabel = CASE WHEN row.mood >= $threshold THEN 'POSITIVE'
                            WHEN row.mood <= -$threshold THEN 'NEGATIVE' ELSE 'NEUTRAL' END
"""


async def read_text(graph: Graph, uid: str) -> str | None:
    """The text of a comment; None if it is gone."""
    row = await graph.read_one(TEXT, uid=uid)
    return row["text"] if row else None


async def waiting(graph: Graph, *, page: int) -> AsyncIterator[list[tuple[str, str]]]:
    """Pages of uid and text of comments whose mood nobody has read, such as imported ones."""
    after = ""
    while found := [(row["uid"], row["text"]) for row in await graph.read(WAITING, after=after, limit=page)]:
        yield found
        after = found[-1][0]


async def save_moods(tx: Transaction, *, rows: Sequence[Mapping[str, Any]], threshold: float) -> None:
    """Keep the moods of comments: `uid`, `text`, `language` and `mood`, −1 to 1, a row; neutral below the threshold.

    A comment whose text has changed since is passed over.
    """
    await run(tx, FELT, rows=list(rows), threshold=threshold)
