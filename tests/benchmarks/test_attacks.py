"""The attacks are what they are called, and movement is measured as it is said to be."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.attack_kinds import ATTACKS, Acts, circle, praise, read, ring
from benchmarks.attacks import run, summary, table
from jobs.algorithms.decay import DAY, instants

AT = instants(["2026-01-01T00:00:00.000Z", None])
TWO = Acts(3, np.array([0, 1]), np.array([1, 2]), np.array([1.0, -0.5]), AT, True)


def test_who_answers_whom() -> None:
    colluders, pushed = np.array([7, 8]), np.array([1])
    pairs = [
        set(zip(*map(np.ndarray.tolist, make(colluders, pushed)), strict=True))
        for make in (praise, ring, circle)
    ]
    assert pairs[0] == {(7, 1), (8, 1)}
    assert pairs[1] - pairs[0] == {(7, 8), (8, 7)}
    assert pairs[2] - pairs[1] == {(1, 7), (1, 8)}


def test_a_patient_attack_takes_a_day_for_each_colluder() -> None:
    patient = next(attack for attack in ATTACKS if attack.patient)
    made = patient.on(TWO, np.array([0]), np.array([5, 9]))
    assert (made.n, made.at.tolist()) == (10, [AT[0].item(), (AT[0] - DAY).item()])


def test_links_and_names_are_read(tmp_path: Path) -> None:
    (tmp_path / "mentions.csv").write_text("author,names,at\na,b,2026-01-01T00:00:00Z\nb,,\nb,b,\nb,a,\n")
    found = read(tmp_path)
    assert (found.n, found.signed, found.weight.tolist()) == (2, False, [1.0, 1.0])
    (tmp_path / "advocacy.csv").write_text("from,to,weight,at\nc,d,-0.5,\n")
    assert read(tmp_path).weight.tolist() == [-0.5]


def test_movement_of_a_small_community(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    rng = np.random.default_rng(3)
    pairs = [(u, v) for u, v in rng.integers(0, 40, (160, 2)).tolist() if u != v]
    lines = "".join(f"{u},{v},1,2026-01-{1 + (u + v) % 28:02}T00:00:00Z\n" for u, v in pairs)
    (folder / "advocacy.csv").write_text("from,to,weight,at\n" + lines)
    rows = list(run(tmp_path, ["small"], sizes=[5]))
    praised = [row for row in rows if row.attack == "praise by fresh accounts" and row.score == "in-degree"]
    assert praised[0].movement > 40
    assert praised[0].tau == pytest.approx(1.0)
    assert all(0 <= row.distinct <= 1 for row in rows)
    assert table(rows, "small", "reach").row_count == len(
        {row.attack for row in rows if row.family == "reach"}
    )
    assert summary(rows).row_count == len({(row.family, row.score) for row in rows})
