"""A comment answers one of its own idea: what an import says otherwise is left out, and named."""

import random

import pytest

from graph.folders import importer
from tests.graph.folders.folder import Folder, snapshot, value

ANSWERS = "MATCH (a:Comment)-[:REPLIES_TO]->(b) RETURN a.externalId AS a, b.externalId AS b ORDER BY a, b"
PLACES = "MATCH (k:Comment)-[:ON_IDEA]->(i) RETURN k.externalId AS k, i.externalId AS i, k.depth AS depth ORDER BY k"
CIRCLES = "MATCH (k:Comment)-[:REPLIES_TO*1..9]->(k) RETURN count(k)"
CROSSING = """
MATCH (i:Idea)<-[:ON_IDEA]-(:Comment)-[:REPLIES_TO]->(:Comment)-[:ON_IDEA]->(j:Idea) WHERE i.uid <> j.uid
RETURN count(*)
"""
# k3 answers k2, which answers k1
THREAD = "id,idea,text,reply_to\nk1,i1,A,\nk2,i1,B,k1\nk3,i1,C,k2\n"
LONGER = "reply_to: '{0}' is on another idea, '{1}'; '{2}' no longer answers '{0}'"
WITHOUT = "reply_to: '{}' is on another idea, '{}'; the row is imported without it"

either_size = pytest.mark.parametrize("rows", [1, 5_000])


