"""The ideas of a challenge that somebody may still vote on, and what is published of them, as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graph import phases, publication
from graph.driver import Graph
from graph.ideas import IdeaStatus

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
VOTABLE = [status.value for status in IdeaStatus if status.can_be_voted]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Ideas as parallel arrays; `divisive`, 0 to 1, is 0 where it is not known. `hidden`: votes tell nobody yet."""

    uids: Sequence[str]
    up: Ints
    down: Ints
    passed: Ints
    divisive: Floats
    hidden: bool


RULES = "MATCH (h:Challenge {uid: $uid}) RETURN properties(h) AS rules"

CANDIDATES = """
MATCH (:Challenge {uid: $challenge})<-[:IN_CHALLENGE]-(i:Idea)
WHERE coalesce(i.status, 'OPEN') IN $votable AND NOT EXISTS { (i)-[:DUPLICATE_OF]->() }
RETURN collect(i.uid) AS uids,
       collect(coalesce(CASE $slot WHEN 'A' THEN i.upA WHEN 'B' THEN i.upB END, 0)) AS up,
       collect(coalesce(CASE $slot WHEN 'A' THEN i.downA WHEN 'B' THEN i.downB END, 0)) AS down,
       collect(coalesce(CASE $slot WHEN 'A' THEN i.passedA WHEN 'B' THEN i.passedB END, 0)) AS passed,
       collect(coalesce(CASE $slot WHEN 'A' THEN i.divisiveA WHEN 'B' THEN i.divisiveB END, 0.0)) AS divisive
"""

ACCOUNTS = """
MATCH (c:Customer {uid: $voter})
WITH c, CASE $slot WHEN 'A' THEN c.personA WHEN 'B' THEN c.personB END AS person WHERE person IS NOT NULL
MATCH (r:Customer {uid: person})
RETURN CASE $slot WHEN 'A' THEN r.accountsA ELSE r.accountsB END AS accounts
"""

VOTED = """
UNWIND $accounts AS account
MATCH (c:Customer {uid: account})-[:VOTED]->(i:Idea)-[:IN_CHALLENGE]->(:Challenge {uid: $challenge})
RETURN collect(DISTINCT i.uid) AS voted
"""


async def read_candidates(graph: Graph, *, challenge: str, voter: str, now: str) -> Candidates | None:
    """What a person has not voted on with any account; None if the challenge takes no votes now."""
    found = await graph.read_one(RULES, uid=challenge)
    if found is None or not phases.phase_of(found["rules"], now).takes_votes:
        return None
    slots = await publication.slots(graph)
    row = await graph.read_one(CANDIDATES, challenge=challenge, votable=VOTABLE, slot=slots.get("tally"))
    person = await graph.read_one(ACCOUNTS, voter=voter, slot=slots.get("influence"))
    accounts = sorted({voter, *((person["accounts"] or ()) if person else ())})
    given = await graph.read_one(VOTED, accounts=accounts, challenge=challenge)
    voted = set(given["voted"]) if given else set()
    if row is None:
        return None
    left = [place for place, uid in enumerate(row["uids"]) if uid not in voted]
    up, down, passed = (np.array(row[name], dtype=np.int64)[left] for name in ("up", "down", "passed"))
    divisive = np.array(row["divisive"], dtype=np.float64)[left]
    uids = [row["uids"][place] for place in left]
    return Candidates(uids, up, down, passed, divisive, bool(found["rules"].get("hidesTally")))
