"""Which ideas to show somebody next, drawn from those they have not voted on."""

import asyncio
import time
from collections import OrderedDict
from weakref import WeakKeyDictionary

import numpy as np

from graph.candidates import Candidates, hides_tally, read_candidates, read_voted
from graph.driver import Graph
from graph.participation import Admit
from jobs.algorithms.routing import Floats, drawn, priority

# The ideas of a challenge are many, and the same for all who vote on them; a tally follows votes no faster.
KEPT_SECONDS = 2.0
KEPT = 50
Ideas = tuple[Candidates, Floats]
_kept: WeakKeyDictionary[Graph, OrderedDict[str, tuple[float, Ideas]]] = WeakKeyDictionary()


async def next_ideas(
    graph: Graph, *, challenge: str, voter: str, count: int, now: str, admit: Admit
) -> list[str]:
    """The uids of up to `count` ideas to vote on; none if the challenge takes no votes now, or none of this voter.

    Drawn by Pol.is's priority, whose extremity is here the published `divisive`: how far communities part over an
    idea. The same voter is drawn the same until votes change. Where the tally is hidden all are drawn alike: what
    comes first would tell of it.
    """
    hidden = await hides_tally(graph, challenge=challenge, voter=voter, now=now, admit=admit)
    if hidden is None:
        return []
    found, weights = await _ideas(graph, challenge)
    voted = await read_voted(graph, challenge=challenge, voter=voter)
    left = [place for place, uid in enumerate(found.uids) if uid not in voted]
    chosen = np.ones(len(left)) if hidden else weights[left]
    uids = [found.uids[place] for place in left]
    return [uids[place] for place in await asyncio.to_thread(drawn, uids, chosen, voter, count)]


async def _ideas(graph: Graph, challenge: str) -> Ideas:
    """The ideas of a challenge with their priorities, as they were at most two seconds ago."""
    kept = _kept.setdefault(graph, OrderedDict())
    begun = time.monotonic()
    if challenge in kept and begun - kept[challenge][0] < KEPT_SECONDS:
        return kept[challenge][1]
    found = await read_candidates(graph, challenge=challenge)
    ideas = found, priority(found.up, found.down, found.passed, found.divisive)
    kept[challenge] = begun, ideas
    kept.move_to_end(challenge)
    if len(kept) > KEPT:
        kept.popitem(last=False)
    return ideas
