"""Which votes are a ring's: cast for one idea by accounts that do together what others do not."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import scipy.sparse
from scipy.sparse.csgraph import connected_components

from jobs.algorithms.consensus import Votes
from jobs.algorithms.ring_signs import Poll, Reason, signs
from jobs.algorithms.windows import FEWEST, ms

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rings:
    """The rings of some votes.

    `ring` is the ring of each vote, −1 for none; of each ring, by idea, `value` (−1 or 1) is what all its
    votes say of `idea`, `size` how many they are, and `reason` what most of them were found by.
    """

    ring: Ints
    idea: Ints
    value: Ints
    size: Ints
    reason: Ints

    def weights(self) -> Floats:
        """What each vote counts: 1, or in a ring of s 1/√s, so that a ring counts √s in all.

        Examples
        --------
        >>> one = np.array([0])
        >>> Rings(np.array([0, 0, -1, 0, 0]), one, one, np.array([4]), one).weights().tolist()
        [0.5, 0.5, 1.0, 0.5, 0.5]
        """
        weight = np.ones(len(self.ring))
        chosen = self.ring >= 0
        weight[chosen] = 1 / np.sqrt(self.size[self.ring[chosen]])
        return weight


def rings(
    votes: Votes, conversation: Ints, *, person: Ints | None = None, joined: Floats | None = None
) -> Rings:
    """Find the votes that were cast for, or against, one idea by a ring.

    A ring is found inside one conversation, by any of these signs; those on one idea and side make one ring.

    - SAME_PERSON: several accounts of one person.
    - SAME_BALLOT: of those whose ballots are the same but for one vote, more than chance allows cast this one
      for the idea; not if that is so of most ideas on the ballot (it is a camp's), unless only some of them
      have two thirds of their votes from it.
    - SEEN_TOGETHER: of the accounts that joined, or cast their first vote, within ten minutes, an hour, a day
      or a week, more than chance allows vote for the idea, for as many votes as they cast.
    - BURST: of the votes of such a time, more than chance allows are for an idea that was there before, and,
      where anybody votes against anything, fewer than before are against it.
    - LITTLE_ELSE: of the votes of those who cast at most one, two, four or eight (if that is not more than the
      median), or as many as each other, more than chance allows are for the idea; counted by voter, and by
      visit: votes without an hour between them.

    Chance is what the other votes say, with its odds multiplied by 4, since honest people flock as well: a
    street, a newsletter; by 12 for SAME_BALLOT; for LITTLE_ELSE by half as much again as these voters like any
    other idea more than others do, 4 to 12. A window with more than half of all votes or
    voters is none. More than it allows: Chernoff's bound [1]_ of the chance to see as many, times the number of
    cases looked at, is below .05. Only votes and voters from the first vote
    on the idea on are compared. A time stamp says nothing in windows as short as what it is rounded to.

    Parameters
    ----------
    votes
        The votes, days in days since any fixed instant; a pass is in no ring.
    conversation
        The conversation of each idea, numbered from 0.
    person
        The person of each voter, by any number; by default each is somebody's own.
    joined
        The day each voter joined, NaN if that is not known.

    References
    ----------
    .. [1] Chernoff, H. (1952). A measure of asymptotic efficiency for tests of a hypothesis based on the sum
       of observations. Ann. Math. Statist. 23. The square root for the votes of a ring is that of quadratic
       voting: Lalley, S. and Weyl, E. G. (2018). Quadratic voting. AEA Papers and Proceedings 108.

    Examples
    --------
    Thirty voters like idea 0 or 1, two like idea 2 as well; twenty vote for idea 2 and for nothing else.

    >>> voter = np.concatenate([np.repeat(np.arange(30), 2), [0, 1], 30 + np.arange(20)])
    >>> idea = np.concatenate([np.tile([0, 1], 30), np.full(22, 2)])
    >>> votes = Votes(voter, idea, np.ones(82, np.int8), np.full(82, np.nan), 50, 3)
    >>> found = rings(votes, np.zeros(3, int))
    >>> found.idea.tolist(), found.size.tolist(), [Reason(r).name for r in found.reason]
    ([2], [20], ['LITTLE_ELSE'])
    """
    of_vote, column = conversation[votes.idea], 2 * votes.idea + (votes.value > 0)
    by = np.argsort(of_vote, kind="stable")
    ends = np.cumsum(np.bincount(of_vote, minlength=int(conversation.max(initial=0)) + 1))
    claims = [] if person is None else [_of_one_person(votes, column, person)]
    for part in np.split(by, ends[:-1]):
        if len(part) >= FEWEST:
            poll = Poll(votes, part)
            for reason, chosen in signs(poll, None if joined is None else ms(joined[poll.names])):
                claims.append(_claims(vote := part[poll.said[chosen]], column[vote], reason))
    return _joined(np.concatenate([np.zeros((0, 3), np.int64), *claims]), column)


def _of_one_person(votes: Votes, column: Ints, person: Ints) -> Ints:
    """Claims on the votes of persons of whom two accounts or more say the same of an idea."""
    whose, accounts = np.unique(person, return_inverse=True, return_counts=True)[1:]
    said = np.flatnonzero((votes.value != 0) & (accounts[whose] > 1)[votes.voter])
    key = (person[votes.voter[said]] + 1) * (2 * votes.ideas) + column[said]
    of_vote, accounts = np.unique(key, return_inverse=True, return_counts=True)[1:]
    several = accounts[of_vote] > 1
    return _claims(said[several], key[several], Reason.SAME_PERSON)


def _claims(vote: Ints, group: Ints, reason: Reason) -> Ints:
    """Rows of a vote, what it shares with the others of its ring, and the reason."""
    return np.column_stack([vote, group, np.full(len(vote), reason)])


def _joined(claims: Ints, column: Ints) -> Rings:
    """One ring of all votes that share a group, from vote to vote, by column, then by its first vote."""
    known, vote = np.unique(claims[:, 0], return_inverse=True)
    group = np.unique(claims[:, 1], return_inverse=True)[1]
    size = len(known) + int(group.max(initial=-1)) + 1
    shared = scipy.sparse.coo_array((np.ones(len(vote)), (vote, len(known) + group)), shape=(size, size))
    part = connected_components(shared, directed=False)[1][: len(known)]
    first, of_vote = np.unique(part, return_index=True, return_inverse=True)[1:]
    order = np.lexsort((known[first], column[known[first]]))
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    ring = np.full(len(column), -1)
    ring[known] = place[of_vote]
    reasons = np.unique(np.column_stack([vote, claims[:, 2]]), axis=0)
    by = np.bincount(
        ring[known[reasons[:, 0]]] * len(Reason) + reasons[:, 1], minlength=len(order) * len(Reason)
    )
    pushed = column[known[first[order]]]
    return Rings(
        ring=ring,
        idea=pushed // 2,
        value=2 * (pushed % 2) - 1,
        size=np.bincount(ring[known], minlength=len(order)),
        reason=by.reshape(-1, len(Reason)).argmax(axis=1),
    )
