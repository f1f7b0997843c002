"""Mentions: what was said where the brand listens; mutations that record and delete them."""

import strawberry
from strawberry import ID, UNSET, Info

from api.declare import Connected, connection, mutation
from api.enums import MentionOrder
from api.filters import MentionFilter
from api.relay import Connection
from api.scalars import DateTime
from api.types import Mention, mention_orders
from api.writes import IdempotencyKey, Left, UserError, given, perform, uid, uid_or_none
from graph import mentions
from graph.driver import Transaction
from graph.records import now
from graph.selection import Index, Source


@strawberry.type
class MentionQueries:
    """Mentions by filter."""

    mentions: Connection[Mention] = connection(
        Connected(
            Source("MATCH ({m}:Mention)", ("m",)),
            mention_orders(Index("MATCH ({m}:Mention)", "{m}.at", present="{m}.at > ''", label="Mention")),
            "MentionFilter",
        ),
        "Mentions, newest first unless asked otherwise.",
        filter=MentionFilter,
        order=MentionOrder,
        default_order=MentionOrder.NEWEST,
    )


@strawberry.input(description="Something that was said.")
class MentionRecordInput:
    """Something that was said."""

    external_id: str | None = strawberry.field(
        default=UNSET, description="Its id where it was said: one mention is kept once."
    )
    author_id: ID = strawberry.field(description="Who said it.")
    channel: str = strawberry.field(description="Where it was said.")
    text: str = strawberry.field(description="What was said, at most 10,000 characters.")
    at: DateTime | None = strawberry.field(default=UNSET, description="When it was said.")
    in_reply_to_id: ID | None = strawberry.field(default=UNSET, description="The mention it answers.")
    shares_id: ID | None = strawberry.field(default=UNSET, description="The mention it passes on.")
    name_ids: list[ID] | None = strawberry.field(default=UNSET, description="Customers it names.")
    community_id: ID | None = strawberry.field(default=UNSET, description="The community it was said in.")
    product_ids: list[ID] | None = strawberry.field(default=UNSET, description="Products it is about.")
    url: str | None = strawberry.field(default=UNSET, description="Where it can be read.")
    sentiment: float | None = strawberry.field(
        default=UNSET, description="Its mood, −1 to 1, if you know it."
    )


@strawberry.type(description="What came of mentionRecord.")
class MentionRecordPayload:
    """What came of mentionRecord."""

    mention: Mention | None = strawberry.field(description="The mention.")
    errors: list[UserError] = strawberry.field(description="Why nothing was recorded.")


@strawberry.input(description="A mention to delete.")
class MentionDeleteInput:
    """A mention to delete."""

    id: ID = strawberry.field(description="The mention.")


@strawberry.type(description="What came of mentionDelete.")
class MentionDeletePayload:
    """What came of mentionDelete."""

    deleted_id: ID | None = strawberry.field(description="The id of what is gone.")
    errors: list[UserError] = strawberry.field(description="Why nothing was deleted.")


@strawberry.type
class MentionMutations:
    """Records and deletes mentions."""

    @mutation("Record what was said; its author's ties are kept up, its mood is read after.")
    async def mention_record(
        self, info: Info, input: MentionRecordInput, idempotency_key: IdempotencyKey = None
    ) -> MentionRecordPayload:
        """Record what was said."""

        async def act(tx: Transaction) -> Left:
            kept = await mentions.record(
                tx,
                author=uid(input.author_id, "Customer", "authorId"),
                channel=input.channel,
                text=input.text,
                at=given(input.at),
                now=now(),
                in_reply_to=uid_or_none(input.in_reply_to_id, "Mention", "inReplyToId"),
                shares=uid_or_none(input.shares_id, "Mention", "sharesId"),
                names=[uid(item, "Customer", "nameIds") for item in given(input.name_ids) or ()],
                community=uid_or_none(input.community_id, "Community", "communityId"),
                products=[uid(item, "Product", "productIds") for item in given(input.product_ids) or ()],
                url=given(input.url),
                sentiment=given(input.sentiment),
                external_id=given(input.external_id),
            )
            return {"mention": kept.uid}

        payload: MentionRecordPayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Delete a wrong record; its author's ties are made again without it.")
    async def mention_delete(
        self, info: Info, input: MentionDeleteInput, idempotency_key: IdempotencyKey = None
    ) -> MentionDeletePayload:
        """Delete a wrong record."""

        async def act(tx: Transaction) -> Left:
            await mentions.delete(tx, uid=uid(input.id, "Mention", "id"))
            return {"deletedId": str(input.id)}

        payload: MentionDeletePayload = await perform(info, act, input, idempotency_key)
        return payload
