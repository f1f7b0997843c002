"""The closed lists of the API, each value described."""

from enum import Enum

import strawberry


@strawberry.enum(description="What kind of account a customer is.")
class CustomerKind(Enum):
    """What kind of account a customer is."""

    PERSON = strawberry.enum_value("PERSON", description="A person.")
    STAFF = strawberry.enum_value("STAFF", description="Somebody who works for the brand: not ranked.")
    BOT = strawberry.enum_value("BOT", description="A program: not ranked.")


@strawberry.enum(description="Where a community comes from.")
class CommunityKind(Enum):
    """Where a community comes from."""

    DECLARED = strawberry.enum_value("DECLARED", description="Its members say so.")
    DETECTED = strawberry.enum_value("DETECTED", description="Found in the ties between its members.")


@strawberry.enum(description="The mood of a text.")
class SentimentLabel(Enum):
    """The mood of a text."""

    POSITIVE = strawberry.enum_value("POSITIVE", description="Sentiment of .05 or more.")
    NEUTRAL = strawberry.enum_value("NEUTRAL", description="Between the two.")
    NEGATIVE = strawberry.enum_value("NEGATIVE", description="Sentiment of −.05 or less.")


@strawberry.enum(description="What an advocacy link says.")
class AdvocacyKind(Enum):
    """What an advocacy link says."""

    RECOMMENDATION = strawberry.enum_value("RECOMMENDATION", description="Recommended it to somebody.")
    REFERRAL = strawberry.enum_value("REFERRAL", description="Brought somebody.")
    DEFENCE = strawberry.enum_value("DEFENCE", description="Stood up for somebody.")
    WARNING = strawberry.enum_value("WARNING", description="Warned somebody of it.")
    RATING = strawberry.enum_value("RATING", description="Rated somebody.")


@strawberry.enum(description="What kind of customer somebody is to the brand, by fixed cut points.")
class Band(Enum):
    """What kind of customer somebody is to the brand, by fixed cut points."""

    CHAMPION = strawberry.enum_value(
        "CHAMPION", description="Voice ≥ .5 in three acts or more, standing ≥ .25 from three people or more."
    )
    ADVOCATE = strawberry.enum_value("ADVOCATE", description="Voice ≥ .25 in two acts or more.")
    NEUTRAL = strawberry.enum_value("NEUTRAL", description="Any other voice.")
    AT_RISK = strawberry.enum_value("AT_RISK", description="Voice ≤ −.1.")
    DETRACTOR = strawberry.enum_value("DETRACTOR", description="Voice ≤ −.25 in two acts or more.")


@strawberry.enum(description="The score that a part belongs to.")
class InfluenceScore(Enum):
    """The score that a part belongs to."""

    REACH = strawberry.enum_value("REACH", description="How far what they say travels.")
    STANDING = strawberry.enum_value("STANDING", description="What others say of them.")
    VOICE = strawberry.enum_value("VOICE", description="What they say of the brand.")


@strawberry.enum(description="What a part of a score is.")
class InfluencePartKind(Enum):
    """What a part of a score is."""

    BASE = strawberry.enum_value("BASE", description="What every customer has.")
    UNATTACHED = strawberry.enum_value(
        "UNATTACHED", description="The share of customers who responded to nobody."
    )
    NEIGHBOUR = strawberry.enum_value(
        "NEIGHBOUR", description="What one customer who responded to them passes on."
    )
    OTHERS = strawberry.enum_value("OTHERS", description="All weaker neighbours or acts together.")
    POSITIVE = strawberry.enum_value("POSITIVE", description="Good words.")
    NEGATIVE = strawberry.enum_value("NEGATIVE", description="Bad words; each weighs three times.")


@strawberry.enum(description="What kind of act adds to a score.")
class InfluenceActKind(Enum):
    """What kind of act adds to a score."""

    REPLY = strawberry.enum_value("REPLY", description="The mood of a reply to them.")
    NAMING = strawberry.enum_value("NAMING", description="The mood of a mention that names them.")
    MOOD = strawberry.enum_value("MOOD", description="The mood of a mention of theirs.")
    RATING = strawberry.enum_value("RATING", description="A rating of them.")
    DEFENCE = strawberry.enum_value("DEFENCE", description="Somebody stood up for them.")
    RECOMMENDATION = strawberry.enum_value(
        "RECOMMENDATION", description="A recommendation: of the brand or a product, or of whom it goes to."
    )
    REFERRAL = strawberry.enum_value("REFERRAL", description="They brought somebody.")
    WARNING = strawberry.enum_value("WARNING", description="They warned somebody of it.")
    OTHERS = strawberry.enum_value("OTHERS", description="All weaker acts together.")


