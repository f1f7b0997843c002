"""What parts of the voters say of an idea, and the groups of opinions in a challenge; declared as in `api.types`."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from api.declare import many, one, stored
from api.ring_types import Stance
from api.types import Community

if TYPE_CHECKING:
    from api.idea_types import Idea

IdeaLater = Annotated["Idea", strawberry.lazy("api.idea_types")]
UNKNOWN = -2.0


@strawberry.enum(
    description="What can be said of an idea with 95 % confidence, and stays until it turns unlikely."
)
class TallyMark(Enum):
    """What can be said of an idea with 95 % confidence, and stays until it turns unlikely."""

    POPULAR = strawberry.enum_value(
        "POPULAR", description="`support` is above half; stays until fewer than half of the votes are for it."
    )
    BRIDGING = strawberry.enum_value(
        "BRIDGING", description="`bridgingLow` is above 0; stays until `bridging` is not."
    )
    DIVISIVE = strawberry.enum_value(
        "DIVISIVE", description="A community that counts agrees, and another refuses; as their `stance`."
    )
    RISING = strawberry.enum_value(
        "RISING", description="`risingLow` is above 0; stays until `rising` is not."
    )
    FORGOTTEN = strawberry.enum_value(
        "FORGOTTEN",
        description="It has fewer than half the votes of its challenge's median; stays until it has three more.",
    )


@strawberry.enum(description="How voters are parted for a consensus.")
class ConsensusBasis(Enum):
    """How voters are parted for a consensus."""

    DECLARED = strawberry.enum_value("DECLARED", description="By the communities that somebody declared.")
    DETECTED = strawberry.enum_value("DETECTED", description="By the communities found in the ties.")
    OPINION = strawberry.enum_value("OPINION", description="By the groups found in the votes themselves.")


@strawberry.type(description="The votes of one community, or group of opinions, on an idea.")
class CommunityVotes:
    """The votes of one community, or group of opinions, on an idea."""

    community: Community | None = one(
        "WITH {x}.shareOf@tally[{n}] AS {k} MATCH ({g}:Community {{uid: {k}}})",
        "k g",
        "The community; null for a group of opinions, and for the voters who are in none.",
    )
    opinion_group: str | None = stored(
        "CASE WHEN {x}.shareOf@tally[{n}] STARTS WITH 'opinion:' THEN substring({x}.shareOf@tally[{n}], 8) END",
        "The letter of the group of opinions; null for a community, and for the voters who are in none.",
    )
    up_count: int = stored("{x}.shareUp@tally[{n}]", "Votes for, by distinct people.")
    down_count: int = stored("{x}.shareDown@tally[{n}]", "Votes against, by distinct people.")
    passed_count: int = stored("{x}.sharePassed@tally[{n}]", "Passes, by distinct people.")
    approval: float = stored("{x}.shareApproval@tally[{n}]", "(up + 1)/(votes + 2), 0 to 1.")
    is_counted: bool = stored(
        "{x}.shareCounted@tally[{n}]", "Has five votes or more, so that consensus hears it."
    )
    stance: Stance | None = stored(
        "{x}.shareStance@tally[{n}]", "Whether most of it agree or refuse; null before the next run."
    )


@strawberry.type(
    description="The consensus on an idea by one way to part its voters, and what it is made of."
)
class ConsensusView:
    """The consensus on an idea by one way to part its voters, and what it is made of."""

    by: ConsensusBasis = stored("{x}.viewBy@tally[{n}]", "How the voters are parted.")
    consensus: float | None = stored(
        f"CASE WHEN {{x}}.viewConsensus@tally[{{n}}] > {UNKNOWN} THEN {{x}}.viewConsensus@tally[{{n}}] END",
        "Geometric mean of the approvals of the parts that count, 0 to 1; null if none counts.",
    )
    consensus_low: float = stored("{x}.viewLow@tally[{n}]", "Lower end of its 95 % interval, 0 to 1.")
    consensus_high: float = stored("{x}.viewHigh@tally[{n}]", "Upper end of that interval, 0 to 1.")
    parts: list[CommunityVotes] = many(
        "UNWIND range(CASE {n} WHEN 0 THEN 0 ELSE {x}.viewUntil@tally[{n} - 1] END, {x}.viewUntil@tally[{n}] - 1) "
        "AS {l}",
        "l",
        "Every part: whether it counts, agrees or refuses.",
        x="x",
        n="l",
    )


@strawberry.type(description="An idea on which a group of opinions stands apart from all others.")
class OpinionIdea:
    """An idea on which a group of opinions stands apart from all others."""

    idea: IdeaLater | None = one(
        "WITH {h}.groupIdea@tally[{n}] AS {k} MATCH ({x}:Idea {{uid: {k}}})",
        "k x",
        "The idea; null if it is gone.",
    )
    value: int = stored("{h}.groupIdeaValue@tally[{n}]", "What the group says: 1 for it, −1 against it.")
    share: float = stored(
        "{h}.groupIdeaShare@tally[{n}]", "Which share of the group says so, (count + 1)/(votes + 2), 0 to 1."
    )
    share_of_others: float = stored("{h}.groupIdeaOther@tally[{n}]", "The same of all other groups.")


@strawberry.type(description="Voters of a challenge who vote alike. Nobody's group is stored.")
class OpinionGroup:
    """Voters of a challenge who vote alike. Nobody's group is stored."""

    label: str = stored("{h}.groupLabel@tally[{n}]", "A letter that stays with those who vote like this.")
    voter_count: int = stored("{h}.groupSize@tally[{n}]", "How many voters it has.")
    ideas: list[OpinionIdea] = many(
        "UNWIND [place IN range(0, size({h}.groupIdea@tally) - 1) WHERE {h}.groupIdeaOf@tally[place] = {n}] AS {l}",
        "l",
        "At most five ideas that set it apart, the most telling first.",
        h="h",
        n="l",
    )
