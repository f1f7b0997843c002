"""The hired voters do what they are said to do, and are measured as it is said."""

from pathlib import Path

import numpy as np
import pytest

import benchmarks.rings as benchmark
from benchmarks.ring_kinds import ATTACKS, HOUR, Attack, read
from benchmarks.rings import OURS, RAW, by, order, place, polis, run
from jobs.algorithms.consensus import Votes


def write(folder: Path) -> None:
    """Sixty voters on twenty ideas, each of which fewer like than the one before."""
    random = np.random.default_rng(5)
    folder.mkdir()
    lines = ["voter,idea,value,at"]
    for voter in range(60):
        for idea in np.flatnonzero(random.random(20) < 0.6).tolist():
            value = 1 if random.random() < 0.9 - idea / 25 else -1
            lines.append(
                f"v{voter:02},i{idea:02},{value},2026-01-{1 + voter // 3:02}T10:{idea:02}:0{voter % 10}Z"
            )
    (folder / "votes.csv").write_text("\n".join(lines) + "\n")


def named(name: str) -> Attack:
    return next(attack for attack in ATTACKS if attack.name == name)


@pytest.fixture
def votes(tmp_path: Path) -> Votes:
    write(tmp_path / "polis-small")
    return read(tmp_path / "polis-small")


def added(votes: Votes, attack: Attack) -> Votes:
    """What an attack of ten adds."""
    found = attack.on(votes, 19, 10, np.random.default_rng(1))
    return found.where(np.arange(len(found)) >= len(votes))


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.name for attack in ATTACKS])
def test_every_hired_voter_is_for_the_idea_once(votes: Votes, attack: Attack) -> None:
    hired = added(votes, attack)
    assert (hired.value == 1).all()
    assert len(set(hired.voter[hired.idea == 19].tolist())) == np.count_nonzero(hired.idea == 19) == 10
    pairs = {*zip(hired.voter.tolist(), hired.idea.tolist(), strict=True)}
    assert len(pairs) == len(hired)
    assert not pairs & {*zip(votes.voter.tolist(), votes.idea.tolist(), strict=True)}
    assert (set(hired.voter.tolist()) <= set(range(60))) is attack.old
    spread = float(np.ptp(hired.day))
    assert spread > 1 if attack.patient else spread <= HOUR


def test_disguises_differ(votes: Votes) -> None:
    assert len(added(votes, named("new, nothing else"))) == 10
    same = added(votes, named("new, the same ballot"))
    ballots = {tuple(sorted(same.idea[same.voter == voter].tolist())) for voter in set(same.voter.tolist())}
    assert len(ballots) == 1
    assert len(added(votes, named("new, any ballots"))) > 40


def test_time_stamps_that_all_share_are_shared(votes: Votes) -> None:
    day = np.full(len(votes), 20_000.0)
    coarse = Votes(votes.voter, votes.idea, votes.value, day, votes.voters, votes.ideas)
    assert set(added(coarse, ATTACKS[0]).day.tolist()) == {20_000.0}
    undated = Votes(votes.voter, votes.idea, votes.value, day * np.nan, votes.voters, votes.ideas)
    assert np.isnan(added(undated, ATTACKS[0]).day).all()


def test_places_are_hundredths_with_ties_at_their_mean() -> None:
    score = np.array([3.0, 1.0, 1.0, np.nan, 2.0])
    assert [place(score, target) for target in range(5)] == [100.0, 37.5, 37.5, 0.0, 75.0]


def test_consensus_of_pol_is_needs_both_camps() -> None:
    voter, idea = np.repeat(np.arange(30), 8), np.tile(np.arange(8), 30)
    camp = np.repeat([1, -1], 15)[voter]
    value = np.where(idea == 7, 1, np.where(idea % 2, camp, -camp)).astype(np.int8)
    votes = Votes(voter, idea, value, np.full(240, np.nan), 30, 8)
    score = polis(votes)
    assert score.argmax() == 7
    assert score[7] == pytest.approx((16 / 17) ** 2)
    assert score[0] == pytest.approx(16 / 17 / 17)


def test_the_tables_of_a_small_conversation(
    votes: Votes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benchmark, "ATTACKS", ATTACKS[:2])
    monkeypatch.setattr(benchmark, "SEEDS", 1)
    rows = list(run(tmp_path))
    assert {row.score for row in rows} >= {OURS, RAW, "Wilson", "Pol.is consensus", "Community Notes"}
    moved = {row.score: row.movement for row in rows if (row.share, row.attack) == (0.2, ATTACKS[0].name)}
    assert moved[RAW] > moved[OURS] >= 0
    assert by(rows, "attack").row_count == 3
    assert by(rows, "share").row_count == 4
    assert order(tmp_path).row_count == 1
