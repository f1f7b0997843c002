"""Audiences of challenges in folders of import and export: a CustomerFilter whose ids are those of the folder.

The schema is loaded with the first audience: commands that meet none need not wait for it.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any

import orjson
from graphql import GraphQLError

from api.relay import from_global_id, to_global_id
from graph.errors import Invalid
from graph.filter import Exists, check_size

NAME = "CustomerFilter"


class FolderAudiences:
    """What an import and an export know of filters."""

    def read(self, cell: str) -> str:
        """The text of a cell in its one form; a ValueError says what is wrong with it."""
        from api.audience import condition_of

        try:
            given = orjson.loads(cell)
        except orjson.JSONDecodeError as error:
            raise ValueError(f"it is not JSON: {error}") from error
        if not isinstance(given, dict) or not given:
            raise ValueError('it is no JSON object with conditions, such as {"city": {"eq": "Bursa"}}')
        try:
            check_size(given)
            text = _text(_coerced(given))
            condition_of(_renamed(text, lambda label, each: to_global_id(label)(each)))
        except (GraphQLError, Invalid) as error:
            raise ValueError(error.message) from error
        return text

    def named(self, text: str, *, stored: bool) -> set[tuple[str, str]]:
        """The records that a filter names: their labels and uids, if it is a stored one, or external ids."""
        found = set[tuple[str, str]]()

        def note(label: str, each: str) -> str:
            found.add((label, from_global_id(each)[1] if stored else each))
            return each

        _renamed(text, note)
        return found

    def stored(self, text: str, uids: Mapping[tuple[str, str], str]) -> str:
        """A filter of a folder as it is stored."""
        return _renamed(text, lambda label, each: to_global_id(label)(uids[label, each]))

    def written(self, text: str, ids: Mapping[tuple[str, str], str]) -> str:
        """A stored filter as a folder has it; of what is gone, nothing is left."""
        return _renamed(text, lambda label, each: ids.get((label, from_global_id(each)[1])))


def _coerced(given: Mapping[str, Any]) -> Any:
    """The values as a request would have given them."""
    from graphql.utilities import coerce_input_value, validate_input_value

    from api.schema import SCHEMA

    kind: Any = SCHEMA.type_map[NAME]

    def fault(error: GraphQLError, path: Sequence[str | int]) -> None:
        raise GraphQLError(f"{'.'.join(map(str, path))}: {error.message}" if path else error.message)

    validate_input_value(given, kind, fault)
    return coerce_input_value(given, kind)


def _renamed(text: str, change: Callable[[str, str], str | None]) -> str:
    """A filter with each id in it changed, by the label of what it is an id of; None: left out."""
    from api.filters import FILTERS

    def walk(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
        return {field: inner(kind, field, value) for field, value in values.items()}

    def inner(kind: str, field: str, value: Any) -> Any:
        if value is None:
            return None
        if field in {"and", "or"}:
            return [walk(kind, each) for each in value]
        if field == "not":
            return walk(kind, value)
        if field == "id":
            changed = [change(kind.removesuffix("Filter"), each) for each in value]
            return [each for each in changed if each is not None]
        declared = FILTERS.fields[kind][field]
        return walk(declared.inner, value) if isinstance(declared, Exists) else value

    return _text(walk(NAME, orjson.loads(text)))


def _text(values: Any) -> str:
    return orjson.dumps(values, option=orjson.OPT_SORT_KEYS, default=_value).decode()


def _value(member: Any) -> Any:
    if isinstance(member, Enum):
        return member.value
    raise TypeError(type(member).__name__)
