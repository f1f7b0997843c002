"""Communities and who belongs to them; mutations that keep both."""

from dataclasses import replace

import strawberry
from strawberry import ID, UNSET, Info

from api.declare import Connected, ToOne, argument, connection, mutation, root
from api.enums import CommunityKind
from api.filters import CommunityFilter
from api.relay import Connection
from api.scalars import DateTime
from api.types import BY_COMMUNITY, Community, Customer, Membership
from api.writes import IdempotencyKey, Left, UserError, given, named, own, perform, uid, uid_or_none
from graph import communities
from graph.driver import Transaction
from graph.records import now
from graph.selection import Index, Source

NAMED = Index("MATCH ({g}:Community)", "{g}.nameKey", present="{g}.nameKey > ''", label="Community")


@strawberry.type
class CommunityQueries:
    """Communities by id and by filter."""

    community: Community | None = root(
        ToOne(Source("MATCH ({g}:Community {{uid: $id}})", ("g",)), {"id": "Community"}),
        "The community of this id.",
        id=argument(ID, "Id of a Community."),
    )
    communities: Connection[Community] = connection(
        Connected(
            Source("MATCH ({g}:Community)", ("g",)),
            {"NAME": replace(BY_COMMUNITY, index=NAMED)},
            "CommunityFilter",
        ),
        "Communities by name.",
        filter=CommunityFilter,
    )


@strawberry.input(description="A community to keep. What is left out stays as it is.")
class CommunityUpsertInput:
    """A community to keep."""

    id: ID | None = strawberry.field(
        default=UNSET, description="The community to change; else by external id."
    )
    external_id: str | None = strawberry.field(default=UNSET, description="Your own id for it.")
    name: str | None = strawberry.field(default=UNSET, description="Its name.")
    kind: CommunityKind | None = strawberry.field(default=UNSET, description="Where it comes from.")


@strawberry.type(description="What came of communityUpsert.")
class CommunityUpsertPayload:
    """What came of communityUpsert."""

    community: Community | None = strawberry.field(description="The community as it is now.")
    errors: list[UserError] = strawberry.field(description="Why nothing was changed.")


@strawberry.input(description="Who joins what.")
class CommunityJoinInput:
    """Who joins what."""

    community_id: ID = strawberry.field(description="The community.")
    customer_id: ID = strawberry.field(description="Who joins.")
    role: str | None = strawberry.field(default=UNSET, description="What they are there; MEMBER if left out.")
    since: DateTime | None = strawberry.field(default=UNSET, description="Since when; now if left out.")


@strawberry.type(description="What came of communityJoin.")
class CommunityJoinPayload:
    """What came of communityJoin."""

    membership: Membership | None = strawberry.field(description="The membership.")
    errors: list[UserError] = strawberry.field(description="Why nothing was changed.")


@strawberry.input(description="Who leaves what.")
class CommunityLeaveInput:
    """Who leaves what."""

    community_id: ID = strawberry.field(description="The community.")
    customer_id: ID = strawberry.field(description="Who leaves.")


@strawberry.type(description="What came of communityLeave.")
class CommunityLeavePayload:
    """What came of communityLeave."""

    customer: Customer | None = strawberry.field(description="Who left.")
    community: Community | None = strawberry.field(description="What they left.")
    errors: list[UserError] = strawberry.field(description="Why nothing was changed.")


@strawberry.type
class CommunityMutations:
    """Keeps communities and memberships."""

    @mutation("Keep a community: changed if known by id or external id, else new.")
    async def community_upsert(
        self, info: Info, input: CommunityUpsertInput, idempotency_key: IdempotencyKey = None
    ) -> CommunityUpsertPayload:
        """Keep a community."""
        values = {"name": input.name, "kind": input.kind}
        fields = {name: named(value) for name, value in values.items() if value is not UNSET}

        async def act(tx: Transaction) -> Left:
            kept = await communities.upsert(
                tx,
                now=now(),
                fields=fields,
                uid=uid_or_none(input.id, "Community", "id"),
                external_id=given(input.external_id),
            )
            return {"community": kept.uid}

        payload: CommunityUpsertPayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Let a customer join a community; who is in it already stays.")
    async def community_join(
        self, info: Info, input: CommunityJoinInput, idempotency_key: IdempotencyKey = None
    ) -> CommunityJoinPayload:
        """Let a customer join a community."""

        async def act(tx: Transaction) -> Left:
            customer = own(info, uid(input.customer_id, "Customer", "customerId"))
            community = uid(input.community_id, "Community", "communityId")
            options = {"role": given(input.role), "since": given(input.since)}
            chosen = {name: value for name, value in options.items() if value is not None}
            await communities.join(tx, customer=customer, community=community, now=now(), **chosen)
            return {"membership": [customer, community]}

        payload: CommunityJoinPayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Let a customer leave a community; that they were in it is kept.")
    async def community_leave(
        self, info: Info, input: CommunityLeaveInput, idempotency_key: IdempotencyKey = None
    ) -> CommunityLeavePayload:
        """Let a customer leave a community."""

        async def act(tx: Transaction) -> Left:
            customer = own(info, uid(input.customer_id, "Customer", "customerId"))
            community = uid(input.community_id, "Community", "communityId")
            await communities.leave(tx, customer=customer, community=community, now=now())
            return {"customer": customer, "community": community}

        payload: CommunityLeavePayload = await perform(info, act, input, idempotency_key)
        return payload
