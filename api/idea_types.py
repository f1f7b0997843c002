"""Challenges, ideas, and what the votes on them say; declared as in `api.types`."""

import strawberry
from strawberry import ID

from api.comment_types import OLDEST, REVISIONS, Comment, IdeaRevision, ModerationStep, steps
from api.decision_types import Answer, DecisionDraft, StatusChange
from api.declare import Connected, connection, identity, many, one, seen, stored
from api.enums import ChallengePhase, IdeaStatus, ModeratedWhen, Moderation, VoteKind
from api.merge_types import IdeaMerge, IdeaSplit
from api.notice_types import Notice
from api.opinion_types import CommunityVotes, ConsensusView, OpinionGroup, TallyMark
from api.relay import Connection, Node
from api.ring_types import VoteRing
from api.scalars import Date, DateTime
from api.supporter_types import IdeaSupporters
from api.types import Customer, Topic
from graph.phases import PHASE, SHOWN, SHOWN_IN_CHALLENGE
from graph.selection import Order, Source


@strawberry.type(description="What the votes on an idea say, and the parts they are made of.")
class VoteTally:
    """What the votes on an idea say, and the parts they are made of."""

    up_count: int = stored("{x}.up@tally", "Votes for, by distinct people.")
    down_count: int = stored("{x}.down@tally", "Votes against, by distinct people.")
    passed_count: int = stored("{x}.passed@tally", "Passes, by distinct people.")
    given_points: int | None = stored(
        "{x}.points@tally", "The points that it was given; 0 where votes say something else."
    )
    support: float | None = stored(
        "{x}.support@tally", "Lower bound of the share for it, with 95 % confidence (Wilson), 0 to 1."
    )
    support_high: float | None = stored(
        "{x}.supportHigh@tally", "Upper bound of that share, of the same interval; 1 without votes."
    )
    effective: float | None = stored(
        "{x}.effective@tally",
        "Votes for less votes against, those of a ring of s accounts counted as √s; null before the next run.",
    )
    rings: list[VoteRing] = many(
        "UNWIND range(0, size(coalesce({x}.ringSize@tally, [])) - 1) AS {n}",
        "n",
        "What `effective` counts for less than its number, and why.",
        x="x",
    )
    forgotten: float | None = stored(
        "{x}.forgotten@tally",
        "Its approval, (up + 1)/(votes + 2), if it has fewer than half the votes of its challenge's median.",
    )
    consensus: float | None = stored(
        "{x}.consensus@tally", "Geometric mean of the communities' approvals, 0 to 1; null if none counts."
    )
    consensus_low: float | None = stored(
        "{x}.consensusLow@tally", "Lower end of the 95 % interval of `consensus`."
    )
    consensus_high: float | None = stored("{x}.consensusHigh@tally", "Upper end of that interval.")
    bridging: float | None = stored(
        "{x}.bridging@tally",
        "How far people who else disagree are for it, around 0; from votes alone.",
    )
    bridging_low: float | None = stored(
        "{x}.bridgingLow@tally", "Lower end of the 95 % interval of `bridging`."
    )
    bridging_high: float | None = stored("{x}.bridgingHigh@tally", "Upper end of that interval.")
    divisive: float | None = stored(
        "{x}.divisive@tally", "Distance between the communities most for and most against it, 0 to 1."
    )
    divisive_low: float | None = stored(
        "{x}.divisiveLow@tally", "Lower end of the 95 % interval of `divisive`."
    )
    divisive_high: float | None = stored("{x}.divisiveHigh@tally", "Upper end of that interval.")
    rising: float | None = stored(
        "{x}.rising@tally", "Votes for minus against, each halved every seven days of its age."
    )
    rising_low: float | None = stored("{x}.risingLow@tally", "Lower end of the 95 % interval of `rising`.")
    rising_high: float | None = stored("{x}.risingHigh@tally", "Upper end of that interval.")
    marks: list[TallyMark] | None = stored(
        "coalesce({x}.marks@tally, [])", "What can be said of it with confidence, and does not flap."
    )
    communities: list[CommunityVotes] = many(
        "UNWIND range(0, coalesce({x}.viewUntil@tally, [size(coalesce({x}.shareOf@tally, []))])[0] - 1) AS {n}",
        "n",
        "The parts that `consensus` is of, by community; somebody in two communities is in both.",
        x="x",
    )
    consensus_by: list[ConsensusView] = many(
        "UNWIND range(0, size(coalesce({x}.viewBy@tally, [])) - 1) AS {n}",
        "n",
        "The consensus by declared communities, by detected ones and by groups of opinions, as far as there are any; "
        "the first is `consensus`.",
        x="x",
    )


