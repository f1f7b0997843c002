"""The one filter language: inputs that narrow lists, with nested and, or, not and hops to what is connected."""

from enum import Enum
from typing import Any

import strawberry
from strawberry import ID, UNSET

from api.declare import KEY, condition
from api.enums import (
    Band,
    ChallengePhase,
    CommentState,
    CommunityKind,
    CustomerKind,
    IdeaStatus,
    Moderation,
    SentimentLabel,
    VoteKind,
)
from api.filter_values import DateFilter, LookUp, MomentFilter, NumberFilter, TextFilter, WordFilter
from api.programme_enums import ActKind, ActState, ProgrammeState, RedemptionState
from api.relay import from_global_id
from graph.filter import Compare, Exists, FilterCompiler, Present
from graph.phases import PHASE, SHOWN
from graph.text import fold
from jobs.similar import saying

LONGEST = 500  # characters of a text that is searched for


def _uid(text: Any) -> str:
    return from_global_id(text)[1]


def _name(member: Any) -> str:
    return str(member.value) if isinstance(member, Enum) else str(member)


def _said(text: str) -> LookUp:
    return LookUp(text[:LONGEST], saying)


def _shown(score: str) -> str:
    """A measure of the tally of an idea, which satisfies nothing where it is hidden from who asks."""
    return f"CASE WHEN {SHOWN} THEN {{x}}.{score}@tally END"


@strawberry.input(description="Which communities.")
class CommunityFilter:
    """Which communities."""

    and_: "list[CommunityFilter] | None" = strawberry.field(
        name="and", default=UNSET, description="All of these."
    )
    or_: "list[CommunityFilter] | None" = strawberry.field(
        name="or", default=UNSET, description="One of these."
    )
    not_: "CommunityFilter | None" = strawberry.field(name="not", default=UNSET, description="Not this.")
    id: list[ID] | None = condition(Compare("{g}.uid", "in", _uid), "One of these.")
    external_id: WordFilter | None = condition(Compare("{g}.externalId"), "The id it was imported with.")
    name: TextFilter | None = condition(Compare("{g}.nameKey", convert=fold), "Its name.")
    kind: list[CommunityKind] | None = condition(Compare("{g}.kind", "in", _name), "Where it comes from.")
    has_warning: bool | None = condition(
        Present("{g}.warned@communities"), "Whether it has an early warning."
    )
    has_collective_action: bool | None = condition(
        Present("{g}.acting@communities"), "Whether a collective action went on in the last 14 days."
    )


@strawberry.input(description="Which products.")
class ProductFilter:
    """Which products."""

    and_: "list[ProductFilter] | None" = strawberry.field(
        name="and", default=UNSET, description="All of these."
    )
    or_: "list[ProductFilter] | None" = strawberry.field(
        name="or", default=UNSET, description="One of these."
    )
    not_: "ProductFilter | None" = strawberry.field(name="not", default=UNSET, description="Not this.")
    id: list[ID] | None = condition(Compare("{p}.uid", "in", _uid), "One of these.")
    external_id: WordFilter | None = condition(Compare("{p}.externalId"), "The id it was imported with.")
    name: TextFilter | None = condition(Compare("{p}.nameKey", convert=fold), "Its name.")
    category: WordFilter | None = condition(Compare("{p}.category"), "Its category.")


@strawberry.input(description="Which mentions.")
class MentionFilter:
    """Which mentions."""

    and_: "list[MentionFilter] | None" = strawberry.field(
        name="and", default=UNSET, description="All of these."
    )
    or_: "list[MentionFilter] | None" = strawberry.field(
        name="or", default=UNSET, description="One of these."
    )
    not_: "MentionFilter | None" = strawberry.field(name="not", default=UNSET, description="Not this.")
    id: list[ID] | None = condition(Compare("{m}.uid", "in", _uid), "One of these.")
    external_id: WordFilter | None = condition(Compare("{m}.externalId"), "The id it was imported with.")
    text: TextFilter | None = condition(Compare("{m}.textKey", convert=fold), "What was said.")
    channel: WordFilter | None = condition(Compare("{m}.channel"), "Where it was said.")
    language: WordFilter | None = condition(Compare("{m}.language"), "ISO 639-1 code.")
    at: MomentFilter | None = condition(Compare("{m}.at"), "When it was said.")
    sentiment: NumberFilter | None = condition(Compare("{m}.sentiment"), "Its mood, −1 to 1.")
    sentiment_label: list[SentimentLabel] | None = condition(
        Compare("{m}.sentimentLabel", "in", _name), "One of these moods."
    )
    is_reply: bool | None = condition(
        Present("[({m})-[:IN_REPLY_TO]->(answered) | 1][0]"), "Answers another one."
    )
    author: "CustomerFilter | None" = condition(
        Exists("({c})-[:WROTE]->({m})", ("c",), "CustomerFilter"), "Its author."
    )
    names: "CustomerFilter | None" = condition(
        Exists("({m})-[:NAMES]->({c})", ("c",), "CustomerFilter"), "Somebody it names."
    )
    product: ProductFilter | None = condition(
        Exists("({m})-[:ABOUT]->({p})", ("p",), "ProductFilter"), "A product it is about."
    )
    community: CommunityFilter | None = condition(
        Exists("({m})-[:IN]->({g})", ("g",), "CommunityFilter"), "The community it was said in."
    )