@strawberry.enum(description="What moved a score.")
class InfluenceChangeKind(Enum):
    """What moved a score."""

    NEW = strawberry.enum_value("NEW", description="New acts; for reach, somebody who responds anew.")
    GONE = strawberry.enum_value(
        "GONE",
        description="Acts that count no more, taken back or corrected; for reach, who responds no more.",
    )
    FADED = strawberry.enum_value("FADED", description="Time went by.")
    FAIRNESS = strawberry.enum_value(
        "FAIRNESS", description="Who said it is believed more, or less, than before."
    )
    NEIGHBOUR_REACH = strawberry.enum_value(
        "NEIGHBOUR_REACH", description="The reach of somebody who responds to them moved."
    )
    RESPONSES = strawberry.enum_value(
        "RESPONSES", description="Of somebody's responses, another share goes to them than before."
    )
    UNATTACHED = strawberry.enum_value(
        "UNATTACHED", description="The share of customers who responded to nobody moved."
    )
    OTHERS = strawberry.enum_value("OTHERS", description="All that is not listed by itself.")


@strawberry.enum(description="A language in which sentences are written.")
class Locale(Enum):
    """A language in which sentences are written."""

    EN = strawberry.enum_value("EN", description="English.")
    TR = strawberry.enum_value("TR", description="Turkish.")


@strawberry.enum(description="How far an idea has come.")
class IdeaStatus(Enum):
    """How far an idea has come."""

    OPEN = strawberry.enum_value("OPEN", description="Takes votes.")
    UNDER_REVIEW = strawberry.enum_value("UNDER_REVIEW", description="The team looks at it.")
    PLANNED = strawberry.enum_value("PLANNED", description="It will be done.")
    IN_PROGRESS = strawberry.enum_value("IN_PROGRESS", description="It is being done.")
    DELIVERED = strawberry.enum_value("DELIVERED", description="It is done; takes no more votes.")
    DECLINED = strawberry.enum_value("DECLINED", description="It will not be done; takes no more votes.")


@strawberry.enum(description="What a challenge is at, by its instants and the present.")
class ChallengePhase(Enum):
    """What a challenge is at, by its instants and the present."""

    UPCOMING = strawberry.enum_value("UPCOMING", description="It has not opened.")
    OPEN = strawberry.enum_value("OPEN", description="It takes ideas and votes: there is no voteAt.")
    COLLECT = strawberry.enum_value("COLLECT", description="It takes ideas.")
    VOTE = strawberry.enum_value("VOTE", description="It takes votes.")
    REVIEW = strawberry.enum_value("REVIEW", description="It is closed; the team looks at what came.")
    DECIDED = strawberry.enum_value("DECIDED", description="What will be done is decided.")


@strawberry.enum(description="What the votes of a challenge say.")
class VoteKind(Enum):
    """What the votes of a challenge say."""

    APPROVAL = strawberry.enum_value("APPROVAL", description="UP for as many ideas as one likes.")
    UP_DOWN_PASS = strawberry.enum_value(
        "UP_DOWN_PASS", description="UP, DOWN or PASS, each idea for itself."
    )
    POINTS = strawberry.enum_value("POINTS", description="UP with points, out of a budget that each has.")


@strawberry.enum(description="Whether customers see an idea or a comment; its author does in any case.")
class Moderation(Enum):
    """Whether customers see an idea or a comment."""

    PUBLISHED = strawberry.enum_value("PUBLISHED", description="Everybody sees it.")
    PENDING = strawberry.enum_value(
        "PENDING", description="New, and not shown until a moderator publishes it."
    )
    HELD = strawberry.enum_value("HELD", description="Not shown until somebody has looked at it.")
    HIDDEN = strawberry.enum_value("HIDDEN", description="Not shown.")


@strawberry.enum(description="When ideas and comments of a challenge are moderated.")
class ModeratedWhen(Enum):
    """When ideas and comments of a challenge are moderated."""

    AFTER = strawberry.enum_value("AFTER", description="They are shown at once.")
    BEFORE = strawberry.enum_value(
        "BEFORE", description="They wait, PENDING, until a moderator publishes them."
    )


