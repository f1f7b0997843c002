"""The community as counterpart: its health, what it asks for, and what it does together.

All of it is as the last communities run found it. Roles are those of `api.types`.
"""

from typing import TYPE_CHECKING, Annotated

import strawberry

from api.declare import Arguments, Connected, argument, connection, many, one, seen, stored
from api.enums import CollectiveActionKind, CommunityMentions, CommunityWarningKind, MentionOrder
from api.filters import MentionFilter
from api.relay import Connection
from api.scalars import DateTime
from graph.health import UNKNOWN
from graph.selection import LAST, Order, Source

if TYPE_CHECKING:
    from api.idea_types import Idea
    from api.types import Community, Customer, Mention, Product, Topic

CommunityLater = Annotated["Community", strawberry.lazy("api.types")]
CustomerLater = Annotated["Customer", strawberry.lazy("api.types")]
MentionLater = Annotated["Mention", strawberry.lazy("api.types")]
ProductLater = Annotated["Product", strawberry.lazy("api.types")]
TopicLater = Annotated["Topic", strawberry.lazy("api.types")]
IdeaLater = Annotated["Idea", strawberry.lazy("api.idea_types")]


def _places(name: str) -> str:
    return f"UNWIND range(0, size(coalesce({{g}}.{name}@communities, [])) - 1) AS {{n}}"


def _at(name: str) -> str:
    return f"{{g}}.{name}@communities[{{n}}]"


def _known_at(name: str) -> str:
    return f"CASE {_at(name)} WHEN {UNKNOWN} THEN null ELSE {_at(name)} END"


def _uids(name: str, label: str, role: str) -> str:
    """The nodes of the uids that stand in one text, parted by blanks."""
    return (
        f"WITH split({_at(name)}, ' ') AS {{l}} UNWIND range(0, size({{l}}) - 1) AS {{k}} "
        f"WITH {{l}}, {{k}}, {{l}}[{{k}}] AS {{w}} MATCH ({{{role}}}:{label} {{{{uid: {{w}}}}}})"
    )


def _uid(name: str, label: str, role: str) -> str:
    return f"WITH {_at(name)} AS {{k}} MATCH ({{{role}}}:{label} {{{{uid: {{k}}}}}})"


@strawberry.type(description="How healthy a community is; what is unknown is null.")
class CommunityHealth:
    """How healthy a community is."""

    as_of: DateTime | None = stored(
        "{g}.healthAt@communities", "The instant that all windows end with; null: there was no act."
    )
    member_count: int = stored("{g}.members@communities", "Members who are ranked: no staff, no bots.")
    active_count: int = stored("{g}.active@communities", "Members who said something in the last 30 days.")
    bus_factor_count: int | None = stored(
        "{g}.busFactor@communities",
        "How few members give 51 % of all that is said, from 1 upwards; an act counts half after 60 days.",
    )
    retention: float | None = stored(
        "{g}.retention@communities",
        "Of the members active in the 30 days before, the share active in the last 30, 0 to 1.",
    )
    retention_before: float | None = stored(
        "{g}.retentionBefore@communities", "The same 30 days earlier, 0 to 1."
    )
    question_count: int = stored(
        "{g}.questions@communities", "Questions of 30 days, each with a day or more to be answered."
    )
    answered_by_peers: float | None = stored(
        "{g}.answeredByPeers@communities",
        "Of these the share that somebody answered who is neither the asker nor staff nor a bot, 0 to 1.",
    )
    first_answer_seconds: float | None = stored(
        "{g}.firstAnswer@communities", "Median time to the first answer by anybody else, in seconds."
    )
    density: float | None = stored(
        "{g}.density@communities", "Ties between members, of all that are possible, 0 to 1."
    )
    bridge: CustomerLater | None = one(
        "WITH {g}.bridge@communities AS {k} MATCH ({c}:Customer {{uid: {k}}})",
        "k c",
        "Whose leaving would cut off most members; null if nobody's would.",
    )
    cut_off_count: int = stored(
        "{g}.cutOff@communities", "How many members lose the largest group without the bridge."
    )
    mood: float | None = stored(
        "{g}.mood@communities", "Mean sentiment of what members said in the last 30 days, −1 to 1."
    )
    mood_before: float | None = stored("{g}.moodBefore@communities", "The same 30 days earlier, −1 to 1.")


