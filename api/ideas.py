"""Challenges, ideas and votes; mutations that open, submit and vote."""

from enum import Enum

import strawberry
from strawberry import ID, UNSET, Info

from api.declare import Connected, Live, argument, connection, live, mutation
from api.filters import ChallengeFilter, IdeaFilter
from api.idea_types import Challenge, Idea
from api.relay import Connection, from_global_id
from api.scalars import DateTime
from api.types import NEWEST_IDEA, Customer
from api.writes import IdempotencyKey, Left, UserError, given, own, perform, uid, uid_or_none
from graph import ideas
from graph.driver import Transaction
from graph.live import Kind, Topic
from graph.records import now
from graph.selection import Index, Order, Source
from graph.tokens import Role


@strawberry.enum(description="A list of ideas; each means something else.")
class IdeaList(Enum):
    """A list of ideas; each means something else."""

    POPULAR = strawberry.enum_value("POPULAR", description="Most support.")
    BRIDGING = strawberry.enum_value("BRIDGING", description="Liked by people who else disagree.")
    DIVISIVE = strawberry.enum_value("DIVISIVE", description="Communities disagree on it most.")
    RISING = strawberry.enum_value("RISING", description="Most votes for it lately.")
    NEWEST = strawberry.enum_value("NEWEST", description="Proposed last.")


def _by(score: str, absent: float) -> Order:
    key = f"{{x}}.{score}@tally"
    index = Index("MATCH ({x}:Idea)", key, present=f"{key} > {absent}", label="Idea")
    return Order(f"coalesce({key}, {absent})", descending=True, tie="{x}.uid", index=index)


LISTS = {
    "POPULAR": _by("support", -1.0),
    "BRIDGING": _by("bridging", -1000.0),
    "DIVISIVE": _by("divisive", -1.0),
    "RISING": _by("rising", -1.0e15),
    "NEWEST": NEWEST_IDEA,
}


@strawberry.type
class IdeaQueries:
    """Challenges and the lists of ideas."""

    challenges: Connection[Challenge] = connection(
        Connected(
            Source("MATCH ({h}:Challenge)", ("h",)),
            {"NEWEST": Order("{h}.uid", descending=True)},
            "ChallengeFilter",
        ),
        "Challenges, newest first.",
        filter=ChallengeFilter,
    )
    ideas: Connection[Idea] = connection(
        Connected(Source("MATCH ({x}:Idea)", ("x",)), LISTS, "IdeaFilter", by="list"),
        "Ideas, by one of the lists.",
        filter=IdeaFilter,
        list=argument(IdeaList, "Which list."),
    )


@strawberry.type
class IdeaSubscriptions:
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


@strawberry.input(description="An idea to submit.")
class IdeaSubmitInput:
    """An idea to submit."""

    external_id: str | None = strawberry.field(default=UNSET, description="Your own id for it.")
    challenge_id: ID = strawberry.field(description="The question it answers.")
    author_id: ID | None = strawberry.field(default=UNSET, description="Who proposes it; nobody: the brand.")
    title: str = strawberry.field(description="Its title.")
    body: str | None = strawberry.field(default=UNSET, description="Its text.")
    category: str | None = strawberry.field(default=UNSET, description="Its category.")
    cost: float | None = strawberry.field(default=UNSET, description="What it would cost.")


@strawberry.type(description="What came of ideaSubmit.")
class IdeaSubmitPayload:
    """What came of ideaSubmit."""

    idea: Idea | None = strawberry.field(description="The idea.")
    errors: list[UserError] = strawberry.field(description="Why nothing was submitted.")


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


@strawberry.type(description="What came of ideaVote.")
class IdeaVotePayload:
    """What came of ideaVote."""

    idea: Idea | None = strawberry.field(description="The idea; its tally follows within seconds.")
    voter: Customer | None = strawberry.field(description="Who voted.")
    errors: list[UserError] = strawberry.field(description="Why the vote was not taken.")


@strawberry.type
class IdeaMutations:
    """Opens challenges, submits ideas, takes votes."""

    @mutation("Ask customers a question.")
    async def challenge_open(
        self, info: Info, input: ChallengeOpenInput, idempotency_key: IdempotencyKey = None
    ) -> ChallengeOpenPayload:
        """Ask customers a question."""

        async def act(tx: Transaction) -> Left:
            kept = await ideas.challenge_open(
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

    @mutation("Propose something.")
    async def idea_submit(
        self, info: Info, input: IdeaSubmitInput, idempotency_key: IdempotencyKey = None
    ) -> IdeaSubmitPayload:
        """Propose something."""

        async def act(tx: Transaction) -> Left:
            author = uid_or_none(input.author_id, "Customer", "authorId")
            if info.context.caller.role is Role.CUSTOMER:
                own(info, author or "")
            kept = await ideas.idea_submit(
                tx,
                challenge=uid(input.challenge_id, "Challenge", "challengeId"),
                author=author,
                title=input.title,
                now=now(),
                body=given(input.body),
                at=now(),
                category=given(input.category),
                cost=given(input.cost),
                external_id=given(input.external_id),
            )
            return {"idea": kept.uid}

        payload: IdeaSubmitPayload = await perform(info, act, input, idempotency_key)
        return payload

    @mutation("Vote for, against or past an idea, change the vote or withdraw it.")
    async def idea_vote(
        self, info: Info, input: IdeaVoteInput, idempotency_key: IdempotencyKey = None
    ) -> IdeaVotePayload:
        """Vote on an idea."""

        async def act(tx: Transaction) -> Left:
            voter = own(info, uid(input.voter_id, "Customer", "voterId"))
            idea = uid(input.idea_id, "Idea", "ideaId")
            await ideas.cast_vote(tx, idea=idea, voter=voter, value=VALUES[input.choice], now=now())
            return {"idea": idea, "voter": voter}

        payload: IdeaVotePayload = await perform(info, act, input, idempotency_key)
        return payload
