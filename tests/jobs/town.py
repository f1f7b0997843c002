"""A small town of customers for tests of influence, and what a reader sees of its scores."""

import random
from collections.abc import Sequence
from typing import Any

from graph import advocacy, communities, customers, mentions, publication
from graph.driver import Graph, Transaction
from jobs.influence import InfluenceRun, run_influence
from jobs.influence.acts import ACTS
from jobs.influence.changes import BEFORE, CHANGE
from jobs.influence.describe import PARTS

NOW = "2026-03-01T00:00:00.000Z"
MEASURES = ("reach", "standing", "voice", "advocacy", "harm")
SCORES = """
MATCH (c:Customer)
RETURN c.externalId AS id, c{.*} AS properties ORDER BY id
"""
INSIDE = """
MATCH (c:Customer)-[m:MEMBER_OF]->(g:Community)
RETURN c.externalId + ' in ' + g.externalId AS id, m{.*} AS properties ORDER BY id
"""
TRUSTED = ("trust", "vouched", "trustedAdvocacy", "trustedHarm", "standingPeople")
SHOWN = (*MEASURES, *TRUSTED, "band", *PARTS, *ACTS)
MOVED = (*CHANGE, *BEFORE)


async def people(graph: Graph, count: int) -> list[str]:
    return await graph.write(join, count)


async def join(tx: Transaction, count: int) -> list[str]:
    made = [
        await customers.upsert(tx, now=NOW, fields={}, external_id=f"c{number:02}") for number in range(count)
    ]
    return [customer.uid for customer in made]


async def town(graph: Graph, *, before: str = "9999") -> list[str]:
    """Twelve customers in two communities, and whatever they did before an instant."""
    return await graph.write(build, before)


async def build(tx: Transaction, before: str) -> list[str]:
    people, groups = await join(tx, 12), []
    for number in (0, 1):
        made = await communities.upsert(tx, now=NOW, fields={"name": "g"}, external_id=f"g{number}")
        groups.append(made.uid)
    for number, person in enumerate(people[:10]):
        for group in {groups[number % 2], groups[number // 5]}:
            await communities.join(tx, customer=person, community=group, now=NOW)
    chance, said = random.Random(3), list[str]()
    for number in range(80):
        at = f"2026-0{1 + number // 50}-{1 + number // 5 % 28:02}T{number % 24:02}:00:00.000Z"
        dated = None if number in (0, 17, 34) else at
        if dated is None or dated <= before:
            await act(tx, number, dated, people, groups, said, chance)
    return people


async def act(
    tx: Transaction,
    number: int,
    at: str | None,
    people: list[str],
    groups: list[str],
    said: list[str],
    chance: random.Random,
) -> None:
    source, target = chance.sample(people, 2)
    mood, key = round(chance.uniform(-1, 1), 2), f"a{number:02}"
    if number % 2 == 0:
        kind = chance.choice(list(advocacy.AdvocacyKind))
        await advocacy.record(
            tx, giver=source, receiver=target, kind=kind, weight=mood, at=at, now=NOW, external_id=key
        )
        return
    made = await mentions.record(
        tx,
        author=source,
        channel="app",
        text="t",
        at=at,
        now=NOW,
        in_reply_to=chance.choice(said) if said else None,
        names=[target] if number % 3 == 0 else [],
        community=chance.choice([None, *groups]),
        sentiment=mood,
        external_id=key,
    )
    said.append(made.uid)


async def run(graph: Graph, **given: Any) -> InfluenceRun:
    found = await run_influence(graph, grace=0, **given)
    assert found is not None
    return found


async def published(
    graph: Graph, query: str = SCORES, names_of: Sequence[str] = SHOWN
) -> dict[str, dict[str, Any]]:
    """What a reader sees of these names: the published slot, with customers by external id."""
    shown = await publication.current(graph, "influence")
    slot = shown.slot if shown else "A"
    names = {
        row["uid"]: row["id"]
        for row in await graph.read("MATCH (c:Customer) RETURN c.uid AS uid, c.externalId AS id")
    }
    found = {}
    for row in await graph.read(query):
        kept = {
            key[:-1]: value
            for key, value in row["properties"].items()
            if key.endswith(slot) and key[:-1] in names_of
        }
        if kept.get("partFrom"):
            kept["partFrom"] = [names.get(uid, uid) for uid in kept["partFrom"]]
        found[row["id"]] = kept
    return found
