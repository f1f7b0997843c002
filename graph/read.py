"""Compiles a selection into one Cypher statement and the function that shapes its one row into the answer.

A selection is a tree of `Scalar`, `Object`, `One`, `Many` and `Page`, whose Cypher is written over *roles*: `{c}`
stands for whatever variable holds the customer there. Nothing in the text comes from a request; what a request
gives are parameters. Every value travels in a list, in the order asked for, and the generated function names them
again: that is half the bytes of maps, and Neo4j does not keep the order of a map's keys.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph.driver import Engine
from graph.paging import cursor
from graph.selection import (
    Constant,
    Env,
    Many,
    Object,
    One,
    Order,
    Page,
    Scalar,
    Selected,
    Selection,
    Source,
)

SLOT = re.compile(r"@(influence|tally)\b")


class NullInRequired(Exception):
    """A field that promises a value has none in the graph."""


@dataclass(frozen=True, slots=True)
class Read:
    """A compiled read: the statement, the one that asks for the ids first (if any), and the shaping function."""

    text: str
    ids_text: str | None
    ids_exactly: str | None
    ids_limit: str
    build: Callable[[Sequence[Any], Mapping[str, Any]], dict[str, Any]]
    slots: frozenset[str]

    def statement(self, published: Mapping[str, str]) -> str:
        """The text for the slots that are published now."""
        return in_slots(self.text, published)

    def ids_statement(self, published: Mapping[str, str]) -> str | None:
        """The text of the first of two statements, for the slots that are published now."""
        return None if self.ids_text is None else in_slots(self.ids_text, published)

    def ids_of(self, rows: Sequence[Any], parameters: Mapping[str, Any]) -> list[str] | None:
        """The ids of the page among rows in index order; None where equal keys stand on both sides of its end."""
        limit = parameters[self.ids_limit]
        if len(rows) > limit and rows[limit]["key"] == rows[limit - 1]["key"]:
            return None
        place = {row["key"]: number for number, row in reversed(list(enumerate(rows)))}
        return [row["id"] for row in sorted(rows[:limit], key=lambda row: (place[row["key"]], row["id"]))]

    def exact_ids_statement(self, published: Mapping[str, str]) -> str:
        """The slower text that settles equal keys too."""
        return in_slots(self.ids_exactly or "", published)


def in_slots(text: str, published: Mapping[str, str]) -> str:
    """Put the letter of the published slot where the text names its publication."""
    return SLOT.sub(lambda found: published.get(found[1], "A"), text)


def compile_read(roots: Selection, shapes: Mapping[str, Callable[[Any], Any]], engine: Engine) -> Read:
    """One statement for all roots, and a function from its row (and the parameters) to the answer."""
    writer = _Writer(engine)
    databases = [root for root in roots if not isinstance(root, Constant)]
    two = engine is Engine.ARCADEDB and len(databases) == 1 and isinstance(databases[0], Page)
    ids_text = ids_exactly = None
    ids_limit = ""
    blocks: list[str] = []
    answer: list[str] = []
    for root in roots:
        if isinstance(root, Constant):
            answer.append(f"{root.key!r}: {root.value!r}")
            continue
        if two and isinstance(root, Page) and root.ranked and root.wants_rows:
            ids_text, ids_exactly = writer.ids_first(root)
            ids_limit = f"{root.prefix}_limit"
        block, name, python = writer.root(root, ids_first=ids_text is not None)
        blocks.append(block)
        answer.append(f"{root.key!r}: {python(f'row[{len(blocks) - 1}]')}")
        writer.outputs.append(name)
    text = _join(blocks, writer.outputs)
    scope: dict[str, Any] = dict(shapes) | {"cursor": cursor, "required": _required}
    exec(f"def build(row, p):\n return {{{', '.join(answer)}}}", scope)  # noqa: S102 (text of declared names)
    slots = frozenset(SLOT.findall(text + (ids_text or "")))
    return Read(text, ids_text, ids_exactly, ids_limit, scope["build"], slots)


def _join(blocks: Sequence[str], outputs: Sequence[str]) -> str:
    if len(blocks) == 1:
        return blocks[0]
    called = " ".join(f"CALL () {{ {block} }}" for block in blocks)
    return f"{called} RETURN {', '.join(outputs)}"


def _required(value: Any) -> Any:
    if value is None:
        raise NullInRequired
    return value


Python = Callable[[str], str]


class _Writer:
    """Writes the clauses; every variable gets a number, so no name meets another."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.count = 0
        self.outputs: list[str] = []

    def fresh(self, name: str) -> str:
        self.count += 1
        return f"{name}{self.count}"

    def root(self, root: Selected, *, ids_first: bool) -> tuple[str, str, Python]:
        """One root field as a statement of its own that returns one row."""
        match root:
            case One():
                found = self._found(root.source, {}, None)
                calls, row, python = self.fields(root.fields, found.env)
                name = self.fresh("r")
                block = f"{found.text}{calls} RETURN collect({row}) AS {name}"
                return block, name, lambda x: f"({python(f'{x}[0]')} if {x} else None)"
            case Page():
                return self._root_page(root, ids_first=ids_first)
            case _:
                raise TypeError(f"{type(root).__name__} cannot stand at the root")

    def _root_page(self, page: Page, *, ids_first: bool) -> tuple[str, str, Python]:
        if ids_first:
            rows = self._rows_of_ids(page)
        else:
            found = self._found(page.source, {}, page.condition)
            rows = self._rows(page, self._behind(page, found), found.env, cut=True)
        if not page.counts:
            return rows.text, rows.name, lambda x: rows.python(x, "None")
        counted = self._found(page.source, {}, page.condition)
        total, both = self.fresh("n"), self.fresh("r")
        if not page.wants_rows:
            text = f"{counted.text} RETURN count(*) AS {total}"
            return text, total, lambda x: rows.python("()", x)
        count = f"CALL () {{ {counted.text} RETURN count(*) AS {total} }}"
        text = f"CALL () {{ {rows.text} }} {count} RETURN [{rows.name}, {total}] AS {both}"
        return text, both, lambda x: rows.python(f"{x}[0]", f"{x}[1]")

    def _rows_of_ids(self, page: Page) -> "_Rows":
        role = page.source.roles[0]
        variable = self.fresh(role)
        text = f"UNWIND $ids AS id MATCH ({variable}:{page.ranked} {{uid: id}})"
        env = {role: variable} | dict.fromkeys(page.source.keep, variable)
        return self._rows(page, text, env, cut=False)

    def ids_first(self, page: Page) -> tuple[str, str]:
        """The ids of a page and of one more in the one form that the embedded engine reads from an index: by
        one key. Equal keys at the end of the page need the second statement.
        """
        found = self._found(page.source, {}, page.condition)
        text = f"{self._behind(page, found)} RETURN {found.env[page.source.roles[0]]}.uid AS id"
        key, limit = page.order.key.format(**found.env), f"LIMIT ${page.prefix}_limit"
        by_key = page.order.by_key(key)
        return f"{text}, {key} AS key{by_key} {limit} + 1", f"{text}{page.order.clause(found.env)} {limit}"

    def fields(self, selection: Selection, env: Env) -> tuple[str, str, Python]:
        """The calls below a row, the list that holds it, and the dict made of that list."""
        calls: list[str] = []
        values: list[str] = []
        pythons: list[tuple[str, Python]] = []
        for selected in selection:
            if isinstance(selected, Constant):
                constant = repr(selected.value)
                pythons.append((selected.key, lambda x, constant=constant: constant))  # type: ignore[misc]
                continue
            call, value, python = self.field(selected, env)
            at = len(values)
            calls.append(call)
            values.append(value)
            pythons.append((selected.key, lambda x, at=at, python=python: python(f"{x}[{at}]")))  # type: ignore[misc]

        def build(x: str) -> str:
            return "{" + ", ".join(f"{key!r}: {python(x)}" for key, python in pythons) + "}"

        return "".join(calls), "[" + ", ".join(values) + "]", build

    def field(self, selected: Selected, env: Env) -> tuple[str, str, Python]:
        """The calls one field needs, the expression of its value, and the Python that shapes it."""
        match selected:
            case Scalar():
                return "", selected.text.format(**env), _scalar(selected)
            case Object():
                return self._object(selected, env)
            case One():
                call, name, python = self._hop(selected.source, selected.fields, env, None, " LIMIT 1")
                return call, name, lambda x: f"({python(f'{x}[0]')} if {x} else None)"
            case Many():
                call, name, python = self._hop(selected.source, selected.fields, env, selected.order, "")
                item = self.fresh("x")
                return call, name, lambda x: f"[{python(item)} for {item} in {x}]"
            case Page():
                return self._page(selected, env)
            case _:
                raise TypeError(type(selected).__name__)

    def _object(self, selected: Object, env: Env) -> tuple[str, str, Python]:
        # without roles of its own it is the same type again, as on an edge
        inner = {role: source.format(**env) for role, source in selected.roles.items()} or env
        calls, row, python = self.fields(selected.fields, inner)
        if selected.present is None:
            return calls, row, python
        present = selected.present.format(**inner)
        text = f"CASE WHEN {present} THEN {row} ELSE null END"
        return calls, text, lambda x: f"(None if {x} is None else {python(x)})"

    def _hop(
        self, source: Source, fields: Selection, env: Env, order: Order | None, cut: str
    ) -> tuple[str, str, Python]:
        found = self._found(source, env, None)
        text = found.text
        if order or cut:
            text += f" WITH {found.carried}" + (order.clause(found.env) if order else "") + cut
        calls, row, python = self.fields(fields, found.env)
        name = self.fresh("r")
        call = f" CALL ({found.scope}) {{ {text}{calls} RETURN collect({row}) AS {name} }}"
        return call, name, python

    def _page(self, page: Page, env: Env) -> tuple[str, str, Python]:
        found = self._found(page.source, env, page.condition)
        text, cut = self._behind(page, found), True
        if self.engine is Engine.NEO4J and page.order.tie:
            text, cut = self._cut_by_key(page, text, found), False
        rows = self._rows(page, text, found.env, cut=cut)
        calls, values = "", []
        if page.wants_rows:
            calls += f" CALL ({found.scope}) {{ {rows.text} }}"
            values.append(rows.name)
        if page.counts:
            counted = self._found(page.source, env, page.condition)
            total = self.fresh("n")
            calls += f" CALL ({counted.scope}) {{ {counted.text} RETURN count(*) AS {total} }}"
            values.append(total)
        if len(values) == 2:
            return calls, f"[{', '.join(values)}]", lambda x: rows.python(f"{x}[0]", f"{x}[1]")
        if page.wants_rows:
            return calls, rows.name, lambda x: rows.python(x, "None")
        if page.counts:
            return calls, values[0], lambda x: rows.python("()", x)
        return "", "null", lambda x: rows.python("()", "None")

    def _rows(self, page: Page, text: str, env: Env, *, cut: bool) -> "_Rows":
        """The rows of a page, for each part a list, then the cursor's keys; and the Python of the connection."""
        calls = ""
        lists: list[str] = []
        item = self.fresh("x")
        parts: list[Callable[[str, str, str], str]] = []
        for kind, key, fields in page.parts:
            if kind in {"nodes", "edges"}:
                below, row, python = self.fields(fields, env)
                calls += below
                parts.append(_list_part(key, item, python(f"{item}[{len(lists)}]")))
                lists.append(row)
            elif kind == "totalCount":
                parts.append(_total_part(key))
            elif kind == "pageInfo":
                parts.append(_page_info_part(key, fields, page))
            else:
                parts.append(_constant_part(key, kind))
        if page.looks_ahead:
            lists.append(page.order.keys(env))
        name = self.fresh("r")
        if cut:
            carried = ", ".join(dict.fromkeys(env.values()))
            text += f" WITH {carried}{page.order.clause(env)} LIMIT ${page.prefix}_limit"

        def build(rows: str, total: str) -> str:
            shown = f"{rows}[:p['{page.prefix}_first']]" if page.looks_ahead else rows
            return "{" + ", ".join(part(rows, shown, total) for part in parts) + "}"

        return _Rows(f"{text}{calls} RETURN collect([{', '.join(lists)}]) AS {name}", name, build)

    def _cut_by_key(self, page: Page, text: str, found: "_Found") -> str:
        """The rows of a page, whose ties are read only where they matter: of what is shown, or if two equal keys
        stand on both sides of its end. A uid is long and costs Neo4j more to read than all the rest.
        """
        outside = found.scope.split(", ")
        made = [name for name in dict.fromkeys(found.env.values()) if name not in outside]
        limit, key, rows, row, tied = f"${page.prefix}_limit", *map(self.fresh, ("k", "l", "x", "y"))
        order, at = page.order.clause(found.env), len(made)
        listed = ", ".join(f"{row}[{index}] AS {name}" for index, name in enumerate(made))
        returned = f"RETURN {', '.join(made)}{order} LIMIT {limit}"
        by_key = page.order.by_key(key)
        cut = (
            f"WITH {', '.join(made)}, {page.order.key.format(**found.env)} AS {key}{by_key} LIMIT {limit} + 1"
        )
        gathered = f"WITH collect([{', '.join(made)}, {key}]) AS {rows}"
        compared = f"size({rows}) > {limit} AND {rows}[{limit}][{at}] = {rows}[{limit} - 1][{at}]"
        settled = f"WITH * WHERE NOT {tied} UNWIND {rows}[..{limit}] AS {row} WITH {listed} {returned}"
        return (
            f"{text} {cut} {gathered} WITH {rows}, coalesce({compared}, true) AS {tied} "
            f"CALL ({', '.join([*filter(None, outside), rows, tied])}) "
            f"{{ {settled} UNION ALL WITH * WHERE {tied} {text} {returned} }}"
        )

    def _behind(self, page: Page, found: "_Found") -> str:
        """The text with the condition of the cursor."""
        if not page.after:
            return found.text
        joint = " AND " if found.filtered else " WHERE "
        return found.text + joint + page.order.after(found.env, page.prefix)

    def _found(self, source: Source, env: Env, condition: Callable[[Env], str | None] | None) -> "_Found":
        made = {role: self.fresh(role) for role in source.roles}
        known = dict(env) | made
        kept = {role: known[of] for role, of in source.keep.items()}
        inner = made | kept
        text = source.head.format(**known)
        conditions = [condition_.format(**known) for condition_ in source.where]
        given = condition(known) if condition else None
        if given:
            conditions.append(given)
        if conditions:
            text += " WHERE " + " AND ".join(conditions)
        used = " ".join([source.head, *source.where, *(f"{{{of}}}" for of in source.keep.values())])
        scope = [variable for role, variable in env.items() if f"{{{role}}}" in used]
        return _Found(text, inner, ", ".join(dict.fromkeys(scope)), bool(conditions))


