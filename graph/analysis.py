"""What was read out of the texts of mentions: which of them wait for it, and where it is kept."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple

from graph.driver import Graph, Transaction
from graph.rows import one


class Unread(NamedTuple):
    """A mention whose text no analysis of the present version has read."""

    uid: str
    text: str


WAITING = """
MATCH (m:Mention)
WHERE m.uid > $after AND (m.analysedBy IS NULL OR m.analysedBy <> $version)
RETURN m.uid AS uid, m.text AS text ORDER BY m.uid LIMIT $limit
"""

AMONG = """
UNWIND $uids AS uid
MATCH (m:Mention {uid: uid})
WHERE m.analysedBy IS NULL OR m.analysedBy <> $version
RETURN m.uid AS uid, m.text AS text ORDER BY uid
"""


async def waiting(
    graph: Graph, *, version: str, mentions: Sequence[str] | None = None, page: int
) -> AsyncIterator[list[Unread]]:
    """Pages of what this version has not read yet, of all mentions or of these uids, in order of uid."""
    if mentions is not None:
        for start in range(0, len(mentions), page):
            uids = sorted(set(mentions[start : start + page]))
            yield _unread(await graph.read(AMONG, uids=uids, version=version))
        return
    after = ""
    while found := _unread(await graph.read(WAITING, after=after, version=version, limit=page)):
        yield found
        after = found[-1].uid


def _unread(rows: Sequence[Any]) -> list[Unread]:
    return [Unread(row["uid"], row["text"] or "") for row in rows]


COUNT = """
MATCH (m:Mention) WHERE m.analysedBy IS NULL OR m.analysedBy <> $version RETURN count(m) AS waiting
"""


async def count_waiting(graph: Graph, *, version: str) -> int:
    """How many mentions this version has not read yet."""
    row = await graph.scan_one(COUNT, version=version)
    return row["waiting"] if row else 0


# A text that changed since it was read keeps waiting. What was given is believed.
SAVE = """
UNWIND $rows AS row
MATCH (m:Mention {uid: row.uid})
WHERE coalesce(m.text, '') = row.text
WITH m, row, coalesce(m.givenSentiment, row.score) AS mood
SET m.language = row.language, m.sentiment = mood,
    m.sentimentLabel = CASE WHEN mood >= $threshold THEN 'POSITIVE'
                            WHEN mood <= -$threshold THEN 'NEGATIVE' ELSE 'NEUTRAL' END,
    m.sentimentConfidence = CASE WHEN m.givenSentiment IS NULL THEN row.confidence ELSE 1.0 END,
    m.sentimentWhy = CASE WHEN m.givenSentiment IS NULL THEN row.why ELSE [] END,
    m.analysedBy = $version
RETURN count(m) AS saved
"""


async def save(tx: Transaction, *, version: str, threshold: float, rows: Sequence[dict[str, Any]]) -> int:
    """Keep what was read: `uid`, `text`, `language`, `score`, `confidence` and `why` a row; counts them.

    A mood is neutral if it is less than `threshold` from zero.
    """
    found = await one(tx, SAVE, rows=list(rows), version=version, threshold=threshold)
    return int(found["saved"]) if found else 0
