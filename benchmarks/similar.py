"""How often the idea that somebody means is among the first five shown, and how long a keystroke waits for them.

The last table is of `ideasSimilar` as a browser asks it, over HTTP of a server of its own; only on the embedded engine.

python -m benchmarks.similar [FOLDERS] [--half HELD] [--ideas 100000], FOLDERS being the one of published import folders
whose ideas stand beside those of the pairs. Reads from the embedded engine in a home of its own, or from the Neo4j
that MUHATAP_GRAPH_URL names, which must be empty.

The 200 pairs in data/similar-ideas.tsv were written before the matcher: DEV was looked at while it was built, HELD
once at the end. The peers are asked in the same way: a full-text index on titles, as the engines have it, with all
words of the text; and the overlap of runs of three letters (PostgreSQL's `similarity`, which Decidim orders by), here
in Python, so it is asked of the smaller set only and its time says nothing.
"""

import argparse
import asyncio
import csv
import http.client
import random
import re
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import numpy as np
import orjson
from rich.table import Table

from benchmarks.folders import rows
from benchmarks.live.processes import cpu_ms
from benchmarks.live.servers import servers
from benchmarks.live.target import Target
from benchmarks.tables import show
from graph.driver import Graph, Transaction, open_graph
from graph.migrate import migrate
from graph.records import new_uid
from graph.settings import GraphSettings
from graph.text import fold
from jobs.similar import similar_ideas

PAIRS = Path(__file__).parent / "data" / "similar-ideas.tsv"
AT = "2026-01-01T00:00:00.000Z"
FIRST = 5
ROUNDS = 3
READING = 2_000  # ms: a search waits as long as the words are read, and for at most 10 s
KEYSTROKE = """query($text: String!) { ideasSimilar(text: $text, first: 5) {
  similarity words idea { id title status tally { upCount downCount } }
} }"""
ROWS_PER_WRITE = 5_000
WORD = re.compile(r"\w+")
Find = Callable[[str], Awaitable[Sequence[str]]]
Pair = dict[str, str]


def pairs(half: str | None = None) -> list[Pair]:
    """The pairs of one half, or all: what is typed, and the idea it means."""
    with PAIRS.open(encoding="utf-8") as file:
        found = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [pair for pair in found if half in (None, pair["half"])]


def haystack(folders: Path | None) -> list[str]:
    """All ideas of the pairs, and the titles of the ideas of published folders."""
    others = sorted(folders.iterdir()) if folders else []
    published = [row["title"] for folder in others for row in rows(folder, "ideas", ("title",))]
    return [pair["idea"] for pair in pairs()] + [title for title in published if title]


def salad(titles: Sequence[str], count: int, seed: int = 1) -> list[str]:
    """Titles of 3 to 12 words drawn from those of all titles: each word of a pair stands in hundreds of them."""
    chance = random.Random(seed)
    known = [word for title in titles for word in WORD.findall(title)]
    return [" ".join(chance.choices(known, k=chance.randint(3, 12))) for _ in range(count)]


CREATE = """
UNWIND $rows AS row
CREATE (i:Idea {uid: row[0], externalId: row[0]})
SET i.title = row[1], i.titleKey = row[2], i.wordedAt = row[3]
"""


async def _create(tx: Transaction, *, made: Sequence[Sequence[str]]) -> None:
    await (await tx.run(CREATE, rows=[list(row) for row in made])).consume()


async def write(graph: Graph, titles: Sequence[str]) -> dict[str, str]:
    """Write ideas of these titles; the title of each uid."""
    made = [(new_uid(), title, fold(title), AT) for title in titles]
    for start in range(0, len(made), ROWS_PER_WRITE):
        await graph.write(_create, made=made[start : start + ROWS_PER_WRITE])
    return {uid: title for uid, title, _, _ in made}


FULL_TEXT = """
CALL db.index.fulltext.queryNodes('Idea[titleKey]', $text) YIELD node, score
RETURN node.uid AS uid ORDER BY score DESC LIMIT $first
"""


def ours(graph: Graph) -> Find:
    """The search behind `ideasSimilar`."""

    async def find(text: str) -> list[str]:
        found = await similar_ideas(graph, text, challenge=None, count=FIRST)
        return [each.idea for each in found]

    return find


def full_text(graph: Graph) -> Find:
    """The engine's own full-text index."""

    async def find(text: str) -> list[str]:
        asked = " ".join(WORD.findall(fold(text)))
        return [row["uid"] for row in await graph.read(FULL_TEXT, text=asked, first=FIRST)]

    return find


def trigrams(text: str) -> set[str]:
    """The runs of three letters of each word as PostgreSQL's pg_trgm makes them: two blanks before, one behind."""
    framed = [f"  {word} " for word in WORD.findall(text.lower())]
    return {word[at : at + 3] for word in framed for at in range(len(word) - 2)}


