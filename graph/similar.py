"""What a search for similar ideas reads of the graph: their words, and which of those it found may be shown."""

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from graph.driver import Graph

PAGE = 2_000


class Worded(NamedTuple):
    """The words of an idea, where it stands, and since when it has been so."""

    uid: str
    title: str
    body: str
    challenge: str
    at: str


WORDED = """
MATCH (i:Idea)
WHERE i.wordedAt >= $since AND (i.wordedAt > $since OR i.uid > $after)
WITH i ORDER BY i.wordedAt, i.uid LIMIT $limit
OPTIONAL MATCH (i)-[:IN_CHALLENGE]->(h)
RETURN i.uid AS uid, coalesce(i.title, '') AS title, coalesce(i.body, '') AS body,
       coalesce(h.uid, '') AS challenge, i.wordedAt AS at
ORDER BY at, uid
"""


async def read_worded(graph: Graph, *, since: str) -> AsyncIterator[list[Worded]]:
    """Pages of the ideas whose words or place changed at an instant or later, the oldest change first."""
    after = ""
    while True:
        rows = await graph.read(WORDED, since=since, after=after, limit=PAGE)
        yield [Worded(row["uid"], row["title"], row["body"], row["challenge"], row["at"]) for row in rows]
        if len(rows) < PAGE:
            return
        since, after = rows[-1]["at"], rows[-1]["uid"]


class Shown(NamedTuple):
    """An idea that may be shown for one that was found: itself, or the one that it is a duplicate of."""

    uid: str
    title: str


SHOWN = """
UNWIND $uids AS uid
MATCH (f:Idea {uid: uid})
OPTIONAL MATCH (f)-[:DUPLICATE_OF]->(o:Idea)
WITH uid, coalesce(o, f) AS i
WHERE coalesce(i.moderation, 'PUBLISHED') = 'PUBLISHED'
RETURN uid, i.uid AS shown, coalesce(i.title, '') AS title
"""


async def read_shown(graph: Graph, uids: Sequence[str]) -> dict[str, Shown]:
    """What may be shown for each idea: none for one that is gone, held or hidden."""
    rows = await graph.read(SHOWN, uids=list(uids))
    return {row["uid"]: Shown(row["shown"], row["title"]) for row in rows}


WORDS = "MATCH (i:Idea {uid: $uid}) RETURN coalesce(i.title, '') AS title, [(i)-[:IN_CHALLENGE]->(h) | h.uid] AS of"


async def read_words(graph: Graph, uid: str) -> tuple[str, str | None] | None:
    """The title of an idea and its challenge; None if there is no such idea."""
    row = await graph.read_one(WORDS, uid=uid)
    return (row["title"], next(iter(row["of"]), None)) if row else None
