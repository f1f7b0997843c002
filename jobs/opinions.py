"""Finds the groups of opinions in each challenge, and gives them names that last from run to run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graph.published import PARTS, Before
from jobs.algorithms.consensus import Floats, Ints, Members, Shares, Votes, count_shares
from jobs.algorithms.groups import Groups, labelled, opinion_groups, representative

PREFIX = "opinion:"
OPINION = "OPINION"


@dataclass(frozen=True, slots=True)
class Found:
    """The groups of one conversation: where they stand among all, their letters and sizes."""

    conversation: int
    first: int
    letters: Sequence[str]
    size: Ints
    separation: float


@dataclass(frozen=True, slots=True)
class Opinions:
    """The groups of all conversations, and their shares in each idea; `names` are `opinion:` and the letter.

    Who is a member is never stored. Voters are numbered anew for each conversation if there are several.
    """

    found: Sequence[Found]
    names: Sequence[str]
    members: Members
    shares: Shares

    def columns(self, ideas: Sequence[str], conversation: Ints) -> dict[int, Mapping[str, Any]]:
        """What is published of the groups of each conversation, by the names of `graph.published.GROUPS`."""
        return {
            each.conversation: self._of(each, ideas, np.flatnonzero(conversation == each.conversation))
            for each in self.found
        }

    def _of(self, each: Found, ideas: Sequence[str], own: Ints) -> Mapping[str, Any]:
        up, down, total = votes_by_group(self.shares, each, own)
        told = [(group, place, value) for group, place, value in representative(up, down, total)]
        said = {1: up, -1: down}
        shares = [_share(said[value], total, group, place) for group, place, value in told]
        return {
            "groupLabel": list(each.letters),
            "groupSize": each.size.tolist(),
            "opinionSeparation": each.separation,
            "groupIdeaOf": [group for group, _, _ in told],
            "groupIdea": [ideas[own[place]] for _, place, _ in told],
            "groupIdeaValue": [value for _, _, value in told],
            "groupIdeaShare": [share for share, _ in shares],
            "groupIdeaOther": [other for _, other in shares],
        }


def find_opinions(votes: Votes, conversation: Ints, ideas: Sequence[str], before: Before) -> Opinions:
    """The opinion groups of each conversation, of `ideas` by uid; letters are kept from what was published.

    A voter has a group in each conversation, so that there each stands for another voter.
    """
    of_vote = conversation[votes.idea]
    voter, voters = votes.voter, votes.voters
    if conversation.max(initial=0):
        pair, voter = np.unique(of_vote * votes.voters + votes.voter, return_inverse=True)
        voters = len(pair)
    by = np.argsort(of_vote, kind="stable")
    ends = np.cumsum(np.bincount(of_vote, minlength=int(conversation.max(initial=0)) + 1))
    found, names, members = list[Found](), list[str](), [np.zeros((0, 2), np.int64)]
    for place, part in enumerate(np.split(by, ends[:-1])):
        own = np.flatnonzero(conversation == place)
        held, mean, weight = _held([ideas[idea] for idea in own.tolist()], before)
        known, local = np.unique(voter[part], return_inverse=True)
        column = np.searchsorted(own, votes.idea[part])
        groups = opinion_groups(local, column, votes.value[part], len(known), len(own), before=len(held))
        if not len(groups.size):
            continue
        letters = labelled(*_votes(groups, local, column, votes.value[part], len(own)), held, mean, weight)
        order = np.argsort(letters)
        rank = np.argsort(order)
        placed = np.flatnonzero(groups.of >= 0)
        members.append(np.column_stack([known[placed], len(names) + rank[groups.of[placed]]]))
        sorted_letters = [letters[at] for at in order]
        found.append(Found(place, len(names), sorted_letters, groups.size[order], groups.separation))
        names += [PREFIX + letter for letter in sorted_letters]
    belongs = np.concatenate(members)
    apart = Votes(voter, votes.idea, votes.value, votes.day, voters, votes.ideas)
    inside = Members(belongs[:, 0], belongs[:, 1], len(names))
    return Opinions(found, names, inside, count_shares(apart, inside))


def _votes(groups: Groups, voter: Ints, idea: Ints, value: Any, ideas: int) -> tuple[Floats, Floats]:
    """The mean vote of each group on each idea, and how many votes that is."""
    inside = groups.of[voter] >= 0
    at, shape = groups.of[voter[inside]] * ideas + idea[inside], (len(groups.size), ideas)
    total = np.bincount(at, minlength=shape[0] * ideas).astype(np.float64)
    said = np.bincount(at, value[inside], shape[0] * ideas)
    return (said / np.maximum(total, 1)).reshape(shape), total.reshape(shape)


def _held(ideas: Sequence[str], before: Before) -> tuple[list[str], Floats, Floats]:
    """The letters of the groups published before, their mean vote on each idea, and how many votes that was."""
    said: dict[str, dict[int, tuple[int, int]]] = {}
    for place, uid in enumerate(ideas):
        parts = parts_of(before.get(uid, {}), OPINION)
        counts = (parts[name] for name in ("shareOf", "shareUp", "shareDown", "sharePassed"))
        for group, up, down, passed in zip(*counts, strict=True):
            if group:
                said.setdefault(group, {})[place] = (up - down, up + down + passed)
    mean, weight = np.zeros((2, len(said), len(ideas)))
    for row, name in enumerate(sorted(said)):
        for place, (difference, votes) in said[name].items():
            mean[row, place], weight[row, place] = difference / max(votes, 1), votes
    return [name.removeprefix(PREFIX) for name in sorted(said)], mean, weight


def parts_of(row: Mapping[str, Any], view: str) -> dict[str, Sequence[Any]]:
    """The parts of one view of what was published of an idea, by the names of PARTS; none if it has no such view."""
    begin = 0
    for by, end in zip(row.get("viewBy", ()), row.get("viewUntil", ()), strict=True):
        if by == view:
            return {name: row[name][begin:end] for name in PARTS}
        begin = end
    return dict.fromkeys(PARTS, ())


def votes_by_group(shares: Shares, each: Found, own: Ints) -> tuple[Ints, Ints, Ints]:
    """Votes for, against and in all of each group (row) on each idea of its conversation (column)."""
    first, rows = each.first, len(each.letters)
    mine = (shares.community >= first) & (shares.community < first + rows)
    at = (shares.community[mine] - first, np.searchsorted(own, shares.idea[mine]))
    up, down, passed = np.zeros((3, rows, len(own)), np.int64)
    for table, column in ((up, shares.up), (down, shares.down), (passed, shares.passed)):
        table[at] = column[mine]
    return up, down, up + down + passed


def _share(said: Ints, total: Ints, group: int, place: int) -> tuple[float, float]:
    """The share of a group that says so, and that of all others, (count + 1)/(votes + 2)."""
    own, votes = int(said[group, place]), int(total[group, place])
    others, rest = int(said[:, place].sum()) - own, int(total[:, place].sum()) - votes
    return (own + 1) / (votes + 2), (others + 1) / (rest + 2)
