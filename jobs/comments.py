"""Reads language and mood out of comments on ideas."""

import asyncio

from graph import comments
from graph.driver import Graph
from jobs.algorithms.mood import NEUTRAL_BELOW
from jobs.algorithms.sentiment import analyse


async def analyse_comment(graph: Graph, uid: str) -> None:
    """Read one comment, unless it is gone."""
    text = await comments.read_text(graph, uid)
    if text is None:
        return
    found = await asyncio.to_thread(analyse, text)
    await graph.write(
        comments.save_mood,
        uid=uid,
        text=text,
        language=found.language,
        mood=found.mood.score,
        threshold=NEUTRAL_BELOW,
    )
