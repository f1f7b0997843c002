"""Groups of opinions are found where there are some, keep their letters, and are told apart by the right ideas."""

import numpy as np
import numpy.typing as npt
import pytest

from jobs.algorithms.groups import labelled, opinion_groups, representative

Array = npt.NDArray[np.int64]


def camps(sizes: list[int], seed: int = 1, ideas: int = 24) -> tuple[Array, Array, Array, Array]:
    """Voters of camps, each with an opinion of its own on every idea that nine of ten voice, some votes missing."""
    random = np.random.default_rng(seed)
    camp = np.repeat(np.arange(len(sizes)), sizes)
    opinion = random.choice([-1, 1], (len(sizes), ideas))
    voter, idea = np.nonzero(random.random((len(camp), ideas)) < 0.7)
    said = opinion[camp[voter], idea] * np.where(random.random(len(voter)) < 0.9, 1, -1)
    return voter, idea, said, camp


@pytest.mark.parametrize("sizes", [[60, 40], [200, 30], [50, 40, 30]])
def test_camps_are_found_and_the_largest_comes_first(sizes: list[int]) -> None:
    voter, idea, said, camp = camps(sizes)
    found = opinion_groups(voter, idea, said, len(camp), 24)
    assert len(found.size) == len(sizes)
    assert (found.of == camp).mean() > 0.97
    assert found.size.tolist() == np.bincount(found.of).tolist()
    assert found.separation > 0.6


def test_neither_order_nor_a_vote_or_two_move_the_groups() -> None:
    voter, idea, said, _ = camps([60, 40])
    found = opinion_groups(voter, idea, said, 100, 24)
    order = np.random.default_rng(2).permutation(len(voter))
    again = opinion_groups(voter[order], idea[order], said[order], 100, 24)
    np.testing.assert_array_equal(again.of, found.of)
    for vote in range(0, len(voter), 97):
        changed = said.copy()
        changed[vote] *= -1
        moved = opinion_groups(voter, idea, changed, 100, 24, before=2)
        assert (moved.of != found.of).sum() <= 2


def test_a_number_of_groups_is_kept_until_another_is_clearly_better() -> None:
    random = np.random.default_rng(3)
    voter, idea = np.repeat(np.arange(80), 12), np.tile(np.arange(12), 80)
    said = random.choice([-1, 1], len(voter))
    numbers = {
        before: len(opinion_groups(voter, idea, said, 80, 12, before=before).size) for before in range(2, 6)
    }
    assert sum(number == before for before, number in numbers.items()) >= 2
    voter, idea, said, _ = camps([60, 40])
    assert len(opinion_groups(voter, idea, said, 100, 24, before=5).size) == 2


def test_few_voters_or_votes_make_no_group() -> None:
    voter, idea, said, _ = camps([5, 4])
    assert opinion_groups(voter, idea, said, 9, 24).size.tolist() == []
    none = np.zeros(0, np.int64)
    assert opinion_groups(none, none, none, 0, 0).of.tolist() == []
    alike = np.ones(20 * 8)
    assert (
        opinion_groups(np.repeat(np.arange(20), 8), np.tile(np.arange(8), 20), alike, 20, 8).size.tolist()
        == []
    )


def test_what_sets_a_group_apart_is_what_others_do_not_say() -> None:
    total = np.full((2, 4), 20)
    up = np.array([[20, 19, 10, 12], [20, 2, 10, 10]])
    assert representative(up, total - up, total) == [(0, 1, 1), (1, 1, -1)]


def test_labels_follow_the_opinions_and_new_groups_take_free_letters() -> None:
    held, weight = np.array([[1.0, -1.0, 0.5], [-1.0, 1.0, 0.0]]), np.full((2, 3), 9.0)
    mean = np.array([[0.0, 0.1, -1.0], [-0.8, 0.9, 0.1], [0.9, -1.0, 0.4]])
    assert labelled(mean, np.full((3, 3), 8.0), ["B", "C"], held, weight) == ["A", "C", "B"]
    assert labelled(mean[:1], np.ones((1, 3)), [], np.zeros((0, 3)), np.zeros((0, 3))) == ["A"]
