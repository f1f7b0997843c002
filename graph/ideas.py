"""Ideas that customers propose in a challenge, and how far each has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from graph import entries, validate
from graph.driver import Transaction
from graph.errors import NotAllowed, Taken
from graph.known import Noun, require_maybe
from graph.moderation import Moderation
from graph.participation import Admit, nobody
from graph.records import new_uid
from graph.rows import one, run
from graph.text import fold


class IdeaStatus(StrEnum):
    """How far an idea has come."""

    OPEN = "OPEN"
    UNDER_REVIEW = "UNDER_REVIEW"
    PLANNED = "PLANNED"
    IN_PROGRESS = "IN_PROGRESS"
    DELIVERED = "DELIVERED"
    DECLINED = "DECLINED"

    @property
    def can_be_voted(self) -> bool:
        """Votes may still change what happens."""
        return self not in {IdeaStatus.DELIVERED, IdeaStatus.DECLINED}

    @property
    def is_adopted(self) -> bool:
        """The brand has said that it does it, or has done it."""
        return self in {IdeaStatus.PLANNED, IdeaStatus.IN_PROGRESS, IdeaStatus.DELIVERED}


@dataclass(frozen=True, slots=True)
class Idea:
    """Which idea a write met, its status, and whether it was new."""

    uid: str
    external_id: str
    status: IdeaStatus
    created: bool


STORED = """
MATCH (i:Idea {externalId: $externalId})
RETURN i.uid AS uid, i.status AS status, [(i)-[:IN_CHALLENGE]->(h) | h.uid][0] AS challenge,
       [(i)<-[:PROPOSED]-(c) | c.uid][0] AS author
"""

SUBMIT = """
MATCH (h:Challenge {uid: $challenge})
CREATE (i:Idea {uid: $uid, externalId: $externalId})
SET i += $properties
CREATE (i)-[:IN_CHALLENGE]->(h)
"""

PROPOSE = """
MATCH (c:Customer {uid: $author}), (i:Idea {uid: $uid})
CREATE (c)-[:PROPOSED]->(i)
"""


async def idea_submit(
    tx: Transaction,
    *,
    challenge: str,
    author: str | None,
    title: str,
    now: str,
    body: str | None = None,
    at: str | None = None,
    category: str | None = None,
    cost: float | None = None,
    links: Sequence[str] = (),
    external_id: str | None = None,
    admit: Admit = nobody,
) -> Idea:
    """Propose an idea in a challenge that takes some, by its rules; one external id is kept once.

    Where a challenge is moderated before, an idea of a customer waits to be published.
    """
    uid = new_uid()
    key = uid if external_id is None else validate.identifier(external_id, "externalId")
    if external_id is not None and (stored := await one(tx, STORED, externalId=key)):
        if (stored["challenge"], stored["author"]) != (challenge, author):
            raise Taken(f"External id {key} belongs to another idea: give another.", field="externalId")
        return Idea(stored["uid"], key, IdeaStatus(stored["status"]), created=False)
    properties = _properties(title, body, at or now, category, cost)
    properties |= {"links": validate.links(links, "links"), "createdAt": now, "wordedAt": now}
    rules = await entries.require_open(tx, challenge=challenge, now=now)
    entries.check_idea(rules, category=properties.get("category"), cost=properties.get("cost"))
    if author is not None and entries.moderated(rules).first is Moderation.PENDING:
        properties["moderation"] = Moderation.PENDING.value
    authors = await require_maybe(tx, Noun.CUSTOMER, author, "author")
    for each in authors:
        await check_voice(tx, each, "author")
        await entries.check_author(tx, rules, author=each, admit=admit)
    await run(tx, SUBMIT, challenge=challenge, uid=uid, externalId=key, properties=properties)
    for each in authors:
        await run(tx, PROPOSE, author=each, uid=uid)
    return Idea(uid, key, IdeaStatus.OPEN, created=True)


SUSPENDED = "MATCH (c:Customer {uid: $uid}) RETURN c.suspended AS suspended"


async def check_voice(tx: Transaction, customer: str, field: str) -> None:
    """Refuse what a suspended customer would say."""
    row = await one(tx, SUSPENDED, uid=customer)
    if row and row["suspended"]:
        raise NotAllowed(f"Customer {customer} is suspended: lift the suspension first.", field=field)


def _properties(
    title: str, body: str | None, at: str, category: str | None, cost: float | None
) -> dict[str, Any]:
    shown = validate.line(title, "title")
    properties: dict[str, Any] = {
        "title": shown,
        "titleKey": fold(shown),
        "at": validate.moment(at, "at"),
        "status": IdeaStatus.OPEN.value,
    }
    if body is not None:
        properties["body"] = validate.prose(body, "body")
    if category is not None:
        properties["category"] = validate.line(category, "category")
    if cost is not None:
        properties["cost"] = validate.number(cost, "cost", low=0)
    return properties
