"""Spark finds what the arrays find, and publishes at once or not at all."""

import importlib.util
import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

from graph import publication, runs
from graph.driver import Graph, Transaction
from graph.errors import Unavailable
from graph.folders import import_folder
from graph.influence import Ties
from graph.runs import RunStatus
from jobs.algorithms.decay import instants
from jobs.algorithms.percentiles import percentiles
from jobs.algorithms.trust import overlap
from jobs.influence import InfluenceRun, run_influence
from jobs.influence.acts import ACTS
from jobs.influence.describe import PARTS
from jobs.influence.trusted import Trusted
from jobs.settings import InfluenceEngine, JobSettings
from tests.jobs.town import INSIDE, MEASURES, SCORES, published, town
from tests.shared import SHARED

EXAMPLE = Path(__file__).parents[2] / "examples/kahve"
BITCOIN = SHARED / "data/bitcoin-alpha"
MARGINS = tuple(f"{name}Margin" for name in MEASURES)
COUNTS = ("standingPeople", "voiceActs")
TRUSTED = ("trust", "vouched", "trustedAdvocacy", "trustedHarm", "reachPercentile", "trustPercentile")
SAME = (*COUNTS, "doubtfulReach", "band", "person")
ALL = (*MEASURES, *MARGINS, *TRUSTED, *SAME, "accounts", *PARTS, *ACTS)

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


@pytest.fixture
def spark(quick_java: None) -> Iterator[Any]:
    """A session in which tables lie in several parts."""
    from jobs.influence.spark.__main__ import session

    found = session("local[2]")
    found.conf.set("spark.sql.shuffle.partitions", "3")
    yield found
    found.stop()


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
    assert theirs.residual <= 1e-11
    record = await graph.write(runs.get, uid=theirs.run)
    assert (record.message or "").endswith("acts, computed by Spark")
    return from_arrays, await _shown(graph, SCORES) | await _shown(graph, INSIDE)


def _left(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def _agree(ours: dict[str, dict[str, Any]], theirs: dict[str, dict[str, Any]]) -> None:
    assert ours.keys() == theirs.keys()
    for id, mine in ours.items():
        for name in (*MEASURES, *MARGINS, *TRUSTED):
            assert theirs[id].get(name) == pytest.approx(mine.get(name), abs=1e-6), (id, name)
        for name in SAME:
            assert theirs[id].get(name) == mine.get(name), (id, name)
        assert sorted(theirs[id].get("accounts") or ()) == sorted(mine.get("accounts") or ())


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
    for name in (*TRUSTED, "person"):
        assert any(scores.get(name) for scores in theirs.values()), name
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
    ours, theirs = await _both(graph, tmp_path)
    _agree(ours, theirs)
    for name in ("trust", "vouched", "reachPercentile", "trustPercentile"):
        assert any(scores.get(name) for scores in theirs.values()), name


def _drawn(chance: random.Random, n: int, count: int) -> list[tuple[int, int]]:
    drawn = (chance.sample(range(n), 2) for _ in range(count))
    return sorted({(source, target) for source, target in drawn})


PAIRS = [(0, 1), (1, 0), (2, 3), (3, 2), (4, 5), (5, 4)]


@pytest.mark.parametrize(
    "ties",
    [
        pytest.param([], id="nobody answers"),
        pytest.param([(0, 1), (1, 2), (0, 2), (3, 2)], id="nobody is answered back"),
        pytest.param([*PAIRS, (1, 2), (3, 4), (5, 6), (7, 0)], id="pairs in a row"),
        pytest.param([*PAIRS, (1, 2), (3, 4), (5, 6), (6, 7), (7, 5), (7, 4)], id="the last is the largest"),
        pytest.param(_drawn(random.Random(1), 30, 40), id="sparse"),
        pytest.param(_drawn(random.Random(2), 25, 110), id="dense"),
    ],
)
def test_circles_and_closed_groups_are_those_of_arrays(spark: Any, ties: list[tuple[int, int]]) -> None:
    from jobs.influence.spark import circles

    table = spark.createDataFrame(ties, "source long, target long")
    components = [*nx.strongly_connected_components(nx.DiGraph(ties))]
    size = max(map(len, components), default=1)
    found = circles.largest(table)
    if size == 1:
        assert found is None
    else:
        assert found is not None
        expected = {node for component in components if len(component) == size for node in component}
        assert sorted(row.node for row in found.collect()) == sorted(expected)
    closed = {(row.low, row.high): row.overlap for row in circles.overlap(table).collect()}
    source, target = np.array(ties, dtype=np.int64).reshape(-1, 2).T
    ours = zip(ties, overlap(source, target, 30).tolist(), strict=True)
    assert closed == {(min(tie), max(tie)): pytest.approx(value, abs=1e-12) for tie, value in ours}


def test_steps_end_where_values_only_tremble(spark: Any) -> None:
    from pyspark.sql import functions as F

    from jobs.influence.spark.steps import settled

    state = spark.createDataFrame([(1.0, 0.0)], "next double, last double")
    moved = F.max(F.abs(F.col("next") - F.col("last")))

    def step(state: Any) -> Any:
        """Halves what is above 1e-9 and then jumps back."""
        now = F.when(F.col("next") > 1e-9, F.col("next") / 2).otherwise(1e-9 + F.col("next"))
        return state.select(now.alias("next"), F.col("next").alias("last"))

    _, steps, change = settled(state, step, moved, 0.0)
    assert steps == 40
    assert change < 1e-7


def test_of_several_accounts_of_a_person_the_same_is_heard(spark: Any) -> None:
    from jobs.influence.spark import percentiles as places
    from jobs.influence.spark import trust

    n, chance = 40, random.Random(4)
    pairs = _drawn(chance, n, 150)
    days = [chance.randint(1, 3) for _ in pairs]
    since = [chance.choice([None, *(f"2026-0{month}-10" for month in range(1, 7))]) for _ in pairs]
    persons = np.array([who % 30 for who in range(n)])
    heard = {(who % 30, other) for who, other in pairs}
    assert len(heard) < len(pairs)  # somebody is answered by two accounts of one person

    source, target = np.array(pairs).T
    dated = instants([day and f"{day}T00:00:00.000Z" for day in since])
    nothing, until = np.zeros(len(pairs)), np.datetime64("2026-07-01", "ms")
    ours = Trusted.of(Ties(source, target, nothing, nothing, np.array(days), dated), persons, until)

    rows = [(*pair, *more) for pair, *more in zip(pairs, days, since, strict=True)]
    ties = spark.createDataFrame(rows, "from long, to long, days long, since string")
    nodes = [(who, f"u{who}", f"c{who:02}", "") for who in range(n)]
    table = spark.createDataFrame(nodes, "who long, uid string, name string, place string")
    shared = [(f"u{who}", f"u{who % 30}") for who in range(n) if who % 30 < 10]
    people = trust.whose(table, spark.createDataFrame(shared, "uid string, person string"))
    theirs = trust.trusted(ties, people, until).withColumnRenamed("who", "node")
    values = {row.node: (row.trust, row.speaking) for row in theirs.collect()}
    expected = zip(ours.values.tolist(), ours.speaking.tolist(), strict=True)
    assert values == {who: pytest.approx(both, abs=1e-9) for who, both in enumerate(expected)}
    found = {row.node: row.trustPercentile for row in places.percentiles(theirs, "trust").collect()}
    assert [found[who] for who in range(n)] == percentiles(ours.values, ours.values).tolist()
