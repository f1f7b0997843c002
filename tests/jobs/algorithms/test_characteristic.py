"""What sets a group apart is what it speaks of and the others do not."""

from jobs.algorithms.characteristic import characteristic


def test_what_all_speak_of_sets_nobody_apart() -> None:
    assert characteristic([0] * 30 + [1] * 30, ([5] * 15 + [6] * 15) * 2) == {}


def test_the_clearest_comes_first_and_two_are_shown() -> None:
    group = [0] * 60 + [1] * 100
    subject = [1] * 30 + [2] * 18 + [3] * 12 + [9] * 100
    assert characteristic(group, subject) == {0: [1, 2], 1: [9]}


def test_two_members_are_too_few_and_nothing_gives_nothing() -> None:
    assert 0 not in characteristic([0] * 2 + [1] * 100, [1] * 2 + [2] * 100)
    assert characteristic([0] * 3 + [1] * 100, [1] * 3 + [2] * 100)[0] == [1]
    assert characteristic([], []) == {}


def test_what_is_rarer_than_elsewhere_does_not_count() -> None:
    assert 7 not in characteristic([0] * 100 + [1] * 100, [7] * 5 + [8] * 95 + [7] * 90 + [8] * 10)[0]
