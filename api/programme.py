"""The advocacy programme: its lists, leaderboards and signs of abuse; mutations for members."""

from collections.abc import Mapping
from typing import Any

import strawberry
from strawberry import ID, UNSET, Info

from api.declare import Arguments, Connected, ToOne, argument, connection, mutation, root
from api.filters import ProgrammeActFilter, ProgrammeMemberFilter, RedemptionFilter
from api.programme_types import (
    ACTS,
    REDEMPTIONS,
    AbuseSignal,
    LeaderboardPlace,
    Programme,
    ProgrammeAct,
    ProgrammeMember,
    Redemption,
    Reward,
)
from api.relay import Connection
from api.scalars import DateTime
from api.writes import IdempotencyKey, Left, UserError, given, own, perform, uid
from graph import abuse, programme
from graph.driver import Transaction
from graph.programme import ActKind, month
from graph.records import now
from graph.selection import LAST, Order, Source

PROGRAMME = Source("OPTIONAL MATCH ({y}:Programme {{name: 'programme'}})", ("y",))
MEMBERS = Source("MATCH ({b}:ProgrammeMember)", ("b",))
ACCOUNT = Source("MATCH ({c}:Customer {{uid: $caller}})-[:IN_PROGRAMME]->({b})", ("c", "b"))
EARNED = """
CALL ({b}) {{
  MATCH ({b})-[:HAS_ENTRY]->(entry) WHERE entry.at >= $since AND entry.at < $until
  RETURN sum(entry.earned) AS {z}
}}
WITH {b}, {c}, {z}"""
EVERYBODY = "MATCH ({b}:ProgrammeMember {{state: 'ACTIVE'}})<-[:IN_PROGRAMME]-({c})"
INSIDE = """
MATCH (:Community {{uid: $communityId}})<-[:MEMBER_OF]-({c})-[:IN_PROGRAMME]->({b}:ProgrammeMember {{state: 'ACTIVE'}})
"""


def _board(arguments: Arguments) -> Source:
    head = EVERYBODY if arguments.get("communityId") is None else INSIDE
    return Source(head + EARNED, ("b", "c", "z"), where=("{z} > 0",))


def _period(arguments: Arguments) -> dict[str, Any]:
    """From when until when a leaderboard counts: a month, or any two instants, open where nothing is given."""
    if arguments.get("month") is not None:
        since, until = month(arguments["month"])
        return {"since": since, "until": until}
    return {"since": arguments.get("since") or "", "until": arguments.get("until") or chr(0x10FFFF)}


@strawberry.type
class ProgrammeQueries:
    """The programme: declared points, members, acts to judge, rewards, leaderboards and signs of abuse."""

    programme: Programme | None = root(ToOne(PROGRAMME), "What acts earn.")
    programme_account: ProgrammeMember | None = root(
        ToOne(ACCOUNT, owned=True), "The place in the programme of the customer who asks; null for staff."
    )
    programme_members: Connection[ProgrammeMember] = connection(
        Connected(MEMBERS, {"NEWEST": Order("{b}.uid", descending=True)}, "ProgrammeMemberFilter"),
        "Who is in the programme, or was, invited last first.",
        filter=ProgrammeMemberFilter,
    )
    programme_acts: Connection[ProgrammeAct] = connection(
        Connected(Source("MATCH ({d}:ProgrammeAct)", ("d",)), ACTS, "ProgrammeActFilter"),
        "Acts of members, recorded last first.",
        filter=ProgrammeActFilter,
    )
    rewards: Connection[Reward] = connection(
        Connected(
            Source("MATCH ({w}:Reward)", ("w",)),
            {"NAME": Order(f"coalesce({{w}}.nameKey, {LAST})", tie="{w}.uid")},
        ),
        "What members can have for points, by name.",
    )
    redemptions: Connection[Redemption] = connection(
        Connected(Source("MATCH ({r}:Redemption)", ("r",)), REDEMPTIONS, "RedemptionFilter"),
        "Rewards that were paid for, newest first.",
        filter=RedemptionFilter,
    )
    leaderboard: Connection[LeaderboardPlace] = connection(
        Connected(
            _board,
            {"POINTS": Order("{z}", descending=True, tie="{c}.uid")},
            ids={"communityId": "Community"},
            combine=_period,
        ),
        "Who takes part and earned most points, overall or among the members of a community, in a period.",
        community_id=argument(ID | None, "Only members of this community."),
        month=argument(str | None, "The month (UTC) in which points were booked, such as 2026-01."),
        since=argument(DateTime | None, "Points booked from then; without a month."),
        until=argument(DateTime | None, "Points booked before then; without a month."),
    )
    abuse_signals: Connection[AbuseSignal] = connection(
        Connected(
            Source(abuse.SIGNALS, ("b", "c", "z")),
            {"MEMBER": Order("{b}.uid + ':' + {z}[0]", descending=True)},
        ),
        "What looks like abuse, those invited last first. Nothing follows from it by itself.",
    )


@strawberry.input(description="What acts earn from now on; what is left out stays.")
class ProgrammeSetInput:
    """What acts earn from now on."""

    referral_points: int | None = strawberry.field(default=UNSET, description="For a referral.")
    answer_points: int | None = strawberry.field(default=UNSET, description="For an answer.")
    review_points: int | None = strawberry.field(default=UNSET, description="For a review.")
    defence_points: int | None = strawberry.field(default=UNSET, description="For a defence.")
    idea_adopted_points: int | None = strawberry.field(default=UNSET, description="For an adopted idea.")


