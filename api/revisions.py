"""Ideas in other words, and the topics they are on."""

import strawberry
from strawberry import ID, UNSET, Info

from api.declare import mutation
from api.idea_types import Idea
from api.plan import refused
from api.writes import IdempotencyKey, Left, UserError, given, own, perform, uid, uid_or_none
from graph import revisions
from graph.driver import Transaction
from graph.records import now
from graph.tokens import Role


@strawberry.input(description="An idea in other words; what is left out stays as it is.")
class IdeaEditInput:
    """An idea in other words."""

    idea_id: ID = strawberry.field(description="The idea.")
    editor_id: ID | None = strawberry.field(
        default=UNSET, description="Its author, who may while nobody else has voted; left out by staff."
    )
    title: str | None = strawberry.field(default=UNSET, description="Its title.")
    body: str | None = strawberry.field(default=UNSET, description="Its text; null for none.")
    links: list[str] | None = strawberry.field(
        default=UNSET, description="Addresses that begin with https://, at most 10."
    )
    reason: str | None = strawberry.field(default=UNSET, description="Why; staff has to say.")


@strawberry.input(description="The topics of an idea.")
class IdeaClassifyInput:
    """The topics of an idea."""

    idea_id: ID = strawberry.field(description="The idea.")
    topic_ids: list[ID] = strawberry.field(description="All topics it is on.")
    names: list[str] = strawberry.field(
        default_factory=list, description="More of them by name; one that is new is made."
    )


@strawberry.type
class _Payload:
    """What came of ideaEdit or ideaClassify."""

    idea: Idea | None = strawberry.field(description="The idea.")
    errors: list[UserError] = strawberry.field(description="Why nothing was changed.")


@strawberry.type(description="What came of ideaEdit.")
class IdeaEditPayload(_Payload):
    """What came of ideaEdit."""


@strawberry.type(description="What came of ideaClassify.")
class IdeaClassifyPayload(_Payload):
    """What came of ideaClassify."""


@strawberry.type
class RevisionMutations:
    """Changes the words of ideas, and their topics."""

    @mutation("Put an idea in other words; what it said before is kept.")
    async def idea_edit(
        self, info: Info, input: IdeaEditInput, idempotency_key: IdempotencyKey = None
    ) -> IdeaEditPayload:
        """Put an idea in other words."""
        caller = info.context.caller

        async def act(tx: Transaction) -> Left:
            editor = uid_or_none(input.editor_id, "Customer", "editorId")
            if caller.role is Role.CUSTOMER:
                own(info, editor or "")
            elif caller.role is Role.AGENT and editor is None:
                raise refused("FORBIDDEN", "An agent edits for the author alone.")
            named = {"title": input.title, "body": input.body, "links": input.links}
            kept = await revisions.idea_edit(
                tx,
                idea=uid(input.idea_id, "Idea", "ideaId"),
                editor=editor,
                fields={name: value for name, value in named.items() if value is not UNSET},
                by=caller.name,
                now=now(),
                reason=given(input.reason),
            )
            return {"idea": kept.uid}

        payload: IdeaEditPayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Put an idea on topics.")
    async def idea_classify(
        self, info: Info, input: IdeaClassifyInput, idempotency_key: IdempotencyKey = None
    ) -> IdeaClassifyPayload:
        """Put an idea on topics."""

        async def act(tx: Transaction) -> Left:
            topics = [uid(each, "Topic", "topicIds") for each in input.topic_ids]
            idea = uid(input.idea_id, "Idea", "ideaId")
            return {"idea": await revisions.set_topics(tx, idea=idea, topics=topics, names=input.names)}

        payload: IdeaClassifyPayload = await perform(info, act, input, idempotency_key)
        return payload
