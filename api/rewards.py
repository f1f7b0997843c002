"""Mutations for rewards: offered, redeemed for points, handed out or given back."""

import strawberry
from strawberry import ID, UNSET, Info

from api.declare import mutation
from api.programme_types import ProgrammeMember, Redemption, Reward
from api.writes import IdempotencyKey, Left, UserError, given, own, perform, uid, uid_or_none
from graph import rewards
from graph.driver import Transaction
from graph.records import now


@strawberry.input(description="A reward to offer. What is left out stays as it is; null clears it.")
class RewardUpsertInput:
    """A reward to offer."""

    id: ID | None = strawberry.field(default=UNSET, description="The reward to change; else by external id.")
    external_id: str | None = strawberry.field(default=UNSET, description="Your own id for it.")
    name: str | None = strawberry.field(default=UNSET, description="Its name.")
    points: int | None = strawberry.field(default=UNSET, description="What it costs, in points.")
    stock_count: int | None = strawberry.field(
        default=UNSET, description="How many there are; null: endless, 0: none is offered now."
    )
    limit_count: int | None = strawberry.field(
        default=UNSET, description="How many a member may have; null: endless."
    )
    limit_day_count: int | None = strawberry.field(
        default=UNSET, description="The days in which a member may have so many; null: ever."
    )


@strawberry.type(description="What came of rewardUpsert.")
class RewardUpsertPayload:
    """What came of rewardUpsert."""

    reward: Reward | None = strawberry.field(description="The reward as it is now.")
    errors: list[UserError] = strawberry.field(description="Why nothing was changed.")


@strawberry.input(description="Who redeems what.")
class RewardRedeemInput:
    """Who redeems what."""

    customer_id: ID = strawberry.field(description="The member.")
    reward_id: ID = strawberry.field(description="The reward.")


@strawberry.type(description="What came of rewardRedeem.")
class RewardRedeemPayload:
    """What came of rewardRedeem."""

    redemption: Redemption | None = strawberry.field(description="The redemption.")
    member: ProgrammeMember | None = strawberry.field(description="Whose it is, with the points as they are.")
    errors: list[UserError] = strawberry.field(description="Why it was not redeemed.")


@strawberry.input(description="A redemption that was handed out.")
class RedemptionFulfilInput:
    """A redemption that was handed out."""

    redemption_id: ID = strawberry.field(description="The redemption.")


@strawberry.type(description="What came of redemptionFulfil.")
class RedemptionFulfilPayload:
    """What came of redemptionFulfil."""

    redemption: Redemption | None = strawberry.field(description="The redemption.")
    errors: list[UserError] = strawberry.field(description="Why nothing was changed.")


@strawberry.input(description="A redemption to cancel.")
class RedemptionCancelInput:
    """A redemption to cancel."""

    redemption_id: ID = strawberry.field(description="The redemption.")
    reason: str | None = strawberry.field(default=UNSET, description="Why.")


@strawberry.type(description="What came of redemptionCancel.")
class RedemptionCancelPayload:
    """What came of redemptionCancel."""

    redemption: Redemption | None = strawberry.field(description="The redemption.")
    member: ProgrammeMember | None = strawberry.field(description="Whose it is, with the points as they are.")
    errors: list[UserError] = strawberry.field(description="Why nothing was changed.")


STORED = {
    "name": "name",
    "points": "points",
    "stock_count": "stock",
    "limit_count": "memberLimit",
    "limit_day_count": "limitDays",
}


@strawberry.type
class RewardMutations:
    """Offers and redeems rewards."""

    @mutation("Offer a reward: changed if known by id or external id, else new.")
    async def reward_upsert(
        self, info: Info, input: RewardUpsertInput, idempotency_key: IdempotencyKey = None
    ) -> RewardUpsertPayload:
        """Offer a reward."""
        values = {name: getattr(input, source) for source, name in STORED.items()}
        fields = {name: value for name, value in values.items() if value is not UNSET}

        async def act(tx: Transaction) -> Left:
            kept = await rewards.upsert(
                tx,
                now=now(),
                fields=fields,
                uid=uid_or_none(input.id, "Reward", "id"),
                external_id=given(input.external_id),
            )
            return {"reward": kept.uid}

        payload: RewardUpsertPayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Pay a reward with points: enough of them, in stock, and within the limit.")
    async def reward_redeem(
        self, info: Info, input: RewardRedeemInput, idempotency_key: IdempotencyKey = None
    ) -> RewardRedeemPayload:
        """Pay a reward with points."""

        async def act(tx: Transaction) -> Left:
            kept = await rewards.redeem(
                tx,
                customer=own(info, uid(input.customer_id, "Customer", "customerId")),
                reward=uid(input.reward_id, "Reward", "rewardId"),
                now=now(),
            )
            return {"redemption": kept.uid, "member": kept.member}

        payload: RewardRedeemPayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Say that a reward was handed out.")
    async def redemption_fulfil(
        self, info: Info, input: RedemptionFulfilInput, idempotency_key: IdempotencyKey = None
    ) -> RedemptionFulfilPayload:
        """Say that a reward was handed out."""

        async def act(tx: Transaction) -> Left:
            redemption = uid(input.redemption_id, "Redemption", "redemptionId")
            by = info.context.caller.name
            return {"redemption": (await rewards.fulfil(tx, redemption=redemption, by=by, now=now())).uid}

        payload: RedemptionFulfilPayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Give points and stock back for a reward that was not handed out.")
    async def redemption_cancel(
        self, info: Info, input: RedemptionCancelInput, idempotency_key: IdempotencyKey = None
    ) -> RedemptionCancelPayload:
        """Give points and stock back."""

        async def act(tx: Transaction) -> Left:
            kept = await rewards.cancel(
                tx,
                redemption=uid(input.redemption_id, "Redemption", "redemptionId"),
                by=info.context.caller.name,
                reason=given(input.reason),
                now=now(),
            )
            return {"redemption": kept.uid, "member": kept.member}

        payload: RedemptionCancelPayload = await perform(info, act, input, idempotency_key)
        return payload