@strawberry.type(description="A vote of a customer on an idea.")
class Vote:
    """A vote of a customer on an idea."""

    voter: Customer = seen("Who voted.", c="{c}")
    value: int = stored("{v}.value", "1 for, −1 against, 0 passed.")
    at: DateTime | None = stored("{v}.at", "When; null if unknown.")


@strawberry.type(description="A question of the brand that customers answer with ideas and votes.")
class Challenge(Node):
    """A question of the brand that customers answer with ideas and votes."""

    id: ID = identity("Challenge", "h")
    external_id: str = stored("{h}.externalId", "The id it was imported with.")
    title: str | None = stored("{h}.title", "Its title.")
    question: str | None = stored("{h}.question", "The question.")
    phase: ChallengePhase | None = stored(PHASE, "What it is at now.")
    time_zone: str | None = stored("coalesce({h}.timeZone, 'UTC')", "The IANA name of the clock it goes by.")
    opens_at: DateTime | None = stored("{h}.opensAt", "It takes ideas from then; null: from the start.")
    vote_at: DateTime | None = stored(
        "{h}.voteAt", "It takes votes from then, and no more ideas; null: both from the start."
    )
    closes_at: DateTime | None = stored("{h}.closesAt", "Votes count until then; null: without end.")
    decided_at: DateTime | None = stored("{h}.decidedAt", "From then it is decided; null: not yet known.")
    kind: VoteKind | None = stored("coalesce({h}.kind, 'UP_DOWN_PASS')", "What its votes say.")
    moderation: ModeratedWhen | None = stored(
        "coalesce({h}.moderation, 'AFTER')",
        "Whether ideas and comments are shown at once or wait for a moderator.",
    )
    idea_limit_count: int | None = stored(
        "{h}.ideaLimit", "How many ideas each may propose; null: any number."
    )
    vote_limit_count: int | None = stored(
        "{h}.voteLimit", "On how many ideas each may vote, passes aside; null: any number."
    )
    budget_points: int | None = stored("{h}.pointBudget", "How many points each has to give.")
    untrusted_share: float | None = stored(
        "{h}.untrustedShare",
        "The share of the votes and points, 0 to 1, that who has no trust yet may give; null: all of them.",
    )
    has_hidden_tally: bool | None = stored(
        "coalesce({h}.hidesTally, false)", "Customers see no tally of its ideas before it closes."
    )
    categories: list[str] | None = stored("coalesce({h}.categories, [])", "What its ideas may be about.")
    currency: str | None = stored("{h}.currency", "The currency of its costs.")
    cost_budget: float | None = stored("{h}.costBudget", "What there is to spend; no idea may cost more.")
    audience: str | None = stored(
        "{h}.audience", "Who may take part, as a CustomerFilter in JSON; null: every customer."
    )
    idea_count: int | None = stored(
        "COUNT {{ MATCH ({h})<-[:IN_CHALLENGE]-(held) WHERE coalesce(held.moderation, 'PUBLISHED') = 'PUBLISHED' }}"
        " - COUNT {{ MATCH ({h})<-[:IN_CHALLENGE]-(held)-[:DUPLICATE_OF]->()"
        " WHERE coalesce(held.moderation, 'PUBLISHED') = 'PUBLISHED' }}",
        "How many published ideas it has, without those merged into another.",
    )
    notices: Connection[Notice] = connection(
        Connected(
            Source("MATCH ({h})<-[:ABOUT_CHALLENGE]-({notice})", ("notice",)),
            {"NEWEST": Order("{notice}.uid", descending=True)},
        ),
        "What everybody who took part was told of it.",
    )

    opinion_groups: list[OpinionGroup] = many(
        f"UNWIND range(0, CASE WHEN {SHOWN_IN_CHALLENGE} "
        "THEN size(coalesce({h}.groupLabel@tally, [])) ELSE 0 END - 1) AS {n}",
        "n",
        "Voters who vote alike, by letter; none to customers as long as tallies are hidden.",
        h="h",
    )
    opinion_separation: float | None = stored(
        f"CASE WHEN {SHOWN_IN_CHALLENGE} THEN {{h}}.opinionSeparation@tally END",
        "How far apart these groups are, −1 to 1 (mean silhouette); without any structure it is about .5.",
    )


