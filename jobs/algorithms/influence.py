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


def margin(
    reach: tuple[Floats, Floats], voice: tuple[Floats, Floats], standing: tuple[Floats, Floats]
) -> Floats:
    """Half of the 95 % interval of `advocacy`, from value and margin of each factor (delta method); of `harm` with
    the voice negated. 0 where the voice is against it beyond its own margin.

    Examples
    --------
    >>> one, none = np.array([1.0]), np.array([0.0])
    >>> margin((one, none), (one / 2, one / 10), (none, none)).round(4).tolist()
    [0.05]
    """
    spoken, weight = np.maximum(0.0, voice[0]), (1.0 + standing[0]) / 2.0
    squares = (spoken * weight * reach[1]) ** 2 + (reach[0] * weight * voice[1]) ** 2
    squares += (reach[0] * spoken * standing[1] / 2.0) ** 2
    return np.where(voice[0] <= -voice[1], 0.0, np.sqrt(squares))
