"""Reads customers, ties and acts straight into arrays, and writes scores beside the published ones."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, LiteralString

import numpy as np
import numpy.typing as npt

from graph import publication
from graph.communities import WERE_IN
from graph.driver import Graph, Transaction
from graph.rows import run as execute

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Instants = npt.NDArray[np.datetime64]

NAME = "influence"

# adds to rows of scores, in place, what needs a read of its own; the other value is whether they are memberships
Complete = Callable[[list[dict[str, Any]], bool], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Population:
    """The ranked customers by external id, and those who are not ranked: staff, bots and the suspended.

    `bands` are the published ones, by their place in the list that was given; −1 where there is none.
    """

    uids: Sequence[str]
    unranked: Sequence[str]
    number: dict[str, int]
    bands: Ints

    def __len__(self) -> int:
        return len(self.uids)


CUSTOMERS = """
MATCH (c:Customer)
RETURN c.uid AS uid, c.externalId AS externalId,
       coalesce(c.kind, 'PERSON') = 'PERSON' AND NOT coalesce(c.suspended, false) AS ranked,
       CASE $slot WHEN 'A' THEN c.bandA WHEN 'B' THEN c.bandB END AS band
"""


async def read_customers(graph: Graph, bands: Sequence[str] = ()) -> Population:
    """Every customer; the ranked ones are numbered in the order of their external ids."""
    published = await publication.current(graph, NAME)
    places = {name: place for place, name in enumerate(bands)}
    ranked: list[tuple[str, str, int]] = []
    unranked: list[str] = []
    async for uid, external_id, counts, band in graph.stream(CUSTOMERS, slot=published and published.slot):
        if counts:
            ranked.append((external_id, uid, places.get(band, -1)))
        else:
            unranked.append(uid)
    ranked.sort()
    uids = [uid for _, uid, _ in ranked]
    former = np.fromiter((band for *_, band in ranked), np.int64, len(ranked))
    return Population(uids, unranked, {uid: number for number, uid in enumerate(uids)}, former)


LATEST_MENTION = "MATCH (m:Mention) RETURN max(m.at) AS at"

LATEST_LINK = "MATCH (c:Customer)-[a:ADVOCATED]->() RETURN max(a.at) AS at"


async def latest_act(graph: Graph) -> str | None:
    """The latest instant at which anybody wrote or advocated, ranked or not, or None."""
    found = [await graph.scan_one(LATEST_MENTION), await graph.scan_one(LATEST_LINK)]
    return max((row["at"] for row in found if row and row["at"]), default=None)


@dataclass(frozen=True, slots=True)
class Ties:
    """Ties between ranked customers as parallel arrays; `since` is the first day, NaT where an act is undated."""

    source: Ints
    target: Ints
    weight: Floats
    undated: Floats
    days: Ints
    since: Instants


TIES = """
MATCH (u:Customer)
CALL (u) {
  MATCH (u)-[t:TIE]->(v)
  RETURN collect(v.uid) AS targets, collect(t.weight) AS weights, collect(t.undated) AS undated,
         collect(t.days) AS days, collect(coalesce(t.firstOn, '')) AS since
}
WITH u, targets, weights, undated, days, since WHERE size(targets) > 0
RETURN u.uid AS source, targets, weights, undated, days, since
"""


async def read_ties(graph: Graph, population: Population) -> Ties:
    """All ties as they are kept, one row a customer: four times faster than one row a tie."""
    columns = _Columns(6)
    number = population.number
    async for source, targets, weights, undated, days, since in graph.stream(TIES):
        if (at := number.get(source)) is not None:
            to, none = _numbers(number, targets), np.array(undated, float)
            first = [day if n == 0 else "" for day, n in zip(since, undated, strict=True)]
            columns.add(
                *(np.full(len(to), at), to, np.array(weights, float), none),
                *(np.array(days, np.int64) + (none > 0), np.array(first, dtype="M8[D]")),
            )
    s, t, w, u, d, f = columns.joined((np.int64, np.int64, float, float, np.int64, "datetime64[ms]"))
    known = t >= 0
    return Ties(s[known], t[known], w[known], u[known], d[known], f[known])


@dataclass(frozen=True, slots=True)
class Acts:
    """Acts of ranked customers as parallel arrays; `target` is −1 where nobody ranked is addressed."""

    kind: npt.NDArray[np.str_]
    source: Ints
    target: Ints
    weight: Floats
    at: Instants
    subject: Sequence[str]
    place: Ints
    ids: Sequence[str]

    def __len__(self) -> int:
        return len(self.source)

    def where(self, chosen: npt.NDArray[Any]) -> "Acts":
        """The acts at these positions, or where this mask is true."""
        at = np.flatnonzero(chosen) if chosen.dtype == bool else chosen
        columns = (self.kind[at], self.source[at], self.target[at], self.weight[at], self.at[at])
        places = at.tolist()
        return Acts(
            *columns,
            [self.subject[place] for place in places],
            self.place[at],
            [self.ids[place] for place in places],
        )


RESPONSES = """
MATCH (u:Customer)
CALL (u) {
  MATCH (u)-[:WROTE]->(m)-[r:IN_REPLY_TO|SHARES]->(o)<-[:WROTE]-(v)
  WHERE v.uid <> u.uid AND ($until IS NULL OR m.at IS NULL OR m.at <= $until)
    AND (NOT $signed OR coalesce(m.sentiment, 0.0) <> 0.0)
  OPTIONAL MATCH (m)-[:IN]->(g:Community)
  WITH r, v, m, g, CASE WHEN m.givenSentiment IS NULL AND abs(m.sentiment) < $neutral THEN 0.0
                        ELSE coalesce(m.sentiment, 0.0) END AS mood
  RETURN collect([CASE type(r) WHEN 'SHARES' THEN 'SHARE' ELSE 'REPLY' END, v.uid, mood, m.at, '',
                  coalesce(g.uid, ''), m.externalId]) AS acts
}
WITH u, acts WHERE size(acts) > 0
RETURN u.uid AS source, acts
"""

NAMINGS = """
MATCH (u:Customer)
CALL (u) {
  MATCH (u)-[:WROTE]->(m)-[:NAMES]->(v)
  WHERE v.uid <> u.uid AND ($until IS NULL OR m.at IS NULL OR m.at <= $until)
    AND (NOT $signed OR coalesce(m.sentiment, 0.0) <> 0.0)
  OPTIONAL MATCH (m)-[:IN]->(g:Community)
  WITH v, m, g, CASE WHEN m.givenSentiment IS NULL AND abs(m.sentiment) < $neutral THEN 0.0
                     ELSE coalesce(m.sentiment, 0.0) END AS mood
  RETURN collect(['NAMING', v.uid, mood, m.at, '', coalesce(g.uid, ''),
                  m.externalId]) AS acts
}
WITH u, acts WHERE size(acts) > 0
RETURN u.uid AS source, acts
"""

MOODS = """
MATCH (u:Customer)
CALL (u) {
  MATCH (u)-[:WROTE]->(m)
  WHERE coalesce(m.sentiment, 0.0) <> 0.0
    AND (m.givenSentiment IS NOT NULL OR abs(m.sentiment) >= $neutral)
    AND ($until IS NULL OR m.at IS NULL OR m.at <= $until)
  OPTIONAL MATCH (m)-[:ABOUT]->(p:Product)
  OPTIONAL MATCH (m)-[:IN]->(g:Community)
  RETURN collect(['MOOD', '', m.sentiment, m.at, coalesce(p.uid, ''), coalesce(g.uid, ''),
                  m.externalId]) AS acts
}
WITH u, acts WHERE size(acts) > 0
RETURN u.uid AS source, acts
"""

LINKS = """
MATCH (u:Customer)
CALL (u) {
  MATCH (u)-[a:ADVOCATED]->(v)
  WHERE v.uid <> u.uid AND ($until IS NULL OR a.at IS NULL OR a.at <= $until)
  RETURN collect([a.kind, v.uid, a.weight, a.at, coalesce(a.product, ''), '', a.externalId]) AS acts
}
WITH u, acts WHERE size(acts) > 0
RETURN u.uid AS source, acts
"""


async def read_acts(
    graph: Graph,
    population: Population,
    places: dict[str, int],
    *,
    until: str | None = None,
    neutral: float,
    signed: bool = False,
) -> Acts:
    """Responses, namings, moods and advocacy links of ranked customers up to an instant, undated ones too.

    `places` numbers the communities a mention may be placed in; −1 is none. A mood that was read from its text and
    is less than `neutral` from zero is 0; one that was given counts by its sign, however small. With `signed`,
    responses and namings without a mood stay away: they make ties, but say nothing of anybody.
    """
    reading = _Reading(population.number, places)
    for query in (RESPONSES, NAMINGS, MOODS, LINKS):
        async for source, acts in graph.stream(query, until=until, neutral=neutral, signed=signed):
            reading.add(source, acts)
    return reading.acts()


@dataclass(slots=True)
class _Reading:
    """Acts while they come in; some thousands at a time become arrays, so that few live as objects."""

    number: dict[str, int]
    places: dict[str, int]
    waiting: list[tuple[int, list[Any]]] = field(default_factory=list)
    columns: "_Columns" = field(default_factory=lambda: _Columns(6))
    subject: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)

    def add(self, source: str, acts: Iterable[list[Any]]) -> None:
        """The acts of one customer; acts towards somebody who is not ranked are no acts."""
        if (s := self.number.get(source)) is None:
            return
        self.waiting.extend((s, act) for act in acts if not act[1] or act[1] in self.number)
        if len(self.waiting) >= 10_000:
            self._flush()

    def acts(self) -> Acts:
        """All of them, in no particular order."""
        self._flush()
        kind, s, t, w, at, place = self.columns.joined(
            ("U16", np.int64, np.int64, np.float64, "datetime64[ms]", np.int64)
        )
        return Acts(kind, s, t, w, at, self.subject, place, self.ids)

    def _flush(self) -> None:
        if not self.waiting:
            return
        kinds, to, weights, at, subject, place, ids = zip(*(act for _, act in self.waiting), strict=True)
        self.columns.add(
            np.array(kinds, dtype="U16"),
            np.fromiter((s for s, _ in self.waiting), np.int64, len(self.waiting)),
            _numbers(self.number, to),
            np.array([0.0 if weight is None else weight for weight in weights], dtype=float),
            # 23 characters: numpy reads no zone, and the stored one is always Z
            np.array([text or "NaT" for text in at], dtype="U23").astype("datetime64[ms]"),
            _numbers(self.places, place),
        )
        self.subject.extend(subject)
        self.ids.extend(ids)
        self.waiting.clear()


@dataclass(frozen=True, slots=True)
class MemberTable:
    """Memberships of ranked customers by community, and those of all others as pairs of uids."""

    communities: Sequence[str]
    customer: Ints
    community: Ints
    unranked: Sequence[tuple[str, str]]


MEMBERSHIPS: LiteralString = """
MATCH (g:Community)
CALL (g) {
  MATCH (c:Customer)-[:MEMBER_OF]->(g)
  RETURN collect(c.uid) AS members
}
RETURN g.uid AS community, g.externalId AS externalId, members
"""
MEMBERSHIPS_THEN: LiteralString = MEMBERSHIPS.replace("  MATCH (c:Customer)-[:MEMBER_OF]->(g)\n", WERE_IN)


async def read_memberships(graph: Graph, population: Population, *, at: str | None = None) -> MemberTable:
    """Who is in which community, or was at an instant; communities are numbered in the order of their external ids."""
    reading = graph.stream(MEMBERSHIPS_THEN, at=at) if at else graph.stream(MEMBERSHIPS)
    found = [(row[1], row[0], row[2]) async for row in reading]
    found.sort(key=lambda row: row[0])
    columns, unranked = _Columns(2), list[tuple[str, str]]()
    for place, (_, community, members) in enumerate(found):
        who = _numbers(population.number, members)
        counts = who >= 0
        columns.add(who[counts], np.full(int(counts.sum()), place))
        others = np.flatnonzero(~counts).tolist()
        unranked.extend((members[other], community) for other in others)
    customer, community_number = columns.joined((np.int64, np.int64))
    return MemberTable([row[1] for row in found], customer, community_number, unranked)


# The past of a slot is that of the other, which is published, and this run: written twice, it is the same.
SAVE: LiteralString = """
UNWIND $rows AS row
MATCH (c:Customer {uid: row.uid})
SET c += row.scores
WITH c, row.past AS past
SET c.pastAt<now> = (coalesce(c.pastAt<then>, []) + past.at)[$kept..],
    c.pastReach<now> = (coalesce(c.pastReach<then>, []) + past.reach)[$kept..],
    c.pastStanding<now> = (coalesce(c.pastStanding<then>, []) + past.standing)[$kept..],
    c.pastVoice<now> = (coalesce(c.pastVoice<then>, []) + past.voice)[$kept..]
