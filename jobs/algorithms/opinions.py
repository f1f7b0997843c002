"""Where voters stand to each other, in the plane in which their votes differ most."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import scipy.sparse

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]

MOST_IDEAS = 400


def opinion_map(voter: Ints, idea: Ints, value: npt.ArrayLike, voters: int, ideas: int) -> Floats:
    """Places of voters by the first two principal components of their votes, as Pol.is draws them [1]_.

    Of each vote the idea's mean is taken away, and a vote that is missing counts as that mean. A voter of few
    votes would therefore stand near the middle: their place is scaled by √(ideas/votes), as there. Only the 400
    ideas with most votes are looked at. An axis points to where its largest weight is positive, so that the
    same votes give the same map.

    Parameters
    ----------
    voter, idea
        Numbers from 0, one pair a vote.
    value
        The votes: −1, 0 (a pass) or 1.
    voters, ideas
        How many there are.

    Returns
    -------
    numpy.ndarray
        One row a voter, two columns, in votes; 0 for who has no vote.

    References
    ----------
    .. [1] Small, C. et al. (2021). Polis: Scaling deliberation by mapping high dimensional opinion spaces.

    Examples
    --------
    >>> voter, idea = np.repeat(np.arange(4), 2), np.tile(np.arange(2), 4)
    >>> opinion_map(voter, idea, [1, -1, 1, -1, -1, 1, -1, 1], 4, 2)[:, 0].round(2)
    array([ 1.41,  1.41, -1.41, -1.41])
    """
    said = np.asarray(value, dtype=np.float64)
    count = np.bincount(idea, minlength=ideas)
    chosen = np.sort(np.argsort(-count, kind="stable")[:MOST_IDEAS])
    column = np.full(ideas, -1)
    column[chosen] = np.arange(len(chosen))
    kept = column[idea] >= 0
    mean = np.bincount(idea, said, ideas) / np.maximum(count, 1)
    where = (voter[kept].astype(np.int32), column[idea[kept]].astype(np.int32))
    matrix = scipy.sparse.csr_array(((said - mean[idea])[kept], where), shape=(voters, len(chosen)))
    axes = np.linalg.eigh((matrix.T @ matrix).toarray())[1][:, ::-1][:, :2]
    if axes.shape[1] < 2:
        axes = np.pad(axes, ((0, 0), (0, 2 - axes.shape[1])))
    largest = np.abs(axes).argmax(axis=0) if len(chosen) else np.zeros(2, np.int64)
    signs = np.sign(axes[largest, [0, 1]]) if len(chosen) else np.ones(2)
    votes = np.bincount(voter[kept], minlength=voters)
    scale = np.sqrt(len(chosen) / np.maximum(votes, 1))
    places: Floats = (matrix @ axes) * np.where(signs == 0, 1.0, signs) * scale[:, None]
    return places
