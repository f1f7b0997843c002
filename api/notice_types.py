"""Notices, inboxes and consents; declared as in `api.types`.

`{notice}` is a notice, `{entry}` its place in an inbox, `{sent}` what was to be sent of it, `{consent}` a step.
"""

from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import ID

from api.declare import Connected, connection, identity, one, seen, stored
from api.notice_enums import (
    Channel,
    ConsentPurpose,
    ConsentState,
    NoticeKind,
    Pace,
    UndeliveredReason,
)
from api.relay import Connection, Node
from api.scalars import DateTime
from graph.selection import Order, Source

if TYPE_CHECKING:
    from api.comment_types import Comment
    from api.idea_types import Challenge, Idea
    from api.types import Customer

CustomerLater = Annotated["Customer", strawberry.lazy("api.types")]
ChallengeLater = Annotated["Challenge", strawberry.lazy("api.idea_types")]
CommentLater = Annotated["Comment", strawberry.lazy("api.comment_types")]
IdeaLater = Annotated["Idea", strawberry.lazy("api.idea_types")]


def _deliveries(state: str) -> str:
    return f"COUNT {{{{ ({{notice}})<-[:TELLS]-(told) WHERE told.state = '{state}' }}}}"


@strawberry.type(description="A customer who was not reached on a channel.")
class Undelivered:
    """A customer who was not reached on a channel."""

    customer: CustomerLater = seen("Who it is.", c="{c}")
    channel: Channel = stored("{sent}.channel", "The channel.")
    reason: UndeliveredReason = stored("{sent}.reason", "Why.")
    error: str | None = stored("{sent}.error", "What the other side said last.")
    attempt_count: int = stored("{sent}.attempts", "How often it was tried.")


@strawberry.type(
    description="Something that became of an idea or a challenge, told once to everybody it concerns."
)
class Notice(Node):
    """Something that became of an idea or a challenge, told once to everybody it concerns."""

    id: ID = identity("Notice", "notice")
    kind: NoticeKind = stored("{notice}.kind", "What it was.")
    at: DateTime = stored("{notice}.at", "When it was announced.")
    text: str | None = stored("{notice}.text", "The answer, or the reason, as it was then.")
    status: str | None = stored(
        "{notice}.status", "What the idea came to, or what moderation made of it: PUBLISHED, HELD or HIDDEN."
    )
    idea: IdeaLater | None = one(
        "MATCH ({notice})-[:ABOUT_IDEA]->({x})", "x", "The idea; null if it is about a challenge."
    )
    comment: CommentLater | None = one(
        "MATCH ({notice})-[:ABOUT_COMMENT]->({comment})", "comment", "The comment that was moderated."
    )
    challenge: ChallengeLater | None = one(
        "MATCH ({notice})-[:ABOUT_CHALLENGE]->({h})", "h", "The challenge that is decided."
    )
    spread_at: DateTime | None = stored(
        "{notice}.spreadAt", "When all inboxes had it; null while that goes on."
    )
    heard_count: int | None = stored(
        "COUNT {{ ({notice})<-[:OF]-() }}", "How many customers have it in their inbox."
    )
    sent_count: int | None = stored(_deliveries("SENT"), "How many e-mails and calls were accepted.")
    waiting_count: int | None = stored(_deliveries("WAITING"), "How many are still to be sent.")
    failed_count: int | None = stored(_deliveries("FAILED"), "How many failed for good.")
    undelivered: Connection[Undelivered] = connection(
        Connected(
            Source(
                "MATCH ({notice})<-[:TELLS]-({sent})<-[:IS_SENT]-({c})",
                ("sent", "c"),
                where=("{sent}.state IN ['FAILED', 'SKIPPED']",),
            ),
            {"NEWEST": Order("{sent}.uid", descending=True, tie="{c}.uid")},
        ),
        "Who was not reached on a channel, and why; the latest first.",
    )


@strawberry.type(description="A notice in somebody's inbox.")
class InboxEntry(Node):
    """A notice in somebody's inbox."""

    id: ID = identity("InboxEntry", "entry")
    at: DateTime = stored("{entry}.at", "Since when it is there.")
    read_at: DateTime | None = stored("{entry}.readAt", "When it was read; null: not yet.")
    notice: Notice | None = one("MATCH ({entry})-[:OF]->({notice})", "notice", "The notice.")


@strawberry.type(description="A consent, or its withdrawal: none is ever changed.")
class Consent(Node):
    """A consent, or its withdrawal: none is ever changed."""

    id: ID = identity("Consent", "consent")
    purpose: ConsentPurpose = stored("{consent}.purpose", "What they are told of.")
    channel: Channel = stored("{consent}.channel", "Where.")
    state: ConsentState = stored("{consent}.state", "Whether it holds from then on.")
    pace: Pace | None = stored("{consent}.pace", "How often at most; null where it is withdrawn.")
    at: DateTime = stored("{consent}.at", "Since when.")
    wording: str | None = stored("{consent}.wording", "The words they consented to.")
    proof: str | None = stored("{consent}.proof", "What proves it: a form, a message, a recording.")
    by: str | None = stored("{consent}.by", "Who recorded it: the name of their token, or the link.")


@strawberry.type(description="What somebody is told of ideas, and what they consented to.")
class Inbox:
    """What somebody is told of ideas, and what they consented to."""

    unread_count: int | None = stored(
        "COUNT {{ ({c})-[:HEARS]->(unread) WHERE unread.readAt IS NULL }}", "How many entries are unread."
    )
    entries: Connection[InboxEntry] = connection(
        Connected(
            Source("MATCH ({c})-[:HEARS]->({entry})", ("entry",)),
            {"NEWEST": Order("{entry}.uid", descending=True)},
        ),
        "The entries, newest first.",
    )
    consents: Connection[Consent] = connection(
        Connected(
            Source("MATCH ({c})-[:GAVE]->({consent})", ("consent",)),
            {"NEWEST": Order("{consent}.uid", descending=True)},
        ),
        "Every consent and withdrawal, newest first: the first of a channel holds.",
    )