@dataclass(frozen=True, slots=True)
class _Found:
    text: str
    env: Env
    scope: str
    filtered: bool

    @property
    def carried(self) -> str:
        return ", ".join(dict.fromkeys(self.env.values()))


@dataclass(frozen=True, slots=True)
class _Rows:
    text: str
    name: str
    python: Callable[[str, str], str]


def _scalar(selected: Scalar) -> Python:
    if selected.shape:
        return lambda x: f"{selected.shape}({x})"
    if selected.required:
        return lambda x: f"({x} if {x} is not None else required(None))"
    return lambda x: x


def _list_part(key: str, item: str, row: str) -> Callable[[str, str, str], str]:
    return lambda rows, shown, total: f"{key!r}: [{row} for {item} in {shown}]"


def _total_part(key: str) -> Callable[[str, str, str], str]:
    return lambda rows, shown, total: f"{key!r}: {total}"


def _constant_part(key: str, value: str) -> Callable[[str, str, str], str]:
    return lambda rows, shown, total: f"{key!r}: {value!r}"


def _page_info_part(key: str, fields: Selection, page: Page) -> Callable[[str, str, str], str]:
    def build(rows: str, shown: str, total: str) -> str:
        answers = {
            "hasNextPage": f"len({rows}) > p['{page.prefix}_first']",
            "hasPreviousPage": repr(page.after),
            "startCursor": f"(cursor({rows}[0][-1]) if {rows} else None)",
            "endCursor": f"(cursor({shown}[-1][-1]) if {rows} else None)",
        }
        constants = [field_ for field_ in fields if isinstance(field_, Constant)]
        inner = ", ".join(f"{c.key!r}: {answers.get(c.value, repr(c.value))}" for c in constants)
        return f"{key!r}: {{{inner}}}"

    return build
