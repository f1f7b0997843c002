"""The bridging model reaches the minimum it claims, and finds what both sides like."""

import numpy as np
import numpy.typing as npt
import pytest

from jobs.algorithms.bridging import bridging, bridging_within

Drawn = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64], int]


def drawn(seed: int = 1, voters: int = 80, ideas: int = 15, share: float = 0.5) -> Drawn:
    """Votes of two camps: some ideas divide them, some are liked by both."""
    random = np.random.default_rng(seed)
    voter, idea = np.nonzero(random.random((voters, ideas)) < share)
    camp, side = random.choice([-1, 1], voters, p=[0.3, 0.7]), random.normal(size=ideas)
    liking = random.normal(size=ideas)[idea] + 1.5 * camp[voter] * side[idea] + random.normal(size=len(voter))
    return voter, idea, np.sign(np.round(liking)).astype(np.int64), ideas


def objective(votes: Drawn, mean: float, place: npt.NDArray[np.float64], voters: int) -> float:
    """The formula as it is written in the documentation."""
    voter, idea, value, ideas = votes
    b_u, f_u, b_i, f_i = np.split(place, [voters, 2 * voters, 2 * voters + ideas])
    error = value - mean - b_u[voter] - b_i[idea] - f_u[voter] * f_i[idea]
    return float(
        np.mean(error**2)
        + 0.15 * (np.mean(b_u**2) + np.mean(b_i**2))
        + 0.03 * (np.mean(f_u**2) + np.mean(f_i**2))
    )


def plain(votes: Drawn, voters: int, sweeps: int) -> npt.NDArray[np.float64]:
    """The same model by numpy's solver, row by row and without extrapolation."""
    voter, idea, value, ideas = votes
    mean, total = value.mean(), len(value)
    state = {0: np.zeros((voters, 2)), 1: np.zeros((ideas, 2))}
    state[0][:, 1] = 0.1 * np.random.default_rng(5).standard_normal(voters)
    for _ in range(sweeps):
        for own, other, mine, theirs in ((1, 0, idea, voter), (0, 1, voter, idea)):
            penalty = np.diag([0.15, 0.03]) * total / len(state[own])
            for row in range(len(state[own])):
                b, f = state[other][theirs[mine == row]].T
                design = np.column_stack([np.ones(len(f)), f])
                target = value[mine == row] - mean - b
                state[own][row] = np.linalg.solve(design.T @ design + penalty, design.T @ target)
    return np.concatenate([state[0].T.ravel(), state[1].T.ravel()])


@pytest.mark.parametrize(("voters", "ideas"), [(25, 8), (60, 3)])  # of 60 voters on 3 ideas most are alike
def test_it_is_the_limit_of_plain_alternating_least_squares(voters: int, ideas: int) -> None:
    votes = drawn(voters=voters, ideas=ideas)
    who, said = np.unique(votes[0], return_inverse=True)  # who votes on nothing is no voter
    place = plain((said, *votes[1:]), len(who), 250)
    found = bridging(*votes)
    np.testing.assert_allclose(found.intercept, place[2 * len(who) :][:ideas], atol=1e-6)
    expected = objective((said, *votes[1:]), found.mean, place, len(who))
    assert found.objective[-1] == pytest.approx(expected, abs=1e-10)


def test_the_objective_never_rises() -> None:
    for seed in range(5):
        steps = np.diff(bridging(*drawn(seed)).objective)
        assert len(steps) >= 29
        assert steps.max() <= 1e-14


def test_neither_the_order_of_votes_nor_the_names_are_felt() -> None:
    voter, idea, value, ideas = drawn()
    random = np.random.default_rng(2)
    order, people, things = (random.permutation(n) for n in (len(value), 80, ideas))
    found = bridging(people[voter][order], things[idea][order], value[order], ideas)
    np.testing.assert_allclose(
        found.intercept[things], bridging(voter, idea, value, ideas).intercept, atol=1e-7
    )


def test_the_same_votes_give_the_same_bits_and_the_seed_is_not_felt() -> None:
    votes = drawn()
    np.testing.assert_array_equal(bridging(*votes).intercept, bridging(*votes).intercept)
    np.testing.assert_allclose(bridging(*votes, seed=9).intercept, bridging(*votes).intercept, atol=1e-7)


@pytest.mark.parametrize(
    ("drawing", "voters", "ideas"), [(5, 60, 15), (6, 60, 15), (7, 300, 12), (5, 800, 12), (3, 1500, 12)]
)
def test_of_several_minima_the_lowest_is_found_whatever_the_seed(
    drawing: int, voters: int, ideas: int
) -> None:
    random = np.random.default_rng(drawing)
    voter, idea = np.nonzero(random.random((voters, ideas)) < 0.3)
    votes = voter, idea, random.integers(-1, 2, len(voter)), ideas
    found = [bridging(*votes, seed=seed) for seed in range(4)]
    assert np.ptp([each.objective[-1] for each in found]) < 1e-9
    for each in found:
        np.testing.assert_allclose(each.intercept, found[0].intercept, atol=1e-6)


def test_an_idea_both_camps_like_beats_one_the_larger_camp_loves() -> None:
    voter, idea = np.repeat(np.arange(100), 4), np.tile(np.arange(4), 100)
    larger = [[1, -1, 1, 1]] * 7 + [[1, -1, 1, -1]] * 3
    smaller = [[-1, 1, 1, 1]] * 7 + [[-1, 1, -1, 1]] * 3
    found = bridging(voter, idea, np.ravel(larger * 7 + smaller * 3), 4).intercept
    assert found.argmax() in {2, 3}
    assert found[2] > found[0]
    assert found[3] > found[0]


def test_ideas_without_votes_have_no_score() -> None:
    found = bridging(np.array([0, 1]), np.array([1, 1]), [1, 0], 3)
    assert np.isnan(found.intercept).tolist() == [True, False, True]
    assert np.isnan(bridging(np.zeros(0, int), np.zeros(0, int), [], 2).intercept).all()


def test_votes_that_are_all_alike_tell_no_idea_from_another() -> None:
    voter, idea = np.repeat(np.arange(5), 2), np.tile(np.arange(2), 5)
    assert bridging(voter, idea, np.ones(10), 2).intercept.tolist() == [0, 0]


def test_one_conversation_does_not_move_another() -> None:
    voter, idea, value, ideas = drawn()
    alone = bridging(voter, idea, value, ideas).intercept
    twice, _ = bridging_within(
        np.tile(voter, 2),
        np.concatenate([2 * idea, 2 * idea + 1]),
        np.concatenate([value, np.ones_like(value)]),
        np.tile([0, 1], ideas),
    )
    np.testing.assert_allclose(twice[::2], alone, atol=1e-9)
    assert not twice[1::2].any()
