"""Intervals hold what they promise to hold, about as often as they promise, in votes drawn by known chances."""

from itertools import product

import numpy as np
import numpy.typing as npt
import pytest

from jobs.algorithms.bridging import Bridging, bridging
from jobs.algorithms.consensus import Members, Shares, Votes, rising, smoothed_approval, stance, tally
from jobs.algorithms.intervals import consensus_interval, divisive_interval, rising_margin

Array = npt.NDArray[np.float64]
RUNS = 1_500


def shares_of(chance: Array, votes: int, random: np.random.Generator) -> Shares:
    """One idea a row, one community a column, each with so many votes."""
    up = random.binomial(votes, chance)
    idea, community = np.indices(chance.shape)
    flat = up.ravel()
    columns = (idea.ravel(), community.ravel(), flat, votes - flat, 0 * flat)
    return Shares(*columns, smoothed_approval(flat, votes), np.ones(flat.size, bool))


def coverage(ends: tuple[Array, Array], truth: Array) -> float:
    return float(np.mean((ends[0] <= truth) & (truth <= ends[1])))


@pytest.mark.parametrize("votes", [5, 20, 100])
@pytest.mark.parametrize("communities", [1, 2, 5, 30])
def test_the_consensus_of_everybody_lies_in_its_interval(communities: int, votes: int) -> None:
    random = np.random.default_rng(1)
    chance = random.uniform(0.02, 0.98, (RUNS, communities))
    shares = shares_of(chance, votes, random)
    ends = consensus_interval(shares, RUNS)
    assert coverage(ends, np.exp(np.log(chance).mean(axis=1))) >= 0.935
    if votes == 100:  # it is no wider than it has to be
        assert np.median(ends[1] - ends[0]) < 0.25
    counted = np.exp(np.bincount(shares.idea, np.log(shares.approval)) / communities)
    assert coverage(ends, counted) == 1.0


@pytest.mark.parametrize("communities", [2, 5, 30])
def test_the_divide_of_everybody_lies_in_its_interval(communities: int) -> None:
    random = np.random.default_rng(2)
    chance = random.uniform(0.02, 0.98, (RUNS, communities))
    shares = shares_of(chance, 40, random)
    ends = divisive_interval(shares, np.ones(RUNS, int), np.ones(RUNS, int))
    assert coverage(ends, np.ptp(chance, axis=1)) >= 0.95


def test_without_communities_the_divide_is_how_evenly_votes_are_split() -> None:
    random = np.random.default_rng(3)
    chance = random.uniform(0.02, 0.98, RUNS)
    up, none = random.binomial(40, chance), np.zeros(0, int)
    shares = Shares(none, none, none, none, none, np.zeros(0), np.zeros(0, bool))
    assert coverage(divisive_interval(shares, up, 40 - up), 1 - np.abs(2 * chance - 1)) >= 0.94
    assert np.isnan(divisive_interval(shares, np.array([0]), np.array([0]))[0]).all()


def test_the_expected_rise_lies_in_its_interval() -> None:
    random, ideas = np.random.default_rng(4), 600
    day = random.uniform(-40, 0, (rate := random.poisson(30, ideas)).sum())
    value = np.where(random.random(len(day)) < 0.7, 1, -1).astype(np.int8)
    votes = Votes(np.arange(len(day)), np.repeat(np.arange(ideas), rate), value, day, len(day), ideas)
    expected = 30 * 0.4 * (1 - 2 ** (-40 / 7)) * 7 / np.log(2) / 40
    found, margin = rising(votes, 0.0), rising_margin(votes, 0.0)
    assert coverage((found - margin, found + margin), np.full(ideas, expected)) >= 0.93


def polled(voters: int, ideas: int, share: float, random: np.random.Generator) -> Bridging:
    """What bridging says of votes of two camps on the same ideas, of voters drawn anew."""
    of_ideas = np.random.default_rng(7)
    liked, side = of_ideas.standard_normal(ideas), of_ideas.standard_normal(ideas)
    camp, kind = random.choice([-1, 1], voters, p=[0.35, 0.65]), 0.5 * random.standard_normal(voters)
    voter, idea = np.nonzero(random.random((voters, ideas)) < 2 * share * random.beta(2, 2, voters)[:, None])
    pull = liked[idea] + 1.5 * camp[voter] * side[idea] + kind[voter]
    value = np.where(random.random(len(voter)) < 1 / (1 + np.exp(-pull)), 1, -1)
    return bridging(voter, idea, np.where(random.random(len(voter)) < 0.1, 0, value), ideas)


@pytest.mark.parametrize(("voters", "ideas", "share"), [(60, 20, 0.5), (200, 20, 0.3), (100, 10, 0.8)])
def test_the_bridging_of_everybody_lies_in_its_interval(voters: int, ideas: int, share: float) -> None:
    random = np.random.default_rng(5)
    truth = polled(8_000, ideas, share, random).intercept
    hits, wide, place = [], [], []
    for _ in range(25):
        found = polled(voters, ideas, share, random)
        hits.append(np.abs(found.intercept - truth) <= found.margin)
        wide.append(found.margin)
        place.append(found.intercept)
    assert np.mean(hits) >= 0.92
    # at most twice as wide as what an oracle of the spread would say
    assert np.mean(wide) < 2 * 1.96 * np.std(place, axis=0).mean()


def test_an_interval_needs_votes() -> None:
    votes = Votes(np.zeros(0, int), np.zeros(0, int), np.zeros(0, np.int8), np.zeros(0), 0, 2)
    found = tally(votes, Members(np.zeros(0, int), np.zeros(0, int), 0))
    for ends in (consensus_interval(found.shares, 2), divisive_interval(found.shares, found.up, found.down)):
        assert np.isnan(ends).all()
    assert rising_margin(votes, 0.0).tolist() == [0, 0]


# one vote more or less, for it or not, or one that changes
MOVES = ((0, 0), (0, 1), (1, 1), (0, -1), (-1, -1), (1, 0), (-1, 0))


@pytest.mark.parametrize("before", [0, 1, -1])
def test_a_stance_just_taken_or_lost_stays_so_for_two_more_votes(before: int) -> None:
    """Every count up to forty votes, and every two votes after it: what was before does not come back."""
    up, total = (axis.ravel() for axis in np.meshgrid(np.arange(41), np.arange(41)))
    up, total = up[up <= total], total[up <= total]
    now = stance(up, total - up, total, before)
    turned = now != before
    assert turned.any()
    for (one, more), (other, still) in product(MOVES, MOVES):
        later, number = up + one + other, total + more + still
        left = turned & (later >= 0) & (later <= number) & (number > 0)
        again = stance(later[left], (number - later)[left], number[left], now[left])
        assert (again != before).all()
        assert (again == now[left])[now[left] != 0].all()
