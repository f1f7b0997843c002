"""The scores find what they claim to find, in published conversations."""

import csv
from collections import Counter

import numpy as np
import pytest

from benchmarks.quality import agreements, read, spearman
from jobs.algorithms.bridging import bridging
from jobs.algorithms.consensus import Members, tally
from tests.shared import SHARED

DATA = SHARED / "data"
FOLDERS = sorted(path.parent.name for path in DATA.glob("*/memberships.csv"))

needs_data = pytest.mark.skipif(not DATA.exists(), reason="the published conversations are not here")


@needs_data
@pytest.mark.parametrize("folder", FOLDERS)
def test_counts_are_those_of_the_file(folder: str) -> None:
    votes, members = read(DATA / folder)
    found = tally(votes, members)
    with (DATA / folder / "votes.csv").open(encoding="utf-8") as file:
        counts = Counter((row["idea"], int(row["value"])) for row in csv.DictReader(file))
    ideas = sorted({idea for idea, _ in counts})
    for value, column in ((1, found.up), (-1, found.down), (0, found.passed)):
        assert column.tolist() == [counts[idea, value] for idea in ideas]


@needs_data
def test_bridging_finds_what_the_least_approving_group_approves_of() -> None:
    found = {line.folder: line for line in agreements(DATA)}
    assert len(found) >= 4
    assert found["polis-scoop-hivemind.taxes"].bridging >= 0.80
    for line in found.values():
        assert line.bridging >= line.raw + (0.05 if line.raw < 0.9 else -0.07)


@needs_data
@pytest.mark.parametrize("folder", FOLDERS)
def test_bridging_has_settled(folder: str) -> None:
    votes, _ = read(DATA / folder)
    given = (votes.voter, votes.idea, votes.value, votes.ideas)
    np.testing.assert_allclose(
        bridging(*given, seed=1).intercept, bridging(*given, seed=2).intercept, atol=1e-7
    )


@needs_data
def test_tally_without_communities_keeps_its_counts_and_support() -> None:
    votes, members = read(DATA / FOLDERS[0])
    none = Members(members.voter[:0], members.community[:0], 0)
    with_groups, without = tally(votes, members), tally(votes, none)
    np.testing.assert_array_equal(with_groups.support, without.support)
    assert np.isnan(without.consensus).all()


def test_spearman_by_hand() -> None:
    assert spearman([1, 2, 3, 4], [10, 20, 40, 30]) == pytest.approx(0.8)
    assert spearman([1, 1, 1], [1, 2, 3]) == 0
