"""The embedded graph keeps what it acknowledged, wherever it is cut off."""

import os
import signal
from pathlib import Path

import pytest

from graph.driver import Transaction, open_graph
from graph.errors import Unavailable
from graph.settings import GraphSettings
from tests.processes import process_of


async def _add(tx: Transaction, *, n: int) -> None:
    await (await tx.run("CREATE (:Word {n: $n})", n=n)).consume()


@pytest.mark.skipif(not Path("/proc").exists(), reason="finds the engine in /proc")
async def test_acknowledged_writes_survive_a_kill_and_everything_stays_inside_the_home(
    tmp_path: Path,
) -> None:
    settings = GraphSettings(home=tmp_path / "home", graph_url=None, graph_heap="256m")
    async with open_graph(settings) as graph:
        for n in range(20):
            await graph.write(_add, n=n)
        os.kill(process_of(f"rootPath={settings.home}/graph|"), signal.SIGKILL)
    async with open_graph(settings) as graph:
        row = await graph.read_one("MATCH (w:Word) RETURN count(w) AS words")
        assert row is not None
        assert row["words"] == 20
        assert _mode(settings.home / "graph") == 0o700
        assert _mode(settings.home / "graph" / "password") == 0o600
        assert graph.endpoint is not None
        assert graph.endpoint.url.startswith("bolt://127.0.0.1:")


@pytest.mark.skipif(not Path("/proc").exists(), reason="finds the engine in /proc")
async def test_options_and_secrets_of_the_caller_do_not_reach_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS"):
        monkeypatch.setenv(name, "-XX:+NoSuchOption")
    monkeypatch.setenv("MUHATAP_SMTP_URL", "smtp://user:secret@localhost")
    settings = GraphSettings(home=tmp_path / "home", graph_url=None, graph_heap="256m")
    async with open_graph(settings):
        engine = process_of(f"rootPath={settings.home}/graph|")
        given = _environment(engine)
    assert not [name for name in given if "JAVA" in name or "MUHATAP" in name]


def _environment(process: int) -> list[str]:
    return Path(f"/proc/{process}/environ").read_text().split("\0")


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


async def test_a_home_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match=f"graph did not start: {tmp_path}/file is a file; move"):
        async with open_graph(GraphSettings(home=tmp_path / "file", graph_url=None)):
            pass
