"""A folder to import from, beside an empty graph."""

from pathlib import Path

import pytest

from graph.driver import Graph
from tests.graph.folders.folder import Folder


@pytest.fixture
def folder(graph: Graph, tmp_path: Path) -> Folder:
    """An empty folder."""
    path = tmp_path / "folder"
    path.mkdir()
    return Folder(graph, path)