"""
SAVE_CUSTOMERS: dict[str, LiteralString] = {
    "A": SAVE.replace("<now>", "A").replace("<then>", "B"),
    "B": SAVE.replace("<now>", "B").replace("<then>", "A"),
}

SAVE_MEMBERSHIPS = """
UNWIND $rows AS row
MATCH (c:Customer {uid: row.uid})-[m:MEMBER_OF]->(:Community {uid: row.community})
SET m += row.scores
"""

ROWS_PER_WRITE = 5_000
PAST_RUNS = 52


async def save(tx: Transaction, *, run: str, slot: str, rows: Sequence[dict[str, Any]], inside: bool) -> None:
    """Write the scores of some customers, overall or inside a community, while this run holds the slot.

    A row holds `uid` and `scores` by property, where None clears a property. That of a membership also holds its
    `community`, that of a customer its `past`: what this run adds to the lists of the last 52.
    """
    await publication.hold(tx, name=NAME, run=run)
    if inside:
        await execute(tx, SAVE_MEMBERSHIPS, rows=list(rows))
    else:
        await execute(tx, SAVE_CUSTOMERS[slot], rows=list(rows), kept=-PAST_RUNS)


async def write(
    graph: Graph, *, run: str, slot: str, rows: Iterable[dict[str, Any]], inside: bool, complete: Complete
) -> AsyncIterator[int]:
    """Write many rows of scores, some thousands a transaction, completed first; yields how many each time."""
    remaining = iter(rows)
    while batch := list(islice(remaining, ROWS_PER_WRITE)):
        await complete(batch, inside)
        await graph.write(save, run=run, slot=slot, rows=batch, inside=inside)
        yield len(batch)


class _Columns:
    """Columns that grow by pieces."""

    def __init__(self, count: int) -> None:
        self.pieces: list[list[npt.NDArray[Any]]] = [[] for _ in range(count)]

    def add(self, *pieces: npt.NDArray[Any]) -> None:
        for column, piece in zip(self.pieces, pieces, strict=True):
            column.append(piece)

    def joined(self, types: Sequence[npt.DTypeLike]) -> list[npt.NDArray[Any]]:
        return [
            np.concatenate(column).astype(kind, copy=False) if column else np.zeros(0, dtype=kind)
            for column, kind in zip(self.pieces, types, strict=True)
        ]


def _numbers(number: dict[str, int], keys: Sequence[str]) -> Ints:
    return np.fromiter((number.get(key, -1) for key in keys), np.int64, len(keys))
