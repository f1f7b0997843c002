"""Referral links ranked by what they brought; mutations that keep them, and say who came and was converted."""

import strawberry
from strawberry import ID, UNSET, Info

from api.declare import Arguments, Connected, ToOne, argument, connection, mutation, root
from api.filters import ReferralLinkFilter
from api.plan import refused
from api.referral_types import ReferralLink, ReferralLinkOrder
from api.relay import Connection
from api.scalars import DateTime
from api.types import AdvocacyLink, Customer
from api.writes import IdempotencyKey, Left, UserError, given, own, perform, uid, uid_or_none
from graph import referrals
from graph.driver import Transaction
from graph.records import now
from graph.referrals import code_key
from graph.selection import Index, Order, Source
from graph.tokens import Role


def _by(key: str) -> Order:
    index = Index("MATCH ({y}:ReferralLink)", key, label="ReferralLink")
    return Order(key, descending=True, tie="{y}.uid", index=index)


ORDERS = {
    "VALUE": _by("{y}.value"),
    "CONVERSIONS": _by("{y}.conversions"),
    "NEWEST": Order("{y}.uid", descending=True),
}
# every link has both; an index is read in order only where its key is asked for
ASKED = {"VALUE": "{y}.value >= 0.0", "CONVERSIONS": "{y}.conversions >= 0", "NEWEST": "{y}.uid > ''"}


def _links(arguments: Arguments) -> Source:
    return Source("MATCH ({y}:ReferralLink)", ("y",), where=(ASKED[arguments["order"].value],))


@strawberry.type
class ReferralQueries:
    """Referral links by code, and ranked."""

    referral_link: ReferralLink | None = root(
        ToOne(
            Source("MATCH ({y}:ReferralLink {{code: $code}})", ("y",)),
            combine=lambda values: {"code": code_key(values["code"])},
        ),
        "The referral link of this code; case, blanks and hyphens do not matter.",
        code=argument(str, "The code."),
    )
    referral_links: Connection[ReferralLink] = connection(
        Connected(_links, ORDERS, "ReferralLinkFilter"),
        "Referral links, those that brought most first.",
        filter=ReferralLinkFilter,
        order=ReferralLinkOrder,
        default_order=ReferralLinkOrder.VALUE,
    )


@strawberry.input(
    description="A referral link to keep: an advocate has one a product and label. "
    "What is left out stays as it is."
)
class ReferralLinkUpsertInput:
    """A referral link to keep."""

    advocate_id: ID = strawberry.field(description="Whose it is.")
    label: str | None = strawberry.field(default=UNSET, description="The campaign it is for.")
    product_id: ID | None = strawberry.field(default=UNSET, description="The product it is for.")
    ends_at: DateTime | None = strawberry.field(
        default=UNSET, description="Nobody comes by it from then on; null: without end. Not by a customer."
    )
    window_days: int | None = strawberry.field(
        default=UNSET,
        description="Within how many days of coming a conversion is owed to it, 1 to 365; 30 at first. "
        "Not by a customer.",
    )
    is_switched_on: bool | None = strawberry.field(
        default=UNSET, description="Whether anybody can come by it. Not by a customer."
    )


@strawberry.type(description="What came of referralLinkUpsert.")
class ReferralLinkUpsertPayload:
    """What came of referralLinkUpsert."""

    link: ReferralLink | None = strawberry.field(description="The link as it is now.")
    errors: list[UserError] = strawberry.field(description="Why nothing was changed.")


@strawberry.input(description="Somebody unknown who follows a referral link.")
class ReferralVisitInput:
    """Somebody unknown who follows a referral link."""

    code: str = strawberry.field(description="The code.")
    visitor: str = strawberry.field(
        description="A random key of your own for this visitor, such as a cookie; only its hash is kept."
    )


@strawberry.type(description="What came of referralVisit.")
class ReferralVisitPayload:
    """What came of referralVisit."""

    link: ReferralLink | None = strawberry.field(description="The link.")
    errors: list[UserError] = strawberry.field(description="Why the visit was not counted.")


@strawberry.input(description="A customer, new or known, who came by a referral link.")
class ReferralJoinInput:
    """A customer who came by a referral link."""

    code: str = strawberry.field(description="The code.")
    customer_id: ID = strawberry.field(description="Who came.")
    visitor: str | None = strawberry.field(
        default=UNSET, description="The key of their visits: what they saw then counts from then."
    )


