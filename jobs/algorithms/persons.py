"""Which accounts are one person's: those that share a handle, or an address of theirs alone."""

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

Ints = npt.NDArray[np.int64]

PLACEHOLDER = 500  # what more accounts have than this is nobody's: none@example.org, the number of a shop


def persons(accounts: npt.ArrayLike, keys: npt.ArrayLike, n: int, *, most: int = PLACEHOLDER) -> Ints:
    """The person of each account, named by the lowest of theirs; sharing is passed on from account to account.

    Parameters
    ----------
    accounts, keys : array of int
        Which account has which handle or address, by any number ≥ 0, each pair once.
    n : int
        Number of accounts.
    most : int
        A key that more accounts have says nothing.

    Examples
    --------
    >>> persons([1, 3, 3, 4], [7, 7, 8, 8], 6).tolist()
    [0, 1, 2, 1, 1, 5]
    """
    who, key = np.asarray(accounts, dtype=np.int64), np.asarray(keys, dtype=np.int64)
    told = np.bincount(key)[key] <= most
    who, key = who[told], np.unique(key[told], return_inverse=True)[1]
    size = n + int(key.max(initial=-1)) + 1
    shared = sp.csr_matrix((np.ones(len(who)), (who, n + key)), shape=(size, size))
    group = connected_components(shared, directed=False)[1][:n]
    first, at = np.unique(group, return_index=True, return_inverse=True)[1:]
    return np.asarray(first[at], dtype=np.int64)
