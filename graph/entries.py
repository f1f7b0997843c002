"""What a challenge asks of the ideas proposed in it, and of those who propose them."""

from collections.abc import Mapping
from typing import Any

from graph import participation, phases
from graph.driver import Transaction
from graph.errors import Closed, Invalid, NotAllowed
from graph.known import Noun, require
from graph.moderation import ModeratedWhen
from graph.participation import Admit
from graph.rows import one

Rules = Mapping[str, Any]

RULES = "MATCH (h:Challenge {uid: $uid}) RETURN properties(h) AS rules"


async def require_open(tx: Transaction, *, challenge: str, now: str) -> Rules:
    """The rules of a challenge that takes ideas now; NotFound or Closed if there is none, or it does not."""
    row = await one(tx, RULES, uid=await require(tx, Noun.CHALLENGE, challenge, "challenge"))
    rules: Rules = row["rules"] if row else {}
    if not (phase := phases.phase_of(rules, now)).takes_ideas:
        opens = rules.get("opensAt") or ""
        when = f"come back at {opens}." if opens > now else "choose an open one."
        raise Closed(f"The challenge is in phase {phase} and takes no ideas: {when}", field="challenge")
    return rules


def moderated(rules: Rules) -> ModeratedWhen:
    """When a challenge is moderated: AFTER if it does not say."""
    return ModeratedWhen(rules.get("moderation") or ModeratedWhen.AFTER)


def check_idea(rules: Rules, *, category: str | None, cost: float | None) -> None:
    """Refuse an idea of no category that the challenge has, or of a cost beyond its budget."""
    known = rules.get("categories")
    if known and category not in known:
        raise Invalid(f"category is none of {', '.join(known)}: choose one of them.", field="category")
    budget = rules.get("costBudget")
    if budget is not None and (cost or 0) > budget:
        raise Invalid(f"cost is more than the budget of {budget:g}: give at most that.", field="cost")


PROPOSED = """
UNWIND $accounts AS account
MATCH (c:Customer {uid: account})-[:PROPOSED]->(i:Idea)-[:IN_CHALLENGE]->(:Challenge {uid: $challenge})
RETURN count(DISTINCT i) AS ideas
"""


async def check_author(tx: Transaction, rules: Rules, *, author: str, admit: Admit) -> None:
    """Refuse who is not of the audience, or has proposed as many ideas as each may.

    Authors are locked, so that two ideas of one person at once are counted one after the other.
    """
    await participation.check_audience(
        tx, audience=rules.get("audience"), customer=author, field="author", admit=admit
    )
    if limit := rules.get("ideaLimit"):
        accounts = await participation.hold(tx, author)
        row = await one(tx, PROPOSED, accounts=accounts, challenge=rules["uid"])
        if row and row["ideas"] >= limit:
            raise NotAllowed(f"Each may propose {limit} ideas, and all are proposed.", field="author")
