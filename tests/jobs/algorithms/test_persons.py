"""Accounts of one person are found whatever links them, and count as one."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.algorithms.persons import persons
from jobs.algorithms.trust import trust, vouched

CIRCLE = [(i, (i + step) % 12) for i in range(12) for step in (1, 5)]


def _values(ties: list[tuple[int, int]], n: int, who: list[int] | None = None) -> np.ndarray:
    given = None if who is None else np.array(who)
    return trust([s for s, _ in ties], [t for _, t in ties], [1] * len(ties), n, persons=given).values


def test_sharing_is_passed_on_but_not_by_a_placeholder() -> None:
    assert persons([0, 2, 2, 4, 1, 3], [5, 5, 9, 9, 7, 8], 6).tolist() == [0, 1, 0, 3, 0, 5]
    assert persons([0, 1, 2, 1, 3], [5, 5, 5, 6, 6], 4, most=2).tolist() == [0, 1, 2, 1]
    assert persons([], [], 3).tolist() == [0, 1, 2]
    assert persons([], [], 0).tolist() == []


@settings(max_examples=60, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 5)), unique=True), st.permutations(range(6)))
def test_names_of_what_is_shared_leave_no_trace(pairs: list[tuple[int, int]], name: list[int]) -> None:
    found = persons([a for a, _ in pairs], [k for _, k in pairs], 8).tolist()
    renamed = [(account, name[key]) for account, key in reversed(pairs)]
    assert persons([a for a, _ in renamed], [k for _, k in renamed], 8).tolist() == found
    assert all(found[person] == person <= account for account, person in enumerate(found))


def test_many_accounts_of_one_person_are_one_voice() -> None:
    """Of accounts that answer 12, the one that passes most is heard; as people of their own they are more."""
    ties = [*CIRCLE, (0, 12), (3, 12), (6, 12)]
    one = _values(ties, 13, [0, 1, 2, 0, 4, 5, 0, 7, 8, 9, 10, 11, 12])
    alone = max(_values([*CIRCLE, (source, 12)], 13)[12] for source in (0, 3, 6))
    assert one[12] < _values(ties, 13)[12]
    assert one[12] <= alone * 1.05


def test_acts_between_accounts_of_one_person_are_acts_on_oneself() -> None:
    who = [*range(12), 0]
    assert _values([*CIRCLE, (0, 12), (12, 0)], 13, who).tolist() == _values(CIRCLE, 13, who).tolist()
    assert _values([*CIRCLE, (0, 12), (12, 0)], 13)[12] > 0


def test_who_claims_the_handle_of_the_trusted_gains_nothing() -> None:
    ties = [*CIRCLE, (12, 13)]
    claimed = _values(ties, 14, [*range(12), 0, 13])
    assert claimed[12] == claimed[13] == 0
    assert claimed[0] > 0


def test_a_speaker_has_one_voice_for_and_one_against() -> None:
    said = [1, 1, 1, -1], [1.0, 0.5, 1.0, 1.0], [1] * 4, [1] * 4
    assert vouched([0] * 4, *said, 1, speakers=[3, 3, 3, 3])[0] == (1 - 3) / (1 + 3 + 1)
    assert vouched([0] * 4, *said, 1, speakers=[3, 4, 5, 3])[0] > (1 - 3) / (1 + 3 + 1)
