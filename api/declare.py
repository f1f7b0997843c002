"""Says of each field where its value lives; the type annotation beside it stays the one source of the schema."""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

import strawberry
from graphql import GraphQLObjectType, GraphQLSchema

from graph.driver import Graph
from graph.filter import Compare, Exists, Present
from graph.live import Topic
from graph.selection import Order, Source

F = TypeVar("F", bound=Callable[..., Any])
KEY = "source"
FIRST = "How many to show at most, 1 to 100."
AFTER = "Go on after this cursor (an `endCursor` of the page before)."
Arguments = Mapping[str, Any]
# From the graph and the arguments, ids as uids, to what a search finds.
Find = Callable[[Graph, Arguments], Awaitable[Sequence[Mapping[str, Any]]]]


@dataclass(frozen=True, slots=True)
class Stored:
    """A value at hand: Cypher over roles, and the function that shapes it."""

    text: str
    shape: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """The same place seen as another type."""

    roles: Mapping[str, str]
    present: str | None = None


@dataclass(frozen=True, slots=True)
class ToOne:
    """At most one thing a hop away; `source` may depend on the arguments.

    What is `owned` belongs to the customer who asks, whose uid its source names as `$caller`.
    """

    source: Source | Callable[[Arguments], Source]
    ids: Mapping[str, str | None] = field(default_factory=dict)
    target: Callable[[Arguments], str] | None = None
    combine: Callable[[Arguments], dict[str, Any]] | None = None  # parameters made of several arguments
    owned: bool = False


@dataclass(frozen=True, slots=True)
class Live(ToOne):
    """One thing that is read again whenever the topic made of the arguments, and of the `caller`, has changed."""

    topic: Callable[[Arguments], Topic] = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class ToMany:
    """All things a hop away, for what cannot grow."""

    source: Source
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection: a source, the orders it can have (by name; the first is the default), its filter."""

    source: Source | Callable[[Arguments], Source]
    orders: Mapping[str, Order] | Callable[[Arguments], Mapping[str, Order]]
    filter: str | None = None
    ids: Mapping[str, str | None] = field(default_factory=dict)
    by: str = "order"  # the argument that chooses the order
    combine: Callable[[Arguments], dict[str, Any]] | None = None  # parameters made of several arguments


@dataclass(frozen=True, slots=True)
class Searched:
    """All that a search found: it runs before the read, whose parameter `$found` are its rows.

    `first` is at most `most`; `ids` are the arguments that are ids, and their types.
    """

    source: Source
    find: Find
    most: int
    ids: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence made of values at hand and of an item for each thing a hop away, in the language asked for."""

    facts: str
    source: Source
    item: str
    shape: str


Declared = Stored | Seen | ToOne | ToMany | Connected | Searched | Words


def _declared(source: Declared, description: str, **more: Any) -> Any:
    return strawberry.field(description=description, metadata={KEY: source}, **more)


def stored(text: str, description: str, *, shape: str | None = None) -> Any:
    """A property or an expression, as Cypher over roles."""
    return _declared(Stored(text, shape), description)


def identity(type_name: str, role: str) -> Any:
    """The opaque id of a node: base64 of `Type:uid`."""
    return _declared(Stored(f"{{{role}}}.uid", f"id_{type_name}"), f"Opaque id of this {type_name}.")


def seen(description: str, *, present: str | None = None, **roles: str) -> Any:
    """The same variables seen as another type."""
    return _declared(Seen(roles, present), description)


def one(head: str, roles: str, description: str, *where: str, **keep: str) -> Any:
    """At most one thing a hop away."""
    return _declared(ToOne(Source(head, tuple(roles.split()), keep, where)), description)


def many(
    head: str,
    roles: str,
    description: str,
    *where: str,
    order: Order | None = None,
    deprecated: str | None = None,
    **keep: str,
) -> Any:
    """All things a hop away, for what cannot grow."""
    source = ToMany(Source(head, tuple(roles.split()), keep, where), order)
    return _declared(source, description, deprecation_reason=deprecated)


