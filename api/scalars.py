"""Instants and dates: text of fixed width, as they are stored, so that an answer carries them through."""

from typing import NewType

import strawberry

from graph.errors import Invalid
from graph.records import instant


def _parse(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("An instant is text such as 2026-01-31T09:30:00Z.")
    try:
        return str(instant(value))
    except Invalid as error:
        raise ValueError(error.message) from error


DateTime = NewType("DateTime", str)
DATE_TIME = strawberry.scalar(
    name="DateTime",
    description="An instant in ISO 8601 with its zone; answers are in UTC, such as 2026-01-31T09:30:00.000Z.",
    specified_by_url="https://scalars.graphql.org/andimarek/date-time",
    serialize=lambda value: value,
    parse_value=_parse,
)


def _parse_wall(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("An instant is text such as 2026-01-31T09:30.")
    return value


WallTime = NewType("WallTime", str)
WALL_TIME = strawberry.scalar(
    name="WallTime",
    description="What the clock of a time zone named beside it shows, such as 2026-01-31T09:30, or an instant in "
    "ISO 8601 with its offset.",
    serialize=lambda value: value,
    parse_value=_parse_wall,
)

Date = NewType("Date", str)
DATE = strawberry.scalar(
    name="Date",
    description="A day in ISO 8601, such as 2026-01-31.",
    specified_by_url="https://scalars.graphql.org/andimarek/local-date",
    serialize=lambda value: value,
)
