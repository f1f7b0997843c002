"""The roadmap; the mutations that decide about ideas."""

import strawberry
from strawberry import ID, UNSET, Info

from api.decision_types import DecisionDraft
from api.declare import Connected, connection, mutation
from api.enums import IdeaStatus
from api.filters import IdeaFilter
from api.idea_types import Idea
from api.relay import Connection
from api.scalars import Date
from api.writes import IdempotencyKey, Left, UserError, given, named, perform, uid
from graph import decisions
from graph.driver import Transaction
from graph.records import now
from graph.selection import Index, Order, Source

ON_ROADMAP = "{x}.roadmapKey > ''"
BY_DATE = Order(
    "{x}.roadmapKey", tie="{x}.uid", index=Index("MATCH ({x}:Idea)", "{x}.roadmapKey", label="Idea")
)
STATUS = "The status it leads to: one of the declared steps."
REASON = "Why, for the team."
ANSWER = "What customers read; PLANNED, DELIVERED and DECLINED need it, and whatever keeps its status."
PLANNED_FOR = "When it will be done, for PLANNED and IN_PROGRESS; left out, a date told before stays."
SHIPPED_URL = "An https address of what was done, for DELIVERED; left out, one told before stays."


@strawberry.type
class DecisionQueries:
    """The roadmap."""

    roadmap: Connection[Idea] = connection(
        Connected(
            Source("MATCH ({x}:Idea)", ("x",), {}, (ON_ROADMAP,)), {"PLANNED_FOR": BY_DATE}, "IdeaFilter"
        ),
        "Ideas that are planned, in progress or delivered, earliest planned date first, those without one last.",
        filter=IdeaFilter,
    )


@strawberry.input(description="A decision about an idea.")
class IdeaDecideInput:
    """A decision about an idea."""

    idea_id: ID = strawberry.field(description="The idea.")
    from_status: IdeaStatus | None = strawberry.field(
        default=UNSET, description="The status it is made against: refused if the idea has another by now."
    )
    status: IdeaStatus = strawberry.field(description=STATUS)
    reason: str = strawberry.field(description=REASON)
    answer: str | None = strawberry.field(default=UNSET, description=ANSWER)
    planned_for: Date | None = strawberry.field(default=UNSET, description=PLANNED_FOR)
    shipped_url: str | None = strawberry.field(default=UNSET, description=SHIPPED_URL)


@strawberry.type(description="What came of ideaDecide.")
class IdeaDecidePayload:
    """What came of ideaDecide."""

    draft: DecisionDraft | None = strawberry.field(description="The draft, for the team alone.")
    idea: Idea | None = strawberry.field(description="The idea, which is as it was.")
    errors: list[UserError] = strawberry.field(description="Why nothing was drafted.")


@strawberry.input(description="A draft written anew.")
class IdeaDecisionEditInput:
    """A draft written anew."""

    draft_id: ID = strawberry.field(description="The draft.")
    status: IdeaStatus = strawberry.field(description=STATUS)
    reason: str = strawberry.field(description=REASON)
    answer: str | None = strawberry.field(default=UNSET, description=ANSWER)
    planned_for: Date | None = strawberry.field(default=UNSET, description=PLANNED_FOR)
    shipped_url: str | None = strawberry.field(default=UNSET, description=SHIPPED_URL)


@strawberry.type(description="What came of ideaDecisionEdit.")
class IdeaDecisionEditPayload:
    """What came of ideaDecisionEdit."""

    draft: DecisionDraft | None = strawberry.field(description="The draft.")
    errors: list[UserError] = strawberry.field(description="Why it is as it was.")


@strawberry.input(description="A draft to discard.")
class IdeaDecisionDiscardInput:
    """A draft to discard."""

    draft_id: ID = strawberry.field(description="The draft.")


@strawberry.type(description="What came of ideaDecisionDiscard.")
class IdeaDecisionDiscardPayload:
    """What came of ideaDecisionDiscard."""

    idea: Idea | None = strawberry.field(description="The idea it was about.")
    errors: list[UserError] = strawberry.field(description="Why it was not discarded.")


@strawberry.input(description="Drafts to publish.")
class IdeaDecisionPublishInput:
    """Drafts to publish."""

    draft_ids: list[ID] = strawberry.field(description="The drafts: all are published or none, 250 at most.")


@strawberry.type(description="What came of ideaDecisionPublish.")
class IdeaDecisionPublishPayload:
    """What came of ideaDecisionPublish."""

    ideas: list[Idea] | None = strawberry.field(description="The ideas, as everybody sees them now.")
    errors: list[UserError] = strawberry.field(description="Why nothing was published.")


@strawberry.type
class DecisionMutations:
    """Drafts decisions, takes drafts back, and publishes them."""

    @mutation("Draft what is decided about an idea; nobody outside the team sees it before it is published.")
    async def idea_decide(
        self, info: Info, input: IdeaDecideInput, idempotency_key: IdempotencyKey = None
    ) -> IdeaDecidePayload:
        """Draft what is decided about an idea."""

        async def act(tx: Transaction) -> Left:
            kept = await decisions.decide(
                tx,
                idea=uid(input.idea_id, "Idea", "ideaId"),
                from_status=named(input.from_status),
                status=named(input.status),
                reason=input.reason,
                answer=given(input.answer),
                planned_for=given(input.planned_for),
                shipped_url=given(input.shipped_url),
                by=info.context.caller.name,
                now=now(),
            )
            return {"draft": kept.uid, "idea": kept.idea}

        payload: IdeaDecidePayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Write a draft anew, all of it.")
    async def idea_decision_edit(
        self, info: Info, input: IdeaDecisionEditInput, idempotency_key: IdempotencyKey = None
    ) -> IdeaDecisionEditPayload:
        """Write a draft anew."""

        async def act(tx: Transaction) -> Left:
            kept = await decisions.edit(
                tx,
                draft=uid(input.draft_id, "DecisionDraft", "draftId"),
                status=named(input.status),
                reason=input.reason,
                answer=given(input.answer),
                planned_for=given(input.planned_for),
                shipped_url=given(input.shipped_url),
                by=info.context.caller.name,
                now=now(),
            )
            return {"draft": kept.uid}

        payload: IdeaDecisionEditPayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Take a draft back, as if it had never been.")
    async def idea_decision_discard(
        self, info: Info, input: IdeaDecisionDiscardInput, idempotency_key: IdempotencyKey = None
    ) -> IdeaDecisionDiscardPayload:
        """Take a draft back."""

        async def act(tx: Transaction) -> Left:
            kept = await decisions.discard(tx, draft=uid(input.draft_id, "DecisionDraft", "draftId"))
            return {"idea": kept.idea}

        payload: IdeaDecisionDiscardPayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Publish drafts: statuses move, and answers are there for everybody, for good.")
    async def idea_decision_publish(
        self, info: Info, input: IdeaDecisionPublishInput, idempotency_key: IdempotencyKey = None
    ) -> IdeaDecisionPublishPayload:
        """Publish drafts."""

        async def act(tx: Transaction) -> Left:
            drafts = [uid(each, "DecisionDraft", "draftIds") for each in input.draft_ids]
            kept = await decisions.publish(tx, drafts=drafts, by=info.context.caller.name, now=now())
            return {"ideas": [each.idea for each in kept]}

        payload: IdeaDecisionPublishPayload = await perform(info, act, input, idempotency_key)
        return payload