def words(source: Words, description: str, locale: Any, default: Any) -> Any:
    """A sentence in one of several languages."""
    return _declared(source, description, resolver=_signature({"locale": locale}, {"locale": default}))


def root(source: ToOne, description: str, **arguments: Any) -> Any:
    """A root field that finds at most one thing by its arguments."""
    return _declared(source, description, resolver=_signature(arguments, {}))


def live(source: Live, description: str, **arguments: Any) -> Any:
    """A subscription: the one thing as it is, then again as often as it changes."""
    return _declared(source, description, resolver=_signature(arguments, {}))


def connection(
    source: Connected,
    description: str,
    *,
    filter: Any = None,
    order: Any = None,
    default_order: Any = None,
    defaults: Mapping[str, Any] | None = None,
    **arguments: Any,
) -> Any:
    """A connection with keyset pages, and a filter and an order where they are given."""
    given = dict(arguments)
    defaults = {"first": 20} | dict(defaults or {})
    if filter is not None:
        given["filter"] = Annotated[
            filter | None, strawberry.argument(description="Only what satisfies this.")
        ]
    if order is not None:
        given["order"] = Annotated[order, strawberry.argument(description="In this order.")]
        defaults["order"] = default_order
    given["first"] = Annotated[int, strawberry.argument(description=FIRST)]
    given["after"] = Annotated[str | None, strawberry.argument(description=AFTER)]
    return _declared(source, description, resolver=_signature(given, defaults))


def searched(source: Searched, description: str, *, first: int, **arguments: Any) -> Any:
    """A list that a search finds, its best `first`."""
    given = arguments | {"first": argument(int, f"How many to show at most, 1 to {source.most}.")}
    return _declared(source, description, resolver=_signature(given, {"first": first}))


def mutation(description: str) -> Callable[[F], F]:
    """A mutation; typed as the function it stands before."""
    decorator: Callable[[F], F] = strawberry.mutation(description=description)
    return decorator


def computed(description: str) -> Callable[[F], F]:
    """A root field that no stored value answers: the function below it computes it, and checks nothing but inputs."""
    decorator: Callable[[F], F] = strawberry.field(description=description)
    return decorator


def argument(kind: Any, description: str) -> Any:
    """The type of an argument with its description."""
    return Annotated[kind, strawberry.argument(description=description)]


def _signature(arguments: Mapping[str, Any], defaults: Mapping[str, Any]) -> Callable[..., None]:
    """A resolver that only tells Strawberry its arguments; what it stands for is compiled."""

    def resolve(self: Any, **values: Any) -> None:
        raise AssertionError("a declared field is read by the compiler")

    parameters = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    for name, kind in arguments.items():
        optional = type(None) in getattr(getattr(kind, "__origin__", kind), "__args__", ())
        default = defaults.get(name, None if optional else inspect.Parameter.empty)
        parameters.append(
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        )
    resolve.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    resolve.__annotations__ = dict(arguments)
    return resolve


def condition(source: Compare | Present | Exists, description: str) -> Any:
    """A field of a filter."""
    return strawberry.field(default=strawberry.UNSET, description=description, metadata={KEY: source})


def joint(description: str) -> Any:
    """`and`, `or` and `not` of a filter."""
    return strawberry.field(default=strawberry.UNSET, description=description)


def declarations(schema: GraphQLSchema) -> dict[tuple[str, str], Declared]:
    """Where the value of each declared field lives, by type and field name."""
    found: dict[tuple[str, str], Declared] = {}
    for kind in schema.type_map.values():
        definition = kind.extensions.get("strawberry-definition")
        if isinstance(kind, GraphQLObjectType) and definition is not None:
            for name, described in kind.fields.items():
                source = described.extensions.get("strawberry-definition")
                if source is not None and KEY in source.metadata:
                    found[kind.name, name] = source.metadata[KEY]
    return found
