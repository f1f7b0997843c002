"""Who could open the door to a customer, searched for before the read that shows it.

`{y}` is an introduction, `{w}` a step of it, both maps that the search made.
"""

from typing import Any

import strawberry
from strawberry import ID

from api.declare import Arguments, Searched, argument, many, one, searched, stored
from api.enums import AdvocacyKind
from api.scalars import DateTime
from api.types import Customer
from graph.driver import Graph
from graph.selection import Order, Source
from jobs import introductions
from jobs.introductions import Introduction as Found
from jobs.introductions import Step, in_english, in_turkish

MOST = 20


def _step(step: Step) -> dict[str, Any]:
    bond = step.bond
    return {
        "introducer": step.introducer,
        "introduced": step.introduced,
        "strength": step.strength,
        "weights": list(bond.weights),
        "days": [bond.said, bond.heard],
        "lastAt": bond.last_at,
        "kinds": list(bond.kinds),
        "mood": bond.mood,
    }


def _shown(found: Found) -> dict[str, Any]:
    return {
        "strength": found.strength,
        "cost": found.cost,
        "people": list(found.people),
        "steps": [_step(step) for step in found.steps],
        "english": in_english(found.steps),
        "turkish": in_turkish(found.steps),
    }


async def _find(graph: Graph, arguments: Arguments) -> list[dict[str, Any]]:
    found = await introductions.introductions(
        graph, customer=arguments["customerId"], count=arguments["first"]
    )
    return [_shown(each) for each in found]


def _person(key: str, description: str) -> Any:
    return one(f"MATCH ({{c}}:Customer {{{{uid: {{w}}.{key}}}}})", "c", description)


@strawberry.type(description="Somebody on a path who may introduce the next one, and why to trust it.")
class IntroductionStep:
    """Somebody on a path who may introduce the next one, and why to trust it."""

    introducer: Customer | None = _person("introducer", "Who introduces.")
    introduced: Customer | None = _person("introduced", "Whom.")
    strength: float = stored(
        "{w}.strength",
        "How far it is trusted, 0 to 1: w/(w + 1) with w = (√given + √received)², so that responses both ways "
        "count more.",
    )
    given_weight: float = stored(
        "{w}.weights[0]",
        "What the introducer's responses to the next are worth at the as-of of the scores: one is 1 on its day, "
        "half after 60 days.",
    )
    received_weight: float = stored(
        "{w}.weights[1]", "The same of the next one's responses to the introducer."
    )
    given_day_count: int = stored(
        "{w}.days[0]", "On how many days the introducer responded; at least 1 if without a date."
    )
    received_day_count: int = stored("{w}.days[1]", "On how many days the next one responded to them.")
    last_at: DateTime | None = stored("{w}.lastAt", "The latest of these responses; null if none has a date.")
    advocacy_kinds: list[AdvocacyKind] = stored(
        "{w}.kinds", "What the introducer did for the next, never below zero: a negative rating blocks."
    )
    mood: float | None = stored(
        "{w}.mood",
        "Mean mood of what the introducer said to the next, 0 to 1, for a harsh one blocks; null if nothing has one.",
    )


@strawberry.type(description="A path of at most four steps from staff or an advocate to a customer.")
class Introduction:
    """A path of at most four steps from staff or an advocate to a customer."""

    strength: float = stored("{y}.strength", "How far it is trusted, 0 to 1: the product of its steps.")
    cost: float = stored("{y}.cost", "−ln strength, from 0 upwards: the least is the most trusted.")
    people: list[Customer] = many(
        "UNWIND range(0, size({y}.people) - 1) AS {n} MATCH ({c}:Customer {{uid: {y}.people[{n}]}})",
        "n c",
        "Everybody on it, from whom to ask to the customer.",
        order=Order("{n}"),
    )
    steps: list[IntroductionStep] = many("UNWIND {y}.steps AS {w}", "w", "Its steps, in the same order.")
    in_english: str = stored("{y}.english", "Whom to ask, and why, in a sentence.")
    in_turkish: str = stored("{y}.turkish", "The same in Turkish.")


@strawberry.type
class IntroductionQueries:
    """Who could open the door to a customer."""

    introductions: list[Introduction] = searched(
        Searched(Source("UNWIND $found AS {y}", ("y",)), _find, MOST, {"customerId": "Customer"}),
        "The most trusted paths to a customer, each from another member of staff, advocate or champion; nobody "
        "between is a detractor, a bot or suspended.",
        first=3,
        customer_id=argument(ID, "Id of a Customer, for instance of a detractor or a prospect."),
    )