@strawberry.type(description="The health of a community in one run; what was unknown is null.")
class CommunityHealthPoint:
    """The health of a community in one run."""

    as_of: DateTime | None = stored(
        f"CASE {_at('runAt')} WHEN '' THEN null ELSE {_at('runAt')} END",
        "The instant the run counted until; null: before any act.",
    )
    member_count: int = stored(_at("runMembers"), "Members.")
    active_count: int = stored(_at("runActive"), "Members who said something in the 30 days before.")
    bus_factor_count: int | None = stored(_known_at("runBusFactor"), "How few gave 51 % of what was said.")
    retention: float | None = stored(_known_at("runRetention"), "Share of active members who stayed, 0 to 1.")
    answered_by_peers: float | None = stored(
        _known_at("runAnsweredByPeers"), "Share of questions answered by other members, 0 to 1."
    )
    density: float | None = stored(_known_at("runDensity"), "Ties of all that are possible, 0 to 1.")
    mood: float | None = stored(_known_at("runMood"), "Mean sentiment of 30 days, −1 to 1.")
    warning_count: int = stored(_at("runWarnings"), "Early warnings.")


@strawberry.type(description="What a community manager should look at before it hurts.")
class CommunityWarning:
    """What a community manager should look at before it hurts."""

    kind: CommunityWarningKind = stored(_at("warnKind"), "What is the matter.")
    reason: str = stored(_at("warnReason"), "Why it is given, as a sentence in English.")
    reason_turkish: str = stored(_at("warnReasonTr"), "Why it is given, as a sentence in Turkish.")
    members: list[CustomerLater] = many(
        _uids("warnMembers", "Customer", "c"),
        "l k w c",
        "Whom it is about, at most five, the most concerned first.",
        order=Order("{k}"),
    )


@strawberry.type(description="What a community shares with one of the other kind, declared or detected.")
class CommunityOverlap:
    """What a community shares with one of the other kind."""

    community: CommunityLater | None = one(
        "WITH {g}.overlapWith@communities[{n}] AS {k} MATCH ({q}:Community {{uid: {k}}})",
        "k q",
        "The other community; null if it is gone.",
        g="q",
    )
    member_count: int = stored(_at("overlapMembers"), "Members of both.")
    share: float = stored(_at("overlapShare"), "Which share of the members of this one they are, 0 to 1.")
    share_of_other: float = stored(_at("overlapShareOfOther"), "Which share of those of the other, 0 to 1.")
    jaccard: float = stored(_at("overlapJaccard"), "Members of both / members of either, 0 to 1.")


@strawberry.type(description="The mood of a community in one week.")
class CommunityMood:
    """The mood of a community in one week."""

    since: DateTime = stored(_at("weekAt"), "Monday, 00:00 UTC, with which the week begins.")
    mood: float = stored(_at("weekMood"), "Mean sentiment of what members said, −1 to 1.")
    mention_count: int = stored(_at("weekMentions"), "Mentions it is the mean of.")


@strawberry.type(description="A product or a topic that a community speaks of.")
class CommunitySubject:
    """A product or a topic that a community speaks of."""

    product: ProductLater | None = one(
        _uid("subject", "Product", "p"), "k p", "The product; null for a topic."
    )
    topic: TopicLater | None = one(_uid("subject", "Topic", "o"), "k o", "The topic; null for a product.")
    member_count: int = stored(_at("subjectMembers"), "Members who spoke of it in the last 30 days.")
    mention_count: int = stored(_at("subjectMentions"), "Their mentions of it.")
    mood: float | None = stored(_known_at("subjectMood"), "Mean sentiment of these, −1 to 1.")


