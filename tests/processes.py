"""What processes of their own are given, and those that nobody gives a handle of, such as an engine's keeper."""

import os
from pathlib import Path

from graph.driver import Graph

ROOT = Path(__file__).parents[1]


def environment_of(graph: Graph, redis: str) -> dict[str, str]:
    """The environment in which a process uses this graph and this queue, without settings of whoever runs the tests."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MUHATAP_")} | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        "MUHATAP_HOME": str(graph.settings.home),
        "MUHATAP_REDIS_URL": redis,
        "MUHATAP_RUN_EVERY": "0",
    }
    if graph.endpoint is None and graph.settings.graph_password is not None:
        environment["MUHATAP_GRAPH_URL"] = graph.url
        environment["MUHATAP_GRAPH_PASSWORD"] = graph.settings.graph_password.get_secret_value()
    return environment


def process_of(words: str) -> int:
    """The id of the one process whose command line holds these words, one behind each `|`."""
    [found] = processes_of(words)
    return found


def processes_of(words: str) -> list[int]:
    """The ids of all of them, of which there may be none."""
    part = words.replace("|", "\0").encode()
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and part in _command(entry)
    ]


def _command(entry: Path) -> bytes:
    try:
        return (entry / "cmdline").read_bytes()
    except OSError:
        return b""
