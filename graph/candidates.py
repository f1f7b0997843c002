"""The ideas of a challenge that votes may be given on, what is published of them, and who voted on which."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graph import phases, publication
from graph.driver import Graph
from graph.entries import RULES
from graph.ideas import IdeaStatus
from graph.moderation import Moderation
from graph.participation import Admit, Condition

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
CLOSED = [status.value for status in IdeaStatus if not status.can_be_voted]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Ideas as parallel arrays; `divisive`, 0 to 1, is 0 where it is not known."""

    uids: Sequence[str]
    up: Ints
    down: Ints
    passed: Ints
    divisive: Floats


async def hides_tally(graph: Graph, *, challenge: str, voter: str, now: str, admit: Admit) -> bool | None:
    """Whether a challenge hides its tally; None if it takes no votes now, or none of this voter."""
    found = await graph.read_one(RULES, uid=challenge)
    if found is None or not phases.phase_of(found["rules"], now).takes_votes:
        return None
    if not await _is_asked(graph, found["rules"].get("audience"), voter, admit):
        return None
    return bool(found["rules"].get("hidesTally"))


ASKED = "MATCH (c:Customer {{uid: $uid}}) WHERE NOT coalesce(c.suspended, false) AND ({condition}) RETURN c.uid AS uid"


async def _is_asked(graph: Graph, audience: str | None, voter: str, admit: Admit) -> bool:
    """Whether somebody may vote in a challenge with this audience: who is in it and not suspended."""
    asked = Condition("true", {}) if audience is None else admit(audience)
    condition = publication.in_slots(asked.text, await publication.slots(graph))
    return await graph.read_one(ASKED.format(condition=condition), uid=voter, **asked.parameters) is not None


CANDIDATES = """
MATCH (h:Challenge {uid: $challenge})
MATCH (h)<-[:IN_CHALLENGE]-(i)
RETURN collect(CASE $slot
  WHEN 'A' THEN [i.uid, i.status, i.moderation, i.upA, i.downA, i.passedA, i.divisiveA]
  WHEN 'B' THEN [i.uid, i.status, i.moderation, i.upB, i.downB, i.passedB, i.divisiveB]
  ELSE [i.uid, i.status, i.moderation, 0, 0, 0, 0] END) AS ideas
"""

# A condition on every idea would cost the embedded engine more than all the rest.
MERGED = """
MATCH (h:Challenge {uid: $challenge})
MATCH (h)<-[:IN_CHALLENGE]-(i)-[:DUPLICATE_OF]->()
RETURN collect(i.uid) AS merged
"""


async def read_candidates(graph: Graph, *, challenge: str) -> Candidates:
    """All ideas of a challenge that may be voted on: published ones that are not decided."""
    slot = (await publication.slots(graph)).get("tally")
    row = await graph.read_one(CANDIDATES, challenge=challenge, slot=slot)
    gone = await graph.read_one(MERGED, challenge=challenge)
    merged = set(gone["merged"]) if gone else set()
    kept = [
        each
        for each in (row["ideas"] if row else ())
        if each[0] not in merged and each[1] not in CLOSED and each[2] in {None, Moderation.PUBLISHED}
    ]
    table = np.array([[value or 0 for value in each[3:]] for each in kept], dtype=np.float64).reshape(-1, 4)
    up, down, passed = table[:, :3].astype(np.int64).T
    return Candidates([each[0] for each in kept], up, down, passed, table[:, 3])


ACCOUNTS = """
MATCH (c:Customer {uid: $voter})
WITH CASE $slot WHEN 'A' THEN c.personA WHEN 'B' THEN c.personB END AS person WHERE person IS NOT NULL
MATCH (r:Customer {uid: person})
RETURN CASE $slot WHEN 'A' THEN r.accountsA ELSE r.accountsB END AS accounts
"""

VOTED = """
UNWIND $accounts AS account
MATCH (c:Customer {uid: account})-[:VOTED]->(i:Idea)-[:IN_CHALLENGE]->(:Challenge {uid: $challenge})
RETURN collect(DISTINCT i.uid) AS voted
"""


async def read_voted(graph: Graph, *, challenge: str, voter: str) -> set[str]:
    """The ideas of a challenge that a person has voted on, with whichever account."""
    slot = (await publication.slots(graph)).get("influence")
    person = await graph.read_one(ACCOUNTS, voter=voter, slot=slot)
    accounts = sorted({voter, *((person["accounts"] or ()) if person else ())})
    given = await graph.read_one(VOTED, accounts=accounts, challenge=challenge)
    return set(given["voted"]) if given else set()