@strawberry.type(description="What came of referralJoin.")
class ReferralJoinPayload:
    """What came of referralJoin."""

    link: ReferralLink | None = strawberry.field(description="The link.")
    customer: Customer | None = strawberry.field(description="Who came.")
    errors: list[UserError] = strawberry.field(description="Why it was not recorded.")


@strawberry.input(description="A customer who did what the referral was for.")
class ReferralConvertInput:
    """A customer who did what the referral was for."""

    customer_id: ID = strawberry.field(description="Who did it.")
    outcome: str = strawberry.field(default="CONVERTED", description="What they did, for instance bought.")
    value: float | None = strawberry.field(
        default=UNSET, description="What it was worth, in the brand's own unit."
    )
    at: DateTime | None = strawberry.field(default=UNSET, description="When; now, if left out.")


@strawberry.type(description="What came of referralConvert.")
class ReferralConvertPayload:
    """What came of referralConvert."""

    conversion: AdvocacyLink | None = strawberry.field(description="The link from advocate to customer.")
    link: ReferralLink | None = strawberry.field(description="The referral link that it is owed to.")
    errors: list[UserError] = strawberry.field(description="Why nothing was recorded.")


@strawberry.type
class ReferralMutations:
    """Keeps referral links, and says who came by them and was converted."""

    @mutation(
        "Keep the referral link of an advocate for a product and a label: changed if there is one, else made."
    )
    async def referral_link_upsert(
        self, info: Info, input: ReferralLinkUpsertInput, idempotency_key: IdempotencyKey = None
    ) -> ReferralLinkUpsertPayload:
        """Keep a referral link."""
        settings = {
            "endsAt": input.ends_at,
            "windowDays": input.window_days,
            "switchedOn": input.is_switched_on,
        }
        fields = {name: value for name, value in settings.items() if value is not UNSET}

        async def act(tx: Transaction) -> Left:
            advocate = own(info, uid(input.advocate_id, "Customer", "advocateId"))
            if fields and info.context.caller.role is Role.CUSTOMER:
                raise refused("FORBIDDEN", f"{', '.join(fields)} is not for the role CUSTOMER.")
            kept = await referrals.keep(
                tx,
                advocate=advocate,
                now=now(),
                label=given(input.label),
                product=uid_or_none(input.product_id, "Product", "productId"),
                fields=fields,
            )
            return {"link": kept.uid}

        payload: ReferralLinkUpsertPayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Count a visitor of a referral link, each once.")
    async def referral_visit(
        self, info: Info, input: ReferralVisitInput, idempotency_key: IdempotencyKey = None
    ) -> ReferralVisitPayload:
        """Count a visitor of a referral link."""

        async def act(tx: Transaction) -> Left:
            return {"link": await referrals.visit(tx, code=input.code, visitor=input.visitor, now=now())}

        payload: ReferralVisitPayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Record that a customer came by a referral link; nobody comes by a link of their own.")
    async def referral_join(
        self, info: Info, input: ReferralJoinInput, idempotency_key: IdempotencyKey = None
    ) -> ReferralJoinPayload:
        """Record that a customer came by a referral link."""

        async def act(tx: Transaction) -> Left:
            customer = own(info, uid(input.customer_id, "Customer", "customerId"))
            link = await referrals.join(
                tx, code=input.code, customer=customer, now=now(), visitor=given(input.visitor)
            )
            return {"link": link, "customer": customer}

        payload: ReferralJoinPayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Record a conversion, once a customer, and owe it to the first link still in its window.")
    async def referral_convert(
        self, info: Info, input: ReferralConvertInput, idempotency_key: IdempotencyKey = None
    ) -> ReferralConvertPayload:
        """Record a conversion."""

        async def act(tx: Transaction) -> Left:
            made = await referrals.convert(
                tx,
                customer=uid(input.customer_id, "Customer", "customerId"),
                now=now(),
                outcome=input.outcome,
                value=given(input.value),
                at=given(input.at),
            )
            return {"conversion": made.advocacy, "link": made.link}

        payload: ReferralConvertPayload = await perform(info, act, input, idempotency_key)
        return payload
