"""Standing and voice stay between −1 and 1, are never NaN, and are the sum of their parts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from benchmarks.quality_standing import standing_table
from jobs.algorithms.parts import Part
from jobs.algorithms.standing import Estimate, estimate, fairness_goodness
from tests.shared import SHARED

N = 5
acts = st.lists(
    st.tuples(
        st.integers(0, N - 1),
        st.integers(-1, N - 1),
        st.floats(-1, 1),
        st.sampled_from([0.0, 1e-300, 0.5, 1.0]),
        st.sampled_from([0.0, 0.5, 1.0]),
    ),
    max_size=40,
)


def _estimate(said: list[tuple[int, int, float, float, float]]) -> Estimate:
    owner, other, weight, left, fair = (
        (list(column) for column in zip(*said, strict=True)) if said else ([],) * 5
    )
    return estimate(owner, weight, left, fair, N, others=other)


@settings(max_examples=80)
@given(acts)
def test_estimate_is_the_formula_and_the_sum_of_its_parts(
    said: list[tuple[int, int, float, float, float]],
) -> None:
    found = _estimate(said)
    for v in range(N):
        mine = [(d * f * (3 if w < 0 else 1), np.sign(w)) for o, _, w, d, f in said if o == v and w != 0]
        expected = sum(e * s for e, s in mine) / (sum(e for e, _ in mine) + 1)
        assert found.values[v] == pytest.approx(expected, abs=1e-12)
        assert found.known[v] == bool(mine)
    assert (np.abs(found.values) < 1).all()
    for kept in (0, 2, 10):
        assert found.parts(kept).totals(N).tolist() == pytest.approx(found.values.tolist(), abs=1e-9)


@given(acts)
def test_the_margin_is_that_of_the_beta_distribution(
    said: list[tuple[int, int, float, float, float]],
) -> None:
    found = _estimate(said)
    up, down = (1 + found.values) / 2 * found.evidence, (1 - found.values) / 2 * found.evidence
    spread = beta(np.maximum(up, 1e-12), np.maximum(down, 1e-12)).std()
    assert found.margin() == pytest.approx(1.96 * 2 * spread, abs=1e-5)


def test_acts_and_people_are_counted() -> None:
    found = estimate([0, 0, 0, 2], [1, 1, -1, 1], [1] * 4, [1] * 4, 3, others=[1, 1, 2, -1])
    assert (found.acts().tolist(), found.people(np.arange(9), np.arange(9)).tolist()) == (
        [3, 0, 1],
        [2, 0, 0],
    )


def test_one_bad_word_outweighs_two_good_ones() -> None:
    assert estimate([0, 0, 0], [1, 1, -1], [1, 1, 1], [1, 1, 1], 1).values[0] == pytest.approx(-1 / 6)


def test_all_negative_goes_towards_minus_one() -> None:
    assert estimate([0] * 9, [-0.1] * 9, [1] * 9, [1] * 9, 1).values[0] == pytest.approx(-27 / 28)


def test_nobody_is_estimated_without_a_fault() -> None:
    assert len(estimate([], [], [], [], 0).parts().owner) == 0
    assert estimate([], [], [], [], 1).values.tolist() == [0.0]
    assert fairness_goodness([], [], [], 1).fairness.tolist() == [1.0]
    assert fairness_goodness([], [], [], 0).fairness.tolist() == []


def test_strongest_are_named_and_the_rest_summed_by_sign() -> None:
    weights = [1.0] * 12 + [-1.0]
    found = estimate([0] * 13, weights, np.linspace(0.1, 1, 13), [1] * 13, 1, others=np.arange(13))
    parts = found.parts(2)
    assert parts.other.tolist() == [12, 11, -1]
    assert parts.kind.tolist() == [Part.NEGATIVE, Part.POSITIVE, Part.POSITIVE]


def test_fairness_and_goodness_solve_the_equations_of_the_paper() -> None:
    rng = np.random.default_rng(4)
    u, v, w = rng.integers(0, 20, 90), rng.integers(0, 20, 90), rng.uniform(-1, 1, 90)
    found = fairness_goodness(u, v, w, 20)
    for node in range(20):
        into, out = v == node, u == node
        if into.any():
            assert found.goodness[node] == pytest.approx((found.fairness[u[into]] * w[into]).mean(), abs=1e-9)
        if out.any():
            expected = 1 - (np.abs(w[out] - found.goodness[v[out]]) / 2).mean()
            assert found.fairness[node] == pytest.approx(expected, abs=1e-9)
    assert ((found.fairness >= 0) & (found.fairness <= 1)).all()


@pytest.mark.skipif(not (SHARED / "data" / "bitcoin-alpha").is_dir(), reason="needs the shared data")
def test_standing_foretells_later_ratings_better_than_its_peers() -> None:
    ours, vouched, *peers = standing_table(SHARED / "data" / "bitcoin-alpha")
    assert ours.auc > vouched.auc >= 0.70
    assert all(vouched.auc > peer.auc + 0.1 for peer in peers)
