"""Reads what happens in communities into arrays: who said what where, questions, wordings, votes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

import numpy as np
import numpy.typing as npt

from graph.communities import WERE_IN
from graph.driver import Graph

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Instants = npt.NDArray[np.datetime64]
Column = npt.NDArray[Any]

NONE = -1
ROWS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Numbers:
    """What is counted: ranked customers and communities, each by uid."""

    customers: Mapping[str, int]
    communities: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Said:
    """Mentions of ranked customers: whose, in which community (−1: in none), their mood (NaN: unknown), when."""

    author: Ints
    place: Ints
    mood: Floats
    at: Instants


SAID = """
MATCH (u:Customer)
CALL (u) {
  MATCH (u)-[:WROTE]->(m)
  WHERE m.at IS NULL OR m.at <= $until
  OPTIONAL MATCH (m)-[:IN]->(g:Community)
  RETURN collect([coalesce(g.uid, ''), m.sentiment, m.at]) AS said
}
WITH u, said WHERE size(said) > 0
RETURN u.uid AS author, said
"""


async def read_said(graph: Graph, numbers: Numbers, *, until: str) -> Said:
    """All that ranked customers said up to an instant; 32 bytes a mention."""
    table = _Table(("i8", "i8", "f8", "M8[ms]"))
    async for author, said in graph.stream(SAID, until=until):
        if (who := numbers.customers.get(author)) is not None:
            table.add((who, numbers.communities.get(place, NONE), mood, at) for place, mood, at in said)
    return Said(*table.columns())


@dataclass(frozen=True, slots=True)
class Spoken:
    """Mentions of ranked customers that speak of a matter, with their uids; one with two matters is two."""

    author: Ints
    place: Ints
    mood: Floats
    at: Instants
    matter: Ints
    uid: Column


SUBJECTS = """
MATCH (u:Customer)
CALL (u) {
  MATCH (u)-[:WROTE]->(m)-[:ABOUT|ON]->(s)
  WHERE m.at > $since AND m.at <= $until
  OPTIONAL MATCH (m)-[:IN]->(g:Community)
  RETURN collect([coalesce(g.uid, ''), m.sentiment, m.at, s.uid, m.uid]) AS said
}
WITH u, said WHERE size(said) > 0
RETURN u.uid AS author, said
"""


async def read_subjects(
    graph: Graph, numbers: Numbers, *, since: str, until: str
) -> tuple[Spoken, list[str]]:
    """What ranked customers said of products and topics after `since`, and the uids of these; 76 bytes a mention."""
    table, known = _Table(("i8", "i8", "f8", "M8[ms]", "i8", "S36")), dict[str, int]()
    async for author, said in graph.stream(SUBJECTS, since=since, until=until):
        if (who := numbers.customers.get(author)) is not None:
            table.add(
                (who, numbers.communities.get(place, NONE), mood, at, known.setdefault(of, len(known)), uid)
                for place, mood, at, of, uid in said
            )
    return Spoken(*table.columns()), list(known)


# Who replies or shares says what others say by custom: thanks, and answers to one question.
WORDS = """
MATCH (u:Customer)
CALL (u) {
  MATCH (u)-[:WROTE]->(m)
  WHERE m.at > $since AND m.at <= $until AND coalesce(m.sentiment, 0.0) < $mood
    AND size(m.textKey) >= $length AND NOT EXISTS { (m)-[:IN_REPLY_TO|SHARES]->() }
  OPTIONAL MATCH (m)-[:IN]->(g:Community)
  RETURN collect([coalesce(g.uid, ''), m.sentiment, m.at, m.textKey, m.uid]) AS said
}
WITH u, said WHERE size(said) > 0
RETURN u.uid AS author, said
"""
SHORTEST = 15  # letters: five words have more


async def read_words(
    graph: Graph,
    numbers: Numbers,
    sign: Callable[[str], Column | None],
    *,
    since: str,
    until: str,
    mood: float,
) -> tuple[Spoken, list[Column]]:
    """What ranked customers wrote of themselves after `since`, less friendly than `mood`, by wording.

    `sign` makes of a folded text what is kept of it, or None to leave it out: the texts themselves are not held.
    A matter is a place in what was kept; equal texts share it.
    """
    table, known = _Table(("i8", "i8", "f8", "M8[ms]", "i8", "S36")), dict[bytes, int]()
    kept: list[Column] = []
    given = {"since": since, "until": until, "mood": mood, "length": SHORTEST}
    async for author, said in graph.stream(WORDS, **given):
        who = numbers.customers.get(author)
        rows = []
        for place, felt, at, text, uid in said if who is not None else ():
            if (made := sign(text)) is None:
                continue
            if (matter := known.setdefault(made.tobytes(), len(known))) == len(kept):
                kept.append(made)
            rows.append((who, numbers.communities.get(place, NONE), felt, at, matter, uid))
        table.add(rows)
    return Spoken(*table.columns()), kept


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions of ranked customers, and the replies to them by question; −1 is nobody who is ranked."""

    asker: Ints
    place: Ints
    at: Instants
    question: Ints
    author: Ints
    replied: Instants


