"""What is known of the accounts that vote: since when they are there, and which share an address."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

import numpy as np
import numpy.typing as npt

from graph.driver import Graph, Transaction
from graph.rows import rows
from graph.tallies import VOTERS_PER_READ, days

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class VoterTable:
    """The day each voter joined, NaN if unknown; `account` has `thing`, as parallel arrays, each pair once."""

    joined: Floats
    account: Ints
    thing: Ints


ACCOUNTS: LiteralString = """
UNWIND $voters AS voter
MATCH (c:Customer {externalId: voter})
WHERE c.joinedAt IS NOT NULL OR c.email IS NOT NULL OR c.phone IS NOT NULL
RETURN voter, coalesce(c.joinedAt, '') AS joined, c.email AS email, c.phone AS phone
"""

# A handle has one holder; who claims it besides is of the same person.
CLAIMS: LiteralString = """
MATCH (c:Customer)-[:CLAIMED]->(i:Identity)
WITH i, collect(c.externalId) AS claimers
RETURN claimers + [(h:Customer)-[:IDENTIFIED_BY]->(i) | h.externalId] AS accounts
"""


async def read_voters(graph: Graph, voters: Sequence[str]) -> VoterTable:
    """What is known of these accounts (by external id), in their order."""
    found: list[Mapping[str, Any]] = []
    for start in range(0, len(voters), VOTERS_PER_READ):
        part = voters[start : start + VOTERS_PER_READ]
        found += [row async for row in graph.stream(ACCOUNTS, voters=part)]
    return _table(found, await graph.read(CLAIMS), voters)


async def read_voters_now(tx: Transaction, *, voters: Sequence[str]) -> VoterTable:
    """The same inside a transaction."""
    return _table(await rows(tx, ACCOUNTS, voters=list(voters)), await rows(tx, CLAIMS), voters)


def _table(
    found: Sequence[Mapping[str, Any]], claims: Iterable[Mapping[str, Any]], voters: Sequence[str]
) -> VoterTable:
    number = {voter: place for place, voter in enumerate(voters)}
    joined = np.full(len(voters), np.nan)
    if found:
        joined[[number[row["voter"]] for row in found]] = days([row["joined"] for row in found])
    shared: dict[tuple[str, str], set[int]] = {}
    for row in found:
        for kind in ("email", "phone"):
            if row[kind]:
                shared.setdefault((kind, row[kind]), set()).add(number[row["voter"]])
    groups = [accounts for accounts in shared.values() if len(accounts) > 1]
    groups += [{number[key] for key in row["accounts"] if key in number} for row in claims]
    pairs = [(account, thing) for thing, accounts in enumerate(groups) for account in sorted(accounts)]
    account, thing = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return VoterTable(joined, account, thing)
