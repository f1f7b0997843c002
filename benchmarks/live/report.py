"""Shows the figures: a table for people and a picture."""

import json
import os
import platform
import subprocess
from datetime import date
from importlib.metadata import version
from pathlib import Path

from benchmarks.live.load import Figure
from benchmarks.live.queries import READS
from benchmarks.live.servers import NAMES, PEERS

ROW = "| {name} | {rates} | {p50:.1f} / {p99:.0f} | {api:.2f} | {database:.2f} |"
WHEELS = ("strawberry-graphql", "neo4j", "uvicorn", "orjson")
COLOURS = {
    "bare": "#9aa5b1",
    "muhatap": "#1f6feb",
    "yoga": "#d98324",
    "apollo": "#b45f06",
    "dataloaders": "#7a8f3c",
}


def table(figures: list[Figure], connections: int = 8) -> str:
    """Markdown: a table a read, the fastest first; latency and processor time at the middle load."""
    levels = sorted({figure.connections for figure in figures})
    shown = connections if connections in levels else levels[0]
    return "\n\n".join(
        _read_table(read, [figure for figure in figures if figure.read == read], levels, shown)
        for read in READS
        if any(figure.read == read for figure in figures)
    )


def _read_table(read: str, figures: list[Figure], levels: list[int], shown: int) -> str:
    head = (
        f"| {read} | req/s at {' / '.join(map(str, levels))} | p50 / p99 ms | API CPU ms | database CPU ms |"
    )
    lines = [head, "| --- | --- | --- | --- | --- |"]
    at = {(figure.server, figure.connections): figure for figure in figures}
    chosen = sorted((f for f in figures if f.connections == shown), key=lambda f: -f.rate)
    for one in chosen:
        rates = " / ".join(f"{at[one.server, level].rate:,.0f}" for level in levels)
        lines.append(
            ROW.format(
                name=NAMES[one.server],
                rates=rates,
                p50=one.p50,
                p99=one.p99,
                api=one.api_ms,
                database=one.database_ms,
            )
        )
    return "\n".join(lines)


def circumstances(graph: str, customers: int) -> str:
    """One paragraph: data, machine and versions."""
    wheels = ", ".join(f"{name} {version(name)}" for name in WHEELS)
    peers = json.loads((PEERS / "package.json").read_text())["dependencies"]
    packages = ", ".join(f"{name} {number}" for name, number in peers.items())
    return (
        f"{date.today()}. {graph}; {customers:,} customers with {customers * 10:,} mentions and "
        f"{customers * 5:,} acts of advocacy. {os.cpu_count()} cores, shared by the load, the server and the "
        f"graph. Python {platform.python_version()}, {wheels}; Node {_said('node', '--version')}, {packages}."
    )


def picture(figures: list[Figure], path: Path, title: str, connections: int = 8) -> None:
    """Bars of requests a second, a panel a read."""
    from matplotlib.figure import Figure as Canvas

    reads = [read for read in READS if any(figure.read == read for figure in figures)]
    canvas = Canvas(figsize=(10, 3.2), layout="constrained")
    for place, read in enumerate(reads, start=1):
        axes = canvas.add_subplot(1, len(reads), place)
        rows = [f for f in figures if f.read == read and f.connections == connections]
        rows.sort(key=lambda figure: figure.rate)
        bars = axes.barh(
            [row.server for row in rows],
            [row.rate for row in rows],
            color=[COLOURS[row.server] for row in rows],
        )
        axes.bar_label(bars, fmt="{:,.0f}", padding=3, fontsize=8)
        axes.set_title(f"{read}, requests/s", fontsize=9)
        axes.margins(x=0.2)
        axes.tick_params(labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
    canvas.suptitle(title, fontsize=10)
    canvas.savefig(path)


def _said(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "none"
