"""The portrait of a community is what the published run saw of it."""

import pytest

from graph import advocacy, communities, customers, mentions
from graph.driver import Graph, Transaction
from graph.errors import NotFound
from graph.pictures import history, portrait
from jobs.influence import run_influence
from jobs.pictures import compose

AT = "2026-01-0{}T09:00:00.000Z"
NOW = "2026-03-01T00:00:00.000Z"
TIES = "MATCH (u:Customer)-[t:TIE]->(v:Customer) RETURN u.externalId AS source, v.externalId AS target"


async def _village(tx: Transaction) -> None:
    """Ann, Ben and Cem, the bot Bot, and Eve, who is no member."""
    people = {}
    group = (await communities.upsert(tx, now=NOW, fields={"name": "Filter"}, external_id="filter")).uid
    for name in ("ann", "ben", "cem", "bot", "eve"):
        fields = {"name": name.title(), "kind": "BOT" if name == "bot" else "PERSON"}
        made = await customers.upsert(tx, now=NOW, fields=fields, external_id=name)
        people[name] = made.uid
        if name != "eve":
            await communities.join(tx, customer=made.uid, community=group, now=NOW)
    said = (
        await mentions.record(tx, author=people["ann"], channel="app", text="t", at=AT.format(1), now=NOW)
    ).uid
    for author, mood in (("ben", 0.8), ("cem", -0.6), ("bot", 0.9), ("eve", 0.9)):
        await mentions.record(
            tx, author=people[author], channel="app", text="t", at=AT.format(2), now=NOW,
            in_reply_to=said, sentiment=mood,
        )  # fmt: skip
    await mentions.record(
        tx, author=people["ben"], channel="app", text="t", at=AT.format(3), now=NOW,
        names=[people["ann"]], sentiment=0.2,
    )  # fmt: skip
    for giver, receiver, kind, weight, day in (
        ("ann", "cem", "RATING", -0.5, 3), ("ben", "cem", "REFERRAL", 1.0, 3), ("ann", "ben", "WARNING", -1.0, 3),
        ("cem", "ben", "DEFENCE", 1.0, 8),
    ):  # fmt: skip
        await advocacy.record(
            tx, giver=people[giver], receiver=people[receiver], kind=kind, weight=weight, at=AT.format(day), now=NOW
        )  # fmt: skip


async def test_a_portrait_holds_the_ranked_members_and_the_signed_ties_between_them(graph: Graph) -> None:
    await graph.write(_village)
    await run_influence(graph, grace=0)
    found = await portrait(graph, "filter")
    ids = [member.external_id for member in found.members]
    assert (sorted(ids), found.name, found.unranked) == (["ann", "ben", "cem"], "Filter", 1)
    assert found.as_of == AT.format(8)
    assert [member.reach for member in found.members] == sorted(
        (m.reach for m in found.members), reverse=True
    )
    moods = {(ids[bond.source], ids[bond.target]): bond.mood for bond in found.bonds}
    assert moods == {("ben", "ann"): 0.5, ("cem", "ann"): -0.6, ("ann", "cem"): -0.5, ("cem", "ben"): 1.0}
    kept = {(row["source"], row["target"]) for row in await graph.read(TIES)}
    assert {pair for pair in kept if set(pair) <= set(ids)} == set(moods)
    assert len(compose(found).lines) == 4
    assert await portrait(graph, "filter") == found


async def test_a_portrait_ends_with_the_run_it_shows(graph: Graph) -> None:
    await graph.write(_village)
    await run_influence(graph, as_of=AT.format(2), grace=0)
    found = await portrait(graph, "filter")
    ids = [member.external_id for member in found.members]
    pairs = {(ids[bond.source], ids[bond.target]): bond for bond in found.bonds}
    assert set(pairs) == {("ben", "ann"), ("cem", "ann")}
    assert pairs["ben", "ann"].weight == 1.0
    assert pairs["ben", "ann"].mood == 0.8


async def test_what_cannot_be_shown_is_named(graph: Graph) -> None:
    with pytest.raises(NotFound, match="no community nowhere"):
        await portrait(graph, "nowhere")
    await graph.write(_village)
    with pytest.raises(NotFound, match="muhatap run influence"):
        await portrait(graph, "filter")


async def test_a_community_of_nobody_has_a_portrait(graph: Graph) -> None:
    await graph.write(communities.upsert, now=NOW, fields={}, external_id="empty")
    await run_influence(graph, grace=0)
    found = await portrait(graph, "empty")
    assert (found.name, found.members, found.unranked, found.bonds) == ("empty", (), 0, ())


async def test_a_history_holds_the_scores_of_each_run_and_the_margins_of_the_last(graph: Graph) -> None:
    await graph.write(_village)
    with pytest.raises(NotFound, match="run influence"):
        await history(graph, "ann")
    for day in (2, 3, 8):
        await run_influence(graph, as_of=AT.format(day), grace=0)
    found = await history(graph, "ann")
    assert (found.name, found.at) == ("Ann", (AT.format(2), AT.format(3), AT.format(8)))
    reach, standing, voice = found.courses
    assert [course.name for course in found.courses] == ["reach", "standing", "voice"]
    assert all(len(course.values) == 3 for course in found.courses)
    assert reach.last == reach.values[-1]
    assert reach.margin
    assert standing.last == standing.values[-1]
    assert voice.last == voice.values[-1]
    bot = await history(graph, "bot")
    assert (bot.at, [course.values for course in bot.courses]) == ((), [(), (), ()])
    with pytest.raises(NotFound, match="no customer nobody"):
        await history(graph, "nobody")