QUESTIONS = """
MATCH (q:Mention)
WHERE q.at > $since AND q.at <= $until AND (q.textKey ENDS WITH '?' OR q.textKey CONTAINS '? ')
  AND NOT EXISTS { (q)-[:IN_REPLY_TO]->() }
CALL (q) {
  MATCH (q)<-[:IN_REPLY_TO]-(r) WHERE r.at IS NULL OR r.at <= $until
  RETURN collect([coalesce(r.author, ''), r.at]) AS replies
}
OPTIONAL MATCH (q)-[:IN]->(g:Community)
RETURN coalesce(q.author, '') AS asker, coalesce(g.uid, '') AS place, q.at AS at, replies
"""


async def read_questions(graph: Graph, numbers: Numbers, *, since: str, until: str) -> Asked:
    """Mentions after `since` that ask something and answer nothing; 24 bytes each, and each reply."""
    questions, replies = _Table(("i8", "i8", "M8[ms]")), _Table(("i8", "i8", "M8[ms]"))
    number = 0
    async for asker, place, at, answers in graph.stream(QUESTIONS, since=since, until=until):
        if (who := numbers.customers.get(asker)) is not None:
            questions.add([(who, numbers.communities.get(place, NONE), at)])
            replies.add((number, numbers.customers.get(author, NONE), then) for author, then in answers)
            number += 1
    return Asked(*questions.columns(), *replies.columns())


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the members of a community voted on ideas that are still open: for, and votes of all kinds."""

    community: Ints
    ups: Ints
    votes: Ints
    ideas: Sequence[str]


VOTES: LiteralString = """
MATCH (g:Community)
CALL (g) {
  MATCH (g)<-[:MEMBER_OF]-(:Customer)-[v:VOTED]->(i:Idea)
  WHERE NOT coalesce(i.status, 'OPEN') IN ['DELIVERED', 'DECLINED'] AND (v.at IS NULL OR v.at <= $until)
  WITH i.uid AS idea, sum(CASE WHEN v.value > 0 THEN 1 ELSE 0 END) AS ups, count(v) AS votes
  RETURN collect([ups, votes, idea]) AS ideas
}
RETURN g.uid AS community, ideas
"""
VOTES_THEN: LiteralString = VOTES.replace("(g)<-[:MEMBER_OF]-(:Customer)-", "(c)-").replace(
    "CALL (g) {", "CALL (g) {" + WERE_IN
)


async def read_wanted(graph: Graph, numbers: Numbers, *, until: str, at: str | None = None) -> Wanted:
    """The votes up to an instant by community and idea, of who is a member or was at an instant."""
    table, ideas = _Table(("i8", "i8", "i8")), list[str]()
    reading = graph.stream(VOTES_THEN, until=until, at=at) if at else graph.stream(VOTES, until=until)
    async for community, found in reading:
        if (place := numbers.communities.get(community)) is not None:
            table.add((place, ups, votes) for ups, votes, _ in found)
            ideas.extend(idea for *_, idea in found)
    community_number, ups, votes = table.columns()
    return Wanted(community_number, ups, votes, ideas)


NAMES = """
UNWIND $uids AS uid
OPTIONAL MATCH (p:Product {uid: uid})
OPTIONAL MATCH (o:Topic {uid: uid})
RETURN uid, coalesce(p.name, o.name, p.externalId, o.externalId) AS name
"""


async def subject_names(graph: Graph, uids: Sequence[str]) -> dict[str, str]:
    """What products and topics are called, by uid."""
    return {row["uid"]: row["name"] for row in await graph.read(NAMES, uids=list(uids))}


class _Table:
    """Rows while they come in; some thousands at a time become arrays, so that few live as objects."""

    def __init__(self, kinds: Sequence[str]) -> None:
        self.kinds = kinds
        self.waiting: list[Sequence[Any]] = []
        self.pieces: list[list[Column]] = [[np.zeros(0, dtype=kind)] for kind in kinds]

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        self.waiting.extend(rows)
        if len(self.waiting) >= ROWS_AT_ONCE:
            self._flush()

    def columns(self) -> list[Column]:
        self._flush()
        return [np.concatenate(pieces) for pieces in self.pieces]

    def _flush(self) -> None:
        for values, kind, pieces in zip(
            zip(*self.waiting, strict=True), self.kinds, self.pieces, strict=False
        ):
            pieces.append(_column(values, kind))
        self.waiting.clear()


def _column(values: Sequence[Any], kind: str) -> Column:
    if kind == "M8[ms]":
        # 23 characters: numpy reads no zone, and the stored one is always Z
        return np.array([value or "NaT" for value in values], dtype="U23").astype(kind)
    if kind == "f8":
        return np.array([np.nan if value is None else value for value in values], dtype=kind)
    return np.array(values, dtype=kind)
