"""The Cypher of files whose rows are steps of one record: what was said, decided or consented to, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from graph.folders.shapes import Complete
from graph.folders.statements import Statements
from graph.folders.values import Value
from graph.records import uid_at

IMPORTED = "import"


@dataclass(frozen=True, slots=True)
class Steps:
    """Nodes that hang on one record: how they are reached from it, `(a)`, and what a row has behind that record.

    The first `keys` of the properties tell the steps of one record apart. `fixed` is what all steps have.
    """

    owner: LiteralString
    path: LiteralString
    label: LiteralString
    properties: tuple[LiteralString, ...]
    keys: int = 1
    through: LiteralString = ""
    fixed: LiteralString = ""


def statements_of(
    steps: Steps,
    page: LiteralString,
    lock: LiteralString,
    after: tuple[LiteralString, ...] = (),
) -> Statements:
    """What the file of these steps needs; a new one is made with the uid that its row ends with."""
    ends, names = "b" if steps.through else "a", steps.properties
    found = f"MATCH (a:{steps.owner} {{externalId: <id>}}){steps.through}"
    step = f"({ends})-[:{steps.path}]->(e:{steps.label})"
    answer = f"RETURN collect([a.externalId, {', '.join(f'e.`{name}`' for name in names)}]) AS rows"
    same = " AND ".join(f"e.`{name}` = <row>[{place}]" for place, name in enumerate(names[: steps.keys], 1))
    made = [f"`{name}`: r[{place}]" for place, name in enumerate(names, 1)]
    made += [f"uid: r[{len(names) + 1}]", *([steps.fixed] if steps.fixed else [])]

    def by(head: str, key: str, rest: str) -> str:
        return f"UNWIND {head} {found} {rest}".replace("<id>", key).replace("<row>", key.partition("[")[0])

    return Statements(
        state=by("$keys AS key", "key[0]", f"MATCH {step} WHERE {same} {answer}"),
        create=by(
            "$rows AS r",
            "r[0]",
            f"""OPTIONAL MATCH {step} WHERE {same}
FOREACH (new IN CASE WHEN e IS NULL THEN [1] ELSE [] END |
  CREATE ({ends})-[:{steps.path}]->(:{steps.label} {{{", ".join(made)}}}))
WITH a, e WHERE e IS NOT NULL {answer}""",
        ),
        update=by("$rows AS r", "r.key[0]", f"MATCH {step} WHERE {same} SET e += r.set"),
        owned=by("$keys AS key", "key", f"MATCH {step} {answer}"),
        page=page,
        lock=lock,
        after=after,
    )


def dated(place: int, *otherwise: tuple[int, Value]) -> Complete:
    """Fills what a row leaves out, and ends it with a uid of the instant at `place`, or else of now."""

    def complete(values: Sequence[Value | None], now: str) -> Sequence[Value | None]:
        row = list(values)
        for at, value in otherwise:
            row[at] = value if row[at] is None else row[at]
        return [*row, uid_at(str(row[place] or now))]

    return complete
