"""A ring is found by what it does together, and honest votes with coarse time stamps are none."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.algorithms.consensus import Votes
from jobs.algorithms.ring_signs import Reason
from jobs.algorithms.rings import Rings, rings

IDEAS = 12
HONEST = 150
TARGET = IDEAS - 1
MINUTE = 1 / 1440
START = 20_000.3
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def more(votes: Votes, voter: Ints, idea: Ints, day: npt.ArrayLike, voters: int) -> Votes:
    """The same votes, and votes for these ideas by these of so many voters."""
    return Votes(
        np.append(votes.voter, voter),
        np.append(votes.idea, idea),
        np.append(votes.value, np.ones(len(voter), np.int8)),
        np.append(votes.day, np.asarray(day, dtype=np.float64)),
        voters,
        votes.ideas,
    )


def crowd(seed: int = 0, *, signed: bool = True, days: float = 30.0) -> Votes:
    """Honest voters with some of the ideas each, the last ones liked by few, within some weeks."""
    random = np.random.default_rng(seed)
    voter, idea = np.divmod(np.flatnonzero(random.random(HONEST * IDEAS) < 0.5), IDEAS)
    liked = random.random(len(voter)) < np.linspace(0.9, 0.1, IDEAS)[idea]
    kept = np.full(len(voter), True) if signed else liked
    day = START + days * random.random(HONEST)[voter] + MINUTE * random.random(len(voter))
    value = np.where(liked, 1, -1).astype(np.int8)
    return Votes(voter[kept], idea[kept], value[kept], day[kept], HONEST, IDEAS)


def hired(votes: Votes, size: int, day: npt.ArrayLike, others: int = 0) -> Votes:
    """The same votes, and new accounts that vote for the target and for some other ideas."""
    random = np.random.default_rng(1)
    disguise = [random.choice(TARGET, others, replace=False) for _ in range(size)]
    idea = np.concatenate([np.full(size, TARGET), np.array(disguise, dtype=np.int64).ravel()])
    account = np.concatenate([np.arange(size), np.repeat(np.arange(size), others)])
    return more(votes, HONEST + account, idea, np.asarray(day)[account], HONEST + size)


def dated(votes: Votes, day: npt.ArrayLike) -> Votes:
    """The same votes on other days."""
    days = np.asarray(day, dtype=np.float64)
    return Votes(votes.voter, votes.idea, votes.value, days, votes.voters, votes.ideas)


def rounded(votes: Votes) -> Votes:
    """The same votes with the day alone of each time stamp."""
    return dated(votes, np.floor(votes.day))


def found(votes: Votes, person: Ints | None = None, joined: Floats | None = None) -> Rings:
    return rings(votes, np.zeros(votes.ideas, np.int64), person=person, joined=joined)


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_honest_votes_are_no_ring(seed: int, signed: bool) -> None:
    votes = crowd(seed, signed=signed)
    undated = dated(votes, np.full(len(votes), np.nan))
    for same in (votes, rounded(votes), undated, crowd(seed, signed=signed, days=0.02)):
        assert len(found(same).size) == 0


@pytest.mark.parametrize("others", [3, IDEAS], ids=["like the others", "on everything"])
def test_a_newsletter_brings_a_crowd_and_no_ring(others: int) -> None:
    """Forty new accounts in one hour that vote as differently as all others, or on far more ideas."""
    random = np.random.default_rng(2)
    voter = np.repeat(np.arange(40), others)
    idea = np.concatenate([random.permutation(IDEAS)[:others] for _ in range(40)])
    value = np.where(random.random(len(idea)) < np.linspace(0.9, 0.1, IDEAS)[idea], 1, -1)
    for signed in (True, False):
        kept = (value > 0) | signed
        before = crowd(4, signed=signed)
        before = before.where(np.random.default_rng(3).random(len(before)) < 0.4)
        day = START + 12 + random.random(40)[voter] / 24
        votes = Votes(
            np.append(before.voter, HONEST + voter[kept]),
            np.append(before.idea, idea[kept]),
            np.append(before.value, value[kept]).astype(np.int8),
            np.append(before.day, day[kept]),
            HONEST + 40,
            IDEAS,
        )
        assert len(found(votes).size) == 0


def test_hired_voters_do_not_make_a_ring_of_all_others() -> None:
    """Those who came in one week, as most did, vote against ideas that the hired, who came later, only like."""
    votes = hired(crowd(days=6.0), 40, START + 20 + 8.0 * np.arange(40), 6)
    ring = found(votes)
    assert (ring.value == 1).all()


def test_who_comes_back_for_one_idea_alone_is_seen_on_any_day() -> None:
    votes = crowd()
    without = np.setdiff1d(np.arange(HONEST), votes.voter[votes.idea == TARGET])[:20]
    days = START + 31 + 5.0 * np.arange(20)
    ring = found(more(votes, without, np.full(20, TARGET), days, HONEST))
    assert (ring.idea.tolist(), ring.reason.tolist()) == ([TARGET], [Reason.LITTLE_ELSE])
    assert (ring.ring[-20:] == 0).all()
    assert ring.size[0] <= 22


def test_new_accounts_of_one_week_are_seen_by_the_day_of_their_votes() -> None:
    """Where time stamps are days; in a month of a hundred honest voters nobody comes for the idea."""
    votes = rounded(hired(crowd(days=90.0), 40, START + 40 + np.arange(40) / 8, 5))
    ring = found(votes)
    assert (ring.idea.tolist(), ring.reason.tolist()) == ([TARGET], [Reason.SEEN_TOGETHER])
    assert (ring.ring[(votes.voter >= HONEST) & (votes.idea == TARGET)] == 0).all()


def test_a_copied_ballot_is_a_ring_where_others_like_the_idea_too() -> None:
    copies = [(HONEST + n, idea) for n in range(20) for idea in (0, 1, 2, TARGET)]
    voter, idea = np.array(copies).T
    votes = more(crowd(signed=False), voter, idea, np.full(80, np.nan), HONEST + 20)
    liking = np.setdiff1d(np.arange(HONEST), votes.voter[votes.idea == TARGET])[:10]
    votes = more(votes, liking, np.full(10, TARGET), np.full(10, np.nan), HONEST + 20)
    ring = found(dated(votes, np.full(len(votes), np.nan)))
    assert (ring.idea.tolist(), ring.size.tolist()) == ([TARGET], [20])
    assert ring.reason.tolist() == [Reason.SAME_BALLOT]


def test_ideas_that_were_imported_one_a_day_are_no_rings() -> None:
    votes = crowd(signed=False)
    imported = dated(votes, 20_000.0 + votes.idea)
    assert len(found(imported).size) == 0


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize(
    ("day", "others"),
    [
        (START + 12 + MINUTE * np.arange(20) / 3, 0),
        (START + 12 + MINUTE * np.arange(20) / 3, 4),
        (START + np.arange(20.0), 0),
        (np.full(20, np.nan), 0),
    ],
    ids=["burst", "burst, disguised", "spread", "undated"],
)
def test_hired_votes_are_one_ring(day: Floats, others: int, signed: bool) -> None:
    votes = hired(crowd(signed=signed), 20, day, others)
    ring = found(votes)
    assert ring.idea.tolist() == [TARGET]
    assert ring.value.tolist() == [1]
    chosen = ring.ring >= 0
    assert set(range(HONEST, HONEST + 20)) <= set(votes.voter[chosen].tolist())
    assert ring.size[0] <= 22
    assert ring.weights()[chosen].sum() == pytest.approx(np.sqrt(ring.size[0]))
    assert (ring.weights()[~chosen] == 1).all()


def test_coarse_time_stamps_hide_a_burst_of_full_ballots_and_show_no_other() -> None:
    votes = rounded(hired(crowd(), 20, START + 12 + np.zeros(20), 5))
    assert Reason.BURST not in found(votes).reason
    assert Reason.SEEN_TOGETHER not in found(votes).reason


def test_accounts_that_joined_together_are_seen_together() -> None:
    votes = hired(crowd(), 20, START + np.arange(20.0), 5)
    joined = np.append(19_000.0 + np.arange(HONEST), np.full(20, 19_500.0))
    assert len(found(votes).size) == 0
    ring = found(votes, joined=joined)
    assert (ring.idea.tolist(), ring.size.tolist()) == ([TARGET], [20])
    assert ring.reason.tolist() == [Reason.SEEN_TOGETHER]
    together = found(votes, joined=np.full(HONEST + 20, 19_500.0))
    assert len(together.size) == 0


def test_voters_at_home_who_are_sent_in_one_hour_are_a_burst() -> None:
    votes = crowd()
    without = np.setdiff1d(np.arange(HONEST), votes.voter[votes.idea == TARGET])[:20]
    day = START + 40 + MINUTE * np.arange(20)
    ring = found(more(votes, without, np.full(20, TARGET), day, HONEST))
    assert (ring.idea.tolist(), ring.size.tolist()) == ([TARGET], [22])
    assert (ring.ring[-20:] == 0).all()


def test_one_persons_accounts_are_a_ring_of_what_they_say_alike() -> None:
    value = np.array([1, 1, -1, 1, 0, 0], np.int8)
    votes = Votes(np.array([0, 1, 2, 3, 0, 1]), np.array([0, 0, 0, 0, 1, 1]), value, np.zeros(6), 4, 2)
    ring = found(votes, person=np.array([0, 0, 0, 3]))
    assert ring.ring.tolist() == [0, 0, -1, -1, -1, -1]
    assert (ring.size.tolist(), ring.reason.tolist()) == ([2], [Reason.SAME_PERSON])


def test_a_copied_ballot_that_an_idea_lives_by_is_a_ring() -> None:
    votes = crowd(signed=False)
    copies = [(HONEST + n, idea) for n in range(15) for idea in (0, 1, 2, TARGET)]
    voter, idea = np.array(copies).T
    ring = found(more(votes.where(votes.idea != TARGET), voter, idea, np.full(60, START), HONEST + 15))
    assert (ring.idea.tolist(), ring.size.tolist()) == ([TARGET], [15])


def test_a_vote_elsewhere_is_not_seen() -> None:
    """Each conversation is judged by its own votes, as when it is counted alone."""
    here, there = hired(crowd(), 20, START + 12 + np.zeros(20)), crowd(3)
    both = Votes(
        np.append(here.voter, there.voter),
        np.append(here.idea, there.idea + IDEAS),
        np.append(here.value, there.value),
        np.append(here.day, there.day),
        here.voters,
        2 * IDEAS,
    )
    ring = rings(both, np.repeat([0, 1], IDEAS))
    alone = found(here)
    np.testing.assert_array_equal(ring.ring, np.append(alone.ring, np.full(len(there), -1)))


@settings(derandomize=True, max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 6), st.booleans())
def test_the_order_and_the_numbers_of_voters_are_not_felt(seed: int, others: int, signed: bool) -> None:
    votes = hired(crowd(signed=signed), 20, START + 12 + MINUTE * np.arange(20), others)
    random = np.random.default_rng(seed)
    name, order = random.permutation(votes.voters), random.permutation(len(votes))
    again = Votes(
        name[votes.voter[order]],
        votes.idea[order],
        votes.value[order],
        votes.day[order],
        votes.voters,
        votes.ideas,
    )
    ring, other = found(votes), found(again)
    np.testing.assert_array_equal(ring.ring[order], other.ring)
    for part in ("idea", "value", "size", "reason"):
        np.testing.assert_array_equal(getattr(ring, part), getattr(other, part))


def test_no_votes_are_no_rings() -> None:
    nothing = Votes(np.zeros(0, int), np.zeros(0, int), np.zeros(0, np.int8), np.zeros(0), 0, 0)
    assert len(rings(nothing, np.zeros(0, int), person=np.zeros(0, int), joined=np.zeros(0)).size) == 0
