"""Votes on ideas: taken, changed, withdrawn, and watched as they are counted."""

from enum import Enum

import strawberry
from strawberry import ID, UNSET, Info

from api.audience import condition_of
from api.declare import Live, argument, live, mutation
from api.idea_types import Idea
from api.relay import from_global_id
from api.types import Customer
from api.writes import IdempotencyKey, Left, UserError, given, own, perform, uid
from graph import votes
from graph.driver import Transaction
from graph.live import Kind, Topic
from graph.records import now
from graph.selection import Source


@strawberry.type
class VoteSubscriptions:
    """Votes as they are counted."""

    tally_changed: Idea | None = live(
        Live(
            Source("MATCH ({x}:Idea {{uid: $ideaId}})", ("x",)),
            {"ideaId": "Idea"},
            topic=lambda values: Topic(Kind.TALLY, from_global_id(values["ideaId"], "Idea")[1]),
        ),
        "An idea, and again as often as its tally changes.",
        ideaId=argument(ID, "Id of an Idea."),
    )


@strawberry.enum(description="What a customer says about an idea.")
class VoteChoice(Enum):
    """What a customer says about an idea."""

    UP = strawberry.enum_value("UP", description="For it.")
    DOWN = strawberry.enum_value("DOWN", description="Against it.")
    PASS = strawberry.enum_value("PASS", description="Neither.")
    WITHDRAW = strawberry.enum_value("WITHDRAW", description="Take the vote back.")


VALUES = {VoteChoice.UP: 1, VoteChoice.DOWN: -1, VoteChoice.PASS: 0, VoteChoice.WITHDRAW: None}


@strawberry.input(description="A vote; a second one of the same customer changes the first.")
class IdeaVoteInput:
    """A vote."""

    idea_id: ID = strawberry.field(description="The idea.")
    voter_id: ID = strawberry.field(description="Who votes.")
    choice: VoteChoice = strawberry.field(description="What they say.")
    points: int | None = strawberry.field(
        default=UNSET, description="How many points it gets, if that is what votes say here."
    )


@strawberry.type(description="What came of ideaVote.")
class IdeaVotePayload:
    """What came of ideaVote."""

    idea: Idea | None = strawberry.field(description="The idea; its tally follows within seconds.")
    voter: Customer | None = strawberry.field(description="Who voted.")
    errors: list[UserError] = strawberry.field(description="Why the vote was not taken.")


@strawberry.type
class VoteMutations:
    """Takes votes."""

    @mutation("Vote for, against or past an idea, change the vote or withdraw it.")
    async def idea_vote(
        self, info: Info, input: IdeaVoteInput, idempotency_key: IdempotencyKey = None
    ) -> IdeaVotePayload:
        """Vote on an idea."""

        async def act(tx: Transaction) -> Left:
            voter = own(info, uid(input.voter_id, "Customer", "voterId"))
            idea = uid(input.idea_id, "Idea", "ideaId")
            await votes.cast_vote(
                tx,
                idea=idea,
                voter=voter,
                value=VALUES[input.choice],
                now=now(),
                points=given(input.points),
                admit=condition_of,
                per_minute=info.context.settings.limit_votes,
            )
            return {"idea": idea, "voter": voter}

        payload: IdeaVotePayload = await perform(info, act, input, idempotency_key)
        return payload
