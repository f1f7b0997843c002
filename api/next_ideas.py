"""What to vote on next, drawn before the read that shows it."""

from typing import Any

import strawberry
from strawberry import ID

from api.audience import condition_of
from api.declare import Arguments, Searched, argument, searched
from api.idea_types import Idea
from api.plan import refused
from graph.driver import Graph
from graph.records import now
from graph.selection import Source
from jobs import routing

MOST = 20
FOUND = "UNWIND $found AS {y} MATCH ({x}:Idea {{uid: {y}.uid}}) WITH {x}, {y} ORDER BY {y}.place"


async def _find(graph: Graph, arguments: Arguments) -> list[dict[str, Any]]:
    voter, caller = arguments["voterId"], arguments["caller"]
    if caller is not None and caller != voter:
        raise refused("FORBIDDEN", "A customer acts only for themselves.")
    challenge, count = arguments["challengeId"], arguments["first"]
    found = await routing.next_ideas(
        graph, challenge=challenge, voter=voter, count=count, now=now(), admit=condition_of
    )
    return [{"uid": uid, "place": place} for place, uid in enumerate(found)]


@strawberry.type
class NextIdeaQueries:
    """What to vote on next."""

    ideas_next: list[Idea] = searched(
        Searched(
            Source(
                "UNWIND $found AS {y} MATCH ({x}:Idea {{uid: {y}.uid}}) WITH {x}, {y} ORDER BY {y}.place",
                ("x", "y"),
            ),
            _find,
            MOST,
            {"challengeId": "Challenge", "voterId": "Customer"},
        ),
        "Ideas of a challenge that somebody has not voted on, drawn so that new and telling ones come first; none if "
        "it takes no votes now, or none of theirs.",
        first=1,
        challenge_id=argument(ID, "Id of a Challenge."),
        voter_id=argument(ID, "Id of the Customer who will vote."),
    )
