"""The acts behind each standing and voice, as they are published: parallel lists, the strongest and one remainder."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.algorithms.parts import strongest
from jobs.algorithms.standing import Estimate
from jobs.influence.measure import Scores
from jobs.influence.said import Said

Ints = npt.NDArray[np.int64]

ACTS = ("actScore", "actKind", "actValue", "actOf", "actAt", "actWeight", "actLeft", "actFairness")
KEPT = 50
OTHERS = "OTHERS"
OWNERS = 5_000  # described at a time: few acts live as objects

Lists = tuple[list[Any], ...]


def act_lists(scores: Scores, n: int) -> Iterator[Lists | tuple[None, ...]]:
    """For each owner the acts of standing, then of voice, by `ACTS`; None in place of lists if there are none.

    Of each score the `KEPT` acts that add or take most are listed, then one for all others; they add up to it.
    """
    nothing = (None,) * len(ACTS)
    both = zip(
        _acts(scores.standing, scores.about, "STANDING", n),
        _acts(scores.voice, scores.by, "VOICE", n),
        strict=True,
    )
    for stood, spoke in both:
        yield tuple(x + y for x, y in zip(stood, spoke, strict=True)) if stood[0] or spoke[0] else nothing


def _acts(estimate: Estimate, said: Said, score: str, n: int) -> Iterator[Lists]:
    """The lists of one score for each owner."""
    owner, row, value = _kept(estimate)
    ends = np.searchsorted(owner, np.arange(n + 1))
    for block in range(0, n, OWNERS):
        bounds = ends[block : block + OWNERS + 1]
        chosen = slice(bounds[0], bounds[-1])
        columns = _columns(said, score, row[chosen], value[chosen])
        places = (bounds - bounds[0]).tolist()
        for first, last in pairwise(places):
            yield tuple(column[first:last] for column in columns)


def _kept(estimate: Estimate) -> tuple[Ints, Ints, npt.NDArray[np.float64]]:
    """Whose, which act (−1: all others) and what it adds, in the order of owners, the strongest first."""
    kept, rest = strongest(estimate.owners, np.arange(len(estimate.owners)), estimate.shares, KEPT)
    others, at = np.unique(estimate.owners[rest], return_inverse=True)
    remainder = np.bincount(at, weights=estimate.shares[rest], minlength=len(others))
    owner = np.concatenate([estimate.owners[kept], others])
    order = np.argsort(owner, kind="stable")
    row = np.concatenate([kept, np.full(len(others), -1)])
    return owner[order], row[order], np.concatenate([estimate.shares[kept], remainder])[order]


def _columns(said: Said, score: str, row: Ints, value: npt.NDArray[np.float64]) -> Lists:
    """The columns of `ACTS` for some acts."""
    named = row >= 0
    at = said.rows[row[named]]
    acts = said.acts
    instants = np.datetime_as_string(acts.at[at], unit="ms").tolist()
    return (
        [score] * len(row),
        _spread(named, acts.kind[at].tolist(), OTHERS),
        value.tolist(),
        _spread(named, [acts.ids[place] for place in at.tolist()], ""),
        _spread(named, ["" if text == "NaT" else text + "Z" for text in instants], ""),
        _spread(named, acts.weight[at].tolist(), 0.0),
        _spread(named, said.left[row[named]].tolist(), 0.0),
        _spread(named, said.fairness[row[named]].tolist(), 0.0),
    )


def _spread(named: npt.NDArray[np.bool_], values: list[Any], other: Any) -> list[Any]:
    """Values where an act is named, and something else where it is not."""
    remaining = iter(values)
    return [next(remaining) if is_named else other for is_named in named.tolist()]