@strawberry.input(description="Which customers.")
class CustomerFilter:
    """Which customers."""

    and_: "list[CustomerFilter] | None" = strawberry.field(
        name="and", default=UNSET, description="All of these."
    )
    or_: "list[CustomerFilter] | None" = strawberry.field(
        name="or", default=UNSET, description="One of these."
    )
    not_: "CustomerFilter | None" = strawberry.field(name="not", default=UNSET, description="Not this.")
    id: list[ID] | None = condition(Compare("{c}.uid", "in", _uid), "One of these.")
    external_id: WordFilter | None = condition(Compare("{c}.externalId"), "The id it was imported with.")
    name: TextFilter | None = condition(Compare("{c}.nameKey", convert=fold), "Name.")
    city: TextFilter | None = condition(Compare("{c}.cityKey", convert=fold), "City.")
    locale: WordFilter | None = condition(Compare("{c}.locale"), "Language and country.")
    kind: list[CustomerKind] | None = condition(
        Compare("coalesce({c}.kind, 'PERSON')", "in", _name), "One of these kinds of account."
    )
    is_suspended: bool | None = condition(
        Compare("coalesce({c}.suspended, false)", "eq"), "Suspended or not."
    )
    joined_at: MomentFilter | None = condition(Compare("{c}.joinedAt"), "When they joined.")
    value: NumberFilter | None = condition(Compare("{c}.value"), "What they are worth.")
    band: list[Band] | None = condition(Compare("{c}.band@influence", "in", _name), "One of these bands.")
    reach: NumberFilter | None = condition(Compare("{c}.reach@influence"), "Overall reach, mean 1.0.")
    standing: NumberFilter | None = condition(Compare("{c}.standing@influence"), "Overall standing, −1 to 1.")
    voice: NumberFilter | None = condition(Compare("{c}.voice@influence"), "Overall voice, −1 to 1.")
    advocacy: NumberFilter | None = condition(Compare("{c}.advocacy@influence"), "Overall advocacy.")
    harm: NumberFilter | None = condition(Compare("{c}.harm@influence"), "Overall harm.")
    trust: NumberFilter | None = condition(
        Compare("{c}.trust@influence"), "Trust, mean 1.0 of those who have any."
    )
    vouched: NumberFilter | None = condition(Compare("{c}.vouched@influence"), "Overall vouched, −1 to 1.")
    has_doubtful_reach: bool | None = condition(
        Compare("coalesce({c}.doubtfulReach@influence, false)", "eq"),
        "Reach that trust does not bear out, or not.",
    )
    member_of: CommunityFilter | None = condition(
        Exists("({c})-[:MEMBER_OF]->({g})", ("g",), "CommunityFilter"),
        "A community they belong to now.",
    )
    owns: ProductFilter | None = condition(
        Exists("({c})-[:OWNS]->({p})", ("p",), "ProductFilter"), "A product they own."
    )
    wrote: MentionFilter | None = condition(
        Exists("({c})-[:WROTE]->({m})", ("m",), "MentionFilter"), "A mention they wrote."
    )


@strawberry.input(description="Which challenges.")
class ChallengeFilter:
    """Which challenges."""

    and_: "list[ChallengeFilter] | None" = strawberry.field(
        name="and", default=UNSET, description="All of these."
    )
    or_: "list[ChallengeFilter] | None" = strawberry.field(
        name="or", default=UNSET, description="One of these."
    )
    not_: "ChallengeFilter | None" = strawberry.field(name="not", default=UNSET, description="Not this.")
    id: list[ID] | None = condition(Compare("{h}.uid", "in", _uid), "One of these.")
    external_id: WordFilter | None = condition(Compare("{h}.externalId"), "The id it was imported with.")
    title: TextFilter | None = condition(Compare("{h}.titleKey", convert=fold), "Its title.")
    closes_at: MomentFilter | None = condition(Compare("{h}.closesAt"), "When it closes.")
    phase: list[ChallengePhase] | None = condition(Compare(PHASE, "in", _name), "It is at one of these now.")
    kind: list[VoteKind] | None = condition(
        Compare("coalesce({h}.kind, 'UP_DOWN_PASS')", "in", _name), "Its votes are of one of these kinds."
    )


