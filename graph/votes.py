"""The votes of customers on ideas: one a person and idea, by the rules of its challenge."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph import moderation, outbox, pace, participation, phases, validate
from graph.challenges import LIMIT, VoteKind
from graph.driver import Transaction
from graph.errors import Closed, Invalid, NotAllowed, NotFound
from graph.ideas import IdeaStatus
from graph.known import Noun, require
from graph.participation import Admit, Person, nobody
from graph.rows import one, rows, run


@dataclass(frozen=True, slots=True)
class Vote:
    """What a person now says about an idea, and said before; None is no vote."""

    voter: str
    idea: str
    value: int | None
    previous: int | None
    points: int | None = None


# The voter is locked before the vote is looked at: a pair has one vote, and voters do not wait for others.
LOCK = """
MATCH (c:Customer {uid: $voter})
SET c.touched = coalesce(c.touched, 0) + 1
WITH c MATCH (i:Idea {uid: $idea})
OPTIONAL MATCH (p:Publication {name: 'influence'})
OPTIONAL MATCH (c)-[v:VOTED]->(i)
OPTIONAL MATCH (i)-[:IN_CHALLENGE]->(h)
RETURN c.suspended AS suspended, c.votesPaid AS paid, i.status AS status, i.splitting AS splitting, p.slot AS slot,
       coalesce(i.moderation, 'PUBLISHED') AS moderation,
       [(i)-[:DUPLICATE_OF]->(o) | o.uid][0] AS original,
       CASE p.slot WHEN 'A' THEN c.personA WHEN 'B' THEN c.personB END AS person,
       CASE p.slot WHEN 'A' THEN coalesce(c.trustA, 0) WHEN 'B' THEN coalesce(c.trustB, 0) END AS trust,
       v.value AS value, v.points AS points, h.uid AS challenge, h.kind AS kind, h.voteLimit AS voteLimit,
       h.pointBudget AS pointBudget, h.untrustedShare AS untrustedShare, h.audience AS audience,
       h.opensAt AS opensAt, h.voteAt AS voteAt, h.closesAt AS closesAt, h.decidedAt AS decidedAt
