"""Reads what a run counts."""

from graph import influence
from graph.driver import Graph
from graph.persons import read_shared
from jobs.algorithms.bands import Band
from jobs.algorithms.mood import NEUTRAL_BELOW
from jobs.influence.measure import Known
from jobs.ties import are_whole


async def read(graph: Graph, limit: str | None, *, kept: bool = True) -> Known:
    """Read what counts up to an instant; the ties as they are kept, unless later acts have gone into them.

    Without `kept` the ties are left to be made from the acts, all of which are read.
    """
    population = await influence.read_customers(graph, [band.name for band in Band if band >= 0])
    members = await influence.read_memberships(graph, population)
    latest = await influence.latest_act(graph)
    whole = kept and are_whole(limit, latest)
    ties = await influence.read_ties(graph, population) if whole else None
    places = {community: number for number, community in enumerate(members.communities)}
    acts = await influence.read_acts(
        graph, population, places, until=limit, neutral=NEUTRAL_BELOW, signed=whole
    )
    shared = await read_shared(graph, population)
    return Known(limit or latest, population, members, acts, ties, shared)
