"""The lists of ideas; the mutation that submits one."""

from enum import Enum

import strawberry
from strawberry import ID, UNSET, Info

from api.audience import condition_of
from api.declare import Arguments, Connected, argument, connection, mutation
from api.filters import IdeaFilter
from api.idea_types import Idea
from api.relay import Connection
from api.types import NEWEST_IDEA
from api.writes import IdempotencyKey, Left, UserError, given, own, perform, uid, uid_or_none
from graph import ideas
from graph.driver import Transaction
from graph.phases import SHOWN
from graph.records import now
from graph.selection import Index, Order, Source
from graph.tokens import Role


@strawberry.enum(description="A list of ideas; each means something else.")
class IdeaList(Enum):
    """A list of ideas; each means something else."""

    POPULAR = strawberry.enum_value("POPULAR", description="Most support.")
    EFFECTIVE = strawberry.enum_value(
        "EFFECTIVE", description="Most votes for it, less those against and rings."
    )
    BRIDGING = strawberry.enum_value("BRIDGING", description="Liked by people who else disagree.")
    DIVISIVE = strawberry.enum_value("DIVISIVE", description="Communities disagree on it most.")
    RISING = strawberry.enum_value("RISING", description="Most votes for it lately.")
    FORGOTTEN = strawberry.enum_value("FORGOTTEN", description="Liked by the few who saw it.")
    NEWEST = strawberry.enum_value("NEWEST", description="Proposed last.")


def _by(score: str, absent: float) -> Order:
    """By a measure of the tally; where that is hidden from who asks, an idea stands with those that have none."""
    key = f"{{x}}.{score}@tally"
    index = Index("MATCH ({x}:Idea)", key, present=f"{key} > {absent} AND {SHOWN}", label="Idea")
    shown = f"CASE WHEN {SHOWN} THEN coalesce({key}, {absent}) ELSE {absent} END"
    return Order(shown, descending=True, tie="{x}.uid", index=index)


LISTS = {
    "POPULAR": _by("support", -1.0),
    "EFFECTIVE": _by("effective", -1.0e15),
    "BRIDGING": _by("bridging", -1000.0),
    "DIVISIVE": _by("divisive", -1.0),
    "RISING": _by("rising", -1.0e15),
    "FORGOTTEN": _by("forgotten", -1.0),
    "NEWEST": NEWEST_IDEA,
}


def _listed(arguments: Arguments) -> Source:
    """All ideas, or those that stand for themselves."""
    merged = "[({x})-[:DUPLICATE_OF]->(other) | 1][0] IS NULL"
    return Source("MATCH ({x}:Idea)", ("x",), where=() if arguments["withDuplicates"] else (merged,))


@strawberry.type
class IdeaQueries:
    """The lists of ideas."""

    ideas: Connection[Idea] = connection(
        Connected(_listed, LISTS, "IdeaFilter", by="list"),
        "Ideas, by one of the lists.",
        filter=IdeaFilter,
        list=argument(IdeaList, "Which list."),
        withDuplicates=argument(bool, "Also those that were merged into another."),
        defaults={"withDuplicates": False},
    )


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
    links: list[str] | None = strawberry.field(
        default=UNSET, description="Addresses that begin with https://, at most 10."
    )


@strawberry.type(description="What came of ideaSubmit.")
class IdeaSubmitPayload:
    """What came of ideaSubmit."""

    idea: Idea | None = strawberry.field(description="The idea.")
    errors: list[UserError] = strawberry.field(description="Why nothing was submitted.")


@strawberry.type
class IdeaMutations:
    """Submits ideas."""

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
                links=given(input.links) or (),
                external_id=given(input.external_id),
                admit=condition_of,
            )
            return {"idea": kept.uid}

        payload: IdeaSubmitPayload = await perform(info, act, input, idempotency_key)
        return payload
