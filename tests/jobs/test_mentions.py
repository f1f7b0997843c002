"""Every mention is read once by each version of the reader, and a run that was killed goes on."""

from pathlib import Path
from typing import Any

import pytest

from graph import analysis, customers, mentions, runs
from graph.analysis import Unread
from graph.driver import Graph, Transaction
from graph.errors import Invalid
from graph.folders import import_folder
from graph.records import now
from graph.rows import run
from jobs import mentions as job
from jobs.algorithms.sentiment import VERSION
from jobs.mentions import AnalysisReport, analyse_mentions, run_analysis

READ = "MATCH (m:Mention {uid: $uid}) RETURN m{.*} AS m"


@pytest.fixture
async def author(graph: Graph) -> str:
    return (await graph.write(customers.upsert, now=now(), fields={}, external_id="ayse")).uid


async def _mention(graph: Graph, author: str, text: str, **more: Any) -> str:
    found = await graph.write(
        mentions.record, author=author, channel="app", text=text, at=now(), now=now(), **more
    )
    return found.uid


async def _read(graph: Graph, uid: str) -> dict[str, Any]:
    row = await graph.read_one(READ, uid=uid)
    assert row is not None
    return dict(row["m"])


async def test_a_mention_is_given_language_and_mood(graph: Graph, author: str) -> None:
    uid = await _mention(graph, author, "Ürünü hiç beğenmedim")
    assert await analyse_mentions(graph) == 1
    read = await _read(graph, uid)
    assert (read["language"], read["sentimentLabel"], read["analysedBy"]) == ("tr", "NEGATIVE", VERSION)
    assert -1 <= read["sentiment"] < 0 < read["sentimentConfidence"] < 1
    assert read["sentimentWhy"] == ["−beğenmedim"]


async def test_a_given_mood_is_believed(graph: Graph, author: str) -> None:
    uid = await _mention(graph, author, "Ürünü hiç beğenmedim", sentiment=0.6)
    await analyse_mentions(graph)
    read = await _read(graph, uid)
    assert (read["sentiment"], read["givenSentiment"], read["sentimentLabel"]) == (0.6, 0.6, "POSITIVE")
    assert (read["sentimentConfidence"], read["sentimentWhy"], read["language"]) == (1.0, [], "tr")


async def test_a_text_in_neither_language_has_none(graph: Graph, author: str) -> None:
    uid = await _mention(graph, author, "Где моя посылка?")
    await analyse_mentions(graph)
    read = await _read(graph, uid)
    assert (read.get("language"), read["sentimentLabel"], read["sentiment"]) == (None, "NEUTRAL", 0.0)


async def test_a_second_run_finds_nothing_to_do(graph: Graph, author: str) -> None:
    await _mention(graph, author, "güzel")
    assert [await analyse_mentions(graph), await analyse_mentions(graph)] == [1, 0]


async def test_a_new_version_reads_again(graph: Graph, author: str) -> None:
    uid = await _mention(graph, author, "güzel")
    await graph.write(_set, uid=uid, properties={"analysedBy": "lexicon-0", "sentiment": -1.0})
    assert await analyse_mentions(graph) == 1
    assert (await _read(graph, uid))["sentiment"] > 0


async def test_only_those_asked_for_are_read(graph: Graph, author: str) -> None:
    first, second = await _mention(graph, author, "güzel"), await _mention(graph, author, "kötü")
    assert await analyse_mentions(graph, mentions=[second, second, "unknown"]) == 1
    assert await analyse_mentions(graph, mentions=[]) == 0
    assert "analysedBy" not in await _read(graph, first)


async def test_a_killed_run_goes_on_where_it_ended(
    graph: Graph, author: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "PAGE", 2)
    for number in range(5):
        await _mention(graph, author, f"güzel {number}")
    with pytest.raises(InterruptedError):
        await run_analysis(graph, progress=_kill)
    found = await run_analysis(graph)
    assert found is not None
    assert found.mentions == 3


def _kill(done: int, total: int) -> None:
    raise InterruptedError


async def test_progress_is_told_page_by_page(
    graph: Graph, author: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "PAGE", 2)
    for number in range(5):
        await _mention(graph, author, f"güzel {number}")
    told: list[tuple[int, int]] = []
    asked = await graph.write(runs.request, kind="ANALYSIS", now=now())
    found = await run_analysis(graph, run_uid=asked.uid, progress=lambda *said: told.append(said))
    assert found == AnalysisReport(asked.uid, 5)
    assert told == [(2, 5), (4, 5), (5, 5)]
    record = await graph.write(runs.get, uid=asked.uid)
    assert (record.status, record.version, record.message) == ("SUCCEEDED", VERSION, "5 mentions read")
    assert (record.done, record.total) == (5, 5)
    assert await run_analysis(graph, run_uid=asked.uid) is None


async def test_an_analysis_until_an_instant_is_refused_and_leaves_no_record(graph: Graph) -> None:
    with pytest.raises(Invalid) as caught:
        await run_analysis(graph, as_of=now())
    assert caught.value.field == "asOf"
    assert await graph.read("MATCH (r:JobRun) RETURN r") == []


async def test_a_text_that_changed_meanwhile_is_not_overwritten(graph: Graph, author: str) -> None:
    uid = await _mention(graph, author, "güzel")
    rows = job._read([Unread(uid, "kötü")])
    assert await graph.write(analysis.save, version=VERSION, threshold=0.05, rows=rows) == 0
    assert "analysedBy" not in await _read(graph, uid)
    assert await analyse_mentions(graph) == 1


async def _set(tx: Transaction, *, uid: str, properties: dict[str, Any]) -> None:
    await run(tx, "MATCH (m:Mention {uid: $uid}) SET m += $properties", uid=uid, properties=properties)


async def test_the_analysis_reads_comments_that_came_by_a_folder(graph: Graph, tmp_path: Path) -> None:
    (tmp_path / "ideas.csv").write_text("id\ni1\n")
    comments = tmp_path / "comments.csv"
    comments.write_text("id,idea,text\nk1,i1,Harika bir fikir\nk2,i1,This is terrible\nk3,i1,\n")
    await import_folder(graph, tmp_path)
    for said, change in (
        ("0 mentions read, 2 comments", "id,idea,text\nk2,i1,This is wonderful\n"),
        ("0 mentions read, 1 comments", "id,idea\nk2,i1\n"),
        ("0 mentions read", "id,idea\nk2,i1\n"),
    ):
        found = await run_analysis(graph)
        assert found is not None
        assert (await graph.write(runs.get, uid=found.run)).message == said
        comments.write_text(change)
        await import_folder(graph, tmp_path)
    read = await graph.read("MATCH (n:Comment) RETURN n.sentimentLabel AS mood ORDER BY n.externalId")
    assert [row["mood"] for row in read] == ["POSITIVE", "POSITIVE", None]
