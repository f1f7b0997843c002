"""What a search for similar ideas reads of the graph: their words, and which of those it found may be shown."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, NamedTuple

from graph.driver import Graph

PAGE = 10_000  # the embedded engine sorts all that are left for each page


class Worded(NamedTuple):
    """The words of an idea, where it stands, and since when it has been so."""

    uid: str
    title: str
    body: str
    challenge: str
    at: str


# An OPTIONAL MATCH behind it would make the embedded engine read every idea, in place of an index.
WORDED = """
RETURN i.uid AS uid, coalesce(i.title, '') AS title, coalesce(i.body, '') AS body, coalesce(i.wordedAt, '') AS at,
       coalesce(head([(i)-[:IN_CHALLENGE]->(h) | h.uid]), '') AS challenge
"""

ALL = f"MATCH (i:Idea) WHERE i.uid > $after WITH i ORDER BY i.uid LIMIT $limit {WORDED} ORDER BY uid"

CHANGED = f"MATCH (i:Idea) WHERE i.wordedAt >= $since {WORDED}"


async def read_all(graph: Graph, *, after: str = "") -> AsyncIterator[list[Worded]]:
    """All ideas behind this uid in pages, in order of uid."""
    while rows := await graph.read(ALL, after=after, limit=PAGE):
        yield _worded(rows)
        after = rows[-1]["uid"]


async def read_changed(graph: Graph, *, since: str) -> list[Worded]:
    """The ideas whose words or place changed at an instant or later, in no order."""
    return _worded(await graph.read(CHANGED, since=since))


def _worded(rows: Sequence[Mapping[str, Any]]) -> list[Worded]:
    names = ("uid", "title", "body", "challenge", "at")
    return [Worded(*(row[name] for name in names)) for row in rows]


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
