"""The questions of the brand: listed, opened, edited, and brought forward."""

from typing import Any

import strawberry
from strawberry import ID, UNSET, Info

from api import audience
from api.declare import Connected, connection, mutation
from api.enums import ChallengePhase, ModeratedWhen, VoteKind
from api.filters import ChallengeFilter, CustomerFilter
from api.idea_types import Challenge
from api.relay import Connection
from api.scalars import WallTime
from api.writes import IdempotencyKey, Left, UserError, given, named, perform, uid
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


def _rule(description: str) -> Any:
    return strawberry.field(default=UNSET, description=description)


@strawberry.input(description="By which rules customers take part; what is left out stays, null clears it.")
class ChallengeRules:
    """By which rules customers take part."""

    question: str | None = _rule("The question.")
    time_zone: str | None = _rule("The IANA name of the clock it goes by, such as Europe/Istanbul; else UTC.")
    opens_at: WallTime | None = _rule("It takes ideas from then; null: from the start.")
    vote_at: WallTime | None = _rule(
        "It takes votes from then, and no more ideas; null: both from the start."
    )
    closes_at: WallTime | None = _rule("Votes count until then; null: without end.")
    decided_at: WallTime | None = _rule("From then it is decided.")
    kind: VoteKind | None = _rule("What its votes say; UP_DOWN_PASS if not said.")
    moderation: ModeratedWhen | None = _rule(
        "Whether ideas and comments are shown at once or wait for a moderator; AFTER if not said."
    )
    idea_limit_count: int | None = _rule("How many ideas each may propose.")
    vote_limit_count: int | None = _rule("On how many ideas each may vote, passes aside.")
    budget_points: int | None = _rule("How many points each has to give, where votes are points.")
    untrusted_share: float | None = _rule(
        "The share of the votes and points, 0 to 1, that who has no trust yet may give; null: all of them."
    )
    has_hidden_tally: bool | None = _rule("Customers see no tally of its ideas before it closes.")
    categories: list[str] | None = _rule("What its ideas may be about.")
    currency: str | None = _rule("The currency of its costs.")
    cost_budget: float | None = _rule("What there is to spend; no idea may cost more.")
    audience: CustomerFilter | None = _rule("Who may take part; null: every customer.")


RULES = {
    **{"question": "question", "time_zone": "timeZone", "opens_at": "opensAt", "vote_at": "voteAt"},
    **{"moderation": "moderation", "untrusted_share": "untrustedShare"},
    **{"closes_at": "closesAt", "decided_at": "decidedAt", "kind": "kind", "currency": "currency"},
    **{"idea_limit_count": "ideaLimit", "vote_limit_count": "voteLimit", "budget_points": "pointBudget"},
    **{"has_hidden_tally": "hidesTally", "categories": "categories", "cost_budget": "costBudget"},
}


def _fields(info: Info, rules: ChallengeRules) -> dict[str, object]:
    """What is given of the rules, by the names that the graph has for them."""
    read = {stored: named(getattr(rules, name)) for name, stored in RULES.items()}
    kept = {stored: read[stored] for name, stored in RULES.items() if getattr(rules, name) is not UNSET}
    if rules.audience is not UNSET:
        kept["audience"] = audience.kept(rules.audience, info.context.caller.role)
    return kept


@strawberry.input(description="A challenge to open.")
class ChallengeOpenInput(ChallengeRules):
    """A challenge to open."""

    external_id: str | None = strawberry.field(default=UNSET, description="Your own id for it.")
    title: str = strawberry.field(description="Its title.")


@strawberry.type(description="What came of challengeOpen.")
class ChallengeOpenPayload:
    """What came of challengeOpen."""

    challenge: Challenge | None = strawberry.field(description="The challenge.")
    errors: list[UserError] = strawberry.field(description="Why nothing was opened.")


@strawberry.input(description="What to change of a challenge; what is left out stays, null clears it.")
class ChallengeEditInput(ChallengeRules):
    """What to change of a challenge."""

    challenge_id: ID = strawberry.field(description="Which one.")
    title: str | None = strawberry.field(default=UNSET, description="Its title.")


@strawberry.type(description="What came of challengeEdit.")
class ChallengeEditPayload:
    """What came of challengeEdit."""

    challenge: Challenge | None = strawberry.field(description="The challenge.")
    errors: list[UserError] = strawberry.field(description="Why nothing was changed.")


@strawberry.input(description="A phase to begin now.")
class ChallengeAdvanceInput:
    """A phase to begin now."""

    challenge_id: ID = strawberry.field(description="Of which challenge.")
    phase: ChallengePhase = strawberry.field(description="A later one than it is at: REVIEW closes it.")


@strawberry.type(description="What came of challengeAdvance.")
class ChallengeAdvancePayload:
    """What came of challengeAdvance."""

    challenge: Challenge | None = strawberry.field(description="The challenge.")
    errors: list[UserError] = strawberry.field(description="Why it stays where it is.")


@strawberry.type
class ChallengeMutations:
    """Opens challenges, changes them, and brings them forward."""

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
                external_id=given(input.external_id),
                fields=_fields(info, input),
                admit=audience.condition_of,
            )
            return {"challenge": kept.uid}

        payload: ChallengeOpenPayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Change a challenge, unless ideas or votes that it has would be against the new rules.")
    async def challenge_edit(
        self, info: Info, input: ChallengeEditInput, idempotency_key: IdempotencyKey = None
    ) -> ChallengeEditPayload:
        """Change a challenge."""

        async def act(tx: Transaction) -> Left:
            title = {} if input.title is UNSET else {"title": input.title}
            kept = await challenges.challenge_edit(
                tx,
                challenge=uid(input.challenge_id, "Challenge", "challengeId"),
                fields=_fields(info, input) | title,
                admit=audience.condition_of,
            )
            return {"challenge": kept.uid}

        payload: ChallengeEditPayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Begin a later phase of a challenge now, such as REVIEW to close it.")
    async def challenge_advance(
        self, info: Info, input: ChallengeAdvanceInput, idempotency_key: IdempotencyKey = None
    ) -> ChallengeAdvancePayload:
        """Begin a later phase of a challenge now."""

        async def act(tx: Transaction) -> Left:
            kept = await challenges.challenge_advance(
                tx,
                challenge=uid(input.challenge_id, "Challenge", "challengeId"),
                phase=named(input.phase),
                now=now(),
            )
            return {"challenge": kept.uid}

        payload: ChallengeAdvancePayload = await perform(info, act, input, idempotency_key)
        return payload
