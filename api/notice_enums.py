"""The closed lists of notices and consents, each value described."""

from enum import Enum

import strawberry


@strawberry.enum(description="What became of an idea or a challenge.")
class NoticeKind(Enum):
    """What became of an idea or a challenge."""

    ANSWERED = strawberry.enum_value("ANSWERED", description="The team has answered it.")
    STATUS_CHANGED = strawberry.enum_value("STATUS_CHANGED", description="It has come further.")
    MERGED = strawberry.enum_value("MERGED", description="It was put together with another.")
    MERGE_UNDONE = strawberry.enum_value("MERGE_UNDONE", description="A merge with another was undone.")
    SPLIT = strawberry.enum_value("SPLIT", description="It was split.")
    SPLIT_UNDONE = strawberry.enum_value("SPLIT_UNDONE", description="A split of it was undone.")
    MODERATED = strawberry.enum_value("MODERATED", description="A moderator decided; its author is told.")
    COMMENT_MODERATED = strawberry.enum_value(
        "COMMENT_MODERATED", description="A moderator decided about a comment; who wrote it is told."
    )
    COMMENTED = strawberry.enum_value(
        "COMMENTED", description="A new comment; voters who do not follow it are not told."
    )
    CHALLENGE_DECIDED = strawberry.enum_value(
        "CHALLENGE_DECIDED", description="The challenge is decided; who took part is told once."
    )


@strawberry.enum(description="Where somebody is told.")
class Channel(Enum):
    """Where somebody is told."""

    IN_APP = strawberry.enum_value("IN_APP", description="In their inbox here; needs no consent.")
    EMAIL = strawberry.enum_value("EMAIL", description="By e-mail.")
    WEBHOOK = strawberry.enum_value("WEBHOOK", description="By what the brand has behind its webhook.")


@strawberry.enum(description="What somebody is told of.")
class ConsentPurpose(Enum):
    """What somebody is told of."""

    IDEAS = strawberry.enum_value("IDEAS", description="What becomes of ideas that concern them.")


@strawberry.enum(description="Whether a consent holds from then on.")
class ConsentState(Enum):
    """Whether a consent holds from then on."""

    GIVEN = strawberry.enum_value("GIVEN", description="It holds.")
    WITHDRAWN = strawberry.enum_value("WITHDRAWN", description="It is over.")


@strawberry.enum(description="How often somebody is written to at most.")
class Pace(Enum):
    """How often somebody is written to at most."""

    IMMEDIATE = strawberry.enum_value("IMMEDIATE", description="As often as the brand's own limit allows.")
    DAILY = strawberry.enum_value("DAILY", description="Once a day: what comes in between is one message.")


@strawberry.enum(description="Why somebody was not reached on a channel.")
class UndeliveredReason(Enum):
    """Why somebody was not reached on a channel."""

    MUTED = strawberry.enum_value("MUTED", description="They want to hear no more of this idea.")
    NO_CONSENT = strawberry.enum_value("NO_CONSENT", description="They did not consent, or withdrew.")
    NO_ADDRESS = strawberry.enum_value("NO_ADDRESS", description="They consented, and have no address.")
    REFUSED = strawberry.enum_value("REFUSED", description="The other side never takes a message for them.")
    GAVE_UP = strawberry.enum_value("GAVE_UP", description="Every attempt failed.")
