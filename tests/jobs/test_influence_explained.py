"""Each score names the acts it is made of, and each run what moved it: both add up, overall and inside."""

from collections import Counter
from typing import Any

import pytest

from graph import advocacy, mentions
from graph.driver import Graph
from jobs.influence import acts
from tests.jobs.town import INSIDE, MOVED, NOW, SCORES, SHOWN, people, published, run, town

SIGNED = ("standing", "voice")


def _sums(scores: dict[str, Any], of: str) -> Counter[str]:
    found: Counter[str] = Counter()
    names, values = (scores.get(f"{of}{column}") or () for column in ("Score", "Value"))
    for name, value in zip(names, values, strict=True):
        found[name.lower()] += value
    return found


@pytest.mark.parametrize("kept", [50, 2])
async def test_acts_and_changes_add_up(graph: Graph, monkeypatch: pytest.MonkeyPatch, kept: int) -> None:
    monkeypatch.setattr(acts, "KEPT", kept)
    await town(graph, before="2026-01-12T12:00:00.000Z")
    first = await run(graph)
    before = {query: await published(graph, query) for query in (SCORES, INSIDE)}
    assert not any((await published(graph, names_of=MOVED)).values())
    await graph.write(_grow)
    await run(graph)
    kinds: Counter[str] = Counter()
    for query in (SCORES, INSIDE):
        for id, scores in (await published(graph, query, (*SHOWN, *MOVED))).items():
            former, moved = before[query][id], _sums(scores, "change")
            listed = _sums(scores, "act")
            for name in ("reach", *SIGNED):
                assert scores.get(f"{name}Before") == former.get(name)
                difference = scores.get(name, 0.0) - former.get(name, 0.0)
                assert moved[name] == pytest.approx(difference, abs=1e-9), (id, name)
            for name in SIGNED:
                assert listed[name] == pytest.approx(scores.get(name, 0.0), abs=1e-9), (id, name)
            assert scores["changeSince"] == first.as_of
            kinds.update(scores["changeKind"])
            kinds.update(f"ACT_{kind}" for kind in scores.get("actKind") or ())
    expected = {"NEW", "GONE", "FADED", "FAIRNESS", "NEIGHBOUR_REACH", "RESPONSES", "UNATTACHED"}
    assert expected <= kinds.keys()
    assert ("ACT_OTHERS" in kinds) is (kept == 2)


async def _grow(tx: Any) -> None:
    """Later acts, and some links taken back."""
    found = await tx.run("MATCH (c:Customer) RETURN c.uid AS uid ORDER BY c.externalId")
    who = [record["uid"] async for record in found]
    for number in range(12):
        at = f"2026-02-{number + 1:02}T00:00:00.000Z"
        giver, receiver = who[number], who[(number * 5 + 3) % 12]
        if giver != receiver:
            await advocacy.record(
                tx, giver=giver, receiver=receiver, kind="RATING", weight=0.5 - number % 2, at=at, now=NOW
            )
        await mentions.record(
            tx, author=giver, channel="app", text="t", at=at, now=NOW, sentiment=0.7 - number % 3 / 2
        )
    links = await tx.run("MATCH ()-[a:ADVOCATED]->() RETURN a.uid AS uid, a.externalId AS id")
    for record in [record async for record in links]:
        if record["id"].startswith("a1"):
            await advocacy.retract(tx, uid=record["uid"])


async def test_an_act_adds_its_sign_by_what_time_and_fairness_left_of_it(graph: Graph) -> None:
    """Standing of ben: praise half faded, and a fresh bad word; neither rater is as fair as the other thinks."""
    ann, ben, can = await people(graph, 3)
    for giver, weight, at in ((ann, 1.0, "2026-01-01"), (can, -0.5, "2026-03-02")):
        instant = f"{at}T00:00:00.000Z"
        await graph.write(
            advocacy.record,
            giver=giver,
            receiver=ben,
            kind="RATING",
            weight=weight,
            at=instant,
            now=NOW,
            external_id=f"link of {weight}",
        )
    await run(graph)
    scores = (await published(graph))["c01"]
    fair = scores["actFairness"]
    heard = 1 + 3 * fair[0] + 0.5 * fair[1]
    assert scores["actOf"] == ["link of -0.5", "link of 1.0"]
    assert scores["actLeft"] == [1.0, 0.5]
    assert scores["actAt"] == ["2026-03-02T00:00:00.000Z", "2026-01-01T00:00:00.000Z"]
    assert scores["actValue"] == pytest.approx([-3 * fair[0] / heard, 0.5 * fair[1] / heard], abs=1e-12)
    assert 0 < fair[1] < 1


async def test_a_run_of_what_it_was_moves_nothing_and_time_alone_only_fades(graph: Graph) -> None:
    await town(graph)
    first = await run(graph)
    await run(graph)
    for scores in (await published(graph, names_of=MOVED)).values():
        assert scores["changeValue"] == []
    await run(graph, as_of="2026-06-01T00:00:00Z")
    assert first.as_of is not None
    kinds = {
        kind
        for scores in (await published(graph, names_of=MOVED)).values()
        for name, kind in zip(scores["changeScore"], scores["changeKind"], strict=True)
        if name != "REACH"
    }
    assert kinds == {"FADED"}
