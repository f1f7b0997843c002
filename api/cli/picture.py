"""`picture`: a community, or the history of a customer, as an SVG file."""

import re
import sys
from pathlib import Path

from api.chart import chart
from api.cli.shell import ready_graph, run_async, step
from api.svg import draw
from graph.pictures import history, portrait
from graph.settings import GraphSettings
from jobs.pictures import compose

STDOUT = "-"
OTHER = re.compile(r"[^\w.-]")


def community(external_id: str, *, out: str | None) -> None:
    """Draw a community into a file, or to stdout."""
    run_async(_community(external_id, out or file_name("community", external_id)))


def customer(external_id: str, *, out: str | None) -> None:
    """Draw the scores of a customer over the runs into a file, or to stdout."""
    run_async(_customer(external_id, out or file_name("customer", external_id)))


def file_name(what: str, external_id: str, kind: str = "svg") -> str:
    """The file of a picture or report in this folder: its id without what leads into another one."""
    return f"{what}-{OTHER.sub('-', external_id)}.{kind}"


async def _community(external_id: str, out: str) -> None:
    async with ready_graph(GraphSettings()) as graph:
        with step(f"draw {external_id}", json=out == STDOUT) as doing:
            picture = compose(await portrait(graph, external_id))
            write(draw(picture), out)
            doing.result = (
                f"{len(picture.discs):,} of {picture.members:,} members and {len(picture.lines):,} of "
                f"{picture.ties:,} ties in {'stdout' if out == STDOUT else out}"
            )


async def _customer(external_id: str, out: str) -> None:
    async with ready_graph(GraphSettings()) as graph:
        with step(f"draw {external_id}", json=out == STDOUT) as doing:
            known = await history(graph, external_id)
            write(chart(known), out)
            runs = f"{len(known.at)} run{'' if len(known.at) == 1 else 's'}"
            doing.result = f"{runs} in {'stdout' if out == STDOUT else out}"


def write(text: str, out: str) -> None:
    """Text into a file, or to stdout."""
    if out == STDOUT:
        sys.stdout.write(text)
    else:
        Path(out).write_text(text, encoding="utf-8")
