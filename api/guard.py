"""Refuses a document that asks too much, in one pass that looks at each fragment once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_list_type,
    is_non_null_type,
)

from api.plan import refused
from api.settings import ApiSettings

DEFAULT_PAGE = 20
ASSUMED = 10  # items of a list that has no page
NODES = 100_000


@dataclass(frozen=True, slots=True)
class Weight:
    """What a selection asks: levels, aliases, lists read, and things returned, all with fragments expanded."""

    depth: int = 0
    aliases: int = 0
    lists: int = 0
    nodes: int = 0

    def beside(self, other: "Weight") -> "Weight":
        """Both in one selection."""
        return Weight(
            max(self.depth, other.depth),
            self.aliases + other.aliases,
            self.lists + other.lists,
            self.nodes + other.nodes,
        )


class Guard:
    """Weighs one operation of a document."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self.schema = schema
        self.variables = variables
        self.fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self.weighed: dict[tuple[str, str], Weight] = {}
        self.sizes: set[str] = set()  # the variables that size a page, known once it was weighed

    def weigh(self, operation: OperationDefinitionNode) -> Weight:
        """The weight of an operation; it depends on no variables but `sizes`."""
        root = self.schema.get_root_type(operation.operation)
        return self._selections(root, operation.selection_set)

    def _selections(self, kind: Any, selections: SelectionSetNode) -> Weight:
        total = Weight()
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                total = total.beside(self._field(kind, selection))
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                inner = self.schema.type_map[condition.name.value] if condition else kind
                total = total.beside(self._selections(inner, selection.selection_set))
            elif isinstance(selection, FragmentSpreadNode):
                total = total.beside(self._fragment(selection.name.value))
        return total

    def _fragment(self, name: str) -> Weight:
        fragment = self.fragments[name]
        key = (name, fragment.type_condition.name.value)
        if key not in self.weighed:
            inner = self.schema.type_map[key[1]]
            self.weighed[key] = self._selections(inner, fragment.selection_set)
        return self.weighed[key]

    def _field(self, kind: Any, node: FieldNode) -> Weight:
        alias = 1 if node.alias else 0
        definition = getattr(kind, "fields", {}).get(node.name.value)
        if node.selection_set is None or definition is None:
            return Weight(1, alias, 0, 0)
        inner = get_named_type(definition.type)
        below = self._selections(inner, node.selection_set)
        if "first" in definition.args:
            size = self._first(node)
            # a page's fields are `nodes` and `edges`, whose things are counted here, not there
            return Weight(
                below.depth + 1, alias + below.aliases, 1 + size * below.lists, size + size * below.nodes
            )
        nullable = definition.type.of_type if is_non_null_type(definition.type) else definition.type
        if is_list_type(nullable) and node.name.value not in {"nodes", "edges"}:
            return Weight(
                below.depth + 1, alias + below.aliases, 1 + ASSUMED * below.lists, ASSUMED * (1 + below.nodes)
            )
        return Weight(below.depth + 1, alias + below.aliases, below.lists, below.nodes)

    def _first(self, node: FieldNode) -> int:
        for argument in node.arguments or ():
            if argument.name.value == "first":
                value: Any = argument.value
                if value.kind == "variable":
                    self.sizes.add(value.name.value)
                    given: Any = self.variables.get(value.name.value)
                else:
                    given = value.value
                try:
                    return max(0, int(given))
                except (TypeError, ValueError):
                    return DEFAULT_PAGE
        return DEFAULT_PAGE


def check_document(document: DocumentNode, operation: OperationDefinitionNode, settings: ApiSettings) -> None:
    """What can be refused before validation: numbers of fragments, directives and root fields."""
    fragments = sum(isinstance(node, FragmentDefinitionNode) for node in document.definitions)
    _limit("fragments", fragments, settings.limit_fragments)
    _limit("root fields", len(operation.selection_set.selections), settings.limit_root_fields)
    directives = sum(_directives(node) for node in document.definitions)
    _limit("directives", directives, settings.limit_directives)


def check_weight(weight: Weight, settings: ApiSettings) -> None:
    """What is refused after validation: depth, aliases, lists and things."""
    _limit("levels", weight.depth, settings.limit_depth)
    _limit("aliases", weight.aliases, settings.limit_aliases)
    _limit("lists", weight.lists, settings.limit_cost)
    _limit("things", weight.nodes, NODES)


def _limit(what: str, found: int, allowed: int) -> None:
    if found > allowed:
        raise refused("QUERY_TOO_LARGE", f"This asks for {found} {what}; at most {allowed} are answered.")


def _directives(node: Any) -> int:
    """Directives in a definition, without following fragments."""
    count, stack = 0, [node]
    while stack:
        at = stack.pop()
        count += len(getattr(at, "directives", None) or ())
        below = getattr(at, "selection_set", None)
        if below is not None:
            stack.extend(below.selections)
    return count
