"""`run`: computes and keeps, here and now instead of in a worker."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, is_dataclass
from typing import Any

from api.cli.shell import Step, ready_graph, run_async, say, say_json, step
from graph import runs
from graph.driver import Graph
from graph.records import instant_or_day, now
from graph.runs import JobRun
from graph.settings import GraphSettings


async def influence(graph: Graph, doing: Step, as_of: str | None, uid: str) -> Any:
    """Score every customer."""
    from jobs.influence import run_influence

    found = await run_influence(graph, as_of=as_of, run_uid=uid, progress=doing.count)
    if found:
        doing.result = (
            f"{found.customers:,} customers scored from {found.ties:,} ties and {found.acts:,} acts"
            f"{_until(found.as_of)}{found.note}"
        )
    return found


async def tally(graph: Graph, doing: Step, as_of: str | None, uid: str) -> Any:
    """Count the votes on every idea."""
    from jobs.ideas import run_tally

    found = await run_tally(graph, as_of=as_of, run_uid=uid, progress=doing.count)
    if found:
        doing.result = (
            f"{found.votes:,} votes of {found.voters:,} voters on {found.ideas:,} ideas{_until(found.as_of)}"
        )
    return found


async def analysis(graph: Graph, doing: Step, as_of: str | None, uid: str) -> Any:
    """Read the language and mood of every mention that was not read yet."""
    from jobs.mentions import run_analysis

    found = await run_analysis(graph, as_of=as_of, run_uid=uid, progress=doing.count)
    if found:
        doing.result = f"{found.mentions:,} mentions read"
    return found


async def communities(graph: Graph, doing: Step, as_of: str | None, uid: str) -> Any:
    """Find the communities in the ties."""
    from jobs.communities import run_communities

    found = await run_communities(graph, as_of=as_of, run_uid=uid, progress=doing.count)
    if found:
        doing.result = (
            f"{found.communities:,} communities with {found.members:,} members, {found.began:,} new and "
            f"{found.ended:,} gone, modularity {found.modularity:.2f}; {found.warnings:,} early warnings and "
            f"{found.actions:,} collective actions{_until(found.as_of)}"
        )
    return found


Work = Callable[[Graph, Step, str | None, str], Awaitable[Any]]
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
            return await compute(graph, what, doing, as_of)


async def compute(graph: Graph, what: str, doing: Step, as_of: str | None = None) -> Any:
    """Compute one thing as soon as no other run of its kind goes on."""
    from jobs.claim import in_turn

    def tell(going: JobRun) -> None:
        since = f"{(going.started_at or '')[:16].replace('T', ' ')} UTC"
        say(
            f"{doing.title}: another {what} run is going on since {since} ({going.uid}); "
            "this one begins when it has ended",
            stderr=True,
        )

    async def once() -> Any:
        limit = None if as_of is None else instant_or_day(as_of)
        uid = (await graph.write(runs.queue, kind=what.upper(), now=now(), as_of=limit)).uid
        doing.started = time.monotonic()
        try:
            return await WORK[what](graph, doing, as_of, uid)
        except BaseException:
            # while it waits there is no record of it, which nobody would do if this ended
            await asyncio.shield(graph.write(runs.withdraw, uid=uid))
            raise

    return await in_turn(once, tell)
