"""Compiled operations and their parameters, and the cache of those used last."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from graphql import FieldNode
from graphql.execution.values import VariableValues, get_argument_values

from api.declare import Find
from api.relay import from_global_id
from graph.driver import Graph
from graph.errors import Invalid
from graph.read import Read

PLANS = 500


@dataclass(frozen=True, slots=True)
class Site:
    """A field with arguments: how its values become parameters."""

    field: Any
    node: FieldNode
    bind: Callable[[Mapping[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled operation: the read, the parameters that never change, and the sites of those that do.

    `searches` run before the read, each for the field whose parameters have its prefix.
    """

    read: Read
    constants: Mapping[str, Any]
    sites: Sequence[Site]
    searches: Mapping[str, Find]

    def parameters(self, variables: VariableValues | None) -> dict[str, Any]:
        """The parameters of one request."""
        parameters = dict(self.constants)
        for site in self.sites:
            parameters |= site.bind(get_argument_values(site.field, site.node, variables))
        return parameters

    async def search(self, graph: Graph, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """What the searches find, as parameters of the read; each is told the customer who asks, too."""
        found: dict[str, Any] = {}
        for prefix, find in self.searches.items():
            start = f"{prefix}_"
            own = {k.removeprefix(start): value for k, value in parameters.items() if k.startswith(start)}
            found[f"{start}found"] = await find(graph, own | {"caller": parameters["caller"]})
        return found


def shape_of(value: Any) -> Any:
    """What of a value the text of a plan depends on: which fields are given, never what text they hold."""
    if isinstance(value, Mapping):
        return tuple((key, shape_of(item)) for key, item in value.items())
    if isinstance(value, list):
        return tuple(shape_of(item) for item in value) if value and isinstance(value[0], Mapping) else "list"
    if value is None or isinstance(value, (bool, Enum)):
        return value
    if isinstance(value, str):
        # an id shapes a read by its type alone
        try:
            return from_global_id(value)[0]
        except Invalid:
            return "text"
    return type(value).__name__


class Plans:
    """The plans of the documents seen last, at most `PLANS` of them."""

    def __init__(self) -> None:
        self.kept: OrderedDict[Any, Plan] = OrderedDict()

    def get(self, key: Any, make: Callable[[], Plan]) -> Plan:
        """The plan under this key, compiled if it is new."""
        if key in self.kept:
            self.kept.move_to_end(key)
            return self.kept[key]
        plan = self.kept[key] = make()
        if len(self.kept) > PLANS:
            self.kept.popitem(last=False)
        return plan
