"""Which ideas to show somebody next, drawn from those they have not voted on."""

import asyncio

import numpy as np

from graph.candidates import Candidates, read_candidates
from graph.driver import Graph
from jobs.algorithms.routing import drawn, priority


async def next_ideas(graph: Graph, *, challenge: str, voter: str, count: int, now: str) -> list[str]:
    """The uids of up to `count` ideas to vote on; none if the challenge takes no votes now.

    Drawn by Pol.is's priority, whose extremity is here the published `divisive`: how far communities part over an
    idea. The same voter is drawn the same until votes change. Where the tally is hidden all are drawn alike: what
    comes first would tell of it.
    """
    found = await read_candidates(graph, challenge=challenge, voter=voter, now=now)
    return [] if found is None else await asyncio.to_thread(_draw, found, voter, count)


def _draw(found: Candidates, voter: str, count: int) -> list[str]:
    weights = np.ones(len(found.uids))
    if not found.hidden:
        weights = priority(found.up, found.down, found.passed, found.divisive)
    return [found.uids[place] for place in drawn(found.uids, weights, voter, count)]
