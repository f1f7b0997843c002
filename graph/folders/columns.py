"""The files of an import folder and their columns: one table, read by the import, the export and the docs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Any

from graph.advocacy import AdvocacyKind
from graph.challenges import VoteKind
from graph.communities import CommunityKind
from graph.customers import CustomerKind
from graph.folders import statements, values
from graph.folders.statements import Statements
from graph.folders.values import Read, Value
from graph.text import fold


class Missing(StrEnum):
    """What happens to a row that names a record that is nowhere."""

    REJECT = "REJECT"  # the row makes no sense without it
    OMIT = "OMIT"  # the row is kept without it, and named in rejected.csv
    LATER = "LATER"  # it may stand further down in the same file; then as OMIT


Check = Callable[[Sequence[Value | None]], None]
Derive = Callable[[Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how its cells are read, and where their values go."""

    name: str
    read: Read = values.line
    needed: bool = False
    stored: str | None = None
    derive: Derive | None = None
    refers: str | None = None
    missing: Missing = Missing.REJECT
    many: bool = False
    linked: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One file: its columns, of which the first `key` tell rows apart, and its Cypher."""

    name: str
    columns: tuple[Column, ...]
    cypher: Statements
    label: str | None = None
    key: int = 1
    locks: int = 0
    defaults: Mapping[str, Value] = field(default_factory=dict)
    check: Check | None = None

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self.columns]

    @property
    def references(self) -> list[tuple[int, Column]]:
        """The columns that name other records, with their places."""
        return [(place, column) for place, column in enumerate(self.columns) if column.refers]

    @property
    def needed(self) -> list[str]:
        """The columns without which a row makes no sense."""
        return [column.name for column in self.columns if column.needed]


def _folded(key: str) -> Derive:
    return lambda text: {key: fold(text)}


def _text(text: str) -> dict[str, Any]:
    # what was read out of another text no longer holds
    return {"textKey": fold(text), "analysedBy": None}


def _given(sentiment: float) -> dict[str, Any]:
    return {"sentiment": sentiment}


def _in_order(categories: list[str]) -> dict[str, Any]:
    return {"categories": sorted(categories)}


def _id() -> Column:
    return Column("id", values.identifier, needed=True)


def _end(name: str, label: str) -> Column:
    return Column(name, values.identifier, needed=True, refers=label)


def _apart(first: int, second: int, what: str) -> Check:
    def check(row: Sequence[Value | None]) -> None:
        if row[first] is not None and row[first] == row[second]:
            raise ValueError(f"{what}: both are {row[first]}")

    return check


def _mention(row: Sequence[Value | None]) -> None:
    if row[0] in (_first(row[5]), _first(row[6])):
        raise ValueError("a mention cannot reply to or share itself")


def _idea(row: Sequence[Value | None]) -> None:
    if row[0] == _first(row[8]):
        raise ValueError("an idea is no duplicate of itself")


def _first(value: Value | None) -> Value | None:
    return value[0] if isinstance(value, list) and value else None


def _challenge(row: Sequence[Value | None]) -> None:
    instants = (("opens_at", row[3]), ("vote_at", row[5]), ("closes_at", row[4]), ("decided_at", row[6]))
    given = [(name, str(at)) for name, at in instants if at is not None]
    for (before, first), (after, then) in pairwise(given):
        if then < first:
            raise ValueError(f"{after} is before {before}")


TABLES: tuple[Table, ...] = (
    Table(
        "customers",
        (
            _id(),
            Column("name", stored="name", derive=_folded("nameKey")),
            Column("identities", values.handle, many=True, linked=True),
            Column("email", values.email, stored="email"),
            Column("phone", values.phone, stored="phone"),
            Column("city", stored="city", derive=_folded("cityKey")),
            Column("locale", stored="locale"),
            Column("birth_date", values.day, stored="birthDate"),
            Column("joined_at", values.instant, stored="joinedAt"),
            Column("kind", values.choice(CustomerKind), stored="kind"),
            Column("suspended", values.boolean, stored="suspended"),
        ),
        statements.CUSTOMERS,
        label="Customer",
        defaults={"kind": "PERSON", "suspended": False},
    ),
    Table(
        "claims",
        (_end("customer", "Customer"), Column("identity", values.account, needed=True)),
        statements.CLAIMS,
        key=2,
    ),
    Table(
        "communities",
        (
            _id(),
            Column("name", stored="name", derive=_folded("nameKey")),
            Column("kind", values.choice(CommunityKind), stored="kind"),
        ),
        statements.COMMUNITIES,
        label="Community",
        defaults={"kind": "DECLARED"},
    ),
    Table(
        "products",
        (
            _id(),
            Column("name", stored="name", derive=_folded("nameKey")),
            Column("category", stored="category"),
        ),
        statements.PRODUCTS,
        label="Product",
    ),
    Table(
        "challenges",
        (
            _id(),
            Column("title", stored="title", derive=_folded("titleKey")),
            Column("question", values.text, stored="question"),
            Column("opens_at", values.instant, stored="opensAt"),
            Column("closes_at", values.instant, stored="closesAt"),
            Column("vote_at", values.instant, stored="voteAt"),
            Column("decided_at", values.instant, stored="decidedAt"),
            Column("time_zone", values.zone, stored="timeZone"),
            Column("kind", values.choice(VoteKind), stored="kind"),
            Column("idea_limit", values.integer(1), stored="ideaLimit"),
            Column("vote_limit", values.integer(1), stored="voteLimit"),
            Column("point_budget", values.integer(1), stored="pointBudget"),
            Column("hides_tally", values.boolean, stored="hidesTally"),
            Column("categories", stored="categories", derive=_in_order, many=True),
            Column("currency", stored="currency"),
            Column("cost_budget", values.number(0), stored="costBudget"),
        ),
        statements.CHALLENGES,
        label="Challenge",
        check=_challenge,
    ),
    Table(
        "memberships",
        (
            _end("customer", "Customer"),
            _end("community", "Community"),
            Column("role", stored="role"),
            Column("since", values.instant, stored="since"),
        ),
        statements.MEMBERSHIPS,
        key=2,
        locks=1,
    ),
    Table(
        "follows",
        (
            _end("follower", "Customer"),
            _end("followed", "Customer"),
            Column("since", values.instant, stored="since"),
        ),
        statements.FOLLOWS,
        key=2,
        check=_apart(0, 1, "nobody follows themselves"),
    ),
    Table(
        "purchases",
        (
            Column("order", values.identifier, needed=True, stored="order"),
            _end("customer", "Customer"),
            _end("product", "Product"),
            Column("quantity", values.number(0), stored="quantity"),
            Column("amount", values.number(), stored="amount"),
            Column("currency", stored="currency"),
            Column("at", values.instant, stored="at"),
        ),
        statements.PURCHASES,
        key=3,
        locks=2,
    ),
    Table(
        "mentions",
        (
            _id(),
            Column("author", values.identifier, refers="Customer", linked=True),
            Column("channel", stored="channel"),
            Column("text", values.text, stored="text", derive=_text),
            Column("at", values.instant, stored="at"),
            Column("in_reply_to", values.identifier, refers="Mention", missing=Missing.LATER, linked=True),
            Column("shares", values.identifier, refers="Mention", missing=Missing.LATER, linked=True),
            Column(
                "names", values.identifier, refers="Customer", missing=Missing.OMIT, many=True, linked=True
            ),
            Column("community", values.identifier, refers="Community", missing=Missing.OMIT, linked=True),
            Column(
                "products", values.identifier, refers="Product", missing=Missing.OMIT, many=True, linked=True
            ),
            Column("url", values.url, stored="url"),
            Column("sentiment", values.number(-1, 1), stored="givenSentiment", derive=_given),
        ),
        statements.MENTIONS,
        label="Mention",
        check=_mention,
    ),
    Table(
        "advocacy",
        (
            Column("id", values.identifier, needed=True, stored="externalId"),
            _end("from", "Customer"),
            _end("to", "Customer"),
            Column("kind", values.choice(AdvocacyKind), stored="kind"),
            Column("weight", values.number(-1, 1), stored="weight"),
            Column("at", values.instant, stored="at"),
            Column("product", values.identifier, refers="Product", missing=Missing.OMIT, stored="product"),
            Column("outcome", stored="outcome"),
        ),
        statements.ADVOCACY,
        key=3,
        check=_apart(1, 2, "nobody advocates themselves"),
    ),
    Table(
        "ideas",
        (
            _id(),
            Column("challenge", values.identifier, refers="Challenge", linked=True),
            Column("author", values.identifier, refers="Customer", linked=True),
            Column("title", stored="title", derive=_folded("titleKey")),
            Column("body", values.text, stored="body"),
            Column("at", values.instant, stored="at"),
            Column("category", stored="category"),
            Column("cost", values.number(0), stored="cost"),
            Column("duplicate_of", values.identifier, refers="Idea", missing=Missing.LATER, linked=True),
        ),
        statements.IDEAS,
        label="Idea",
        check=_idea,
        defaults={"status": "OPEN"},
    ),
    Table(
        "votes",
        (
            _end("voter", "Customer"),
            _end("idea", "Idea"),
            Column("value", values.integer(-1, 1), needed=True, stored="value"),
            Column("at", values.instant, stored="at"),
            Column("points", values.integer(1), stored="points"),
        ),
        statements.VOTES,
        key=2,
        locks=1,
    ),
)
BY_NAME: Mapping[str, Table] = {table.name: table for table in TABLES}
DERIVED = ("scores", "tallies", "analysis", "communities_detected")
