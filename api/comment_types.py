"""What is said of an idea, and what became of its words; declared as in `api.types`.

`{comment}` is a comment, `{revision}` a former wording, `{step}` a step of moderation.
"""

from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import ID

from api.declare import Connected, connection, identity, one, stored
from api.enums import CommentState, Moderation, SentimentLabel
from api.relay import Connection, Node
from api.scalars import DateTime
from api.types import Customer
from graph.selection import LAST, Order, Source

if TYPE_CHECKING:
    from api.idea_types import Idea

IdeaLater = Annotated["Idea", strawberry.lazy("api.idea_types")]
OLDEST = {"OLDEST": Order(f"coalesce({{comment}}.at, {LAST})", tie="{comment}.uid")}
STEPS = {"NEWEST": Order("{step}.uid", descending=True)}
REVISIONS = {"NEWEST": Order("{revision}.uid", descending=True)}


@strawberry.type(description="A wording that an idea had before.")
class IdeaRevision:
    """A wording that an idea had before."""

    title: str | None = stored("{revision}.title", "What its title was.")
    body: str | None = stored("{revision}.body", "What its text was.")
    links: list[str] | None = stored("{revision}.links", "What it was attached with.")
    replaced_at: DateTime = stored("{revision}.replacedAt", "When it was replaced.")
    edited_by: str = stored("{revision}.by", "Who replaced it: the name of their token.")
    reason: str | None = stored("{revision}.reason", "Why; given by staff.")


@strawberry.type(description="A step of moderation, or an appeal against one.")
class ModerationStep:
    """A step of moderation, or an appeal against one."""

    state: Moderation = stored("{step}.state", "The state it was in from then on.")
    at: DateTime = stored("{step}.at", "When.")
    moderated_by: str = stored("{step}.by", "Who: the name of their token.")
    reason: str | None = stored("{step}.reason", "Why; null for an appeal.")
    appeal: str | None = stored("{step}.appeal", "What the author asked, if it is an appeal.")


def steps(role: str) -> Connected:
    """The steps of moderation of what stands in this role, newest first."""
    return Connected(Source(f"MATCH ({{{role}}})-[:HAS_MODERATION]->({{step}})", ("step",)), STEPS)


@strawberry.type(description="Something that a customer said about an idea.")
class Comment(Node):
    """Something that a customer said about an idea."""

    id: ID = identity("Comment", "comment")
    text: str | None = stored("{comment}.text", "What was said; null once it is deleted.")
    links: list[str] | None = stored("{comment}.links", "Addresses that it points to.")
    at: DateTime | None = stored("{comment}.at", "When.")
    edited_at: DateTime | None = stored("{comment}.editedAt", "When its author changed it last.")
    state: CommentState = stored("{comment}.state", "Whether it is shown.")
    moderation_reason: str | None = stored("{comment}.moderationReason", "Why moderation changed its state.")
    appeal: str | None = stored("{comment}.appealText", "What its author asks, until that is answered.")
    sentiment: float | None = stored("{comment}.sentiment", "Mood, −1 to 1; null before the analysis.")
    sentiment_label: SentimentLabel | None = stored("{comment}.sentimentLabel", "The mood in a word.")
    author: Customer | None = one("MATCH ({c})-[:COMMENTED]->({comment})", "c", "Who said it.")
    idea: IdeaLater | None = one("MATCH ({comment})-[:ON_IDEA]->({x})", "x", "The idea that it was said of.")
    in_reply_to: "Comment | None" = one(
        "MATCH ({comment})-[:REPLIES_TO]->({q})", "q", "The comment it answers.", comment="q"
    )
    replies: "Connection[Comment]" = connection(
        Connected(Source("MATCH ({q})-[:REPLIES_TO]->({comment})", ("q",), {"comment": "q"}), OLDEST),
        "Answers to it, oldest first.",
    )
    moderation_steps: Connection[ModerationStep] = connection(
        steps("comment"), "What moderation did, and appeals against it, newest first."
    )