def overlap(titles: dict[str, str]) -> Find:
    """The share of common runs of three letters, |A ∩ B|/|A ∪ B|, of every title."""
    known = {uid: trigrams(title) for uid, title in titles.items()}

    async def find(text: str) -> list[str]:
        mine = trigrams(text)
        scored = ((len(mine & its) / len(mine | its), uid) for uid, its in known.items())
        return [uid for _, uid in sorted(scored, reverse=True)[:FIRST]]

    return find


async def measure(
    find: Find, asked: Sequence[Pair], titles: dict[str, str]
) -> tuple[dict[str, int], list[float]]:
    """How many ideas were found, by language, and the milliseconds of each search."""
    hits = {"tr": 0, "en": 0}
    spent = []
    for pair in asked:
        begun = time.perf_counter()
        found = await find(pair["typed"])
        spent.append((time.perf_counter() - begun) * 1000)
        hits[pair["language"]] += pair["idea"] in [titles[uid] for uid in found]
    return hits, spent


async def compare(
    graph: Graph, titles: Sequence[str], asked: Sequence[Pair], table: Table, *, every: bool
) -> None:
    """Add a row for each way to find these ideas; the overlap only if `every` one is asked for."""
    known = await write(graph, titles)
    finders = {"ours": ours(graph), "full text of the engine": full_text(graph)}
    finders |= {"pg_trgm overlap": overlap(known)} if every else {}
    begun = time.perf_counter()
    await finders["ours"]("x")
    first = time.perf_counter() - begun
    for name, find in finders.items():
        hits, spent = await measure(find, asked, known)
        recall = [f"{hits[language]}/{sum(p['language'] == language for p in asked)}" for language in hits]
        timed = [f"{value:.1f}" for value in np.percentile(spent, (50, 95))]
        shown = f"{first:.1f} s" if name == "ours" else ""
        table.add_row(
            f"{len(known):,}", name, f"{sum(hits.values()) / len(asked):.2f}", *recall, *timed, shown
        )


async def run(folders: Path | None, half: str, ideas: int) -> None:
    """Print the table of one half of the pairs, on the ideas as they are and among many more."""
    titles, asked = haystack(folders), pairs(half)
    timed = Table(
        "ideas", "keystrokes", "p50 ms", "p95 ms", "CPU ms of the API", title="ideasSimilar over HTTP"
    )
    for more in (0, ideas):
        table = Table(title=f"Similar ideas, {half}")
        for column in (
            "ideas",
            "found by",
            "recall at 5",
            "Turkish",
            "English",
            "p50 ms",
            "p95 ms",
            "first search",
        ):
            table.add_column(column)
        with tempfile.TemporaryDirectory(prefix="muhatap-bench-", ignore_cleanup_errors=True) as home:
            settings = GraphSettings()
            if settings.graph_url is None:
                settings = settings.model_copy(update={"home": Path(home)})
            async with open_graph(settings) as graph:
                await migrate(graph)
                await graph.write(_empty)
                given = [*titles, *salad(titles, more)]
                await compare(graph, given, asked, table, every=not more)
                if settings.graph_url is None:  # a server of this home
                    spent, cpu = await asyncio.to_thread(over_http, Path(home), asked)
                    middle = [f"{value:.1f}" for value in np.percentile(spent, (50, 95))]
                    timed.add_row(f"{len(given):,}", str(len(spent)), *middle, f"{cpu:.1f}")
        show(table)
    show(timed)


def over_http(home: Path, asked: Sequence[Pair]) -> tuple[list[float], float]:
    """Milliseconds of each keystroke asked of a server of this home, and its CPU for one; the words are read first.

    The connection is kept, as a browser keeps it; the answer has the five ideas with their titles and tallies.
    """
    with servers(["muhatap"], Target("", "", "", "", embedded=True), home) as (server,):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        headers = server.headers | {"Content-Type": "application/json"}

        def ask(text: str, *, ready: bool = True) -> float:
            body = orjson.dumps({"query": KEYSTROKE, "variables": {"text": text}})
            begun = time.perf_counter()
            connection.request("POST", "/graphql", body, headers)
            answer = orjson.loads(connection.getresponse().read())
            spent = (time.perf_counter() - begun) * 1000
            if ready and "errors" in answer:
                raise RuntimeError(str(answer["errors"]))
            return spent

        while ask(asked[0]["typed"], ready=False) > READING:
            continue  # the words are still being read
        for pair in (*asked, *asked):  # Java warms up
            ask(pair["typed"])
        before = cpu_ms(server.process)
        spent = [ask(pair["typed"]) for pair in asked for _ in range(ROUNDS)]
        return spent, (cpu_ms(server.process) - before) / len(spent)


async def _empty(tx: Transaction) -> None:
    await (await tx.run("MATCH (i:Idea) DETACH DELETE i")).consume()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.similar")
    parser.add_argument("folders", nargs="?", type=Path)
    parser.add_argument("--half", choices=("DEV", "HELD"), default="DEV")
    parser.add_argument("--ideas", type=int, default=100_000)
    given = parser.parse_args()
    asyncio.run(run(given.folders, given.half, given.ideas))


if __name__ == "__main__":
    main()