@strawberry.input(description="Which topics.")
class TopicFilter:
    """Which topics."""

    and_: "list[TopicFilter] | None" = strawberry.field(
        name="and", default=UNSET, description="All of these."
    )
    or_: "list[TopicFilter] | None" = strawberry.field(name="or", default=UNSET, description="One of these.")
    not_: "TopicFilter | None" = strawberry.field(name="not", default=UNSET, description="Not this.")
    id: list[ID] | None = condition(Compare("{o}.uid", "in", _uid), "One of these.")
    name: TextFilter | None = condition(Compare("{o}.nameKey", convert=fold), "Its name.")


@strawberry.input(description="Which ideas.")
class IdeaFilter:
    """Which ideas."""

    and_: "list[IdeaFilter] | None" = strawberry.field(name="and", default=UNSET, description="All of these.")
    or_: "list[IdeaFilter] | None" = strawberry.field(name="or", default=UNSET, description="One of these.")
    not_: "IdeaFilter | None" = strawberry.field(name="not", default=UNSET, description="Not this.")
    id: list[ID] | None = condition(Compare("{x}.uid", "in", _uid), "One of these.")
    external_id: WordFilter | None = condition(Compare("{x}.externalId"), "The id it was imported with.")
    title: TextFilter | None = condition(Compare("{x}.titleKey", convert=fold), "Its title.")
    text: str | None = condition(
        Compare("{x}.uid", "in", _said),
        "Its title or text has each word of this in it, whatever the suffixes, as `ideasSimilar` reads them; of more "
        "than 2,000 the latest.",
    )
    category: WordFilter | None = condition(Compare("{x}.category"), "Its category.")
    status: list[IdeaStatus] | None = condition(
        Compare("coalesce({x}.status, 'OPEN')", "in", _name), "One of these statuses."
    )
    moderation: list[Moderation] | None = condition(
        Compare("coalesce({x}.moderation, 'PUBLISHED')", "in", _name), "One of these states of moderation."
    )
    appeal: bool | None = condition(Present("{x}.appealText"), "Whether its author waits for an answer.")
    topics: TopicFilter | None = condition(
        Exists("({x})-[:ON]->({o})", ("o",), "TopicFilter"), "A topic it is on."
    )
    at: MomentFilter | None = condition(Compare("{x}.at"), "When it was proposed.")
    planned_for: DateFilter | None = condition(Compare("{x}.plannedFor"), "The day it is planned for.")
    support: NumberFilter | None = condition(Compare(_shown("support")), "Its support, 0 to 1.")
    consensus: NumberFilter | None = condition(Compare(_shown("consensus")), "Its consensus, 0 to 1.")
    challenge: ChallengeFilter | None = condition(
        Exists("({x})-[:IN_CHALLENGE]->({h})", ("h",), "ChallengeFilter"), "The challenge it is in."
    )
    author: CustomerFilter | None = condition(
        Exists("({c})-[:PROPOSED]->({x})", ("c",), "CustomerFilter"), "Who proposed it."
    )
    is_duplicate: bool | None = condition(
        Present("[({x})-[:DUPLICATE_OF]->(other) | 1][0]"), "Merged into another one."
    )
    voter: CustomerFilter | None = condition(
        Exists("({c})-[:VOTED]->({x})", ("c",), "CustomerFilter"), "Somebody who voted on it."
    )


@strawberry.input(description="Which comments.")
class CommentFilter:
    """Which comments."""

    and_: "list[CommentFilter] | None" = strawberry.field(
        name="and", default=UNSET, description="All of these."
    )
    or_: "list[CommentFilter] | None" = strawberry.field(
        name="or", default=UNSET, description="One of these."
    )
    not_: "CommentFilter | None" = strawberry.field(name="not", default=UNSET, description="Not this.")
    id: list[ID] | None = condition(Compare("{comment}.uid", "in", _uid), "One of these.")
    state: list[CommentState] | None = condition(
        Compare("{comment}.state", "in", _name), "One of these states."
    )
    appeal: bool | None = condition(
        Present("{comment}.appealText"), "Whether its author waits for an answer."
    )
    at: MomentFilter | None = condition(Compare("{comment}.at"), "When it was said.")
    idea: IdeaFilter | None = condition(
        Exists("({comment})-[:ON_IDEA]->({x})", ("x",), "IdeaFilter"), "The idea that it was said of."
    )


