"""One look at all that may change under a reader's eyes: what is published, runs, tallies, inboxes, tokens."""

from collections import defaultdict
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, NamedTuple

from graph.driver import Graph
from graph.publication import NAMES


class Kind(StrEnum):
    """What a topic is about."""

    PUBLICATION = "PUBLICATION"
    RUN = "RUN"
    TALLY = "TALLY"
    KEY = "KEY"
    INBOX = "INBOX"


class Topic(NamedTuple):
    """Something that can be watched: its kind, and its uid, or the name of a publication."""

    kind: Kind
    of: str


INFLUENCE = Topic(Kind.PUBLICATION, "influence")
VOTES = Topic(Kind.PUBLICATION, "tally")
PUBLICATIONS = [Topic(Kind.PUBLICATION, name) for name in NAMES]

# One statement whatever is watched, and each row of it by a unique key.
LOOK = """
UNWIND $publications AS name
MATCH (p:Publication {name: name})
RETURN 'PUBLICATION' AS kind, p.name AS of, [p.slot, p.run, p.publishedAt] AS state
UNION ALL
UNWIND $runs AS uid
MATCH (r:JobRun {uid: uid})
RETURN 'RUN' AS kind, r.uid AS of,
  [r.status, r.done, r.total, r.startedAt, r.finishedAt, r.asOf, r.message] AS state
UNION ALL
UNWIND $tallies AS uid
MATCH (x:Idea {uid: uid})
RETURN 'TALLY' AS kind, x.uid AS of,
  [x.upA, x.downA, x.passedA, x.pointsA, x.supportA, x.consensusA, x.bridgingA,
   x.divisiveA, x.risingA, x.effectiveA,
   x.upB, x.downB, x.passedB, x.pointsB, x.supportB, x.consensusB, x.bridgingB,
   x.divisiveB, x.risingB, x.effectiveB] AS state
UNION ALL
UNWIND $keys AS uid
MATCH (k:ApiKey {uid: uid})
RETURN 'KEY' AS kind, k.uid AS of, [k.revokedAt, k.expiresAt] AS state
UNION ALL
UNWIND $inboxes AS uid
MATCH (c:Customer {uid: uid})
RETURN 'INBOX' AS kind, c.uid AS of, [c.inboxTouched] AS state
"""

State = list[Any] | None


async def look(graph: Graph, topics: Iterable[Topic]) -> dict[Topic, State]:
    """The state of each topic, and of every publication; None of what is not there.

    A state is only compared with an earlier one: of a tally it holds both slots, and which of them is shown.
    """
    wanted: defaultdict[Kind, list[str]] = defaultdict(list)
    asked = {*PUBLICATIONS, *topics}
    for topic in sorted(asked):
        wanted[topic.kind].append(topic.of)
    rows = await graph.read(
        LOOK,
        publications=wanted[Kind.PUBLICATION],
        runs=wanted[Kind.RUN],
        tallies=wanted[Kind.TALLY],
        keys=wanted[Kind.KEY],
        inboxes=wanted[Kind.INBOX],
    )
    found: dict[Topic, State] = dict.fromkeys(asked)
    found |= {Topic(Kind(row["kind"]), row["of"]): row["state"] for row in rows}
    shown = (found[VOTES] or [None])[0]
    return {
        topic: [shown, *state] if state and topic.kind is Kind.TALLY else state
        for topic, state in found.items()
    }
