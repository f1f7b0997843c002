"""Reads language and mood out of comments on ideas."""

import asyncio
from typing import Any

from graph import comments
from graph.driver import Graph
from jobs.algorithms.mood import NEUTRAL_BELOW
from jobs.algorithms.sentiment import analyse

PAGE = 5_000


async def analyse_comment(graph: Graph, uid: str) -> None:
    """Read one comment, unless it is gone."""
    text = await comments.read_text(graph, uid)
    if text is not None:
        await _read(graph, [(uid, text)])


async def analyse_comments(graph: Graph) -> int:
    """Read every comment that nobody has read, such as imported ones; says how many.

    Each page is kept as soon as it is read: a run that was killed goes on where it ended.
    """
    done = 0
    async for page in comments.waiting(graph, page=PAGE):
        await _read(graph, page)
        done += len(page)
    return done


async def _read(graph: Graph, page: list[tuple[str, str]]) -> None:
    rows = await asyncio.to_thread(lambda: [_row(uid, text) for uid, text in page])
    await graph.write(comments.save_moods, rows=rows, threshold=NEUTRAL_BELOW)


def _row(uid: str, text: str) -> dict[str, Any]:
    found = analyse(text)
    return {"uid": uid, "text": text, "language": found.language, "mood": found.mood.score}
