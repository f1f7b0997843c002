"""`demo`: from nothing to ranked advocates, detractors and ideas, then the API."""

import csv
import gzip
import lzma
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, cast

from api.cli import runs, serving
from api.cli.data import summary
from api.cli.rankings import read, show_all, show_communities
from api.cli.shell import run_async, say, say_json, seconds, step
from api.cli.tokens import make_token
from api.settings import ApiSettings
from graph.console import stirred_communities, stranger
from graph.driver import Graph, open_graph
from graph.errors import Conflict, NotFound
from graph.folders import import_folder
from graph.migrate import migrate
from graph.settings import GraphSettings
from jobs.queue import Queue, open_queue
from jobs.settings import JobSettings

TOKEN_DAYS = 7
OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".xz": lzma.open}


def demo(*, serve: bool, host: str | None, port: int | None, json: bool) -> None:
    """Everything once, on the embedded engines unless others are set."""
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = ApiSettings().model_copy(update=given)
    folders = examples()
    if serve:
        serving.log_to_stderr()
    run_async(_demo(folders, settings, serve=serve, json=json))


def examples() -> list[Path]:
    """The folders of example data, in the source tree."""
    for place in (Path(__file__).parents[2] / "examples", Path("examples").absolute()):
        if found := sorted({path.parent for path in place.glob("*/customers.*")}):
            return found
    raise NotFound(
        "The example data is not part of an installation: run this in a checkout of the source, "
        "or import a folder of your own by muhatap import DIR"
    )


async def _demo(folders: list[Path], settings: ApiSettings, *, serve: bool, json: bool) -> None:
    started = time.monotonic()
    with serving.listening(settings) if serve else nullcontext() as listener:
        jobs = JobSettings()
        async with _engines(jobs, json=json) as (graph, queue):
            await _load(graph, folders, json=json)
            await _compute(graph, json=json)
            await _show(graph, started, json=json)
            if listener is None:
                say("next: muhatap token --role ADMINISTRATOR, then muhatap serve", stderr=json)
                return
            secret, key = await make_token(graph, "ADMINISTRATOR", name="demo", days=TOKEN_DAYS)
            say(f"token of an administrator, until {(key.expires_at or '')[:10]}: {secret}", stderr=json)
            await serving.serve_graph(graph, queue, jobs, settings, listener)


@asynccontextmanager
async def _engines(jobs: JobSettings, *, json: bool) -> AsyncIterator[tuple[Graph, Queue]]:
    settings = GraphSettings()
    async with AsyncExitStack() as stack:
        with step("start the engines", json=json) as doing:
            graph = await stack.enter_async_context(open_graph(settings))
            queue = await stack.enter_async_context(open_queue(jobs))
            place = f" in {settings.home}" if settings.graph_url is None else f" at {graph.url}"
            doing.result = f"{graph.engine.value} {graph.version}{place}"
        with step("migrate", json=json) as doing:
            applied = await migrate(graph)
            doing.result = f"{len(applied)} applied" if applied else "up to date"
        yield graph, queue


async def _load(graph: Graph, folders: list[Path], *, json: bool) -> None:
    known = [key for folder in folders for key in _customers(folder)]
    if other := await stranger(graph, known):
        raise Conflict(
            f"This graph holds customers of its own, such as {other}: give the example data another home, "
            "MUHATAP_HOME=~/muhatap-demo muhatap demo"
        )
    refused = graph.settings.home / "rejected"
    refused.mkdir(parents=True, exist_ok=True)
    for folder in folders:
        with step(f"import {folder.parent.name}/{folder.name}", json=json) as doing:
            report = await import_folder(
                graph, folder, rejected=refused / f"{folder.name}.csv", progress=doing.file
            )
            doing.result = summary(report)


def _customers(folder: Path) -> Iterator[str]:
    for path in folder.glob("customers.csv*"):
        opener = OPENERS.get(path.suffix, open)
        with cast("IO[str]", opener(path, "rt", encoding="utf-8", newline="")) as file:
            for row in csv.DictReader(file):
                yield row["id"]


async def _compute(graph: Graph, *, json: bool) -> None:
    for title, what in (
        ("read mentions", "analysis"),
        ("score influence", "influence"),
        ("count votes", "tally"),
    ):
        with step(title, json=json) as doing:
            await runs.compute(graph, what, doing)


async def _show(graph: Graph, started: float, *, json: bool) -> None:
    """The rankings as soon as they are there, then what is up in communities."""
    rankings = await read(graph)
    if not json:
        say("")
        show_all(rankings)
    say(f"from nothing to here in {seconds(time.monotonic() - started)}", stderr=json)
    with step("look at communities", json=json) as doing:
        await runs.compute(graph, "communities", doing)
    stirred = await stirred_communities(graph)
    if json:
        say_json(asdict(rankings) | {"communities": [asdict(one) for one in stirred]})
    else:
        say("")
        show_communities(stirred)
