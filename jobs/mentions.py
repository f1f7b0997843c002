"""Reads language and mood out of the texts of mentions."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from graph import analysis
from graph.analysis import Unread
from graph.driver import Graph
from jobs.algorithms.mood import NEUTRAL_BELOW
from jobs.algorithms.sentiment import VERSION, analyse

Progress = Callable[[int, int], None]

PAGE = 5_000


async def analyse_mentions(
    graph: Graph, *, mentions: Sequence[str] | None = None, progress: Progress | None = None
) -> int:
    """Read every mention, or those of these uids, that the present version has not read; says how many.

    Each page is kept as soon as it is read: a run that was killed goes on where it ended, and a second one
    finds nothing to do.
    """
    total = len(mentions) if mentions is not None else 0
    if progress and mentions is None:
        total = await analysis.count_waiting(graph, version=VERSION)
    done = 0
    async for page in analysis.waiting(graph, version=VERSION, mentions=mentions, page=PAGE):
        rows = await asyncio.to_thread(_read, page)
        done += await graph.write(analysis.save, version=VERSION, threshold=NEUTRAL_BELOW, rows=rows)
        if progress:
            progress(done, max(done, total))
    return done


def _read(page: Sequence[Unread]) -> list[dict[str, Any]]:
    return [_row(mention) for mention in page]


def _row(mention: Unread) -> dict[str, Any]:
    found = analyse(mention.text)
    return {
        "uid": mention.uid,
        "text": mention.text,
        "language": found.language,
        "score": found.mood.score,
        "confidence": found.mood.confidence,
        "why": list(found.mood.why),
    }
