"""Compiles a filter into one WHERE: declared conditions over roles, values only as parameters."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graph.errors import Invalid
from graph.selection import Env

Convert = Callable[[Any], Any]
CONDITIONS = 200
LEVELS = 12
OPERATORS = {
    "eq": "{x} = {p}",
    "in": "{x} IN {p}",
    "gte": "{x} >= {p}",
    "gt": "{x} > {p}",
    "lte": "{x} <= {p}",
    "lt": "{x} < {p}",
    "from": "{x} >= {p}",
    "until": "{x} < {p}",
    "contains": "{x} CONTAINS {p}",
    "startsWith": "{x} STARTS WITH {p}",
}


@dataclass(frozen=True, slots=True)
class Compare:
    """A condition on one value: an object of operators, or a plain value under `operator`."""

    text: str
    operator: str | None = None
    convert: Convert | None = None


@dataclass(frozen=True, slots=True)
class Present:
    """True asks that the value be there, false that it be absent."""

    text: str


@dataclass(frozen=True, slots=True)
class Exists:
    """A condition on what a hop leads to: some of it must satisfy the inner filter."""

    pattern: str
    roles: tuple[str, ...]
    inner: str


Condition = Compare | Present | Exists
Fields = Mapping[str, Mapping[str, Condition]]


class FilterCompiler:
    """Turns filter values into a condition and its parameters; the same shape of values gives the same text."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields

    def compile(
        self, name: str, values: Mapping[str, Any], env: Env, prefix: str
    ) -> tuple[str | None, dict[str, Any]]:
        """The condition of the filter type `name`, None if it asks for nothing, and its parameters.

        Raises
        ------
        Invalid
            When it holds more, or deeper, than a database should be asked at once.
        """
        check_size(values)
        parameters: dict[str, Any] = {}
        return self._all(name, values, env, prefix, parameters), parameters

    def asked(self, name: str, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Each condition that a filter asks, by its filter type and name, those of its hops included."""
        for field, value in values.items():
            if field in {"and", "or", "not"}:
                for inner in value if isinstance(value, list) else [value or {}]:
                    yield from self.asked(name, inner)
            else:
                yield name, field
                declared = self.fields[name][field]
                if isinstance(declared, Exists) and value:
                    yield from self.asked(declared.inner, value)

    def _all(
        self, name: str, values: Mapping[str, Any], env: Env, prefix: str, parameters: dict[str, Any]
    ) -> str | None:
        conditions: list[str] = []
        for field, value in values.items():
            if value is None:
                continue
            path = f"{prefix}_{field}"
            if field in {"and", "or"}:
                inner = [
                    self._all(name, item, env, f"{path}{at}", parameters) or "true"
                    for at, item in enumerate(value)
                ]
                joint = " AND " if field == "and" else " OR "
                # an empty "or" asks for one of nothing
                conditions.append(f"({joint.join(inner)})" if inner else str(field == "and").lower())
            elif field == "not":
                inner_text = self._all(name, value, env, path, parameters) or "true"
                # where a value is absent, a comparison is null: not(null) must hold
                conditions.append(f"NOT coalesce({inner_text}, false)")
            else:
                conditions.append(self._one(self.fields[name][field], value, env, path, parameters))
        return " AND ".join(conditions) or None

    def _one(self, condition: Condition, value: Any, env: Env, path: str, parameters: dict[str, Any]) -> str:
        match condition:
            case Compare(text, operator, convert):
                operators = {operator: value} if operator else value
                return self._compare(text.format(**env), operators, convert, path, parameters)
            case Present(text):
                return f"{text.format(**env)} IS {'NOT ' if value else ''}NULL"
            case Exists(pattern, roles, inner):
                # named after the path, so that nested hops never share a variable
                made = {role: f"{role}_{path}" for role in roles}
                known = dict(env) | made
                below = self._all(inner, value, known, path, parameters)
                asked = f" WHERE {below}" if below else ""
                return f"EXISTS {{ MATCH {pattern.format(**known)}{asked} }}"

    def _compare(
        self,
        text: str,
        operators: Mapping[str, Any],
        convert: Convert | None,
        path: str,
        parameters: dict[str, Any],
    ) -> str:
        conditions: list[str] = []
        for operator, value in operators.items():
            if value is None:
                continue
            name = f"{path}_{operator}"
            if isinstance(value, list):
                parameters[name] = [convert(item) if convert else item for item in value]
            else:
                parameters[name] = convert(value) if convert else value
            conditions.append(OPERATORS[operator].format(x=text, p=f"${name}"))
        return f"({' AND '.join(conditions)})" if conditions else "true"


def check_size(values: Mapping[str, Any]) -> None:
    """Refuse a filter by its size, before it is looked at more closely."""
    found = 0
    level: list[Any] = [values]
    for _ in range(LEVELS + 1):
        inner: list[Any] = []
        for value in level:
            items = value if isinstance(value, list) else value.values()
            inner += [item for item in items if isinstance(item, Mapping) or _nests(item)]
            found += 0 if isinstance(value, list) else len(value)
        if found > CONDITIONS:
            raise Invalid(f"A filter has at most {CONDITIONS} conditions: ask for less.", field="filter")
        if not inner:
            return
        level = inner
    raise Invalid(f"A filter has at most {LEVELS} levels: ask for less.", field="filter")


def _nests(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, Mapping) for item in value)
