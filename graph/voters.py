"""What is known of the accounts that vote: their communities, since when they are there, who shares an address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString

import numpy as np
import numpy.typing as npt

from graph.communities import CommunityKind
from graph.driver import Graph
from graph.tallies import days

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

VOTERS_PER_READ = 5_000


@dataclass(frozen=True, slots=True)
class MemberTable:
    """Memberships of voters as parallel arrays, communities of one kind, numbered by external id."""

    communities: Sequence[str]
    voter: Ints
    community: Ints
    kind: str = CommunityKind.DECLARED.value


@dataclass(frozen=True, slots=True)
class VoterTable:
    """The day each voter joined, NaN if unknown; `account` has `thing`, as parallel arrays, each pair once."""

    joined: Floats
    account: Ints
    thing: Ints


DECLARED = """
MATCH (g:Community {kind: 'DECLARED'})<-[:MEMBER_OF]-()
RETURN g.kind AS kind LIMIT 1
"""

MEMBERS: LiteralString = """
UNWIND $voters AS voter
MATCH (c:Customer {externalId: voter})-[:MEMBER_OF]->(g:Community)
RETURN g.kind AS kind, g.externalId AS externalId, g.uid AS uid, collect(voter) AS members
"""

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


@dataclass(slots=True)
class Voters:
    """What is known of accounts by external id, each asked for once however often it is met, by one at a time."""

    _has_declared: bool = False
    _number: dict[str, int] = field(default_factory=dict)
    _communities: dict[tuple[str, str, str], int] = field(default_factory=dict)
    _pairs: Ints = field(default_factory=lambda: np.zeros((0, 2), np.int64))
    _accounts: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _claims: Sequence[Mapping[str, Any]] | None = None

    async def meet(self, graph: Graph, voters: Sequence[str]) -> None:
        """Read what is not known yet of these."""
        strangers = [voter for voter in voters if voter not in self._number]
        for start in range(0, len(strangers), VOTERS_PER_READ):
            part = strangers[start : start + VOTERS_PER_READ]
            number = {voter: place for place, voter in enumerate(part, len(self._number))}
            pairs: set[tuple[int, int]] = set()
            async for *community, members in graph.stream(MEMBERS, voters=part):
                place = self._communities.setdefault(tuple(community), len(self._communities))
                pairs.update((place, number[voter]) for voter in members)
            async for row in graph.stream(ACCOUNTS, voters=part):
                self._accounts[row["voter"]] = row
            # last: who was read in part is a stranger when this is tried again
            self._pairs = np.concatenate([self._pairs, np.array([*pairs], np.int64).reshape(-1, 2)])
            self._number |= number
        if strangers or self._claims is None:
            self._has_declared = bool(await graph.read(DECLARED))
            self._claims = await graph.read(CLAIMS)

    def members(self, voters: Sequence[str]) -> list[MemberTable]:
        """The present communities of these by kind: the declared ones first if anybody in the graph is in one.

        What comes second is left out if none of them is in any.
        """
        asked = np.fromiter((self._number[voter] for voter in voters), np.int64, len(voters))
        place = np.full(len(self._number), -1)
        place[asked] = np.arange(len(voters))
        community, voter = self._pairs[:, 0], place[self._pairs[:, 1]]
        kinds = [CommunityKind.DECLARED.value, CommunityKind.DETECTED.value]
        found = [
            self._of(kind, community[voter >= 0], voter[voter >= 0])
            for kind in (kinds if self._has_declared else kinds[1:])
        ]
        return [table for table in found if table is found[0] or table.communities]

    def _of(self, kind: str, community: Ints, voter: Ints) -> MemberTable:
        own = sorted(key for key in self._communities if key[0] == kind)
        rank = np.full(len(self._communities), -1)
        rank[[self._communities[key] for key in own]] = np.arange(len(own))
        mine = rank[community] >= 0
        named, number = np.unique(rank[community[mine]], return_inverse=True)
        voter = voter[mine]
        by = np.lexsort((voter, number))
        return MemberTable([own[place][-1] for place in named.tolist()], voter[by], number[by], kind)

    def table(self, voters: Sequence[str]) -> VoterTable:
        """What else is known of these, in their order."""
        number = {voter: place for place, voter in enumerate(voters)}
        found = [self._accounts[voter] for voter in voters if voter in self._accounts]
        joined = np.full(len(voters), np.nan)
        if found:
            joined[[number[row["voter"]] for row in found]] = days([row["joined"] for row in found])
        shared: dict[tuple[str, str], set[int]] = {}
        for row in found:
            for kind in ("email", "phone"):
                if row[kind]:
                    shared.setdefault((kind, row[kind]), set()).add(number[row["voter"]])
        groups = [accounts for accounts in shared.values() if len(accounts) > 1]
        groups += [{number[key] for key in row["accounts"] if key in number} for row in self._claims or ()]
        pairs = [(account, thing) for thing, accounts in enumerate(groups) for account in sorted(accounts)]
        account, thing = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        return VoterTable(joined, account, thing)
