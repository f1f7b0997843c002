"""What filters ask of one value."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import strawberry
from strawberry import UNSET

from api.scalars import Date, DateTime
from graph.driver import Graph


@dataclass(frozen=True, slots=True)
class LookUp:
    """A text that stands for what a search finds by it: it runs before the read, whose parameter it becomes."""

    text: str
    find: Callable[[Graph, str], Awaitable[list[str]]]


def _operator(description: str) -> Any:
    return strawberry.field(default=UNSET, description=description)


@strawberry.input(description="Conditions on a text; case, accents and the Turkish i's do not matter.")
class TextFilter:
    """Conditions on a text."""

    eq: str | None = _operator("Is this.")
    contains: str | None = _operator("Has this in it.")
    starts_with: str | None = _operator("Begins with this.")


@strawberry.input(description="Conditions on a word, to the letter.")
class WordFilter:
    """Conditions on a word."""

    eq: str | None = _operator("Is this.")
    in_: list[str] | None = strawberry.field(name="in", default=UNSET, description="Is one of these.")


@strawberry.input(description="Conditions on a number; a value that is absent satisfies none.")
class NumberFilter:
    """Conditions on a number."""

    gte: float | None = _operator("At least this.")
    gt: float | None = _operator("More than this.")
    lte: float | None = _operator("At most this.")
    lt: float | None = _operator("Less than this.")


@strawberry.input(description="Conditions on an instant; one that is absent satisfies none.")
class MomentFilter:
    """Conditions on an instant."""

    from_: DateTime | None = strawberry.field(name="from", default=UNSET, description="Not before this.")
    until: DateTime | None = _operator("Before this.")


@strawberry.input(description="Conditions on a day; one that is absent satisfies none.")
class DateFilter:
    """Conditions on a day."""

    from_: Date | None = strawberry.field(name="from", default=UNSET, description="Not before this.")
    until: Date | None = _operator("Before this.")
