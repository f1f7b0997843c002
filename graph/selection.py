"""What a read selects: a tree whose Cypher is written over roles, compiled by `graph.read`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

Env = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Source:
    """Where new variables come from: `head` is a clause over roles, `roles` the variables it makes.

    `keep` maps the roles of what is found to roles that stand already; `key` is what a keyset page goes on after.
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

    def clause(self, env: Env) -> str:
        """The ORDER BY over these variables."""
        direction = " DESC" if self.descending else ""
        keys = [self.key.format(**env) + direction]
        if self.tie:
            keys.append(self.tie.format(**env))
        return " ORDER BY " + ", ".join(keys)

    def by_key(self, text: str) -> str:
        """The ORDER BY over the key alone, under this name."""
        return f" ORDER BY {text}{' DESC' if self.descending else ''}"

    def keys(self, env: Env) -> str:
        """What a cursor holds."""
        return f"[{self.key.format(**env)}, {self.tie.format(**env) if self.tie else 'null'}]"

    def after(self, env: Env, prefix: str) -> str:
        """The condition of standing behind a cursor."""
        key, beyond = self.key.format(**env), "<" if self.descending else ">"
        strictly = f"{key} {beyond} ${prefix}_key"
        if self.tie is None:
            return strictly
        return f"({strictly} OR ({key} = ${prefix}_key AND {self.tie.format(**env)} > ${prefix}_tie))"


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
class Page:
    """One page of a connection: `parts` are its fields (kind, response key, selection) as asked for."""

    key: str
    source: Source
    order: Order
    prefix: str
    parts: tuple[tuple[str, str, "Selection"], ...]
    condition: Callable[[Env], str | None]
    after: bool
    ranked: str | None = None  # the label whose uid the page's rows have, where its order is an index's

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


Selected = Scalar | Constant | Object | One | Many | Page
Selection = Sequence[Selected]
