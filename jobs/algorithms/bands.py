"""Bands: what kind of customer somebody is to the brand, by absolute cut points that do not flap."""

from enum import IntEnum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

STRONG_VOICE, CLEAR_VOICE, DOUBTING_VOICE = 0.5, 0.25, -0.1
GOOD_STANDING = 0.25
MANY, SEVERAL = 3, 2
HYSTERESIS = 0.05


class Band(IntEnum):
    """Who speaks for the brand or against it; −1 is nobody yet."""

    UNKNOWN = -1
    DETRACTOR = 0
    AT_RISK = 1
    NEUTRAL = 2
    ADVOCATE = 3
    CHAMPION = 4


def bands(
    voice: Floats,
    standing: Floats,
    acts: Ints,
    people: Ints,
    former: Ints | None = None,
) -> Ints:
    """The band of each customer; nobody's depends on anybody else's activity.

    DETRACTOR: voice ≤ −.25 in two acts or more. AT_RISK: voice ≤ −.1. CHAMPION: voice ≥ .5 in three acts or
    more, and standing ≥ .25 from three people or more. ADVOCATE: voice ≥ .25 in two acts or more. NEUTRAL: any
    other voice. A cut is .05 farther away for who stands on its other side, and .05 wider for who is in the band,
    so that a value that trembles around it moves nobody twice.

    Parameters
    ----------
    voice, standing : array of float
        −1 to 1; an unknown standing is 0.
    acts : array of int
        How many acts the voice is made of; 0: it is unknown.
    people : array of int
        How many people the standing comes from.
    former : array of int, optional
        The bands of the run before; −1 where there was none.

    Returns
    -------
    array of int
        Values of `Band`.

    Examples
    --------
    >>> voice, standing, three = np.array([0.52, 0.52]), np.array([0.4, 0.4]), np.array([3, 3])
    >>> [Band(each).name for each in bands(voice, standing, three, three, np.array([-1, Band.ADVOCATE]))]
    ['CHAMPION', 'ADVOCATE']
    """
    before = np.full(len(voice), Band.UNKNOWN) if former is None else former

    def slack(band: Band) -> Floats:
        return np.where(before == band, HYSTERESIS, np.where(before == Band.UNKNOWN, 0.0, -HYSTERESIS))

    detractor = (voice <= -CLEAR_VOICE + slack(Band.DETRACTOR)) & (acts >= SEVERAL)
    wide = slack(Band.CHAMPION)
    champion = (voice >= STRONG_VOICE - wide) & (standing >= GOOD_STANDING - wide)
    champion &= (acts >= MANY) & (people >= MANY)
    advocate = (voice >= CLEAR_VOICE - slack(Band.ADVOCATE)) & (acts >= SEVERAL)
    at_risk = (voice <= DOUBTING_VOICE + slack(Band.AT_RISK)) & (acts > 0)
    order = [Band.DETRACTOR, Band.CHAMPION, Band.ADVOCATE, Band.AT_RISK, Band.NEUTRAL]
    return np.select([detractor, champion, advocate, at_risk, acts > 0], order, Band.UNKNOWN).astype(np.int64)
