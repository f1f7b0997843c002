"""The closed lists of the advocacy programme, each value described."""

from enum import Enum

import strawberry


@strawberry.enum(description="How a customer stands to the programme.")
class ProgrammeState(Enum):
    """How a customer stands to the programme."""

    INVITED = strawberry.enum_value("INVITED", description="Was asked, and has not answered.")
    ACTIVE = strawberry.enum_value("ACTIVE", description="Takes part by their own consent.")
    DECLINED = strawberry.enum_value("DECLINED", description="Said no: is not written to any more.")
    LEFT = strawberry.enum_value("LEFT", description="Took part and left: is not written to any more.")


@strawberry.enum(description="What a member did for the brand.")
class ActKind(Enum):
    """What a member did for the brand."""

    REFERRAL = strawberry.enum_value("REFERRAL", description="Brought somebody: an advocacy link REFERRAL.")
    ANSWER = strawberry.enum_value("ANSWER", description="Answered another customer: a mention that replies.")
    REVIEW = strawberry.enum_value(
        "REVIEW", description="Told others honestly: a mention, or a link RECOMMENDATION or WARNING."
    )
    DEFENCE = strawberry.enum_value("DEFENCE", description="Stood up for it: a link DEFENCE, or a mention.")
    IDEA_ADOPTED = strawberry.enum_value("IDEA_ADOPTED", description="Proposed an idea that was adopted.")


@strawberry.enum(description="How far an act has come.")
class ActState(Enum):
    """How far an act has come."""

    RECORDED = strawberry.enum_value("RECORDED", description="Waits for its judgement.")
    ACCEPTED = strawberry.enum_value("ACCEPTED", description="Has earned its points.")
    REFUSED = strawberry.enum_value("REFUSED", description="Earned nothing, for the reason given.")
    REVERSED = strawberry.enum_value("REVERSED", description="Was accepted by mistake; its points are back.")


@strawberry.enum(description="What an entry of the ledger books.")
class EntryKind(Enum):
    """What an entry of the ledger books."""

    EARN = strawberry.enum_value("EARN", description="An act was accepted.")
    SPEND = strawberry.enum_value("SPEND", description="A reward was redeemed.")
    REVERSE = strawberry.enum_value("REVERSE", description="An act was reversed or a redemption cancelled.")


@strawberry.enum(description="How far a redemption has come.")
class RedemptionState(Enum):
    """How far a redemption has come."""

    REQUESTED = strawberry.enum_value("REQUESTED", description="Paid; the reward is still to be handed out.")
    FULFILLED = strawberry.enum_value("FULFILLED", description="The reward was handed out.")
    CANCELLED = strawberry.enum_value("CANCELLED", description="Points and stock were given back.")


@strawberry.enum(description="What looks like abuse; it changes nothing by itself.")
class AbuseKind(Enum):
    """What looks like abuse; it changes nothing by itself."""

    BURST = strawberry.enum_value("BURST", description="Five acts or more on one day (UTC).")
    ONE_PERSON = strawberry.enum_value(
        "ONE_PERSON", description="Three acts or more that concern somebody, all the same person."
    )
    MUTUAL = strawberry.enum_value(
        "MUTUAL", description="Two acts or more for members whose acts are for this member."
    )
    FRESH_ACCOUNT = strawberry.enum_value(
        "FRESH_ACCOUNT", description="Acts in the first 30 days of the account."
    )
    BEYOND_INFLUENCE = strawberry.enum_value(
        "BEYOND_INFLUENCE", description="100 points or more earned, and over 200 for each unit of reach."
    )
    EVIDENCE_GONE = strawberry.enum_value(
        "EVIDENCE_GONE", description="Accepted acts whose evidence was deleted or retracted since."
    )
