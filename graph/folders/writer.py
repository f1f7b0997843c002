"""Writes one batch of an import in one transaction: what is new, what changed, and nothing else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString

from graph.driver import Transaction
from graph.folders.known import ASK
from graph.folders.reader import Fault
from graph.folders.shapes import Column, Entry, Held, Table
from graph.folders.statements import CLAIMS
from graph.folders.values import Value
from graph.records import new_uid
from graph.rows import one, run
from graph.text import identity_key

State = Sequence[Any]
ACT_COLUMNS = {"mentions": ("author", "at", "in_reply_to", "shares", "names"), "advocacy": ("kind", "at")}


@dataclass(slots=True)
class Outcome:
    """What one transaction did."""

    written: int = 0
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)  # the lines of which nothing is kept


@dataclass(slots=True)
class _Change:
    """An entry, what is stored of it, and the columns by which the two differ."""

    entry: Entry
    before: State | None
    columns: list[tuple[Column, Any]]
    accounts: dict[str, str] = field(default_factory=dict)  # to be added, with their keys
    late: list[str] = field(default_factory=list)  # those of them that a new customer is not made with
    claims: dict[str, str] = field(
        default_factory=dict
    )  # accounts of others, to be remembered, with their keys


async def write_batch(
    tx: Transaction, table: Table, entries: list[Entry], *, now: str, held: Held | None
) -> Outcome:
    """Brings the graph to what the entries say; the same entries again change nothing.

    A dry run has `held`, which the batches of a file share, and writes nothing.
    """
    outcome = Outcome()
    dry = held is not None
    if table.cypher.lock and not dry:
        await run(tx, table.cypher.lock, ids=sorted({str(entry.values[table.locks]) for entry in entries}))
    if table.name == "advocacy":
        entries = await _with_uids(tx, entries)
    if table.refuse:
        refused = await table.refuse(tx, entries, held)
        outcome.faults += [Fault(line, reason) for line, reason in refused.items()]
        outcome.refused.update(refused)
        entries = [entry for entry in entries if entry.line not in refused]
    states = await (_states(tx, table, entries) if table.label or dry else _joined(tx, table, entries, now))
    changes = _changes(table, entries, states)
    if table.name == "customers":
        await _share_out_handles(tx, changes, outcome)
    if table.frozen:
        changes = _kept(changes, outcome)
        entries = [change.entry for change in changes]
    changes = [
        change
        for change in changes
        if change.before is None or change.columns or change.accounts or change.claims
    ]
    outcome.written = len(changes)
    outcome.unchanged = len(entries) - len(changes)
    if not dry:
        await _write(tx, table, changes, now)
    return outcome


def _kept(changes: list[_Change], outcome: Outcome) -> list[_Change]:
    kept = []
    for change in changes:
        if change.before is not None and change.columns:
            names = ", ".join(column.name for column, _ in change.columns)
            outcome.faults.append(
                Fault(change.entry.line, f"{names}: it is booked otherwise, and never changed")
            )
        else:
            kept.append(change)
    return kept


async def stored(tx: Transaction, query: LiteralString, keys: Iterable[object]) -> list[State]:
    """The state of the rows with these keys, in no order."""
    found = await one(tx, query, keys=list(keys))
    return found["rows"] if found else []


async def _states(tx: Transaction, table: Table, entries: list[Entry]) -> list[State]:
    if table.label is None:
        return await stored(tx, table.cypher.state, [entry.values[: table.key] for entry in entries])
    # what a first import never asks, Neo4j need not plan: that of a mention takes it longer than a batch
    found = await one(tx, ASK[table.label], ids=[entry.values[0] for entry in entries])
    return await stored(tx, table.cypher.state, found["ids"]) if found and found["ids"] else []


async def _joined(tx: Transaction, table: Table, entries: list[Entry], now: str) -> list[State]:
    """Joins the pairs of records that are not, and says what is stored of the others."""
    found = await one(tx, table.cypher.create, rows=[_pair(table, entry.values, now) for entry in entries])
    return found["rows"] if found else []


def _pair(table: Table, values: Sequence[Value | None], now: str) -> Sequence[Value | None]:
    """What `create` takes of an entry: its values, and what a new record needs beside them."""
    if table.name == "claims":
        return _claim(values[0], str(values[1]), str(values[1]))
    return table.complete(values, now) if table.complete else values


def _changes(table: Table, entries: list[Entry], states: list[State]) -> list[_Change]:
    before = {tuple(state[: table.key]): state for state in states}
    changes = []
    for entry in entries:
        state = before.get(tuple(entry.values[: table.key]))
        changes.append(_Change(entry, state, _differing(table, entry.values, state)))
    return changes


def _differing(table: Table, values: Sequence[Value | None], state: State | None) -> list[tuple[Column, Any]]:
    if state is None:
        if not table.label and not table.cypher.after_of:
            return []  # `create` made it whole
        return [
            (column, value) for column, value in zip(table.columns, values, strict=True) if value is not None
        ]
    if table.name == "votes" and str(values[3] or "") < str(state[3] or ""):
        return []
    return [
        (column, value)
        for column, value, old in zip(table.columns, values, state, strict=True)
        if value is not None and not _same(column, value, old)
    ]


def _same(column: Column, value: Value, old: Any) -> bool:
    if isinstance(value, list):
        wanted, held = _keys(column, value), _keys(column, old or ())
        # an account, once known, stays: other systems may have brought it
        return wanted <= held if column.name == "identities" else wanted == held
    if column.name == "visits":  # never fewer than the graph knows itself
        visits, known = old
        return bool(max(value, known) == visits)
    return bool(value == old)


def _keys(column: Column, ids: Iterable[str]) -> set[str]:
    return {_identity(each) for each in ids} if column.name == "identities" else set(ids)


def _identity(written: str) -> str:
    channel, _, handle = written.partition(":")
    return identity_key(channel, handle)


PRODUCT_UIDS: LiteralString = """
UNWIND $keys AS key MATCH (p:Product {externalId: key}) RETURN collect([p.externalId, p.uid]) AS rows
"""


LINK_UIDS: LiteralString = """
UNWIND $keys AS key MATCH (k:ReferralLink {code: key}) RETURN collect([k.code, k.uid]) AS rows
"""
# The columns of an advocacy link that name a record by its uid.
NAMED = ((6, PRODUCT_UIDS), (10, LINK_UIDS))


async def _with_uids(tx: Transaction, entries: list[Entry]) -> list[Entry]:
    found = [Entry(entry.line, list(entry.values)) for entry in entries]
    for place, query in NAMED:
        named = {entry.values[place] for entry in entries} - {None}
        uids = {row[0]: row[1] for row in await stored(tx, query, named)} if named else {}
        for entry in found:
            entry.values[place] = uids.get(entry.values[place])
    return found


HOLDERS: LiteralString = """
UNWIND $keys AS key MATCH (i:Identity {key: key}) OPTIONAL MATCH (c:Customer)-[:IDENTIFIED_BY]->(i)
RETURN collect([key, c.externalId, [(i)<-[:CLAIMED]-(x:Customer) | x.externalId]]) AS rows
"""


async def _share_out_handles(tx: Transaction, changes: list[_Change], outcome: Outcome) -> None:
    """Gives each account to the customer who holds it, else to the first row that has it; others claim it."""
    claims = [
        (change, each)
        for change in changes
        for column, ids in change.columns
        if column.linked
        for each in ids
    ]
    keys = {each: _identity(each) for _, each in claims}
    states = await stored(tx, HOLDERS, sorted(set(keys.values()))) if keys else []
    holder: dict[str, Any] = {key: customer for key, customer, _ in states if customer is not None}
    claimed = {(key, customer) for key, _, customers in states for customer in customers}
    for change, each in claims:
        customer = change.entry.values[0]
        owner = holder.get(keys[each])
        if owner is None:
            holder[keys[each]] = customer
            change.accounts[each] = keys[each]
        elif owner != customer:
            reason = f"identities: {each} belongs to customer {owner}; {customer} is imported without it"
            outcome.faults.append(Fault(change.entry.line, reason))
            if (keys[each], customer) not in claimed:
                change.claims[each] = keys[each]
    known = {key for key, *_ in states}
    for change in changes:
        change.columns = [pair for pair in change.columns if not pair[0].linked]
        change.late = [each for each in change.accounts if change.before or keys[each] in known]


async def _write(tx: Transaction, table: Table, changes: list[_Change], now: str) -> None:
    new = [_new(table, change, now) for change in changes if change.before is None] if table.label else []
    if alone := [row for row in new if "author" not in row]:
        await run(tx, table.cypher.create, rows=alone)
    if table.cypher.create_by and (authored := [row for row in new if "author" in row]):
        await run(tx, table.cypher.create_by, rows=authored)
    old = [_old(table, change, now) for change in changes if change.before is not None]
    if changed := [row for row in old if row["set"]]:
        await run(tx, table.cypher.update, rows=changed)
    if table.name == "customers":
        await _identify(tx, changes)
        if claims := [
            _claim(change.entry.values[0], *pair) for change in changes for pair in change.claims.items()
        ]:
            await run(tx, CLAIMS.create, rows=claims)
    if table.cypher.links:
        await _relink(tx, table, changes)
    for query in table.cypher.after:
        if ids := sorted(
            {str(change.entry.values[table.owner]) for change in changes if _concerns(table, change)}
        ):
            await run(tx, query, ids=ids)
    if table.name in ACT_COLUMNS:
        await _mark_stale(tx, table, changes)


def _concerns(table: Table, change: _Change) -> bool:
    wanted = table.cypher.after_of
    return not wanted or any(column.name in wanted for column, _ in change.columns)


def _new(table: Table, change: _Change, now: str) -> dict[str, Any]:
    made = {"uid": new_uid(), "externalId": change.entry.values[0], "createdAt": now}
    row: dict[str, Any] = {"set": {**table.defaults, **made, **_properties(change), **_worded(table, now)}}
    if table.cypher.create_by and (author := change.entry.values[1]):
        row["author"] = author[0]  # type: ignore[index]
    if table.name == "customers":
        row["identities"] = [
            _account(*pair) for pair in change.accounts.items() if pair[0] not in change.late
        ]
    return row


def _old(table: Table, change: _Change, now: str) -> dict[str, Any]:
    key = change.entry.values[: table.key]
    return {"id": key[0], "key": key, "set": {**_properties(change), **_worded(table, now)}}


def _worded(table: Table, now: str) -> dict[str, Any]:
    """What tells a search for similar ideas to read this one again."""
    return {"wordedAt": now} if table.name == "ideas" else {}


def _properties(change: _Change) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for column, value in change.columns:
        if column.stored:
            properties[column.stored] = value
            if column.derive:
                properties |= column.derive(value)
    return properties


def _account(written: str, key: str) -> dict[str, str]:
    channel, _, handle = written.partition(":")
    return {"uid": new_uid(), "key": key, "channel": channel, "handle": handle}


def _claim(customer: Value | None, written: str, key: str) -> list[Value | None]:
    channel, _, handle = written.partition(":")
    return [customer, key, new_uid(), channel, handle]


IDENTIFY: LiteralString = """
UNWIND $rows AS r MATCH (c:Customer {externalId: r.id})
MERGE (i:Identity {key: r.key}) ON CREATE SET i.uid = r.uid, i.channel = r.channel, i.handle = r.handle
MERGE (c)-[:IDENTIFIED_BY]->(i)
"""


async def _identify(tx: Transaction, changes: list[_Change]) -> None:
    rows = [
        {"id": change.entry.values[0], **_account(each, change.accounts[each])}
        for change in changes
        for each in change.late
    ]
    if rows:
        await run(tx, IDENTIFY, rows=rows)


async def _relink(tx: Transaction, table: Table, changes: list[_Change]) -> None:
    pairs: dict[str, tuple[list[list[str]], list[list[str]]]] = {}
    places = {name: table.names.index(name) for name in table.cypher.links}
    for change in changes:
        mine = str(change.entry.values[0])
        for column, value in change.columns:
            if not column.linked or (
                column.name == "author" and table.cypher.create_by and not change.before
            ):
                continue
            add, drop = pairs.setdefault(column.name, ([], []))
            held = change.before[places[column.name]] if change.before else ()
            add += [[mine, each] for each in value if each not in held]
            drop += [[mine, each] for each in held if each not in value]
    for name, link in table.cypher.links.items():
        add, drop = pairs.get(name, ([], []))
        if drop:
            await run(tx, link.drop, pairs=drop)
        if add:
            await run(tx, link.add, pairs=add)


STALE_CUSTOMERS: LiteralString = (
    "UNWIND $ids AS id MATCH (c:Customer {externalId: id}) SET c.tiesStale = true"
)
STALE_REPLIERS: LiteralString = """
UNWIND $ids AS id
MATCH (m:Mention {externalId: id})<-[:IN_REPLY_TO|SHARES]-(:Mention)<-[:WROTE]-(c:Customer)
SET c.tiesStale = true
"""


async def _mark_stale(tx: Transaction, table: Table, changes: list[_Change]) -> None:
    """Marks the customers whose ties no longer say what their acts say."""
    stale: set[str] = set()
    moved = []
    for change in changes:
        if change.before is None:
            stale.update(_actors(table, change))
            continue
        columns = {column.name for column, _ in change.columns}
        if columns.intersection(ACT_COLUMNS[table.name]):
            stale.update(_actors(table, change))
        if table.name == "mentions" and "author" in columns:
            moved.append(change.entry.values[0])
    if stale:
        await run(tx, STALE_CUSTOMERS, ids=sorted(stale))
    if moved:
        await run(tx, STALE_REPLIERS, ids=moved)


def _actors(table: Table, change: _Change) -> list[str]:
    values, before = change.entry.values, change.before
    if table.name == "advocacy":
        ends = [str(values[1]), str(values[2])]
        if before is not None:
            return ends
        return {"REFERRAL": ends[1:], "WARNING": []}.get(str(values[3]), ends[:1])
    responds = any(values[place] for place in (5, 6, 7)) or before is not None
    return [*(values[1] or ()), *(before[1] if before else ())] if responds else []  # type: ignore[misc]