@strawberry.type(description="Something that customers would like.")
class Idea(Node):
    """Something that customers would like."""

    id: ID = identity("Idea", "x")
    external_id: str = stored("{x}.externalId", "The id it was imported with.")
    title: str | None = stored("{x}.title", "Its title.")
    body: str | None = stored("{x}.body", "Its text.")
    at: DateTime | None = stored("{x}.at", "When it was proposed; null if unknown.")
    category: str | None = stored("{x}.category", "Its category.")
    cost: float | None = stored("{x}.cost", "What it would cost, in the challenge's currency.")
    status: IdeaStatus | None = stored("coalesce({x}.status, 'OPEN')", "How far it has come.")
    author: Customer | None = one("MATCH ({c})-[:PROPOSED]->({x})", "c", "Who proposed it.")
    challenge: Challenge | None = one("MATCH ({x})-[:IN_CHALLENGE]->({h})", "h", "The question it answers.")
    tally: VoteTally | None = seen(
        "What its votes say; null before the first run, and to customers as long as its challenge hides it.",
        present=f"{{x}}.up@tally IS NOT NULL AND {SHOWN}",
        x="{x}",
    )
    supporters: IdeaSupporters = seen("Who votes on it, for staff.", x="{x}")
    planned_for: Date | None = stored("{x}.plannedFor", "When it will be done, if anybody has said so.")
    shipped_url: str | None = stored("{x}.shippedUrl", "Where what was done is shown.")
    answer: Answer | None = one(
        "WITH coalesce([({x})-[:DUPLICATE_OF]->(original) | original.answer][0], {x}.answer) AS {k} "
        "MATCH ({u}:Answer {{uid: {k}}})",
        "k u",
        "The official answer as it stands; a duplicate is answered with its original.",
    )
    answers: list[Answer] = many(
        "MATCH ({x})-[:HAS_ANSWER]->({u})",
        "u",
        "All versions of the answer to this idea, the latest first.",
        order=Order("{u}.version", descending=True),
    )
    status_history: Connection[StatusChange] = connection(
        Connected(
            Source("MATCH ({x})-[:HAS_STATUS]->({s})", ("s",)), {"NEWEST": Order("{s}.uid", descending=True)}
        ),
        "The decisions that were published, newest first.",
    )
    decision_draft: DecisionDraft | None = one(
        "MATCH ({x})-[:HAS_DRAFT]->({z})", "z", "What is decided and not published."
    )
    links: list[str] | None = stored("{x}.links", "Addresses that it points to.")
    topics: list[Topic] = many(
        "MATCH ({x})-[:ON]->({o})", "o", "Topics that staff has put it on.", order=Order("{o}.uid")
    )
    moderation: Moderation | None = stored(
        "coalesce({x}.moderation, 'PUBLISHED')", "Whether customers see it; its author does in any case."
    )
    moderation_reason: str | None = stored("{x}.moderationReason", "Why it is held or hidden.")
    appeal: str | None = stored("{x}.appealText", "What its author asks, until that is answered.")
    moderation_steps: Connection[ModerationStep] = connection(
        steps("x"), "What moderation did, and appeals against it, newest first."
    )
    revisions: Connection[IdeaRevision] = connection(
        Connected(Source("MATCH ({x})-[:HAS_REVISION]->({revision})", ("revision",)), REVISIONS),
        "Every wording it had before, the last one first.",
    )
    comment_count: int | None = stored(
        "COUNT {{ MATCH ({x})<-[:ON_IDEA]-(said) WHERE said.state = 'PUBLISHED' }}"
        " + COUNT {{ MATCH ({x})<-[:DUPLICATE_OF]-(merged)<-[:ON_IDEA]-(said) WHERE said.state = 'PUBLISHED'"
        " AND coalesce(merged.moderation, 'PUBLISHED') = 'PUBLISHED' }}",
        "How many published comments and replies it has, with those of ideas that were merged into it.",
    )
    comments: Connection[Comment] = connection(
        Connected(
            Source(
                "MATCH ({comment})-[:ON_IDEA]->()-[:DUPLICATE_OF*0..1]->({x})",
                ("comment",),
                where=("{comment}.depth = 0",),
            ),
            OLDEST,
        ),
        "What was said of it and of ideas merged into it, as `Comment.idea` tells, oldest first; answers stand below "
        "what they answer.",
    )
    votes: Connection[Vote] = connection(
        Connected(
            Source("MATCH ({c})-[{v}:VOTED]->({x})", ("v", "c"), {"x": "x"}),
            {"NEWEST": Order("coalesce({v}.at, '')", descending=True, tie="{c}.uid")},
        ),
        "Its votes, newest first.",
    )
    follower_count: int | None = stored(
        "COUNT {{ ({x})<-[following:FOLLOWS_IDEA]-() WHERE following.muted = false }}",
        "How many follow it; who voted or wrote hears of it, too.",
    )
    notices: Connection[Notice] = connection(
        Connected(
            Source("MATCH ({x})<-[:ABOUT_IDEA]-({notice})", ("notice",)),
            {"NEWEST": Order("{notice}.uid", descending=True)},
        ),
        "What everybody it concerns was told of it, newest first.",
    )
    duplicate_of: "Idea | None" = one(
        "MATCH ({x})-[:DUPLICATE_OF]->({o})", "o", "The idea it was merged into, which has its votes.", x="o"
    )
    duplicates: "Connection[Idea]" = connection(
        Connected(
            Source("MATCH ({x})<-[:DUPLICATE_OF]-({o})", ("o",), {"x": "o"}),
            {"NEWEST": Order("coalesce({o}.at, {o}.createdAt, '')", descending=True, tie="{o}.uid")},
        ),
        "Ideas that were merged into it, newest first.",
    )
    merge_history: Connection[IdeaMerge] = connection(
        Connected(
            Source("MATCH ({x})<-[:MERGED|MERGED_INTO]-({mg})", ("mg",)),
            {"NEWEST": Order("{mg}.uid", descending=True)},
        ),
        "Merges it was in, newest first, those that were undone as well.",
    )
    split_from: "Idea | None" = one(
        "MATCH ({x})-[:SPLIT_FROM]->({o})", "o", "The idea it was part of.", x="o"
    )
    splits: Connection[IdeaSplit] = connection(
        Connected(
            Source("MATCH ({x})<-[:SPLIT]-({sp})", ("sp",)), {"NEWEST": Order("{sp}.uid", descending=True)}
        ),
        "Times it was split, newest first, those that were undone as well.",
    )
