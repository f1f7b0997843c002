"""Votes of real conversations, and what somebody who hires voters adds to them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.folders import rows
from graph.records import instant
from graph.tallies import days
from jobs.algorithms.consensus import Votes

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

HOUR = 1 / 24
MOST_ALIKE = 3


@dataclass(frozen=True, slots=True)
class Attack:
    """How hired voters vote for one idea: as new accounts or old ones, for what else, and when.

    `disguise` is what a new account votes for besides, given the votes for each other idea, how many votes an
    honest voter casts, and chance; None: nothing. All vote within an hour, or whenever honest voters do
    (`patient`); where time stamps are the same for all or missing, so are theirs.
    """

    name: str
    disguise: Callable[[Floats, int, np.random.Generator], Ints] | None = None
    patient: bool = False
    old: bool = False

    def on(self, votes: Votes, target: int, size: int, random: np.random.Generator) -> Votes:
        """The votes with those of `size` hired voters."""
        if self.old:
            idle = np.setdiff1d(np.arange(votes.voters), votes.voter[votes.idea == target])
            voter = random.permutation(idle)[:size]
            idea, voters = np.full(len(voter), target), votes.voters
        else:
            more = self._ballots(votes, target, size, random)
            lengths = [len(ballot) for ballot in more]
            voter = votes.voters + np.repeat(np.arange(size), lengths)
            idea, voters = np.concatenate(more), votes.voters + size
        at = self._times(votes, voters, random)[voter]
        return Votes(
            np.append(votes.voter, voter),
            np.append(votes.idea, idea),
            np.append(votes.value, np.ones(len(voter), np.int8)),
            np.append(votes.day, at),
            voters,
            votes.ideas,
        )

    def _ballots(self, votes: Votes, target: int, size: int, random: np.random.Generator) -> list[Ints]:
        liked = np.bincount(votes.idea[votes.value > 0], minlength=votes.ideas).astype(np.float64)
        liked[target] = 0
        honest = np.bincount(votes.voter)
        alone = np.array([target])
        if self.disguise is None:
            return [alone] * size
        most = np.count_nonzero(liked)
        lengths = np.minimum(random.choice(honest, size) - 1, most)
        return [np.append(alone, self.disguise(liked, int(length), random)) for length in lengths]

    def _times(self, votes: Votes, voters: int, random: np.random.Generator) -> Floats:
        dated = votes.day[~np.isnan(votes.day)]
        if not len(dated):
            return np.full(voters, np.nan)
        if self.patient or np.mean(dated == np.median(dated)) > 0.5:
            return random.choice(dated, voters)
        at: Floats = dated.max() - HOUR * random.random(voters)
        return at


def popular(liked: Floats, number: int, random: np.random.Generator) -> Ints:
    """Other ideas, the more likely the more votes they have."""
    return random.choice(len(liked), number, replace=False, p=liked / liked.sum())


def anything(liked: Floats, number: int, random: np.random.Generator) -> Ints:
    """Any other ideas."""
    return random.permutation(np.flatnonzero(liked))[:number]


def alike(liked: Floats, number: int, random: np.random.Generator) -> Ints:
    """The most popular ideas, the same for all."""
    return np.argsort(-liked, kind="stable")[:MOST_ALIKE]


ATTACKS = (
    Attack("new, nothing else"),
    Attack("new, nothing else, patient", patient=True),
    Attack("new, the same ballot", alike),
    Attack("new, popular ballots", popular),
    Attack("new, any ballots", anything),
    Attack("new, popular ballots, patient", popular, patient=True),
    Attack("old voters", old=True),
    Attack("old voters, patient", old=True, patient=True),
)


def read(folder: Path) -> Votes:
    """The votes of an import folder; of two votes of a pair the later row stands."""
    cast = rows(folder, "votes", ("voter", "idea", "value", "at"))
    said = {(row["voter"], row["idea"]): (float(row["value"]), row["at"]) for row in cast}
    voters, ideas = ({key: n for n, key in enumerate(sorted({pair[k] for pair in said}))} for k in (0, 1))
    return Votes(
        np.array([voters[who] for who, _ in said]),
        np.array([ideas[what] for _, what in said]),
        np.array([value for value, _ in said.values()]).astype(np.int8),
        days([instant(at) if at else "" for _, at in said.values()]),
        len(voters),
        len(ideas),
    )
