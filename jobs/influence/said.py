"""The acts behind an estimate, and how much each of them counts."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graph.influence import Acts
from jobs.algorithms.decay import decay

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Said:
    """The acts behind an estimate in the order of its shares: which of all, what time left, how far believed."""

    acts: Acts
    rows: Ints
    left: Floats
    fairness: Floats

    @classmethod
    def of(cls, acts: Acts, rows: Ints, fairness: Floats, until: np.datetime64) -> "Said":
        """These rows of the acts at an instant, given how fair each customer is."""
        return cls(acts, rows, decay(acts.at[rows], until), fairness[acts.source[rows]])
