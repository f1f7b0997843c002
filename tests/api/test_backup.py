"""The backups of the operator's guide, by its own commands: what is restored is what was there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from graph import tokens
from graph.driver import open_graph
from graph.records import now
from graph.settings import GraphSettings
from graph.tokens import Role
from tests.graph.folders.test_importer import WHOLE

GUIDE = (Path(__file__).parents[2] / "docs" / "operator.md").read_text()


def _run(home: Path, command: str) -> str:
    """What a line of the guide prints, run on this home."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MUHATAP_")}
    environment |= {"MUHATAP_HOME": str(home), "MUHATAP_GRAPH_HEAP": "512m"}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    done = subprocess.run(command, shell=True, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _of_guide(word: str) -> str:
    [line] = re.findall(rf"^\$ ({word} .*)$", GUIDE.partition("## Backup")[2], re.MULTILINE)
    return str(line)


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "rejected.csv"}


async def test_a_copied_home_and_an_imported_export_are_what_was_there(tmp_path: Path) -> None:
    if "MUHATAP_TEST_NEO4J" in os.environ:
        pytest.skip("a home is that of the embedded engine")
    folder, home, export = tmp_path / "folder", tmp_path / "home", _of_guide("muhatap export")
    folder.mkdir()
    for name, text in WHOLE.items():
        (folder / f"{name}.csv").write_text(text)
    _run(home, f"muhatap import {folder}")
    secret = _run(home, "muhatap token --role ADMINISTRATOR").strip()
    _run(home, export.replace("/tmp", str(tmp_path)))
    first = _bytes(tmp_path / "muhatap-export")

    _run(home, _of_guide("flock").replace("/tmp", str(tmp_path)))
    copy = tmp_path / "muhatap-backup"
    _run(copy, f"muhatap export {tmp_path / 'second'}")
    assert _bytes(tmp_path / "second") == first
    async with open_graph(GraphSettings(home=copy, graph_url=None, graph_heap="512m")) as graph:
        viewer = await tokens.verify(graph, secret, now=now())
        assert viewer is not None
        assert viewer.role is Role.ADMINISTRATOR

    _run(tmp_path / "other", f"muhatap import {tmp_path / 'muhatap-export'}")
    _run(tmp_path / "other", f"muhatap export {tmp_path / 'third'}")
    assert _bytes(tmp_path / "third") == first
