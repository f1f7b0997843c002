"""Advocates and detractors, ranked overall or inside a community; mutations for advocacy links."""

from typing import Any

import strawberry
from strawberry import ID, UNSET, Info

from api.declare import Arguments, Connected, argument, connection, mutation
from api.enums import AdvocacyKind, RankingOrder
from api.filters import CustomerFilter
from api.influence_types import Influence
from api.relay import Connection
from api.scalars import DateTime
from api.types import AdvocacyLink
from api.writes import IdempotencyKey, Left, UserError, given, named, perform, uid, uid_or_none
from graph import advocacy
from graph.driver import Transaction
from graph.records import now
from graph.selection import Index, Order, Source

COMMUNITY = argument(ID | None, "Rank inside this community; without it, overall.")


def _by_score(score: str) -> dict[bool, tuple[Source, Order]]:
    """A ranking by one score: of customers, or of the memberships of one community (true)."""
    customer, membership = f"{{c}}.{score}@influence", f"{{e}}.{score}@influence"
    overall = Source("MATCH ({c}:Customer)", ("c",), {"s": "c"}, (f"{customer} > 0.0",))
    inside = Source(
        "MATCH (:Community {{uid: $communityId}})<-[{e}:MEMBER_OF]-({c})",
        ("e", "c"),
        {"s": "e"},
        (f"{membership} > 0.0",),
    )
    everybody = Index("MATCH ({c}:Customer)", customer, label="Customer")
    members = Index(
        "MATCH ()<-[{e}:MEMBER_OF]-({c})", membership, first="{e}.community", equals="$communityId"
    )

    ways = ((overall, everybody), (inside, members))
    return {
        source is inside: (source, Order(index.key, descending=True, tie="{c}.uid", index=index))
        for source, index in ways
    }


def _ranking(reaching: str, trusted: str, description: str) -> Any:
    """A ranking by either of two scores, overall or inside a community."""
    ways = {"REACH": _by_score(reaching), "TRUST": _by_score(trusted)}

    def way(arguments: Arguments) -> tuple[Source, Order]:
        return ways[named(arguments["order"])][arguments.get("communityId") is not None]

    return connection(
        Connected(
            lambda arguments: way(arguments)[0],
            lambda arguments: {named(arguments["order"]): way(arguments)[1]},
            "CustomerFilter",
            {"communityId": "Community"},
        ),
        description,
        filter=CustomerFilter,
        order=RankingOrder,
        default_order=RankingOrder.REACH,
        community_id=COMMUNITY,
    )


@strawberry.type
class AdvocacyQueries:
    """The two rankings."""

    advocates: Connection[Influence] = _ranking(
        "advocacy", "trustedAdvocacy", "Those whose good word travels farthest, strongest first."
    )
    detractors: Connection[Influence] = _ranking(
        "harm", "trustedHarm", "Those whose bad word travels farthest, strongest first."
    )


@strawberry.input(description="An advocacy link.")
class AdvocacyRecordInput:
    """An advocacy link."""

    external_id: str | None = strawberry.field(
        default=UNSET, description="Your own id: one link is kept once."
    )
    giver_id: ID = strawberry.field(description="Who gave it.")
    receiver_id: ID = strawberry.field(description="Who received it.")
    kind: AdvocacyKind = strawberry.field(description="What it says.")
    weight: float = strawberry.field(default=1.0, description="How strongly, −1 to 1.")
    at: DateTime | None = strawberry.field(default=UNSET, description="When.")
    product_id: ID | None = strawberry.field(default=UNSET, description="The product it is about.")
    outcome: str | None = strawberry.field(default=UNSET, description="What came of it.")
    outcome_at: DateTime | None = strawberry.field(default=UNSET, description="When that came.")
    value: float | None = strawberry.field(default=UNSET, description="What it was worth.")


@strawberry.type(description="What came of advocacyRecord.")
class AdvocacyRecordPayload:
    """What came of advocacyRecord."""

    link: AdvocacyLink | None = strawberry.field(description="The link.")
    errors: list[UserError] = strawberry.field(description="Why nothing was recorded.")


@strawberry.input(description="A link to retract.")
class AdvocacyRetractInput:
    """A link to retract."""

    id: ID = strawberry.field(description="The link.")


@strawberry.type(description="What came of advocacyRetract.")
class AdvocacyRetractPayload:
    """What came of advocacyRetract."""

    retracted_id: ID | None = strawberry.field(description="The id of what is gone.")
    errors: list[UserError] = strawberry.field(description="Why nothing was retracted.")


@strawberry.type
class AdvocacyMutations:
    """Records and retracts advocacy links."""

    @mutation("Record who advocated to whom; nobody advocates to themselves.")
    async def advocacy_record(
        self, info: Info, input: AdvocacyRecordInput, idempotency_key: IdempotencyKey = None
    ) -> AdvocacyRecordPayload:
        """Record who advocated to whom."""

        async def act(tx: Transaction) -> Left:
            kept = await advocacy.record(
                tx,
                giver=uid(input.giver_id, "Customer", "giverId"),
                receiver=uid(input.receiver_id, "Customer", "receiverId"),
                kind=named(input.kind),
                weight=input.weight,
                now=now(),
                at=given(input.at),
                product=uid_or_none(input.product_id, "Product", "productId"),
                outcome=given(input.outcome),
                outcome_at=given(input.outcome_at),
                value=given(input.value),
                external_id=given(input.external_id),
            )
            return {"link": kept.uid}

        payload: AdvocacyRecordPayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Take a wrong link back; the tie it made is made again without it.")
    async def advocacy_retract(
        self, info: Info, input: AdvocacyRetractInput, idempotency_key: IdempotencyKey = None
    ) -> AdvocacyRetractPayload:
        """Take a wrong link back."""

        async def act(tx: Transaction) -> Left:
            await advocacy.retract(tx, uid=uid(input.id, "AdvocacyLink", "id"))
            return {"retractedId": str(input.id)}

        payload: AdvocacyRetractPayload = await perform(info, act, input, idempotency_key)
        return payload