@strawberry.input(description="Which members of the programme.")
class ProgrammeMemberFilter:
    """Which members of the programme."""

    and_: "list[ProgrammeMemberFilter] | None" = strawberry.field(
        name="and", default=UNSET, description="All of these."
    )
    or_: "list[ProgrammeMemberFilter] | None" = strawberry.field(
        name="or", default=UNSET, description="One of these."
    )
    not_: "ProgrammeMemberFilter | None" = strawberry.field(
        name="not", default=UNSET, description="Not this."
    )
    id: list[ID] | None = condition(Compare("{b}.uid", "in", _uid), "One of these.")
    state: list[ProgrammeState] | None = condition(Compare("{b}.state", "in", _name), "One of these states.")
    earned_points: NumberFilter | None = condition(Compare("{b}.earned"), "Points earned in all.")
    customer: CustomerFilter | None = condition(
        Exists("({c})-[:IN_PROGRAMME]->({b})", ("c",), "CustomerFilter"), "Who it is."
    )


@strawberry.input(description="Which acts of members.")
class ProgrammeActFilter:
    """Which acts of members."""

    and_: "list[ProgrammeActFilter] | None" = strawberry.field(
        name="and", default=UNSET, description="All of these."
    )
    or_: "list[ProgrammeActFilter] | None" = strawberry.field(
        name="or", default=UNSET, description="One of these."
    )
    not_: "ProgrammeActFilter | None" = strawberry.field(name="not", default=UNSET, description="Not this.")
    id: list[ID] | None = condition(Compare("{d}.uid", "in", _uid), "One of these.")
    kind: list[ActKind] | None = condition(Compare("{d}.kind", "in", _name), "One of these kinds.")
    state: list[ActState] | None = condition(Compare("{d}.state", "in", _name), "One of these states.")
    at: MomentFilter | None = condition(Compare("{d}.at"), "When it was done.")
    member: ProgrammeMemberFilter | None = condition(
        Exists("({b})-[:DID]->({d})", ("b",), "ProgrammeMemberFilter"), "Whose act it is."
    )


@strawberry.input(description="Which redemptions.")
class RedemptionFilter:
    """Which redemptions."""

    and_: "list[RedemptionFilter] | None" = strawberry.field(
        name="and", default=UNSET, description="All of these."
    )
    or_: "list[RedemptionFilter] | None" = strawberry.field(
        name="or", default=UNSET, description="One of these."
    )
    not_: "RedemptionFilter | None" = strawberry.field(name="not", default=UNSET, description="Not this.")
    id: list[ID] | None = condition(Compare("{r}.uid", "in", _uid), "One of these.")
    state: list[RedemptionState] | None = condition(Compare("{r}.state", "in", _name), "One of these states.")
    at: MomentFilter | None = condition(Compare("{r}.at"), "When it was asked for.")
    member: ProgrammeMemberFilter | None = condition(
        Exists("({b})-[:REDEEMED]->({r})", ("b",), "ProgrammeMemberFilter"), "Whose it is."
    )


@strawberry.input(description="Which referral links.")
class ReferralLinkFilter:
    """Which referral links."""

    and_: "list[ReferralLinkFilter] | None" = strawberry.field(
        name="and", default=UNSET, description="All of these."
    )
    or_: "list[ReferralLinkFilter] | None" = strawberry.field(
        name="or", default=UNSET, description="One of these."
    )
    not_: "ReferralLinkFilter | None" = strawberry.field(name="not", default=UNSET, description="Not this.")
    id: list[ID] | None = condition(Compare("{y}.uid", "in", _uid), "One of these.")
    label: TextFilter | None = condition(Compare("{y}.labelKey", convert=fold), "The campaign it is for.")
    is_switched_on: bool | None = condition(Compare("{y}.switchedOn", "eq"), "Switched on or not.")
    advocate: CustomerFilter | None = condition(
        Exists("({c})-[:OFFERS]->({y})", ("c",), "CustomerFilter"), "Whose it is."
    )
    product: ProductFilter | None = condition(
        Exists("({y})-[:PROMOTES]->({p})", ("p",), "ProductFilter"), "The product it is for."
    )


TYPES = (
    *(
        CommunityFilter,
        ProductFilter,
        MentionFilter,
        CustomerFilter,
        ChallengeFilter,
        TopicFilter,
        IdeaFilter,
        CommentFilter,
    ),
    *(ProgrammeMemberFilter, ProgrammeActFilter, RedemptionFilter, ReferralLinkFilter),
)


def _conditions(kind: type) -> dict[str, Any]:
    fields = kind.__strawberry_definition__.fields  # type: ignore[attr-defined]
    camel = {f.python_name: _camel(f.python_name) for f in fields}
    return {camel[f.python_name]: f.metadata[KEY] for f in fields if KEY in f.metadata}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


FILTERS = FilterCompiler({kind.__name__: _conditions(kind) for kind in TYPES})
