"""Reads language and mood out of the texts of mentions."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graph import analysis, runs
from graph.analysis import Unread
from graph.driver import Graph
from graph.errors import Invalid
from graph.records import now
from jobs.algorithms.mood import NEUTRAL_BELOW
from jobs.algorithms.sentiment import VERSION, analyse
from jobs.claim import Progress, Watch, claimed
from jobs.comments import analyse_comments

KIND = "ANALYSIS"
PAGE = 5_000


@dataclass(frozen=True, slots=True)
class AnalysisReport:
    """How many mentions a run of the analysis read."""

    run: str
    mentions: int


async def run_analysis(
    graph: Graph, *, as_of: str | None = None, run_uid: str | None = None, progress: Progress | None = None
) -> AnalysisReport | None:
    """Read every mention that waits for it, and every comment.

    None if the run of this uid has succeeded already, as when a job is delivered twice. An instant to count
    until is refused: a text is read once, whenever it was written.
    """
    if as_of is not None:
        message = "An analysis reads each mention once, whenever it was written: leave out --as-of (asOf)"
        raise Invalid(message, field="asOf")
    uid = run_uid or (await graph.write(runs.queue, kind=KIND, now=now(), version=VERSION)).uid
    async with claimed(graph, uid) as mine:
        if not mine:
            return None
        found = await analyse_mentions(graph, say=Watch(graph, uid, progress).say)
        comments = await analyse_comments(graph)
        message = f"{found} mentions read" + (f", {comments} comments" if comments else "")
        await graph.write(runs.finish, uid=uid, now=now(), message=message, version=VERSION)
    return AnalysisReport(uid, found)


async def analyse_mentions(
    graph: Graph,
    *,
    mentions: Sequence[str] | None = None,
    say: Callable[[int, int], Awaitable[None]] | None = None,
) -> int:
    """Read every mention, or those of these uids, that the present version has not read; says how many.

    Each page is kept as soon as it is read: a run that was killed goes on where it ended, and a second one
    finds nothing to do.
    """
    total = len(mentions) if mentions is not None else 0
    if say and mentions is None:
        total = await analysis.count_waiting(graph, version=VERSION)
    done = 0
    async for page in analysis.waiting(graph, version=VERSION, mentions=mentions, page=PAGE):
        rows = await asyncio.to_thread(_read, page)
        done += await graph.write(analysis.save, version=VERSION, threshold=NEUTRAL_BELOW, rows=rows)
        if say:
            await say(done, max(done, total))
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
