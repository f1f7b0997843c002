"""Comments on ideas: said, changed, taken back."""

import strawberry
from strawberry import ID, UNSET, Info

from api.comment_types import Comment
from api.declare import Connected, connection, mutation
from api.filters import CommentFilter
from api.idea_types import Idea
from api.relay import Connection
from api.writes import IdempotencyKey, Left, UserError, given, own, perform, uid, uid_or_none
from graph import comments
from graph.driver import Transaction
from graph.records import now
from graph.selection import Order, Source
from graph.tokens import Role


@strawberry.input(description="A comment to add.")
class CommentAddInput:
    """A comment to add."""

    idea_id: ID = strawberry.field(description="The idea it is about.")
    author_id: ID = strawberry.field(description="Who says it.")
    text: str = strawberry.field(description="What is said.")
    reply_to_id: ID | None = strawberry.field(
        default=UNSET, description="The comment that it answers; three replies deep at most."
    )
    links: list[str] | None = strawberry.field(
        default=UNSET, description="Addresses that begin with https://, at most 10."
    )


@strawberry.input(description="A comment in other words.")
class CommentEditInput:
    """A comment in other words."""

    comment_id: ID = strawberry.field(description="The comment.")
    author_id: ID = strawberry.field(description="Who said it.")
    text: str = strawberry.field(description="What is said now.")


@strawberry.input(description="A comment to delete.")
class CommentDeleteInput:
    """A comment to delete."""

    comment_id: ID = strawberry.field(description="The comment.")
    author_id: ID | None = strawberry.field(
        default=UNSET, description="Who said it; left out by staff, who may delete any."
    )


@strawberry.type
class _Payload:
    """What came of a mutation of a comment."""

    comment: Comment | None = strawberry.field(description="The comment.")
    idea: Idea | None = strawberry.field(description="The idea it is about.")
    errors: list[UserError] = strawberry.field(description="Why nothing was changed.")


@strawberry.type(description="What came of commentAdd.")
class CommentAddPayload(_Payload):
    """What came of commentAdd."""


@strawberry.type(description="What came of commentEdit.")
class CommentEditPayload(_Payload):
    """What came of commentEdit."""


@strawberry.type(description="What came of commentDelete.")
class CommentDeletePayload(_Payload):
    """What came of commentDelete."""


def _left(kept: comments.Comment) -> Left:
    return {"comment": kept.uid, "idea": kept.idea}


@strawberry.type
class CommentQueries:
    """Comments by filter."""

    comments: Connection[Comment] = connection(
        Connected(
            Source("MATCH ({comment}:Comment)", ("comment",)),
            {"OLDEST": Order("{comment}.uid")},
            "CommentFilter",
        ),
        "Comments on all ideas, oldest first: those that wait for a moderator, for instance.",
        filter=CommentFilter,
    )


@strawberry.type
class CommentMutations:
    """Adds, changes and deletes comments."""

    @mutation("Say something about an idea, or about a comment on it.")
    async def comment_add(
        self, info: Info, input: CommentAddInput, idempotency_key: IdempotencyKey = None
    ) -> CommentAddPayload:
        """Say something about an idea."""

        async def act(tx: Transaction) -> Left:
            kept = await comments.comment_add(
                tx,
                idea=uid(input.idea_id, "Idea", "ideaId"),
                author=own(info, uid(input.author_id, "Customer", "authorId")),
                text=input.text,
                now=now(),
                reply_to=uid_or_none(input.reply_to_id, "Comment", "replyToId"),
                links=given(input.links) or (),
            )
            return _left(kept)

        payload: CommentAddPayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Put a comment in other words.")
    async def comment_edit(
        self, info: Info, input: CommentEditInput, idempotency_key: IdempotencyKey = None
    ) -> CommentEditPayload:
        """Put a comment in other words."""

        async def act(tx: Transaction) -> Left:
            author = own(info, uid(input.author_id, "Customer", "authorId"))
            comment = uid(input.comment_id, "Comment", "commentId")
            return _left(
                await comments.comment_edit(tx, comment=comment, author=author, text=input.text, now=now())
            )

        payload: CommentEditPayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Delete the text of a comment; its place stays.")
    async def comment_delete(
        self, info: Info, input: CommentDeleteInput, idempotency_key: IdempotencyKey = None
    ) -> CommentDeletePayload:
        """Delete the text of a comment."""

        async def act(tx: Transaction) -> Left:
            author = uid_or_none(input.author_id, "Customer", "authorId")
            if info.context.caller.role is Role.CUSTOMER:
                own(info, author or "")
            comment = uid(input.comment_id, "Comment", "commentId")
            return _left(await comments.comment_delete(tx, comment=comment, author=author, now=now()))

        payload: CommentDeletePayload = await perform(info, act, input, idempotency_key)
        return payload
