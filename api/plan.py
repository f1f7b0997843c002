"""Turns a GraphQL document into one read: selection, permissions, parameters, and the plans kept for next time."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
    is_non_null_type,
)
from graphql.execution.values import VariableValues, get_argument_values, get_directive_values
from graphql.type import GraphQLIncludeDirective, GraphQLSkipDirective

from api.auth import OWNED, policy_of, policy_of_condition
from api.declare import Connected, Declared, Find, Searched, Seen, Stored, ToMany, ToOne, Words
from api.filters import FILTERS
from api.nodes import SHAPES
from api.plans import Plan, Site
from api.relay import from_global_id
from api.visible import visible
from graph.driver import Engine
from graph.errors import Invalid
from graph.paging import keys_of, mark
from graph.read import compile_read
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
    Told,
)
from graph.tokens import Role

PAGE = 100
ARGUMENT = re.compile(r"\$(?!caller\b)")  # every parameter but the customer who asks


def refused(code: str, message: str, node: Any = None) -> GraphQLError:
    """A top-level error with its code."""
    return GraphQLError(message, nodes=node, extensions={"code": code})


class Uncompilable(Exception):
    """Only graphql-core can answer this, such as introspection."""


@dataclass(slots=True)
class Compiler:
    """Compiles the selections of one operation for one role."""

    schema: GraphQLSchema
    declared: Mapping[tuple[str, str], Declared]
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: VariableValues | None
    role: Role
    engine: Engine
    constants: dict[str, Any] = field(default_factory=dict)
    sites: list[Site] = field(default_factory=list)
    searches: dict[str, Find] = field(default_factory=dict)
    count: int = 0
    owned: bool = False  # what is compiled belongs to who asks

    def query(self, root: GraphQLObjectType, selections: SelectionSetNode) -> Plan:
        """The plan of a query operation."""
        return self.plan(self.fields(root, [selections]))

    def record(
        self, key: str, type_name: str, nodes: Sequence[FieldNode], head: str, roles: tuple[str, ...]
    ) -> Plan:
        """The plan that reads one record by the parameters in its head, with the selection below these nodes."""
        return self.plan([One(key, self._source(Source(head, roles)), self.below(type_name, nodes))])

    def plan(self, selection: Selection) -> Plan:
        """Compile what was selected."""
        read = compile_read(selection, SHAPES, self.engine)
        return Plan(read, self.constants, self.sites, self.searches)

    def object_type(self, name: str) -> GraphQLObjectType:
        """The object type of this name."""
        kind = self.schema.type_map[name]
        if not isinstance(kind, GraphQLObjectType):
            raise Uncompilable(name)
        return kind

    def collect(
        self, kind: GraphQLObjectType, sets: Iterable[SelectionSetNode]
    ) -> dict[str, list[FieldNode]]:
        """The fields asked for, by response key, in the order asked for, through all fragments."""
        found: dict[str, list[FieldNode]] = {}
        visited: set[str] = set()
        for selections in sets:
            self._collect(kind, selections, found, visited)
        return found

    def _collect(
        self,
        kind: GraphQLObjectType,
        selections: SelectionSetNode,
        found: dict[str, list[FieldNode]],
        visited: set[str],
    ) -> None:
        for selection in selections.selections:
            if not self._included(selection):
                continue
            if isinstance(selection, FieldNode):
                key = (selection.alias or selection.name).value
                found.setdefault(key, []).append(selection)
                continue
            fragment: InlineFragmentNode | FragmentDefinitionNode
            if isinstance(selection, FragmentSpreadNode):
                if selection.name.value in visited:
                    continue
                visited.add(selection.name.value)
                fragment = self.fragments[selection.name.value]
            elif isinstance(selection, InlineFragmentNode):
                fragment = selection
            else:
                raise Uncompilable(type(selection).__name__)
            condition = fragment.type_condition
            if condition is None or self._applies(condition.name.value, kind):
                self._collect(kind, fragment.selection_set, found, visited)

    def _applies(self, condition: str, kind: GraphQLObjectType) -> bool:
        return condition == kind.name or any(face.name == condition for face in kind.interfaces)

    def _included(self, node: Any) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self.variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self.variables)
        return not (skip and skip["if"]) and not (include and not include["if"])

    def fields(self, kind: GraphQLObjectType, sets: Sequence[SelectionSetNode]) -> list[Selected]:
        """The selection of an object type."""
        return [self.field(kind, key, nodes) for key, nodes in self.collect(kind, sets).items()]

    def below(self, kind: str, nodes: Sequence[FieldNode]) -> list[Selected]:
        """The selection under a field that leads to an object type."""
        sets = [node.selection_set for node in nodes if node.selection_set]
        return self.fields(self.object_type(kind), sets)

    def field(self, kind: GraphQLObjectType, key: str, nodes: Sequence[FieldNode]) -> Selected:
        """One field of a selection."""
        name = nodes[0].name.value
        if name == "__typename":
            return Constant(key, kind.name)
        if name.startswith("__"):
            raise Uncompilable(name)
        if self.role not in policy_of(kind.name, name) and not (self.owned and kind.name in OWNED):
            raise refused("FORBIDDEN", f"{kind.name}.{name} is not for the role {self.role}.", nodes[0])
        definition = kind.fields[name]
        declared = self.declared.get((kind.name, name))
        target = get_named_type(definition.type).name
        match declared:
            case Stored(text, shape):
                return Scalar(key, text, shape, is_non_null_type(definition.type))
            case Seen(roles, present):
                return Object(key, roles, self.below(target, nodes), present)
            case ToMany(source, order):
                return Many(key, self._source(source), self.below(target, nodes), order)
            case Words(facts, source, item, shape):
                locale = self._arguments(definition, nodes[0])["locale"].value
                return Told(key, facts, source, item, f"{shape}_{locale}")
            case ToOne():
                return self._one(key, target, definition, nodes, declared)
            case Searched():
                return self._searched(key, target, definition, nodes, declared)
            case Connected():
                return self._page(key, kind.name, definition, nodes, declared)
            case _:
                raise Uncompilable(f"{kind.name}.{name}")

    def _arguments(self, definition: Any, node: FieldNode) -> dict[str, Any]:
        return get_argument_values(definition, node, self.variables)

    def _site(
        self, definition: Any, node: FieldNode, bind: Callable[[Mapping[str, Any]], dict[str, Any]]
    ) -> None:
        """Keep the parameters of a field: for good, or to be bound again where a variable stands in it."""
        if _has_variable(node):
            self.sites.append(Site(definition, node, bind))
        else:
            self.constants |= bind(self._arguments(definition, node))

    def _check_filter(self, name: str, values: Mapping[str, Any], node: FieldNode) -> None:
        """Nobody narrows by what they may not read: the answer would tell it."""
        for kind, asked in FILTERS.asked(name, values):
            if self.role not in policy_of_condition(kind, asked):
                raise refused("FORBIDDEN", f"{kind}.{asked} is not for the role {self.role}.", node)

    def _source(self, source: Source, prefix: str | None = None) -> Source:
        """The source as this role sees it, its `$argument` parameters under the prefix of its field."""
        seen = visible(source, self.role)
        return seen if prefix is None else replace(seen, head=ARGUMENT.sub(f"${prefix}_", seen.head))

    def _prefix(self) -> str:
        self.count += 1
        return f"p{self.count}"

    def _one(
        self, key: str, target: str, definition: Any, nodes: Sequence[FieldNode], declared: ToOne
    ) -> Selected:
        arguments = self._arguments(definition, nodes[0])
        source = declared.source if isinstance(declared.source, Source) else declared.source(arguments)
        if declared.target:
            target = declared.target(arguments)
        prefix = self._prefix()

        def bind(values: Mapping[str, Any]) -> dict[str, Any]:
            given = declared.combine(values) if declared.combine else values
            return _given(given, declared.ids, prefix)

        if definition.args:
            self._site(definition, nodes[0], bind)
        before, self.owned = self.owned, self.owned or declared.owned
        below = self.below(target, nodes)
        self.owned = before
        return One(key, self._source(source, prefix), below)

    def _searched(
        self, key: str, target: str, definition: Any, nodes: Sequence[FieldNode], declared: Searched
    ) -> Selected:
        prefix = self._prefix()

        def bind(values: Mapping[str, Any]) -> dict[str, Any]:
            _check_first(values["first"], declared.most)
            return _given(values, declared.ids, prefix)

        self._site(definition, nodes[0], bind)
        self.searches[prefix] = declared.find
        return Many(key, self._source(declared.source, prefix), self.below(target, nodes))

    def _page(
        self, key: str, kind: str, definition: Any, nodes: Sequence[FieldNode], declared: Connected
    ) -> Selected:
        arguments = self._arguments(definition, nodes[0])
        prefix = self._prefix()
        source = declared.source if isinstance(declared.source, Source) else declared.source(arguments)
        wanted = arguments.get(declared.by)
        orders = declared.orders(arguments) if callable(declared.orders) else declared.orders
        order = _prefixed(orders[wanted.value if isinstance(wanted, Enum) else next(iter(orders))], prefix)
        filters = arguments.get("filter")
        if filters and declared.filter:
            self._check_filter(declared.filter, filters, nodes[0])
        looks_ahead = False
        parts: list[tuple[str, str, Selection]] = []
        target = get_named_type(definition.type).name
        for part, part_nodes in self.collect(self.object_type(target), _sets(nodes)).items():
            name = part_nodes[0].name.value
            looks_ahead |= name == "pageInfo"
            parts.append(self._part(target, name, part, part_nodes, order))

        def condition(env: Env) -> str | None:
            if not filters or not declared.filter:
                return None
            return _filtered(declared.filter, filters, env, f"{prefix}_f")[0]

        def bind(values: Mapping[str, Any]) -> dict[str, Any]:
            return _page_parameters(values, declared, prefix, looks_ahead, f"{kind}.{nodes[0].name.value}")

        self._site(definition, nodes[0], bind)
        return Page(
            key,
            self._source(source, prefix),
            order,
            prefix,
            tuple(parts),
            condition,
            after=arguments.get("after") is not None,
        )

    def _part(
        self, connection: str, name: str, key: str, nodes: Sequence[FieldNode], order: Order
    ) -> tuple[str, str, Selection]:
        kind = self.object_type(connection)
        if name == "__typename":
            return kind.name, key, ()
        if name == "totalCount":
            return name, key, ()
        target = get_named_type(kind.fields[name].type).name
        if name == "nodes":
            return name, key, self.below(target, nodes)
        fields: list[Selected] = []
        for inner, inner_nodes in self.collect(self.object_type(target), _sets(nodes)).items():
            inner_name = inner_nodes[0].name.value
            if inner_name == "__typename":
                fields.append(Constant(inner, target))
            elif name == "pageInfo":
                fields.append(Constant(inner, inner_name))
            elif inner_name == "cursor":
                fields.append(Scalar(inner, order.cursor, "cursor"))
            else:
                node_type = get_named_type(self.object_type(target).fields["node"].type).name
                fields.append(Object(inner, {}, self.below(node_type, inner_nodes)))
        return name, key, fields


def _sets(nodes: Sequence[FieldNode]) -> list[SelectionSetNode]:
    return [node.selection_set for node in nodes if node.selection_set]


def _has_variable(node: FieldNode) -> bool:
    return any("$" in _printed(argument.value) for argument in node.arguments or ())


def _printed(value: Any) -> str:
    if value.kind == "variable":
        return "$"
    if value.kind == "list_value":
        return "".join(_printed(item) for item in value.values or ())
    if value.kind == "object_value":
        return "".join(_printed(item.value) for item in value.fields or ())
    return ""


def _prefixed(order: Order, prefix: str) -> Order:
    index = order.index
    own = index and replace(index, equals=index.equals.replace("$", f"${prefix}_"))
    return replace(order, index=own, mark=f"${prefix}_mark")


def _given(
    values: Mapping[str, Any],
    ids: Mapping[str, str | None],
    prefix: str,
) -> dict[str, Any]:
    return {
        f"{prefix}_{name}": _uid(value, ids[name]) if name in ids and value is not None else value
        for name, value in values.items()
    }


def _uid(value: Any, type_name: str | None) -> str:
    try:
        return from_global_id(value, type_name)[1]
    except Invalid as error:
        raise refused("BAD_ID", error.message) from error


def _filtered(
    name: str, values: Mapping[str, Any], env: Env, prefix: str
) -> tuple[str | None, dict[str, Any]]:
    try:
        return FILTERS.compile(name, values, env, prefix)
    except Invalid as error:
        raise refused("BAD_ARGUMENT", error.message) from error


def _check_first(first: int, most: int) -> int:
    if not 1 <= first <= most:
        raise refused("BAD_PAGE", f"first: {first} must be 1 to {most}.")
    return first


def _page_parameters(
    values: Mapping[str, Any], declared: Connected, prefix: str, looks_ahead: bool, place: str
) -> dict[str, Any]:
    first = _check_first(values["first"], PAGE)
    marked = mark(place, values)
    parameters = {f"{prefix}_first": first, f"{prefix}_limit": first + looks_ahead, f"{prefix}_mark": marked}
    try:
        if values.get("after") is not None:
            keys = keys_of(values["after"], place, marked)
            parameters[f"{prefix}_key"], parameters[f"{prefix}_tie"] = keys
        if values.get("filter") and declared.filter:
            roles = {role: role for role in (*"cgmpxhefbdryo", "comment")}
            parameters |= _filtered(declared.filter, values["filter"], roles, f"{prefix}_f")[1]
        if declared.combine:
            parameters |= _given(declared.combine(values), {}, prefix)
    except Invalid as error:
        raise refused("BAD_ARGUMENT", error.message) from error
    ids = {name: values[name] for name in declared.ids if name in values}
    return parameters | _given(ids, declared.ids, prefix)
