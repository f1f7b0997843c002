"""The rings that a tally found among its votes; declared as in `api.types`."""

from enum import Enum

import strawberry

from api.declare import stored


@strawberry.enum(description="Whether more than half of a community are for an idea, or against it.")
class Stance(Enum):
    """Whether more than half of a community are for an idea, or against it."""

    AGREES = strawberry.enum_value("AGREES", description="More than half are for it, with 95 % confidence.")
    UNDECIDED = strawberry.enum_value(
        "UNDECIDED", description="Neither is certain: one vote more flips none."
    )
    REFUSES = strawberry.enum_value(
        "REFUSES", description="More than half are against it, with 95 % confidence."
    )


@strawberry.enum(description="What the votes of a ring were found by.")
class RingReason(Enum):
    """What the votes of a ring were found by."""

    SAME_PERSON = strawberry.enum_value(
        "SAME_PERSON", description="Accounts that share an e-mail address, a phone number or a handle."
    )
    SAME_BALLOT = strawberry.enum_value(
        "SAME_BALLOT",
        description="Many ballots are the same but for one vote, and most of these have it for this idea.",
    )
    SEEN_TOGETHER = strawberry.enum_value(
        "SEEN_TOGETHER",
        description="Accounts that joined, or first voted, within ten minutes, an hour, a day or a week agree on it "
        "far more than the others.",
    )
    BURST = strawberry.enum_value(
        "BURST", description="Far more votes than usual within ten minutes, an hour or a day."
    )
    LITTLE_ELSE = strawberry.enum_value(
        "LITTLE_ELSE",
        description="Accounts with few votes, in all or on one visit, or all with equally many, vote for it far "
        "more than the others.",
    )


@strawberry.type(
    description="Votes on an idea that were cast together, and count as the root of their number."
)
class VoteRing:
    """Votes on an idea that were cast together, and count as the root of their number."""

    vote_count: int = stored("{x}.ringSize@tally[{n}]", "How many votes it has.")
    value: int = stored("{x}.ringValue@tally[{n}]", "What they all are: 1 for, −1 against.")
    counts_as: float = stored("{x}.ringCounts@tally[{n}]", "How many votes they count in all: √voteCount.")
    reason: RingReason = stored("{x}.ringReason@tally[{n}]", "What most of them were found by.")
