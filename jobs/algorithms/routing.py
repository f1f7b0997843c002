"""Which statement to show next to a voter: Pol.is's routing, by which new and telling ones come first."""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def priority(up: Ints, down: Ints, passed: Ints, extremity: Floats) -> Floats:
    """The priority of statements with these votes, above 0.

    [(1 − pass share)·(1 + extremity)·agree share·(1 + 8·2^(−votes/5))]², shares smoothed as (count + 1)/(votes + 2):
    Small, Bjorkegren, Erkkilä, Shaw and Megill 2021, "Polis: Scaling Deliberation by Mapping High Dimensional
    Opinion Spaces". `extremity`, 0 or more, is how far a statement parts people; there the length of its projection.

    >>> up, none = np.array([0, 20, 20]), np.zeros(3, int)
    >>> priority(up, none, none, np.array([0, 0, 1.0])).round(2).tolist()
    [5.06, 1.87, 7.47]
    """
    votes = up + down + passed
    agree, passing = (up + 1) / (votes + 2), (passed + 1) / (votes + 2)
    importance = (1 - passing) * (1 + extremity) * agree
    found: Floats = (importance * (1 + 8 * 2.0 ** (-votes / 5))) ** 2
    return found


def drawn(keys: Sequence[str], weights: Floats, seed: str, count: int) -> list[int]:
    """Places of up to `count` keys, drawn by weight without putting back, in the order drawn.

    The largest u^(1/w), u uniform in (0, 1): Efraimidis and Spirakis 2006, "Weighted random sampling with a
    reservoir". u is a hash of seed and key, so the same seed draws the same, and another key more changes little.

    >>> drawn(["a", "b", "c"], np.ones(3), "ada", 2) == drawn(["a", "b", "c"], np.ones(3), "ada", 3)[:2]
    True
    """
    # log u / w grows with u^(1/w)
    place = np.log([_uniform(f"{seed}\n{key}") for key in keys]) / weights
    order = np.argsort(-place, kind="stable")
    return [int(number) for number in order[:count]]


def _uniform(text: str) -> float:
    return (int.from_bytes(blake2b(text.encode(), digest_size=6).digest()) + 0.5) / 2.0**48