@strawberry.type(description="What came of programmeSet.")
class ProgrammeSetPayload:
    """What came of programmeSet."""

    programme: Programme | None = strawberry.field(description="What acts earn now.")
    errors: list[UserError] = strawberry.field(description="Why nothing was changed.")


@strawberry.input(description="An invitation that was sent.")
class ProgrammeInviteInput:
    """An invitation that was sent."""

    customer_id: ID = strawberry.field(description="Who is invited.")
    channel: str = strawberry.field(description="Where, for instance email.")
    wording: str = strawberry.field(description="The words of the invitation.")


@strawberry.type(description="What came of programmeInvite.")
class ProgrammeInvitePayload:
    """What came of programmeInvite."""

    member: ProgrammeMember | None = strawberry.field(description="The member.")
    errors: list[UserError] = strawberry.field(description="Why nobody may be invited.")


@strawberry.input(description="A consent.")
class ProgrammeJoinInput:
    """A consent."""

    customer_id: ID = strawberry.field(description="Who joins.")
    channel: str = strawberry.field(description="Where they consented, for instance app.")
    wording: str = strawberry.field(description="The words they consented to.")
    proof: str | None = strawberry.field(
        default=UNSET, description="What proves it: a form, a message, a recording."
    )


@strawberry.type(description="What came of programmeJoin.")
class ProgrammeJoinPayload:
    """What came of programmeJoin."""

    member: ProgrammeMember | None = strawberry.field(description="The member.")
    errors: list[UserError] = strawberry.field(description="Why they could not join.")


@strawberry.input(description="Who declines the invitation.")
class ProgrammeDeclineInput:
    """Who declines the invitation."""

    customer_id: ID = strawberry.field(description="Who declines.")


@strawberry.type(description="What came of programmeDecline.")
class ProgrammeDeclinePayload:
    """What came of programmeDecline."""

    member: ProgrammeMember | None = strawberry.field(description="The member.")
    errors: list[UserError] = strawberry.field(description="Why they could not decline.")


@strawberry.input(description="Who leaves.")
class ProgrammeLeaveInput:
    """Who leaves."""

    customer_id: ID = strawberry.field(description="Who leaves.")


@strawberry.type(description="What came of programmeLeave.")
class ProgrammeLeavePayload:
    """What came of programmeLeave."""

    member: ProgrammeMember | None = strawberry.field(description="The member.")
    errors: list[UserError] = strawberry.field(description="Why they could not leave.")


@strawberry.type
class ProgrammeMutations:
    """Declares points; invites, and takes consents and farewells."""

    @mutation("Declare what acts earn; acts accepted before keep their points.")
    async def programme_set(
        self, info: Info, input: ProgrammeSetInput, idempotency_key: IdempotencyKey = None
    ) -> ProgrammeSetPayload:
        """Declare what acts earn."""
        values: Mapping[ActKind, Any] = {
            ActKind.REFERRAL: input.referral_points,
            ActKind.ANSWER: input.answer_points,
            ActKind.REVIEW: input.review_points,
            ActKind.DEFENCE: input.defence_points,
            ActKind.IDEA_ADOPTED: input.idea_adopted_points,
        }

        async def act(tx: Transaction) -> Left:
            declared = {kind: value for kind, value in values.items() if given(value) is not None}
            await programme.set_points(tx, points=declared)
            return {"programme": "programme"}

        payload: ProgrammeSetPayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Note that a customer was invited; who declined or left may not be.")
    async def programme_invite(
        self, info: Info, input: ProgrammeInviteInput, idempotency_key: IdempotencyKey = None
    ) -> ProgrammeInvitePayload:
        """Note that a customer was invited."""

        async def act(tx: Transaction) -> Left:
            customer = uid(input.customer_id, "Customer", "customerId")
            member = await programme.invite(
                tx, customer=customer, channel=input.channel, wording=input.wording, now=now()
            )
            return {"member": member.uid}

        payload: ProgrammeInvitePayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Join by consent, after an invitation, or again after having declined or left.")
    async def programme_join(
        self, info: Info, input: ProgrammeJoinInput, idempotency_key: IdempotencyKey = None
    ) -> ProgrammeJoinPayload:
        """Join by consent."""

        async def act(tx: Transaction) -> Left:
            member = await programme.join(
                tx,
                customer=own(info, uid(input.customer_id, "Customer", "customerId")),
                channel=input.channel,
                wording=input.wording,
                proof=given(input.proof),
                now=now(),
            )
            return {"member": member.uid}

        payload: ProgrammeJoinPayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Decline an invitation: no other will come.")
    async def programme_decline(
        self, info: Info, input: ProgrammeDeclineInput, idempotency_key: IdempotencyKey = None
    ) -> ProgrammeDeclinePayload:
        """Decline an invitation."""

        async def act(tx: Transaction) -> Left:
            customer = own(info, uid(input.customer_id, "Customer", "customerId"))
            return {"member": (await programme.decline(tx, customer=customer, now=now())).uid}

        payload: ProgrammeDeclinePayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Leave: points and history stay, and nobody is written to any more.")
    async def programme_leave(
        self, info: Info, input: ProgrammeLeaveInput, idempotency_key: IdempotencyKey = None
    ) -> ProgrammeLeavePayload:
        """Leave the programme."""

        async def act(tx: Transaction) -> Left:
            customer = own(info, uid(input.customer_id, "Customer", "customerId"))
            return {"member": (await programme.leave(tx, customer=customer, now=now())).uid}

        payload: ProgrammeLeavePayload = await perform(info, act, input, idempotency_key)
        return payload
