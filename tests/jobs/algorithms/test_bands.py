"""Bands follow fixed cuts, and a value that trembles around one moves nobody twice."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jobs.algorithms.bands import HYSTERESIS, Band, bands

VALUES = st.floats(-1, 1)
COUNTS = st.integers(0, 5)


def _band(voice: float, standing: float, acts: int, people: int, former: int = -1) -> Band:
    given_ = [np.array([each]) for each in (voice, standing, acts, people, former)]
    return Band(bands(*given_)[0])


@pytest.mark.parametrize(
    ("voice", "standing", "acts", "people", "band"),
    [
        (0.0, 0.9, 0, 9, Band.UNKNOWN),
        (0.5, 0.25, 3, 3, Band.CHAMPION),
        (0.5, 0.25, 3, 2, Band.ADVOCATE),
        (0.5, 0.2, 3, 3, Band.ADVOCATE),
        (0.25, -1.0, 2, 0, Band.ADVOCATE),
        (0.9, 0.9, 1, 9, Band.NEUTRAL),
        (-0.05, 0.0, 4, 0, Band.NEUTRAL),
        (-0.1, 0.0, 1, 0, Band.AT_RISK),
        (-0.9, 0.9, 1, 9, Band.AT_RISK),
        (-0.25, 0.0, 2, 0, Band.DETRACTOR),
    ],
)
def test_cuts(voice: float, standing: float, acts: int, people: int, band: Band) -> None:
    assert _band(voice, standing, acts, people) == band


@given(VALUES, VALUES, COUNTS, COUNTS, st.sampled_from(list(Band)))
def test_a_second_look_at_the_same_changes_nothing(
    voice: float, standing: float, acts: int, people: int, former: Band
) -> None:
    first = _band(voice, standing, acts, people, former)
    if first != Band.UNKNOWN:
        assert _band(voice, standing, acts, people, first) == first


@given(VALUES, VALUES, COUNTS, COUNTS, st.lists(st.floats(-0.9, 0.9), max_size=20))
@example(0.24, 0.0, 2, 0, [0.9, -0.9, 0.9])
@example(-0.24, 0.0, 2, 0, [-0.9, 0.9, -0.9])
def test_who_trembles_by_less_than_the_hysteresis_moves_once_at_most(
    voice: float, standing: float, acts: int, people: int, tremor: list[float]
) -> None:
    band, moved = _band(voice, standing, acts, people), 0
    for each in tremor:
        # the other value stays, so that only one cut is trembled around
        now = _band(voice + each * HYSTERESIS, standing, acts, people, band)
        moved += now != band
        band = now
    assert moved <= 1


@given(VALUES, VALUES, COUNTS, COUNTS, st.sampled_from(list(Band)))
def test_a_better_voice_never_lowers_a_band(
    voice: float, standing: float, acts: int, people: int, former: Band
) -> None:
    acts = max(acts, 1)
    assert _band(1.0, standing, acts, people, former) >= _band(voice, standing, acts, people, former)
