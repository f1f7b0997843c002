"""The questions of the brand: listed and opened."""

import strawberry
from strawberry import UNSET, Info

from api.declare import Connected, connection, mutation
from api.filters import ChallengeFilter
from api.idea_types import Challenge
from api.relay import Connection
from api.scalars import DateTime
from api.writes import IdempotencyKey, Left, UserError, given, perform
from graph import challenges
from graph.driver import Transaction
from graph.records import now
from graph.selection import Order, Source


@strawberry.type
class ChallengeQueries:
    """Challenges."""

    challenges: Connection[Challenge] = connection(
        Connected(
            Source("MATCH ({h}:Challenge)", ("h",)),
            {"NEWEST": Order("{h}.uid", descending=True)},
            "ChallengeFilter",
        ),
        "Challenges, newest first.",
        filter=ChallengeFilter,
    )


@strawberry.input(description="A challenge to open.")
class ChallengeOpenInput:
    """A challenge to open."""

    external_id: str | None = strawberry.field(default=UNSET, description="Your own id for it.")
    title: str = strawberry.field(description="Its title.")
    question: str | None = strawberry.field(default=UNSET, description="The question.")
    opens_at: DateTime | None = strawberry.field(default=UNSET, description="Votes count from then.")
    closes_at: DateTime | None = strawberry.field(default=UNSET, description="Votes count until then.")


@strawberry.type(description="What came of challengeOpen.")
class ChallengeOpenPayload:
    """What came of challengeOpen."""

    challenge: Challenge | None = strawberry.field(description="The challenge.")
    errors: list[UserError] = strawberry.field(description="Why nothing was opened.")


@strawberry.type
class ChallengeMutations:
    """Opens challenges."""

    @mutation("Ask customers a question.")
    async def challenge_open(
        self, info: Info, input: ChallengeOpenInput, idempotency_key: IdempotencyKey = None
    ) -> ChallengeOpenPayload:
        """Ask customers a question."""

        async def act(tx: Transaction) -> Left:
            kept = await challenges.challenge_open(
                tx,
                title=input.title,
                now=now(),
                question=given(input.question),
                opens_at=given(input.opens_at),
                closes_at=given(input.closes_at),
                external_id=given(input.external_id),
            )
            return {"challenge": kept.uid}

        payload: ChallengeOpenPayload = await perform(info, act, input, idempotency_key)
        return payload
