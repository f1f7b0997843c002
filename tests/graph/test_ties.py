"""A tie is what the counted acts behind it add up to, whatever happened in between."""

import asyncio
import random

import pytest

from graph import advocacy, customers, mentions, ties
from graph.driver import Graph, Transaction
from graph.records import to_instant
from graph.ties import HALF_LIFE, LANDMARK, Act, Tie, decayed, tie

NOW = "2026-01-01T00:00:00.000Z"
TIES = """
MATCH (u:Customer)-[t:TIE]->(v:Customer)
RETURN u.uid AS author, v.uid AS to, t.weight AS weight, t.undated AS undated, t.lastAt AS lastAt,
       t.days AS days, t.firstOn AS firstOn
"""


async def _customers(graph: Graph, count: int) -> list[str]:
    return [(await graph.write(customers.upsert, now=NOW, fields={})).uid for _ in range(count)]


async def _ties(graph: Graph) -> dict[tuple[str, str], Tie]:
    return {
        (row["author"], row["to"]): Tie(
            row["weight"], row["undated"], row["lastAt"], row["days"], row["firstOn"]
        )
        for row in await graph.read(TIES)
    }


def test_act_weighs_twice_as_much_a_half_life_later() -> None:
    assert decayed("2000-01-01T00:00:00.000Z") == 1.0
    assert decayed(to_instant(LANDMARK + HALF_LIFE)) == 2.0
    assert decayed(to_instant(LANDMARK - HALF_LIFE)) == 0.5


def test_act_of_any_year_stays_a_finite_number() -> None:
    for year in ("0001", "9999"):
        assert 0.0 < decayed(f"{year}-01-01T00:00:00.000Z") < float("inf")


def test_latest_act_of_a_kind_and_day_counts() -> None:
    morning, evening, later = (
        "2026-01-01T08:00:00.000Z",
        "2026-01-01T20:00:00.000Z",
        "2026-01-02T00:00:00.000Z",
    )
    acts = [Act("REPLY", evening), Act("REPLY", morning), Act("SHARE", morning), Act("REPLY", later)]
    found = tie(acts)
    assert found == Tie(decayed(evening) + decayed(morning) + decayed(later), 0, later, 2, "2026-01-01")
    assert tie(reversed(acts)) == found


def test_undated_acts_of_a_kind_count_once_undecayed() -> None:
    assert tie([Act("RATING", None), Act("RATING", None), Act("DEFENCE", None)]) == Tie(0.0, 2, None, 0)


def test_sum_does_not_depend_on_order() -> None:
    days = [f"20{year:02}-{month:02}-01T00:00:00.000Z" for year in range(5, 30) for month in range(1, 13)]
    acts = [Act("REPLY", day) for day in days]
    shuffled = random.Random(1).sample(acts, len(acts))
    assert tie(acts).weight.hex() == tie(shuffled).weight.hex()


async def test_every_kind_of_act_ties_who_responded_to_whom(graph: Graph) -> None:
    ann, ben = await _customers(graph, 2)
    said = await graph.write(mentions.record, author=ben, channel="app", text="t", at=NOW, now=NOW)
    for given in ({"in_reply_to": said.uid}, {"shares": said.uid}, {"names": [ben]}):
        await graph.write(mentions.record, author=ann, channel="app", text="t", at=NOW, now=NOW, **given)
    for kind in ("RATING", "DEFENCE", "RECOMMENDATION", "WARNING"):
        await graph.write(advocacy.record, giver=ann, receiver=ben, kind=kind, weight=1, at=NOW, now=NOW)
    await graph.write(advocacy.record, giver=ben, receiver=ann, kind="REFERRAL", weight=1, at=NOW, now=NOW)
    assert await _ties(graph) == {(ann, ben): Tie(7 * decayed(NOW), 0, NOW, 1, NOW[:10])}


async def test_nobody_has_a_tie_with_oneself(graph: Graph) -> None:
    (ann,) = await _customers(graph, 1)
    said = await graph.write(mentions.record, author=ann, channel="app", text="t", at=NOW, now=NOW)
    await graph.write(
        mentions.record,
        author=ann,
        channel="app",
        text="t",
        at=NOW,
        now=NOW,
        in_reply_to=said.uid,
        names=[ann],
    )
    assert await _ties(graph) == {}


async def test_ties_kept_up_equal_ties_rebuilt(graph: Graph) -> None:
    people = await _customers(graph, 5)
    chance = random.Random(7)
    said: list[str] = []
    for number in range(60):
        at = chance.choice([None, f"2026-01-0{chance.randint(1, 5)}T0{chance.randint(0, 9)}:00:00.000Z"])
        author, other = chance.choice(people), chance.choice(people)
        if said and number % 5 == 4:
            await graph.write(mentions.delete, uid=said.pop(chance.randrange(len(said))))
        elif number % 2 and author != other:
            kind = chance.choice(["RATING", "REFERRAL", "WARNING"])
            link = await graph.write(
                advocacy.record, giver=author, receiver=other, kind=kind, weight=1, at=at, now=NOW
            )
            if number % 3 == 0:
                await graph.write(advocacy.retract, uid=link.uid)
        else:
            reply = chance.choice(said) if said else None
            made = await graph.write(
                mentions.record, author=author, channel="app", text="t", at=at, now=NOW, in_reply_to=reply
            )
            said.append(made.uid)
    kept_up = await _ties(graph)
    assert kept_up
    await graph.write(_forget_ties)
    assert await ties.rebuild_stale(graph) == len(people)
    assert await _ties(graph) == kept_up
    assert await ties.rebuild_stale(graph) == 0


async def _forget_ties(tx: Transaction) -> None:
    await (await tx.run("MATCH (:Customer)-[t:TIE]->() DELETE t")).consume()
    await (await tx.run("MATCH (c:Customer) SET c.tiesStale = true")).consume()


async def test_acts_of_one_author_at_once_are_all_in_the_tie(graph: Graph) -> None:
    ann, *others = await _customers(graph, 9)
    writes = [
        graph.write(advocacy.record, giver=ann, receiver=other, kind="RATING", weight=1, at=NOW, now=NOW)
        for other in others
    ]
    days = [f"2026-01-{day:02}T00:00:00.000Z" for day in range(1, 13)]
    writes += [
        graph.write(advocacy.record, giver=ann, receiver=others[0], kind="DEFENCE", weight=1, at=day, now=NOW)
        for day in days
    ]
    await asyncio.gather(*writes)
    found = await _ties(graph)
    assert set(found) == {(ann, other) for other in others}
    expected = sum(map(decayed, days)) + decayed(NOW)
    assert found[ann, others[0]].weight == pytest.approx(expected, rel=1e-12)
    assert found[ann, others[0]].days == 12
