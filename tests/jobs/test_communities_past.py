"""A communities run as of an instant finds what was so then, and takes nothing from what is so at present."""

import csv
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from graph import communities, publication
from graph.driver import Graph, Transaction
from graph.folders import import_folder
from graph.health import NAME
from graph.records import to_instant
from jobs.communities import CommunitiesReport, run_communities
from jobs.influence import run_influence

START = datetime(2026, 1, 1, 9, tzinfo=UTC)
THEN = "2026-02-01T00:00:00.000Z"
PEOPLE = "abcdefghijklmnopqrst"
# who talks to each other on which days: one circle goes on, one falls apart, one ends and one begins
CIRCLES = ((0, 25, ("abcdef", "ghijkl", "mnop")), (40, 90, ("abcdemq", "ghin", "jklo", "prst")))
HEADS = {
    "customers": "id,name",
    "communities": "id,name",
    "products": "id,name",
    "ideas": "id,title",
    "memberships": "customer,community,since",
    "mentions": "id,author,channel,text,at,names,community,products,sentiment,in_reply_to",
    "votes": "voter,idea,value,at",
}
DATES = {"memberships": 2, "mentions": 4, "votes": 3}
SHOWN = """
MATCH (g:Community)
CALL (g) {
  MATCH (c:Customer)-[m:MEMBER_OF]->(g)
  WITH c, m ORDER BY c.externalId RETURN collect([c.externalId, m{.*}]) AS members
}
RETURN g.externalId AS id, g{.*} AS own, members ORDER BY id
"""
IDS = "MATCH (n) WHERE n.uid IS NOT NULL AND n.externalId IS NOT NULL RETURN n.uid AS uid, n.externalId AS id"
UID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _day(day: int) -> str:
    return to_instant(START + timedelta(days=day))


def _mention(circle: str, day: int, first: int) -> list[str]:
    author = circle[day % len(circle)]
    return [
        *(f"{circle}-{day:02}", author, "x"),
        *("How do you clean it?" if day % 4 == 0 else f"It broke on day {day}", _day(day)),
        *("|".join(who for who in circle if who != author), "club" if day % 2 else ""),
        *("mill" if day % 3 == 0 else "", "0.3" if day % 3 else "-0.6"),
        f"{circle}-{day - 1:02}" if day % 4 == 1 and day > first else "",
    ]


def _rows() -> dict[str, list[list[str]]]:
    return {
        "customers": [[who, who.upper()] for who in PEOPLE],
        "communities": [["club", "Club"]],
        "products": [["mill", "Mill"]],
        "ideas": [["grind", "Grind finer"]],
        "memberships": [[who, "club", _day(6 * n) if n % 5 else ""] for n, who in enumerate(PEOPLE)],
        "mentions": [
            _mention(circle, day, first)
            for first, last, circles in CIRCLES
            for circle in circles
            for day in range(first, last)
        ],
        "votes": [[who, "grind", "1" if n % 3 else "-1", _day(5 * n)] for n, who in enumerate(PEOPLE)],
    }


def _write(folder: Path, until: str) -> None:
    folder.mkdir()
    for name, rows in _rows().items():
        at = DATES.get(name)
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            file.write(HEADS[name] + "\n")
            csv.writer(file).writerows(row for row in rows if at is None or row[at] <= until)


async def _load(graph: Graph, folder: Path, *, until: str = "9999") -> None:
    """The town, or what of it had happened by an instant."""
    _write(folder, until)
    assert (await import_folder(graph, folder)).rejections == 0


async def _run(graph: Graph, as_of: str | None = None) -> CommunitiesReport:
    found = await run_communities(graph, as_of=as_of, grace=0)
    assert found is not None
    return found


async def _shown(graph: Graph) -> dict[str, dict[str, Any]]:
    """What a reader sees of each community, with its members, but for its history."""
    current = await publication.current(graph, NAME)
    assert current is not None
    return {
        row["id"]: {name: row["own"].get(name) for name in ("uid", "name", "kind", "createdAt")}
        | {"who": row["members"]}
        | {
            key[:-1]: value
            for key, value in row["own"].items()
            if key.endswith(current.slot) and not key.startswith("run")
        }
        for row in await graph.read(SHOWN)
    }


