"""The votes of customers on ideas."""

from dataclasses import dataclass
from typing import Any

from graph import challenges, outbox, validate
from graph.driver import Transaction
from graph.errors import Closed, Invalid, NotAllowed, NotFound
from graph.ideas import IdeaStatus
from graph.known import Noun, require
from graph.outbox import EventKind
from graph.rows import one, run


@dataclass(frozen=True, slots=True)
class Vote:
    """What a customer now says about an idea, and said before; None is no vote."""

    voter: str
    idea: str
    value: int | None
    previous: int | None


# The voter is locked before the vote is looked at: a pair has one vote, and voters do not wait for others.
LOCK = """
MATCH (c:Customer {uid: $voter})
SET c.touched = coalesce(c.touched, 0) + 1
WITH c MATCH (i:Idea {uid: $idea})
OPTIONAL MATCH (c)-[v:VOTED]->(i)
OPTIONAL MATCH (i)-[:IN_CHALLENGE]->(h)
RETURN c.suspended AS suspended, i.status AS status, v.value AS previous,
       h.opensAt AS opensAt, h.closesAt AS closesAt
"""

VOTE = """
MATCH (c:Customer {uid: $voter}), (i:Idea {uid: $idea})
MERGE (c)-[v:VOTED]->(i)
SET v.value = $value, v.at = $now
"""

WITHDRAW = """
MATCH (:Customer {uid: $voter})-[v:VOTED]->(:Idea {uid: $idea})
DELETE v
"""


async def cast_vote(tx: Transaction, *, idea: str, voter: str, value: int | None, now: str) -> Vote:
    """Vote 1, −1 or 0 (a pass) on an idea, change the vote, or withdraw it with None."""
    if value is not None and (isinstance(value, bool) or value not in {-1, 0, 1}):
        raise Invalid("value is none of -1, 0 and 1: give one of them, or null to withdraw.", field="value")
    who, what = validate.identifier(voter, "voter"), validate.identifier(idea, "idea")
    row = await one(tx, LOCK, voter=who, idea=what)
    if row is None:
        await require(tx, Noun.CUSTOMER, who, "voter")
        raise NotFound(f"There is no idea {what}: give the id of one.", field="idea")
    _check_vote(row, who, now)
    vote = Vote(who, what, value, row["previous"])
    if vote.value == vote.previous:
        return vote
    await (
        run(tx, WITHDRAW, voter=who, idea=what)
        if value is None
        else run(tx, VOTE, voter=who, idea=what, value=value, now=now)
    )
    await outbox.emit(tx, kind=EventKind.TALLY_REFRESH, payload={"idea": what}, now=now, key=f"tally:{what}")
    return vote


def _check_vote(row: dict[str, Any], voter: str, now: str) -> None:
    if row["suspended"]:
        raise NotAllowed(f"Customer {voter} is suspended: lift the suspension first.", field="voter")
    status = IdeaStatus(row["status"] or IdeaStatus.OPEN)
    if not status.can_be_voted:
        raise Closed(f"The idea is {status}: vote on one that is open.", field="idea")
    challenges.check_open(row, now)
