"""Moderation of ideas and comments, and appeals against it."""

import strawberry
from strawberry import ID, UNSET, Info

from api.comment_types import Comment
from api.declare import mutation
from api.enums import Moderation
from api.idea_types import Idea
from api.scalars import DateTime
from api.writes import IdempotencyKey, Left, UserError, given, named, own, perform, uid
from graph import moderation
from graph.driver import Transaction
from graph.known import Noun
from graph.records import now

READ_AT = "When you read it: if its words were changed since, it is CONFLICT and nothing is decided."


@strawberry.input(description="What moderation decides of an idea.")
class IdeaModerateInput:
    """What moderation decides of an idea."""

    idea_id: ID = strawberry.field(description="The idea.")
    state: Moderation = strawberry.field(description="Whether customers see it from now on.")
    reason: str = strawberry.field(description="Why: its author reads it, also as the answer to an appeal.")
    read_at: DateTime | None = strawberry.field(default=UNSET, description=READ_AT)


@strawberry.input(description="What moderation decides of a comment.")
class CommentModerateInput:
    """What moderation decides of a comment."""

    comment_id: ID = strawberry.field(description="The comment.")
    state: Moderation = strawberry.field(description="Whether customers see it from now on.")
    reason: str = strawberry.field(description="Why: its author reads it, also as the answer to an appeal.")
    read_at: DateTime | None = strawberry.field(default=UNSET, description=READ_AT)


@strawberry.input(description="An author's appeal for an idea that is held or hidden.")
class IdeaAppealInput:
    """An author's appeal for an idea."""

    idea_id: ID = strawberry.field(description="The idea.")
    author_id: ID = strawberry.field(description="Who proposed it.")
    text: str = strawberry.field(description="Why it should be shown.")


@strawberry.input(description="An author's appeal for a comment that is held or hidden.")
class CommentAppealInput:
    """An author's appeal for a comment."""

    comment_id: ID = strawberry.field(description="The comment.")
    author_id: ID = strawberry.field(description="Who said it.")
    text: str = strawberry.field(description="Why it should be shown.")


@strawberry.type
class _IdeaPayload:
    """What came of the moderation of an idea, or of an appeal."""

    idea: Idea | None = strawberry.field(description="The idea.")
    errors: list[UserError] = strawberry.field(description="Why nothing was changed.")


@strawberry.type
class _CommentPayload:
    """What came of the moderation of a comment, or of an appeal."""

    comment: Comment | None = strawberry.field(description="The comment.")
    errors: list[UserError] = strawberry.field(description="Why nothing was changed.")


@strawberry.type(description="What came of ideaModerate.")
class IdeaModeratePayload(_IdeaPayload):
    """What came of ideaModerate."""


@strawberry.type(description="What came of ideaAppeal.")
class IdeaAppealPayload(_IdeaPayload):
    """What came of ideaAppeal."""


@strawberry.type(description="What came of commentModerate.")
class CommentModeratePayload(_CommentPayload):
    """What came of commentModerate."""


@strawberry.type(description="What came of commentAppeal.")
class CommentAppealPayload(_CommentPayload):
    """What came of commentAppeal."""


async def _moderate(
    info: Info, tx: Transaction, noun: Noun, of: str, chosen: IdeaModerateInput | CommentModerateInput
) -> Left:
    by, state = info.context.caller.name, named(chosen.state)
    kept = await moderation.moderate(
        tx,
        noun=noun,
        uid=of,
        state=state,
        reason=chosen.reason,
        by=by,
        now=now(),
        read_at=given(chosen.read_at),
    )
    return {str(noun): kept.uid}


async def _appeal(
    info: Info, tx: Transaction, noun: Noun, of: str, asked: IdeaAppealInput | CommentAppealInput
) -> Left:
    author, by = own(info, uid(asked.author_id, "Customer", "authorId")), info.context.caller.name
    kept = await moderation.appeal(tx, noun=noun, uid=of, author=author, text=asked.text, by=by, now=now())
    return {str(noun): kept.uid}


@strawberry.type
class ModerationMutations:
    """Moderates, and takes appeals."""

    @mutation("Publish, hold or hide an idea; this answers an appeal, too.")
    async def idea_moderate(
        self, info: Info, input: IdeaModerateInput, idempotency_key: IdempotencyKey = None
    ) -> IdeaModeratePayload:
        """Publish, hold or hide an idea."""

        async def act(tx: Transaction) -> Left:
            return await _moderate(info, tx, Noun.IDEA, uid(input.idea_id, "Idea", "ideaId"), input)

        payload: IdeaModeratePayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Publish, hold or hide a comment; this answers an appeal, too.")
    async def comment_moderate(
        self, info: Info, input: CommentModerateInput, idempotency_key: IdempotencyKey = None
    ) -> CommentModeratePayload:
        """Publish, hold or hide a comment."""

        async def act(tx: Transaction) -> Left:
            comment = uid(input.comment_id, "Comment", "commentId")
            return await _moderate(info, tx, Noun.COMMENT, comment, input)

        payload: CommentModeratePayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Ask that one's own idea be shown again.")
    async def idea_appeal(
        self, info: Info, input: IdeaAppealInput, idempotency_key: IdempotencyKey = None
    ) -> IdeaAppealPayload:
        """Ask that one's own idea be shown again."""

        async def act(tx: Transaction) -> Left:
            return await _appeal(info, tx, Noun.IDEA, uid(input.idea_id, "Idea", "ideaId"), input)

        payload: IdeaAppealPayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Ask that one's own comment be shown again.")
    async def comment_appeal(
        self, info: Info, input: CommentAppealInput, idempotency_key: IdempotencyKey = None
    ) -> CommentAppealPayload:
        """Ask that one's own comment be shown again."""

        async def act(tx: Transaction) -> Left:
            return await _appeal(info, tx, Noun.COMMENT, uid(input.comment_id, "Comment", "commentId"), input)

        payload: CommentAppealPayload = await perform(info, act, input, idempotency_key)
        return payload