"""

HELD = """
UNWIND $accounts AS account
MATCH (c:Customer {uid: account})-[v:VOTED]->(i:Idea {uid: $idea})
RETURN c.uid AS voter, v.value AS value, v.points AS points
ORDER BY v.at DESC
"""

# A pass is no vote for or against: it counts towards no limit.
GIVEN = """
UNWIND $accounts AS account
MATCH (c:Customer {uid: account})-[v:VOTED]->(i:Idea)-[:IN_CHALLENGE]->(:Challenge {uid: $challenge})
WHERE i.uid <> $idea AND v.value <> 0
RETURN count(DISTINCT i) AS votes, sum(coalesce(v.points, 0)) AS points
"""

VOTE = """
MATCH (c:Customer {uid: $voter}), (i:Idea {uid: $idea})
MERGE (c)-[v:VOTED]->(i)
SET v.value = $value, v.points = $points, v.at = $now
"""

WITHDRAW = """
UNWIND $accounts AS account
MATCH (:Customer {uid: account})-[v:VOTED]->(:Idea {uid: $idea})
DELETE v
"""

PAID = "MATCH (c:Customer {uid: $person}) SET c.votesPaid = $paid"


async def cast_vote(
    tx: Transaction,
    *,
    idea: str,
    voter: str,
    value: int | None,
    now: str,
    points: int | None = None,
    admit: Admit = nobody,
    per_minute: int = 0,
) -> Vote:
    """Vote 1, −1 or 0 (a pass) on an idea, or 1 with points; change the vote, or withdraw it with None.

    A person has one vote an idea, however many accounts they have: the vote of another account takes its place.
    What changes nothing costs nothing; the rest may be `per_minute` a minute on the average (0: any number).
    """
    if value is not None and (isinstance(value, bool) or value not in {-1, 0, 1}):
        raise Invalid("value is none of -1, 0 and 1: give one of them, or null to withdraw.", field="value")
    who, what = validate.identifier(voter, "voter"), validate.identifier(idea, "idea")
    row = await one(tx, LOCK, voter=who, idea=what)
    if row is None:
        await require(tx, Noun.CUSTOMER, who, "voter")
        raise NotFound(f"There is no idea {what}: give the id of one.", field="idea")
    moderation.require_published(row["moderation"], Noun.IDEA, what)
    points = _points(row["kind"], value, points)
    _check_vote(row, who, now)
    await participation.check_audience(tx, audience=row["audience"], customer=who, field="voter", admit=admit)
    person = Person(who, [who], row["paid"])
    held = {} if row["value"] is None else {who: (row["value"], row["points"])}
    if row["person"]:
        person = await participation.hold_person(tx, person=row["person"], slot=row["slot"], account=who)
        found = await rows(tx, HELD, accounts=person.accounts, idea=what)
        held = {each["voter"]: (each["value"], each["points"]) for each in found}
    vote = Vote(who, what, value, next(iter(held.values()), (None,))[0], points)
    if held == ({} if value is None else {who: (value, points)}):
        return vote
    if value:
        await _check_limits(tx, row, person.accounts, vote)
    paid = pace.pay(person.paid, now=now, per_minute=per_minute, field="voter")
    await _save(tx, vote, [each for each in held if value is None or each != who], now)
    if paid is not None:
        await run(tx, PAID, person=person.uid, paid=paid)
    await outbox.emit_refresh(tx, idea=what, now=now)
    return vote


async def _save(tx: Transaction, vote: Vote, given_up: Sequence[str], now: str) -> None:
    if given_up:
        await run(tx, WITHDRAW, accounts=given_up, idea=vote.idea)
    if vote.value is not None:
        await run(tx, VOTE, voter=vote.voter, idea=vote.idea, value=vote.value, points=vote.points, now=now)


def _points(kind: str | None, value: int | None, points: int | None) -> int | None:
    """The points of a vote, which only votes for have, and only where points are given; else None."""
    if kind in {VoteKind.APPROVAL, VoteKind.POINTS} and value in {-1, 0}:
        raise Invalid("Here one is for an idea or says nothing: vote for it or withdraw.", field="value")
    if kind != VoteKind.POINTS or value is None:
        if points is not None:
            raise Invalid("This vote takes no points: leave them out.", field="points")
        return None
    if points is None or isinstance(points, bool) or not 1 <= points <= LIMIT:
        raise Invalid("Say how many points the idea gets, 1 or more, or withdraw.", field="points")
    return points


def _check_vote(row: Mapping[str, Any], voter: str, now: str) -> None:
    if row["suspended"]:
        raise NotAllowed(f"Customer {voter} is suspended: lift the suspension first.", field="voter")
    if row["original"]:
        raise Closed(f"The idea was merged into {row['original']}: vote on that one.", field="idea")
    if row["splitting"]:
        raise Closed("The votes of this part of an idea are being copied: vote in a moment.", field="idea")
    status = IdeaStatus(row["status"] or IdeaStatus.OPEN)
    if not status.can_be_voted:
        raise Closed(f"The idea is {status}: vote on one that is open.", field="idea")
    if not (phase := phases.phase_of(row, now)).takes_votes:
        raise Closed(f"The challenge is in phase {phase} and takes no votes: {_when(row, now)}", field="idea")


def _when(row: Mapping[str, Any], now: str) -> str:
    begins = max(row["opensAt"] or "", row["voteAt"] or "")
    return f"come back at {begins}." if begins > now else "choose an open one."


async def _check_limits(
    tx: Transaction, rules: Mapping[str, Any], accounts: Sequence[str], vote: Vote
) -> None:
    if not (rules["voteLimit"] or rules["pointBudget"]):
        return
    given = await one(tx, GIVEN, accounts=accounts, challenge=rules["challenge"], idea=vote.idea) or {}
    limit, budget, why = _allowed(rules)
    if limit is not None and (given.get("votes") or 0) >= limit:
        raise NotAllowed(
            f"Each has {limit} votes{why}, and all are given: withdraw one first.", field="voter"
        )
    if budget is not None and (vote.points or 0) > (left := budget - (given.get("points") or 0)):
        raise NotAllowed(f"{max(left, 0)} of {budget} points{why} are left: give no more.", field="points")


def _allowed(rules: Mapping[str, Any]) -> tuple[int | None, int | None, str]:
    """How many votes and points somebody has, None for any number, and why these are less than others have.

    Trust is that of the last influence run: before the first nobody has any, and all have all.
    """
    limits = rules["voteLimit"], rules["pointBudget"]
    share = rules["untrustedShare"]
    if share in (None, 1) or rules["trust"] != 0:
        return *limits, ""
    votes, points = (limit and math.ceil(round(limit * share, 6)) for limit in limits)
    return votes, points, " until somebody trusted answers them"
