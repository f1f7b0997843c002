"""Referral links and what they brought; declared as in `api.types`, `{y}` a referral link."""

from enum import Enum

import strawberry
from strawberry import ID

from api.declare import Connected, connection, identity, one, stored
from api.relay import Connection, Node
from api.scalars import DateTime
from api.types import AdvocacyLink, Customer, Product
from graph.selection import Order, Source


@strawberry.enum(description="The order of a list of referral links.")
class ReferralLinkOrder(Enum):
    """The order of a list of referral links."""

    VALUE = strawberry.enum_value("VALUE", description="What their conversions were worth, most first.")
    CONVERSIONS = strawberry.enum_value("CONVERSIONS", description="How many they converted, most first.")
    NEWEST = strawberry.enum_value("NEWEST", description="Made last.")


@strawberry.type(description="A code that an advocate passes on, and what came of it.")
class ReferralLink(Node):
    """A code that an advocate passes on, and what came of it."""

    id: ID = identity("ReferralLink", "y")
    code: str = stored("{y}.code", "What people type or follow: ten letters and digits, none like another.")
    label: str | None = stored("{y}.label", "The campaign it is for, if any.")
    is_switched_on: bool = stored("{y}.switchedOn", "False: nobody can come by it now.")
    created_at: DateTime = stored("{y}.createdAt", "When it was made.")
    ends_at: DateTime | None = stored("{y}.endsAt", "Nobody comes by it from then on; null: without end.")
    window_day_count: int = stored(
        "{y}.windowDays", "How many days after somebody came by it a conversion is owed to it, 1 to 365."
    )
    advocate: Customer | None = one("MATCH ({c})-[:OFFERS]->({y})", "c", "Whose it is.")
    product: Product | None = one("MATCH ({y})-[:PROMOTES]->({p})", "p", "The product it is for, if any.")
    visit_count: int | None = stored(
        "coalesce({y}.visitsBefore, 0) + COUNT {{ ({y})<-[:VISITED]-() }}", "How many visitors, each once."
    )
    sign_up_count: int | None = stored("COUNT {{ ({y})<-[:CAME_BY]-() }}", "How many customers came by it.")
    conversion_count: int = stored("{y}.conversions", "How many customers it converted.")
    value: float = stored("{y}.value", "What these were worth, in the brand's own unit.")
    conversions: Connection[AdvocacyLink] = connection(
        Connected(
            Source(
                "MATCH ({y})<-[:OFFERS]-({f})-[{a}:ADVOCATED]->({t})",
                ("a", "t", "f"),
                {"y": "y"},
                ("{a}.referralLink = {y}.uid",),
            ),
            {"NEWEST": Order("coalesce({a}.outcomeAt, '')", descending=True, tie="{a}.uid")},
        ),
        "The conversions owed to it, newest first.",
    )
