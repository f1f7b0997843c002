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

from graph import shape
from graph.driver import Engine
from graph.paging import ByIds, cursor
from graph.publication import SLOT
from graph.selection import (
    Constant,
    Env,
    Index,
    Many,
    Object,
    One,
    Order,
    Page,
    Scalar,
    Selected,
    Selection,
    Source,
    Told,
)
from graph.shape import Part, Python

PARAMETER = re.compile(r"\$(\w+)")


class NullInRequired(Exception):
    """A field that promises a value has none in the graph."""


@dataclass(frozen=True, slots=True)
class Read:
    """A compiled read: its statement, the two that may replace it, and the function that shapes the one row.

    `slots` are the publications and `names` the parameters that the statements name.
    """

    text: str
    by_ids: ByIds | None
    build: Callable[[Sequence[Any], Mapping[str, Any]], dict[str, Any]]
    slots: frozenset[str]
    names: frozenset[str]


def compile_read(roots: Selection, shapes: Mapping[str, Callable[[Any], Any]], engine: Engine) -> Read:
    """One statement for all roots, and a function from its row (and the parameters) to the answer."""
    writer = _Writer(engine)
    databases = [root for root in roots if not isinstance(root, Constant)]
    blocks: list[str] = []
    names: list[str] = []
    answer: list[str] = []
    for root in roots:
        if isinstance(root, Constant):
            answer.append(f"{root.key!r}: {root.value!r}")
            continue
        block, name, python = writer.root(root)
        answer.append(f"{root.key!r}: {python(f'row[{len(blocks)}]')}")
        blocks.append(block)
        names.append(name)
    text = _join(blocks, names)
    by_ids = writer.by_ids(databases[0]) if len(databases) == 1 else None
    scope: dict[str, Any] = dict(shapes) | {"cursor": cursor, "required": _required}
    exec(f"def build(row, p):\n return {{{', '.join(answer)}}}", scope)  # noqa: S102 (text of declared names)
    return Read(
        text, by_ids, scope["build"], frozenset(SLOT.findall(text)), frozenset(PARAMETER.findall(text))
    )


def _join(blocks: Sequence[str], outputs: Sequence[str]) -> str:
    if len(blocks) < 2:
        return "".join(blocks)
    called = " ".join(f"CALL () {{ {block} }}" for block in blocks)
    return f"{called} RETURN {', '.join(outputs)}"


def _together(variables: Sequence[str]) -> str:
    """Several variables as one value; a single one stays the node or relationship it is."""
    return variables[0] if len(variables) == 1 else f"[{', '.join(variables)}]"


def _required(value: Any) -> Any:
    if value is None:
        raise NullInRequired
    return value


