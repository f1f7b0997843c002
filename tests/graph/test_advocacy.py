"""Advocacy links are kept once, never towards oneself, and can be taken back."""

import asyncio
from typing import Any

import pytest

from graph import advocacy, customers
from graph.advocacy import Advocacy
from graph.driver import Graph
from graph.errors import Invalid, NotFound, Taken

NOW = "2026-01-01T00:00:00.000Z"
COUNTS = """
OPTIONAL MATCH (:Customer)-[a:ADVOCATED]->()
WITH count(a) AS links
OPTIONAL MATCH (:Customer)-[t:TIE]->()
RETURN links, count(t) AS ties
"""


async def _pair(graph: Graph) -> tuple[str, str]:
    made = [await graph.write(customers.upsert, now=NOW, fields={}) for _ in range(2)]
    return made[0].uid, made[1].uid


async def _record(graph: Graph, giver: str, receiver: str, **given: Any) -> Advocacy:
    options: dict[str, Any] = {"kind": "RATING", "weight": 0.5, "at": NOW, "now": NOW}
    return await graph.write(
        advocacy.record,
        giver=giver,
        receiver=receiver,
        **options | given,
    )


async def _counts(graph: Graph) -> tuple[int, int]:
    (row,) = await graph.read(COUNTS)
    return row["links"], row["ties"]


async def test_link_and_its_tie_come_and_go_together(graph: Graph) -> None:
    ann, ben = await _pair(graph)
    made = await _record(graph, ann, ben, kind="REFERRAL", outcome="JOINED", value=12.5)
    assert await _counts(graph) == (1, 1)
    (row,) = await graph.read("MATCH ()-[a:ADVOCATED]->() RETURN a{.*} AS link")
    link = dict(row["link"])
    assert (link["kind"], link["weight"], link["outcome"], link["value"]) == ("REFERRAL", 0.5, "JOINED", 12.5)
    assert (await graph.write(advocacy.retract, uid=made.uid)).giver == ann
    assert await _counts(graph) == (0, 0)
    with pytest.raises(NotFound):
        await graph.write(advocacy.retract, uid=made.uid)


async def test_warning_makes_no_tie(graph: Graph) -> None:
    await _record(graph, *await _pair(graph), kind="WARNING", weight=-1)
    assert await _counts(graph) == (1, 0)


async def test_advocating_to_oneself_is_refused(graph: Graph) -> None:
    ann, _ = await _pair(graph)
    with pytest.raises(Invalid, match="itself") as caught:
        await _record(graph, ann, ann)
    assert caught.value.field == "to"
    assert await _counts(graph) == (0, 0)


async def test_link_of_one_external_id_is_stored_once(graph: Graph) -> None:
    ann, ben = await _pair(graph)
    made = await asyncio.gather(*(_record(graph, ann, ben, external_id="x") for _ in range(20)))
    assert len({each.uid for each in made}) == 1
    assert sum(each.created for each in made) == 1
    assert await _counts(graph) == (1, 1)
    with pytest.raises(Taken, match=made[0].uid):
        await _record(graph, ben, ann, external_id="x")


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("weight", {"weight": 1.01}),
        ("weight", {"weight": -1.01}),
        ("kind", {"kind": "LOVE"}),
        ("at", {"at": "2026-01-01"}),
        ("outcome", {"outcome": "x" * 201}),
        ("value", {"value": float("inf")}),
    ],
)
async def test_unusable_input_is_named(graph: Graph, field: str, given: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as caught:
        await _record(graph, *await _pair(graph), **given)
    assert caught.value.field == field


async def test_unknown_ends_are_named(graph: Graph) -> None:
    ann, ben = await _pair(graph)
    for field, given in (("from", ("nobody", ben)), ("to", (ann, "nobody"))):
        with pytest.raises(NotFound) as caught:
            await _record(graph, *given)
        assert caught.value.field == field
    with pytest.raises(NotFound) as missing:
        await _record(graph, ann, ben, product="nothing")
    assert missing.value.field == "product"
