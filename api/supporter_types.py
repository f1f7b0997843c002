"""Who is for an idea and against it, and what they are worth: read from the votes when it is asked."""

from dataclasses import dataclass

import strawberry

from api.declare import many, seen, stored
from api.types import Community
from graph.selection import Order

CITIES = 20  # the others have few voters each
VOTERS = "MATCH (voter)-[vote:VOTED]->({x}) "
# As a list of each voter: rows of voters and purchases would be grouped again, which takes three times as long.
PURCHASES = (
    "[(voter)-[bought:PURCHASED]->() WHERE bought.amount IS NOT NULL AND bought.currency IS NOT NULL | bought] "
    "AS purchases UNWIND purchases AS purchase "
)
COUNTS = (
    "sum(CASE said WHEN 1 THEN people ELSE 0 END) AS {up}, "
    "sum(CASE said WHEN -1 THEN people ELSE 0 END) AS {down}, "
    "sum(CASE said WHEN 0 THEN people ELSE 0 END) AS {passed}, "
    "sum(CASE said WHEN 1 THEN worth ELSE 0.0 END) AS {gain}, "
    "sum(CASE said WHEN -1 THEN worth ELSE 0.0 END) AS {loss}"
)
SUMS = (
    "coin AS {currency}, "
    "sum(CASE said WHEN 1 THEN paid ELSE 0.0 END) AS {gain}, "
    "sum(CASE said WHEN -1 THEN paid ELSE 0.0 END) AS {loss}"
)


@dataclass(frozen=True, slots=True)
class Parting:
    """How voters are parted: what is read of each, the keys of the first sums, and the keys of the last.

    Voters are summed by what they have in common and by their votes, then those few rows into what is shown: a sum
    with a condition for each kind of vote takes a voter three times as long.
    """

    each: str
    first: str
    last: str

    def voters(self) -> str:
        """People and what they are worth."""
        read = f"WITH {self.each}vote.value AS said, coalesce(voter.value, 0.0) AS value "
        return f"{VOTERS}{read}WITH {self.first}said, count(*) AS people, sum(value) AS worth {self.last}{COUNTS}"

    def revenue(self) -> str:
        """What they have paid."""
        read = f"WITH {self.each}vote.value AS said, {PURCHASES}"
        keys = f"{self.first}said, purchase.currency AS coin, sum(purchase.amount) AS paid"
        return f"{VOTERS}{read}WITH {keys} {self.last}{SUMS}"


TOGETHER = Parting("", "", "WITH null AS {g}, null AS {name}, ")
BY_COMMUNITY = Parting(
    "[(voter)-[:MEMBER_OF]->(place:Community) | place] AS places, ",
    "places, ",
    "UNWIND CASE size(places) WHEN 0 THEN [null] ELSE places END AS {g} WITH {g}, {g}.name AS {name}, ",
)
BY_CITY = Parting(
    "voter.cityKey AS city, voter.city AS called, ",
    "city, min(called) AS town, ",
    "WITH null AS {g}, city, min(town) AS {name}, ",
)
BY_BAND = Parting("voter.band@influence AS band, ", "band, ", "WITH null AS {g}, band AS {name}, ")
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
        BY_COMMUNITY.voters(), GROUP, "By community, most support first.", order=MOST
    )
    cities: list[SupporterGroup] = many(
        BY_CITY.voters() + FIRST_CITIES,
        GROUP,
        f"By city, most support first: {CITIES} at most.",
        order=MOST,
    )
    bands: list[SupporterGroup] = many(BY_BAND.voters(), GROUP, "By band, most support first.", order=MOST)
    revenue: list[SupporterRevenue] = many(
        TOGETHER.revenue(), MONEY, "Revenue behind it, by currency.", order=RICHEST
    )
    revenue_by_community: list[SupporterRevenue] = many(
        BY_COMMUNITY.revenue(), MONEY, "Revenue behind it, by community and currency.", order=RICHEST
    )
    revenue_by_city: list[SupporterRevenue] = many(
        BY_CITY.revenue(), MONEY, "Revenue behind it, by city and currency.", order=RICHEST
    )
    revenue_by_band: list[SupporterRevenue] = many(
        BY_BAND.revenue(), MONEY, "Revenue behind it, by band and currency.", order=RICHEST
    )
