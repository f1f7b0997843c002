"""Which acts count: the latest of each kind, pair and day."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from jobs.algorithms.decay import Instants

Positions = npt.NDArray[np.intp]


def counted(
    kinds: npt.ArrayLike,
    sources: npt.ArrayLike,
    targets: npt.ArrayLike,
    at: Instants,
    ids: Sequence[str],
) -> Positions:
    """Positions of the acts that count, at most one per kind, ordered pair and UTC day.

    The latest of the day counts, of several at one instant the one with the largest id; the undated acts of a
    kind and pair count as one day. They come in the order of target, source, kind and day, which is a
    function of the acts alone.

    Examples
    --------
    >>> at = np.array(["2026-01-01T08", "2026-01-01T20", "2026-01-02T08"], dtype="datetime64[ms]")
    >>> counted([0, 0, 0], [1, 1, 1], [2, 2, 2], at, ["a", "b", "c"]).tolist()
    [1, 2]
    """
    if not len(ids):
        return np.zeros(0, dtype=np.intp)
    day = at.astype("datetime64[D]").astype(np.int64)
    keys = [np.asarray(targets), np.asarray(sources), np.asarray(kinds), day]
    order = np.lexsort([np.asarray(ids, dtype=np.str_), at.astype(np.int64), *reversed(keys)])
    last = np.zeros(len(order), dtype=bool)
    last[-1] = True
    for key in keys:
        sorted_key = key[order]
        last[:-1] |= sorted_key[1:] != sorted_key[:-1]
    return np.asarray(order[last])
