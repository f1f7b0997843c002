"""A community of any size, equal for equal sizes: skewed, so that the best advocates are also the busiest."""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from graph.driver import Graph, Transaction

Row = dict[str, Any]

CUSTOMERS = 20_000
BATCH = 10_000
START = datetime(2026, 1, 1, tzinfo=UTC)
STAMP = "2026-01-01T00:00:00.000Z"
CITIES = ["İstanbul", "Ankara", "İzmir", "Bursa", "Antalya", "Adana", "Konya", "Gaziantep"]
CHANNELS = ["EMAIL", "REVIEW", "FORUM", "CHAT", "SOCIAL"]
KINDS = ["RECOMMENDATION", "REFERRAL", "DEFENCE", "WARNING", "RATING"]
ROLES = ["MEMBER", "MEMBER", "MEMBER", "MODERATOR", "LEADER"]
SENTENCE = (
    "the delivery came late but support answered fast and the new shoes fit well so thank you team "
    "great price poor box would buy again"
)
WORDS = SENTENCE.split()

CREATE_CUSTOMERS = "UNWIND $rows AS row CREATE (c:Customer) SET c = row"
CREATE_COMMUNITIES = "UNWIND $rows AS row CREATE (g:Community) SET g = row"
CREATE_MEMBERSHIPS = """
UNWIND $rows AS row
MATCH (c:Customer {uid: row.customer}) MATCH (g:Community {uid: row.community})
CREATE (c)-[:MEMBER_OF {community: g.uid, role: row.role, since: row.since,
                        reachA: c.reachA, advocacyA: c.advocacyA}]->(g)
"""
CREATE_MENTIONS = """
UNWIND $rows AS row
MATCH (c:Customer {uid: row.author})
CREATE (c)-[:WROTE]->(m:Mention) SET m = row.mention SET m.author = c.uid
"""
CREATE_ADVOCACY = """
UNWIND $rows AS row
MATCH (f:Customer {uid: row.from}) MATCH (t:Customer {uid: row.to})
CREATE (f)-[a:ADVOCATED]->(t) SET a = row.act
"""
PUBLISH = """
CREATE (:JobRun {uid: $run, kind: 'INFLUENCE', status: 'SUCCEEDED', queuedAt: $at, startedAt: $at,
                 finishedAt: $at, asOf: $at, done: 1, total: 1})
MERGE (p:Publication {name: 'influence'})
SET p.slot = 'A', p.run = $run, p.publishedAt = $at, p.asOf = $at
"""


@dataclass(frozen=True, slots=True)
class Community:
    """The rows of the whole graph, by the statement that creates them."""

    customers: list[Row]
    communities: list[Row]
    memberships: list[Row]
    mentions: list[Row]
    advocacy: list[Row]


def community(customers: int = CUSTOMERS, seed: int = 7) -> Community:
    """1 % as many communities, three memberships, ten mentions and five acts of advocacy a customer."""
    chance = random.Random(seed)
    people = [_customer(chance, rank) for rank in range(customers)]
    groups = [_community(chance, number) for number in range(max(customers // 100, 20))]
    pairs: set[tuple[int, int]] = set()
    while len(pairs) < customers * 3:
        pairs.add((chance.randrange(customers), int(len(groups) * chance.random() ** 1.3)))
    return Community(
        people,
        groups,
        [_membership(chance, people[c]["uid"], groups[g]["uid"]) for c, g in sorted(pairs)],
        [_mention(chance, _busy(chance, people)) for _ in range(customers * 10)],
        [_act(chance, _busy(chance, people), chance.choice(people)) for _ in range(customers * 5)],
    )


async def load(graph: Graph, rows: Community) -> None:
    """Write the community into an empty, migrated graph and publish its scores."""
    for statement, table in (
        (CREATE_CUSTOMERS, rows.customers),
        (CREATE_COMMUNITIES, rows.communities),
        (CREATE_MEMBERSHIPS, rows.memberships),
        (CREATE_MENTIONS, rows.mentions),
        (CREATE_ADVOCACY, rows.advocacy),
    ):
        for batch in _batches(table):
            await graph.write(_run, statement, {"rows": batch})
    await graph.write(_run, PUBLISH, {"run": str(uuid.UUID(int=1)), "at": STAMP})


async def _run(tx: Transaction, statement: str, parameters: Row) -> None:
    await (await tx.run(statement, **parameters)).consume()


def _batches(rows: list[Row]) -> Iterator[list[Row]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


def _uid(chance: random.Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def _busy(chance: random.Random, people: list[Row]) -> Row:
    return people[int(len(people) * chance.random() ** 1.5)]


def _instant(chance: random.Random) -> str:
    moment = START + timedelta(milliseconds=chance.randrange(300 * 86_400_000))
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _customer(chance: random.Random, rank: int) -> Row:
    uid, fame = _uid(chance), 20 / (1 + rank / 40)
    return {
        "uid": uid,
        "externalId": f"c{rank:05d}",
        "name": f"Customer {rank:05d}",
        "nameKey": f"customer {rank:05d}",
        "city": chance.choice(CITIES),
        "kind": "PERSON",
        "suspended": False,
        "createdAt": STAMP,
        "reachA": round(fame + chance.random(), 6),
        "standingA": round(chance.uniform(-1, 1), 6),
        "voiceA": round(chance.uniform(0.1, 1), 6),
        "advocacyA": round(fame * chance.uniform(0.9, 1.1) + chance.random() / 1e3, 6),
        "harmA": 0.0,
    }


def _community(chance: random.Random, number: int) -> Row:
    name = f"Community {number:03d}"
    return {
        "uid": _uid(chance),
        "externalId": f"g{number:03d}",
        "name": name,
        "nameKey": name.lower(),
        "kind": "DECLARED",
        "createdAt": STAMP,
    }


def _membership(chance: random.Random, customer: str, group: str) -> Row:
    return {"customer": customer, "community": group, "role": chance.choice(ROLES), "since": STAMP}


def _mention(chance: random.Random, author: Row) -> Row:
    uid, text = _uid(chance), " ".join(chance.choices(WORDS, k=chance.randint(8, 24)))
    sentiment = round(chance.uniform(-1, 1), 3)
    mention = {
        "uid": uid,
        "externalId": uid,
        "channel": chance.choice(CHANNELS),
        "text": text,
        "textKey": text,
        "at": _instant(chance),
        "createdAt": STAMP,
        "sentiment": sentiment,
        "sentimentLabel": "POSITIVE" if sentiment > 0 else "NEGATIVE",
        "language": "en",
        "noise": False,
    }
    return {"author": author["uid"], "mention": mention}


def _act(chance: random.Random, giver: Row, receiver: Row) -> Row:
    uid = _uid(chance)
    act = {
        "uid": uid,
        "externalId": uid,
        "kind": chance.choice(KINDS),
        "weight": round(chance.uniform(-1, 1), 6),
        "at": _instant(chance),
        "createdAt": STAMP,
    }
    return {"from": giver["uid"], "to": receiver["uid"], "act": act}
