"""Advocacy and harm: reach that carries a voice for the brand, or against it."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def advocacy(reach: Floats, voice: Floats, standing: Floats) -> Floats:
    """For the brand: reach · max(0, voice) · (1 + standing)/2, ≥ 0; an unknown standing is 0.

    Examples
    --------
    >>> advocacy(np.array([2.0, 2.0]), np.array([0.5, -0.5]), np.array([0.0, 1.0])).tolist()
    [0.5, 0.0]
    """
    return np.asarray(reach * np.maximum(0.0, voice) * (1.0 + standing) / 2.0)


def harm(reach: Floats, voice: Floats, standing: Floats) -> Floats:
    """Against the brand: reach · max(0, −voice) · (1 + standing)/2, ≥ 0; an unknown standing is 0.

    Examples
    --------
    >>> harm(np.array([2.0, 2.0]), np.array([0.5, -0.5]), np.array([0.0, 1.0])).tolist()
    [0.0, 1.0]
    """
    return advocacy(reach, -voice, standing)
