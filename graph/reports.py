"""What a report on a challenge shows: its ideas with their tallies, decisions and answers, and its votes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

import numpy as np

from graph import publication, published, tallies
from graph.console import COMMUNITY_NAMES, TalliedIdea, tallied_ideas
from graph.driver import Graph
from graph.errors import NotFound
from graph.published import Before
from graph.tallies import IdeaKey, VoteTable
from graph.voters import MemberTable, Voters


@dataclass(frozen=True, slots=True)
class Step:
    """A decision that was published: instants as stored text, statuses by their names."""

    at: str
    by: str
    before: str
    after: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The official answer as it stands."""

    text: str
    by: str
    at: str
    version: int


@dataclass(frozen=True, slots=True)
class ReportedIdea:
    """An idea of the challenge; without a tally before the first run."""

    external_id: str
    title: str
    author: str | None
    status: str
    planned_for: str | None
    shipped_url: str | None
    tally: TalliedIdea | None
    answer: Reply | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A challenge as it is now, its tallies as of the published run or of the latest vote counted since."""

    title: str
    question: str | None
    opens_at: str | None
    closes_at: str | None
    as_of: str | None
    ideas: tuple[ReportedIdea, ...]
    votes: VoteTable
    members: MemberTable
    communities: tuple[str, ...]  # names, in the order of members.communities
    before: Before  # what the run published of the votes by group, by idea uid


CHALLENGE = """
MATCH (h:Challenge {externalId: $key})
RETURN h.uid AS uid, coalesce(h.title, h.externalId) AS title, h.question AS question, h.opensAt AS opensAt,
       h.closesAt AS closesAt
"""

IDEAS = """
MATCH (i:Idea)-[:IN_CHALLENGE]->(:Challenge {uid: $challenge})
WHERE coalesce(i.moderation, 'PUBLISHED') = 'PUBLISHED'
OPTIONAL MATCH (c:Customer)-[:PROPOSED]->(i)
OPTIONAL MATCH (i)-[:HAS_ANSWER]->(u:Answer) WHERE u.uid = i.answer
RETURN i.uid AS uid, i.externalId AS id, coalesce(i.title, i.externalId) AS title,
       coalesce(i.status, 'OPEN') AS status, i.plannedFor AS plannedFor, i.shippedUrl AS shippedUrl,
       coalesce(c.name, c.externalId) AS author, [u.text, u.by, u.publishedAt, u.version] AS answer
"""

STEPS: LiteralString = """
MATCH (s:StatusChange)<-[:HAS_STATUS]-(i:Idea)-[:IN_CHALLENGE]->(:Challenge {uid: $challenge})
RETURN i.externalId AS id, s.at AS at, s.by AS by, s.from AS before, s.to AS after, s.reason AS reason
ORDER BY s.uid
"""


async def report(graph: Graph, external_id: str) -> Report:
    """The challenge imported under this external id, with all that was voted and decided in it.

    A report is handed on, so an idea that waits for a moderator, or was held or hidden, is not in it.
    """
    found = await graph.read_one(CHALLENGE, key=external_id)
    if found is None:
        raise NotFound(
            f"There is no challenge {external_id}: give the id of challenges.csv, or import it first.",
            field="challenge",
        )
    rows = await graph.read(IDEAS, challenge=found["uid"])
    tallied = {idea.external_id: idea for idea in await tallied_ideas(graph)}
    steps: dict[str, list[Step]] = {}
    for row in await graph.read(STEPS, challenge=found["uid"]):
        step = Step(row["at"], row["by"], row["before"], row["after"], row["reason"])
        steps.setdefault(row["id"], []).append(step)
    ideas = {row["id"]: _idea(row, tallied, tuple(steps.get(row["id"], ()))) for row in rows}
    keys = sorted(
        {IdeaKey(row["uid"], row["id"], found["uid"]) for row in rows}, key=lambda key: key.external_id
    )
    votes = await tallies.read_votes(graph, keys)
    voters = Voters()
    await voters.meet(graph, votes.voters)
    members, *_ = voters.members(votes.voters)
    names = {row["uid"]: row["name"] for row in await graph.read(COMMUNITY_NAMES, uids=members.communities)}
    current = await publication.current(graph, "tally")
    slot = current.slot if current else None
    before = await published.read_before(graph, slot=slot, ideas=[key.uid for key in keys]) if slot else {}
    return Report(
        found["title"],
        found["question"],
        found["opensAt"],
        found["closesAt"],
        _as_of(current.as_of, [ideas[key.external_id] for key in keys], votes) if current else None,
        tuple(ideas[key.external_id] for key in keys),
        votes,
        members,
        tuple(names.get(uid, uid) for uid in members.communities),
        before,
    )


def _as_of(run: str | None, ideas: Sequence[ReportedIdea], votes: VoteTable) -> str | None:
    """Until when votes are counted: the latest one, if all are, as refreshes do since the published run."""
    dated = votes.day[~np.isnan(votes.day)]
    cast = Counter(zip(votes.idea.tolist(), votes.value.tolist(), strict=True))
    counted: Counter[tuple[int, int]] = Counter()
    for place, idea in enumerate(ideas):
        if idea.tally:
            counted += Counter(
                {(place, 1): idea.tally.up, (place, -1): idea.tally.down, (place, 0): idea.tally.passed}
            )
    if not len(dated) or cast != counted:
        return run
    return max(run or "", tallies.instant_of(float(dated.max())))


def _idea(
    row: Mapping[str, Any], tallied: Mapping[str, TalliedIdea], steps: tuple[Step, ...]
) -> ReportedIdea:
    answer = Reply(*row["answer"]) if row["answer"][0] is not None else None
    return ReportedIdea(
        external_id=row["id"],
        title=row["title"],
        author=row["author"],
        status=row["status"],
        planned_for=row["plannedFor"],
        shipped_url=row["shippedUrl"],
        tally=tallied.get(row["id"]),
        answer=answer,
        steps=steps,
    )