class _Writer:
    """Writes the clauses; every variable gets a number, so no name meets another."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.count = 0

    def fresh(self, name: str) -> str:
        self.count += 1
        return f"{name}{self.count}"

    def root(self, root: Selected) -> tuple[str, str, Python]:
        """One root field as a statement of its own that returns one row."""
        match root:
            case One():
                found = self._found(root.source, {}, None)
                calls, row, python = self.fields(root.fields, found.env)
                name = self.fresh("r")
                block = f"{found.text}{calls} RETURN collect({row}) AS {name}"
                return block, name, lambda x: f"({python(f'{x}[0]')} if {x} else None)"
            case Many():
                found = self._found(root.source, {}, None)
                calls, row, python = self.fields(root.fields, found.env)
                name, item = self.fresh("r"), self.fresh("x")
                block = f"{found.text}{calls} RETURN collect({row}) AS {name}"
                return block, name, lambda x: f"[{python(item)} for {item} in {x}]"
            case Page():
                return self._root_page(root, self._cut(root, {}, root=True))
            case _:
                raise TypeError(f"{type(root).__name__} cannot stand at the root")

    def _root_page(self, page: Page, rows: "_Rows") -> tuple[str, str, Python]:
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

    def by_ids(self, page: Selected) -> ByIds | None:
        """The ids of a page in the one form that the embedded engine reads from an index, by one key; then the rest."""
        if self.engine is not Engine.ARCADEDB or not isinstance(page, Page) or not page.wants_rows:
            return None
        index, role = page.order.index, page.source.roles[0]
        if index is None or index.label is None:
            return None
        found = self._found(page.source, {}, page.condition, index)
        key = index.key.format(**found.env)
        ids = (
            f"{self._behind(page, found, index.key)} RETURN {found.env[role]}.uid AS id, {key} AS key"
            f"{page.order.by(key)} LIMIT ${page.prefix}_limit + 1"
        )
        variable = self.fresh(role)
        head = f"UNWIND $ids AS id MATCH ({variable}:{index.label} {{uid: id}})"
        rows = self._rows(page, head, {role: variable} | dict.fromkeys(page.source.keep, variable))
        text, _, _ = self._root_page(page, rows)
        return ByIds(ids, text, f"{page.prefix}_limit", index.present is None)

    def fields(self, selection: Selection, env: Env) -> tuple[str, str, Python]:
        """The calls below a row, the list that holds it, and the dict made of that list."""
        row: list[str] = []
        calls, python = self.put(row, selection, env)
        return calls, f"[{', '.join(row)}]", python

    def put(self, row: list[str], selection: Selection, env: Env) -> tuple[str, Python]:
        """Puts the values of a selection at the end of a row; the calls they need, and the dict made of that row."""
        calls = ""
        pythons: list[tuple[str, Python]] = []
        for selected in selection:
            match selected:
                case Constant():
                    call, python = "", shape.constant(selected.value)
                case Object():
                    call, python = self._put_object(row, selected, env)
                case _:
                    at = len(row)
                    call, value, inner = self.field(selected, env)
                    row.append(value)
                    python = shape.at(at, inner)
            calls += call
            pythons.append((selected.key, python))
        return calls, lambda x: shape.mapping((key, python(x)) for key, python in pythons)

    def _put_object(self, row: list[str], selected: Object, env: Env) -> tuple[str, Python]:
        """An object lies flat in the row of its parent: a list less for each costs both ends of the wire less."""
        # without roles of its own it is the same type again, as on an edge
        inner = {role: source.format(**env) for role, source in selected.roles.items()} or env
        if selected.present is None:
            return self.put(row, selected.fields, inner)
        at = len(row)
        row.append(selected.present.format(**inner))
        calls, python = self.put(row, selected.fields, inner)
        return calls, lambda x: f"({python(x)} if {x}[{at}] else None)"

    def field(self, selected: Selected, env: Env) -> tuple[str, str, Python]:
        """The calls one field needs, the expression of its value, and the Python that shapes it."""
        match selected:
            case Scalar():
                return "", selected.text.format(**env), shape.scalar(selected)
            case One():
                call, name, python = self._hop(selected.source, selected.fields, env, None, " LIMIT 1")
                return call, name, lambda x: f"({python(f'{x}[0]')} if {x} else None)"
            case Many():
                call, name, python = self._hop(selected.source, selected.fields, env, selected.order, "")
                item = self.fresh("x")
                return call, name, lambda x: f"[{python(item)} for {item} in {x}]"
            case Told():
                found, name = self._found(selected.source, env, None), self.fresh("r")
                item, facts = selected.item.format(**{**env, **found.env}), selected.facts.format(**env)
                call = f" CALL ({found.scope}) {{ {found.text} RETURN collect({item}) AS {name} }}"
                return call, f"[{facts}, {name}]", lambda x: f"{selected.shape}({x})"
            case Page():
                return self._page(selected, env)
            case _:
                raise TypeError(type(selected).__name__)

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
        rows = self._cut(page, env, root=False)
        counted = self._found(page.source, env, page.condition)
        calls, values = "", []
        if page.wants_rows:
            calls += f" CALL ({counted.scope}) {{ {rows.text} }}"
            values.append(rows.name)
        if page.counts:
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

    def _rows(self, page: Page, text: str, env: Env) -> "_Rows":
        """The rows of a page that this text finds."""
        calls, row, build = self._row(page, env)
        name = self.fresh("r")
        return _Rows(f"{text}{calls} RETURN collect({row}) AS {name}", name, build)

    def _row(self, page: Page, env: Env) -> tuple[str, str, Callable[[str, str], str]]:
        """The calls below a row, the list that ends with the cursor's keys, and the Python of the connection."""
        calls = ""
        row: list[str] = []
        item = self.fresh("x")
        parts: list[Part] = []
        for kind, key, fields in page.parts:
            if kind in {"nodes", "edges"}:
                below, python = self.put(row, fields, env)
                calls += below
                parts.append(shape.listed(key, item, python(item)))
            elif kind == "totalCount":
                parts.append(shape.total(key))
            elif kind == "pageInfo":
                parts.append(shape.page_info(key, fields, page))
            else:
                parts.append(shape.typename(key, kind))
        if page.looks_ahead:
            row.append(page.order.keys(env))

        def build(rows: str, total: str) -> str:
            shown = f"{rows}[:p['{page.prefix}_first']]" if page.looks_ahead else rows
            return "{" + ", ".join(part(rows, shown, total) for part in parts) + "}"

        return calls, f"[{', '.join(row)}]", build

    def _cut(self, page: Page, env: Env, *, root: bool) -> "_Rows":
        """The rows of a page, sorted and cut."""
        order, limit = page.order, f"LIMIT ${page.prefix}_limit"
        index = order.index if self.engine is Engine.NEO4J else None
        if index and index.present is None:
            found = self._found(page.source, env, page.condition, index)
            text = f"{self._behind(page, found, index.key)} WITH {found.carried}{order.clause(found.env, index.keys)}"
            return self._rows(page, f"{text} {limit}", found.env)
        found = self._found(page.source, env, page.condition)
        exactly = f"{self._behind(page, found)} WITH {found.carried}{order.clause(found.env)} {limit}"
        if self.engine is Engine.NEO4J and order.tie and (index or not root):
            return self._cut_in_order(page, found, exactly, env, root=root)
        return self._rows(page, exactly, found.env)

    def _cut_in_order(self, page: Page, found: "_Found", exactly: str, env: Env, *, root: bool) -> "_Rows":
        """The rows of a page from an index, or sorted by the key alone, where that can tell them; else `exactly`.

        From an index, which lacks those without the key, they must be enough for a page. Below other rows, where
        pages are many, their keys must differ too, and that of the next one: a tie is a uid, which is long, and
        costs Neo4j more to read than all the rest.
        """
        index, order, limit = page.order.index, page.order, f"${page.prefix}_limit"
        by = self._found(page.source, env, page.condition, index) if index else found
        made, listed = ([each.env[role] for role in page.source.roles] for each in (found, by))
        key, rows, count = map(self.fresh, "kly")
        value = (index.key if index else order.key).format(**by.env)
        keys = [each.format(**by.env) for each in index.keys] if index else [key]
        if root:
            clause, cut, counted = order.clause(by.env, index.keys if index else ()), limit, "count(*)"
        else:
            clause, cut, counted = order.by(*keys), f"{limit} + 1", f"count(DISTINCT {key})"
        enough = f"{count} = {cut}" if index else f"{count} = size({rows})"
        behind = self._behind(page, by, index.key if index else None)
        taken = f"{behind} WITH {', '.join(listed)}, {value} AS {key}{clause} LIMIT {cut}"
        (calls, row, build), name = self._row(page, found.env), self.fresh("r")
        if calls:  # they stand below rows of which it is known already that they are shown
            first, second = (_together(variables) for variables in (listed, made))
        else:
            first, second = self._row(page, by.env)[1], row
        # in an expression, so that Neo4j begins the second reading only where it is needed
        either = f"CASE WHEN {enough} THEN {rows}[..{limit}] ELSE COLLECT {{ {exactly} RETURN {second} }} END"
        text = f"{taken} WITH collect({first}) AS {rows}, {counted} AS {count}"
        if not calls:
            return _Rows(f"{text} RETURN {either} AS {name}", name, build)
        item = made[0] if len(made) == 1 else self.fresh("x")
        text += f" UNWIND {either} AS {item}"
        if len(made) > 1:
            text += f" WITH {', '.join(f'{item}[{at}] AS {variable}' for at, variable in enumerate(made))}"
        return _Rows(f"{text}{calls} RETURN collect({row}) AS {name}", name, build)

    def _behind(self, page: Page, found: "_Found", key: str | None = None) -> str:
        """The text with the condition of the cursor."""
        if not page.after:
            return found.text
        joint = " AND " if found.conditioned else " WHERE "
        return found.text + joint + page.order.after(found.env, page.prefix, key)

    def _found(
        self,
        source: Source,
        env: Env,
        condition: Callable[[Env], str | None] | None,
        index: Index | None = None,
    ) -> "_Found":
        made = {role: self.fresh(role) for role in source.roles}
        known = dict(env) | made
        kept = {role: known[of] for role, of in source.keep.items()}
        inner = made | kept
        head, where = source.head, source.where
        if index:
            head, where = index.head, (*index.conditions, *where)
        conditions = [condition_.format(**known) for condition_ in where]
        given = condition(known) if condition else None
        if given:
            conditions.append(given)
        text = head.format(**known)
        if conditions:
            text += " WHERE " + " AND ".join(conditions)
        used = " ".join([head, *where, *(f"{{{of}}}" for of in source.keep.values())])
        scope = [variable for role, variable in env.items() if f"{{{role}}}" in used]
        return _Found(text, inner, ", ".join(dict.fromkeys(scope)), bool(conditions))


@dataclass(frozen=True, slots=True)
class _Found:
    text: str
    env: Env
    scope: str
    conditioned: bool

    @property
    def carried(self) -> str:
        return ", ".join(dict.fromkeys(self.env.values()))


@dataclass(frozen=True, slots=True)
class _Rows:
    text: str
    name: str
    python: Callable[[str, str], str]
