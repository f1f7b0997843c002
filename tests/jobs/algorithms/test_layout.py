"""Circles of a drawn graph: groups apart, nothing over anything, and the same each time."""

from itertools import combinations

import numpy as np

from jobs.algorithms.layout import layout


def test_groups_that_are_tied_among_themselves_stand_apart() -> None:
    pairs = [(a + side, b + side) for side in (0, 12) for a, b in combinations(range(12), 2)] + [(0, 12)]
    source, target = np.array(pairs).T
    places = layout(np.full(24, 5.0), source, target, np.ones(len(pairs)), 600, 400)
    middle = places[:12].mean(axis=0), places[12:].mean(axis=0)
    spread = max(
        np.linalg.norm(places[:12] - middle[0], axis=1).max(),
        np.linalg.norm(places[12:] - middle[1], axis=1).max(),
    )
    assert np.linalg.norm(middle[0] - middle[1]) > spread


def test_who_has_no_tie_stands_at_the_lower_edge() -> None:
    places = layout(np.full(40, 10.0), np.array([0]), np.array([1]), np.ones(1), 300, 300)
    assert places[2:, 1].min() > places[:2, 1].max() + 20
    assert places[:, 1].max() == 290
