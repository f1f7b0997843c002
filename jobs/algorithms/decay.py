"""Forward decay: what an act is worth now, without ever ageing a stored sum.

An act at t adds 2^((t − L)/h) to a sum; at T the sum is multiplied by 2^(−(T − L)/h), once [1]_.

References
----------
.. [1] Cormode, Shkapenyuk, Srivastava, Xu: Forward decay: a practical time decay model for streaming systems,
   ICDE 2009, https://doi.org/10.1109/ICDE.2009.65
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Instants = npt.NDArray[np.datetime64]

HALF_LIFE = 60.0  # days
LANDMARK = np.datetime64("2000-01-01T00:00:00.000", "ms")
# 2**1000 is near the end of a double: acts and runs dated centuries away must stay finite
FURTHEST = 1000.0
DAY = np.timedelta64(86_400_000, "ms")


def instants(texts: Sequence[str | None]) -> Instants:
    """Stored instants (`2026-01-01T00:00:00.000Z`) as milliseconds; none is NaT.

    Examples
    --------
    >>> instants(["2026-01-01T00:00:00.000Z", None])
    array(['2026-01-01T00:00:00.000',                     'NaT'],
          dtype='datetime64[ms]')
    """
    # 23 characters: numpy reads no zone, and the stored one is always Z
    return np.array([text or "NaT" for text in texts], dtype="U23").astype("datetime64[ms]")


def until(as_of: str | None) -> np.datetime64:
    """The stored instant to count until; the landmark before anything has happened.

    Examples
    --------
    >>> until("2026-01-01T00:00:00.000Z"), until(None) == LANDMARK
    (np.datetime64('2026-01-01T00:00:00.000'), np.True_)
    """
    return LANDMARK if as_of is None else np.datetime64(as_of[:23], "ms")


def half_lives(since: Instants | np.datetime64, until: Instants | np.datetime64) -> Floats:
    """How many half-lives lie between, at most a thousand either way; 0 for an undated act.

    Examples
    --------
    >>> half_lives(LANDMARK, LANDMARK + 30 * DAY).item()
    0.5
    """
    span = np.asarray((until - since) / DAY, dtype=np.float64) / HALF_LIFE
    return np.nan_to_num(np.clip(span, -FURTHEST, FURTHEST), nan=0.0)


def decay(at: Instants, as_of: np.datetime64) -> Floats:
    """What is left of an act: d = 2^(−(T − t)/h), 1 for an undated act.

    Examples
    --------
    >>> decay(instants(["2026-01-01T00:00:00.000Z", None]), np.datetime64("2026-03-02", "ms")).tolist()
    [0.5, 1.0]
    """
    return np.exp2(-half_lives(at, as_of))


def forward(at: Instants) -> Floats:
    """2^((t − L)/h): what an act adds to a stored sum.

    Examples
    --------
    >>> forward(np.array([LANDMARK, LANDMARK + 60 * DAY])).tolist()
    [1.0, 2.0]
    """
    return np.exp2(half_lives(LANDMARK, at))


def aged(stored: Floats, undated: Floats, as_of: np.datetime64) -> Floats:
    """A stored sum as it is worth at T, with the acts of no date, which never fade.

    Examples
    --------
    >>> aged(np.array([2.0]), np.array([3.0]), LANDMARK + 120 * DAY).tolist()
    [3.5]
    """
    return stored * np.exp2(-half_lives(LANDMARK, as_of)) + undated
