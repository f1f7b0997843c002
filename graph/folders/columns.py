"""The files of an import folder and their columns: one table, read by the import, the export and the docs."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from graph.advocacy import AdvocacyKind
from graph.challenges import VoteKind
from graph.communities import CommunityKind
from graph.customers import CustomerKind
from graph.folders import statements, values
from graph.folders.programme import PROGRAMME, REFERRALS
from graph.folders.shapes import Column, Missing, Table, apart, end, first, folded, own_id
from graph.folders.talk import TALK
from graph.folders.values import Value
from graph.ideas import IdeaStatus
from graph.moderation import ModeratedWhen, Moderation
from graph.records import new_uid
from graph.text import fold


def _text(text: str) -> dict[str, Any]:
    # what was read out of another text no longer holds
    return {"textKey": fold(text), "analysedBy": None}


def _given(sentiment: float) -> dict[str, Any]:
    return {"sentiment": sentiment}


def _in_order(categories: list[str]) -> dict[str, Any]:
    return {"categories": sorted(categories)}


def _idea(row: Sequence[Value | None]) -> None:
    if row[0] == first(row[8]):
        raise ValueError("an idea is no duplicate of itself")
    status = None if row[10] is None else IdeaStatus(str(row[10]))
    if status and row[11] is not None and not status.is_adopted:
        raise ValueError(f"planned_for: an idea that is {status} has no planned date")
    if status and row[12] is not None and status is not IdeaStatus.DELIVERED:
        raise ValueError(f"shipped_url: an idea that is {status} has no link to what was shipped")


def _challenge(row: Sequence[Value | None]) -> None:
    instants = (("opens_at", row[3]), ("vote_at", row[5]), ("closes_at", row[4]), ("decided_at", row[6]))
    given = [(name, str(at)) for name, at in instants if at is not None]
    for (before, start), (after, then) in pairwise(given):
        if then < start:
            raise ValueError(f"{after} is before {before}")


def _advocated(row: Sequence[Value | None], now: str) -> Sequence[Value | None]:
    id_, giver, receiver, kind, weight, *others = row
    kind = str(AdvocacyKind.RECOMMENDATION) if kind is None else kind
    if weight is None:
        weight = -1.0 if kind == AdvocacyKind.WARNING else 1.0
    return [id_, giver, receiver, kind, weight, *others, new_uid(), now]


TABLES: tuple[Table, ...] = (
    Table(
        "customers",
        (
            own_id(),
            Column("name", stored="name", derive=folded("nameKey")),
            Column("identities", values.handle, many=True, linked=True),
            Column("email", values.email, stored="email"),
            Column("phone", values.phone, stored="phone"),
            Column("city", stored="city", derive=folded("cityKey")),
            Column("locale", stored="locale"),
            Column("birth_date", values.day, stored="birthDate"),
            Column("joined_at", values.instant, stored="joinedAt"),
            Column("kind", values.choice(CustomerKind), stored="kind"),
            Column("suspended", values.boolean, stored="suspended"),
            Column("value", values.number(), stored="value"),
        ),
        statements.CUSTOMERS,
        label="Customer",
        defaults={"kind": "PERSON", "suspended": False},
    ),
    Table(
        "claims",
        (end("customer", "Customer"), Column("identity", values.account, needed=True)),
        statements.CLAIMS,
        key=2,
    ),
    Table(
        "communities",
        (
            own_id(),
            Column("name", stored="name", derive=folded("nameKey")),
            Column("kind", values.choice(CommunityKind), stored="kind"),
        ),
        statements.COMMUNITIES,
        label="Community",
        defaults={"kind": "DECLARED"},
    ),
    Table(
        "products",
        (
            own_id(),
            Column("name", stored="name", derive=folded("nameKey")),
            Column("category", stored="category"),
        ),
        statements.PRODUCTS,
        label="Product",
    ),
    Table(
        "challenges",
        (
            own_id(),
            Column("title", stored="title", derive=folded("titleKey")),
            Column("question", values.text, stored="question"),
            Column("opens_at", values.instant, stored="opensAt"),
            Column("closes_at", values.instant, stored="closesAt"),
            Column("vote_at", values.instant, stored="voteAt"),
            Column("decided_at", values.instant, stored="decidedAt"),
            Column("time_zone", values.zone, stored="timeZone"),
            Column("kind", values.choice(VoteKind), stored="kind"),
            Column("idea_limit", values.integer(1), stored="ideaLimit"),
            Column("vote_limit", values.integer(1), stored="voteLimit"),
            Column("point_budget", values.integer(1), stored="pointBudget"),
            Column("hides_tally", values.boolean, stored="hidesTally"),
            Column("categories", stored="categories", derive=_in_order, many=True),
            Column("currency", stored="currency"),
            Column("cost_budget", values.number(0), stored="costBudget"),
            Column("moderation", values.choice(ModeratedWhen), stored="moderation"),
            Column("untrusted_share", values.number(0, 1), stored="untrustedShare"),
            Column("audience", values.text, stored="audience"),
        ),
        statements.CHALLENGES,
        label="Challenge",
        check=_challenge,
    ),
    Table(
        "memberships",
        (
            end("customer", "Customer"),
            end("community", "Community"),
            Column("role", stored="role"),
            Column("since", values.instant, stored="since"),
        ),
        statements.MEMBERSHIPS,
        key=2,
        locks=1,
    ),
    Table(
        "follows",
        (
            end("follower", "Customer"),
            end("followed", "Customer"),
            Column("since", values.instant, stored="since"),
        ),
        statements.FOLLOWS,
        key=2,
        check=apart(0, 1, "nobody follows themselves"),
    ),
    Table(
        "purchases",
        (
            Column("order", values.identifier, needed=True, stored="order"),
            end("customer", "Customer"),
            end("product", "Product"),
            Column("quantity", values.number(0), stored="quantity"),
            Column("amount", values.number(), stored="amount"),
            Column("currency", stored="currency"),
            Column("at", values.instant, stored="at"),
        ),
        statements.PURCHASES,
        key=3,
        owner=1,
        locks=2,
    ),
    Table(
        "mentions",
        (
            own_id(),
            Column("author", values.identifier, refers="Customer", linked=True),
            Column("channel", stored="channel"),
            Column("text", values.text, stored="text", derive=_text),
            Column("at", values.instant, stored="at"),
            Column("in_reply_to", values.identifier, refers="Mention", missing=Missing.LATER, linked=True),
            Column("shares", values.identifier, refers="Mention", missing=Missing.LATER, linked=True),
            Column(
                "names", values.identifier, refers="Customer", missing=Missing.OMIT, many=True, linked=True
            ),
            Column("community", values.identifier, refers="Community", missing=Missing.OMIT, linked=True),
            Column(
                "products", values.identifier, refers="Product", missing=Missing.OMIT, many=True, linked=True
            ),
            Column("url", values.url, stored="url"),
            Column("sentiment", values.number(-1, 1), stored="givenSentiment", derive=_given),
        ),
        statements.MENTIONS,
        label="Mention",
    ),
    *REFERRALS,
    Table(
        "advocacy",
        (
            Column("id", values.identifier, needed=True, stored="externalId"),
            end("from", "Customer"),
            end("to", "Customer"),
            Column("kind", values.choice(AdvocacyKind), stored="kind"),
            Column("weight", values.number(-1, 1), stored="weight"),
            Column("at", values.instant, stored="at"),
            Column("product", values.identifier, refers="Product", missing=Missing.OMIT, stored="product"),
            Column("outcome", stored="outcome"),
            Column("outcome_at", values.instant, stored="outcomeAt"),
            Column("value", values.number(), stored="value"),
            Column(
                "referral_link",
                values.code,
                refers="ReferralLink",
                missing=Missing.OMIT,
                stored="referralLink",
            ),
        ),
        statements.ADVOCACY,
        key=3,
        owner=1,
        check=apart(1, 2, "nobody advocates themselves"),
        complete=_advocated,
    ),
    Table(
        "ideas",
        (
            own_id(),
            Column("challenge", values.identifier, refers="Challenge", linked=True),
            Column("author", values.identifier, refers="Customer", linked=True),
            Column("title", stored="title", derive=folded("titleKey")),
            Column("body", values.text, stored="body"),
            Column("at", values.instant, stored="at"),
            Column("category", stored="category"),
            Column("cost", values.number(0), stored="cost"),
            Column(
                "duplicate_of",
                values.identifier,
                refers="Idea",
                missing=Missing.LATER,
                linked=True,
                acyclic=True,
            ),
            Column("links", values.secure, stored="links", many=True),
            Column("status", values.choice(IdeaStatus), stored="status"),
            Column("planned_for", values.day, stored="plannedFor"),
            Column("shipped_url", values.secure, stored="shippedUrl"),
            Column("moderation", values.choice(Moderation), stored="moderation"),
            Column("moderation_reason", values.text, stored="moderationReason"),
            Column("appeal", values.text, stored="appealText"),
            Column("appealed_at", values.instant, stored="appealedAt"),
        ),
        statements.IDEAS,
        label="Idea",
        check=_idea,
        defaults={"status": "OPEN"},
    ),
    Table(
        "votes",
        (
            end("voter", "Customer"),
            end("idea", "Idea"),
            Column("value", values.integer(-1, 1), needed=True, stored="value"),
            Column("at", values.instant, stored="at"),
            Column("points", values.integer(1), stored="points"),
        ),
        statements.VOTES,
        key=2,
        locks=1,
    ),
    *TALK,
    *PROGRAMME,
)
BY_NAME: Mapping[str, Table] = {table.name: table for table in TABLES}
DERIVED = ("scores", "tallies", "analysis", "communities_detected")
