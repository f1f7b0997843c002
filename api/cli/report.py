"""`report`: a challenge as one HTML file."""

from api.cli.picture import STDOUT, file_name, write
from api.cli.shell import ready_graph, run_async, step
from api.report import html
from graph.reports import report as read
from graph.settings import GraphSettings


def report(challenge: str, *, to: str | None, locale: str) -> None:
    """Write the report on a challenge into a file, or to stdout."""
    run_async(_report(challenge, to or file_name("report", challenge, "html"), locale))


async def _report(challenge: str, to: str, locale: str) -> None:
    async with ready_graph(GraphSettings()) as graph:
        with step(f"report on {challenge}", json=to == STDOUT) as doing:
            found = await read(graph, challenge)
            write(html(found, locale), to)
            counts = f"{len(found.ideas):,} ideas and {len(found.votes):,} votes"
            doing.result = f"{counts} in {'stdout' if to == STDOUT else to}"
