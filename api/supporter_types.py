"""Who is for an idea and against it, and what they are worth: read from the votes when it is asked."""

import strawberry

from api.declare import many, seen, stored
from api.types import Community
from graph.selection import Order

CITIES = 20  # the others have few voters each
VOTERS = "MATCH (voter)-[vote:VOTED]->({x}) "
# As lists of each voter: rows of voters and purchases would be grouped again, which takes three times as long.
PURCHASES = (
    VOTERS + "WITH voter, vote, [(voter)-[paid:PURCHASED]->() "
    "WHERE paid.amount IS NOT NULL AND paid.currency IS NOT NULL | paid] AS bought"
)
BOUGHT = PURCHASES + " UNWIND bought AS purchase "
BOUGHT_IN_PLACES = (
    PURCHASES + ", [(voter)-[:MEMBER_OF]->(place:Community) | place] AS places "
    "UNWIND bought AS purchase UNWIND CASE size(places) WHEN 0 THEN [null] ELSE places END AS {g} "
)
PLACES = "OPTIONAL MATCH (voter)-[:MEMBER_OF]->({g}:Community) "
BY_COMMUNITY = "{g}, {g}.name AS {name}, "
BY_CITY = "null AS {g}, voter.cityKey AS city, min(voter.city) AS {name}, "
BY_BAND = "null AS {g}, voter.band@influence AS {name}, "
COUNTS = (
    "sum(CASE vote.value WHEN 1 THEN 1 ELSE 0 END) AS {up}, "
    "sum(CASE vote.value WHEN -1 THEN 1 ELSE 0 END) AS {down}, "
    "sum(CASE vote.value WHEN 0 THEN 1 ELSE 0 END) AS {passed}, "
    "sum(CASE vote.value WHEN 1 THEN coalesce(voter.value, 0.0) ELSE 0.0 END) AS {gain}, "
    "sum(CASE vote.value WHEN -1 THEN coalesce(voter.value, 0.0) ELSE 0.0 END) AS {loss}"
)
SUMS = (
    "purchase.currency AS {currency}, "
    "sum(CASE vote.value WHEN 1 THEN purchase.amount ELSE 0.0 END) AS {gain}, "
    "sum(CASE vote.value WHEN -1 THEN purchase.amount ELSE 0.0 END) AS {loss}"
)
GROUP, MONEY = "g name up down passed gain loss", "g name currency gain loss"
NAMED = "coalesce({name}, '') + coalesce({g}.uid, '')"
MOST = Order("{up}", descending=True, tie=NAMED)
RICHEST = Order("{gain}", descending=True, tie=f"{NAMED} + {{currency}}")
FIRST_CITIES = f" ORDER BY {{up}} DESC, coalesce({{name}}, '') LIMIT {CITIES}"


@strawberry.type(description="Voters on an idea who have something in common.")
class SupporterGroup:
    """Voters on an idea who have something in common."""

    name: str | None = stored("{name}", "Their community, city or band; null: they have none.")
    community: Community | None = seen(
        "Their community, where communities are asked for.", present="{g} IS NOT NULL", g="{g}"
    )
    up_count: int = stored("{up}", "Those for it.")
    down_count: int = stored("{down}", "Those against it.")
    passed_count: int = stored("{passed}", "Those who passed.")
    up_value: float = stored("{gain}", "What those for it are worth, the sum of `Customer.value`.")
    down_value: float = stored("{loss}", "What those against it are worth.")


@strawberry.type(description="What voters on an idea have paid, in one currency.")
class SupporterRevenue:
    """What voters on an idea have paid, in one currency."""

    name: str | None = stored("{name}", "Their community, city or band; null: they have none, or all voters.")
    community: Community | None = seen(
        "Their community, where communities are asked for.", present="{g} IS NOT NULL", g="{g}"
    )
    currency: str = stored("{currency}", "The currency.")
    up_amount: float = stored("{gain}", "What those for it have paid, in all.")
    down_amount: float = stored("{loss}", "What those against it have paid, in all.")


@strawberry.type(description="Who votes on an idea, as they are now; somebody in two communities is in both.")
class IdeaSupporters:
    """Who votes on an idea, as they are now."""

    communities: list[SupporterGroup] = many(
        VOTERS + PLACES + "WITH " + BY_COMMUNITY + COUNTS,
        GROUP,
        "By community, most support first.",
        order=MOST,
    )
    cities: list[SupporterGroup] = many(
        VOTERS + "WITH " + BY_CITY + COUNTS + FIRST_CITIES,
        GROUP,
        f"By city, most support first: {CITIES} at most.",
        order=MOST,
    )
    bands: list[SupporterGroup] = many(
        VOTERS + "WITH " + BY_BAND + COUNTS, GROUP, "By band, most support first.", order=MOST
    )
    revenue: list[SupporterRevenue] = many(
        BOUGHT + "WITH null AS {g}, null AS {name}, " + SUMS,
        MONEY,
        "Revenue behind it, by currency.",
        order=RICHEST,
    )
    revenue_by_community: list[SupporterRevenue] = many(
        BOUGHT_IN_PLACES + "WITH " + BY_COMMUNITY + SUMS,
        MONEY,
        "Revenue behind it, by community and currency.",
        order=RICHEST,
    )
    revenue_by_city: list[SupporterRevenue] = many(
        BOUGHT + "WITH " + BY_CITY + SUMS,
        MONEY,
        "Revenue behind it, by city and currency.",
        order=RICHEST,
    )
    revenue_by_band: list[SupporterRevenue] = many(
        BOUGHT + "WITH " + BY_BAND + SUMS,
        MONEY,
        "Revenue behind it, by band and currency.",
        order=RICHEST,
    )