@strawberry.type(description="An open idea that a community supports.")
class CommunityWish:
    """An open idea that a community supports."""

    idea: IdeaLater | None = one(_uid("wish", "Idea", "x"), "k x", "The idea; null if it is gone.")
    support: float = stored(
        _at("wishSupport"), "Wilson 95 % lower bound of the share of members' votes for it, 0 to 1."
    )
    up_count: int = stored(_at("wishUp"), "Members for it.")
    vote_count: int = stored(_at("wishVotes"), "Members who voted, against it or passing too.")


@strawberry.type(description="Many members with one demand in a short time, beyond what is usual.")
class CollectiveAction:
    """Many members with one demand in a short time, beyond what is usual."""

    kind: CollectiveActionKind = stored(_at("actionKind"), "What they have in common.")
    since: DateTime = stored(_at("actionSince"), "The day it began, 00:00 UTC.")
    last_at: DateTime = stored(_at("actionUntil"), "Its last day, 00:00 UTC.")
    member_count: int = stored(_at("actionMembers"), "Members who took part.")
    usual: float = stored(_at("actionUsual"), "How many would be usual for these days, from 0 upwards.")
    chance: float = stored(
        _at("actionChance"), "Probability that talk at random begins like this anywhere in a run, 0 to .01."
    )
    product: ProductLater | None = one(_uid("actionSubject", "Product", "p"), "k p", "The product, if any.")
    topic: TopicLater | None = one(_uid("actionSubject", "Topic", "o"), "k o", "The topic, if any.")
    reason: str = stored(_at("actionReason"), "What happened, as a sentence in English.")
    reason_turkish: str = stored(_at("actionReasonTr"), "What happened, as a sentence in Turkish.")
    examples: list[MentionLater] = many(
        _uids("actionExamples", "Mention", "m"),
        "l k w m",
        "At most three mentions by different members, the worst mood first; those deleted since are gone.",
        order=Order("{k}"),
    )


BY_MEMBERS = Source("MATCH ({g})<-[:MEMBER_OF]-()-[:WROTE]->({m})", ("m",))
IN_PLACE = Source("MATCH ({g})<-[:IN]-({m})", ("m",))
TIME_LINE = {
    "NEWEST": Order("coalesce({m}.at, '')", descending=True, tie="{m}.uid"),
    "OLDEST": Order(f"coalesce({{m}}.at, {LAST})", tie="{m}.uid"),
}


def _spoken(arguments: Arguments) -> Source:
    return IN_PLACE if arguments.get("said") is CommunityMentions.IN_PLACE else BY_MEMBERS


@strawberry.type
class CommunityLife:
    """What a community is as a counterpart."""

    health: CommunityHealth | None = seen(
        "How healthy it is; null before the first communities run.",
        present="{g}.members@communities IS NOT NULL",
        g="{g}",
    )
    health_history: list[CommunityHealthPoint] = many(
        _places("runAt"), "n", "Its health in the last 52 runs, the oldest first.", g="g"
    )
    warnings: list[CommunityWarning] = many(
        _places("warnKind"), "n", "What to look at before it hurts.", g="g"
    )
    overlaps: list[CommunityOverlap] = many(
        _places("overlapWith"),
        "n",
        "Communities of the other kind that share a fifth or more of either, the most alike first.",
        g="g",
    )
    mood_by_week: list[CommunityMood] = many(
        _places("weekAt"), "n", "Its mood in each of the last 26 weeks that has one, the oldest first.", g="g"
    )
    subjects: list[CommunitySubject] = many(
        _places("subject"), "n", "The five products and topics that most members speak of.", g="g"
    )
    wishes: list[CommunityWish] = many(
        _places("wish"), "n", "The five open ideas with most support among its members.", g="g"
    )
    collective_actions: list[CollectiveAction] = many(
        _places("actionKind"),
        "n",
        "What many members demanded together in the last 182 days, the latest first, at most ten.",
        g="g",
    )
    mentions: Connection[MentionLater] = connection(
        Connected(_spoken, TIME_LINE, "MentionFilter"),
        "Its time line.",
        filter=MentionFilter,
        order=MentionOrder,
        default_order=MentionOrder.NEWEST,
        said=argument(CommunityMentions, "By whom, or where."),
        defaults={"said": CommunityMentions.BY_MEMBERS},
    )
