"""What a run computes of what it read: for every input an answer, the same in whatever order it came."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.influence import Acts, MemberTable, Population, Ties
from jobs.algorithms.decay import DAY, HALF_LIFE, LANDMARK, aged, decay, forward
from jobs.algorithms.standing import estimate
from jobs.influence.acts import act_lists
from jobs.influence.describe import PARTS, score_rows
from jobs.influence.measure import Known, measure

N = 5
LATE = "2026-03-01T00:00:00.000Z"
EVERYBODY = settings(max_examples=60, derandomize=True, deadline=None)

acts = st.lists(
    st.tuples(
        st.sampled_from(["REPLY", "NAMING", "MOOD", "RATING", "RECOMMENDATION", "WARNING", "REFERRAL"]),
        st.integers(0, N - 1),
        st.integers(0, N - 1),
        st.sampled_from([-1.0, -0.4, -0.04, 0.0, 0.3, 1.0]),
        st.sampled_from(["NaT", "2026-02-01T08", "2026-02-01T20", "2025-06-01T00"]),
        st.sampled_from(["", "p"]),
    ),
    max_size=25,
)
Drawn = list[tuple[str, int, int, float, str, str]]


def _known(drawn: Drawn, n: int = N, *, as_of: str | None = LATE, order: Any = None) -> Known:
    """What a run reads of these acts, and of ties 0 → 1 → 2; two are in one community, one of them in another."""
    said = [(f"a{at:02}", act) for at, act in enumerate(drawn) if act[1] != act[2]]
    said = [
        said[at]
        for at in (range(len(said)) if order is None else np.argsort(order[: len(said)], kind="stable"))
    ]
    uids = [f"c{at}" for at in range(n)]
    population = Population(uids, [], {uid: at for at, uid in enumerate(uids)}, np.full(n, -1))
    few = min(n, 3)
    columns: list[Any] = [[act[at] for _, act in said] for at in range(6)]
    kind = np.array(columns[0], dtype="U16")
    made = Acts(
        kind,
        np.array(columns[1], dtype=np.int64),
        np.where(kind == "MOOD", -1, np.array(columns[2], dtype=np.int64)),
        np.array(columns[3], dtype=float),
        np.array(columns[4], dtype="datetime64[ms]"),
        columns[5],
        np.full(len(said), -1),
        [id for id, _ in said],
    )
    members = MemberTable(["g", "h"][:few], np.arange(few) % max(n, 1), np.arange(few) // 2, [])
    # the first two share an address
    shared = (np.arange(min(n, 2)), np.zeros(min(n, 2), dtype=np.int64))
    return Known(as_of, population, members, made, None, shared)


def _numbers(known: Known) -> list[float]:
    measured = measure(known)
    found: list[float] = []
    for scores in (measured.overall, measured.inside):
        for column in scores.columns().values():
            found += [value for value in column if value is not None]
    return found


@EVERYBODY
@given(acts, st.permutations(range(25)))
def test_the_order_of_what_is_read_changes_no_bit(drawn: Drawn, order: list[int]) -> None:
    for known in (_known(drawn), _known(drawn, as_of=None)):
        mixed = _known(drawn, as_of=known.as_of, order=np.array(order))
        assert [*score_rows(known, measure(known), "A")] == [*score_rows(mixed, measure(mixed), "A")]


@EVERYBODY
@given(acts)
def test_everything_is_a_number_and_adds_up(drawn: Drawn) -> None:
    known = _known(drawn)
    assert np.isfinite(_numbers(known)).all()
    measured = measure(known)
    for scores in (measured.overall, measured.inside):
        n = len(scores.reach.values)
        assert scores.reach.parts().totals(n) == pytest.approx(scores.reach.values, abs=1e-9)
        for at, listed in enumerate(act_lists(scores, n)):
            for name, estimated in (("STANDING", scores.standing), ("VOICE", scores.voice)):
                pairs = zip(listed[0] or (), listed[2] or (), strict=True)
                total = sum(value for of, value in pairs if of == name)
                assert total == pytest.approx(estimated.values[at], abs=1e-9)


@EVERYBODY
@given(
    st.lists(
        st.tuples(st.sampled_from([-1.0, -0.1, 0.5, 1.0]), st.floats(0, 1), st.floats(0, 1)), max_size=15
    ),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_one_more_bad_word_never_raises_standing_while_fairness_is_held(
    said: list[tuple[float, float, float]], left: float, fair: float
) -> None:
    signs, remaining, fairness = (list(column) for column in zip(*said, (-0.5, left, fair), strict=True))
    with_it = estimate([0] * len(signs), signs, remaining, fairness, 1).values[0]
    without = estimate([0] * len(said), signs[:-1], remaining[:-1], fairness[:-1], 1).values[0]
    assert with_it <= without + 1e-15


@EVERYBODY
@given(st.integers(0, 20_000), st.integers(0, 40))
def test_decay_is_exact(day: int, half_lives: int) -> None:
    """Half-lives are powers of two, and a stored sum aged once is what each act aged by itself would be."""
    at = np.array([LANDMARK + day * DAY])
    until = (at + half_lives * int(HALF_LIFE) * DAY)[0]
    assert decay(at, until).tolist() == [2.0**-half_lives]
    assert aged(forward(at), np.zeros(1), until) == pytest.approx(decay(at, until), rel=1e-10)


NEGATIVE: Drawn = [("RATING", s, t, -1.0, "2026-02-01T08", "") for s in range(N) for t in range(N) if s != t]
APART: Drawn = [("REPLY", 0, 1, 1.0, "2026-02-01T08", ""), ("REPLY", 2, 3, 1.0, "2026-02-01T08", "")]
SILENT: Drawn = [("RATING", 0, 1, 0.0, "NaT", ""), ("MOOD", 2, 0, 0.0, "NaT", "")]


@pytest.mark.parametrize(
    ("drawn", "n", "as_of", "reach"),
    [
        ([], 0, None, []),
        ([], 1, None, [1.0]),
        ([], 3, LATE, [1.0, 1.0, 1.0]),
        (NEGATIVE, N, LATE, [1.0] * N),
        (SILENT, 3, LATE, None),
        (NEGATIVE, N, "1999-01-01T00:00:00.000Z", [1.0] * N),
        (NEGATIVE, N, "2999-01-01T00:00:00.000Z", [1.0] * N),
    ],
    ids=["empty", "one", "no acts", "all negative", "zero weights", "a clock before", "a clock long after"],
)
def test_bad_input_has_defined_answers(
    drawn: Drawn, n: int, as_of: str | None, reach: list[float] | None
) -> None:
    known = _known(drawn, n, as_of=as_of)
    assert np.isfinite(_numbers(known)).all()
    found = measure(known).overall
    assert reach is None or found.reach.values.tolist() == pytest.approx(reach)
    assert found.reach.values.sum() == pytest.approx(n)
    if not drawn or drawn is SILENT:
        assert not found.standing.known.any()
        assert not found.voice.known.any()
    elif as_of == LATE:
        assert (found.standing.values < -0.7).all()


def test_apart_pairs_are_alike_and_ties_without_weight_are_none() -> None:
    found = measure(_known(APART, 4)).overall.reach.values
    assert found[:2] == pytest.approx(found[2:])
    since = np.array(["NaT", "NaT"], dtype="datetime64[ms]")
    ties = Ties(
        np.array([0, 1]), np.array([1, 0]), np.zeros(2), np.zeros(2), np.ones(2, dtype=np.int64), since
    )
    known = _known([], 2)
    nothing = measure(replace(known, ties=ties)).overall
    assert nothing.reach.values.tolist() == pytest.approx([1.0, 1.0])
    assert nothing.columns()["reachMargin"] == [0.0, 0.0]
    row = next(iter(score_rows(known, measure(known), "A")))["scores"]
    assert row["partKindA"] == ["BASE", "UNATTACHED"]
    assert all(len(row[name + "A"]) == 2 for name in PARTS)
