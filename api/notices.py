"""Inboxes, and the mutations about following, consent and notices."""

from collections.abc import Awaitable, Callable
from typing import Any

import strawberry
from strawberry import ID, UNSET, Info

from api.declare import Live, ToOne, live, mutation, root
from api.idea_types import Idea
from api.notice_enums import Channel, Pace
from api.notice_types import Consent, Inbox, Notice
from api.types import Customer
from api.writes import IdempotencyKey, Left, UserError, given, named, own, perform, uid
from graph import consents, deliveries, follows, notices
from graph.driver import Transaction
from graph.errors import Invalid
from graph.live import Kind, Topic
from graph.records import now
from graph.selection import Source
from graph.tokens import Role

OWN = Source("MATCH ({c}:Customer {{uid: $caller}})", ("c",))


@strawberry.type
class NoticeQueries:
    """The inbox of who asks."""

    inbox: Inbox | None = root(ToOne(OWN, owned=True), "The inbox of the customer who asks; null for staff.")


@strawberry.type
class NoticeSubscriptions:
    """The inbox of who asks, as it fills."""

    inbox_changed: Inbox | None = live(
        Live(OWN, owned=True, topic=lambda values: Topic(Kind.INBOX, values["caller"] or "")),
        "The inbox of the customer who asks, and again as often as it changes; null for staff.",
    )


@strawberry.input(description="An idea to follow.")
class IdeaFollowInput:
    """An idea to follow."""

    idea_id: ID = strawberry.field(description="The idea.")
    customer_id: ID = strawberry.field(description="Who follows it.")


@strawberry.type(description="What came of ideaFollow.")
class IdeaFollowPayload:
    """What came of ideaFollow."""

    idea: Idea | None = strawberry.field(description="The idea.")
    customer: Customer | None = strawberry.field(description="Who follows it.")
    errors: list[UserError] = strawberry.field(description="Why nothing was changed.")


@strawberry.input(description="An idea to hear no more of.")
class IdeaUnfollowInput:
    """An idea to hear no more of."""

    idea_id: ID = strawberry.field(description="The idea.")
    customer_id: ID = strawberry.field(description="Who hears no more of it.")


@strawberry.type(description="What came of ideaUnfollow.")
class IdeaUnfollowPayload:
    """What came of ideaUnfollow."""

    idea: Idea | None = strawberry.field(description="The idea.")
    customer: Customer | None = strawberry.field(description="Who hears no more of it.")
    errors: list[UserError] = strawberry.field(description="Why nothing was changed.")


@strawberry.input(description="A consent to be told of ideas.")
class ConsentGiveInput:
    """A consent to be told of ideas."""

    customer_id: ID = strawberry.field(description="Who consents.")
    channel: Channel = strawberry.field(description="Where they may be told: EMAIL or WEBHOOK.")
    wording: str = strawberry.field(description="The words they consent to.")
    pace: Pace = strawberry.field(default=Pace.IMMEDIATE, description="How often at most, by e-mail.")
    proof: str | None = strawberry.field(
        default=UNSET, description="What proves it: a form, a message. Staff has to give one."
    )


@strawberry.type(description="What came of consentGive.")
class ConsentGivePayload:
    """What came of consentGive."""

    consent: Consent | None = strawberry.field(description="The consent.")
    errors: list[UserError] = strawberry.field(description="Why it was not taken.")


@strawberry.input(description="A consent to withdraw.")
class ConsentWithdrawInput:
    """A consent to withdraw."""

    customer_id: ID = strawberry.field(description="Who withdraws.")
    channel: Channel = strawberry.field(description="Where they may be told no more.")


@strawberry.type(description="What came of consentWithdraw.")
class ConsentWithdrawPayload:
    """What came of consentWithdraw."""

    consent: Consent | None = strawberry.field(description="The withdrawal.")
    errors: list[UserError] = strawberry.field(description="Why nothing was changed.")


@strawberry.input(description="Entries that were read.")
class InboxReadInput:
    """Entries that were read."""

    customer_id: ID = strawberry.field(description="Whose inbox it is.")
    entry_ids: list[ID] | None = strawberry.field(
        default=UNSET, description="Which entries; all of them if left out."
    )


@strawberry.type(description="What came of inboxRead.")
class InboxReadPayload:
    """What came of inboxRead."""

    inbox: Inbox | None = strawberry.field(description="The inbox.")
    errors: list[UserError] = strawberry.field(description="Why nothing was changed.")


