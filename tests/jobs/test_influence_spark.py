"""Spark finds what the arrays find, says what it leaves out, and publishes at once or not at all."""

import importlib.util
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from graph import publication, runs
from graph.driver import Graph, Transaction
from graph.errors import Unavailable
from graph.folders import import_folder
from graph.runs import RunStatus
from jobs.influence import InfluenceRun, run_influence
from jobs.influence.acts import ACTS
from jobs.influence.describe import PARTS
from jobs.settings import InfluenceEngine, JobSettings
from tests.jobs.town import INSIDE, MEASURES, SCORES, published, town
from tests.shared import SHARED

EXAMPLE = Path(__file__).parents[2] / "examples/kahve"
BITCOIN = SHARED / "data/bitcoin-alpha"
MARGINS = tuple(f"{name}Margin" for name in MEASURES)
COUNTS = ("standingPeople", "voiceActs")
UNKNOWN = ("trust", "vouched", "trustedAdvocacy", "trustedHarm", "reachPercentile", "trustPercentile")
ALL = (*MEASURES, *MARGINS, *COUNTS, *UNKNOWN, "doubtfulReach", "band", "person", "accounts", *PARTS, *ACTS)

missing = [name for name in ("pyspark", "pyarrow") if importlib.util.find_spec(name) is None]
needs_spark = pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")
needs_java = pytest.mark.skipif(
    not (shutil.which("java") or os.environ.get("JAVA_HOME")), reason="there is no Java"
)
pytestmark = [needs_spark, needs_java, pytest.mark.timeout(580)]


@pytest.fixture(autouse=True)
def quick_java(monkeypatch: pytest.MonkeyPatch) -> None:
    """A short run is over before the better compiler of Java has paid."""
    monkeypatch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")


async def _run(graph: Graph, home: Path, engine: InfluenceEngine, as_of: str | None = None) -> InfluenceRun:
    settings = JobSettings(home=home, influence_engine=engine, spark_master="local[2]")
    found = await run_influence(graph, as_of=as_of, grace=0, settings=settings)
    assert found is not None
    return found


async def _shown(graph: Graph, query: str) -> dict[str, dict[str, Any]]:
    return await published(graph, query, ALL)


async def _both(
    graph: Graph, home: Path, as_of: str | None = None
) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """Every score from arrays and from Spark, overall and inside communities, after the counts agreed."""
    ours = await _run(graph, home, InfluenceEngine.MEMORY, as_of)
    from_arrays = await _shown(graph, SCORES) | await _shown(graph, INSIDE)
    theirs = await _run(graph, home, InfluenceEngine.SPARK, as_of)
    counts = ("as_of", "customers", "ties", "memberships")
    assert [getattr(ours, name) for name in counts] == [getattr(theirs, name) for name in counts]
    assert theirs.residual < 1e-9
    record = await graph.write(runs.get, uid=theirs.run)
    assert (record.message or "").endswith("computed by Spark: without trust and vouched")
    return from_arrays, await _shown(graph, SCORES) | await _shown(graph, INSIDE)


def _left(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def _agree(ours: dict[str, dict[str, Any]], theirs: dict[str, dict[str, Any]]) -> None:
    assert ours.keys() == theirs.keys()
    for id, mine in ours.items():
        for name in (*MEASURES, *MARGINS):
            assert theirs[id].get(name) == pytest.approx(mine.get(name), abs=1e-6), (id, name)
        for name in (*COUNTS, "band", "person"):
            assert theirs[id].get(name) == mine.get(name), (id, name)
        assert sorted(theirs[id].get("accounts") or ()) == sorted(mine.get("accounts") or ())
        assert [name for name in (*UNKNOWN, "doubtfulReach") if theirs[id].get(name) is not None] == []


def _lists(scores: dict[str, Any], prefix: str, *names: str) -> list[tuple[Any, ...]]:
    columns = [scores.get(f"{prefix}{name}") or () for name in names]
    return [*zip(*columns, strict=True)]


def _same_reasons(mine: dict[str, Any], other: dict[str, Any], id: str) -> None:
    """Of equal parts or acts either may be named: values agree by size, and all else where both name the same."""
    for prefix, key, more in (
        ("part", "From", ("Share",)),
        ("act", "Of", ("At", "Weight", "Left", "Fairness")),
    ):
        found: list[dict[tuple[str, ...], tuple[Any, ...]]] = []
        for scores in (mine, other):
            rows = _lists(scores, prefix, "Score", "Kind", key, "Value", *more)
            found.append({row[:3]: row[3:] for row in rows if row[2]})
        assert len(found[0]) == len(found[1]), (id, prefix)
        for named in found[0].keys() & found[1].keys():
            for left, right in zip(found[0][named], found[1][named], strict=True):
                assert left == (right if isinstance(right, str) else pytest.approx(right, abs=1e-6)), (
                    id,
                    named,
                )
        values = [sorted(_lists(scores, prefix, "Score", "Value")) for scores in (mine, other)]
        for left, right in zip(*values, strict=True):
            assert left == (right[0], pytest.approx(right[1], abs=1e-6)), (id, prefix)


async def test_a_community_has_the_same_scores_parts_and_acts(graph: Graph, tmp_path: Path) -> None:
    await import_folder(graph, EXAMPLE)
    await town(graph)
    await graph.write(_share_and_suspend)
    ours, theirs = await _both(graph, tmp_path)
    _agree(ours, theirs)
    assert any(scores.get("person") for scores in ours.values())
    assert any(scores.get("reach") is None for scores in ours.values())
    assert any("OTHERS" in scores.get("actKind", ()) for scores in ours.values())
    for id, mine in ours.items():
        _same_reasons(mine, theirs[id], id)
    assert _left(tmp_path) == []


async def _share_and_suspend(tx: Transaction) -> None:
    await (
        await tx.run("MATCH (c:Customer) WHERE c.externalId IN ['c01', 'c07'] SET c.email = 'a@b.c'")
    ).consume()
    await (await tx.run("MATCH (c:Customer {externalId: 'c03'}) SET c.suspended = true")).consume()


async def test_a_spark_that_fails_publishes_nothing(graph: Graph, tmp_path: Path) -> None:
    await town(graph)
    settings = JobSettings(home=tmp_path, influence_engine=InfluenceEngine.SPARK, spark_master="nowhere")
    asked = await graph.write(runs.queue, kind="INFLUENCE", now="2026-03-01T00:00:00.000Z")
    with pytest.raises(Unavailable, match="nowhere"):
        await run_influence(graph, run_uid=asked.uid, settings=settings)
    assert (await graph.write(runs.get, uid=asked.uid)).status is RunStatus.FAILED
    assert await publication.current(graph, "influence") is None
    assert _left(tmp_path) == []


async def test_an_empty_graph_has_no_scores(graph: Graph, tmp_path: Path) -> None:
    found = await _run(graph, tmp_path, InfluenceEngine.SPARK)
    assert (found.customers, found.ties, found.acts) == (0, 0, 0)


@pytest.mark.skipif(not BITCOIN.exists(), reason="the ratings are not here")
async def test_ratings_give_the_same_scores(graph: Graph, tmp_path: Path) -> None:
    await import_folder(graph, BITCOIN)
    _agree(*await _both(graph, tmp_path))
