"""What the scores would be if an act were taken back or turned: two runs over what is known, nothing written.

The answer is that of a run at the latest instant, over the same acts and over the changed ones: every rater's
fairness, every reach and the acts that come to count in place of a removed one are computed again. That takes as
long as a run without its writing; so it is bounded by `LARGEST`, and one is computed at a time.
"""

import asyncio
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from graph import deeds
from graph.deeds import Deed
from graph.driver import Graph
from graph.errors import Closed, Invalid
from graph.influence import Acts, latest_act
from jobs.influence.measure import MOODS, Known, Scores, measure
from jobs.influence.reading import read

Floats = npt.NDArray[np.float64]

LARGEST = 500_000
SHOWN = 20
SCORES = ("reach", "standing", "voice", "advocacy", "harm")
ONE_AT_A_TIME = asyncio.Semaphore(1)


class Action(StrEnum):
    """What would happen to an act."""

    REMOVED = "REMOVED"
    NEUTRAL = "NEUTRAL"
    POSITIVE = "POSITIVE"


@dataclass(frozen=True, slots=True)
class Outlook:
    """A customer's scores as they are and as they would be, by name, with the band."""

    customer: str
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What an action would do, to whom it concerns first, then to those it would move most."""

    as_of: str | None
    outlooks: tuple[Outlook, ...]


async def what_if(graph: Graph, deed: Deed, action: Action) -> WhatIf:
    """The scores with and without a change of one act.

    Raises
    ------
    Invalid
        When an advocacy link is to be answered.
    Closed
        When the graph is larger than `LARGEST` customers and acts together.
    """
    if deed.kind is not None and action is not Action.REMOVED:
        raise Invalid("An advocacy link can be removed; a mood has only a mention.", field="action")
    if (size := await deeds.size(graph)) > LARGEST:
        raise Closed(
            f"{size:,} customers and acts are too many to compute while you wait: at most {LARGEST:,}."
        )
    async with ONE_AT_A_TIME:
        known = await read(graph, await latest_act(graph), kept=False)
        return await asyncio.to_thread(_compare, known, deed, action)


def changed(said: Acts, deed: Deed, action: Action) -> tuple[Acts, npt.NDArray[np.bool_]]:
    """The acts after an action on one of them, and which of those before it concerned."""
    ids = np.array(said.ids, dtype=np.str_)
    if deed.kind is not None:
        mine = (ids == deed.external_id) & (said.kind == deed.kind)
        return said.where(~mine), mine
    mine = (ids == deed.external_id) & np.isin(said.kind, MOODS)
    if action is Action.REMOVED:
        for kind, those in (("REPLY", deed.replies), ("SHARE", deed.shares)):
            mine |= (said.kind == kind) & np.isin(ids, sorted(those))
        return said.where(~mine), mine
    turned = np.abs(said.weight) if action is Action.POSITIVE else np.zeros(len(said))
    return replace(said, weight=np.where(mine, turned, said.weight)), mine


def _compare(known: Known, deed: Deed, action: Action) -> WhatIf:
    then, concerned = changed(known.acts, deed, action)
    uids, former = known.population.uids, known.population.bands
    before, after = (_by_name(measure(each).overall, former) for each in (known, replace(known, acts=then)))
    ends = np.unique(np.append(known.acts.source[concerned], known.acts.target[concerned])).tolist()
    named = [known.population.number.get(uid, -1) for uid in deed.people]
    first = [number for number in dict.fromkeys([*named, *ends]) if number >= 0]
    moved = np.argsort(-_moved(before, after), kind="stable")[:SHOWN].tolist()
    shown = [*dict.fromkeys([*first, *moved])][:SHOWN]
    return WhatIf(known.as_of, tuple(Outlook(uids[at], _of(before, at), _of(after, at)) for at in shown))


def _by_name(scores: Scores, former: npt.NDArray[np.int64]) -> dict[str, list[Any]]:
    columns = scores.columns()
    return {name: columns[name] for name in SCORES} | {"band": scores.bands(former)}


def _of(columns: dict[str, list[Any]], at: int) -> dict[str, Any]:
    return {name: values[at] for name, values in columns.items()}


def _moved(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> Floats:
    """How far each customer's scores move in all; an unknown one counts as 0."""
    then, now = (np.array([columns[name] for name in SCORES], dtype=float) for columns in (before, after))
    return np.asarray(np.abs(np.nan_to_num(now) - np.nan_to_num(then)).sum(axis=0))
