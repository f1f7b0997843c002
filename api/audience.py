"""Who may take part in a challenge: a CustomerFilter, kept as its JSON, and checked as a list is narrowed."""

from dataclasses import fields, is_dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

import orjson
from strawberry import UNSET

from api.auth import policy_of_condition
from api.filters import FILTERS
from api.plan import refused
from graph.errors import Invalid
from graph.participation import Condition
from graph.tokens import Role

NAME = "CustomerFilter"


@lru_cache(maxsize=500)
def condition_of(audience: str) -> Condition:
    """The condition on a customer `c` that an audience stands for."""
    text, parameters = FILTERS.compile(NAME, orjson.loads(audience), {"c": "c"}, "audience")
    return Condition(text or "true", parameters)


def kept(given: Any, role: Role) -> str | None:
    """An audience as it is stored; None if it asks for nothing.

    Raises
    ------
    Invalid
        When it asks for more than a database should be asked at once.
    """
    values = plain(given)
    if not values:
        return None
    for kind, asked in FILTERS.asked(NAME, values):
        if role not in policy_of_condition(kind, asked):
            raise refused("FORBIDDEN", f"{kind}.{asked} is not for the role {role}.")
    text = orjson.dumps(values, option=orjson.OPT_SORT_KEYS).decode()
    try:
        condition_of(text)
    except Invalid as error:
        raise Invalid(error.message, field="audience") from error
    return text


def plain(value: Any) -> Any:
    """A filter that came as an input, as the values it was made of."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, Enum):
        return value.value
    if not is_dataclass(value) or isinstance(value, type):
        return value
    names = {f.python_name: f for f in value.__strawberry_definition__.fields}  # type: ignore[attr-defined]
    pairs = ((names[each.name], getattr(value, each.name)) for each in fields(value))
    return {f.graphql_name or _camel(f.python_name): plain(v) for f, v in pairs if v not in (UNSET, None)}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
