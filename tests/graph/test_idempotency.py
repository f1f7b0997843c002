"""One key, one effect, one answer, for 24 hours."""

import asyncio
from typing import Any

import pytest

from graph import idempotency
from graph.driver import Graph, Transaction
from graph.errors import Conflict, Invalid

NOW = "2026-01-01T00:00:00.000Z"
NEXT_DAY = "2026-01-02T00:00:00.001Z"
COUNT = "MATCH (t:Topic) RETURN count(t) AS n"


async def _effect(tx: Transaction) -> dict[str, Any]:
    result = await tx.run(
        "CREATE (t:Topic {uid: randomUUID(), externalId: randomUUID()}) RETURN t.uid AS uid"
    )
    (row,) = await result.data()
    return row


async def _once(graph: Graph, key: str = "k", scope: str = "ann", body: object = 1, now: str = NOW) -> Any:
    return await graph.write(idempotency.once, _effect, scope=scope, key=key, body=body, now=now)


async def _effects(graph: Graph) -> int:
    rows = await graph.read(COUNT)
    return int(rows[0]["n"])


async def test_same_request_again_gets_the_same_answer(graph: Graph) -> None:
    assert await _once(graph) == await _once(graph)
    assert await _effects(graph) == 1


async def test_other_body_is_a_conflict_without_effect(graph: Graph) -> None:
    await _once(graph, body={"a": 1, "b": 2})
    await _once(graph, body={"b": 2, "a": 1})
    with pytest.raises(Conflict):
        await _once(graph, body={"a": 2})
    assert await _effects(graph) == 1


async def test_keys_belong_to_who_asks(graph: Graph) -> None:
    answers = [await _once(graph, scope=scope, key=key) for scope, key in (("a", "b:c"), ("a:b", "c"))]
    assert answers[0] != answers[1]
    assert await _effects(graph) == 2


async def test_twenty_at_once_have_one_effect_and_equal_answers(graph: Graph) -> None:
    answers = await asyncio.gather(*(_once(graph) for _ in range(20)))
    assert len({answer["uid"] for answer in answers}) == 1
    assert await _effects(graph) == 1


async def test_key_is_free_again_after_a_failure(graph: Graph) -> None:
    async def fails(tx: Transaction) -> None:
        await _effect(tx)
        raise Invalid("no")

    with pytest.raises(Invalid):
        await graph.write(idempotency.once, fails, scope="ann", key="k", body=1, now=NOW)
    assert await _effects(graph) == 0
    await _once(graph, body=2)
    assert await _effects(graph) == 1


async def test_key_is_free_again_after_a_day(graph: Graph) -> None:
    first = await _once(graph)
    assert await _once(graph, body=2, now=NEXT_DAY) != first
    assert await _effects(graph) == 2


async def test_sweep_deletes_what_is_older_than_a_day(graph: Graph) -> None:
    await _once(graph)
    assert await graph.write(idempotency.sweep, now=NOW) == 0
    assert await graph.write(idempotency.sweep, now=NEXT_DAY) == 1


@pytest.mark.parametrize("key", ["", "k" * 256, "a\x00b"])
async def test_unusable_key_is_refused(graph: Graph, key: str) -> None:
    with pytest.raises(Invalid) as caught:
        await _once(graph, key=key)
    assert caught.value.field == "idempotencyKey"
