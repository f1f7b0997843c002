"""Mutations for acts of members: recorded with evidence, judged by a person, reversed where that was wrong."""

from enum import Enum

import strawberry
from strawberry import ID, UNSET, Info

from api.declare import mutation
from api.programme_enums import ActKind
from api.programme_types import ProgrammeAct, ProgrammeMember
from api.writes import IdempotencyKey, Left, UserError, given, named, perform, uid, uid_or_none
from graph import acts
from graph.driver import Transaction
from graph.records import now


@strawberry.enum(description="What is said about an act.")
class Verdict(Enum):
    """What is said about an act."""

    ACCEPT = strawberry.enum_value("ACCEPT", description="It earns its points.")
    REFUSE = strawberry.enum_value("REFUSE", description="It earns nothing, for a reason.")


@strawberry.input(description="An act of a member, shown by one mention, advocacy link or idea of their own.")
class ActRecordInput:
    """An act of a member."""

    customer_id: ID = strawberry.field(description="The member.")
    kind: ActKind = strawberry.field(description="What they did.")
    mention_id: ID | None = strawberry.field(default=UNSET, description="The mention that shows it.")
    link_id: ID | None = strawberry.field(default=UNSET, description="The advocacy link that shows it.")
    idea_id: ID | None = strawberry.field(default=UNSET, description="The idea that shows it.")
    outcome: str | None = strawberry.field(
        default=UNSET, description="What came of it; else as the link says."
    )
    value: float | None = strawberry.field(
        default=UNSET, description="What it was worth; else as the link says."
    )


@strawberry.type(description="What came of actRecord.")
class ActRecordPayload:
    """What came of actRecord."""

    act: ProgrammeAct | None = strawberry.field(description="The act; one evidence shows one act.")
    errors: list[UserError] = strawberry.field(description="Why nothing was recorded.")


@strawberry.input(description="A judgement.")
class ActJudgeInput:
    """A judgement."""

    act_id: ID = strawberry.field(description="The act.")
    verdict: Verdict = strawberry.field(description="What is said about it.")
    reason: str | None = strawberry.field(default=UNSET, description="Why; a refusal needs it.")


@strawberry.type(description="What came of actJudge.")
class ActJudgePayload:
    """What came of actJudge."""

    act: ProgrammeAct | None = strawberry.field(description="The act.")
    member: ProgrammeMember | None = strawberry.field(description="Whose it is, with the points as they are.")
    errors: list[UserError] = strawberry.field(description="Why it was not judged.")


@strawberry.input(description="An accepted act to take back.")
class ActReverseInput:
    """An accepted act to take back."""

    act_id: ID = strawberry.field(description="The act.")
    reason: str = strawberry.field(description="Why.")


@strawberry.type(description="What came of actReverse.")
class ActReversePayload:
    """What came of actReverse."""

    act: ProgrammeAct | None = strawberry.field(description="The act.")
    member: ProgrammeMember | None = strawberry.field(description="Whose it is, with the points as they are.")
    errors: list[UserError] = strawberry.field(description="Why it was not reversed.")


@strawberry.type
class ActMutations:
    """Records, judges and reverses acts."""

    @mutation("Record what a member did, with its evidence.")
    async def act_record(
        self, info: Info, input: ActRecordInput, idempotency_key: IdempotencyKey = None
    ) -> ActRecordPayload:
        """Record what a member did."""

        async def act(tx: Transaction) -> Left:
            kept = await acts.record(
                tx,
                customer=uid(input.customer_id, "Customer", "customerId"),
                kind=named(input.kind),
                mention=uid_or_none(input.mention_id, "Mention", "mentionId"),
                link=uid_or_none(input.link_id, "AdvocacyLink", "linkId"),
                idea=uid_or_none(input.idea_id, "Idea", "ideaId"),
                outcome=given(input.outcome),
                value=given(input.value),
                now=now(),
            )
            return {"act": kept.uid}

        payload: ActRecordPayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Accept an act, which earns the declared points, or refuse it; a refusal may be mended.")
    async def act_judge(
        self, info: Info, input: ActJudgeInput, idempotency_key: IdempotencyKey = None
    ) -> ActJudgePayload:
        """Judge an act."""

        async def act(tx: Transaction) -> Left:
            kept = await acts.judge(
                tx,
                act=uid(input.act_id, "ProgrammeAct", "actId"),
                accepted=input.verdict is Verdict.ACCEPT,
                by=info.context.caller.name,
                reason=given(input.reason),
                now=now(),
            )
            return {"act": kept.uid, "member": kept.member}

        payload: ActJudgePayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Take an accepted act back with its points; what was spent of them is owed.")
    async def act_reverse(
        self, info: Info, input: ActReverseInput, idempotency_key: IdempotencyKey = None
    ) -> ActReversePayload:
        """Take an accepted act back."""

        async def act(tx: Transaction) -> Left:
            kept = await acts.reverse(
                tx,
                act=uid(input.act_id, "ProgrammeAct", "actId"),
                by=info.context.caller.name,
                reason=input.reason,
                now=now(),
            )
            return {"act": kept.uid, "member": kept.member}

        payload: ActReversePayload = await perform(info, act, input, idempotency_key)
        return payload
