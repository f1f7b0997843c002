"""Where a value stands among others."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

EXACT = 12  # digits to which two values are the same


def percentiles(values: npt.ArrayLike, among: npt.ArrayLike) -> Floats:
    """The share of others below each value, equal ones half, in percent; equal is equal to twelve digits.

    Examples
    --------
    >>> percentiles([0, 1, 2, 3], [1, 2, 2, 4]).tolist()
    [0.0, 12.5, 50.0, 75.0]
    """
    order, asked = (np.round(np.asarray(side, dtype=np.float64), EXACT) for side in (among, values))
    order = np.sort(order)
    below = np.searchsorted(order, asked, "left") + np.searchsorted(order, asked, "right")
    return np.asarray(50.0 * below / max(len(order), 1))
