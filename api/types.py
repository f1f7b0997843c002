"""The nouns of the API, each field with the place where its value lives.

A place is Cypher over roles: `{c}` a customer, `{g}` a community, `{e}` a membership, `{m}` a mention, `{p}` a
product, `{x}` an idea, `{h}` a challenge, `{a}` an advocacy link from `{f}` to `{t}`, `{s}` what bears the scores
(a customer, or a membership for those inside a community), `{n}` a place in a list of parts.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import ID

from api.community_types import CommunityLife
from api.declare import Connected, connection, identity, many, one, seen, stored
from api.enums import (
    AdvocacyKind,
    Band,
    CommunityKind,
    CustomerKind,
    JobKind,
    JobStatus,
    MentionOrder,
    SentimentLabel,
)
from api.filters import MentionFilter
from api.influence_types import Influence, InfluencePoint
from api.relay import Connection, Node
from api.scalars import Date, DateTime
from graph.selection import LAST, Index, Order, Source

if TYPE_CHECKING:
    from api.idea_types import Idea
    from api.notice_types import Inbox
    from api.programme_types import ProgrammeMember
    from api.referral_types import ReferralLink

MemberLater = Annotated["ProgrammeMember", strawberry.lazy("api.programme_types")]
InboxLater = Annotated["Inbox", strawberry.lazy("api.notice_types")]
IdeaLater = Annotated["Idea", strawberry.lazy("api.idea_types")]
ReferralLinkLater = Annotated["ReferralLink", strawberry.lazy("api.referral_types")]

BY_COMMUNITY = Order(f"coalesce({{g}}.nameKey, {LAST})", tie="{g}.uid")
BY_STRENGTH = Order("{a}.weight", descending=True, tie="{a}.uid")
NEWEST_IDEA = Order("coalesce({x}.at, {x}.createdAt, '')", descending=True, tie="{x}.uid")
OLDEST_MENTION = Order(f"coalesce({{m}}.at, {LAST})", tie="{m}.uid")
AUTHORED = Index("MATCH ({m}:Mention)", "{m}.at", present="{m}.at > ''", first="{m}.author", equals="{c}.uid")


def mention_orders(index: Index) -> dict[str, Order]:
    """Mentions by their instant, by an index of it."""
    newest = Order("coalesce({m}.at, '')", descending=True, tie="{m}.uid", index=index)
    return {"NEWEST": newest, "OLDEST": replace(OLDEST_MENTION, index=index)}


@strawberry.type(description="One handle of a customer on one channel.")
class Identity:
    """One handle of a customer on one channel."""

    channel: str = stored("{i}.channel", "Where: a network, `email`, `phone` and so on.")
    handle: str = stored("{i}.handle", "The handle as it was typed.")
    verified_at: DateTime | None = stored("{i}.verifiedAt", "When its owner was proved; null if never.")


@strawberry.type(description="A product of the brand.")
class Product(Node):
    """A product of the brand."""

    id: ID = identity("Product", "p")
    external_id: str = stored("{p}.externalId", "The id it was imported with.")
    name: str | None = stored("{p}.name", "Its name.")
    category: str | None = stored("{p}.category", "What kind of product it is.")


@strawberry.type(description="What a mention is about, as given.")
class Topic(Node):
    """What a mention is about, as given."""

    id: ID = identity("Topic", "o")
    name: str | None = stored("{o}.name", "Its name.")


@strawberry.type(description="A customer's place in a community.")
class Membership:
    """A customer's place in a community."""

    customer: "Customer" = seen("The member.", c="{c}")
    community: "Community" = seen("The community.", g="{g}")
    role: str | None = stored("{e}.role", "What the member is there, for instance MODERATOR.")
    since: DateTime | None = stored("{e}.since", "Since when; null if unknown.")
    influence: Influence | None = seen(
        "Influence inside this community; null before the first run.",
        present="{s}.reach@influence IS NOT NULL",
        s="{e}",
        c="{c}",
    )


SAME_PERSON = (
    "UNWIND CASE WHEN {c}.person@influence IS NULL THEN [] ELSE [{c}.person@influence] END AS {k} "
    "MATCH ({r}:Customer {{uid: {k}}}) UNWIND {r}.accounts@influence AS {l} MATCH ({o}:Customer {{uid: {l}}})"
)
MEMBER = "MATCH ({c})-[{e}:MEMBER_OF]->({g})"


