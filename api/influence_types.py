"""Where somebody stands, and why: the scores of a customer or a membership, over the roles of `api.types`."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from api.declare import Words, argument, many, one, seen, stored, words
from api.enums import InfluenceActKind, InfluenceChangeKind, InfluencePartKind, InfluenceScore, Locale
from api.scalars import DateTime
from graph.selection import Source

if TYPE_CHECKING:
    from api.types import AdvocacyLink, Customer, Mention

CustomerLater = Annotated["Customer", strawberry.lazy("api.types")]
MentionLater = Annotated["Mention", strawberry.lazy("api.types")]
AdvocacyLinkLater = Annotated["AdvocacyLink", strawberry.lazy("api.types")]

PEOPLE = "UNWIND range(0, size(coalesce({s}.partValue@influence, [])) - 1) AS {n}"
ACTS = "UNWIND range(0, size(coalesce({s}.actValue@influence, [])) - 1) AS {n}"
# mentions and links have external ids of their own, which may be the same
ACT = "WITH {c}, {s}.actOf@influence[{n}] AS {k}, {s}.actKind@influence[{n}] AS {w} WHERE "
SPOKEN = "{w} IN ['REPLY', 'NAMING', 'MOOD'] "
GIVEN = "{w} IN ['RATING', 'DEFENCE', 'RECOMMENDATION', 'REFERRAL', 'WARNING'] "
# from whose score it is: the embedded engine looks through all links of the graph for a value of theirs
LINK = (
    ACT + GIVEN + "MATCH ({c})-[{a}:ADVOCATED]-({o}) WHERE {a}.externalId = {k} "
    "WITH {k}, {w}, {o}, {a}, startNode({a}) AS {f}, endNode({a}) AS {t}"
)


def _of_act(name: str, description: str) -> Any:
    """What the run knew of an act that is listed by itself."""
    listed = f"{{s}}.act{name}@influence[{{n}}]"
    return stored(
        f"CASE {{s}}.actKind@influence[{{n}}] WHEN 'OTHERS' THEN null ELSE {listed} END",
        f"{description}; null for all weaker acts together.",
    )


@strawberry.type(description="That one customer responded to another, as it is known now.")
class Tie:
    """That one customer responded to another, as it is known now."""

    day_count: int = stored("{y}.days", "On how many days, of those whose date is known.")
    last_at: DateTime | None = stored("{y}.lastAt", "When last; null if unknown.")


@strawberry.type(description="One of the parts that add up to a score.")
class InfluencePart:
    """One of the parts that add up to a score."""

    score: InfluenceScore = stored("{s}.partScore@influence[{n}]", "The score it belongs to.")
    kind: InfluencePartKind = stored("{s}.partKind@influence[{n}]", "What it is.")
    value: float = stored("{s}.partValue@influence[{n}]", "What it adds, in the unit of its score.")
    customer: CustomerLater | None = one(
        "WITH {s}.partFrom@influence[{n}] AS {k} MATCH ({c}:Customer {{uid: {k}}})",
        "k c",
        "Whose response or word it is; null where it is nobody's in particular.",
    )
    share: float = stored(
        "{s}.partShare@influence[{n}]",
        "Of all that a neighbour's responses pass on, the share which comes here, 0 to 1; 0 for other parts.",
    )
    tie: Tie | None = one(
        "WITH {c}, {s}.partFrom@influence[{n}] AS {k} MATCH ({u}:Customer {{uid: {k}}})-[{y}:TIE]->({c})",
        "k u y",
        "How they responded to whose score it is; null if they never did.",
    )


@strawberry.type(description="An act that adds to a score, as the run counted it.")
class InfluenceAct:
    """An act that adds to a score, as the run counted it."""

    score: InfluenceScore = stored("{s}.actScore@influence[{n}]", "The score it belongs to.")
    kind: InfluenceActKind = stored("{s}.actKind@influence[{n}]", "What it is.")
    value: float = stored("{s}.actValue@influence[{n}]", "What it adds, in the unit of its score.")
    at: DateTime | None = stored(
        "CASE {s}.actAt@influence[{n}] WHEN '' THEN null ELSE {s}.actAt@influence[{n}] END",
        "When; null if unknown, and for all weaker acts together.",
    )
    weight: float | None = _of_act("Weight", "What it said: a mood or a weight, −1 to 1")
    remaining: float | None = _of_act("Left", "What time has left of it, 0 to 1")
    fairness: float | None = _of_act("Fairness", "How far its author is believed, 0 to 1")
    mention: MentionLater | None = one(
        ACT + SPOKEN + "MATCH ({m}:Mention {{externalId: {k}}})",
        "k w m",
        "The mention, as it is now; null where it is a link, or gone.",
    )
    advocacy_link: AdvocacyLinkLater | None = one(
        LINK,
        "k w o a f t",
        "The advocacy link, as it is now; null where it is a mention, or gone.",
    )


@strawberry.type(
    description="What the scores are made of: by people and ties, and by acts. Each adds up to them."
)
class InfluenceBecause:
    """What the scores are made of: by people and ties, and by acts."""

    people: list[InfluencePart] = many(
        PEOPLE, "n", "What adds up to reach, standing and voice, each for itself.", s="s", c="c"
    )
    acts: list[InfluenceAct] = many(
        ACTS,
        "n",
        "What adds up to standing and voice, each for itself: the fifty acts that add or take most, then the rest.",
        s="s",
        c="c",
    )


@strawberry.type(description="One of the parts that add up to how far a score moved.")
class InfluenceChangePart:
    """One of the parts that add up to how far a score moved."""

    score: InfluenceScore = stored("{s}.changeScore@influence[{n}]", "The score that moved.")
    kind: InfluenceChangeKind = stored("{s}.changeKind@influence[{n}]", "What moved it.")
    value: float = stored("{s}.changeValue@influence[{n}]", "How far, in the unit of its score.")
    customer: CustomerLater | None = one(
        "WITH {s}.changeFrom@influence[{n}] AS {k} MATCH ({c}:Customer {{uid: {k}}})",
        "k c",
        "Whose responses moved it; null where it is nobody's in particular.",
    )


@strawberry.type(description="What moved the scores since the run that was published before.")
class InfluenceChange:
    """What moved the scores since the run that was published before."""

    since: DateTime | None = stored(
        "CASE {s}.changeSince@influence WHEN '' THEN null ELSE {s}.changeSince@influence END",
        "The instant that run counted until; null: before any act.",
    )
    reach_before: float | None = stored("{s}.reachBefore@influence", "Reach in that run.")
    standing_before: float | None = stored("{s}.standingBefore@influence", "Standing in that run, if known.")
    voice_before: float | None = stored("{s}.voiceBefore@influence", "Voice in that run, if known.")
    parts: list[InfluenceChangePart] = many(
        "UNWIND range(0, size(coalesce({s}.changeValue@influence, [])) - 1) AS {n}",
        "n",
        "What adds up to how far reach, standing and voice moved, each for itself; an unknown score is 0.",
        s="s",
    )


@strawberry.type(description="What the scores of a customer were in a run; what was unknown is 0.")
class InfluencePoint:
    """What the scores of a customer were in a run."""

    as_of: DateTime | None = stored(
        "CASE {c}.pastAt@influence[{n}] WHEN '' THEN null ELSE {c}.pastAt@influence[{n}] END",
        "The instant the run counted until; null: before any act.",
    )
    reach: float = stored("{c}.pastReach@influence[{n}]", "Reach.")
    standing: float = stored("{c}.pastStanding@influence[{n}]", "Standing.")
    voice: float = stored("{c}.pastVoice@influence[{n}]", "Voice.")


SUMMARY = Words(
    "[{c}.band@influence, {s}.reach@influence, {s}.standing@influence, {s}.voice@influence, "
    "{s}.advocacy@influence, {s}.harm@influence, {s}.standingPeople@influence, {s}.voiceActs@influence]",
    Source(
        PEOPLE
        + " WITH {s}, {n}, {s}.partFrom@influence[{n}] AS {k} OPTIONAL MATCH ({u}:Customer {{uid: {k}}})",
        ("n", "k", "u"),
    ),
    "[{s}.partScore@influence[{n}], {s}.partKind@influence[{n}], {s}.partValue@influence[{n}], "
    "coalesce({u}.name, {u}.externalId)]",
    "summary",
)
PLACE = "Equal ones count half; null if nobody responded, and inside communities."
MARGIN = "Half of the interval that holds it with 95 %: wide where little is known."


@strawberry.type(description="Where a customer stands in the web of responses and words, and why.")
class Influence:
    """Where a customer stands in the web of responses and words, and why."""

    customer: CustomerLater = seen("Whose influence this is.", c="{c}")
    reach: float = stored(
        "{s}.reach@influence", "How far what they say travels: weighted PageRank, mean 1.0, from 0 upwards."
    )
    standing: float | None = stored(
        "{s}.standing@influence", "What others say of them, −1 to 1; null if nobody says anything."
    )
    voice: float | None = stored(
        "{s}.voice@influence", "What they say of the brand, −1 to 1; null if they say nothing."
    )
    advocacy: float | None = stored(
        "{s}.advocacy@influence",
        "reach × max(0, voice) × (1 + standing)/2, from 0 upwards; null without a voice.",
    )
    harm: float | None = stored(
        "{s}.harm@influence",
        "reach × max(0, −voice) × (1 + standing)/2, from 0 upwards; null without a voice.",
    )
    reach_margin: float | None = stored("{s}.reachMargin@influence", MARGIN)
    standing_margin: float | None = stored("{s}.standingMargin@influence", MARGIN)
    voice_margin: float | None = stored("{s}.voiceMargin@influence", MARGIN)
    advocacy_margin: float | None = stored("{s}.advocacyMargin@influence", MARGIN)
    harm_margin: float | None = stored("{s}.harmMargin@influence", MARGIN)
    standing_people_count: int | None = stored(
        "{s}.standingPeople@influence",
        "How many people their standing is from: accounts of one person are one, and their own are none.",
    )
    voice_act_count: int | None = stored("{s}.voiceActs@influence", "How many acts their voice is made of.")
    trust: float | None = stored(
        "{s}.trust@influence",
        "How trusted those are who respond to them, from 0 upwards, mean 1.0 of those who have any; many accounts "
        "hardly buy it. Inside a community it is what they have overall.",
    )
    vouched: float | None = stored(
        "{s}.vouched@influence",
        "What trusted people say of them, −1 to 1; null if nobody says anything.",
    )
    trusted_advocacy: float | None = stored(
        "{s}.trustedAdvocacy@influence",
        "trust × max(0, voice) × (1 + vouched)/2, from 0 upwards; null without a voice.",
    )
    trusted_harm: float | None = stored(
        "{s}.trustedHarm@influence",
        "trust × max(0, −voice) × (1 + vouched)/2, from 0 upwards; null without a voice.",
    )
    has_doubtful_reach: bool | None = stored(
        "{s}.doubtfulReach@influence",
        "A hint to look at who responds: `reachPercentile` is 90 or more and `trustPercentile` below 50. It changes "
        "no score, and is false inside communities.",
    )
    reach_percentile: float | None = stored(
        "{s}.reachPercentile@influence",
        "How many in a hundred, of those somebody responded to, reach less far. " + PLACE,
    )
    trust_percentile: float | None = stored(
        "{s}.trustPercentile@influence", "How many of these are trusted less. " + PLACE
    )
    because: InfluenceBecause = seen("The people, ties and acts that add up to it.", s="{s}", c="{c}")
    summary: str = words(
        SUMMARY,
        "Why the scores are what they are, in a few sentences; the band named is the overall one.",
        argument(Locale, "In this language."),
        Locale.EN,
    )
    change: InfluenceChange | None = seen(
        "What moved it since the run before; null in the first run that ranks them.",
        present="{s}.changeSince@influence IS NOT NULL",
        s="{s}",
    )
    parts: list[InfluencePart] = many(
        PEOPLE,
        "n",
        "What adds up to reach, standing and voice, each for itself.",
        deprecated="Use `because`, which has the acts beside the people. Goes on 2027-12-01.",
        s="s",
        c="c",
    )