async def _thread(folder: Folder, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    """A thread that is stored; what comes is read some rows at a time."""
    monkeypatch.setattr("graph.folders.entries.BATCH_ROWS", rows)
    folder.write(ideas="id\ni1\ni2\ni3\n", comments=THREAD)
    assert await folder.load() == []


async def _told(folder: Folder, lines: str) -> list[tuple[str, str]]:
    """What an import of these comments says, as a dry run says before and does not do."""
    folder.write(comments=f"id,idea,reply_to\n{lines}")
    before = await snapshot(folder.graph)
    dry = await folder.load(dry_run=True)
    assert await snapshot(folder.graph) == before
    assert await folder.load() == dry
    assert [await value(folder.graph, each) for each in (CROSSING, CIRCLES)] == [0, 0]
    return [(line, reason) for _, line, reason in dry]


async def _answers(folder: Folder) -> list[tuple[str, str]]:
    return [(row["a"], row["b"]) for row in await folder.graph.read(ANSWERS)]


async def _places(folder: Folder) -> dict[str, tuple[str, int]]:
    return {row["k"]: (row["i"], row["depth"]) for row in await folder.graph.read(PLACES)}


ELSEWHERE = [
    # backwards, forwards, to what is stored; k4 stands in the thread it names
    "k1,i1,A,\nk2,i2,B,k1\nk3,i2,C,k5\nk4,i1,D,k1\nk5,i1,E,\n",
    "k3,i2,C,k5\nk2,i2,B,k1\nk1,i1,A,\nk5,i1,E,\nk4,i1,D,k1\n",
]


@either_size
@pytest.mark.parametrize("lines", ELSEWHERE)
async def test_a_comment_is_imported_without_the_comment_of_another_idea_it_answers(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, lines: str, rows: int
) -> None:
    monkeypatch.setattr("graph.folders.entries.BATCH_ROWS", rows)
    folder.write(ideas="id\ni1\ni2\n", comments=f"id,idea,text,reply_to\n{lines}")
    wanted = {
        f"reply_to: '{other}' is on another idea, 'i1'; the row is imported without it"
        for other in ("k1", "k5")
    }
    assert {reason for *_, reason in await folder.load(dry_run=True)} == wanted
    assert {reason for *_, reason in await folder.load()} == wanted
    answers = "MATCH (a:Comment)-[:REPLIES_TO]->(b) RETURN a.externalId AS a, b.externalId AS b"
    assert [tuple(row) for row in await folder.graph.read(answers)] == [("k4", "k1")]
    assert await value(folder.graph, "MATCH (k:Comment)-[:ON_IDEA]->() RETURN count(k)") == 5
    assert {reason for *_, reason in await folder.load()} == wanted
    assert sum(file.written for file in folder.report.files) == 0


@either_size
@pytest.mark.parametrize("named", ["k1", ""])
async def test_an_answer_that_moves_answers_no_longer(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, named: str, rows: int
) -> None:
    await _thread(folder, monkeypatch, rows)
    told = await _told(folder, f"k3,i2,\nk2,i2,{named}\n")
    assert told == [("3", LONGER.format("k1", "i1", "k2"))]
    assert await _answers(folder) == [("k3", "k2")]
    assert await _places(folder) == {"k1": ("i1", 0), "k2": ("i2", 0), "k3": ("i2", 1)}
    again = [("3", WITHOUT.format("k1", "i1"))] if named else []
    assert await _told(folder, f"k3,i2,\nk2,i2,{named}\n") == again
    assert sum(file.written for file in folder.report.files) == 0


@either_size
async def test_what_answers_a_comment_that_moves_stays_and_answers_it_no_longer(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    await _thread(folder, monkeypatch, rows)
    assert await _told(folder, "k1,i2,\n") == [("2", LONGER.format("k1", "i2", "k2"))]
    assert await _answers(folder) == [("k3", "k2")]
    assert await _places(folder) == {"k1": ("i2", 0), "k2": ("i1", 0), "k3": ("i1", 1)}
    assert await _told(folder, "k1,i2,\n") == []


@either_size
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
@pytest.mark.parametrize("lines", [("k1,i2,", "k2,i2,k1", "k3,i2,k2"), ("k1,i2,", "k2,i2,", "k3,i2,")])
async def test_a_thread_that_moves_as_a_whole_stays_whole(
    folder: Folder,
    monkeypatch: pytest.MonkeyPatch,
    lines: tuple[str, ...],
    order: tuple[int, ...],
    rows: int,
) -> None:
    await _thread(folder, monkeypatch, rows)
    assert await _told(folder, "".join(f"{lines[place]}\n" for place in order)) == []
    assert await _answers(folder) == [("k2", "k1"), ("k3", "k2")]
    assert await _places(folder) == {"k1": ("i2", 0), "k2": ("i2", 1), "k3": ("i2", 2)}


@either_size
@pytest.mark.parametrize("lines", ["k2,i1,k1\nk1,i2,\n", "k1,i2,\nk2,i1,k1\n"])
async def test_rows_that_contradict_each_other_say_the_same_in_any_order(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, lines: str, rows: int
) -> None:
    await _thread(folder, monkeypatch, rows)
    assert [reason for _, reason in await _told(folder, lines)] == [LONGER.format("k1", "i2", "k2")]
    assert await _places(folder) == {"k1": ("i2", 0), "k2": ("i1", 0), "k3": ("i1", 1)}
    assert [reason for _, reason in await _told(folder, lines)] == [WITHOUT.format("k1", "i2")]
    assert sum(file.written for file in folder.report.files) == 0


@either_size
async def test_a_row_that_names_a_comment_elsewhere_leaves_its_own_without_any(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    await _thread(folder, monkeypatch, rows)
    reason = "reply_to: 'k9' is on another idea, 'i3'; 'k2' no longer answers 'k1'"
    assert await _told(folder, "k9,i3,\nk2,i1,k9\nk1,i1,k2\n") == [("3", reason)]
    assert await _answers(folder) == [("k1", "k2"), ("k3", "k2")]
    assert await _places(folder) == {"k1": ("i1", 1), "k2": ("i1", 0), "k3": ("i1", 1), "k9": ("i3", 0)}


@either_size
async def test_a_row_that_names_no_comment_leaves_its_own_without_any(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    await _thread(folder, monkeypatch, rows)
    assert await _told(folder, "k2,i1,k9\nk1,i1,k2\n") == [
        ("2", "reply_to: 'k2' no longer answers 'k1'"),
        (
            "2",
            "reply_to: there is no comment 'k9' in the folder or the graph; the row is imported without it",
        ),
    ]
    assert await _answers(folder) == [("k1", "k2"), ("k3", "k2")]


@either_size
async def test_an_answer_finds_its_place_once_what_it_answers_came_to_its_idea(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    await _thread(folder, monkeypatch, rows)
    told = await _told(folder, "k4,i2,k1\nk1,i2,\nk2,i2,\nk3,i1,\n")
    assert told == [("5", LONGER.format("k2", "i2", "k3"))]
    assert await _answers(folder) == [("k2", "k1"), ("k4", "k1")]


@either_size
async def test_what_is_put_off_closes_no_circle(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    await _thread(folder, monkeypatch, rows)
    told = await _told(folder, "k4,i2,k1\nk1,i2,k4\n")
    assert told == [
        ("3", "reply_to: 'k4' leads back to 'k1', in a circle"),
        ("2", WITHOUT.format("k1", "i1")),
    ]
    assert await _answers(folder) == [("k2", "k1"), ("k3", "k2")]


async def test_an_import_that_was_killed_is_mended_by_the_next(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _thread(folder, monkeypatch, 5_000)

    async def killed(*_: object) -> None:
        raise KeyboardInterrupt

    folder.write(comments="id,idea\nk1,i2\n")
    with monkeypatch.context() as patched:
        patched.setattr(importer, "_import_later", killed)
        with pytest.raises(KeyboardInterrupt):
            await folder.load()
    assert await _told(folder, "k1,i2,\n") == [("2", LONGER.format("k1", "i2", "k2"))]


@pytest.mark.parametrize("seed", range(12))
async def test_no_answer_leaves_its_idea_and_a_dry_run_says_the_same(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr("graph.folders.entries.BATCH_ROWS", chance.choice([1, 2, 3]))
    folder.write(ideas="id\ni1\ni2\ni3\n")
    for _ in range(4):
        lines = [
            f"k{chance.randrange(8)},i{chance.choice('112233')},{chance.choice(['', f'k{chance.randrange(8)}'])}"
            for _ in range(8)
        ]
        await _told(folder, "".join(f"{line}\n" for line in lines))
