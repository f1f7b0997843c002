"""What a read selects: a tree whose Cypher is written over roles, compiled by `graph.read`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

Env = Mapping[str, str]

# Sorts behind every text: what has none comes last in both directions, as it does in an index.
LAST = f"'{chr(0x10FFFF)}'"


@dataclass(frozen=True, slots=True)
class Index:
    """An index that holds the rows of a source in an order, so that they need not be sorted.

    `head` finds the rows by it, `key` is what they are ordered by, and `present` the condition that the key is
    there; None: the source has no rows without it. An index of two keys is for Neo4j alone: its `first` is `equals`
    to something that stands already. One of one key may serve the embedded engine too, if the uid of a row is that
    of a node with this `label`.
    """

    head: str
    key: str
    present: str | None = None
    first: str | None = None
    equals: str = ""
    label: str | None = None

    @property
    def conditions(self) -> list[str]:
        """What a row is found by."""
        pinned = f"{self.first} = {self.equals}" if self.first else None
        return [condition for condition in (pinned, self.present) if condition]

    @property
    def keys(self) -> list[str]:
        """All that the index goes by."""
        return [self.first, self.key] if self.first else [self.key]


@dataclass(frozen=True, slots=True)
class Source:
    """Where new variables come from: `head` is a clause over roles, `roles` the variables it makes.

    `keep` maps the roles of what is found to roles that stand already.
    """

    head: str
    roles: tuple[str, ...]
    keep: Mapping[str, str] = field(default_factory=dict)
    where: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """A total order: a key that is never null, then the uid (`tie`), unless the key is unique by itself."""

    key: str
    descending: bool = False
    tie: str | None = None
    index: Index | None = None
    mark: str = "null"  # the parameter that marks the cursors of this list

    def clause(self, env: Env, keys: Sequence[str] = ()) -> str:
        """The ORDER BY over these variables, by the keys of an index if they are given."""
        tie = f", {self.tie.format(**env)}" if self.tie else ""
        return self.by(*(key.format(**env) for key in keys or (self.key,))) + tie

    def by(self, *keys: str) -> str:
        """The ORDER BY over other keys, all in the direction of this one."""
        direction = " DESC" if self.descending else ""
        return " ORDER BY " + ", ".join(key + direction for key in keys)

    @property
    def cursor(self) -> str:
        """What a cursor holds, over roles."""
        return f"[{self.key}, {self.tie or 'null'}, {self.mark}]"

    def keys(self, env: Env) -> str:
        """What a cursor holds, over these variables."""
        return self.cursor.format(**env)

    def after(self, env: Env, prefix: str, key: str | None = None) -> str:
        """The condition of standing behind a cursor, the range first: an index, whose `key` it may be, serves it."""
        key, beyond = (key or self.key).format(**env), "<" if self.descending else ">"
        strictly = f"{key} {beyond} ${prefix}_key"
        if self.tie is None:
            return strictly
        return f"{key} {beyond}= ${prefix}_key AND ({strictly} OR {self.tie.format(**env)} > ${prefix}_tie)"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value: Cypher over roles, and the name of the function that shapes it, if one has to."""

    key: str
    text: str
    shape: str | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that needs no database, such as `__typename`."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Object:
    """The same variables seen as another type; null where `present` does not hold."""

    key: str
    roles: Mapping[str, str]
    fields: "Selection"
    present: str | None = None


@dataclass(frozen=True, slots=True)
class One:
    """At most one thing a hop away."""

    key: str
    source: Source
    fields: "Selection"


@dataclass(frozen=True, slots=True)
class Many:
    """All things a hop away, for what cannot grow."""

    key: str
    source: Source
    fields: "Selection"
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """Words made of values at hand and of an `item` for each thing a hop away, by the function that shapes them."""

    key: str
    facts: str
    source: Source
    item: str
    shape: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a connection: `parts` are its fields (kind, response key, selection) as asked for."""

    key: str
    source: Source
    order: Order
    prefix: str
    parts: tuple[tuple[str, str, "Selection"], ...]
    condition: Callable[[Env], str | None]
    after: bool

    @property
    def looks_ahead(self) -> bool:
        """One more row is read to know whether there is a next page."""
        return any(kind == "pageInfo" for kind, _, _ in self.parts)

    @property
    def wants_rows(self) -> bool:
        """Something other than the count was asked for."""
        return any(kind in {"nodes", "edges", "pageInfo"} for kind, _, _ in self.parts)

    @property
    def counts(self) -> bool:
        """The number of all rows was asked for."""
        return any(kind == "totalCount" for kind, _, _ in self.parts)


Selected = Scalar | Constant | Object | One | Many | Told | Page
Selection = Sequence[Selected]
