"""`run`: computes and keeps, here and now instead of in a worker."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, is_dataclass
from typing import Any

from api.cli.shell import Step, ready_graph, run_async, say_json, step
from graph.driver import Graph
from graph.settings import GraphSettings


async def influence(graph: Graph, doing: Step, as_of: str | None = None) -> Any:
    """Score every customer."""
    from jobs.influence import run_influence

    found = await run_influence(graph, as_of=as_of, progress=doing.count)
    if found:
        doing.result = (
            f"{found.customers:,} customers scored from {found.ties:,} ties and {found.acts:,} acts"
            f"{_until(found.as_of)}{found.note}"
        )
    return found


async def tally(graph: Graph, doing: Step, as_of: str | None = None) -> Any:
    """Count the votes on every idea."""
    from jobs.ideas import run_tally

    found = await run_tally(graph, as_of=as_of, progress=doing.count)
    if found:
        doing.result = (
            f"{found.votes:,} votes of {found.voters:,} voters on {found.ideas:,} ideas{_until(found.as_of)}"
        )
    return found


async def analysis(graph: Graph, doing: Step, as_of: str | None = None) -> Any:
    """Read the language and mood of every mention that was not read yet."""
    from jobs.mentions import run_analysis

    found = await run_analysis(graph, as_of=as_of, progress=doing.count)
    if found:
        doing.result = f"{found.mentions:,} mentions read"
    return found


async def communities(graph: Graph, doing: Step, as_of: str | None = None) -> Any:
    """Find the communities in the ties."""
    from jobs.communities import run_communities

    found = await run_communities(graph, as_of=as_of, progress=doing.count)
    if found:
        doing.result = (
            f"{found.communities:,} communities with {found.members:,} members, {found.began:,} new and "
            f"{found.ended:,} gone, modularity {found.modularity:.2f}; {found.warnings:,} early warnings and "
            f"{found.actions:,} collective actions{_until(found.as_of)}"
        )
    return found


Work = Callable[[Graph, Step, str | None], Awaitable[Any]]
WORK: dict[str, Work] = {
    "influence": influence,
    "tally": tally,
    "analysis": analysis,
    "communities": communities,
}


def _until(as_of: str | None) -> str:
    return f", until {as_of[:16].replace('T', ' ')} UTC" if as_of else ""


def run(what: str, *, as_of: str | None, json: bool) -> None:
    """Compute one thing and say what was counted."""
    found = run_async(_run(what, as_of, json=json))
    if json:
        say_json(asdict(found) if is_dataclass(found) and not isinstance(found, type) else found)


async def _run(what: str, as_of: str | None, *, json: bool) -> Any:
    async with ready_graph(GraphSettings()) as graph:
        with step(what, json=json) as doing:
            return await WORK[what](graph, doing, as_of)
