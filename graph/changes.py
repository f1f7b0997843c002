"""What a challenge may no longer change: rules that ideas and votes it has would be against."""

from collections.abc import Collection, Mapping
from typing import Any

from graph.driver import Transaction
from graph.errors import Closed
from graph.participation import Admit, count_outside, slots
from graph.phases import INSTANTS
from graph.rows import one

VOTES = """
MATCH (:Challenge {uid: $uid})<-[:IN_CHALLENGE]-(:Idea)<-[v:VOTED]-(:Customer)
RETURN count(v) AS votes, min(v.at) AS first, max(v.at) AS last,
       sum(CASE WHEN v.value = 1 THEN 0 ELSE 1 END) AS others
"""

# A pass is no vote for or against: it counts towards no limit.
MOST = """
MATCH (:Challenge {uid: $uid})<-[:IN_CHALLENGE]-(:Idea)<-[v:VOTED]-(c:Customer)
WITH coalesce(CASE $slot WHEN 'A' THEN c.personA WHEN 'B' THEN c.personB END, c.uid) AS person,
     sum(CASE WHEN v.value = 0 THEN 0 ELSE 1 END) AS votes, sum(coalesce(v.points, 0)) AS points
RETURN max(votes) AS voteLimit, max(points) AS pointBudget
"""

MOST_IDEAS = """
MATCH (:Challenge {uid: $uid})<-[:IN_CHALLENGE]-(i:Idea)<-[:PROPOSED]-(c:Customer)
WITH coalesce(CASE $slot WHEN 'A' THEN c.personA WHEN 'B' THEN c.personB END, c.uid) AS person,
     count(i) AS ideas
RETURN max(ideas) AS ideaLimit
"""

IDEAS = """
MATCH (:Challenge {uid: $uid})<-[:IN_CHALLENGE]-(i:Idea)
RETURN max(i.cost) AS cost,
       sum(CASE WHEN i.category IN $categories OR i.category IS NULL THEN 0 ELSE 1 END) AS outside
"""

LIMITS = {"voteLimit": "votes", "pointBudget": "points", "ideaLimit": "ideas"}


async def check_change(
    tx: Transaction,
    uid: str,
    stored: Mapping[str, Any],
    wanted: Mapping[str, Any],
    changed: Collection[str],
    admit: Admit,
) -> None:
    """Nothing if all ideas and votes of a challenge are by the rules wanted of it, as far as they changed."""
    changed = set(changed)
    if changed & {"kind", *INSTANTS[:3]}:
        votes = await one(tx, VOTES, uid=uid) or {}
        if votes.get("votes"):
            _check_kind(votes, stored.get("kind"), wanted.get("kind"))
            _check_instants(votes, wanted, changed)
    if lowered := [name for name in LIMITS if name in changed and wanted.get(name)]:
        slot = (await slots(tx)).get("influence")
        most = await one(tx, MOST, uid=uid, slot=slot) or {}
        most |= await one(tx, MOST_IDEAS, uid=uid, slot=slot) or {}
        for name in lowered:
            if (most[name] or 0) > wanted[name]:
                raise Closed(f"Somebody has {most[name]} {LIMITS[name]} already: allow as many.", field=name)
    if changed & {"categories", "costBudget"}:
        _check_ideas(await one(tx, IDEAS, uid=uid, categories=wanted.get("categories") or []) or {}, wanted)
    if "audience" in changed and wanted["audience"]:
        outside = await count_outside(tx, challenge=uid, audience=wanted["audience"], admit=admit)
        if outside:
            raise Closed(
                f"{outside} who voted are not of this audience: choose a wider one.", field="audience"
            )


def _check_kind(votes: Mapping[str, Any], before: str | None, after: str | None) -> None:
    """Approvals are votes for; votes for, against and past are approvals if all are for; points are neither."""
    before, after = before or "UP_DOWN_PASS", after or "UP_DOWN_PASS"
    fits = "POINTS" not in {before, after} and (after == "UP_DOWN_PASS" or not votes["others"])
    if before != after and not fits:
        raise Closed(f"{votes['votes']} votes are of kind {before}: keep it.", field="kind")


def _check_instants(votes: Mapping[str, Any], wanted: Mapping[str, Any], changed: Collection[str]) -> None:
    first, last = votes["first"], votes["last"]
    for name in INSTANTS[:2]:
        if name in changed and wanted.get(name) and first and first < wanted[name]:
            raise Closed(f"There is a vote of {first}: give no later {name}.", field=name)
    if "closesAt" in changed and wanted.get("closesAt") and last and last >= wanted["closesAt"]:
        raise Closed(f"There is a vote of {last}: close after it.", field="closesAt")


def _check_ideas(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    if wanted.get("categories") and found.get("outside"):
        raise Closed(f"{found['outside']} ideas are of other categories: keep those.", field="categories")
    budget = wanted.get("costBudget")
    if budget is not None and (found.get("cost") or 0) > budget:
        raise Closed(f"An idea costs {found['cost']:g}: give at least as much.", field="costBudget")