@strawberry.input(description="A notice whose failed messages are to be sent again.")
class NoticeRetryInput:
    """A notice whose failed messages are to be sent again."""

    notice_id: ID = strawberry.field(description="The notice.")


@strawberry.type(description="What came of noticeRetry.")
class NoticeRetryPayload:
    """What came of noticeRetry."""

    notice: Notice | None = strawberry.field(description="The notice.")
    errors: list[UserError] = strawberry.field(description="Why nothing is sent again.")


Follow = Callable[..., Awaitable[None]]


async def _follow(
    info: Info, input: IdeaFollowInput | IdeaUnfollowInput, key: str | None, change: Follow
) -> Any:
    async def act(tx: Transaction) -> Left:
        customer = own(info, uid(input.customer_id, "Customer", "customerId"))
        idea = uid(input.idea_id, "Idea", "ideaId")
        await change(tx, idea=idea, customer=customer, now=now())
        return {"idea": idea, "customer": customer}

    return await perform(info, act, input, key)


@strawberry.type
class NoticeMutations:
    """Following, consent, inboxes and notices."""

    @mutation("Hear what becomes of an idea; who proposed it, voted or commented on it hears it anyway.")
    async def idea_follow(
        self, info: Info, input: IdeaFollowInput, idempotency_key: IdempotencyKey = None
    ) -> IdeaFollowPayload:
        """Follow an idea."""
        payload: IdeaFollowPayload = await _follow(info, input, idempotency_key, follows.follow)
        return payload

    @mutation("Hear no more of an idea, whatever one had to do with it.")
    async def idea_unfollow(
        self, info: Info, input: IdeaUnfollowInput, idempotency_key: IdempotencyKey = None
    ) -> IdeaUnfollowPayload:
        """Hear no more of an idea."""
        payload: IdeaUnfollowPayload = await _follow(info, input, idempotency_key, follows.unfollow)
        return payload

    @mutation("Consent to be told of ideas by e-mail or webhook; the inbox needs no consent.")
    async def consent_give(
        self, info: Info, input: ConsentGiveInput, idempotency_key: IdempotencyKey = None
    ) -> ConsentGivePayload:
        """Consent to be told of ideas."""
        caller = info.context.caller

        async def act(tx: Transaction) -> Left:
            customer = own(info, uid(input.customer_id, "Customer", "customerId"))
            if caller.role is not Role.CUSTOMER and given(input.proof) is None:
                raise Invalid("Say what proves the consent: a form, a message.", field="proof")
            consent = await consents.give(
                tx,
                customer=customer,
                channel=named(input.channel),
                wording=input.wording,
                pace=named(input.pace),
                proof=given(input.proof),
                by=caller.name,
                now=now(),
            )
            return {"consent": consent.uid}

        payload: ConsentGivePayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Withdraw a consent.")
    async def consent_withdraw(
        self, info: Info, input: ConsentWithdrawInput, idempotency_key: IdempotencyKey = None
    ) -> ConsentWithdrawPayload:
        """Withdraw a consent."""

        async def act(tx: Transaction) -> Left:
            customer = own(info, uid(input.customer_id, "Customer", "customerId"))
            name, channel = info.context.caller.name, named(input.channel)
            consent = await consents.withdraw(tx, customer=customer, channel=channel, now=now(), by=name)
            return {"consent": consent.uid}

        payload: ConsentWithdrawPayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Note that entries of an inbox were read.")
    async def inbox_read(
        self, info: Info, input: InboxReadInput, idempotency_key: IdempotencyKey = None
    ) -> InboxReadPayload:
        """Note that entries of an inbox were read."""

        async def act(tx: Transaction) -> Left:
            customer = own(info, uid(input.customer_id, "Customer", "customerId"))
            asked = given(input.entry_ids)
            entries = None if asked is None else [uid(one, "InboxEntry", "entryIds") for one in asked]
            await notices.mark_read(tx, customer=customer, entries=entries, now=now())
            return {"inbox": customer}

        payload: InboxReadPayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Send again what failed for good of a notice, under the ids it had.")
    async def notice_retry(
        self, info: Info, input: NoticeRetryInput, idempotency_key: IdempotencyKey = None
    ) -> NoticeRetryPayload:
        """Send again what failed for good."""

        async def act(tx: Transaction) -> Left:
            notice = uid(input.notice_id, "Notice", "noticeId")
            await deliveries.retry(tx, notice=notice, now=now())
            return {"notice": notice}

        payload: NoticeRetryPayload = await perform(info, act, input, idempotency_key)
        return payload
