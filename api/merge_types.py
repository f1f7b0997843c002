"""What was merged and split, by whom and why; declared as in `api.types`."""

from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import ID

from api.declare import identity, many, one, stored
from api.relay import Node
from api.scalars import DateTime
from graph.selection import Order

if TYPE_CHECKING:
    from api.idea_types import Idea

IdeaLater = Annotated["Idea", strawberry.lazy("api.idea_types")]
BY_IDEA = Order("{x}.uid")


@strawberry.type(description="Ideas that said the same, merged into one of them.")
class IdeaMerge(Node):
    """Ideas that said the same, merged into one of them."""

    id: ID = identity("IdeaMerge", "mg")
    at: DateTime = stored("{mg}.at", "When.")
    by: str = stored("{mg}.by", "The name of the key with which it was asked for.")
    reason: str = stored("{mg}.reason", "Why.")
    original: IdeaLater | None = one(
        "MATCH ({mg})-[:MERGED_INTO]->({x})", "x", "The idea that has the votes."
    )
    duplicates: list[IdeaLater] = many(
        "MATCH ({mg})-[:MERGED]->({x})", "x", "The ideas that were merged into it.", order=BY_IDEA
    )
    votes_moved_count: int = stored("{mg}.votesMoved", "People whose vote on a duplicate counts there now.")
    votes_dropped_count: int = stored("{mg}.votesDropped", "Votes of people who have a later one there.")
    followers_moved_count: int = stored("{mg}.followersMoved", "Followers it got.")
    told_count: int = stored("{mg}.told", "People whom it concerned.")
    is_moving: bool = stored(
        "coalesce({mg}.moving, false)",
        "Whether votes are still being moved, there or, once it is undone, back.",
    )
    undone_at: DateTime | None = stored("{mg}.undoneAt", "When it was undone; null if it stands.")
    undone_by: str | None = stored("{mg}.undoneBy", "The name of the key with which it was undone.")


@strawberry.type(description="An idea that said several things, and the ideas made of it.")
class IdeaSplit(Node):
    """An idea that said several things, and the ideas made of it."""

    id: ID = identity("IdeaSplit", "sp")
    at: DateTime = stored("{sp}.at", "When.")
    by: str = stored("{sp}.by", "The name of the key with which it was asked for.")
    reason: str = stored("{sp}.reason", "Why.")
    idea: IdeaLater | None = one("MATCH ({sp})-[:SPLIT]->({x})", "x", "The idea, which stays as one part.")
    parts: list[IdeaLater] = many(
        "MATCH ({sp})-[:INTO_PART]->({x})", "x", "The other parts; none once it is undone.", order=BY_IDEA
    )
    votes_copied_count: int = stored("{sp}.votesCopied", "Votes copied to the parts.")
    followers_copied_count: int = stored("{sp}.followersCopied", "Followers the parts got.")
    told_count: int = stored("{sp}.told", "People whom it concerned.")
    is_moving: bool = stored(
        "coalesce({sp}.moving, false)",
        "Whether votes and followers are still being copied or, once it is undone, taken again.",
    )
    undone_at: DateTime | None = stored("{sp}.undoneAt", "When it was undone; null if it stands.")
    undone_by: str | None = stored("{sp}.undoneBy", "The name of the key with which it was undone.")