@strawberry.type(description="A person, or another account, that the brand talks to.")
class Customer(Node):
    """A person, or another account, that the brand talks to."""

    id: ID = identity("Customer", "c")
    external_id: str = stored("{c}.externalId", "The id it was imported with.")
    name: str | None = stored("{c}.name", "Display name as it was typed.")
    kind: CustomerKind | None = stored("{c}.kind", "What kind of account it is.")
    is_suspended: bool | None = stored("coalesce({c}.suspended, false)", "Suspended accounts are not ranked.")
    locale: str | None = stored("{c}.locale", "Language and country, such as tr-TR.")
    city: str | None = stored("{c}.city", "City as it was typed.")
    email: str | None = stored("{c}.email", "E-mail address.")
    phone: str | None = stored("{c}.phone", "Phone number in E.164.")
    born_on: Date | None = stored("{c}.birthDate", "Date of birth.")
    joined_at: DateTime | None = stored("{c}.joinedAt", "When they joined; null if unknown.")
    value: float | None = stored("{c}.value", "What they are worth to the brand, in its own unit.")
    influence_history: list[InfluencePoint] = many(
        "UNWIND range(0, size(coalesce({c}.pastAt@influence, [])) - 1) AS {n}",
        "n",
        "Overall influence in the last 52 runs, the oldest first; the last one is what is published.",
        c="c",
    )
    identities: list[Identity] = many(
        "MATCH ({c})-[:IDENTIFIED_BY]->({i})",
        "i",
        "Handles on every channel.",
        order=Order("{i}.key"),
    )
    other_accounts: "Connection[Customer]" = connection(
        Connected(
            Source(SAME_PERSON, ("k", "r", "l", "o"), {"c": "o"}, ("{o}.uid <> {c}.uid",)),
            {"ID": Order("{o}.uid")},
        ),
        "Accounts that share a handle, an e-mail address or a phone number with this one, or with one of these: in "
        "trust, vouched and counts of people they are one person. As of the last run.",
    )
    memberships: Connection[Membership] = connection(
        Connected(Source(MEMBER, ("e", "g"), {"c": "c"}), {"NAME": BY_COMMUNITY}),
        "Communities they belong to now.",
    )
    band: Band | None = stored("{c}.band@influence", "What they are to the brand; null without a voice.")
    influence: Influence | None = seen(
        "Overall influence; null before the first run, and for staff, bots and suspended accounts.",
        present="{s}.reach@influence IS NOT NULL",
        s="{c}",
        c="{c}",
    )
    mentions: "Connection[Mention]" = connection(
        Connected(Source("MATCH ({c})-[:WROTE]->({m})", ("m",)), mention_orders(AUTHORED), "MentionFilter"),
        "What they wrote.",
        filter=MentionFilter,
        order=MentionOrder,
        default_order=MentionOrder.NEWEST,
    )
    advocated: "Connection[AdvocacyLink]" = connection(
        Connected(
            Source("MATCH ({c})-[{a}:ADVOCATED]->({t})", ("a", "t"), {"f": "c"}), {"STRENGTH": BY_STRENGTH}
        ),
        "Links they gave, strongest first.",
    )
    advocated_by: "Connection[AdvocacyLink]" = connection(
        Connected(
            Source("MATCH ({f})-[{a}:ADVOCATED]->({c})", ("a", "f"), {"t": "c"}), {"STRENGTH": BY_STRENGTH}
        ),
        "Links they received, strongest first.",
    )
    referral_links: Connection[ReferralLinkLater] = connection(
        Connected(
            Source("MATCH ({c})-[:OFFERS]->({y})", ("y",)), {"NEWEST": Order("{y}.uid", descending=True)}
        ),
        "Codes they pass on, newest first.",
    )
    products: Connection[Product] = connection(
        Connected(
            Source("MATCH ({c})-[:OWNS]->({p})", ("p",)),
            {"NAME": Order(f"coalesce({{p}}.nameKey, {LAST})", tie="{p}.uid")},
        ),
        "Products they own.",
    )
    ideas: Connection[IdeaLater] = connection(
        Connected(Source("MATCH ({c})-[:PROPOSED]->({x})", ("x",)), {"NEWEST": NEWEST_IDEA}),
        "Ideas they proposed, newest first.",
    )
    inbox: InboxLater = seen("What they are told of ideas, and what they consented to.", c="{c}")
    programme: MemberLater | None = one(
        "MATCH ({c})-[:IN_PROGRAMME]->({b})",
        "b",
        "Their place in the advocacy programme, if they were invited.",
    )


@strawberry.type(description="A group of customers who speak together.")
class Community(CommunityLife, Node):
    """A group of customers who speak together."""

    id: ID = identity("Community", "g")
    external_id: str = stored("{g}.externalId", "The id it was imported with.")
    name: str | None = stored("{g}.name", "Its name.")
    kind: CommunityKind | None = stored("{g}.kind", "Where it comes from.")
    member_count: int | None = stored("COUNT {{ ({g})<-[:MEMBER_OF]-() }}", "How many members it has now.")
    members: Connection[Membership] = connection(
        Connected(
            Source("MATCH ({g})<-[{e}:MEMBER_OF]-({c})", ("e", "c"), {"g": "g"}),
            {
                "ADVOCACY": Order(
                    "coalesce({e}.advocacy@influence, -1.0)",
                    descending=True,
                    tie="{c}.uid",
                    index=Index(
                        "MATCH ()<-[{e}:MEMBER_OF]-({c})",
                        "{e}.advocacy@influence",
                        present="{e}.advocacy@influence IS NOT NULL",
                        first="{e}.community",
                        equals="{g}.uid",
                    ),
                ),
            },
        ),
        "Its members, those with the most advocacy inside it first.",
    )