@strawberry.enum(description="Whether a comment is shown.")
class CommentState(Enum):
    """Whether a comment is shown."""

    PUBLISHED = strawberry.enum_value("PUBLISHED", description="Everybody sees it.")
    PENDING = strawberry.enum_value(
        "PENDING", description="New, and not shown until a moderator publishes it."
    )
    HELD = strawberry.enum_value("HELD", description="Not shown until somebody has looked at it.")
    HIDDEN = strawberry.enum_value("HIDDEN", description="Not shown.")
    DELETED = strawberry.enum_value("DELETED", description="Its text was taken back; its place stays.")


@strawberry.enum(description="What a job does.")
class JobKind(Enum):
    """What a job does."""

    INFLUENCE = strawberry.enum_value("INFLUENCE", description="Scores every customer.")
    TALLY = strawberry.enum_value("TALLY", description="Counts the votes of every idea.")
    ANALYSIS = strawberry.enum_value("ANALYSIS", description="Reads language and mood of mentions.")
    COMMUNITIES = strawberry.enum_value("COMMUNITIES", description="Finds communities in the ties.")


@strawberry.enum(description="How far a run has come.")
class JobStatus(Enum):
    """How far a run has come."""

    QUEUED = strawberry.enum_value("QUEUED", description="Waits for a worker.")
    RUNNING = strawberry.enum_value("RUNNING", description="A worker is at it.")
    SUCCEEDED = strawberry.enum_value("SUCCEEDED", description="Its results are published.")
    FAILED = strawberry.enum_value("FAILED", description="It ended without results; see `message`.")


@strawberry.enum(description="An order of mentions.")
class MentionOrder(Enum):
    """An order of mentions."""

    NEWEST = strawberry.enum_value("NEWEST", description="Latest first; those without an instant last.")
    OLDEST = strawberry.enum_value("OLDEST", description="Earliest first; those without an instant first.")


@strawberry.enum(description="What a ranking of advocates or detractors goes by.")
class RankingOrder(Enum):
    """What a ranking of advocates or detractors goes by."""

    REACH = strawberry.enum_value(
        "REACH", description="How far their word goes: `advocacy` or `harm`, of reach, voice and standing."
    )
    TRUST = strawberry.enum_value(
        "TRUST",
        description="By `trustedAdvocacy` or `trustedHarm`, which invented accounts hardly buy.",
    )


@strawberry.enum(description="An order of customers.")
class CustomerOrder(Enum):
    """An order of customers."""

    NEWEST = strawberry.enum_value("NEWEST", description="Those the graph met last first.")
    NAME = strawberry.enum_value("NAME", description="By folded name.")
    REACH = strawberry.enum_value("REACH", description="Farthest reach first.")


@strawberry.enum(description="What a community manager should look at before it hurts.")
class CommunityWarningKind(Enum):
    """What a community manager should look at before it hurts."""

    ONE_CARRIES_ALL = strawberry.enum_value(
        "ONE_CARRIES_ALL", description="One of ten members or more gives over half of all that is said."
    )
    FEWER_STAY = strawberry.enum_value(
        "FEWER_STAY", description="Retention fell by more than a third of itself within 30 days."
    )
    FEW_ANSWERS = strawberry.enum_value(
        "FEW_ANSWERS", description="Surely less than half of the questions are answered by other members."
    )
    ONE_BRIDGE = strawberry.enum_value(
        "ONE_BRIDGE", description="If one member leaves, a fifth of the members or more lose the others."
    )
    MOOD_FALLS = strawberry.enum_value(
        "MOOD_FALLS",
        description="The mood of 30 days is more than .2 below that of the 30 days before, or of 90 to 180 days "
        "ago, and by more than chance explains.",
    )


@strawberry.enum(description="What makes an action a common one.")
class CollectiveActionKind(Enum):
    """What makes an action a common one."""

    COMPLAINT = strawberry.enum_value("COMPLAINT", description="Many speak badly of one product or topic.")
    SAME_WORDS = strawberry.enum_value("SAME_WORDS", description="Many write nearly the same text.")


@strawberry.enum(description="Which mentions make the time line of a community.")
class CommunityMentions(Enum):
    """Which mentions make the time line of a community."""

    BY_MEMBERS = strawberry.enum_value("BY_MEMBERS", description="What its members say anywhere.")
    IN_PLACE = strawberry.enum_value("IN_PLACE", description="What anybody says in it.")