def _members(shown: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {id: "".join(who for who, _ in each["who"]) for id, each in shown.items() if id.startswith("d")}


async def _comparable(graph: Graph) -> dict[str, dict[str, Any]]:
    """What is shown, by ids that an import keeps, and without what is of one graph alone."""
    ids = {row["uid"]: row["id"] for row in await graph.read(IDS)}

    def named(value: Any) -> Any:
        if isinstance(value, list):
            return [named(each) for each in value]
        if isinstance(value, float):
            return round(value, 9)
        return UID.sub(lambda found: ids[found[0]], value) if isinstance(value, str) else value

    found = await _shown(graph)
    alone = {"uid", "createdAt", "who"}
    return {
        id: {key: named(value) for key, value in each.items() if key not in alone}
        | {"who": _members(found).get(id)}
        for id, each in found.items()
    }


async def _empty(tx: Transaction) -> None:
    await (await tx.run("MATCH (n) WHERE NOT n:Migration AND NOT n:MigrationLock DETACH DELETE n")).consume()


async def test_as_of_equals_a_graph_that_was_cut_off_then(graph: Graph, tmp_path: Path) -> None:
    await _load(graph, tmp_path / "whole")
    await _run(graph, THEN)
    whole = await _comparable(graph)
    assert sorted(_members(await _shown(graph)).values()) == ["abcdef", "ghijkl", "mnop"]
    await graph.write(_empty)
    await _load(graph, tmp_path / "cut", until=THEN)
    await _run(graph, THEN)
    assert await _comparable(graph) == whole
    assert (whole["club"]["members"], whole["club"]["healthAt"]) == (8, THEN)
    assert whole["club"]["wishVotes"] == [6]


async def test_a_run_at_present_gives_after_one_of_the_past_what_it_gave_before(
    graph: Graph, tmp_path: Path
) -> None:
    await _load(graph, tmp_path / "town")
    await _run(graph)
    await run_influence(graph, grace=0)
    before = await _shown(graph)
    assert _members(before) == {
        "detected-1": "abcdefmq",
        "detected-2": "ghin",
        "detected-3": "jklo",
        "detected-4": "prst",
    }
    past = await _run(graph, THEN)
    then = await _shown(graph)
    assert (past.communities, past.members, past.began, past.ended) == (3, 16, 1, 0)
    assert _members(then) == {
        "detected-1": "abcdef",
        "detected-2": "ghijkl",
        "detected-3": "",
        "detected-4": "",
        "detected-5": "mnop",
    }
    assert [then[id]["members"] for id in _members(then)] == [6, 6, 0, 0, 4]
    for id in _members(before):
        same = ("uid", "createdAt", *(("name",) if id > "detected-2" else ()))
        assert [then[id][key] for key in same] == [before[id][key] for key in same]
    again = await _run(graph, THEN)
    assert (again.began, again.ended) == (0, 0)
    assert await _shown(graph) == then
    present = await _run(graph)
    assert (present.began, present.ended) == (0, 1)
    assert await _shown(graph) == before
    assert await graph.read("MATCH ()-[w:WILL_BE_MEMBER_OF]->() RETURN w") == []


async def test_scores_inside_are_not_taken_back_once_others_were_published(
    graph: Graph, tmp_path: Path
) -> None:
    await _load(graph, tmp_path / "town")
    await _run(graph)
    await run_influence(graph, grace=0)
    before = (await _shown(graph))["detected-4"]["who"]
    assert "reachA" in before[0][1]
    await _run(graph, THEN)
    await run_influence(graph, grace=0)
    await _run(graph)
    back = (await _shown(graph))["detected-4"]["who"]
    kept = ("community", "since")
    assert back == [[who, {key: own[key] for key in kept}] for who, own in before]


async def test_before_everything_there_is_no_community_and_none_is_lost(graph: Graph, tmp_path: Path) -> None:
    await _load(graph, tmp_path / "town")
    await _run(graph)
    before = await _shown(graph)
    nothing = await _run(graph, "2025-01-01")
    assert (nothing.communities, nothing.members, nothing.began, nothing.ended) == (0, 0, 0, 0)
    empty = await _shown(graph)
    assert empty.keys() == before.keys()
    assert set(_members(empty).values()) == {""}
    figures = ("members", "active", "questions", "weekAt", "subject", "warnKind", "healthAt")
    at = "2025-01-01T00:00:00.000Z"
    assert [empty["detected-1"][key] for key in figures] == [0, 0, 0, [], [], [], at]
    assert [empty["club"][key] for key in figures] == [4, 0, 0, [], [], [], at]
    await _run(graph)
    assert await _shown(graph) == before


async def test_one_that_only_the_past_knew_is_the_same_from_one_run_of_the_past_to_the_next(
    graph: Graph, tmp_path: Path
) -> None:
    await _load(graph, tmp_path / "town")
    await _run(graph)
    await _run(graph, THEN)
    found = (await _shown(graph))["detected-5"]
    assert [own["since"] for _, own in found["who"]] == [THEN] * 4
    assert (await _run(graph, "2026-01-20")).began == 0
    earlier = (await _shown(graph))["detected-5"]
    assert (earlier["uid"], earlier["who"]) == (found["uid"], found["who"])


async def test_of_parts_that_were_one_each_keeps_its_own_number(graph: Graph, tmp_path: Path) -> None:
    await _load(graph, tmp_path / "town")
    await _run(graph)
    for _ in range(3):
        await _run(graph, THEN)
        await _run(graph)
        assert _members(await _shown(graph)) == {
            "detected-1": "abcdefmq",
            "detected-2": "ghin",
            "detected-3": "jklo",
            "detected-4": "prst",
        }


async def test_who_has_left_a_declared_community_was_a_member_until_then(
    graph: Graph, tmp_path: Path
) -> None:
    await _load(graph, tmp_path / "town")
    uids = {row["id"]: row["uid"] for row in await graph.read(IDS)}
    for who, until in (("a", "2026-01-31T00:00:00Z"), ("b", THEN), ("c", "2026-02-02T00:00:00Z")):
        left = {"customer": uids[who], "community": uids["club"], "until": until}
        await graph.write(communities.leave, **left, now=THEN)
    await graph.write(communities.join, customer=uids["c"], community=uids["club"], now=_day(80))
    await _run(graph, THEN)
    then = (await _shown(graph))["club"]
    assert (then["members"], then["wishVotes"]) == (6, [4])
    await _run(graph)
    assert (await _shown(graph))["club"]["members"] == 18


async def test_the_history_holds_each_run_in_the_order_of_the_runs(graph: Graph, tmp_path: Path) -> None:
    await _load(graph, tmp_path / "town")
    for as_of in (None, THEN, None):
        await _run(graph, as_of)
    latest = _day(89)
    row = await graph.read_one("MATCH (g:Community {externalId: 'detected-4'}) RETURN g{.*} AS own")
    current = await publication.current(graph, NAME)
    assert row is not None
    assert current is not None
    assert current.as_of == latest
    assert row["own"][f"runAt{current.slot}"] == [latest, THEN, latest]
    assert row["own"][f"runMembers{current.slot}"] == [4, 0, 4]


async def test_an_instant_that_leaves_nothing_out_is_the_present(graph: Graph, tmp_path: Path) -> None:
    await _load(graph, tmp_path / "town")
    await _run(graph, THEN)
    assert sorted(_members(await _shown(graph)).values()) == ["abcdef", "ghijkl", "mnop"]
    later = await _run(graph, "2026-05-01")
    assert later.ended == 1
    assert sorted(_members(await _shown(graph)).values()) == ["abcdefmq", "ghin", "jklo", "prst"]


async def test_a_run_of_the_past_that_is_killed_leaves_the_present_to_be_found(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _load(graph, tmp_path / "town")
    await _run(graph)
    before = await _shown(graph)

    async def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(publication, "publish", killed)
        with pytest.raises(KeyboardInterrupt):
            await _run(graph, THEN)
    await _run(graph)
    assert await _shown(graph) == before