@strawberry.type(description="Something that somebody said where the brand listens.")
class Mention(Node):
    """Something that somebody said where the brand listens."""

    id: ID = identity("Mention", "m")
    external_id: str = stored("{m}.externalId", "The id it was imported with.")
    channel: str | None = stored("{m}.channel", "Where it was said.")
    text: str | None = stored("{m}.text", "What was said, as it was typed.")
    at: DateTime | None = stored("{m}.at", "When it was said; null if unknown.")
    url: str | None = stored("{m}.url", "Where it can be read.")
    language: str | None = stored("{m}.language", "ISO 639-1 code; null if not analysed or unknown.")
    sentiment: float | None = stored("{m}.sentiment", "Mood, −1 to 1; null before the analysis.")
    sentiment_label: SentimentLabel | None = stored("{m}.sentimentLabel", "The mood in a word.")
    sentiment_because: list[str] | None = stored("{m}.sentimentWhy", "The words that made the mood.")
    author: Customer | None = one("MATCH ({c})-[:WROTE]->({m})", "c", "Who said it.")
    in_reply_to: "Mention | None" = one("MATCH ({m})-[:IN_REPLY_TO]->({q})", "q", "What it answers.", m="q")
    shares: "Mention | None" = one("MATCH ({m})-[:SHARES]->({q})", "q", "What it passes on.", m="q")
    names: list[Customer] = many(
        "MATCH ({m})-[:NAMES]->({c})", "c", "Customers it names.", order=Order("{c}.uid")
    )
    products: list[Product] = many(
        "MATCH ({m})-[:ABOUT]->({p})", "p", "Products it is about.", order=Order("{p}.uid")
    )
    topics: list[Topic] = many(
        "MATCH ({m})-[:ON]->({o})", "o", "Topics it is on, as given.", order=Order("{o}.uid")
    )
    community: Community | None = one("MATCH ({m})-[:IN]->({g})", "g", "The community it was said in.")
    replies: "Connection[Mention]" = connection(
        Connected(
            Source("MATCH ({m})<-[:IN_REPLY_TO]-({q})", ("q",), {"m": "q"}),
            {"OLDEST": OLDEST_MENTION},
        ),
        "Answers to it, oldest first.",
    )


@strawberry.type(
    description="Who recommended, referred, defended, rated or warned whom, and what came of it."
)
class AdvocacyLink(Node):
    """Who recommended, referred, defended, rated or warned whom, and what came of it."""

    id: ID = identity("AdvocacyLink", "a")
    external_id: str = stored("{a}.externalId", "The id it was imported with.")
    giver: Customer = seen("Who gave it.", c="{f}")
    receiver: Customer = seen("Who received it.", c="{t}")
    kind: AdvocacyKind = stored("{a}.kind", "What it says.")
    weight: float = stored("{a}.weight", "How strongly, −1 to 1.")
    at: DateTime | None = stored("{a}.at", "When; null if unknown.")
    outcome: str | None = stored("{a}.outcome", "What came of it.")
    outcome_at: DateTime | None = stored("{a}.outcomeAt", "When that came.")
    value: float | None = stored("{a}.value", "What it was worth, in the brand's own unit.")
    product: Product | None = one(
        "WITH {a}.product AS {k} MATCH ({p}:Product {{uid: {k}}})", "k p", "The product it is about, if any."
    )
    referral_link: ReferralLinkLater | None = one(
        "WITH {a}.referralLink AS {k} MATCH ({y}:ReferralLink {{uid: {k}}})",
        "k y",
        "The referral link that it is a conversion of, if any.",
    )


@strawberry.type(description="One run of a job.")
class JobRun(Node):
    """One run of a job."""

    id: ID = identity("JobRun", "j")
    kind: JobKind = stored("{j}.kind", "What it does.")
    status: JobStatus = stored("{j}.status", "How far it has come.")
    queued_at: DateTime | None = stored("{j}.queuedAt", "When it was asked for.")
    started_at: DateTime | None = stored("{j}.startedAt", "When a worker began.")
    finished_at: DateTime | None = stored("{j}.finishedAt", "When it ended.")
    as_of: DateTime | None = stored("{j}.asOf", "It counts what was known at this instant.")
    version: str | None = stored("{j}.version", "The version of the formulas it used.")
    message: str | None = stored("{j}.message", "What it has to say of its end.")
    done_count: int | None = stored("{j}.done", "Steps done.")
    total_count: int | None = stored("{j}.total", "Steps in all.")
