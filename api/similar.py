"""Ideas that are like what somebody types, searched for before the read that shows them.

`{likeness}` is what the search found of one: a map.
"""

from typing import Any

import strawberry
from strawberry import ID

from api.declare import Arguments, Searched, argument, searched, seen, stored
from api.idea_types import Idea
from api.plan import refused
from graph.driver import Graph
from graph.selection import Source
from jobs.similar import Similar, similar_ideas, similar_to

MOST = 20
LONGEST = 500


async def _find(graph: Graph, arguments: Arguments) -> list[dict[str, Any]]:
    text, idea, count = arguments.get("text"), arguments.get("ideaId"), arguments["first"]
    if idea is not None and text is None:
        return [_row(found) for found in await similar_to(graph, idea, count=count)]
    if text is None or idea is not None:
        raise refused("BAD_ARGUMENT", "Give a text or an ideaId, not both.")
    challenge = arguments.get("challengeId")
    return [
        _row(each) for each in await similar_ideas(graph, text[:LONGEST], challenge=challenge, count=count)
    ]


def _row(found: Similar) -> dict[str, Any]:
    return {"idea": found.idea, "similarity": found.similarity, "words": list(found.words)}


@strawberry.type(description="An idea that is like a text, and what in it is.")
class SimilarIdea:
    """An idea that is like a text, and what in it is."""

    idea: Idea = seen("The idea.", x="{x}")
    similarity: float = stored(
        "{likeness}.similarity", "How much of what the text tells is in the idea, 0 to 1."
    )
    words: list[str] = stored("{likeness}.words", "The words of its title that are like words of the text.")


@strawberry.type
class SimilarQueries:
    """Ideas that are like what somebody types."""

    ideas_similar: list[SimilarIdea] = searched(
        Searched(
            Source(
                "UNWIND $found AS {likeness} MATCH ({x}:Idea {{uid: {likeness}.idea}})", ("likeness", "x")
            ),
            _find,
            MOST,
            {"challengeId": "Challenge", "ideaId": "Idea"},
        ),
        "Published ideas that are like a text as far as it is typed, or like another idea of its challenge; the most "
        "alike first.",
        first=5,
        text=argument(
            str | None, "What is typed; its first 500 characters count, and its last word may go on."
        ),
        idea_id=argument(ID | None, "Id of an Idea, in place of a text."),
        challenge_id=argument(ID | None, "Only those of this Challenge."),
    )
