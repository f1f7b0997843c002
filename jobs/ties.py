"""Who responded to whom and what is left of it at an instant, from the kept ties or from the acts up to it."""

import asyncio
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from graph import influence
from graph.driver import Graph
from graph.influence import Acts, Population, Ties
from jobs.algorithms import decay
from jobs.algorithms.acts import counted
from jobs.algorithms.mood import NEUTRAL_BELOW

Ints = npt.NDArray[np.int64]

KINDS = ("REPLY", "SHARE", "NAMING", "MOOD", "RATING", "DEFENCE", "RECOMMENDATION", "REFERRAL", "WARNING")


def are_whole(limit: str | None, latest: str | None) -> bool:
    """Whether the kept ties are those up to this instant: no act, of which this is the latest, came after it."""
    return limit is None or latest is None or latest <= limit


async def read(graph: Graph, population: Population, limit: str | None, latest: str | None) -> Ties:
    """The ties at an instant, by default that of the latest act."""
    if are_whole(limit, latest):
        return aged(await influence.read_ties(graph, population), decay.until(limit or latest))
    acts = await influence.read_acts(graph, population, {}, until=limit, neutral=NEUTRAL_BELOW)
    return await asyncio.to_thread(made, acts, len(population), decay.until(limit))


def aged(kept: Ties, until: np.datetime64) -> Ties:
    """The kept ties with what their weight is at an instant."""
    return replace(kept, weight=decay.aged(kept.weight, kept.undated, until))


def made(acts: Acts, n: int, until: np.datetime64) -> Ties:
    """The ties of `n` customers that these acts up to an instant make."""
    acts = acts.where(~np.isin(acts.kind, ("MOOD", "WARNING")))
    back = acts.kind == "REFERRAL"  # the referred responded to the advocate
    s, t = np.where(back, acts.target, acts.source), np.where(back, acts.source, acts.target)
    chosen = counted(codes(acts.kind), s, t, acts.at, acts.ids)
    when = acts.at[chosen]
    pairs, at = np.unique(s[chosen] * max(n, 1) + t[chosen], return_inverse=True)
    weight = np.bincount(at, weights=decay.decay(when, until), minlength=len(pairs))
    day = when.astype("datetime64[D]")
    days = np.unique(np.stack([at, day.astype(np.int64)]), axis=1)[0]
    since = np.full(len(pairs), np.datetime64("9999-12-31", "D"))
    np.minimum.at(since, at, day)  # an undated act, NaT, is the least of all
    return Ties(
        source=pairs // max(n, 1),
        target=pairs % max(n, 1),
        weight=weight.astype(np.float64, copy=False),
        undated=np.zeros(len(pairs)),
        days=np.bincount(days, minlength=len(pairs)),
        since=since.astype("datetime64[ms]"),
    )


def codes(kinds: npt.NDArray[np.str_]) -> Ints:
    """The place of each kind in `KINDS`."""
    found = np.zeros(len(kinds), dtype=np.int64)
    for code, kind in enumerate(KINDS):
        found[kinds == kind] = code
    return found
