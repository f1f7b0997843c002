"""What rows of the programme must not say beside what is there already: line by line, the reason."""

from collections.abc import Sequence
from typing import Any, LiteralString

from graph.driver import Graph, Transaction
from graph.folders.shapes import Entry, Held, first
from graph.rows import one
from graph.text import fold

OFFERED: LiteralString = """UNWIND $keys AS key
MATCH (a:Customer {externalId: key})-[:OFFERS]->(k:ReferralLink)
RETURN collect([a.externalId, [(k)-[:PROMOTES]->(p:Product) | p.externalId][0], coalesce(k.labelKey, ''),
  k.code]) AS rows"""


async def second_links(tx: Transaction, entries: Sequence[Entry], held: Held | None) -> dict[int, str]:
    """Links of an advocate for a product and label for which they have another."""
    offered = await _rows(tx, OFFERED, sorted({str(first(entry.values[1])) for entry in entries}))
    holder: Held = {} if held is None else held
    holder |= {tuple(row[:3]): row[3] for row in offered}
    refused = {}
    for entry in entries:
        code, advocate, product, label, *_ = entry.values
        place = (first(advocate), first(product), fold(str(label or "")))
        if holder.setdefault(place, code) != code:
            reason = (
                f"code: customer {place[0]} has the link {holder[place]} for that product and label already"
            )
            refused[entry.line] = reason
    return refused


SHOWN_BY_LINK: LiteralString = """UNWIND $keys AS key MATCH (o:ProgrammeAct {evidence: 'link:' + key})
RETURN collect([key, o.externalId]) AS rows"""
SHOWN_BY_MENTION: LiteralString = """UNWIND $keys AS key
MATCH (:Mention {externalId: key})<-[:SHOWN_BY]-(o:ProgrammeAct)
RETURN collect([key, o.externalId]) AS rows"""
SHOWN_BY_IDEA: LiteralString = """UNWIND $keys AS key
MATCH (:Idea {externalId: key})<-[:SHOWN_BY]-(o:ProgrammeAct)
RETURN collect([key, o.externalId]) AS rows"""
LINKS_OF: LiteralString = """UNWIND $keys AS key
MATCH (a:Customer {externalId: key[0]})-[l:ADVOCATED]->() WHERE l.externalId = key[1]
RETURN collect([l.externalId, l.uid, a.externalId]) AS rows"""


async def shown_twice(tx: Transaction, entries: Sequence[Entry], held: Held | None) -> dict[int, str]:
    """Acts whose evidence shows another act, or is a link that their member never gave.

    In a dry run they may have given it by this folder.
    """
    pairs = [[first(e.values[1]), first(e.values[6])] for e in entries if e.values[6]]
    rows = await _rows(tx, LINKS_OF, pairs)
    uids = {(row[2], row[0]): row[1] for row in rows}
    ids = {uid: key for key, uid in uids.items()}
    holder: Held = {} if held is None else held
    for form, query, keys in (
        (5, SHOWN_BY_MENTION, [first(e.values[5]) for e in entries if e.values[5]]),
        (7, SHOWN_BY_IDEA, [first(e.values[7]) for e in entries if e.values[7]]),
        (6, SHOWN_BY_LINK, sorted(ids)),
    ):
        for key, act in await _rows(tx, query, keys):
            holder[form, ids[key] if form == 6 else key] = act
    refused = {}
    for entry in entries:
        act, customer = entry.values[0], first(entry.values[1])
        for form, name in ((5, "mention"), (6, "link"), (7, "idea")):
            shown = first(entry.values[form])
            if shown is None:
                continue
            if held is None and form == 6 and (customer, shown) not in uids:
                refused[entry.line] = f"link: customer {customer} gave no advocacy link {shown}"
                continue
            key = (form, (customer, shown) if form == 6 else shown)
            if holder.setdefault(key, act) != act:
                refused[entry.line] = f"{name}: {shown} shows the act {holder[key]} already"
    return refused


OWNERS: LiteralString = """UNWIND $keys AS key
MATCH (s:ProgrammeAct {externalId: key})<-[:DID]-()<-[:IN_PROGRAMME]-(c)
RETURN collect([key, c.externalId]) AS rows"""
PAYERS: LiteralString = """UNWIND $keys AS key
MATCH (s:Redemption {externalId: key})<-[:REDEEMED]-()<-[:IN_PROGRAMME]-(c)
RETURN collect([key, c.externalId]) AS rows"""


async def of_others(tx: Transaction, entries: Sequence[Entry], held: Held | None) -> dict[int, str]:
    """Entries for acts or redemptions of somebody else; a dry run knows whose they are if they are there already."""
    refused = {}
    for place, what, query in ((2, "act", OWNERS), (3, "redemption", PAYERS)):
        owner = dict(await _rows(tx, query, [e.values[place] for e in entries if e.values[place]]))
        for entry in entries:
            subject = entry.values[place]
            if subject is None or (held is not None and subject not in owner):
                continue
            if owner.get(subject) != entry.values[0]:
                refused[entry.line] = f"{what}: {subject} is not of customer {entry.values[0]}"
    return refused


BELOW_ZERO: LiteralString = """MATCH (c:Customer)-[:IN_PROGRAMME]->(b:ProgrammeMember)
WHERE b.spendable < 0 OR b.owed < 0
RETURN coalesce(c.externalId, c.uid) AS customer, b.spendable AS spendable, b.owed AS owed
ORDER BY customer LIMIT 20"""


async def in_debt(graph: Graph) -> list[str]:
    """A note on each of the first members whose entries, now that all are there, add up to less than nothing."""
    return [
        "customer {customer} has {spendable} points to spend and owes {owed}: an entry is wrong or missing".format(
            **row
        )
        for row in await graph.read(BELOW_ZERO)
    ]


async def _rows(tx: Transaction, query: LiteralString, keys: Sequence[object]) -> list[Any]:
    found = await one(tx, query, keys=list(keys)) if keys else None
    return list(found["rows"]) if found else []
