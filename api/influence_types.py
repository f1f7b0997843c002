"""Where somebody stands, and why: the scores of a customer or a membership, over the roles of `api.types`."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from api.declare import many, one, seen, stored
from api.enums import InfluencePartKind, InfluenceScore
from api.scalars import DateTime

if TYPE_CHECKING:
    from api.types import Customer

CustomerLater = Annotated["Customer", strawberry.lazy("api.types")]


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
        "How trusted those are who respond to them, from 0 upwards, mean 1.0 of those who have any; many accounts do "
        "not buy it. Inside a community it is what they have overall.",
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
    parts: list[InfluencePart] = many(
        "UNWIND range(0, size(coalesce({s}.partValue@influence, [])) - 1) AS {n}",
        "n",
        "What adds up to reach, standing and voice, each for itself.",
        s="s",
    )
