"""What an action is said to do is what a run finds after it was done."""

from typing import Any

import pytest

from graph import advocacy, deeds, influence, mentions
from graph.deeds import Deed
from graph.driver import Graph, Transaction
from graph.errors import Closed, Invalid, NotFound
from jobs.influence import what_if as module
from jobs.influence.what_if import SCORES, SHOWN, Action, WhatIf, what_if
from tests.jobs.town import published, run, town

MENTION = "MATCH (m:Mention {externalId: $id}) RETURN m.uid AS uid"
LINK = "MATCH ()-[a:ADVOCATED]->() WHERE a.externalId = $id RETURN a.uid AS uid"
TURN = "MATCH (m:Mention {uid: $uid}) SET m.sentiment = $mood, m.givenSentiment = $mood RETURN m.uid AS uid"
STATE = "MATCH (n) RETURN count(n) AS nodes, sum(coalesce(n.touched, 0)) AS touched"


async def _deed(graph: Graph, id: str) -> tuple[str, Deed]:
    if row := await graph.read_one(MENTION, id=id):
        return row["uid"], await deeds.mention(graph, row["uid"])
    row = await graph.read_one(LINK, id=id)
    assert row
    return row["uid"], await deeds.link(graph, row["uid"])


async def _do(graph: Graph, uid: str, deed: Deed, action: Action) -> None:
    async def turn(tx: Transaction, mood: float) -> None:
        await (await tx.run(TURN, uid=uid, mood=mood)).consume()

    if deed.kind:
        await graph.write(advocacy.retract, uid=uid)
    elif action is Action.REMOVED:
        await graph.write(mentions.delete, uid=uid)
    else:
        row = await graph.read_one("MATCH (m:Mention {uid: $uid}) RETURN m.sentiment AS mood", uid=uid)
        assert row
        await graph.write(turn, mood=abs(row["mood"]) if action is Action.POSITIVE else 0.0)


def _same(said: WhatIf, found: dict[str, dict[str, Any]], when: str) -> None:
    for outlook in said.outlooks:
        scores, run_ = getattr(outlook, when), found[outlook.customer]
        for name in SCORES:
            assert scores[name] == pytest.approx(run_.get(name), abs=1e-9), (outlook.customer, name)
        assert scores["band"] == run_.get("band")


BY_UID = "MATCH (c:Customer) RETURN c.uid AS id, c{.*} AS properties"


async def _scores(graph: Graph) -> dict[str, dict[str, Any]]:
    return await published(graph, BY_UID)


async def test_it_is_what_a_run_finds_afterwards(graph: Graph) -> None:
    await town(graph)
    latest = await influence.latest_act(graph)
    await run(graph, as_of=latest)
    moods = await graph.read(
        "MATCH (m:Mention)-[:IN_REPLY_TO]->() WHERE m.sentiment < -0.2 RETURN m.externalId AS id ORDER BY id LIMIT 2"
    )
    answered = await graph.read(
        "MATCH (m:Mention)<-[:IN_REPLY_TO]-() RETURN m.externalId AS id, count(*) AS n ORDER BY n DESC, id LIMIT 1"
    )
    links = await graph.read(
        "MATCH ()-[a:ADVOCATED]->() RETURN a.kind AS kind, min(a.externalId) AS id ORDER BY kind"
    )
    plans = [(moods[0]["id"], Action.NEUTRAL), (moods[1]["id"], Action.POSITIVE)]
    plans += [(answered[0]["id"], Action.REMOVED), *((row["id"], Action.REMOVED) for row in links)]
    before = await _scores(graph)
    for id, action in plans:
        uid, deed = await _deed(graph, id)
        untouched = [tuple(row) for row in await graph.read(STATE)]
        said = await what_if(graph, deed, action)
        assert [tuple(row) for row in await graph.read(STATE)] == untouched
        assert said.as_of == latest
        assert {outlook.customer for outlook in said.outlooks} >= set(deed.people)
        _same(said, before, "before")
        await _do(graph, uid, deed, action)
        await run(graph, as_of=latest)
        after = await _scores(graph)
        _same(said, after, "after")
        if len(said.outlooks) < SHOWN:
            assert len(said.outlooks) == len(after)
        assert any(outlook.before != outlook.after for outlook in said.outlooks), (id, action)
        before = after


async def test_what_cannot_be_told_is_refused(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    await town(graph, before="2026-01-03")
    _, link = await _deed(graph, "a00")
    with pytest.raises(Invalid, match="link can be removed"):
        await what_if(graph, link, Action.NEUTRAL)
    monkeypatch.setattr(module, "LARGEST", 3)
    with pytest.raises(Closed, match="too many to compute"):
        await what_if(graph, link, Action.REMOVED)
    for find in (deeds.mention, deeds.link):
        with pytest.raises(NotFound):
            await find(graph, "nothing")
