"""Which accounts share a handle, an e-mail address or a phone number: a run counts them as one person."""

from collections.abc import AsyncIterator, Sequence
from typing import LiteralString

import numpy as np
import numpy.typing as npt

from graph.driver import Graph
from graph.influence import Population

Ints = npt.NDArray[np.int64]

ADDRESSES: LiteralString = """
MATCH (c:Customer) WHERE c.email IS NOT NULL
WITH c.email AS address, collect(c.uid) AS accounts WHERE size(accounts) > 1
RETURN accounts
"""

NUMBERS: LiteralString = """
MATCH (c:Customer) WHERE c.phone IS NOT NULL
WITH c.phone AS number, collect(c.uid) AS accounts WHERE size(accounts) > 1
RETURN accounts
"""

# A handle has one holder; who claims it besides is of the same person.
CLAIMS: LiteralString = """
MATCH (c:Customer)-[:CLAIMED]->(i:Identity)
WITH i, collect(c.uid) AS claimers
RETURN claimers + [(h:Customer)-[:IDENTIFIED_BY]->(i) | h.uid] AS accounts
"""


async def stream_shared(graph: Graph) -> AsyncIterator[Sequence[str]]:
    """Of each thing that several accounts have: whose they are, ranked or not."""
    for query in (ADDRESSES, NUMBERS, CLAIMS):
        async for (uids,) in graph.stream(query):
            yield uids


async def read_shared(graph: Graph, population: Population) -> tuple[Ints, Ints]:
    """Ranked accounts and the things several of them have, as numbers: parallel arrays, each pair once.

    What is shared with somebody who is not ranked says nothing, but two who claim a handle of theirs share it.
    """
    pairs: list[tuple[int, int]] = []
    number, things = population.number, 0
    async for uids in stream_shared(graph):
        accounts = {number[uid] for uid in uids if uid in number}
        pairs.extend((account, things) for account in accounts)
        things += 1
    account, thing = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return account, thing
